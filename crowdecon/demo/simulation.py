"""A year in the life of a community, lived day by day by a seeded random generator.

People arrive from outside or are brought by a member they know; most of those who come alive stay a while,
a few become the core; they turn to friends more often than to strangers, so ties grow strong; weekends are
quieter. The same profile, first day and seed give the same year to the second.
"""

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from crowdecon.demo import names
from crowdecon.demo.profiles import Profile

DAYS = 365
FOUNDING_STAFF = 4
#: Who joins next is the person to look around as: somebody who stays.
FIRST_MEMBER = FOUNDING_STAFF
WEEKDAY_PACE = (1.1, 1.1, 1.05, 1.0, 0.9, 0.7, 0.75)
#: What begins a thread, and what such a thing is called.
BEGINNINGS = {
    "posted": "post",
    "asked": "question",
    "proposed": "idea",
    "published": "guide",
    "hosted": "gathering",
    "shared": "story",
}
#: How likely an act falls into each hour of the local day: before work, at lunch, in the evening.
HOURS = (1, 0, 0, 0, 0, 2, 5, 8, 7, 5, 4, 5, 9, 7, 4, 4, 4, 5, 7, 9, 11, 10, 6, 3)


@dataclass
class Person:
    """Somebody in the simulation; `index` is the order of joining, from 0."""

    index: int
    name: str
    city: str
    interests: list[str]
    joined_at: datetime
    inviter: int | None
    pace: float
    alive: bool
    contributing: float
    introduction: str = ""
    left_at: datetime | None = None
    last_active: date | None = None
    friends: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Act:
    member: int
    verb: str
    at: datetime
    target: int | None
    object: str


@dataclass(frozen=True)
class Year:
    """What happened: people in the order of joining, and acts in the order of time. Instants are UTC."""

    people: list[Person]
    acts: list[Act]


def live(profile: Profile, *, first_day: date, until: datetime, seed: int) -> Year:
    """The community's year from `first_day`; nothing happens after `until`."""
    return _Life(profile, first_day, until, Random(f"{profile.slug}:{seed}")).run()


