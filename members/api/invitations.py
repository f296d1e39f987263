"""Invitations: links made and ended, letters sent, and who invited whom."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.api import pages
from kernel.api.fields import Choice, Email, Moment, Text, Whole
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.queries import SparseQuery
from kernel.api.serializers import Body, Shape, page_of
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.errors import Refused
from kernel.keyset import Order
from kernel.tenancy import Community
from members.actors import Actor
from members.api.members import NUMBER, find, whole
from members.api.shapes import LARGEST_NUMBER, MemberPage, MemberShape
from members.models import Invitation, Membership, Tier
from members.selectors import forest
from members.selectors import invitations as found
from members.selectors.invitations import State
from members.services import invitation_mail, invitations, inviters

LANGUAGES = ["en", "zh-hans"]
SLUG = r"^[-a-zA-Z0-9_]+$"
#: Members' own links are theirs: nobody else reads or ends them.
KINDS = [Invitation.Kind.LINK.value, Invitation.Kind.EMAIL.value, Invitation.Kind.FILE.value]


class InvitationShape(Shape):
    """A link of the operators, or an invitation that was sent to somebody."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=KINDS)
    state = serializers.SerializerMethodField(help_text="Whether one can come by it: `open`, or why not.")
    url = serializers.SerializerMethodField(help_text="Where a link leads; null for what was sent.")
    channel = serializers.CharField()
    campaign = serializers.CharField(help_text="Empty when none.")
    tier = serializers.CharField(source="tier.key", allow_null=True, default=None)
    limit = serializers.IntegerField(
        allow_null=True, help_text="How many may join by it; null for any number."
    )
    used = serializers.IntegerField(help_text="How many have joined by it.")
    inviter = serializers.IntegerField(
        source="inviter.number", allow_null=True, default=None, help_text="The number of who invites."
    )
    email = serializers.CharField(help_text="Whom it was sent to; empty for links.")
    created_at = Moment()
    sent_at = Moment(allow_null=True)
    expires_at = Moment(allow_null=True)
    revoked_at = Moment(allow_null=True)

    def get_state(self, invitation: Invitation) -> serializers.ChoiceField(choices=State.values):  # type: ignore[valid-type]
        return found.state(invitation, now()).value

    def get_url(self, invitation: Invitation) -> str | None:
        if invitation.kind != Invitation.Kind.LINK:
            return None
        path = reverse("members:invitation", args=[invitation.code])
        return str(self.context["request"].build_absolute_uri(path))


InvitationPage = page_of(InvitationShape, "InvitationPage")


class InvitationsQuery(PageQuery):
    kind = serializers.ChoiceField(required=False, choices=KINDS, help_text="Invitations of this kind alone.")


class NewLink(Body):
    """A link to put somewhere."""

    channel = serializers.RegexField(
        SLUG, max_length=40, trim_whitespace=False, help_text="Where it is put, as a slug: `flyer`."
    )
    campaign = Text(required=False, max_length=80, allow_blank=True)
    tier = Text(required=False, max_length=40, help_text="A tier's key; the usual one when left out.")
    limit = Whole(required=False, allow_null=True, min_value=1, max_value=1_000_000)
    expires_at = Moment(required=False, allow_null=True)


class NewLetter(Body):
    """An invitation to mail."""

    email = Email(max_length=254)
    language = Choice(required=False, choices=LANGUAGES, help_text="The community's when left out.")
    note = Text(required=False, max_length=300, allow_blank=True, help_text="Stands in the letter.")
    campaign = Text(required=False, max_length=80, allow_blank=True)
    tier = Text(required=False, max_length=40, help_text="A tier's key; the usual one when left out.")
    inviter = Whole(
        required=False,
        min_value=1,
        max_value=LARGEST_NUMBER,
        help_text="For programs: the number of the member who invites. People invite themselves.",
    )


class Correction(Body):
    """Who really invited a member."""

    inviter = Whole(min_value=1, max_value=LARGEST_NUMBER, allow_null=True, help_text="null for nobody.")
    reason = Text(max_length=240, help_text="Kept in the history of the membership.")


