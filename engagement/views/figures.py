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
from engagement.views import checks, naming, pictures
from kernel import sheets, words
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.metrics import Chapter, Metric, Parameter, metrics
from kernel.tenancy import TenantRequest

#: Kinds of parameters whose value says by itself what it is of.
SAY_THEMSELVES = ("choice", "days")


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
        self.question: Question | None = None
        self.result: FigureResult | None = None
        self.waiting: Pending | None = None
        self.refused = ""
        given = {name: str(value) for name, value in request.GET.items() if value}
        try:
            question = Question.of(self.metric, given)
            found = figures.get(community=request.community, key=key, given=given, at=now())
        except Refused as refusal:
            self.refused = str(refusal)
            return
        self.question = question
        if isinstance(found, Pending):
            self.waiting = found
        else:
            data = self.metric.of_now(found.data, community=request.community, at=now())
            self.result = replace(found, data=self.metric.readable(data, request.membership.may))

    @property
    def in_force(self) -> list[str]:
        """What was asked, in a word or two each; ends with the day that was counted up to."""
        found = self.result or self.waiting
        if self.question is None or found is None:
            return []
        said = [
            brief(parameter, self.question.arguments[parameter.name])
            for parameter in self.metric.parameters
            if parameter.name != "as_of" and self._is_told(parameter)
        ]
        return [*said, _("up to %(day)s") % {"day": words.day(found.as_of)}]

    def _is_told(self, parameter: Parameter) -> bool:
        """A window and a grain always are; of others what differs from the usual."""
        value = self.question.arguments[parameter.name] if self.question else None
        return value is not None and (parameter.kind in SAY_THEMSELVES or value != parameter.default)


def told(parameter: Parameter, value: Any) -> str:
    """The value in force in words; a dash where none is set."""
    if value is None:
        return words.NOTHING
    if parameter.kind == "day":
        return words.day(value)
    if parameter.kind == "choice":
        return str(dict(parameter.choices)[value])
    if value == "all":
        return _("All time")
    if parameter.kind == "days":
        return ngettext("%(n)d day", "%(n)d days", value) % {"n": value}
    return words.number(value)


def brief(parameter: Parameter, value: Any) -> str:
    """The same with its name where the value alone would not say what it is of."""
    return (
        told(parameter, value)
        if parameter.kind in SAY_THEMSELVES
        else words.named(parameter.label, told(parameter, value))
    )


def seed_of(data: Any) -> int | None:
    """What the figure's chance began with, where there is some in it."""
    return data.get("seed") if isinstance(data, dict) else None


def again(request: TenantRequest, asked: Asked) -> HttpResponse:
    """What a page that waits for the figure is told: how far it is, and to be read anew once there is more to see."""
    if asked.waiting is not None:
        context = {"waiting": asked.waiting, "here": request.get_full_path()}
        return render(request, "engagement/_waiting.html", context)
    return HttpResponse(headers={"HX-Refresh": "true"})


class Figure(Desk, View):
    """One figure: what it says, its picture, and what it means. A heavy one is waited for by htmx."""

    permission = "figures.view"

    def get(self, request: TenantRequest, key: str) -> HttpResponse:
        asked = Asked(request, key)
        if request.htmx:
            return again(request, asked)
        context = {
            "metric": asked.metric,
            "refused": asked.refused,
            "waiting": asked.waiting,
            "result": asked.result,
            "in_force": asked.in_force,
            "here": request.get_full_path(),
            "may_weigh": request.membership.may("settings.change"),
            "csv": checks.address(request, "engagement:figure_csv", key),
            "form": ParametersForm(asked.metric, request.GET),
        }
        if asked.question is not None:
            context |= checks.context_of(request, key, asked.question.asked)
        if asked.result is not None:
            context |= self._told(asked.metric, asked.result)
        return render(request, "engagement/figure.html", context)

    def _told(self, metric: Metric, result: FigureResult) -> dict[str, Any]:
        """What it says and how it came about, and the act it leads to."""
        request, data = self.request, result.data
        step = steps.of(metric.key, community=request.community, data=data, may=request.membership.may)
        return self._picture(metric, data) | {
            "tile": board.shown(metric, data, parameters=result.parameters),
            "step": step,
            "knobs": [
                (parameter, told(parameter, result.parameters.get(parameter.name)))
                for parameter in metric.parameters
            ],
            "seed": seed_of(data),
        }

    def _picture(self, metric: Metric, data: Any) -> dict[str, Any]:
        """The finding, the rows behind it, and, for a picture that names people, what it shows of them."""
        rows = naming.table(metric, data)
        known = naming.people(self.request, {*metric.people(data), *naming.numbers(rows)})
        rows = naming.named(self.request, rows, known)
        given = {"finding": metric.finding(data), "data": data, "table": rows}
        if metric.chart not in pictures.KINDS:
            return given
        drawn = pictures.KINDS[metric.chart](data, known)
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
        rows = naming.table(asked.metric, asked.result.data)
        rows = naming.named(request, rows, naming.people(request, naming.numbers(rows)))
        name = f"{request.community.slug}-{key}-{asked.result.as_of}.csv"
        return sheets.answer(rows.header, rows.rows, name=name)


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
