"""What a sub-community may be called: by the circles and interests that it has in common more than the rest."""

from typing import Any, NamedTuple

import numpy as np

from engagement.packing import Whole
from engagement.selectors.history import History

#: Fewer than so many tell nothing about a part, and could be recognised.
LEAST = 5
#: So large a share of the part must have it, and so many times as large a share as of all.
SHARE, LIFT = 0.25, 1.5
#: A name is made of so many words at most.
WORDS = 2


class Standing(NamedTuple):
    """Rows of what stands out: in which part, which word, what share of the part has it, and how many times that of all."""

    part: Whole
    word: Whole
    share: Any
    lift: Any


def suggested(history: History, number: Whole, part: Whole, parts: int) -> list[list[dict[str, Any]]]:
    """Of each part, by its number, the words that stand out, the clearest first; nothing where none does. `number` are the
    nodes' members, `part` the part of each."""
    found: list[list[dict[str, Any]]] = [[] for _ in range(parts)]
    sizes = np.bincount(part, minlength=parts)
    for kind in ("circles", "interests"):
        said = getattr(history.records.belonging, kind)
        for each, word, share, lift in zip(
            *(column.tolist() for column in _standing_out(said, number, part, sizes)), strict=True
        ):
            found[each].append(
                {"kind": kind[:-1], "words": said.words[word], "share": share, "lift": lift}
            )  # fmt: skip
    return [_clearest(rows) for rows in found]


def _standing_out(said: Any, number: Whole, part: Whole, sizes: Whole) -> Standing:
    """The words that enough of a part have, and more of it than of all."""
    order = np.argsort(number)
    place = np.minimum(np.searchsorted(number[order], said.member), max(len(number) - 1, 0))
    here = number[order][place] == said.member if len(number) else np.zeros(len(said.member), bool)
    node, word = order[place[here]], said.word[here]
    many = max(len(said.words), 1)
    key, having = np.unique(part[node] * many + word, return_counts=True)
    of_all = np.bincount(word, minlength=many)
    which, what = key // many, key % many
    share = having / sizes[which]
    lift = share / (of_all[what] / max(len(number), 1))
    keep = (having >= LEAST) & (share >= SHARE) & (lift >= LIFT)
    return Standing(which[keep], what[keep], share[keep], lift[keep])


def _clearest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By how much more of the part than of all have it; one word, however often it is said, once."""
    told: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: (-round(row["share"] * (1 - 1 / row["lift"]), 12), row["words"])):
        told.setdefault(row["words"].casefold(), row)
    return list(told.values())[:WORDS]
