from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from engagement.metrics import _periods, _words
from engagement.selectors.history import History
from kernel.metrics import NO_DATA, Chapter, Data, Headline, Metric, Revision, Table


class Generations(Metric):
    key = "generations"
    title = _("Generations")
    question = _("How far has the community passed itself on, from member to member?")
    unit = _("of members were brought by members")
    formula = _(
        "The referral forest has an edge from each inviter to each invitee. Generation = distance from the root "
        "of one's tree; roots, whom nobody brought, are generation 0.\n\n"
        "`members(g) = |{m : generation(m) = g}|`\n\n"
        "Where inviters go round in a circle, the edge of the earliest joiner (ties: smallest own id) is refused;"
        " whoever was brought by somebody who does not exist yet on that day, is a root."
    )
    reads = _("Joinings, and who brought whom as it was known on that day.")
    blind_spots = _(
        "Ratios of neighbours are not K: the last generations are unfinished, since their members have not had the time to "
        "bring anybody. Look at K instead. Who came by word of mouth and named nobody is a root."
    )
    chapter = Chapter.GROWS
    chart = "generations"
    revisions = (Revision(1, date(2026, 11, 23), _("First definition.")),)
    parameters = (_periods.AS_OF,)

    def compute(self, history: History, **parameters: Any) -> Data:
        members = np.bincount(history.forest.generation)
        return [{"generation": g, "members": int(n)} for g, n in enumerate(members)]

    def table(self, data: Any) -> Table:
        return Table([_("Generation"), _("Members")], [[row["generation"], row["members"]] for row in data])

    def finding(self, data: Any) -> str:
        if not data:
            return str(NO_DATA)
        total, roots = sum(row["members"] for row in data), data[0]["members"]
        if total == roots:
            return translate("Nobody was brought by a member so far, as far as it is known.")
        said = ngettext("%(brought)s of %(total)s members were brought by members, over %(n)s generation.",
                        "%(brought)s of %(total)s members were brought by members, over %(n)s generations.",
                        len(data) - 1)  # fmt: skip
        said %= {
            "brought": _words.count(total - roots),
            "total": _words.count(total),
            "n": _words.count(len(data) - 1),
        }
        return (
            said
            + " "
            + translate(
                "The last generations are unfinished: how many stand in one and in the next does not tell how fast it grows."
            )
        )

    def headline(self, data: Any) -> Headline:
        if not data:
            return Headline(None, self.unit, "share", reason=NO_DATA)
        total = sum(row["members"] for row in data)
        return Headline((total - data[0]["members"]) / total, self.unit, "share")
