"""Means of payment that members left with a provider: taken back as they were given, by themselves."""

import logging
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from commerce import sealing
from commerce.models import Mandate
from commerce.providers import base
from commerce.providers.base import ProviderDown, ProviderRefused
from commerce.services import accounts
from kernel.errors import Refused
from kernel.locks import locked, none_open
from members.actors import Actor

log = logging.getLogger(__name__)


def forget(mandate: Mandate, *, at: datetime, by: Actor) -> Mandate:
    """Charge it never again, and tell the provider so. Where the provider does not answer, it is not charged all the same.

    Raises `Refused` for somebody else's (`not_yours`).
    """
    none_open()
    if by.membership is None or by.membership.pk != mandate.membership_id:
        raise Refused(_("This means of payment is not yours."), code="not_yours")
    with transaction.atomic(durable=True):
        mandate = locked(Mandate.objects.filter(pk=mandate.pk)).get()
        if mandate.ended_at is not None:
            return mandate
        mandate.ended_at = at
        mandate.save(update_fields=["ended_at"])
    told = base.Mandate(reference=mandate.reference, payer=mandate.payer, label=mandate.label)
    account = mandate.account
    try:
        accounts.adapter(account).forget_mandate(told)
    except (ProviderDown, ProviderRefused, NotImplementedError, sealing.Unreadable) as trouble:
        log.warning("A means of payment is forgotten here and not there (%s).", type(trouble).__name__)
    return mandate
