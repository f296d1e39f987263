"""Pictures of how a community grows by itself: what each brings, how soon, through how many, by which way."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from crowdecon.charts.picture import Bar, Picture, Series, Whisker
from engagement.metrics.channels import called
from engagement.ways import BY_NOBODY
from kernel import words

#: A picture of more bars than this is a list.
LONGEST = 15
#: Cohorts shown one below the other.
COHORTS = 12


def coefficients(data: list[dict[str, Any]], *, last: int = 26) -> Picture:
    """K by cohort with its interval and i beside it; of all together as bars."""
    rows = data[-last:]
    header = [_("Cohort"), _("Eligible members"), "i", "K", *_limits()]
    told = [
        [_cohort(row["cohort"]), words.number(row["eligible"])]
        + [_small(row[key]) for key in ("i", "k", "low", "high")]
        for row in reversed(rows)
    ]
    if [row["cohort"] for row in rows] == ["all"]:
        return Picture(drawing="bars", bars=_all_together(rows[0]), header=header, rows=told)
    names = [row["cohort"] for row in rows]
    grain = words.grain_of(names)
    lines = [
        Series(_("K: brought by each"), [row["k"] for row in rows], "accent"),
        Series(_("Interval from"), [row["low"] for row in rows], "quiet"),
        Series(_("Interval to"), [row["high"] for row in rows], "quiet"),
        Series(_("i: invitations a member"), [row["i"] for row in rows], "accent-2"),
    ]
    return Picture(
        drawing="canvas",
        labels=[words.period(name, "short") for name in names],
        names=[words.within(name, grain) for name in names],
        series=lines,
        header=header,
        rows=told,
    )


def intervals(
    data: list[dict[str, Any]], *, horizon: int = 30, together: dict[str, Any] | None = None
) -> Picture:
    """K of the last cohorts in which anybody joined, one below the other, each with its interval, against a K of 1; and who
    is too young to be counted yet, with the day by which that is over. Above them all of them `together`."""
    rows = [row for row in data if row["eligible"] or row["young"]][-COHORTS:]
    if together and together["k"] is not None:
        rows.append(together | {"young": 0})
    grain = words.grain_of([row["cohort"] for row in data])
    ends = [row["high"] for row in rows if row["high"] is not None]
    # A wide interval of a few members would press all the others together: it runs out of the picture.
    most = max([1.2, *(row["k"] * 1.2 for row in rows if row["k"] is not None)])
    most = max(most, min(max(ends, default=0), 2 * most))
    return Picture(
        drawing="intervals",
        whiskers=[_whisker(row, grain, most, horizon) for row in reversed(rows)],
        mark=100 / most,
        note=_(
            "The line is how many others each brought (K), the bar what chance leaves open (95% interval). At the mark each "
            "brings one other."
        ),
        header=[_("Cohort"), _("Eligible members"), _("Too young"), "i", "c", "K", *_limits()],
        rows=[
            [
                words.period(row["cohort"]),
                *(words.number(row[key]) for key in ("eligible", "young")),
                _small(row["i"]),
                words.percent(row["c"]),
                *(_small(row[key]) for key in ("k", "low", "high")),
            ]
            for row in reversed(data)
        ],
    )


def _whisker(row: dict[str, Any], grain: str, most: float, horizon: int) -> Whisker:
    name = _("All together") if row["cohort"] == "all" else words.within(row["cohort"], grain)
    young = _young(row, grain, horizon)
    if row["k"] is None:
        return Whisker(name, words.NOTHING, young=young)
    note = ""
    if row["invitations"]:
        note = _("each sent %(i)s invitations, %(c)s taken up")
        note %= {"i": _small(row["i"]), "c": words.percent(row["c"])}
    of = ngettext("%(n)s member", "%(n)s members", row["eligible"]) % {"n": words.number(row["eligible"])}
    known = row["low"] is not None
    low, high = (min(row[key] / most * 100, 100) if known else 0.0 for key in ("low", "high"))
    text = f"{_small(row['k'])} ({_between(row['low'], row['high'])})" if known else _small(row["k"])
    few = "" if known else _("too few for an interval")
    return Whisker(
        name,
        text,
        " · ".join(part for part in (of, note, few) if part),
        min(row["k"] / most * 100, 100),
        low,
        high - low,
        young,
    )


def _young(row: dict[str, Any], grain: str, horizon: int) -> str:
    """Why not all of the cohort are counted, and the day by which they are; nothing where they are."""
    if not row["young"]:
        return ""
    first = date.fromisoformat(row["cohort"] if grain != "month" else f"{row['cohort']}-01")
    last = first + timedelta(days=monthrange(first.year, first.month)[1] - 1 if grain == "month" else 6)
    told = {
        "n": words.number(row["young"]),
        "days": words.number(horizon),
        "day": words.day(last + timedelta(days=horizon)),
    }
    said = ngettext(
        "Young: %(n)s who joined has not had %(days)s days yet. Complete by %(day)s.",
        "Young: %(n)s who joined have not had %(days)s days yet. Complete by %(day)s.",
        row["young"],
    )
    return said % told


def _all_together(row: dict[str, Any]) -> list[Bar]:
    if row["k"] is None:
        return []
    most = max(row["k"], row["i"], 1)
    note = "" if row["low"] is None else _between(row["low"], row["high"])
    return [
        Bar(_("K: brought by each"), _small(row["k"]), row["k"] / most * 100, note),
        Bar(_("i: invitations a member"), _small(row["i"]), row["i"] / most * 100, role="accent-2"),
    ]


def cycle(data: dict[str, Any]) -> Picture:
    """How many days it took a quarter, half and three quarters of those who were brought."""
    named = [
        (_("A quarter had joined by day"), data["p25"], "quiet"),
        (_("Half had joined by day"), data["median_days"], "accent"),
        (_("Three quarters had joined by day"), data["p75"], "quiet"),
    ]
    header = [_("What"), _("Days")]
    rows = [[name, words.number(days)] for name, days, _role in named]
    bars = [
        Bar(name, words.number(days), days / 60 * 100, role=role)
        for name, days, role in named
        if days is not None
    ]
    return Picture(drawing="bars", bars=bars, header=header, rows=rows)


def generations(data: list[dict[str, Any]]) -> Picture:
    """One bar a generation; those far down together."""
    header = [_("Generation"), _("Members")]
    rows = [[str(row["generation"]), words.number(row["members"])] for row in data]
    most = max((row["members"] for row in data), default=0)
    bars = [
        Bar(_generation(row["generation"]), words.number(row["members"]), row["members"] / most * 100)
        for row in data[:LONGEST]
    ]
    later = sum(row["members"] for row in data[LONGEST:])
    if later:
        bars.append(Bar(_("Later ones"), words.number(later), later / max(most, later) * 100, role="quiet"))
    return Picture(drawing="bars", bars=bars, header=header, rows=rows)


def _generation(n: int) -> str:
    return _("Roots, brought by nobody") if n == 0 else _("Generation %(n)s") % {"n": n}


def channels(data: list[dict[str, Any]]) -> Picture:
    """One bar a way, as long as many joined by it; what became of them beside it."""
    header = [
        _("Channel"),
        _("Joined"),
        _("Active within 7 days"),
        _("Active in week 4"),
        _("Paid within 30 days"),
    ]
    told = [(called(row), row) for row in data]
    rows = [
        [name, words.number(row["joined"]), *(_share(row, key) for key in ("activated", "retained", "paid"))]
        for name, row in told
    ]
    most = max((row["joined"] for row in data), default=0)
    bars = [
        Bar(
            name,
            words.number(row["joined"]),
            row["joined"] / most * 100,
            _became(row),
            "quiet" if row["by"] == BY_NOBODY else "accent",
        )
        for name, row in told[:LONGEST]
        if most
    ]
    return Picture(drawing="bars", bars=bars, header=header, rows=rows)


def _became(row: dict[str, Any]) -> str:
    """Who does not see the money is told of who stayed alone."""
    said = {"stayed": _share(row, "retained"), "paid": _share(row, "paid")}
    return (_("%(stayed)s stayed, %(paid)s paid") if "paid" in row else _("%(stayed)s stayed")) % said


def growth_rate(data: dict[str, Any]) -> Picture:
    """What each brings against the one that would keep it going, and how many of those who joined were brought."""
    header = [_("What"), _("Value")]
    rows = [
        [_("K: brought by each over 90 days"), _small(data["k"])],
        [_("Joins in the end per outside join"), _small(data["multiplier"])],
        [_("Share of joins that were referred"), words.percent(data["share"])],
    ]
    bars = []
    if data["k"] is not None:
        note = (
            "" if data["k_low"] is None or data["k_high"] is None else _between(data["k_low"], data["k_high"])
        )
        bars.append(Bar(rows[0][0], rows[0][1], min(data["k"], 1) * 100, note))
    if data["share"] is not None:
        name = ngettext("Referred, of %(n)s join", "Referred, of %(n)s joins", data["joined"])
        shown = name % {"n": words.number(data["joined"])}
        bars.append(Bar(shown, rows[2][1], data["share"] * 100, role="accent-2"))
    note = (
        _("A K of 1 fills the bar: from there on referral alone keeps it growing.")
        if data["k"] is not None
        else ""
    )
    return Picture(drawing="bars", bars=bars, header=header, rows=rows, note=note)


def _limits() -> list[str]:
    return [pgettext("interval", "From"), pgettext("interval", "To")]


def _cohort(name: str) -> str:
    return _("All together") if name == "all" else words.period(name)


def _share(row: dict[str, Any], key: str) -> str:
    whole = row.get(f"{key}_of")
    return words.percent(row[key] / whole) if whole else words.NOTHING


def _between(low: float, high: float) -> str:
    return _("%(low)s to %(high)s") % {"low": _small(low), "high": _small(high)}


def _small(value: float | None) -> str:
    return words.number(value, 2)
