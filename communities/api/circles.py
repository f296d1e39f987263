"""Circles: read by those who may see them, kept by staff, joined by members."""

from typing import Any

from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from communities.api.circle_shapes import CircleChange, CirclePage, CircleShape, NewCircle, WhoComes
from communities.models import Circle
from communities.selectors import circles as seen
from communities.services import circle_hosts, circles
from kernel import access
from kernel.api import etags, pages
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.errors import Refused
from kernel.keyset import Order
from kernel.locks import locked
from members.actors import Actor
from members.models import Membership, Tier

SLUG = {"circle_slug": "The circle's address."}


class CirclesQuery(PageQuery, SparseQuery):
    archived = serializers.BooleanField(
        required=False, default=False, help_text="Those that are archived, instead of the others."
    )


class Circles(ApiView):
    tag = "circles"

    @operation("list_circles", "List circles", answers={200: CirclePage}, query=CirclesQuery)
    def get(self, request: Request) -> Response:
        """The circles of the community that the caller may see, in their order. Of a secret one only its own members
        know; a key is none of them."""
        rows = _rows(request).filter(archived_at__isnull=not self.query["archived"])
        page = pages.page(
            request,
            rows,
            order=Order("position", tie="id"),
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(CircleShape(page.rows, many=True, only=self.only).data))

    @operation(
        "create_circle",
        "Open a circle",
        answers={201: CircleShape},
        body=NewCircle,
        query=SparseQuery,
        tagged=True,
        refuses=(422,),
        example={"name": "Night owls", "kind": "closed"},
    )
    def post(self, request: Request) -> Response:
        """Open a circle behind the others. A secret one is made in the browser: whoever makes it is in it. Members open
        circles of their own, for every tier, where the community lets them, and look after them."""
        community = request.community  # type: ignore[attr-defined]
        fields = _with_tier(request, self.read_body())
        told: dict[str, Any] = {"community": community, "at": now(), "by": Actor.of_request(request)}
        member: Membership | None = request.membership  # type: ignore[attr-defined]
        if member is None or member.may(circles.MANAGE):
            made = circles.create(**told, **fields)
        elif fields.pop("minimum_tier", None) is not None:
            raise Refused(
                _("Only the staff can change this of a circle."), code="staff_only", field="minimum_tier"
            )
        else:
            made = circle_hosts.open_own(**told, **fields)
        place = reverse("api:circle", kwargs={"community_slug": community.slug, "circle_slug": made.slug})
        return self.one(
            CircleShape(find(request, made.slug)),
            status=201,
            headers={"Location": request.build_absolute_uri(place)},
        )


class OneCircle(ApiView):
    tag = "circles"
    places = SLUG

    @operation("read_circle", "Read a circle", answers={200: CircleShape}, query=SparseQuery, tagged=True)
    def get(self, request: Request, circle_slug: str) -> Response:
        """One circle; 404 for one that the caller may not see."""
        return self.one(CircleShape(find(request, circle_slug)))

    @operation(
        "change_circle",
        "Change a circle",
        answers={200: CircleShape},
        needs=circles.MANAGE,
        body=CircleChange,
        query=SparseQuery,
        tagged=True,
        example={"description": "For those who are awake."},
    )
    def patch(self, request: Request, circle_slug: str) -> Response:
        """Change what is given. `archived` closes a circle to newcomers and hides it from all but its members and
        staff, and brings it back."""
        fields = _with_tier(request, self.read_body())
        told: dict[str, Any] = {"at": now(), "by": Actor.of_request(request)}
        with transaction.atomic():
            circle = find(request, circle_slug)
            locked(Circle.objects.filter(pk=circle.pk)).get()
            etags.require(request, etags.of(CircleShape(find(request, circle_slug)).data))
            archived = fields.pop("archived", None)
            if fields:
                circles.update(circle=circle, **told, **fields)
            if archived is not None:
                (circles.archive if archived else circles.reopen)(circle=circle, **told)
        return self.one(CircleShape(find(request, circle_slug)))


class CircleMembers(ApiView):
    """Who is brought into a circle by staff, or joins it in the browser."""

    tag = "circles"
    places = SLUG

    @operation(
        "bring_into_circle",
        "Bring a member into a circle",
        answers={200: CircleShape},
        needs=circles.MANAGE,
        body=WhoComes,
        query=SparseQuery,
        refuses=(422,),
    )
    def post(self, request: Request, circle_slug: str) -> Response:
        """Bring a member into a circle of any kind; doing so twice is done once."""
        circle = find(request, circle_slug)
        number = self.read_body()["number"]
        member = _member(request, number)
        if member is None:
            raise Refused(_("There is no member of this number."), code="unknown", field="number")
        circles.put_in(circle=circle, membership=member, at=now(), by=Actor.of_request(request))
        return self.one(CircleShape(find(request, circle_slug)))


