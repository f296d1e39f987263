"""A row of a members file, checked cell by cell."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from kernel import cells, imports
from kernel.imports import Column, Rejected, Row
from members import custom_values, degrees, pseudonyms
from members.models import Tier
from members.roles import GONE, STAFF_ROLES, Role, Status

COLUMNS = (
    Column("member", _("The member's id in the system the file comes from"), needed=True),
    Column("joined_at", _("When the member joined"), needed=True),
    Column("name", _("Name")),
    Column("email", _("E-mail address; with it the person can claim the membership later")),
    Column("invited_by", _("The id of the member who invited this one; may stand further down")),
    Column("tier", _("Key or name of a tier")),
    Column("role", _("owner, manager, moderator, treasurer, host or member")),
    Column("status", _("Where the membership stands, active when empty")),
    Column("city", _("City")),
    Column("country", _("Country")),
    Column("latitude", _("Degrees north, -90 to 90")),
    Column("longitude", _("Degrees east, -180 to 180")),
    Column("interests", _("Interests, parted by semicolons")),
    Column("tags", _("Tags, parted by semicolons")),
    Column("left_at", _("When the member left")),
)

imports.reasons.update(
    {
        "email": _("“%(value)s” is no e-mail address."),
        "left_before_joining": _("The member would have left before joining."),
        "status_disagrees": _("The status is “%(status)s”, but left_at says that the membership is over."),
        "half_a_place": degrees.HALF_A_PLACE,
        "own_inviter": _("Nobody invites themselves."),
        "roles_are_owners": _("Only an owner may give the role “%(role)s”, by hand or by a file."),
        "erased": _("This member was erased at their wish: the row is left out."),
        "staff_claimed": _("This member signs in and has the role “%(role)s”: change it by hand."),
    }
)

TEXTS = {"name": 120, "city": 120, "country": 120}
LISTS = {"interests": 80, "tags": 80}


@dataclass(frozen=True)
class Entry:
    """A checked row. `values` holds what the row says; a cell left empty says nothing and is not in it.

    Its keys are the columns' names; `tier` is a `Tier`, `invited_by` an external id, `custom` a dict.
    """

    member: str
    joined_at: datetime
    values: Mapping[str, Any]

    @property
    def inviter(self) -> str | None:
        return self.values.get("invited_by")

    def over(self, earlier: "Entry") -> "Entry":
        """What both rows of one member say together: the later one has the word."""
        values = {**earlier.values, **self.values}
        if "custom" in earlier.values and "custom" in self.values:
            values["custom"] = {**earlier.values["custom"], **self.values["custom"]}
        merged = Entry(self.member, self.joined_at, values)
        merged.check()
        return merged

    def check(self) -> None:
        """Rejects what does not fit together."""
        left, status = self.values.get("left_at"), self.values.get("status")
        if left is None:
            return
        if left < self.joined_at:
            raise Rejected("left_before_joining", column="left_at")
        if status is not None and status not in GONE:
            raise Rejected("status_disagrees", column="status", status=status)


class Reader:
    """Checks rows of one community's file. `latest` is the latest time a cell may name."""

    def __init__(
        self,
        *,
        zone: ZoneInfo,
        latest: datetime,
        tiers: list[Tier],
        may_give_roles: bool,
        community_id: int = 0,
    ) -> None:
        self.community_id = community_id
        #: What stands for the ids of those who were erased; who reads keeps it up to date.
        self.erased: frozenset[str] = frozenset()
        #: Who a member's inviter is by the id in their row, None for nobody: of merged records, who they stand for.
        self.inviter_named: Callable[[str, str], str | None] = lambda member, inviter: inviter
        self.zone = zone
        self.latest = latest
        self.may_give_roles = may_give_roles
        self.tier_names = ", ".join(tier.key for tier in tiers)
        self.tiers = {tier.name.casefold(): tier for tier in tiers} | {tier.key: tier for tier in tiers}

    def entry(self, row: Row) -> Entry:
        """The checked row. Raises `Rejected` for the first thing that is wrong with it."""
        if row.problem:
            raise row.problem
        given = {name: text for name, text in row.cells.items() if text}
        for name in ("member", "joined_at"):
            if name not in given:
                raise Rejected("needed", column=name)
        member = cells.short(given.pop("member"), most=120, column="member")
        if self.stands_for(member) != member:
            raise Rejected("erased", column="member")
        joined_at = self._time(given.pop("joined_at"), "joined_at")
        values = {name: self._value(name, text) for name, text in given.items()}
        if "invited_by" in values and (inviter := self.inviter_named(member, values.pop("invited_by"))):
            values["invited_by"] = inviter
        if missing := degrees.missing_half(values):
            raise Rejected("half_a_place", column=missing)
        if row.extra:
            values["custom"] = {
                cells.short(name, most=80, column=name[:80]): cells.short(
                    text, most=custom_values.LONGEST, column=name
                )
                for name, text in row.extra.items()
            }
        entry = Entry(member, joined_at, values)
        entry.check()
        return entry

    def _time(self, text: str, column: str) -> datetime:
        return cells.instant(text, zone=self.zone, latest=self.latest, column=column)

    def _value(self, name: str, text: str) -> Any:
        if name in TEXTS:
            return cells.short(text, most=TEXTS[name], column=name)
        if name in LISTS:
            return cells.several(text, most=LISTS[name], column=name)
        return getattr(self, f"_{name}")(text)

    def _invited_by(self, text: str) -> str:
        return self.stands_for(cells.short(text, most=120, column="invited_by"))

    def stands_for(self, member: str) -> str:
        """The id itself, or the pseudonym that stands for it since its member was erased."""
        if not self.erased:
            return member
        known = self.erased.intersection(pseudonyms.ids(self.community_id, member))
        return next(iter(known), member)

    def _left_at(self, text: str) -> datetime:
        return self._time(text, "left_at")

    def _latitude(self, text: str) -> float:
        return cells.degrees(text, most=90, column="latitude")

    def _longitude(self, text: str) -> float:
        return cells.degrees(text, most=180, column="longitude")

    def _email(self, text: str) -> str:
        try:
            validate_email(text)
        except ValidationError:
            raise Rejected("email", column="email", value=cells.shown(text)) from None
        return cells.short(text, most=254, column="email")

    def _tier(self, text: str) -> Tier:
        tier = self.tiers.get(text) or self.tiers.get(text.casefold())
        if tier is None:
            raise Rejected("choice", column="tier", value=cells.shown(text), known=self.tier_names or "-")
        return tier

    def _role(self, text: str) -> str:
        role = text.lower()
        if role not in Role.values:
            known = ", ".join(Role.values)
            raise Rejected("choice", column="role", value=cells.shown(text), known=known)
        if role in STAFF_ROLES and not self.may_give_roles:
            raise Rejected("roles_are_owners", column="role", role=role)
        return role

    def _status(self, text: str) -> str:
        # Grace is an active membership whose dues are late.
        status = "active" if text.lower() == "grace" else text.lower().replace(" ", "_")
        if status not in Status.values:
            known = ", ".join(Status.values)
            raise Rejected("choice", column="status", value=cells.shown(text), known=known)
        return status
