from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from engagement.metrics import _periods, _words
from engagement.metrics.events import Known
from engagement.selectors.history import History
from engagement.selectors.meetings import NOWHERE, Homes
from gatherings.selectors import whereabouts as nearby
from kernel.metrics import NO_DATA, Chapter, Data, Headline, Metric, Revision, Table

#: A gathering was lately that began within so many days.
LATELY = 90


class Local(Metric):
    key = "local"
    title = _("Near home")
    question = _("Where do members live, and do they have a gathering near them?")
    unit = _("of members had a gathering within 30 km in 90 days")
    formula = _(
        "By city, for members at the end of the day chosen who said where they live: members, actives among them "
        "in the window, gatherings held there that began in the window. A city with fewer than 5 members joins "
        "“elsewhere”; if that has fewer than 5, the next smallest joins it too.\n\n"
        "Near: of members whose place is known (their own, else the middle of their city), the share with a "
        "gathering held at a place within 30 km (great circle, R = 6371.0088 km) that began in the last 90 days.\n\n"
        "Suggested chapters: of the cities without a chapter within 30 km, again and again the one with the most "
        "members within 30 km who are not counted yet and live near no chapter, while there are 5 or more."
    )
    reads = _(
        "City and place of members and gatherings, chapters, acts by member and local day, and statuses."
    )
    blind_spots = _(
        "Where somebody lives is what they said last: a figure of an earlier day has their place of today, and of who was "
        "erased none. Cities are found by name in a list of places of 15,000 people or more; of a smaller one only a place in "
        "degrees tells where it is."
    )
    chapter = Chapter.MEETS
    chart = "cities"
    revisions = (Revision(1, date(2026, 11, 23), _("First definition.")),)
    parameters = (_periods.window(LATELY), _periods.AS_OF)

    def compute(self, history: History, *, window: int | str = LATELY, **parameters: Any) -> Data:
        meetings = history.records.meetings
        start = history.window(window)
        known, homes = Known(history), _current(history)
        held = known.held & (known.day >= (start or 0))
        lately = known.held & (known.day > history.today - LATELY) & (known.events.in_person == 1)
        placed = ~np.isnan(homes.latitude) & ~np.isnan(homes.longitude)
        near = nearby.any_near(
            homes.latitude, homes.longitude, known.events.latitude[lately], known.events.longitude[lately]
        )
        many, with_one = int(placed.sum()), int((near & placed).sum())
        chapters = meetings.chapters.only(meetings.chapters.founded < history.end)
        return {
            "cities": self._cities(history, homes, known.events.town[held], start),
            "unplaced": len(history.current) - len(homes.member),
            "near": {"members": many, "with_gathering": with_one, "share": with_one / many if many else None},
            "suggested": [
                {
                    "city": one.town.name,
                    "latitude": one.town.latitude,
                    "longitude": one.town.longitude,
                    "members": len(one.homes),
                }
                for one in nearby.clusters(homes, meetings.towns, chapters)
            ],
        }

    def _cities(self, history: History, homes: Homes, held: Any, start: int | None) -> list[dict[str, Any]]:
        towns = history.records.meetings.towns
        active = np.isin(homes.member, np.array(history.active(start, history.today).to_array(), np.int64))
        members = np.bincount(homes.town[homes.town >= 0], minlength=len(towns)).tolist()
        actives = np.bincount(homes.town[(homes.town >= 0) & active], minlength=len(towns)).tolist()
        gatherings = np.bincount(held[held >= 0], minlength=len(towns)).tolist()
        shown, apart = nearby.together(
            {town: members[town] for town in range(len(towns)) if members[town] or gatherings[town]}
        )
        rows = [
            {
                "city": towns[town].name,
                "latitude": None if np.isnan(towns[town].latitude) else towns[town].latitude,
                "longitude": None if np.isnan(towns[town].longitude) else towns[town].longitude,
                "members": members[town],
                "actives": actives[town],
                "gatherings": gatherings[town],
            }
            for town in shown
        ]
        if apart:
            rows.append(
                {
                    "city": None,
                    "latitude": None,
                    "longitude": None,
                    "members": sum(members[town] for town in apart),
                    "actives": sum(actives[town] for town in apart),
                    "gatherings": sum(gatherings[town] for town in apart),
                }
            )
        return rows

    def table(self, data: Any) -> Table:
        rows: list[list[Any]] = [
            [row["city"] or _("Elsewhere"), row["members"], row["actives"], row["gatherings"]]
            for row in data["cities"]
        ]
        rows.append([_("Place not known"), data["unplaced"], None, None])
        rows += [
            [_("Suggested chapter: %s") % row["city"], row["members"], None, None]
            for row in data["suggested"]
        ]
        return Table([_("City"), _("Members"), _("Active members"), _("Gatherings held")], rows)

    def finding(self, data: Any) -> str:
        near = data["near"]
        if near["share"] is None:
            return str(NO_DATA)
        said = translate(
            "%(share)s of the %(members)s members whose place is known had a gathering near them in 90 days."
        ) % {
            "share": _words.percent(near["share"]),
            "members": _words.count(near["members"]),
        }
        if not data["suggested"]:
            return said
        first = data["suggested"][0]
        return (
            said
            + " "
            + translate("In and around %(city)s live %(members)s without a chapter.")
            % {
                "city": first["city"],
                "members": _words.count(first["members"]),
            }
        )

    def headline(self, data: Any) -> Headline:
        share = data["near"]["share"]
        return Headline(share, self.unit, "share", reason=NO_DATA if share is None else "")


def _current(history: History) -> Homes:
    """The homes of those who are members at the end of the day, in the order of their numbers."""
    homes = history.records.meetings.homes
    here = np.isin(homes.member, np.array(history.current.to_array(), np.int64))
    known = here & ((homes.town != NOWHERE) | ~np.isnan(homes.latitude))
    order = np.flatnonzero(known)
    order = order[np.argsort(homes.member[order], kind="stable")]
    return homes.only(order)
