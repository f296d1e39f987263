"""What this app holds on a person: applications and what was said of them, circles, keys."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial

from django.db.models import Count, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from communities.models import (
    Appeal,
    Application,
    ApplicationFile,
    Block,
    Case,
    CircleMembership,
    CircleRequest,
    Comment,
    DirectMessage,
    Draft,
    KeptAnswer,
    Measure,
    Mention,
    MessageReport,
    MessageWish,
    Option,
    Poll,
    Post,
    Reaction,
    Reference,
    Report,
    ThreadRead,
    Version,
    Vote,
)
from communities.models import Attachment as Sent
from communities.services import attachments
from kernel import files as stored
from kernel import person_data
from kernel.locks import locked
from kernel.person_data import Attachment, Person, Place, Table, table


def register() -> None:
    person_data.add(
        "applications",
        label=_("Your applications"),
        fields=("communities.Application.membership", "communities.Reference.member"),
        export=applications,
        erase=erase_applications,
        attachments=files,
    )
    person_data.add(
        "conversations",
        label=_("Messages between you and other members"),
        fields=(
            "communities.DirectMessage.author", "communities.Block.by", "communities.Block.whom",
            "communities.MessageWish.membership", "communities.MessageReport.by", "communities.MessageReport.about",
        ),
        export=conversations,
        erase=erase_conversations,
    )  # fmt: skip
    for field in ("Conversation.low", "Conversation.high", "Conversation.opened_by", "Side.membership"):
        person_data.keep(
            f"communities.{field}", "That two numbers have written to one another, without a word."
        )
    person_data.keep("communities.MessageReport.settled_by", "It points at a bare number; the name goes.")
    person_data.add(
        "circles",
        label=_("Your circles"),
        fields=("communities.CircleMembership.membership", "communities.CircleRequest.membership"),
        export=circles,
        erase=erase_circles,
    )
    person_data.add(
        "written",
        label=_("What you wrote"),
        fields=(
            "communities.Post.author",
            "communities.Comment.author",
            "communities.Draft.author",
            "communities.Attachment.author",
            "communities.Reaction.member",
            "communities.Vote.member",
            "communities.Mention.member",
        ),
        export=written,
        erase=erase_written,
        attachments=pictures_and_files,
    )
    for model in ("Poll", "Option"):
        person_data.stand_beside(f"communities.{model}", "Goes with its post: `written`.")
    person_data.add(
        "read",
        label=_("What you have read"),
        fields=("communities.ThreadRead.membership",),
        export=read,
        erase=erase_read,
    )
    person_data.add(
        "moderation",
        label=_("Your record, and what you reported"),
        fields=(
            "communities.Case.author",
            "communities.Report.reporter",
            "communities.Measure.membership",
        ),
        export=moderation,
        erase=erase_moderation,
    )
    person_data.stand_beside("communities.Version", "Goes with what it was a version of: `written`.")
    for entry in ("PostEntry", "CommentEntry"):
        person_data.stand_beside(f"communities.{entry}", "Written by the database from the words: `written`.")
    number = "It points at a bare number: who erased members were is not told by it."
    person_data.keep("communities.Application.decided_by", number)
    person_data.keep("communities.CircleRequest.decided_by", number)
    person_data.keep("communities.Case.decided_by", number)
    person_data.keep("communities.Measure.by", number)
    person_data.keep("communities.Appeal.decided_by", number)
    person_data.keep("communities.ApiKey.created_by", number)
    person_data.keep("communities.Community.founded_by", "It points at an account that has been emptied.")
    person_data.stand_beside("communities.ApplicationFile", "Goes with its application: `applications`.")
    person_data.stand_beside(
        "communities.KeptAnswer", "Gone within a day; `applications` takes theirs at once."
    )
    for model in ("Circle", "DecisionLetter", "TalkRules"):
        person_data.stand_beside(f"communities.{model}", "Words of the community itself, about nobody.")


def applications(person: Person) -> Iterator[Table]:
    own = Q(membership_id__in=person.membership_ids)
    yield table(
        "applications",
        Application.objects.filter(own),
        (
            "community__slug", "state", "answers", "named", "made_at", "paid_at", "waiting_since", "offered_at",
            "decision", "decided_at", "reason", "message",
        ),
    )  # fmt: skip
    sent = ApplicationFile.objects.filter(application__membership_id__in=person.membership_ids)
    yield table("application_files", sent, ("application__community__slug", "name", "media_type", "size"))
    written = Reference.objects.filter(member_id__in=person.membership_ids)
    yield table(
        "references_you_gave",
        written,
        ("application__community__slug", "vouches", "words", "asked_at", "answered_at"),
    )


def files(person: Person) -> Iterator[Attachment]:
    sent = ApplicationFile.objects.filter(application__membership_id__in=person.membership_ids)
    for one in sent.order_by("pk").iterator(chunk_size=100):
        name = one.name.replace("/", "_").replace("\\", "_")
        yield Attachment(f"files/{one.pk}/{name}", partial(one.file.open, "rb"))


def erase_applications(person: Person, at: datetime) -> None:
    """That somebody applied and what was decided stays; their answers, files and all words about them go, and what
    the API answered about them."""
    mine = Application.objects.filter(membership_id__in=person.membership_ids)
    mine.update(answers=[], named=[], reason="", message="")
    for file in ApplicationFile.objects.filter(application__in=mine):
        stored.delete_after(file.file)
        file.delete()
    Reference.objects.filter(Q(application__in=mine) | Q(member_id__in=person.membership_ids)).update(
        words=""
    )
    Application.objects.filter(decided_by_id__in=person.membership_ids).update(decided_words="")
    known = set(person.addresses) | {f"#{place.number}" for place in person.places}
    communities = [place.community_id for place in person.places]
    for place in person.places:
        _forget_answers(place, person.addresses)
    for one in Application.objects.filter(community_id__in=communities).exclude(named=[]).iterator():
        left = [name for name in one.named if str(name).lower() not in known]
        if left != one.named:
            Application.objects.filter(pk=one.pk).update(named=left)


def written(person: Person) -> Iterator[Table]:
    columns = ("key", "body", "created_at", "edited_at", "hidden_at", "reason")
    posts = Post.objects.filter(author_id__in=person.membership_ids)
    yield table("posts", posts, ("circle__community__slug", "circle__name", "title", *columns))
    comments = Comment.objects.filter(author_id__in=person.membership_ids)
    yield table("comments", comments, ("post__circle__community__slug", "post__circle__name", *columns))
    asked = Option.objects.filter(poll__post__author_id__in=person.membership_ids)
    yield table("poll_choices", asked, ("poll__post__key", "place", "text"))
    voted = Vote.objects.filter(member_id__in=person.membership_ids)
    yield table("votes", voted, ("poll__post__key", "option__text", "at"))
    named = Mention.objects.filter(member_id__in=person.membership_ids)
    yield table("named_in", named, ("post__key", "comment__key", "at"))
    given = Reaction.objects.filter(member_id__in=person.membership_ids)
    yield table("reactions", given, ("emoji", "post__key", "comment__key", "at"))
    drafts = Draft.objects.filter(author_id__in=person.membership_ids)
    yield table("drafts", drafts, ("author__community__slug", "title", "body", "poll", "saved_at"))
    sent = Sent.objects.filter(author_id__in=person.membership_ids)
    yield table(
        "pictures_and_files",
        sent,
        ("community__slug", "post__key", "comment__key", "name", "media_type", "size", "alt", "created_at"),
    )


def pictures_and_files(person: Person) -> Iterator[Attachment]:
    for one in (
        Sent.objects.filter(author_id__in=person.membership_ids).order_by("pk").iterator(chunk_size=100)
    ):
        yield Attachment(f"pictures_and_files/{one.pk}/{one.name}", partial(one.file.open, "rb"))


def erase_written(person: Person, at: datetime) -> None:
    """Their words go with all they ever said, and their reactions and votes; what others answered stays below the empty places.
    That something was written stays a fact."""
    Reaction.objects.filter(member_id__in=person.membership_ids).delete()
    Vote.objects.filter(member_id__in=person.membership_ids).delete()
    Mention.objects.filter(member_id__in=person.membership_ids).delete()
    Poll.objects.filter(post__author_id__in=person.membership_ids).delete()
    mine = {"author_id__in": person.membership_ids}
    # The posts first and in one order, as whoever answers or hides beside this holds them.
    below = Post.objects.filter(comments__in=Comment.objects.filter(**mine)).values("pk")
    list(locked(Post.objects.filter(Q(**mine) | Q(pk__in=below)).order_by("pk")).values_list("pk"))
    Version.objects.filter(
        Q(post__in=Post.objects.filter(**mine)) | Q(comment__in=Comment.objects.filter(**mine))
    ).delete()
    Post.objects.filter(accepted__in=Comment.objects.filter(**mine)).update(accepted=None, accepted_at=None)
    attachments.remove(Sent.objects.filter(**mine))
    Draft.objects.filter(**mine).delete()
    Comment.objects.filter(**mine).update(body="", reason="", removed_at=Coalesce("removed_at", Value(at)))
    Post.objects.filter(**mine).update(
        title="", body="", reason="", removed_at=Coalesce("removed_at", Value(at))
    )
    here = Comment.objects.filter(post=OuterRef("pk"), removed_at=None, hidden_at=None).order_by()
    many = here.values("post").annotate(n=Count("pk")).values("n")
    Post.objects.filter(pk__in=below).update(comment_count=Coalesce(Subquery(many), 0))


def read(person: Person) -> Iterator[Table]:
    marks = ThreadRead.objects.filter(membership_id__in=person.membership_ids)
    yield table(
        "threads_read", marks, ("post__circle__community__slug", "post__circle__name", "post__title", "until")
    )


def erase_read(person: Person, at: datetime) -> None:
    ThreadRead.objects.filter(membership_id__in=person.membership_ids).delete()


def moderation(person: Person) -> Iterator[Table]:
    """Their record and what they reported; of what others reported about them, who did is never told."""
    measures = Measure.objects.filter(membership_id__in=person.membership_ids)
    done = ("membership__community__slug", "kind", "said", "reason", "at", "until", "ended_at")
    yield table("your_record", measures, done)
    appeals = Appeal.objects.filter(measure__membership_id__in=person.membership_ids)
    said = ("measure__membership__community__slug", "words", "at", "state", "answer", "decided_at")
    yield table("your_appeals", appeals, said)
    reports = Report.objects.filter(reporter_id__in=person.membership_ids)
    columns = ("case__community__slug", "case__circle__name", "reason", "words", "at", "outcome")
    yield table("what_you_reported", reports, columns)


def erase_moderation(person: Person, at: datetime) -> None:
    """That something was reported and done stays, as numbers; all words about it go, and the names of those who did."""
    Case.objects.filter(author_id__in=person.membership_ids).update(said="", reason="")
    Case.objects.filter(decided_by_id__in=person.membership_ids).update(decided_words="")
    Report.objects.filter(
        Q(reporter_id__in=person.membership_ids) | Q(case__author_id__in=person.membership_ids)
    ).update(words="")
    Measure.objects.filter(membership_id__in=person.membership_ids).update(said="", reason="")
    Measure.objects.filter(by_id__in=person.membership_ids).update(by_words="")
    mine = Appeal.objects.filter(measure__membership_id__in=person.membership_ids)
    mine.update(words="", answer="")
    Appeal.objects.filter(decided_by_id__in=person.membership_ids).update(decided_words="")


def _forget_answers(place: Place, addresses: Iterable[str]) -> None:
    """Answers that are kept for a request that is sent again: those about the member, by number or address. Sent again
    it is refused or done anew."""
    about = Q(body__regex=rf'"(number|author|by|about)": ?{place.number}[,}}]')
    for address in addresses:
        about |= Q(body__icontains=address)
    KeptAnswer.objects.of(place.community_id).filter(about).delete()


def circles(person: Person) -> Iterator[Table]:
    mine = CircleMembership.objects.filter(membership_id__in=person.membership_ids)
    yield table(
        "circles", mine, ("circle__community__slug", "circle__name", "joined_at", "is_host", "read_until")
    )
    asked = CircleRequest.objects.filter(membership_id__in=person.membership_ids)
    columns = (
        "circle__community__slug",
        "circle__name",
        "state",
        "words",
        "asked_at",
        "decided_at",
        "reason",
    )
    yield table("circles_you_asked_for", asked, columns)


def erase_circles(person: Person, at: datetime) -> None:
    """What they asked goes; of what they decided their name."""
    CircleMembership.objects.filter(membership_id__in=person.membership_ids).delete()
    CircleRequest.objects.filter(membership_id__in=person.membership_ids).delete()
    CircleRequest.objects.filter(decided_by_id__in=person.membership_ids).update(decided_words="")


def conversations(person: Person) -> Iterator[Table]:
    """What they wrote and what they received, which was written to them: both are about them, and they have both before
    them anyway. Who reported them is not told."""
    ids = person.membership_ids
    mine = DirectMessage.objects.filter(author_id__in=ids)
    yield table(
        "messages_written", mine, ("conversation__community__slug", "body", "created_at", "removed_at")
    )
    received = DirectMessage.objects.filter(conversation__sides__membership__in=ids).exclude(
        author_id__in=ids
    )
    columns = ("conversation__community__slug", "author__number", "body", "created_at", "removed_at")
    yield table("messages_received", received, columns)
    yield table(
        "messages_reported",
        MessageReport.objects.filter(by_id__in=ids),
        ("community__slug", "about__number", "reason", "words", "evidence", "at", "outcome", "settled_at"),
    )
    yield table(
        "reports_about_you",
        MessageReport.objects.filter(about_id__in=ids),
        ("community__slug", "reason", "at", "outcome", "settled_at"),
    )
    blocked = Block.objects.filter(by_id__in=ids)
    yield table("members_you_blocked", blocked, ("by__community__slug", "whom__number", "at"))
    wishes = MessageWish.objects.filter(membership_id__in=ids)
    yield table("who_may_write_to_you", wishes, ("membership__community__slug", "who"))


def erase_conversations(person: Person, at: datetime) -> None:
    """Their words go, out of what was reported as well; what others wrote to them stays with those others."""
    ids = person.membership_ids
    mine = DirectMessage.objects.filter(author_id__in=ids)
    mine.update(body="", removed_at=Coalesce("removed_at", Value(at)))
    MessageReport.objects.filter(by_id__in=ids).update(words="")
    MessageReport.objects.filter(settled_by_id__in=ids).update(settled_words="", note="")
    numbers = {place.number for place in person.places}
    theirs = MessageReport.objects.filter(Q(by_id__in=ids) | Q(about_id__in=ids)).order_by("pk")
    for report in locked(theirs):
        report.evidence = [
            {**line, "body": ""} if line["by"] in numbers else line for line in report.evidence
        ]
        report.save(update_fields=["evidence"])
    MessageReport.objects.filter(about_id__in=ids).update(note="")
    Block.objects.filter(Q(by_id__in=ids) | Q(whom_id__in=ids)).delete()
    MessageWish.objects.filter(membership_id__in=ids).delete()
