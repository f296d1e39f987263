"""Applications as staff read them, and as the applicant sees their own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from communities.models import Application, ApplicationFile, Community, Reference
from communities.models.application import OFFER
from kernel import keyset
from kernel.keyset import Order, Page
from kernel.tenancy import TenantRequest
from members.custom_values import in_words
from members.models import Membership
from members.roles import Status

State = Application.State
PAGE = 50
#: The tabs of the queue: what each holds.
TABS: dict[str, tuple[str, ...]] = {
    "open": (State.OPEN, State.UNPAID),
    "waiting": (State.WAITING,),
    "decided": (State.APPROVED, State.REJECTED, State.WITHDRAWN),
}
_OLDEST, _NEWEST = Order("made_at"), Order("made_at", descending=True)


def of(community_id: int) -> QuerySet[Application]:
    """Applications with all that a list shows of them, in one query."""
    return (
        Application.objects.of(community_id)
        .select_related("membership__tier", "membership__user", "membership__invited_by", "decided_by")
        .annotate(
            asked=Count("references"),
            vouched=Count("references", filter=Q(references__vouches=True)),
            doubted=Count("references", filter=Q(references__vouches=False)),
        )
    )


def queue(community: Community, tab: str, cursor: str = "") -> Page[Application]:
    """One page of a tab: what is to be done with the oldest first, what is done with the newest first."""
    rows = of(community.id).filter(state__in=TABS[tab])
    if tab == "waiting":
        return keyset.page(rows, order=Order("waiting_since"), size=PAGE, cursor=cursor)
    return keyset.page(rows, order=_NEWEST if tab == "decided" else _OLDEST, size=PAGE, cursor=cursor)


def counts(community: Community) -> dict[str, int]:
    """How many are in each tab, in one query."""
    held = {tab: Count("pk", filter=Q(state__in=states)) for tab, states in TABS.items()}
    return Application.objects.of(community.id).aggregate(**held)


def to_read(request: TenantRequest) -> QuerySet[Application]:
    """Those that wait for a decision."""
    return Application.objects.of(request.community.id).filter(state=State.OPEN)


def one(community: Community, key: UUID) -> Application | None:
    return of(community.id).select_related("community").filter(key=key).first()


def next_to_read(application: Application) -> Application | None:
    """The next one to be decided after this one, the first one where it is the last; None for no other."""
    others = Application.objects.of(application.community_id).filter(state=State.OPEN)
    others = others.exclude(pk=application.pk).order_by("made_at", "id")
    later = Q(made_at__gt=application.made_at) | Q(made_at=application.made_at, id__gt=application.pk)
    return others.filter(later).first() or others.first()


def file(community: Community, application: UUID, key: UUID) -> ApplicationFile | None:
    here = ApplicationFile.objects.filter(application__community=community, application__key=application)
    return here.filter(pk=key).first()


def references(application: Application) -> list[Reference]:
    return list(application.references.select_related("member"))


def answers(application: Application) -> list[dict[str, Any]]:
    """What was asked and what was said to it, in words; a file with its key (`file`)."""
    return [given | {"answer": in_words(given["answer"])} for given in application.answers]


def before(application: Application) -> list[Application]:
    """What the same person applied with earlier, newest first."""
    mine = Application.objects.filter(membership_id=application.membership_id).exclude(pk=application.pk)
    return list(mine.order_by("-id")[:5])


def asked_of(member: Membership) -> list[Reference]:
    """The applicants who named this member and have not had their word yet."""
    rows = Reference.objects.filter(member=member, answered_at=None, application__state__in=_UNDECIDED)
    return list(rows.select_related("application__membership"))


_UNDECIDED = (State.OPEN, State.UNPAID, State.WAITING)


def reference(member: Membership, key: UUID) -> Reference | None:
    rows = Reference.objects.filter(member=member, application__community=member.community_id)
    return rows.select_related("application__membership").filter(pk=key).first()


@dataclass(frozen=True)
class Standing:
    """Where an application stands, for the applicant. `stage` is a word for the page; `place` is theirs in the line."""

    stage: str
    membership: Membership
    application: Application | None
    place: int = 0
    kept_until: datetime | None = None


def standing(membership: Membership) -> Standing:
    """The applicant's own last application. Two queries at the most."""
    application = Application.objects.filter(membership=membership).order_by("-id").first()
    stage = _STAGES.get(membership.status, "")
    if application is not None and membership.status == Status.AWAITING_PAYMENT:
        stage = {State.UNPAID: "dues_first", State.OPEN: "reading"}.get(State(application.state), "dues")
    place, kept_until = 0, None
    if application is not None and stage == "line" and application.waiting_since is not None:
        place = _place(application)
    if application is not None and stage == "place" and application.offered_at is not None:
        kept_until = application.offered_at + OFFER
    return Standing(stage, membership, application, place, kept_until)


_STAGES: dict[Any, str] = {
    Status.APPLIED: "reading",
    Status.WAITING: "line",
    Status.APPROVED: "place",
    Status.AWAITING_PAYMENT: "dues",
    Status.REJECTED: "rejected",
}


def _place(application: Application) -> int:
    line = Application.objects.of(application.community_id).filter(
        state=State.WAITING, membership__tier=application.membership.tier
    )
    since = application.waiting_since
    ahead = Q(waiting_since__lt=since) | Q(waiting_since=since, id__lt=application.pk)
    return line.filter(ahead).count() + 1
