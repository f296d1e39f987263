"""The member table: who is asked for, in which order, and what is shown of each, in one query a page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kernel import columns, keyset, words
from kernel.clock import day_start
from kernel.columns import Column, ColumnType
from kernel.permissions import May
from kernel.tenancy import Community
from members import rules as language
from members.models import CustomField, Membership
from members.models.membership import MembershipQuerySet
from members.roles import Role, Status
from members.rules import Catalogue
from members.selectors import custom_order
from members.selectors import rules as conditions
from members.selectors.rules import GROUPS

PAGE_SIZE = 50
#: Counting stops here: beyond it the page says "more than".
COUNT_LIMIT = 100_000
#: So many at most are remembered when they are counted.
FEW = 20_000

#: Days beyond these narrow nothing, and cannot be turned into instants in every zone.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(9998, 1, 1)

#: Only what is not as it should be has a colour.
STATUS_TONES = {
    **dict.fromkeys(("suspended", "restricted", "lapsed"), "warn"),
    **dict.fromkeys(("removed", "banned", "rejected"), "bad"),
}
OWN_COLUMNS = (
    Column("number", "number", _("Number"), ColumnType.NUMBER),
    Column("status", "status", _("Status"), ColumnType.CHOICE, tuple(Status.choices), tones=STATUS_TONES),
    Column("role", "role", _("Role"), ColumnType.CHOICE, tuple(Role.choices)),
    Column("tier", "tier__name", _("Tier"), ColumnType.TEXT),
    Column("joined", "joined_at", _("Joined"), ColumnType.DAY),
    Column("left", "left_at", _("Left"), ColumnType.DAY),
    Column("invited_by", "invited_by__name", _("Invited by"), ColumnType.TEXT, order="invited_by__sort_key"),
    Column("city", "city", _("City"), ColumnType.TEXT),
    Column("country", "country", _("Country"), ColumnType.TEXT),
    Column("email", "email", _("E-mail address"), ColumnType.TEXT),
    Column("tags", "tags", _("Tags"), ColumnType.TEXT),
    Column("own_id", "external_id", _("Own id"), ColumnType.TEXT),
)
DEFAULT_COLUMNS = ("status", "tier", "stage", "score", "last_active", "joined")
#: Columns of this app that are never null: an order by them can walk the index.
ALWAYS_THERE = frozenset({"sort_key", "number", "status", "role", "joined_at", "city", "country", "email"})
#: Values of the community's own fields as the table shows them.
CUSTOM_TYPES = {
    CustomField.Kind.TEXT: ColumnType.TEXT,
    CustomField.Kind.NUMBER: ColumnType.NUMBER,
    CustomField.Kind.DAY: ColumnType.DAY,
    CustomField.Kind.CHOICE: ColumnType.TEXT,
    CustomField.Kind.SEVERAL: ColumnType.TEXT,
    CustomField.Kind.FLAG: ColumnType.TEXT,
    CustomField.Kind.PHONE: ColumnType.TEXT,
}
NAME = Column("name", "sort_key", _("Member"), ColumnType.TEXT)


@dataclass(frozen=True)
class Wanted:
    """What is asked of the table; what is empty does not narrow. Days are the community's, both included.

    `status` is one status or a key of `GROUPS`.
    """

    text: str = ""
    status: str = ""
    role: str = ""
    tier_id: int | None = None
    tag: str = ""
    city: str = ""
    joined_from: date | None = None
    joined_to: date | None = None


@dataclass(frozen=True)
class Cell:
    """A member's value in one column; `words` is the value for people where it is a text or a choice, `note` what is said
    beside it."""

    column: Column
    value: Any
    note: str = ""

    @property
    def empty(self) -> bool:
        return self.value in (None, "", [])

    @property
    def words(self) -> str:
        if isinstance(self.value, bool):
            return _now("Yes") if self.value else _now("No")
        if isinstance(self.value, list):
            return words.listed(self.value)
        return str(dict(self.column.choices).get(self.value, self.value))

    @property
    def kind(self) -> str:
        """How it is written: by the column's type where the value is of it, as a text where it is not."""
        if self.column.type is ColumnType.CHOICE:
            return "choice"
        if isinstance(self.value, date):
            return "day"
        is_number = isinstance(self.value, int | float | Decimal) and not isinstance(self.value, bool)
        return "number" if is_number else "text"

    @property
    def tone(self) -> str:
        return self.column.tones.get(self.value, "")


