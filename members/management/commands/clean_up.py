"""What has been kept long enough, at once and without a worker; or, as a dry run, what that would be."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kernel.clock import now
from members.models import PrivacyPolicy
from members.selectors import retention as kept
from members.services import retention

BUDGET = timedelta(hours=1)


class Command(BaseCommand):
    help = (
        "Remove what communities and the site have kept as long as they wish to: as the worker does every hour. "
        "With --dry-run nothing is removed, and what would be is counted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count, and remove nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["dry_run"]:
            self.stdout.write(f"{retention.clean_up(now=now, budget=BUDGET)} removed or emptied")
            return
        at = now()
        site = kept.site_due(at=at)
        self.stdout.write(f"accounts whose address was never proven: {site.accounts.count()}")
        self.stdout.write(f"letters of no community: {site.letters.count()}")
        self.stdout.write(f"words of letters that did not go: {site.words.count()}")
        for community_id in self._communities(at):
            due = kept.due(kept.policy(community_id), at=at)
            counts = (due.members, due.applicants, due.entries, due.letters)
            members, applicants, entries, letters = (rows.count() for rows in counts)
            if members or applicants or entries or letters:
                self.stdout.write(
                    f"community {community_id}: {members} members, {applicants} applicants, {entries} entries of the "
                    f"audit log, {letters} letters"
                )

    @staticmethod
    def _communities(at: Any) -> list[int]:
        decided = PrivacyPolicy.objects.values_list("community_id", flat=True)
        return sorted({*decided, *kept.undecided(at=at)})
