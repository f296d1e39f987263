from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from commerce.services import accounts
from communities.models import Community
from kernel.clock import now
from members.actors import Actor


class Command(BaseCommand):
    help = "Lets a community take money by payment providers, where anybody may found one. Done twice it is done once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--community", required=True, metavar="S", help="the community's address")

    def handle(self, *, community: str, **options: Any) -> None:
        found = Community.objects.filter(slug=community).first()
        if found is None:
            raise CommandError(f"There is no community at the address {community!r}.")
        accounts.approve(community=found, at=now(), by=Actor.site("approve_rails"))
        self.stdout.write(f"{found.name} may take money by payment providers.")
