"""Why a payer disputes a payment: the providers' codes, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_WORDS = {
    "fraudulent": _("They say it was not them who paid"),
    "unrecognized": _("They do not recognise the charge"),
    "duplicate": _("They say they paid twice"),
    "subscription_canceled": _("They say they had cancelled"),
    "product_not_received": _("They say they did not get what they paid for"),
    "product_unacceptable": _("They say it was not what was promised"),
    "credit_not_processed": _("They say money should have gone back"),
    "general": _("Another reason"),
}


def in_words(code: str) -> str | Promise:
    """What the code means; one that is not known here stands as the provider gave it."""
    return _WORDS.get(code, code)
