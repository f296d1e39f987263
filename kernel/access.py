"""The one answer to "may this member see this?", in two forms: for one thing in Python, for lists in SQL.

Each model has one rule, registered by the app that knows it; a contract test holds the two forms equal on generated
pairs. A membership is of one community, so a rule shows nothing of another. None stands for whoever the community
has not let in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import Http404

from kernel.registry import Registry

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Rule:
    """`program_q` is what a community's key sees: it speaks for no member, so no member's tier or circle counts."""

    model: type[Model]
    allows: Callable[[Any, Any], bool]
    visible_q: Callable[[Any], Q]
    program_q: Q


rules: Registry[Rule] = Registry("access rule")


def rule(
    model: type[Model],
    allows: Callable[[Any, Any], bool],
    visible_q: Callable[[Any], Q],
    *,
    program_q: Q | None = None,
) -> None:
    """Register the rule of a model. Raises `ValueError` when it has one."""
    rules.add(model._meta.label, Rule(model, allows, visible_q, Q() if program_q is None else program_q))


def sees(membership: Any, thing: Model) -> bool:
    """Whether this member (None for a visitor) may see the thing. Raises `KeyError` where there is no rule."""
    return rules.get(thing._meta.label).allows(membership, thing)


def visible(rows: QuerySet[M], membership: Any) -> QuerySet[M]:
    """Those of the rows that this member (None for a visitor) may see. The rows are of one community already."""
    return rows.filter(rules.get(rows.model._meta.label).visible_q(membership))


def shown(rows: QuerySet[M], request: Any) -> QuerySet[M]:
    """Those of the rows that may be shown to whoever asks: a person, or a program with the community's key."""
    if getattr(request, "auth", None) is not None:
        return rows.filter(rules.get(rows.model._meta.label).program_q)
    return visible(rows, request.membership)


def find(rows: QuerySet[M], request: Any, **wanted: Any) -> M:
    """The one of the rows that is wanted. Raises `Http404` where there is none or it may not be shown."""
    found = shown(rows, request).filter(**wanted).first()
    if found is None:
        raise Http404
    return found
