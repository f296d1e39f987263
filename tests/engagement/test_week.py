"""The figures in the weekly digest: sentences of what has been counted, and never a reason to write."""

from datetime import UTC, datetime, timedelta

import pytest

from engagement import week as told
from engagement.services import refresh
from kernel.digests import Week, parts
from tests import make

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def test_it_says_what_the_figures_say_and_nothing_before_they_are_counted():
    community = make.community()
    make.member(community)
    week = Week(community, MONDAY - timedelta(days=7), MONDAY)
    assert told.figures(week) is None
    refresh.refresh(community_id=community.id, at=MONDAY + timedelta(hours=8))
    section = told.figures(week)
    assert section.title == "In figures"
    assert [line.text.startswith(("2 members", "0 members")) for line in section.lines] == [True, True]
    assert parts.get("figures").news is False
