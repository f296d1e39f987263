"""Pictures of gatherings: what became of them, how many came, and where members live."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crowdecon.charts.picture import Bar, Picture
from kernel import words


def gatherings(data: dict[str, Any]) -> Picture:
    """What became of gatherings as bars; those who came, and what they did afterwards, in the table."""
    named = [
        (_("Held"), data["held"], "accent"),
        (_("Upcoming"), data["upcoming"], "accent-2"),
        (_("Called off"), data["cancelled"], "quiet"),
    ]
    most = max(n for _name, n, _role in named)
    rows = [[name, words.number(n)] for name, n, _role in named]
    rows += [
        [_("Over, not said to have been held"), words.number(data["unconfirmed"])],
        [_("Yeses to those held"), words.number(data["rsvps"])],
        [_("Yeses, mean"), words.number(data["mean_rsvps"], 1)],
        [_("Yeses, median"), words.number(data["median_rsvps"], 1)],
        [_("Comings"), words.number(data["attended"])],
        [_("Came of those who said yes"), words.percent(data["show_rate"])],
    ]
    after = data["afterwards"]
    if after is not None:
        like = after["matched"]
        rows += [
            [_("Active in the 28 days after: who came"), words.percent(after["came"]["share"])],
            [_("Active in the 28 days after: others like them"), words.percent(like["share_others"])],
            [
                _("Active in the 28 days after: said yes, did not come"),
                words.percent(after["absent"]["share"]),
            ],
        ]
    header = [_("Gatherings"), _("Value")]
    if not most:
        return Picture(drawing="bars", header=header, rows=rows)
    bars = [Bar(name, words.number(n), n / most * 100, role=role) for name, n, role in named]
    note = _("Association: keener people come.") if after is not None else ""
    return Picture(drawing="bars", bars=bars, header=header, rows=rows, note=note)


def cities(data: dict[str, Any]) -> Picture:
    """A bar a city, as long as its members are many beside the largest."""
    told = [(row["city"] or _("Elsewhere"), row) for row in data["cities"]]
    header = [_("City"), _("Members"), _("Active members"), _("Gatherings held")]
    rows = [
        [name, *(words.number(row[key]) for key in ("members", "actives", "gatherings"))]
        for name, row in told
    ]
    rows.append([_("Place not known"), words.number(data["unplaced"]), words.NOTHING, words.NOTHING])
    most = max((row["members"] for _name, row in told), default=0)
    if not most:
        return Picture(drawing="bars", header=header, rows=rows)
    bars = [
        Bar(
            name,
            words.number(row["members"]),
            row["members"] / most * 100,
            ngettext("%(n)s gathering", "%(n)s gatherings", row["gatherings"])
            % {"n": words.number(row["gatherings"])},
            "accent" if row["city"] else "quiet",
        )
        for name, row in told[:LONGEST]
    ]
    return Picture(drawing="bars", bars=bars, header=header, rows=rows)


#: A picture of more bars than this is a list.
LONGEST = 25
