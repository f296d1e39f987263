import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crowdecon.demo import side_by_side
from kernel import ids
from members.models import User
from members.services import accounts

OWNER, MEMBER = "operator@demo.invalid", "member@demo.invalid"


class Command(BaseCommand):
    help = (
        "Five living demo communities, one of each type, with a year of history. Only on one's own machine."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EMBEDDED:
            raise CommandError(
                "Demo communities and their logins exist only where everything runs on one machine."
            )
        owner, owner_password = self._login(OWNER, "Ming Rivera")
        member, member_password = self._login(MEMBER, "Lan Okafor")
        for profile, seconds in side_by_side.stage(owner_id=owner.pk, member_id=member.pk):
            words = "is here already" if seconds is None else f"is alive ({seconds:.0f} s)"
            self.stdout.write(f"{profile.name} ({profile.type}) {words}")
            self.stdout.flush()
        self._keep(
            [
                {"email": OWNER, "password": owner_password, "role": "runs the five demo communities"},
                {"email": MEMBER, "password": member_password, "role": "is a member of them"},
            ]
        )

    def _login(self, email: str, name: str) -> tuple[User, str]:
        """The demo person and a new random password, the only one that works from now on."""
        user, _new = accounts.obtain(email=email, name=name)
        password = ids.token(9)
        user.set_password(password)
        user.save(update_fields=["password"])
        return user, password

    def _keep(self, logins: list[dict[str, str]]) -> None:
        """For this machine's own eyes: shown once here, and by `make run` beside its ready line."""
        path = settings.DEMO_LOGINS_FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(logins))
        for login in logins:
            self.stdout.write("{email} ({role}) signs in with {password}".format(**login))
