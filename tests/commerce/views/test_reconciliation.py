"""The page on which a treasurer sees where a provider's books and ours disagree."""

from datetime import timedelta

import pytest
from django.test import Client

from commerce.models import Difference, ProviderAccount
from commerce.services import reconciliation
from members.roles import Role
from tests import api, make
from tests.commerce import paying
from tests.commerce.dues import AT, SITE
from tests.commerce.reckoning import Books

pytestmark = pytest.mark.django_db
NIGHT = AT + timedelta(days=10)
PAGE = "/c/lantern/desk/money/reconciliation/"


@pytest.fixture
def community():
    return make.community("lantern", name="Lantern", currency="CNY")


@pytest.fixture
def books(community, sandbox):
    account = paying.connected(community, sandbox)
    return Books(account, make.member(community, name="Mei"), sandbox)


@pytest.fixture
def browser(community):
    return api.browser(community.founded_by)


def differing(books, many):
    """So many payments that the provider knows nothing of."""
    books.payments([AT] * many)
    reconciliation.reconcile(books.account, at=NIGHT, by=SITE)


def test_before_anything_is_connected(browser, community):
    assert "No provider is connected yet" in browser.get(PAGE).content.decode()


def test_a_rail_without_books_is_said_to_have_none(browser, community):
    ProviderAccount.objects.create(community=community, provider="offline", sealed="x", made_at=AT)
    page = browser.get(PAGE).content.decode()
    assert "This rail cannot be reconciled by itself" in page
    assert "compared for the first time" not in page


def test_what_differs_what_it_means_and_what_to_do(browser, books, community):
    differing(books, 1)
    one = Difference.objects.get()
    page = browser.get(PAGE).content.decode()
    assert "1 difference waits for you" in page and "Missing there" in page
    assert "Our books have it, and the provider knows nothing of it." in page
    assert "here CN¥100.00" in page and "there nothing" in page and one.provider_reference in page
    assert '<span class="badge num" data-tone="accent">1</span>' in page
    # The tab says it on every page of money, and nobody elsewhere is told.
    assert (
        '<span class="badge num" data-tone="accent">1</span>'
        in browser.get("/c/lantern/desk/money/ledger/").content.decode()
    )
    owner = make.community("elsewhere").founded_by
    assert "difference" not in api.browser(owner).get("/c/elsewhere/desk/money/ledger/").content.decode()


def test_it_is_settled_with_a_reason(browser, books, community):
    differing(books, 1)
    where = f"{PAGE}{Difference.objects.get().key}/settle/"
    browser = Client()
    browser.force_login(community.founded_by, backend="django.contrib.auth.backends.ModelBackend")
    assert "Say why." in browser.post(where, {"reason": ""}, follow=True).content.decode()
    page = browser.post(where, {"reason": "Asked them: it came a week later"}, follow=True).content.decode()
    assert (
        "It is settled." in page and "Nothing differs" in page and "Asked them: it came a week later" in page
    )
    assert Difference.objects.open().count() == 0


def test_a_manager_sees_it_and_settles_nothing(books, community):
    differing(books, 1)
    manager = Client()
    person = make.member(community, role=Role.MANAGER).user
    manager.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert "Settle it" not in manager.get(PAGE).content.decode()
    answer = manager.post(f"{PAGE}{Difference.objects.get().key}/settle/", {"reason": "I may not"})
    assert (answer.status_code, Difference.objects.open().count()) == (403, 1)


def test_a_provider_that_was_away(browser, books, sandbox, community):
    sandbox.fault("error_before", times=None, operation="fetch")
    differing(books, 1)
    page = browser.get(PAGE).content.decode()
    assert "its books could not be had" in page and "It is tried again every hour." in page


@pytest.mark.parametrize("many", [1, 3])
def test_the_same_queries_for_one_and_for_three(browser, books, many, django_assert_num_queries):
    differing(books, many)
    with django_assert_num_queries(17):
        page = browser.get(PAGE)
    assert len(page.context["rows"]) == many
