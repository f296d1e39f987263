"""Who invited whom, from a file: forward, unknown, rejected, in loops."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement.models import Fact
from kernel.imports import Row
from members.imports import Members
from members.models import Membership
from members.services.member_rows import Reader
from members.services.member_survey import Stored, Survey
from tests import make
from tests.members.imports.files import counts, problems, send

EARLY = datetime(2020, 1, 1, tzinfo=UTC)
HEADER = "member,joined_at,invited_by\n"


def edges(community) -> dict[str, str | None]:
    rows = Membership.objects.of(community.id).exclude(external_id=None)
    return dict(rows.values_list("external_id", "invited_by__external_id"))


@pytest.fixture
def community():
    return make.community()


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(Members, "chunk", 2)


@pytest.mark.django_db
def test_an_inviter_may_stand_further_down_and_the_fact_names_them(community, small_chunks):
    run = send(
        community,
        HEADER + "a,2026-03-01,e\nb,2026-03-01,\nc,2026-03-01,d\nd,2026-03-01,\ne,2026-03-01,b\n",
    )
    assert counts(run) == (5, 0, 0, 0)
    assert edges(community) == {"a": "e", "b": None, "c": "d", "d": None, "e": "b"}
    joined = Fact.objects.of(community.id).filter(verb="joined", member__gt=1)
    assert dict(joined.values_list("member", "target")) == {2: 6, 3: None, 4: 5, 5: None, 6: 3}


@pytest.mark.django_db
def test_an_inviter_may_be_here_already(community):
    send(community, HEADER + "a,2026-03-01,\n")
    send(community, HEADER + "b,2026-03-01,a\n")
    assert edges(community) == {"a": None, "b": "a"}


@pytest.mark.django_db
def test_what_hangs_on_a_rejected_row_is_rejected_with_it(community):
    run = send(
        community, HEADER + "d,2026-03-01,c\na,never,\nb,2026-03-01,a\nc,2026-03-01,b\ne,2026-03-01,\n"
    )
    assert counts(run) == (1, 0, 0, 4)
    assert problems(run) == [
        (2, "invited_by", "inviter_rejected"),
        (3, "joined_at", "time"),
        (4, "invited_by", "unknown_inviter"),
        (5, "invited_by", "inviter_rejected"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(("joined", "root"), [(("03", "01", "02"), "b"), (("01", "01", "01"), "a")])
def test_in_a_loop_the_edge_of_the_earliest_joiner_is_refused(community, small_chunks, joined, root):
    rows = zip("abc", joined, "cab", strict=True)
    text = HEADER + "".join(f"{member},2026-03-{day},{inviter}\n" for member, day, inviter in rows)
    run = send(community, text)
    assert counts(run) == (2, 0, 0, 1)
    assert [problem[1:] for problem in problems(run)] == [("invited_by", "loop")]
    expected = {"a": "c", "b": "a", "c": "b"} | {root: None}
    assert edges(community) == expected
    again = send(community, text)
    assert (counts(again), edges(community)) == ((0, 0, 2, 1), expected)


@pytest.mark.django_db
def test_an_edge_that_is_here_already_stands_against_one_that_would_close_a_loop(community):
    send(community, HEADER + "a,2026-03-01,b\nb,2026-03-02,\n")
    run = send(community, HEADER + "b,2026-03-02,a\n")
    assert problems(run) == [(2, "invited_by", "loop")]
    assert edges(community) == {"a": "b", "b": None}


@pytest.mark.django_db
def test_a_chain_may_be_turned_around(community):
    send(community, HEADER + "a,2026-03-01,\nb,2026-03-02,a\nc,2026-03-03,b\nd,2026-03-04,\n")
    run = send(community, HEADER + "b,2026-03-02,c\nc,2026-03-03,d\na,2026-03-01,b\n")
    assert counts(run) == (0, 3, 0, 0)
    assert edges(community) == {"a": "b", "b": "c", "c": "d", "d": None}


@pytest.mark.django_db
def test_another_inviter_is_a_change_with_history(community):
    send(community, HEADER + "a,2026-03-01,\nb,2026-03-01,\nc,2026-03-01,a\n")
    run = send(community, HEADER + "c,2026-03-01,b\n")
    assert counts(run) == (0, 1, 0, 0)
    change = Membership.objects.get(external_id="c").changes.get(kind="inviter")
    assert (change.before, change.after) == ("a", "b")
    fact = Fact.objects.get(community_id=community.id, verb="inviter_changed")
    assert (fact.member, fact.target) == (4, 3)


MEMBERS = st.integers(0, 7)
DAYS = st.integers(1, 3)


@settings(max_examples=300)
@given(
    st.lists(st.tuples(MEMBERS, DAYS, st.none() | MEMBERS), max_size=14),
    st.dictionaries(st.integers(0, 3), st.none() | st.integers(4, 9), max_size=3),
)
def test_whatever_the_file_says_no_loop_is_left_and_a_second_look_decides_the_same(given_rows, stored_edges):
    stored = {
        f"m{key}": Stored(EARLY, f"m{inviter}" if inviter else None) for key, inviter in stored_edges.items()
    }
    stored |= {inviter: Stored(EARLY, None) for known in list(stored.values()) if (inviter := known.inviter)}
    rows = [
        Row(
            line,
            {
                "member": f"m{member}",
                "joined_at": f"2026-03-0{day}",
                "invited_by": "" if by is None else f"m{by}",
            },
        )
        for line, (member, day, by) in enumerate(given_rows, start=2)
    ]
    reader = Reader(
        zone=ZoneInfo("UTC"), latest=datetime(2026, 6, 1, tzinfo=UTC), tiers=[], may_give_roles=True
    )
    survey = Survey(reader=reader, stored=stored)
    survey.read(lambda: iter(rows))
    taken = {row.cells["member"] for row in rows if row.line not in survey.refused}
    edge = {member: known.inviter for member, known in stored.items()} | survey.edges
    for start in edge:
        seen, member = set(), start
        while member is not None:
            assert member not in seen
            seen.add(member)
            member = edge.get(member)
    assert all(inviter in taken or inviter in stored for inviter in survey.edges.values())
    assert survey.edges.keys() <= taken | stored.keys()


@pytest.mark.django_db
def test_who_names_themselves_is_a_loop_of_one_and_costs_nobody_below_them(community, small_chunks):
    text = HEADER + "b,2026-03-02,a\na,2026-03-01,a\nc,2026-03-03,b\n"
    run = send(community, text)
    assert counts(run) == (2, 0, 0, 1)
    assert problems(run) == [(3, "invited_by", "loop")]
    assert edges(community) == {"a": None, "b": "a", "c": "b"}
    again = send(community, text)
    assert (counts(again), problems(again)) == ((0, 0, 2, 1), [(3, "invited_by", "loop")])
