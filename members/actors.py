"""Who is acting: a person in the browser, a program with a key, or the site itself."""

from dataclasses import dataclass
from typing import Self

from django.http import HttpRequest

from members.models import Membership, User


@dataclass(frozen=True)
class Actor:
    """The one who acts, as the audit log names them.

    `membership` is who they are in the community they act in, None for the site's own commands and for
    programs; `words` is what a reader is told; `address` is where the request came from.
    """

    words: str
    user: User | None = None
    membership: Membership | None = None
    address: str | None = None

    @classmethod
    def of_request(cls, request: HttpRequest) -> Self:
        """The signed-in person, or the program whose key came with the request."""
        user = request.user if request.user.is_authenticated else None
        key = getattr(request, "auth", None)
        return cls(
            words=str(key or user or "anonymous"),
            user=user,
            membership=getattr(request, "membership", None),
            address=request.META.get("REMOTE_ADDR") or None,
        )

    @classmethod
    def person(cls, user: User, membership: Membership | None = None) -> Self:
        return cls(words=str(user), user=user, membership=membership)

    @classmethod
    def site(cls, words: str) -> Self:
        """The site itself: a command or a periodic job, named by `words`."""
        return cls(words=words)
