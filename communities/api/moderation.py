"""Reports, deciding on them, and what is done about members."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api import circles, talk
from communities.api.moderation_shapes import (
    CaseDecision,
    CasePage,
    CaseShape,
    MeasurePage,
    MeasureShape,
    NewMeasure,
    NewReport,
    ReportShape,
)
from communities.models import Case, Circle, Measure
from communities.selectors import moderation as found
from communities.services import cases, measures, reports
from kernel import access
from kernel.api import pages
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.keyset import Order
from members.actors import Actor
from members.models import Membership

KEY = {"case_key": "The case's id."}
MEMBER = {"number": "The member's number."}
NEWEST = Order("at", descending=True)


class CasesQuery(PageQuery, SparseQuery):
    state = serializers.ChoiceField(
        required=False, choices=Case.State.values, help_text="Where the case stands."
    )


class ReportPost(ApiView):
    tag = "moderation"
    places = talk.POST

    @operation(
        "report_post",
        "Report a post",
        answers={201: ReportShape},
        body=NewReport,
        refuses=(422,),
        example={"reason": "spam"},
    )
    def post(self, request: Request, post_key: UUID) -> Response:
        """Report a post that one reads to those who keep order, once, as the person who asks in the browser."""
        written, reporter = talk.find_post(request, post_key), circles.person(request)
        made = reports.make(written=written, reporter=reporter, at=now(), **self.read_body())
        return Response(ReportShape(made).data, status=201)


class ReportComment(ApiView):
    tag = "moderation"
    places = talk.COMMENT

    @operation(
        "report_comment",
        "Report a comment",
        answers={201: ReportShape},
        body=NewReport,
        refuses=(422,),
        example={"reason": "hostile"},
    )
    def post(self, request: Request, comment_key: UUID) -> Response:
        """Report a comment that one reads to those who keep order, once, as the person who asks in the browser."""
        written, reporter = talk.find_comment(request, comment_key), circles.person(request)
        made = reports.make(written=written, reporter=reporter, at=now(), **self.read_body())
        return Response(ReportShape(made).data, status=201)


class Cases(ApiView):
    tag = "moderation"

    @operation(
        "list_reports",
        "List what was reported",
        answers={200: CasePage},
        needs=measures.MODERATE,
        query=CasesQuery,
    )
    def get(self, request: Request) -> Response:
        """What members have reported, each thing once with all its reports, the most urgent first. Nobody is told who
        reported what they have written themselves."""
        rows = _cases(request)
        if "state" in self.query:
            rows = rows.filter(state=self.query["state"])
        page = pages.page(
            request, rows, order=found.URGENT, limit=self.query["limit"], cursor=self.query.get("cursor", "")
        )
        return Response(page.answer(CaseShape(page.rows, many=True, only=self.only).data))


class OneCase(ApiView):
    tag = "moderation"
    places = KEY

    @operation(
        "read_report",
        "Read what was reported",
        answers={200: CaseShape},
        needs=measures.MODERATE,
        query=SparseQuery,
        tagged=True,
    )
    def get(self, request: Request, case_key: UUID) -> Response:
        """One thing that was reported, with all its reports."""
        return self.one(CaseShape(_case(request, case_key)))


class Decide(ApiView):
    tag = "moderation"
    places = KEY

    @operation(
        "decide_report",
        "Decide on what was reported",
        answers={200: CaseShape},
        needs=measures.MODERATE,
        body=CaseDecision,
        query=SparseQuery,
        refuses=(422,),
        example={"act": "hide", "reason": "It tells where somebody lives."},
    )
    def post(self, request: Request, case_key: UUID) -> Response:
        """Leave it as it is, or act upon it or its author; those who reported it hear whether something was done.
        Refused with `decided` when somebody else has decided already."""
        case, given = _case(request, case_key), self.read_body()
        slug = given.pop("circle", None)
        told: dict[str, Any] = {"at": now(), "by": Actor.of_request(request)}
        rows = access.shown(Circle.objects.of(case.community_id), request)
        to = rows.filter(slug=slug).first() if slug else None
        cases.decide(case=case, circle=to, **told, **given)
        return self.one(CaseShape(_case(request, case_key)))


class MemberMeasures(ApiView):
    tag = "moderation"
    places = MEMBER

    @operation(
        "list_measures",
        "List what was done about a member",
        answers={200: MeasurePage},
        needs=measures.MODERATE,
        query=PageQuery,
    )
    def get(self, request: Request, number: int) -> Response:
        """A member's moderation record, the newest first."""
        page = pages.page(
            request,
            _measures(request, number),
            order=NEWEST,
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(MeasureShape(page.rows, many=True).data))

    @operation(
        "warn_or_mute_member",
        "Warn or mute a member",
        answers={201: MeasureShape},
        needs=measures.MODERATE,
        body=NewMeasure,
        refuses=(422,),
        example={"act": "mute", "hours": 24, "reason": "Take a day."},
    )
    def post(self, request: Request, number: int) -> Response:
        """Warn a member in writing, or let them write nothing for some hours; a mute that is running is replaced."""
        member, given = _member(request, number), self.read_body()
        told: dict[str, Any] = {
            "membership": member,
            "reason": given.get("reason", ""),
            "at": now(),
            "by": Actor.of_request(request),
        }
        mutes = given["act"] == "mute"
        made = measures.mute(hours=given.get("hours", 0), **told) if mutes else measures.warn(**told)
        return Response(MeasureShape(made).data, status=201)


class Mute(ApiView):
    tag = "moderation"
    places = MEMBER

    @operation(
        "unmute_member",
        "End a member's mute",
        answers={204: None},
        needs=measures.MODERATE,
        refuses=(422,),
    )
    def delete(self, request: Request, number: int) -> Response:
        """Let a member write again before their mute is over."""
        measures.unmute(membership=_member(request, number), at=now(), by=Actor.of_request(request))
        return Response(status=204)


def _cases(request: Request) -> Any:
    return found.cases(access.shown(Case.objects.of(request.community.id), request))  # type: ignore[attr-defined]


def _case(request: Request, key: UUID) -> Case:
    case: Case | None = _cases(request).filter(key=key).first()
    if case is None:
        raise Http404
    return case


def _member(request: Request, number: int) -> Membership:
    return get_object_or_404(Membership.objects.of(request.community.id), number=number)  # type: ignore[attr-defined]


def _measures(request: Request, number: int) -> Any:
    rows = Measure.objects.filter(membership=_member(request, number))
    return rows.select_related("membership", "post", "comment")
