"""What is new to the person who asks in the browser, and how far they have read."""

from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api import circles, talk
from communities.models import Circle
from communities.selectors import unread
from communities.services import reading
from kernel import access
from kernel.api.fields import Moment, Text
from kernel.api.operations import operation
from kernel.api.serializers import Body, Shape
from kernel.api.views import ApiView
from kernel.clock import now


class CircleNewsShape(Shape):
    """A circle in which something is new."""

    circle = serializers.CharField(source="slug", help_text="The circle's address.")
    threads = serializers.SerializerMethodField(help_text="In how many threads something is new.")
    more = serializers.SerializerMethodField(help_text="Whether it is in more of them than are counted.")

    def get_threads(self, circle: Circle) -> int:
        return int(min(circle.news.n, unread.MOST))  # type: ignore[attr-defined]

    def get_more(self, circle: Circle) -> bool:
        return bool(circle.news.n > unread.MOST)  # type: ignore[attr-defined]


class NewsShape(Shape):
    """What is new to the person who asks."""

    circles = CircleNewsShape(many=True)


class Until(Body):
    """Until when all counts as read."""

    until = Moment(required=False, help_text="An instant that is not to come; now, where it is left out.")


class ReadAll(Until):
    """What counts as read from now on."""

    circle = Text(
        required=False,
        max_length=80,
        help_text="The address of one circle; all of one's own where it is left out.",
    )


class Unread(ApiView):
    tag = "posts"

    @operation("read_news", "See what is new", answers={200: NewsShape})
    def get(self, request: Request) -> Response:
        """The person's own circles in which something is new since they were here, in the circles' order. Nothing older
        than 90 days is new, and of a circle the newest threads are counted."""
        member = circles.person(request)
        news = unread.of_circles(member, now())
        found = list(access.visible(Circle.objects.filter(pk__in=news), member))
        for circle in found:
            circle.news = news[circle.pk]  # type: ignore[attr-defined]
        return self.one(NewsShape({"circles": found}))

    @operation(
        "mark_all_read",
        "Mark all as read",
        answers={204: None},
        body=ReadAll,
        refuses=(422,),
        example={"circle": "bookbinders"},
    )
    def post(self, request: Request) -> Response:
        """Let all count as read that was written until then in the person's own circles, or in one of them."""
        member, given = circles.person(request), self.read_body()
        circle = circles.find(request, given["circle"]) if given.get("circle") else None
        at = now()
        reading.read_all(membership=member, circle=circle, until=min(given.get("until", at), at))
        return Response(status=204)


class ReadThread(ApiView):
    tag = "posts"
    places = talk.POST

    @operation(
        "mark_thread_read",
        "Mark a thread as read",
        answers={204: None},
        body=Until,
        refuses=(422,),
        example={"until": "2026-01-05T09:00:00Z"},
    )
    def post(self, request: Request, post_key: UUID) -> Response:
        """Let what was written in a thread until then count as read. It goes forward only."""
        post = talk.find_post(request, post_key)
        member, given, at = circles.person(request), self.read_body(), now()
        reading.read(post=post, membership=member, until=min(given.get("until", at), at))
        return Response(status=204)
