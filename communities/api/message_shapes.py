"""What the API says of messages and of what was reported of them, and what it takes."""

from typing import Any

from rest_framework import serializers

from communities.models import MessageReport, MessageWish
from communities.services.message_reports import LONGEST as LONGEST_WORDS
from communities.services.messages import LONGEST
from kernel.api.fields import Choice, Moment, Text
from kernel.api.serializers import Body, Shape, page_of


class ConversationShape(Shape):
    """What the caller and one other member have written to one another."""

    sparse = True

    number = serializers.IntegerField(source="other.number", help_text="The number of the other one.")
    name = serializers.CharField(source="other.display_name", help_text="What the other one is called.")
    unread = serializers.IntegerField(help_text="How many messages the caller has not read.")
    last_at = Moment(source="last.created_at", help_text="When the last message was written.")


ConversationPage = page_of(ConversationShape, "ConversationPage")


class DirectMessageShape(Shape):
    """A message; the words of one that was taken back are gone."""

    sparse = True

    id = serializers.UUIDField(source="key")
    author = serializers.IntegerField(source="author.number", help_text="The number of who wrote it.")
    body = serializers.CharField(help_text="Markdown, as it was written; empty where it was taken back.")
    created_at = Moment()
    removed_at = Moment(allow_null=True)


DirectMessagePage = page_of(DirectMessageShape, "DirectMessagePage")


class NewMessage(Body):
    """A message to write."""

    body = Text(max_length=LONGEST, trim_whitespace=False)


class MessageWishShape(Shape):
    """By whom the caller wants to be written to."""

    who = serializers.ChoiceField(choices=MessageWish.Who.values)
    blocked = serializers.ListField(
        child=serializers.IntegerField(), help_text="The numbers of those whom the caller has blocked."
    )


class MessageWishBody(Body):
    who = Choice(choices=MessageWish.Who.values, help_text="Who may begin to write to the caller.")


class ReportBody(Body):
    """Why a message is shown to those who keep order."""

    reason = Choice(choices=MessageReport.Reason.values)
    words = Text(required=False, max_length=LONGEST_WORDS, allow_blank=True)


class MessageReportShape(Shape):
    """A message that was reported: who, whom and why. What it says is asked for by itself."""

    sparse = True

    id = serializers.UUIDField(source="key")
    by = serializers.IntegerField(source="by.number", help_text="The number of who reported it.")
    about = serializers.IntegerField(source="about.number", help_text="The number of who wrote it.")
    reason = serializers.ChoiceField(choices=MessageReport.Reason.values)
    words = serializers.CharField(help_text="What who reported it said to it.")
    at = Moment()
    outcome = serializers.CharField(help_text="Empty while it waits; else `seen_to` or `nothing`.")
    note = serializers.CharField(help_text="What who settled it wrote for the others of the staff.")
    settled_at = Moment(allow_null=True)


MessageReportPage = page_of(MessageReportShape, "MessageReportPage")


class EvidenceLine(Shape):
    by = serializers.IntegerField(help_text="The number of who wrote it.")
    at = serializers.CharField()
    body = serializers.CharField(help_text="What it said when it was reported.")


class EvidenceShape(Shape):
    """The messages that were shown, the reported one last."""

    messages = EvidenceLine(many=True)


class SettleBody(Body):
    """How a report ended."""

    outcome = Choice(choices=[one for one in MessageReport.Outcome.values if one])
    note = Text(required=False, max_length=LONGEST_WORDS, allow_blank=True)


def evidence(lines: list[dict[str, Any]]) -> EvidenceShape:
    return EvidenceShape({"messages": lines})
