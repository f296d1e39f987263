"""What the person who asks has missed."""

from datetime import timedelta

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api import circles
from communities.api.talk_shapes import PostShape
from communities.selectors import attached, missed
from kernel import visits
from kernel.api.operations import operation
from kernel.api.queries import Query
from kernel.api.serializers import Shape
from kernel.api.views import ApiView
from kernel.clock import now


class MissedReasonShape(Shape):
    """Why a thread is shown."""

    kind = serializers.ChoiceField(
        choices=[missed.ANSWERED, missed.NAMED, missed.PINNED, missed.TIE, missed.TALKED_ABOUT]
    )
    words = serializers.CharField(help_text="In the reader's language.")


class MissedShape(Shape):
    """A thread that was missed."""

    post = PostShape()
    reasons = MissedReasonShape(many=True)


class MissedAnswer(Shape):
    """What was missed, the weightiest first."""

    results = MissedShape(many=True)


class MissedQuery(Query):
    days = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=30,
        help_text="Of so many days; since the last visit where it is left out.",
    )


class WhatIMissed(ApiView):
    tag = "posts"

    @operation("read_missed", "See what was missed", answers={200: MissedAnswer}, query=MissedQuery)
    def get(self, request: Request) -> Response:
        """At most twelve threads in which something befell while the person was away, each with why it is shown: answers
        to them, where they were named, what was pinned, what people wrote with whom they talk, what was answered most in
        their circles."""
        member, at = circles.person(request), now()
        days = self.query.get("days")
        since = at - timedelta(days=days) if days else missed.since_for(visits.last_before(member, at), at)
        found = missed.of(request.community, member, since=since, at=at)  # type: ignore[attr-defined]
        attached.fill([one.post for one in found])
        return self.one(MissedAnswer({"results": found}))
