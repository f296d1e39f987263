"""What the API says of gatherings, answers and tickets, and what it takes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from gatherings.models import Attendance, Event, EventQuestion, Room, Ticket
from kernel.api.fields import Choice, Flag, Moment, Text, Whole
from kernel.api.money import MoneyShape
from kernel.api.serializers import Body, Shape, page_of

ZONE = "An IANA time zone, such as Asia/Shanghai: the clock of the place."


class RoomShape(Shape):
    """A way in which people come, and its places."""

    way = serializers.ChoiceField(choices=Room.Way.values)
    places = serializers.IntegerField(
        source="capacity", allow_null=True, help_text="Null where as many come as wish."
    )
    taken = serializers.IntegerField(help_text="How many are somebody's, or held for somebody.")
    waiting = serializers.IntegerField(source="waits", help_text="How many wait for one.")
    left = serializers.IntegerField(
        allow_null=True, help_text="How many anybody may take now; null for no bound."
    )


class KindShape(Shape):
    """A sort of ticket."""

    id = serializers.UUIDField(source="key")
    name = serializers.CharField()
    way = serializers.ChoiceField(source="room.way", choices=Room.Way.values)
    price = MoneyShape(
        source="member_money", allow_null=True, help_text="For members; null where it is not for them."
    )
    guest_price = MoneyShape(
        source="guest_money", allow_null=True, help_text="For guests; null where it is not for them."
    )
    quantity = serializers.IntegerField(allow_null=True, help_text="Null for as many as its way has places.")
    sold_from = Moment(allow_null=True)
    sold_until = Moment(allow_null=True)


class AskedShape(Shape):
    """What is asked of who takes a place."""

    id = serializers.IntegerField(source="pk")
    text = serializers.CharField()
    kind = serializers.ChoiceField(choices=EventQuestion.Kind.values)
    options = serializers.ListField(child=serializers.CharField(), help_text="The answers that there are.")
    is_required = serializers.BooleanField(source="required", help_text="Whether it must be answered.")


class PictureShape(Shape):
    """A picture of a gathering; the first is its cover."""

    id = serializers.UUIDField(source="key")
    alt = serializers.CharField(help_text="What is on it, for those who do not see it.")
    media_type = serializers.CharField()
    width = serializers.IntegerField(help_text="In pixels.")
    height = serializers.IntegerField()


class EventShape(Shape):
    """A gathering."""

    sparse = True

    id = serializers.UUIDField(source="key")
    external_id = serializers.CharField(
        allow_null=True, help_text="Its id in the system that it was imported from."
    )
    title = serializers.CharField()
    description = serializers.CharField(help_text="Markdown.")
    state = serializers.ChoiceField(choices=Event.State.values)
    audience = serializers.ChoiceField(choices=Event.Audience.values)
    circle = serializers.CharField(
        source="circle.slug",
        allow_null=True,
        default=None,
        help_text="The address of the circle whose it is.",
    )
    minimum_tier = serializers.CharField(
        source="minimum_tier.key",
        allow_null=True,
        default=None,
        help_text="The key of the lowest tier that sees it.",
    )
    starts_at = Moment()
    ends_at = Moment(allow_null=True)
    timezone = serializers.CharField(help_text=ZONE)
    venue = serializers.CharField()
    address = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)
    online_url = serializers.SerializerMethodField(
        help_text="Told to who has a place, to its hosts and at the door; empty for others."
    )
    rooms = RoomShape(source="ways", many=True, help_text="The ways in which people come.")
    kinds = KindShape(many=True, source="open_kinds", help_text="The tickets that there are.")
    questions = AskedShape(many=True, source="asked", help_text="What is asked of who takes a place.")
    pictures = PictureShape(many=True, source="shown_pictures", help_text="In their order.")
    hosts = serializers.ListField(
        child=serializers.IntegerField(),
        source="host_numbers",
        help_text="Numbers of the members who hold it.",
    )
    has_waitlist = serializers.BooleanField()
    reason = serializers.CharField(help_text="Why it was cancelled or declined.")
    revision = serializers.IntegerField(help_text="Grows with each change that a calendar has to hear of.")
    published_at = Moment(allow_null=True)
    cancelled_at = Moment(allow_null=True)
    changed_at = Moment()

    @extend_schema_field(serializers.CharField())
    def get_online_url(self, event: Any) -> str:
        return event.online_url if event.told_address else ""


EventPage = page_of(EventShape, "EventPage")


class RoomBody(Body):
    """A way in which people come."""

    way = Choice(choices=Room.Way.values)
    places = Whole(
        required=False, allow_null=True, min_value=1, max_value=1_000_000, help_text="Null: as many as wish."
    )


class EventFields(Body):
    """What is said of a gathering."""

    description = Text(required=False, max_length=20_000, allow_blank=True, help_text="Markdown.")
    circle = Text(
        required=False, allow_null=True, max_length=80, help_text="The address of a circle, or null."
    )
    audience = Choice(required=False, choices=Event.Audience.values)
    minimum_tier = Text(required=False, allow_null=True, max_length=40, help_text="A tier's key, or null.")
    ends_at = Moment(required=False, allow_null=True)
    timezone = Text(required=False, max_length=60, help_text=ZONE)
    venue = Text(required=False, max_length=120, allow_blank=True)
    address = Text(required=False, max_length=240, allow_blank=True)
    city = Text(required=False, max_length=120, allow_blank=True)
    country = Text(required=False, max_length=120, allow_blank=True)
    online_url = serializers.URLField(required=False, max_length=500, allow_blank=True)
    has_waitlist = Flag(required=False)
    hosts = serializers.ListField(
        child=Whole(min_value=1, max_value=2**31 - 1),
        required=False,
        max_length=12,
        help_text="Numbers of members, in the order in which they are named.",
    )


class NewEvent(EventFields):
    """A gathering to plan."""

    title = Text(max_length=160)
    starts_at = Moment()
    rooms = RoomBody(many=True, help_text="In person, online, or both.")
    publish = Flag(
        required=False, help_text="Announce it at once; a member's is proposed where the staff agree first."
    )


class EventChange(EventFields):
    """What is to be changed; what is left out stays."""

    title = Text(required=False, max_length=160)
    starts_at = Moment(required=False)
    rooms = RoomBody(many=True, required=False, help_text="All ways in which people come from now on.")


class CancelBody(Body):
    """Why."""

    reason = Text(required=False, max_length=240, allow_blank=True, help_text="Everybody who comes reads it.")


class Decision(Body):
    """What is decided on a proposal."""

    decision = Choice(choices=["approve", "decline"])
    reason = Text(
        required=False, max_length=240, allow_blank=True, help_text="Needed to decline; the member reads it."
    )


class AttendanceShape(Shape):
    """What is known of one member and one gathering."""

    sparse = True

    event = serializers.UUIDField(source="event.key")
    member = serializers.IntegerField(source="membership.number", help_text="The member's number.")
    answer = serializers.ChoiceField(
        choices=[*Attendance.Answer.values, ""], help_text="Empty for who came without an answer."
    )
    answered_at = Moment(allow_null=True)
    came_at = Moment(allow_null=True, help_text="When they were let in; null for who has not come.")
    let_in_by = serializers.IntegerField(
        source="seen_by.number", allow_null=True, default=None, help_text="The number of who let them in."
    )


AttendancePage = page_of(AttendanceShape, "AttendancePage")


class QuestionAnswer(Body):
    """An answer to a question: in words, chosen, or agreed to, as the question's kind is."""

    question = Whole(min_value=1, max_value=2**31 - 1, help_text="The question's id.")
    text = Text(required=False, max_length=500, allow_blank=True)
    chosen = serializers.ListField(child=Text(max_length=120), required=False, max_length=20)
    agreed = Flag(required=False)


