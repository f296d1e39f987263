"""What the API says of kinds of ticket and of waiting lists, and what it takes."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from gatherings.models import Room, TicketKind, Waiting
from kernel.api.fields import Choice, Flag, Moment, Text, Whole
from kernel.api.money import MoneyShape
from kernel.api.serializers import Body, Shape, page_of
from kernel.money import Money

AMOUNT = "An amount in the gathering's currency, such as 12.50; 0 for nothing, null for not for them."


class TicketKindShape(Shape):
    """A sort of ticket of one gathering."""

    sparse = True

    id = serializers.UUIDField(source="key")
    event = serializers.UUIDField(source="event.key")
    name = serializers.CharField(help_text="Empty where it is called by how one comes.")
    way = serializers.ChoiceField(source="room.way", choices=Room.Way.values)
    price = serializers.SerializerMethodField(help_text="For members; null where it is not for them.")
    guest_price = serializers.SerializerMethodField(help_text="For guests; null where it is not for them.")
    minimum_tier = serializers.CharField(source="minimum_tier.key", allow_null=True, default=None)
    quantity = serializers.IntegerField(allow_null=True, help_text="Null for as many as its way has places.")
    sold_from = Moment(allow_null=True)
    sold_until = Moment(allow_null=True)
    withdrawn_at = Moment(allow_null=True, help_text="Since when it is sold no more.")

    @extend_schema_field(MoneyShape(allow_null=True))
    def get_price(self, kind: TicketKind) -> object:
        return _money(kind, kind.price)

    @extend_schema_field(MoneyShape(allow_null=True))
    def get_guest_price(self, kind: TicketKind) -> object:
        return _money(kind, kind.guest_price)


def _money(kind: TicketKind, amount: int | None) -> object:
    return None if amount is None else MoneyShape(Money(amount, kind.event.currency)).data


KindPage = page_of(TicketKindShape, "TicketKindPage")


class KindChange(Body):
    """What is said of a kind of ticket; what is left out stays."""

    name = Text(required=False, max_length=80, allow_blank=True)
    price = Text(required=False, allow_null=True, max_length=20, help_text=AMOUNT)
    guest_price = Text(required=False, allow_null=True, max_length=20, help_text=AMOUNT)
    minimum_tier = Text(required=False, allow_null=True, max_length=40, help_text="A tier's key, or null.")
    quantity = Whole(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=1_000_000,
        help_text="Null: as many as there are.",
    )
    sold_from = Moment(required=False, allow_null=True)
    sold_until = Moment(required=False, allow_null=True)


class KindBody(KindChange):
    """A kind of ticket to add."""

    way = Choice(choices=Room.Way.values, help_text="How one comes with it.")


class Withdrawing(Body):
    """Whether it is sold no more."""

    withdrawn = Flag()


class WaitingShape(Shape):
    """Somebody's turn in a waiting list."""

    sparse = True

    event = serializers.UUIDField(source="event.key")
    kind = serializers.UUIDField(source="kind.key", help_text="The kind of ticket they wait for.")
    member = serializers.IntegerField(source="membership.number", help_text="The number of who waits.")
    since = Moment()
    state = serializers.ChoiceField(choices=Waiting.State.values)
    offered_at = Moment(allow_null=True)
    ended_at = Moment(allow_null=True)


WaitingPage = page_of(WaitingShape, "WaitingPage")


class Waits(Body):
    """What they wait for."""

    kind = serializers.UUIDField(help_text="The key of a kind of ticket.")
