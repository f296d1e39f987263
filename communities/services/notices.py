"""Who is written to around an application or a request for a circle; each letter is a row of the transaction it tells of."""

from datetime import datetime

from django.urls import reverse
from django.utils import translation
from django.utils.text import Truncator

from communities import access as rules
from communities import mail_kinds
from communities.models import (
    Appeal,
    Application,
    Case,
    Circle,
    CircleRequest,
    Comment,
    Community,
    Measure,
    Post,
    Reason,
    Reference,
)
from communities.selectors import mentions
from kernel import access, permissions
from kernel import words as spoken
from members.actors import Actor
from members.models import Membership
from members.roles import ADMITTED, COUNTED, Role, Status
from members.services import mail

#: How much of what was written a letter tells.
BEGINNING = 300


def made(*, application: Application, at: datetime, by: Actor) -> None:
    """Those who may decide are told that somebody waits."""
    community = application.community
    url = reverse("communities:application", args=[community.slug, application.key])
    for member in who_may(community, "members.change"):
        mail.send(
            kind=mail_kinds.MADE,
            to=member,
            community=community,
            words={"applicant": application.membership.display_name},
            at=at,
            by=by,
            url=url,
            about="applications",
            dedupe=f"{mail_kinds.MADE}:{application.key}:{member.pk}",
        )


def decided(*, application: Application, decision: str, at: datetime, by: Actor) -> None:
    """The applicant reads what was decided."""
    if not application.message:
        return
    community = application.community
    mail.send(
        kind=mail_kinds.DECIDED,
        to=application.membership,
        community=community,
        words={"message": application.message},
        at=at,
        by=by,
        url=reverse("communities:join", args=[community.slug]),
        dedupe=f"{mail_kinds.DECIDED}:{application.key}:{at.isoformat()}",
    )


def asked(*, reference: Reference, at: datetime) -> None:
    """A member is asked for a word about an applicant."""
    application = reference.application
    community = application.community
    mail.send(
        kind=mail_kinds.REFERENCE,
        to=reference.member,
        community=community,
        words={"applicant": application.membership.display_name},
        at=at,
        url=reverse("communities:reference", args=[community.slug, reference.key]),
        dedupe=f"{mail_kinds.REFERENCE}:{reference.key}",
    )


def circle_asked(*, request: CircleRequest, at: datetime) -> None:
    """The circle's hosts, and those who may let members into any, are told that somebody asks."""
    circle, community = request.circle, request.circle.community
    staff = who_may(community, "circles.admit")
    here = Membership.objects.of(community.id).filter(
        circle_memberships__circle=circle, circle_memberships__is_host=True, status__in=COUNTED
    )
    answers = reverse("communities:circle_requests", args=[community.slug])
    care = reverse("communities:circle_care", args=[community.slug, circle.slug])
    hosts = here.exclude(pk__in=[one.pk for one in staff]).select_related("user")
    for member, url in [(one, answers) for one in staff] + [(one, care) for one in hosts]:
        mail.send(
            kind=mail_kinds.CIRCLE_ASKED,
            to=member,
            community=community,
            words={"circle": circle.name, "asker": request.membership.display_name, "note": request.words},
            at=at,
            url=url,
            about=f"circle:{circle.pk}",
            dedupe=f"{mail_kinds.CIRCLE_ASKED}:{request.key}:{member.pk}",
        )


def circle_decided(*, request: CircleRequest, at: datetime, by: Actor) -> None:
    """Who asked to be let into a circle reads the answer."""
    community = request.circle.community
    kind = mail_kinds.LET_IN if request.state == CircleRequest.State.APPROVED else mail_kinds.DECLINED
    mail.send(
        kind=kind,
        to=request.membership,
        community=community,
        words={"circle": request.circle.name, "reason": request.reason},
        at=at,
        by=by,
        url=reverse("communities:home", args=[community.slug]),
        dedupe=f"{kind}:{request.key}",
    )


def host_appointed(*, circle: Circle, membership: Membership, at: datetime, by: Actor) -> None:
    """Who has been made a host hears of it, unless they did it themselves."""
    if by.membership is not None and by.membership.pk == membership.pk:
        return
    mail.send(
        kind=mail_kinds.HOST,
        to=membership,
        community=circle.community,
        words={"circle": circle.name},
        at=at,
        by=by,
        url=reverse("communities:circle_care", args=[circle.community.slug, circle.slug]),
        dedupe=f"{mail_kinds.HOST}:{circle.pk}:{membership.pk}:{at.isoformat()}",
    )


