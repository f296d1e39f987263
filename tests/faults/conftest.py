"""Money on real connections, with the sandbox in its own process as the judge; of Stripe's rail another's world."""

import pytest

from commerce.models import Mandate
from commerce.providers.stripe import Stripe
from commerce.services import accounts, attempts
from tests import make
from tests.commerce import paying
from tests.commerce.dues import AT, SITE, invoice


@pytest.fixture
def community(transactional_db):
    return paying.community()


@pytest.fixture
def account(community, sandbox):
    return paying.connected(community, sandbox)


@pytest.fixture
def member(community):
    return make.member(community)


@pytest.fixture
def mandate(account, member, sandbox):
    """A means of payment, left with a first payment of 120.00."""
    attempt = paying.begun(invoice(member), account, save_mandate=True)
    sandbox.pay(attempt.reference)
    attempts.refresh(attempt, at=AT, by=SITE)
    return Mandate.objects.get()


@pytest.fixture(scope="session")
def stripe_world(tmp_path_factory):
    from tests.commerce.providers import stripe_world

    with stripe_world.running(tmp_path_factory.mktemp("stripe")) as world:
        yield world


@pytest.fixture
def door(stripe_world, monkeypatch):
    """An account of this test's own at Stripe's world, whose day is the tests'."""
    with stripe_world.door(now=AT) as door:
        monkeypatch.setattr(Stripe, "gateway", door.url)
        monkeypatch.setattr("commerce.providers.stripe.now", lambda: AT)
        yield door
    # Whatever it was asked, Stripe describes it so; and so our own pages of Checkout.
    assert door.wrong == []


@pytest.fixture
def stripe_account(community, door):
    keys = door.account.keys()
    made = accounts.connect(community=community, provider="stripe", keys=keys, at=AT, by=SITE)
    return accounts.enable(accounts.test(made, at=AT, by=SITE), at=AT, by=SITE)


@pytest.fixture
def card(stripe_account, member, door):
    """A card, left with a first payment of 120.00 on Checkout's page."""
    attempt = paying.begun(invoice(member), stripe_account, save_mandate=True)
    door.pay(attempt.reference)
    attempts.refresh(attempt, at=AT, by=SITE)
    return Mandate.objects.get()
