"""What was written elsewhere, row by row: messages of a file become posts, and those that answer them comments.

A message is known again by its own id, so that a file sent twice brings nothing twice. Who wrote one and is not here
yet is entered as a member, from the day of their first message on; people claim such a record later, as any that a
file brings. Nobody is told of anything: it happened long ago.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from communities.models import Circle, CircleMembership, Comment, Community, Post
from communities.models.post import LONGEST
from communities.services import circles
from kernel import activity, cells, imports
from kernel.activity import Activity
from kernel.errors import Refused
from kernel.imports import CREATED, UNCHANGED, Column, Job, Load, Rejected, Row, Verdict
from kernel.locks import locked
from members.models import Membership
from members.services import memberships

COLUMNS = (
    Column("id", _("The message's own id"), needed=True),
    Column("circle", _("Name of a circle; one that is not here yet is opened"), needed=True),
    Column("author", _("The id of the member who wrote it; one who is not here yet is entered"), needed=True),
    Column("author_name", _("Name of who wrote it, for one who is not here yet")),
    Column("author_email", _("E-mail address of who wrote it, by which one who is here already is found")),
    Column("written_at", _("When"), needed=True),
    Column("title", _("Title of a post")),
    Column("text", _("What it says, in Markdown"), needed=True),
    Column("answers", _("The id of the message it answers; empty where it begins a thread")),
)
imports.reasons.update(
    {
        "unknown_message": _("There is no message “%(value)s” here: what is answered comes first."),
        "author_erased": _("Who wrote this was erased at their wish: the row is left out."),
    }
)
#: The name space of ids from elsewhere: a key of a post written here is by chance, one of these by its id.
_ELSEWHERE = UUID("6f0f4c5e-54f3-4b5b-9a0c-3b8c2d0c7a51")


@dataclass(frozen=True)
class Message:
    """A row that can be taken, but for what it answers."""

    key: UUID
    circle: Circle
    author: Membership
    at: datetime
    title: str
    text: str
    answers: str


class TalkLoad(Load):
    def __init__(self, job: Job) -> None:
        self.job = job
        self.community = Community.objects.get(pk=job.community.id)
        self.latest = job.at + cells.AHEAD
        self.first: dict[str, datetime] = {}

    def survey(self, rows: Callable[[], Iterator[Row]], *, resume_line: int) -> None:
        """Since when each author has been there: rows come in any order of circles."""
        for row in rows():
            try:
                author, at = row.cells.get("author", ""), self._time(row)
            except Rejected:
                continue
            self.first[author] = min(self.first.get(author, at), at)

    def take(self, rows: Sequence[Row]) -> list[Verdict]:
        authors = self._known_authors(rows)
        opened = self._circles(rows)
        verdicts: dict[int, Verdict] = {}
        messages: dict[int, Message] = {}
        here = self._keys_here(rows)
        for place, row in enumerate(rows):
            try:
                message = self._message(row, authors, opened)
            except Rejected as rejected:
                verdicts[place] = Verdict.of(rejected)
                continue
            verdicts[place] = UNCHANGED if message.key in here else CREATED
            if message.key not in here:
                here.add(message.key)
                messages[place] = message
        # Members first, then what they wrote: in the order in which everybody holds them who writes here.
        found = locked(Membership.objects.filter(pk__in={one.author.pk for one in messages.values()}))
        list(found.order_by("pk").values_list("pk"))
        self._enter_circles(messages.values())
        self._begin(one for one in messages.values() if not one.answers)
        verdicts |= self._answer({place: one for place, one in messages.items() if one.answers})
        return [verdicts[place] for place in range(len(rows))]

    # --- one row ------------------------------------------------------------------------------------

    def _time(self, row: Row) -> datetime:
        text = row.cells.get("written_at", "")
        return cells.instant(text, zone=self.community.zone, latest=self.latest, column="written_at")

    def _message(self, row: Row, authors: "_Authors", opened: dict[str, Circle]) -> Message:
        if row.problem:
            raise row.problem
        for column in COLUMNS:
            if column.needed and not row.cells.get(column.name):
                raise Rejected("needed", column=column.name)
        at = self._time(row)
        text = cells.short(row.cells["text"], most=LONGEST, column="text")
        title = row.cells.get("title", "")[: Post._meta.get_field("title").max_length]
        circle = opened[cells.short(row.cells["circle"], most=80, column="circle").casefold()]
        author = authors.of(row.cells)
        return Message(
            self._key(row.cells["id"]), circle, author, at, title, text, row.cells.get("answers", "")
        )

    def _key(self, own_id: str) -> UUID:
        return uuid5(_ELSEWHERE, f"{self.community.pk}:{own_id}")

    # --- what is here -------------------------------------------------------------------------------

    def _known_authors(self, rows: Sequence[Row]) -> "_Authors":
        return _Authors(self.job, self.community, self.first, rows)

    def _keys_here(self, rows: Sequence[Row]) -> set[UUID]:
        keys = [self._key(row.cells["id"]) for row in rows if row.cells.get("id")]
        told = Post.objects.filter(key__in=keys).values_list("key", flat=True)
        return {*told, *Comment.objects.filter(key__in=keys).values_list("key", flat=True)}

    def _circles(self, rows: Sequence[Row]) -> dict[str, Circle]:
        """The circles that rows which can be read name, opened where they are not here yet."""
        found: dict[str, Circle] = {}
        for row in rows:
            name = row.cells.get("circle", "")
            if not name or name.casefold() in found or not self._can_be_read(row):
                continue
            found[name.casefold()] = circles.open_named(
                community=self.community, name=name, at=self.job.at, by=self.job.by
            )
        return found

    def _can_be_read(self, row: Row) -> bool:
        try:
            cells.short(row.cells["circle"], most=80, column="circle")
            self._time(row)
        except Rejected:
            return False
        return row.problem is None and all(row.cells.get(column.name) for column in COLUMNS if column.needed)

    # --- what is written ----------------------------------------------------------------------------

    def _enter_circles(self, messages: Iterable[Message]) -> None:
        """Who wrote in a circle is in it."""
        inside = {(one.circle.pk, one.author.pk): one.at for one in messages}
        CircleMembership.objects.bulk_create(
            [
                CircleMembership(circle_id=circle, membership_id=author, joined_at=at)
                for (circle, author), at in sorted(inside.items())
            ],
            ignore_conflicts=True,
        )

    def _begin(self, messages: Iterable[Message]) -> None:
        made = Post.objects.bulk_create(
            Post(
                key=one.key, circle=one.circle, author=one.author, title=one.title, body=one.text,
                created_at=one.at, last_at=one.at,
            )
            for one in messages
        )  # fmt: skip
        activity.publish(*(self._fact("posted", post, post) for post in made))

    def _answer(self, messages: dict[int, Message]) -> dict[int, Verdict]:
        """Write the comments, those first that are answered by others; verdicts on those that answer nothing here."""
        verdicts: dict[int, Verdict] = {}
        keys = {self._key(one.answers) for one in messages.values()}
        answered: dict[UUID, Post | Comment] = {}
        for post in Post.objects.of(self.community.pk).filter(key__in=keys).select_related("author"):
            answered[post.key] = post
        comments = Comment.objects.of(self.community.pk).filter(key__in=keys)
        for comment in comments.select_related("author", "post"):
            answered[comment.key] = comment
        begun = {_post(one).pk for one in answered.values()}
        list(locked(Post.objects.filter(pk__in=begun)).order_by("pk").values_list("pk"))
        left = dict(messages)
        while ready := {p: one for p, one in left.items() if self._key(one.answers) in answered}:
            made = Comment.objects.bulk_create(
                self._comment(one, answered[self._key(one.answers)]) for one in ready.values()
            )
            activity.publish(
                *(
                    self._fact("commented", comment, answered[self._key(one.answers)])
                    for comment, one in zip(made, ready.values(), strict=True)
                )
            )
            answered |= {comment.key: comment for comment in made}
            left = {place: one for place, one in left.items() if place not in ready}
        for place, one in left.items():
            rejected = Rejected("unknown_message", column="answers", value=cells.shown(one.answers))
            verdicts[place] = Verdict.of(rejected)
        self._count([one for place, one in messages.items() if place not in left], answered)
        return verdicts

    def _comment(self, message: Message, answered: Post | Comment) -> Comment:
        parent = answered if isinstance(answered, Comment) else None
        return Comment(
            key=message.key, post=_post(answered), parent=parent, author=message.author, body=message.text,
            created_at=message.at,
        )  # fmt: skip

    def _count(self, messages: list[Message], answered: dict[UUID, Post | Comment]) -> None:
        """How many comments each post has now, and when the last of them was written."""
        said: dict[int, list[datetime]] = {}
        for one in messages:
            said.setdefault(_post(answered[self._key(one.answers)]).pk, []).append(one.at)
        for pk, times in sorted(said.items()):
            Post.objects.filter(pk=pk).update(
                comment_count=F("comment_count") + len(times), last_at=Greatest(F("last_at"), max(times))
            )

    def _fact(self, verb: str, written: Post | Comment, answered: Post | Comment) -> Activity:
        post = _post(written)
        return Activity(
            community_id=self.community.pk,
            member=written.author.number,
            verb=verb,
            at=written.created_at,
            target=answered.author.number if isinstance(written, Comment) else None,
            object_kind="post",
            object_id=str(post.key),
            circle_id=post.circle_id,
            staff=written.author.is_staff,
            dedupe=f"{'post' if isinstance(written, Post) else 'comment'}:{written.key}",
        )


class _Authors:
    """Members by the ids that rows have for them, entered where there is none."""

    def __init__(
        self, job: Job, community: Community, first: dict[str, datetime], rows: Sequence[Row]
    ) -> None:
        self.job, self.community, self.first = job, community, first
        ids = {row.cells["author"] for row in rows if row.cells.get("author")}
        emails = {row.cells["author_email"].lower() for row in rows if row.cells.get("author_email")}
        records = Membership.objects.records_of(community.pk).select_related("merged_into", "tier")
        self.known = {
            str(one.external_id): one.merged_into or one for one in records.filter(external_id__in=ids)
        }
        found = Membership.objects.of(community.pk).filter(email__in=emails, erased_at=None)
        self.by_email = {one.email.lower(): one for one in found.order_by("-pk")}

    def of(self, told: Mapping[str, str]) -> Membership:
        own_id, email = told["author"], told.get("author_email", "").lower()
        if own_id not in self.known:
            found = self.by_email.get(email) or self._enter(own_id, told.get("author_name", ""), email)
            self.known[own_id] = found
            if found.email:
                self.by_email.setdefault(found.email.lower(), found)
        return self.known[own_id]

    def _enter(self, own_id: str, name: str, email: str) -> Membership:
        cells.short(own_id, most=120, column="author")
        try:
            validate_email(email)
        except ValidationError:
            email = ""
        try:
            return memberships.add(
                community=self.community,
                at=self.job.at,
                by=self.job.by,
                external_id=own_id,
                name=name[:120],
                email=email,
                joined_at=min(self.first.get(own_id, self.job.at), self.job.at),
            )
        except Refused as refusal:
            code = "author_erased" if refusal.code == "erased" else "stored"
            raise Rejected(code, column="author", value=refusal.code) from None


def _post(written: Post | Comment) -> Post:
    return written if isinstance(written, Post) else written.post


__all__ = ["COLUMNS", "TalkLoad"]
