import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models.import_run import private_storage

#: How long a place that was offered from the waiting list is kept.
OFFER = timedelta(days=7)


def random_name(file: "ApplicationFile", filename: str) -> str:
    """A name that tells nothing: what a person called the file is kept in the row."""
    return f"applications/{uuid.uuid4().hex}"


class Decision(models.TextChoices):
    """What staff, or the waiting list by itself (`offer`), say to an application."""

    APPROVE = "approve", pgettext_lazy("decision", "Approve")
    WAIT = "wait", pgettext_lazy("decision", "Waiting list")
    REJECT = "reject", pgettext_lazy("decision", "Reject")
    OFFER = "offer", pgettext_lazy("decision", "A place is free")


class ApplicationQuerySet(models.QuerySet["Application"]):
    def of(self, community_id: int) -> "ApplicationQuerySet":
        return self.filter(community_id=community_id)

    def undecided(self) -> "ApplicationQuerySet":
        """Those that have come to no end: to be paid, to be read, or waiting for a place."""
        return self.filter(state__in=UNDECIDED)


class Application(models.Model):
    """What somebody wrote when they asked to join, and what became of it. One is open at a time.

    `answers` hold the questions as they were asked, each with its kind; `named` are the members that the
    applicant named, as written. Where the dues come first, it is `unpaid` until `paid_at`. `waiting_since` is
    the place in the line for a full tier; `offered_at` is when a place in it was offered.
    """

    class State(models.TextChoices):
        UNPAID = "unpaid", pgettext_lazy("application", "Dues to be paid first")
        OPEN = "open", pgettext_lazy("application", "To be read")
        WAITING = "waiting", pgettext_lazy("application", "On the waiting list")
        APPROVED = "approved", pgettext_lazy("application", "Approved")
        REJECTED = "rejected", pgettext_lazy("application", "Rejected")
        WITHDRAWN = "withdrawn", pgettext_lazy("application", "Withdrawn")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="applications")
    membership = models.ForeignKey("members.Membership", models.CASCADE, related_name="applications")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    answers = models.JSONField(default=list, blank=True)
    named = models.JSONField(default=list, blank=True)
    made_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True)
    offered_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    decided_by = models.ForeignKey("members.Membership", models.SET_NULL, null=True, related_name="+")
    decided_words = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=240, blank=True)
    message = models.TextField(max_length=4000, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["membership"],
                condition=Q(state__in=["unpaid", "open", "waiting"]),
                name="application_one_open",
            )
        ]
        indexes = [
            models.Index(fields=["community", "state", "made_at", "id"], name="application_queue"),
            models.Index(
                fields=["offered_at"], condition=Q(offered_at__isnull=False), name="application_offered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership}: {self.get_state_display()}"

    @property
    def is_undecided(self) -> bool:
        return self.state in UNDECIDED


UNDECIDED = frozenset(
    {
        Application.State.UNPAID.value,
        Application.State.OPEN.value,
        Application.State.WAITING.value,
    }
)


class ApplicationFile(models.Model):
    """A file that an applicant sent with an answer; staff alone can fetch it."""

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    file = models.FileField(storage=private_storage, upload_to=random_name)

    def __str__(self) -> str:
        return self.name


class Reference(models.Model):
    """The word of a member about an applicant who named them. `vouches` is None until they have said it."""

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, models.CASCADE, related_name="references")
    member = models.ForeignKey("members.Membership", models.CASCADE, related_name="references_asked")
    vouches = models.BooleanField(null=True)
    words = models.CharField(_("a few words"), max_length=1000, blank=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["asked_at", "key"]
        constraints = [models.UniqueConstraint(fields=["application", "member"], name="reference_once")]

    def __str__(self) -> str:
        return f"{self.member} on {self.application}"


class DecisionLetter(models.Model):
    """A community's own words for a decision in one language; where there are none, the product's own serve."""

    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="decision_letters")
    decision = models.CharField(max_length=10, choices=Decision.choices)
    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    text = models.TextField(max_length=4000)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["community", "decision", "language"], name="decision_letter_once")
        ]

    def __str__(self) -> str:
        return f"{self.decision} ({self.language})"
