"""How often the intervals of NPS hold the true value.

Surveys with known shares of detractors, passives and promoters are simulated; each interval is
computed by satcore's own functions, one simulation a cell, and held against the true NPS. Where
the answers carry no weights and the interval is no bootstrap, the coverage follows exactly too,
by going through every possible table. A weighted point that falls out of the band is simulated
again, with fresh random numbers and 25 times as often: among hundreds of points, some fall out by
chance alone.

    python -m benchmarks.coverage [--simulations 4000] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from attrs import asdict, frozen
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import gammaln, xlogy

from satcore import NET_INTERVALS, Block, Counted, Item, Scale, Tally

Shares: TypeAlias = tuple[float, float, float]
Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

CONFIDENCE = 0.95
SIMULATIONS = 4_000
SEED = 20_160_411

#: Where coverage has to lie, and from how many answers on.
BAND = (0.93, 0.97)
FROM = 50
WEIGHTED_FROM = 200

SIZES = (10, 20, 30, 50, 100, 200, 500, 1000)
WEIGHTED_SIZES = (50, 100, 200, 500, 1000)

#: The default interval first.
METHODS = ("adjusted_wald", "score", "wald", "may_johnson", "bootstrap")

#: Shares of detractors, passives and promoters as surveys have them: 5% or more of each, and no
#: class above 80%. The claim is about these.
SENSIBLE: tuple[Shares, ...] = (
    (0.05, 0.15, 0.80),
    (0.10, 0.20, 0.70),
    (0.15, 0.25, 0.60),
    (0.20, 0.30, 0.50),
    (0.25, 0.35, 0.40),
    (1 / 3, 1 / 3, 1 / 3),
    (0.36, 0.18, 0.46),
    (0.45, 0.10, 0.45),
    (0.40, 0.40, 0.20),
    (0.60, 0.25, 0.15),
    (0.80, 0.15, 0.05),
    (0.30, 0.60, 0.10),
    (0.10, 0.80, 0.10),
)

#: Shares at which hardly anybody differs from the others. Nothing is claimed; they are shown.
EXTREME: tuple[Shares, ...] = (
    (0.02, 0.08, 0.90),
    (0.01, 0.04, 0.95),
    (0.00, 0.10, 0.90),
    (0.05, 0.90, 0.05),
    (0.02, 0.93, 0.05),
    (0.01, 0.98, 0.01),
)

#: How much oftener a weighted point is simulated again that fell out of the band.
AGAIN = 25

#: A bound that equals the true value holds it, whatever the last digit says.
_TIE = 1e-9

#: Detractor, passive and promoter as answers to an item.
ANSWER = Item(name="answer", scale=Scale(low=0, high=2))


@frozen(kw_only=True)
class Covered:
    """The coverage of one interval at one point of the grid.

    Attributes:
        weights: ``"none"`` or the name of a design.
        method: The interval.
        shares: True shares of detractors, passives and promoters.
        n: Answers.
        simulations: Simulated surveys.
        coverage: Share of them whose interval holds the true NPS.
        exact: The coverage over every possible table, where there are no weights.
        again: The coverage in fresh simulations, where the first ones fell out of the band.
        claimed: Whether it has to lie in the band.
    """

    weights: str
    method: str
    shares: Shares
    n: int
    simulations: int
    coverage: float
    exact: float | None = None
    again: float | None = None
    claimed: bool = False

    @property
    def settled(self) -> float:
        """The coverage with the least chance in it."""
        known = [one for one in (self.exact, self.again) if one is not None]
        return known[0] if known else self.coverage


def inside(coverage: float) -> bool:
    """Whether a coverage lies in the band."""
    return BAND[0] <= coverage <= BAND[1]


def true_nps(shares: Shares) -> float:
    """NPS of true shares."""
    return 100.0 * (shares[2] - shares[0])


def generator(shares: Shares, n: int, *stream: int) -> Generator:
    """The random numbers of one point of the grid, whatever else is simulated."""
    point = (n, *(round(share * 10_000) for share in shares))
    return np.random.default_rng([SEED, *point, *stream])


def held(low: Floats, high: Floats, truth: float) -> NDArray[np.bool_]:
    """Which intervals hold the true value."""
    return (low - _TIE <= truth) & (truth <= high + _TIE)


def simulated(method: str, counts: Integers, truth: float) -> float:
    """Share of simulated tables whose interval holds the true value.

    A table's interval depends on the table alone, so each is computed once.

    Args:
        method: A name of ``NET_INTERVALS``.
        counts: Detractors, passives and promoters, one simulation a row.
        truth: The true NPS.
    """
    tables, often = np.unique(counts, axis=0, return_counts=True)
    low, high = NET_INTERVALS[method](tables, 0).bounds(CONFIDENCE)
    return float(np.sum(often * held(low, high, truth)) / len(counts))


def every_table(n: int) -> Integers:
    """All tables of n answers."""
    low, high = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    possible = low + high <= n
    low, high = low[possible], high[possible]
    return np.stack([low, n - low - high, high], axis=1).astype(np.int64)


def exact(method: str, n: int, grid: Iterable[Shares]) -> dict[Shares, float]:
    """Coverage by true shares, over every possible table of n answers.

    Args:
        method: A name of ``NET_INTERVALS``.
        n: Answers.
        grid: True shares.
    """
    tables = every_table(n)
    ways = gammaln(n + 1) - gammaln(tables + 1).sum(axis=1)
    low, high = NET_INTERVALS[method](tables, 0).bounds(CONFIDENCE)
    return {
        shares: float(
            np.exp(ways + xlogy(tables, np.array(shares)).sum(axis=1))[
                held(low, high, true_nps(shares))
            ].sum()
        )
        for shares in grid
    }


def unweighted(
    simulations: int,
    sizes: Sequence[int],
    methods: Sequence[str] = METHODS,
) -> Iterator[Covered]:
    """Coverage without weights, over the whole grid."""
    for n in sizes:
        known = {
            method: exact(method, n, (*SENSIBLE, *EXTREME))
            for method in methods
            if method != "bootstrap"
        }
        for shares in (*SENSIBLE, *EXTREME):
            counts = generator(shares, n).multinomial(n, shares, size=simulations)
            for method in methods:
                yield Covered(
                    weights="none",
                    method=method,
                    shares=shares,
                    n=n,
                    simulations=simulations,
                    coverage=simulated(method, counts, true_nps(shares)),
                    exact=known[method][shares] if method in known else None,
                    claimed=shares in SENSIBLE and n >= FROM and method in METHODS[:2],
                )


#: Draws answers (0, 1, 2) and weights: (simulations, n) both.
Draw: TypeAlias = Callable[[Generator, Shares, int, int], tuple[Integers, Floats]]


def drawn(rng: Generator, shares: Shares, shape: tuple[int, ...]) -> Integers:
    """Answers with given shares."""
    return np.searchsorted(np.cumsum(shares)[:2], rng.random(shape), side="right").astype(np.int64)


def lognormal(sigma: float) -> Draw:
    """Weights that have nothing to do with the answers; Kish's design effect is exp(sigma²)."""

    def draw(rng: Generator, shares: Shares, n: int, simulations: int) -> tuple[Integers, Floats]:
        shape = (simulations, n)
        return drawn(rng, shares, shape), rng.lognormal(sigma=sigma, size=shape)

    return draw


