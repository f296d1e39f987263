"""Names and texts that people choose to do harm with: to readers of pages, of letters and of files."""

import csv
import email
import email.policy
import io
import json
import socket
from datetime import timedelta
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from communities.models import Circle, CircleMembership, CircleRequest, Community
from communities.services import (
    appeals,
    attachments,
    circles,
    comments,
    drafts,
    measures,
    message_reports,
    messages,
    polls,
    posts,
    reports,
    talk_rules,
)
from engagement.models import MemberStanding
from engagement.services import activities, refresh
from gatherings.models import EventQuestion, Waiting
from gatherings.services import chapters, pictures, seats
from kernel import sheets
from kernel.clock import now
from kernel.imports import Row
from members.models import Membership, Message, Tier
from members.services import delivery, digest, imports, memberships, standing
from tests import api, make
from tests.contracts.addresses import views
from tests.contracts.test_the_wall import PARAMETER
from tests.engagement import acting, trying
from tests.gatherings import holding
from tests.kernel.test_photos import picture

pytestmark = pytest.mark.django_db

#: Breaks out of text, attributes, titles, scripts and comments, wherever one of them is not escaped.
EVIL = "</title></script>--><x-evil x-evil=1>\"x-evil='x-evil'\n{{7*7}}{% x %}"
OUT_OF_ADDRESSES = "javascript:alert(1)//<x-evil>"
#: What a server that looked at links or pictures would ask for: something of its own, of its neighbours, of anybody.
REACHED = [
    "https://elsewhere.example/p.png",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::1]:1/",
    "//10.0.0.1/",
]
LINKS = "\n\n".join(f"{one} <{one}> [x]({one}) ![x]({one}) [x]({OUT_OF_ADDRESSES})" for one in REACHED)
#: Where members' words are drawn, as those who write, read and keep order see them.
TALK = (
    "c/lantern/posts/", "c/lantern/posts/{post_key}/", "c/lantern/posts/{post_key}/edit/",
    "c/lantern/posts/{post_key}/report/", "c/lantern/comments/{comment_key}/", "c/lantern/circles/{circle_slug}/",
    "c/lantern/circles/{circle_slug}/write/", "c/lantern/drafts/", "c/lantern/missed/", "c/lantern/messages/",
    "c/lantern/record/", "c/lantern/record/{measure_key}/appeal/",
    "c/lantern/desk/reports/", "c/lantern/desk/reports/{case_key}/", "c/lantern/desk/reports/log/",
    "c/lantern/desk/reports/appeals/",
    "c/lantern/desk/message-reports/", "c/lantern/desk/message-reports/{message_report_key}/",
    "c/lantern/events/", "c/lantern/events/{event_key}/", "c/lantern/events/{event_key}/edit/",
    "c/lantern/events/{event_key}/people/", "c/lantern/events/{event_key}/door/", "c/lantern/events/month/",
    "c/lantern/events/map/", "c/lantern/events/{event_key}/again/", "c/lantern/events/{event_key}/pictures/",
    "c/lantern/events/{event_key}/tickets/", "c/lantern/events/{event_key}/tickets/{kind_key}/",
    "c/lantern/events/{event_key}/figures/", "c/lantern/desk/events/held/",
    "c/lantern/events/{event_key}/orders/", "c/lantern/events/{event_key}/orders/{ticket_key}/take-back/",
    "c/lantern/events/{event_key}/wait-as-guest/",
    "c/lantern/events/{event_key}/buy/", "c/lantern/waiting/{turn_code}/",
    "c/lantern/tickets/", "c/lantern/tickets/{ticket_code}/",
    "c/lantern/desk/events/", "c/lantern/desk/events/proposals/",
    "c/lantern/desk/week/{act_key}/",
    "c/lantern/desk/experiments/", "c/lantern/desk/experiments/{experiment_key}/",
    "c/lantern/desk/ties/", "c/lantern/desk/ties/introductions/",
    "c/lantern/desk/growth/costs/", "c/lantern/desk/growth/costs/{spend_key}/",
    "c/lantern/chapters/", "c/lantern/chapters/{circle_slug}/", "c/lantern/desk/events/chapters/",
    "c/lantern/desk/circles/requests/", "c/lantern/desk/settings/talk/", "me/notices/", "me/notifications/",
)  # fmt: skip
#: The letters that tell what members wrote, or who they are.
LETTERS = {
    "appeal.made", "digest", "member.removed", "member.welcome", "message.received", "message.reported",
    "moderation.muted", "moderation.warned", "report.made", "talk.answered", "talk.mentioned",
}  # fmt: skip
#: What a browser asks for by itself.
LOADED = {"src", "srcset", "poster", "data", "background"}


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


