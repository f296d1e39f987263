"""What the page Ties shows, from stored rows: the one thing to act on, sub-communities, bridges at risk, pairs to introduce."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from communities.models import Community
from engagement.models import MemberStanding, NetworkDrawing
from engagement.models.standing import GONE_QUIET, Risk
from engagement.selectors import figures, introductions
from engagement.selectors.figures import Question
from engagement.selectors.introductions import Pair
from kernel import words
from kernel.metrics import Table, metrics
from members.models import Membership
from members.selectors import merged

#: Parts with a colour of their own in the picture; parts, bridges and pairs that the page lists.
COLOURED, PARTS, BRIDGES, PAIRS = 8, 12, 6, 6
CENTRAL = 3
#: Who cuts off nobody holds others together where so large a part of the ways leads through them as this of the most.
NOTABLE = 3


@dataclass(frozen=True)
class Part:
    """A sub-community: its place in the figure, what it may be called, how many it has, and its most central members."""

    place: int
    name: str
    size: int
    central: Sequence[Membership]

    @property
    def colour(self) -> int:
        """Which of the colours of the picture is its own; 0 for the one that the small ones share."""
        return self.place + 1 if self.place < COLOURED else 0

    @property
    def called(self) -> str:
        """Its suggested name, or whose circle it is."""
        if self.name:
            return self.name
        if self.central:
            return _("Around %(name)s") % {"name": self.central[0]}
        return _("Sub-community %(n)s") % {"n": words.number(self.place + 1)}


@dataclass(frozen=True)
class Bridge:
    """A member who holds others together: how many would be cut off without them, what share of the ways leads through them,
    and whom to introduce so that it does not hang by them alone."""

    member: Membership
    cut_off: int
    betweenness: float
    standing: MemberStanding | None
    around: Pair | None

    @property
    def at_risk(self) -> bool:
        return self.standing is not None and self.standing.at_risk == Risk.FADING

    @property
    def is_going(self) -> bool:
        """Whether they were more to others than they are now."""
        return self.at_risk or (self.standing is not None and self.standing.stage in GONE_QUIET)

    @property
    def stands(self) -> str:
        """What is told of whoever is going, by the one name that it has everywhere; "" of the others."""
        if self.standing is None or not self.is_going:
            return ""
        return self.standing.get_at_risk_display() if self.at_risk else self.standing.get_stage_display()

    @property
    def call(self) -> str:
        """What is to be done about who is going, in a sentence."""
        said = {"name": self.member, "many": words.number(self.cut_off)}
        if self.at_risk:
            return (
                ngettext(
                    "%(name)s holds %(many)s other to the rest, and is fading. Write to them.",
                    "%(name)s holds %(many)s others to the rest, and is fading. Write to them.",
                    self.cut_off,
                )
                % said
            )
        if self.standing is None or self.standing.last_active_day is None:
            return (
                ngettext(
                    "%(name)s holds %(many)s other to the rest, and was never active. Write to them.",
                    "%(name)s holds %(many)s others to the rest, and was never active. Write to them.",
                    self.cut_off,
                )
                % said
            )
        return ngettext(
            "%(name)s holds %(many)s other to the rest, and was last active on %(day)s. Write to them.",
            "%(name)s holds %(many)s others to the rest, and was last active on %(day)s. Write to them.",
            self.cut_off,
        ) % {**said, "day": words.day(self.standing.last_active_day)}

    @property
    def reached(self) -> bool:
        """Whether somebody reads what is written to them."""
        return self.member.user_id is not None


@dataclass(frozen=True)
class Say:
    """The one thing to act on, in a sentence: somebody to write to or two to introduce, or neither where there is nothing to
    do."""

    words: str
    bridge: Bridge | None = None
    pair: Pair | None = None

    @property
    def calls(self) -> bool:
        """Whether there is anything to do."""
        return self.bridge is not None or self.pair is not None


@dataclass(frozen=True)
class Woven:
    """All of it. `network` is the figure's data as they were stored, None while there are none; `picture` what was drawn of
    it."""

    network: Any = None
    picture: NetworkDrawing | None = None
    parts: list[Part] = field(default_factory=list)
    bridges: list[Bridge] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    more_pairs: int = 0

    @property
    def say(self) -> Say:
        worst = next((one for one in self.bridges if one.is_going and one.cut_off), None)
        if worst is not None:
            return Say(worst.call, bridge=worst)
        if self.pairs:
            first = self.pairs[0]
            said = _("%(one)s and %(other)s should meet. Introduce them.")
            return Say(said % {"one": first.one, "other": first.other}, pair=first)
        if self.network and self.network["nodes"]:
            return Say(metrics.get("network").finding(self.network))
        return Say("")

    @property
    def finding(self) -> str:
        return metrics.get("network").finding(self.network)

    @property
    def table(self) -> Table:
        return metrics.get("network").table(self.network)

    @property
    def has_small(self) -> bool:
        """Whether there are parts without a colour of their own."""
        return len(self.network["communities"]) > COLOURED

    @property
    def sampled(self) -> int:
        """How many members are drawn, where that is not all; else 0."""
        data = self.picture.data if self.picture else None
        return len(data["number"]) if data and len(data["number"]) < data["members"] else 0

    @property
    def fewer_ties(self) -> int:
        """How many ties are drawn, where all members are and not all of their ties; else 0."""
        data = self.picture.data if self.picture else None
        return len(data["one"]) if data and not self.sampled and len(data["one"]) < data["ties"] else 0

    @property
    def more_parts(self) -> int:
        return len(self.network["communities"]) - len(self.parts) if self.network else 0


def woven(community: Community, *, at: datetime) -> Woven:
    data = newest(community, "network", "bridges", "introductions")
    if data["network"] is None:
        return Woven()
    stands_for = merged.numbers(community.pk)
    told = data["network"]["communities"][:PARTS]
    rows = _bridges(data["bridges"])
    picture = drawn(community)
    around = picture.data["around"] if picture is not None else {}
    numbers = {number for part in told for number in part["members"][:CENTRAL]}
    numbers |= {row["number"] for row in rows}
    kept = {number: stands_for.get(number, number) for number in numbers}
    people = {
        one.number: one
        for one in Membership.objects.of(community.pk)
        .filter(number__in=set(kept.values()))
        .select_related("user")
    }
    parts = [
        Part(
            place,
            part["name"] or "",
            part["size"],
            [people[kept[number]] for number in part["members"][:CENTRAL] if kept[number] in people],
        )
        for place, part in enumerate(told)
    ]
    pairs = introductions.pairs(community, data["introductions"], at=at)
    bridges = _ranked(rows, kept, people, _around(community, around, at=at))
    return Woven(
        data["network"], picture, parts, bridges, pairs[:PAIRS], more_pairs=max(0, len(pairs) - PAIRS)
    )


def newest(community: Community, *keys: str) -> dict[str, Any]:
    """The data of these figures with their usual parameters as they were computed last, in one query: of the day before,
    while workers are about those of the last one. None for what was never computed."""
    asked = {key: Question.of(metrics.get(key), {}) for key in keys}
    stored = figures.latest(community=community, questions=asked.values(), whole=True)
    found = {key: stored.get((key, question.asked)) for key, question in asked.items()}
    return {key: None if result is None else result.data for key, result in found.items()}


def drawn(community: Community) -> NetworkDrawing | None:
    """The picture that was drawn last."""
    return NetworkDrawing.objects.filter(pk=community.pk).first()


def part(community: Community, place: int) -> tuple[Part, list[int]] | None:
    """A sub-community of the last refresh with the numbers of all its members, the most central first."""
    found = newest(community, "network")["network"]
    parts = found["communities"] if found else []
    if place >= len(parts):
        return None
    told, stands_for = parts[place], merged.numbers(community.pk)
    numbers = list(dict.fromkeys(stands_for.get(number, number) for number in told["members"]))
    first = Membership.objects.of(community.pk).filter(number__in=numbers[:CENTRAL])
    people = {one.number: one for one in first}
    central = [people[number] for number in numbers[:CENTRAL] if number in people]
    return Part(place, told["name"] or "", told["size"], central), numbers


def _bridges(data: Any) -> list[dict[str, Any]]:
    """Whoever holds others together, once each."""
    if data is None:
        return []
    return list({row["number"]: row for row in [*data["members"], *data["between"]]}.values())


def _around(community: Community, found: dict[str, list[int]], *, at: datetime) -> dict[int, Pair]:
    """The two to introduce around each bridge, as long as they may be."""
    rows = [
        {"members": two, "neighbours": [], "score": 0, "shared_neighbours": 1, "same_city": False}
        for two in found.values()
    ]
    ready = {pair.key: pair for pair in introductions.pairs(community, {"pairs": rows}, at=at)}
    stands_for = merged.numbers(community.pk) if found else {}
    keys = {
        int(number): "-".join(str(one) for one in sorted(stands_for.get(each, each) for each in two))
        for number, two in found.items()
    }
    return {number: ready[key] for number, key in keys.items() if key in ready}


def _ranked(
    rows: Sequence[dict[str, Any]],
    kept: dict[int, int],
    people: dict[int, Membership],
    around: dict[int, Pair],
) -> list[Bridge]:
    """Who is going first, then those without whom most would be cut off. Who is gone is no bridge any more, and who is here
    and holds a single other is none that anybody has to look after."""
    standings = {
        one.membership_id: one
        for one in MemberStanding.objects.filter(membership__in=[one.pk for one in people.values()])
    }
    notable = max((row["betweenness"] for row in rows), default=0) / NOTABLE
    found = []
    for row in rows:
        member = people.get(kept[row["number"]])
        if member is None or not member.is_counted:
            continue
        standing, near = standings.get(member.pk), around.get(row["number"])
        one = Bridge(member, row["cut_off"], row["betweenness"], standing, near)
        if one.cut_off > 1 or (one.is_going and one.cut_off) or one.betweenness >= notable:
            found.append(one)
    found.sort(
        key=lambda one: (
            not (one.is_going and one.cut_off),
            not one.is_going,
            -one.cut_off,
            -one.betweenness,
        )
    )
    return found[:BRIDGES]
