"""`make bench`: every comparison there is, one table of ratios. `SCALE=small|usual|full`; words choose some of them."""

import sys
from importlib import import_module

from benchmarks import scale, servers
from benchmarks.measure import Measured, seconds, table

KINDS = ("load", "refresh", "dashboard", "graph")
ALONE = ("members", "talk", "gatherings", "coverage", "what_if", "checking", "experiments")
#: These read nothing but what they make themselves.
WITHOUT_SERVERS = ("what_if", "experiments")


def main() -> None:
    chosen = sys.argv[1:] or list(KINDS)
    if chosen[0] in ALONE:
        _alone(*chosen)
        return
    if unknown := set(chosen) - set(KINDS):
        known, alone = ", ".join(KINDS), " and ".join(ALONE)
        sys.exit(
            f"There is no comparison {', '.join(unknown)}; there are {known}, and {alone} by themselves."
        )
    size = scale.chosen()
    print(f"{size.facts:,} facts, {size.members:,} members, {size.days} days.", flush=True)
    servers.start()
    from benchmarks import dashboard, graph, loading, place, refreshing, stream

    told = stream.make(size)
    lines: list[Measured] = []

    def tell(found: list[Measured]) -> None:
        lines.extend(found)
        for line in found:
            print(f"  {line.work}: {line.ratio:.3f}", flush=True)

    if "load" in chosen:
        tell(loading.run(told))
    if {"refresh", "dashboard"} & set(chosen):
        community = place.found(told, "bench")
        print(f"Loading took {seconds(lambda: place.load(told, community)):.0f} s.", flush=True)
        print(
            f"Rolling up all days took {seconds(lambda: refreshing.roll_all(told, community)):.0f} s.",
            flush=True,
        )
        if "refresh" in chosen:
            tell(refreshing.run(told, community))
        if "dashboard" in chosen:
            tell(dashboard.run(told, community))
    if "graph" in chosen:
        tell(graph.run(size))
    print("\n" + table(lines))


def _alone(name: str, *parts: str) -> None:
    """What has no other to be compared with: run alone, by its name, on servers whose data is kept where it needs any."""
    asked = import_module(f"benchmarks.{name}")
    if unknown := set(parts) - set(asked.PARTS):
        sys.exit(f"There is no part {', '.join(unknown)}; there are {', '.join(asked.PARTS)}.")
    if name in WITHOUT_SERVERS:
        servers.none()
    else:
        servers.start(kept=name)
    asked.run(list(parts))


main()
