"""Where a person is signed in, and ending it."""

from allauth.usersessions.adapter import get_adapter
from allauth.usersessions.models import UserSession

from members.models import User


def end(*, user: User, session_id: int, keep: str | None) -> bool:
    """End one of the person's sessions, at once; False when there is no such session of theirs.

    The one with key `keep` (that in which they ask) is never ended: signing out does that.
    """
    session = UserSession.objects.filter(user=user, pk=session_id).exclude(session_key=keep or "").first()
    if session is None:
        return False
    get_adapter().end_sessions([session])
    return True