def groups(rng: Generator, shares: Shares, n: int, simulations: int) -> tuple[Integers, Floats]:
    """A group that is a fifth of the population, half of the sample, and less content.

    Weights put that right: 0.4 inside it, 1.6 outside. Kish's design effect is 1.36.
    """
    low, middle, high = shares
    moved = min(high, 4 * low) / 2
    inside = (low + moved, middle, high - moved)
    outside = (low - moved / 4, middle, high + moved / 4)
    member = rng.random((simulations, n)) < 0.5
    answers = np.where(
        member, drawn(rng, inside, member.shape), drawn(rng, outside, member.shape)
    ).astype(np.int64)
    return answers, np.where(member, 0.2 / 0.5, 0.8 / 0.5)


#: Designs by name. ``lognormal 1.0`` is harsh (design effect 2.7) and carries no claim.
DESIGNS: dict[str, Draw] = {
    "lognormal 0.5": lognormal(0.5),
    "groups": groups,
    "lognormal 1.0": lognormal(1.0),
}
CLAIMED_DESIGNS = ("lognormal 0.5", "groups")


def weighted_coverage(
    design: str, shares: Shares, n: int, simulations: int, stream: int = 0
) -> float:
    """Coverage of the weighted NPS: one survey a cell, counted by ``Tally`` as in a run."""
    rng = generator(shares, n, 1 + list(DESIGNS).index(design), stream)
    answers, weights = DESIGNS[design](rng, shares, n, simulations)
    block = Block(
        rows=answers.size,
        cells=simulations,
        cell=np.repeat(np.arange(simulations), n),
        weight=weights.ravel(),
        codes={ANSWER: answers.ravel()},
    )
    tally = Tally(ANSWER)
    # Every simulation is a survey of its own, so the survey's rows are n and not rows in all.
    counted = Counted(arrays=tally.observe(block), cells=simulations, survey_rows=n, weighted=True)
    interval = tally.view(counted).net([2], [0], term="nps").interval
    assert interval is not None
    low, high = interval.bounds(CONFIDENCE)
    return float(np.mean(held(low, high, true_nps(shares))))


