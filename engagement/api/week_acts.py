"""What is most worth doing each week, over the API; and by which targets the well-being is judged."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from communities.blueprints.wellbeing import COMPONENTS
from communities.models import Community
from engagement.models import WeekAct
from engagement.selectors import standards, week_acts
from engagement.services import standards as setting
from engagement.services import week_acts as acting
from kernel.api import etags, pages
from kernel.api.fields import Moment
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.serializers import Body, Shape, page_of
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.keyset import Order
from kernel.locks import held
from members.actors import Actor

LATEST = Order("found_at", descending=True)


class FollowedShape(Shape):
    """What was seen in the 7 days after; no proof that the act did it."""

    people = serializers.IntegerField(help_text="Members it was about.")
    followed = serializers.IntegerField(
        help_text="Of them, those who did what the act was for: were active; `introduce`: were in touch with each other; "
        "`host`: announced a gathering; `invite`: invited or brought somebody."
    )
    others = serializers.IntegerField(help_text="Members as fit who were left alone.")
    others_followed = serializers.IntegerField(help_text="Of these, the same.")
    value = serializers.FloatField(allow_null=True, help_text="The figure's headline then.")
    as_of = serializers.DateField()


class WeekActShape(Shape):
    """One of the things most worth doing in a week."""

    id = serializers.UUIDField(source="key")
    week = serializers.DateField(help_text="Its Monday.")
    rule = serializers.CharField(help_text="What kind of act it is.")
    words = serializers.SerializerMethodField(help_text="What to do.")
    reason = serializers.SerializerMethodField(help_text="Why.")
    figure = serializers.CharField(help_text="The figure that it follows from.")
    value = serializers.FloatField(allow_null=True, help_text="That figure's headline as the act was found.")
    effect = serializers.FloatField(
        help_text="How many members are expected to do what it is for who would not have done it without."
    )
    people = serializers.SerializerMethodField(
        help_text="Numbers of those it is about; of two to be introduced only while they may be."
    )
    state = serializers.ChoiceField(choices=WeekAct.State.values)
    decided_at = Moment(allow_null=True)
    outcome = FollowedShape(allow_null=True, help_text="Null until a week has passed since it was done.")

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_people(self, act: WeekAct) -> list[int]:
        named: dict[int, list[int]] = self.context["named"]
        return named[act.pk]

    def get_words(self, act: WeekAct) -> str:
        return week_acts.told(act).words

    def get_reason(self, act: WeekAct) -> str:
        return week_acts.told(act).reason


WeekActPage = page_of(WeekActShape, "WeekActPage")


class WeekActDecision(Body):
    state = serializers.ChoiceField(
        choices=WeekAct.State.values, help_text="`open` takes up again what was done or set aside."
    )


class WeekActs(ApiView):
    tag = "metrics"

    @operation(
        "list_week_acts",
        "List what is worth doing",
        answers={200: WeekActPage},
        needs="members.view",
        query=PageQuery,
    )
    def get(self, request: Request) -> Response:
        """Up to three acts a week, the latest week first and in it the one most worth doing."""
        rows = week_acts.rows(request.community)  # type: ignore[attr-defined]
        page = pages.page(
            request, rows, order=LATEST, limit=self.query["limit"], cursor=self.query.get("cursor", "")
        )
        return Response(
            page.answer(WeekActShape(page.rows, many=True, context=_named(request, page.rows)).data)
        )


class DecideWeekAct(ApiView):
    tag = "metrics"
    places = {"act_key": "The act's id."}

    @operation(
        "decide_week_act",
        "Do what is worth doing, or set it aside",
        answers={200: WeekActShape},
        needs=acting.DECIDE,
        body=WeekActDecision,
        refuses=(422,),
        example={"state": "done"},
    )
    def post(self, request: Request, act_key: UUID) -> Response:
        """Say that an act is done, set it aside, or take it up again. Refused as `over` once it is known what followed."""
        act = week_acts.find(request.community, act_key)  # type: ignore[attr-defined]
        if act is None:
            raise Http404
        decided = acting.decide(
            act=act, state=self.read_body()["state"], at=now(), by=Actor.of_request(request)
        )
        return self.one(WeekActShape(decided, context=_named(request, [decided])))


def _named(request: Request, acts: Sequence[WeekAct]) -> dict[str, Any]:
    return {"named": week_acts.named(request.community, acts, at=now())}  # type: ignore[attr-defined]


class GoalShape(Shape):
    """A component of the well-being with what is expected of it."""

    component = serializers.CharField()
    name = serializers.CharField()
    figure = serializers.CharField(help_text="The figure that it reads.")
    target = serializers.FloatField(help_text="The value that counts as full; shares are 0 to 1.")
    weight = serializers.FloatField(help_text="0 leaves it out.")
    lower_is_better = serializers.BooleanField()


class StandardShape(Shape):
    """By what the well-being is judged, in its newest version."""

    version = serializers.IntegerField()
    since = serializers.DateField(
        allow_null=True,
        help_text="Its first day; null for the targets that the community's type begins with.",
    )
    goals = GoalShape(many=True)


class GoalBody(Body):
    component = serializers.ChoiceField(choices=sorted(COMPONENTS))
    target = serializers.FloatField()
    weight = serializers.FloatField()


class GoalsChange(Body):
    goals = GoalBody(many=True)


class WellBeing(ApiView):
    tag = "metrics"

    @operation(
        "read_well_being",
        "Read the targets of the well-being",
        answers={200: StandardShape},
        needs="settings.change",
        tagged=True,
    )
    def get(self, request: Request) -> Response:
        """The targets and weights in force. What they lead to is the figure `health`."""
        return self.one(_shape(request.community))  # type: ignore[attr-defined]

    @operation(
        "change_well_being",
        "Change the targets of the well-being",
        answers={200: StandardShape},
        needs="settings.change",
        body=GoalsChange,
        tagged=True,
        refuses=(422,),
        example={"goals": [{"component": "retention", "target": 0.35, "weight": 3}]},
    )
    def patch(self, request: Request) -> Response:
        """Change the components that are given: a new version, from today on. The past stays as it was judged."""
        given = {one["component"]: (one["target"], one["weight"]) for one in self.read_body()["goals"]}
        with transaction.atomic():
            community = held(Community.objects.filter(pk=request.community.pk)).get()  # type: ignore[attr-defined]
            etags.require(request, etags.of(_shape(community).data))
            setting.change(community=community, goals=given, at=now(), by=Actor.of_request(request))
        return self.one(_shape(community))


def _shape(community: Community) -> StandardShape:
    newest = standards.every(community)[0]
    goals: list[dict[str, Any]] = [
        {
            "component": goal.component.key,
            "name": str(goal.component.name),
            "figure": goal.component.figure,
            "target": goal.target,
            "weight": goal.weight,
            "lower_is_better": goal.component.lower_is_better,
        }
        for goal in standards.in_force(community)
    ]
    return StandardShape({"version": newest.version, "since": newest.since, "goals": goals})
