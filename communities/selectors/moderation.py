"""What those see who keep order, and what a member sees of what was done to them."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, DateTimeField, Exists, Max, Prefetch, Q, QuerySet, Value

from communities.models import Appeal, Case, Circle, CircleMembership, Community, Measure, Report
from communities.selectors import attached, mentions
from kernel import access, keyset
from kernel.keyset import Order, Page
from kernel.tenancy import TenantRequest
from members.models import AuditEntry, Membership
from members.selectors import audit

PAGE = 25
#: Of a member's record, on a page.
RECORD = 50
#: The tabs of the queue: what each holds.
TABS = {"open": Q(state=Case.State.OPEN), "decided": ~Q(state=Case.State.OPEN)}
URGENT = Order("urgency", descending=True)
LATEST = Order("decided_at", descending=True)


def cases(rows: QuerySet[Case]) -> QuerySet[Case]:
    """The cases with all that a list shows of them, in two queries."""
    reports = Report.objects.select_related("reporter").order_by("at", "id")
    rows = rows.select_related("author__tier", "circle", "post__circle", "post__author", "decided_by")
    rows = rows.select_related("comment__post__author", "comment__post__circle", "comment__parent__author")
    return rows.prefetch_related(Prefetch("reports", reports))


def seen(community: Community, viewer: Membership) -> QuerySet[Case]:
    """The cases that the viewer may decide, or might have decided."""
    return access.visible(Case.objects.of(community.pk), viewer)


def queue(community: Community, viewer: Membership, tab: str, cursor: str = "") -> Page[Case]:
    """One page of a tab: what is to be decided with the most urgent first, what is decided with the newest."""
    rows = cases(seen(community, viewer).filter(TABS[tab]))
    page = keyset.page(rows, order=LATEST if tab == "decided" else URGENT, size=PAGE, cursor=cursor)
    written = (case.post or case.comment for case in page.rows)
    there = [one for one in written if one is not None]
    mentions.fill(there, community, viewer)
    attached.fill_wordless(there)
    return page


def counts(community: Community, viewer: Membership) -> dict[str, int]:
    """How many are in each tab, in one query."""
    held = {tab: Count("pk", filter=condition) for tab, condition in TABS.items()}
    return seen(community, viewer).aggregate(**held)


def waiting(request: TenantRequest) -> QuerySet[Case]:
    """What was reported and waits for whoever asks to decide."""
    return seen(request.community, request.membership).filter(TABS["open"])


def one(community: Community, viewer: Membership, key: UUID) -> Case | None:
    return cases(seen(community, viewer)).filter(key=key).first()


def next_open(case: Case, viewer: Membership) -> Case | None:
    """The most urgent of the others that wait; None for no other."""
    rows = access.visible(Case.objects.of(case.community_id), viewer).filter(TABS["open"])
    return rows.exclude(pk=case.pk).order_by("-urgency", "-id").first()


@dataclass(frozen=True)
class Past:
    """What there was with a member before: how often by kind of measure, how often a report of theirs was not acted
    upon, and until when they are muted, where they are."""

    measures: list[tuple[str, int]]
    kept: int
    muted_until: datetime | None = None


def past(member: Membership, at: datetime) -> Past:
    """In one query."""
    running = Q(kind=Measure.Kind.MUTED, ended_at=None, until__gt=at)
    done = Measure.objects.filter(membership=member).values_list("kind")
    kept = Case.objects.filter(author=member, state=Case.State.KEPT).values_list("state")
    nothing = Value(None, output_field=DateTimeField())
    rows = done.annotate(n=Count("pk"), until=Max("until", filter=running)).union(
        kept.annotate(n=Count("pk"), until=nothing), all=True
    )
    found = {kind: (n, until) for kind, n, until in rows}
    named = [(str(kind.label), found[kind.value][0]) for kind in Measure.Kind if kind.value in found]
    muted_until = found.get(Measure.Kind.MUTED.value, (0, None))[1]
    return Past(named, found.get(Case.State.KEPT.value, (0, None))[0], muted_until)


def place(circle: Circle, viewer: Membership, at: datetime) -> tuple[CircleMembership | None, Measure | None]:
    """The viewer's place in the circle and the mute under which they stand: in one query where they have the one and
    not the other, as nearly always."""
    mutes = Measure.objects.mutes(viewer.pk, at)
    rows = circle.circle_memberships.filter(membership=viewer)
    found = rows.annotate(is_mute=Exists(mutes)).first()
    return found, mutes.first() if found is None or found.is_mute else None


def record(member: Membership) -> list[Measure]:
    """What was done to the member, the last first."""
    rows = Measure.objects.filter(membership=member).select_related(
        "membership", "post__circle", "comment__post"
    )
    return list(rows.select_related("membership", "by", "source").order_by("-at", "-id")[:RECORD])


def reported_by(member: Membership) -> list[Report]:
    """What the member has reported, the last first."""
    rows = Report.objects.filter(reporter=member).select_related(
        "case__circle", "case__post", "case__comment"
    )
    return list(rows.order_by("-at", "-id")[:RECORD])


def places(circle: Circle, viewer: Membership) -> list[Circle]:
    """Where a post of this circle may be moved to: the others in which the viewer keeps order."""
    rows: QuerySet[Any] = access.visible(Circle.objects.of(circle.community_id), viewer)
    if not viewer.may("posts.moderate"):
        hosted = CircleMembership.objects.filter(membership=viewer, is_host=True)
        rows = rows.filter(pk__in=hosted.values("circle"))
    return list(rows.filter(archived_at=None).exclude(pk=circle.pk))


def appeals(rows: QuerySet[Appeal]) -> QuerySet[Appeal]:
    """The appeals with all that a list shows of them, in one query."""
    rows = rows.select_related("measure__membership", "measure__by", "measure__post__circle", "decided_by")
    return rows.select_related("measure__comment__post__circle", "measure__source")


def appealed(community: Community, viewer: Membership) -> QuerySet[Appeal]:
    """The appeals on which the viewer may decide, or might have decided."""
    rows = Appeal.objects.filter(measure__membership__community=community)
    return access.visible(rows, viewer)


def appeals_page(community: Community, viewer: Membership, tab: str, cursor: str = "") -> Page[Appeal]:
    """One page: those that wait with the longest wait first, those that are decided with the newest."""
    rows = appeals(appealed(community, viewer))
    if tab == "decided":
        return keyset.page(rows.exclude(state="open"), order=LATEST, size=PAGE, cursor=cursor)
    return keyset.page(rows.filter(state="open"), order=Order("at"), size=PAGE, cursor=cursor)


def appeals_waiting(request: TenantRequest) -> QuerySet[Appeal]:
    """The appeals that wait for whoever asks to answer."""
    return appealed(request.community, request.membership).filter(state=Appeal.State.OPEN)


#: What of the audit log tells of keeping order.
ACTIONS = (
    *("post.hidden", "post.shown", "post.locked", "post.unlocked", "post.moved", "post.approved"),
    *("comment.hidden", "comment.shown", "comment.approved", "report.kept", "report.acted"),
    *("member.warned", "member.muted", "member.unmuted", "member.restrict", "member.lift"),
    *("member.remove", "member.ban", "member.take_back", "appeal.lifted", "appeal.upheld"),
    "community.talk_rules_changed",
)


def log(community: Community, cursor: str = "") -> tuple[Page[AuditEntry], list[audit.Line]]:
    """One page of what those did who keep order, the newest first, and its lines in words. Not from where: that is for
    who reads the whole log."""
    rows = AuditEntry.objects.of(community.pk).select_related("values").filter(action__in=ACTIONS)
    page = keyset.page(rows, order=audit.ORDER, size=audit.PAGE_SIZE, cursor=cursor)
    lines = audit.lines(page.rows, community=community)
    return page, [replace(line, address="") for line in lines]
