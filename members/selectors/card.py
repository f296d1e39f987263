"""What a member's card says, and to whom: all of it to its member, very little to whoever scans it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import segno
from django.core import signing
from django.utils.safestring import SafeString

from kernel.tenancy import Community
from members.models import MemberCard, Membership, Tier

#: How long a code holds; a picture of the card is worth nothing afterwards.
LASTS = timedelta(days=30)

_signer = signing.Signer(salt="members.card", sep=".")
#: Family names of two characters, the only ones there are in any number.
_TWO = frozenset(
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 司徒 夏侯 令狐 长孙 宇文 轩辕 南宫 端木 歐陽 諸葛 司馬".split()
)
#: A tier's colour is the hue of the community type that has it.
HUES = {
    Tier.Colour.INDIGO: "product",
    Tier.Colour.GREEN: "interest",
    Tier.Colour.ROSE: "brand",
    Tier.Colour.AMBER: "knowledge",
    Tier.Colour.TEAL: "tool",
}


@dataclass(frozen=True)
class Checked:
    """All that a valid card tells to a stranger; the time of asking is told by the clock of `zone`."""

    community: str
    first_name: str
    number: int
    tier: str
    zone: ZoneInfo


def token(card: MemberCard) -> str:
    """What stands in the address of the card: its code, signed, so that none can be made up or tried out."""
    return _signer.sign(card.code)


def code_of(token: str) -> str:
    """The code in a token, "" for one that was not signed here."""
    try:
        return _signer.unsign(token)
    except signing.BadSignature:
        return ""


def holds(card: MemberCard, at: datetime) -> bool:
    return at < card.issued_at + LASTS


def check(token: str, *, at: datetime, community: Community | None = None) -> Checked | None:
    """Whose card it is, where it is a card (of that community) that holds and its member counts as one now.

    None otherwise, and nothing tells why.
    """
    code = code_of(token)
    rows = MemberCard.objects.select_related("membership__tier", "membership__community")
    card = rows.filter(code=code).first() if code else None
    if card is None or not holds(card, at) or not card.membership.is_counted:
        return None
    member = card.membership
    if community is not None and member.community_id != community.id:
        return None
    return Checked(
        community=str(member.community),
        first_name=first_name(member.name),
        number=member.number,
        tier=member.tier.name if member.tier else "",
        zone=member.community.zone,
    )


def first_name(name: str) -> str:
    """The part of a name by which one is called: of a Chinese name what follows the family name.

    >>> first_name("Ada King"), first_name("李小雷"), first_name("欧阳修"), first_name("ada@example.org")
    ('Ada', '小雷', '修', '')
    """
    word = name.split()[0] if name.split() else ""
    if "@" in word:
        return ""
    if 2 <= len(word) <= 4 and all("\u4e00" <= letter <= "\u9fff" for letter in word):
        family = 2 if len(word) == 4 or (len(word) == 3 and word[:2] in _TWO) else 1
        return word[family:]
    return word


def is_valid(member: Membership) -> bool:
    """Whether the card of this member is worth anything now."""
    return member.is_counted


def hue(tier: Tier | None) -> str:
    """The community type whose hue the tier's colour is, "" for a plain one."""
    return HUES.get(Tier.Colour(tier.colour), "") if tier else ""


def qr(address: str) -> SafeString:
    """The address as a QR code, an SVG that prints at any size. Black on white also by night: scanners need it."""
    code = segno.make(address, error="m", micro=False)
    drawn = code.svg_inline(border=2, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True)
    return SafeString(drawn)
