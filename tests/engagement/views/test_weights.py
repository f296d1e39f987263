"""The page on which a community says what an act is worth to it."""

import pytest

from communities.models import Community
from engagement.metrics.score import DEFAULT_WEIGHTS
from engagement.models import DirtyDay
from members.models import AuditEntry, Membership
from members.roles import Role
from tests import make

pytestmark = pytest.mark.django_db

PAGE = "/c/lantern/desk/settings/weights/"


@pytest.fixture
def community(client):
    community = make.community("lantern")
    client.force_login(Membership.objects.of(community.id).get().user)
    return community


def given(**changed):
    return {**DEFAULT_WEIGHTS, **changed}


def test_what_differs_from_the_usual_is_kept_and_scores_are_due(client, community):
    DirtyDay.objects.all().delete()
    assert client.post(PAGE, given(posted="7.5", read="0", asked="", invited="4")).headers["Location"] == PAGE
    assert Community.objects.get().score_weights == {"posted": 7.5, "read": 0, "invited": 4}
    assert AuditEntry.objects.get(action="community.settings_changed").after == {
        "score_weights": {"posted": 7.5, "read": 0, "invited": 4}
    }
    assert list(DirtyDay.objects.values_list("community_id", "since")) == [(community.pk, None)]
    form = client.get(PAGE).context["form"]
    assert [form[verb].value() for verb in ("posted", "read", "asked")] == [7.5, 0, 4]


@pytest.mark.parametrize("wrong", ["-1", "1001", "many", "nan"])
def test_what_is_no_weight_is_said_and_changes_nothing(client, community, wrong):
    answer = client.post(PAGE, given(posted=wrong))
    assert set(answer.context["form"].errors) == {"posted"}
    assert Community.objects.get().score_weights == {}


def test_who_may_change_no_settings_may_not_change_them(client, community):
    client.force_login(make.member(community, role=Role.MODERATOR).user)
    assert (client.get(PAGE).status_code, client.post(PAGE, given(posted=9)).status_code) == (403, 403)
    assert "settings/weights/" not in client.get("/c/lantern/desk/figures/score/").content.decode()
    assert Community.objects.get().score_weights == {}