class Invitations(ApiView):
    tag = "invitations"

    @operation(
        "list_invitations",
        "List invitations",
        answers={200: InvitationPage},
        needs=invitations.MANAGE,
        query=InvitationsQuery,
    )
    def get(self, request: Request) -> Response:
        """The operators' links and what was sent, newest first; members' own links are theirs alone."""
        community = request.community  # type: ignore[attr-defined]
        kinds = [self.query["kind"]] if "kind" in self.query else KINDS
        page = pages.page(
            request,
            found.whole(Invitation.objects.of(community.id).filter(kind__in=kinds)),
            order=Order("created_at", tie="id", descending=True),
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        shapes = InvitationShape(page.rows, many=True, context=self.get_context())
        return Response(page.answer(shapes.data))

    @operation(
        "create_invitation",
        "Make a link",
        answers={201: InvitationShape},
        needs=invitations.MANAGE,
        body=NewLink,
        example={"channel": "flyer", "campaign": "spring", "limit": 100},
    )
    def post(self, request: Request) -> Response:
        """Make a link with a channel of its own: whoever joins by it is counted there."""
        community = request.community  # type: ignore[attr-defined]
        fields = _with_tier(community, self.read_body())
        made = invitations.create_link(community=community, at=now(), by=Actor.of_request(request), **fields)
        return _answer(self, request, made, status=201)


class OneInvitation(ApiView):
    tag = "invitations"
    places = {"invitation_id": "The invitation's id."}

    @operation(
        "read_invitation", "Read an invitation", answers={200: InvitationShape}, needs=invitations.MANAGE
    )
    def get(self, request: Request, invitation_id: int) -> Response:
        """One link, or one invitation that was sent."""
        return _answer(self, request, _find(request, invitation_id))


class SendInvitation(ApiView):
    tag = "invitations"

    @operation(
        "send_invitation",
        "Invite by e-mail",
        answers={201: InvitationShape},
        needs=found.SEND,
        body=NewLetter,
        example={"email": "mei@example.org", "language": "zh-hans", "note": "We meet on Sunday."},
    )
    def post(self, request: Request) -> Response:
        """Mail an invitation. Never twice to one address within 30 days, and so many a day and member."""
        community = request.community  # type: ignore[attr-defined]
        fields = _with_tier(community, self.read_body())
        inviter = _inviter(request, fields.pop("inviter", None))
        made = invitation_mail.send(
            community=community, inviter=inviter, at=now(), by=Actor.of_request(request), **fields
        )
        return _answer(self, request, made, status=201)


class RevokeInvitation(ApiView):
    tag = "invitations"
    places = {"invitation_id": "The invitation's id."}

    @operation(
        "revoke_invitation",
        "End an invitation",
        answers={200: InvitationShape},
        needs=invitations.MANAGE,
    )
    def post(self, request: Request, invitation_id: int) -> Response:
        """Nobody comes by it any more; who came stays. Doing it twice changes nothing."""
        invitation = _find(request, invitation_id)
        invitations.revoke(invitation=invitation, at=now(), by=Actor.of_request(request))
        return _answer(self, request, invitation)


class Invitees(ApiView):
    tag = "members"
    places = NUMBER

    class Query(PageQuery, SparseQuery):
        pass

    @operation(
        "list_invitees",
        "List whom a member brought",
        answers={200: MemberPage},
        needs="members.view",
        query=Query,
    )
    def get(self, request: Request, number: int) -> Response:
        """Those whose inviter the member is, in the order of their numbers."""
        member = find(request.community, number)  # type: ignore[attr-defined]
        page = pages.page(
            request,
            whole(forest.invitees(member), may=self.may),
            order=Order("number", tie="number"),
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        shape = MemberShape(page.rows, many=True, only=self.only, context=self.get_context())
        return Response(page.answer(shape.data))


class Inviter(ApiView):
    tag = "members"
    places = NUMBER

    @operation(
        "correct_inviter",
        "Correct who invited a member",
        answers={200: MemberShape},
        needs="members.change",
        body=Correction,
        query=SparseQuery,
        example={"inviter": 12, "reason": "The form named the wrong Ada."},
    )
    def post(self, request: Request, number: int) -> Response:
        """Say who really invited the member. Refused where it would go round in a circle."""
        community = request.community  # type: ignore[attr-defined]
        member, fields = find(community, number), self.read_body()
        inviter = None
        if fields["inviter"] is not None:
            inviter = Membership.objects.of(community.id).filter(number=fields["inviter"]).first()
            if inviter is None:
                raise _unknown("inviter")
        inviters.correct(
            membership=member,
            inviter=inviter,
            reason=fields["reason"],
            at=now(),
            by=Actor.of_request(request),
        )
        return self.one(MemberShape(find(community, number), context=self.get_context()))


def _find(request: Request, invitation_id: int) -> Invitation:
    rows = Invitation.objects.of(request.community.id).filter(kind__in=KINDS)  # type: ignore[attr-defined]
    invitation = found.whole(rows).filter(pk=invitation_id).first() if invitation_id < 2**63 else None
    if invitation is None:
        raise Http404
    return invitation


def _answer(view: ApiView, request: Request, invitation: Invitation, *, status: int = 200) -> Response:
    shape = InvitationShape(_find(request, invitation.pk), context=view.get_context())
    slug = request.community.slug  # type: ignore[attr-defined]
    place = reverse("api:invitation", kwargs={"community_slug": slug, "invitation_id": invitation.pk})
    headers = {"Location": request.build_absolute_uri(place)} if status == 201 else {}
    return view.one(shape, status=status, headers=headers)


def _with_tier(community: Community, fields: dict[str, Any]) -> dict[str, Any]:
    if "tier" in fields:
        fields["tier"] = Tier.objects.of(community.id).filter(key=fields["tier"]).first()
        if fields["tier"] is None:
            raise Refused(_("There is no tier of this key."), code="unknown", field="tier")
    return fields


def _inviter(request: Request, number: int | None) -> Membership:
    """People invite in their own name, programs in that of the member they name."""
    own: Membership | None = request.membership  # type: ignore[attr-defined]
    if own is not None:
        if number not in (None, own.number):
            raise Refused(_("You invite in your own name."), code="not_yours", field="inviter")
        return own
    if number is None:
        raise Refused(_("Say which member invites."), code="required", field="inviter")
    inviter = Membership.objects.of(request.community.id).filter(number=number).first()  # type: ignore[attr-defined]
    if inviter is None:
        raise _unknown("inviter")
    return inviter


def _unknown(field: str) -> Refused:
    return Refused(_("There is no member of this number."), code="unknown", field=field)
