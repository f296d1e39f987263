"""Every page, read in Chinese: no English is left on it but names, codes and what people have written themselves."""

import re
from collections.abc import Collection
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from communities.models import ApiKey, Circle, CircleMembership, CircleRequest, Community
from communities.services import (
    api_keys,
    appeals,
    circles,
    comments,
    drafts,
    letters,
    measures,
    message_reports,
    messages,
    posts,
    questions,
    reports,
)
from communities.services import settings as community_settings
from engagement.services import refresh
from gatherings.models import Event, Ticket, TicketKind, Waiting
from gatherings.services import chapters, door, events, feeds, seats, series
from kernel import activity
from kernel.activity import Activity
from kernel.clock import now
from kernel.metrics import metrics
from kernel.permissions import unlimited
from members.actors import Actor
from members.models import Membership, Tier
from members.roles import Role
from members.selectors import rules as conditions
from members.services import (
    bulk,
    custom_fields,
    imports,
    invitations,
    inviters,
    mail_templates,
    memberships,
    notes,
    retention,
    segments,
    standing,
    tiers,
)
from tests import make
from tests.commerce import dues
from tests.contracts.addresses import views
from tests.engagement import acting, trying
from tests.gatherings import holding

pytestmark = pytest.mark.django_db

NOT_OURS = ("admin/", "api/", "i18n/")
PART = re.compile(r"<(?:\w+:)?(\w+)>")
#: Names, which are the same in both languages: of things, of functions in formulas, of values in files.
NAMES = {
    "Crowdecon",
    "English",
    "Markdown",
    "Adamic",
    "Adar",
    "JavaScript",
    "Cookie",
    "Leiden",
    "Wilson",
    "Kaplan",
    "Meier",
    "Greenwood",
    "Efron",
    "Hanley",
    "Lippman-",
    "Hand",
    "Newcombe",
    "ceil",
    "exp",
    "ln",
    "max",
    "min",
    "sum",
    "tests",
    "testserver",
    # Other tools, and what stands in their files and in ours.
    "Ghost",
    "Mailchimp",
    "Slack",
    "zip",
    "Discord",
    "Chat",
    "Exporter",
    "email",
    "false",
    "flyer",
    "id",
    "note",
    "paid",
    "wechat",
    "Stripe",
    # Whose maps and cities are shown.
    "Natural",
    "Earth",
    "Geo",
    "Names",
}
#: What stands in files, on the pages that explain them.
IN_FILES = {*Role.values, "active", "posted", "commented", "attended", "upcoming", "held", "cancelled"}
IN_FILES |= {"yes", "maybe", "no", "waiting"}
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


