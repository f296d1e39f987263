import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class MergeQuerySet(models.QuerySet["Merge"]):
    def of(self, community_id: int) -> "MergeQuerySet":
        return self.filter(community_id=community_id)

    def standing(self) -> "MergeQuerySet":
        """Those that have not been undone."""
        return self.filter(undone_at=None)


class Merge(models.Model):
    """That the record `merged` stands for nobody of its own any more, but for who `kept` is; and all it takes to undo it.

    `before` and `after` hold what of `kept` was changed, field by field, `moved` which rows went over to it, by the
    part that moved them (`kernel.merging`). Both are personal and are emptied when either is erased; from then on, and
    after `undo_until`, nothing can be undone. `kept_joined_at` is when `kept` had joined by itself: figures need it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="merges")
    kept = models.ForeignKey("members.Membership", models.CASCADE, related_name="took_over")
    merged = models.ForeignKey("members.Membership", models.CASCADE, related_name="went_into")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    moved = models.JSONField(default=dict)
    kept_joined_at = models.DateTimeField()
    at = models.DateTimeField(_("merged"))
    by = models.ForeignKey("members.Membership", models.SET_NULL, null=True, related_name="+")
    by_words = models.CharField(max_length=120, blank=True)
    undo_until = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    objects = MergeQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["merged"], condition=Q(undone_at__isnull=True), name="merge_one_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(kept=F("merged")), name="merge_of_two"),
        ]
        indexes = [models.Index(fields=["kept", "at"], name="merge_into")]

    def __str__(self) -> str:
        return f"{self.merged_id} into {self.kept_id}"


class MergeProposal(models.Model):
    """Staff think that two who sign in are one person; both are asked, and it is done once both have said so.

    `choices` are by field: from which of the two it is taken. `kept_said_at` and `merged_said_at` are when they agreed.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("merge proposal", "Both are asked")
        DONE = "done", pgettext_lazy("merge proposal", "Merged")
        DECLINED = "declined", pgettext_lazy("merge proposal", "Declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("merge proposal", "Taken back")
        EXPIRED = "expired", pgettext_lazy("merge proposal", "Not answered in time")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="merge_proposals")
    kept = models.ForeignKey("members.Membership", models.CASCADE, related_name="+")
    merged = models.ForeignKey("members.Membership", models.CASCADE, related_name="+")
    choices = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    at = models.DateTimeField()
    by = models.ForeignKey("members.Membership", models.SET_NULL, null=True, related_name="+")
    by_words = models.CharField(max_length=120, blank=True)
    kept_said_at = models.DateTimeField(null=True)
    merged_said_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kept"], condition=Q(state="waiting"), name="merge_kept_is_asked_once"
            ),
            models.UniqueConstraint(
                fields=["merged"], condition=Q(state="waiting"), name="merge_merged_is_asked_once"
            ),
            models.CheckConstraint(condition=~Q(kept=F("merged")), name="merge_proposal_of_two"),
        ]
        indexes = [
            models.Index(fields=["community", "state", "-at"], name="merge_proposal_by_state"),
            models.Index(fields=["expires_at"], condition=Q(state="waiting"), name="merge_proposal_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.merged_id} into {self.kept_id}: {self.state}"


class TwoPeople(models.Model):
    """Staff have said that these two are two people: they are not suggested again. `first` is the lower key."""

    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="+")
    first = models.ForeignKey("members.Membership", models.CASCADE, related_name="+")
    second = models.ForeignKey("members.Membership", models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="two_people_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="two_people_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} is not {self.second_id}"
