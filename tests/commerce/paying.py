"""Makers for tests of paying: a community whose account at the sandbox is connected, tested and offered."""

from typing import Any

from django.conf import settings

from commerce.models import PaymentAttempt, ProviderAccount
from commerce.providers.base import Surface
from commerce.services import accounts, attempts
from tests import make
from tests.commerce.dues import AT, SITE

BACK = "http://127.0.0.1/back/"


def connected(community: Any, sandbox: Any) -> ProviderAccount:
    # There it is the tests' day too: a way to pay is open for one.
    sandbox.set_clock(AT)
    sandbox.do("account", notify_url=f"{settings.SITE_ADDRESS}/")
    account = accounts.connect(community=community, provider="sandbox", keys=sandbox.keys, at=AT, by=SITE)
    accounts.test(account, at=AT, by=SITE)
    return accounts.enable(account, at=AT, by=SITE)


def begun(invoice: Any, account: ProviderAccount, **fields: Any) -> PaymentAttempt:
    given: dict[str, Any] = {"surface": Surface.DESK, "return_url": BACK, "at": AT, "by": SITE}
    return attempts.begin(invoice=invoice, account=account, **(given | fields))


def community(**fields: Any) -> Any:
    return make.community(currency="CNY", **fields)
