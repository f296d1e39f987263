"""The shelf of payment rails: one file an entry, one line here."""

from collections.abc import Mapping

from django.conf import settings

from commerce.providers.alipay import Alipay
from commerce.providers.base import Provider
from commerce.providers.offline import Offline
from commerce.providers.sandbox import Sandbox
from commerce.providers.stripe import Stripe
from commerce.providers.wechatpay import WeChatPay
from kernel.registry import Registry

providers: Registry[type[Provider]] = Registry("payment rail")


def add(rail: type[Provider]) -> None:
    providers.add(rail.key, rail)


def connect(key: str, keys: Mapping[str, str], *, notify_url: str = "") -> Provider:
    """The adapter of that rail for an account with these keys. Raises `KeyError` for an unknown rail."""
    return providers.get(key)(keys, notify_url=notify_url)


def offered() -> list[type[Provider]]:
    """The rails that this site may use: those for trials only where it is one."""
    return [rail for rail in providers if settings.SITE_IS_TRIAL or not rail.trial_only]


add(Sandbox)
add(Offline)
add(Stripe)
add(WeChatPay)
add(Alipay)
