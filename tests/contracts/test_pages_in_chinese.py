"""Every page, read in Chinese: no English is left on it but names, codes and what people have written themselves."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from communities.models import ApiKey, Circle
from communities.services import api_keys
from engagement.services import refresh
from kernel import activity
from kernel.activity import VERBS, Activity
from kernel.clock import now
from kernel.metrics import metrics
from members.roles import Role, Status
from members.services import imports
from tests import make
from tests.contracts.addresses import views

pytestmark = pytest.mark.django_db

NOT_OURS = ("admin/", "api/", "i18n/")
PART = re.compile(r"<(?:\w+:)?(\w+)>")
#: Names, which are the same in both languages: of things, of functions in formulas, of values in files.
NAMES = {
    "Crowdecon",
    "English",
    "Markdown",
    "JavaScript",
    "Cookie",
    "Leiden",
    "ceil",
    "max",
    "sum",
    "tests",
    "testserver",
    # Other tools, and what stands in their files and in ours.
    "Ghost",
    "Mailchimp",
    "email",
    "false",
    "flyer",
    "id",
    "note",
    "wechat",
    # The log shows values as they are stored: the community's address, its type, columns of an export.
    "dawn",
    "all",
    "interest",
    "joined",
    "last_active",
    "members",
    "score",
    "stage",
    "status",
    "tier",
}
NAMES |= {*Role.values, *Status.values, *VERBS}
WORD = re.compile(r"[A-Za-z][a-z'’-]+")
#: Places to fill in, addresses, time zones, file and field names, instants, and what is written in capitals: API, UTF-8, CNY.
CODE = re.compile(r"\{\w+\}|[\w.+-]*[@/_:=][\w.@/_:=<>+-]*|\.?\w+\.\w+|\b[A-Z0-9-]{2,}\b|\bISO\b")
SILENT = {"script", "style", "code", "pre", "kbd"}
READ_ALOUD = {"aria-label", "placeholder", "title", "alt", "data-label", "data-copied"}
EMPTY = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Texts(HTMLParser):
    """What of a page a person may read or hear; an option that is its own value is a code."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.option: str | None = None
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in EMPTY:
            self.open.append(tag)
        self.option = dict(attrs).get("value") if tag == "option" else None
        self.found += [value for name, value in attrs if name in READ_ALOUD and value]

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not SILENT & set(self.open) and data.strip().replace(" ", "_") != self.option:
            self.found.append(data)


def english(page: str) -> list[str]:
    """The texts of a page that hold an English word."""
    texts = Texts()
    texts.feed(page)
    found = {" ".join(text.split()) for text in texts.found}
    return sorted(text for text in found if set(WORD.findall(CODE.sub(" ", text))) - NAMES)


@pytest.fixture
def owner():
    return make.person("lin@example.org", name="林晓", password="四个好记的词儿放在一起")


@pytest.fixture
def arguments(owner) -> dict[str, list[Any]]:
    """A Chinese community with a little of everything: what may stand in an address, and what is behind it."""
    community = make.community("dawn", name="晨跑社", type="interest", language="zh-hans", owner=owner)
    one, other = make.member(community, name="周航"), make.member(community, name="苏雨")
    with transaction.atomic():
        for n in range(40):
            for actor, target in ((one, other), (other, one)):
                activity.publish(
                    Activity(
                        community_id=community.pk,
                        member=actor.number,
                        verb=("answered", "posted", "hosted", "read")[n % 4],
                        at=make.EARLY + timedelta(days=n, hours=1),
                        target=target.number,
                    )
                )
    refresh.refresh(community_id=community.pk, at=now())
    file = SimpleUploadedFile("m.csv", b"member,joined_at\nx,2026-01-01\ny,never\n")
    run = imports.begin(
        community=community, kind="members", file=file, filename="m.csv", at=make.EARLY, by=make.SITE
    )
    api_keys.mint(community=community, name="报表", scopes=("read",), at=now(), by=make.SITE)
    return {
        "community_slug": [community.slug],
        "number": [one.number],
        "key": list(metrics.keys()),
        "kind": ["members"],
        "run_id": [run.pk],
        "key_id": [ApiKey.objects.get().pk],
        "circle_slug": [Circle.objects.of(community.pk)[0].slug],
        "session_id": [0],
    }


def pages(arguments: dict[str, list[Any]]) -> list[str]:
    """Every address of ours whose parts are known."""
    found = []
    for address, _view in views():
        parts = PART.findall(address)
        if address.startswith(NOT_OURS) or "(?P" in address or not set(parts) <= set(arguments):
            continue
        for value in arguments[parts[-1]] if parts else [None]:
            given = {part: arguments[part][0] for part in parts} | dict.fromkeys(parts[-1:], value)
            path = address
            for part in parts:
                path = PART.sub(str(given[part]), path, count=1)
            found.append("/" + path)
    return found


def left_over(client: Client, paths: list[str]) -> dict[str, list[str]]:
    found = {}
    for path in paths:
        answer = client.get(path)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            found[path] = english(answer.content.decode())
    assert len(found) > 8
    return {path: texts for path, texts in found.items() if texts}


def test_no_english_is_left_for_who_is_signed_in(owner, arguments):
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert left_over(client, pages(arguments)) == {}


def test_no_english_is_left_for_a_stranger(arguments):
    client = Client(headers={"accept-language": "zh-CN"})
    assert left_over(client, pages(arguments)) == {}
    assert english(client.get("/no/such/page/").content.decode()) == []


@pytest.mark.parametrize("email", ["lin@example.org", "nobody@example.org"])
def test_no_english_is_left_in_a_letter(owner, email, mailoutbox):
    client = Client(headers={"accept-language": "zh-CN"})
    client.post("/accounts/password/reset/", {"email": email})
    client.post("/accounts/signup/", {"email": email, "password1": "四个好记的词儿放在一起", "name": "林晓"})
    assert len(mailoutbox) == 2
    for letter in mailoutbox:
        pages = [page for page, _kind in letter.alternatives]
        assert [english(text) for text in (letter.subject, letter.body, *pages)] == [[]] * (2 + len(pages))
