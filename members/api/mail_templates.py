"""The words of letters, by kind and language: the product's own, or the community's."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel import mails
from kernel.api import etags
from kernel.api.fields import Text
from kernel.api.operations import operation
from kernel.api.serializers import Body, Shape
from kernel.api.views import ApiView
from kernel.clock import now
from members.actors import Actor
from members.services import mail_templates
from members.services.mail_templates import PERMISSION, Template

LANGUAGES = [code for code, _name in settings.LANGUAGES]


class PlaceholderShape(Shape):
    """A word in braces that is filled in."""

    name = serializers.CharField(help_text="It stands in the words as `{name}`.")
    meaning = serializers.CharField(help_text="What is put there.")


class MailTemplateShape(Shape):
    """The words of one kind of letter in one language."""

    kind = serializers.CharField(source="kind.key")
    language = serializers.ChoiceField(choices=LANGUAGES)
    label = serializers.CharField(source="kind.label")  # type: ignore[assignment]
    subject = serializers.CharField()
    body = serializers.CharField(help_text="Markdown. A link alone on its line becomes a button.")
    own = serializers.BooleanField(help_text="Whether these are the community's words, not the usual ones.")
    placeholders = serializers.SerializerMethodField(help_text="What may stand in braces, and nothing else.")

    def get_placeholders(self, template: Template) -> PlaceholderShape(many=True):  # type: ignore[valid-type]
        known = [{"name": name, "meaning": meaning} for name, meaning in template.kind.known.items()]
        return PlaceholderShape(known, many=True).data


class MailTemplatesShape(Shape):
    """The words of every letter there is."""

    templates = MailTemplateShape(many=True)


class MailTemplateChange(Body):
    """The words to be; what is left out stays."""

    subject = Text(required=False, max_length=mails.LONGEST_SUBJECT)
    body = Text(
        required=False,
        max_length=mails.LONGEST_BODY,
        trim_whitespace=False,
        help_text="Markdown, with the kind's placeholders in braces.",
    )


class MailTemplates(ApiView):
    tag = "mail"

    @operation(
        "list_mail_templates",
        "List the words of letters",
        answers={200: MailTemplatesShape},
        needs=PERMISSION,
    )
    def get(self, request: Request) -> Response:
        """The words of every kind of letter that a community may word, in every language."""
        every = mail_templates.every(request.community)  # type: ignore[attr-defined]
        return Response(MailTemplatesShape({"templates": every}).data)


class OneMailTemplate(ApiView):
    tag = "mail"
    places = {"letter": "The kind of letter, as `member.welcome`.", "language": "`en` or `zh-hans`."}

    @operation(
        "read_mail_template",
        "Read the words of a letter",
        answers={200: MailTemplateShape},
        needs=PERMISSION,
        tagged=True,
    )
    def get(self, request: Request, letter: str, language: str) -> Response:
        """The words of one kind of letter in one language."""
        return self.one(MailTemplateShape(_find(request, letter, language)))

    @operation(
        "change_mail_template",
        "Change the words of a letter",
        answers={200: MailTemplateShape},
        needs=PERMISSION,
        body=MailTemplateChange,
        tagged=True,
        example={"subject": "Good to have you, {member}"},
    )
    def patch(self, request: Request, letter: str, language: str) -> Response:
        """Say it in the community's own words: letters written from now on have them. Refused with
        `unknown_placeholder` for a word in braces that the kind does not have."""
        given = self.read_body()
        with transaction.atomic():
            before = _held(request, letter, language)
            etags.require(request, etags.of(MailTemplateShape(before).data))
            words = {"subject": before.subject, "body": before.body} | given
            mail_templates.save(**_told(request, before), **words)
        return self.one(MailTemplateShape(_find(request, letter, language)))


class ResetMailTemplate(ApiView):
    tag = "mail"
    places = OneMailTemplate.places

    @operation(
        "reset_mail_template",
        "Go back to the usual words of a letter",
        answers={200: MailTemplateShape},
        needs=PERMISSION,
    )
    def post(self, request: Request, letter: str, language: str) -> Response:
        """The product's own words are in force again. Doing it twice changes nothing."""
        mail_templates.reset(**_told(request, _find(request, letter, language)))
        return self.one(MailTemplateShape(_find(request, letter, language)))


def _told(request: Request, template: Template) -> dict[str, Any]:
    return {
        "community": request.community,  # type: ignore[attr-defined]
        "kind": template.kind.key,
        "language": template.language,
        "at": now(),
        "by": Actor.of_request(request),
    }


def _held(request: Request, letter: str, language: str) -> Template:
    """The words as they are until the end of the transaction. Raises `Http404`."""
    mail_templates.hold(community=request.community, by=Actor.of_request(request))  # type: ignore[attr-defined]
    return _find(request, letter, language)


def _find(request: Request, letter: str, language: str) -> Template:
    """The words as they are now. Raises `Http404` for a kind or language that there is not."""
    for one in mail_templates.every(request.community):  # type: ignore[attr-defined]
        if (one.kind.key, one.language) == (letter, language):
            return one
    raise Http404
