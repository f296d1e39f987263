from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from kernel.permissions import permissions
from members.roles import Role


def table() -> str:
    """Who may do what, as a table of Markdown, in the order of the line."""
    heads = [str(label) for label in Role.labels]
    lines = ["| | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
    for permission in permissions:
        marks = ["yes" if role in permission.roles else "" for role in Role.values]
        lines.append(f"| {permission.label} (`{permission.key}`) | " + " | ".join(marks) + " |")
    return "\n".join(lines) + "\n"


class Command(BaseCommand):
    help = "The table of roles and permissions, as it stands in docs/permissions.md."

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en"):
            self.stdout.write(table(), ending="")
