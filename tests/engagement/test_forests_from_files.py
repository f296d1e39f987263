"""Odd forests through the door of files, stored and rolled up: against a plain recount, in another order of rows and so with
other numbers and keys, and after members in the middle were erased."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from engagement.metrics import _projection, growth_rate, what_if
from engagement.models import Figure
from engagement.services import facts, refresh
from engagement.services.facts import Row
from kernel.metrics import metrics
from members.models import Membership
from members.services import erasure
from tests import make
from tests.engagement.metrics.test_against_oracle import assert_same
from tests.members.imports.files import problems, send
from tests.oracle import growth as oracle

pytestmark = pytest.mark.django_db

ZONE = "Europe/Berlin"
FOUNDED = datetime(2026, 1, 5, 9, tzinfo=UTC)
#: Summer time begins on 29 March; an ordinary Tuesday, twenty weeks on.
AS_OF, NOW = date(2026, 6, 2), datetime(2026, 6, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def joined(n: int) -> datetime:
    return FOUNDED + timedelta(days=3 * n, hours=5 * n)


#: Own id, joining, inviter: a circle of three and one of two that joined at the same instant, one who names themselves, one who
#: came before their inviter, and chains and stars below all of these.
PEOPLE = [
    ("a", joined(1), "c"),
    ("b", joined(2), "a"),
    ("c", joined(3), "b"),
    ("d", joined(4), "d"),
    ("f", joined(5), "e"),
    ("e", joined(5), "f"),
    ("g", joined(6), "h"),
    ("h", joined(7), ""),
    *((f"i{n:02}", joined(8 + n), "h" if n % 4 else "d") for n in range(12)),
    *((f"j{n:02}", joined(20 + n), f"j{n - 1:02}" if n else "i00") for n in range(12)),
]
REFUSED = {"a", "d", "e"}
FOREST = ("referral_k", "cycle_time", "generations", "cascades", "growth_rate", "channels", "what_if")


def acts() -> list[tuple[str, str, datetime, str, str]]:
    chance, ids = Random(5), [own for own, _at, _inviter in PEOPLE]
    verbs = ("posted", "commented", "answered", "asked", "voted", "helped", "hosted")
    return [
        (
            chance.choice(ids),
            chance.choice(verbs),
            FOUNDED + timedelta(minutes=chance.randrange(145 * 1440)),
            chance.choice(["", *ids]),
            str(chance.randrange(40)),
        )
        for _n in range(500)
    ]


@pytest.fixture(autouse=True)
def few_draws(monkeypatch):
    """What is drawn is drawn alike, however often."""
    monkeypatch.setattr(growth_rate, "RESAMPLES", 20)
    monkeypatch.setattr(growth_rate, "LEAST_JOINS", 5)
    monkeypatch.setattr(what_if, "project", partial(_projection.project, runs=60))


def brought_in(slug: str, order: Random | None):
    """The community of these files, rows shuffled by `order`; everybody has an account and shows their interests."""
    community = make.community(slug, owner=make.person(name="Owner"), timezone=ZONE, at=FOUNDED)
    people, told = list(PEOPLE), acts()
    if order is not None:
        order.shuffle(people)
        order.shuffle(told)
    rows = [f"{own},{at.isoformat()},{inviter},tea{len(own)}" for own, at, inviter in people]
    run = send(community, "\n".join(["member,joined_at,invited_by,interests", *rows, ""]))
    # Each costs its own edge, and nobody below them.
    assert {(rows[line - 2].split(",")[0], code) for line, _column, code in problems(run)} == {
        (own, "loop") for own in REFUSED
    }
    assert {own for own, _at, _inviter in people} == set(numbers(community))
    named = numbers(community)
    for own, number in sorted(named.items()):
        Membership.objects.of(community.pk).filter(number=number).update(
            user=make.person(f"{own}-{slug}@example.org"), listed=True, shown=["interests"]
        )
    found = [
        Row(named[who], verb, when, named.get(target), "post", thing, dedupe=f"{place}")
        for place, (who, verb, when, target, thing) in sorted(enumerate(told), key=lambda one: one[1])
    ]
    if order is not None:
        order.shuffle(found)
    for start in range(0, len(found), 100):
        facts.load(community_id=community.pk, rows=found[start : start + 100], at=NOW)
    refresh.refresh(community_id=community.pk, at=NOW, as_of=AS_OF)
    return community


def numbers(community) -> dict[str, int]:
    rows = Membership.objects.of(community.pk).exclude(external_id=None)
    return dict(rows.values_list("external_id", "number"))


def stored(community, name: dict[int, str]):
    """Every standing figure of the day, by key and parameters, with own ids for numbers."""
    rows = Figure.objects.filter(community_id=community.pk, as_of=AS_OF)
    return {(row.key, row.asked): with_names(row.data, name) for row in rows}


def with_names(data, name):
    if isinstance(data, list):
        return [with_names(one, name) for one in data]
    if not isinstance(data, dict):
        return data
    found = {key: with_names(one, name) for key, one in data.items()}
    for key in {"number", "root"} & found.keys():
        found[key] = name[data[key]]
    for key in ("members", "neighbours"):
        if isinstance(data.get(key), list) and all(isinstance(one, int) for one in data[key]):
            found[key] = [name[one] for one in data[key]]
    return found


def known() -> oracle.Known:
    """The same people for the recount, the owner among them."""
    rows = [("", FOUNDED, ""), *PEOPLE]
    people = [
        {"member": own, "joined": at, "inviter": up or None, "corrected": [], "roles": [(at, not own)], "way": None}
        for own, at, up in rows
    ]  # fmt: skip
    found = oracle.Known(people, ZoneInfo(ZONE), AS_OF)
    assert set(found.refused) == REFUSED
    return found


def test_what_is_stored_is_what_a_recount_says_in_any_order_and_whoever_is_erased():
    one, other = brought_in("one", None), brought_in("other", Random(9))
    name, theirs = ({n: own for own, n in numbers(place).items()} | {1: ""} for place in (one, other))
    assert name != theirs
    figures = stored(one, name)
    assert {key for key, _asked in figures} == set(metrics.keys())
    shuffled = stored(other, theirs)
    for key, data in figures.items():
        assert shuffled[key] == data, key

    told = known()
    for grain in ("week", "month", "all"):
        ours = next(
            data
            for (key, asked), data in figures.items()
            if key == "referral_k" and f"grain={grain}" in asked
        )
        assert_same(ours, oracle.referral_k(told, [], grain=grain, horizon=30))
    assert_same(figures["cycle_time", ""], oracle.cycle_time(told))
    assert_same(figures["generations", ""], oracle.generations(told))
    # A file's circles are opened as it is taken in, and reported there.
    assert_same(figures["cascades", "limit=20"], oracle.cascades(told) | {"refused": 0})
    ours = figures["growth_rate", ""]
    assert ours["r"] is None or ours["resamples"] == 20
    paid, done = [], [(who, when) for who, _verb, when, _target, _thing in acts()]
    assert_same(figures["channels", "window=all"], oracle.channels(told, [], done, paid, window="all"))
    assert figures["what_if", metrics_asked("what_if")]["members"]["weeks"]

    for own in ("b", "h", "j05"):
        member = Membership.objects.of(one.pk).get(external_id=own)
        erasure.erase(membership=member, at=NOW, by=make.SITE)
    refresh.refresh(community_id=one.pk, at=NOW, as_of=AS_OF, full=True)
    after = stored(one, name)
    for (key, asked), data in figures.items():
        if key in FOREST and key != "what_if":
            assert after[key, asked] == data, key
    client = Client()
    client.force_login(one.founded_by)
    assert client.get("/c/one/desk/growth/").status_code == 200


def metrics_asked(key: str) -> str:
    return next(iter(Figure.objects.filter(key=key).values_list("asked", flat=True)))
