"""Who answered what and who came: read, answered for oneself, let in at the door."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.circles import person
from gatherings.access import ADMIT
from gatherings.api import told
from gatherings.api.shapes import (
    AttendancePage,
    AttendanceShape,
    NewAttendance,
)
from gatherings.models import Attendance, Event, EventHost, TicketKind
from gatherings.selectors import rooms, seen
from gatherings.services import door, parties, seats, taking
from kernel import access
from kernel.api import pages
from kernel.api.fields import Choice
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.errors import Refused
from kernel.keyset import Order
from members.actors import Actor
from members.models import Membership

OLDEST = Order("id", tie="id")
NUMBER: dict[str, Any] = {"min_value": 1, "max_value": 2**31 - 1}


class AttendancesQuery(PageQuery, SparseQuery):
    event = serializers.UUIDField(required=False, help_text="The id of a gathering.")
    member = serializers.IntegerField(required=False, help_text="The number of a member.", **NUMBER)
    answer = Choice(required=False, choices=Attendance.Answer.values, help_text="What they answered.")
    came = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Those who came, or did not."
    )


class Attendances(ApiView):
    tag = "events"

    @operation(
        "list_attendances",
        "List answers and comings",
        answers={200: AttendancePage},
        query=AttendancesQuery,
    )
    def get(self, request: Request) -> Response:
        """One row for each member and gathering: of the gatherings at whose door the caller stands, and one's own."""
        rows = _shown(request).select_related("event", "membership", "seen_by")
        if "event" in self.query:
            rows = rows.filter(event__key=self.query["event"])
        if "member" in self.query:
            rows = rows.filter(membership__number=self.query["member"])
        if "answer" in self.query:
            rows = rows.filter(answer=self.query["answer"])
        if self.query["came"] is not None:
            rows = rows.filter(came_at__isnull=not self.query["came"])
        page = pages.page(
            request, rows, order=OLDEST, limit=self.query["limit"], cursor=self.query.get("cursor", "")
        )
        return Response(page.answer(AttendanceShape(page.rows, many=True, only=self.only).data))

    @operation(
        "say_attendance",
        "Answer, or let somebody in",
        answers={200: AttendanceShape},
        body=NewAttendance,
        query=SparseQuery,
        refuses=(422,),
        example={"event": "6a1b61f4-4f1e-4d77-9c4e-0d5c9a1f0a11", "answer": "yes"},
    )
    def post(self, request: Request) -> Response:
        """With `answer`: what the person who asks in the browser says; yes takes a place that costs nothing, and one for each
        of the `others`, or none at all; maybe and no give one's own back. With `member` (a number) or `code` (of a
        ticket), and `came`: who stands at the door is let in, or that is taken back; letting in twice is once, and keeps
        who was first and when. A code that lets nobody in is refused with the reason: `unknown`, `elsewhere` for another
        gathering's, `held`, `expired`, `given_back`, `cancelled`."""
        given = self.read_body()
        event = seen.shown(request).filter(key=given["event"]).first()  # type: ignore[arg-type]
        if event is None:
            raise Refused(_("There is no gathering of this id."), code="unknown", field="event")
        if ("answer" in given) == ("came" in given):
            raise Refused(_("Give an answer, or say who came."), code="answer_or_came")
        row = self._answer(request, event, given) if "answer" in given else self._came(request, event, given)
        if row is None:
            raise Refused(_("They have not come."), code="not_come", field="member")
        found = Attendance.objects.select_related("event", "membership", "seen_by").get(pk=row.pk)
        return self.one(AttendanceShape(found))

    def _answer(self, request: Request, event: Event, given: dict[str, Any]) -> Attendance:
        member = person(request)
        if given["answer"] != Attendance.Answer.YES:
            return seats.answer(event=event, member=member, answer=given["answer"], at=now())
        kind = _kind(event, member, given.get("kind"))
        mine, others = given.get("answers", ()), given.get("others", ())
        said = {"answers": told.answers(mine), "others": told.others(others, kind.key)}
        with told.as_body():
            places = parties.read(subject=kind.key, choices=said, payer=member)
            taking.take_free(places=places, who=member, at=now(), by=Actor.of_request(request))
        return Attendance.objects.get(event=event, membership=member)

    def _came(self, request: Request, event: Event, given: dict[str, Any]) -> Attendance | None:
        if ("member" in given) == ("code" in given):
            raise Refused(_("Say who came: by a number or by a code."), code="required", field="member")
        come: dict[str, Any] = {"event": event, "at": now(), "by": Actor.of_request(request)}
        if given["came"] and "code" in given:
            return door.admit(code=given["code"], **come).row
        by_code = "code" in given
        member = (
            door.holder(event=event, code=given["code"]) if by_code else told.member(request, given["member"])
        )
        return (door.check_in if given["came"] else door.undo)(member=member, **come)


def _shown(request: Any) -> Any:
    """The rows of the gatherings at whose door the caller stands, and their own."""
    events = access.shown(Event.objects.of(request.community.id), request)
    rows = Attendance.objects.filter(event__in=events.values("pk"))
    viewer: Membership | None = request.membership
    if viewer is None or viewer.may(ADMIT):
        return rows
    held = EventHost.objects.filter(membership=viewer) if viewer.is_counted else EventHost.objects.none()
    return rows.filter(Q(membership=viewer) | Q(event__in=held.values("event")))


def _kind(event: Any, member: Membership, key: UUID | None) -> TicketKind:
    """The kind that is named, or the only one that there is for the member. Raises `Refused` (`kind`)."""
    rooms.fill([event])
    kinds = rooms.kinds_for(event, member, now())
    found = [kind for kind in kinds if key is None or kind.key == key]
    if len(found) != 1:
        raise Refused(_("Choose how you come."), code="kind", field="kind")
    return found[0]
