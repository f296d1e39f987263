"""Pictures that the charts of every app cannot draw: those that name people (scores, the network's parts), and several in one
(what if)."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from communities.blueprints.wellbeing import COMPONENTS, MEASURES
from engagement import verbs
from engagement.metrics.health import REASONS
from engagement.metrics.network import CENTRAL
from engagement.metrics.what_if import named
from engagement.selectors import introductions as seen
from engagement.selectors import tried
from kernel import words
from kernel.clock import day_start, now
from kernel.metrics import Table, metrics
from members.models import Membership

People = Mapping[int, Membership]

#: Parts of a score that are told in the list; the member's own page tells all.
PARTS_TOLD = 4
PARTS_SHOWN = 12
#: Members, bridges and pairs that the page shows; the rows behind it hold all that were asked for.
ROWS_SHOWN = 25

NETWORK_NAMES = {
    "nodes": _("Members in touch"),
    "edges": _("Ordered pairs in touch"),
    "density": _("Density"),
    "reciprocity": _("Reciprocity"),
    "transitivity": _("Transitivity"),
    "largest_weak": _("Hang together, in either direction"),
    "largest_strong": _("Reach each other both ways"),
    "modularity": _("Modularity"),
    "gini": _("Gini of interactions"),
}
#: Where a bar's target stands, of 100.
TARGET_AT = 75
SHARES = frozenset({"density", "reciprocity", "transitivity"})


def scores(data: Any, people: People) -> dict[str, Any]:
    """Members by score with a bar each, their largest parts in words, and the weights in force."""
    leading = [row for row in data["members"] if row["score"] > 0]
    top = leading[0]["score"] if leading else 1
    rows = []
    for rank, row in enumerate(leading[:ROWS_SHOWN], start=1):
        parts = sorted(row["parts"].items(), key=lambda part: -part[1])
        rows.append(
            {
                "rank": rank,
                "number": row["number"],
                "name": str(people.get(row["number"], f"#{row['number']}")),
                "score": row["score"],
                "share": round(row["score"] / top * 100, 1),
                "parts": [(verbs.noun(verb), points) for verb, points in parts[:PARTS_TOLD]],
            }
        )
    weights = [(verbs.noun(verb), weight) for verb, weight in data["weights"].items()]
    said = {"name": rows[0]["name"], "points": words.number(top)} if rows else {}
    return {
        # The figure knows numbers; the page may say names.
        **({"finding": _("%(name)s has the highest score: %(points)s.") % said} if rows else {}),
        "rows": rows,
        "more": len(leading) - len(rows),
        "weights": sorted(weights, key=lambda weight: -weight[1]),
        "half_life": data["half_life"],
    }


def network(data: Any, people: People) -> dict[str, Any]:
    """The network's numbers, and its largest parts with the members at their centre."""
    parts = [
        {
            "size": part["size"],
            "name": part["name"],
            "share": round(part["size"] / data["nodes"] * 100, 1),
            "members": [people[number] for number in part["members"][:CENTRAL] if number in people],
        }
        for part in data["communities"][:PARTS_SHOWN]
    ]
    numbers = [(name, data[key], "percent" if key in SHARES else "") for key, name in NETWORK_NAMES.items()]
    return {
        "numbers": numbers if data["nodes"] else [],
        "parts": parts,
        "more": max(0, len(data["communities"]) - PARTS_SHOWN),
    }


CASCADE_NAMES = {
    "trees": _("Trees of two or more"),
    "attached": _("Members in trees"),
    "share": _("Share of members in trees"),
    "roots": _("Roots, single members too"),
}
TREES_SHOWN = 20


def cascades(data: Any, people: People) -> dict[str, Any]:
    """The forest's numbers, and its largest trees by who is at their root."""
    listed = data["largest"][:TREES_SHOWN]
    top = listed[0]["size"] if listed else 1
    trees = [
        tree
        | {
            "name": str(people.get(tree["root"], f"#{tree['root']}")),
            "share": round(tree["size"] / top * 100, 1),
        }
        for tree in listed
    ]
    numbers = [(name, data[key], "percent" if key == "share" else "") for key, name in CASCADE_NAMES.items()]
    return {"numbers": numbers, "trees": trees}


def what_if(data: Any, _people: People) -> dict[str, Any]:
    """What is projected, measure by measure, and how the same did half a year ago."""
    measures = []
    for place, (name, measure) in enumerate(named(data)):
        back = measure["back"]
        told = (
            {"of": words.number(len(back["weeks"])), "within": words.number(back["within"])} if back else {}
        )
        measures.append(
            {
                "id": f"forecast-{place}",
                "tried": f"tried-{place}",
                "name": name,
                "data": measure,
                "options": {"currency": measure.get("currency", "")},
                "tested": _("In %(within)s of %(of)s weeks it was within the band.") % told if back else "",
            }
        )
    return {"measures": measures, "tested": [one for one in measures if one["tested"]]}


