from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from communities.blueprints import Blueprint, blueprints
from kernel.clock import now
from members.roles import ADMITTED


def type_choices() -> list[tuple[str, str]]:
    return [(blueprint.key, str(blueprint.name)) for blueprint in blueprints]


class CommunityQuerySet(models.QuerySet["Community"]):
    def listed(self) -> "CommunityQuerySet":
        """Those that the site's directory shows to everyone."""
        return self.filter(visibility=Community.Visibility.PUBLIC, approved_at__isnull=False)

    def of_person(self, user_id: int) -> "CommunityQuerySet":
        """Those that this person is let into."""
        return self.filter(memberships__user_id=user_id, memberships__status__in=ADMITTED)


class Community(models.Model):
    """A tenant. Everything in a community carries its id, and nothing of it is seen from another.

    `colour` is its own as "#rrggbb", empty where its type's is worn. `references_asked` is how many members an
    applicant may name; with `dues_first` dues are paid before an application is read, else once it is approved.
    `reactions` are its own (`communities.emoji`), none where it has the usual ones.
    """

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("Public: listed and open to read about")
        UNLISTED = "unlisted", _("Unlisted: found by its address only")
        PRIVATE = "private", _("Private: only members know of it")

    class JoinPolicy(models.TextChoices):
        OPEN = "open", _("Open: anyone may join")
        INVITATION = "invitation", _("By invitation")
        APPLICATION = "application", _("By application")

    slug = models.SlugField(_("address"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80)
    tagline = models.CharField(_("in one sentence"), max_length=160, blank=True)
    description = models.TextField(_("what it is"), blank=True, max_length=20_000)
    type = models.CharField(_("type"), max_length=40, choices=type_choices)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    timezone = models.CharField(_("time zone"), max_length=60)
    currency = models.CharField(_("currency"), max_length=3)
    colour = models.CharField(_("colour"), max_length=7, blank=True)
    visibility = models.CharField(
        _("visibility"), max_length=10, choices=Visibility.choices, default=Visibility.PUBLIC
    )
    join_policy = models.CharField(
        _("who may join"), max_length=12, choices=JoinPolicy.choices, default=JoinPolicy.OPEN
    )
    references_asked = models.PositiveSmallIntegerField(_("members to name"), default=0)
    dues_first = models.BooleanField(_("dues come before the decision"), default=False)
    members_invite = models.BooleanField(_("members may invite"), default=True)
    members_open_circles = models.BooleanField(_("members may open circles"), default=False)
    modules = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    reactions = models.JSONField(_("reactions"), default=list, blank=True)
    score_weights = models.JSONField(_("weights of the score"), default=dict, blank=True)
    founded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    founded_at = models.DateTimeField(_("founded"), default=now)
    approved_at = models.DateTimeField(_("approved by the site"), null=True, blank=True)

    objects = CommunityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("communities")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="community_currency_is_iso_4217"
            ),
            models.CheckConstraint(
                condition=Q(colour__regex=r"^(#[0-9a-f]{6})?$"), name="community_colour_is_hexadecimal"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def blueprint(self) -> Blueprint:
        return blueprints.get(self.type)


class JoinQuestion(models.Model):
    """A question that a newcomer answers on joining."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        CHOICE = "choice", _("One of several")
        SEVERAL = "several", _("Any of several")
        DATE = "date", _("Date")
        FILE = "file", _("File")
        AGREEMENT = "agreement", _("Agreement")

    community = models.ForeignKey(Community, models.CASCADE, related_name="join_questions")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(_("question"), max_length=240)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.TEXT)
    options = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    required = models.BooleanField(_("must be answered"), default=False)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.text
