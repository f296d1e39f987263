"""Messages that somebody else could send: what a genuine one becomes when anything of it is changed."""

import random
from collections.abc import Iterator
from datetime import datetime

from commerce.providers.base import LARGEST_MESSAGE, BadSignature, Provider

JUNK = (
    "",
    " ",
    "0",
    "-1",
    "9" * 400,
    "１７７７",
    "a" * 9000,
    "\x00",
    "\udcff",
    "=,=,=",
    "t=,v1=",
    "PUB_KEY_ID_0",
    "é",
)


def forged(headers: dict[str, str], body: bytes, *, number: int) -> Iterator[tuple[dict[str, str], bytes]]:
    dice = random.Random(20260501)
    for _ in range(number):
        place = dice.randrange(len(body))
        name = dice.choice(sorted(headers) or [""])
        value = headers.get(name, "")
        spot = dice.randrange(len(value) or 1)
        bodies = (
            body[:place],
            body[:place] + bytes([dice.randrange(256)]) + body[place + 1 :],
            body[:place] + b"\xff\xfe" + body[place:],
            body[place:] + body[:place],
            body + body,
            body + b" " * LARGEST_MESSAGE,
            body.replace(b"0", b"9"),
            body.replace(b"1", b"2", 1),
            dice.choice(
                [b"", b"{}", b"[]", b"null", b"\x00", b"[" * 5000, b"{" * 5000, b"&&&=&", dice.randbytes(300)]
            ),
        )
        heads = (
            headers | {name: f"{value}, {value}"},
            headers | {name: value[:spot] + chr(dice.randrange(33, 0x2FFF)) + value[spot + 1 :]},
            headers | {name: value[:spot]},
            headers | {name: dice.choice(JUNK)},
            {other: kept for other, kept in headers.items() if other != name},
            {},
        )
        yield from dice.choices(
            [(headers, dice.choice(bodies)), (dice.choice(heads), body)], [3, 2 if headers else 0]
        )


def believed(
    rail: Provider, headers: dict[str, str], body: bytes, now: datetime, *, number: int = 2000
) -> list[tuple[dict[str, str], bytes, object]]:
    """What of all that was neither refused as it must be, nor the genuine word (written otherwise) after all."""
    genuine = rail.parse_webhook(headers, body, now)
    odd: list[tuple[dict[str, str], bytes, object]] = []
    for head, forgery in forged(headers, body, number=number):
        try:
            found: object = rail.parse_webhook(head, forgery, now)
        except BadSignature:
            continue
        except Exception as trouble:
            found = trouble
        if found != genuine:
            odd.append((head, forgery, found))
    return odd
