"""One thing done to many members: begun here, carried out by a worker, watched until it is over, taken back."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.api import newest
from kernel.api.fields import Choice, Moment, Text, Whole
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.serializers import Body, Shape, page_of
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.errors import Refused
from kernel.permissions import May
from kernel.tenancy import Community
from members import rules
from members.actors import Actor
from members.api.rule_shapes import Rules
from members.api.segments import find as find_segment
from members.models import BulkAct, Membership
from members.models.membership import MembershipQuerySet
from members.selectors import bulk as found
from members.selectors import directory
from members.selectors import rules as conditions
from members.services import bulk

MOST_NUMBERS = 10_000


class RefusalShape(Shape):
    """Who was left as they were, and why."""

    number = serializers.IntegerField(help_text="The member's number; 0 for one who is not there any more.")
    code = serializers.CharField()
    reason = serializers.CharField(source="words")


class BulkActShape(Shape):
    """One thing done to many: how far it is, and what became of them."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=BulkAct.Kind.values)
    options = serializers.DictField(child=serializers.CharField(), help_text="What exactly was asked for.")
    state = serializers.ChoiceField(choices=BulkAct.State.values)
    total = serializers.IntegerField(help_text="The members it is about, fixed when it was begun.")
    done = serializers.IntegerField(help_text="Who had their turn: the sum of the next three.")
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField(help_text="Who were so already.")
    refused = serializers.IntegerField()
    undo_of = serializers.UUIDField(source="undo_of_id", allow_null=True, help_text="The act it takes back.")
    failure = serializers.SerializerMethodField(help_text="Why it was stopped; empty when it was not.")
    report = serializers.SerializerMethodField(help_text="The first who were refused, at most 50.")
    created_at = Moment()
    finished_at = Moment(allow_null=True)

    def get_failure(self, act: BulkAct) -> str:
        return str(found.failure(act))

    def get_report(self, act: BulkAct) -> RefusalShape(many=True):  # type: ignore[valid-type]
        listed = found.refused(act, most=found.SHOWN_REFUSED) if act.refused and act.is_over else []
        return RefusalShape(list(listed), many=True).data


class BulkActLine(BulkActShape):
    """A bulk act in the list: the report stands with the act itself."""

    report = None  # type: ignore[assignment]


BulkActPage = page_of(BulkActLine, "BulkActPage")


class NewBulkAct(Body):
    """What to do, and with whom: by `rules`, a `segment` or `numbers`, one of the three."""

    kind = Choice(choices=BulkAct.Kind.values)
    tag = Text(max_length=80, required=False, help_text="For `tag` and `untag`.")
    tier = Text(max_length=40, required=False, help_text="For `tier`: its key.")
    act = Text(max_length=40, required=False, help_text="For `status`: `pause`, `remove` and so on.")
    reason = Text(max_length=240, required=False, help_text="The members will read it.")
    rules = Rules(required=False)
    segment = Whole(required=False, min_value=1, max_value=2**63 - 1, help_text="A segment's id.")
    numbers = serializers.ListField(
        child=Whole(min_value=1, max_value=2**31 - 1), required=False, min_length=1, max_length=MOST_NUMBERS
    )


class BulkActs(ApiView):
    tag = "bulk"
    quota = "bulk"

    @operation(
        "list_bulk_acts",
        "List bulk acts",
        answers={200: BulkActPage},
        needs="members.view",
        query=PageQuery,
    )
    def get(self, request: Request) -> Response:
        """What was done to many, newest first."""
        page = newest.page(
            request,
            found.of(community_id=request.community.id),  # type: ignore[attr-defined]
            at="created_at",
            tie="id",
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(BulkActLine(page.rows, many=True).data))

    @operation(
        "begin_bulk_act",
        "Do one thing to many members",
        answers={201: BulkActShape},
        needs="members.change",
        body=NewBulkAct,
        refuses=(422,),
        example={
            "kind": "tag",
            "tag": "2026",
            "rules": {"all": [{"field": "joined", "is": "since", "value": "2026-01-01"}]},
        },
    )
    def post(self, request: Request) -> Response:
        """A worker does it; who fits is fixed at this moment."""
        community = request.community  # type: ignore[attr-defined]
        given = self.read_body()
        members, asked = _members(community, given, self.may)
        act = bulk.begin(
            community=community,
            kind=given["kind"],
            options={name: given[name] for name in ("tag", "tier", "act", "reason") if name in given},
            members=members,
            asked=asked,
            at=now(),
            by=Actor.of_request(request),
        )
        return _made(request, act)


class OneBulkAct(ApiView):
    tag = "bulk"
    places = {"bulk_id": "The bulk act's id."}

    @operation("read_bulk_act", "Read a bulk act", answers={200: BulkActShape}, needs="members.view")
    def get(self, request: Request, bulk_id: UUID) -> Response:
        """How far it is and who was refused. Over when `state` is `done` or `failed`."""
        return Response(BulkActShape(_find(request.community, bulk_id)).data)  # type: ignore[attr-defined]


class UndoBulkAct(ApiView):
    tag = "bulk"
    places = {"bulk_id": "The bulk act's id."}

    @operation(
        "undo_bulk_act",
        "Take a bulk act back",
        answers={201: BulkActShape},
        needs="members.change",
        refuses=(422,),
    )
    def post(self, request: Request, bulk_id: UUID) -> Response:
        """For tags and tiers: exactly those it changed, but for those whom somebody changed since."""
        act = _find(request.community, bulk_id)  # type: ignore[attr-defined]
        return _made(request, bulk.undo(act=act, at=now(), by=Actor.of_request(request)))


def _made(request: Request, act: BulkAct) -> Response:
    slug = request.community.slug  # type: ignore[attr-defined]
    place = reverse("api:bulk_act", kwargs={"community_slug": slug, "bulk_id": act.pk})
    return Response(
        BulkActShape(act).data, status=201, headers={"Location": request.build_absolute_uri(place)}
    )


def _find(community: Community, bulk_id: UUID) -> BulkAct:
    act = found.one(community_id=community.id, bulk_id=bulk_id)
    if act is None:
        raise Http404
    return act


def _members(community: Community, given: dict[str, Any], may: May) -> tuple[MembershipQuerySet, Any]:
    """Who is meant, and how they were named. Raises `Refused` unless it is said in exactly one way."""
    ways = [name for name in ("rules", "segment", "numbers") if name in given]
    if len(ways) != 1:
        raise Refused(_("Say who by one of: rules, segment, numbers."), code="required", field="rules")
    if ways == ["numbers"]:
        numbers = sorted(set(given["numbers"]))
        return Membership.objects.of(community.id).filter(number__in=numbers), {"numbers": numbers}
    catalogue = conditions.catalogue(community, may=may)
    wanted = given.get("rules")
    if ways == ["segment"]:
        try:
            wanted = find_segment(community, given["segment"], may=may).rules
        except Http404:
            raise Refused(_("There is no segment of this id."), code="unknown", field="segment") from None
    fits = rules.checked(wanted, catalogue)
    return directory.fitting(community=community, rules=fits, catalogue=catalogue, at=now()), fits
