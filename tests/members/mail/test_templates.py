"""A community's own words: declared placeholders alone, previewed, taken back, written down."""

from datetime import timedelta

import pytest
from django.core import mail as outbox

from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, MailTemplate
from members.services import delivery, mail_templates
from tests import api, make

pytestmark = pytest.mark.django_db
AT = make.EARLY + timedelta(days=60)
WELCOME = {"kind": "member.welcome", "language": "en"}


def save(community, *, by=make.SITE, **words):
    given = {"subject": "Hi {member}", "body": "Come in, {member}.\n\n[Enter]({url})"} | words
    return mail_templates.save(community=community, at=AT, by=by, **WELCOME, **given)


def test_its_own_words_go_out_in_that_language_and_that_community_alone():
    mine, other = make.community(), make.community()
    save(mine)
    for community in (mine, other):
        make.member(community, name="Li Lei")
    delivery.deliver_due(now=lambda: AT, budget=timedelta(seconds=5))
    assert sorted(letter.subject for letter in outbox.outbox) == ["Hi Li Lei", "Welcome to Lantern"]


def test_an_unknown_placeholder_is_refused_by_its_name():
    community = make.community()
    for field, text in (("subject", "Hi {nobody}"), ("body", "{settings} or {member}")):
        with pytest.raises(Refused) as refusal:
            save(community, **{field: text})
        assert (refusal.value.code, refusal.value.field) == ("unknown_placeholder", field)
        assert text[text.index("{") : text.index("}") + 1] in str(refusal.value)
    assert MailTemplate.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [("subject", " \n ", "required"), ("body", "", "required"), ("body", "x" * 20_001, "too_long")],
)
def test_empty_and_endless_words_are_refused(field, text, code):
    with pytest.raises(Refused) as refusal:
        save(make.community(), **{field: text})
    assert (refusal.value.code, refusal.value.field) == (code, field)


def test_django_s_template_language_is_words():
    community = make.community()
    save(community, body="{% load x %} {{ member }} {{member}}")
    make.member(community, name="Li Lei")
    delivery.deliver_due(now=lambda: AT, budget=timedelta(seconds=5))
    assert outbox.outbox[-1].body.startswith("{% load x %} {{ member }} {Li Lei}")


def test_each_change_is_in_the_audit_log_and_the_usual_words_come_back():
    community = make.community()
    save(community)
    save(community)
    assert mail_templates.reset(community=community, at=AT, by=make.SITE, **WELCOME) is True
    assert mail_templates.reset(community=community, at=AT, by=make.SITE, **WELCOME) is False
    entries = AuditEntry.objects.of(community.pk).filter(object_kind="mail").order_by("id")
    assert [(entry.action, entry.object_id) for entry in entries] == [
        ("mail.words_changed", "member.welcome en"),
        ("mail.words_reset", "member.welcome en"),
    ]
    assert entries[0].after["subject"] == "Hi {member}" == entries[1].before["subject"]
    assert MailTemplate.objects.count() == 0


def test_who_lost_the_role_since_the_page_was_opened_changes_nothing():
    community = make.community()
    manager = make.member(community, role="manager")
    by = Actor.person(manager.user, manager)
    type(manager).objects.filter(pk=manager.pk).update(role="member")
    with pytest.raises(Refused) as refusal:
        save(community, by=by)
    assert refusal.value.code == "no_longer_allowed"
    assert MailTemplate.objects.count() == 0


@pytest.fixture
def desk(client):
    """The browser of a manager, and the community."""
    community = make.community("lantern")
    manager = make.member(community, role="manager", name="Mei")
    client.force_login(manager.user, backend="django.contrib.auth.backends.ModelBackend")
    return client, community


WORDS = "/c/lantern/desk/settings/mail/member.welcome/en/"


