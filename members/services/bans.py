"""A ban is of a person, not of one account: it holds for every account that confirmed an address of theirs."""

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.db.models import Q
from django.utils.translation import gettext as _

from kernel import locks
from kernel.errors import Refused
from kernel.tenancy import Community
from members import pseudonyms
from members.mailboxes import domains
from members.mailboxes import mailbox as mailbox
from members.models import Membership, User
from members.roles import GONE, Status
from members.selectors import merged

#: Held shared by who joins, and alone by who bans.
LOCK = "members.bans"


def keep_off(community_id: int) -> None:
    """Let no ban begin until the end of this transaction, and wait for those that have: taken by whoever joins, before
    any row, so that a ban and a joining of one person go one after the other."""
    locks.advisory(name=LOCK, key=community_id, shared=True)


def keep_out(community_id: int) -> None:
    """Let nobody join until the end of this transaction: taken by whoever bans, before any row."""
    locks.advisory(name=LOCK, key=community_id)


def begin(membership: Membership) -> list[Membership]:
    """`keep_out`, and the other accounts by which the same person is here or on the way in: those that confirmed an
    address of theirs."""
    keep_out(membership.community_id)
    own = _mailboxes(_addresses(membership))
    if not own:
        return []
    alike = Q(pk__in=[])
    for one in own:
        for domain in domains(one):
            alike |= Q(email__istartswith=one[0], email__iendswith=f"@{domain}")
    confirmed = EmailAddress.objects.filter(alike, verified=True)
    confirmed = confirmed.filter(user__memberships__community=membership.community_id)
    users = {user for user, address in confirmed.values_list("user", "email") if mailbox(address) in own}
    others = Membership.objects.of(membership.community_id).filter(user__in=users).exclude(pk=membership.pk)
    return list(others.exclude(status__in=GONE).order_by("pk"))


def guard(*, user: User, community: Community) -> None:
    """Raises `Refused` (`ended`) for an account one of whose confirmed addresses is the address, or a confirmed
    address, of somebody banned from the community. An address that nobody confirmed proves nothing. Raises it
    (`merged`) for an account whose record stands for another member too.
    """
    kept = merged.of_user(community_id=community.id, user_id=user.pk)
    if kept is not None:
        words = _("This account was merged into membership %(number)d here: sign in as you do for that one.")
        raise Refused(words % {"number": kept.number}, code="merged")
    own = _mailboxes(EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True))
    # Who was erased while banned is known by what stands for their address.
    own |= {known for one in own for known in pseudonyms.mailboxes(community.id, one)}
    if own and own & banned(community):
        raise Refused(
            _("This community has ended your membership; its staff can take you back."), code="ended"
        )


def banned(community: Community) -> set[str]:
    """The mailboxes of everyone who is banned from the community."""
    rows = Membership.objects.records_of(community.id).filter(status=Status.BANNED)
    people = rows.exclude(user=None).values("user")
    confirmed = EmailAddress.objects.filter(verified=True, user__in=people)
    return _mailboxes([*rows.values_list("email", flat=True), *confirmed.values_list("email", flat=True)])


def _addresses(membership: Membership) -> list[str]:
    """Those that prove who somebody is; of a record that nobody has claimed the one it came with."""
    if membership.user_id is None:
        return [membership.email]
    confirmed = EmailAddress.objects.filter(user_id=membership.user_id, verified=True)
    return list(confirmed.values_list("email", flat=True))


def _mailboxes(addresses: Iterable[str]) -> set[str]:
    return {mailbox(address) for address in addresses if address}
