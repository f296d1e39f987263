"""Every act that the code writes into the audit log has words in the reader's language."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from members import audit_words

ROOT = Path(__file__).resolve().parents[2]
APPS = ("members", "communities", "gatherings", "engagement", "crowdecon", "commerce")
ACTION = re.compile(r"[a-z_]+\.[a-z_]+")
#: Calls that write an entry, by the name they are called by.
WRITERS = {"record", "entry", "_record", "_audit"}


def recorded() -> Iterator[tuple[str, str]]:
    """(action, where) of every action that stands in the code as it is written."""
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            # A provider of its own, which writes down what it did and not what people here do.
            if "sandbox" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and _name(node) in WRITERS:
                    given = [*node.args, *(word.value for word in node.keywords if word.arg == "action")]
                    for value in given:
                        if isinstance(value, ast.Constant) and ACTION.fullmatch(str(value.value)):
                            yield str(value.value), str(path.relative_to(ROOT))


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def test_every_act_that_is_written_down_has_words():
    found = dict(recorded())
    assert len(found) > 12
    assert {action: where for action, where in found.items() if action not in audit_words.actions} == {}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_words_are_no_keys(language):
    with translation.override(language):
        for key in audit_words.actions.keys():  # noqa: SIM118  a registry is no mapping
            assert str(audit_words.actions.get(key)) not in ("", key)
        for kind in audit_words.kinds:
            assert str(kind.label) and all(str(label) for label in kind.fields.values())


def test_every_group_of_acts_has_a_name():
    groups = {key.partition(".")[0] for key in audit_words.actions.keys()}  # noqa: SIM118
    assert {group for group in groups if group not in audit_words.kinds} == set()
