import pytest

from communities.models import Community, JoinQuestion
from communities.services import joining
from kernel.errors import Refused
from members.models import Membership
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db


def question(community, **fields):
    return JoinQuestion.objects.create(community=community, position=9, text="Which?", **fields)


@pytest.fixture
def community():
    community = make.community()
    JoinQuestion.objects.filter(community=community).delete()
    return community


def join(community, answers):
    return joining.join(community=community, user=make.person(), answers=answers, at=EARLY, by=SITE)


def test_answers_are_kept_with_their_questions(community):
    choice = question(community, kind="choice", options=["tea", "coffee"])
    member = join(community, {choice.pk: "tea"})
    assert member.answers == [{"question": "Which?", "answer": "tea"}]


@pytest.mark.parametrize(
    ("kind", "answer", "code"),
    [
        ("text", "", "required"),
        ("text", "x" * 2001, "invalid"),
        ("choice", "beer", "invalid"),
        ("several", ["tea", "beer"], "invalid"),
        ("date", "tomorrow", "invalid"),
        ("agreement", False, "required"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(community, kind, answer, code):
    asked = question(community, kind=kind, options=["tea"], required=True)
    with pytest.raises(Refused) as refusal:
        join(community, {asked.pk: answer})
    assert (refusal.value.code, refusal.value.field) == (code, f"question_{asked.pk}")
    assert Membership.objects.of(community.id).count() == 1


@pytest.mark.parametrize(
    "change", [{"join_policy": "invitation"}, {"join_policy": "application"}, {"approved_at": None}]
)
def test_a_community_that_is_not_open_lets_nobody_in(community, change):
    Community.objects.filter(pk=community.pk).update(**change)
    community.refresh_from_db()
    with pytest.raises(Refused):
        join(community, {})
    assert Membership.objects.of(community.id).count() == 1
