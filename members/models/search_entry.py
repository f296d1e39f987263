from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from members.models.membership import Membership


class SearchEntry(models.Model):
    """What a member is found by, as `members.search.words_of` makes it; who was erased has none.

    It stands beside the membership and not in it: an act upon many that changes a status or a tag would otherwise
    write every term of theirs into the index anew.
    """

    membership = models.OneToOneField(
        Membership, models.CASCADE, primary_key=True, related_name="search_entry"
    )
    name = models.TextField()
    readings = models.TextField()
    rest = models.TextField()
    terms = ArrayField(models.CharField(max_length=2))

    class Meta:
        indexes = [GinIndex(fields=["terms"], name="search_entry_terms")]
        verbose_name_plural = "search entries"

    def __str__(self) -> str:
        return f"of membership {self.membership_id}"
