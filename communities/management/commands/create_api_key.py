from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from communities.models import Community
from communities.services import api_keys
from kernel.clock import now
from kernel.errors import Refused
from members.actors import Actor


class Command(BaseCommand):
    help = "Makes an API key of a community and prints it once, as the last word of the output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--community", required=True, metavar="S", help="the community's address")
        parser.add_argument("--name", required=True, metavar="N", help="what the key is for")
        parser.add_argument(
            "--scopes", default="read", metavar="read,write", help="what it may do; default: read"
        )

    def handle(self, *, community: str, name: str, scopes: str, **options: Any) -> None:
        found = Community.objects.filter(slug=community).first()
        if found is None:
            raise CommandError(f"There is no community at the address {community!r}.")
        if not name.strip() or len(name) > 80 or "\x00" in name:
            raise CommandError("--name: a key's name has 1 to 80 characters.")
        wanted = [scope.strip() for scope in scopes.split(",") if scope.strip()]
        try:
            key, secret = api_keys.mint(
                community=found, name=name, scopes=wanted, at=now(), by=Actor.site("create_api_key")
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"A key of {found.name} that may {', '.join(key.scopes)}. It is shown this once:")
        self.stdout.write(secret)
