import pytest
from django.core.cache import cache

from engagement.models import Fact
from members.services import standing
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    cache.clear()
    return make.member(make.community("lantern"))


def visits():
    return list(Fact.objects.filter(verb="visited").values_list("member", "staff"))


def test_a_member_s_day_is_one_visit(client, member):
    client.force_login(member.user)
    for _ in range(3):
        client.get("/c/lantern/")
    cache.clear()
    client.get("/c/lantern/")
    assert visits() == [(2, False)]


def test_strangers_programs_and_other_pages_are_no_visits(client, member):
    client.get("/c/lantern/")
    client.force_login(make.person())
    client.get("/c/lantern/")
    client.force_login(member.user)
    client.get("/")
    client.get("/c/lantern/no-such-page/")
    client.get("/api/v1/communities/lantern/")
    client.get("/c/lantern/", headers={"HX-Request": "true"})
    standing.act("leave", membership=member, at=make.EARLY, by=make.SITE)
    client.get("/c/lantern/")
    assert visits() == []


def test_a_page_is_shown_though_the_visit_cannot_be_noted(client, member, monkeypatch, caplog):
    def fail(**_):
        raise ConnectionError

    monkeypatch.setattr("engagement.services.presence.note_visit", fail)
    client.force_login(member.user)
    assert client.get("/c/lantern/").status_code == 200
    assert "A visit was not noted." in caplog.text
