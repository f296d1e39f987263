"""Letters: what the signed-in member wants to be told, and what the community has sent."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.api import etags, newest
from kernel.api.fields import Choice, Moment
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.serializers import Body, Shape, page_of
from kernel.api.views import ApiView
from kernel.clock import now
from members.actors import Actor
from members.api.members import NUMBER, find
from members.models import Membership, Message
from members.selectors import mail
from members.selectors.mail import Choice as Wish
from members.services import bounces, delivery, preferences


class WishShape(Shape):
    """One kind of thing that a member is told."""

    kind = serializers.CharField(source="kind.key")
    label = serializers.CharField(source="kind.label")  # type: ignore[assignment]
    group = serializers.CharField(source="kind.group.label")
    mail = serializers.BooleanField(allow_null=True, help_text="By e-mail; null where there is no letter.")
    daily = serializers.BooleanField(
        allow_null=True, help_text="Whether its letters come in one a day; null where they cannot wait."
    )
    page = serializers.BooleanField(allow_null=True, help_text="In the page; null where there is no notice.")
    fixed = serializers.BooleanField(
        help_text="Whether it always reaches, so that it cannot be switched off."
    )


class WishesShape(Shape):
    """What the signed-in member wants to be told by this community."""

    kinds = WishShape(many=True)


def _keys(channel: str) -> list[str]:
    return [kind.key for kind in preferences.offered(channel)]


class WishesBody(Body):
    """The kinds to switch off; a list replaces the one before, one that is left out stays."""

    def get_fields(self) -> dict[str, Any]:
        return {
            f"{channel}_off": serializers.ListField(
                child=Choice(choices=_keys(channel)),
                required=False,
                max_length=200,
                help_text=words,
            )
            for channel, words in (("mail", "Not by e-mail."), ("page", "Not in the page."))
        } | {
            "daily": serializers.ListField(
                child=Choice(choices=[kind.key for kind in preferences.offered("mail") if kind.can_wait]),
                required=False,
                max_length=200,
                help_text="By e-mail in one letter a day, and not at once.",
            )
        }


class Wishes(ApiView):
    tag = "notifications"

    @operation("read_notifications", "Read what you are told", answers={200: WishesShape}, tagged=True)
    def get(self, request: Request) -> Response:
        """What the signed-in member is told by e-mail and in the page. A key is nobody: it gets 403."""
        return self.one(WishesShape(_wishes(signed_in(request))))

    @operation(
        "change_notifications",
        "Change what you are told",
        answers={200: WishesShape},
        body=WishesBody,
        tagged=True,
        example={"mail_off": ["digest"]},
    )
    def patch(self, request: Request) -> Response:
        """Switch kinds off, and on again by leaving them out of the list; kinds that one cannot receive stay as they
        are."""
        membership = signed_in(request)
        given = self.read_body()
        with transaction.atomic():
            before = _wishes(membership)
            etags.require(request, etags.of(WishesShape(before).data))
            off = {channel: given.get(f"{channel}_off") for channel in preferences.Channel.values}
            wanted = {
                channel: _left_on(before["kinds"], channel)
                if kinds is None
                else set(_keys(channel)) - set(kinds)
                for channel, kinds in off.items()
            }
            daily = given.get("daily")
            preferences.choose(membership=membership, wanted=wanted, daily=daily, at=now())
        return self.one(WishesShape(_wishes(membership)))


def signed_in(request: Request) -> Membership:
    membership: Membership | None = request.membership  # type: ignore[attr-defined]
    if membership is None:
        raise exceptions.PermissionDenied(
            _("A key is nobody's: sign in as the member whose notifications these are."), "no_member"
        )
    return membership


def _wishes(membership: Membership) -> dict[str, Any]:
    return {"kinds": [wish for _group, wishes in mail.wishes(membership).groups for wish in wishes]}


def _left_on(wishes: list[Wish], channel: str) -> set[str]:
    return {wish.kind.key for wish in wishes if getattr(wish, channel)}


class MessageShape(Shape):
    """A letter that was sent, is on its way or was held back; never what it said."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    member = serializers.IntegerField(
        source="membership.number", allow_null=True, default=None, help_text="The member's number."
    )
    address = serializers.CharField(help_text="Empty when none was known.")
    subject = serializers.CharField()
    state = serializers.ChoiceField(choices=Message.State.values)
    reason = serializers.SerializerMethodField(help_text="Why it did not go; empty when it did.")
    attempts = serializers.IntegerField()
    created_at = Moment()
    finished_at = Moment(allow_null=True)

    def get_reason(self, message: Message) -> str:
        return message.reason if message.state != Message.State.SENT else ""


