import csv
import io
from datetime import timedelta

import pytest
from django.test import Client

from communities.services import joining
from kernel.clock import now
from members.actors import Actor
from members.models import AuditEntry, PrivacyPolicy, PurposeNotice
from members.services import retention, standing
from tests import api, make

pytestmark = pytest.mark.django_db
DESK = "/c/lantern/desk/settings/privacy/"


@pytest.fixture
def owner():
    return make.person(name="Olga")


@pytest.fixture
def place(owner):
    return make.community("lantern", owner=owner)


@pytest.fixture
def desk(owner, place):
    client = Client()
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_everyone_reads_what_is_kept_why_how_long_and_whom_to_ask(place):
    page = Client().get("/c/lantern/privacy/").content.decode()
    assert "until you ask for it to be erased" in page and "The owners of this community." in page
    retention.decide(
        community=place, at=now(), by=make.SITE, after_leaving=6, contact="olga@example.org",
        words="We **never** sell.<script>x</script>",
    )  # fmt: skip
    page = Client().get("/c/lantern/privacy/").content.decode()
    assert "6 months after you left" in page and "olga@example.org" in page
    assert "<strong>never</strong>" in page and "<script>x" not in page


def test_a_private_community_tells_strangers_nothing():
    make.community("secret", visibility="private")
    stranger = api.browser(make.person())
    assert stranger.get("/c/secret/privacy/").status_code == 404


def test_joining_keeps_what_was_told(place):
    retention.decide(community=place, at=make.EARLY, by=make.SITE, words="Ours")
    person = make.person()
    member = joining.join(community=place, user=person, answers={}, at=now(), by=Actor.person(person))
    notice = PurposeNotice.objects.get(membership=member)
    assert notice.purposes == ["membership", "messages", "figures", "safety"]
    assert notice.words_of == make.EARLY


def test_staff_decide_and_see_what_would_go(desk, place):
    gone = make.member(place, name="Ada Byron")
    standing.act("leave", membership=gone, at=now() - timedelta(days=100), by=make.SITE)
    assert "Nothing has been kept longer" in desk.get(DESK).content.decode()
    assert desk.post(DESK, {"after_leaving": "3"}).status_code == 302
    assert PrivacyPolicy.objects.get().after_leaving == 3
    page = desk.get(DESK)
    assert "Ada Byron" in page.content.decode()
    assert page.context["counts"] == {"members": 1, "applicants": 0, "entries": 0, "letters": 0}
    table = list(csv.reader(io.StringIO(b"".join(desk.get(f"{DESK}due.csv")).decode())))
    assert [row[:4] for row in table[1:]] == [["member", str(gone.number), "Ada Byron", "left"]]
    assert AuditEntry.objects.filter(action="retention.listed").count() == 1
    assert desk.post(DESK, {"after_leaving": "0"}).status_code == 200
    assert desk.post(DESK, {"after_leaving": "many"}).status_code == 200
    assert PrivacyPolicy.objects.get().after_leaving == 3


def test_it_is_for_those_who_change_settings(place):
    moderator = make.member(place, role="moderator")
    client = api.browser(moderator.user)
    assert client.get(DESK).status_code == 403
    assert client.get(f"{DESK}due.csv").status_code == 403


def test_programs_read_and_decide_it_and_erase_records(place):
    program = api.Program(place)
    assert program.get("privacy/").json() == {
        "purposes": ["membership", "messages", "figures", "safety"], "after_leaving": None,
        "after_rejection": None, "audit_values": None, "letters": None, "contact": "", "words": "",
        "changed_at": None,
    }  # fmt: skip
    assert program.patch("privacy/", {"after_leaving": 12, "contact": "Olga"}).json()["after_leaving"] == 12
    assert program.patch("privacy/", {"after_leaving": 0}).status_code == 400
    record = program.post("members/", {"name": "Grace", "member": "g1"}).json()["number"]
    assert program.post(f"members/{record}/erase/", {}).status_code == 400
    erased = program.post(f"members/{record}/erase/", {"reason": "By letter"}).json()
    assert (erased["name"], erased["status"], erased["number"]) == ("", "left", record)
    assert program.post("members/", {"name": "Grace", "member": "g1"}).json()["code"] == "erased"
    claimed = make.member(place)
    assert program.post(f"members/{claimed.number}/erase/", {"reason": "x"}).json()["code"] == "claimed"
    assert program.patch(f"members/{record}/", {"city": "London"}).json()["code"] == "erased"
