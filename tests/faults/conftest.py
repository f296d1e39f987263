"""Money on real connections, with the sandbox in its own process as the judge."""

import pytest

from commerce.models import Mandate
from commerce.services import attempts
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
