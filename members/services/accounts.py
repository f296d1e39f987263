"""The person behind memberships: made by the site's commands, changed by themselves."""

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import ProtectedError

from kernel.locks import locked
from members.models import User


@transaction.atomic
def obtain(*, email: str, password: str | None = None, name: str = "") -> tuple[User, bool]:
    """The person with this address, made if new, and whether they are new.

    Somebody with the right to run commands vouches for the address, so it is taken as verified. A password
    is set for a new person only.
    """
    known = User.objects.filter(email__iexact=email.strip()).first()
    if known is not None:
        return known, False
    user = User.objects.create_user(email, password, name=name)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user, True


@transaction.atomic
def update_profile(*, user: User, name: str, language: str) -> User:
    """Change what the person is called across the site, and the language it speaks to them."""
    user = locked(User.objects.filter(pk=user.pk)).get()
    user.name, user.language = name.strip(), language
    user.save(update_fields=["name", "language"])
    return user


def remove_unproven(*, user: User) -> bool:
    """Delete an account that nobody has ever signed in to; False where something that stays points at it, or where its
    address has been proven meanwhile."""
    try:
        with transaction.atomic():
            user = locked(User.objects.filter(pk=user.pk)).get()
            if EmailAddress.objects.filter(user=user, verified=True).exists() or user.last_login is not None:
                return False
            user.delete()
    except (User.DoesNotExist, ProtectedError):
        return False
    return True
