"""A bank's statement read into lines: CSV as banks of several countries write it, CAMT.053 and MT940. Pure.

What a statement says is a claim of whoever brings the file: matching and booking are the treasurer's act.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext as _

from commerce.providers import statement_messages, statement_tables
from commerce.providers.statement_lines import StatementLine
from kernel.errors import Refused

LARGEST_FILE = 10 * 1024 * 1024


def read(raw: bytes, *, currency: str) -> list[StatementLine]:
    """The lines of a file, in its order; `currency` is that of a file which names none.

    Raises `Refused`, with the number of the line where there is one, when something in it cannot be read: no line of
    money is left out in silence.
    """
    if len(raw) > LARGEST_FILE:
        raise Refused(_("A statement is at most 10 MB."), code="too_large")
    head = raw[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<"):
        found = statement_messages.camt(raw)
    elif b":61:" in raw and b":20:" in head:
        found = statement_messages.mt940(raw)
    else:
        found = statement_tables.table(raw, currency=currency)
    return list(_named(found))


def _named(lines: Iterable[StatementLine]) -> Iterable[StatementLine]:
    """Each with its id: the bank's own, else what it says, and which of several that say the same it is."""
    seen: Counter[str] = Counter()
    for line in lines:
        money = (str(line.amount.amount), line.amount.currency)
        said = line.line_id or "\0".join((line.booked_on.isoformat(), *money, line.text, line.counterparty))
        seen[said] += 1
        digest = hashlib.sha256(f"{said}\0{seen[said]}".encode(errors="surrogatepass")).hexdigest()
        yield replace(line, line_id=digest[:32])
