"""Rows that are dear to make and that every test of a module wants: made once, and gone after the last of them.

    @pytest.fixture(scope="module")
    def place(django_db_setup, django_db_blocker):
        with once.made(django_db_blocker):
            yield furnished()

What a test changes in them is undone with the test, in the database; the objects themselves are shared and stay unchanged.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction


@contextmanager
def made(blocker: Any) -> Iterator[None]:
    with blocker.unblock():
        whole = transaction.atomic()
        # As the one around each test: who must be the first to begin a transaction is told of none.
        whole._from_testcase = True
        with whole:
            yield
            transaction.set_rollback(True)