@dataclass(frozen=True)
class Count:
    """How many there are, or, when `more`, that there are more than that."""

    number: int
    more: bool


def all_columns(custom: Sequence[CustomField] = (), *, may: May) -> list[Column]:
    """Every column there is to choose from for who may do that; what apps above have added stands after status, role and
    tier."""
    return [*OWN_COLUMNS[:4], *columns.seen(may), *OWN_COLUMNS[4:], *map(_custom_column, custom)]


def _custom_column(field: CustomField) -> Column:
    """A field of the community's own. No way of the database leads to it: `_value` reads it by its key."""
    return Column(
        f"{conditions.CUSTOM}{field.key}", "", field.name, CUSTOM_TYPES[CustomField.Kind(field.kind)]
    )


def has_order(column: Column, custom: Sequence[CustomField]) -> bool:
    """Whether the table can be sorted by the column."""
    keys = (f"{conditions.CUSTOM}{field.key}" for field in custom if custom_order.has_order(field))
    return column.is_read or column.key in keys


def chosen(keys: Sequence[str] | None, custom: Sequence[CustomField] = (), *, may: May) -> list[Column]:
    """The columns of these keys in this order, of those that one may see; the usual ones when none are given."""
    known = {column.key: column for column in all_columns(custom, may=may)}
    return [known[key] for key in (DEFAULT_COLUMNS if keys is None else keys) if key in known]


def fitting(
    *, community: Community, rules: Mapping[str, Any], catalogue: Catalogue, at: datetime
) -> MembershipQuerySet:
    """The members of the community whom checked rules name at that instant."""
    found: MembershipQuerySet = Membership.objects.of(community.id)
    if not language.names(rules, "status", Status.GUEST):
        found = found.exclude(status=Status.GUEST)
    if rules == language.EVERYBODY:
        return found
    return found.filter(conditions.condition(rules, catalogue=catalogue, community=community, at=at))


def matching(*, community: Community, wanted: Wanted) -> MembershipQuerySet:
    """The members of the community who fit."""
    found: MembershipQuerySet = Membership.objects.of(community.id)
    if wanted.status != Status.GUEST:
        # Guests are no members: they are shown to who asks for them.
        found = found.exclude(status=Status.GUEST)
    if wanted.text:
        found = found.search(wanted.text)
    if wanted.status:
        found = found.filter(status__in=GROUPS.get(wanted.status, {wanted.status}))
    if wanted.role:
        found = found.filter(role=wanted.role)
    if wanted.tier_id:
        found = found.filter(tier_id=wanted.tier_id)
    if wanted.tag:
        found = found.filter(tags__contains=[wanted.tag])
    if wanted.city:
        found = found.filter(city__iexact=wanted.city)
    if wanted.joined_from:
        found = found.filter(joined_at__gte=day_start(within_reach(wanted.joined_from), community.zone))
    if wanted.joined_to:
        found = found.filter(
            joined_at__lt=day_start(within_reach(wanted.joined_to) + timedelta(days=1), community.zone)
        )
    return found


def within_reach(day: date) -> date:
    """The day, or the nearest that can be turned into an instant in every zone."""
    return min(max(day, FIRST_DAY), LAST_DAY)


