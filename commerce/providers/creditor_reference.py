"""The reference that a payer writes on a bank transfer: ISO 11649, short enough to type, with check digits.

RF47 4W7K 3QXM 9D
"""

import hashlib
import re
from collections.abc import Iterator

#: Letters alone: then no two that change places, and no other letter in one's place, leaves the check digits right (among
#: letters and figures some do). Without those that are mistaken for others.
ALPHABET = "ABCDEFGHJKMNPRSTVWXYZ"
BODY = 11
LENGTH = 4 + BODY
#: What stands for what it looks like, among the digits and among the letters.
_FIGURES, _LETTERS = str.maketrans("OIL", "011"), str.maketrans("258", "ZSB")
#: What people and banks put between the characters, the ends of lines among them.
_BETWEEN = r"[\s.\-/:_]*"
_WRITTEN = re.compile(f"R{_BETWEEN}F" + rf"{_BETWEEN}([0-9A-Z])" * (LENGTH - 2))


def of(reference: str) -> str:
    """The creditor reference of one of our references: always the same, without spaces."""
    number = int.from_bytes(hashlib.sha256(reference.encode()).digest()[:8], "big")
    body = "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(BODY))
    return f"RF{_check_digits(body)}{body}"


def grouped(reference: str) -> str:
    """In fours, as it is printed."""
    return " ".join(reference[start : start + 4] for start in range(0, len(reference), 4))


def found_in(text: str) -> list[str]:
    """Every sound reference of ours in a free text, each once, however it was spaced, parted or capitalised."""
    return list(dict.fromkeys(_sound(text.upper())))


def _sound(text: str) -> Iterator[str]:
    start = 0
    # One may begin inside what looked like another.
    while match := _WRITTEN.search(text, start):
        start = match.start() + 1
        written = "".join(match.groups())
        digits, body = written[:2].translate(_FIGURES), written[2:].translate(_LETTERS)
        if set(body) <= set(ALPHABET) and digits == _check_digits(body):
            yield f"RF{digits}{body}"


def _check_digits(body: str) -> str:
    number = int("".join(str(int(character, 36)) for character in f"{body}RF00"))
    return f"{98 - number % 97:02d}"
