import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class BulkActQuerySet(models.QuerySet["BulkAct"]):
    def of(self, community_id: int) -> "BulkActQuerySet":
        return self.filter(community_id=community_id)

    def unfinished(self) -> "BulkActQuerySet":
        return self.filter(state__in=[BulkAct.State.WAITING, BulkAct.State.RUNNING])

    def light(self) -> "BulkActQuerySet":
        """Without whom it is about: that may be a hundred thousand."""
        return self.defer("members")


class BulkAct(models.Model):
    """One thing done to many members: to whom, what, how far it is, and what became of each.

    `members` are whose turn it is in this order, fixed when it was asked for; `done` says how many had theirs.
    It and the counts change in the same transaction as the members, so that an act goes on where it stopped.
    """

    class Kind(models.TextChoices):
        TAG = "tag", _("Give a tag")
        UNTAG = "untag", _("Take a tag away")
        TIER = "tier", _("Put into a tier")
        STATUS = "status", _("Change the membership")

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("bulk act", "Waiting")
        RUNNING = "running", pgettext_lazy("bulk act", "Running")
        DONE = "done", pgettext_lazy("bulk act", "Done")
        FAILED = "failed", pgettext_lazy("bulk act", "Stopped")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="bulk_acts")
    kind = models.CharField(_("act"), max_length=10, choices=Kind.choices)
    options = models.JSONField(default=dict)
    members = ArrayField(models.BigIntegerField())
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    failure = models.CharField(max_length=40, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    undo_of = models.OneToOneField("self", models.CASCADE, null=True, related_name="undo")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    by_words = models.CharField(max_length=120)
    address = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField(_("asked for"))
    started_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects = BulkActQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["community", "-created_at"], name="bulk_act_by_time"),
            models.Index(
                fields=["touched_at"], condition=Q(state__in=["waiting", "running"]), name="bulk_act_open"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(done=F("changed") + F("unchanged") + F("refused")),
                name="bulk_act_counts_add_up",
            ),
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="bulk_act_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.done}/{self.total}"

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED)


class BulkPart(models.Model):
    """What one piece of a bulk act did, from the place `start` of its members on.

    `changed` are the members it changed, each with what was there before where an undo needs it ([id, tier]);
    `refused` are [id, code, words]. `mark` is the last row of the log that the piece wrote: what stands behind
    it was done later.
    """

    act = models.ForeignKey(BulkAct, models.CASCADE, related_name="parts")
    start = models.PositiveIntegerField()
    changed = models.JSONField(default=list)
    refused = models.JSONField(default=list)
    mark = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["start"]
        constraints = [models.UniqueConstraint(fields=["act", "start"], name="bulk_part_once")]

    def __str__(self) -> str:
        return f"{self.act_id} from {self.start}"
