"""A series, planned at a desk: each Thursday, one of them cancelled, and the hour of those after it moved."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from gatherings.models import Event
from kernel.clock import now
from members.roles import Role
from tests import make

pytestmark = pytest.mark.browser
ZONE = ZoneInfo("Europe/Berlin")


def test_a_series_with_an_exception_and_a_change_of_those_after_it(visit):
    community = make.community(at=now() - timedelta(days=30), timezone=ZONE.key)
    planner = visit(make.member(community, role=Role.HOST).user)
    page, day = planner.page, now().astimezone(ZONE).date() + timedelta(days=3)
    days = [day + timedelta(weeks=n) for n in range(4)]

    def begins(on, hour):
        return datetime.combine(on, time(hour), tzinfo=ZONE)

    def events():
        rows = Event.objects.filter(community=community).order_by("starts_at")
        return [(row.starts_at, row.state, row.title) for row in rows]

    planner.open(f"/c/{community.slug}/events/new/")
    page.get_by_label("title").fill("Chess night")
    page.locator("[name=starts_at]").fill(f"{day}T19:00")
    page.locator("[name=ends_at]").fill(f"{day}T21:00")
    page.locator("[name=in_person]").check()
    page.locator("[name=venue]").fill("The old mill")
    planner.press("Save and announce")
    planner.press("Let it come again")
    page.locator("[name=rule]").first.check()
    page.locator("[name=times]").fill("4")
    planner.press("Let it come again")
    assert events() == [(begins(on, 19), "published", "Chess night") for on in days]

    second, third = Event.objects.filter(community=community).order_by("starts_at")[1:3]
    planner.open(f"/c/{community.slug}/events/{second.key}/cancel/")
    page.locator("[name=scope][value=one]").check()
    planner.press("Cancel the gathering")
    planner.open(f"/c/{community.slug}/events/{third.key}/edit/")
    page.locator("[name=title]").fill("Chess evening")
    page.locator("[name=starts_at]").fill(f"{days[2]}T20:00")
    page.locator("[name=ends_at]").fill(f"{days[2]}T22:00")
    page.locator("[name=scope][value=following]").check()
    planner.press("Save")
    assert events() == [
        (begins(days[0], 19), "published", "Chess night"),
        (begins(days[1], 19), "cancelled", "Chess night"),
        (begins(days[2], 20), "published", "Chess evening"),
        (begins(days[3], 20), "published", "Chess evening"),
    ]
    assert planner.overflow() == 0
    # What was changed is what everybody sees.
    reader = visit(make.member(community).user)
    reader.open(f"/c/{community.slug}/events/")
    assert [one.strip() for one in reader.page.locator(".event-name").all_inner_texts()] == [
        "Chess night", "Chess night", "Chess evening", "Chess evening",
    ]  # fmt: skip
