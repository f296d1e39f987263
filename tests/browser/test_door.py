"""The door on a phone, whose camera sees what a test holds up to it: with a network, without one, and with one again."""

from datetime import timedelta

import pytest
import segno
from playwright.sync_api import expect

from gatherings.models import Attendance
from gatherings.services import seats
from kernel.clock import now
from tests import make
from tests.browser.visitor import PHONE, Visitor
from tests.gatherings import holding

pytestmark = pytest.mark.browser
WIDE, HIGH = 480, 360
#: What the browser, and the bell of every page, say of a network that is not there.
OUT_OF_REACH = ("Failed to load resource: net::ERR_INTERNET_DISCONNECTED", "/me/notices/")


def hold_up(film, text):
    """Let the camera see the QR code of the text: a film of a few frames without sound, as YUV4MPEG2 has it."""
    rows = list(segno.make(text, error="m", micro=False).matrix_iter(scale=6, border=4))
    side = len(rows)
    left, top = (WIDE - side) // 2, (HIGH - side) // 2
    assert left > 0 and top > 0
    light = [bytearray(b"\xc8" * WIDE) for _row in range(HIGH)]
    for y, row in enumerate(rows):
        light[top + y][left : left + side] = bytes(16 if dark else 235 for dark in row)
    frame = b"FRAME\n" + b"".join(light) + b"\x80" * (WIDE * HIGH // 2)
    film.write_bytes(f"YUV4MPEG2 W{WIDE} H{HIGH} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 3)


@pytest.fixture
def film(tmp_path):
    return tmp_path / "camera.y4m"


@pytest.fixture
def phone(launch, platform, film):
    """A phone that asks nobody whether it may use its camera."""
    seen = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    browser = launch(*seen)
    context = browser.new_context(
        viewport={"width": PHONE, "height": 844}, locale="en-GB", permissions=["camera"]
    )
    context.set_default_timeout(15_000)
    visitor = Visitor(context, platform.address, "en")
    yield visitor
    overlook(visitor)
    browser.close()
    assert visitor.wrong == []


def overlook(visitor):
    visitor.wrong = [line for line in visitor.wrong if not any(words in line for words in OUT_OF_REACH)]


def came(event):
    rows = Attendance.objects.filter(event=event, came_at__isnull=False).order_by("came_at")
    return list(rows.values_list("membership__name", "seen_by__name"))


@pytest.fixture
def tonight():
    """A gathering of tonight, its host, and the tickets of two who come."""
    at = now()
    community = make.community(at=at - timedelta(days=30))
    host = make.member(community, name="Hanna Host")
    begins = {"starts_at": at + timedelta(hours=1), "ends_at": at + timedelta(hours=3)}
    event = holding.event(community, at=at - timedelta(days=9), host=host, places=9, **begins)
    members = [make.member(community, name=name) for name in ("Ada Keeper", "Bo Late")]
    return event, host, [seats.take(kind=holding.kind(event), member=one, at=at) for one in members]


def test_tickets_are_read_with_a_network_without_one_and_with_one_again(phone, film, tonight):
    event, host, (ada, bo) = tonight
    community = event.community
    path = f"/c/{community.slug}/events/{event.key}/door/"
    tickets = [f"{phone.address}/c/{community.slug}/tickets/{one.code}/" for one in (ada, bo)]
    page, verdict = phone.page, phone.page.locator("[data-verdict]")

    phone.sign_in(host.user)
    hold_up(film, tickets[0])
    phone.open(path)
    expect(verdict).to_have_attribute("data-outcome", "in")
    expect(verdict).to_contain_text("Ada Keeper")
    assert came(event) == [("Ada Keeper", "Hanna Host")]
    expect(page.locator("[data-came]")).to_have_text("1")
    page.locator("#door[data-kept]").wait_for()

    phone.context.set_offline(True)
    hold_up(film, tickets[1])
    page.reload()
    expect(page.locator("[data-line]")).to_have_attribute("data-state", "away")
    expect(verdict).to_have_attribute("data-outcome", "in")
    expect(verdict).to_contain_text("Bo Late")
    expect(verdict).to_contain_text("kept here, settled once there is a network")
    expect(page.locator("[data-came]")).to_have_text("2")
    # The same again, by hand: nobody is let in twice.
    verdict.get_by_role("button", name="Next").click()
    page.locator("[data-by-hand]").fill(bo.code)
    page.get_by_role("button", name="Look").click()
    expect(verdict).to_have_attribute("data-outcome", "already")
    verdict.get_by_role("button", name="Next").click()
    expect(page.locator("[data-line]")).to_have_attribute("data-kept", "1")
    assert came(event) == [("Ada Keeper", "Hanna Host")]

    phone.context.set_offline(False)
    expect(page.locator("[data-line]")).to_have_attribute("data-kept", "0")
    assert came(event) == [("Ada Keeper", "Hanna Host"), ("Bo Late", "Hanna Host")]
    expect(page.locator("[data-line]")).to_have_attribute("data-state", "here")
    page.locator("[data-latest] li", has_text="Bo Late").get_by_role("button").click()
    expect(verdict).to_have_attribute("data-outcome", "undone")
    assert came(event) == [("Ada Keeper", "Hanna Host")]


def test_what_was_kept_outlives_the_session_and_is_never_lost(visit, tonight):
    event, host, (ada, bo) = tonight
    visitor = visit(host.user, width=PHONE)
    page, line = visitor.page, visitor.page.locator("[data-line]")
    path = f"/c/{event.community.slug}/events/{event.key}/door/"
    visitor.open(path)
    page.locator("#door[data-kept]").wait_for()

    visitor.context.set_offline(True)
    for ticket in (ada, bo):
        page.locator("[data-by-hand]").fill(ticket.code)
        page.get_by_role("button", name="Look").click()
        expect(page.locator("[data-verdict]")).to_have_attribute("data-outcome", "in")
        page.locator("[data-acts] button").click()
    expect(line).to_have_attribute("data-kept", "2")
    # Meanwhile one of the tickets is given back, and the session ends.
    seats.give_back(ticket=ada, at=now())
    visitor.context.clear_cookies()
    visitor.context.set_offline(False)
    expect(line).to_have_attribute("data-state", "signed_out")
    expect(page.get_by_role("link", name="Sign in to settle")).to_be_visible()
    assert "Ada Keeper" not in page.locator("#door").inner_text()
    assert came(event) == []

    visitor.sign_in(host.user)
    page.reload()
    told = page.locator("[data-told-rows] li")
    expect(told).to_contain_text("Ada Keeper Given back")
    expect(line).to_have_attribute("data-kept", "0")
    assert came(event) == [("Bo Late", "Hanna Host")]
    page.reload()
    told.get_by_role("button", name="I have seen it").click()
    expect(told).to_have_count(0)

    # Whoever signs out leaves no name behind.
    page.locator("#door[data-kept]").wait_for()
    kept = "async () => [await caches.keys(), localStorage.getItem('crowdecon-door-until') !== null]"
    assert page.evaluate(kept) == [[f"crowdecon-door:{visitor.address}{path}"], True]
    page.locator("[data-menu] summary").first.click()
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url(f"{visitor.address}/")
    assert page.evaluate(kept) == [[], False]
    overlook(visitor)