class _Life:
    def __init__(self, profile: Profile, first_day: date, until: datetime, random: Random) -> None:
        self.profile = profile
        self.first_day = first_day
        self.until = until
        self.random = random
        self.zone = ZoneInfo(profile.timezone)
        self.people: list[Person] = []
        self.acts: list[Act] = []
        self.threads: list[tuple[int, str]] = []

    def run(self) -> Year:
        for position in range(FOUNDING_STAFF):
            at = self._instant(self.first_day, hour=9) + timedelta(minutes=7 * position)
            self._arrive(at, inviter=None, keen=True)
        for offset in range(DAYS + 1):
            day = self.first_day + timedelta(days=offset)
            if self._instant(day, hour=0) > self.until:
                break
            self._newcomers(day, offset)
            for person in list(self.people):
                self._live_day(person, day)
        self.acts.sort(key=lambda act: (act.at, act.member))
        return Year(people=self.people, acts=[act for act in self.acts if act.at <= self.until])

    def _newcomers(self, day: date, offset: int) -> None:
        start, end = self.profile.arrivals
        pace = (start + (end - start) * offset / DAYS) / 7 * WEEKDAY_PACE[day.weekday()]
        # A campaign or a mention now and then: arrivals come in bursts, not evenly.
        burst = 6 if self.random.random() < 0.012 else 1
        brought = [person for person in self.people if self._brings_somebody(person, day)]
        arrivals: list[tuple[datetime, int | None]] = [
            (self._moment(day), None) for _ in range(self._poisson(pace * burst))
        ]
        arrivals += [(self._moment(day), person.index) for person in brought]
        for at, inviter in sorted(arrivals, key=lambda arrival: arrival[0]):
            if at <= self.until and (not self.people or at > self.people[-1].joined_at):
                self._arrive(at, inviter=inviter)

    def _brings_somebody(self, person: Person, day: date) -> bool:
        age = (day - person.joined_at.astimezone(self.zone).date()).days
        if not person.alive or person.left_at or age < 1:
            return False
        # Most invitations are sent in the first weeks, while the joining is still news.
        return self.random.random() < self.profile.fission * math.exp(-age / 25) / 25

    def _arrive(self, at: datetime, *, inviter: int | None, keen: bool = False) -> None:
        random, profile = self.random, self.profile
        person = Person(
            index=len(self.people),
            name=names.draw(random, profile.language),
            city=random.choice(profile.cities),
            interests=sorted(random.sample(profile.interests, random.randint(1, 3))),
            joined_at=at,
            inviter=inviter,
            pace=min(0.95, profile.liveliness / 7 * random.lognormvariate(0, 0.7) * (2.2 if keen else 1)),
            alive=keen
            or len(self.people) == FIRST_MEMBER
            or random.random() < (0.88 if inviter is not None else 0.72),
            contributing=0.75 if keen else min(0.9, random.lognormvariate(-1.7, 0.9)),
        )
        # Dice of its own, and for each person: words that change leave what happens as it was.
        person.introduction = names.introduction(
            Random(f"{profile.slug}:{person.index}"),
            profile.language,
            city=person.city,
            interests=person.interests,
        )
        if inviter is not None:
            person.friends.append(inviter)
            self.people[inviter].friends.append(person.index)
        self.people.append(person)

    def _live_day(self, person: Person, day: date) -> None:
        age = (day - person.joined_at.astimezone(self.zone).date()).days
        if age < 0 or not person.alive or person.left_at:
            return
        if person.index > FIRST_MEMBER and self._drifts_away(person, day, age):
            return
        eager = 0.75 if age == 0 else 1 + math.exp(-age / 6)
        if self.random.random() >= min(0.97, person.pace * eager * WEEKDAY_PACE[day.weekday()]):
            return
        person.last_active = day
        after = person.joined_at if age == 0 else None
        for _ in range(1 + self._poisson(1.1)):
            self._act(person, day, after)

    def _drifts_away(self, person: Person, day: date, age: int) -> bool:
        """Leaving comes early if it comes: the daily chance falls as a member grows into the community."""
        monthly = 1 - self.profile.staying
        chance = monthly / 30 * (1.6 if age < 30 else 0.35 if age < 120 else 0.15)
        if self.random.random() >= chance:
            return False
        person.alive = False
        if self.random.random() < 0.3:
            person.left_at = max(self._moment(day), person.joined_at + timedelta(minutes=5))
        return True

    def _act(self, person: Person, day: date, after: datetime | None) -> None:
        at = self._moment(day)
        if after is not None and at <= after:
            at = after + timedelta(minutes=self.random.randint(2, 90))
        if at > self.until:
            return
        if self.random.random() < 0.3:
            self.acts.append(Act(person.index, "read", at, None, ""))
            return
        giving = self.random.random() < person.contributing
        weights = self.profile.contributions if giving else self.profile.responses
        verb = self.random.choices(list(weights), list(weights.values()))[0]
        if verb in BEGINNINGS or not self.threads:
            name = f"{BEGINNINGS.get(verb, 'post')}:{len(self.threads) + 1}"
            self.threads.append((person.index, name))
            self.acts.append(Act(person.index, verb, at, None, name))
            return
        target, thread = self._somebody(person)
        self.acts.append(Act(person.index, verb, at, target, thread))
        self._grow_fond(person, target)

    def _somebody(self, person: Person) -> tuple[int, str]:
        """Whom an act turns to: a friend's thread more often than a stranger's, a recent one more than an old."""
        recent = self.threads[-60:]
        if person.friends and self.random.random() < 0.55:
            near = [thread for thread in recent if thread[0] in person.friends]
            if near:
                return self.random.choice(near)
        return self.random.choice(recent)

    def _grow_fond(self, person: Person, target: int) -> None:
        if target != person.index and target not in person.friends and self.random.random() < 0.35:
            person.friends.append(target)
            if self.random.random() < 0.5:
                self.people[target].friends.append(person.index)

    def _moment(self, day: date) -> datetime:
        hour = self.random.choices(range(24), HOURS)[0]
        return self._instant(day, hour=hour) + timedelta(seconds=self.random.randint(0, 3599))

    def _instant(self, day: date, *, hour: int) -> datetime:
        return datetime.combine(day, time(hour), tzinfo=self.zone).astimezone(UTC)

    def _poisson(self, mean: float) -> int:
        """Knuth's method; the means here are small."""
        limit, product, count = math.exp(-mean), self.random.random(), 0
        while product > limit:
            product *= self.random.random()
            count += 1
        return count
