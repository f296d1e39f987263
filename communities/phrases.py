"""Finding words and links in what members write: whole words, in any case, width and dress, Chinese wherever it stands."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

from kernel import markdown

#: Scripts that are written without spaces: a phrase begins and ends anywhere in them.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af\u0e00-\u0e7f"
#: A letter or digit of a script that is written with spaces.
_LETTER = rf"[^\W_{_UNSPACED}]"
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]\"'，。；：！？、（）“”]+", re.IGNORECASE)
_HREF = re.compile(r'href="([^"]+)"')


def normal(text: str) -> str:
    """The text as it is compared: one width and case, without accents' tricks, marks that nobody sees and doubled spaces."""
    plain = unicodedata.normalize("NFKC", text)
    seen = "".join(letter for letter in plain if unicodedata.category(letter) not in ("Cf", "Mn", "Me"))
    return " ".join(unicodedata.normalize("NFKC", seen.casefold()).split())


def found(text: str, phrases: Iterable[str]) -> str:
    """The first of the phrases that the text holds as words of its own, as it was given; "" for none."""
    wanted = [phrase for phrase in phrases if normal(phrase)]
    if not wanted:
        return ""
    said = normal(text) + "\n" + normal(markdown.plain(text))
    return next((phrase for phrase in wanted if _pattern(phrase).search(said)), "")


def addresses(body: str) -> set[str]:
    """Where the links of a text lead to, whether they are dressed as words or stand as they are."""
    dressed = _HREF.findall(markdown.render(body))
    bare = _ADDRESS.findall(markdown.plain(body))
    return {address.rstrip(".,;:!?。，；：！？").lower() for address in [*dressed, *bare]}


def leads_elsewhere(address: str, allowed: Iterable[str]) -> bool:
    """Whether a link leads to another site than these, or parts of them; addresses of our own begin with "/" or "#"."""
    if address.startswith(("#", "mailto:")) or (address.startswith("/") and not address.startswith("//")):
        return False
    whole = address if "//" in address else f"//{address}"
    try:
        host = (urlsplit(whole).hostname or "").removeprefix("www.")
    except ValueError:
        return True
    return not any(host == domain or host.endswith(f".{domain}") for domain in allowed)


@lru_cache(maxsize=2048)
def _pattern(phrase: str) -> re.Pattern[str]:
    wanted = normal(phrase)
    said = r"\s+".join(re.escape(part) for part in wanted.split(" "))
    before = rf"(?<!{_LETTER})" if re.match(_LETTER, wanted[0]) else ""
    after = rf"(?!{_LETTER})" if re.match(_LETTER, wanted[-1]) else ""
    return re.compile(before + said + after)
