"""A community's history goes in by the page, and comes out as figures that a recount of the file confirms."""

import csv
import io
import os
import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from crowdecon.embedded.process import wait_until
from members.models import ImportRun
from tests import make
from tests.browser.visitor import PHONE, said

pytestmark = pytest.mark.browser

QUANTUM = Path(__file__).resolve().parents[3] / "shared" / "data" / "quantum-stackexchange"


def send(visitor, community, kind, name, content):
    """Send a file at the desk; the run's page is open afterwards."""
    visitor.open(f"/c/{community.slug}/desk/settings/imports/")
    visitor.page.check(f"[name=kind][value={kind}]")
    visitor.page.set_input_files(
        "[name=file]", {"name": name, "mimeType": "text/csv", "buffer": content.encode()}
    )
    visitor.press("Import")
    visitor.page.wait_for_url("**/imports/*-*-*/")


def facts(visitor):
    """What the run's page counts, in its order: rows, created, updated, unchanged, rejected."""
    return visitor.page.locator("#run dl.facts dd").all_inner_texts()


def numbers(visitor):
    """The rows behind the picture of a figure, header first."""
    visitor.page.locator(".chart-foot summary").click()
    table = visitor.page.locator(".chart-foot table")
    return [row.locator("th, td").all_inner_texts() for row in table.locator("tr").all()]


def wait_for_figures(visitor, community):
    """The page brings itself up to date: nobody reloads it."""
    visitor.open(f"/c/{community.slug}/desk/figures/")
    visitor.page.locator("#freshness:not([hx-get])").wait_for(timeout=90_000)


def tile(visitor, title):
    return visitor.page.locator(".tile", has=visitor.page.get_by_role("link", name=title, exact=True))


def test_small_files_become_figures_while_one_looks(visit):
    owner = make.person(name="Ada")
    community = make.community(owner=owner, type="interest")
    founder = visit(owner)
    page = founder.page
    today = datetime.now(UTC).date()
    week = today - timedelta(days=today.weekday() + 7)

    joined = (today - timedelta(days=60)).isoformat()
    people = [f"m{n},{joined},Person {n}" for n in range(1, 6)] + ["m6,yesterday,Nobody"]
    send(founder, community, "members", "people.csv", "\n".join(["member,joined_at,name", *people]))
    page.get_by_text("1 row was rejected").wait_for()
    assert facts(founder) == ["6", "5", "0", "0", "1"]
    rejected = page.locator("table tbody tr td")
    assert rejected.nth(0).inner_text() == "7"
    assert rejected.nth(1).inner_text() == "joined_at"

    acts = [("m1", week), ("m1", week), ("m2", week + timedelta(days=3)), ("m3", week + timedelta(days=6))]
    acts += [("m1", week - timedelta(days=1)), ("m4", week - timedelta(days=7))]
    lines = [f"{n},{who},posted,{day}T12:00:00Z" for n, (who, day) in enumerate(acts)]
    content = "\n".join(["id,member,verb,occurred_at", *lines])
    send(founder, community, "activities", "acts.csv", content)
    page.get_by_text("Everything is in").wait_for()
    assert facts(founder) == ["6", "6", "0", "0", "0"]
    # Sending it again changes nothing.
    send(founder, community, "activities", "acts.csv", content)
    page.get_by_text("Nothing in the file was new.").wait_for()
    assert facts(founder) == ["6", "0", "0", "6", "0"]

    wait_for_figures(founder, community)
    active = {who for who, day in acts if week <= day < week + timedelta(days=7)}
    before = {who for who, day in acts if week - timedelta(days=7) <= day < week}
    shown = tile(founder, "Active members")
    assert shown.locator(".tile-value").inner_text().split()[0] == str(len(active)) == "3"
    assert shown.locator(".tile-change").inner_text() == (f"+{len(active) - len(before)} on the week before")
    # The founder and five of the six of the file.
    assert tile(founder, "Members").locator(".tile-value").inner_text().split()[0] == "6"


@pytest.fixture
def quantum():
    """(members, activities) of a real community, row by row as they stand in its files."""
    if not QUANTUM.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{QUANTUM} is missing")
        pytest.skip("the real community's files are not here")
    texts = [(QUANTUM / f"{name}.csv").read_text() for name in ("members", "activities")]
    return [list(csv.DictReader(io.StringIO(text))) for text in texts]


def day_of(text):
    return datetime.fromisoformat(text).astimezone(UTC).date()


