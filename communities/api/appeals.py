"""One's own record, appeals against what stands in it, deciding on them; and what may be written."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api import circles
from communities.api.moderation import NEWEST
from communities.api.moderation_shapes import (
    AppealDecision,
    AppealPage,
    AppealShape,
    MeasurePage,
    MeasureShape,
    NewAppeal,
    TalkRulesChange,
    TalkRulesShape,
)
from communities.models import Appeal, Community, Measure
from communities.selectors import moderation as found
from communities.services import appeals, measures, talk_rules
from kernel import access
from kernel.api import etags, pages
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.keyset import Order
from kernel.locks import held
from members.actors import Actor


class AppealsQuery(PageQuery):
    state = serializers.ChoiceField(
        required=False, choices=Appeal.State.values, help_text="Where the appeal stands."
    )


class Record(ApiView):
    tag = "moderation"

    @operation("read_own_record", "Read one's own record", answers={200: MeasurePage}, query=PageQuery)
    def get(self, request: Request) -> Response:
        """What was done about the person who asks in the browser, the newest first."""
        member = circles.person(request)
        rows = Measure.objects.filter(membership=member).select_related("membership", "post", "comment")
        page = pages.page(
            request, rows, order=NEWEST, limit=self.query["limit"], cursor=self.query.get("cursor", "")
        )
        return Response(page.answer(MeasureShape(page.rows, many=True).data))


class MakeAppeal(ApiView):
    tag = "moderation"
    places = {"measure_key": "The id of what was done."}

    @operation(
        "appeal",
        "Appeal against what was done",
        answers={201: AppealShape},
        body=NewAppeal,
        refuses=(422,),
        example={"words": "I was quoting somebody."},
    )
    def post(self, request: Request, measure_key: UUID) -> Response:
        """Say once, within 30 days, why something that was done about the person who asks in the browser should be
        lifted."""
        measure = Measure.objects.of(request.community.id).filter(key=measure_key).first()  # type: ignore[attr-defined]
        if measure is None:
            raise Http404
        member = circles.person(request)
        if measure.membership_id != member.pk:
            raise Http404
        made = appeals.make(measure=measure, membership=member, at=now(), **self.read_body())
        return Response(AppealShape(made).data, status=201)


class Appeals(ApiView):
    tag = "moderation"

    @operation(
        "list_appeals",
        "List appeals",
        answers={200: AppealPage},
        needs=measures.MODERATE,
        query=AppealsQuery,
    )
    def get(self, request: Request) -> Response:
        """What members have appealed against, the longest wait first; not against what the caller has done where
        somebody else may decide."""
        rows = _appeals(request)
        if "state" in self.query:
            rows = rows.filter(state=self.query["state"])
        page = pages.page(
            request, rows, order=Order("at"), limit=self.query["limit"], cursor=self.query.get("cursor", "")
        )
        return Response(page.answer(AppealShape(page.rows, many=True).data))


class DecideAppeal(ApiView):
    tag = "moderation"
    places = {"appeal_key": "The appeal's id."}

    @operation(
        "decide_appeal",
        "Decide on an appeal",
        answers={200: AppealShape},
        needs=measures.MODERATE,
        body=AppealDecision,
        refuses=(422,),
        example={"decision": "lift", "answer": "You are right."},
    )
    def post(self, request: Request, appeal_key: UUID) -> Response:
        """Lift what was done, which undoes it, or let it stay, with an answer that the member reads. Refused with
        `decided` when somebody else has decided already."""
        appeal = _appeals(request).filter(key=appeal_key).first()
        if appeal is None:
            raise Http404
        given = self.read_body()
        decided = appeals.decide(
            appeal=appeal,
            lifts=given["decision"] == "lift",
            answer=given["answer"],
            at=now(),
            by=Actor.of_request(request),
        )
        return Response(AppealShape(decided).data)


class TalkRules(ApiView):
    tag = "moderation"

    @operation(
        "read_talk_rules",
        "Read what may be written",
        answers={200: TalkRulesShape},
        needs="settings.change",
        tagged=True,
    )
    def get(self, request: Request) -> Response:
        """The words and links that are held, refused or reported, and what newcomers may do."""
        return self.one(TalkRulesShape(talk_rules.of(request.community.pk)))  # type: ignore[attr-defined]

    @operation(
        "change_talk_rules",
        "Change what may be written",
        answers={200: TalkRulesShape},
        needs="settings.change",
        body=TalkRulesChange,
        tagged=True,
        example={"held_words": ["free money"], "links": "hold", "domains": ["example.org"]},
    )
    def patch(self, request: Request) -> Response:
        """Change what is given."""
        fields, by = self.read_body(), Actor.of_request(request)
        with transaction.atomic():
            community = held(Community.objects.filter(pk=request.community.pk)).get()  # type: ignore[attr-defined]
            etags.require(request, etags.of(TalkRulesShape(talk_rules.of(community.pk)).data))
            rules = talk_rules.save(community=community, at=now(), by=by, **fields)
        return self.one(TalkRulesShape(rules))


def _appeals(request: Request) -> Any:
    rows = Appeal.objects.filter(measure__membership__community=request.community)  # type: ignore[attr-defined]
    return found.appeals(access.shown(rows, request))
