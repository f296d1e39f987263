"""Members' cards: a code that stands in a signed address, for thirty days or until it is renewed."""

from datetime import datetime

from django.db import transaction

from kernel import ids
from kernel.locks import locked
from members.models import MemberCard, Membership
from members.selectors.card import holds


@transaction.atomic
def current(*, membership: Membership, at: datetime) -> MemberCard:
    """The member's card; with a new code where the last one is over."""
    card = MemberCard.objects.filter(membership=membership).first()
    if card is not None and holds(card, at):
        return card
    locked(Membership.objects.filter(pk=membership.pk)).get()
    card = MemberCard.objects.filter(membership=membership).first()
    if card is not None and holds(card, at):
        # Another window of the same person was faster.
        return card
    return _issue(membership, at)


@transaction.atomic
def renew(*, membership: Membership, at: datetime) -> MemberCard:
    """Give the card a new code at once: every picture of the old one ends."""
    locked(Membership.objects.filter(pk=membership.pk)).get()
    return _issue(membership, at)


def _issue(membership: Membership, at: datetime) -> MemberCard:
    fields = {"code": ids.token(12), "issued_at": at}
    return MemberCard.objects.update_or_create(membership=membership, defaults=fields)[0]
