"""Stripe's own description of its API (OpenAPI, 2026-08-26), as the judge of what is asked of it and of what a peer of ours
answers: every name, its type, what it may be and what may not be left out."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

FORM = "application/x-www-form-urlencoded"
KEY = re.compile(r"\[([^\[\]]*)\]")


class Specification:
    def __init__(self, packages: Path) -> None:
        told = json.loads((packages / "seahaven_stripe_world" / "spec" / "spec3.json").read_text())
        self.version: str = told["info"]["version"]
        self.schemas: dict[str, Any] = told["components"]["schemas"]
        self.paths = {tuple(path.split("/")): acts for path, acts in told["paths"].items()}

    def asked_wrongly(self, method: str, path: str, query: str, body: str) -> list[str]:
        """What is wrong with a request."""
        act = self._act(method, path)
        if act is None:
            return [f"{method} {path} is no operation"]
        form = act.get("requestBody", {}).get("content", {}).get(FORM, {}).get("schema")
        told = {one["name"]: one for one in act.get("parameters", ()) if one["in"] == "query"}
        inquiry = {
            "type": "object",
            "additionalProperties": False,
            "properties": {name: one["schema"] for name, one in told.items()},
            "required": [name for name, one in told.items() if one.get("required")],
        }
        found = self._faults(inquiry, nested(query), "?", written=True)
        if form:
            found = [
                *found,
                *self._faults(form | {"additionalProperties": False}, nested(body), "", written=True),
            ]
        elif body:
            found = [*found, "a body that nobody reads"]
        return list(found)

    def answered_wrongly(self, kind: str, value: Any, *, whole: bool = True) -> list[str]:
        """What of an object is not as it is described; not `whole`: leaving out is no fault."""
        return list(self._faults({"$ref": f"/{kind}"}, value, kind, written=False, whole=whole))

    def may_be(self, kind: str, name: str) -> set[str]:
        """What a field of an object may be: listed, or said in its description between two `."""
        field = self.schemas[kind]["properties"][name]
        return set(field.get("enum") or re.findall(r"`([a-z_]+)`", field["description"]))

    def _act(self, method: str, path: str) -> Any:
        words = tuple(path.split("/"))
        fitting = [
            (template, acts)
            for template, acts in self.paths.items()
            if len(template) == len(words)
            and all(part.startswith("{") or part == word for part, word in zip(template, words, strict=True))
        ]
        # A word that is named goes before one that is a place for any.
        named = min(fitting, key=lambda one: "".join(one[0]).count("{"), default=(None, {}))
        return named[1].get(method.lower())

    def _faults(
        self, schema: Mapping[str, Any], value: Any, where: str, *, written: bool, whole: bool = True
    ) -> Iterator[str]:
        """`written`: the values are texts, as forms have them."""
        how = {"written": written, "whole": whole}
        if "$ref" in schema:
            schema = self.schemas[schema["$ref"].rpartition("/")[2]]
        if value is None or (written and value == "" and schema.get("type") != "object"):
            # Said as nothing, or taken back.
            if not (schema.get("nullable") or written):
                yield f"{where} is nothing"
            return
        if some := schema.get("anyOf"):
            tried = [list(self._faults(one, value, where, **how)) for one in some]
            # Of those that it is not, what it is most like: an object is no text.
            yield from min(
                tried, key=lambda one: (bool(one), one[:1] and one[0].startswith(f"{where} is no"), len(one))
            )
            return
        kind = schema.get("type")
        if kind == "object":
            if not isinstance(value, Mapping):
                yield f"{where} is no object"
                return
            known = schema.get("properties", {})
            rest = schema.get("additionalProperties", not known and not written)
            for name, one in value.items():
                if name in known:
                    yield from self._faults(known[name], one, f"{where}.{name}", **how)
                elif isinstance(rest, Mapping):
                    yield from self._faults(rest, one, f"{where}.{name}", **how)
                elif not rest:
                    yield f"{where}.{name} is unknown"
            if whole:
                yield from (
                    f"{where}.{name} is missing" for name in schema.get("required", ()) if name not in value
                )
        elif kind == "array":
            ones = list(value.values()) if written and isinstance(value, Mapping) else value
            if not isinstance(ones, list):
                yield f"{where} is no list"
                return
            for number, one in enumerate(ones):
                yield from self._faults(schema["items"], one, f"{where}[{number}]", **how)
        elif not _fits(kind, value, written):
            yield f"{where} is no {kind}"
        elif (listed := schema.get("enum")) and value not in listed:
            yield f"{where} is none of those that are listed"
        elif isinstance(value, str) and len(value) > schema.get("maxLength", len(value)):
            yield f"{where} is too long"


def _fits(kind: str | None, value: Any, written: bool) -> bool:
    if written:
        patterns = {"integer": r"-?\d+", "boolean": "true|false", "number": r"-?\d+(\.\d+)?"}
        return isinstance(value, str) and re.fullmatch(patterns.get(kind or "", r"(?s).*"), value) is not None
    types: dict[str | None, Any] = {"integer": int, "boolean": bool, "number": (int, float), "string": str}
    return isinstance(value, types.get(kind, object)) and (kind == "boolean" or not isinstance(value, bool))


def nested(words: str) -> dict[str, Any]:
    """What a form says, its names in brackets taken apart: `a[b][0]=c`."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(words, keep_blank_values=True):
        first, *rest = [name.partition("[")[0], *KEY.findall(name)]
        place, last = found, first
        for word in rest:
            place = place.setdefault(last, {})
            last = word or str(len(place))
        place[last] = value
    return found
