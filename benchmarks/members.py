"""The member table at its full size: what each filter, search and page costs the database, with its plan; a bulk tag."""

import os
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import psycopg2

MEMBERS, TAGGED = 100_000, 50_000
READINGS = 7
GOAL_MS, GOAL_S, GOAL_QUERIES = 100.0, 10.0, 12
AT = datetime(2026, 6, 15, 12, tzinfo=UTC)
CITIES = ("杭州", "上海", "Paris", "Lyon", "Berlin", "Kraków", "Nairobi", "Lima")
NAMES = ("李雷", "韩梅梅", "Ada", "Bob", "Cleo", "王小明", "Zoë", "Priya")


def one(field: str, how: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "is": how} | ({} if value is None else {"value": value})


#: What operators ask, one of each kind and some together.
ASKED: dict[str, list[Any]] = {
    "everybody": [],
    "search in Chinese": [one("search", "has", "梅梅12")],
    "search of two letters": [one("search", "has", "zo")],
    "search that nobody fits": [one("search", "has", "qqzz")],
    "status": [one("status", "is", ["current"])],
    "tier": [one("tier", "is", ["tier-2"])],
    "a rare tag": [one("tags", "has", "rare")],
    "not a common tag": [one("tags", "has_not", "common")],
    "city": [one("city", "is", "paris")],
    "joined in 30 days": [one("joined", "last_days", 30)],
    "stage": [one("stage", "is", ["core"])],
    "score": [one("score", "at_least", 90)],
    "silent for 60 days": [one("last_active", "not_last_days", 60)],
    "own number": [one("custom.Shoe", "at_least", 44)],
    "own choice": [one("custom.Shirt", "is", ["S"])],
    "and, or": [
        {"any": [one("city", "has", "ari"), one("tags", "has", "rare")]},
        {"any": [one("score", "at_least", 50), one("last_active", "empty")]},
        one("status", "is_not", ["gone"]),
    ],
}


def run() -> None:
    from django.db import connection

    from members import rules as language
    from members.models import CustomField
    from members.selectors import directory, rules

    community = _community()
    catalogue = rules.catalogue(community)
    shown = directory.chosen(None, list(CustomField.objects.of(community.pk)))
    print("| what is asked | members | page, ms | count, ms | within 100 ms |\n|---|---|---|---|---|")
    plans: list[str] = []
    for name, conditions in ASKED.items():
        found = language.checked({"all": conditions}, catalogue)

        def members(found: Any = found) -> Any:
            return directory.fitting(community=community, rules=found, catalogue=catalogue, at=AT)

        def page() -> Any:
            return directory.page(members=members(), shown=shown, sort="")

        def count() -> int:
            return directory.count(members()).number

        page_ms, count_ms, many = _waited(page), _waited(count), count()
        fits = "yes" if page_ms + count_ms <= GOAL_MS else "no"
        print(f"| {name} | {many:,} | {page_ms:.1f} | {count_ms:.1f} | {fits} |", flush=True)
        plan = members().order_by().values("pk").explain(analyze=True, buffers=False, costs=False)
        plans.append(f"{name}:\n{plan}")
    _queries(community)
    _bulk(community)
    print("\n" + "\n\n".join(plans))
    connection.close()


def _community() -> Any:
    from communities.models import Community
    from engagement.models.standing import MemberStanding
    from members.models import CustomField, Membership, Tier
    from members.services import memberships

    community = Community.objects.create(
        slug="table", name="table", type="knowledge", language="en", timezone="UTC", currency="EUR"
    )
    tiers = [
        Tier.objects.create(community=community, key=f"tier-{n}", name=f"Tier {n}", rank=n) for n in range(4)
    ]
    for key, kind in [("Shoe", "number"), ("Shirt", "choice")]:
        CustomField.objects.create(community=community, key=key, name=key, kind=kind, choices=["S", "M"])
    dice = np.random.default_rng(7)
    rows = []
    for number in range(1, MEMBERS + 1):
        luck = dice.random()
        row = Membership(
            community=community,
            number=number,
            name=f"{NAMES[number % len(NAMES)]}{number}",
            email=f"member{number}@example.org",
            external_id=f"u{number}",
            status="active" if luck < 0.8 else "left" if luck < 0.95 else "paused",
            tier=tiers[number % 4],
            joined_at=AT - timedelta(minutes=int(luck * 1_500_000)),
            city=CITIES[number % len(CITIES)],
            tags=["common", "rare"] if luck < 0.005 else ["common"] if luck < 0.5 else [],
            custom={"Shoe": 36 + number % 12, "Shirt": "S" if luck < 0.02 else "M"},
        )
        memberships.index(row)
        rows.append(row)
    Membership.objects.bulk_create(rows, batch_size=5000)
    MemberStanding.objects.bulk_create(
        (
            MemberStanding(
                membership=row,
                community_id=community.pk,
                stage="core" if number % 20 == 0 else "active",
                score=float(dice.integers(0, 101)),
                last_active_day=date(2026, 6, 15) - timedelta(days=int(dice.integers(0, 120))),
            )
            for number, row in enumerate(rows)
            if number % 5
        ),
        batch_size=5000,
    )
    _analyse()
    return community


def _analyse() -> None:
    """Let the tables' owner gather statistics, as autovacuum does by itself: the web's role may not."""
    owner = psycopg2.connect(os.environ["DATABASE_OWNER_URL"])
    owner.autocommit = True
    with owner.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    owner.close()


def _waited(what: Any) -> float:
    """The median of the time spent waiting for the database, in milliseconds."""
    from django.db import connection

    waits: list[float] = []

    def watch(execute: Any, sql: Any, parameters: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, parameters, many, context)
        finally:
            waits[-1] += time.perf_counter() - started

    with connection.execute_wrapper(watch):
        for _reading in range(READINGS):
            waits.append(0.0)
            what()
    return float(np.median(waits)) * 1000


def _queries(community: Any) -> None:
    """The whole page, as a browser asks for it."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from members.models import Membership, User

    settings.ALLOWED_HOSTS = ["*"]
    user = User.objects.create(email="owner@example.org")
    Membership.objects.create(
        community=community, user=user, number=MEMBERS + 1, status="active", role="owner", joined_at=AT
    )
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    place = f"/c/{community.slug}/desk/members/?tag=rare"
    client.get(place, secure=True)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(place, secure=True)
    print(f"\nThe page answers {response.status_code} with {len(queries)} queries (at most {GOAL_QUERIES}).")


def _bulk(community: Any) -> None:
    """50,000 members get a tag, and it is taken back."""
    from kernel.clock import now
    from members.actors import Actor
    from members.models import Membership
    from members.services import bulk

    by = Actor.site("benchmark")
    act = bulk.begin(
        community=community,
        kind="tag",
        options={"tag": "bench"},
        members=Membership.objects.of(community.pk).filter(number__lte=TAGGED),
        asked={},
        at=now(),
        by=by,
    )
    for words, what in (("tagged", act), ("taken back", None)):
        what = what or bulk.undo(act=act, at=now(), by=by)
        started = time.perf_counter()
        done = bulk.carry_out(bulk_id=what.pk, now=now)
        act = done if words == "tagged" else act
        took = time.perf_counter() - started
        print(f"{done.changed:,} members {words} in {took:.1f} s (at most {GOAL_S:g}).", flush=True)
