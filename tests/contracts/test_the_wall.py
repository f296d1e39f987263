"""The wall between communities: every address there is, walked by those who are not of the community.

The addresses are read off the URLconf, so a page or an operation stands behind the wall from the day it is
mounted, or this fails. A new kind of id in an address needs a value in `Inside.ids`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from communities.models import (
    ApiKey,
    Application,
    Circle,
    CircleMembership,
    CircleRequest,
    Community,
    JoinQuestion,
    Reference,
)
from communities.services import (
    appeals,
    attachments,
    comments,
    drafts,
    joining,
    measures,
    message_reports,
    messages,
    posts,
    reports,
)
from communities.services import settings as community_settings
from engagement.services import activities, refresh
from gatherings.services import chapters
from kernel.clock import now
from kernel.imports import Row
from kernel.metrics import metrics
from kernel.permissions import unlimited
from members.models import (
    AuditEntry,
    BulkAct,
    ImportRun,
    Membership,
    MembershipChange,
    Notification,
    Segment,
    Tier,
    User,
)
from members.selectors import rules
from members.services import (
    bulk,
    custom_fields,
    imports,
    invitations,
    memberships,
    merge_proposals,
    merging,
    notes,
    segments,
    standing,
    tiers,
)
from tests import api, make
from tests.commerce import dues
from tests.contracts.addresses import views
from tests.engagement import acting, trying
from tests.gatherings import holding

pytestmark = pytest.mark.django_db

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
METHODS = ("get", "post", "put", "patch", "delete")
#: What a public community shows of itself to everyone: its face, and the way in.
OPEN_FACE = {
    "c/<slug:community_slug>/",
    "c/<slug:community_slug>/join/",
    "c/<slug:community_slug>/privacy/",
    "c/<slug:community_slug>/events/",
    "c/<slug:community_slug>/events/month/",
    "c/<slug:community_slug>/events/map/",
    "c/<slug:community_slug>/events/<uuid:event_key>/pictures/<uuid:picture_key>/",
    "c/<slug:community_slug>/events/<uuid:event_key>/pictures/<uuid:picture_key>/small/",
    "c/<slug:community_slug>/events/<uuid:event_key>/",
    "c/<slug:community_slug>/events/<uuid:event_key>/event.ics",
    "c/<slug:community_slug>/events/<uuid:event_key>/buy/",
    "c/<slug:community_slug>/tickets/<slug:ticket_code>/",
    "c/<slug:community_slug>/tickets/<slug:ticket_code>/give-back/",
    "c/<slug:community_slug>/tickets/<slug:ticket_code>/take/",
    "c/<slug:community_slug>/waiting/<slug:turn_code>/",
    "c/<slug:community_slug>/events/<uuid:event_key>/wait-as-guest/",
}
#: Whoever holds such a code has been asked in by a member who paid for them: the page is theirs, in a private community
#: too, and tells what was paid for and nothing else. A code of elsewhere leads nowhere.
BY_CODE = {
    "c/<slug:community_slug>/seat/<slug:seat_code>/",
    "c/<slug:community_slug>/gift/<slug:gift_code>/",
}


@dataclass(frozen=True)
class Inside:
    """A community with one of everything that an address can name."""

    community: Community
    ids: dict[str, Any]

    def address(self, pattern: str, *, of: Community | None = None) -> str:
        """The pattern filled with what is in here, in this community or (`of`) in another."""
        ids = self.ids | {"community_slug": (of or self.community).slug}
        return "/" + PARAMETER.sub(lambda found: str(ids[found[1]]), pattern)


def a_segment(community: Community) -> Segment:
    return segments.create(
        community=community,
        name="Segment",
        rules={"all": [{"field": "status", "is": "is", "value": ["active"]}]},
        catalogue=rules.catalogue(community, may=unlimited),
        at=make.EARLY,
        by=make.SITE,
    )


def applied(community: Community) -> dict[str, Any]:
    """An application with a file and a reference, and what else joining keeps."""
    asked = JoinQuestion.objects.create(community=community, position=9, text="Proof?", kind="file")
    sent = SimpleUploadedFile("proof.pdf", b"%PDF-1.7")
    joining.join(
        community=community, user=make.person(), answers={asked.pk: sent}, at=make.EARLY, by=make.SITE
    )
    application = Application.objects.get(community=community)
    friend = Membership.objects.of(community.pk).get(number=1)
    reference = Reference.objects.create(application=application, member=friend, asked_at=make.EARLY)
    tier = tiers.create(community=community, name=f"Tier {community.pk}", at=make.EARLY, by=make.SITE)
    return {
        "application_id": application.key,
        "file_id": application.files.get().pk,
        "reference_id": reference.pk,
        "question_id": asked.pk,
        "tier_key": tier.key,
    }


def a_bulk_act(community: Community) -> BulkAct:
    members = Membership.objects.of(community.pk)
    return bulk.begin(
        community=community,
        kind="tag",
        options={"tag": "vip"},
        members=members,
        asked={},
        at=make.EARLY,
        by=make.SITE,
    )


def furnished(**fields: Any) -> Inside:
    community = make.community(**fields)
    for _n in range(3):
        member = make.member(community)
    circle = Circle.objects.create(
        community=community, slug=f"round-{community.pk}", name="Round", position=9
    )
    chapters.found(community=community, city="Basel", circle=circle, at=make.EARLY, by=make.SITE)
    file = SimpleUploadedFile("m.csv", b"member,joined_at\nx,2026-01-01\n")
    run = imports.begin(
        community=community, kind="members", file=file, filename="m.csv", at=make.EARLY, by=make.SITE
    )
    api.secret(community)
    ids = {
        "number": member.number,
        "act": "pause",
        "run_id": run.id,
        "key_id": ApiKey.objects.filter(community=community).first().pk,
        "circle_slug": circle.slug,
        "request_key": CircleRequest.objects.create(
            circle=circle, membership=member, asked_at=make.EARLY
        ).key,
        **written(circle, member),
        **a_reported_message(member, Membership.objects.of(community.pk).get(number=2)),
        "decision": "approve",
        "key": "members",
        "kind": "members",
        "invitation_id": invitations.create_link(
            community=community, channel="flyer", at=make.EARLY, by=make.SITE
        ).pk,
        "letter": "member.welcome",
        "message_id": member.messages.get(kind="member.welcome").pk,
        "notice_id": Notification.objects.filter(community=community)
        .exclude(membership__user=community.founded_by)
        .first()
        .pk,
        "language": "en",
        **applied(community),
        "segment_id": a_segment(community).pk,
        "field_id": custom_fields.create(
            community=community, name="Shoe", kind="number", at=make.EARLY, by=make.SITE
        ).pk,
        "note_id": notes.write(membership=member, text="Note", at=make.EARLY, by=make.SITE).pk,
        "bulk_id": a_bulk_act(community).pk,
        "act_key": acting.an_act(community, member.number).key,
        "experiment_key": trying.an_experiment(community).key,
        "trial": "welcome",
        "introduction_key": acting.an_introduction(community, 1, member.number).key,
        "place": 0,
        "spend_key": acting.a_cost(community).key,
        **merged(community),
        **dues.furnished(member),
        **holding.furnished(member),
    }
    return Inside(community, ids)


def a_file(circle: Circle, member: Membership) -> Any:
    """A file of a post of the member's."""
    sent = attachments.keep(sent=SimpleUploadedFile("a.pdf", b"%PDF-1.7"), author=member, at=make.EARLY)
    posts.write(circle=circle, author=member, body="Look", files=[sent.key], at=make.EARLY)
    return sent.key


