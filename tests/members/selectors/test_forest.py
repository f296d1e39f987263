"""The forest, a part at a time."""

from datetime import timedelta

import pytest

from members.models import Membership
from members.selectors import forest
from members.services import memberships, standing
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community("lantern", owner=make.person(name="Owner"))


def add(community, name, invited_by=None, **fields) -> Membership:
    return memberships.add(community=community, at=EARLY, by=SITE, name=name, invited_by=invited_by, **fields)


@pytest.fixture(params=["by recursion", "as a whole"])
def counting(request, monkeypatch):
    """What hangs below a few is counted in either of two ways, and both say the same."""
    if request.param == "as a whole":
        monkeypatch.setattr(forest, "MOST_COUNTED", 0)


@pytest.fixture
def tree(community, counting):
    """Ada brought Bob and Cleo, Bob brought Dan, Dan brought Eve; Fay brought Gil; Owner and Hal nobody."""
    ada = add(community, "Ada")
    bob, cleo = add(community, "Bob", ada), add(community, "Cleo", ada)
    dan = add(community, "Dan", bob)
    eve = add(community, "Eve", dan)
    fay = add(community, "Fay")
    gil, hal = add(community, "Gil", fay), add(community, "Hal")
    return {"ada": ada, "bob": bob, "cleo": cleo, "dan": dan, "eve": eve, "fay": fay, "gil": gil, "hal": hal}


def told(nodes):
    return [(node.member.name, node.brought, node.below, node.depth) for node in nodes]


def test_the_biggest_trees_come_first_a_page_at_a_time(community, tree):
    other = make.community()
    add(other, "X2", add(other, "X1"))
    first = forest.biggest(community, size=1)
    assert told(first.nodes) == [("Ada", 2, 4, 3)]
    second = forest.biggest(community, size=1, after=first.after)
    assert (told(second.nodes), second.after) == ([("Fay", 1, 1, 1)], None)
    assert told(forest.biggest(community, size=9, after="made-up").nodes) == [
        ("Ada", 2, 4, 3),
        ("Fay", 1, 1, 1),
    ]


def test_trees_of_one_size_stand_in_the_order_of_numbers(community):
    for n in range(3):
        add(community, f"leaf{n}", add(community, f"root{n}"))
    seen, after = [], ""
    while after is not None:
        page = forest.biggest(community, size=1, after=after)
        seen += [node.member.name for node in page.nodes]
        after = page.after
    assert seen == ["root0", "root1", "root2"]


def test_the_whole_in_numbers(community, tree):
    whole = forest.Totals(trees=2, attached=7, members=9, largest=5, deepest=3)
    assert forest.biggest(community, size=1).totals == whole
    assert forest.biggest(make.community(), size=1).totals == forest.Totals(0, 0, 1, 0, 0)


def test_a_branch_opens_by_generation(tree):
    page = forest.branches(tree["ada"], size=1)
    assert told(page.nodes) == [("Bob", 1, 2, 2)]
    page = forest.branches(tree["ada"], size=1, after=page.after)
    assert (told(page.nodes), page.after) == ([("Cleo", 0, 0, 0)], None)
    assert told(forest.branches(tree["eve"], size=5).nodes) == []


def test_the_way_up_and_the_search(community, tree):
    assert [one.name for one in forest.path(tree["eve"])] == ["Ada", "Bob", "Dan"]
    assert forest.path(tree["ada"]) == []
    assert [one.name for one in forest.search(community, "da", most=5)] == ["Ada", "Dan"]
    assert told([forest.node(tree["bob"])]) == [("Bob", 1, 2, 2)]


def test_who_left_stays_and_who_never_joined_is_not_in_it(community, tree):
    standing.act("leave", membership=tree["dan"], at=EARLY + timedelta(days=1), by=SITE)
    memberships.enrol(
        community=community,
        user=make.person(name="Ivy"),
        at=EARLY,
        status="applied",
        invited_by=tree["hal"],
        by=SITE,
    )
    assert told(forest.biggest(community, size=5).nodes)[0] == ("Ada", 2, 4, 3)
    assert told([forest.node(tree["hal"])]) == [("Hal", 0, 0, 0)]
    assert forest.biggest(community, size=5).totals.members == 9


def test_one_s_own_tree_names_those_who_are_listed(tree):
    Membership.objects.filter(pk=tree["cleo"].pk).update(listed=False)
    standing.act("leave", membership=tree["dan"], at=EARLY + timedelta(days=1), by=SITE)
    found = forest.generations(tree["ada"])
    assert [(one.depth, one.count, [m.name for m in one.members], one.unnamed) for one in found] == [
        (1, 2, ["Bob"], 1),
        (2, 1, [], 1),
        (3, 1, ["Eve"], 0),
    ]
    assert forest.generations(tree["hal"]) == []


def test_a_merged_record_stands_nowhere(community, tree):
    Membership.objects.filter(pk=tree["gil"].pk).update(merged_into=tree["dan"], invited_by=None)
    assert told([forest.node(tree["fay"])]) == [("Fay", 0, 0, 0)]
    assert forest.biggest(community, size=1).totals == forest.Totals(1, 5, 8, 5, 3)


@pytest.mark.parametrize("counting", ["by recursion"], indirect=True)
def test_it_costs_the_same_however_many(community, tree, django_assert_num_queries):
    with django_assert_num_queries(2):
        forest.biggest(community, size=20)
    with django_assert_num_queries(2):
        forest.branches(tree["ada"], size=20)
    with django_assert_num_queries(2):
        forest.generations(tree["ada"])
