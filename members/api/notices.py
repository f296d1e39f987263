"""What the signed-in member was told in the page, and when no letters come. A key is nobody, and is told nothing."""

from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.api import pages
from kernel.api.fields import Moment, Text, TimeOfDay
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.serializers import Body, Shape, page_of
from kernel.api.views import ApiView
from kernel.clock import now
from members.api.mail import signed_in
from members.models import Notification, User
from members.selectors import mail
from members.services import hours, notifications


class NoticeShape(Shape):
    """Something that the signed-in member was told."""

    sparse = True

    id = serializers.UUIDField()
    words = serializers.CharField(help_text="In the reader's language.")
    url = serializers.CharField(help_text="Where it leads; empty where it leads nowhere.")
    times = serializers.IntegerField(help_text="How often it happened while the notice was unread.")
    unread = serializers.BooleanField()
    at = Moment()


NoticePage = page_of(NoticeShape, "NoticePage")


class NoticesQuery(PageQuery, SparseQuery):
    unread = serializers.BooleanField(required=False, default=False, help_text="Those that are unread alone.")


class Notices(ApiView):
    tag = "notifications"

    @operation("list_notices", "List notices", answers={200: NoticePage}, query=NoticesQuery)
    def get(self, request: Request) -> Response:
        """What the signed-in member was told by this community, newest first. Listing marks nothing as read."""
        page = pages.page(
            request,
            _rows(request, fresh=self.query["unread"]),
            order=mail.NOTICE_ORDER,
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        found = [mail.as_read(row) for row in page.rows]
        return Response(page.answer(NoticeShape(found, many=True, only=self.only).data))


class ReadNotices(ApiView):
    tag = "notifications"

    @operation("mark_notices_read", "Mark all notices as read", answers={204: None})
    def post(self, request: Request) -> Response:
        """All that the signed-in member was told by this community. Letters about it that wait do not go any more."""
        slug = request.community.slug  # type: ignore[attr-defined]
        notifications.mark_read(user_id=_user(request).pk, at=now(), slug=slug)
        return Response(status=204)


class ReadNotice(ApiView):
    tag = "notifications"
    places = {"notice_id": "The notice's id."}

    @operation("mark_notice_read", "Mark a notice as read", answers={204: None})
    def post(self, request: Request, notice_id: UUID) -> Response:
        """One notice; doing it twice changes nothing."""
        here = Notification.objects.filter(community_id=request.community.id)  # type: ignore[attr-defined]
        if not here.filter(pk=notice_id).exists() or not _rows(request).filter(pk=notice_id).exists():
            raise Http404
        notifications.mark_read(user_id=_user(request).pk, at=now(), notification_id=notice_id)
        return Response(status=204)


class QuietHoursShape(Shape):
    """Between which times of day the signed-in person gets no letters, from any community."""

    begins = TimeOfDay(allow_null=True, help_text="Null where letters come at any time.")
    ends = TimeOfDay(allow_null=True, help_text="Before `begins`, where they reach over midnight.")
    timezone = serializers.CharField(help_text="Whose clock it is by; empty for that of each community.")


class QuietHoursBody(Body):
    """Both times, or none for letters at any time."""

    begins = TimeOfDay(allow_null=True)
    ends = TimeOfDay(allow_null=True)
    timezone = Text(
        required=False, default="", allow_blank=True, max_length=60, help_text="Such as Asia/Shanghai."
    )


class QuietHours(ApiView):
    tag = "notifications"

    @operation("read_quiet_hours", "Read your quiet hours", answers={200: QuietHoursShape}, tagged=True)
    def get(self, request: Request) -> Response:
        """When the signed-in person gets no letters. A key is nobody: it gets 403."""
        return self.one(QuietHoursShape(_quiet(request)))

    @operation(
        "change_quiet_hours",
        "Change your quiet hours",
        answers={200: QuietHoursShape},
        body=QuietHoursBody,
        tagged=True,
        refuses=(422,),
        example={"begins": "22:00", "ends": "07:30", "timezone": "Europe/Berlin"},
    )
    def put(self, request: Request) -> Response:
        """Letters that can wait come when they end; what must reach comes at once."""
        hours.keep_quiet(user=_user(request), **self.read_body())
        return self.one(QuietHoursShape(_quiet(request)))


def _user(request: Request) -> User:
    signed_in(request)
    return cast(User, request.user)


def _rows(request: Request, *, fresh: bool = False) -> QuerySet[Notification]:
    slug = request.community.slug  # type: ignore[attr-defined]
    return mail.notice_rows(_user(request).pk, slug=slug, fresh=fresh)


def _quiet(request: Request) -> Any:
    return mail.quiet_hours(_user(request).pk) or {"begins": None, "ends": None, "timezone": ""}
