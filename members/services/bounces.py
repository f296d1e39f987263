"""Addresses that take no mail: noted when a server says so at once or in a report (RFC 3464), lifted by staff."""

import email
import email.policy
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.message import EmailMessage
from email.message import Message as Part
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from kernel import mails
from members.actors import Actor
from members.models import DeadAddress, Membership, Message
from members.selectors import mail as letters
from members.services import audit, powers

#: Codes by which a server says that there is no such mailbox, where it says nothing more exact.
NO_MAILBOX = frozenset({521, 550, 551, 553, 556})
#: The more exact words (RFC 3463): the address is wrong, or the mailbox is closed. Others are about the letter.
DEAD = re.compile(r"\b5\.(1\.\d{1,3}|2\.1)\b")
EXACT = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b")
OURS = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@")


def is_dead(code: int, said: str) -> bool:
    """Whether this answer means that the address itself is none, and not that this letter was not liked."""
    if EXACT.search(said):
        return bool(DEAD.search(said))
    return code in NO_MAILBOX


@transaction.atomic
def suppress(*, community_id: int | None, address: str, detail: str, at: datetime) -> None:
    """Write to this address no more, in this community."""
    kept, new = DeadAddress.objects.filter(Q(community_id=community_id)).get_or_create(
        address=address.lower(),
        defaults={"community_id": community_id, "detail": mails.one_line(detail)[:240], "at": at},
    )
    if new:
        audit.record(
            action="mail.address_suppressed",
            object_kind="address",
            object_id=kept.pk,
            by=Actor.site("Mail delivery"),
            at=at,
            community_id=community_id,
            after={"address": kept.address, "detail": kept.detail},
        )


@transaction.atomic
def suppress_several(
    *, community_id: int, addresses: Mapping[str, datetime], detail: str, by: Actor, at: datetime
) -> None:
    """Write to these addresses no more, in this community; each with the time since when it takes no mail."""
    new = [
        DeadAddress(community_id=community_id, address=address.lower(), detail=detail[:240], at=since)
        for address, since in addresses.items()
    ]
    here = DeadAddress.objects.filter(community_id=community_id, address__in=[dead.address for dead in new])
    known = set(here.values_list("pk", flat=True))
    DeadAddress.objects.bulk_create(new, batch_size=1000, ignore_conflicts=True)
    entries = [
        audit.entry(
            action="mail.address_suppressed",
            object_kind="address",
            object_id=kept.pk,
            by=by,
            at=at,
            community_id=community_id,
            after={"address": kept.address, "detail": kept.detail},
        )
        for kept in here.all()
        if kept.pk not in known
    ]
    audit.write(entries)


@transaction.atomic
def lift(*, membership: Membership, at: datetime, by: Actor) -> bool:
    """Write to a member's addresses again; whether one was given up. Raises `Refused` for who may not change members."""
    membership, acting, _owners = powers.hold(membership, by)
    powers.guard(acting, "members.change")
    dead = letters.dead(membership)
    DeadAddress.objects.filter(pk__in=[row.pk for row in dead]).delete()
    if dead:
        audit.record(
            action="mail.address_lifted",
            object_kind="member",
            object_id=membership.number,
            by=by,
            at=at,
            community_id=membership.community_id,
            before={"given_up": [row.address for row in dead]},
        )
    return bool(dead)


def read(content: bytes, *, at: datetime) -> str:
    """Take one delivery report: "suppressed", "noted" (it says that it may still arrive, or that it was not liked),
    "unknown" for one about no letter of ours, "none" for a mail that is no report."""
    report = email.message_from_bytes(content, policy=email.policy.default)
    if report.get_content_type() != "multipart/report":
        return "none"
    message = _ours(report)
    if message is None:
        return "unknown"
    for fields in _recipients(report):
        address = (
            fields.get("Final-Recipient", fields.get("Original-Recipient", "")).partition(";")[2].strip()
        )
        failed = fields.get("Action", "").strip().lower() == "failed"
        said = f"{fields.get('Status', '').strip()} {fields.get('Diagnostic-Code', '')}"
        # Whoever was forwarded to is told of by another address: the letter's own is what we know.
        if failed and (not address or address.lower() == message.address.lower() or DEAD.search(said)):
            _note(message, said, at=at)
            return "suppressed" if DEAD.search(said) else "noted"
    return "noted"


@transaction.atomic
def _note(message: Message, said: str, *, at: datetime) -> None:
    gone = Message.objects.filter(pk=message.pk, state__in=[Message.State.SENT, Message.State.UNSURE])
    gone.update(state=Message.State.FAILED, reason=Message.Reason.REFUSED, detail=mails.one_line(said)[:240])
    if DEAD.search(said):
        suppress(community_id=message.community_id, address=message.address, detail=said, at=at)


def _ours(report: EmailMessage) -> Message | None:
    """The letter that the report is about, by the Message-ID in what it returns: nobody can guess one."""
    for part in report.walk():
        if part.get_content_type() in ("message/rfc822", "text/rfc822-headers"):
            found = OURS.search(_returned_id(part))
            if found:
                return Message.objects.filter(pk=UUID(found[1])).first()
    return None


def _returned_id(part: Part) -> str:
    if part.get_content_type() == "message/rfc822":
        return next((str(inner.get("Message-ID", "")) for inner in _parts(part)), "")
    headers = part.get_payload(decode=True)
    parsed = email.message_from_bytes(headers if isinstance(headers, bytes) else b"")
    return str(parsed.get("Message-ID", ""))


def _recipients(report: EmailMessage) -> Iterator[Part]:
    for part in report.walk():
        if part.get_content_type() == "message/delivery-status":
            yield from _parts(part)


def _parts(part: Part) -> list[Part]:
    payload = part.get_payload()
    return [inner for inner in payload if isinstance(inner, Part)] if isinstance(payload, list) else []
