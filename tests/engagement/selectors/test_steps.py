"""The act that the page of a figure offers: one that is there, for whoever may do it."""

from datetime import date
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve

from engagement.selectors import steps
from kernel.metrics import metrics
from kernel.permissions import unlimited
from tests import make
from tests.engagement.metrics.records import history

pytestmark = pytest.mark.django_db

ASKED = {"key": "answered", "figure": "response_time", "value": 0.1, "reached": 0.125, "part": 0.5}
KEPT = {"key": "retention", "figure": "retention", "value": 0.3, "reached": 1.0, "part": 0.5}


def step(community, key, data=None, may=unlimited):
    return steps.of(key, community=community, data=data, may=may)


def nothing_of(key):
    """The figure of a community in which nothing has happened."""
    return metrics.get(key).compute(history([], [], date(2026, 3, 31)))


def test_every_step_is_of_a_figure_and_leads_to_a_page():
    community = make.community("lantern")
    assert set(steps.STEPS) <= set(metrics.keys())
    for key in steps.STEPS:
        found = step(community, key, {"components": [ASKED]} if key == "health" else nothing_of(key))
        assert found is not None, key
        try:
            resolve(urlsplit(found.url).path)
        except Resolver404:
            pytest.fail(f"{key} leads nowhere: {found.url}")


def test_who_may_not_do_it_is_not_asked_to():
    community = make.community("lantern")
    assert step(community, "dues", nothing_of("dues"), may=lambda key: key != "plans.manage") is None
    assert step(community, "stage", may=lambda key: key != "members.view") is None
    assert step(community, "no-such-figure") is None


def test_the_well_being_leads_to_what_is_furthest_from_its_target():
    community = make.community("lantern")
    found = step(community, "health", {"components": [KEPT, ASKED]})
    assert found == steps.Step(
        "See what to do: Threads answered within a day", "/c/lantern/desk/figures/response_time/"
    )
    assert step(community, "health", {"components": [KEPT]}) is None
    assert step(community, "health", {"components": []}) is None


def test_where_a_chapter_could_be_it_is_founded_and_elsewhere_a_gathering_planned():
    community = make.community("lantern")
    assert step(community, "local", {"suggested": [{"city": "Berlin"}]}).words == "Found a chapter"
    assert step(community, "local", {"suggested": []}).words == "Plan a gathering"


@pytest.mark.parametrize("key", ["dues", "revenue", "mrr", "payer_cohorts"])
def test_where_nothing_was_ever_to_be_paid_there_is_nobody_to_remind(key):
    community = make.community("lantern")
    assert step(community, key, nothing_of(key)).words == "Offer a membership plan"


def test_where_nobody_is_fading_the_keenest_are_thanked():
    community = make.community("lantern")
    for total, way in ((None, "sort=-score"), (0, "sort=-score"), (1, "at_risk=yes")):
        assert way in step(community, "at_risk", {"total": total}).url