class Elements(HTMLParser):
    """What a page is made of; `evil` holds every element and attribute that came out of a text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.evil: list[str] = []
        self.json: list[str] = []
        self._script = False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        names = [name for name, _value in attributes]
        self.evil += [found for found in (tag, *names) if "x-evil" in found or found.startswith("on")]
        self.evil += [
            value
            for name, value in attributes
            if name in ("href", "src", "action", "formaction") and "script:" in (value or "")
        ]
        self.evil += [
            value
            for name, value in attributes
            if name in LOADED or (tag, name) == ("link", "href")
            if not (value or "").startswith(("/", "data:image/")) or (value or "").startswith("//")
        ]
        self._script = tag == "script"
        if self._script and dict(attributes).get("type") != "application/json":
            self.evil += [tag] if "src" not in names else []

    def handle_data(self, data):
        if self._script and data.strip():
            self.json.append(data)

    def handle_endtag(self, tag):
        self._script = False


@pytest.fixture
def place():
    """A community in which everything that people can name is named to do harm; the client of its owner."""
    at = now() - timedelta(days=20)
    owner = make.person("ada@example.org", name=EVIL)
    community = make.community("lantern", owner=owner, at=at)
    Community.objects.update(name=EVIL, tagline=EVIL, description=f"[x]({OUT_OF_ADDRESSES}) {EVIL}")
    Circle.objects.update(name=EVIL, description=EVIL)
    hosting = {"membership": Membership.objects.get(), "joined_at": at, "is_host": True}
    CircleMembership.objects.create(circle=community.circles.first(), **hosting)
    Tier.objects.update(name=EVIL, description=EVIL)
    community.join_questions.update(text=EVIL, options=[EVIL], kind="choice")
    community.refresh_from_db()
    bob = memberships.add(
        community=community, at=now(), by=make.SITE, name=EVIL, external_id=EVIL, city=EVIL, country=EVIL,
        interests=[EVIL], tags=[EVIL], custom={EVIL: EVIL}, joined_at=at, invited_by=Membership.objects.get(),
        email="\"<x-evil>\"@example.org",
    )  # fmt: skip
    owning, friend = Membership.objects.get(number=1), make.member(community, at=at, name=EVIL)
    room = community.circles.first()
    _send(owning, drafts.new_post(room), at)
    posted = posts.write(
        circle=room,
        author=owning,
        title=EVIL,
        body=f"{EVIL}\n\n{LINKS}\n\n@#{friend.number} @[{EVIL[:20]}]({friend.number})",
        poll=polls.Ask((EVIL, "x")),
        at=at,
    )
    _send(owning, drafts.new_post(room), at)
    told = {"title": EVIL, "body": EVIL, "poll": {"options": EVIL, "closes_at": EVIL}}
    draft = drafts.save(place=drafts.new_post(room), author=owning, version=1, at=at, **told)
    request = CircleRequest.objects.create(circle=room, membership=friend, words=EVIL, asked_at=at)
    commented = comments.write(post=posted, author=posted.author, body=f"{EVIL} @#{friend.number}", at=at)
    messages.write(author=posted.author, to=friend, body=EVIL, at=at)
    message = messages.write(author=friend, to=posted.author, body=EVIL, at=at)
    report = message_reports.report(
        message=message, by=posted.author, reason="other", words=EVIL[:500], at=at
    )
    people = [make.member(community, name=EVIL, at=at) for _n in range(2)]
    for one in people:
        circles.put_in(circle=posted.circle, membership=one, at=at, by=make.SITE)
    theirs = comments.write(post=posted, author=people[0], body=EVIL, at=at)
    case = reports.make(written=theirs, reporter=people[1], reason="other", words=EVIL, at=now()).case
    muted = measures.mute(membership=people[0], hours=24, reason=EVIL[:240], at=now(), by=make.SITE)
    appeal = appeals.make(measure=muted, membership=people[0], words=EVIL, at=now())
    own = measures.warn(membership=posted.author, reason=EVIL[:240], at=now(), by=make.SITE)
    rules = dict.fromkeys(("held_words", "reported_words", "refused_words", "domains"), [EVIL[:120]])
    talk_rules.save(community=community, at=now(), by=make.SITE, **rules)
    rows = [
        {"member": f"#{1 + n % 2}", "target": f"#{2 - n % 2}", "verb": "posted", "circle": EVIL[:80], "object": f"post:{EVIL}",
         "occurred_at": (at + timedelta(days=n)).isoformat(), "id": f"{n}"}
        for n in range(1, 19)
    ]  # fmt: skip
    activities.take(
        community=community, rows=[Row(n, cells) for n, cells in enumerate(rows)], at=now(), by=make.SITE
    )
    refresh.refresh(community_id=community.pk, at=now())
    standing.act("remove", membership=make.member(community, at=at), at=now(), by=make.SITE, reason=EVIL)
    header = '"' + EVIL.replace('"', '""') + '"'
    file = SimpleUploadedFile("f.csv", f"member,joined_at,{header}\n{header},x,{header}\n".encode())
    run = imports.begin(community=community, kind="members", file=file, filename=EVIL, at=now(), by=make.SITE)
    imports.carry_out(run_id=run.pk, now=now)
    _key = api.api_keys.mint(community=community, name=EVIL[:80], scopes=["read"], at=now(), by=make.SITE)
    client = Client()
    client.force_login(owner)
    ids = {
        "community_slug": "lantern", "number": bob.number, "run_id": run.pk, "kind": "members", "session_id": 1, "act": "ban",
        "key_id": community.api_keys.get().pk, "circle_slug": community.circles.first().slug,
        "message_key": message.key, "message_report_key": report.key,
        "post_key": posted.key, "comment_key": commented.key, "case_key": case.key, "measure_key": own.key,
        "appeal_key": appeal.key, "draft_key": draft.key, "request_key": request.key, "decision": "approve",
        "experiment_key": trying.an_experiment(community, title=EVIL, text=EVIL).key, "trial": "welcome",
        "act_key": acting.an_act(community, bob.number).key,
        "introduction_key": acting.an_introduction(community, 1, bob.number).key, "friend": friend.number,
        "spend_key": acting.a_cost(community, EVIL[:40], campaign=EVIL[:80], note=EVIL[:200]).key, **_gathered(community, bob),
    }  # fmt: skip
    return client, ids


def _gathered(community, member):
    """A chapter, a gathering that the member holds, and one that they propose."""
    chapters.found(
        community=community, city="Basel", circle=community.circles.first(), at=now(), by=make.SITE
    )
    words = dict.fromkeys(("title", "venue", "address", "city", "country"), EVIL) | {
        "description": EVIL + LINKS
    }
    given = {"at": now(), "host": member, "starts_at": now() + timedelta(hours=1), "ends_at": None} | words
    stands = holding.event(community, audience="public", **given)
    proposed = holding.event(community, announced=False, **given)
    type(proposed).objects.filter(pk=proposed.pk).update(state="proposed", planned_by=member, reason=EVIL)
    kind = holding.kind(stands)
    type(kind).objects.filter(pk=kind.pk).update(name=EVIL[:80])
    EventQuestion.objects.create(
        event=stands, position=0, text=EVIL[:240], kind="choice", options=[EVIL[:120]]
    )
    ticket = seats.take(kind=kind, member=member, at=now())
    sent = SimpleUploadedFile(EVIL[:80], picture("PNG"))
    pictures.add(event=stands, sent=sent, alt=EVIL[:300], at=now(), by=make.SITE)
    turn = Waiting.objects.create(
        event=stands, room=kind.room, kind=kind, membership=member, since=now(), state="left"
    )
    return {
        "turn_code": turn.code,
        "event_key": stands.key,
        "kind_key": kind.key,
        "ticket_code": ticket.code,
        "ticket_key": ticket.key,
    }


def _send(author, place, at):
    """A picture and a file with what the member is writing."""
    for name, content in ((EVIL, b"%PDF-1.7"), (f"{EVIL}.png", picture("PNG"))):
        file = attachments.keep(sent=SimpleUploadedFile(name, content), author=author, place=place, at=at)
        attachments.describe(rows=[file], said={file.key: (EVIL, False)})


def pages(ids):
    """Every address outside the API and the site's own admin that needs no more than what is in the place."""
    from kernel.metrics import metrics

    for pattern, _view in views():
        if pattern.startswith(("api/v1", "admin/", "accounts/")) or "(?P" in pattern or "setlang" in pattern:
            continue
        if set(PARAMETER.findall(pattern)) - {*ids, "key", "id"}:
            continue
        for key in metrics.keys() if "<slug:key>" in pattern else [""]:
            known = ids | {"key": key, "id": "x"}
            yield "/" + PARAMETER.sub(lambda found: str(known[found[1]]), pattern)  # noqa: B023


