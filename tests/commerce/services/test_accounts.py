"""Provider accounts: keys come in and never go out; nothing is offered before it was tested."""

import pytest
from cryptography.fernet import Fernet
from django.core.checks import run_checks

from commerce import sealing
from commerce.models import ProviderAccount
from commerce.services import accounts
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry
from members.roles import Role
from tests import make
from tests.commerce import paying
from tests.commerce.dues import AT, SITE, invoice

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return paying.community()


def refused(act):
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.code


def connect(community, keys, by=SITE, provider="sandbox"):
    return accounts.connect(community=community, provider=provider, keys=keys, at=AT, by=by)


def test_an_account_is_connected_tested_and_offered(community, sandbox, settings):
    sandbox.do("account", notify_url=f"{settings.SITE_ADDRESS}/")
    account = connect(community, sandbox.keys)
    assert refused(lambda: accounts.enable(account, at=AT, by=SITE)) == "untested"
    assert accounts.offered(community) == []
    accounts.test(account, at=AT, by=SITE)
    accounts.enable(account, at=AT, by=SITE)
    assert accounts.offered(community) == [account]
    assert accounts.offered(community)[0].health == {"works": True, "account": "Lantern", "missing": []}
    accounts.disable(account, at=AT, by=SITE)
    assert accounts.offered(community) == []


def test_keys_are_nowhere_to_be_read(community, sandbox, caplog):
    account = paying.connected(community, sandbox)
    row = ProviderAccount.objects.values().get(pk=account.pk)
    entries = list(AuditEntry.objects.filter(object_kind="rail").order_by("pk"))
    assert [(one.action, one.after) for one in entries] == [
        (
            "rail.connected",
            {"provider": "sandbox", "given": ["account", "api_key", "control", "webhook_secret"]},
        ),
        ("rail.enabled", {"provider": "sandbox"}),
    ]
    said = f"{row} {account!r} {[one.after for one in entries]} {caplog.text}"
    assert not any(sandbox.keys[name] in said for name in ("api_key", "webhook_secret"))
    assert accounts.adapter(account).keys == sandbox.keys


def test_given_keys_replace_and_others_stay(community, sandbox):
    account = paying.connected(community, sandbox)
    accounts.change(account=account, keys={"api_key": "sk_other", "account": " "}, at=AT, by=SITE)
    account.refresh_from_db()
    assert accounts.adapter(account).keys == sandbox.keys | {"api_key": "sk_other"}
    assert (account.enabled, account.health) == (False, {})
    tested = accounts.test(account, at=AT, by=SITE)
    assert tested.health["works"] is False


def test_what_cannot_be_connected_is_refused_and_nothing_is_kept(community, sandbox):
    assert refused(lambda: connect(community, {"account": "acct_1"})) == "keys"
    assert refused(lambda: connect(community, sandbox.keys, provider="none")) == "unknown"
    manager = make.member(community, role=Role.TREASURER)
    by = Actor.person(manager.user, manager)
    assert refused(lambda: connect(community, sandbox.keys, by=by)) == "no_longer_allowed"
    assert not ProviderAccount.objects.exists()
    connect(community, sandbox.keys)
    assert refused(lambda: connect(community, sandbox.keys)) == "connected"


def test_a_site_that_anybody_founds_on_approves_first(community, sandbox, settings):
    settings.SITE_IS_TRIAL, settings.SITE_FOUNDING = False, "open"
    assert refused(lambda: connect(community, {}, provider="wechatpay")) == "not_approved"
    accounts.approve(community=community, at=AT, by=SITE)
    assert refused(lambda: connect(community, {}, provider="wechatpay")) == "keys"
    assert refused(lambda: connect(community, sandbox.keys)) == "unknown"
    stranger = Actor.person(make.person())
    other = make.community()
    assert refused(lambda: accounts.approve(community=other, at=AT, by=stranger)) == "forbidden"


def test_it_is_not_disconnected_while_money_is_on_its_way(community, sandbox):
    account = paying.connected(community, sandbox)
    attempt = paying.begun(invoice(make.member(community)), account)
    assert refused(lambda: accounts.disconnect(account, at=AT, by=SITE)) == "being_paid"
    attempt.__class__.objects.update(state="cancelled")
    accounts.disconnect(account, at=AT, by=SITE)
    account.refresh_from_db()
    assert (account.sealed, account.enabled, account.ended_at) == ("", False, AT)
    assert refused(lambda: accounts.test(account, at=AT, by=SITE)) == "ended"
    connect(community, sandbox.keys)


def test_a_new_key_seals_and_a_former_one_still_opens(settings):
    sealed = sealing.seal({"api_key": "sk_1"})
    settings.MONEY_KEYS = [Fernet.generate_key().decode(), *settings.MONEY_KEYS]
    anew = sealing.sealed_anew(sealed)
    assert sealing.unseal(sealed) == sealing.unseal(anew) == {"api_key": "sk_1"}
    settings.MONEY_KEYS = settings.MONEY_KEYS[:1]
    assert sealing.unseal(anew) == {"api_key": "sk_1"}
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(sealed)


@pytest.mark.parametrize("keys", [[], ["short"], ["k" * 60]])
def test_a_site_without_a_key_that_seals_does_not_start(settings, keys):
    settings.MONEY_KEYS = keys
    assert [found.id for found in run_checks() if found.id == "commerce.E001"] == ["commerce.E001"]


def test_one_is_opened_where_that_is_all_it_takes(community, sandbox_peer):
    opened = accounts.open_new(community=community, provider="sandbox", at=AT, by=SITE)
    assert (opened.health["works"], opened.enabled) == (True, False)
    assert opened.health["account"] == community.name
    ((_what, control),) = accounts.links(opened)
    assert control.startswith(f"{sandbox_peer.url}/control/")

    def again(provider="sandbox", by=SITE):
        return lambda: accounts.open_new(community=community, provider=provider, at=AT, by=by)

    assert refused(again()) == "connected"
    assert refused(again("stripe")) == "unknown"
    member = make.member(community)
    assert refused(again(by=Actor.person(member.user, member))) == "no_longer_allowed"
    assert accounts.links(accounts.disconnect(opened, at=AT, by=SITE)) == ()
    with sandbox_peer.away():
        assert refused(again()) == "down"
    assert ProviderAccount.objects.filter(ended_at=None).count() == 0
