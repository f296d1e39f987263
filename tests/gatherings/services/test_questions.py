"""What is asked of who takes a place is answered, and stays as it was asked and answered."""

import pytest

from gatherings.models import EventQuestion, Ticket
from gatherings.services import questions
from tests import make
from tests.gatherings import holding
from tests.gatherings.services.test_events import acting, refused
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return holding.event(make.community())


def ask(event, text, kind="text", by=SITE, **given):
    return questions.ask(event=event, text=text, kind=kind, at=EARLY, by=by, **given)


def test_answers_stand_on_the_ticket_as_they_were_given(event):
    member = make.member(event.community)
    diet = ask(event, "What do you eat?", "several", options=["Fish", " Fish ", "Leaves", ""])
    size = ask(event, "Size?", "choice", options=["S", "L"], required=True)
    rules = ask(event, "I am kind.", "agreement", required=True)
    bring = ask(event, "What do you bring?")
    take = {"kind": holding.kind(event), "member": member, "at": EARLY}
    refused("unanswered", questions.take, given={rules.pk: True}, **take)
    refused("unanswered", questions.take, given={size.pk: "S", rules.pk: "yes"}, **take)
    refused("answer", questions.take, given={size.pk: "XL", rules.pk: True}, **take)
    assert not Ticket.objects.exists()
    given = {diet.pk: ["Leaves"], size.pk: "L", rules.pk: True, bring.pk: " Soup\x00 "}
    ticket = questions.take(given=given, **take)
    questions.drop(event=event, question=size, at=EARLY, by=SITE)
    ticket.refresh_from_db()
    assert ticket.answers == [
        {"question": "What do you eat?", "answer": ["Leaves"]},
        {"question": "Size?", "answer": "L"},
        {"question": "I am kind.", "answer": True},
        {"question": "What do you bring?", "answer": "Soup"},
    ]
    assert list(EventQuestion.objects.values_list("options", flat=True)) == [["Fish", "Leaves"], [], []]


def test_what_is_no_question(event):
    member = make.member(event.community)
    refused("text", ask, event=event, text=" \n ")
    refused("options", ask, event=event, text="Size?", kind="choice", options=["S"])
    refused("not_allowed", ask, event=event, text="Why?", by=acting(member))
    for n in range(questions.MOST):
        ask(event, f"{n}?")
    refused("too_many", ask, event=event, text="One more?")
    first = event.questions.first()
    refused("not_allowed", questions.drop, event=event, question=first, at=EARLY, by=acting(member))
    assert event.questions.count() == questions.MOST
