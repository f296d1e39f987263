from django.db import models
from django.utils.translation import gettext_lazy as _


class Note(models.Model):
    """What staff write down about a member; the member never sees it. Markdown."""

    membership = models.ForeignKey("members.Membership", models.CASCADE, related_name="notes")
    text = models.TextField(_("note"), max_length=10_000)
    by = models.ForeignKey("members.Membership", models.SET_NULL, null=True, related_name="+")
    by_words = models.CharField(max_length=120)
    at = models.DateTimeField(_("written"))
    changed_at = models.DateTimeField(_("changed"), null=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["membership", "-at", "-id"], name="note_of_member")]

    def __str__(self) -> str:
        return self.text[:60]


class NoteVersion(models.Model):
    """A note as it was until `until`, when `by_words` changed it."""

    note = models.ForeignKey(Note, models.CASCADE, related_name="versions")
    text = models.TextField()
    until = models.DateTimeField()
    by_words = models.CharField(max_length=120)

    class Meta:
        ordering = ["-until", "-id"]

    def __str__(self) -> str:
        return f"{self.note_id} until {self.until}"
