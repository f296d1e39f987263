"""What a browser remembers of the invitations that were opened in it, until it is known who is there."""

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from kernel.clock import now
from members.models import Invitation, User
from members.selectors import invitations as found
from members.services import invitations

KEY = "invitations"
#: How many are remembered, the latest ones.
MOST = 10


def remember(session: SessionBase, invitation: Invitation) -> None:
    """Keep the code, behind those that were opened before."""
    codes: list[str] = session.get(KEY, [])
    if invitation.code not in codes:
        session[KEY] = [*codes, invitation.code][-MOST:]


def credit(request: HttpRequest, user: User) -> None:
    """Credit the person to what was opened in this browser, in the order in which it was."""
    codes = request.session.pop(KEY, None) if hasattr(request, "session") else None
    for code in codes or ():
        invitation = found.by_code(code)
        if invitation is not None:
            invitations.attribute(user=user, invitation=invitation, at=now())
