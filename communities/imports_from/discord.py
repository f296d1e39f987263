"""Channels as DiscordChatExporter writes them in JSON: a file a channel, alone or several in one zip.

By its format: `guild`, `channel` (of a thread the `category` is the channel it belongs to) and `messages`, each with
its author, its instant and, where it answers, the `reference` of what it answers. Left out: what programs wrote, and
who came and went.
"""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO
from zipfile import ZipInfo

from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from communities.imports_from import json_files
from communities.imports_from.json_files import text
from communities.services import talk_import
from kernel import zip_files
from kernel.errors import Refused
from kernel.imports import ImportKind, Job, Load

SPOKEN = frozenset({"Default", "Reply"})
_CODE = re.compile(r"(```.*?```)", re.DOTALL)
_BREAK = re.compile(r"(?<=[^\n])\n(?=[^\n])")


class Discord(ImportKind):
    key = "discord"
    title = _("Channels from Discord")
    hint = _(
        "What DiscordChatExporter writes in JSON, a file a channel, or several in one zip file: channels become "
        "circles, messages posts and comments. Who wrote is found by Discord's id, or entered as a member."
    )
    columns = talk_import.COLUMNS
    sample = ()

    def open(self, job: Job) -> Load:
        return talk_import.TalkLoad(job)

    def as_table(self, file: BinaryIO) -> Iterator[list[str]]:
        if zip_files.is_zip(file):
            return _of_zip(file)
        return _of_channel(_channel(json_files.of_file(file)))


def _of_zip(file: BinaryIO) -> Iterator[list[str]]:
    archive, entries = zip_files.files(file, suffix=".json", most=zip_files.MOST_JSON)

    def read(entry: ZipInfo) -> dict[str, Any]:
        return _channel(json_files.of_zip(archive, entry))

    # Of a channel that was parted the earlier messages come first.
    for entry in sorted(entries, key=lambda entry: _first(read(entry))):
        yield from _of_channel(read(entry))


def _channel(found: Any) -> dict[str, Any]:
    """Raises `Refused` for what is no channel."""
    if not isinstance(found, dict) or not text(found, "channel", "name") or "messages" not in found:
        message = translate("This is no channel as DiscordChatExporter writes it in JSON.")
        raise Refused(message, code="no_export", field="file")
    return found


def _first(channel: dict[str, Any]) -> str:
    return min((text(one, "timestamp") for one in json_files.rows(channel["messages"])), default="")


def _of_channel(channel: dict[str, Any]) -> Iterator[list[str]]:
    thread = "Thread" in text(channel, "channel", "type")
    title = text(channel, "channel", "name") if thread else ""
    circle = (text(channel, "channel", "category") if thread else "") or text(channel, "channel", "name")
    begun: list[str] = []
    told: set[str] = set()
    for one in sorted(json_files.rows(channel["messages"]), key=lambda one: text(one, "timestamp")):
        author: Any = one.get("author")
        own_id, body = text(one, "id"), _body(one)
        if text(one, "type") not in SPOKEN or not own_id or not body or not isinstance(author, dict):
            continue
        if author.get("isBot") or not text(author, "id"):
            continue
        answers = text(one, "reference", "messageId")
        if answers not in told:
            # In a thread everything answers what began it; elsewhere what is gone is answered by nobody.
            answers = begun[0] if thread and begun else ""
        begun.append(own_id)
        told.add(own_id)
        name = text(author, "nickname") or text(author, "name") or text(author, "id")
        head = "" if answers else title
        yield [own_id, circle[:80], text(author, "id"), name, "", text(one, "timestamp"), head, body, answers]


def _body(message: dict[str, Any]) -> str:
    parts = _CODE.split(text(message, "content"))
    said = "".join(
        part if place % 2 else _BREAK.sub("  \n", part) for place, part in enumerate(parts)
    ).strip()
    files = [text(one, "fileName") for one in json_files.rows(message.get("attachments"))]
    return json_files.cut("\n\n".join(filter(None, [said, *(f"📎 {name}" for name in files if name)])))
