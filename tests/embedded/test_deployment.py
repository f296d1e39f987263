"""The production files hang together: every variable is explained, every file named is there, the addresses agree."""

import re

import pytest
import yaml

from crowdecon.embedded import bootstrap, postgres
from tests.services import ROOT

COMPOSE = ROOT / "docker-compose.yml"


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load(COMPOSE.read_text())


def test_services(compose):
    assert sorted(compose["services"]) == ["beat", "migrate", "postgres", "proxy", "redis", "web", "worker"]
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["proxy"]


def test_postgresql_is_set_as_it_was_measured(compose):
    flags = [word.removeprefix("-c").split("=") for word in compose["services"]["postgres"]["command"][1:]]
    measured = dict(re.findall(r"^(\w+) = '?([^'\n]*)'?$", postgres.CONFIGURATION, re.MULTILINE))
    said = {name: re.sub(r"^\$\{\w+:-(.*)\}$", r"\1", value) for name, value in flags}
    assert said == {name: measured[name] for name in said}
    assert {"shared_buffers", "work_mem", "random_page_cost", "jit"} <= set(said)


def test_what_waits_for_what_is_there(compose):
    for service in compose["services"].values():
        assert set(service.get("depends_on", {})) <= set(compose["services"])
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (ROOT / source).is_file()


def test_every_variable_is_explained():
    used = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", COMPOSE.read_text()))
    explained = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert used - explained == set()


def test_only_migrations_know_the_owner(compose):
    knowing = [
        name
        for name, service in compose["services"].items()
        if "owner" in str(service.get("environment", ""))
    ]
    assert knowing == ["migrate"]


def test_dockerfile_copies_what_is_there_and_leaves_root():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    copied = [word for line in lines if re.match(r"COPY [^-]", line) for word in line.split()[1:-1]]
    assert all((ROOT / name).exists() for name in copied)
    assert "USER crowdecon" in lines
    assert lines.index("USER crowdecon") < next(n for n, line in enumerate(lines) if line.startswith("CMD"))


def test_locks_hold_hashes_and_no_addresses():
    for lock in ("requirements.txt", "requirements-dev.txt", "requirements-node.txt", "package-lock.json"):
        content = (ROOT / lock).read_text()
        assert "://" not in content, lock
        assert ("--hash=sha256:" in content) or ("sha512-" in content)


def test_the_image_has_what_comes_from_npm():
    said = (ROOT / "Dockerfile").read_text()
    wanted = [bootstrap.CHARTS, *bootstrap.READER, *bootstrap.OUTLINES, bootstrap.LETTERS / "unicode.json"]
    assert [file.name for file in wanted if f"/build/{file.relative_to(ROOT)}" not in said] == []
