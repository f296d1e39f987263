"""A row of a file of gatherings, read: what it says of the gathering, checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from gatherings.models import Room
from kernel import cells, clock, imports
from kernel.imports import Column, Rejected, Row
from members.models import Membership

COLUMNS = (
    Column("event", _("The gathering's own id"), needed=True),
    Column("title", _("Title"), needed=True),
    Column("starts_at", _("When it begins; without an offset, on the clock of its time zone"), needed=True),
    Column("ends_at", _("When it ends")),
    Column("timezone", _("Its time zone, such as Asia/Shanghai; without one, the community's")),
    Column("city", _("City")),
    Column("latitude", _("Latitude in degrees")),
    Column("longitude", _("Longitude in degrees")),
    Column("online_url", _("Address online")),
    Column("capacity", _("How many places there are; empty for as many as wish")),
    Column("status", _("upcoming, held or cancelled; empty where the clock says so")),
    Column("host", _("The id of the member who holds it")),
    Column("circle", _("Name of a circle; one that is not here yet is opened")),
    Column("rsvp_yes", _("How many said that they would come")),
    Column("waitlist", _("How many waited for a place")),
)
imports.reasons.update(
    {
        "zone": _("“%(value)s” is no time zone; one such as Asia/Shanghai is expected."),
        "too_far": _("“%(value)s” is more than ten years ahead."),
        "ends_before": _("It cannot end before it begins."),
        "not_begun": _("It begins later than now: nobody can have been there."),
        "address": _("“%(value)s” is no address online; one such as https://meet.example/ is expected."),
        "whole": _("“%(value)s” is no whole number from 0 to %(most)d."),
        "half_a_place": _("A place needs both, latitude and longitude."),
        "hidden_event": _("There is a gathering with this id that you do not look after."),
        "of_everybody": _("Everybody sees this gathering: nobody outside may know of a secret circle."),
        "places_taken": _("%(taken)d places are taken already: there cannot be fewer."),
        "people_come": _("People have places here: cancel it on its page, so that they are told."),
    }
)
AHEAD = timedelta(days=3653)
MOST = 1_000_000
HELD, UPCOMING, CANCELLED = "held", "upcoming", "cancelled"
STATUSES = (UPCOMING, HELD, CANCELLED)
Way = Room.Way
_address = URLValidator(schemes=["http", "https"])


@dataclass
class Told:
    """A row that can be read: fields of the event as far as the row speaks of them, and what stands beside it."""

    name: str
    fields: dict[str, Any] = field(default_factory=dict)
    status: str = ""
    capacity: int | None = None
    host: Membership | None = None
    circle: str = ""

    @property
    def ways(self) -> list[Way]:
        """How people come to it, as the row has it."""
        at_a_place = {"city", "latitude"} & self.fields.keys()
        online = "online_url" in self.fields
        return [way for way, said in ((Way.IN_PERSON, at_a_place), (Way.ONLINE, online)) if said]


def read(row: Row, *, hosts: Mapping[str, Membership], zone: ZoneInfo, at: datetime) -> Told:
    """What the row says, in a community of that time zone and at that time. Raises `Rejected`."""
    if row.problem:
        raise row.problem
    get = row.cells.get
    for column in COLUMNS:
        if column.needed and not get(column.name):
            raise Rejected("needed", column=column.name)
    told = Told(cells.short(row.cells["event"], most=120, column="event"))
    told.fields["title"] = cells.short(row.cells["title"], most=160, column="title")
    if text := get("timezone"):
        zone = _zone(text)
        told.fields["timezone"] = text
    for name in ("starts_at", "ends_at"):
        if text := get(name):
            told.fields[name] = _instant(text, zone, at + AHEAD, column=name)
    starts, ends = told.fields["starts_at"], told.fields.get("ends_at")
    if ends is not None and ends <= starts:
        raise Rejected("ends_before", column="ends_at")
    told.fields |= _place(row.cells)
    told.status = (get("status") or "").lower()
    if told.status and told.status not in STATUSES:
        known = ", ".join(STATUSES)
        raise Rejected("choice", column="status", value=cells.shown(told.status), known=known)
    if told.status == HELD and starts > at + cells.AHEAD:
        raise Rejected("not_begun", column="starts_at")
    for column_name, name in (("rsvp_yes", "counted_yes"), ("waitlist", "counted_waiting")):
        if text := get(column_name):
            told.fields[name] = _whole(text, column=column_name)
    if text := get("capacity"):
        told.capacity = _whole(text, column="capacity")
    if text := get("host"):
        told.host = hosts.get(text)
        if told.host is None:
            raise Rejected("unknown_member", column="host", value=cells.shown(text))
    told.circle = cells.short(get("circle") or "", most=80, column="circle")
    return told


def _instant(text: str, zone: ZoneInfo, latest: datetime, *, column: str) -> datetime:
    try:
        return cells.instant(text, zone=zone, latest=latest, column=column)
    except Rejected as rejected:
        if rejected.code != "future":
            raise
        raise Rejected("too_far", column=column, value=cells.shown(text)) from None


def _zone(text: str) -> ZoneInfo:
    if text not in clock.zone_names():
        raise Rejected("zone", column="timezone", value=cells.shown(text))
    return ZoneInfo(text)


def _place(told: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if text := told.get("city"):
        found["city"] = cells.short(text, most=120, column="city")
    north, east = told.get("latitude"), told.get("longitude")
    if bool(north) != bool(east):
        raise Rejected("half_a_place", column="longitude" if north else "latitude")
    if north and east:
        found["latitude"] = cells.degrees(north, most=90, column="latitude")
        found["longitude"] = cells.degrees(east, most=180, column="longitude")
    if text := told.get("online_url"):
        cells.short(text, most=500, column="online_url")
        try:
            _address(text)
        except ValidationError:
            raise Rejected("address", column="online_url", value=cells.shown(text)) from None
        found["online_url"] = text
    return found


def _whole(text: str, *, column: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 7 and int(text) <= MOST):
        raise Rejected("whole", column=column, value=cells.shown(text), most=MOST)
    return int(text)