def test_on_no_page_a_name_becomes_anything_but_a_name(place):
    client, ids = place
    assert MemberStanding.objects.exclude(stage="").count() >= 2
    seen = []
    for path in (path for path in pages(ids) if "csv" not in path):
        answer = client.get(path)
        if answer.status_code != 200 or "html" not in answer["Content-Type"]:
            continue
        body = answer.content.decode()
        page = Elements(body)
        assert (path, page.evil) == (path, [])
        for script in page.json:
            json.loads(script)
        seen += [path] * ("x-evil" in body)
    assert {f"/{path.format(**ids)}" for path in TALK} - set(seen) == set()
    # Where everything is left to choose: sorted, searched, refused.
    asked = dict.fromkeys(
        ("q", "sort", "at", "tag", "city", "type", "grain", "window", "as_of", "before"), EVIL
    )
    for path in ("/c/lantern/desk/members/", "/", "/c/lantern/desk/figures/retention/"):
        assert Elements(client.get(path, asked).content.decode()).evil == []
    for path in ("desk/members/new/", "desk/settings/", "join/", "desk/settings/keys/"):
        answer = client.post(
            f"/c/lantern/{path}", dict.fromkeys(("name", "slug", "email", "timezone", "tier"), EVIL)
        )
        assert Elements(answer.content.decode()).evil == []
    room = f"/c/lantern/circles/{ids['circle_slug']}/"
    for answer in (
        client.get("/c/lantern/search/?q=evil"),
        client.get(f"{room}names/?q=evil"),
        client.get(f"/c/lantern/messages/with/{ids['friend']}/"),
        client.post("/c/lantern/preview/", {"body": f"{EVIL}\n\n{LINKS}"}),
        client.post(f"{room}write/", {"title": EVIL, "body": EVIL + "a" * 20_000, "draft": "0"}),
    ):
        page = answer.content.decode()
        assert ("evil" in page, Elements(page).evil) == (True, [])
    # Strangers read names as well.
    client.force_login(make.person())
    for path in ("/", "/c/lantern/", "/c/lantern/join/"):
        assert Elements(client.get(path).content.decode()).evil == []


