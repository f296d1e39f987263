"""A community with everything in it, so that every address has something to show."""

from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.mail import get_connection, send_mail
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from communities.models import (
    ApiKey,
    Application,
    ApplicationFile,
    CircleMembership,
    CircleRequest,
    Community,
    JoinQuestion,
    Reference,
)
from communities.models.api_key import Scope
from communities.services import (
    acceptances,
    api_keys,
    appeals,
    attachments,
    comments,
    drafts,
    joining,
    measures,
    message_reports,
    messages,
    polls,
    posts,
    reactions,
    reports,
)
from crowdecon.demo import staging
from crowdecon.demo.profiles import PROFILES
from crowdecon.mailbox import box
from kernel import imports as kinds
from kernel.clock import now
from kernel.metrics import metrics
from kernel.permissions import unlimited
from members.actors import Actor
from members.models import ImportRun, Membership, Message, Notification, User
from members.selectors import card as seen
from members.selectors import rules
from members.services import (
    bulk,
    cards,
    custom_fields,
    imports,
    invitations,
    memberships,
    merge_proposals,
    merging,
    notes,
    segments,
)
from tests import make
from tests.commerce import dues
from tests.engagement import acting, trying
from tests.gatherings import holding

PASSWORD = "four words that hold"
POST = "I have *forty pages*, and a needle.\n\n- paper of 120 g\n- linen thread\n\nWhat would you do?"
ROWS = "member,joined_at,name\nz1,2026-02-03,Zoe\nz2,the day before,Yan\nz3,2026-02-04,Xia\n"


@dataclass(frozen=True)
class Living:
    community: Community
    owner: User
    made: dict[str, list[Any]]

    @cached_property
    def arguments(self) -> dict[str, list[Any]]:
        """What each part of an address may stand for here: every value of it makes a page of its own."""
        member = Membership.objects.of(self.community.pk).exclude(user=self.owner).order_by("number")[3]
        passkey = Authenticator.objects.get(user=self.owner, type=Authenticator.Type.WEBAUTHN)
        return {
            "community_slug": [self.community.slug],
            "number": [member.number],
            "act": ["pause", "ban", "approve"],
            "key": list(metrics.keys()),
            "kind": list(kinds.kinds.keys()),
            "run_id": [ImportRun.objects.of(self.community.pk).get(filename="people.csv").pk],
            "key_id": [ApiKey.objects.of(self.community.pk).get().pk],
            "circle_slug": [self.community.circles.order_by("position")[0].slug],
            "application_id": [Application.objects.get(community=self.community).key],
            "file_id": [ApplicationFile.objects.get(application__community=self.community).pk],
            "reference_id": [Reference.objects.get(application__community=self.community).pk],
            "question_id": [self.community.join_questions.order_by("position")[0].pk],
            "tier_key": [self.community.tiers.get(is_default=True).key],
            "session_id": [0],
            # A person's own data has tests of its own; nothing of theirs lies at these.
            "export_id": [UUID(int=0)],
            "request_id": [0],
            "token": [self.card],
            "id": [box.newest()[0].id],
            "pk": [passkey.pk],
            **self.made,
        }

    @property
    def card(self) -> str:
        """The token of the owner's card."""
        own = Membership.objects.get(community=self.community, user=self.owner)
        return seen.token(cards.current(membership=own, at=now()))


