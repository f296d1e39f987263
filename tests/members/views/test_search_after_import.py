"""A search in the moment after a file came in, when the database knows nothing yet of how its tables look."""

import pytest
from django.db import connection
from django.test import Client

from tests import make
from tests.members.imports.files import send

pytestmark = pytest.mark.django_db


def test_a_page_is_found_once_and_not_for_each_row():
    community = make.community("lantern", owner=make.person("ada@example.org", name="Ada"))
    rows = "".join(f"u{n},Somebody {n},2026-01-01T00:00Z\n" for n in range(1500))
    send(community, f"member,name,joined_at\n{rows}")
    client = Client()
    client.force_login(community.founded_by)
    with connection.cursor() as cursor:
        # Many times what it takes; finding the page anew at each row takes ten times that.
        cursor.execute("SET LOCAL statement_timeout = '2s'")
    page = client.get("/c/lantern/desk/members/?q=Somebody")
    assert (page.status_code, page.context["count"].number) == (200, 1500)
    assert client.get("/c/lantern/desk/members/?q=Somebody+7").context["count"].number > 0
