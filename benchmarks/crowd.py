"""A community with a full member table: the same members at every run of a size, made once and kept for the next run."""

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import psycopg2

from benchmarks import dues

SIZES = {"small": 5_000, "usual": 20_000, "full": 100_000}
#: Another number, another crowd: raised whenever what is made here changes.
VERSION = 2
AT = datetime(2026, 6, 15, 12, tzinfo=UTC)
BATCH = 2500
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧单曾解仇"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂文辉力晓东红玲建华国庆乐朝行重小梅雷"
FIRST = ("Ada", "Bob", "Cleo", "Dan", "Eve", "Zoë", "Priya", "Kwame", "Łukasz", "Inés", "Olga", "Tom")
LAST = ("Adler", "Brandt", "Costa", "Dubois", "Eze", "Fischer", "Garcia", "Haddad", "Ivanova", "Jones")
CITIES = ("杭州", "上海", "北京", "Paris", "Lyon", "Berlin", "Kraków", "Nairobi", "Lima", "Porto")
INTERESTS = ("tea", "chess", "AI", "书法", "hiking", "maps", "茶", "film")


def size() -> int:
    return SIZES[os.environ.get("SCALE", "usual")]


def community(members: int) -> Any:
    """The community of that many members and an owner, whose number is the next one."""
    from django.db import transaction

    from communities.models import Community

    slug = f"crowd-{members}-{VERSION}"
    found = Community.objects.filter(slug=slug).first()
    if found is None:
        # In one transaction: a run that was cut off leaves nothing, and what is there is whole.
        with transaction.atomic():
            found = made(slug, members)
    tidy()
    return found


def owner(of: Any) -> Any:
    from members.models import Membership

    return Membership.objects.select_related("user").get(community=of, role="owner")


def analyse() -> None:
    """Gather statistics and clear away, as autovacuum does by itself."""
    _as_owner("VACUUM ANALYZE")


def tidy() -> None:
    """Have every run begin alike: the changes of those before have left the tables twice their size and more."""
    _as_owner("VACUUM FULL")
    analyse()


def _as_owner(statement: str) -> None:
    """Such statements are for the tables' owner: the web's role may not."""
    connection = psycopg2.connect(os.environ["DATABASE_OWNER_URL"])
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def made(slug: str, many: int) -> Any:
    """A new community of that many members and an owner."""
    from communities.models import Community
    from engagement.models.standing import MemberStanding
    from members.models import CustomField, Membership, NumberSequence, Tier, User
    from members.services import finding, memberships

    found = Community.objects.create(
        slug=slug, name=slug, type="knowledge", language="en", timezone="UTC", currency="EUR"
    )
    tiers = [
        Tier.objects.create(community=found, key=f"tier-{n}", name=f"Tier {n}", rank=n) for n in range(4)
    ]
    for key, kind in [("Shoe", "number"), ("Shirt", "choice"), ("Born", "day"), ("Motto", "text")]:
        CustomField.objects.create(community=found, key=key, name=key, kind=kind, choices=["S", "M", "L"])
    offered = dues.plans(found, tiers[1], AT)
    dice = np.random.default_rng(7)
    here: list[int] = []
    for numbers in _batches(range(1, many + 2)):
        users = User.objects.bulk_create(
            User(email=f"member{n}@{slug}.example.org", password="!") for n in numbers
        )
        rows = [
            _member(number, user, found.pk, tiers, _inviter(dice, here), dice)
            for number, user in zip(numbers, users, strict=True)
        ]
        if numbers[-1] == many + 1:
            rows[-1].role, rows[-1].status = "owner", "active"
        for row in rows:
            memberships.index(row)
        Membership.objects.bulk_create(rows)
        finding.index(rows)
        here += [row.pk for row in rows]
        MemberStanding.objects.bulk_create(_standings(rows, found.pk, dice))
        dues.give(rows, offered, AT)
        print(f"\r{len(here):,} members", end="", flush=True)
    print()
    NumberSequence.objects.update_or_create(community=found, defaults={"next_number": many + 2})
    return found


def _batches(numbers: range) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), BATCH):
        yield numbers[start : start + BATCH]


def _inviter(dice: Any, made: Sequence[int]) -> int | None:
    """Six of ten were brought by somebody of an earlier batch, most often by one of the first members."""
    if not made or dice.random() < 0.4:
        return None
    return made[int(len(made) * dice.random() ** 3)]


def _member(number: int, user: Any, community_id: int, tiers: Any, inviter: Any, dice: Any) -> Any:
    from members.models import Membership

    luck = dice.random()
    born = date(1950, 1, 1) + timedelta(days=int(dice.integers(0, 20_000)))
    return Membership(
        community_id=community_id,
        user=user,
        number=number,
        name=_name(dice),
        email=user.email,
        external_id=f"u{number}",
        status="active" if luck < 0.8 else "left" if luck < 0.95 else "paused",
        tier=tiers[number % 4],
        joined_at=AT - timedelta(minutes=int(luck * 1_500_000)),
        left_at=AT if 0.8 <= luck < 0.95 else None,
        invited_by_id=inviter,
        channel=("wechat", "web", "")[number % 3],
        city=CITIES[number % len(CITIES)],
        country=("CN", "FR", "")[number % 3],
        interests=[INTERESTS[number % len(INTERESTS)], INTERESTS[number // 7 % len(INTERESTS)]],
        shown=["city", "interests"] if number % 2 else [],
        tags=["common", "rare"] if luck < 0.005 else ["common"] if luck < 0.5 else [],
        custom={
            "Shoe": 36 + number % 12,
            "Shirt": "S" if luck < 0.02 else "M",
            "Born": born.isoformat(),
            "Motto": f"Motto {number % 977}",
        },
    )


def _name(dice: Any) -> str:
    if dice.random() < 0.5:
        given = dice.integers(0, len(GIVEN), 1 + int(dice.random() < 0.7))
        return SURNAMES[int(dice.integers(0, len(SURNAMES)))] + "".join(GIVEN[int(n)] for n in given)
    return f"{FIRST[int(dice.integers(0, len(FIRST)))]} {LAST[int(dice.integers(0, len(LAST)))]}"


def _standings(rows: Sequence[Any], community_id: int, dice: Any) -> Iterator[Any]:
    """Of four in five, as of the figures' last refresh."""
    from engagement.models.standing import MemberStanding

    for row in rows:
        if row.number % 5:
            yield MemberStanding(
                membership=row,
                community_id=community_id,
                stage="core" if row.number % 20 == 1 else "active",
                score=float(dice.integers(0, 10_001)) / 100,
                active_days=int(dice.integers(0, 29)),
                last_active_day=AT.date() - timedelta(days=int(dice.integers(0, 120))),
            )
