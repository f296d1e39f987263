"""What one member did, newest first."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from commerce.api import asking
from communities.models import Circle
from engagement.models import Fact
from engagement.selectors import timeline
from kernel import access
from kernel.activity import VERBS
from kernel.api import newest
from kernel.api.fields import Moment, instant
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.serializers import Shape, page_of
from kernel.api.views import ApiView
from members.models import Membership
from members.selectors import merged


class TimelineEntry(Shape):
    """One fact about the member."""

    occurred_at = Moment()
    verb = serializers.ChoiceField(choices=list(VERBS))
    verb_class = serializers.CharField(help_text="presence, contribution, response, growth or money.")
    target = serializers.IntegerField(allow_null=True, help_text="The number of the member it was aimed at.")
    object = serializers.CharField(help_text="What it was about, as `kind:id`; empty for nothing.")
    circle = serializers.CharField(
        allow_null=True, help_text="The circle's address; null for none, and for a secret one of others."
    )
    value = serializers.CharField(
        allow_null=True,
        help_text="A decimal number that belongs to it; an amount only for who may see the money.",
    )
    staff = serializers.BooleanField(help_text="Whether the member was staff then.")


TimelinePage = page_of(TimelineEntry, "TimelinePage")


class Timeline(ApiView):
    tag = "members"
    places = {"number": "The member's number."}

    @operation(
        "read_timeline",
        "Read a member's timeline",
        answers={200: TimelinePage},
        needs="members.view",
        query=PageQuery,
    )
    def get(self, request: Request, number: int) -> Response:
        """The facts about the member, newest first; those that staff have retracted are left out."""
        community_id = request.community.id  # type: ignore[attr-defined]
        member = Membership.objects.of(community_id).filter(number=number).first()
        if member is None:
            raise Http404
        page = newest.page(
            request,
            Fact.objects.of(community_id).valid().filter(member__in=[number, *merged.numbers_of(member)]),
            at="occurred_at",
            tie="dedupe",
            day="utc_day",
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        circles = _circles(request, page.rows)
        money = asking.sees_all(request)
        return Response(page.answer([_event(fact, circles, money) for fact in page.rows]))


def _circles(request: Request, facts: Sequence[Fact]) -> dict[int, str]:
    """Of those that whoever asks may know of: secret ones are there for who is in them, whatever their role."""
    wanted = {fact.circle_id for fact in facts if fact.circle_id is not None}
    rows = Circle.objects.of(request.community.id).filter(pk__in=wanted)  # type: ignore[attr-defined]
    return dict(access.shown(rows, request).values_list("pk", "slug"))


def _event(fact: Fact, circles: dict[int, str], money: bool) -> dict[str, Any]:
    value = fact.value if money or fact.verb not in timeline.OF_MONEY else None
    return {
        "occurred_at": instant(fact.occurred_at),
        "verb": fact.verb,
        "verb_class": VERBS[fact.verb],
        "target": fact.target,
        "object": f"{fact.object_kind}:{fact.object_id}" if fact.object_kind else "",
        "circle": circles.get(fact.circle_id) if fact.circle_id is not None else None,
        "value": None if value is None else f"{value.normalize():f}",
        "staff": fact.staff,
    }
