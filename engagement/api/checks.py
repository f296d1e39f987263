"""Having a figure counted again from the facts, and hearing whether it is equal."""

from typing import Any

from django.http import Http404
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.models import FigureCheck
from engagement.selectors import checks as made
from engagement.selectors.checks import Told
from engagement.services import checks
from kernel.api.fields import Moment
from kernel.api.operations import operation
from kernel.api.queries import Query
from kernel.api.serializers import Body, Shape
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.metrics import Metric, metrics
from members.actors import Actor


class DifferingValueShape(Shape):
    """One value that is not what the facts come to."""

    at = serializers.CharField(help_text="Where, in the words of the figure’s `data`.")
    stored = serializers.JSONField()
    counted = serializers.JSONField(help_text="As it comes out of the facts.")
    by = serializers.FloatField(
        allow_null=True, help_text="Counted less stored; null where they are no numbers."
    )


class CheckShape(Shape):
    """A figure that is counted again from the facts, beside what is stored."""

    id = serializers.IntegerField(
        allow_null=True, help_text="Null where nobody has asked yet, as all else then."
    )
    state = serializers.ChoiceField(choices=FigureCheck.State.values, allow_null=True)
    progress = serializers.FloatField(min_value=0, max_value=1, allow_null=True)
    as_of = serializers.DateField(allow_null=True)
    asked = serializers.CharField(
        allow_null=True, help_text="The figure’s parameters, as they were understood."
    )
    asked_by = serializers.IntegerField(allow_null=True, help_text="The member’s number; null for a program.")
    requested_at = Moment(allow_null=True)
    took_ms = serializers.IntegerField(allow_null=True)
    differing = serializers.IntegerField(allow_null=True, help_text="How many values differ.")
    differences = DifferingValueShape(
        many=True,
        help_text="The first 50 of them; none for whoever may not see all of the figure’s data.",
    )
    cause = serializers.CharField(
        allow_null=True,
        help_text="`rollups`: the stored days are wrong; `since`: what it reads beside facts has changed since; `busy`: it "
        "could not be told, as facts went on arriving; else empty.",
    )
    mended = serializers.BooleanField(
        allow_null=True, help_text="Whether what differed has been counted anew since."
    )


class NewCheck(Body):
    parameters = serializers.DictField(
        child=serializers.CharField(max_length=60),
        required=False,
        help_text="The figure’s parameters, as in its address.",
    )


class CheckQuery(Query):
    id = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        help_text="The check of this number, not the last one.",
    )


class FigureChecks(ApiView):
    tag = "metrics"
    places = {"key": "The figure’s key."}

    @operation(
        "read_metric_check",
        "Read whether a figure is equal to its facts",
        answers={200: CheckShape},
        needs="figures.view",
        query=CheckQuery,
    )
    def get(self, request: Request, key: str) -> Response:
        """How far the last check of the figure is and what it found, or that of `id`."""
        community = request.community  # type: ignore[attr-defined]
        metric = self._metric(key)
        wanted = self.query.get("id")
        found = made.one(community_id=community.pk, key=metric.key, check_id=wanted)
        if found is None and wanted is not None:
            raise Http404
        return Response(_shape(found, bare=metric.is_bare(self.may)))

    @operation(
        "check_metric",
        "Count a figure again from its facts",
        answers={202: CheckShape},
        needs="figures.view",
        body=NewCheck,
        example={"parameters": {"window": "28"}},
    )
    def post(self, request: Request, key: str) -> Response:
        """A worker rolls all facts up anew, computes the figure and compares it with what is stored: counts exactly, all
        else to 12 significant digits. Read it until its state is `equal`, `different` or `failed`. Whoever asks again
        meanwhile is answered with the one under way."""
        metric = self._metric(key)
        given = self.read_body().get("parameters", {})
        check = checks.ask(
            community=request.community,  # type: ignore[attr-defined]
            key=metric.key,
            given=given,
            by=Actor.of_request(request),
            at=now(),
        )
        return Response(_shape(Told(check, None, False), bare=metric.is_bare(self.may)), status=202)

    def _metric(self, key: str) -> Metric:
        if key not in metrics:
            raise Http404
        metric = metrics.get(key)
        if not self.may(metric.permission):
            raise exceptions.PermissionDenied
        return metric


def _shape(told: Told | None, *, bare: bool) -> Any:
    if told is None:
        nothing: dict[str, Any] = dict.fromkeys(CheckShape().fields)
        return CheckShape(nothing | {"differences": []}).data
    fields = (
        "id", "state", "progress", "as_of", "asked", "asked_by", "requested_at", "took_ms", "differing",
        "differences", "cause",
    )  # fmt: skip
    found = {name: getattr(told.check, name) for name in fields}
    if not bare:
        found["differences"] = []
    return CheckShape(found | {"mended": told.mended}).data
