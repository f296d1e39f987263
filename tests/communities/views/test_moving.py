"""Moving a post from its own page: by who keeps order in both circles, for a reason that its author reads."""

import pytest

from communities.models import Circle, Measure
from communities.services import circle_hosts, circles, posts
from members.models import AuditEntry
from tests import make
from tests.communities.views.test_talk import ada, circle, inside, place, post, visitor

__all__ = ["ada", "circle", "post"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def larks(circle):
    return circles.create(community=circle.community, name="Larks", at=make.EARLY, by=make.SITE)


def test_staff_move_it_for_a_reason(circle, post, larks):
    moles = circles.create(community=circle.community, name="Moles", at=make.EARLY, by=make.SITE)
    Circle.objects.filter(pk=moles.pk).update(kind="secret")
    client, path = visitor(inside(circle, "Kim", role="moderator")), f"{place(post)}move/"
    assert path in client.get(place(post)).content.decode()
    assert client.get(path).context["places"] == [larks]
    page = client.post(path, {"circle": larks.pk, "reason": ""})
    assert (page.status_code, page.context["form"]["circle"].value()) == (200, str(larks.pk))
    answer = client.post(path, {"circle": larks.pk, "reason": "Fits there"}, follow=True)
    assert answer.redirect_chain == [(place(post), 302)]
    post.refresh_from_db()
    assert (post.circle, Measure.objects.get().reason) == (larks, "Fits there")
    assert AuditEntry.objects.filter(action="post.moved").count() == 1


def test_a_host_moves_their_own_without_one_and_others_nothing(circle, post, larks):
    host = inside(circle, "Hedy")
    path, client = f"{place(post)}move/", visitor(host)
    assert (client.get(path).status_code, client.post(path).status_code) == (403, 403)
    assert path not in client.get(place(post)).content.decode()
    circle_hosts.appoint(circle=circle, membership=host, at=make.EARLY, by=make.SITE)
    assert "no other circle in which you keep order" in client.get(path).content.decode()
    client.post(path, {"circle": larks.pk, "reason": "x"})
    own = posts.write(circle=circle, author=host, body="Up early", at=make.EARLY)
    circles.put_in(circle=larks, membership=host, at=make.EARLY, by=make.SITE)
    circle_hosts.appoint(circle=larks, membership=host, at=make.EARLY, by=make.SITE)
    page = client.get(f"{place(own)}move/")
    assert list(page.context["form"].fields) == ["circle"]
    client.post(f"{place(own)}move/", {"circle": larks.pk})
    found = [one.circle.name for one in (type(own).objects.get(pk=row.pk) for row in (post, own))]
    assert (found, Measure.objects.count()) == (["Owls", "Larks"], 0)