def month(name):
    return f"{date.fromisoformat(f'{name}-01'):%b %Y}"


#: The same files go in by the service in tests/journeys and tests/engagement/test_imports.py with every run of the suite.
@pytest.mark.exhaustive
def test_a_real_community_goes_in(visit, platform, quantum):
    members, acts = quantum
    owner = make.person(name="Robert")
    founded = datetime.combine(date(2018, 3, 1), time(12), UTC)
    community = make.community(owner=owner, type="knowledge", at=founded)
    keeper = visit(owner)
    page = keeper.page

    with platform.held_up():
        send(keeper, community, "members", "members.csv", (QUANTUM / "members.csv").read_text())
        page.get_by_text("Waiting for its turn").wait_for()
    run = ImportRun.objects.get(community_id=community.pk)

    def under_way():
        run.refresh_from_db()
        return 0 < run.rows < len(members)

    assert wait_until(under_way, seconds=60, pause=0.005)
    with platform.held_up():
        page.reload()
        reading = page.get_by_text("Reading the file")
        reading.wait_for()
        bar = page.locator("#run progress")
        assert 0 < float(bar.get_attribute("value")) < float(bar.get_attribute("max")) == run.size
        assert int(facts(keeper)[0].replace(",", "")) in range(1000, len(members))
    page.get_by_text("Everything is in").wait_for(timeout=60_000)
    assert facts(keeper) == [f"{len(members):,}", f"{len(members):,}", "0", "0", "0"]

    send(keeper, community, "activities", "activities.csv", (QUANTUM / "activities.csv").read_text())
    page.get_by_text("Everything is in").wait_for(timeout=60_000)
    assert facts(keeper) == [f"{len(acts):,}", f"{len(acts):,}", "0", "0", "0"]
    wait_for_figures(keeper, community)
    assert tile(keeper, "Members").locator(".tile-value").inner_text().split()[0] == f"{len(members) + 1:,}"

    actives = defaultdict(set)
    for act in acts:
        actives[f"{day_of(act['occurred_at']):%Y-%m}"].add(act["member"])
    expected = [[month(name), f"{len(actives[name]):,}"] for name in sorted(actives)]
    figures = f"/c/{community.slug}/desk/figures"
    keeper.open(f"{figures}/active_members/?grain=month&from=2018-03-01&to=2018-09-30")
    assert numbers(keeper) == [["Period", "Active members"], *expected]

    joined = Counter(f"{day_of(member['joined_at']):%Y-%m}" for member in members) + Counter(["2018-03"])
    standing, expected = 0, []
    for name in sorted(joined):
        standing += joined[name]
        expected.append([month(name), f"{standing:,}", f"{joined[name]:,}", "0"])
    keeper.open(f"{figures}/members/?grain=month&from=2018-03-01&to=2018-09-30")
    assert numbers(keeper) == [["Period", "Members", "Joined", "Left"], *expected]

    who, count = Counter(act["member"] for act in acts).most_common(1)[0]
    name = next(member["name"] for member in members if member["member"] == who)
    keeper.open(f"/c/{community.slug}/desk/members/")
    page.fill("input[type=search]", name)
    # Whoever bears the name or another that begins so, and no page of everybody.
    page.get_by_text(re.compile(r"^[1-9] members?$")).wait_for()
    keeper.follow(page.get_by_role("link", name=name, exact=True))
    page.wait_for_url("**/desk/members/*/")
    times = page.locator("#timeline time")
    newest = max(act["occurred_at"] for act in acts if act["member"] == who)
    assert times.count() == 30 < count
    assert times.first.get_attribute("datetime")[:19] == newest[:19]
    page.locator("#timeline .older a").click()
    expect(times).to_have_count(60)


def test_what_is_no_csv_is_said_in_the_readers_language(visit):
    owner = make.person()
    community = make.community(owner=owner)
    founder = visit(owner, width=PHONE, language="zh-hans")
    founder.open(f"/c/{community.slug}/desk/settings/imports/")
    founder.page.set_input_files(
        "[name=file]", {"name": "photo.csv", "mimeType": "text/csv", "buffer": b"\x89PNG\r\n\x1a\n\x00\x00"}
    )
    founder.press("Import")
    assert founder.heading() == said("Import", "zh-hans")
    words = founder.page.locator(".errorlist").inner_text()
    assert any("\u4e00" <= letter <= "\u9fff" for letter in words), words
    assert founder.overflow() == 0
    assert not ImportRun.objects.filter(community_id=community.pk).exists()
