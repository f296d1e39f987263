"""A community's accounts with payment providers. Their keys come in, are sealed, and never go out again but to the provider."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from commerce import providers, sealing
from commerce.models import MoneySettings, PaymentAttempt, ProviderAccount, Refund
from commerce.providers.base import Health, Provider, ProviderDown, ProviderRefused, Surface, Words
from kernel.errors import Refused
from kernel.locks import locked, none_open
from kernel.tenancy import Community
from members.actors import Actor
from members.services import audit, powers

MANAGE = "rails.manage"


@transaction.atomic
def connect(
    *, community: Community, provider: str, keys: Mapping[str, str], at: datetime, by: Actor
) -> ProviderAccount:
    """Keep the keys of an account. It is not offered to members before it was tested and enabled.

    Raises `Refused` for a rail that this site does not have (`unknown`), one that is connected already (`connected`),
    keys that are missing or malformed (`keys`), and while the site has not approved the community (`not_approved`).
    """
    powers.require(by, MANAGE)
    if provider not in {rail.key for rail in providers.offered()}:
        raise Refused(_("This site has no such way of paying."), code="unknown", field="provider")
    guard_approved(community)
    given = _given(provider, keys)
    rail = _sound(provider, given)
    account = ProviderAccount(
        community_id=community.id,
        provider=provider,
        reference=rail.account[:120],
        sealed=sealing.seal(given),
        position=ProviderAccount.objects.filter(community_id=community.id, ended_at=None).count(),
        made_at=at,
    )
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError:
        raise Refused(_("It is connected already: change its keys."), code="connected") from None
    _record("rail.connected", account, at, by, after={"given": sorted(given)})
    return account


def open_new(*, community: Community, provider: str, at: datetime, by: Actor) -> ProviderAccount:
    """Have the provider open an account, connect it and test it; the provider is asked outside any transaction.

    Raises `Refused` as `connect` does, for a rail that opens none (`unknown`), and while it does not answer (`down`).
    """
    none_open()
    with transaction.atomic(durable=True):
        powers.require(by, MANAGE)
    guard_approved(community)
    rail = next((one for one in providers.offered() if one.key == provider and one.opens_accounts), None)
    if rail is None:
        raise Refused(_("No account can be opened there from here."), code="unknown", field="provider")
    if ProviderAccount.objects.filter(community_id=community.id, provider=provider, ended_at=None).exists():
        raise Refused(_("It is connected already: change its keys."), code="connected")
    try:
        keys = rail.open_account(name=community.name, notify_url=f"{settings.SITE_ADDRESS}/")
    except (ProviderDown, ProviderRefused) as trouble:
        raise Refused(_("It does not answer now. Try again later."), code="down") from trouble
    with transaction.atomic(durable=True):
        account = connect(community=community, provider=provider, keys=keys, at=at, by=by)
    return test(account, at=at, by=by)


@transaction.atomic
def change(*, account: ProviderAccount, keys: Mapping[str, str], at: datetime, by: Actor) -> ProviderAccount:
    """Put new keys in the place of those that are given; the others stay. It is tested anew before it is offered.

    Raises `Refused` for keys that are malformed (`keys`), and for keys of another account while payments of this one are
    on their way (`being_paid`): nobody could ask for them any more.
    """
    account = _held(account, by)
    given = _given(account.provider, keys)
    if not given:
        return account
    try:
        known = sealing.unseal(account.sealed)
    except sealing.Unreadable:
        known = {}
    rail = _sound(account.provider, known | given)
    if rail.account != account.reference:
        _guard_idle(account)
    account.reference, account.sealed = rail.account[:120], sealing.seal(known | given)
    account.enabled, account.health, account.tested_at = False, {}, None
    account.save(update_fields=["reference", "sealed", "enabled", "health", "tested_at"])
    _record("rail.changed", account, at, by, after={"given": sorted(given)})
    return account


def test(account: ProviderAccount, *, at: datetime, by: Actor) -> ProviderAccount:
    """Ask the provider whether payments can be taken, and keep what it found. The provider is asked outside any
    transaction."""
    none_open()
    with transaction.atomic(durable=True):
        account = _held(account, by)
    try:
        found = adapter(account).test_connection()
    except sealing.Unreadable:
        found = Health(False, missing=(_("Its keys cannot be read any more: enter them again."),))
    with transaction.atomic(durable=True):
        asked, account = account.sealed, _held(account, by)
        if account.sealed != asked:
            # Somebody has entered other keys meanwhile: nothing is known of those.
            return account
        account.health = {
            "works": found.works,
            "account": found.account[:120],
            "missing": [str(words) for words in found.missing],
        }
        account.tested_at = at
        account.enabled = account.enabled and found.works
        account.save(update_fields=["health", "tested_at", "enabled"])
    return account


@transaction.atomic
def enable(account: ProviderAccount, *, at: datetime, by: Actor) -> ProviderAccount:
    """Offer it to members. Raises `Refused` before a test has found that it works (`untested`)."""
    account = _held(account, by)
    guard_approved(account.community)
    if not account.health.get("works"):
        raise Refused(_("Test the connection first."), code="untested")
    return _set_enabled(account, True, "rail.enabled", at, by)


@transaction.atomic
def disable(account: ProviderAccount, *, at: datetime, by: Actor) -> ProviderAccount:
    """Offer it no more. What is on its way goes on, and what was paid can be sent back."""
    return _set_enabled(_held(account, by), False, "rail.disabled", at, by)


@transaction.atomic
def disconnect(account: ProviderAccount, *, at: datetime, by: Actor) -> ProviderAccount:
    """Forget its keys for good. Raises `Refused` while payments or refunds are on their way (`being_paid`): without keys
    nobody could ask what became of them."""
    account = _held(account, by)
    _guard_idle(account)
    account.sealed, account.enabled, account.health, account.ended_at = "", False, {}, at
    account.save(update_fields=["sealed", "enabled", "health", "ended_at"])
    account.mandates.filter(ended_at=None).update(ended_at=at)
    _record("rail.disconnected", account, at, by)
    return account


def adapter(account: ProviderAccount) -> Provider:
    """Who speaks to the provider for this account. Raises `sealing.Unreadable` where its keys are gone."""
    if not account.sealed:
        raise sealing.Unreadable("This account is disconnected.")
    return providers.connect(account.provider, sealing.unseal(account.sealed), notify_url=hook(account))


def links(account: ProviderAccount) -> tuple[tuple[Words, str], ...]:
    """Pages of the account at the provider, none where its keys cannot be read."""
    try:
        return adapter(account).links()
    except sealing.Unreadable:
        return ()


def hook(account: ProviderAccount) -> str:
    """Where the provider sends its word."""
    try:
        path = reverse("commerce:hook", args=[account.provider, account.key])
    except NoReverseMatch:
        return ""
    return settings.SITE_ADDRESS + path


def offered(community: Community) -> list[ProviderAccount]:
    """The accounts that members can pay by, in their order."""
    here = {rail.key for rail in providers.offered()}
    found = ProviderAccount.objects.filter(community_id=community.id, ended_at=None, enabled=True)
    return [account for account in found if account.provider in here and account.health.get("works")]


def payable(community: Community, surface: Surface) -> list[ProviderAccount]:
    """Those by which a payer can be led to pay where they are, in their order. One whose keys cannot be read is none."""
    return [account for account in offered(community) if _is_payable(account, surface)]


def _is_payable(account: ProviderAccount, surface: Surface) -> bool:
    try:
        return adapter(account).payable_on(surface)
    except sealing.Unreadable:
        return False


def root_files() -> dict[str, str]:
    """What providers look for at the root of the site, of every account: content by name."""
    found: dict[str, str] = {}
    for account in ProviderAccount.objects.filter(ended_at=None).exclude(sealed="").order_by("pk"):
        with suppress(sealing.Unreadable, KeyError):
            found |= adapter(account).root_files()
    return found


def guard_approved(community: Community) -> None:
    """Raises `Refused` (`not_approved`) for a community that nobody has looked at: where anybody may found one, the site
    says first that it may take money."""
    if settings.SITE_IS_TRIAL or settings.SITE_FOUNDING == "staff":
        return
    seen = getattr(community, "approved_at", None)
    if settings.SITE_FOUNDING == "open":
        # There a community is approved by being founded.
        seen = (
            MoneySettings.objects.filter(pk=community.id).values_list("rails_approved_at", flat=True).first()
        )
    if seen is None:
        words = _("The people who run this site have to approve first that money is taken here.")
        raise Refused(words, code="not_approved")


@transaction.atomic
def approve(*, community: Community, at: datetime, by: Actor) -> None:
    """Let a community take money by providers: an act of the site's staff. Done twice it is done once."""
    if by.user is not None and not by.user.is_staff:
        raise Refused(_("Only the people who run this site may do this."), code="forbidden")
    MoneySettings.objects.bulk_create([MoneySettings(community_id=community.id)], ignore_conflicts=True)
    rows = MoneySettings.objects.filter(pk=community.id, rails_approved_at=None)
    if rows.update(rails_approved_at=at):
        audit.record(action="rail.approved", object_kind="rail", by=by, at=at, community_id=community.id)


