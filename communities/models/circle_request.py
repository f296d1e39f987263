import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CircleRequestQuerySet(models.QuerySet["CircleRequest"]):
    def of(self, community_id: int) -> "CircleRequestQuerySet":
        return self.filter(circle__community_id=community_id)

    def open(self) -> "CircleRequestQuerySet":
        """Those that nobody has answered yet."""
        return self.filter(state=CircleRequest.State.OPEN)


class CircleRequest(models.Model):
    """A member who asks to be let into a closed circle, and what became of it. One is open at a time.

    `reason` is what the member reads of a decision, `decided_words` what who decided was called then.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("circle request", "Asked")
        APPROVED = "approved", pgettext_lazy("circle request", "Let in")
        DECLINED = "declined", pgettext_lazy("circle request", "Declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("circle request", "Withdrawn")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    circle = models.ForeignKey("communities.Circle", models.CASCADE, related_name="requests")
    membership = models.ForeignKey("members.Membership", models.CASCADE, related_name="circle_requests")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    words = models.CharField(_("a few words"), max_length=500, blank=True)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("members.Membership", models.SET_NULL, null=True, related_name="+")
    decided_words = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=240, blank=True)

    objects = CircleRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["circle", "membership"], condition=Q(state="open"), name="circle_request_one_open"
            )
        ]
        indexes = [models.Index(fields=["circle", "state", "asked_at", "id"], name="circle_request_queue")]

    def __str__(self) -> str:
        return f"{self.membership}: {self.circle}"
