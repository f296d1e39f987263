"""The small set of reactions of a community: its own, or the usual one where it has chosen none."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext_noop as _

#: So many a community has at the most: a choice that one takes in at a glance.
MOST = 8
LONGEST_WORD = 24
_JOINER, _BOX = "\u200d", "\U000e0020\U000e007f"
_FLAGS = "\U0001f1e6\U0001f1ff"
_USUAL = (
    ("👍", _("Agreed")),
    ("❤️", _("Lovely")),
    ("🙏", _("Thank you")),
    ("💡", _("Learned something")),
    ("🎉", _("Congratulations")),
    ("😄", _("Made me laugh")),
)


@dataclass(frozen=True)
class Kind:
    """An emoji, and the word it stands for in each language by its code."""

    emoji: str
    words: Mapping[str, str]

    @property
    def word(self) -> str:
        """In the reader's language, and where that has none in any."""
        return self.words.get(get_language() or "") or next(iter(self.words.values()), self.emoji)

    @property
    def plain(self) -> dict[str, str]:
        return {"emoji": self.emoji, **self.words}


def of(community: Any) -> Sequence[Kind]:
    """The reactions that can be given in the community, in their order."""
    return kinds(community.reactions) or usual()


def kinds(plain: Sequence[Mapping[str, str]]) -> list[Kind]:
    """What a community keeps: `emoji` and a word under each language's code."""
    return [Kind(one["emoji"], {code: one[code] for code in languages() if one.get(code)}) for one in plain]


def usual() -> list[Kind]:
    """What the product itself offers."""
    found = []
    for emoji, word in _USUAL:
        words = {}
        for code in languages():
            with translation.override(code):
                words[code] = translation.gettext(word)
        found.append(Kind(emoji, words))
    return found


def languages() -> list[str]:
    return [code for code, _name in settings.LANGUAGES]


def is_one(text: str) -> bool:
    """Whether the text is one emoji: one picture, or several joined to one.

    >>> [is_one(text) for text in ("👍", "👍🏽", "❤️", "👩‍🚀", "🇫🇷", "👍👍", "a", "", "‮")]
    [True, True, True, True, True, False, False, False, False]
    """
    if not 0 < len(text) <= 16:
        return False
    pictures, before = 0, ""
    for sign in text:
        kind = unicodedata.category(sign)
        if kind == "So":
            pictures += before != _JOINER
        elif not (kind in ("Sk", "Mn") or sign == _JOINER or _BOX[0] <= sign <= _BOX[1]):
            return False
        before = sign
    flag = len(text) == 2 and all(_FLAGS[0] <= sign <= _FLAGS[1] for sign in text)
    return flag or (pictures == 1 and unicodedata.category(text[0]) == "So")