def test_the_page_previews_saves_and_goes_back(desk):
    client, community = desk
    words = {"subject": "Hi {member}", "body": "Come *in*.\n\n[Enter]({url})"}
    shown = client.post(WORDS, words | {"preview": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert "Hi Mei" in shown and "<em>in</em>" in shown and "<html" not in shown
    assert MailTemplate.objects.count() == 0
    whole = client.post(WORDS, words | {"preview": "1"}).content.decode()
    assert "Hi Mei" in whole and "Come *in*." in whole
    assert client.post(WORDS, words).status_code == 302
    assert MailTemplate.objects.get().subject == "Hi {member}"
    assert "own words" in client.get("/c/lantern/desk/settings/mail/").content.decode()
    assert client.post(WORDS, words | {"reset": "1"}).status_code == 302
    assert MailTemplate.objects.count() == 0


def test_the_preview_says_what_is_wrong(desk):
    client, _community = desk
    shown = client.post(
        WORDS, {"subject": "x", "body": "{nobody}"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "{nobody}" in shown and "letter-preview" not in shown
    kept = client.post(WORDS, {"subject": "x", "body": "{nobody}"})
    assert kept.status_code == 200 and "{nobody}" in kept.content.decode()


@pytest.mark.parametrize("address", ["nothing/en/", "member.welcome/xx/"])
def test_there_is_no_page_for_what_is_no_letter(desk, address):
    client, _community = desk
    assert client.get(f"/c/lantern/desk/settings/mail/{address}").status_code == 404


def test_the_pages_are_for_those_who_may(client):
    community = make.community("lantern")
    for role, status in (("member", 403), ("moderator", 403), ("manager", 200)):
        member = make.member(community, role=role)
        client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
        for address in ("", "log/", "member.welcome/en/"):
            assert client.get(f"/c/lantern/desk/settings/mail/{address}").status_code == status


@pytest.mark.parametrize("count", [1, 3])
def test_the_log_costs_the_same_with_one_letter_as_with_three(desk, count, django_assert_num_queries):
    client, community = desk
    for _ in range(count):
        make.member(community)
    client.get("/c/lantern/desk/settings/mail/log/")
    with django_assert_num_queries(5):
        answer = client.get("/c/lantern/desk/settings/mail/log/?q=person")
    assert answer.content.decode().count("Welcome to Lantern") == count + 1
    part = client.get("/c/lantern/desk/settings/mail/log/?state=sent", headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode() and "Welcome" not in part.content.decode()


def test_the_log_is_found_by_reader_and_walked_page_by_page(desk, monkeypatch):
    client, community = desk
    for name in ("Ada Byron", "Grace Hopper"):
        make.member(community, name=name, email=f"{name.split()[0].lower()}@example.org")
    log = "/c/lantern/desk/settings/mail/log/"

    def readers(answer):
        return [message.address for message in answer.context["page"].rows]

    assert readers(client.get(log, {"q": "byron"})) == ["ada@example.org"]
    assert readers(client.get(log, {"q": "GRACE@"})) == ["grace@example.org"]
    assert readers(client.get(log, {"q": "hopper", "state": "sent"})) == []
    whole = readers(client.get(log))
    monkeypatch.setattr("members.selectors.mail.LOG_PAGE", 2)
    first = client.get(log)
    second = client.get(log, {"at": first.context["page"].after})
    assert readers(first) + readers(second) == whole and len(whole) == 3
    assert readers(client.get(log, {"at": second.context["page"].before})) == whole[:2]
    assert readers(client.get(log, {"at": "made up"})) == whole[:2]


def test_programs_read_the_log_without_the_words():
    community = make.community()
    member = make.member(community, email="lilei@example.org")
    program = api.Program(community)
    (row,) = program.get("mail/").json()["results"]
    assert {name: row[name] for name in ("kind", "member", "address", "subject", "state", "reason")} == {
        "kind": "member.welcome",
        "member": member.number,
        "address": "lilei@example.org",
        "subject": "Welcome to Lantern",
        "state": "queued",
        "reason": "",
    }
    assert not {"text", "html"} & set(row)
    assert program.get("mail/?state=sent").json()["results"] == []
    browser = api.browser(member.user)
    assert browser.get(f"/api/v1/communities/{community.slug}/mail/").status_code == 403
