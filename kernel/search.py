"""One search over what every app has: each adds a source, asked alike, that tells what it found of what who asks may see.

What was asked is words of any script. A Latin word is looked for at the beginning of words, Chinese, Japanese and Korean
characters anywhere.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from kernel.registry import Registry

#: What is asked is so long at the most, and a page of one source's findings holds so many.
LONGEST, PAGE = 200, 20
#: How much of a text is shown around the first word that was found.
AROUND = 160
#: Characters that stand for themselves: Chinese, Japanese, Korean. The database parts texts by the same ones.
ALONE = (
    "\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_PARTS = re.compile(rf"[{ALONE}]+|[^\W_{ALONE}]+")
#: An excerpt begins and ends between two words where one is as near as this.
_NEAR = 15
NOTHING = SafeString("")
NO_WORDS = _("Write a word, or a Chinese character: signs alone are not looked for.")


@dataclass(frozen=True)
class Asked:
    """What is looked for: `text`, and what narrows it: a circle by its address, an author by number, and a time."""

    text: str
    circle: str = ""
    author: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def words(self) -> list[str]:
        """The words of the text, as they are looked for; none where it has no letters at all."""
        text = unicodedata.normalize("NFKC", self.text.replace("\x00", " ")).lower()
        return list(dict.fromkeys(_PARTS.findall(text)))

    @property
    def is_narrowed(self) -> bool:
        return self != replace(self, circle="", author=None, since=None, until=None)


@dataclass(frozen=True)
class Hit:
    """What was found: its `url`, `title` and an excerpt with the words marked, both HTML; who wrote it (`author` is
    their number), when, and in which circle."""

    key: str
    url: str
    title: SafeString
    excerpt: SafeString = NOTHING
    author: int | None = None
    by: str = ""
    at: datetime | None = None
    place: str = ""
    #: Whether it is hidden from others.
    hidden: bool = False


@dataclass(frozen=True)
class Found:
    """One page of what a source found, and the cursor of the next, "" where there is none. Nobody is told how many."""

    hits: Sequence[Hit]
    after: str = ""


@dataclass(frozen=True)
class Source:
    """`find(request, asked, cursor, size)` shows nothing that who asks may not see. One that knows of no circle, author
    or time (`narrows`) finds nothing where these are asked for."""

    key: str
    label: str | Promise
    find: Callable[[Any, Asked, str, int], Found]
    narrows: bool = False


sources: Registry[Source] = Registry("search source")


def add(source: Source) -> None:
    sources.add(source.key, source)


def find(request: Any, asked: Asked, *, key: str, cursor: str = "", size: int = PAGE) -> Found:
    """One page of one source's findings. Raises `KeyError` for a source that is not there."""
    source = sources.get(key)
    if not asked.words or (asked.is_narrowed and not source.narrows):
        return Found([])
    return source.find(request, asked, cursor, size)


def stands_alone(word: str) -> bool:
    """Whether the word is of characters that stand for themselves."""
    return re.match(f"[{ALONE}]", word) is not None


def marked(text: str, words: Sequence[str], *, around: int = AROUND) -> SafeString:
    """The text around the first of the words in it, as safe HTML in which they are marked.

    >>> marked("Green <tea> and teapots", ["tea"])
    'Green &lt;<mark>tea</mark>&gt; and <mark>tea</mark>pots'
    """
    places = _places(text, words)
    start = max(0, places[0][0] - around // 3) if places else 0
    if start:
        start = text.find(" ", start, min(start + _NEAR, places[0][0])) + 1 or start
    end = start + around
    if end < len(text):
        space = text.rfind(" ", end - _NEAR, end)
        end = space if space > 0 else end
    html, behind = "…" if start else "", start
    for first, last in places:
        if behind <= first and last <= end:
            html += f"{escape(text[behind:first])}<mark>{escape(text[first:last])}</mark>"
            behind = last
    return mark_safe(html + escape(text[behind:end]) + ("…" if end < len(text) else ""))  # noqa: S308  all is escaped


def _places(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where the words stand in the text, in whatever case and width it writes them."""
    if not words:
        return []
    folded, at = _folded(text)
    return [(at[one.start()], at[one.end() - 1] + 1) for one in _pattern(words).finditer(folded)]


def _folded(text: str) -> tuple[str, Sequence[int]]:
    """The text as words are looked for, and of each of its letters where it stands in the text."""
    if text.isascii():
        return text.lower(), range(len(text))
    parts = [unicodedata.normalize("NFKC", letter).lower() for letter in text]
    return "".join(parts), [place for place, part in enumerate(parts) for _letter in part]


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    """Words that are Latin begin where a word begins; longer ones first, that the longest is marked."""
    ways = [
        re.escape(word) if stands_alone(word) else rf"(?<![^\W_{ALONE}]){re.escape(word)}"
        for word in sorted(words, key=len, reverse=True)
    ]
    return re.compile("|".join(ways))
