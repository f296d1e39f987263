from typing import Any

from django.core.management.base import BaseCommand

from crowdecon import catalogues


class Command(BaseCommand):
    help = "Brings the Chinese catalogues to the words now used in code and templates; says how many wait for their Chinese."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for app, waiting in catalogues.rewrite().items():
            path = catalogues.path_of(app)
            self.stdout.write(f"{path.relative_to(path.parents[4])}: {waiting} to write")
