"""The figures of one gathering over the API."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response

from engagement.gathering_words import REASONS
from engagement.services import gatherings
from engagement.views.gatherings import reads
from gatherings.api.told import EVENT
from gatherings.models import Room
from gatherings.selectors import seen
from kernel.api.fields import Moment
from kernel.api.money import MoneyShape
from kernel.api.operations import operation
from kernel.api.serializers import Shape
from kernel.api.views import ApiView
from kernel.clock import now

Whole, Share = serializers.IntegerField, serializers.FloatField
MAY_LACK: dict[str, Any] = {"allow_null": True}


class WayTaken(Shape):
    """A way of coming, and how many of its places are taken."""

    way = serializers.ChoiceField(choices=Room.Way.values)
    places = Whole(help_text="Null where as many come as wish.", **MAY_LACK)
    taken = Whole()


class KindSold(Shape):
    """A kind of ticket, and how many of it stand where."""

    id = serializers.UUIDField(source="kind.key")
    name = serializers.CharField(source="kind.name")
    way = serializers.ChoiceField(source="kind.room.way", choices=Room.Way.values)
    capacity = Whole(help_text="Of the kind, else of its way; null for no bound.", **MAY_LACK)
    taken = Whole(help_text="Valid ones.")
    held = Whole(help_text="Kept while somebody pays, or thinks an offer over.")
    given_back = Whole()
    expired = Whole(help_text="Not taken in time.")
    cancelled = Whole(help_text="Ended as the gathering was called off.")
    guests = Whole(help_text="Of those taken, guests'.")


class MovedShape(Shape):
    """What the ledger has of the orders for its tickets, in one currency."""

    collected = MoneyShape()
    refunded = MoneyShape()


class ShareShape(Shape):
    """How many of them were active afterwards, with Wilson's 95% interval."""

    n = Whole()
    active = Whole()
    share = Share(**MAY_LACK)
    low = Share(**MAY_LACK)
    high = Share(**MAY_LACK)


class MatchedShape(Shape):
    """Who came beside members like them who did not, with the 95% interval of the difference."""

    n = Whole(help_text="Attenders who have anybody like them.")
    share_came = Share(**MAY_LACK)
    share_others = Share(**MAY_LACK)
    difference = Share(help_text="An association: keener people come.", **MAY_LACK)
    low = Share(**MAY_LACK)
    high = Share(**MAY_LACK)


class AfterwardsShape(Shape):
    """Who was active in the 28 days after."""

    came = ShareShape(help_text="Of the members who came.")
    absent = ShareShape(help_text="Of those who said yes and did not come.")
    matched = MatchedShape()


class GatheringFiguresShape(Shape):
    """The figures of one gathering."""

    event = serializers.UUIDField(source="event.key")
    version = serializers.SerializerMethodField(help_text="Of the definitions.")
    as_of = Moment(help_text="The moment that they hold for.")
    days_to = serializers.DateField(help_text="The last day whose acts are read for what came afterwards.")
    reached = Whole(help_text="Members who opened its page, answered, came, had a place or waited.")
    reached_guests = Whole(help_text="Guests who ever had a place.")
    audience = Whole(help_text="Members when it began, or now where that is to come.", **MAY_LACK)
    capacity = Whole(help_text="Places in all ways together; null for as many as wish.", **MAY_LACK)
    taken = Whole(help_text="Places taken in all ways together.")
    ways = serializers.SerializerMethodField()
    kinds = KindSold(many=True)
    waited = Whole(help_text="Everybody who was ever on the waiting list.")
    seated = Whole(help_text="Of them, who took a place they were offered.")
    waiting = Whole(help_text="Who waits, or thinks an offer over, now.")
    money = MovedShape(many=True, help_text="Only for who may see the money.")
    yes = Whole(**MAY_LACK)
    came = Whole(help_text="Members.", **MAY_LACK)
    came_with_yes = Whole(**MAY_LACK)
    show_rate = Share(help_text="came_with_yes / yes", **MAY_LACK)
    walk_ins = Whole(help_text="Members who came without a yes.", **MAY_LACK)
    guests = Whole(help_text="Guests who came.", **MAY_LACK)
    first_timers = Whole(help_text="Members who came, and to no gathering before.", **MAY_LACK)
    pairs = Whole(help_text="Pairs of members who came.", **MAY_LACK)
    pairs_before = Whole(help_text="Of them, in touch before it began.", **MAY_LACK)
    ties_begun = Whole(
        help_text="Of them, first in touch after it began and up to 28 days after it ended.", **MAY_LACK
    )
    afterwards = AfterwardsShape(**MAY_LACK)
    reasons = serializers.DictField(
        child=serializers.ChoiceField(choices=list(REASONS)), help_text="Why something is null, by its name."
    )

    def permissions(self) -> Mapping[str, str]:
        return {"money": "money.view"}

    @extend_schema_field(serializers.IntegerField())
    def get_version(self, figures: Any) -> int:
        return gatherings.VERSION

    @extend_schema_field(WayTaken(many=True))
    def get_ways(self, figures: Any) -> Any:
        rows = [{"way": room.way, "places": room.capacity, "taken": n} for room, n in figures.rooms]
        return WayTaken(rows, many=True).data


class GatheringFigures(ApiView):
    tag = "events"
    places = EVENT

    @operation("read_event_figures", "Read a gathering's figures", answers={200: GatheringFiguresShape})
    def get(self, request: Any, event_key: UUID) -> Response:
        """Whom it reached, its places and money, who came, who for the first time, which ties began, and who was active
        afterwards beside members like them. For its hosts and for who reads figures; what each means exactly stands on its
        page in the browser. Null stands for what cannot be known: `reasons` says why."""
        event: Any = seen.shown(request).filter(key=event_key).first()
        if event is None:
            raise Http404
        if request.auth is None and not reads(request.membership, event):
            raise PermissionDenied(
                _("Your role in this community does not allow this."), "missing_permission"
            )
        event.community = request.community
        found = gatherings.of(event=event, at=now())
        return Response(GatheringFiguresShape(found, context=self.get_context()).data)
