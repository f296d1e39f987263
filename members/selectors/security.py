"""How a person's account is guarded, for their own page."""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from members.models import User


@dataclass(frozen=True)
class Guard:
    """`recovery_codes` is how many are left; `sessions` how many browsers are signed in now."""

    has_password: bool
    app: bool
    passkeys: int
    recovery_codes: int
    sessions: int

    @property
    def two_steps(self) -> bool:
        """Whether the password alone is not enough: a passkey, too, is asked for after it."""
        return self.app or self.passkeys > 0


def of(user: User) -> Guard:
    kinds = list(Authenticator.objects.filter(user=user))
    codes = [kind for kind in kinds if kind.type == Authenticator.Type.RECOVERY_CODES]
    return Guard(
        has_password=user.has_usable_password(),
        app=any(kind.type == Authenticator.Type.TOTP for kind in kinds),
        passkeys=sum(kind.type == Authenticator.Type.WEBAUTHN for kind in kinds),
        recovery_codes=sum(len(kind.wrap().get_unused_codes()) for kind in codes),
        sessions=len(UserSession.objects.purge_and_list(user)),
    )
