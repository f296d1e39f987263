from django.db import models
from django.utils.translation import gettext_lazy as _


class CircleQuerySet(models.QuerySet["Circle"]):
    def of(self, community_id: int) -> "CircleQuerySet":
        return self.filter(community_id=community_id)


class Circle(models.Model):
    """A smaller round inside a community, around a topic, a task or a place.

    Who stands below `minimum_tier` does not see it; `communities.access` says who sees which.
    """

    class Kind(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed: one asks to join")
        SECRET = "secret", _("Secret: only its members know of it")

    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="circles")
    slug = models.SlugField(_("address"), max_length=80, allow_unicode=True)
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(_("what it is about"), max_length=240, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.OPEN)
    minimum_tier = models.ForeignKey(
        "members.Tier",
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("from which tier on"),
    )
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = CircleQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["community", "slug"], name="circle_slug_unique_in_community")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Whether any member may join by themselves."""
        return self.kind == self.Kind.OPEN and self.archived_at is None

    @property
    def takes_requests(self) -> bool:
        """Whether members who see it may ask to be let in."""
        return self.kind == self.Kind.CLOSED and self.archived_at is None


class CircleMembership(models.Model):
    """A member in a circle; a host looks after it: who opened it, and whom the hosts or the staff have made one. All
    that was written there until `read_until` counts as read; see `ThreadRead`."""

    circle = models.ForeignKey(Circle, models.CASCADE, related_name="circle_memberships")
    membership = models.ForeignKey("members.Membership", models.CASCADE, related_name="circle_memberships")
    joined_at = models.DateTimeField()
    is_host = models.BooleanField(default=False)
    read_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["circle", "membership"], name="circle_member_once")]

    def __str__(self) -> str:
        return f"{self.membership} in {self.circle}"