def answered(*, comment: Comment, answered: Membership, at: datetime) -> None:
    """Who wrote the post, or the comment that is answered, hears of it, while they may still read it."""
    post = comment.post
    if answered.pk == comment.author_id or not access.sees(answered, post):
        return
    mail.send(
        kind=mail_kinds.ANSWERED,
        to=answered,
        community=post.circle.community,
        words={
            "circle": post.circle.name,
            "who": comment.author.display_name,
            "text": _beginning(comment),
        },
        at=at,
        url=_place(post) + f"#comment-{comment.key}",
        about=f"post:{post.pk}",
        actor=comment.author,
        dedupe=f"{mail_kinds.ANSWERED}:{comment.key}:{answered.pk}",
    )


def mentioned(*, written: Post | Comment, member: Membership, at: datetime) -> None:
    """Who is named hears of it, while they may read it."""
    post = written if isinstance(written, Post) else written.post
    if not access.sees(member, post):
        return
    place = _place(post)
    mail.send(
        kind=mail_kinds.MENTIONED,
        to=member,
        community=post.circle.community,
        words={
            "circle": post.circle.name,
            "who": written.author.display_name,
            "text": _beginning(written),
        },
        at=at,
        url=place if isinstance(written, Post) else f"{place}#comment-{written.key}",
        about=f"post:{post.pk}",
        dedupe=f"{mail_kinds.MENTIONED}:{written.key}:{member.pk}",
    )


def accepted(*, comment: Comment, at: datetime, by: Actor) -> None:
    """Who wrote the answer hears that it was accepted, once and while they may still read it."""
    post = comment.post
    if (
        by.membership is None
        or by.membership.pk == comment.author_id
        or not access.sees(comment.author, post)
    ):
        return
    mentions.fill([post], post.circle.community, None)
    mail.send(
        kind=mail_kinds.ACCEPTED,
        to=comment.author,
        community=post.circle.community,
        words={
            "circle": post.circle.name,
            "who": by.membership.display_name,
            "question": Truncator(str(post)).chars(80),
        },
        at=at,
        by=by,
        url=_place(post) + f"#comment-{comment.key}",
        about=f"post:{post.pk}",
        dedupe=f"{mail_kinds.ACCEPTED}:{comment.key}",
    )


def hidden(*, written: Post | Comment, at: datetime, by: Actor) -> None:
    """Its author reads why it is not shown any more."""
    if by.membership is not None and by.membership.pk == written.author_id:
        return
    post = written if isinstance(written, Post) else written.post
    mail.send(
        kind=mail_kinds.HIDDEN,
        to=written.author,
        community=post.circle.community,
        words={
            "circle": post.circle.name,
            "text": _beginning(written),
            "reason": written.reason,
        },
        at=at,
        by=by,
        url=_place(post),
        dedupe=f"{mail_kinds.HIDDEN}:{written.key}:{at.isoformat()}",
    )


def reported(*, case: Case, at: datetime, reason: str) -> None:
    """Those who keep order where it lies hear of a thing that was reported, once until it is decided."""
    community = case.circle.community
    here = Membership.objects.of(community.pk).filter(
        circle_memberships__circle=case.circle, circle_memberships__is_host=True, status__in=COUNTED
    )
    people = {
        one.pk: one for one in [*who_may(community, "posts.moderate"), *here.select_related("user", "tier")]
    }
    for member in people.values():
        if not rules.allows_case(member, case):
            continue
        with translation.override(mail.language_of(member, community)):
            why = str(Reason(reason).label)
        mail.send(
            kind=mail_kinds.CASE_OPENED,
            to=member,
            community=community,
            words={"circle": case.circle.name, "reason": why},
            at=at,
            url=reverse("communities:case", args=[community.slug, case.key]),
            about="reports",
            dedupe=f"{mail_kinds.CASE_OPENED}:{case.key}:{case.opened_at.isoformat()}:{member.pk}",
        )


