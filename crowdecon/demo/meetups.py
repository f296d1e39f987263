"""Gatherings in the demo communities: one that comes again since three months, with who came, and some that are to come.

By the services that hosts, members and the door use, at the instants at which it happened.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.db import transaction

from communities.models import Community
from gatherings.models import Event, Room
from gatherings.services import door, events, seats, series, standing
from members.actors import Actor
from members.models import Membership
from members.roles import Role, Status
from members.services import mail

BY = Actor.site("demo")
#: The first took place so long ago.
DAYS = 84
#: Of the members how many come to such things at all; of those how many say yes to one, and how many of those come.
REGULARS, SAY_YES, COME = 24, 0.4, 0.8


@dataclass(frozen=True)
class Place:
    venue: str
    city: str
    country: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Meetup:
    """What comes again each week, on `weekday` (0 for Monday) at `hour`; and `once`, two weeks from now, with few places."""

    title: str
    description: str
    weekday: int
    hour: int
    hours: int
    places: int
    place: Place
    once: str
    once_description: str
    once_places: int
    online: bool = False


#: By the community's address.
MEETUPS = {
    "lantern": Meetup(
        "Testers' table", "We read on the newest build for an hour and say what gets in the way.", 3, 19, 2, 20,
        Place("Lesesaal", "Berlin", "Germany", 52.5200, 13.4050),
        "Release evening", "The new shelves go out, with those who asked for them.", 16, online=True,
    ),
    "dawn-runners": Meetup(
        "周六晨跑", "六点半集合，配速六分半，谁也不落下。跑完一起吃早饭。", 5, 6, 2, 60,
        Place("世纪公园 7 号门", "上海", "中国", 31.2190, 121.5530),
        "半程马拉松试跑", "二十一公里，沿江，三个补给点。", 30,
    ),
    "yunwu-tea": Meetup(
        "周三茶会", "一款新茶、一款老茶，盲品，再说说各自的喜欢。", 2, 19, 2, 16,
        Place("云雾茶室", "杭州", "中国", 30.2460, 120.1400),
        "春茶开汤", "今年的第一锅，只备十二只杯子。", 12,
    ),
    "proof-by-friends": Meetup(
        "Problem night", "Bring what you are stuck on. Nobody shows off.", 1, 18, 2, 40,
        Place("Elizabeth Irwin Hall", "New York", "United States", 40.7290, -74.0020),
        "Proofs from the board", "Four members, ten minutes each, chalk only.", 25, online=True,
    ),
    "grid-workshop": Meetup(
        "Open bench", "The bench, the meters and somebody who knows them.", 0, 18, 3, 10,
        Place("Unit 4, The Arches", "London", "United Kingdom", 51.5010, -0.0900),
        "Repair day", "Whatever has a plug and does not work.", 14,
    ),
}  # fmt: skip


def begin(*, community: Community, at: datetime, random: Random) -> None:
    """What was until now, and what is to come. In one transaction, and without a letter for what is long over."""
    meetup = MEETUPS.get(community.slug)
    if meetup is not None:
        with transaction.atomic(), mail.withheld():
            _Calendar(community, meetup, at, random).run()


class _Calendar:
    def __init__(self, community: Community, meetup: Meetup, at: datetime, random: Random) -> None:
        self.community, self.meetup, self.at, self.random = community, meetup, at, random
        here = Membership.objects.of(community.id).filter(status=Status.ACTIVE).order_by("number")
        people = list(here.select_related("user", "community"))
        self.hosts = [one for one in people if one.role == Role.HOST][:1] or people[:1]
        others = [one for one in people if one.role == Role.MEMBER]
        self.regulars = random.sample(others, min(len(others), REGULARS))

    def run(self) -> None:
        began = self.at - timedelta(days=DAYS)
        first = self._plan(
            self.meetup.title, self.meetup.description, self._next(began), self.meetup.places, at=began
        )
        series.begin(event=first, rule="FREQ=WEEKLY", at=began, by=BY)
        for event in Event.objects.of(self.community.id).filter(starts_at__lt=self.at).order_by("starts_at"):
            self._meet(event)
        for event in Event.objects.of(self.community.id).upcoming(self.at)[:2]:
            self._answer(event, self.at - timedelta(hours=5))
        begins = self._next(self.at + timedelta(days=10)) + timedelta(days=1)
        once = self._plan(
            self.meetup.once, self.meetup.once_description, begins, self.meetup.once_places,
            at=self.at - timedelta(days=3), audience=Event.Audience.PUBLIC,
        )  # fmt: skip
        self._answer(once, self.at - timedelta(days=2))
        self._call_off()

    def _plan(
        self, title: str, description: str, begins: datetime, places: int, *, at: datetime, **more: Any
    ) -> Event:
        place = self.meetup.place
        rooms = {Room.Way.IN_PERSON.value: places} | (
            {Room.Way.ONLINE.value: None} if self.meetup.online else {}
        )
        event = events.plan(
            community=self.community,
            at=at,
            by=BY,
            rooms=rooms,
            hosts=self.hosts,
            title=title,
            description=description,
            starts_at=begins,
            ends_at=begins + timedelta(hours=self.meetup.hours),
            venue=place.venue,
            city=place.city,
            country=place.country,
            latitude=place.latitude,
            longitude=place.longitude,
            online_url="https://meet.example.org/demo" if self.meetup.online else "",
            **more,
        )
        return events.publish(event=event, at=at, by=BY)

    def _next(self, since: datetime) -> datetime:
        """The next time on its weekday, by the community's clock."""
        zone = self.community.zone
        day: date = since.astimezone(zone).date() + timedelta(days=1)
        day += timedelta(days=(self.meetup.weekday - day.weekday()) % 7)
        return datetime.combine(day, time(self.meetup.hour), tzinfo=zone)

    def _answer(self, event: Event, at: datetime) -> list[Membership]:
        """Who says yes to it, of those who had joined by then; the others say nothing, or maybe."""
        kinds = list(event.kinds.select_related("room").order_by("room__way"))
        coming = []
        for member in self.regulars:
            if member.joined_at >= at:
                continue
            chance = self.random.random()
            kind = kinds[self.random.random() < 0.25 and len(kinds) > 1]
            if chance < SAY_YES and seats.left(kind) > 0:
                seats.take(kind=kind, member=member, at=at)
                coming.append(member)
            elif chance > 0.9:
                seats.answer(event=event, member=member, answer="maybe", at=at)
        return coming

    def _meet(self, event: Event) -> None:
        for member in self._answer(event, event.starts_at - timedelta(days=2)):
            if self.random.random() < COME:
                late = timedelta(minutes=self.random.randrange(-10, 25))
                door.check_in(event=event, member=member, at=event.starts_at + late, by=BY)
        if event.over_at < self.at:
            standing.sweep(at=event.over_at)

    def _call_off(self) -> None:
        """The third from now is cancelled, as happens."""
        third = Event.objects.of(self.community.id).upcoming(self.at).filter(series__isnull=False)[2]
        events.cancel(event=third, reason="", at=self.at - timedelta(hours=1), by=BY)