def written(circle: Circle, member: Membership) -> dict[str, Any]:
    """A post and a comment of the member's, what was reported of theirs, and what they appeal against."""
    CircleMembership.objects.create(circle=circle, membership=member, joined_at=make.EARLY)
    post = posts.write(circle=circle, author=member, body="Hello", at=make.EARLY)
    comment = comments.write(post=post, author=member, body="Anyone?", at=make.EARLY)
    draft = drafts.save(place=drafts.answer(post), author=member, body="Or", version=0, at=make.EARLY)
    owner = Membership.objects.get(community=circle.community, number=1)
    report = reports.make(written=comment, reporter=owner, reason="spam", at=make.EARLY)
    measure = measures.warn(membership=member, reason="x", at=make.EARLY, by=make.SITE)
    appeal = appeals.make(measure=measure, membership=member, words="x", at=make.EARLY)
    return {
        "post_key": post.key,
        "comment_key": comment.key,
        "draft_key": draft.key,
        "case_key": report.case.key,
        "measure_key": measure.key,
        "appeal_key": appeal.key,
        "file_key": a_file(circle, member),
    }


def a_reported_message(member: Membership, other: Membership) -> dict[str, Any]:
    """A message to the member that they have reported."""
    message = messages.write(author=other, to=member, body="Psst", at=make.EARLY)
    report = message_reports.report(message=message, by=member, reason="unkind", at=make.EARLY)
    return {"message_key": message.key, "message_report_key": report.key}


