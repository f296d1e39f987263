"""What the API says of reports and of what was done about members, and what it takes."""

from rest_framework import serializers

from communities.models import Appeal, Case, Measure, Reason, TalkRules
from communities.services.measures import LONGEST_MUTE
from communities.services.reports import LONGEST
from communities.services.talk_rules import LARGEST, MOST
from kernel.api.fields import Choice, Moment, Text
from kernel.api.serializers import Body, Shape, page_of

#: What members choose from.
REASONS = [reason.value for reason in Reason if reason != Reason.RULE]


class ReportShape(Shape):
    """A member's word against something that is written."""

    reason = serializers.ChoiceField(choices=Reason.values)
    words = serializers.CharField()
    at = Moment()
    outcome = serializers.ChoiceField(
        choices=Case.State.values, help_text="`open` until it is decided, then `kept` or `acted`."
    )


class ReporterShape(ReportShape):
    """The same, for those who keep order."""

    reporter = serializers.IntegerField(
        source="reporter.number",
        allow_null=True,
        default=None,
        help_text="The number of who reported it; null for a rule of the community.",
    )


class CaseShape(Shape):
    """One thing that was reported, with all its reports."""

    sparse = True

    id = serializers.UUIDField(source="key")
    circle = serializers.CharField(source="circle.slug", help_text="The address of the circle where it lies.")
    post = serializers.UUIDField(source="post.key", allow_null=True, default=None, help_text="The post's id.")
    comment = serializers.UUIDField(
        source="comment.key", allow_null=True, default=None, help_text="The comment's id."
    )
    author = serializers.IntegerField(source="author.number", help_text="The number of who wrote it.")
    said = serializers.CharField(help_text="What it said when it was reported; empty once it is decided.")
    state = serializers.ChoiceField(choices=Case.State.values)
    urgency = serializers.IntegerField(help_text="The higher, the sooner somebody should look.")
    opened_at = Moment()
    reports = ReporterShape(many=True)
    act = serializers.CharField(help_text="What was decided, or empty.")
    reason = serializers.CharField(help_text="What its author reads.")
    decided_at = Moment(allow_null=True)
    decided_by = serializers.CharField(source="decided_words", help_text="Who decided, in words.")


CasePage = page_of(CaseShape, "CasePage")


class MeasureShape(Shape):
    """What was done about a member or what they wrote."""

    sparse = True

    id = serializers.UUIDField(source="key")
    member = serializers.IntegerField(source="membership.number", help_text="The member's number.")
    kind = serializers.ChoiceField(choices=Measure.Kind.values)
    post = serializers.UUIDField(source="post.key", allow_null=True, default=None, help_text="The post's id.")
    comment = serializers.UUIDField(
        source="comment.key", allow_null=True, default=None, help_text="The comment's id."
    )
    reason = serializers.CharField(help_text="What the member reads.")
    at = Moment()
    until = Moment(allow_null=True, help_text="When a mute ends by itself.")
    ended_at = Moment(allow_null=True, help_text="When somebody lifted it.")
    by = serializers.CharField(source="by_words", help_text="Who did it, in words.")


MeasurePage = page_of(MeasureShape, "MeasurePage")


class NewReport(Body):
    """A report to make."""

    reason = Choice(choices=REASONS)
    words = Text(required=False, max_length=LONGEST, allow_blank=True, help_text="Needed for `other`.")


class CaseDecision(Body):
    """What is decided."""

    act = Choice(choices=Case.Act.values)
    reason = Text(
        required=False,
        max_length=240,
        allow_blank=True,
        help_text="Needed for all but `keep`; the author reads it.",
    )
    hides = serializers.BooleanField(
        required=False, default=False, help_text="Of what is done to the author: hide the words as well."
    )
    hours = serializers.IntegerField(
        required=False, min_value=1, max_value=LONGEST_MUTE, help_text="How long a mute lasts."
    )
    circle = Text(
        required=False, max_length=80, help_text="The address of the circle where a post is moved to."
    )


class NewMeasure(Body):
    """A warning or a mute to give."""

    act = Choice(choices=["warn", "mute"])
    reason = Text(max_length=240, help_text="The member reads it.")
    hours = serializers.IntegerField(
        required=False, min_value=1, max_value=LONGEST_MUTE, help_text="How long a mute lasts."
    )


class AppealShape(Shape):
    """A member's word against what was done about them."""

    id = serializers.UUIDField(source="key")
    member = serializers.IntegerField(
        source="measure.membership.number", help_text="The number of who appeals."
    )
    measure = serializers.UUIDField(source="measure.key", help_text="The id of what was done.")
    kind = serializers.ChoiceField(source="measure.kind", choices=Measure.Kind.values)
    words = serializers.CharField()
    at = Moment()
    state = serializers.ChoiceField(choices=Appeal.State.values)
    answer = serializers.CharField(help_text="What the member reads of the decision.")
    decided_at = Moment(allow_null=True)
    decided_by = serializers.CharField(source="decided_words", help_text="Who decided, in words.")


AppealPage = page_of(AppealShape, "AppealPage")


class NewAppeal(Body):
    """An appeal to make."""

    words = Text(max_length=2000, trim_whitespace=False)


class AppealDecision(Body):
    """What is decided about an appeal."""

    decision = Choice(choices=["lift", "uphold"])
    answer = Text(max_length=500, help_text="The member reads it.")


class TalkRulesShape(Shape):
    """What may be written."""

    held_words = serializers.ListField(child=serializers.CharField(), help_text="Held for approval.")
    refused_words = serializers.ListField(child=serializers.CharField(), help_text="Refused, with the word.")
    reported_words = serializers.ListField(child=serializers.CharField(), help_text="Reported by themselves.")
    links = serializers.ChoiceField(
        choices=TalkRules.Links.values, help_text="What becomes of newcomers' links to other sites."
    )
    domains = serializers.ListField(child=serializers.CharField(), help_text="Sites that may be linked to.")
    new_days = serializers.IntegerField(help_text="For so many days a member is new,")
    new_kept = serializers.IntegerField(help_text="or until so many of their texts have stayed for a day.")
    new_per_hour = serializers.IntegerField(help_text="Posts, and comments, of a newcomer in an hour.")
    new_links = serializers.IntegerField(help_text="Links of a newcomer in a text.")
    new_mentions = serializers.IntegerField(help_text="Mentions of a newcomer in a text.")


class TalkRulesChange(Body):
    """What is to be changed; what is left out stays."""

    held_words = serializers.ListField(child=Text(max_length=120), required=False, max_length=MOST)
    refused_words = serializers.ListField(child=Text(max_length=120), required=False, max_length=MOST)
    reported_words = serializers.ListField(child=Text(max_length=120), required=False, max_length=MOST)
    links = Choice(choices=TalkRules.Links.values, required=False)
    domains = serializers.ListField(child=Text(max_length=120), required=False, max_length=MOST)
    new_days = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST["new_days"])
    new_kept = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST["new_kept"])
    new_per_hour = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST["new_per_hour"])
    new_links = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST["new_links"])
    new_mentions = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST["new_mentions"])
