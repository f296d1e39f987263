"""What waits is counted at once, for a page and for whoever looks at it."""

import pytest
from django.test import RequestFactory

from communities.models import CircleRequest
from communities.services import circles, message_reports, messages, posts, reports
from kernel import waiting
from members.models import Membership
from members.roles import Role
from tests import make

pytestmark = pytest.mark.django_db

QUEUES = ("applications", "circle_requests", "message_reports", "reports", "appeals")


def asked(member: Membership):
    request = RequestFactory().get("/c/lantern/")
    request.community, request.membership, request.user = member.community, member, member.user
    return request


def test_a_page_asks_once_for_all_that_waits(django_assert_num_queries):
    community = make.community("lantern")
    ada, bo = make.member(community), make.member(community)
    circle = circles.create(community=community, name="Owls", kind="closed", at=make.EARLY, by=make.SITE)
    CircleRequest.objects.create(circle=circle, membership=ada, asked_at=make.EARLY)
    circles.put_in(circle=circle, membership=bo, at=make.EARLY, by=make.SITE)
    message = messages.write(author=ada, to=bo, body="Hello", at=make.EARLY)
    message_reports.report(message=message, by=bo, reason="spam", at=make.EARLY)
    keeper = make.member(community, role=Role.MODERATOR)
    for body in ("One", "Two"):
        post = posts.write(circle=circle, author=bo, body=body, at=make.EARLY)
        reports.make(written=post, reporter=keeper, reason="spam", at=make.EARLY)
    request = asked(make.member(community, role=Role.MANAGER))
    with django_assert_num_queries(1):
        assert [waiting.many(request, key) for key in QUEUES] == [0, 1, 1, 2, 0]
        assert waiting.many(request, "reports", "message_reports") == 3
    assert [waiting.many(asked(bo), key) for key in QUEUES] == [0, 0, 0, 0, 0]
