"""What rules can ask about in a community, and the condition of the database that they stand for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel import columns, words
from kernel.clock import day_start, local_day
from kernel.columns import Column, ColumnType
from kernel.permissions import May, unlimited
from kernel.tenancy import Community
from members import rules, search
from members.models import CustomField, Membership, Tier
from members.roles import ADMITTED, GONE, NOT_JOINED, Role, Status
from members.rules import ALL, ANY, SEARCH, Catalogue, Field, Kind
from members.selectors import custom_rules

#: Groups of statuses that are asked for more often than a single one.
GROUPS: dict[str, frozenset[str]] = {
    "current": frozenset(ADMITTED),
    "gone": frozenset(GONE),
    "not_yet": frozenset(NOT_JOINED - {Status.GUEST.value}),
}
GROUP_WORDS = (
    ("current", gettext_lazy("Here now")),
    ("gone", gettext_lazy("Gone")),
    ("not_yet", gettext_lazy("Not in yet")),
)
#: What the key of a custom field is called in a condition begins with this.
CUSTOM = "custom."

OWN = (
    Field("status", Kind.CHOICE, gettext_lazy("Status"), "status", groups=GROUPS, nullable=False),
    Field("role", Kind.CHOICE, gettext_lazy("Role"), "role", choices=Role.choices, nullable=False),
    Field("tier", Kind.CHOICE, gettext_lazy("Tier"), "tier__key"),
    Field("tags", Kind.WORDS, gettext_lazy("Tags"), "tags"),
    Field("interests", Kind.WORDS, gettext_lazy("Interests"), "interests"),
    Field("joined", Kind.DAY, gettext_lazy("Joined"), "joined_at", instant=True, nullable=False),
    Field("left", Kind.DAY, gettext_lazy("Left"), "left_at", instant=True),
    Field("invited_by", Kind.MEMBER, gettext_lazy("Invited by (number)"), "invited_by__number"),
    Field("channel", Kind.TEXT, gettext_lazy("Came by"), "channel", nullable=False),
    Field("campaign", Kind.TEXT, gettext_lazy("Campaign"), "campaign", nullable=False),
    Field("name", Kind.TEXT, gettext_lazy("Name"), "name", nullable=False),
    Field("email", Kind.TEXT, gettext_lazy("E-mail address"), "email", nullable=False),
    Field("city", Kind.TEXT, gettext_lazy("City"), "city", nullable=False),
    Field("country", Kind.TEXT, gettext_lazy("Country"), "country", nullable=False),
    Field("own_id", Kind.TEXT, gettext_lazy("Own id"), "external_id"),
    Field("number", Kind.NUMBER, gettext_lazy("Number"), "number", nullable=False),
    Field("account", Kind.FLAG, gettext_lazy("Has an account"), "user_id"),
    Field("listed", Kind.FLAG, gettext_lazy("In the members' directory"), "listed", nullable=False),
    SEARCH,
)
#: Texts that search knows too, and of which few members share one.
FOUND_BY = frozenset({"name", "email", "own_id"})
_ABOVE = {
    ColumnType.TEXT: Kind.TEXT,
    ColumnType.NUMBER: Kind.NUMBER,
    ColumnType.DAY: Kind.DAY,
    ColumnType.CHOICE: Kind.CHOICE,
}
_CUSTOM = {
    CustomField.Kind.TEXT: Kind.TEXT,
    CustomField.Kind.NUMBER: Kind.NUMBER,
    CustomField.Kind.DAY: Kind.DAY,
    CustomField.Kind.CHOICE: Kind.CHOICE,
    CustomField.Kind.SEVERAL: Kind.WORDS,
    CustomField.Kind.FLAG: Kind.FLAG,
    CustomField.Kind.PHONE: Kind.TEXT,
}


def catalogue(
    community: Community,
    *,
    may: May,
    tiers: Sequence[Tier] | None = None,
    custom: Sequence[CustomField] | None = None,
) -> Catalogue:
    """Every field that can be asked about here by who may do that, by key; two queries for what is not handed over. What the
    site does by itself may ask about everything (`kernel.permissions.unlimited`)."""
    tiers = list(Tier.objects.of(community.id)) if tiers is None else tiers
    custom = list(CustomField.objects.of(community.id)) if custom is None else custom
    return _catalogue(tiers, custom, may)


def everywhere() -> Catalogue:
    """What can be asked about in every community: without its own fields, and tiers without a choice."""
    return _catalogue([], [], unlimited)


def _catalogue(tiers: Sequence[Tier], custom: Sequence[CustomField], may: May) -> Catalogue:
    given: dict[str, Sequence[tuple[str, Any]]] = {
        "tier": [(tier.key, tier.name) for tier in tiers],
        "status": [*GROUP_WORDS, *Status.choices],
    }
    own = [_with_choices(field, given[field.key]) if field.key in given else field for field in OWN]
    above = [_above(column) for column in columns.seen(may)]
    return {field.key: field for field in [*own[:4], *above, *own[4:], *map(_own_field, custom)]}


def _with_choices(field: Field, choices: Sequence[tuple[str, Any]]) -> Field:
    return Field(
        field.key, field.kind, field.label, field.lookup, "", choices, field.groups, nullable=field.nullable
    )


def _above(column: Column) -> Field:
    return Field(
        column.key,
        _ABOVE[column.type],
        column.label,
        column.lookup,
        choices=column.asked,
        groups={key: values for key, _label, values in column.groups},
        elsewhere=column.elsewhere,
        otherwise=column.otherwise,
    )


def _own_field(field: CustomField) -> Field:
    kind = _CUSTOM[CustomField.Kind(field.kind)]
    choices = [(choice, choice) for choice in field.choices] if kind is Kind.CHOICE else []
    return Field(f"{CUSTOM}{field.key}", kind, field.name, custom=field.key, choices=choices)


def condition(
    found: Mapping[str, Any], *, catalogue: Catalogue, community: Community, at: datetime, alone: bool = True
) -> Q:
    """The one condition that checked rules stand for. Days are the community's. `alone` is whether it must hold, and
    is no alternative to another one."""
    how = rules.joint(found)
    alone = alone and (how == ALL or len(found[how]) == 1)
    if how == ANY and not found[how]:
        return Q(pk__in=[])
    whole = Q()
    for part in found[how]:
        one = (
            _one(catalogue[part["field"]], part["is"], part.get("value"), community, at, alone=alone)
            if "field" in part
            else condition(part, catalogue=catalogue, community=community, at=at, alone=alone)
        )
        if alone and "field" in part:
            one &= _by_index(part)
        whole = whole & one if how == ALL else whole | one
    return whole


def _by_index(part: Mapping[str, Any]) -> Q:
    """What also holds of whoever fits, and that an index of the search knows."""
    terms = part["field"] in FOUND_BY and part["is"] in ("has", "is") and search.bigrams(part["value"])
    return Q(search_entry__terms__contains=sorted(terms)) if terms else Q()


def _one(field: Field, how: str, value: Any, community: Community, at: datetime, *, alone: bool) -> Q:
    if field.custom:
        return custom_rules.condition(field, how, value, local_day(at, community.zone))
    if field.elsewhere is not None:
        return _elsewhere(field, how, value, community, at)
    if how == "empty" and alone and (beside := _beside(field)) is not None:
        return ~Q(Exists(beside))
    return _PLAIN[field.kind](field, how, value, community, at)


def _beside(field: Field) -> Any:
    """The rows of an app above in which the field is known, where it lives there. That there is none of a member is told
    the database as such where nothing else may hold instead: it takes a value that is null behind a join to be rare,
    and is wrong. As an alternative it would read all those rows once more."""
    relation, _join, column = field.lookup.partition("__")
    link = Membership._meta.get_field(relation)
    if not (column and link.one_to_one and link.auto_created):
        return None
    rows = link.related_model._default_manager.filter(**{link.field.name: OuterRef("pk")})  # type: ignore[union-attr]
    known = rows.filter(**{f"{column}__isnull": False})
    return known.exclude(**{column: ""}) if field.kind in (Kind.TEXT, Kind.CHOICE) else known


#: Comparisons that hold of whoever another one does not hold of.
_OPPOSITES = {"is_not": "is", "has_not": "has", "empty": "known"}


def _elsewhere(field: Field, how: str, value: Any, community: Community, at: datetime) -> Q:
    """Who fits is found there, where indexes know it, and not member by member."""
    assert field.elsewhere is not None
    if how in _OPPOSITES:
        return ~_elsewhere(field, _OPPOSITES[how], value, community, at)
    if how == "known" and field.otherwise:
        return Q(pk__isnull=False)
    if how == "is" and field.elsewhere.of_choices is not None:
        wanted = frozenset().union(*(field.groups.get(one, {one}) for one in value))
        sets = field.elsewhere.of_choices(community.id, sorted(wanted))
    else:
        there = replace(field, lookup="value", elsewhere=None, nullable=True)
        fits = _PLAIN[field.kind](there, how, value, community, at)
        sets = tuple(rows.filter(fits) for rows in field.elsewhere.rows(community.id))
    # Each for itself: of what is united the database does not know how much it is, and goes for each member by key.
    found = Q()
    for rows in sets:
        found |= Q(pk__in=rows.order_by().values("member"))
    if how == "is" and field.otherwise and field.otherwise in value:
        others = frozenset(key for key, _label in field.choices) - {field.otherwise, *field.groups}
        found |= ~_elsewhere(field, "is", sorted(others), community, at)
    return found


def _text(field: Field, how: str, value: Any, _community: Community, _at: datetime) -> Q:
    if how in ("known", "empty"):
        empty = Q(**{field.lookup: ""})
        if field.nullable:
            empty |= Q(**{f"{field.lookup}__isnull": True})
        return empty if how == "empty" else ~empty
    holds = Q(**{f"{field.lookup}__{'iexact' if how in ('is', 'is_not') else 'icontains'}": value})
    return ~holds if how.endswith("_not") else holds


def _number(field: Field, how: str, value: Any, _community: Community, _at: datetime) -> Q:
    if how in ("known", "empty"):
        return Q(**{f"{field.lookup}__isnull": how == "empty"})
    if how == "is_not":
        return ~Q(**{field.lookup: value})
    suffix = {"at_least": "__gte", "at_most": "__lte", "is": ""}[how]
    return Q(**{f"{field.lookup}{suffix}": value})


def _day(field: Field, how: str, value: Any, community: Community, at: datetime) -> Q:
    if how in ("known", "empty"):
        return Q(**{f"{field.lookup}__isnull": how == "empty"})
    first, after = custom_rules.days(how, value, local_day(at, community.zone))
    edge = (lambda day: day_start(day, community.zone)) if field.instant else (lambda day: day)
    within = Q()
    if first:
        within &= Q(**{f"{field.lookup}__gte": edge(first)})
    if after:
        within &= Q(**{f"{field.lookup}__lt": edge(after)})
    return within


def _choice(field: Field, how: str, value: Any, _community: Community, _at: datetime) -> Q:
    if how in ("known", "empty"):
        return _text(field, how, None, _community, _at)
    wanted = frozenset().union(*(field.groups.get(one, {one}) for one in value))
    fits = Q(**{f"{field.lookup}__in": sorted(wanted)})
    return ~fits if how == "is_not" else fits


class _IsOneOf(custom_rules.Compared):
    template = "(%(expressions)s))"
    arg_joiner = " = ANY("


def _words(field: Field, how: str, value: Any, _community: Community, _at: datetime) -> Q:
    if how in ("known", "empty"):
        empty = Q(**{field.lookup: []})
        return empty if how == "empty" else ~empty
    # No index knows them here, and so it is read sooner than by `contains`.
    holds = Q(_IsOneOf(Value(value), F(field.lookup)))
    return ~holds if how == "has_not" else holds


def _flag(field: Field, how: str, _value: Any, _community: Community, _at: datetime) -> Q:
    if field.lookup.endswith("_id"):
        return Q(**{f"{field.lookup}__isnull": how in ("no", "empty")})
    if how in ("known", "empty"):
        return Q(pk__isnull=how == "empty")
    return Q(**{field.lookup: how == "yes"})


def _search(_field: Field, _how: str, value: Any, _community: Community, _at: datetime) -> Q:
    return search.condition(value)


_PLAIN = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.MEMBER: _number,
    Kind.DAY: _day,
    Kind.CHOICE: _choice,
    Kind.WORDS: _words,
    Kind.FLAG: _flag,
    Kind.SEARCH: _search,
}


def told(found: Mapping[str, Any], catalogue: Catalogue) -> str:
    """The rules in the reader's words: for a log, a report, a heading."""
    how = rules.joint(found)
    parts = [
        condition_words(part, catalogue) if "field" in part else f"({told(part, catalogue)})"
        for part in found[how]
    ]
    between = _(" and ") if how == ALL else _(" or ")
    return between.join(parts)


def condition_words(part: Mapping[str, Any], catalogue: Catalogue) -> str:
    """One condition in the reader's words, its day and its choices as readers know them."""
    field = catalogue[part["field"]]
    if field.kind is Kind.SEARCH:
        return _("Search: %(text)s") % {"text": part["value"]}
    how, value = part["is"], part.get("value")
    if how == "last_days":
        comparison = _("in the last %(days)d days") % {"days": value}
    elif how == "not_last_days":
        comparison = _("more than %(days)d days ago") % {"days": value}
    elif value is None:
        comparison = str(rules.WORDS[how])
    else:
        comparison = f"{rules.WORDS[how]} {_value_words(field, value)}"
    return f"{field.label} {comparison}"


def _value_words(field: Field, value: Any) -> str:
    if field.kind is Kind.CHOICE:
        names = {key: str(label) for key, label in field.choices}
        return words.listed([names.get(one, one) for one in value])
    if field.kind is Kind.DAY:
        return words.day(date.fromisoformat(value))
    if field.kind is Kind.NUMBER:
        return words.number(value)
    if field.kind is Kind.MEMBER:
        return f"#{value}"
    return f"“{value}”"
