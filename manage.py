#!/usr/bin/env python3
"""Django's commands. With no DATABASE_URL the embedded servers are used, and started when they are not up."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV_PYTHON = ROOT / ".venv" / "bin" / "python"

# These touch no database, so they do not start one.
NO_SERVERS = {
    "help",
    "version",
    "check",
    "collectstatic",
    "findstatic",
    "compilemessages",
    "makemessages",
    "messages",
    "spectacular",
}
NO_SERVERS |= {"startapp", "startproject", "diffsettings", "sendtestemail", "shell_plus"}
# These change the shape of tables, which the web's role may not.
AS_OWNER = {"migrate", "makemigrations", "flush", "squashmigrations", "sqlmigrate", "optimizemigration"}


def main() -> None:
    if sys.prefix == sys.base_prefix and VENV_PYTHON.exists():
        # `./manage.py` by the system's Python: go on with the one that has the libraries.
        os.execv(VENV_PYTHON, [str(VENV_PYTHON), *sys.argv])
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crowdecon.settings.dev")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    use_servers(command)
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("The libraries are not installed yet. `make install` installs them.")
    execute_from_command_line(sys.argv)


def use_servers(command: str) -> None:
    """Choose servers and role by the command."""
    from crowdecon.embedded import services

    embedded = os.environ["DJANGO_SETTINGS_MODULE"] == "crowdecon.settings.dev"
    quiet = command in NO_SERVERS or {"--help", "-h", "--version"} & set(sys.argv)
    try:
        if embedded and not services.external() and not quiet:
            # Held until this process ends, however it ends.
            os.environ.update(services.attach(services.data_folder()).hold().environment())
    except services.Unavailable as reason:
        sys.exit(str(reason))
    if command in AS_OWNER and os.environ.get("DATABASE_OWNER_URL"):
        os.environ["DATABASE_URL"] = os.environ["DATABASE_OWNER_URL"]


if __name__ == "__main__":
    main()
