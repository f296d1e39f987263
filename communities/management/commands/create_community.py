from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email, validate_slug
from django.db import transaction
from django.urls import reverse

from communities.blueprints import blueprints
from communities.services import founding
from kernel.clock import now
from kernel.errors import Refused
from members.actors import Actor
from members.models import User
from members.services import accounts


class Command(BaseCommand):
    help = "Founds a community. Its owner is made if new, with a password or with a link to set one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--slug", required=True, metavar="S", help="its address: /c/S/")
        parser.add_argument("--name", required=True, metavar="N")
        parser.add_argument("--type", required=True, choices=blueprints.keys())
        parser.add_argument("--timezone", required=True, metavar="Asia/Shanghai")
        parser.add_argument("--owner", required=True, metavar="EMAIL")
        parser.add_argument(
            "--password", metavar="P", help="of an owner who is new; a link is printed when left out"
        )
        parser.add_argument("--language", default=settings.LANGUAGE_CODE, choices=dict(settings.LANGUAGES))
        parser.add_argument(
            "--currency", metavar="CODE", help="ISO 4217; default: CNY for Chinese, USD otherwise"
        )

    def handle(self, *, slug: str, name: str, owner: str, password: str | None, **options: Any) -> None:
        _guard(slug=slug, name=name, owner=owner)
        try:
            with transaction.atomic():
                user, is_new = accounts.obtain(email=owner, password=password)
                if is_new and password is not None:
                    validate_password(password, user)
                community = founding.found(
                    name=name,
                    slug=slug,
                    type=options["type"],
                    owner=user,
                    timezone=options["timezone"],
                    language=options["language"],
                    currency=options["currency"]
                    or ("CNY" if options["language"].startswith("zh") else "USD"),
                    at=now(),
                    by=Actor.site("create_community"),
                )
        except Refused as refusal:
            raise CommandError(f"{refusal.field + ': ' if refusal.field else ''}{refusal}") from refusal
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        self.stdout.write(f"{community.name} is at /c/{community.slug}/ and belongs to {user.email}.")
        if is_new and password is None:
            self.stdout.write(f"To set a password, once, open on this site: {_link(user)}")
        elif password is not None and not is_new:
            self.stdout.write("This person was here already: their password stays as it was.")


def _guard(*, slug: str, name: str, owner: str) -> None:
    for option, check, value in (("--slug", validate_slug, slug), ("--owner", validate_email, owner)):
        try:
            check(value)
        except ValidationError as refusal:
            raise CommandError(f"{option}: {' '.join(refusal.messages)}") from refusal
    if not name.strip() or len(name) > 80 or len(slug) > 60:
        raise CommandError("The name has 1 to 80 characters and the address at most 60.")
    if "\x00" in name:
        raise CommandError("--name: a NUL character is no text.")


def _link(user: User) -> str:
    """The path of a page where the new person sets a password; it works once and for a while."""
    return reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)},
    )
