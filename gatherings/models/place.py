"""Places at an event: how many there are, who has one, who waits for one."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gatherings.models.event import Event
from kernel.money import Money

#: Letters and figures that nobody confuses, in print or by ear.
_CLEAR = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def ticket_code() -> str:
    """What a ticket is known by at the door: some 98 bits, which nobody guesses."""
    return get_random_string(20, _CLEAR)


class Room(models.Model):
    """One of the two ways in which people come to an event, with the places that there are: None for as many as wish.

    The database refuses more live tickets of a room, or of a kind, than there are, whatever code does (migration 0002).
    """

    class Way(models.TextChoices):
        IN_PERSON = "in_person", pgettext_lazy("way of coming", "In person")
        ONLINE = "online", pgettext_lazy("way of coming", "Online")

    event = models.ForeignKey(Event, models.CASCADE, related_name="rooms")
    way = models.CharField(max_length=9, choices=Way.choices)
    capacity = models.PositiveIntegerField(_("places"), null=True, blank=True)

    class Meta:
        ordering = ["event", "way"]
        constraints = [models.UniqueConstraint(fields=["event", "way"], name="room_once_a_way")]

    def __str__(self) -> str:
        return str(self.get_way_display())


class TicketKind(models.Model):
    """A sort of ticket. `price` is what members pay and `guest_price` what guests do, in the smallest units of the
    event's currency, tax included; None where it is not for them. `quantity` None: as many as its room has."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event = models.ForeignKey(Event, models.CASCADE, related_name="kinds")
    room = models.ForeignKey(Room, models.CASCADE, related_name="kinds")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(_("name"), max_length=80, blank=True)
    price = models.BigIntegerField(_("price for members"), null=True, default=0)
    guest_price = models.BigIntegerField(_("price for guests"), null=True)
    minimum_tier = models.ForeignKey(
        "members.Tier",
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("from which tier on"),
    )
    quantity = models.PositiveIntegerField(_("how many"), null=True, blank=True)
    sold_from = models.DateTimeField(_("sold from"), null=True, blank=True)
    sold_until = models.DateTimeField(_("sold until"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0) | Q(price=None), name="ticket_kind_price_valid"),
            models.CheckConstraint(
                condition=Q(guest_price__gte=0) | Q(guest_price=None), name="ticket_kind_guest_price_valid"
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(self.room)


class TicketQuerySet(models.QuerySet["Ticket"]):
    def of(self, community_id: int) -> "TicketQuerySet":
        return self.filter(community_id=community_id)

    def live(self) -> "TicketQuerySet":
        """Those that take a place: held for somebody, or theirs."""
        return self.filter(state__in=Ticket.LIVE)


class Ticket(models.Model):
    """A place that somebody has, or that is held for them until `held_until`: while they pay, or think an offer over.

    `membership` is who comes, a guest's record too; `taken_by` who got it for them. `code` is what the door reads. `price`
    is what it was sold for; `order` the key of the order it is paid by, and `part` which part of that it is; None for what
    is not paid at all.
    """

    class State(models.TextChoices):
        HELD = "held", pgettext_lazy("ticket", "Held")
        VALID = "valid", pgettext_lazy("ticket", "Valid")
        EXPIRED = "expired", pgettext_lazy("ticket", "Not taken in time")
        GIVEN_BACK = "given_back", pgettext_lazy("ticket", "Given back")
        CANCELLED = "cancelled", pgettext_lazy("ticket", "Cancelled")

    LIVE = ("held", "valid")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="tickets")
    event = models.ForeignKey(Event, models.CASCADE, related_name="tickets")
    room = models.ForeignKey(Room, models.RESTRICT, related_name="tickets")
    kind = models.ForeignKey(TicketKind, models.RESTRICT, related_name="tickets")
    membership = models.ForeignKey("members.Membership", models.RESTRICT, related_name="tickets")
    taken_by = models.ForeignKey("members.Membership", models.RESTRICT, related_name="tickets_taken")
    state = models.CharField(max_length=10, choices=State.choices)
    code = models.CharField(max_length=20, unique=True, default=ticket_code, editable=False)
    price = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    order = models.UUIDField(null=True, editable=False)
    part = models.PositiveSmallIntegerField(default=0, editable=False)
    answers: Any = models.JSONField(default=list, blank=True)
    made_at = models.DateTimeField()
    held_until = models.DateTimeField(null=True)
    valid_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "membership"],
                condition=Q(state__in=["held", "valid"]),
                name="ticket_one_a_person",
            ),
            models.CheckConstraint(condition=Q(price__gte=0), name="ticket_price_valid"),
            models.CheckConstraint(
                condition=~Q(state="held") | Q(held_until__isnull=False), name="ticket_is_held_until"
            ),
        ]
        indexes = [
            models.Index(fields=["room", "state"], name="ticket_by_room"),
            models.Index(fields=["kind", "state"], name="ticket_by_kind"),
            models.Index(fields=["held_until"], condition=Q(state="held"), name="ticket_held"),
            models.Index(fields=["order"], condition=Q(order__isnull=False), name="ticket_by_order"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def money(self) -> Money:
        return Money(self.price, self.currency)

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE


class Waiting(models.Model):
    """Somebody's turn in the waiting list of a room. Turns come in the order of `since`; whoever is offered a place has
    it as a held ticket until they take it or let it pass. `code` is how a guest comes to their turn."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("waiting list", "Waiting")
        OFFERED = "offered", pgettext_lazy("waiting list", "Offered a place")
        SEATED = "seated", pgettext_lazy("waiting list", "Has a place")
        PASSED = "passed", pgettext_lazy("waiting list", "Let it pass")
        LEFT = "left", pgettext_lazy("waiting list", "Waits no more")

    LIVE = ("waiting", "offered")

    event = models.ForeignKey(Event, models.CASCADE, related_name="waiting")
    room = models.ForeignKey(Room, models.CASCADE, related_name="waiting")
    kind = models.ForeignKey(TicketKind, models.CASCADE, related_name="waiting")
    membership = models.ForeignKey("members.Membership", models.RESTRICT, related_name="waiting")
    since = models.DateTimeField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    ticket = models.OneToOneField(Ticket, models.SET_NULL, null=True, related_name="turn")
    offered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=20, unique=True, null=True, default=ticket_code, editable=False)

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "membership"],
                condition=Q(state__in=["waiting", "offered"]),
                name="waiting_once",
            )
        ]
        indexes = [
            models.Index(fields=["room", "since"], condition=Q(state="waiting"), name="waiting_in_turn")
        ]


class Attendance(models.Model):
    """What is known of one person and one event: what they answered, and whether they came (`came_at`).

    A yes of our own has a ticket; imported ones have none. `seen_by` is who let them in, None where a file says so.
    """

    class Answer(models.TextChoices):
        YES = "yes", pgettext_lazy("answer to an invitation", "Yes")
        MAYBE = "maybe", pgettext_lazy("answer to an invitation", "Maybe")
        NO = "no", pgettext_lazy("answer to an invitation", "No")
        WAITING = "waiting", pgettext_lazy("answer to an invitation", "Waiting for a place")

    event = models.ForeignKey(Event, models.CASCADE, related_name="attendances")
    membership = models.ForeignKey("members.Membership", models.CASCADE, related_name="attendances")
    answer = models.CharField(max_length=7, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(null=True)
    came_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey("members.Membership", models.SET_NULL, null=True, related_name="+")
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["event", "membership"], name="attendance_once")]
        indexes = [
            models.Index(fields=["event", "answer"], name="attendance_by_answer"),
            models.Index(
                fields=["membership", "came_at"],
                condition=Q(came_at__isnull=False),
                name="attendance_of_who_came",
            ),
        ]