class Companion(Body):
    """Somebody who is brought along: a guest, with a ticket of their own."""

    name = Text(max_length=120)
    email = Text(
        required=False,
        max_length=254,
        allow_blank=True,
        help_text="Their ticket goes there; empty for no letter.",
    )
    kind = serializers.UUIDField(
        required=False, help_text="The key of a kind of ticket; left out, the same as one's own."
    )
    answers = QuestionAnswer(many=True, required=False, help_text="To what is asked.")


class NewAttendance(Body):
    """An answer of one's own, or a coming that the door has seen."""

    event = serializers.UUIDField(help_text="The gathering's id.")
    answer = Choice(
        required=False,
        choices=["yes", "maybe", "no"],
        help_text="What the person who asks in the browser answers.",
    )
    kind = serializers.UUIDField(
        required=False, help_text="For a yes: the ticket's kind, where there are several."
    )
    answers = QuestionAnswer(many=True, required=False, help_text="For a yes: to what is asked.")
    others = Companion(  # type: ignore[call-arg]
        many=True,
        required=False,
        max_length=9,
        help_text="For a yes: whom they bring, where that is free.",
    )
    member = Whole(
        required=False,
        min_value=1,
        max_value=2**31 - 1,
        help_text="For a coming: the number of who stands at the door.",
    )
    code = Text(
        required=False,
        max_length=300,
        help_text="For a coming, instead of the number: what the ticket's QR code says, or its code alone.",
    )
    came = Flag(required=False, help_text="True lets the member in, false takes it back.")


class TicketShape(Shape):
    """A place that somebody has, or had."""

    sparse = True

    id = serializers.UUIDField(source="key")
    event = serializers.UUIDField(source="event.key")
    kind = serializers.UUIDField(source="kind.key")
    way = serializers.ChoiceField(source="room.way", choices=Room.Way.values)
    member = serializers.IntegerField(source="membership.number", help_text="The number of who comes.")
    taken_by = serializers.IntegerField(
        source="taken_by.number", help_text="The number of who got it for them."
    )
    state = serializers.ChoiceField(choices=Ticket.State.values)
    price = MoneyShape(source="money", help_text="What it was sold for, tax included.")
    made_at = Moment()
    held_until = Moment(allow_null=True)
    valid_at = Moment(allow_null=True)
    ended_at = Moment(allow_null=True)


TicketPage = page_of(TicketShape, "TicketPage")
