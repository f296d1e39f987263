"""What members write to one another, as each of the two sees it, and who may write to whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, QuerySet

from communities.models import Block, CircleMembership, Conversation, DirectMessage, MessageWish, Side
from kernel import access, keyset, markdown
from kernel.keyset import Order, Page
from members.models import Membership
from members.selectors import merged

PAGE = 30
#: Messages shown at once; older ones on demand.
MESSAGES = 40
NEWEST = Order("created_at", descending=True)
LATEST = Order("last_at", descending=True)
#: How many messages somebody may write before the other has answered at all.
UNANSWERED = 3
#: A page that leads to a conversation may propose by this name in its query what to write there.
PROPOSED = "words"
Who = MessageWish.Who


class Hindrance(StrEnum):
    """Why a member cannot write to another now. `closed` does not tell whether it is the other's wish, a block or how
    they stand: whoever is blocked is not told so."""

    NOT_ACTIVE = "not_active"
    YOU_BLOCKED = "you_blocked"
    CLOSED = "closed"
    WAITING = "waiting"


def between(one: Membership, other: Membership) -> Conversation | None:
    return Conversation.objects.between(one, other).filter(merged_into=None).first()


def partner(member: Membership, number: int) -> Membership | None:
    """The other one of that number with whom this member has a conversation or may begin one, as far as either is to be
    known: whom they may see, and with whom they have written already. The number of a merged record is that of who is
    kept."""
    if number >= 2**31:
        return None
    rows = Membership.objects.of(member.community_id).exclude(pk=member.pk).select_related("tier", "user")
    found = rows.filter(number=number).first()
    if found is None:
        kept = merged.of_number(member.community_id, number)
        found = rows.filter(pk=kept.pk).first() if kept else None
    if found is None:
        return None
    known = member.may("members.view") or access.sees(member, found)
    return found if known or between(member, found) else None


def hindrance(author: Membership, other: Membership, conversation: Conversation | None) -> Hindrance | None:
    """Why the author cannot write to the other now, None where they can."""
    if not author.is_counted:
        return Hindrance.NOT_ACTIVE
    pair = [author.pk, other.pk]
    blocking = set(Block.objects.filter(by__in=pair, whom__in=pair).values_list("by", flat=True))
    if author.pk in blocking:
        return Hindrance.YOU_BLOCKED
    if other.pk in blocking or not _takes(other, author, conversation):
        return Hindrance.CLOSED
    if conversation is not None and conversation.answered_at is None:
        mine = DirectMessage.objects.filter(conversation=conversation, author=author)
        if conversation.opened_by_id == author.pk and mine[:UNANSWERED].count() >= UNANSWERED:
            return Hindrance.WAITING
    return None


def blocks(one: Membership, other: Membership) -> bool:
    return Block.objects.filter(by=one, whom=other).exists()


def wish_of(member: Membership) -> str:
    """By whom the member wants to be written to."""
    chosen = MessageWish.objects.filter(membership=member).values_list("who", flat=True).first()
    return chosen or Who.EVERYONE.value


def _takes(other: Membership, author: Membership, conversation: Conversation | None) -> bool:
    """Whether the other, who has not blocked the author, takes their messages. Members write to those who can answer, staff
    to whoever comes in. What the other has wished for is about who begins: whoever has written to the author hears their
    answer."""
    if other.user_id is None:
        return False
    if author.is_staff:
        return other.is_admitted
    if not other.is_counted:
        return False
    if conversation is not None and _has_written(other, conversation):
        return True
    wish = wish_of(other)
    if wish == Who.CIRCLES:
        return _share_a_circle(author, other)
    return wish == Who.EVERYONE


def _has_written(member: Membership, conversation: Conversation) -> bool:
    return conversation.opened_by_id == member.pk or conversation.answered_at is not None


def _share_a_circle(one: Membership, other: Membership) -> bool:
    theirs = CircleMembership.objects.filter(circle=OuterRef("circle"), membership=other)
    mine = CircleMembership.objects.filter(membership=one, circle__archived_at=None)
    return mine.filter(Exists(theirs)).exists()


@dataclass(frozen=True)
class Line:
    """A conversation in the list of one of its two: with whom, the last message, and how many are new."""

    other: Membership
    last: DirectMessage | None
    unread: int
    mine: bool


def sides(member: Membership) -> QuerySet[Side]:
    """The member's conversations with all that a list shows of them but the last words, in one query."""
    return _current(member).select_related("conversation__low", "conversation__high")


