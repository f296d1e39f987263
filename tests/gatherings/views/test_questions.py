"""Questions are kept by the hosts, answered on the way in, and read at the door."""

from datetime import timedelta

import pytest

from gatherings.models import Ticket
from kernel.clock import now
from tests import make
from tests.gatherings.views.test_events import client_of, gathering

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community("lantern", at=now() - timedelta(days=30))


def test_from_the_question_to_the_list(community):
    host, member = make.member(community), make.member(community, name="=Ada")
    event = gathering(community, host=host, days=0.1)
    root = f"/c/lantern/events/{event.key}/"
    keeper, client = client_of(host), client_of(member)
    wrong = keeper.post(f"{root}questions/", {"text": "Size?", "kind": "choice", "options": "S"})
    assert "Name two answers at least" in wrong.content.decode()
    keeper.post(f"{root}questions/", {"text": "Size?", "kind": "choice", "options": "S\nL", "required": "on"})
    keeper.post(f"{root}questions/", {"text": "Anything else?", "kind": "text"})
    body = client.get(root).content.decode()
    assert f'{root}take/?kind={event.kinds.get().key}"' in body and 'value="yes"' not in body
    tap = client.post(f"{root}answer/", {"answer": "yes", "kind": event.kinds.get().key})
    assert (tap["Location"], Ticket.objects.count()) == (f"{root}take/?kind={event.kinds.get().key}", 0)
    assert client.get(f"{root}take/").status_code == 200
    size, other = event.questions.order_by("position")
    given = {"kind": str(event.kinds.get().key), f"question_{other.pk}": "No onions"}
    assert "This field is required." in client.post(f"{root}take/", given).content.decode()
    assert client.post(f"{root}take/", given | {f"question_{size.pk}": "L"})["Location"] == root
    page = keeper.get(f"{root}people/").content.decode()
    assert "Size?" in page and "No onions" in page
    sheet = b"".join(keeper.get(f"{root}people/list.csv")).decode()
    assert sheet.splitlines()[0].endswith("Size?,Anything else?")
    assert sheet.splitlines()[1].startswith(
        f"{member.number},'=Ada,yes,in_person,"
    ) and sheet.strip().endswith("L,No onions")
    keeper.post(f"{root}questions/", {"act": "drop", "question": str(size.pk)})
    keeper.post(f"{root}questions/", {"act": "drop", "question": "x"})
    assert event.questions.count() == 1
    assert (
        client.get(f"{root}questions/").status_code == client.get(f"{root}people/list.csv").status_code == 403
    )
