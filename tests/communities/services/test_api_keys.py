from datetime import timedelta

import pytest

from communities.models import ApiKey
from communities.services import api_keys
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry
from members.roles import Role
from members.services import memberships, standing
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db


def mint(**fields):
    values = {"community": make.community(), "name": "reports", "scopes": ["read"], "at": EARLY, "by": SITE}
    return api_keys.mint(**values | fields)


def test_only_a_hash_is_kept():
    key, secret = mint()
    assert secret.startswith(key.prefix) and len(secret) == 46
    kept = ApiKey.objects.values().get()
    assert secret not in {str(value) for value in kept.values()}
    assert api_keys.recognise(secret, at=EARLY) == key


def test_a_key_that_ended_expired_or_is_wrong_opens_nothing():
    key, secret = mint(expires_at=EARLY + timedelta(hours=1))
    assert api_keys.recognise(secret, at=EARLY + timedelta(hours=1)) is None
    assert api_keys.recognise(secret[:-1], at=EARLY) is None
    assert api_keys.recognise("", at=EARLY) is None
    api_keys.revoke(key=key, at=EARLY, by=SITE)
    assert api_keys.recognise(secret, at=EARLY) is None


def test_last_use_is_told_by_the_minute():
    key, secret = mint()
    for seconds in (0, 30, 61):
        api_keys.recognise(secret, at=EARLY + timedelta(seconds=seconds))
        key.refresh_from_db()
    assert key.last_used_at == EARLY + timedelta(seconds=61)


@pytest.mark.parametrize("wrong", [{"scopes": []}, {"scopes": ["root"]}, {"expires_at": EARLY}])
def test_what_does_not_fit_is_refused(wrong):
    with pytest.raises(Refused):
        mint(**wrong)
    assert ApiKey.objects.count() == 0


@pytest.mark.parametrize(
    "ends",
    [
        lambda maker: standing.act("leave", membership=maker, at=EARLY, by=SITE),
        lambda maker: standing.act("remove", membership=maker, at=EARLY, by=SITE, reason="broke trust"),
        lambda maker: memberships.change_role(membership=maker, role=Role.MANAGER, at=EARLY, by=SITE),
    ],
)
def test_keys_end_with_their_maker_s_power_over_them(ends):
    community = make.community()
    maker = make.member(community, role=Role.OWNER)
    _key, secret = mint(community=community, by=Actor.person(maker.user, maker))
    _key, of_the_site = mint(community=community)
    ends(maker)
    assert api_keys.recognise(secret, at=EARLY) is None
    assert api_keys.recognise(of_the_site, at=EARLY) is not None
    assert AuditEntry.objects.filter(action="api_key.ended").count() == 1
