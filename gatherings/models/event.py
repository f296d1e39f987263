import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models.import_run import private_storage


class EventQuerySet(models.QuerySet["Event"]):
    def of(self, community_id: int) -> "EventQuerySet":
        return self.filter(community_id=community_id)

    def standing(self) -> "EventQuerySet":
        """Those that are announced and not cancelled."""
        return self.filter(state=Event.State.PUBLISHED)

    def told(self) -> "EventQuerySet":
        """Those that are or were announced: a calendar keeps those that were cancelled, and says so."""
        return self.filter(state__in=[Event.State.PUBLISHED, Event.State.CANCELLED])

    def beginning(self, since: datetime, until: datetime) -> "EventQuerySet":
        """Those that begin from `since` on and before `until`."""
        return self.filter(starts_at__gte=since, starts_at__lt=until)

    def upcoming(self, at: datetime) -> "EventQuerySet":
        """Those that stand and are not over at `at`, the next first."""
        on = Q(ends_at__gt=at) | Q(ends_at=None, starts_at__gt=at)
        return self.standing().filter(on).order_by("starts_at", "id")


class Event(models.Model):
    """A gathering: at a place, online, or both, as it has rooms (`Room`) for.

    `starts_at` and `ends_at` are instants, to be read on the clock of `timezone`. `audience` and `minimum_tier` say whom it
    is for, `circle` whose it is (`gatherings.access`). One of a `series` is told from the others by `occurrence`, when it
    would begin by the rule; `is_apart` was changed by itself, and is left alone when the series is. `revision` grows with
    each change that a calendar has to hear of (SEQUENCE of RFC 5545).

    Of imported ones `external_id` is their own name, `counted_yes` and `counted_waiting` how many said that they would
    come or waited where nobody knows who, and `told_held` whether the file says that it took place: None where the clock
    says so. Prices of all its tickets are in `currency`. Who gives a ticket back until `refund_hours` before the beginning
    is refunded; None for never.
    """

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("gathering", "Draft")
        PROPOSED = "proposed", pgettext_lazy("gathering", "Proposed")
        PUBLISHED = "published", pgettext_lazy("gathering", "Announced")
        CANCELLED = "cancelled", pgettext_lazy("gathering", "Cancelled")
        DECLINED = "declined", pgettext_lazy("gathering", "Declined")

    class Audience(models.TextChoices):
        PUBLIC = "public", pgettext_lazy("gathering", "Everybody, guests too")
        MEMBERS = "members", pgettext_lazy("gathering", "Members")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="events")
    external_id = models.CharField(_("own id"), max_length=120, null=True, blank=True)
    series = models.ForeignKey("gatherings.Series", models.SET_NULL, null=True, related_name="events")
    occurrence = models.DateTimeField(null=True)
    is_apart = models.BooleanField(default=False)
    circle = models.ForeignKey(
        "communities.Circle",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="events",
        verbose_name=_("circle"),
    )
    title = models.CharField(_("title"), max_length=160)
    description = models.TextField(_("what it is about"), max_length=20_000, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.DRAFT)
    audience = models.CharField(
        _("who may come"), max_length=7, choices=Audience.choices, default=Audience.MEMBERS
    )
    minimum_tier = models.ForeignKey(
        "members.Tier",
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("from which tier on"),
    )
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    timezone = models.CharField(_("time zone"), max_length=60)
    venue = models.CharField(_("place"), max_length=120, blank=True)
    address = models.CharField(_("address"), max_length=240, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=120, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    online_url = models.URLField(_("address online"), max_length=500, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    tax_rate = models.PositiveIntegerField(default=0)
    refund_hours = models.PositiveIntegerField(
        _("refunded until so many hours before"), null=True, blank=True
    )
    has_waitlist = models.BooleanField(_("keeps a waiting list"), default=True)
    offer_hours = models.PositiveSmallIntegerField(_("hours to take an offered place"), default=24)
    revision = models.PositiveIntegerField(default=0)
    counted_yes = models.PositiveIntegerField(null=True)
    counted_waiting = models.PositiveIntegerField(null=True)
    told_held = models.BooleanField(null=True)
    planned_by = models.ForeignKey(
        "members.Membership", models.SET_NULL, null=True, related_name="events_planned"
    )
    planned_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("members.Membership", models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=240, blank=True)
    cancelled_at = models.DateTimeField(null=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["community", "external_id"], name="event_external_id_unique"),
            models.UniqueConstraint(fields=["series", "occurrence"], name="event_once_in_its_series"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")), name="event_ends_later"
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True) | Q(latitude__range=(-90, 90)), name="event_latitude_valid"
            ),
            models.CheckConstraint(
                condition=Q(longitude__isnull=True) | Q(longitude__range=(-180, 180)),
                name="event_longitude_valid",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="event_currency_is_iso_4217"
            ),
        ]
        indexes = [
            models.Index(fields=["community", "starts_at", "id"], name="event_by_beginning"),
            models.Index(fields=["community", "state", "starts_at"], name="event_by_state"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def is_standing(self) -> bool:
        return self.state == self.State.PUBLISHED

    @property
    def over_at(self) -> datetime:
        """When it is over: one without an end, when it begins."""
        return self.ends_at or self.starts_at


class EventHost(models.Model):
    """Who holds an event, in the order in which they are named; `reminded_at`, when they were last told that it is near."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="hosts")
    membership = models.ForeignKey("members.Membership", models.CASCADE, related_name="events_hosted")
    position = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["event", "membership"], name="event_host_once")]


class EventQuestion(models.Model):
    """What is asked of who takes a place; answers stand on the ticket."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        CHOICE = "choice", _("One of several")
        SEVERAL = "several", _("Any of several")
        AGREEMENT = "agreement", _("Agreement")

    event = models.ForeignKey(Event, models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(_("question"), max_length=240)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.TEXT)
    options = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    required = models.BooleanField(_("must be answered"), default=False)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.text


def random_name(picture: "EventPicture", filename: str) -> str:
    """A name that tells nothing."""
    return f"events/{uuid.uuid4().hex}"


class EventPicture(models.Model):
    """A picture of an event, without what its camera wrote into it; `alt` says what is on it. The first is the cover. Those of
    a series share what is stored."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event = models.ForeignKey(Event, models.CASCADE, related_name="pictures")
    position = models.PositiveSmallIntegerField(default=0)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    alt = models.CharField(_("what is on it"), max_length=300, blank=True)
    file = models.FileField(storage=private_storage, upload_to=random_name)
    small = models.FileField(storage=private_storage, upload_to=random_name, blank=True)

    is_picture = True

    class Meta:
        ordering = ["position", "id"]

    @property
    def name(self) -> str:
        """What it is called where it is saved."""
        return f"{self.key}.{self.media_type.rpartition('/')[2]}"


class GatheringRules(models.Model):
    """What a community says of its gatherings: whether members who are no staff may hold them, and how many hours before
    one whoever comes is reminded; 0 for not at all."""

    class Reminded(models.IntegerChoices):
        NEVER = 0, pgettext_lazy("when people are reminded", "Not at all")
        A_DAY = 24, pgettext_lazy("when people are reminded", "A day before")
        TWO_DAYS = 48, pgettext_lazy("when people are reminded", "Two days before")
        A_WEEK = 168, pgettext_lazy("when people are reminded", "A week before")

    class Members(models.TextChoices):
        NO = "no", pgettext_lazy("who plans gatherings", "The staff alone")
        APPROVED = "approved", pgettext_lazy("who plans gatherings", "Members too, once the staff agree")
        YES = "yes", pgettext_lazy("who plans gatherings", "Members too")

    community = models.OneToOneField("communities.Community", models.CASCADE, related_name="gathering_rules")
    members_plan = models.CharField(
        _("who plans gatherings"), max_length=8, choices=Members.choices, default=Members.APPROVED
    )
    reminded_hours = models.PositiveSmallIntegerField(
        _("when people are reminded"), choices=Reminded.choices, default=Reminded.A_DAY
    )
