"""Kills a process that saves states, at random moments, and looks at what is left.

    python -m benchmarks.saving_kills [KILLS] [SEED]

A child saves the states of one day and of two days in turn, over and over, to one file. It is
killed with SIGKILL after a random time; then the file has to be one of the two, whole. Another
child adds to a store; whatever it was doing, each part in the store has to be whole. Leaves with 1
where anything was broken.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

import satcore
from satcore.saved.store import part_name
from satcore.saved.writing import write_whole
from satcore_kano import Kano
from satcore_nps import NPS

#: A child lives at most so many seconds; saving takes some milliseconds.
LONGEST = 0.1


def states(rows: int, seed: int) -> satcore.Saved:
    """States of made answers, large enough for saving to take a while."""
    rng = np.random.default_rng(seed)
    features = [f"F{number}" for number in range(12)]
    data = {
        "Q1": rng.integers(0, 11, rows),
        "region": rng.integers(0, 6, rows),
        "month": rng.integers(1, 13, rows),
        **{f"{one}_{kind}": rng.integers(1, 6, rows) for one in features for kind in "fd"},
    }
    kano = Kano(functional="{feature}_f", dysfunctional="{feature}_d", features=features)
    plan = satcore.plan(
        [NPS(item="Q1"), kano], data, segments=["region"], wave="month", by=["region*wave"]
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.satcore"
        satcore.save(plan, satcore.scan(plan), path)
        return satcore.load(path)


def killed(work: Callable[[], None], after: float) -> None:
    """Run something in a child over and over, and kill it after a while."""
    child = os.fork()
    if child == 0:
        try:
            while True:
                work()
        finally:
            os._exit(1)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        raise SystemExit("the child ended by itself")


def main() -> None:
    kills, seed = (int(given) for given in (*sys.argv[1:], "200", "1")[:2])
    rng, found = random.Random(seed), Counter[str]()
    one, two = states(20_000, 1), satcore.merge(states(20_000, 1), states(20_000, 2))
    known = {b"".join(one.pieces()): "the one", b"".join(two.pieces()): "the other"}
    print(f"{kills} kills, states of {len(next(iter(known))):,} bytes, seed {seed}")
    with tempfile.TemporaryDirectory() as folder:
        target, store = Path(folder) / "all.satcore", Path(folder) / "store"
        store.mkdir()
        one.write(target)

        def saving() -> None:
            for states in order:
                states.write(target)

        def adding() -> None:
            for number in range(1000):
                write_whole(
                    store / part_name(f"{os.getpid()}-{number}"), one.pieces(), replace=False
                )

        for _ in range(kills):
            order = rng.sample([one, two], 2)
            killed(saving, rng.uniform(0, LONGEST))
            found[known.get(target.read_bytes(), "BROKEN")] += 1
        for _ in range(kills // 10):
            killed(adding, rng.uniform(0, LONGEST))
            for path in satcore.Store(store).parts():
                whole = path.read_bytes() == next(iter(known))
                found["a part of a store" if whole else "BROKEN PART"] += 1
                path.unlink()
        left = [*Path(folder).glob(".*.unfinished"), *store.glob(".*.unfinished")]
    for what, times in sorted(found.items()):
        print(f"{what:20} {times:6}")
    print(f"{'unfinished, beside':20} {len(left):6}")
    if found["BROKEN"] or found["BROKEN PART"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
