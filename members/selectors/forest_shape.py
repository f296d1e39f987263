"""The referral forest as a whole, counted in memory: who hangs below whom, without a recursion in the database."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass


@dataclass(frozen=True)
class Counts:
    """How many a member brought, how many hang below them with all whom those brought, how many generations down."""

    brought: int
    below: int
    depth: int


@dataclass(frozen=True)
class Shape:
    """Of those who joined their numbers, and which let others see them; the roots; whom each brought, how many hang
    below these and how deep."""

    numbers: Mapping[int, int]
    shown: Set[int]
    roots: Sequence[int]
    children: Mapping[int, Sequence[int]]
    below: Mapping[int, int]
    depth: Mapping[int, int]

    def of(self, pk: int) -> Counts:
        """Of anybody, whoever brought them."""
        brought = self.children.get(pk, ())
        return Counts(
            len(brought),
            sum(self.below[child] + 1 for child in brought),
            max((self.depth[child] + 1 for child in brought), default=0),
        )

    def trees(self) -> Iterator[tuple[int, int, int]]:
        """(members, the root's number, the root) of each tree of two or more."""
        for pk in self.roots:
            if below := self.below[pk]:
                yield below + 1, self.numbers[pk], pk

    def down(self, pk: int, deepest: int) -> Iterator[tuple[int, int]]:
        """(generation, member) of all below one, generation by generation."""
        generation: Sequence[int] = [pk]
        for depth in range(1, deepest + 1):
            generation = [child for one in generation for child in self.children.get(one, ())]
            yield from ((depth, child) for child in generation)


def of(rows: Iterable[tuple[int, int | None, int | None, bool]]) -> Shape:
    """The shape of these (member, inviter or None, number, shown). A row without a number is no member: it stands for the
    other one, in the place of the inviter. An inviter who is no row may still be asked about."""
    stands_for: dict[int, int] = {}
    inviters: dict[int, int | None] = {}
    numbers: dict[int, int] = {}
    shown: set[int] = set()
    for pk, inviter, number, is_shown in rows:
        if number is None:
            stands_for[pk] = inviter or pk
            continue
        inviters[pk], numbers[pk] = inviter, number
        if is_shown:
            shown.add(pk)
    children: dict[int, list[int]] = defaultdict(list)
    roots: list[int] = []
    for pk, inviter in inviters.items():
        inviter = stands_for.get(inviter, inviter) if inviter is not None else None
        # Whose inviter turned out to be themselves has come by nobody.
        inviters[pk] = inviter = None if inviter == pk else inviter
        if inviter is None:
            roots.append(pk)
        else:
            children[inviter].append(pk)
    # From the top down, each behind who brought them; who is on a loop of merged records is never met.
    order = [pk for pk, inviter in inviters.items() if inviter is None or inviter not in inviters]
    for pk in order:
        order.extend(children.get(pk, ()))
    below, depth = dict.fromkeys(inviters, 0), dict.fromkeys(inviters, 0)
    for pk in reversed(order):
        inviter = inviters[pk]
        if inviter in below:
            below[inviter] += below[pk] + 1
            depth[inviter] = max(depth[inviter], depth[pk] + 1)
    return Shape(numbers, shown, roots, children, below, depth)
