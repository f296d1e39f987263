"""What people are written about their places, in their language and on the gathering's clock."""

from datetime import datetime

from django.conf import settings as site
from django.urls import reverse
from django.utils import timezone, translation

from gatherings import ticket_mail_kinds as mail_kinds
from gatherings.models import Event, Ticket, Waiting
from kernel import words
from kernel.money import Money
from members.models import Membership
from members.services import mail


def ticket_path(ticket: Ticket) -> str:
    """Where it is shown to whoever has its code."""
    return reverse("gatherings:ticket", args=[ticket.event.community.slug, ticket.code])


def taken(*, ticket: Ticket, at: datetime) -> None:
    """Their ticket (`ticket.taken`): to guests and to whoever paid for it, who have no other way to it. Who was brought
    along is told by whom."""
    member = _reader(ticket.membership)
    if ticket.order is None and member.is_admitted:
        return
    brought = ticket.taken_by_id != ticket.membership_id
    kind = mail_kinds.BROUGHT if brought else mail_kinds.TICKET
    told = {"by": ticket.taken_by.display_name} if brought else {}
    _send(kind, member, ticket.event, told, at=at, url=ticket_path(ticket), name=f"{ticket.pk}")


def held(ticket: Ticket, pay_path: str, money: Money, *, at: datetime) -> None:
    """That it waits to be paid, with all that was taken with it: to guests, who might lose their way to it."""
    member = _reader(ticket.membership)
    if member.is_admitted or ticket.held_until is None or ticket.taken_by_id != ticket.membership_id:
        return
    with translation.override(language_of(member, ticket.event)):
        told = {"until": _moment(ticket.held_until, ticket.event), "amount": words.money(money)}
    _send(mail_kinds.HELD, member, ticket.event, told, at=at, url=pay_path, name=f"{ticket.pk}")


def waits(*, turn: Waiting, at: datetime) -> None:
    """The link to a guest's turn, who has no other way to it."""
    path = reverse("gatherings:turn", args=[turn.event.community.slug, turn.code])
    _send(mail_kinds.WAITS, turn.membership, turn.event, {}, at=at, url=path, name=f"{turn.pk}")


def given_back(*, ticket: Ticket, at: datetime) -> None:
    """To who was brought along, that their place was given back (`ticket.given_back`): who took it for them may have done
    so."""
    if ticket.taken_by_id != ticket.membership_id:
        told = {"by": ticket.taken_by.display_name}
        member = _reader(ticket.membership)
        _send(
            mail_kinds.GIVEN_BACK,
            member,
            ticket.event,
            told,
            at=at,
            url=ticket_path(ticket),
            name=f"{ticket.pk}",
        )


def taken_back(*, ticket: Ticket, reason: str, refund: bool, at: datetime) -> None:
    """That it was taken back, and why (`ticket.taken_back`): to its holder; to who got it for them, where they gave no
    address."""
    member = _reader(ticket.membership)
    if not member.email and member.user is None:
        member = _reader(ticket.taken_by)
    kind = mail_kinds.TAKEN_BACK_PAID if refund and ticket.price else mail_kinds.TAKEN_BACK
    told = {"reason": reason, "name": ticket.membership.display_name}
    _send(kind, member, ticket.event, told, at=at, url=ticket_path(ticket), name=f"{ticket.pk}")


def offered(*, turn: Waiting, ticket: Ticket, at: datetime) -> None:
    """That it is their turn (`place.offered`)."""
    member = _reader(turn.membership)
    event = ticket.event
    assert ticket.held_until is not None
    with translation.override(language_of(member, event)):
        told = {"until": _moment(ticket.held_until, event)}
    _send(mail_kinds.OFFERED, member, event, told, at=at, url=ticket_path(ticket), name=f"{ticket.pk}")


def language_of(member: Membership, event: Event) -> str:
    wanted = member.user.language if member.user else event.community.language
    return wanted if wanted in dict(site.LANGUAGES) else site.LANGUAGE_CODE


def _reader(member: Membership) -> Membership:
    return member.merged_into or member


def _moment(at: datetime, event: Event) -> str:
    with timezone.override(event.zone):
        return words.moment(at)


def _send(
    kind: str, member: Membership, event: Event, told: dict[str, str], *, at: datetime, url: str, name: str
) -> None:
    if not member.email and member.user is None:
        return
    with translation.override(language_of(member, event)):
        told = {"event": event.title, "when": _moment(event.starts_at, event), **told}
    mail.send(
        kind=kind, to=member, community=event.community, words=told, at=at, url=url, dedupe=f"{kind}:{name}"
    )
