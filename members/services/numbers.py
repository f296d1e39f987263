"""Member numbers: dense from 1 within a community, kept for life, never given twice."""

from django.db import connection, transaction


def take(*, community_id: int, count: int = 1) -> range:
    """The next `count` numbers of the community. Concurrent callers wait for this transaction.

    Raises `RuntimeError` outside a transaction: numbers taken there would stay taken when what they are for fails.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Numbers are taken in the transaction that uses them.")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO members_numbersequence AS known (community_id, next_number) VALUES (%s, 1 + %s)
            ON CONFLICT (community_id) DO UPDATE SET next_number = known.next_number + %s
            RETURNING next_number
            """,
            [community_id, count, count],
        )
        following = cursor.fetchone()[0]
    return range(following - count, following)