def weighted(
    simulations: int,
    sizes: Sequence[int],
    designs: Sequence[str] = tuple(DESIGNS),
) -> Iterator[Covered]:
    """Coverage of the linearised interval under weights, over the whole grid."""
    for design in designs:
        for n in sizes:
            for shares in (*SENSIBLE, *EXTREME):
                claimed = shares in SENSIBLE and n >= WEIGHTED_FROM and design in CLAIMED_DESIGNS
                coverage = weighted_coverage(design, shares, n, simulations)
                again = None
                if claimed and not inside(coverage):
                    again = float(
                        np.mean(
                            [
                                weighted_coverage(design, shares, n, simulations, stream)
                                for stream in range(1, AGAIN + 1)
                            ]
                        )
                    )
                yield Covered(
                    weights=design,
                    method="linearised",
                    shares=shares,
                    n=n,
                    simulations=simulations,
                    coverage=coverage,
                    again=again,
                    claimed=claimed,
                )


def told(share: float) -> str:
    """A coverage in percent, in bold outside the band."""
    text = f"{100 * share:.2f}"
    return text if inside(share) else f"**{text}**"


def markdown(found: Sequence[Covered], *, exactly: bool = False) -> str:
    """One table: a row for each point of the grid, a column for each n."""
    sizes = sorted({one.n for one in found})
    lines = [
        "| detractors / passives / promoters | " + " | ".join(map(str, sizes)) + " |",
        "|---|" + "---:|" * len(sizes),
    ]
    for shares in dict.fromkeys(one.shares for one in found):
        by_size = {one.n: one for one in found if one.shares == shares}
        cells = []
        for n in sizes:
            share = by_size[n].exact if exactly else by_size[n].coverage
            cells.append(told(share) if share is not None else "")
        name = " / ".join(f"{100 * share:.0f}" for share in shares)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def report(found: Sequence[Covered]) -> Iterator[str]:
    """All tables, and what falls out of the band."""
    for weights, method in dict.fromkeys((one.weights, one.method) for one in found):
        part = [one for one in found if (one.weights, one.method) == (weights, method)]
        title = f"`{method}`" if weights == "none" else f"`{method}`, weights: {weights}"
        yield f"### {title}\n\n{markdown(part)}\n"
    for method in METHODS[:2]:
        part = [one for one in found if one.exact is not None and one.method == method]
        yield f"### `{method}`, exact\n\n{markdown(part, exactly=True)}\n"
    claimed = [one for one in found if one.claimed]
    missed = [one for one in claimed if not inside(one.coverage)]
    failed = [one for one in missed if not inside(one.settled)]
    yield (
        f"{len(claimed)} points carry the claim. {len(missed)} of them fall out of the band in "
        f"these simulations, {len(failed)} when settled exactly or by {AGAIN} times as many."
    )
    for one in missed:
        point = f"{one.method}, weights: {one.weights}, {one.shares}, n = {one.n}"
        yield f"- {point}: {one.coverage:.4f}, settled {one.settled:.4f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate, print the tables, write the JSON; 1 where the claim does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--simulations", type=int, default=SIMULATIONS)
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write every number")
    options = parser.parse_args(arguments)
    found = [
        *unweighted(options.simulations, SIZES),
        *weighted(options.simulations, WEIGHTED_SIZES),
    ]
    for text in report(found):
        print(text)
    if options.json is not None:
        about: dict[str, Any] = {
            "seed": SEED,
            "confidence": CONFIDENCE,
            "band": BAND,
            "coverage": [asdict(one) for one in found],
        }
        options.json.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    return int(any(one.claimed and not inside(one.settled) for one in found))


if __name__ == "__main__":
    sys.exit(main())
