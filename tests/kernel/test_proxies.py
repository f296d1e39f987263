import pytest

from kernel.proxies import ClientAddress
from members.models import AuditEntry
from tests import api, make


def seen(rf, settings, forwarded, proxies):
    settings.TRUSTED_PROXIES = proxies
    request = rf.get("/", REMOTE_ADDR="10.0.0.9", headers={"X-Forwarded-For": forwarded} if forwarded else {})
    ClientAddress(lambda request: request)(request)
    return request.META["REMOTE_ADDR"]


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        ("203.0.113.7", 0, "10.0.0.9"),
        ("203.0.113.7", 1, "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7", 1, "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7, 10.1.1.1", 2, "203.0.113.7"),
        ("6.6.6.6,2001:db8::1", 1, "2001:db8::1"),
        ("203.0.113.7", 2, "10.0.0.9"),
        ("6.6.6.6, nonsense", 1, "10.0.0.9"),
        ("", 1, "10.0.0.9"),
    ],
)
def test_the_address_is_the_one_the_outermost_own_proxy_heard_from(rf, settings, forwarded, proxies, address):
    assert seen(rf, settings, forwarded, proxies) == address


@pytest.mark.django_db
def test_the_audit_log_keeps_the_clients_address_and_not_the_proxys(settings):
    settings.TRUSTED_PROXIES = 1
    community = make.community()
    program = api.Program(community)
    program.patch("", {"tagline": "near"}, **{"X-Forwarded-For": "6.6.6.6, 203.0.113.7"})
    assert AuditEntry.objects.filter(action="community.settings_changed").get().address == "203.0.113.7"
