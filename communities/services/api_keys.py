"""Keys for programs: made, shown once, checked in constant time, ended."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from communities.models import ApiKey, Community
from communities.models.api_key import Scope
from kernel import ids
from kernel.errors import Refused
from kernel.locks import locked
from members.actors import Actor
from members.models import Membership
from members.services import audit

PREFIX = "cd_"
#: Last use is told to the operator by the minute; writing it at every call would cost a row a request.
LAST_USE_GRAIN = timedelta(minutes=1)


@transaction.atomic
def mint(
    *,
    community: Community,
    name: str,
    scopes: Sequence[str],
    at: datetime,
    by: Actor,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which is not kept and can never be shown again.

    Raises `Refused` for a scope that is not known, no scope at all, an expiry that has passed, and for an actor
    who may not make keys any more.
    """
    if by.membership is not None:
        # Locked, so that who loses the role in this very moment is left with no key (`end_without_power`).
        acting = locked(Membership.objects.filter(pk=by.membership.pk)).get()
        if not acting.may("api_keys.manage"):
            raise Refused(_("Your role does not allow this any more."), code="no_longer_allowed")
    if not scopes or set(scopes) - set(Scope.values):
        known = ", ".join(Scope.values)
        raise Refused(_("The scopes are: %(known)s.") % {"known": known}, code="unknown", field="scopes")
    if expires_at is not None and expires_at <= at:
        raise Refused(_("This time has passed already."), code="past", field="expires_at")
    secret = PREFIX + ids.token()
    key = ApiKey.objects.create(
        community=community,
        name=name,
        prefix=secret[:8],
        digest=_digest(secret),
        scopes=sorted(set(scopes)),
        created_by=by.membership,
        created_at=at,
        expires_at=expires_at,
    )
    audit.record(
        action="api_key.made",
        object_kind="api_key",
        object_id=key.id,
        by=by,
        at=at,
        community_id=community.id,
        after={"name": name, "scopes": key.scopes},
    )
    return key, secret


def recognise(secret: str, *, at: datetime) -> ApiKey | None:
    """The usable key with this secret and its community, or None."""
    digest = _digest(secret)
    key = ApiKey.objects.usable(at).select_related("community").filter(digest=digest).first()
    if key is None or not hmac.compare_digest(bytes(key.digest), digest):
        return None
    if key.last_used_at is None or at - key.last_used_at >= LAST_USE_GRAIN:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=at)
    return key


@transaction.atomic
def revoke(*, key: ApiKey, at: datetime, by: Actor) -> ApiKey:
    """End the key for good; ending it twice changes nothing."""
    key = locked(ApiKey.objects.filter(pk=key.pk)).get()
    if key.revoked_at is None:
        key.revoked_at = at
        key.save(update_fields=["revoked_at"])
        audit.record(
            action="api_key.ended",
            object_kind="api_key",
            object_id=key.id,
            by=by,
            at=at,
            community_id=key.community_id,
            before={"name": key.name},
        )
    return key


def end_without_power(*, membership: Membership, at: datetime, by: Actor) -> None:
    """End the keys that a member made who may no longer manage keys: they may know the secrets still."""
    if membership.may("api_keys.manage"):
        return
    for key in ApiKey.objects.of(membership.community_id).usable(at).filter(created_by=membership):
        revoke(key=key, at=at, by=by)


def _digest(secret: str) -> bytes:
    """SHA-256: the secret is 256 random bits, so a slow hash would protect nothing."""
    return hashlib.sha256(secret.encode()).digest()