def lines(member: Membership, found: Sequence[Side]) -> list[Line]:
    """These conversations with their last messages, in one query more."""
    keys = [side.conversation_id for side in found]
    latest = DirectMessage.objects.filter(conversation=OuterRef("pk")).order_by("-created_at", "-id")
    newest = Conversation.objects.filter(pk__in=keys).annotate(latest=latest.values("pk")[:1])
    last = {one.conversation_id: one for one in DirectMessage.objects.filter(pk__in=newest.values("latest"))}
    return [
        Line(
            other=side.conversation.other(member),
            last=last.get(side.conversation_id),
            unread=side.unread,
            mine=side.conversation_id in last and last[side.conversation_id].author_id == member.pk,
        )
        for side in found
    ]


def page(member: Membership, cursor: str = "") -> Page[Side]:
    """One page of the member's conversations, the one with the latest message first."""
    return keyset.page(sides(member), order=LATEST, size=PAGE, cursor=cursor)


def unread(member: Membership) -> int:
    """In how many conversations there is something new for the member."""
    return _current(member).filter(unread__gt=0).count()


def _current(member: Membership) -> QuerySet[Side]:
    """Their conversations but those that went into another, or that they had with another record of their own."""
    rows = Side.objects.filter(membership=member, conversation__merged_into=None)
    return rows.filter(conversation__low__merged_into=None, conversation__high__merged_into=None)


@dataclass(frozen=True)
class Shown:
    """A message as it stands on the page; `html` is empty where it was taken back."""

    message: DirectMessage
    html: str
    mine: bool


@dataclass(frozen=True)
class Messages:
    """Some messages in the order of reading. `older` is the cursor of what stands before them, `latest` the key of the last
    one, behind which what comes is asked for."""

    shown: Sequence[Shown]
    older: str = ""
    latest: str = ""


def messages(member: Membership, conversation: Conversation | None, cursor: str = "") -> Messages:
    """The last messages of a conversation, or those before the cursor."""
    if conversation is None:
        return Messages([])
    rows = DirectMessage.objects.filter(conversation=conversation)
    found = keyset.page(rows, order=NEWEST, size=MESSAGES, cursor=cursor)
    return _shown(member, list(reversed(found.rows)), older=found.after)


def since(member: Membership, conversation: Conversation, key: UUID) -> Messages:
    """What came behind the message of that key; of none such nothing is said. Keys of rows rise with time: whoever writes
    holds the conversation."""
    rows = DirectMessage.objects.filter(conversation=conversation)
    behind = rows.filter(key=key).aggregate(pk=Max("pk"))["pk"]
    if behind is None:
        return Messages([])
    return _shown(member, list(rows.filter(pk__gt=behind).order_by("pk")[:MESSAGES]))


def _shown(member: Membership, rows: Sequence[DirectMessage], older: str = "") -> Messages:
    return Messages(
        [Shown(one, markdown.render(one.body), one.author_id == member.pk) for one in rows],
        older=older,
        latest=str(rows[-1].key) if rows else "",
    )


def own_or_received(member: Membership, key: UUID) -> DirectMessage | None:
    """A message that the member wrote or received."""
    rows = DirectMessage.objects.filter(key=key, conversation__sides__membership=member)
    return rows.select_related("author", "conversation__low", "conversation__high").first()


def blocked(member: Membership) -> list[Membership]:
    """Whom the member has blocked, the last first."""
    rows = Block.objects.filter(by=member).select_related("whom").order_by("-at", "-id")
    return [block.whom for block in rows]
