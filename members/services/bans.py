"""A ban is of a person, not of one account: it holds for every account that confirmed an address of theirs."""

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.utils.translation import gettext as _

from kernel.errors import Refused
from kernel.tenancy import Community
from members import pseudonyms
from members.mailboxes import mailbox as mailbox
from members.models import Membership, User
from members.roles import Status


def guard(*, user: User, community: Community) -> None:
    """Raises `Refused` (`ended`) for an account one of whose confirmed addresses is the address, or a confirmed
    address, of somebody banned from the community. An address that nobody confirmed proves nothing.
    """
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


def _mailboxes(addresses: Iterable[str]) -> set[str]:
    return {mailbox(address) for address in addresses if address}
