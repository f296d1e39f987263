import pytest

from members.models import AuditEntry, Membership
from tests import make

pytestmark = pytest.mark.django_db

TIERS = "/c/lantern/desk/settings/tiers/"
SENT = {"name": "Patron", "description": "", "perks": "A seat\nA book\n", "rank": "", "capacity": "5"}
SENT |= {"colour": "rose", "visible": "on"}


@pytest.fixture
def community(client):
    community = make.community("lantern")
    client.force_login(Membership.objects.get().user)
    return community


def test_a_tier_is_made_changed_and_taken_away(client, community):
    assert client.post(TIERS, SENT).headers["Location"] == TIERS
    tier = community.tiers.get(key="patron")
    assert (tier.perks, tier.capacity, tier.colour, tier.visible) == (["A seat", "A book"], 5, "rose", True)
    assert tier.rank == max(community.tiers.values_list("rank", flat=True))
    page = client.get(f"{TIERS}patron/")
    assert page.context["form"]["perks"].value() == "A seat\nA book"
    client.post(f"{TIERS}patron/", SENT | {"name": "Friend", "rank": "7", "capacity": "", "is_default": "on"})
    tier.refresh_from_db()
    assert (tier.name, tier.key, tier.rank, tier.capacity, tier.is_default) == (
        "Friend",
        "patron",
        7,
        None,
        True,
    )
    assert "is_default" not in client.get(f"{TIERS}patron/").context["form"].fields
    client.post(f"{TIERS}patron/delete/")
    assert community.tiers.filter(key="patron").exists()
    other = community.tiers.exclude(key="patron").first()
    client.post(f"{TIERS}{other.key}/", SENT | {"rank": "3", "is_default": "on"})
    client.post(f"{TIERS}patron/delete/")
    assert not community.tiers.filter(key="patron").exists()
    acts = AuditEntry.objects.filter(action__startswith="tier.").order_by("id")
    assert list(acts.values_list("action", flat=True)) == [
        "tier.created",
        "tier.changed",
        "tier.changed",
        "tier.deleted",
    ]


@pytest.mark.parametrize("fields", [{"name": ""}, {"capacity": "0"}, {"rank": "-1"}, {"perks": "x" * 200}])
def test_what_does_not_fit_makes_none(client, community, fields):
    before = community.tiers.count()
    assert client.post(TIERS, SENT | fields).context["form"].errors
    assert community.tiers.count() == before
