"""The description of the API as people read it: sections of operations, each with what it takes and gives."""

import functools
import json
import shlex
from dataclasses import dataclass, field
from typing import Any

from django.utils import translation
from drf_spectacular.settings import spectacular_settings

from kernel import markdown
from kernel.api import schema
from kernel.api.problems import CODES


@dataclass(frozen=True)
class Row:
    """One parameter or field: `kind` is its type in words, `words` are safe HTML."""

    name: str
    kind: str
    words: str
    required: bool = False


@dataclass(frozen=True)
class Entry:
    """One operation; `words` are safe HTML."""

    id: str
    method: str
    path: str
    summary: str
    words: str
    parameters: list[Row]
    body: list[Row]
    media: list[str]
    answers: list[tuple[str, str, list[Row]]]
    problems: list[str]
    curl: str


@dataclass(frozen=True)
class Section:
    key: str
    entries: list[Entry] = field(default_factory=list)


@functools.cache
def description() -> dict[str, Any]:
    """The API's description (OpenAPI 3.1) in English, made once a process: nothing in it changes while it runs."""
    with translation.override("en"):
        made: dict[str, Any] = spectacular_settings.DEFAULT_GENERATOR_CLASS().get_schema(
            request=None, public=True
        )
        # Words that wait for a reader's language are said now.
        said: dict[str, Any] = json.loads(json.dumps(made, default=str))
    return said


@functools.cache
def sections() -> list[Section]:
    """The operations by heading, in the order of the addresses."""
    whole = description()
    found: dict[str, Section] = {}
    for path, methods in whole["paths"].items():
        for method, one in methods.items():
            tag = one["tags"][0]
            found.setdefault(tag, Section(tag)).entries.append(_entry(whole, path, method, one))
    return list(found.values())


def problem_rows() -> list[tuple[int, str, str]]:
    """Status, code and meaning of every problem there is."""
    meant = schema.PROBLEMS | {
        405: "The address does not take this method; `Allow` names those it takes.",
        500: "Something went wrong on our side; it has been logged, and nothing was changed.",
    }
    return [(status, CODES[status], words) for status, words in sorted(meant.items())]


def _entry(whole: dict[str, Any], path: str, method: str, one: dict[str, Any]) -> Entry:
    content = one.get("requestBody", {}).get("content", {})
    shape = _shape(content)
    good = {status: answer for status, answer in one["responses"].items() if int(status) < 400}
    return Entry(
        id=one["operationId"],
        method=method.upper(),
        path=path,
        summary=one["summary"],
        words=markdown.render(one["description"]),
        parameters=[_parameter(found) for found in one.get("parameters", ()) if found["in"] != "path"],
        body=_rows(whole, shape),
        media=list(content),
        answers=[
            (status, answer["description"], _answer_rows(whole, answer)) for status, answer in good.items()
        ],
        problems=[status for status in one["responses"] if int(status) >= 400],
        curl=_curl(path, method, content, one.get("x-example")),
    )


def _parameter(found: dict[str, Any]) -> Row:
    name = found["name"] if found["in"] == "query" else f"{found['name']} (header)"
    words = markdown.render(found.get("description", ""))
    return Row(name, _kind(found["schema"]), words, found.get("required", False))


def _answer_rows(whole: dict[str, Any], answer: dict[str, Any]) -> list[Row]:
    content = answer.get("content", {})
    return _rows(whole, _shape(content))


def _shape(content: dict[str, Any]) -> dict[str, Any]:
    """The schema of the first media type, empty for none."""
    return next((media.get("schema", {}) for media in content.values()), {})


def _rows(whole: dict[str, Any], shape: dict[str, Any]) -> list[Row]:
    """The fields of an object; for a page those of one result."""
    shape = _resolved(whole, shape)
    if "anyOf" in shape:
        shape = _resolved(whole, shape["anyOf"][0])
    fields = shape.get("properties", {})
    if "results" in fields:
        return _rows(whole, fields["results"]["items"])
    needed = shape.get("required", [])
    if "additionalProperties" not in shape:
        needed = []
    return [
        Row(name, _kind(_resolved(whole, one)), _words(whole, one), name in needed)
        for name, one in fields.items()
    ]


def _resolved(whole: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    if "allOf" in shape and len(shape["allOf"]) == 1:
        shape = shape["allOf"][0]
    while "$ref" in shape:
        part: Any = whole
        for step in shape["$ref"].removeprefix("#/").split("/"):
            part = part[step]
        shape = part
    return shape


def _words(whole: dict[str, Any], one: dict[str, Any]) -> str:
    return markdown.render(one.get("description") or _resolved(whole, one).get("description", ""))


#: Longer lists of words are not spelled out.
SPELLED = 20


def _kind(shape: dict[str, Any]) -> str:
    """The type in words: `integer 1 to 200`, `active | left`, `list of text`."""
    if "anyOf" in shape:
        return " | ".join(_kind(one) for one in shape["anyOf"])
    if "enum" in shape:
        values = [str(value) for value in shape["enum"] if value is not None]
        return " | ".join(values) if len(values) <= SPELLED else "text"
    types = shape.get("type", "anything")
    names = [name for name in (types if isinstance(types, list) else [types]) if name != "null"]
    name = " | ".join("text" if one == "string" else one for one in names)
    if names == ["array"]:
        return f"list of {_kind(shape.get('items') or {})}"
    if shape.get("format") in ("date", "date-time", "uuid", "binary"):
        name = {"date-time": "time", "date": "day", "binary": "file"}.get(shape["format"], shape["format"])
    if "minimum" in shape and "maximum" in shape:
        name = f"{name} {shape['minimum']} to {shape['maximum']}"
    return f"{name} or null" if isinstance(types, list) and "null" in types else name


def _curl(path: str, method: str, content: dict[str, Any], example: Any) -> str:
    """A command that does it; KEY, SITE and the parts of the path in capitals are the reader's own."""
    place = path.replace("{slug}", "lantern").replace("{number}", "42").replace("{run_id}", "RUN_ID")
    lines = ["curl" if method == "get" else f"curl -X {method.upper()}", f'"$SITE{place}"']
    lines.append('-H "Authorization: Bearer $KEY"')
    if "multipart/form-data" in content:
        lines += ["-F kind=members", "-F file=@members.csv"]
    elif content:
        body = json.dumps({} if example is None else example, ensure_ascii=False)
        lines += ['-H "Content-Type: application/json"', f"-d {shlex.quote(body)}"]
    return " \\\n  ".join([" ".join(lines[:2]), *lines[2:]])
