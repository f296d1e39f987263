"""The line: imports and templates point left only. Anyone can recite it; this checks it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINE = ["kernel", "members", "communities", "gatherings", "commerce", "engagement", "crowdecon"]
#: Inside an app: what a layer may not import of its own app (see `docs/adr/0001-one-line-of-apps.md`).
LAYERS = ["models", "selectors", "services"]
EDGES = {"forms", "views", "api", "tasks", "admin", "management"}

TEMPLATE_TAG = re.compile(r"{%\s*(?:extends|include)\s+\"([^\"]+)\"|template_name\s*=\s*\"([^\"]+)\"")


def sources(app: str) -> Iterator[Path]:
    return (path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Dotted names that a file imports, wherever in the file the import stands."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno


def rank(dotted: str) -> int | None:
    first = dotted.split(".")[0]
    return LINE.index(first) if first in LINE else None


def test_imports_point_left_only():
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for app in LINE
        for path in sources(app)
        for name, line in imported(path)
        if (there := rank(name)) is not None and there > LINE.index(app)
    ]
    assert wrong == []


def test_there_is_no_back_door():
    """No signals, no lookup of models by name, no imports for the type checker only, below the roof."""
    doors = re.compile(r"\bapps\.get_model\(|\bTYPE_CHECKING\b|django\.dispatch|db\.models\.signals")
    wrong = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for app in LINE[:-1]
        for path in sources(app)
        for match in doors.finditer(path.read_text())
    ]
    assert wrong == []


def layer_of(path: Path, app: str) -> str:
    return path.relative_to(ROOT / app).parts[0].removesuffix(".py")


@pytest.mark.parametrize("app", [app for app in LINE[1:-1] if (ROOT / app).exists()])
def test_layers_inside_an_app(app):
    """models < selectors < services < edges; an edge may use another of its own app's edges."""
    wrong = []
    for path in sources(app):
        mine = layer_of(path, app)
        if mine not in LAYERS:
            continue
        for name, line in imported(path):
            parts = name.split(".")
            if parts[0] != app or len(parts) < 2:
                continue
            other = parts[1]
            too_high = other in EDGES - {"tasks"} or (
                other in LAYERS and LAYERS.index(other) > LAYERS.index(mine)
            )
            if too_high:
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports {name}")
    assert wrong == []


def test_templates_follow_the_line():
    """A page includes and extends templates of its own app, of apps to the left, and the shared ones."""
    wrong = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        app = path.relative_to(ROOT / "templates").parts[0]
        if app not in LINE:
            continue
        for match in TEMPLATE_TAG.finditer(path.read_text()):
            used = (match.group(1) or match.group(2)).split("/")[0]
            if used in LINE and LINE.index(used) > LINE.index(app):
                wrong.append(f"{path.relative_to(ROOT)} uses {match.group(0)}")
    assert wrong == []


def test_page_templates_stay_short():
    long = {
        str(path.relative_to(ROOT)): count
        for path in (ROOT / "templates").rglob("*.html")
        if (count := len(path.read_text().splitlines())) > 120
    }
    assert long == {}


def test_no_branch_on_a_name():
    """Ask the object: nothing compares a type, a provider or a metric's key with a literal."""
    asked = {"type", "type_key", "blueprint", "provider", "metric", "key"}
    wrong = []
    for app in LINE:
        for path in sources(app):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Compare) and isinstance(node.left, ast.Attribute):
                    literal = isinstance(node.comparators[0], ast.Constant) and isinstance(
                        node.comparators[0].value, str
                    )
                    if node.left.attr in asked and literal:
                        wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert wrong == []


def test_files_stay_below_400_lines():
    long = {
        str(path.relative_to(ROOT)): count
        for app in LINE
        for path in sources(app)
        if (count := len(path.read_text().splitlines())) > 400
    }
    assert long == {}
