"""What newcomers are asked, and in which words they are told what was decided: kept by staff."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from communities.models import Community, Decision, JoinQuestion
from communities.services import letters, questions
from kernel.api import etags, pages
from kernel.api.fields import Choice, Flag, Text, Whole, Words
from kernel.api.operations import operation
from kernel.api.pages import PageQuery
from kernel.api.serializers import Body, Shape, page_of
from kernel.api.views import ApiView
from kernel.clock import now
from kernel.keyset import Order
from kernel.locks import locked
from members.actors import Actor

MANAGE = "settings.change"
LANGUAGES = [code for code, _name in settings.LANGUAGES]


class QuestionShape(Shape):
    """A question that newcomers answer on joining."""

    id = serializers.IntegerField()
    text = serializers.CharField()
    kind = serializers.ChoiceField(choices=JoinQuestion.Kind.values)
    options = serializers.ListField(
        child=serializers.CharField(), help_text="Answers to choose from, for the two kinds that choose."
    )
    required = serializers.BooleanField()  # type: ignore[assignment]  # a field's own `required` is a bool
    position = serializers.IntegerField(help_text="Questions are asked in this order.")


QuestionPage = page_of(QuestionShape, "JoinQuestionPage")


class QuestionChange(Body):
    """What is left out stays. Answers that were given stand with the question as it was asked."""

    text = Text(required=False, max_length=240)
    kind = Choice(required=False, choices=JoinQuestion.Kind.values)
    options = Words(
        required=False,
        most=questions.MOST_OPTIONS,
        longest=120,
        help_text="Two at the least, for `choice` and `several`.",
    )
    required = Flag(required=False)  # type: ignore[assignment]  # DRF calls an option of fields so
    position = Whole(
        required=False,
        min_value=0,
        max_value=questions.MOST_QUESTIONS,
        help_text="0 asks it first; the last for more than there are.",
    )


class NewQuestion(QuestionChange):
    """A question to ask, behind the others unless a place is given."""

    text = Text(max_length=240)


class LetterShape(Shape):
    """The words in which a decision is told in one language."""

    decision = serializers.ChoiceField(
        choices=Decision.values, help_text="`offer` is the waiting list's, when a place is free."
    )
    language = serializers.ChoiceField(choices=LANGUAGES)
    text = serializers.CharField(help_text="With `{name}`, `{community}` and `{reason}` to be filled in.")
    own = serializers.BooleanField(help_text="Whether these are the community's words, not the usual ones.")


class LettersShape(Shape):
    """Every letter there is."""

    letters = LetterShape(many=True)


class LetterChange(Body):
    """The words to be."""

    text = Text(
        max_length=4000, allow_blank=True, trim_whitespace=False, help_text="Empty: the usual words again."
    )


class Questions(ApiView):
    tag = "joining"

    @operation(
        "list_join_questions",
        "List the questions on joining",
        answers={200: QuestionPage},
        needs=MANAGE,
        query=PageQuery,
    )
    def get(self, request: Request) -> Response:
        """What newcomers are asked, in the order in which they are asked. Member fields that are asked on joining follow
        them: see `fields/`."""
        page = pages.page(
            request,
            _of(request.community),  # type: ignore[attr-defined]
            order=Order("position", tie="id"),
            limit=self.query["limit"],
            cursor=self.query.get("cursor", ""),
        )
        return Response(page.answer(QuestionShape(page.rows, many=True).data))

    @operation(
        "ask_join_question",
        "Ask one more question",
        answers={201: QuestionShape},
        needs=MANAGE,
        body=NewQuestion,
        refuses=(422,),
        example={"text": "What brings you here?", "kind": "text", "required": True},
    )
    def post(self, request: Request) -> Response:
        """Ask it from now on."""
        community, given = request.community, self.read_body()  # type: ignore[attr-defined]
        position, told = given.pop("position", None), _told(request)
        with transaction.atomic():
            made = questions.create(community=community, **told, **given)
            if position is not None:
                questions.place(question=made, to=position, **told)
        address = reverse("api:join_question", args=[community.slug, made.pk])
        headers = {"Location": request.build_absolute_uri(address)}
        return self.one(QuestionShape(_find(community, made.pk)), status=201, headers=headers)


class OneQuestion(ApiView):
    tag = "joining"
    places = {"question_id": "The question's id."}

    @operation(
        "read_join_question",
        "Read a question on joining",
        answers={200: QuestionShape},
        needs=MANAGE,
        tagged=True,
    )
    def get(self, request: Request, question_id: int) -> Response:
        """One question, by id."""
        return self.one(QuestionShape(_find(request.community, question_id)))  # type: ignore[attr-defined]

    @operation(
        "change_join_question",
        "Change a question on joining",
        answers={200: QuestionShape},
        needs=MANAGE,
        body=QuestionChange,
        tagged=True,
        refuses=(422,),
        example={"position": 0},
    )
    def patch(self, request: Request, question_id: int) -> Response:
        """Put it otherwise, or ask it at another place."""
        community, given = request.community, self.read_body()  # type: ignore[attr-defined]
        position, told = given.pop("position", None), _told(request)
        with transaction.atomic():
            question = _find(community, question_id, lock=True)
            etags.require(request, etags.of(QuestionShape(question).data))
            if given:
                questions.update(question=question, **told, **given)
            if position is not None:
                questions.place(question=question, to=position, **told)
        return self.one(QuestionShape(_find(community, question_id)))

    @operation(
        "delete_join_question",
        "Ask a question no longer",
        answers={204: None},
        needs=MANAGE,
        refuses=(422,),
    )
    def delete(self, request: Request, question_id: int) -> Response:
        """Answers that were given stay."""
        question = _find(request.community, question_id)  # type: ignore[attr-defined]
        questions.delete(question=question, **_told(request))
        return Response(status=204)


class Letters(ApiView):
    tag = "joining"

    @operation(
        "list_decision_letters", "List the words of decisions", answers={200: LettersShape}, needs=MANAGE
    )
    def get(self, request: Request) -> Response:
        """The words for every decision in every language."""
        every = letters.every(request.community)  # type: ignore[attr-defined]
        return Response(LettersShape({"letters": [_letter(*one) for one in every]}).data)


class OneLetter(ApiView):
    tag = "joining"
    places = {"decision": "`approve`, `wait`, `reject` or `offer`.", "language": "`en` or `zh-hans`."}

    @operation(
        "read_decision_letter",
        "Read the words of a decision",
        answers={200: LetterShape},
        needs=MANAGE,
        tagged=True,
    )
    def get(self, request: Request, decision: str, language: str) -> Response:
        """The words for one decision in one language."""
        return self.one(LetterShape(_find_letter(request, decision, language)))

    @operation(
        "change_decision_letter",
        "Change the words of a decision",
        answers={200: LetterShape},
        needs=MANAGE,
        body=LetterChange,
        tagged=True,
        refuses=(422,),
        example={"text": "Dear {name}, welcome to {community}."},
    )
    def patch(self, request: Request, decision: str, language: str) -> Response:
        """Say it in the community's own words, or go back to the usual ones with an empty text."""
        given = self.read_body()
        with transaction.atomic():
            before = _find_letter(request, decision, language)
            etags.require(request, etags.of(LetterShape(before).data))
            letters.save(
                community=request.community,  # type: ignore[attr-defined]
                decision=decision,
                language=language,
                **_told(request),
                **given,
            )
        return self.one(LetterShape(_find_letter(request, decision, language)))


def _told(request: Request) -> dict[str, Any]:
    return {"at": now(), "by": Actor.of_request(request)}


def _of(community: Community) -> Any:
    return JoinQuestion.objects.filter(community=community)


def _find(community: Community, question_id: int, *, lock: bool = False) -> JoinQuestion:
    found = _of(community).filter(pk=question_id).select_related("community")
    question: JoinQuestion | None = (
        (locked(found) if lock else found).first() if question_id < 2**63 else None
    )
    if question is None:
        raise Http404
    return question


def _letter(decision: str, language: str, text: str, own: bool) -> dict[str, Any]:
    return {"decision": decision, "language": language, "text": text, "own": own}


def _find_letter(request: Request, decision: str, language: str) -> dict[str, Any]:
    """The letter as it is now. Raises `Http404` for a decision or language that there is not."""
    for one in letters.every(request.community):  # type: ignore[attr-defined]
        if one[:2] == (decision, language):
            return _letter(*one)
    raise Http404