def _held(account: ProviderAccount, by: Actor) -> ProviderAccount:
    """The account, locked, for whoever may change it. Raises `Refused` for one that is disconnected (`ended`)."""
    powers.require(by, MANAGE)
    locked(ProviderAccount.objects.filter(pk=account.pk)).get()
    account = ProviderAccount.objects.select_related("community").get(pk=account.pk)
    if account.ended_at is not None:
        raise Refused(_("This account is disconnected."), code="ended")
    return account


def _given(provider: str, keys: Mapping[str, str]) -> dict[str, str]:
    """What was filled in of the rail's own fields; a field that is left empty says nothing."""
    values = {
        field.key: keys.get(field.key, "").strip() for field in providers.providers.get(provider).fields
    }
    return {key: value for key, value in values.items() if value}


def _sound(provider: str, keys: Mapping[str, str]) -> Provider:
    rail = providers.connect(provider, keys)
    if faults := rail.faults():
        raise Refused(" ".join(str(fault) for fault in faults), code="keys")
    return rail


def _guard_idle(account: ProviderAccount) -> None:
    attempts = PaymentAttempt.objects.filter(account=account, state__in=PaymentAttempt.LIVE)
    states = (Refund.State.CREATED, Refund.State.PENDING, Refund.State.UNKNOWN)
    refunds = Refund.objects.filter(payment__account=account, state__in=states, to_credit=False)
    if attempts.exists() or refunds.exists():
        raise Refused(
            _("Payments by it are on their way: offer it no more and wait for them."), code="being_paid"
        )


def _set_enabled(
    account: ProviderAccount, enabled: bool, action: str, at: datetime, by: Actor
) -> ProviderAccount:
    if account.enabled != enabled:
        account.enabled = enabled
        account.save(update_fields=["enabled"])
        _record(action, account, at, by)
    return account


def _record(
    action: str, account: ProviderAccount, at: datetime, by: Actor, after: dict[str, Any] | None = None
) -> None:
    """Which fields were given is written down, what was given never."""
    audit.record(
        action=action,
        object_kind="rail",
        object_id=account.key,
        by=by,
        at=at,
        community_id=account.community_id,
        after={"provider": account.provider} | (after or {}),
    )
