from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def of(self, community_id: int) -> "AuditEntryQuerySet":
        return self.filter(community_id=community_id)

    def about(self, number: int) -> "AuditEntryQuerySet":
        """Those about the member with this number, within one community's entries."""
        return self.filter(object_kind="member", object_id=str(number))


class AuditEntry(models.Model):
    """That somebody did something, and when. A trigger refuses every change and removal of a row.

    Nothing in it is personal: what is stands in `values`, which can be emptied. `object_id` is a number or key.
    """

    community = models.ForeignKey(
        "communities.Community", models.PROTECT, null=True, related_name="audit_entries", db_index=False
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    action = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["community", "-at", "-id"], name="audit_by_time"),
            models.Index(fields=["community", "object_kind", "object_id", "-at"], name="audit_by_object"),
            models.Index(fields=["actor", "community", "-at"], name="audit_by_actor"),
        ]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.action} {self.object_kind} {self.object_id}"

    @property
    def actor_words(self) -> str:
        return self.values.actor_words

    @property
    def address(self) -> str | None:
        return self.values.address

    @property
    def before(self) -> dict[str, Any]:
        return self.values.before

    @property
    def after(self) -> dict[str, Any]:
        return self.values.after


class AuditValues(models.Model):
    """What of an entry may be personal: who it was by name, from where, and the values before and after.

    A trigger lets these be emptied and nothing else: a name or address taken away, keys dropped.
    """

    entry = models.OneToOneField(AuditEntry, models.PROTECT, primary_key=True, related_name="values")
    actor_words = models.CharField(max_length=120, blank=True)
    address = models.GenericIPAddressField(null=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    emptied_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "audit values"
        indexes = [
            models.Index(
                fields=["entry"], condition=Q(emptied_at__isnull=True), name="audit_values_not_emptied"
            )
        ]

    def __str__(self) -> str:
        return f"of entry {self.entry_id}"