def merged(community: Community) -> dict[str, Any]:
    """A merge, a question to two who sign in, and a record that may be somebody's."""
    made: dict[str, Any] = {"at": make.EARLY, "by": make.SITE}
    old, other = (memberships.add(community=community, name=name, **made) for name in ("Old", "Older"))
    kept, asked = make.member(community), make.member(community)
    return {
        "merge_id": merging.merge(kept=kept, merged=old, **made).pk,
        "proposal_id": merge_proposals.propose(kept=kept, merged=asked, **made).pk,
        "other": other.number,
    }


@pytest.fixture
def inside() -> Inside:
    found = furnished()
    community_settings.update(community=found.community, at=make.EARLY, by=make.SITE, visibility="private")
    return found


@pytest.fixture
def stranger() -> User:
    """The owner of another community."""
    person = make.person()
    make.community(owner=person)
    return person


def addresses(prefix: str = "") -> list[str]:
    """Every address that lies in a community, as it is written in the URLconf, but for those that a code opens."""
    return [address for address in behind_codes_too(prefix) if address not in BY_CODE]


def behind_codes_too(prefix: str = "") -> list[str]:
    return [address for address, _view in views(prefix) if "<slug:community_slug>" in address]


def state() -> tuple[Any, ...]:
    return (
        AuditEntry.objects.count(),
        MembershipChange.objects.count(),
        list(Membership.objects.order_by("pk").values_list("status", "role", "name")),
        list(Community.objects.order_by("pk").values_list("name", "visibility")),
        list(ApiKey.objects.order_by("pk").values_list("revoked_at")),
    )


@cache
def taken() -> dict[str, list[str]]:
    """By what methods each address can be asked for."""
    found = {}
    for pattern, view in views():
        view_class = getattr(view, "view_class", getattr(view, "cls", None))
        found[pattern] = [method for method in METHODS if view_class is None or hasattr(view_class, method)]
    return found


def answers(
    client: Client, place: Inside, patterns: list[str], *, wrong: bool = False, **options: Any
) -> Iterator[tuple[str, int]]:
    """What each address answers, asked by the methods that it takes, and where it is to be asked wrongly by one that it does
    not."""
    for pattern in patterns:
        others = [method for method in METHODS if method not in taken()[pattern]]
        for method in [*taken()[pattern], *others[:wrong]]:
            answer = getattr(client, method)(place.address(pattern, **options))
            yield f"{method} {pattern}", answer.status_code


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture(autouse=True)
def unhurried(settings):
    """There are more addresses than anybody may ask for within a minute."""
    settings.API_RATE_LIMITS = {"default": None, "bulk": None, "anonymous": None}


@pytest.mark.exhaustive
def test_the_owner_of_another_community_finds_nothing(inside, stranger):
    before = state()
    found = dict(answers(signed_in(stranger), inside, addresses(), wrong=True))
    assert {where: status for where, status in found.items() if status != 404} == {}
    assert len(found) > 100
    assert state() == before


@pytest.mark.exhaustive
def test_of_a_public_community_they_find_its_face_alone(stranger):
    place = furnished()
    behind = [address for address in addresses() if address not in OPEN_FACE]
    found = dict(answers(signed_in(stranger), place, behind))
    assert {where: status for where, status in found.items() if status != 404} == {}


def test_the_key_of_another_community_opens_nothing(inside, settings):
    settings.API_RATE_LIMITS = {"default": None, "bulk": None}
    members = Membership.objects.of(inside.community.pk).count()
    program = api.Program(make.community())
    found = dict(answers(program.client, inside, addresses("api/")))
    assert {where: status for where, status in found.items() if status != 404} == {}
    assert Membership.objects.of(inside.community.pk).count() == members


