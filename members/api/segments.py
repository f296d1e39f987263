"""Segments: names for conditions, read anew each time."""

from django.db import transaction
from django.http import Http404
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.api import etags, pages
from kernel.api.fields import Moment, Text
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.serializers import Body, Shape, page_of
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.keyset import Order
from kernel.locks import locked
from kernel.permissions import May
from kernel.tenancy import Community
from members.actors import Actor
from members.api.rule_shapes import Rules
from members.models import Segment
from members.selectors import rules as conditions
from members.selectors import segments as found
from members.services import segments


class SegmentShape(Shape):
    """Rules with a name."""

    sparse = True

    id = serializers.IntegerField()
    name = serializers.CharField()
    rules = Rules(asks=True, help_text="Who is in it: whoever they fit at the moment of reading.")
    made_at = Moment()
    changed_at = Moment()


SegmentPage = page_of(SegmentShape, "SegmentPage")


class NewSegment(Body):
    """A name and what it stands for."""

    name = Text(max_length=80)
    rules = Rules(asks=True)


class SegmentChange(Body):
    """What is left out stays."""

    name = Text(max_length=80, required=False)
    rules = Rules(asks=True, required=False)


class SegmentsQuery(PageQuery, SparseQuery):
    pass


EXAMPLE = {
    "name": "Quiet patrons",
    "rules": {
        "all": [
            {"field": "tags", "is": "has", "value": "patron"},
            {"field": "last_active", "is": "not_last_days", "value": 30},
        ]
    },
}
PLACES = {"segment_id": "The segment's id."}


class Segments(ApiView):
    tag = "segments"

    @operation(
        "list_segments",
        "List segments",
        answers={200: SegmentPage},
        needs="members.view",
        query=SegmentsQuery,
    )
    def get(self, request: Request) -> Response:
        """The segments of the community, by name. Their members: `members/?segment=<id>`."""
        page = pages.page(
            request,
            found.of(request.community, may=self.may),  # type: ignore[attr-defined]
            order=Order("name", tie="id"),
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(SegmentShape(page.rows, many=True, only=self.only).data))

    @operation(
        "create_segment",
        "Save a segment",
        answers={201: SegmentShape},
        needs="members.change",
        body=NewSegment,
        query=SparseQuery,
        tagged=True,
        example=EXAMPLE,
    )
    def post(self, request: Request) -> Response:
        """Save conditions under a name. Refused with `rules`, and the place, for what is not understood."""
        community = request.community  # type: ignore[attr-defined]
        made = segments.create(
            community=community,
            catalogue=conditions.catalogue(community, may=self.may),
            at=now(),
            by=Actor.of_request(request),
            **self.read_body(),
        )
        place = reverse("api:segment", kwargs={"community_slug": community.slug, "segment_id": made.pk})
        headers = {"Location": request.build_absolute_uri(place)}
        return self.one(SegmentShape(made), status=201, headers=headers)


class OneSegment(ApiView):
    tag = "segments"
    places = PLACES

    @operation(
        "read_segment",
        "Read a segment",
        answers={200: SegmentShape},
        needs="members.view",
        query=SparseQuery,
        tagged=True,
    )
    def get(self, request: Request, segment_id: int) -> Response:
        """One segment, by id."""
        return self.one(SegmentShape(find(request.community, segment_id, may=self.may)))  # type: ignore[attr-defined]

    @operation(
        "change_segment",
        "Change a segment",
        answers={200: SegmentShape},
        needs="members.change",
        body=SegmentChange,
        query=SparseQuery,
        tagged=True,
        example={"name": "Quiet patrons of Lyon"},
    )
    def patch(self, request: Request, segment_id: int) -> Response:
        """Give it another name, other rules, or both."""
        community = request.community  # type: ignore[attr-defined]
        fields = self.read_body()
        with transaction.atomic():
            locked(Segment.objects.filter(pk=find(community, segment_id, may=self.may).pk)).get()
            segment = find(community, segment_id, may=self.may)
            etags.require(request, etags.of(SegmentShape(segment).data))
            changed = segments.update(
                segment=segment,
                catalogue=conditions.catalogue(community, may=self.may),
                at=now(),
                by=Actor.of_request(request),
                **fields,
            )
        return self.one(SegmentShape(changed))

    @operation("delete_segment", "Delete a segment", answers={204: None}, needs="members.change")
    def delete(self, request: Request, segment_id: int) -> Response:
        """Delete the name; the members stay as they are."""
        segment = find(request.community, segment_id, may=self.may)  # type: ignore[attr-defined]
        segments.delete(segment=segment, at=now(), by=Actor.of_request(request))
        return Response(status=204)


def find(community: Community, segment_id: int, *, may: May) -> Segment:
    """Raises `Http404`, also for one that asks about what one may not see."""
    rows = found.of(community, may=may)
    segment = rows.filter(pk=segment_id).first() if segment_id < 2**63 else None
    if segment is None:
        raise Http404
    return segment
