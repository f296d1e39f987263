"""Where a payer is, by what their browser says of itself: a code to scan is useless on the phone that shows it."""

import re

from commerce.providers.base import Surface

_PHONE = re.compile(r"Android|iPhone|iPod|Windows Phone|HarmonyOS|OpenHarmony|Mobile", re.IGNORECASE)
#: WeChat names itself on desks too, where it can pay as little as any other browser there.
_WECHAT_ON_A_DESK = re.compile(r"WindowsWechat|MacWechat|wxwork", re.IGNORECASE)


def surface(user_agent: str) -> Surface:
    """The surface of a `User-Agent`; a desk where nothing is said."""
    if "MicroMessenger" in user_agent and not _WECHAT_ON_A_DESK.search(user_agent):
        return Surface.WECHAT
    return Surface.PHONE if _PHONE.search(user_agent) else Surface.DESK