def order(key: str, custom: Sequence[CustomField] = (), *, community: Community, may: May) -> keyset.Order:
    """The order a key names, "-" before it for descending; by name for one that is not known, may not be seen or has no
    order."""
    field = next((one for one in custom if f"{conditions.CUSTOM}{one.key}" == key.removeprefix("-")), None)
    if field is not None and custom_order.has_order(field):
        return custom_order.order(field, descending=key.startswith("-"))
    by_key = {column.key: column for column in [NAME, *all_columns(may=may)]}
    column = by_key.get(key.removeprefix("-"), NAME)
    if column.elsewhere is not None:
        by, joins = column.elsewhere.order(community.id)
        return keyset.Order(
            f"above_{column.key}",
            tie="number",
            descending=key.startswith("-"),
            nullable=True,
            by=by,
            joins=joins,
        )
    lookup = column.order or column.lookup
    beside = Q(**{column.home: F("community_id")}) if column.home else None
    return keyset.Order(
        lookup,
        tie="number",
        descending=key.startswith("-"),
        nullable=lookup not in ALWAYS_THERE,
        beside=beside,
    )


def page(
    *, members: QuerySet[Membership], shown: Sequence[Column], by: keyset.Order, cursor: str = ""
) -> keyset.Page[Membership]:
    """One page of those members, each with `cells`: what it has in the shown columns, in their order."""
    found = keyset.page(
        members,
        order=by,
        size=PAGE_SIZE,
        cursor=cursor,
        wide=lambda rows: _with_cells(rows, shown, notes=True),
    )
    for member in found.rows:
        cells = [_cell(member, column) for column in shown]
        member.cells = cells  # type: ignore[attr-defined]
    return found


def counted(members: QuerySet[Membership], *, community: Community) -> tuple[Count, QuerySet[Membership]]:
    """How many of the community's members these are, and the same ones, for a `page` of them."""
    of = Membership.objects.of(community.id)
    many, found = keyset.counted(members, of=of, most=COUNT_LIMIT + 1, few=FEW)
    return Count(min(many, COUNT_LIMIT), many > COUNT_LIMIT), found


def count(members: QuerySet[Membership]) -> Count:
    """How many there are."""
    many = members.order_by().values("pk")[: COUNT_LIMIT + 1].count()
    return Count(min(many, COUNT_LIMIT), many > COUNT_LIMIT)


def sheet(*, members: MembershipQuerySet, shown: Sequence[Column], by: keyset.Order) -> Iterator[list[Any]]:
    """Every one of those members as a row of values, name first, read from the database in pieces."""
    rows = by.sorted(_with_cells(members, shown))
    for member in rows.iterator(chunk_size=2000):
        yield [member.display_name, *(_value(member, column) for column in shown)]


def _with_cells(
    members: QuerySet[Membership], shown: Sequence[Column], *, notes: bool = False
) -> QuerySet[Membership]:
    cells = {f"cell_{column.key}": column.value() for column in shown if column.is_read}
    told = {name: F(lookup) for column in shown if notes for name, lookup in _noted(column)}
    needed = [
        "number",
        "name",
        "external_id",
        "email",
        "erased_at",
        *(["custom"] if len(cells) < len(shown) else []),
    ]
    return members.only(*needed).annotate(**cells, **told)


def _noted(column: Column) -> list[tuple[str, str]]:
    """What the note beside a column is told from, as (its name on the row, lookup)."""
    lookups = column.note.lookups if column.note is not None else ()
    return [(f"note_{column.key}_{place}", lookup) for place, lookup in enumerate(lookups)]


def _cell(member: Membership, column: Column) -> Cell:
    value = _value(member, column)
    if column.note is None:
        return Cell(column, value)
    told = (getattr(member, name) for name, _lookup in _noted(column))
    return Cell(column, value, column.note.words(value, *told))


def _value(member: Membership, column: Column) -> Any:
    """What the member has in a column; a day that was kept as something else is shown as it was kept."""
    if column.is_read:
        return getattr(member, f"cell_{column.key}")
    value = member.custom.get(column.key.removeprefix(conditions.CUSTOM))
    return custom_value(value, column.type)


def custom_value(value: Any, kind: ColumnType) -> Any:
    """A value of the community's own fields, as its kind where it can be read so."""
    if kind is ColumnType.DAY and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value