def english(page: str, but: Collection[str] = ()) -> list[str]:
    """The texts of a page that hold an English word, `but` for these."""
    texts = Texts()
    texts.feed(page)
    found = {" ".join(text.split()) for text in texts.found}
    return sorted(text for text in found if set(WORD.findall(CODE.sub(" ", text))) - NAMES - set(but))


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
    circle = Circle.objects.of(community.pk)[0]
    CircleMembership.objects.create(
        circle=circle, membership=Membership.objects.get(user=owner), joined_at=now(), is_host=True
    )
    CircleRequest.objects.create(circle=circle, membership=one, words="我也喜欢", asked_at=now())
    keeper = Membership.objects.get(user=owner)
    post = posts.write(circle=circle, author=keeper, title="你好", body="早上好", at=now())
    comment = comments.write(post=post, author=keeper, body="大家好", at=now())
    drafts.save(place=drafts.answer(post), author=keeper, body="还有", version=0, at=now())
    posts.change(post=post, author=keeper, title="你好", body="早", at=now())
    posts.pin(post=post, pins=True, at=now(), by=make.SITE)
    friend = make.member(community, name="小王")
    message = messages.write(author=friend, to=keeper, body="你好", at=now())
    messages.write(author=keeper, to=friend, body="早", at=now())
    report = message_reports.report(message=message, by=keeper, reason="other", words="不好", at=now())
    circles.put_in(circle=circle, membership=other, at=now(), by=make.SITE)
    circles.put_in(circle=circle, membership=one, at=now(), by=make.SITE)
    theirs = comments.write(post=post, author=other, body="加我", at=now())
    case = reports.make(written=theirs, reporter=one, reason="other", words="广告", at=now()).case
    muted = measures.mute(membership=one, hours=24, reason="请冷静", at=now(), by=make.SITE)
    appeals.make(measure=muted, membership=one, words="我只是引用", at=now())
    own = measures.warn(membership=keeper, reason="请友善", at=now(), by=make.SITE)
    api_keys.mint(community=community, name="报表", scopes=("read",), at=now(), by=make.SITE)
    return {
        "community_slug": [community.slug],
        "number": [one.number],
        "key": list(metrics.keys()),
        "kind": ["members"],
        "run_id": [run.pk],
        "key_id": [ApiKey.objects.get().pk],
        **{name: [value] for name, value in dues.furnished(one, "年费", "给长住的人").items()},
        "event_key": (held := gathered(community, one)),
        "kind_key": [TicketKind.objects.filter(event__key=held[0]).order_by("pk")[0].key],
        "ticket_code": [Ticket.objects.get(event__key=held[0]).code],
        "turn_code": [Waiting.objects.get(event__key=held[0]).code],
        "experiment_key": [
            trying.ended(community, at=now(), title="更短的信", text="来看看", language="zh-hans").key,
            trying.an_experiment(community, "join-questions", title="新问题", text="来自哪里？").key,
        ],
        "trial": ["join-questions"],
        "act_key": [acting.an_act(community, one.number).key],
        "introduction_key": [acting.an_introduction(community, 1, one.number).key],
        "place": [0],
        "spend_key": [acting.a_cost(community, "微信", campaign="春天", note="两篇文章").key],
        "ticket_key": [Ticket.objects.get(event__key=held[0]).key],
        "circle_slug": [Circle.objects.of(community.pk)[0].slug],
        "session_id": [0],
        "post_key": [post.key],
        "comment_key": [comment.key],
        "message_key": [message.key],
        "message_report_key": [report.key],
        "case_key": [case.key],
        "measure_key": [own.key],
    }


def gathered(community: Community, member: Membership) -> list[Any]:
    """Gatherings as they are announced, proposed, cancelled and thought over."""
    fields: dict[str, Any] = {
        "title": "晚饭", "venue": "老磨坊", "city": "上海", "country": "中国", "description": "带点吃的", "audience": "public",
        "starts_at": now() + timedelta(hours=2), "ends_at": now() + timedelta(days=1), "timezone": "Asia/Shanghai",
        "rooms": {"in_person": 20, "online": None},
    }  # fmt: skip
    made = [holding.event(community, at=now(), host=member, **fields) for _n in range(2)]
    made += [holding.event(community, at=now(), announced=False, **fields) for _n in range(2)]
    events.cancel(event=made[1], reason="下雪", at=now(), by=make.SITE)
    Event.objects.filter(pk=made[2].pk).update(state="proposed", planned_by=member)
    for kind in made[0].kinds.order_by("pk")[:1]:
        seats.take(kind=kind, member=member, at=now())
    Waiting.objects.create(
        event=made[0], room=kind.room, kind=kind, membership=member, since=now(), state="waiting"
    )
    series.begin(event=made[0], rule="FREQ=WEEKLY;INTERVAL=2;COUNT=3", at=now(), by=make.SITE)
    feeds.open_own(user=member.user, at=now())
    door.check_in(event=made[0], member=member, at=now(), by=make.SITE)
    chapters.found(community=community, city="上海", hosts=[member], at=now(), by=make.SITE)
    return [event.key for event in made]


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
            found[path] = english(answer.content.decode(), IN_FILES if "/imports/" in path else ())
    assert len(found) > 8
    return {path: texts for path, texts in found.items() if texts}


def test_no_english_is_left_for_who_is_signed_in(owner, arguments):
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert left_over(client, pages(arguments)) == {}