class OneCircleMember(ApiView):
    tag = "circles"
    places = SLUG | {"number": "The member's number."}

    @operation(
        "take_out_of_circle",
        "Take a member out of a circle",
        answers={204: None},
        needs=circles.MANAGE,
        refuses=(422,),
    )
    def delete(self, request: Request, circle_slug: str, number: int) -> Response:
        """Take a member out of a circle; refused for the last one who knows of a secret one."""
        circle, member = find(request, circle_slug), _member(request, number)
        if member is None:
            raise Http404
        circles.take_out(circle=circle, membership=member, at=now(), by=Actor.of_request(request))
        return Response(status=204)


class Hosts(ApiView):
    """Who looks after a circle besides the staff."""

    tag = "circles"
    places = SLUG

    @operation(
        "appoint_host",
        "Let a member look after a circle",
        answers={200: CircleShape},
        needs=circles.MANAGE,
        body=WhoComes,
        query=SparseQuery,
        refuses=(422,),
        example={"number": 7},
    )
    def post(self, request: Request, circle_slug: str) -> Response:
        """Let a member who is in the circle look after it; doing so twice is done once."""
        circle, member = find(request, circle_slug), _member(request, self.read_body()["number"])
        if member is None:
            raise Refused(_("There is no member of this number."), code="unknown", field="number")
        circle_hosts.appoint(circle=circle, membership=member, at=now(), by=Actor.of_request(request))
        return self.one(CircleShape(find(request, circle_slug)))


class OneHost(ApiView):
    tag = "circles"
    places = SLUG | {"number": "The member's number."}

    @operation(
        "dismiss_host",
        "End a member's looking after a circle",
        answers={204: None},
        needs=circles.MANAGE,
        refuses=(422,),
    )
    def delete(self, request: Request, circle_slug: str, number: int) -> Response:
        """Let a host be a member of the circle like others. Where none is left, the staff look after it."""
        circle, member = find(request, circle_slug), _member(request, number)
        if member is None:
            raise Http404
        circle_hosts.dismiss(circle=circle, membership=member, at=now(), by=Actor.of_request(request))
        return Response(status=204)


class OwnDoor(ApiView):
    """Join or leave a circle oneself."""

    tag = "circles"
    places = SLUG
    leaves = False

    def go(self, request: Request, circle_slug: str) -> Response:
        circle, member = find(request, circle_slug), person(request)
        if self.leaves:
            circles.leave(circle=circle, membership=member)
        else:
            circles.join(circle=circle, membership=member, at=now())
        return Response(status=204)


class Join(OwnDoor):
    @operation("join_circle", "Join a circle", answers={204: None}, refuses=(422,))
    def post(self, request: Request, circle_slug: str) -> Response:
        """Join an open circle, as the person who asks in the browser."""
        return self.go(request, circle_slug)


class Leave(OwnDoor):
    leaves = True

    @operation("leave_circle", "Leave a circle", answers={204: None}, refuses=(422,))
    def post(self, request: Request, circle_slug: str) -> Response:
        """Leave a circle, or take back a request to be let in, as the person who asks in the browser."""
        return self.go(request, circle_slug)


def _rows(request: Request) -> Any:
    community, viewer = request.community, request.membership  # type: ignore[attr-defined]
    return seen.with_hosts(seen.counted(access.shown(Circle.objects.of(community.id), request), viewer))


def find(request: Request, slug: str) -> Circle:
    """The circle as far as the caller may see it. Raises `Http404`."""
    circle: Circle | None = _rows(request).filter(slug=slug).first() if "\x00" not in slug else None
    if circle is None:
        raise Http404
    return circle


def person(request: Request) -> Membership:
    """The member who asks in the browser. Raises `PermissionDenied` for a key, which is nobody."""
    member: Membership | None = request.membership  # type: ignore[attr-defined]
    if member is None:
        words = _("This is about the person who asks: sign in, in the browser.")
        raise exceptions.PermissionDenied(words, "person_needed")
    return member


def _member(request: Request, number: int) -> Membership | None:
    rows = Membership.objects.of(request.community.id)  # type: ignore[attr-defined]
    return rows.filter(number=number).select_related("tier").first() if number < 2**31 else None


def _with_tier(request: Request, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields with the tier that a key names, or none for null."""
    key = fields.get("minimum_tier")
    if key is not None:
        fields["minimum_tier"] = Tier.objects.of(request.community.id).filter(key=key).first()  # type: ignore[attr-defined]
        if fields["minimum_tier"] is None:
            raise Refused(_("There is no tier of this key."), code="unknown", field="minimum_tier")
    return fields
