"""All figures at a glance, and each one's own page: picture, rows, definition."""

from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from engagement.forms import ParametersForm
from engagement.selectors import board, steps
from engagement.selectors.figures import FigureResult, Pending, Question
from engagement.services import figures
from engagement.views import checks, pictures
from kernel import sheets, words
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.metrics import Chapter, Metric, Parameter, metrics
from kernel.tenancy import TenantRequest
from members.models import Membership


class Overview(Desk, View):
    """Tiles by the question they answer, from stored rows alone."""

    permission = "figures.view"

    def get(self, request: TenantRequest) -> HttpResponse:
        fresh = board.freshness(request.community, at=now())
        tiles = board.tiles(request.community, keys=metrics.keys(), may=request.membership.may)
        chapters = [
            (chapter.label, [tile for tile in tiles if tile.metric.chapter == chapter]) for chapter in Chapter
        ]
        context = {"fresh": fresh, "chapters": [chapter for chapter in chapters if chapter[1]]}
        return render(request, "engagement/figures.html", context)


class Asked:
    """What one request asks of a figure, and the result, the wait or the refusal it leads to."""

    def __init__(self, request: TenantRequest, key: str) -> None:
        if key not in metrics:
            raise Http404
        self.metric: Metric = metrics.get(key)
        if not request.membership.may(self.metric.permission):
            raise PermissionDenied
        self.result: FigureResult | None = None
        self.asked = ""
        self.waiting: Pending | None = None
        self.refused = ""
        given = {name: str(value) for name, value in request.GET.items() if value}
        try:
            self.asked = Question.of(self.metric, given).asked
            found = figures.get(community=request.community, key=key, given=given, at=now())
        except Refused as refusal:
            self.refused = str(refusal)
            return
        if isinstance(found, Pending):
            self.waiting = found
        else:
            self.result = replace(found, data=self.metric.readable(found.data, request.membership.may))


def told(parameter: Parameter, value: Any) -> str:
    """The value in force in words; a dash where none is set."""
    if value is None:
        return words.NOTHING
    if parameter.kind == "day":
        return words.day(value)
    if parameter.kind == "choice":
        return str(dict(parameter.choices)[value])
    if value == "all":
        return _("All of it")
    if parameter.kind == "days":
        return ngettext("%(n)d day", "%(n)d days", value) % {"n": value}
    return words.number(value)


def seed_of(data: Any) -> int | None:
    """What the figure's chance began with, where there is some in it."""
    return data.get("seed") if isinstance(data, dict) else None


class Figure(Desk, View):
    """One figure: its picture with the finding, and what it means. A heavy one is waited for by htmx."""

    permission = "figures.view"

    def get(self, request: TenantRequest, key: str) -> HttpResponse:
        asked = Asked(request, key)
        context = {
            "metric": asked.metric,
            "refused": asked.refused,
            "waiting": asked.waiting,
            "result": asked.result,
            "here": request.get_full_path(),
            "may_weigh": request.membership.may("settings.change"),
            "csv": checks.address(request, "engagement:figure_csv", key),
        }
        if asked.result is not None:
            context |= self._picture(asked.metric, asked.result.data)
            context["step"] = steps.of(
                key, community=request.community, data=asked.result.data, may=request.membership.may
            )
            context["knobs"] = [
                (parameter, told(parameter, asked.result.parameters.get(parameter.name)))
                for parameter in asked.metric.parameters
            ]
            context["seed"] = seed_of(asked.result.data)
        if request.htmx:
            return render(request, "engagement/_figure.html", context)
        if not asked.refused:
            context |= checks.context_of(request, key, asked.asked)
        context["form"] = ParametersForm(asked.metric, request.GET)
        return render(request, "engagement/figure.html", context)

    def _picture(self, metric: Metric, data: Any) -> dict[str, Any]:
        """The finding, the rows behind it, and, for a picture that names people, what it shows of them."""
        given = {"finding": metric.finding(data), "data": data, "table": metric.table(data)}
        if metric.chart not in pictures.KINDS:
            return given
        members = Membership.objects.of(self.request.community.id).filter(number__in=metric.people(data))
        drawn = pictures.KINDS[metric.chart](data, {member.number: member for member in members})
        return given | drawn | {"own": f"engagement/charts/{metric.chart}.html"}


class Csv(Desk, View):
    """The rows behind a figure, with the parameters of its page."""

    permission = "figures.view"
    http_method_names = ["get"]

    def get(self, request: TenantRequest, key: str) -> HttpResponseBase:
        asked = Asked(request, key)
        if asked.result is None:
            page = reverse("engagement:figure", args=[request.community.slug, key])
            return redirect(f"{page}?{request.GET.urlencode()}")
        table = asked.metric.table(asked.result.data)
        name = f"{request.community.slug}-{key}-{asked.result.as_of}.csv"
        return sheets.answer(table.header, table.rows, name=name)


class Freshness(Desk, View):
    """How current the figures are, for pages that look again while facts wait."""

    permission = "desk.enter"

    def get(self, request: TenantRequest) -> HttpResponse:
        fresh = board.freshness(request.community, at=now())
        response = render(request, "engagement/_freshness.html", {"fresh": fresh})
        if request.htmx and not fresh.behind:
            # What was waited for is there: the page around this line shows other figures now.
            response["HX-Refresh"] = "true"
        return response
