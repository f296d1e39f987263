"""What the API says of polls, and what it takes."""

from rest_framework import serializers

from communities.models import Poll
from communities.services.polls import FEWEST, KEPT, LONGEST, MOST
from kernel.api.fields import Choice, Flag, Moment, Text, Whole
from kernel.api.serializers import Body, Shape


class OptionShape(Shape):
    """One of the choices of a poll."""

    id = serializers.IntegerField(help_text="By which it is voted for.")
    text = serializers.CharField()
    mine = serializers.BooleanField(help_text="Whether the caller has voted for it.")
    votes = serializers.IntegerField(
        allow_null=True, help_text="Null while they are not shown to the caller."
    )


class PollShape(Shape):
    """A poll: what a post has its readers choose between. Who chose what is told to nobody."""

    several = serializers.BooleanField(source="poll.several", help_text="Whether several can be chosen.")
    results = serializers.ChoiceField(
        source="poll.results",
        choices=Poll.Results.values,
        help_text="When votes are shown: `always`, to who has `voted`, once it is `closed`.",
    )
    closes_at = Moment(source="poll.closes_at", allow_null=True)
    closed_at = Moment(source="poll.closed_at", allow_null=True, help_text="When its author closed it.")
    closed = serializers.BooleanField(help_text="Whether it takes no votes any more, for either reason.")
    voters = serializers.IntegerField(
        allow_null=True, help_text="How many have voted; null while it is not shown to the caller."
    )
    options = OptionShape(many=True, source="choices")


class NewPoll(Body):
    """A poll to go with a post. Nothing of it can be changed once somebody has voted."""

    options = serializers.ListField(
        child=Text(max_length=LONGEST), min_length=FEWEST, max_length=MOST, help_text="The choices."
    )
    several = Flag(required=False, help_text="Whether several can be chosen.")
    results = Choice(required=False, choices=Poll.Results.values)
    closes_at = Moment(required=False, allow_null=True)


class DraftPollShape(Shape):
    """A poll that is being written, as it was typed: it may be none yet."""

    options = serializers.CharField(help_text="Each choice in a line of its own.")
    several = serializers.BooleanField()
    results = serializers.ChoiceField(choices=Poll.Results.values)
    closes_at = serializers.CharField(help_text="In the community's time zone, or whatever was typed.")


class DraftPollBody(Body):
    """A poll that is being written: kept as it was typed, right or wrong."""

    options = Text(required=False, max_length=KEPT, allow_blank=True, trim_whitespace=False)
    several = Flag(required=False)
    results = Choice(required=False, choices=Poll.Results.values)
    closes_at = Text(
        required=False,
        max_length=40,
        allow_blank=True,
        help_text="As in the page's form: 2026-05-04T18:30, in the community's time zone.",
    )


class Ballot(Body):
    """The choices to vote for; none takes the vote back."""

    options = serializers.ListField(
        child=Whole(min_value=1, max_value=2**63 - 1), max_length=MOST, help_text="Their ids."
    )
