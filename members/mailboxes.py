"""Which addresses are one mailbox."""

#: Providers whose mailboxes are the same with and without dots, by the domain they are known by.
_DOTLESS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}


def mailbox(address: str) -> str:
    """The mailbox behind an address: in lower case, without a tag after "+", and where the provider ignores them
    without dots. Only for comparing; nothing is ever sent to it.

    >>> mailbox("Li.Lei+new@GoogleMail.com")
    'lilei@gmail.com'
    """
    local, _at, domain = address.strip().lower().rpartition("@")
    domain = domain.rstrip(".")
    if "+" in local[1:]:
        local = local[: local.index("+", 1)]
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), _DOTLESS[domain]
    return f"{local}@{domain}"


def domains(mailbox: str) -> list[str]:
    """Every domain under which addresses of the mailbox are written.

    >>> domains("lilei@gmail.com")
    ['gmail.com', 'googlemail.com']
    """
    known = mailbox.rpartition("@")[2]
    return sorted({known, *(written for written, one in _DOTLESS.items() if one == known)})