def much_done(community, owner) -> None:
    """Acts of every sort, whose values are keys, choices, flags, days, numbers of members and rules."""
    by = Actor.person(owner, Membership.objects.get(community=community, user=owner))
    when: dict[str, Any] = {"at": now(), "by": by}
    member = Membership.objects.of(community.pk).exclude(user=owner).order_by("number")[0]
    free = Tier.objects.of(community.pk)[0]
    gold = tiers.create(community=community, name="金卡", colour="rose", capacity=5, perks=["茶会"], **when)
    tiers.update(tier=gold, visible=False, capacity=None, **when)
    memberships.change_tier(membership=member, tier=gold, reason="老朋友", **when)
    memberships.change_role(membership=member, role=Role.HOST, **when)
    standing.act("pause", membership=member, reason="出国", **when)
    standing.act("resume", membership=member, **when)
    inviters.correct(membership=member, inviter=by.membership, reason="她说的", **when)
    custom_fields.create(
        community=community, name="尺码", kind="choice", choices=["大", "小"], seen_by="members", **when
    )
    other = custom_fields.create(community=community, name="跑过马拉松", kind="flag", **when)
    custom_fields.move(field=other, up=True, **when)
    memberships.update(membership=member, custom={"尺码": "大", "跑过马拉松": True}, **when)
    catalogue = conditions.catalogue(community, may=unlimited)
    wanted = {
        "all": [
            {"field": "tier", "is": "is", "value": [gold.key]},
            {
                "any": [
                    {"field": "status", "is": "is_not", "value": ["left"]},
                    {"field": "listed", "is": "yes"},
                ]
            },
            {"field": "joined", "is": "last_days", "value": 30},
            {"field": "stage", "is": "known"},
        ]
    }
    segments.create(community=community, name="金卡会员", rules=wanted, catalogue=catalogue, **when)
    people = Membership.objects.of(community.pk)
    for kind, options in (("tier", {"tier": free.key}), ("status", {"act": "pause", "reason": "夏天"})):
        bulk.begin(community=community, kind=kind, options=options, members=people, asked=wanted, **when)
    invitations.create_link(
        community=community, channel="海报", tier=gold, limit=3, expires_at=now() + timedelta(days=3), **when
    )
    community_settings.update(
        community=community,
        timezone="Europe/Berlin",
        currency="EUR",
        visibility="private",
        join_policy="application",
        language="en",
        members_invite=False,
        score_weights={"answered": 3, "hosted": 5},
        **when,
    )
    circle = circles.create(community=community, name="长跑", kind="closed", minimum_tier=gold, **when)
    circles.update(circle=circle, kind="open", minimum_tier=None, **when)
    circles.move(circle=circle, down=False, **when)
    question = questions.create(
        community=community, text="你跑多久了？", kind="choice", options=["一年", "更久"], **when
    )
    questions.update(question=question, required=True, **when)
    letters.save(community=community, decision="approve", language="zh-hans", text="好", **when)
    mail_templates.save(
        community=community, kind="member.welcome", language="zh-hans", subject="你好", body="你好呀", **when
    )
    retention.decide(community=community, after_leaving=24, letters=30, contact="林晓", **when)
    notes.write(membership=member, text="好人", **when)


def test_whatever_was_done_is_told_in_chinese(owner, arguments):
    community = Community.objects.get()
    much_done(community, owner)
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    log = "/c/dawn/desk/settings/audit/"
    client.get("/c/dawn/desk/members/export.csv", {"status": "current", "city": "柏林"})
    client.get(log + "export.csv", {"act": "member.", "actor": "programs", "since": "2026-01-01"})
    number = Membership.objects.of(community.pk).exclude(user=owner).order_by("number")[0].number
    found = {
        path: english(client.get(path).content.decode()) for path in (log, f"/c/dawn/desk/members/{number}/")
    }
    assert found == {path: [] for path in found}
    page = client.get(log).content.decode()
    for words in ("林晓", "欧元 (EUR)", "柏林 (Europe/Berlin)", "金卡会员", "回答"):
        assert words in page
    # The file keeps what is stored, for programs.
    file = b"".join(client.get(log + "export.csv")).decode()
    assert '""timezone"": ""Europe/Berlin""' in file


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
