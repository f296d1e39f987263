"""How values of the audit log are said: the log keeps keys and plain JSON, who reads it gets words of their language.

A kind of thing names a way for each of its fields whose values are not said as they stand (`audit_words.Kind.says`).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from kernel import words
from kernel.permissions import unlimited
from kernel.tenancy import Community
from members.models import CustomField, Membership, Segment, Tier
from members.rules import Catalogue
from members.selectors import directory
from members.selectors import rules as conditions

T = TypeVar("T")
Words = str | Promise


class Known:
    """What the ways look up for one page: each table in one query, and only where a value asks for it."""

    def __init__(self, community: Community, people: Mapping[int, Membership]) -> None:
        self.community = community
        self.people = people
        self._tables: dict[Any, Any] = {}

    def table(self, read: Callable[[Community], T]) -> T:
        """What `read` finds in the community, read once."""
        if read not in self._tables:
            self._tables[read] = read(self.community)
        found: T = self._tables[read]
        return found


#: A stored value, never empty, and what the page knows: the value in words.
Way = Callable[[Any, Known], str]


def said(value: Any, known: Known, way: Way) -> str:
    """The value in words; a dash for none."""
    return words.NOTHING if value is None or value in ("", [], {}) else way(value, known)


def plain(value: Any, known: Known) -> str:
    """As it stands: for names, texts and numbers, alone or in lists."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return words.number(value)
    if isinstance(value, list):
        return words.listed(said(each, known, plain) for each in value)
    if isinstance(value, dict):
        return words.listed(words.named(key, said(each, known, plain)) for key, each in value.items())
    return str(value)


def nothing(value: Any, known: Known) -> str:
    """For keys of rows, which tell a reader nothing."""
    return ""


def one_of(choices: Callable[[], Iterable[tuple[str, Words]]]) -> Way:
    """For the key of a choice; one that is none any more is said as it stands."""

    def way(value: Any, known: Known) -> str:
        return str(dict(choices()).get(value, value))

    return way


def each(way: Way) -> Way:
    """For a list of such values."""
    return lambda value, known: words.listed(said(one, known, way) for one in value)


def by_name(names: Mapping[str, Words], ways: Mapping[str, Way]) -> Way:
    """For values by name: what each is called, and how it is said."""

    def way(value: Any, known: Known) -> str:
        return words.listed(
            words.named(names.get(key, key), said(one, known, ways.get(key, plain)))
            for key, one in value.items()
        )

    return way


def looked_up(read: Callable[[Community], Mapping[str, str]]) -> Way:
    """For the key of a row, said by the row's name; one that is gone is said by its key."""
    return lambda value, known: known.table(read).get(str(value), str(value))


def still_there(read: Callable[[Community], Mapping[str, str]]) -> Way:
    """As `looked_up`; of one that is gone nothing is said."""
    return lambda value, known: known.table(read).get(str(value), "")


def day(value: Any, known: Known) -> str:
    return words.day(value)


def moment(value: Any, known: Known) -> str:
    """An instant as it was written down; a day that stands in its place."""
    found = datetime.fromisoformat(value)
    return words.moment(found) if found.tzinfo else words.day(value)


def member(value: Any, known: Known) -> str:
    """For a member's number."""
    return str(known.people.get(value) or f"#{value}")


def number_sign(value: Any, known: Known) -> str:
    """For members' numbers of which there may be many."""
    return f"#{value}"


def rules(value: Any, known: Known) -> str:
    """For conditions, as segments and filters keep them, or the numbers that were picked one by one."""
    if "numbers" in value:
        return each(number_sign)(value["numbers"], known)
    try:
        return conditions.told(value, known.table(_catalogue)) or _("everybody")
    except (KeyError, TypeError, ValueError):
        return _("conditions that cannot be read any more")


def custom(value: Any, known: Known) -> str:
    """For what members have in the community's own fields."""
    return by_name(known.table(_custom_names), {})(value, known)


def columns(value: Any, known: Known) -> str:
    """For the keys of columns of the member table."""
    return each(looked_up(_columns))(value, known)


def of_model(model: type[models.Model]) -> dict[str, Way]:
    """The ways of a model's fields: choices by their labels, instants and days as readers write them, rows by name."""
    found = {field.name: _of_field(field) for field in model._meta.concrete_fields}
    return {name: way for name, way in found.items() if way is not plain}


def _of_field(field: Any) -> Way:
    if isinstance(field, ArrayField):
        inner = _of_field(field.base_field)
        return plain if inner is plain else each(inner)
    if field.choices:
        return one_of(lambda: field.flatchoices)
    if field.related_model is Tier:
        return tier
    if field.related_model is Membership:
        return member
    if isinstance(field, models.DateTimeField):
        return moment
    return day if isinstance(field, models.DateField) else plain


def _tiers(community: Community) -> dict[str, str]:
    return dict(Tier.objects.of(community.id).values_list("key", "name"))


def _segments(community: Community) -> dict[str, str]:
    found = Segment.objects.of(community.id).values_list("pk", "name")
    return {str(pk): name for pk, name in found}


def _custom_fields(community: Community) -> list[CustomField]:
    return list(CustomField.objects.of(community.id))


def _custom_names(community: Community) -> dict[str, str]:
    return {field.key: field.name for field in _custom_fields(community)}


def _custom_by_id(community: Community) -> dict[str, str]:
    return {str(field.pk): field.name for field in _custom_fields(community)}


def _catalogue(community: Community) -> Catalogue:
    """Of everything: whoever reads the log may see what columns ask a permission for (a test holds the roles to it)."""
    return conditions.catalogue(community, may=unlimited)


def _columns(community: Community) -> dict[str, str]:
    shown = directory.all_columns(_custom_fields(community), may=unlimited)
    return {column.key: str(column.label) for column in shown}


tier = looked_up(_tiers)
custom_field = looked_up(_custom_names)
segment_by_id = still_there(_segments)
custom_field_by_id = still_there(_custom_by_id)
