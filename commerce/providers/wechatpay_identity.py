"""Who pays inside WeChat: the openid that its official account has for them, which JSAPI has to be told.

WeChat's own application sends the payer's browser back with a code of five minutes, good once; with the AppSecret it is
exchanged for the name (scope `snsapi_base`: nothing is shown to the payer, and nothing else is told of them).
"""

import json
import re
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, build_opener

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commerce.providers.base import NO_CODE, STRANGER, ProviderRefused
from commerce.providers.keys import Words
from commerce.providers.rail import Rail

#: Seconds for an answer to come, and bytes of it.
PATIENCE, LARGEST = 10, 64 * 1024
#: What its numbers mean. A code of another AppID is an invalid one.
CODES = frozenset({40029, 40163, 41008, 42003})
KEY_FAULTS = frozenset({40001, 40002, 40013, 40125, 41002, 41004})
LATER = frozenset({-1, 45009, 45011, 50002})

_OPENID = re.compile(r"[0-9A-Za-z_-]{6,128}", re.ASCII)
DOMAIN_FILE = re.compile(r"MP_verify_([0-9A-Za-z]{16})\.txt", re.ASCII)
_SECRET = re.compile(r"[0-9A-Za-z]{32}", re.ASCII)


def check_secret(value: str) -> Words | None:
    return (
        None if _SECRET.fullmatch(value) else gettext_lazy("The AppSecret has exactly 32 letters and digits.")
    )


def check_domain_file(value: str) -> Words | None:
    if not DOMAIN_FILE.fullmatch(value):
        return gettext_lazy("The name is as MP_verify_, 16 letters and digits, and .txt.")
    return None


def root_files(name: str) -> dict[str, str]:
    """WeChat's file says what its name says."""
    found = DOMAIN_FILE.fullmatch(name)
    return {name: found[1]} if found else {}


def address(rail: Rail, door: str, *, state: str, back: str) -> str:
    """WeChat compares the parameters with a pattern: in this order, and with the mark behind them."""
    asked = {
        "appid": rail.value("appid"),
        "redirect_uri": back,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": state,
    }
    return f"{door}/connect/oauth2/authorize?{urlencode(asked)}#wechat_redirect"


def named(rail: Rail, identity: str, code: str) -> str:
    told = _asked(rail, identity, code)
    with rail.readable():
        number = told.get("errcode", 0)
        if type(number) is not int or number in LATER:
            raise ValueError("not now")
        if not number:
            if told.get("is_snapshotuser") == 1:
                raise _stranger()
            if not _OPENID.fullmatch(told["openid"]):
                raise ValueError("not a name")
            return str(told["openid"])
    if number in CODES:
        raise ProviderRefused(_("WeChat does not know this code any more."), code=NO_CODE)
    if number in KEY_FAULTS:
        words = _(
            "WeChat does not know the AppSecret: is it the one of this AppID, and was it not reset since?"
        )
        raise ProviderRefused(words, code="keys")
    message = rail.without_secrets(told.get("errmsg") or number)
    raise ProviderRefused(_("WeChat does not say who pays: %(words)s") % {"words": message}, code=str(number))


def _stranger() -> ProviderRefused:
    return ProviderRefused(_("WeChat shows this page without saying who looks at it."), code=STRANGER)


class _Stays(HTTPRedirectHandler):
    """The secret goes to no other address."""

    def redirect_request(self, *args: Any, **words: Any) -> None:
        return None


def _asked(rail: Rail, identity: str, code: str) -> dict[str, Any]:
    """WeChat takes the secret in the address only: so it is asked by what writes no log, and a fault is told by its name."""
    asked = {
        "appid": rail.value("appid"),
        "secret": rail.value("app_secret"),
        "code": code,
        "grant_type": "authorization_code",
    }
    try:
        with build_opener(_Stays).open(
            f"{identity}/sns/oauth2/access_token?{urlencode(asked)}", timeout=PATIENCE
        ) as answer:
            status, content = answer.status, answer.read(LARGEST + 1)
    except HTTPError as no:
        no.close()
        raise rail.silent(str(no.code)) from None
    except Exception as fault:
        # Whatever `urllib` and `http.client` raise: it may repeat the address.
        raise rail.silent(type(fault).__name__) from None
    with rail.readable():
        if status != HTTPStatus.OK or len(content) > LARGEST:
            raise ValueError("not an answer")
        found = json.loads(content)
        if not isinstance(found, dict):
            raise TypeError("not an object")
        return found
