from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from communities.models import Community
from engagement.services import refresh, weekly
from kernel.clock import local_day, now


class Command(BaseCommand):
    help = "Bring every figure of a community up to date now, without a worker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--community", required=True, metavar="SLUG")
        parser.add_argument(
            "--as-of", type=date.fromisoformat, metavar="DAY", help="the last complete day when not given"
        )
        parser.add_argument("--full", action="store_true", help="roll up every day again from the facts")

    def handle(self, *args: Any, **options: Any) -> None:
        community = Community.objects.filter(slug=options["community"]).first()
        if community is None:
            raise CommandError(f"There is no community with the address {options['community']!r}.")
        at = now()
        if options["as_of"] and options["as_of"] > local_day(at, community.zone):
            raise CommandError(f"{options['as_of']} has not come yet in {community.timezone}.")
        done = refresh.refresh(community_id=community.pk, at=at, as_of=options["as_of"], full=options["full"])
        assert done is not None
        weekly.bring(community_id=community.pk, at=at)
        self.stdout.write(
            f"{community.slug}: {done.days} days rolled up, {done.figures} figures computed for {done.as_of}."
        )
