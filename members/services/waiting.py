"""What is told by letter later: kept until `meanwhile` writes it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from kernel import mails
from kernel.mails import MailKind
from members.models import LetterName, Membership, Message, Waiting
from members.services import notifications


def keep(
    *,
    to: Membership,
    kind: MailKind,
    words: Mapping[str, str],
    url: str,
    about: str,
    dedupe: str,
    actor: Membership | None,
    at: datetime,
    due_at: datetime,
) -> None:
    """Keep what a letter is to tell at `due_at`. What waits already about the same thing is told with these words, and goes
    when it would have gone."""
    told = {name: str(value)[: mails.LONGEST_VALUE] for name, value in words.items() if name in kind.known}
    numbers = [actor.number] if actor is not None and kind.gathers else []
    fresh: dict[str, Any] = {"words": told, "url": url[:500], "at": at}
    same = Waiting.objects.filter(membership=to, kind=kind.key, about=about)
    for _attempt in range(2):
        if about and same.update(actors=notifications.joined(numbers), **fresh):
            return
        try:
            with transaction.atomic():
                Waiting.objects.create(
                    community_id=to.community_id,
                    membership=to,
                    kind=kind.key,
                    about=about,
                    dedupe=dedupe or None,
                    actors=numbers,
                    due_at=due_at,
                    **fresh,
                )
            return
        except IntegrityError:
            # Somebody else has kept it in this very moment.
            continue


def is_known(dedupe: str) -> bool:
    """Whether a letter of this name was written, or waits."""
    waits = Waiting.objects.filter(dedupe=dedupe).order_by().values_list("dedupe", flat=True)
    written = Message.objects.filter(dedupe=dedupe).order_by().values_list("dedupe", flat=True)
    gone = LetterName.objects.filter(pk=dedupe).values_list("pk", flat=True)
    return bool(dedupe) and waits.union(written, gone).exists()
