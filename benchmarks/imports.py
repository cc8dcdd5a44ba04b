"""How long it takes to import satcore, next to numpy.

Fresh interpreters are started in turn, so that a machine that grows busy slows all of them alike;
the median counts, with and without the interpreter's own start. Bytecode is compiled
by a first round that is not counted.

    python -m benchmarks.imports [--rounds 40]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

#: What is imported, by what to call it. The first is what the others are held against.
STATEMENTS = {
    "import numpy": "import numpy",
    "import satcore": "import satcore",
    "from satcore import Metric, Tally, run": "from satcore import Metric, Tally, run",
    "every public name": "import satcore; [getattr(satcore, name) for name in satcore.__all__]",
    "nothing": "pass",
}

#: What ``import satcore`` may take, as a multiple of ``import numpy``.
ALLOWED = 1.5


def seconds(statement: str) -> float:
    """How long a fresh interpreter takes for a statement, its own start included."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return time.perf_counter() - start


def medians(rounds: int) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in STATEMENTS}
    for number in range(rounds + 1):
        for name, statement in STATEMENTS.items():
            one = seconds(statement)
            if number:
                taken[name].append(one)
    return {name: statistics.median(times) for name, times in taken.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description="How long it takes to import satcore.")
    parser.add_argument("--rounds", type=int, default=40, help="interpreters of each kind")
    rounds = parser.parse_args().rounds
    found = medians(rounds)
    numpy, start = found["import numpy"], found["nothing"]
    print(f"median of {rounds} interpreters each, in turn")
    for name, time_taken in found.items():
        own = f"{(time_taken - start) / (numpy - start):5.2f} without the interpreter's start"
        print(f"{name:40} {1000 * time_taken:7.1f} ms {time_taken / numpy:6.2f} × numpy, {own}")
    ratio = found["import satcore"] / numpy
    print(f"import satcore takes {ratio:.2f} × import numpy; {ALLOWED} is allowed")
    return 0 if ratio <= ALLOWED else 1


if __name__ == "__main__":
    raise SystemExit(main())