def health(data: Any, people: People) -> dict[str, Any]:
    """A bar for each component against its target, which stands at the same place in all of them; and the weeks before."""
    bars = []
    for one in data["components"]:
        known = one["value"] is not None
        bars.append(
            {
                "name": COMPONENTS[one["key"]].name if one["key"] in COMPONENTS else one["key"],
                "figure": one["figure"] if one["figure"] in metrics else "",
                "value": MEASURES[one["kind"]].write(one["value"]),
                "target": MEASURES[one["kind"]].write(one["target"]),
                "weight": one["weight"],
                "part": one["part"],
                "lower": one["lower_is_better"],
                "length": round(min(100, one["value"] / one["target"] * TARGET_AT), 1) if known else 0,
                "reached": known and one["reached"] >= 1,
                "why": REASONS.get(one["reason"], ""),
            }
        )
    weeks = [{"period": week["week"], "value": week["value"]} for week in data["weeks"]]
    header = [_("Week of"), _("Well-being"), _("Version of the targets"), _("Counted on")]
    rows = [
        [words.day(week["week"]), words.number(week["value"]), week["standard"], words.day(week["counted"])]
        for week in reversed(data["weeks"])
    ]
    known_weeks = [week["value"] for week in weeks if week["value"] is not None]
    return {
        "value": data["value"],
        "bars": bars,
        "target_at": TARGET_AT,
        "has_lower": any(bar["lower"] and not bar["why"] for bar in bars),
        "version": data["standard"],
        "since": data["since"],
        "weeks": weeks if known_weeks else [],
        "weeks_table": Table(header, rows),
        "weeks_say": _weeks_say(known_weeks),
    }


def _weeks_say(values: list[float]) -> str:
    if not values:
        return ""
    said = {"low": words.number(round(min(values))), "high": words.number(round(max(values)))}
    if said["low"] == said["high"]:
        return gettext("In the weeks before it was %(low)s.") % said
    return gettext("In the weeks before it lay between %(low)s and %(high)s.") % said


def at_risk(data: Any, people: People) -> dict[str, Any]:
    """Who is fading with what was tried since they began to, and what followed."""
    shown = data["members"][:ROWS_SHOWN]
    listed = [(row, people[row["number"]]) for row in shown if row["number"] in people]
    tries: dict[int, list[tried.Try]] = {}
    if listed:
        community = listed[0][1].community
        since = day_start(date.fromisoformat(data["since"]), community.zone)
        tries = tried.of(community, [member for _row, member in listed], since=since)
    return {
        "faded": [
            {
                **row,
                "name": str(member),
                "reached": member.user_id is not None,
                "tries": tries.get(member.number, []),
            }
            for row, member in listed
        ],
        "more": (data["total"] or 0) - len(shown),
    }


def bridges(data: Any, people: People) -> dict[str, Any]:
    """Who alone connects others, with how many would be cut off, and through whom most ways lead."""

    def told(row: Any, top: float, value: str) -> dict[str, Any]:
        name = str(people.get(row["number"], f"#{row['number']}"))
        return {**row, "name": name, "length": round(row[value] / top * 100, 1)}

    rows = data["members"][:ROWS_SHOWN]
    between = data["between"][:ROWS_SHOWN]
    said = {}
    if rows:
        # The figure knows numbers; the page may say names.
        lost = ngettext(
            "Without %(name)s, %(many)s other would be cut off.",
            "Without %(name)s, %(many)s others would be cut off.",
            rows[0]["cut_off"],
        )
        first = str(people.get(rows[0]["number"], f"#{rows[0]['number']}"))
        said["finding"] = lost % {"name": first, "many": words.number(rows[0]["cut_off"])}
    return {
        **said,
        "bridges": [told(row, rows[0]["cut_off"], "cut_off") for row in rows],
        "between": [told(row, between[0]["betweenness"], "betweenness") for row in between],
        "more": data["bridges"] - len(rows),
        "sample": data["sample"],
    }


def introductions(data: Any, people: People) -> dict[str, Any]:
    """Pairs with why. Who may not be introduced any more is left out, whatever was so when the figure was computed, and what
    two share is told in the words that both show now."""
    first = next(iter(people.values()), None)
    told = {**data, "pairs": data["pairs"][:ROWS_SHOWN]}
    rows = seen.pairs(first.community, told, at=now()) if first is not None else []
    said = {}
    if rows:
        said["finding"] = _("%(one)s and %(other)s should meet first.") % {
            "one": rows[0].one,
            "other": rows[0].other,
        }
    return {**said, "rows": rows, "more": max(0, data["found"] - len(told["pairs"]))}


#: Kinds of pictures that are drawn by a template of this app.
KINDS: dict[str, Callable[[Any, People], dict[str, Any]]] = {
    "scores": scores,
    "network": network,
    "cascades": cascades,
    "what_if": what_if,
    "health": health,
    "at_risk": at_risk,
    "bridges": bridges,
    "introductions": introductions,
}
