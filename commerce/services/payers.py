"""Who pays, where the rail has to be told: the provider's own application names them in the payer's browser, and the way to
pay is opened in that name. The name is kept with the attempt until it is settled, and nowhere else.

Who talks to a provider holds no transaction.
"""

import logging
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from commerce import sealing
from commerce.models import Invoice, PaymentAttempt, ProviderAccount
from commerce.providers.base import STRANGER, ProviderDown, ProviderRefused, Surface
from commerce.services import accounts, attempts
from kernel.errors import Refused
from kernel.locks import none_open
from members.actors import Actor

log = logging.getLogger(__name__)


def back_address() -> str:
    """Where every payer is sent back to, whatever they pay: providers know a few addresses of a site only."""
    return settings.SITE_ADDRESS + reverse("commerce:payer_back")


def ask(*, account: ProviderAccount, state: str) -> str:
    """Where the payer's browser goes to be named. Raises `Refused` where the account's keys do not serve (`not_offered`)."""
    try:
        return accounts.adapter(account).ask_payer(state=state, back=back_address())
    except (ProviderRefused, sealing.Unreadable) as no:
        raise Refused(
            _("This way to pay is not offered any more: choose another one."), code="not_offered"
        ) from no


def begin(
    *,
    invoice: Invoice,
    account: ProviderAccount,
    surface: Surface,
    code: str,
    return_url: str,
    at: datetime,
    by: Actor,
    client_ip: str = "",
    own: bool = False,
) -> PaymentAttempt:
    """Open the way to pay in the name of who came back with this code. Nothing is begun for who is not named.

    Raises `Refused` as `attempts.begin` does, `not_named` where the provider does not say who it is, and `unknown` where it
    does not answer: nothing has happened, and the payer tries again.
    """
    none_open()
    if account not in accounts.payable(invoice.community, surface):
        raise Refused(_("This way to pay is not offered any more: choose another one."), code="not_offered")
    rail = accounts.adapter(account)
    again = _("%(rail)s did not say who is paying. Nothing was paid: try again, or choose another way.")
    if not code:
        raise Refused(again % {"rail": rail.label}, code="not_named")
    try:
        payer = rail.payer(code)
    except ProviderDown as trouble:
        words = _("%(rail)s does not answer just now. Nothing was paid: try again in a moment.")
        raise Refused(words % {"rail": rail.label}, code="unknown") from trouble
    except ProviderRefused as no:
        log.warning("%s named nobody for account %s: %s", account.provider, account.pk, no.code)
        if no.code == STRANGER:
            again = _(
                "Open the whole page first, by the button that %(rail)s shows below it. Then choose again."
            )
        raise Refused(again % {"rail": rail.label}, code="not_named") from no
    return attempts.begin(
        invoice=invoice,
        account=account,
        surface=surface,
        return_url=return_url,
        client_ip=client_ip,
        payer=payer,
        own=own,
        at=at,
        by=by,
    )
