"""Blocking: a member takes no more messages of another's, until they lift it."""

from datetime import datetime

from django.db import transaction

from communities.models import Block
from communities.services import messages
from members.models import Membership


@transaction.atomic
def block(*, by: Membership, whom: Membership, at: datetime) -> None:
    """Take no more messages of theirs; doing it again changes nothing. Nobody is told. What was written stays there for
    both. A message on its way arrives before or not at all."""
    by, whom = messages.both(by, whom)
    Block.objects.bulk_create([Block(by=by, whom=whom, at=at)], ignore_conflicts=True)


@transaction.atomic
def lift(*, by: Membership, whom: Membership) -> None:
    """Take their messages again."""
    Block.objects.filter(by=by, whom=whom).delete()