def begin(type: str = "knowledge") -> Living:
    """A demo community with its year, an owner with every second step, a key, a letter and a file that failed."""
    owner = make.person("keeper@example.org", name="Ming Rivera", password=PASSWORD)
    profile = next(profile for profile in PROFILES if profile.type == type)
    member = make.person("reader@example.org", name="Lan Okafor")
    staged = staging.stage(
        profile=replace(profile, arrivals=(1.5, 2.5)), owner=owner, member=member, at=now()
    )
    assert staged is not None
    by = Actor.person(owner, Membership.objects.get(community=staged, user=owner))
    api_keys.mint(community=staged, name="Night job", scopes=[Scope.READ], expires_at=None, at=now(), by=by)
    run = imports.begin(
        community=staged,
        kind="members",
        file=ContentFile(ROWS.encode(), name="people.csv"),
        filename="people.csv",
        at=now(),
        by=by,
        foreground=True,
    )
    imports.carry_out(run_id=run.id, now=now)
    TOTP.activate(owner, generate_totp_secret())
    RecoveryCodes.activate(owner)
    passkey = {"name": "Laptop", "passwordless": True, "credential": _credential()}
    Authenticator.objects.create(user=owner, type=Authenticator.Type.WEBAUTHN, data=passkey)
    # The suite keeps letters in memory; this one must lie where the server reads.
    box = get_connection("crowdecon.mailbox.backend.FileBox")
    send_mail("A letter", "Come in: http://localhost/ is open.", None, [owner.email], connection=box)
    _apply(staged, by)
    return Living(staged, owner, _made(staged, by))


def _made(community: Community, by: Actor) -> dict[str, list[Any]]:
    """One of each thing that staff make, and what stands for it in addresses."""
    member = Membership.objects.of(community.pk).order_by("number")[3]
    given: dict[str, Any] = {"at": now(), "by": by}
    fits: dict[str, Any] = {"all": [{"field": "status", "is": "is", "value": ["active"]}]}
    link = invitations.create_link(community=community, channel="flyer", **given)
    segment = segments.create(
        community=community,
        name="Here",
        rules=fits,
        catalogue=rules.catalogue(community, may=unlimited),
        **given,
    )
    act = bulk.begin(
        community=community,
        kind="tag",
        options={"tag": "core"},
        members=Membership.objects.of(community.pk).filter(number__lte=3),
        asked={},
        **given,
    )
    letter = Message.objects.create(
        community=community, membership=member, kind="member.welcome", address="reader@example.org",
        language="en", subject="Welcome", state=Message.State.FAILED, created_at=now(), next_at=now(),
    )  # fmt: skip
    notice = Notification.objects.create(
        community=community, membership=by.membership or member, kind="member.welcome", at=now()
    )
    field = custom_fields.create(community=community, name="Shoe", kind="number", seen_by="members", **given)
    circle = community.circles.order_by("position")[0]
    community.circles.filter(pk=circle.pk).update(kind="closed")
    asked = CircleRequest.objects.create(
        circle=circle, membership=member, words="I bind books as well.", asked_at=now()
    )
    CircleMembership.objects.update_or_create(
        circle=circle, membership=by.membership, defaults={"joined_at": now(), "is_host": True}
    )
    friend = make.member(community, name="Rosa Patel", at=now())
    CircleMembership.objects.create(circle=circle, membership=friend, joined_at=now())
    post = posts.write(
        circle=circle, author=by.membership, title="Which binding for a first book?", body=POST, at=now()
    )
    first = comments.write(post=post, author=friend, body="A **pamphlet stitch**: three holes.", at=now())
    comment = comments.write(post=post, author=by.membership, parent=first, body="Thank you!", at=now())
    posts.pin(post=post, pins=True, **given)
    message = messages.write(author=friend, to=by.membership, body="Shall we **bind** it?", at=now())
    messages.write(author=by.membership, to=friend, body="Yes!", at=now())
    report = message_reports.report(message=message, by=by.membership, reason="other", at=now())
    reactions.give(on=post, member=friend, emoji="💡", at=now())
    question = posts.write(
        circle=circle, author=by.membership, title="Which needle?", body="For linen.", asks=True, at=now(),
        poll=polls.Ask(("Blunt", "Sharp")),
    )  # fmt: skip
    told = comments.write(post=question, author=friend, body="A **number 18**.", at=now())
    acceptances.accept(comment=told, **given)
    sent = SimpleUploadedFile("plan.pdf", b"%PDF-1.7")
    plan = attachments.keep(sent=sent, author=friend, place=drafts.answer(post), at=now())
    comments.write(post=post, author=friend, body="The *plan* of it.", at=now())
    draft = drafts.save(
        place=drafts.answer(post, first), author=by.membership, body="And *thread*?", version=0, at=now()
    )
    other = make.member(community, name="Mei Okafor", at=now())
    CircleMembership.objects.create(circle=circle, membership=other, joined_at=now())
    case = reports.make(written=first, reporter=other, reason="off_topic", at=now()).case
    site = Actor.site("tests")
    own = measures.warn(membership=by.membership, reason="Please be brief.", at=now(), by=site)
    warned = measures.warn(membership=friend, reason="Please stay with the topic.", at=now(), by=site)
    appeal = appeals.make(measure=warned, membership=friend, words="I thought it was.", at=now())
    old, older = (memberships.add(community=community, name=name, **given) for name in ("Old", "Older"))
    twin = make.member(community, name="Ming Rivera", at=now())
    merge = merging.merge(kept=member, merged=old, **given)
    proposal = merge_proposals.propose(kept=by.membership or member, merged=twin, **given)
    return {
        "post_key": [post.key, question.key],
        "comment_key": [comment.key],
        "message_key": [message.key],
        "message_report_key": [report.key],
        "draft_key": [draft.key],
        "case_key": [case.key],
        "measure_key": [own.key],
        "appeal_key": [appeal.key],
        "file_key": [plan.key],
        "merge_id": [merge.pk],
        "proposal_id": [proposal.pk],
        "other": [older.number],
        "code": [link.code],
        "invitation_id": [link.pk],
        "note_id": [notes.write(membership=member, text="Helps *newcomers*.", **given).pk],
        "field_id": [field.pk],
        "segment_id": [segment.pk],
        "bulk_id": [act.pk],
        "experiment_key": [one.key for one in trying.of_each_kind(community, at=now())],
        "trial": ["invitation", "join-questions", "welcome"],
        "introduction_key": [acting.an_introduction(community, 1, member.number).key],
        "place": [0],
        "act_key": [acting.an_act(community, member.number, week=acting.monday_before(5)).key],
        "spend_key": [acting.a_cost(community, campaign="spring", note="Two articles").key],
        "message_id": [letter.pk],
        "notice_id": [notice.pk],
        "request_key": [asked.key],
        "decision": ["approve"],
        **{name: [value] for name, value in dues.furnished(by.membership or member).items()},
        **{name: [value] for name, value in holding.furnished(member, at=now()).items()},
        "letter": ["member.welcome"],
        "language": ["en"],
    }


