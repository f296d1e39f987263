"""An address that only takes forms, met without one; and one of which only the head is asked for."""

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django.urls import reverse

from kernel.methods import HeadWithoutBody
from tests import api, make

pytestmark = pytest.mark.django_db


def test_it_answers_with_a_page_that_says_so():
    community = make.community()
    browser = api.browser(community.founded_by)
    answer = browser.get(reverse("members:end_session", args=[1]))
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "405.html" in [template.name for template in answer.templates]
    assert b"Nothing was sent" in answer.content


def test_a_program_reads_a_problem_as_before():
    community = make.community()
    answer = api.Program(community)._send("delete", "circles/", None, {})
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")


@pytest.mark.parametrize(
    "made", [lambda: HttpResponse("Hello"), lambda: StreamingHttpResponse(iter([b"Hel", b"lo"]))]
)
def test_a_head_comes_without_its_body(made):
    def view(_request):
        return made()

    asked = RequestFactory()
    head, page = (HeadWithoutBody(view)(request) for request in (asked.head("/"), asked.get("/")))
    assert (b"".join(head), b"".join(page)) == (b"", b"Hello")
    assert head.headers == page.headers
