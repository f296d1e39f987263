"""The member table at its full size: what each filter, search, order and page costs the database, with its plan; the
members' directory and the forest; a bulk tag; the file of all. `make bench ARGS="members table"` runs a part."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import crowd
from benchmarks.asking import Bench, machine
from benchmarks.watching import HEAD, server_busy, watched

GOAL_S = 10.0


def one(field: str, how: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "is": how} | ({} if value is None else {"value": value})


#: What operators ask: each kind of field and comparison, and some together.
ASKED: dict[str, list[Any]] = {
    "everybody": [],
    "search: two Chinese characters": [one("search", "has", "小梅")],
    "search: one Chinese character": [one("search", "has", "王")],
    "search: pinyin": [one("search", "has", "xiaomei")],
    "search: initials": [one("search", "has", "wxm")],
    "search: one letter": [one("search", "has", "z")],
    "search: two letters": [one("search", "has", "zo")],
    "search: two words": [one("search", "has", "ada fisch")],
    "search: an address": [one("search", "has", "member777@")],
    "search that nobody fits": [one("search", "has", "qqzz")],
    "status": [one("status", "is", ["current"])],
    "a rare status": [one("status", "is", ["paused"])],
    "role": [one("role", "is", ["owner"])],
    "tier": [one("tier", "is", ["tier-2"])],
    "a rare tag": [one("tags", "has", "rare")],
    "not a common tag": [one("tags", "has_not", "common")],
    "an interest": [one("interests", "has", "书法")],
    "city": [one("city", "is", "paris")],
    "a part of a city": [one("city", "has", "ari")],
    "a part of a name": [one("name", "has", "fischer")],
    "no country": [one("country", "empty")],
    "own id": [one("own_id", "is", "U777")],
    "joined in 30 days": [one("joined", "last_days", 30)],
    "joined since a day": [one("joined", "since", "2024-01-01")],
    "left": [one("left", "known")],
    "brought by a member": [one("invited_by", "is", 3)],
    "came by": [one("channel", "is", "wechat")],
    "has an account": [one("account", "yes")],
    "stage": [one("stage", "is", ["core"])],
    "score": [one("score", "at_least", 90)],
    "silent for 60 days": [one("last_active", "not_last_days", 60)],
    "never active": [one("last_active", "empty")],
    "late dues": [one("dues", "is", ["late"])],
    "dues on trial": [one("dues", "is", ["trial"])],
    "paid dues": [one("dues", "is", ["paid"])],
    "dues that are not late": [one("dues", "is_not", ["late"])],
    "a seat": [one("dues", "is", ["seat"])],
    "no plan": [one("dues", "is", ["none"])],
    "plan": [one("plan", "is", "team")],
    "a part of a plan": [one("plan", "has", "year")],
    "paid until a day": [one("paid_until", "until", "2026-06-30")],
    "paid since a day": [one("paid_until", "since", "2027-05-01")],
    "paid until nothing": [one("paid_until", "empty")],
    "own number": [one("custom.Shoe", "at_least", 44)],
    "own choice": [one("custom.Shirt", "is", ["S"])],
    "own day": [one("custom.Born", "until", "1955-12-31")],
    "own text": [one("custom.Motto", "has", "motto 97")],
    "late dues or a tag": [{"any": [one("dues", "is", ["late"]), one("tags", "has", "rare")]}],
    "and, or": [
        {"any": [one("city", "has", "ari"), one("tags", "has", "rare")]},
        {"any": [one("score", "at_least", 50), one("last_active", "empty")]},
        one("status", "is_not", ["gone"]),
    ],
}


def run(parts: list[str]) -> None:
    started = time.perf_counter()
    community = crowd.community(crowd.size())
    print(f"{crowd.size():,} members, ready in {time.perf_counter() - started:.0f} s; {machine()}.")
    Bench(community, crowd.owner(community)).run(PARTS, parts)


def table(bench: Bench) -> None:
    from members.services import desk

    print(HEAD)
    for name, conditions in ASKED.items():
        asked = {"rules": json.dumps({"all": conditions})} if conditions else {}
        bench.page(name, f"{bench.root}desk/members/", **asked)
    bench.page("search by the API", f"{bench.api}members/", search="王小")
    bench.page("late dues by the API", f"{bench.api}members/", dues="late")
    desk.choose_columns(membership=bench.member, keys=["dues", "plan", "paid_until"])
    bench.page("everybody, with columns of dues", f"{bench.root}desk/members/")
    desk.choose_columns(membership=bench.member, keys=None)


def sorts(bench: Bench) -> None:
    """Each column up and down: the first page, and one in the middle."""
    print(HEAD)
    for key, order in _orders(bench):
        bench.page(f"by {key}", f"{bench.root}desk/members/", sort=key)
        bench.page(f"by {key}, deep", f"{bench.root}desk/members/", sort=key, at=_middle(bench, order))
    bench.page("by the API, custom.Shoe", f"{bench.api}members/", ordering="custom.Shoe")


def _orders(bench: Bench) -> Iterator[tuple[str, Any]]:
    from kernel.permissions import unlimited
    from members.models import CustomField
    from members.selectors import directory

    custom = list(CustomField.objects.of(bench.community.pk))
    for column in [directory.NAME, *directory.all_columns(custom, may=unlimited)]:
        if directory.has_order(column, custom):
            for key in (column.key, f"-{column.key}"):
                yield key, directory.order(key, custom, community=bench.community, may=unlimited)


def _middle(bench: Bench, order: Any) -> str:
    from kernel import keyset
    from members.models import Membership

    middle = crowd.size() // 2
    two = Membership.objects.of(bench.community.pk).filter(number__in=[middle, middle + 1])
    return keyset.page(two, order=order, size=1).after


def people(bench: Bench) -> None:
    """The members' directory, as members see it."""
    print(HEAD)
    place = f"{bench.root}people/"
    bench.page("the directory", place)
    for word in ("王", "王小", "z", "zo", "xiaomei", "wxm", "ada fisch"):
        bench.page(f"“{word}”", place, q=word)
    bench.page("city", place, city="杭州")
    bench.page("interest", place, interest="tea")
    bench.page("by the API, “王”", f"{bench.api}people/", q="王")


