"""What the API says of posts and comments, and what it takes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from communities.api.file_shapes import FileShape
from communities.api.poll_shapes import NewPoll, PollShape
from communities.api.reaction_shapes import TallyShape
from communities.models.post import LONGEST
from communities.services.attachments import MOST
from kernel import markdown
from kernel.api.fields import Choice, Flag, Moment, Text
from kernel.api.serializers import Body, Shape, page_of


@extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
class Mentions(serializers.Field):
    """The numbers of the members whom a text names, as `@#12` or `@[Ada](12)`."""

    def __init__(self) -> None:
        super().__init__(source="*", read_only=True, help_text="The numbers of the members whom it names.")

    def to_representation(self, written: Any) -> list[int]:
        return markdown.mentioned(written.body) if written.is_there else []


class PostShape(Shape):
    """A post: the beginning of a thread in a circle."""

    sparse = True

    id = serializers.UUIDField(source="key")
    circle = serializers.CharField(source="circle.slug", help_text="The circle's address.")
    author = serializers.IntegerField(source="author.number", help_text="The number of who wrote it.")
    title = serializers.CharField()
    body = serializers.CharField(help_text="Markdown, as it was written.")
    asks = serializers.BooleanField(help_text="Whether it is a question.")
    accepted = serializers.UUIDField(
        source="accepted.key", allow_null=True, default=None, help_text="The comment accepted as its answer."
    )
    mentions = Mentions()
    created_at = Moment()
    edited_at = Moment(allow_null=True, help_text="When it last came to say something else.")
    pinned_at = Moment(allow_null=True)
    locked_at = Moment(allow_null=True, help_text="Since when its thread takes no more answers.")
    hidden_at = Moment(allow_null=True)
    held_at = Moment(allow_null=True, help_text="Since when it waits for approval; it is hidden meanwhile.")
    reason = serializers.CharField(help_text="Why it was hidden.")
    comments = serializers.IntegerField(source="comment_count", help_text="How many are there.")
    last_at = Moment(help_text="When it, or the last comment, was written.")
    reactions = TallyShape(many=True, source="tallies")
    poll = PollShape(source="shown_poll", allow_null=True, default=None)
    files = FileShape(source="attached", many=True, help_text="Its pictures and files, in their order.")


PostPage = page_of(PostShape, "PostPage")


class CommentShape(Shape):
    """A comment below a post. The words of one that was hidden or taken back are not told."""

    sparse = True

    id = serializers.UUIDField(source="key")
    post = serializers.UUIDField(source="post.key", help_text="The post's id.")
    answers_to = serializers.UUIDField(
        source="parent.key", allow_null=True, default=None, help_text="The comment that it answers."
    )
    author = serializers.IntegerField(source="author.number", help_text="The number of who wrote it.")
    body = serializers.SerializerMethodField(help_text="Markdown, as it was written; empty where it is gone.")
    mentions = Mentions()
    created_at = Moment()
    edited_at = Moment(allow_null=True)
    hidden_at = Moment(allow_null=True)
    held_at = Moment(allow_null=True, help_text="Since when it waits for approval; it is hidden meanwhile.")
    removed_at = Moment(allow_null=True)
    reactions = TallyShape(many=True, source="tallies")
    files = serializers.SerializerMethodField(help_text="Its pictures and files; none where it is gone.")

    def get_body(self, comment: object) -> str:
        return str(comment.body) if comment.is_there else ""  # type: ignore[attr-defined]

    def get_files(self, comment: object) -> FileShape(many=True):  # type: ignore[valid-type]
        rows = comment.attached if comment.is_there else []  # type: ignore[attr-defined]
        return FileShape(rows, many=True).data


CommentPage = page_of(CommentShape, "CommentPage")


def _ids(words: str) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=MOST, help_text=words
    )


SAYS = "It may be empty where a picture or file goes with it."


class WithFiles(Body):
    """What comes with what is written."""

    files = _ids("Ids of files that were sent: they come behind those that are there.")


class PostChange(WithFiles):
    """What is to be changed; what is left out stays."""

    drop = _ids("Ids of its files that are to go.")
    title = Text(required=False, max_length=160, allow_blank=True)
    body = Text(required=False, max_length=LONGEST, allow_blank=True, trim_whitespace=False, help_text=SAYS)


class NewPost(WithFiles):
    """A post to write."""

    title = Text(required=False, max_length=160, allow_blank=True)
    body = Text(required=False, max_length=LONGEST, allow_blank=True, trim_whitespace=False, help_text=SAYS)
    poll = NewPoll(required=False)
    asks = Flag(required=False, help_text="Whether it is a question, of which one answer can be accepted.")


class Acceptance(Body):
    """The answer to accept."""

    comment = serializers.UUIDField(
        allow_null=True, help_text="A comment directly below the question; null takes back what was accepted."
    )


class CommentChange(WithFiles):
    """What it is to say."""

    drop = _ids("Ids of its files that are to go.")
    body = Text(max_length=LONGEST, allow_blank=True, trim_whitespace=False, help_text=SAYS)


class NewComment(WithFiles):
    """A comment to write."""

    body = Text(required=False, max_length=LONGEST, allow_blank=True, trim_whitespace=False, help_text=SAYS)
    answers_to = serializers.UUIDField(
        required=False, allow_null=True, help_text="The comment that it answers."
    )


class Order(Body):
    """What those do who keep order."""

    act = Choice(choices=["hide", "show", "lock", "unlock", "pin", "unpin", "move"])
    reason = Text(
        required=False,
        max_length=240,
        allow_blank=True,
        help_text="Needed to hide, to close a thread and to move it; its author reads it.",
    )
    circle = Text(required=False, max_length=80, help_text="The address of the circle to move it to.")


class CommentOrder(Order):
    """What those do to a comment who keep order."""

    act = Choice(choices=["hide", "show"])
    circle = None  # type: ignore[assignment]
