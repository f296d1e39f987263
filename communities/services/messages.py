"""Direct messages: written by one member to another, read, and taken back by who wrote them."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from communities.models import Conversation, DirectMessage, MessageWish, Side
from communities.selectors import messages as seen
from communities.selectors.messages import Hindrance
from communities.services import measures, message_letters
from kernel import activity
from kernel.activity import Activity
from kernel.errors import Refused
from kernel.locks import held, locked
from members.models import Membership

LONGEST = 5_000
#: What one member may write within an hour, to all: more is a program.
PER_HOUR = 120
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: With how many new people a member may begin to write in a day; with fewer while they are new themselves.
BEGINNINGS, BEGINNINGS_OF_NEWCOMERS = 10, 3
NEW = timedelta(days=7)


@transaction.atomic
def write(*, author: Membership, to: Membership, body: str, at: datetime) -> DirectMessage:
    """Write to another member; the first message begins their conversation, of which there is one.

    Raises `Refused` for an empty or endless text (`length`), for who may only read (`not_active`), to whom one has blocked
    (`you_blocked`), to who takes no messages of the author's (`closed`), for more than three before the other has answered
    (`waiting`), and for too many people or messages at a time (`too_many_people`, `too_many`).
    """
    body = _fitting(body)
    author, other = both(author, to)
    measures.guard_speaks(author, at)
    conversation = locked(Conversation.objects.between(author, other)).first()
    _guard(author, other, conversation)
    _guard_pace(author, at)
    if conversation is None:
        _guard_beginnings(author, at)
        conversation = _begin(author, other, at)
    elif conversation.answered_at is None and conversation.opened_by_id == other.pk:
        conversation.answered_at = at
        conversation.save(update_fields=["answered_at"])
    message = DirectMessage.objects.create(conversation=conversation, author=author, body=body, created_at=at)
    sides = Side.objects.filter(conversation=conversation)
    sides.update(last_at=at)
    sides.filter(membership=other).update(unread=F("unread") + 1)
    activity.publish(
        Activity(
            community_id=author.community_id,
            member=author.number,
            verb="messaged",
            at=at,
            target=other.number,
            staff=author.is_staff,
            dedupe=f"message:{message.key}",
        )
    )
    activity.announce("message.written", message=message, to=other, at=at)
    return message


@transaction.atomic
def take_back(*, message: DirectMessage, author: Membership, at: datetime) -> None:
    """Take a message of one's own back: its words go, for both. That it was written stays a fact. Raises `Refused` for a
    message of somebody else's (`not_yours`)."""
    found = locked(DirectMessage.objects.filter(pk=message.pk)).get()
    if found.author_id != author.pk:
        raise Refused(_("Somebody else has written this."), code="not_yours")
    if found.removed_at is None:
        found.body, found.removed_at = "", at
        found.save(update_fields=["body", "removed_at"])


@transaction.atomic
def read(*, conversation: Conversation, by: Membership, at: datetime) -> None:
    """Note that one of the two has read what there is, notices of it included."""
    unread = Side.objects.filter(conversation=conversation, membership=by, unread__gt=0)
    if unread.update(unread=0):
        message_letters.read(conversation=conversation, by=by, at=at)


@transaction.atomic
def wish(*, member: Membership, who: str) -> None:
    """Say by whom one wants to be written to. Raises `Refused` for what is none of the choices."""
    if who not in MessageWish.Who.values:
        raise Refused(_("Choose who may write to you."), code="unknown", field="who")
    MessageWish.objects.update_or_create(membership=member, defaults={"who": who})


def both(one: Membership, other: Membership) -> tuple[Membership, Membership]:
    """The two, held in one order, whichever of them acts."""
    rows = held(Membership.objects.filter(pk__in=[one.pk, other.pk]))
    found = {member.pk: member for member in rows.order_by("pk")}
    return found[one.pk], found[other.pk]


def told(hindrance: Hindrance, author: Membership, other: Membership) -> str:
    """Why it cannot be, in words for who would write."""
    name = {"name": other.display_name}
    match hindrance:
        case Hindrance.NOT_ACTIVE:
            words = _("Your membership is “%(status)s”: you can read, and write once it is active again.")
            return words % {"status": author.get_status_display()}
        case Hindrance.YOU_BLOCKED:
            return _("You have blocked %(name)s. Lift it to write to them.") % name
        case Hindrance.WAITING:
            return _("%(name)s has not answered yet. Give them time: you can go on once they have.") % name
    return _("%(name)s cannot be written to at the moment.") % name


def _guard(author: Membership, other: Membership, conversation: Conversation | None) -> None:
    found = seen.hindrance(author, other, conversation)
    if found is not None:
        raise Refused(told(found, author, other), code=found.value)


def _guard_pace(author: Membership, at: datetime) -> None:
    written = DirectMessage.objects.filter(author=author, created_at__gt=at - HOUR)
    if written.count() >= PER_HOUR:
        raise Refused(_("That is a lot within an hour. Take a breath, and go on later."), code="too_many")


def _guard_beginnings(author: Membership, at: datetime) -> None:
    if author.is_staff:
        return
    most = BEGINNINGS_OF_NEWCOMERS if at - author.joined_at < NEW else BEGINNINGS
    if Conversation.objects.filter(opened_by=author, created_at__gt=at - DAY).count() >= most:
        words = _("You have begun to write to %(most)d people today. Write to others tomorrow.")
        raise Refused(words % {"most": most}, code="too_many_people")


def _begin(author: Membership, other: Membership, at: datetime) -> Conversation:
    low, high = sorted([author.pk, other.pk])
    begun = Conversation.objects.create(
        community_id=author.community_id, low_id=low, high_id=high, opened_by=author, created_at=at
    )
    Side.objects.bulk_create(
        Side(conversation=begun, membership=member, last_at=at) for member in (author, other)
    )
    return begun


def _fitting(body: str) -> str:
    body = body.strip()
    if not body or len(body) > LONGEST or "\x00" in body:
        told = _("Write between 1 and %(most)d characters.") % {"most": LONGEST}
        raise Refused(told, code="length", field="body")
    return body
