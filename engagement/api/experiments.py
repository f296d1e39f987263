"""Experiments with words, over the API: planned, started, stopped and, once they have ended, read and taken."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.models import Experiment
from engagement.selectors import experiment_rows
from engagement.selectors import experiments as seen
from engagement.selectors.trials import trials
from engagement.services import experiments
from kernel.api import pages
from kernel.api.fields import Choice, Flag, Moment, Number, Text
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.serializers import Body, Shape, page_of
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.keyset import Order
from kernel.trials import Piece
from members.actors import Actor

BY_PLACE = Order("place", tie="place")
LATEST = Order("planned_at", tie="id", descending=True)
READ = "figures.view"


class PieceShape(Shape):
    """One text of what is tried."""

    key = serializers.CharField(help_text="`en.subject`, `zh-hans.body`, `question.12`.")
    text = serializers.CharField()
    asked = serializers.BooleanField(allow_null=True, help_text="Of a question; null for a letter.")
    required = serializers.BooleanField(  # type: ignore[assignment]  # a field's own `required` is a bool
        allow_null=True, help_text="Of a question; null for a letter."
    )


class ArmShape(Shape):
    """What an arm brought: people, not letters."""

    units = serializers.IntegerField(help_text="People who are judged.")
    good = serializers.IntegerField(help_text="Of them, with the outcome.")
    share = serializers.FloatField()


class ResultShape(Shape):
    """What it says, once it has ended."""

    a = ArmShape(source="first")
    b = ArmShape(source="second")
    difference = serializers.FloatField(help_text="B's share less A's.")
    low = serializers.FloatField(help_text="Lower end of the 95% interval (Newcombe 1998, method 10).")
    high = serializers.FloatField()
    merged = serializers.IntegerField(help_text="Left out, as records of a person who counts already.")
    sentence = serializers.CharField()


class ExperimentShape(Shape):
    """Two wordings of one thing, tried on people by turns."""

    id = serializers.UUIDField(source="experiment.key")
    trial = serializers.CharField(
        source="trial.key", help_text="`invitation`, `join-questions` or `welcome`."
    )
    title = serializers.CharField(source="experiment.title")
    state = serializers.ChoiceField(source="experiment.state", choices=Experiment.State.values)
    base = serializers.FloatField(source="experiment.base", help_text="The share it was planned from.")
    least = serializers.FloatField(
        source="experiment.least", help_text="The smallest difference worth noticing."
    )
    size = serializers.IntegerField(source="experiment.size", help_text="People in each arm.")
    assigned = serializers.IntegerField(source="experiment.assigned", help_text="In both arms, so far.")
    days = serializers.IntegerField(
        allow_null=True, help_text="How many days it still takes; null where nobody can say."
    )
    planned_at = Moment(source="experiment.planned_at")
    started_at = Moment(source="experiment.started_at", allow_null=True)
    over_at = Moment(source="experiment.over_at", allow_null=True)
    taken = serializers.CharField(source="experiment.taken", help_text="`A`, `B`, or empty.")
    a = PieceShape(source="experiment.a", many=True)
    b = PieceShape(source="experiment.b", many=True)
    result = ResultShape(
        allow_null=True, help_text="Null until it has ended, and for good where it was stopped."
    )


ExperimentPage = page_of(ExperimentShape, "ExperimentPage")


class ExperimentRow(Shape):
    """One who was assigned."""

    number = serializers.IntegerField(
        allow_null=True, help_text="The member's; null of who opened the form and never joined."
    )
    arm = serializers.ChoiceField(choices=["A", "B"])
    block = serializers.IntegerField(help_text="From 1; four of each, two A and two B.")
    assigned_on = serializers.DateField(source="day", help_text="In the community's time zone.")
    n = serializers.IntegerField(
        allow_null=True,
        help_text="How much there is of what it is judged by: people who joined by their letters, memberships, acts.",
    )
    outcome = serializers.BooleanField(
        allow_null=True,
        help_text="Whether there is any: what it is judged by. Null, as `n`, of a record whose person counts by another.",
    )


ExperimentRowPage = page_of(ExperimentRow, "ExperimentRowPage")


class PieceBody(Body):
    key = Text(max_length=40)
    text = Text(max_length=20_000, allow_blank=True, trim_whitespace=False)
    asked = Flag(required=False, help_text="Whether B asks this question.")
    required = Flag(required=False)  # type: ignore[assignment]  # a field's own `required` is a bool


class NewExperiment(Body):
    """What B says otherwise; texts that are left out stand as they do today."""

    trial = Choice(choices=trials.keys())
    title = Text(max_length=120)
    base = Number(min_value=0, max_value=1, help_text="The share of today, 0 to 1.")
    least = Number(min_value=0, max_value=1, help_text="The smallest difference worth noticing.")
    b = PieceBody(many=True)


class ArmTaken(Body):
    arm = Choice(choices=["A", "B"])


class Experiments(ApiView):
    tag = "metrics"

    @operation(
        "list_experiments", "List experiments", answers={200: ExperimentPage}, needs=READ, query=PageQuery
    )
    def get(self, request: Request) -> Response:
        """All of them, the latest first. How the arms of one fare is told once it has ended, and not before."""
        rows = seen.rows(request.community)  # type: ignore[attr-defined]
        page = pages.page(
            request, rows, order=LATEST, limit=self.query["limit"], cursor=self.query.get("cursor", "")
        )
        at = now()
        shown = [seen.listed(one, at=at) for one in page.rows]
        return Response(page.answer(ExperimentShape(shown, many=True).data))

    @operation(
        "plan_experiment",
        "Plan an experiment",
        answers={201: ExperimentShape},
        needs=experiments.MANAGE,
        body=NewExperiment,
        example={
            "trial": "welcome",
            "title": "A shorter welcome",
            "base": 0.3,
            "least": 0.1,
            "b": [{"key": "en.subject", "text": "Good to have you, {member}"}],
        },
    )
    def post(self, request: Request) -> Response:
        """Works out how many people it takes. Nobody is assigned before it is started."""
        given, community = self.read_body(), request.community  # type: ignore[attr-defined]
        b = [Piece(**{"asked": None, "required": None} | piece) for piece in given.pop("b")]
        made = experiments.plan(community=community, b=b, at=now(), by=Actor.of_request(request), **given)
        address = reverse("api:experiment", args=[community.slug, made.key])
        headers = {"Location": request.build_absolute_uri(address)}
        return self.one(_shape(request, made), status=201, headers=headers)


class OneExperiment(ApiView):
    tag = "metrics"
    places = {"experiment_key": "The experiment's id."}

    @operation("read_experiment", "Read an experiment", answers={200: ExperimentShape}, needs=READ)
    def get(self, request: Request, experiment_key: UUID) -> Response:
        """As it stands. While it runs `result` is null: nobody sees how its arms fare."""
        return self.one(_shape(request, _find(request, experiment_key)))


class ExperimentRows(ApiView):
    tag = "metrics"
    places = OneExperiment.places

    @operation(
        "list_experiment_rows",
        "List the rows behind an experiment",
        answers={200: ExperimentRowPage},
        needs=READ,
        query=PageQuery,
        refuses=(422,),
    )
    def get(self, request: Request, experiment_key: UUID) -> Response:
        """Everybody who was assigned, in that order, with what was counted of them at the end. Refused as `not_now` before
        it has ended, and for good where it was stopped: by arm and outcome anybody could tell the difference."""
        found = _find(request, experiment_key)
        page = pages.page(
            request,
            experiment_rows.assigned(found),
            order=BY_PLACE,
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        told = experiment_rows.told(request.community, found, page.rows)  # type: ignore[attr-defined]
        return Response(page.answer(ExperimentRow(list(told), many=True).data))


class Act(ApiView):
    """Something done to an experiment; the answer is how it stands then."""

    tag = "metrics"
    places = OneExperiment.places

    def carried_out(self, act: Callable[..., Experiment], experiment: Experiment, **given: Any) -> Response:
        done = act(experiment=experiment, at=now(), by=Actor.of_request(self.request), **given)
        return self.one(_shape(self.request, done))


class StartExperiment(Act):
    @operation(
        "start_experiment", "Start an experiment", answers={200: ExperimentShape}, needs=experiments.MANAGE
    )
    def post(self, request: Request, experiment_key: UUID) -> Response:
        """Size and words are fixed from here. Refused as `running` while another one with the same words runs."""
        return self.carried_out(experiments.start, _find(request, experiment_key))


class StopExperiment(Act):
    @operation(
        "stop_experiment", "Stop an experiment", answers={200: ExperimentShape}, needs=experiments.MANAGE
    )
    def post(self, request: Request, experiment_key: UUID) -> Response:
        """Give up a planned one, or stop one that runs: no difference is told then, now or later."""
        return self.carried_out(experiments.stop, _find(request, experiment_key))


class TakeExperiment(Act):
    @operation(
        "take_experiment",
        "Take the words of an experiment for good",
        answers={200: ExperimentShape},
        needs=experiments.MANAGE,
        body=ArmTaken,
        example={"arm": "B"},
    )
    def post(self, request: Request, experiment_key: UUID) -> Response:
        """Once it has ended: everybody reads the words of that arm from now on."""
        found = _find(request, experiment_key)
        return self.carried_out(experiments.take, found, arm=self.read_body()["arm"])


def _find(request: Request, key: UUID) -> Experiment:
    found = seen.find(request.community, key)  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    return found


def _shape(request: Request, experiment: Experiment) -> ExperimentShape:
    return ExperimentShape(seen.shown(request.community, experiment, at=now()))  # type: ignore[attr-defined]
