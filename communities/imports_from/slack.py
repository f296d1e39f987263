"""Channels as Slack exports them: a zip with `users.json`, `channels.json`, and a folder a channel with a file a day.

Told by Slack's documentation of its exports: a message is known within its channel by `ts`, seconds since 1970; one
that answers has the `thread_ts` of what began the thread; people, channels and links stand in angle brackets, and
`&`, `<` and `>` as entities. Left out: what programs wrote, who came and went, and direct messages.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html import unescape
from typing import Any, BinaryIO

from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from communities.imports_from import json_files
from communities.imports_from.json_files import text
from communities.services import talk_import
from kernel import zip_files
from kernel.errors import Refused
from kernel.imports import ImportKind, Job, Load

#: Kinds of messages that are somebody's words; a message without a kind is one too.
SPOKEN = frozenset({"", "thread_broadcast", "me_message", "file_share", "file_comment"})
_TS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")
_CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)
_ANGLE = re.compile(r"<([^<>]*)>")
_BOLD = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])")
_STRUCK = re.compile(r"(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])")
#: A line that goes on in the next one, as Slack shows it.
_BREAK = re.compile(r"(?<=[^\n])\n(?=[^\n])")


class Slack(ImportKind):
    key = "slack"
    title = _("Channels from Slack")
    hint = _(
        "The zip file that Slack exports, as it is: channels become circles, messages posts and comments. Who wrote "
        "is found by Slack's id, else by e-mail address, else entered as a member."
    )
    columns = talk_import.COLUMNS
    sample = ()

    def open(self, job: Job) -> Load:
        return talk_import.TalkLoad(job)

    def as_table(self, file: BinaryIO) -> Iterator[list[str]]:
        return _Export(file).rows()


class _Export:
    def __init__(self, file: BinaryIO) -> None:
        if not zip_files.is_zip(file):
            raise Refused(
                translate("Send the zip file that Slack exports, as it is."), code="no_export", field="file"
            )
        self.archive, entries = zip_files.files(file, suffix=".json", most=zip_files.MOST_JSON)
        self.names = {entry.filename: entry for entry in entries}
        self.users = {text(one, "id"): one for one in json_files.rows(self._json("users.json"))}
        self.channels = [
            one
            for name in ("channels.json", "groups.json")
            for one in json_files.rows(self._json(name))
            if text(one, "id") and text(one, "name")
        ]
        if not self.channels:
            message = translate("This zip file holds no channels of Slack: there is no channels.json in it.")
            raise Refused(message, code="no_export", field="file")
        self.called = {text(one, "id"): text(one, "name") for one in self.channels}

    def rows(self) -> Iterator[list[str]]:
        for channel in self.channels:
            yield from self._of_channel(text(channel, "id"), text(channel, "name"))

    def _of_channel(self, channel: str, name: str) -> Iterator[list[str]]:
        roots: dict[str, str] = {}
        for day in sorted(
            path for path in self.names if path.startswith(f"{name}/") and path.count("/") == 1
        ):
            messages = json_files.rows(self._json(day))
            for one in sorted(messages, key=lambda one: text(one, "ts").zfill(30)):
                ts, user = text(one, "ts"), text(one, "user")
                body = self._body(one)
                if text(one, "subtype") not in SPOKEN or not user or not body or not _TS.fullmatch(ts):
                    continue
                thread = text(one, "thread_ts") or ts
                # What began the thread may be gone: then the first that is left of it begins it.
                root = roots.setdefault(thread, ts)
                answers = "" if root == ts else f"{channel}:{root}"
                at = datetime.fromtimestamp(float(ts), UTC).isoformat()
                yield [
                    f"{channel}:{ts}",
                    name[:80],
                    user,
                    self._name(user),
                    self._email(user),
                    at,
                    "",
                    body,
                    answers,
                ]

    def _json(self, name: str) -> Any:
        entry = self.names.get(name)
        return json_files.of_zip(self.archive, entry) if entry else []

    def _name(self, user: str) -> str:
        one = self.users.get(user, {})
        names = (
            text(one, "profile", "real_name"),
            text(one, "real_name"),
            text(one, "profile", "display_name"),
        )
        return next(filter(None, (*names, text(one, "name"))), user)

    def _email(self, user: str) -> str:
        return text(self.users.get(user, {}), "profile", "email")

    def _body(self, message: dict[str, Any]) -> str:
        said = markdown(text(message, "text"), self._name, lambda channel: self.called.get(channel, channel))
        files = [text(one, "name") or text(one, "title") for one in json_files.rows(message.get("files"))]
        return json_files.cut("\n\n".join(filter(None, [said, *(f"📎 {name}" for name in files if name)])))


def markdown(said: str, person: Callable[[str], str], channel: Callable[[str], str]) -> str:
    """Slack's own marks as Markdown; code stays as it is."""
    parts = _CODE.split(said)
    return "".join(
        unescape(part) if place % 2 else _marks(part, person, channel) for place, part in enumerate(parts)
    ).strip()


def _marks(said: str, person: Callable[[str], str], channel: Callable[[str], str]) -> str:
    def named(match: re.Match[str]) -> str:
        target, _bar, label = match[1].partition("|")
        if target.startswith("@"):
            return "@" + (label or person(target[1:]))
        if target.startswith("#"):
            return "#" + (label or channel(target[1:]))
        if target.startswith("!"):
            return "@" + (label.lstrip("@") or target[1:].partition("^")[0])
        return f"[{label}]({target})" if label and label != target else f"<{target}>"

    marked = _STRUCK.sub(r"~~\1~~", _BOLD.sub(r"**\1**", said))
    return _BREAK.sub("  \n", unescape(_ANGLE.sub(named, marked)))
