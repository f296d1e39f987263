"""What stands for an id or an address of somebody who was erased: only who knows the original can recognise it.

It is keyed with the site's secret, so that it cannot be found by trying all ids. After the secret was changed and
the former one forgotten (`SECRET_KEY_FALLBACKS`), an id in a file is not recognised any more.
"""

from django.conf import settings
from django.utils.crypto import salted_hmac

PREFIX = "erased:"
DOMAIN = "@erased.invalid"


def of_id(community_id: int, external_id: str) -> str:
    """What stands in `Membership.external_id` afterwards."""
    return PREFIX + _digest(f"{community_id}:{external_id}", settings.SECRET_KEY)[:40]


def ids(community_id: int, external_id: str) -> list[str]:
    """All that may stand for this id: by the present secret and by those before it."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [PREFIX + _digest(f"{community_id}:{external_id}", secret)[:40] for secret in secrets]


def of_mailbox(community_id: int, mailbox: str) -> str:
    """What stands for the address of somebody banned, so that a ban outlives erasure. Nothing reaches it."""
    return _digest(f"{community_id}:{mailbox}", settings.SECRET_KEY)[:32] + DOMAIN


def mailboxes(community_id: int, mailbox: str) -> list[str]:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [_digest(f"{community_id}:{mailbox}", secret)[:32] + DOMAIN for secret in secrets]


def _digest(text: str, secret: str | bytes) -> str:
    return salted_hmac("crowdecon.erased", text, secret=secret, algorithm="sha256").hexdigest()
