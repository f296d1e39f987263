"""What somebody who may read figures could learn besides: of secret circles, of who pays. Tried over the API and on the pages,
as a host, as a member of the circle, and with a community's key."""

from datetime import timedelta
from decimal import Decimal

import pytest

from communities.models import Circle, CircleMembership
from engagement.services import facts, refresh
from engagement.services.facts import Row
from kernel.clock import now
from kernel.metrics import metrics
from members.roles import Role
from tests import api, make

pytestmark = pytest.mark.django_db

KINDS = {kind: f"The {kind} few" for kind in Circle.Kind.values}


@pytest.fixture
def community():
    """A member who wrote in an open circle, a closed one and a secret one, and paid."""
    community = make.community("lantern")
    writer, then = make.member(community, name="Bo"), make.EARLY + timedelta(days=1)
    rows = []
    for hour, (kind, name) in enumerate(KINDS.items()):
        circle = Circle.objects.create(community=community, slug=f"the-{kind}", name=name, kind=kind)
        CircleMembership.objects.create(circle=circle, membership=writer, joined_at=make.EARLY)
        at = then + timedelta(hours=hour)
        rows.append(Row(writer.number, "posted", at, None, "post", str(hour), circle.pk))
    rows.append(Row(writer.number, "paid", then, None, "payment", "9", None, Decimal(12)))
    facts.load(community_id=community.pk, rows=rows, at=now())
    return community


def circles_told(client, community):
    path = f"/api/v1/communities/{community.slug}/members/2/timeline/"
    return {row["circle"] for row in client.get(path).json()["results"] if row["circle"]}


@pytest.mark.parametrize("role", [Role.OWNER, Role.MODERATOR, Role.HOST])
def test_of_a_secret_circle_a_timeline_tells_who_is_in_it_alone(community, role):
    member = make.member(community, role=role)
    client = api.browser(member.user)
    assert circles_told(client, community) == {"the-open", "the-closed"}
    page = "/c/lantern/desk/members/2/timeline/"
    text = client.get(page).content.decode()
    assert KINDS["open"] in text and KINDS["closed"] in text and KINDS["secret"] not in text
    secret = Circle.objects.get(kind="secret")
    CircleMembership.objects.create(circle=secret, membership=member, joined_at=make.EARLY)
    assert circles_told(client, community) == {"the-open", "the-closed", "the-secret"}
    assert KINDS["secret"] in client.get(page).content.decode()


def test_a_key_speaks_for_no_member_and_is_told_of_no_secret_circle(community):
    assert circles_told(api.Program(community).client, community) == {"the-open", "the-closed"}


def test_no_figure_tells_a_host_who_pays_or_what(community):
    client = api.browser(make.member(community, role=Role.HOST).user)
    root = "/api/v1/communities/lantern"
    refresh.refresh(community_id=community.pk, at=now())
    of_money = [metric for metric in metrics if "money.view" in (metric.permission, metric.withholds)]
    assert {"channels", "mrr", "what_if", "health"} <= {metric.key for metric in of_money}
    for metric in of_money:
        answer = client.get(f"{root}/metrics/{metric.key}/")
        if metric.permission == "money.view":
            assert answer.status_code == 403, metric.key
            continue
        told = answer.json()["data"]
        assert metric.readable(told, lambda permission: permission != "money.view") == told
        if metric.key == "what_if":
            assert not told.get("revenue")
    (paid,) = [
        row for row in client.get(f"{root}/members/2/timeline/").json()["results"] if row["verb"] == "paid"
    ]
    assert paid["value"] is None
    score = client.get(f"{root}/metrics/score/").json()["data"]
    assert all("paid" not in row["parts"] for row in score["members"])
