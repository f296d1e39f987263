"""Search that works in every script: pairs of neighbouring characters, and Chinese names by how they sound.

Chinese has no spaces between words and the embedded PostgreSQL has no trigram extension, so a text is indexed by its
bigrams; a query's bigrams narrow the rows by index and the text itself is checked after. A single character is indexed
where it begins a word, and everywhere where it is one that stands for itself: Chinese, Japanese, Korean.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product

from django.db.models import Q

from kernel.search import ALONE

_CHINESE = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"[{_CHINESE}]+")
_BETWEEN = re.compile(rf"(?<=[{_CHINESE}])[\s·]+(?=[{_CHINESE}])")
#: Characters that are looked for by themselves, wherever they stand.
_ALONE = re.compile(f"[{ALONE}]")

#: A member by number; longer ones are nobody's.
_NUMBER = re.compile(r"[#＃]([0-9]{1,9})", re.ASCII)

#: Of a character's readings as many are known; of a name's combinations of them so many, the usual ones first.
MOST_READINGS, MOST_COMBINED = 3, 8
#: So many characters of a name are read, and the first ones of these in every way.
MOST_SYLLABLES, MOST_DOUBTFUL = 12, 4


@dataclass(frozen=True)
class Words:
    """What a member is found by: words parted by a space, one before the first too, all in lower case.

    `readings` are the name's in pinyin, `rest` what stands beside the name, `terms` the bigrams and single
    characters of them all.
    """

    name: str
    readings: str
    rest: str
    terms: list[str]


def words_of(*, name: str, rest: Sequence[str | None]) -> Words:
    """What somebody of this name is found by, with the texts `rest`."""
    texts = (_spaced(name.lower().split()), _spaced(readings(name)), _spaced(_words(rest)))
    return Words(*texts, terms=sorted(terms(" ".join(texts))))


def terms(text: str) -> set[str]:
    """Every pair of neighbouring characters within a word of the text, and the characters found by themselves.

    >>> sorted(terms("lei 李雷"))
    ['ei', 'l', 'le', '李', '李雷', '雷']
    """
    words = text.lower().split()
    found = bigrams(text) | {word[0] for word in words}
    return found.union(*(_ALONE.findall(word) for word in words))


def bigrams(*texts: str | None) -> set[str]:
    """Every pair of neighbouring characters within a word of the texts, in lower case.

    >>> sorted(bigrams("Li Lei", "李雷"))
    ['ei', 'le', 'li', '李雷']
    """
    return {word[i : i + 2] for word in _words(texts) for i in range(len(word) - 1)}


def condition(text: str, *, by_name: bool = False) -> Q:
    """The condition of members whose name, e-mail, city or own id holds every word of the text, in any script, or
    whose Chinese name is read so from one of its characters on; with `by_name` their name alone. "#12" is whom it
    numbers, as members without a name are shown."""
    if not by_name and (numbered := _NUMBER.fullmatch(text.strip())):
        return Q(number=int(numbered[1]))
    found = Q()
    for word in text.lower().split():
        found &= _holds(word, by_name=by_name)
    return found


def _holds(word: str, *, by_name: bool) -> Q:
    alone = len(word) == 1
    # A single letter stands in nearly every word: it is asked how words begin, which the index holds exactly.
    begins = alone and not _ALONE.match(word)
    if begins and not by_name:
        return Q(search_entry__terms__contains=[word])
    sought = f" {word}" if begins else word
    holds = Q(search_entry__name__contains=sought) | Q(search_entry__readings__contains=f" {word}")
    if not by_name:
        holds |= Q(search_entry__rest__contains=sought)
    return Q(search_entry__terms__contains=[word] if alone else sorted(bigrams(word))) & holds


def readings(name: str) -> list[str]:
    """How a Chinese name is typed in Latin letters: its pinyin and its initials, from each of its syllables on.

    >>> readings("王小明")[:5]
    ['wangxiaoming', 'xiaoming', 'ming', 'wxm', 'xm']
    """
    found: dict[str, None] = {}
    for run in _RUN.findall(_BETWEEN.sub("", name)):
        for syllables in _combined(run[:MOST_SYLLABLES]):
            for spoken, shortest in ((syllables, 1), ([one[0] for one in syllables], 2)):
                for start in range(len(spoken) - shortest + 1):
                    found["".join(spoken[start:])] = None
    return list(found)


def _combined(run: str) -> Iterator[list[str]]:
    """The run's syllables, the usual ones first, then with one that is less usual, and so on."""
    usual = pinyin(run)
    if len(usual) != len(run):
        yield usual
        return
    ways = [
        list(dict.fromkeys([said, *_readings(character)]))[: MOST_READINGS if n < MOST_DOUBTFUL else 1]
        for n, (said, character) in enumerate(zip(usual, run, strict=True))
    ]
    chosen = sorted(product(*(range(len(one)) for one in ways)), key=sum)
    for places in islice(chosen, MOST_COMBINED):
        yield [way[place] for way, place in zip(ways, places, strict=True)]


@lru_cache(maxsize=20_000)
def _readings(character: str) -> tuple[str, ...]:
    from pypinyin import Style
    from pypinyin import pinyin as ways

    return tuple(
        spelling
        for one in ways(character, style=Style.NORMAL, heteronym=True)[0]
        # 吕 is typed with v or with u.
        for spelling in ([one, one.replace("v", "u")] if "v" in one else [one])
    )


def sort_key(name: str) -> str:
    """Where a name stands in a list: Chinese by pinyin, other scripts by their lower case."""
    text = name.lower()
    return (" ".join(pinyin(text)) if _RUN.search(text) else text)[:240]


@lru_cache(maxsize=16)
def pinyin(text: str) -> list[str]:
    """The text's syllables; what is not Chinese stays as it is."""
    # Its dictionaries take as long to load as all of Django, and most processes never sort a name.
    from pypinyin import lazy_pinyin

    return list(lazy_pinyin(text))


def _words(texts: Sequence[str | None]) -> list[str]:
    return " ".join(text for text in texts if text).lower().split()


def _spaced(words: Sequence[str]) -> str:
    return "".join(f" {word}" for word in words)
