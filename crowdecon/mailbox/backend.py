import os
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

MESSAGE_ID = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}")


class FileBox(BaseEmailBackend):
    """Writes each message as an `.eml` file whose name sorts by time. Nothing leaves the machine."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.MAILBOX_DIR)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for message in email_messages:
            name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
            content = message.message().as_bytes()
            part = folder / f".{name}.part"
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                # The recipients of the envelope: copies that the headers do not name are shown too.
                file.write(f"X-Envelope-To: {', '.join(message.recipients())}\n".encode() + content)
            part.rename(folder / f"{name}.eml")
        return len(email_messages)
