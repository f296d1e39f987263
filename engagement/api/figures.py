"""Figures: what there is, and each of them for the parameters asked for."""

from typing import Any

from django.http import Http404
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.selectors.figures import Pending
from engagement.services import figures
from kernel.api.fields import Moment, instant
from kernel.api.operations import operation
from kernel.api.problems import Unprocessable
from kernel.api.queries import Query
from kernel.api.serializers import Shape
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.errors import Refused
from kernel.metrics import Metric, Parameter, metrics
from kernel.permissions import May


class Choice(Shape):
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class Knob(Shape):
    """A parameter of a figure."""

    name = serializers.CharField()
    kind = serializers.CharField(help_text="`day`, `days` (a number of days or `all`), `choice` or `number`.")
    label = serializers.CharField()  # type: ignore[assignment]
    default = serializers.JSONField(help_text="What it is when not given; null: see the figure.")
    choices = Choice(many=True)


class Revised(Shape):
    version = serializers.IntegerField()
    day = serializers.DateField()
    words = serializers.CharField(help_text="What this version changed.")


class FigureKind(Shape):
    """What a figure is."""

    key = serializers.CharField()
    title = serializers.CharField()
    question = serializers.CharField(help_text="The question it answers.")
    unit = serializers.CharField()
    formula = serializers.CharField(
        help_text="The exact definition, in Markdown: formulas stand in backticks."
    )
    reads = serializers.CharField(help_text="What it is computed from.")
    blind_spots = serializers.CharField(help_text="What it cannot see.")
    interval = serializers.CharField(help_text="How its interval is reckoned; empty where it has none.")
    version = serializers.IntegerField()
    revisions = Revised(many=True)
    parameters = Knob(many=True)
    heavy = serializers.BooleanField(help_text="Whether it may answer 202 while it is being computed.")


class FigureKinds(Shape):
    results = FigureKind(many=True)
    next = serializers.CharField(allow_null=True, help_text="Always null: all figures fit on one page.")
    previous = serializers.CharField(allow_null=True, help_text="Always null.")


class FigureShape(Shape):
    """A figure for one community, day and set of parameters."""

    key = serializers.CharField()
    version = serializers.IntegerField(help_text="Of the definition.")
    community = serializers.CharField(help_text="The community's address.")
    timezone = serializers.CharField(help_text="Whose days these are.")
    as_of = serializers.DateField(help_text="The last day that was read.")
    computed_at = Moment()
    parameters = serializers.DictField(child=serializers.JSONField(), help_text="As they were understood.")
    data = serializers.JSONField(  # type: ignore[assignment]
        help_text="Null stands for what cannot be known yet, never for 0."
    )


class PendingShape(Shape):
    """A figure that is being computed."""

    state = serializers.ChoiceField(choices=["waiting", "running", "failed"])
    progress = serializers.FloatField(min_value=0, max_value=1)
    retry_after = serializers.IntegerField(help_text="Seconds after which to ask the same address again.")


class Figures(ApiView):
    tag = "metrics"

    @operation("list_metrics", "List figures", answers={200: FigureKinds}, needs="figures.view")
    def get(self, request: Request) -> Response:
        """Every figure there is: what it answers, its exact definition, its parameters."""
        return Response({"results": [_kind(metric) for metric in metrics], "next": None, "previous": None})


def _kind(metric: Metric) -> Any:
    words = (
        "key",
        "title",
        "question",
        "unit",
        "formula",
        "reads",
        "blind_spots",
        "interval",
        "version",
        "heavy",
    )
    found: dict[str, Any] = {name: getattr(metric, name) for name in words}
    found["revisions"] = [vars(revision) for revision in metric.revisions]
    found["parameters"] = [
        {
            "name": knob.name,
            "kind": knob.kind,
            "label": knob.label,
            "default": knob.default,
            "choices": [{"value": value, "label": label} for value, label in knob.choices],
        }
        for knob in metric.parameters
    ]
    return FigureKind(found).data


class Turned(serializers.Field):
    """A parameter of a figure as it stands in an address: checked here, handed on as text."""

    def __init__(self, parameter: Parameter, **options: Any) -> None:
        super().__init__(required=False, help_text=f"{parameter.label}.", **options)
        self.parameter = parameter

    def __deepcopy__(self, memo: dict[int, Any]) -> "Turned":
        return Turned(self.parameter)

    def to_internal_value(self, data: str) -> str:
        try:
            self.parameter.parse(data)
        except Refused as refusal:
            raise serializers.ValidationError(str(refusal), code=refusal.code) from None
        return data


class TurnedSchema(OpenApiSerializerFieldExtension):
    target_class = Turned

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        parameter: Parameter = self.target.parameter
        number = {"type": "integer", "minimum": parameter.minimum, "maximum": parameter.maximum}
        kinds: dict[str, dict[str, Any]] = {
            "day": {"type": "string", "format": "date"},
            "days": {"anyOf": [number, {"type": "string", "enum": ["all"]}]},
            "choice": {"type": "string", "enum": [value for value, _label in parameter.choices]},
            "number": number,
        }
        found = kinds[parameter.kind]
        return found if parameter.default is None else found | {"default": parameter.default}


def query_of(metric: Metric) -> type[Query]:
    """The parameters of the figure, as an operation's query."""
    fields = {parameter.name: Turned(parameter) for parameter in metric.parameters}
    return type("FigureQuery", (Query,), fields)


class AnyFigure(ApiView):
    """A figure by its key."""

    tag = "metrics"

    def answer(self, request: Request, key: str, given: dict[str, str]) -> Response:
        community = request.community  # type: ignore[attr-defined]
        try:
            found = figures.get(community=community, key=key, given=given, at=now())
        except Refused as refusal:
            raise Unprocessable(
                refusal, code=refusal.code, location="parameter", name=refusal.field
            ) from refusal
        if isinstance(found, Pending):
            waiting = {"state": found.state, "progress": found.progress, "retry_after": found.retry_after}
            return Response(waiting, status=202, headers={"Retry-After": str(found.retry_after)})
        return Response(
            {
                "key": found.key,
                "version": found.version,
                "community": community.slug,
                "timezone": community.timezone,
                "as_of": found.as_of,
                "computed_at": instant(found.computed_at),
                "parameters": found.parameters,
                "data": _told(found.data, key, community, self.may),
            }
        )


def _told(data: Any, key: str, community: Any, may: May) -> Any:
    """As much of the stored data as their reader may see, as things stand now."""
    metric = metrics.get(key)
    return metric.readable(metric.of_now(data, community=community, at=now()), may)


def view_of(metric: Metric) -> type[AnyFigure]:
    """The view of one figure: each stands in the description with its own parameters and words."""
    answers = {200: FigureShape} | ({202: PendingShape} if metric.heavy else {})

    def get(self: AnyFigure, request: Request) -> Response:
        return self.answer(request, metric.key, self.query)

    get.__doc__ = f"{metric.question}\n\n{metric.formula}"
    declared = operation(
        f"read_{metric.key}",
        f"Read {metric.key}",
        title=metric.title,
        answers=answers,
        needs=metric.permission,
        query=query_of(metric),
        refuses=(422,),
    )(get)
    return type("OneFigure", (AnyFigure,), {"get": declared})


class UnknownFigure(ApiView):
    """Any other key: it does not exist, once it is known who asks."""

    tag = "metrics"
    schema = None  # type: ignore[assignment]

    @operation("read_unknown", "Read a figure that is not there", answers={}, needs="figures.view")
    def get(self, request: Request, key: str) -> Response:
        raise Http404
