"""What one address asks of the member table: read once, by the page, its htmx answer, the file and bulk acts alike."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from kernel import columns, keyset, words
from kernel.errors import Refused
from kernel.permissions import May
from kernel.tenancy import Community
from members import rules as language
from members.forms.directory import FilterForm
from members.models import CustomField, Segment, Tier
from members.models.membership import MembershipQuerySet
from members.rules import ALL, ANY, Catalogue
from members.selectors import directory, segments
from members.selectors import rules as conditions

#: What belongs to the page and not to the question.
PAGING = ("at",)


@dataclass
class Chip:
    """A condition in force: its words, the address without it, and, for one at the top, where to add an alternative.

    A group's chip has `parts` instead, and says whether `all` or `any` of them hold.
    """

    words: str = ""
    url: str = ""
    more: str = ""
    joint: str = ""
    parts: list["Chip"] = field(default_factory=list)


class Asked:
    """What who `may` do so much asks. `problem` says why the rules of the address were not understood; they then narrow
    nothing. A segment that is not there, or not understood any more, has nobody in it; and nobody is found by what one may
    not see (`withheld`)."""

    def __init__(self, community: Community, given: QueryDict, *, at: datetime, may: May) -> None:
        self.community, self.given, self.at, self.may = community, given, at, may
        self.tiers = list(Tier.objects.of(community.id))
        self.custom = list(CustomField.objects.of(community.id))
        self.segments = list(segments.of(community, may=may))
        self.form = FilterForm(given, tiers=self.tiers, may=may)
        self.form.is_valid()
        self.sort = given.get("sort", "")
        self.problem = ""
        self.withheld = False
        self.rules = self._rules()
        #: What is asked as a whole, by filters, conditions and search together.
        self.whole = language.both(self.form.rules(), self.rules)
        self._withhold()

    @cached_property
    def catalogue(self) -> Catalogue:
        return conditions.catalogue(self.community, may=self.may, tiers=self.tiers, custom=self.custom)

    @cached_property
    def segment(self) -> Segment | None:
        wanted = self.given.get("segment", "")
        return next((one for one in self.segments if str(one.pk) == wanted), None)

    @cached_property
    def members(self) -> MembershipQuerySet:
        return directory.fitting(
            community=self.community, rules=self.whole, catalogue=self.catalogue, at=self.at
        )

    @cached_property
    def order(self) -> keyset.Order:
        return directory.order(self.sort, self.custom, community=self.community, may=self.may)

    @property
    def changed(self) -> bool:
        """Whether what is asked is not the segment that is open."""
        return self.segment is not None and self.whole != self.segment.rules

    def query(self, *without: str, **instead: str) -> str:
        """What the address asks, without its empty parts and some others, from the first page on."""
        left_out = {*PAGING, *without, *instead}
        parts = [(name, value) for name, value in self.given.items() if value and name not in left_out]
        return urlencode([*parts, *((name, value) for name, value in instead.items() if value)])

    def pairs(self) -> list[tuple[str, str]]:
        """The same as (name, value), for the hidden fields of a form."""
        return [(name, str(value)) for name, value in self.given.items() if value and name not in PAGING]

    def with_rules(self, rules: Mapping[str, Any]) -> str:
        """The query with other conditions; a segment that is open stays so, and is shown as changed."""
        return self.query(rules=written(rules))

    def joined(self) -> str:
        """The query with the other joint: all of the conditions, or any of them."""
        how = language.joint(self.rules)
        return self.with_rules({ANY if how == ALL else ALL: self.rules[how]})

    def chips(self) -> list[Chip]:
        return [self._chip(part, (n,)) for n, part in enumerate(self.rules[language.joint(self.rules)])]

    def _chip(self, part: dict[str, Any], path: tuple[int, ...]) -> Chip:
        away = self.with_rules(_without(self.rules, path))
        if "field" in part:
            words = conditions.condition_words(part, self.catalogue)
            return Chip(words=words, url=away, more=str(path[0]) if len(path) == 1 else "")
        if len(path) > 1:
            return Chip(words=conditions.told(part, self.catalogue), url=away)
        how = language.joint(part)
        parts = [self._chip(one, (*path, n)) for n, one in enumerate(part[how])]
        return Chip(joint=how, parts=parts, more=str(path[0]))

    def _rules(self) -> dict[str, Any]:
        text = self.given.get("rules", "")
        if not text:
            if self.segment is None:
                return language.NOBODY if self.given.get("segment") else language.EVERYBODY
            found, self.problem = segments.understood(self.segment, self.catalogue)
            return found
        try:
            return language.checked(read(text), self.catalogue)
        except Refused as refusal:
            self.problem = str(refusal)
            return language.EVERYBODY

    def _withhold(self) -> None:
        """Who follows a link that asks about what they may not see is told so, and shown nobody: everybody would be others
        than it says. So it is with a segment that is not there."""
        named = language.named(read(self.given.get("rules", "")))
        asked = [
            column
            for column in columns.withheld(self.may)
            if column.key in named or column in self.form.withheld
        ]
        if asked:
            told = words.listed(column.label for column in asked)
            message = _(
                "This link asks about what your role does not show: %(columns)s. So nobody is listed."
            )
            self.problem = message % {"columns": told}
        elif self.given.get("segment") and not self.given.get("rules") and self.segment is None:
            self.problem = _("This segment is not there any more, or not for your role. So nobody is listed.")
        else:
            return
        self.withheld = True
        self.rules = self.whole = language.NOBODY


def written(rules: Mapping[str, Any]) -> str:
    """Rules as they stand in an address."""
    return json.dumps(rules, ensure_ascii=False, separators=(",", ":"))


def read(text: str) -> Any:
    """What stands in an address, not checked yet; None for what is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _without(group: dict[str, Any], path: tuple[int, ...]) -> dict[str, Any]:
    how = language.joint(group)
    parts = list(group[how])
    first, *rest = path
    if rest:
        inner = _without(parts[first], tuple(rest))
        parts[first : first + 1] = [inner] if inner[language.joint(inner)] else []
    else:
        del parts[first]
    return {how: parts}


def with_condition(rules: dict[str, Any], condition: dict[str, Any], beside: str) -> dict[str, Any]:
    """The rules with one condition more: at the top, or as the other choice beside the part of that place."""
    how = language.joint(rules)
    parts = list(rules[how])
    if not (beside.isdecimal() and int(beside) < len(parts)):
        return {how: [*parts, condition]}
    place = int(beside)
    other = ANY if how == ALL else ALL
    there = parts[place]
    inner = there.get(other, [there])
    parts[place] = {other: [*inner, condition]}
    return {how: parts}
