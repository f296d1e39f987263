"""Requests that somebody else has made up: forged forms, addresses that lead elsewhere, borrowed sessions."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from members.models import AuditEntry, Membership
from tests import api, make
from tests.contracts.addresses import views
from tests.members.accounts.conftest import PASSWORD, sign_in, signed_in

pytestmark = pytest.mark.django_db

ELSEWHERE = [
    "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "http:evil.example", "javascript:alert(1)", "data:text/html,x", "https:///evil.example", "//[", "%00", "x",
]  # fmt: skip
#: What each name in an address is filled with: whether it is there does not matter to the token.
NOBODY = "0" * 8 + "-0000-0000-0000-" + "0" * 12
FILLED = {
    "community_slug": "lantern", "circle_slug": "general", "key_id": "0" * 8 + "-0000-0000-0000-" + "0" * 12,
    "run_id": "0" * 8 + "-0000-0000-0000-" + "0" * 12, "number": "1", "session_id": "1", "key": "members",
    "kind": "members", "pk": "1", "id": "x", "object_id": "1", "app_label": "members", "content_type_id": "1",
    "url": "x", "extra_context": "x", "uidb36": "1", "act": "pause", "tier_key": "user", "code": "x", "token": "x",
    "slug": "lantern", "letter": "member.welcome", "language": "en", "export_id": NOBODY, "bulk_id": NOBODY,
    "application_id": NOBODY, "file_id": NOBODY, "reference_id": NOBODY, "message_id": NOBODY, "notice_id": NOBODY,
    "invitation_id": "1", "segment_id": "1", "field_id": "1", "note_id": "1", "question_id": "1", "request_id": "1",
    "filename": "x", "request_key": NOBODY, "post_key": NOBODY, "comment_key": NOBODY, "decision": "approve",
    "merge_id": NOBODY, "proposal_id": NOBODY, "other": "2", "message_key": NOBODY, "message_report_key": NOBODY,
    "draft_key": NOBODY, "file_key": NOBODY,
    "provider": "sandbox", "account_key": NOBODY, "case_key": NOBODY, "measure_key": NOBODY, "appeal_key": NOBODY,
    "plan_key": NOBODY, "invoice_key": NOBODY, "coupon_key": NOBODY, "rail": "offline", "pay_token": "x",
    "payment_key": NOBODY, "refund_key": NOBODY, "attempt_key": NOBODY, "subscription_key": NOBODY, "seat_key": NOBODY,
    "ledger_account": "receivable", "posting_key": NOBODY, "difference_key": NOBODY,
    "seat_code": "x", "gift_code": "x", "gift_key": NOBODY,
    "dispute_key": NOBODY, "event_key": NOBODY, "picture_key": NOBODY, "kind_key": NOBODY, "order_key": NOBODY,
    "ticket_code": "X", "ticket_key": NOBODY, "turn_code": "X", "transfer_key": NOBODY, "mark": "x",
    "act_key": NOBODY, "experiment_key": NOBODY, "trial": "welcome", "introduction_key": NOBODY, "place": "0",
    "spend_key": NOBODY,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def ada(db):
    return make.person("ada@example.org", name="Ada", password=PASSWORD)


def filled(pattern: str) -> str:
    """An address as it is written in the URLconf, `path` or `re_path`, with something in every place."""
    address = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda found: FILLED[found[1]], pattern)
    address = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: FILLED[found[1]], address)
    return "/" + re.sub(r"[\^$?]|\\Z", "", address).replace("\\", "").replace(".*", "x")


# --- forged forms -------------------------------------------------------------------------------------


def test_no_address_takes_a_form_without_its_token(ada):
    """Every address there is: a forged POST is refused before any view sees it."""
    make.community("lantern", owner=ada)
    before = AuditEntry.objects.count()
    client = api.browser(ada)
    found = {}
    for pattern, _view in views():
        if not pattern.startswith("api/"):
            found[pattern] = client.post(filled(pattern), {"next": "/"}).status_code
    # A letter's own way out works without cookies; its address holds a signature in place of them.
    assert found.pop("unsubscribe/<str:token>/") == 404
    # Providers have no cookies: their word is signed.
    assert found.pop("hooks/<slug:provider>/<uuid:account_key>/") == 404
    assert {pattern: status for pattern, status in found.items() if status != 403} == {}
    assert len(found) > 60
    assert (AuditEntry.objects.count(), Membership.objects.count()) == (before, 1)


def test_no_operation_is_carried_out_for_a_browser_without_its_token(ada):
    make.community("lantern", owner=ada)
    before = AuditEntry.objects.count()
    client = api.browser(ada)
    found = {}
    for pattern, view in views("api/v1/communities/"):
        for method in {"post", "patch", "put", "delete"} & set(dir(view.cls)):
            answer = getattr(client, method)(filled(pattern), "{}", content_type="application/json")
            found[f"{method} {pattern}"] = answer.status_code
    assert {where: status for where, status in found.items() if status != 403} == {}
    assert len(found) >= 7
    assert AuditEntry.objects.count() == before


def test_reading_changes_nothing_but_that_one_was_here(ada):
    """What links, pictures and prefetching can make a browser do."""
    community = make.community("lantern", owner=ada)
    bob = make.member(community)
    before = list(Membership.objects.values()), AuditEntry.objects.count()
    client = Client()
    client.force_login(ada)
    for path in ("leave/", "desk/members/columns/", f"desk/members/{bob.number}/remove/", "circles/general/"):
        client.get(f"/c/lantern/{path}", {"reason": "x", "act": "leave"})
        client.head(f"/c/lantern/{path}")
    client.get("/accounts/logout/")
    assert client.get("/me/").status_code == 200
    assert (list(Membership.objects.values()), AuditEntry.objects.count()) == before


# --- addresses that lead elsewhere --------------------------------------------------------------------


def ours(answer) -> bool:
    """Whether a browser that follows the answer stays here; browsers read a backslash as a slash."""
    location = answer.get("Location", "/").replace("\\", "/")
    return urlsplit(urljoin("http://testserver/accounts/login/", location))[:2] == ("http", "testserver")


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_nobody_is_sent_elsewhere(ada, elsewhere):
    make.community("lantern", owner=ada)
    stranger = Client()
    assert ours(stranger.get("/accounts/login/", {"next": elsewhere}))
    assert ours(sign_in(stranger, next=elsewhere))
    assert signed_in(stranger)
    for path in ("/accounts/login/", "/accounts/signup/", "/accounts/reauthenticate/", "/accounts/logout/"):
        assert ours(stranger.get(path, {"next": elsewhere}))
    for path, more in (
        ("/accounts/reauthenticate/", {"password": PASSWORD}),
        ("/c/lantern/desk/members/columns/", {"column": "city"}),
        ("/i18n/setlang/", {"language": "zh-hans"}),
        ("/accounts/logout/", {}),
    ):
        answer = stranger.post(path, {"next": elsewhere, **more}, headers={"referer": elsewhere})
        assert (path, answer.status_code) == (path, 302)
        assert ours(answer), (path, answer["Location"])
    assert not signed_in(stranger)


def test_the_way_back_from_the_door_is_the_page_that_was_asked_for():
    for path in ("/me/", "/c/lantern/desk/?x=//evil.example", "/c/lantern//evil.example"):
        location = Client().get(path).get("Location", "")
        assert location in ("", f"/accounts/login/?next={path.replace('?', '%3F').replace('=', '%3D')}")


# --- the site's own name ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver@evil.example", "testserver:x"]
)
def test_another_host_s_name_is_refused(host, settings):
    settings.DEBUG = False
    for path in ("/", "/accounts/login/", "/api/v1/communities/"):
        assert Client().get(path, headers={"host": host}).status_code == 400


def test_letters_lead_to_this_site_whatever_a_proxy_s_headers_say(ada):
    headers = {
        "x-forwarded-host": "evil.example",
        "x-original-host": "evil.example",
        "forwarded": "host=evil.example",
    }
    Client().post("/accounts/password/reset/", {"email": "ada@example.org"}, headers=headers)
    (letter,) = mail.outbox
    page = str(letter.alternatives[0][0])
    assert re.findall(r"https?://([^/\s\"<]+)", letter.body + page) == ["testserver"] * 3
    assert "evil.example" not in letter.message().as_string() + page


# --- sessions -----------------------------------------------------------------------------------------


def test_a_session_that_somebody_planted_is_not_signed_in(ada):
    """The key changes with signing in and out, and with every change of person."""
    planted = Client()
    planted.get("/accounts/login/?next=/me/")
    planted.session.save()
    victim = Client()
    victim.cookies["sessionid"] = known = planted.session.session_key or "planted" * 5
    sign_in(victim)
    key = victim.cookies["sessionid"].value
    assert (key != known, signed_in(victim)) == (True, True)
    thief = Client()
    thief.cookies["sessionid"] = known
    assert not signed_in(thief)
    victim.post("/accounts/logout/")
    thief.cookies["sessionid"] = key
    assert not signed_in(thief)


def test_the_session_of_one_person_holds_nothing_for_the_next(ada):
    make.community("lantern", owner=ada)
    client = Client()
    sign_in(client)
    session = client.session
    session["of_ada"] = "hers"
    session.save()
    client.post("/accounts/logout/")
    make.person("bob@example.org", password=PASSWORD)
    sign_in(client, "bob@example.org")
    assert "of_ada" not in client.session


def test_cookies_stay_in_the_browser_and_on_the_site(ada):
    client = Client()
    client.get(reverse("account_login"))
    sign_in(client)
    for name in ("sessionid", "csrftoken"):
        assert (client.cookies[name]["httponly"], client.cookies[name]["samesite"]) == (True, "Lax")
