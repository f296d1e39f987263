"""What becomes of an application: decided once, put in the line for a full tier, offered the place that frees."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from communities.models import Application, Community, Decision
from communities.models.application import OFFER
from communities.services import letters
from kernel import activity, dues, sweeps, tasks
from kernel.errors import Refused
from kernel.locks import locked
from members.actors import Actor
from members.models import Membership, Tier
from members.roles import ADMITTED, NOT_JOINED, Status
from members.services import capacity, powers, standing
from members.statuses import HOLDING

State = Application.State
LINE = Actor.site("The waiting list")


@transaction.atomic
def decide(
    *,
    application: Application,
    decision: str,
    at: datetime,
    by: Actor,
    reason: str = "",
    message: str | None = None,
    seen: datetime | None = None,
) -> Application:
    """Approve, put on the waiting list or reject. An approval for a full tier puts on its waiting list: see `decision`.

    `message` is what the applicant reads (None for the community's template); `seen` is `decided_at` as the
    one who decides saw it. Raises `Refused`: when somebody else has decided meanwhile (`decided`), for an
    application that was withdrawn, before dues that come first are paid (`unpaid`), without a reason to reject,
    for a waiting list where places are free (`places_free`), and for who may not decide.
    """
    if decision not in (Decision.APPROVE, Decision.WAIT, Decision.REJECT):
        raise ValueError(f"{decision!r} is no decision of staff.")
    membership, acting, _owners = powers.hold(application.membership, by)
    powers.guard(acting, "members.change")
    application = locked(Application.objects.filter(pk=application.pk)).select_related("community").get()
    _guard_undecided(application, seen)
    if application.state == State.UNPAID and decision != Decision.REJECT:
        raise Refused(_("The dues come first here, and they are not paid yet."), code="unpaid")
    if decision == Decision.REJECT:
        membership = standing.act("reject", membership=membership, at=at, by=by, reason=reason)
    elif decision == Decision.WAIT:
        _guard_wait(membership, application)
        membership = standing.act("wait", membership=membership, at=at, by=by, reason=reason)
    elif membership.status == Status.AWAITING_PAYMENT:
        membership = standing.act("activate", membership=membership, at=at, by=by, reason=reason)
    else:
        membership, let_in = admit(membership, at=at, by=by, reason=reason)
        if not let_in and application.state == State.WAITING:
            raise Refused(_("No place is free yet."), code="full")
        decision = Decision.APPROVE if let_in else Decision.WAIT
    return _note(application, membership, decision, at=at, by=by, reason=reason, message=message)


@transaction.atomic
def admit(membership: Membership, *, at: datetime, by: Actor, reason: str = "") -> tuple[Membership, bool]:
    """Let an applicant in, or into the line where their tier is full or others wait for it; whether they are in."""
    if not is_there_a_line(membership.tier, before=membership):
        try:
            with transaction.atomic():
                approved = standing.act("approve", membership=membership, at=at, by=by, reason=reason)
            return move_on(approved, at=at, by=in_person(by)), True
        except Refused as refusal:
            if refusal.code != "full":
                raise
    if membership.status == Status.WAITING:
        return membership, False
    return standing.act("wait", membership=membership, at=at, by=by, reason=reason), False


def move_on(membership: Membership, *, at: datetime, by: Actor) -> Membership:
    """From approved to in; where the tier has dues, to paying them first."""
    key = "ask_payment" if dues.asked(membership.tier_id) else "activate"
    return standing.act(key, membership=membership, at=at, by=by)


def in_person(by: Actor) -> Actor:
    """The same one, for an act that follows of itself and asks for no permission of theirs."""
    return replace(by, membership=None)


def is_there_a_line(tier: Tier | None, *, before: Membership | None = None) -> bool:
    """Whether others wait for a place in this tier, ahead of that member where one is given."""
    if tier is None or tier.capacity is None:
        return False
    line = Application.objects.of(tier.community_id).filter(state=State.WAITING, membership__tier=tier)
    first = line.order_by("waiting_since", "id").first()
    return first is not None and (before is None or first.membership_id != before.pk)


def state_of(status: str, *, community: Community, before: str) -> str:
    """Where an application stands when its membership has come to that status."""
    if status == Status.AWAITING_PAYMENT:
        reviewed = community.join_policy == Community.JoinPolicy.APPLICATION and before in (
            "",
            Status.APPLIED,
        )
        return State.UNPAID if reviewed and community.dues_first else State.APPROVED
    if status in (Status.REJECTED, Status.BANNED):
        return State.REJECTED
    if status == Status.APPROVED or status in ADMITTED:
        return State.APPROVED
    return {Status.APPLIED: State.OPEN, Status.WAITING: State.WAITING}.get(Status(status), State.WITHDRAWN)


def follow(*, membership: Membership, before: str, at: datetime, by: Actor) -> None:
    """Keep the last application with its membership, by whichever door that was changed; a place that frees goes on."""
    if before in NOT_JOINED:
        application = Application.objects.filter(membership=membership).order_by("-id").first()
        # An old one, of somebody who has left since and comes again, stays as it ended.
        still_open = application is not None and (application.is_undecided or before in HOLDING)
        if application is not None and still_open:
            _follow(application, membership, before, at)
    if before in HOLDING and membership.status not in HOLDING and _is_limited(membership.tier_id):
        tasks.send("communities.offer_places")


def places_moved(**_happened: object) -> None:
    """A tier has other places, or a member moved between tiers: see who is next."""
    tasks.send("communities.offer_places")


def offer_places(*, at: datetime) -> int:
    """Offer every free place to who is next in its line, and take back offers that lay too long; how many were offered."""
    _take_back(at)
    waiting = Application.objects.filter(state=State.WAITING).values("membership__tier")
    # Also where a tier holds any number by now: whoever waited for it then waits for nothing more.
    tiers = Tier.objects.filter(pk__in=waiting).order_by("pk")
    return sweeps.each("Tier", tiers, lambda tier: _offer_in(tier, at))


def _offer_in(tier: Tier, at: datetime) -> int:
    offered = 0
    while capacity.free(tier) != 0 and _offer_next(tier, at):
        offered += 1
    return offered


@transaction.atomic
def _offer_next(tier: Tier, at: datetime) -> bool:
    line = Application.objects.of(tier.community_id).filter(state=State.WAITING, membership__tier=tier)
    first = line.order_by("waiting_since", "id").select_related("membership", "community").first()
    if first is None:
        return False
    try:
        with transaction.atomic():
            membership = standing.act("approve", membership=first.membership, at=at, by=LINE)
    except Refused:
        # Somebody else was faster; the next run finds what is left.
        return False
    first.refresh_from_db()
    first.offered_at = at
    first.save(update_fields=["offered_at"])
    _note(first, membership, Decision.OFFER, at=at, by=LINE)
    return True


def _take_back(at: datetime) -> None:
    """Offers that nobody took go back to the end of their line."""
    late = Application.objects.filter(offered_at__lte=at - OFFER, state=State.APPROVED)
    late = late.filter(membership__status=Status.APPROVED).select_related("membership")
    for application in late:
        try:
            standing.act("wait", membership=application.membership, at=at, by=LINE)
        except Refused:
            continue


def _is_limited(tier_id: int | None) -> bool:
    return tier_id is not None and Tier.objects.filter(pk=tier_id, capacity__isnull=False).exists()


def _follow(application: Application, membership: Membership, before: str, at: datetime) -> None:
    state = state_of(membership.status, community=application.community, before=before)
    application.waiting_since = at if state == State.WAITING else None
    if state == State.WAITING:
        application.offered_at = None
    application.state = state
    application.save(update_fields=["state", "waiting_since", "offered_at"])


def _guard_undecided(application: Application, seen: datetime | None) -> None:
    if application.state == State.WITHDRAWN:
        raise Refused(_("This application was withdrawn."), code="withdrawn")
    meanwhile = seen is not None and application.decided_at is not None and application.decided_at > seen
    if not application.is_undecided or meanwhile:
        message = _("%(who)s has decided already: %(decision)s.")
        told = {"who": application.decided_words, "decision": application.get_state_display()}
        raise Refused(message % told, code="decided")


def _guard_wait(membership: Membership, application: Application) -> None:
    if application.state == State.WAITING:
        raise Refused(_("This application is on the waiting list already."), code="decided")
    tier = membership.tier
    if tier is not None and capacity.free(tier) != 0 and not is_there_a_line(tier):
        raise Refused(_("“%(tier)s” has free places.") % {"tier": tier.name}, code="places_free")


def _note(
    application: Application,
    membership: Membership,
    decision: str,
    *,
    at: datetime,
    by: Actor,
    reason: str = "",
    message: str | None = None,
) -> Application:
    community = application.community
    language = letters.language_of(membership, community)
    template = letters.text(community, decision, language) if message is None else message
    application.refresh_from_db()
    application.decision, application.decided_at = decision, at
    application.decided_by = by.membership
    application.decided_words = (by.membership.display_name if by.membership else by.words)[:120]
    application.reason = reason.strip()[:240]
    application.message = letters.fill(
        template, name=membership.display_name, community=community.name, reason=application.reason
    )[:4000]
    application.save(
        update_fields=["decision", "decided_at", "decided_by", "decided_words", "reason", "message"]
    )
    activity.announce("application.decided", application=application, decision=decision, at=at, by=by)
    return application