MessagePage = page_of(MessageShape, "MessagePage")


class MessagesQuery(PageQuery):
    state = serializers.ChoiceField(
        required=False, choices=Message.State.values, help_text="Those in this state alone."
    )


class Messages(ApiView):
    tag = "mail"

    @operation(
        "list_mail", "List letters", answers={200: MessagePage}, needs="mail.manage", query=MessagesQuery
    )
    def get(self, request: Request) -> Response:
        """The letters of the community, newest first, without what they said."""
        page = newest.page(
            request,
            mail.log(request.community.id, state=self.query.get("state", "")),  # type: ignore[attr-defined]
            at="created_at",
            tie="id",
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(MessageShape(page.rows, many=True).data))


class OneMessage(ApiView):
    tag = "mail"
    places = {"message_id": "The letter's id."}

    @operation("read_letter", "Read where a letter stands", answers={200: MessageShape}, needs="mail.manage")
    def get(self, request: Request, message_id: UUID) -> Response:
        """One letter, without what it said."""
        return Response(MessageShape(_letter(request, message_id)).data)


class SendAgain(ApiView):
    tag = "mail"
    places = OneMessage.places

    @operation(
        "send_letter_again",
        "Send a letter once more",
        answers={200: MessageShape},
        needs="mail.manage",
    )
    def post(self, request: Request, message_id: UUID) -> Response:
        """A letter that failed, or of which nobody knows whether it arrived, is on its way again. Refused with
        `not_now` for any other, and where its words are not kept any more."""
        message = _letter(request, message_id)
        delivery.again(message=message, at=now(), by=Actor.of_request(request))
        return Response(MessageShape(_letter(request, message_id)).data)


def _letter(request: Request, message_id: UUID) -> Message:
    message = mail.log(request.community.id).filter(pk=message_id).first()  # type: ignore[attr-defined]
    if message is None:
        raise Http404
    return message


class DeadAddressShape(Shape):
    """An address that refused the community's mail for good."""

    address = serializers.CharField()
    detail = serializers.CharField(help_text="What the mail server said.")
    at = Moment()


class DeadAddressesShape(Shape):
    """A member's addresses that nothing is sent to."""

    addresses = DeadAddressShape(many=True)


class DeadAddresses(ApiView):
    tag = "mail"
    places = NUMBER

    @operation(
        "list_dead_addresses",
        "List a member's addresses that take no mail",
        answers={200: DeadAddressesShape},
        needs="mail.manage",
    )
    def get(self, request: Request, number: int) -> Response:
        """Which of the member's addresses are not written to any more, and why."""
        return _dead(request, number)


class LiftAddress(ApiView):
    tag = "mail"
    places = NUMBER

    @operation(
        "lift_dead_addresses",
        "Write to a member's addresses again",
        answers={200: DeadAddressesShape},
        needs="members.change",
    )
    def post(self, request: Request, number: int) -> Response:
        """Letters go to the member's addresses again, until one refuses them for good. Doing it twice changes nothing."""
        member = find(request.community, number)  # type: ignore[attr-defined]
        bounces.lift(membership=member, at=now(), by=Actor.of_request(request))
        return _dead(request, number)


def _dead(request: Request, number: int) -> Response:
    member = find(request.community, number)  # type: ignore[attr-defined]
    return Response(DeadAddressesShape({"addresses": mail.dead(member)}).data)
