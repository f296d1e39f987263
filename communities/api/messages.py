"""Messages between members: for the person who asks in the browser alone. A key is nobody, and reads none."""

from uuid import UUID

from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api import circles
from communities.api.message_shapes import (
    ConversationPage,
    ConversationShape,
    DirectMessagePage,
    DirectMessageShape,
    EvidenceShape,
    MessageReportPage,
    MessageReportShape,
    MessageWishBody,
    MessageWishShape,
    NewMessage,
    ReportBody,
    SettleBody,
    evidence,
)
from communities.models import DirectMessage, MessageReport
from communities.selectors import message_reports as reported
from communities.selectors import messages as seen
from communities.services import message_blocks, message_reports, messages
from kernel.api import pages
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.views import ApiView
from kernel.clock import now
from members.actors import Actor
from members.models import Membership

NUMBER = {"number": "The number of the other member."}
MESSAGE = {"message_key": "The message's id."}
REPORT = {"message_report_key": "The report's id."}


class ListQuery(PageQuery, SparseQuery):
    pass


class Conversations(ApiView):
    tag = "messages"

    @operation("list_conversations", "List conversations", answers={200: ConversationPage}, query=ListQuery)
    def get(self, request: Request) -> Response:
        """With whom the person who asks has exchanged messages, the latest first. A key is nobody: it gets 403."""
        member = circles.person(request)
        page = pages.page(
            request,
            seen.sides(member),
            order=seen.LATEST,
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        lines = seen.lines(member, page.rows)
        return Response(page.answer(ConversationShape(lines, many=True, only=self.only).data))


class Messages(ApiView):
    tag = "messages"
    places = NUMBER

    @operation("list_messages", "List messages", answers={200: DirectMessagePage}, query=ListQuery)
    def get(self, request: Request, number: int) -> Response:
        """What the person who asks and another member have written to one another, the latest first. Reading here marks
        nothing as read."""
        other, member = _partner(request, number), circles.person(request)
        found = seen.between(member, other)
        rows = DirectMessage.objects.filter(conversation=found).select_related("author")
        page = pages.page(
            request, rows, order=seen.NEWEST, limit=self.query["limit"], cursor=self.query.get("cursor", "")
        )
        return Response(page.answer(DirectMessageShape(page.rows, many=True, only=self.only).data))

    @operation(
        "write_message",
        "Write a message",
        answers={201: DirectMessageShape},
        body=NewMessage,
        query=SparseQuery,
        tagged=True,
        refuses=(422,),
        example={"body": "Shall we bind that book *together*?"},
    )
    def post(self, request: Request, number: int) -> Response:
        """Write to another member, as the person who asks in the browser; the first message begins the conversation."""
        other, author = _partner(request, number), circles.person(request)
        made = messages.write(author=author, to=other, at=now(), **self.read_body())
        return self.one(DirectMessageShape(made), status=201)


class Read(ApiView):
    tag = "messages"
    places = NUMBER

    @operation("mark_messages_read", "Mark messages as read", answers={204: None})
    def post(self, request: Request, number: int) -> Response:
        """Note that the person who asks has read all that the other has written."""
        other, member = _partner(request, number), circles.person(request)
        found = seen.between(member, other)
        if found is not None:
            messages.read(conversation=found, by=member, at=now())
        return Response(status=204)


class Block(ApiView):
    tag = "messages"
    places = NUMBER

    @operation("block_member", "Block a member", answers={204: None})
    def put(self, request: Request, number: int) -> Response:
        """Take no more messages of theirs. They are not told."""
        whom = _partner(request, number)
        message_blocks.block(by=circles.person(request), whom=whom, at=now())
        return Response(status=204)

    @operation("lift_block", "Lift a block", answers={204: None})
    def delete(self, request: Request, number: int) -> Response:
        """Take their messages again."""
        whom = _partner(request, number)
        message_blocks.lift(by=circles.person(request), whom=whom)
        return Response(status=204)


class OneMessage(ApiView):
    tag = "messages"
    places = MESSAGE

    @operation("take_message_back", "Take a message back", answers={204: None}, refuses=(422,))
    def delete(self, request: Request, message_key: UUID) -> Response:
        """Take a message of one's own back: its words go, its place stays."""
        messages.take_back(message=_message(request, message_key), author=circles.person(request), at=now())
        return Response(status=204)


class Report(ApiView):
    tag = "messages"
    places = MESSAGE

    @operation(
        "report_message",
        "Report a message",
        answers={201: MessageReportShape},
        body=ReportBody,
        query=SparseQuery,
        refuses=(422,),
        example={"reason": "spam", "words": "The same to everyone."},
    )
    def post(self, request: Request, message_key: UUID) -> Response:
        """Show a message that one has received, and the five before it, to those who keep order. Doing it again is the
        same report."""
        message, by = _message(request, message_key), circles.person(request)
        made = message_reports.report(message=message, by=by, at=now(), **self.read_body())
        return self.one(MessageReportShape(made), status=201)


class Wish(ApiView):
    tag = "messages"

    @operation("read_message_wish", "Read who may write to you", answers={200: MessageWishShape}, tagged=True)
    def get(self, request: Request) -> Response:
        """By whom the person who asks wants to be written to, and whom they have blocked."""
        return self.one(_wish(circles.person(request)))

    @operation(
        "change_message_wish",
        "Change who may write to you",
        answers={200: MessageWishShape},
        body=MessageWishBody,
        tagged=True,
        example={"who": "circles"},
    )
    def put(self, request: Request) -> Response:
        """Say who may begin to write. Whoever one has written to can answer, and staff can always write."""
        member = circles.person(request)
        messages.wish(member=member, **self.read_body())
        return self.one(_wish(member))


class ReportsQuery(ListQuery):
    settled = serializers.BooleanField(
        required=False, default=False, help_text="Those that are settled, instead of those that wait."
    )


class Reports(ApiView):
    tag = "messages"

    @operation(
        "list_message_reports",
        "List reported messages",
        answers={200: MessageReportPage},
        needs=message_reports.MODERATE,
        query=ReportsQuery,
    )
    def get(self, request: Request) -> Response:
        """Which messages were reported, the oldest first: who, whom and why."""
        rows = reported.rows(request.community)  # type: ignore[attr-defined]
        rows = rows.exclude(outcome="") if self.query["settled"] else rows.filter(outcome="")
        page = pages.page(
            request,
            rows,
            order=reported.OLDEST,
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(MessageReportShape(page.rows, many=True, only=self.only).data))


class OneReport(ApiView):
    tag = "messages"
    places = REPORT

    @operation(
        "read_message_report",
        "Read the report of a message",
        answers={200: MessageReportShape},
        needs=message_reports.MODERATE,
        query=SparseQuery,
        tagged=True,
    )
    def get(self, request: Request, message_report_key: UUID) -> Response:
        """One report, without what the message says."""
        return self.one(MessageReportShape(_report(request, message_report_key)))


class Evidence(ApiView):
    tag = "messages"
    places = REPORT

    @operation(
        "read_reported_message",
        "Read a reported message",
        answers={200: EvidenceShape},
        needs=message_reports.MODERATE,
        refuses=(422,),
    )
    def get(self, request: Request, message_report_key: UUID) -> Response:
        """What was reported and the five messages before it, as they were then. Each reading is in the audit log; a key,
        which is nobody, reads nothing private."""
        report = _report(request, message_report_key)
        circles.person(request)
        lines = message_reports.read(report=report, at=now(), by=Actor.of_request(request))
        return Response(evidence(lines).data)


class Settle(ApiView):
    tag = "messages"
    places = REPORT

    @operation(
        "settle_message_report",
        "Settle the report of a message",
        answers={200: MessageReportShape},
        needs=message_reports.MODERATE,
        body=SettleBody,
        query=SparseQuery,
        refuses=(422,),
        example={"outcome": "seen_to"},
    )
    def post(self, request: Request, message_report_key: UUID) -> Response:
        """Say how it ended; who reported it is told that somebody has looked. Refused with `settled` when somebody else
        was faster."""
        report = _report(request, message_report_key)
        circles.person(request)
        by = Actor.of_request(request)
        message_reports.settle(report=report, at=now(), by=by, **self.read_body())
        return self.one(MessageReportShape(_report(request, message_report_key)))


def _partner(request: Request, number: int) -> Membership:
    """The other member. Whether there is one at all is answered first: a key, which is nobody, learns no more."""
    records = Membership.objects.records_of(request.community.id)  # type: ignore[attr-defined]
    if number >= 2**31 or not records.filter(number=number).exists():
        raise Http404
    found = seen.partner(circles.person(request), number)
    if found is None:
        raise Http404
    return found


def _message(request: Request, key: UUID) -> DirectMessage:
    rows = DirectMessage.objects.filter(conversation__community=request.community)  # type: ignore[attr-defined]
    if not rows.filter(key=key).exists():
        raise Http404
    found = seen.own_or_received(circles.person(request), key)
    if found is None:
        raise Http404
    return found


def _wish(member: Membership) -> MessageWishShape:
    blocked = [other.number for other in seen.blocked(member)]
    return MessageWishShape({"who": seen.wish_of(member), "blocked": blocked})


def _report(request: Request, key: UUID) -> MessageReport:
    found = reported.one(request.community, key)  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    return found
