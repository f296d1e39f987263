import pytest

from communities.services import settings
from kernel import activity
from kernel.errors import Refused
from members.models import AuditEntry
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db


def test_a_change_is_saved_audited_and_only_what_differs():
    community = make.community(tagline="Old")
    changed = settings.update(community=community, at=EARLY, by=SITE, tagline="New", name=community.name)
    assert changed.tagline == "New"
    entry = AuditEntry.objects.get(action="community.settings_changed")
    assert (entry.before, entry.after) == ({"tagline": "Old"}, {"tagline": "New"})


def test_name_and_sentence_stand_on_one_line_and_turn_nothing():
    community = make.community(name="Hill\u202e Tea", tagline="One\r\ntwo")
    assert (community.name, community.tagline) == ("Hill Tea", "One two")
    community = settings.update(
        community=community, at=EARLY, by=SITE, name="\u2067Hill\nRun", tagline="a\u2028b　c"
    )
    assert (community.name, community.tagline) == ("Hill Run", "a b　c")
    with pytest.raises(Refused) as refusal:
        settings.update(community=community, at=EARLY, by=SITE, name="\u202e ")
    assert refusal.value.field == "name"
    community.refresh_from_db()
    assert community.name == "Hill Run"


def test_a_colour_is_kept_in_small_letters_and_audited():
    community = make.community()
    assert settings.update(community=community, at=EARLY, by=SITE, colour="#8A1C4B").colour == "#8a1c4b"
    assert settings.update(community=community, at=EARLY, by=SITE, colour="").colour == ""
    entries = AuditEntry.objects.filter(action="community.settings_changed").order_by("id")
    assert [entry.after for entry in entries] == [{"colour": "#8a1c4b"}, {"colour": ""}]


def test_a_new_time_zone_is_announced(monkeypatch):
    heard = []
    monkeypatch.setattr(
        activity, "_listeners", {"community.timezone_changed": [lambda **payload: heard.append(payload)]}
    )
    community = make.community(timezone="UTC")
    settings.update(community=community, at=EARLY, by=SITE, timezone="Asia/Shanghai")
    settings.update(community=community, at=EARLY, by=SITE, timezone="Asia/Shanghai")
    assert heard == [{"community_id": community.id}]


@pytest.mark.parametrize(
    "wrong",
    [
        {"timezone": "Mars/Olympus"},
        {"colour": "red"},
        {"colour": "#12345"},
        {"score_weights": {"joined": 1}},
        {"score_weights": {"posted": "many"}},
        {"score_weights": {"posted": True}},
        {"score_weights": {"posted": -1}},
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(wrong):
    community = make.community()
    with pytest.raises(Refused):
        settings.update(community=community, at=EARLY, by=SITE, **wrong)
    community.refresh_from_db()
    assert (community.timezone, community.score_weights, community.colour) == ("UTC", {}, "")
