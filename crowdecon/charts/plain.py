"""Pictures the page draws by itself, with no script: shares, steps, bars, plain facts."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from crowdecon.charts.picture import Bar, Picture
from kernel import words


def shares(data: dict[str, Any]) -> Picture:
    """Contribution: what the top hundredth, the next tenth and everybody else made, as one bar of 100%."""
    parts = [
        (_("Top 1%"), data["top1"], "accent"),
        (_("Next 9%"), data["next9"], "accent-2"),
        (_("The other 90%"), data["rest"], "quiet"),
    ]
    facts = [
        (_("Contributors"), words.number(data["contributors"])),
        (_("Active members"), words.number(data["actives"])),
        (_("Gini"), words.number(data["gini"], 2)),
    ]
    header = [_("Part"), _("Value")]
    rows = [[name, words.percent(share)] for name, share, _role in parts] + [list(fact) for fact in facts]
    if any(share is None for _name, share, _role in parts):
        return Picture(drawing="shares", header=header, rows=rows)
    bars, start = [], 0.0
    for name, share, role in parts:
        bars.append(Bar(name, words.percent(share), share * 100, role=role, start=start))
        start += share * 100
    return Picture(drawing="shares", bars=bars, header=header, rows=rows)


def steps(data: dict[str, Any]) -> Picture:
    """Activation: how many of those who joined acted within a day, a week, a fortnight, and never."""
    joined = data["joined"]
    named = [
        (_("Joined"), joined, "quiet"),
        (_("First act within 24 hours"), data["within_24h"], "accent"),
        (_("Within 7 days"), data["within_7d"], "accent"),
        (_("Within 14 days"), data["within_14d"], "accent"),
        (_("Never"), data["never"], "quiet"),
    ]
    return _of_whole(named, joined, header=[_("Step"), _("Members"), _("Share")])


def answers(data: dict[str, Any]) -> Picture:
    """Response time: how many of the threads were answered, soon and by whom; the median stands in the table."""
    threads = data["threads"]
    named = [
        (_("Threads"), threads, "quiet"),
        (_("Answered within 24 hours"), data["within_24h"], "accent"),
        (_("Answered so far"), data["answered"], "accent"),
        (_("First by members who are no staff"), data["by_members"], "accent-2"),
    ]
    picture = _of_whole(named, threads, header=[_("What"), _("Threads"), _("Share")])
    minutes = words.number(data["median_minutes"])
    picture.rows.append([_("Median of minutes to the first reply"), minutes, ""])
    return picture


def _of_whole(named: Sequence[tuple[str, int, str]], whole: int, *, header: list[str]) -> Picture:
    """A bar each (name, number, role), as long as its share of the whole; none where the whole is 0."""
    rows = [[name, words.number(n), _share(n, whole)] for name, n, _role in named]
    bars = [
        Bar(name, words.number(n), n / whole * 100, _share(n, whole), role)
        for name, n, role in named
        if whole
    ]
    return Picture(drawing="bars", bars=bars, header=header, rows=rows)


def bars(data: dict[str, int | None], *, names: dict[str, str] | None = None) -> Picture:
    """One bar a key, as long as its share of the whole; `names` puts words on the keys and tells their order."""
    known = {key: n for key in names or data if (n := data.get(key)) is not None}
    total = sum(known.values())
    write = {key: str((names or {}).get(key, key)) for key in known}
    rows = [[write[key], words.number(n), _share(n, total)] for key, n in known.items()]
    header = [_("Group"), _("Members"), _("Share")]
    if not total:
        return Picture(drawing="bars", header=header, rows=rows)
    drawn = [Bar(write[key], words.number(n), n / total * 100, _share(n, total)) for key, n in known.items()]
    return Picture(drawing="bars", bars=drawn, header=header, rows=rows)


def by_members(data: dict[str, Any]) -> Picture:
    """Self-organisation: of each kind of happening the share that ordinary members made, and the two parts of the index."""
    names = {
        "threads": _("Threads started"),
        "first_replies": _("First replies"),
        "interactions": _("Interactions between two ordinary members"),
        "events_hosted": _("Gatherings hosted"),
        "welcomes": _("Welcomes of newcomers"),
    }
    rows, bars = [], []
    for key, name in names.items():
        row = data["shares"][key]
        rows.append(
            [name, words.number(row["events"]), words.number(row["by_members"]), words.percent(row["share"])]
        )
        if row["share"] is not None:
            bars.append(
                Bar(name, words.percent(row["share"]), row["share"] * 100, words.number(row["events"]))
            )
    if data["spread"] is not None and bars:
        name = _("Two threads have different initiators")
        bars.append(Bar(name, words.percent(data["spread"]), data["spread"] * 100, "", "accent-2"))
    header = [_("What"), _("All"), _("By ordinary members"), _("Share")]
    left_out = words.listed(names[key] for key in data["left_out"])
    note = _("Left out, because there are fewer than 5: %(names)s.") % {"names": left_out} if left_out else ""
    return Picture(drawing="bars", bars=bars, header=header, rows=rows, note=note)


def reproduction(data: dict[str, Any]) -> Picture:
    """How many of the active, and of the newcomers, contributed; above them what each contribution led to."""
    named = [
        (_("Of active members contributed"), data["contributors"], data["actives"], "accent"),
        (_("Of newcomers, within 28 days"), data["joined_contributed"], data["joined"], "accent-2"),
    ]
    bars = [
        Bar(name, _share(part, whole), part / whole * 100, words.number(whole), role)
        for name, part, whole, role in named
        if whole
    ]
    note = ""
    if data["per_contribution"] is not None:
        note = _("Each contribution led to %(number)s replies, votes or uses within 28 days.") % {
            "number": words.number(data["per_contribution"])
        }
    rows = [
        [name, words.number(whole), words.number(part), _share(part, whole)]
        for name, part, whole, _role in named
    ]
    header = [_("Of these"), _("All"), _("Contributed"), _("Share")]
    return Picture(drawing="bars", bars=bars, header=header, rows=rows, note=note)


def facts(data: dict[str, Any], *, names: dict[str, str] | None = None) -> Picture:
    """Plain named values, for figures that are a handful of numbers."""
    rows = [
        [str((names or {}).get(key, key)), words.number(value)]
        for key, value in data.items()
        if value is None or isinstance(value, int | float)
    ]
    return Picture(drawing="facts", header=[_("Part"), _("Value")], rows=rows)


def _share(part: int, whole: int) -> str:
    return words.percent(part / whole) if whole else words.NOTHING
