import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from engagement.models import Fact
from kernel.clock import now
from members.models import AuditEntry, Membership
from members.roles import Role
from members.services import imports
from tests import make

pytestmark = pytest.mark.django_db

FILE = b"member,verb,occurred_at\n#1,posted,2026-01-06\n#1,asked,2026-01-07\n"


@pytest.fixture
def community():
    return make.community("lantern")


def brought(community):
    run = imports.begin(
        community=community, kind="activities", file=ContentFile(FILE, name="a.csv"), filename="a.csv",
        at=now(), by=make.SITE, foreground=True,
    )  # fmt: skip
    return imports.carry_out(run_id=run.pk, now=now)


def valid(community):
    return Fact.objects.of(community.id).valid().exclude(verb__in=["joined", "visited"]).count()


def test_facts_are_taken_back_and_may_come_again(client, community):
    client.force_login(Membership.objects.of(community.id).get().user)
    run = brought(community)
    assert (run.created, valid(community)) == (2, 2)
    page = reverse("members:import_run", args=["lantern", run.pk])
    act = reverse("engagement:retract", args=["lantern", run.pk])
    assert act in client.get(page).content.decode()
    assert "Take 2 facts back?" in client.get(act).content.decode()
    assert valid(community) == 2

    assert client.post(act).headers["Location"] == page
    assert valid(community) == 0
    assert "2 facts of this import were taken back" in client.get(page).content.decode()
    entry = AuditEntry.objects.get(action="facts.retracted")
    assert (entry.object_id, entry.after) == (str(run.pk), {"facts": 2})
    assert client.post(act).status_code == 404

    assert brought(community).created == 2
    assert valid(community) == 2


@pytest.mark.parametrize(("role", "status"), [(Role.MANAGER, 200), (Role.MODERATOR, 403), (Role.MEMBER, 403)])
def test_who_may_take_back(client, community, role, status):
    run = brought(community)
    client.force_login(make.member(community, role=role).user)
    assert client.get(reverse("engagement:retract", args=["lantern", run.pk])).status_code == status


def test_an_import_of_another_community_is_not_there(client, community):
    run = brought(community)
    other = make.community("other")
    client.force_login(Membership.objects.of(other.id).get().user)
    assert client.post(reverse("engagement:retract", args=["other", run.pk])).status_code == 404
    assert valid(community) == 2
