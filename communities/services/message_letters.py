"""Word of messages: one letter for all that a member has not read of a conversation, and one notice that counts."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from communities import mail_kinds
from communities.models import Conversation, DirectMessage, MessageReport, Side
from communities.services import notices
from members.models import Membership
from members.services import mail, notifications


def received(*, message: DirectMessage, to: Membership, at: datetime) -> None:
    """Whom it is for hears of it. A letter goes with the first that they have not read, so that there is none for each:
    it is named by that message. It does not say what was written, which may be taken back."""
    side = Side.objects.get(conversation=message.conversation_id, membership=to)
    kind, words = mail_kinds.MESSAGE, {"who": message.author.display_name}
    url = reverse("communities:conversation", args=[to.community.slug, message.author.number])
    about = _about(message.conversation)
    if side.unread == 1:
        name = f"{kind}:{message.key}"
        mail.send(
            kind=kind, to=to, community=to.community, words=words, at=at, url=url, about=about, dedupe=name,
            actor=message.author,
        )  # fmt: skip
    elif not mail.is_withheld():
        told: dict[str, Any] = {"words": words, "at": at, "url": url, "about": about, "actor": message.author}
        notifications.tell(to=to, kind=kind, **told)


def read(*, conversation: Conversation, by: Membership, at: datetime) -> None:
    """What the page tells of a conversation that was read is read as well."""
    notifications.mark_told(membership=by, kind=mail_kinds.MESSAGE, about=_about(conversation), at=at)


def reported(*, report: MessageReport, at: datetime) -> None:
    """Those who keep order hear that something waits."""
    for member in notices.who_may(report.community, "posts.moderate"):
        if member.pk == report.about_id:
            continue
        mail.send(
            kind=mail_kinds.REPORTED,
            to=member,
            community=report.community,
            words={"who": report.by.display_name},
            at=at,
            url=reverse("communities:message_reports", args=[report.community.slug]),
            about="message_reports",
            dedupe=f"{mail_kinds.REPORTED}:{report.key}:{member.pk}",
        )


def settled(*, report: MessageReport, at: datetime) -> None:
    """Who reported hears that somebody has looked, and not what was done to another member."""
    mail.send(
        kind=mail_kinds.SETTLED,
        to=report.by,
        community=report.community,
        words={},
        at=at,
        url=reverse("communities:messages", args=[report.community.slug]),
        dedupe=f"{mail_kinds.SETTLED}:{report.key}",
    )


def _about(conversation: Conversation) -> str:
    return f"conversation:{conversation.pk}"
