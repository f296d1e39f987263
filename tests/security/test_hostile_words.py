"""Names and texts that people choose to do harm with: to readers of pages, of letters and of files."""

import csv
import email
import email.policy
import io
import json
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from communities.models import Circle, CircleMembership, Community
from communities.services import (
    appeals,
    circles,
    comments,
    measures,
    message_reports,
    messages,
    posts,
    reports,
    talk_rules,
)
from engagement.models import MemberStanding
from engagement.services import activities, refresh
from kernel import sheets
from kernel.clock import now
from kernel.imports import Row
from members.models import Membership, Tier
from members.services import imports, memberships, standing
from tests import api, make
from tests.contracts.addresses import views
from tests.contracts.test_the_wall import PARAMETER

pytestmark = pytest.mark.django_db

#: Breaks out of text, attributes, titles, scripts and comments, wherever one of them is not escaped.
EVIL = "</title></script>--><x-evil x-evil=1>\"x-evil='x-evil'\n{{7*7}}{% x %}"
OUT_OF_ADDRESSES = "javascript:alert(1)//<x-evil>"


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
            if name in ("href", "src", "action") and "script:" in (value or "")
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
    posted = posts.write(
        circle=community.circles.first(),
        author=Membership.objects.get(number=1),
        title=EVIL,
        body=EVIL,
        at=at,
    )
    commented = comments.write(post=posted, author=posted.author, body=EVIL, at=at)
    friend = make.member(community, at=at, name=EVIL)
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
    appeals.make(measure=muted, membership=people[0], words=EVIL, at=now())
    own = measures.warn(membership=posted.author, reason=EVIL[:240], at=now(), by=make.SITE)
    rules = {"held_words": [EVIL[:120]], "domains": [EVIL[:120]]}
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
    }  # fmt: skip
    return client, ids


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
    assert len(seen) > 25
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
    assert [sheets.cell(-5), sheets.cell(-0.5)] == ["-5", "-0.5"]


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
