"""Gatherings, and where members live: by hand, and communities by chance against plain recounts."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from engagement.selectors.history import microseconds
from engagement.selectors.meetings import NEVER, Attendances, Chapters, Events, Homes, Town
from gatherings.selectors import whereabouts as nearby
from kernel import gazetteer
from kernel.metrics import metrics
from tests.engagement.metrics.records import Fact, Member, RowMeetings, history
from tests.oracle import meetings as oracle

START = datetime(2025, 1, 1, tzinfo=UTC)
ZONE = "Asia/Shanghai"
#: Cities by the names they have in a world made by chance: near each other and far, and one that no list knows.
TOWNS = {
    "Ahausen": (50.0, 8.0),
    "Beheim": (50.2, 8.1),
    "Cestadt": (52.0, 10.0),
    "Dorf": (-33.9, 151.2),
    "Nirgends": None,
}


class World:
    """A community by chance, as rows for the oracle and as columns for the figures."""

    def __init__(self, seed: int, *, people: int) -> None:
        chance = self.chance = Random(seed)
        self.people = [self.person(n) for n in range(1, people + 1)]
        self.gatherings = [self.gathering(n) for n in range(1, chance.choice((3, 12, 25)))]
        self.acts = [
            {
                "member": chance.randint(1, people),
                "verb": chance.choice(["read", "posted", "attended"]),
                "at": self.time(250),
            }
            for _n in range(people * 6)
        ]
        self.attendances = [
            self.attendance(one, member)
            for one in self.gatherings
            for member in chance.sample(range(1, people + 1), chance.randint(0, people // 2))
        ]
        self.acts += [
            {"member": row["member"], "verb": "attended", "at": row["came"]}
            for row in self.attendances
            if row["came"]
        ]
        self.chapters = [
            {"founded": self.time(250), "place": chance.choice([(50.1, 8.05), (52.0, 10.1), (0.0, 0.0)])}
            for _n in range(chance.choice((0, 0, 1)))
        ]
        self.as_of = (START + timedelta(days=chance.choice((40, 120, 200, 300)))).date()

    def time(self, days):
        return START + timedelta(seconds=self.chance.randrange(days * 86_400))

    def place(self):
        near = self.chance.choice([one for one in TOWNS.values() if one])
        return near[0] + self.chance.uniform(-0.4, 0.4), near[1] + self.chance.uniform(-0.4, 0.4)

    def person(self, n):
        joined = self.time(150)
        left = joined + timedelta(days=self.chance.randint(1, 200)) if self.chance.random() < 0.2 else None
        city = self.chance.choice(["", *TOWNS, "Ahausen", "Beheim"])
        place = self.place() if self.chance.random() < 0.3 else None
        guest = n % 7 == 6
        return {"member": n, "joined": joined, "left": left, "city": city, "place": place, "guest": guest}

    @staticmethod
    def statuses(person):
        if person["guest"]:
            return ((person["joined"], "guest"),)
        return ((person["left"], "left"),) if person["left"] else ()

    def gathering(self, n):
        begins = self.time(240)
        return {
            "id": n,
            "begins": begins,
            "over": begins + timedelta(hours=self.chance.choice((0, 2, 30))),
            "known": begins - timedelta(days=self.chance.choice((0, 5, 20))),
            "cancelled": begins - timedelta(days=1) if self.chance.random() < 0.15 else None,
            "told": self.chance.choice((None, None, True, False)),
            "counted": self.chance.choice((None, 0, 7, 30)),
            "in_person": self.chance.random() < 0.7,
            "city": self.chance.choice(["", *TOWNS]),
            "place": self.place() if self.chance.random() < 0.3 else None,
        }

    def attendance(self, one, member):
        came = one["begins"] + timedelta(minutes=self.chance.randint(-20, 90))
        return {
            "event": one["id"],
            "member": member,
            "answer": self.chance.choice(["yes", "yes", "no", ""]),
            "answered": one["begins"] - timedelta(hours=self.chance.randint(-3, 200)),
            "came": came if self.chance.random() < 0.5 else None,
            "by_file": one["id"] % 2 == 0,
        }

    def history(self, as_of):
        people = [
            Member(p["member"], p["joined"], f"m{p['member']:03}", self.statuses(p)) for p in self.people
        ]
        facts = [Fact(act["member"], act["verb"], act["at"]) for act in self.acts]
        return history(people, facts, as_of, zone=ZONE, meetings=self.meetings())

    def meetings(self):
        names = sorted(TOWNS)
        towns = [Town(name, *(TOWNS[name] or (np.nan, np.nan))) for name in names]
        town = {name: place for place, name in enumerate(names)} | {"": -1}

        def where(one):
            return one["place"] or TOWNS.get(one["city"]) or (np.nan, np.nan)

        def whole(rows):
            return [np.array(column, np.int64) for column in zip(*rows, strict=True)] if rows else None

        told = {None: -1, False: 0, True: 1}
        events = whole([
            (
                one["id"], microseconds(one["begins"]), microseconds(one["over"]), microseconds(one["known"]),
                microseconds(one["cancelled"]) if one["cancelled"] else NEVER, told[one["told"]],
                -1 if one["counted"] is None else one["counted"], int(one["in_person"]), town[one["city"]],
            )
            for one in self.gatherings
        ])  # fmt: skip
        answer = {"yes": 1, "no": 0, "": -1}
        rows = whole([
            (
                row["event"], row["member"], answer[row["answer"]], microseconds(row["answered"]),
                microseconds(row["came"]) if row["came"] else NEVER, int(row["by_file"]),
            )
            for row in self.attendances
        ])  # fmt: skip
        homes = whole([(one["member"], town[one["city"]]) for one in self.people])
        return RowMeetings(
            Events(*events, *np.array([where(one) for one in self.gatherings]).T),
            Attendances(*(rows or np.zeros((6, 0), np.int64))),
            Homes(*homes, *np.array([where(one) for one in self.people]).T),
            Chapters(
                np.array([microseconds(one["founded"]) for one in self.chapters], np.int64),
                *np.array([one["place"] for one in self.chapters]).reshape(-1, 2).T,
            ),
            towns,
        )


@pytest.mark.parametrize("seed", range(24))
def test_by_chance_against_a_plain_recount(seed):
    world = World(seed, people=(6, 25, 70)[seed % 3])
    zone, as_of = ZoneInfo(ZONE), world.as_of
    past = world.history(as_of)
    rows = world.gatherings, world.attendances, world.people, world.acts
    for window in ("all", 60):
        data = metrics.get("events").compute(past, window=window)
        assert data == near(oracle.events(*rows, zone=zone, as_of=as_of, window=window))
    data = metrics.get("local").compute(past)
    plain = oracle.local(*rows, world.chapters, TOWNS, zone=zone, as_of=as_of)
    told = [
        {"city": row["city"], "told": [row["members"], row["actives"], row["gatherings"]]}
        for row in data["cities"]
    ]
    assert told == plain["cities"]
    assert (data["unplaced"], data["near"]) == (plain["unplaced"], plain["near"])
    assert [(row["city"], row["members"]) for row in data["suggested"]] == plain["suggested"]
    for key in ("events", "local"):
        figure = metrics.get(key)
        assert figure.finding(figure.compute(past)) and list(figure.table(figure.compute(past)).rows)


def near(plain):
    """The same, reals to 9 digits: sums of them come in any order."""
    if isinstance(plain, dict):
        return {key: near(value) for key, value in plain.items()}
    return pytest.approx(plain, rel=1e-9, abs=1e-12) if isinstance(plain, float) else plain


def test_the_worlds_hold_what_is_to_be_compared():
    found = [
        metrics.get("events").compute((world := World(seed, people=70)).history(world.as_of))
        for seed in range(6)
    ]
    after = [one["afterwards"]["matched"] for one in found if one["afterwards"]]
    assert any(one["low"] is not None for one in after) and any(one["n"] for one in after)
    assert any(one["unconfirmed"] for one in found) and any(one["show_rate"] for one in found)


def test_nobody_and_nothing():
    past = history([Member(1, START, "a")], [], date(2025, 2, 1))
    data = metrics.get("events").compute(past)
    assert (data["held"], data["rsvps"], data["attended"], data["afterwards"]) == (0, None, None, None)
    assert metrics.get("events").headline(data).value is None
    empty = metrics.get("local").compute(past)
    assert empty["near"] == {"members": 0, "with_gathering": 0, "share": None}
    assert metrics.get("local").headline(empty).value is None


@pytest.mark.parametrize(
    ("sizes", "shown", "apart"),
    [
        ({0: 9, 1: 5, 2: 4, 3: 1}, [0, 1], [2, 3]),
        ({0: 9, 1: 5, 2: 4}, [0], [1, 2]),
        ({0: 9, 1: 8}, [0, 1], []),
        ({0: 5, 1: 4}, [], [0, 1]),
        ({0: 4}, [], [0]),
        ({}, [], []),
    ],
)
def test_towns_of_few_are_told_as_one_and_never_alone(sizes, shown, apart):
    assert nearby.together(sizes) == (shown, apart)


def homes(*places):
    towns = [Town("Ahausen", 50.0, 8.0), Town("Beheim", 50.2, 8.1), Town("Cestadt", 52.0, 10.0)]
    at = np.array([(towns[place].latitude, towns[place].longitude) for place in places]).reshape(-1, 2)
    whole = np.array(places, np.int64)
    return Homes(np.arange(1, len(places) + 1), whole, *at.T), towns


NONE = Chapters(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))


def test_four_who_live_together_are_never_told_of():
    for people in ([2] * 4, [0, 0, 2, 2], [2], []):
        assert nearby.clusters(*homes(*people), NONE) == []
    # Two towns near each other are one place for a chapter; whoever is counted for one is not counted again.
    found = nearby.clusters(*homes(0, 0, 0, 1, 1, 2, 2, 2, 2), NONE)
    assert [(one.town.name, one.homes.tolist()) for one in found] == [("Ahausen", [0, 1, 2, 3, 4])]


def test_where_a_chapter_is_none_is_suggested():
    chapter = Chapters(np.array([0]), np.array([52.0]), np.array([10.05]))
    found = nearby.clusters(*homes(*[0] * 5, *[2] * 9), chapter)
    assert [(one.town.name, len(one.homes)) for one in found] == [("Ahausen", 5)]


def test_cities_are_found_by_their_names_in_any_language():
    assert gazetteer.find("上海") == gazetteer.find(" SHANGHAI ") == gazetteer.find("上海市")
    assert gazetteer.find("Köln") == gazetteer.find("cologne", "Germany")
    assert gazetteer.find("San Francisco").country == "US"
    assert gazetteer.find("San Francisco", "AR").country == "AR"
    assert gazetteer.find("San Francisco", "Nowhere").country == "US"
    assert gazetteer.find("") is None and gazetteer.find("Qqqq") is None
    paris, berlin = gazetteer.find("Paris"), gazetteer.find("Berlin")
    assert gazetteer.distance(*paris[3:], *berlin[3:]) == pytest.approx(878, abs=3)
    assert nearby.distances(np.array([paris[3]]), np.array([paris[4]]), *berlin[3:])[0] == pytest.approx(
        oracle.km(paris[3:], berlin[3:]), rel=1e-12
    )
