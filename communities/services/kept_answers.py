"""The table behind `Idempotency-Key`: one row an answer, for 24 hours."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection
from django.db.models import QuerySet

from communities.models import KeptAnswer
from kernel.api.idempotency import Answer, Busy, Claim
from kernel.clock import now

KEPT_FOR = timedelta(hours=24)


class Table:
    """The store of `kernel.api.idempotency`."""

    def find(self, claim: Claim) -> Answer | None:
        """The answer that is kept, if any. The key is this transaction's until it ends. Raises `Busy`."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_lock(claim)])
            if not cursor.fetchone()[0]:
                raise Busy
        return _known(claim)

    def keep(self, claim: Claim, answer: Answer) -> None:
        """Keep the answer, and forget those of the community that have had their time."""
        at = now()
        KeptAnswer.objects.of(claim.community_id).older_than(at - KEPT_FOR).delete()
        row = KeptAnswer(
            community_id=claim.community_id,
            caller=claim.caller,
            key=claim.key,
            fingerprint=answer.fingerprint,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            kept_at=at,
        )
        KeptAnswer.objects.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["community", "caller", "key"],
            update_fields=["fingerprint", "status", "headers", "body", "kept_at"],
        )

    @contextmanager
    def held(self, claim: Claim) -> Iterator[None]:
        """The key is this connection's until the block ends, and free as soon as the connection is gone: whoever is killed
        keeps nobody waiting. Raises `Busy`."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_lock(claim)])
            if not cursor.fetchone()[0]:
                raise Busy
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_lock(claim)])

    def claim(self, claim: Claim) -> Answer | None:
        """Write the key down, unless something is known of it; the caller holds it."""
        known = _known(claim)
        if known is None:
            self.keep(claim, Answer(claim.fingerprint, KeptAnswer.CLAIMED, {}, ""))
        return known

    def forget(self, claim: Claim) -> None:
        """The claim goes; an answer stays."""
        _rows(claim).filter(status=KeptAnswer.CLAIMED).delete()


def _known(claim: Claim) -> Answer | None:
    row = _rows(claim).filter(kept_at__gte=now() - KEPT_FOR).first()
    return Answer(bytes(row.fingerprint), row.status, row.headers, row.body) if row else None


def _rows(claim: Claim) -> QuerySet[KeptAnswer]:
    return KeptAnswer.objects.of(claim.community_id).filter(caller=claim.caller, key=claim.key)


def _lock(claim: Claim) -> int:
    name = f"idempotency:{claim.community_id}:{claim.caller}:{claim.key}"
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
