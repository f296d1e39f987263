from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from engagement.metrics import _cuts, _periods, _words
from engagement.metrics.network import graph_of, undirected
from engagement.selectors.history import History
from kernel.metrics import NO_DATA, Chapter, Data, Headline, Metric, Parameter, Revision, Table, Who

#: Two shares closer than this are one: the last digits are rounding.
DIGITS = 12


class Bridges(Metric):
    key = "bridges"
    title = _("Bridges")
    question = _("Who holds others together, and whom would the community lose with them?")
    unit = _("members who alone connect others")
    formula = _(
        "On the network of the window, without directions. Bridges are the members whose leaving would disconnect"
        " others (articulation points); cut off = the members of the same component who would no longer reach the"
        " largest part of what is left of it.\n\n"
        "Betweenness of a member: the share of all pairs of the other n − 1 members between whom the shortest "
        "ways lead through the member, a part of it where there are several:\n\n"
        "`b = Σ (shortest ways through the member / shortest ways) / ((n − 1)(n − 2) / 2)`\n\n"
        "Of more than 5,000 members it is an estimate from the ways out of 256 of them, drawn by the seed shown."
    )
    reads = _("Interactions by ordered pair and local day: acts whose target is another member.")
    blind_spots = _(
        "Who was only ever in touch with one other hangs by that one: many bridges hold a single person. Members who left "
        "stay in the network of the time when they were here. Ties outside the community are not seen."
    )
    chapter = Chapter.HOLDS
    chart = "bridges"
    revisions = (Revision(1, date(2026, 11, 23), _("First definition.")),)
    parameters = (
        _periods.window(90),
        Parameter("limit", "number", _("Members listed"), default=200, maximum=100_000),
        _periods.AS_OF,
    )
    heavy = True

    def compute(
        self, history: History, *, window: int | str = 90, limit: int = 50, **parameters: Any
    ) -> Data:
        graph = graph_of(history, window)
        simple = undirected(graph)
        cut = _cuts.cut_off(simple)
        share, sample = _cuts.between(simple)
        n = len(graph.number)
        # Equal ranks go by the standing order, which the nodes are in.
        by_cut = np.lexsort((np.arange(n), -np.round(share, DIGITS), -cut))
        by_share = np.lexsort((np.arange(n), -cut, -np.round(share, DIGITS)))
        numbers = graph.number.tolist()

        def row(node: int) -> dict[str, Any]:
            return {"number": numbers[node], "cut_off": int(cut[node]), "betweenness": float(share[node])}

        return {
            "nodes": n,
            "bridges": int(np.count_nonzero(cut)),
            "members": [row(node) for node in by_cut[:limit].tolist() if cut[node]],
            "between": [row(node) for node in by_share[:limit].tolist() if share[node] > 0],
            "sample": sample,
            "seed": _cuts.SEED,
        }

    def table(self, data: Any) -> Table:
        rows = {row["number"]: row for row in [*data["members"], *data["between"]]}
        told = [[Who.of(one["number"]), one["cut_off"], one["betweenness"]] for one in rows.values()]
        return Table([_("Member"), _("Would be cut off"), _("Betweenness")], told)

    def brief(self, data: Any) -> Data:
        return {**data, "members": data["members"][:1], "between": []}

    def finding(self, data: Any) -> str:
        if not data["nodes"]:
            return str(NO_DATA)
        if not data["members"]:
            return translate("Nobody alone connects others: whoever leaves, the rest stay in touch.")
        first = data["members"][0]
        said = translate(
            "Of the %(nodes)s members in touch, %(bridges)s are all that connects some others to the rest."
        ) % {
            "bridges": _words.count(data["bridges"]),
            "nodes": _words.count(data["nodes"]),
        }
        lost = ngettext(
            "Without member %(number)s, %(many)s other would be cut off.",
            "Without member %(number)s, %(many)s others would be cut off.",
            first["cut_off"],
        ) % {"number": first["number"], "many": _words.count(first["cut_off"])}
        return f"{said} {lost}"

    def headline(self, data: Any) -> Headline:
        if not data["nodes"]:
            return Headline(None, self.unit, "count", reason=NO_DATA)
        return Headline(data["bridges"], self.unit, "count")

    def people(self, data: Any) -> list[int]:
        return [row["number"] for row in [*data["members"], *data["between"]]]
