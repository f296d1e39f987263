"""Members as Ghost exports them: taken as they come, twice is once, and nobody is lost."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import translation

from members.imports_from.ghost import Ghost
from members.models import DeadAddress, ImportRun, Membership, OptOut, Tier
from members.selectors import imports as runs
from members.services import imports, preferences
from tests import make
from tests.members.imports.files import AT, begin, counts, problems, send

pytestmark = pytest.mark.django_db

HEADER = [
    *("id", "email", "name", "note", "subscribed_to_emails", "complimentary_plan", "stripe_customer_id"),
    *("created_at", "deleted_at", "labels", "tiers"),
]
JOINED = "2024-01-15T10:00:00.000Z"


@pytest.fixture
def community():
    return make.community("lantern", timezone="Asia/Shanghai")


def ghost(*rows: dict[str, str], header=HEADER) -> str:
    """A file as Ghost writes it: lines end in CR and LF."""
    out = io.StringIO()
    writer = csv.DictWriter(out, header)
    writer.writeheader()
    writer.writerows({"created_at": JOINED, "subscribed_to_emails": "true"} | row for row in rows)
    return out.getvalue()


def member(community, address: str) -> Any:
    return Membership.objects.of(community.id).get(email=address)


def states(community) -> list[tuple]:
    fields = ("number", "external_id", "name", "email", "tags", "custom", "joined_at", "left_at", "tier__key")
    return list(Membership.objects.of(community.id).order_by("number").values_list(*fields))


def test_a_whole_row_is_kept(community):
    Tier.objects.create(community_id=community.id, key="gold", name="Gold", rank=5)
    row = {
        "id": "65a",
        "email": "Grace@Example.org",
        "name": "Grace Hopper",
        "note": "VIP,\nearly",
        "stripe_customer_id": "cus_1",
        "labels": "Founders,Tea; green",
        "tiers": "gold",
    }
    run = send(community, "\ufeff" + ghost(row), kind="ghost")
    found = member(community, "grace@example.org")
    assert (counts(run), problems(run), runs.remarks(run)) == ((1, 0, 0, 0), [], [])
    assert (found.external_id, found.name, found.tags) == ("65a", "Grace Hopper", ["Founders", "Tea  green"])
    assert (found.joined_at, found.status, found.tier.key) == (
        datetime(2024, 1, 15, 10, tzinfo=UTC),
        "active",
        "gold",
    )
    assert (found.custom, found.user) == ({"note": "VIP,\nearly"}, None)
    assert not OptOut.objects.exists()


def test_what_is_ghost_s_own_is_kept_when_asked(community):
    row = {"email": "a@example.org", "stripe_customer_id": "cus_1", "gift_id": "g1"}
    run = send(community, ghost(row, header=[*HEADER, "gift_id"]), kind="ghost", keep_unknown=True)
    assert member(community, "a@example.org").custom == {"stripe_customer_id": "cus_1", "gift_id": "g1"}
    assert counts(run) == (1, 0, 0, 0)


def test_a_tier_that_is_not_here_is_reported_and_stops_nobody(community):
    Tier.objects.create(community_id=community.id, key="gold", name="Gold", rank=5)
    text = ghost(
        {"email": "a@example.org", "tiers": "Silver"},
        {"email": "b@example.org", "tiers": "Silver,Gold"},
        {"email": "c@example.org", "tiers": "Gold", "created_at": "never"},
    )
    run = send(community, text, kind="ghost")
    assert (counts(run), problems(run)) == ((2, 0, 0, 1), [(4, "created_at", "time")])
    remarks = [(remark.line, remark.column, remark.code) for remark in runs.remarks(run)]
    assert remarks == [(2, "tiers", "tier_unknown"), (3, "tiers", "tier_unknown")]
    assert "“Silver”" in runs.remarks(run)[0].words
    with translation.override("zh-hans"):
        assert "Silver" in runs.remarks(run)[0].words
        assert not runs.remarks(run)[0].words.startswith("There")
    assert member(community, "b@example.org").tier.key == "gold"
    assert member(community, "a@example.org").tier.is_default
    _header, rejected = runs.report(run, rejected_only=True)
    assert [row[0] for row in rejected] == [4]
    _header, every = runs.report(run, rejected_only=False)
    assert [row[:2] for row in every] == [[2, "created"], [3, "created"], [4, "rejected"]]


def test_a_deleted_member_has_left(community):
    send(
        community,
        ghost({"email": "a@example.org", "deleted_at": "2025-01-01T00:00:00.000Z"}),
        kind="ghost",
    )
    found = member(community, "a@example.org")
    assert (found.status, found.left_at) == ("left", datetime(2025, 1, 1, tzinfo=UTC))


def test_who_wants_no_letters_stays_a_member_and_gets_none(community):
    text = ghost({"email": "a@example.org", "subscribed_to_emails": "false"}, {"email": "b@example.org"})
    send(community, text, kind="ghost")
    found = member(community, "a@example.org")
    assert found.status == "active"
    assert list(OptOut.objects.values_list("membership", "channel", "kind")) == [(found.id, "mail", "")]
    assert not DeadAddress.objects.exists()


def test_who_switched_letters_on_here_keeps_them(community):
    text = ghost({"email": "a@example.org", "subscribed_to_emails": "false"})
    send(community, text, kind="ghost")
    preferences.choose(membership=member(community, "a@example.org"), wanted={"mail": ["digest"]}, at=AT)
    send(community, text, kind="ghost")
    assert not OptOut.objects.filter(kind__in=["", "digest"], channel="mail").exists()


def test_somebody_named_twice_is_one_and_the_later_row_has_the_word(community):
    text = ghost(
        {"id": "1", "email": "a@example.org", "name": "First"},
        {"id": "2", "email": "A@example.org", "name": "Second"},
        {"id": "1", "email": "new@example.org", "name": "Third"},
        {"email": "new@example.org", "name": "Third"},
    )
    run = send(community, text, kind="ghost")
    assert counts(run) == (1, 2, 1, 0)
    assert [row[1:4] for row in states(community)[1:]] == [("1", "Third", "new@example.org")]
    before = states(community)
    assert counts(send(community, text, kind="ghost")) == (0, 0, 4, 0)
    assert states(community) == before


def test_a_member_who_is_here_by_another_file_is_the_same_by_address(community):
    send(community, "member,joined_at,email,tags\nu1,2020-01-01,a@example.org,vip\n")
    joined = member(community, "a@example.org").joined_at
    text = ghost({"id": "9", "email": "A@example.org", "name": "Ada", "labels": "tea"})
    assert counts(send(community, text, kind="ghost")) == (0, 1, 0, 0)
    found = member(community, "a@example.org")
    assert (found.external_id, found.joined_at, found.tags) == ("u1", joined, ["vip", "tea"])
    assert counts(send(community, text, kind="ghost")) == (0, 0, 1, 0)


def test_who_has_no_id_is_known_by_address_which_nobody_sees(community):
    send(community, "email,created_at\na@example.org,2024-01-01\n", kind="ghost")
    found = member(community, "a@example.org")
    assert found.external_id.startswith("mail-")
    assert "@" not in found.display_name
    run = send(community, "email,created_at,name\nA@example.org,2024-01-01,Ada\n", kind="ghost")
    assert (counts(run), member(community, "a@example.org").name) == ((0, 1, 0, 0), "Ada")


def test_another_community_s_members_are_not_touched(community):
    other = make.community("other")
    text = ghost({"id": "1", "email": "a@example.org", "name": "Ada"})
    send(other, text, kind="ghost")
    before = states(other)
    assert counts(send(community, text.replace("Ada", "Bea"), kind="ghost")) == (1, 0, 0, 0)
    assert states(other) == before


def test_bad_rows_say_where_and_stop_nobody(community):
    text = ghost(
        {"id": "1", "email": ""},
        {"id": "2", "email": "no address"},
        {"id": "3", "email": "c@example.org", "created_at": ""},
        {"id": "4", "email": "d@example.org", "deleted_at": "2020-01-01"},
        {"id": "5", "email": "e@example.org", "labels": "x" * 81},
        {"id": "6", "email": "f@example.org", "name": "=1+2"},
    )
    run = send(community, text + "7,only\r\n", kind="ghost")
    assert problems(run) == [
        (2, "email", "needed"),
        (3, "email", "email"),
        (4, "created_at", "needed"),
        (5, "deleted_at", "left_before_joining"),
        (6, "labels", "too_long"),
        (8, "", "cells"),
    ]
    assert counts(run) == (1, 0, 0, 6)
    assert member(community, "f@example.org").name == "=1+2"


def test_the_command_takes_it(community, tmp_path, capsys):
    path = tmp_path / "members.csv"
    path.write_text(ghost({"email": "a@example.org", "tiers": "Silver"}))
    call_command("import_csv", "--community", "lantern", "--kind", "ghost", str(path))
    said = capsys.readouterr().out
    assert "line 2 (taken): tiers: There is no tier “Silver” here" in said
    assert said.endswith("1 row: 1 created, 0 updated, 0 unchanged, 0 rejected\n")


def large(rows: int) -> tuple[str, tuple[int, int, int, int]]:
    """A file as people's are, and what is to become of its rows: every 100th stands there a second time, changed,
    every 200th is no address, every 7th has a cell a spreadsheet would run, every 5th a note of several lines."""
    out = []
    doubles = bad = 0
    for n in range(rows):
        row = {"id": f"{n:024x}", "email": f"p{n}@example.org", "name": f"P {n}", "labels": "a,b"}
        if n % 7 == 0:
            row["name"] = f"'=SUM(A{n})"
        if n % 5 == 0:
            row["note"] = f'first,\r\n"second" {n}'
        if n % 9 == 0:
            row["subscribed_to_emails"] = "false"
        if n % 100 == 50:
            row |= {"id": f"x{n}", "email": f"P{n - 1}@example.org", "name": "Changed"}
            doubles += 1
        if n % 200 == 199:
            row["email"] = "nobody"
            bad += 1
        out.append(row)
    return "\ufeff" + ghost(*out), (rows - doubles - bad, doubles, 0, bad)


def reconciled(community, rows: int) -> None:
    text, expected = large(rows)
    run = send(community, text, kind="ghost")
    assert run.state == ImportRun.State.DONE
    assert counts(run) == expected
    assert (sum(counts(run)), run.rows) == (rows, rows)
    before = states(community)
    assert before[1][2] == "=SUM(A0)"
    again = send(community, text, kind="ghost")
    assert counts(again) == (0, 0, rows - expected[3], expected[3])
    assert states(community) == before


def test_a_large_file_reconciles_and_twice_is_once(community, monkeypatch):
    monkeypatch.setattr(Ghost, "chunk", 150)
    reconciled(community, 1000)


@pytest.mark.long
def test_twenty_thousand_rows_reconcile_and_twice_is_once(community):
    reconciled(community, 20_000)


def test_a_run_that_was_cut_off_decides_as_one_that_was_not(community, monkeypatch):
    monkeypatch.setattr(Ghost, "chunk", 3)
    text = ghost(
        *({"id": str(n), "email": f"p{n % 4}@example.org", "name": f"P {n}"} for n in range(10)),
    )

    class Cut(Exception):
        pass

    def cut(run):
        raise Cut

    whole = send(make.community(), text, kind="ghost")
    run = begin(community, text, kind="ghost")
    for _attempt in range(3):
        with pytest.raises(Cut):
            imports.carry_out(run_id=run.id, now=lambda: AT, watch=cut)
    run = imports.carry_out(run_id=run.id, now=lambda: AT)
    assert run.state == "done"
    assert [row[3] for row in states(community)[1:]] == [f"p{n}@example.org" for n in range(4)]
    assert sum(counts(run)) == sum(counts(whole)) == 10
    assert run.created == whole.created == 4
