"""Forms of gatherings: they read input; services judge it."""

import re
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from communities import access as talk
from communities.models import Circle
from gatherings import again
from gatherings.models import Event, GatheringRules, Room
from gatherings.services.series import Scope
from kernel import access
from kernel.clock import resolve_local, zone_choices
from kernel.tenancy import Community
from members.models import Membership, Tier

#: A host as they are written down: by name and number, or by number alone.
_NUMBER = re.compile(r"[#\uff03(]?([0-9]{1,9})\)?", re.ASCII)
_YEARS = range(1970, 2200)
_WALL = "%Y-%m-%dT%H:%M"
IN_PERSON, ONLINE = Room.Way.IN_PERSON.value, Room.Way.ONLINE.value


class LocalTime(forms.Field):
    """A day and an hour on a wall clock, whose zone is said beside it."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_WALL)

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        try:
            found = datetime.fromisoformat(str(value))
        except ValueError:
            found = None
        if found is None or found.tzinfo is not None or found.year not in _YEARS:
            raise ValidationError(gettext("Say the day and the hour, such as 2027-03-28 19:00."))
        return found.replace(second=0, microsecond=0)


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """When the clock of the zone shows this, the first time that it does. Raises `ValidationError` for an hour that summer
    time leaves out."""
    at = resolve_local(wall, zone)
    if at.astimezone(zone).replace(tzinfo=None) != wall:
        raise ValidationError(gettext("There is no such hour on that day: the clocks go forward then."))
    return at


class OfSeries(forms.Form):
    """Which of a series is meant; of a gathering that does not come again, itself."""

    scope = forms.ChoiceField(
        label=pgettext_lazy("gathering", "For which"),
        choices=Scope.choices,
        initial=Scope.ONE,
        widget=forms.RadioSelect,
    )

    def only(self, of: Event | None) -> None:
        if of is None or of.series_id is None:
            del self.fields["scope"]


class EventForm(OfSeries):
    """A gathering as one writes it down, its times on the clock of its own time zone."""

    title = forms.CharField(label=_("Title"), max_length=160)
    description = forms.CharField(
        label=_("What it is about"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Plain words or Markdown."),
    )
    starts_at = LocalTime(label=_("Begins"))
    ends_at = LocalTime(label=_("Ends"), required=False)
    timezone = forms.ChoiceField(
        label=_("Time zone"), choices=zone_choices, help_text=_("The hours above are on this clock.")
    )
    in_person = forms.BooleanField(label=_("People come to a place"), required=False, initial=True)
    venue = forms.CharField(label=pgettext_lazy("where people meet", "Place"), max_length=120, required=False)
    address = forms.CharField(label=pgettext_lazy("of a place", "Address"), max_length=240, required=False)
    city = forms.CharField(label=_("City"), max_length=120, required=False)
    country = forms.CharField(label=_("Country"), max_length=120, required=False)
    places_in_person = forms.IntegerField(
        label=_("Places there"),
        min_value=1,
        max_value=1_000_000,
        required=False,
        help_text=_("Empty: as many as wish."),
    )
    online = forms.BooleanField(label=_("People come online"), required=False)
    online_url = forms.URLField(
        label=_("Address online"),
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text=_("Told only to who has a place, to the hosts and at the door."),
    )
    places_online = forms.IntegerField(
        label=_("Places online"),
        min_value=1,
        max_value=1_000_000,
        required=False,
        help_text=_("Empty: as many as wish."),
    )
    has_waitlist = forms.BooleanField(
        label=_("Keep a waiting list when it is full"), required=False, initial=True
    )
    circle = forms.ModelChoiceField(
        label=_("Circle"),
        queryset=Circle.objects.none(),
        to_field_name="slug",
        required=False,
        empty_label=_("The whole community"),
    )
    audience = forms.ChoiceField(
        label=pgettext_lazy("gathering", "Who sees it"),
        choices=[
            (Event.Audience.MEMBERS.value, _("Members; of a circle's, those who are in it")),
            (Event.Audience.PUBLIC.value, _("Everybody, without signing in too")),
        ],
        initial=Event.Audience.MEMBERS,
    )
    minimum_tier = forms.ModelChoiceField(
        label=_("Open from this tier on"),
        queryset=Tier.objects.none(),
        to_field_name="key",
        required=False,
        empty_label=_("Every tier"),
    )
    hosts = forms.CharField(
        label=_("Hosts"),
        max_length=600,
        required=False,
        help_text=_("Names or member numbers, with commas between. They change it and stand at the door."),
    )

    def __init__(
        self, *args: Any, community: Community, viewer: Membership, of: Event | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.only(of)
        self.community, self.viewer = community, viewer
        circles = talk.read_by(viewer).filter(community_id=community.id)
        current = circles.filter(Q(archived_at=None) | Q(pk__in=[of.circle_id or 0] if of else []))
        fields: dict[str, Any] = self.fields
        fields["circle"].queryset = current.order_by("position", "id")
        tiers = access.visible(Tier.objects.of(community.id), viewer)
        fields["minimum_tier"].queryset = tiers | Tier.objects.filter(
            pk__in=[of.minimum_tier_id or 0] if of else []
        )
        zone = of.timezone if of else community.timezone
        if zone not in dict(fields["timezone"].choices):
            fields["timezone"].choices = [(zone, zone), *fields["timezone"].choices]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "timezone" in given:
            zone = ZoneInfo(given["timezone"])
            for name in ("starts_at", "ends_at"):
                if given.get(name) is not None:
                    try:
                        given[name] = instant(given[name], zone)
                    except ValidationError as wrong:
                        self.add_error(name, wrong)
        return given

    def clean_hosts(self) -> list[Membership]:
        """The members who are named. Their order stays."""
        here = Membership.objects.of(self.community.id)
        found: list[Membership] = []
        for part in re.split(r"[,;\uff0c\u3001\uff1b\n]+", self.cleaned_data["hosts"]):
            words = part.strip()
            if not words:
                continue
            number = _NUMBER.fullmatch(words.rsplit(None, 1)[-1])
            # By number anybody, as one says it; by name alone whom the directory shows.
            seen = here if number else access.visible(here, self.viewer)
            fits = Q(number=int(number[1])) if number else Q(name__iexact=words)
            some = list(seen.filter(fits)[:2])
            if len(some) != 1:
                told = gettext("There are several called “%(name)s”: say their number.")
                nobody = gettext("Nobody here is called “%(name)s”.")
                raise ValidationError((told if some else nobody) % {"name": words})
            found += some
        return found

    @property
    def ways(self) -> dict[str, int | None]:
        """The ways in which people come, each with its places."""
        return {
            way: self.cleaned_data[f"places_{way}"] for way in (IN_PERSON, ONLINE) if self.cleaned_data[way]
        }

    @property
    def said(self) -> dict[str, Any]:
        """What is said of the event itself. Where nobody comes there is no place, and no address online."""
        apart = {IN_PERSON, ONLINE, "places_in_person", "places_online", "hosts", "scope"}
        given = {name: value for name, value in self.cleaned_data.items() if name not in apart}
        if not self.cleaned_data[IN_PERSON]:
            given |= {"venue": "", "address": "", "latitude": None, "longitude": None}
        if not self.cleaned_data[ONLINE]:
            given["online_url"] = ""
        return given

    @classmethod
    def shown(cls, event: Event, ways: dict[str, int | None], hosts: list[Membership]) -> dict[str, Any]:
        """What the form of an event begins with."""
        zone = event.zone
        names = (
            "title", "description", "timezone", "venue", "address", "city", "country", "online_url", "has_waitlist",
            "audience",
        )  # fmt: skip
        return {
            **{name: getattr(event, name) for name in names},
            "starts_at": event.starts_at.astimezone(zone).strftime(_WALL),
            "ends_at": event.ends_at.astimezone(zone).strftime(_WALL) if event.ends_at else None,
            "circle": event.circle,
            "minimum_tier": event.minimum_tier,
            "in_person": IN_PERSON in ways,
            "online": ONLINE in ways,
            "places_in_person": ways.get(IN_PERSON),
            "places_online": ways.get(ONLINE),
            "hosts": written(hosts),
        }


def written(hosts: list[Membership]) -> str:
    """The hosts as the form reads them again."""
    return ", ".join(f"{member.display_name.replace(',', ' ')} ({member.number})" for member in hosts)


class CancelForm(OfSeries):
    """Why it is called off, and of a series which."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=240,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everybody who comes reads it."),
    )

    def __init__(self, *args: Any, of: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.only(of)


class AnswerForm(forms.Form):
    """The staff's answer to a proposal."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=240,
        required=False,
        help_text=_("Needed to decline; who proposed it reads it."),
    )


class AgainForm(forms.Form):
    """How a gathering comes again: one of the ways that its day offers, or a rule of one's own, and when that ends."""

    OWN = "own"
    rule = forms.ChoiceField(label=pgettext_lazy("gathering", "How it comes again"), widget=forms.RadioSelect)
    own_rule = forms.CharField(
        label=_("A rule of your own"),
        max_length=200,
        required=False,
        help_text=_("As calendars write it (RFC 5545), such as FREQ=MONTHLY;INTERVAL=3;BYDAY=1SU."),
    )
    times = forms.IntegerField(
        label=_("How many times in all"),
        min_value=1,
        max_value=500,
        required=False,
        help_text=_("Empty: without an end."),
    )
    until = forms.DateField(
        label=_("Or until this day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, of: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = of.zone
        fields: dict[str, Any] = self.fields
        rules = again.offered(of.starts_at.astimezone(of.zone).date())
        fields["rule"].choices = [
            *((str(rule), again.in_words(rule, of.zone)) for rule in rules),
            (self.OWN, gettext("In another way")),
        ]
        fields["rule"].initial = str(rules[0])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        times, until = given.get("times"), given.get("until")
        if given.get("rule") == self.OWN:
            given["rule"] = given.get("own_rule") or ""
        elif times and until:
            self.add_error("until", gettext("Say how many times or until when, not both."))
        elif given.get("rule") and times:
            given["rule"] += f";COUNT={times}"
        elif given.get("rule") and until:
            last = datetime.combine(until, time.max, tzinfo=self.zone).astimezone(UTC)
            given["rule"] += f";UNTIL={last:%Y%m%dT%H%M%SZ}"
        return given


class RulesForm(forms.Form):
    members_plan = forms.ChoiceField(
        label=_("Who plans gatherings?"),
        choices=GatheringRules.Members.choices,
        widget=forms.RadioSelect,
        help_text=_("Hosts of a circle always plan those of their circle."),
    )
    reminded_hours = forms.TypedChoiceField(
        label=_("When is who comes reminded?"),
        choices=GatheringRules.Reminded.choices,
        coerce=int,
        widget=forms.RadioSelect,
        help_text=_(
            "Who comes online gets the address again an hour before. Each member can switch reminders off."
        ),
    )


class NumberForm(forms.Form):
    number = forms.IntegerField(label=_("Member number"), min_value=1, max_value=2**31 - 1)