def test_ids_of_another_community_are_not_found_in_one_s_own(inside, stranger):
    mine = Community.objects.get(founded_by=stranger)
    own = {
        "community_slug",
        "key",
        "kind",
        "letter",
        "language",
        "decision",
        "rail",
        "ledger_account",
        "trial",
        "place",
    }
    foreign = [pattern for pattern in behind_codes_too() if set(PARAMETER.findall(pattern)) - own]
    assert len(foreign) > 10
    program = api.Program(mine)
    for client, patterns in (
        (signed_in(stranger), foreign),
        (program.client, [pattern for pattern in foreign if pattern.startswith("api/")]),
    ):
        found = dict(answers(client, inside, patterns, of=mine))
        assert {where: status for where, status in found.items() if status not in (404, 405)} == {}


def test_without_signing_in_there_is_401_for_programs_and_the_door_for_people(inside):
    for where, status in answers(Client(), inside, addresses("api/")):
        assert (where, status) == (where, 401)
    for pattern in addresses("c/"):
        answer = Client().get(inside.address(pattern))
        door = answer.status_code == 302 and answer["Location"].startswith("/accounts/")
        assert door or answer.status_code in (404, 405), (pattern, answer.status_code)


@pytest.mark.exhaustive
def test_one_who_has_left_is_a_stranger(inside):
    gone = make.member(inside.community)
    standing.act("leave", membership=gone, at=make.EARLY, by=make.SITE)
    found = dict(answers(signed_in(gone.user), inside, addresses()))
    assert {where: status for where, status in found.items() if status != 404} == {}


# --- and in one's own rooms nothing of theirs is told ----------------------------------------------------

#: What everything is called in there: a word that no page of ours has.
THEIRS, OURS = "Zanzibar", "Honolulu"


def lively(word: str, owner: User) -> Inside:
    """A furnished community in which every name holds the word, with acts of its members and figures of them.

    Two such have the same member numbers, so what is looked up by number alone is found in the wrong one.
    """
    place = furnished(owner=owner, name=word, tagline=word)
    community = place.community
    Membership.objects.of(community.pk).update(name=word, city=word, tags=[word], interests=[word])
    Tier.objects.of(community.pk).update(name=word)
    Circle.objects.of(community.pk).update(name=word, description=word)
    ApiKey.objects.of(community.pk).update(name=word)
    Segment.objects.of(community.pk).update(name=word)
    ImportRun.objects.of(community.pk).update(filename=word, ignored=[word])
    acts = [
        {
            "member": f"#{number}", "target": f"#{1 + number % 4}", "verb": "posted", "object": f"post:{word}",
            "occurred_at": (now() - timedelta(days=day)).isoformat(), "id": f"{word}{number}{day}",
        }
        for number in (1, 2, 3, 4)
        for day in (2, 9, 16)
    ]  # fmt: skip
    activities.take(
        community=community, rows=[Row(n, act) for n, act in enumerate(acts)], at=now(), by=make.SITE
    )
    refresh.refresh(community_id=community.pk, at=now(), full=True)
    return place


def told(place: Inside, clients: list[tuple[Client, str]]) -> dict[str, str]:
    """What every address of the place answers that can be read, by address; of figures those that name people."""
    found = {}
    for client, prefix in clients:
        for pattern in addresses(prefix):
            for key in ("score", "network") if "<slug:key>" in pattern else ("members",):
                path = Inside(place.community, place.ids | {"key": key}).address(pattern)
                answer = client.get(path)
                if answer.status_code == 200:
                    # Of a picture there is nothing to read.
                    found[path] = b"".join(answer).decode(errors="replace")
    return found


def test_of_another_community_nothing_is_told_in_one_s_own():
    """Pages, files and operations of a community, read by its owner and its key while another one lives."""
    person = make.person(name=OURS)
    ours = lively(OURS, person)
    clients = [(signed_in(person), "c/"), (api.Program(ours.community).client, "api/")]
    before = figures_told(clients[1][0], ours.community)
    lively(THEIRS, make.person(name=THEIRS))
    refresh.refresh(community_id=ours.community.pk, at=now(), full=True)
    found = told(ours, clients)
    assert [path for path, body in found.items() if THEIRS in body] == []
    assert sum(OURS in body for body in found.values()) > 20
    assert figures_told(clients[1][0], ours.community) == before


def figures_told(client: Client, community: Community) -> dict[str, Any]:
    root = f"/api/v1/communities/{community.slug}/metrics/"
    return {metric.key: client.get(f"{root}{metric.key}/").json().get("data") for metric in metrics}
