"""What posts and comments are found by. The database writes it with the text itself, whoever writes that: see the triggers
of the migration."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class Entry(models.Model):
    """`terms` are the words of the text and, of Chinese, Japanese and Korean, its characters and their pairs; those of
    a title once more, with a "#" before them."""

    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()
    terms = SearchVectorField()

    class Meta:
        abstract = True


class PostEntry(Entry):
    post = models.OneToOneField(
        "communities.Post", models.CASCADE, primary_key=True, related_name="search_entry"
    )

    class Meta:
        indexes = [
            GinIndex(fields=["terms"], name="post_entry_terms"),
            models.Index(fields=["community", "at", "post"], name="post_entry_newest"),
        ]
        verbose_name_plural = "post entries"

    def __str__(self) -> str:
        return f"of post {self.post_id}"


class CommentEntry(Entry):
    comment = models.OneToOneField(
        "communities.Comment", models.CASCADE, primary_key=True, related_name="search_entry"
    )

    class Meta:
        indexes = [
            GinIndex(fields=["terms"], name="comment_entry_terms"),
            models.Index(fields=["community", "at", "comment"], name="comment_entry_newest"),
        ]
        verbose_name_plural = "comment entries"

    def __str__(self) -> str:
        return f"of comment {self.comment_id}"
