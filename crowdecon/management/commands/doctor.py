from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crowdecon import doctor


class Command(BaseCommand):
    help = (
        "Checks database, broker, workers, scheduler, mail, storage, letters and clock, and says what to do."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        unwell = 0
        for finding in doctor.examine():
            mark = self.style.SUCCESS("well  ") if finding.well else self.style.ERROR("UNWELL")
            self.stdout.write(f"{mark} {finding.check:<11} {finding.words}")
            if not finding.well:
                unwell += 1
                self.stdout.write(f"{'':<19}{finding.remedy}")
        if unwell:
            raise CommandError(f"{unwell} of these checks found something wrong.")
