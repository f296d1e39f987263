"""How the audit log speaks: each act that is written down, each kind of thing it is done to, their fields and values.

Apps add theirs in `AppConfig.ready()`; a contract test reads the code for acts that nobody put into words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.registry import Registry
from members import audit_values as ways
from members.audit_values import Known, Way

Words = str | Promise


@dataclass(frozen=True)
class Kind:
    """A kind of thing acts are done to: `fields` are the labels of its values, `says` how values are said that
    are not said as they stand, `called` how one of the kind is called by the id that the log keeps.

    `kept` are the fields that say nothing about anybody and stay when values are emptied; None for all.
    """

    key: str
    label: Words
    fields: Mapping[str, Words] = field(default_factory=dict)
    kept: frozenset[str] | None = None
    says: Mapping[str, Way] = field(default_factory=dict)
    called: Way = ways.nothing

    def keeps(self, name: str) -> bool:
        return self.kept is None or name in self.kept

    def name(self, name: str) -> str:
        """The field's label; a field that has none is called by its key, in words."""
        return str(self.fields.get(name) or name.replace("_", " "))

    def way(self, name: str) -> Way:
        return self.says.get(name, ways.plain)

    def say(self, name: str, value: Any, known: Known) -> str:
        """The field's value in words; a dash for none."""
        return ways.said(value, known, self.way(name))


#: `actions.add("member.added", _("A member was added"))`
actions: Registry[Words] = Registry("act of the audit log")
kinds: Registry[Kind] = Registry("kind of the audit log")
#: `site.add("Clean-up", _("Clean-up"))`: what the site calls itself where it acts by itself.
site: Registry[Words] = Registry("name of the site")
_REASON = {"reason": _("reason")}


def add_kind(
    key: str,
    label: Words,
    *,
    model: type[models.Model] | None = None,
    fields: Mapping[str, Words] | None = None,
    says: Mapping[str, Way] | None = None,
    called: Way = ways.nothing,
    kept: tuple[str, ...] | None = None,
) -> None:
    """A kind. A `model` gives its fields' labels and ways; `fields` and `says` come on top."""
    labels = {found.name: found.verbose_name for found in model._meta.concrete_fields} if model else {}
    own = ways.of_model(model) if model else {}
    kinds.add(
        key,
        Kind(
            key,
            label,
            {**labels, **_REASON, **(fields or {})},
            None if kept is None else frozenset(kept),
            {**own, **(says or {})},
            called,
        ),
    )


def add_way(kind: str, name: str, way: Way) -> None:
    """Say a field of a kind that an app below has added; for values whose words live above it."""
    found = kinds.get(kind)
    kinds.replace(kind, replace(found, says={**found.says, name: way}))


def kind_of(key: str) -> Kind:
    """The kind with that key. Of one that nobody described, nothing is kept when values are emptied."""
    return (
        kinds.get(key)
        if key in kinds
        else Kind(key, key.replace("_", " "), kept=frozenset(), called=ways.plain)
    )


def label_of(action: str) -> str:
    return str(actions.get(action)) if action in actions else action


def site_called(words: str) -> str:
    """What the site called itself, in the reader's language; a program's name as it is."""
    return str(site.get(words)) if words in site else words
