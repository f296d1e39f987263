"""The one thing the page Growth says: does it grow by itself, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engagement.metrics.referral_k import ENOUGH, NOBODY_JOINED
from kernel import words

HORIZON, AGES = 30, 90
#: Of so many members it is said how many others they bring: of the fewest that tell the estimate from its limits.
BASES = (10, 100, 1000)
#: From so many invitations on, the share of them that are taken up means something; below it they go wrong.
SENT, TAKEN_UP = 20, 0.2


@dataclass(frozen=True)
class Act:
    """What to do next. `door` names an address of the community that `permission` opens, `query` what is asked of it."""

    words: str
    label: str
    door: str
    permission: str
    query: str = ""


@dataclass(frozen=True)
class Verdict:
    """What was found, and `why`: what it rests on, in one more sentence, "" where there is nothing to add."""

    words: str
    why: str = ""

    def act(self, together: Any, stages: Mapping[str, int]) -> Act:
        """The one thing to do about it: who has nobody to ask makes a link; who has asks those who are nearest; where
        invitations are sent and not taken up, their words are what to change."""
        row: Mapping[str, Any] = together[0] if together else {}
        if row.get("invitations", 0) >= SENT and (row["c"] or 0) < TAKEN_UP:
            said = _(
                "Of 10 invitations %(n)s are taken up. Say in the link's own words what awaits who comes."
            )
            return Act(
                said % {"n": words.number(round(10 * (row["c"] or 0)))},
                _("Look at the links"),
                "members:links",
                "invitations.manage",
            )
        for stage in ("core", "active"):
            if stages.get(stage):
                return _ask(stage, stages[stage])
        said = _("Make a link and send it to the first ten you would miss here.")
        return Act(said, _("Make a link"), "members:links", "invitations.manage")


@dataclass(frozen=True)
class Grows(Verdict):
    """It grows by itself, beyond what chance can do: what counts now is that those stay who came."""

    def act(self, together: Any, stages: Mapping[str, int]) -> Act:
        said = _("Welcome those who came: who is greeted stays, and brings the next.")
        return Act(said, _("See who joined last"), "members:desk", "members.view", "sort=-joined")


def verdict(together: Any, rate: Any, first_day: date | None) -> Verdict:
    """From K of all members (`referral_k` of grain all) and of the last 90 days (`growth_rate`), either of them None where
    it has not been computed. `first_day` is that on which the first member joined, if anybody did."""
    if together is None:
        return Verdict(_("Whether it grows by itself is being counted."))
    row: Mapping[str, Any] = together[0] if together else {"k": None, "reason": NOBODY_JOINED}
    if row["k"] is None:
        return _not_yet(row, first_day)
    if rate and rate["k"] is not None and rate["k_low"] is not None and rate["k_high"] is not None:
        return _of(rate["k"], rate["k_low"], rate["k_high"], AGES)
    if row["low"] is None:
        said = _("From %(enough)s members on, chance can be told apart: then an interval is shown here.")
        return Verdict(_few(row), said % {"enough": ENOUGH})
    if not row["invitees"]:
        said = _(
            "None of %(n)s members brought anybody in their first %(days)s days: it grows only from outside."
        )
        return Verdict(said % {"n": words.number(row["eligible"]), "days": HORIZON})
    return _of(row["k"], row["low"], row["high"], HORIZON)


def _not_yet(row: Mapping[str, Any], first_day: date | None) -> Verdict:
    if row["reason"] == NOBODY_JOINED or first_day is None:
        return Verdict(_("Whether it grows by itself shows once members bring members."))
    said = _(
        "Too early to say whether it grows by itself: on %(day)s the first member has been here for %(days)s days."
    )
    return Verdict(said % {"day": words.day(first_day + timedelta(days=HORIZON)), "days": HORIZON})


def _few(row: Mapping[str, Any]) -> str:
    said = ngettext(
        "%(n)s member has been here long enough and brought %(brought)s more: too few to say whether it grows by itself.",
        "%(n)s members have been here long enough and brought %(brought)s more: too few to say whether it grows by itself.",
        row["eligible"],
    )
    return said % {"n": words.number(row["eligible"]), "brought": words.number(row["invitees"])}


def _of(k: float, low: float, high: float, days: int) -> Verdict:
    """The interval decides: what reaches over 1 can be either."""
    base = next((one for one in BASES if round(low * one) < round(k * one) < round(high * one)), BASES[-1])
    told = {
        name: words.number(round(value * base)) for name, value in (("k", k), ("low", low), ("high", high))
    }
    told |= {"base": words.number(base), "days": words.number(days)}
    found: type[Verdict]
    if low > 1:
        found, said = Grows, _(
            "Every %(base)s members bring %(k)s more in their first %(days)s days, between %(low)s and %(high)s: it grows by "
            "itself."
        )  # fmt: skip
    elif high < 1:
        found, said = Verdict, _(
            "Every %(base)s members bring %(k)s more in their first %(days)s days, between %(low)s and %(high)s: it grows with "
            "help from outside."
        )  # fmt: skip
    else:
        found, said = Verdict, _(
            "Every %(base)s members bring %(k)s more in their first %(days)s days, between %(low)s and %(high)s: it may grow by "
            "itself, or just not."
        )  # fmt: skip
    limits = _(
        "The limits hold 95 times of 100. At one member brought by each, a community keeps itself going."
    )
    return found(said % told, limits)


def _ask(stage: str, many: int) -> Act:
    said = {
        "core": ngettext(
            "Ask the %(n)s member at your core to invite one person they would miss here.",
            "Ask the %(n)s members at your core to invite one person each whom they would miss here.",
            many,
        ),
        "active": ngettext(
            "Ask the %(n)s member who was active lately to invite one person they would miss here.",
            "Ask the %(n)s members who were active lately to invite one person each whom they would miss here.",
            many,
        ),
    }
    return Act(
        said[stage] % {"n": words.number(many)},
        _("See whom to ask"),
        "members:desk",
        "members.view",
        f"stage={stage}",
    )
