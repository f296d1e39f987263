"""What is compared to find one person twice: mailboxes and names as they are meant, not as they are typed."""

import re
import unicodedata

from members.mailboxes import mailbox

_SPACE = re.compile(r"[\s·・.,'’-]+")
#: Shorter names say too little.
SHORTEST = 2


def mailbox_key(address: str) -> str:
    """The mailbox behind the address, "" for none.

    >>> mailbox_key("Li.Lei+new@GoogleMail.com")
    'lilei@gmail.com'
    """
    return mailbox(address)[:254] if "@" in address else ""


def name_key(name: str) -> str:
    """The name without case, width, spaces and the marks between its parts, "" for one too short to mean anybody.

    >>> name_key("Ｌｉ  lei"), name_key("LI Lei"), name_key("A")
    ('lilei', 'lilei', '')
    """
    plain = _SPACE.sub("", unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()))
    return plain[:160] if len(plain) >= SHORTEST else ""
