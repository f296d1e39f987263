"""A letter as it leaves: its text and HTML in their page, its headers, and the way to have no more of them."""

from email.mime.image import MIMEImage
from email.utils import format_datetime, formataddr, parseaddr
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import segno
from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import mark_safe

from kernel import mails
from members.models import Message

Written = EmailMultiAlternatives
SALT = "members.mail.unsubscribe"


def of(message: Message) -> Written:
    """The letter, ready to be sent. Raises `ValueError` for one that cannot be a mail."""
    host = urlsplit(settings.SITE_ADDRESS).hostname or "localhost"
    headers = {
        "Message-ID": f"<{message.pk}@{host}>",
        "Date": format_datetime(message.created_at),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    leave = unsubscribe_url(message)
    if leave:
        headers["List-Unsubscribe"] = f"<{leave}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    context = page(message, leave)
    with translation.override(message.language):
        text = render_to_string("members/emails/letter.txt", context)
        html = render_to_string("members/emails/letter.html", context)
    written = Written(
        mails.one_line(message.subject),
        text.strip() + "\n",
        _sender(message),
        [message.address],
        headers=headers,
    )
    written.attach_alternative(html, "text/html")
    address = mails.to_draw(message.html)
    if address:
        # Beside the words in one mail: a door has no network to fetch a picture over, and nobody is told that it was read.
        written.mixed_subtype = "related"  # type: ignore[attr-defined]
        written.attach(_picture(address))
    return written


def _picture(address: str) -> MIMEImage:
    """The QR code of the address, under the name by which the HTML asks for it."""
    drawn = BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="png", scale=6, border=4)
    picture = MIMEImage(drawn.getvalue(), "png")
    picture.add_header("Content-ID", "<code>")
    picture.add_header("Content-Disposition", "inline", filename="code.png")
    return picture


def page(message: Message, leave: str) -> dict[str, Any]:
    """What the page around a letter shows."""
    return {
        "message": message,
        "community": message.community,
        "body": mark_safe(message.html),  # noqa: S308  cleaned by nh3 when it was composed
        "text": message.text,
        "site": settings.SITE_ADDRESS,
        "leave": leave,
        "preferences": settings.SITE_ADDRESS + reverse("members:notifications") if leave else "",
    }


def unsubscribe_url(message: Message) -> str:
    """Where this reader has no more letters of this kind; "" for what must reach."""
    optional = message.kind not in mails.kinds or mails.get(message.kind).optional
    if not optional or message.community_id is None:
        return ""
    return settings.SITE_ADDRESS + reverse("members:unsubscribe", args=[token(message)])


def token(message: Message) -> str:
    """Names the reader and the kind, signed: who holds the letter needs no sign-in to have no more of them."""
    named = {"c": message.community_id, "k": message.kind}
    reader = {"m": message.membership_id} if message.membership_id else {"a": message.address}
    return signing.dumps(named | reader, salt=SALT)


def read_token(text: str) -> dict[str, Any] | None:
    """What a token names; None for one that was not written here. It never expires, as letters do not."""
    try:
        found = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return None
    return found if isinstance(found, dict) else None


def _sender(message: Message) -> str:
    _name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    if message.community is None:
        return settings.DEFAULT_FROM_EMAIL
    return formataddr((mails.one_line(message.community.name), address))