def case_decided(*, case: Case, reporters: list[Membership], at: datetime, by: Actor) -> None:
    """Who reported it hears whether something was done, and no more: it is somebody else's record."""
    community = case.circle.community
    kind = mail_kinds.REPORT_KEPT if case.state == Case.State.KEPT else mail_kinds.REPORT_ACTED
    for reporter in reporters:
        mail.send(
            kind=kind,
            to=reporter,
            community=community,
            words={"circle": case.circle.name},
            at=at,
            url=reverse("communities:record", args=[community.slug]),
            about=f"case:{case.pk}",
            dedupe=f"{kind}:{case.key}:{at.isoformat()}:{reporter.pk}",
        )


#: What of a member's record they are written about here: a post that is hidden has its own letter, a status too.
_OF_MEASURES = {
    Measure.Kind.WARNED.value: mail_kinds.WARNED,
    Measure.Kind.MUTED.value: mail_kinds.MUTED,
    Measure.Kind.LOCKED.value: mail_kinds.LOCKED,
    Measure.Kind.MOVED.value: mail_kinds.MOVED,
}


def measure_taken(*, measure: Measure, at: datetime, by: Actor) -> None:
    """The member reads what was done and why."""
    if measure.kind not in _OF_MEASURES:
        return
    member, community = measure.membership, measure.membership.community
    words = {"reason": measure.reason, "text": measure.said}
    if measure.post is not None:
        words["circle"] = measure.post.circle.name
    if measure.until is not None:
        with translation.override(mail.language_of(member, community)):
            words["until"] = spoken.moment(measure.until.astimezone(community.zone))
    mail.send(
        kind=_OF_MEASURES[measure.kind],
        to=member,
        community=community,
        words=words,
        at=at,
        by=by,
        url=reverse("communities:record", args=[community.slug]),
        dedupe=f"measure:{measure.key}",
    )


def appealed(*, appeal: Appeal, at: datetime) -> None:
    """Those who may decide on it hear that somebody waits for an answer."""
    member, community = appeal.measure.membership, appeal.measure.membership.community
    people = {one.pk: one for one in who_may(community, "posts.moderate")}
    post = appeal.measure.post or (appeal.measure.comment.post if appeal.measure.comment else None)
    if post is not None:
        here = Membership.objects.of(community.pk).filter(
            circle_memberships__circle=post.circle, circle_memberships__is_host=True, status__in=COUNTED
        )
        people |= {one.pk: one for one in here.select_related("user", "tier")}
    for one in people.values():
        if not rules.allows_appeal(one, appeal):
            continue
        mail.send(
            kind=mail_kinds.APPEALED,
            to=one,
            community=community,
            words={"who": member.display_name, "text": Truncator(appeal.words).chars(BEGINNING)},
            at=at,
            url=reverse("communities:appeals", args=[community.slug]),
            about="appeals",
            dedupe=f"{mail_kinds.APPEALED}:{appeal.key}:{one.pk}",
        )


def appeal_decided(*, appeal: Appeal, at: datetime, by: Actor) -> None:
    """The member reads the answer."""
    member, lifted = appeal.measure.membership, appeal.state == Appeal.State.LIFTED
    mail.send(
        kind=mail_kinds.APPEAL_LIFTED if lifted else mail_kinds.APPEAL_UPHELD,
        to=member,
        community=member.community,
        words={"reason": appeal.answer},
        at=at,
        by=by,
        url=reverse("communities:record", args=[member.community.slug]),
        dedupe=f"appeal:{appeal.key}",
    )


def approved(*, written: Post | Comment, at: datetime, by: Actor) -> None:
    """Its author hears that it is there now."""
    post = written if isinstance(written, Post) else written.post
    mail.send(
        kind=mail_kinds.APPROVED,
        to=written.author,
        community=post.circle.community,
        words={"circle": post.circle.name},
        at=at,
        by=by,
        url=_place(post),
        about=f"approved:{post.pk}",
        dedupe=f"{mail_kinds.APPROVED}:{written.key}:{at.isoformat()}",
    )


def _beginning(written: Post | Comment) -> str:
    post = written if isinstance(written, Post) else written.post
    mentions.fill([written], post.circle.community, None)
    return Truncator(written.words).chars(BEGINNING)


def _place(post: Post) -> str:
    return reverse("communities:post", args=[post.circle.community.slug, post.key])


def who_may(community: Community, permission: str) -> list[Membership]:
    """The staff whose role holds the permission, and who may use it now."""
    roles = [role for role in Role.values if permissions.allows(role, permission)]
    staff = Membership.objects.of(community.id).filter(role__in=roles, status__in=ADMITTED)
    return list(staff.exclude(status=Status.RESTRICTED).select_related("user"))
