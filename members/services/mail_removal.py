"""Letters that have had their time: their rows go, and what they were called stays, so that none is written again."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from kernel.locks import locked
from members.models import LetterName, Message


@transaction.atomic
def remove(letters: QuerySet[Message], *, most: int, at: datetime) -> int:
    """Remove the first of these letters, at most so many; how many went. `mail.send` knows their names from now on."""
    rows = dict(locked(letters.order_by("finished_at", "pk")).values_list("pk", "dedupe")[:most])
    names = [LetterName(name=name, at=at) for name in rows.values() if name]
    LetterName.objects.bulk_create(names, ignore_conflicts=True)
    Message.objects.filter(pk__in=rows).delete()
    return len(rows)


@transaction.atomic
def empty(letters: QuerySet[Message], *, most: int) -> int:
    """Take the words out of the first of these letters, at most so many; how many had any."""
    rows = list(locked(letters).values_list("pk", flat=True)[:most])
    return Message.objects.filter(pk__in=rows).update(text="", html="")
