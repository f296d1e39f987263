"""How dues stand in the member table: shown, filtered and sorted as one would by hand, whatever a member has."""

from datetime import UTC, date, datetime, timedelta

import pytest

from kernel.columns import columns
from kernel.permissions import unlimited
from members import rules as language
from members.models import Membership
from members.selectors import directory, rules
from tests import make, once
from tests.commerce.dues import plan
from tests.commerce.standing import every_way, subscribed

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 15, 12, tzinfo=UTC)
TODAY = AT.date()
SHOWN = [columns.get(key) for key in ("plan", "paid_until", "dues")]
LATE = {"grace", "suspended"}
GROUPS = {
    "late": LATE,
    "in_order": {"cancelled", "trial", "paused", "paid", "life", "seat", "gift", "free"},
}
#: From who needs somebody's eye most to who has nothing.
URGENCY = [
    "suspended", "grace", "to_pay", "cancelled", "trial", "paused", "paid", "life", "seat", "gift", "free", "none",
]  # fmt: skip


@pytest.fixture(scope="module")
def lantern(django_db_setup, django_db_blocker):
    with once.made(django_db_blocker):
        yield a_community()


def a_community():
    community = make.community("lantern", owner=make.person(name="Owner"), currency="CNY")
    told = every_way(community)
    # Neither is another community's business.
    elsewhere = make.community("harbour", owner=make.person(name="Elsewhere"))
    subscribed(elsewhere.memberships.get(), plan(elsewhere, name="Monthly"), status="suspended")
    return community, told


def by(community, key):
    return directory.order(key, community=community, may=unlimited)


def test_each_is_shown_as_it_stands(lantern, django_assert_num_queries):
    community, told = lantern
    members = Membership.objects.of(community.pk)
    with django_assert_num_queries(1):
        found = directory.page(members=members, shown=SHOWN, by=by(community, "name"))
    said = {row.name: tuple(cell.value or "" for cell in row.cells) for row in found.rows}
    assert said == {name: (plan_name, until or "", dues) for name, (plan_name, until, dues) in told.items()}
    rows = directory.sheet(members=members, shown=SHOWN, by=by(community, "name"))
    assert {row[0]: (row[1] or "", row[2], row[3]) for row in rows} == told


def fits(what, how, wanted):
    """What a condition means of one value, in plain words."""
    if how in ("is_not", "has_not"):
        return not fits(what, how.removesuffix("_not"), wanted)
    if how == "empty":
        return not fits(what, "known", wanted)
    if how == "known":
        return what not in ("", None)
    if isinstance(wanted, list):
        return what in set().union(*(GROUPS.get(one, {one}) for one in wanted))
    if isinstance(what, str):
        return bool(what) and (
            wanted.lower() in what.lower() if how == "has" else wanted.lower() == what.lower()
        )
    if what is None:
        return False
    if how == "last_days":
        return what > TODAY - timedelta(days=wanted)
    if how == "not_last_days":
        return what <= TODAY - timedelta(days=wanted)
    day = date.fromisoformat(wanted)
    return {"since": what >= day, "until": what <= day, "on": what == day}[how]


ASKED = [
    *(("plan", how, "month") for how in ("has", "has_not")),
    *(("plan", how, "SHARED") for how in ("is", "is_not")),
    *(("plan", how, None) for how in ("known", "empty")),
    *(("paid_until", how, "2026-03-10") for how in ("since", "until", "on")),
    *(("paid_until", how, "2026-03-11") for how in ("since", "until", "on")),
    *(("paid_until", how, 5) for how in ("last_days", "not_last_days")),
    *(("paid_until", how, None) for how in ("known", "empty")),
    *(("dues", how, [one]) for how in ("is", "is_not") for one in [*URGENCY, *GROUPS]),
    *(("dues", how, ["late", "none"]) for how in ("is", "is_not")),
    *(("dues", how, None) for how in ("known", "empty")),
]  # fmt: skip


def test_each_filter_finds_who_fits_and_nobody_else(lantern):
    community, told = lantern
    catalogue = rules.catalogue(community, may=unlimited)
    for key, how, value in ASKED:
        place = ("plan", "paid_until", "dues").index(key)
        one = {"field": key, "is": how} | ({} if value is None else {"value": value})
        wanted = sorted(name for name, says in told.items() if fits(says[place], how, value))
        for asked in ({"all": [one]}, {"any": [one, {"field": "number", "is": "at_least", "value": 10_000}]}):
            found = directory.fitting(
                community=community, rules=language.checked(asked, catalogue), catalogue=catalogue, at=AT
            )
            assert (asked, sorted(member.name for member in found)) == (asked, wanted)


@pytest.mark.parametrize("key", ["plan", "paid_until", "dues"])
@pytest.mark.parametrize("down", ["", "-"])
def test_pages_stand_in_order_there_and_back(lantern, monkeypatch, key, down):
    monkeypatch.setattr(directory, "PAGE_SIZE", 4)
    community, told = lantern
    place = ("plan", "paid_until", "dues").index(key)
    numbers = dict(Membership.objects.of(community.pk).values_list("name", "number"))
    worth = {name: URGENCY.index(says[2]) if key == "dues" else says[place] for name, says in told.items()}
    known = sorted(
        (name for name in told if worth[name] not in ("", None)), key=lambda one: (worth[one], numbers[one])
    )
    empty = sorted((name for name in told if worth[name] in ("", None)), key=numbers.get)
    if down:
        known.reverse()
        empty.reverse()
    seen, cursor, back = [], "", ""
    while True:
        found = directory.page(
            members=Membership.objects.of(community.pk),
            shown=SHOWN,
            by=by(community, f"{down}{key}"),
            cursor=cursor,
        )
        seen.append([row.name for row in found.rows])
        back, cursor = found.before, found.after
        if not cursor:
            break
    assert [name for page in seen for name in page] == [*known, *empty]
    again = directory.page(
        members=Membership.objects.of(community.pk),
        shown=SHOWN,
        by=by(community, f"{down}{key}"),
        cursor=back,
    )
    assert [row.name for row in again.rows] == seen[-2]


def test_the_table_reads_nothing_of_dues_where_no_column_of_theirs_is_shown(
    lantern, django_assert_num_queries
):
    community, _told = lantern
    shown = directory.chosen(None, may=unlimited)
    with django_assert_num_queries(1) as asked:
        directory.page(members=Membership.objects.of(community.pk), shown=shown, by=by(community, "name"))
    assert "commerce_" not in asked.captured_queries[0]["sql"]