def duplicates(bench: Bench) -> None:
    """Who may be one person twice, among all; what merging two would do; whose record was merged, and back again."""
    from kernel.clock import now
    from members.actors import Actor
    from members.models import Membership
    from members.services import memberships, merging

    by = Actor.person(bench.member.user, bench.member)
    record = Membership.objects.of(bench.community.pk).filter(external_id="twin").first()
    if record is None:
        record = memberships.add(
            community=bench.community, name="Ada Adler", external_id="twin", city="Paris", at=now(), by=by
        )
    place = f"{bench.root}desk/members/"
    print(HEAD)
    bench.page("who may be somebody twice", f"{place}duplicates/")
    bench.page("what merging two would do", f"{place}{bench.member.number}/merge/{record.number}/")
    merge = merging.merge(kept=bench.member, merged=record, at=now(), by=by)
    bench.page("whose record was merged", f"{place}{bench.member.number}/")
    merging.undo(merge=merge, at=now(), by=by)


def forest(bench: Bench) -> None:
    from members.selectors import forest as read

    print(HEAD)
    place = f"{bench.root}desk/members/forest/"
    bench.page("the biggest trees", place)
    trees = read.biggest(bench.community, size=30)
    root = trees.nodes[0].member
    bench.page("the next trees", place, after=trees.after)
    bench.page("the biggest tree opened", place, member=root.number)
    bench.page("a small one opened", place, member=trees.nodes[-1].member.number)
    bench.tell(watched("the biggest tree as its member sees it", lambda: read.generations(root)))


def bulk(bench: Bench) -> None:
    """Half of all get a tag, and lose it; go into another tier, and back."""
    from members.models import Membership

    half = Membership.objects.of(bench.community.pk).filter(number__lte=crowd.size() // 2)
    goal = GOAL_S * crowd.size() / 100_000
    for kind, options in (("tag", {"tag": f"bench {time.time():.0f}"}), ("tier", {"tier": "tier-3"})):
        for words, took, busy, act in _acts(bench, kind, options, half):
            fits = "yes" if took <= goal else "**no**"
            told = f"{act.changed:,} in {took:.1f} s (at most {goal:g}), of which the database computed {busy:.1f}"
            print(f"{kind}, {words}: {told}: {fits}", flush=True)
            if took > goal:
                bench.wrong.append(f"{kind}, {words}")
    crowd.analyse()


def _acts(bench: Bench, kind: str, options: Any, members: Any) -> Iterator[tuple[str, float, float, Any]]:
    from kernel.clock import now
    from members.actors import Actor
    from members.services import bulk as acts

    by = Actor.person(bench.member.user, bench.member)
    act = acts.begin(
        community=bench.community, kind=kind, options=options, members=members, asked={}, at=now(), by=by
    )
    for words in ("done", "taken back"):
        computed, started = server_busy(), time.perf_counter()
        done = acts.carry_out(bulk_id=act.pk, now=now)
        yield words, time.perf_counter() - started, server_busy() - computed, done
        if words == "done":
            act = acts.undo(act=done, at=now(), by=by)


def export(bench: Bench) -> None:
    """All members as a file, and by how much the process grows meanwhile."""
    started, before, most, size, lines = time.perf_counter(), _resident(), 0, 0, 0
    response = bench.get(f"{bench.root}desk/members/export.csv")
    for part in response.streaming_content:
        size, lines = size + len(part), lines + 1
        if lines % 1000 == 0:
            most = max(most, _resident() - before)
    took = time.perf_counter() - started
    print(f"{lines - 1:,} lines, {size / 1e6:.1f} MB in {took:.1f} s; grew by at most {most / 1e6:.0f} MB.")


def _resident() -> int:
    """The memory of this process, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


PARTS: dict[str, Callable[[Bench], None]] = {
    "table": table,
    "sorts": sorts,
    "people": people,
    "forest": forest,
    "duplicates": duplicates,
    "bulk": bulk,
    "export": export,
}
