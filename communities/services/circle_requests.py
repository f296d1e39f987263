"""Asking to be let into a closed circle, and what those who look after circles answer."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from communities.access import hosts
from communities.models import Circle, CircleMembership, CircleRequest
from communities.models.circle_request import CircleRequestQuerySet
from communities.services import circles
from kernel import access, activity, words
from kernel.errors import Refused
from kernel.locks import locked
from members.actors import Actor
from members.models import Membership
from members.services import powers

ADMIT = "circles.admit"
#: What a member may write to a request.
LONGEST = 500
#: After so long a member whose request was declined may ask again.
AGAIN_AFTER = timedelta(days=30)
State = CircleRequest.State


@transaction.atomic
def ask(*, circle: Circle, membership: Membership, at: datetime, note: str = "") -> CircleRequest:
    """Ask to be let into a closed circle; asking twice is one request.

    `note` is what they say to it, at most `LONGEST` characters. Raises `Refused` for a circle that takes no requests
    or that they may not see (`not_closed`), for who is in it (`already_in`) or was declined lately (`too_soon`), and
    for members whose standing lets them read only (`not_active`).
    """
    membership = locked(Membership.objects.filter(pk=membership.pk)).get()
    circle = Circle.objects.select_related("minimum_tier").get(pk=circle.pk)
    if not membership.is_admitted or not circle.takes_requests or not access.sees(membership, circle):
        raise Refused(_("One cannot ask to join this circle."), code="not_closed")
    if not membership.is_counted:
        told = _("Your membership is “%(status)s”: you can read, and join circles once it is active again.")
        raise Refused(told % {"status": membership.get_status_display()}, code="not_active")
    if CircleMembership.objects.filter(circle=circle, membership=membership).exists():
        raise Refused(_("You are in this circle already."), code="already_in")
    mine = CircleRequest.objects.filter(circle=circle, membership=membership)
    if (there := mine.open().first()) is not None:
        return there
    _guard_again(circle, mine, at)
    made = CircleRequest.objects.create(circle=circle, membership=membership, words=note.strip(), asked_at=at)
    activity.announce("circle.asked", request=made, at=at)
    return made


@transaction.atomic
def decide(
    *, request: CircleRequest, approve: bool, at: datetime, by: Actor, reason: str = ""
) -> CircleRequest:
    """Let the member in, or decline with a reason that they read.

    Raises `Refused`: where somebody else was faster or the member took it back (`decided`), for a circle that the
    actor does not see or that is archived (`not_seen`, `archived`), without a reason to decline, for a member who
    is none now (`not_member`) or stands below the circle's tier (`tier_too_low`), and for who may not decide.
    """
    membership, acting, _owners = powers.hold(request.membership, by)
    if acting is not None and not hosts(acting, request.circle):
        powers.guard(acting, ADMIT)
    circle = circles.held(request.circle, by)
    request = locked(CircleRequest.objects.filter(pk=request.pk)).get()
    reason = reason.strip()[:240]
    _guard_open(request)
    if circle.archived_at is not None:
        raise Refused(_("This circle is archived: bring it back first."), code="archived")
    if not approve and not reason:
        raise Refused(_("Say why: the member will read it."), code="required", field="reason")
    if approve:
        circles.guard_fits(circle, membership)
        circles.put(circle, membership, at)
    request.state = State.APPROVED if approve else State.DECLINED
    request.decided_at, request.decided_by, request.reason = at, by.membership, reason
    request.decided_words = (by.membership.display_name if by.membership else by.words)[:120]
    request.save(update_fields=["state", "decided_at", "decided_by", "decided_words", "reason"])
    changes = {"member": membership.number} | ({"reason": reason} if reason else {})
    action = "circle.request_approved" if approve else "circle.request_declined"
    circles.record(action, circle, at=at, by=by, after=changes)
    activity.announce("circle.request_decided", request=request, at=at, by=by)
    return request


def can_ask_again(declined: CircleRequest) -> datetime:
    """From when on the member may ask again."""
    return (declined.decided_at or declined.asked_at) + AGAIN_AFTER


def _guard_again(circle: Circle, mine: CircleRequestQuerySet, at: datetime) -> None:
    last = mine.filter(state=State.DECLINED).order_by("-decided_at").first()
    if last is not None and at < can_ask_again(last):
        day = words.day(can_ask_again(last).astimezone(circle.community.zone))
        raise Refused(_("You can ask again from %(day)s on.") % {"day": day}, code="too_soon")


def _guard_open(request: CircleRequest) -> None:
    if request.state == State.WITHDRAWN:
        raise Refused(_("They have taken their request back."), code="decided")
    if request.state != State.OPEN:
        told = {"who": request.decided_words, "decision": request.get_state_display()}
        raise Refused(_("%(who)s has decided already: %(decision)s.") % told, code="decided")