def _apply(community: Community, keeper: Actor) -> None:
    """Somebody who applied with a file and named the keeper."""
    questions = list(community.join_questions.all())
    proof = JoinQuestion.objects.create(
        community=community, position=9, text="Something you made?", kind=JoinQuestion.Kind.FILE
    )
    given = {one.pk: one.options[0] if one.options else "To learn with others." for one in questions}
    reviewed = _with_policy(community, Community.JoinPolicy.APPLICATION)
    joining.join(
        community=reviewed,
        user=make.person("applicant@example.org", name="Wei Adeyemi"),
        answers=given | {proof.pk: SimpleUploadedFile("made.pdf", b"%PDF-1.7")},
        named=[str(keeper.membership.number if keeper.membership else 1)],
        at=now(),
        by=Actor.site("tests"),
    )
    _with_policy(community, Community.JoinPolicy.OPEN)


def _with_policy(community: Community, policy: str) -> Community:
    Community.objects.filter(pk=community.pk).update(join_policy=policy, references_asked=1)
    return Community.objects.get(pk=community.pk)


def _credential() -> dict[str, Any]:
    """What a browser answers when a passkey is made; nobody holds the key that belongs to it."""
    key = ES256.from_ctap1(b"\x04" + bytes(range(64)))
    held = AttestedCredentialData.create(Aaguid(bytes(16)), b"laptop", key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    data = AuthenticatorData.create(sha256(b"localhost").digest(), flags, 0, held)
    said = CollectedClientData.create("webauthn.create", b"challenge", "http://localhost")
    attested = AttestationObject.create("none", data, {})
    answer = {"clientDataJSON": websafe_encode(said), "attestationObject": websafe_encode(attested)}
    name = websafe_encode(b"laptop")
    return {"id": name, "rawId": name, "type": "public-key", "response": answer}
