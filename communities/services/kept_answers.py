"""The table behind `Idempotency-Key`: one row an answer, for 24 hours."""

import hashlib
from datetime import timedelta

from django.db import connection

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
        kept = KeptAnswer.objects.of(claim.community_id).filter(
            caller=claim.caller, key=claim.key, kept_at__gte=now() - KEPT_FOR
        )
        row = kept.first()
        return Answer(bytes(row.fingerprint), row.status, row.headers, row.body) if row else None

    def keep(self, claim: Claim, answer: Answer) -> None:
        """Keep the answer, and forget those of the community that have had their time."""
        at = now()
        KeptAnswer.objects.of(claim.community_id).older_than(at - KEPT_FOR).delete()
        KeptAnswer.objects.create(
            community_id=claim.community_id,
            caller=claim.caller,
            key=claim.key,
            fingerprint=answer.fingerprint,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            kept_at=at,
        )


def _lock(claim: Claim) -> int:
    name = f"idempotency:{claim.community_id}:{claim.caller}:{claim.key}"
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
