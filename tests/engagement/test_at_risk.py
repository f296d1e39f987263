"""Who is at risk in the member table: the figure's own rows, as column, filter, file and over the API."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pandas as pd
import pytest

from engagement.metrics.score import DEFAULT_WEIGHTS
from engagement.services import facts, refresh
from engagement.services.facts import Row
from kernel.words import day as written
from members.models import Membership
from members.services import desk
from tests import api, make, oracle
from tests.engagement import stream
from tests.oracle import wellbeing

pytestmark = pytest.mark.django_db

AS_OF = date(2026, 3, 9)
LONG_AGO, LATELY = datetime(2025, 11, 1, tzinfo=UTC), datetime(2025, 12, 20, tzinfo=UTC)
TABLE = "/c/lantern/desk/members/"
#: By number: the chance of coming on a day in days 29 to 84, and since.
CHANCES = {2 + n: (before, since) for n, (before, since) in enumerate([(0.6, 0), (0.4, 0.1), (0.3, 0.3)] * 6)}
LATE, LEFT, RARE = 20, 21, 22


def visits():
    dice = Random(11)
    chances = CHANCES | {LATE: (0.6, 0), LEFT: (0.6, 0), RARE: (0.1, 0)}
    return [
        Row(number, "visited", datetime(2026, 3, 9, 12, tzinfo=UTC) - timedelta(days=age - 1), None)
        for number, (before, since) in chances.items()
        for age in range(1, 85)
        if dice.random() < (since if age <= 28 else before)
    ]


def living(**more):
    community = make.community("lantern", **more)
    stream.people(community, range(2, 20), LONG_AGO)
    stream.people(community, range(LATE, LATE + 1), LATELY)
    stream.people(community, range(LEFT, RARE + 1), LONG_AGO)
    gone = datetime(2026, 3, 1, tzinfo=UTC)
    Membership.objects.filter(community=community, number=LEFT).update(status="left", left_at=gone)
    facts.load(community_id=community.pk, rows=visits(), at=stream.NOW)
    refresh.refresh(community_id=community.pk, at=stream.NOW)
    return community


@pytest.fixture
def community(client, settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    community = living()
    client.force_login(Membership.objects.of(community.id).get(number=1).user)
    return community


def by_the_oracle():
    """How many came regularly, and the numbers of those at risk."""
    left = {LEFT: datetime(2026, 3, 1, tzinfo=UTC)}
    people = [
        (str(n), LATELY if n == LATE else LONG_AGO, "member", "left" if n in left else "active", left.get(n))
        for n in range(2, RARE + 1)
    ]
    acts = [(str(one.member), one.verb, one.at, None, "", None) for one in visits()]
    raw = oracle.Community(
        "UTC",
        pd.DataFrame(people, columns=["member", "joined_at", "role", "status", "left_at"]),
        pd.DataFrame(acts, columns=["member", "verb", "occurred_at", "target", "object", "value"]),
    )
    looked_at, flagged = wellbeing.at_risk(raw, AS_OF, DEFAULT_WEIGHTS)
    return looked_at, sorted(map(int, flagged))


def in_table(client, asked):
    return sorted(one.number for one in client.get(f"{TABLE}?at_risk={asked}").context["page"].rows)


def test_the_table_has_the_figure_s_members_and_the_oracle_s(client, community):
    looked_at, fading = by_the_oracle()
    assert 0 < len(fading) < looked_at < len(CHANCES) + 1
    assert in_table(client, "yes") == fading
    steady = in_table(client, "no")
    assert len(steady) == looked_at - len(fading) and {LATE, LEFT, RARE, *fading}.isdisjoint(steady)
    program = api.Program(community)
    figure = program.get(f"metrics/at_risk/?limit=1000&as_of={AS_OF}").json()["data"]
    assert sorted(row["number"] for row in figure["members"]) == fading
    rows = program.get("members/?at_risk=yes&limit=100&fields=number,at_risk").json()["results"]
    assert rows == [{"number": number, "at_risk": "yes"} for number in fading]
    known = {
        n: program.get(f"members/{n}/").json()["at_risk"] for n in (fading[0], steady[0], LATE, LEFT, RARE)
    }
    assert list(known.values()) == ["yes", "no", None, None, None]
    assert program.get("members/?at_risk=maybe").status_code == 400


def test_the_column_says_since_when_and_stands_in_the_file(client, community):
    _looked_at, fading = by_the_oracle()
    one = Membership.objects.of(community.id).get(number=fading[0])
    row = next(
        row
        for row in api.Program(community).get(f"metrics/at_risk/?as_of={AS_OF}").json()["data"]["members"]
        if row["number"] == one.number
    )
    standing = one.standing
    assert (standing.days_before, standing.active_days) == (row["active_before"], row["active_since"])
    desk.choose_columns(
        membership=Membership.objects.of(community.id).get(number=1), keys=["number", "at_risk"]
    )
    cells = {
        member.number: member.cells[1]
        for member in client.get(f"{TABLE}?status=current").context["page"].rows
    }
    day = date.fromisoformat(row["last_active"])
    assert (cells[one.number].words, cells[one.number].tone) == ("Fading", "warn")
    assert cells[one.number].note == (
        f"{row['active_before']} days in 8 weeks, then {row['active_since']} in 4; last on {written(day)}"
    )
    assert (cells[RARE].empty, cells[RARE].note) == (True, "")
    sheet = b"".join(client.get(f"{TABLE}export.csv?at_risk=yes&sort=number").streaming_content).decode()
    assert [line.split(",")[1:] for line in sheet.splitlines()[1:]] == [[str(n), "yes"] for n in fading]


def test_pages_lead_to_them(client, community):
    _looked_at, fading = by_the_oracle()
    there = f"{TABLE}?at_risk=yes"
    assert f'href="{there}"' in client.get(f"/c/lantern/desk/figures/at_risk/?as_of={AS_OF}").content.decode()
    assert f'href="{there}"' in client.get("/c/lantern/desk/").content.decode()
    assert "in the last 4." in client.get(f"{TABLE}{fading[0]}/").content.decode()
    assert "in the last 4." not in client.get(f"{TABLE}{RARE}/").content.decode()


def test_where_silence_is_normal_nobody_is_at_risk_or_steady(client, db):
    community = living(type="tool")
    client.force_login(Membership.objects.of(community.id).get(number=1).user)
    assert in_table(client, "yes") == in_table(client, "no") == []
    assert api.Program(community).get("members/2/").json()["at_risk"] is None


def test_another_community_s_are_not_among_them(client, community):
    other = make.community("other")
    assert api.Program(other).get("members/?at_risk=yes").json()["results"] == []
    stranger = make.member(other)
    client.force_login(stranger.user)
    assert client.get(f"{TABLE}?at_risk=yes").status_code == 404
    plain = Membership.objects.of(community.id).filter(number=3)
    plain.update(user=make.person())
    client.force_login(plain.get().user)
    assert client.get(f"{TABLE}?at_risk=yes").status_code == 403
