"""Members: listed, entered, read, changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from kernel import columns
from kernel.api import etags, pages
from kernel.api.operations import operation
from kernel.api.queries import SparseQuery
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.errors import Refused
from kernel.locks import locked
from kernel.permissions import May, unlimited
from kernel.tenancy import Community
from members.actors import Actor
from members.api import queries
from members.api.queries import MembersQuery
from members.api.shapes import PREFIX, MemberPage, MemberShape, NewMember, Profile
from members.models import Membership, Tier
from members.selectors import merged
from members.services import memberships

NUMBER = {"number": "The member's number."}


class Members(ApiView):
    tag = "members"

    @operation(
        "list_members",
        "List members",
        answers={200: MemberPage},
        needs="members.view",
        query=MembersQuery,
    )
    def get(self, request: Request) -> Response:
        """The members of the community, narrowed by the parameters that are given."""
        query = self.query
        page = pages.page(
            request,
            queries.matching(request.community, query, may=self.may),  # type: ignore[attr-defined]
            order=queries.order(request.community, query["ordering"], may=self.may),  # type: ignore[attr-defined]
            limit=query["limit"],
            cursor=query.get("cursor", ""),
            wide=partial(whole, may=self.may),
        )
        shape = MemberShape(page.rows, many=True, only=self.only, context=self.get_context())
        return Response(page.answer(shape.data))

    @operation(
        "add_member",
        "Enter a member",
        answers={201: MemberShape},
        needs="members.change",
        body=NewMember,
        query=SparseQuery,
        tagged=True,
        example={
            "member": "u-1207",
            "name": "Li Lei",
            "email": "lilei@example.org",
            "joined_at": "2026-03-02T19:30:00+08:00",
        },
    )
    def post(self, request: Request) -> Response:
        """Enter somebody as a member. A time without offset is the community's local time."""
        community = request.community  # type: ignore[attr-defined]
        fields = self.read_body()
        fields["external_id"] = fields.pop("member", None)
        if "tier" in fields:
            fields["tier"] = tier_of(community, fields["tier"])
        if "invited_by" in fields:
            fields["invited_by"] = _inviter(community, fields["invited_by"])
        with _in_the_words_of_the_api():
            added = memberships.add(community=community, at=now(), by=Actor.of_request(request), **fields)
        place = reverse("api:member", kwargs={"community_slug": community.slug, "number": added.number})
        member = find(community, added.number)
        return self.one(
            MemberShape(member, context=self.get_context()),
            status=201,
            headers={"Location": request.build_absolute_uri(place)},
        )


class OneMember(ApiView):
    tag = "members"
    places = NUMBER

    @operation(
        "read_member",
        "Read a member",
        answers={200: MemberShape},
        needs="members.view",
        query=SparseQuery,
        tagged=True,
    )
    def get(self, request: Request, number: int) -> Response:
        """One member, by number."""
        member = find(request.community, number)  # type: ignore[attr-defined]
        return self.one(MemberShape(member, context=self.get_context()))

    @operation(
        "change_member",
        "Change a member",
        answers={200: MemberShape},
        needs="members.change",
        body=Profile,
        query=SparseQuery,
        tagged=True,
        example={"city": "杭州", "tags": ["core", "2026"]},
    )
    def patch(self, request: Request, number: int) -> Response:
        """Change what is given of the member's profile; a list or `custom` is replaced as a whole."""
        community = request.community  # type: ignore[attr-defined]
        fields = self.read_body()
        with transaction.atomic():
            member = find(community, number, lock=True)
            etags.require(request, etags.of(MemberShape(member, context=self.get_context()).data))
            memberships.update(membership=member, at=now(), by=Actor.of_request(request), **fields)
        return self.one(MemberShape(find(community, number), context=self.get_context()))


def whole(members: QuerySet[Membership], *, may: May = unlimited) -> QuerySet[Membership]:
    """The members with all that `MemberShape` shows to who may do that, in one query."""
    above = {f"{PREFIX}{column.key}": column.value() for column in columns.seen(may)}
    return members.select_related("tier", "invited_by").annotate(**above)


def find(community: Community, number: int, *, lock: bool = False) -> Membership:
    """The member of that number. Raises `Http404`; for one that was merged the answer says into which."""
    found: Any = whole(Membership.objects.of(community.id)).filter(number=number)
    if not 0 < number < 2**31:
        raise Http404
    member: Membership | None = (locked(found) if lock else found).first()
    if member is None:
        kept = merged.of_number(community.id, number)
        if kept is None:
            raise Http404
        words = _("This record was merged into number %(number)d.")
        raise exceptions.NotFound(words % {"number": kept.number}, "merged")
    return member


def tier_of(community: Community, key: str) -> Tier:
    tier = Tier.objects.of(community.id).filter(key=key).first()
    if tier is None:
        raise Refused(_("There is no tier of this key."), code="unknown", field="tier")
    return tier


def _inviter(community: Community, number: int) -> Membership:
    inviter = Membership.objects.of(community.id).filter(number=number).first()
    if inviter is None:
        raise Refused(_("There is no member of this number."), code="unknown", field="invited_by")
    return inviter


@contextmanager
def _in_the_words_of_the_api() -> Iterator[None]:
    """What the model calls the external id is `member` here."""
    try:
        yield
    except Refused as refusal:
        if refusal.field == "external_id":
            refusal.field = "member"
        raise