# --- files --------------------------------------------------------------------------------------------

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "a;=1+1",
    "a;+1",
    "a\t=1",
    "a\n=1",
    "a;；＝1;@x",
    "=;=",
]
SPLIT = str.maketrans({";": "\x00", "\t": "\x00", "\r": "\x00", "\n": "\x00"})


def runs_something(text: str) -> bool:
    """Whether a spreadsheet, taking any of the usual marks for the end of a cell, finds a formula."""
    cells = text.translate(SPLIT).split("\x00")
    return text.startswith(("\t", "\r", "\n")) or any(
        cell.startswith(tuple("=+-@＝＋－＠")) for cell in cells
    )


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_in_a_cell_is_text_and_comes_back_as_it_was(text):
    assert runs_something(text) and not runs_something(sheets.cell(text))
    assert sheets.restored(sheets.cell(text)) == text
    assert not runs_something(sheets.cell([text, text]))


@pytest.mark.parametrize("text", ["", "1", "a-b", "a=b; c", "'a", "a;b", "李雷", "https://x/?a=1"])
def test_what_is_no_formula_is_left_alone(text):
    assert (sheets.cell(text), sheets.restored(text)) == (text, text)
    assert [sheets.cell(-5), sheets.cell(-0.5), sheets.cell(Decimal("-5.00"))] == ["-5", "-0.5", "-5.00"]


