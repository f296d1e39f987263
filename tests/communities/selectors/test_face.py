import pytest

from communities.models import Circle
from communities.selectors import circles as seen
from communities.services import circles
from members.services import standing
from tests import make

pytestmark = pytest.mark.django_db


def counts(community, viewer=None) -> dict[str, int]:
    return {circle.slug: circle.member_count for circle in seen.current(community, viewer)}


def test_a_circle_counts_those_who_are_members_of_the_community_now():
    community = make.community("lantern")
    circle = Circle.objects.of(community.id).get(slug="ideas")
    stays, goes = make.member(community), make.member(community)
    for member in (stays, goes):
        circles.join(circle=circle, membership=member, at=make.EARLY)
    others = {"testing": 0, "help": 0, "showcase": 0}
    assert counts(community) == {"ideas": 2} | others
    standing.act("leave", membership=goes, at=make.EARLY, by=make.SITE)
    assert counts(community) == {"ideas": 1} | others
