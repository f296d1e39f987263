"""Reading the file mailbox."""

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

from crowdecon.mailbox.backend import MESSAGE_ID

LINK = re.compile(r"(https?://[^\s<>\"]+)")


@dataclass(frozen=True)
class Message:
    id: str
    at: datetime
    to: str
    sender: str
    subject: str
    text: str

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        """The text cut at its links: (piece, whether it is a link)."""
        return [(piece, index % 2 == 1) for index, piece in enumerate(LINK.split(self.text)) if piece]


def newest(limit: int = 100) -> list[Message]:
    """The newest messages, newest first."""
    folder = Path(settings.MAILBOX_DIR)
    names = sorted(
        (path.stem for path in folder.glob("*.eml") if MESSAGE_ID.fullmatch(path.stem)), reverse=True
    )
    return [message for name in names[:limit] if (message := read(name))]


def read(id: str) -> Message | None:
    """One message, or None when there is none of that name."""
    if not MESSAGE_ID.fullmatch(id):
        return None
    try:
        content = (Path(settings.MAILBOX_DIR) / f"{id}.eml").read_bytes()
    except FileNotFoundError:
        return None
    parsed = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    body = parsed.get_body(("plain", "html"))
    return Message(
        id=id,
        at=datetime.strptime(id.partition("-")[0], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC),
        to=str(parsed.get("X-Envelope-To") or parsed.get("To", "")),
        sender=str(parsed.get("From", "")),
        subject=str(parsed.get("Subject", "")),
        text=body.get_content() if body else "",
    )