def test_no_file_that_leaves_holds_a_formula(place):
    """Every address that answers with a table, with a formula in every name."""
    client, ids = place
    formula = "=cmd|' /C calc'!A0;=2"
    Membership.objects.update(
        name=formula, city=formula, country=formula, tags=[formula, formula], external_id=None
    )
    Tier.objects.update(name=formula)
    client.post(
        "/c/lantern/desk/members/columns/",
        {"column": ["city", "country", "tags", "tier", "invited_by", "email"]},
    )
    found = {}
    for path in (path for path in pages(ids) if "csv" in path):
        answer = client.get(path, {"rows": "all"}) if path.endswith("report.csv") else client.get(path)
        if "csv" in answer.get("Content-Type", ""):
            text = b"".join(answer.streaming_content).decode("utf-8-sig")
            found[path] = list(csv.reader(io.StringIO(text)))
            assert (
                answer["Content-Disposition"].startswith("attachment; filename=")
                and "\n" not in answer["Content-Disposition"]
            )
    cells = [cell for rows in found.values() for row in rows for cell in row]
    assert [
        cell for cell in cells if runs_something(cell) and not cell.lstrip("-").replace(".", "").isdigit()
    ] == []
    assert sum("cmd|" in cell for cell in cells) >= 8
    assert len(found) > 10


# --- letters ------------------------------------------------------------------------------------------


def test_in_no_letter_a_name_becomes_anything_but_a_name(place):
    community = Community.objects.get()
    day = now().date() - timedelta(days=20)
    monday = day - timedelta(days=day.weekday())
    digest.write(community=community, monday=monday, now=now, until=now() + timedelta(minutes=1))
    told = set()
    for letter in Message.objects.all():
        assert (letter.kind, Elements(letter.html).evil, "\n" in letter.subject) == (letter.kind, [], False)
        told |= {letter.kind} if "x-evil" in letter.html else set()
    assert told == LETTERS


def test_a_name_with_lines_and_markup_is_no_part_of_a_letter_s_head():
    name = "Ada\r\nBcc: evil@example.org\r\n\r\n<x-evil>"
    address = '"<x-evil>"@example.org'
    client = Client()
    client.post("/accounts/signup/", {"name": name, "email": address, "password1": "seven blue kettles"})
    client.post("/accounts/signup/", {"name": name, "email": address, "password1": "seven blue kettles"})
    client.post("/accounts/password/reset/", {"email": address})
    client.post("/accounts/password/reset/", {"email": "nobody\r\nBcc: evil@example.org"})
    assert len(mail.outbox) >= 2
    for letter in mail.outbox:
        parsed = email.message_from_bytes(letter.message().as_bytes(), policy=email.policy.default)
        assert (parsed["Bcc"], parsed["Cc"], len(parsed.get_all("To"))) == (None, None, 1)
        assert letter.recipients() == [address]
        assert "\n" not in letter.subject
        assert Elements(parsed.get_body(("html",)).get_content()).evil == []


# --- addresses ----------------------------------------------------------------------------------------


def test_nothing_is_fetched_for_an_address_in_a_text(place, monkeypatch, django_capture_on_commit_callbacks):
    client, ids = place
    asked, resolve = [], socket.getaddrinfo
    hosts = {"elsewhere.example", "169.254.169.254", "::1", "10.0.0.1"}

    def noted(host, *more, **named):
        asked.append(host)
        if host in hosts:
            raise OSError("Nobody is to ask.")
        return resolve(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", noted)
    form = {"title": "x", "body": f"{LINKS}\n\n@#1", "draft": "0"}
    with django_capture_on_commit_callbacks(execute=True):
        written = client.post(f"/c/lantern/circles/{ids['circle_slug']}/write/", form)
        answers = [
            client.post(path, form).status_code
            for path in (written["Location"], f"/c/lantern/messages/with/{ids['friend']}/")
        ]
        assert answers == [302, 302]
        pages = [written["Location"], "/c/lantern/posts/", "/c/lantern/search/?q=elsewhere"]
        assert [client.get(path).status_code for path in pages] == [200] * 3
    delivery.deliver_due(now=now, budget=timedelta(seconds=5))
    assert hosts.intersection(asked) == set()
