"""Reporting what is written: once per member and thing, all reports of one thing together in the queue."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from communities.models import Case, Circle, Comment, Post, Reason, Report
from kernel import access, activity
from kernel.errors import Refused
from kernel.locks import held, locked, locked_one
from members.models import Membership

#: What a member may write to a report.
LONGEST = 500
#: What one member may report within an hour.
PER_HOUR = 20
HOUR = timedelta(hours=1)
#: How urgent a reason is. Data that are told spread, hostility hurts somebody now; what is off topic can wait.
WEIGHTS = {
    Reason.PRIVATE.value: 50,
    Reason.HOSTILE.value: 40,
    Reason.SPAM.value: 20,
    Reason.FALSE.value: 15,
    Reason.OTHER.value: 15,
    Reason.RULE.value: 15,
    Reason.OFF_TOPIC.value: 10,
}
#: Each further member who reports it adds so much, up to so many of them.
PER_REPORTER, MOST_REPORTERS = 10, 5
#: A thread that many answer is read by many: its answers count, up to so many.
MOST_ANSWERS = 20
#: Words as young as this are being read now; a member as young as this may have come for nothing else.
FRESH, NEWCOMER = timedelta(days=1), timedelta(days=14)
YOUNG = 10


@transaction.atomic
def make(
    *, written: Post | Comment, reporter: Membership, reason: str, at: datetime, words: str = ""
) -> Report:
    """Report a post or a comment to those who keep order there; its author never hears who did.

    Raises `Refused` for what one does not read or is not there any more (`gone`), for one's own words (`own`), for a
    thing that one has reported already (`already`), without words to "something else" (`required`), and for more than
    `PER_HOUR` (`too_many`).
    """
    words = words.replace("\x00", "").strip()[:LONGEST]
    if reason not in Reason.values or reason == Reason.RULE:
        raise Refused(_("Choose a reason."), code="unknown", field="reason")
    if reason == Reason.OTHER and not words:
        raise Refused(_("Say in a few words what it is."), code="required", field="words")
    reporter, written = _held(written, reporter)
    if Report.objects.filter(reporter=reporter, case__in=_cases(written)).exists():
        raise Refused(_("You have reported this already: it is looked at."), code="already")
    if Report.objects.filter(reporter=reporter, at__gt=at - HOUR).count() >= PER_HOUR:
        told = _("That is a lot within an hour. What you have reported is looked at; go on later.")
        raise Refused(told, code="too_many")
    case = opened(written, at)
    is_first = not case.reports.filter(outcome=Case.State.OPEN).exists()
    report = Report.objects.create(case=case, reporter=reporter, reason=reason, words=words, at=at)
    case.urgency = urgency(case, at)
    case.save(update_fields=["urgency"])
    if is_first:
        activity.announce("case.opened", case=case, at=at, reason=reason)
    return report


def by_rule(*, written: Post | Comment, words: str, at: datetime) -> Case:
    """What a rule of the community reports, or holds for approval: `words` says why. The caller has just written it."""
    case = opened(written, at)
    Report.objects.create(case=case, reason=Reason.RULE, words=words[:LONGEST], at=at)
    case.urgency = urgency(case, at)
    case.save(update_fields=["urgency"])
    activity.announce("case.opened", case=case, at=at, reason=Reason.RULE.value)
    return case


def opened(written: Post | Comment, at: datetime) -> Case:
    """The open case of the words, which the caller holds: a new one, or the old one again."""
    case = locked(_cases(written)).first()
    if case is not None and case.is_open:
        return case
    post = post_of(written)
    said = written.body or written.words
    said = f"{post.title}\n\n{said}" if written is post and post.title else said
    if case is None:
        case = Case(community_id=post.circle.community_id, author=written.author)
        case.post, case.comment = (post, None) if written is post else (None, written)  # type: ignore[assignment]
    case.state, case.opened_at, case.circle, case.said = Case.State.OPEN, at, post.circle, said
    case.act, case.reason, case.decided_at, case.decided_by, case.decided_words = "", "", None, None, ""
    case.save()
    return case


def urgency(case: Case, at: datetime) -> int:
    """How soon somebody should look: by the gravest reason, by how many have reported it, by how many answer in its
    thread, and more where the words or their author are new."""
    reports = list(case.reports.filter(outcome=Case.State.OPEN))
    written: Post | Comment | None = case.post or case.comment
    if written is None:
        return 0
    gravest = max((WEIGHTS[report.reason] for report in reports), default=WEIGHTS[Reason.OTHER])
    others = PER_REPORTER * min(max(len(reports) - 1, 0), MOST_REPORTERS)
    read = min(post_of(written).comment_count, MOST_ANSWERS)
    fresh = YOUNG if at - written.created_at < FRESH else 0
    newcomer = YOUNG if at - written.author.joined_at < NEWCOMER else 0
    return gravest + others + read + fresh + newcomer


def post_of(written: Post | Comment) -> Post:
    return written if isinstance(written, Post) else written.post


def _cases(written: Post | Comment) -> QuerySet[Case]:
    about = {"post": written} if isinstance(written, Post) else {"comment": written}
    return Case.objects.filter(**about)


def _held(written: Post | Comment, reporter: Membership) -> tuple[Membership, Post | Comment]:
    """Who reports, and the words with all above them, held in the order in which everybody holds them."""
    people = Membership.objects.filter(pk__in=[reporter.pk, written.author_id]).order_by("pk")
    rows = {row.pk: row for row in held(people)}
    post = post_of(written)
    locked(Circle.objects.filter(pk=post.circle_id)).get()
    found: Post | Comment
    asked = Post.objects.filter(pk=post.pk).select_related("circle__minimum_tier", "author")
    found = post = locked_one(asked)
    if isinstance(written, Comment):
        comments = Comment.objects.filter(pk=written.pk).select_related("author", "post__circle")
        found = locked(comments).get()
    who = rows[reporter.pk]
    if not access.sees(who, post) or not found.is_there or not post.is_there:
        raise Refused(_("This is not there any more."), code="gone")
    if found.author_id == who.pk:
        raise Refused(_("This is your own: change it, or take it back."), code="own")
    return who, found
