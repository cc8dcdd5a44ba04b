"""How far the overall rating goes with that of each touchpoint, with all others or alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from satcore import (
    FloatArray,
    IntArray,
    MomentSums,
    Replicated,
    coefficients,
    collinear,
    r_squared,
)
from satcore_journey.drawn import covariances

#: A fit that leaves less than this part of the outcome's variance has used up its answers.
_SATURATED: Final = 1e-9

#: What is told beside a number.
NOBODY: Final = "nobody used it"
CONSTANT: Final = "everyone who used it rated it alike"
CONSTANT_OVERALL: Final = "everyone gave the same overall rating: there is nothing to go with"
NOBODY_ALL: Final = (
    "nobody used every touchpoint and rated the journey as a whole: write missing = "
    '"pairwise" or impact = "alone"'
)
TOO_FEW: Final = "{base} respondents are too few for {count} touchpoints"
COLLINEAR: Final = (
    "its ratings follow from those of other touchpoints: what it adds by itself can't be told: "
    'write impact = "alone"'
)
IMPOSSIBLE: Final = (
    "touchpoints were rated by different people, and their correlations contradict each other: "
    'write impact = "alone"'
)
SUM: Final = "the overall rating follows from those of the touchpoints without remainder"
APART: Final = (
    "used by nobody together with {list}: their ratings are taken for uncorrelated, "
    'and impact = "alone" does without that'
)
ALONE: Final = "by itself: what it shares with other touchpoints is not taken out"
LISTWISE: Final = "rests on the {base} of {asked} who used every touchpoint"


@frozen(kw_only=True, eq=False)
class Impacts:
    """The coefficient of each touchpoint, by cell and in replicates.

    Attributes:
        names: The touchpoints.
        impact: Points of the overall rating for a point of the touchpoint's: (cells, p).
        drawn: Impacts in replicates: (cells, replicates, p); None without any.
        base: Respondents that each rests on: (cells, p).
        weighted: Sums of their weights: (cells, p).
        squares: Sums of their squared weights: (cells, p).
        taken: Degrees of freedom that a fit uses up.
        messages: What to know, by touchpoint and cell.
    """

    names: tuple[str, ...]
    impact: FloatArray
    drawn: FloatArray | None
    base: IntArray
    weighted: FloatArray
    squares: FloatArray
    taken: int
    messages: tuple[tuple[str, ...], ...]

    @property
    def effective(self) -> FloatArray:
        """Kish's effective bases: (cells, p)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.squares > 0, self.weighted**2 / self.squares, 0.0)


@frozen(kw_only=True, eq=False)
class _Fit:
    """One regression in all cells."""

    moments: MomentSums
    drawn: Replicated | None
    cov: FloatArray = field(init=False)
    redrawn: FloatArray | None = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "cov", covariances(self.moments))
        found = None
        if self.drawn is not None:
            found = np.stack([covariances(view) for view in self.drawn.views], axis=1)
        object.__setattr__(self, "redrawn", found)

    def of(self, name: str, otherwise: str) -> FloatArray:
        """A count by cell and touchpoint: of those who rated it and the journey as a whole."""
        counted = self.moments.counted
        array = counted[name] if name == "n" or self.moments.weighted else counted[otherwise]
        p = len(self.moments.statistic.of) - 1
        if self.moments.statistic.pairwise:
            return np.asarray(array[:, 0, 1:])
        return np.broadcast_to(array[:, None], (len(array), p))

    @property
    def unexplained(self) -> NDArray[np.bool_]:
        """Whether a cell's fit leaves something; as many touchpoints as answers do not."""
        with np.errstate(invalid="ignore"):
            return np.asarray(r_squared(self.cov) < 1 - _SATURATED)


def together(
    moments: MomentSums, drawn: Replicated | None, names: tuple[str, ...], used: IntArray
) -> Impacts:
    """Impacts of all touchpoints in one regression.

    Args:
        moments: Moments of the overall rating and the touchpoints'.
        drawn: The same in replicates.
        names: The touchpoints.
        used: Respondents that used each: (cells, p).
    """
    fit = _Fit(moments=moments, drawn=drawn)
    left = fit.unexplained[:, None]
    redrawn = fit.redrawn
    return Impacts(
        names=names,
        impact=np.where(left, coefficients(fit.cov), np.nan),
        drawn=None if redrawn is None else coefficients(redrawn),
        base=fit.of("n", "n").astype(np.int64),
        weighted=fit.of("w", "n").astype(np.float64),
        squares=fit.of("w2", "n").astype(np.float64),
        taken=len(names) + 1,
        messages=tuple(_messages(fit, place, names, used) for place in range(len(names))),
    )


def _messages(fit: _Fit, place: int, names: tuple[str, ...], used: IntArray) -> tuple[str, ...]:
    """What to know of a touchpoint's impact among the others, cell by cell."""
    moments, cov = fit.moments, fit.cov
    pairwise = moments.statistic.pairwise
    n = moments.counted["n"]
    base = np.asarray(n[:, 0, 0] if pairwise else n)
    explained = r_squared(cov)
    alike = collinear(cov)[:, place]
    found = []
    for cell, count in enumerate(base.tolist()):
        said = ""
        if not used[cell, place]:
            said = NOBODY
        elif not count:
            said = "" if pairwise else NOBODY_ALL
        elif count > 1 and not cov[cell, 0, 0] > 0:
            said = CONSTANT_OVERALL
        elif not np.isfinite(explained[cell]):
            said = IMPOSSIBLE
        elif explained[cell] >= 1 - _SATURATED:
            few = count <= len(names) + 1
            said = TOO_FEW.format(base=count, count=len(names)) if few else SUM
        elif not cov[cell, place + 1, place + 1] > 0:
            said = CONSTANT
        elif alike[cell]:
            said = COLLINEAR
        elif pairwise:
            apart = [
                other
                for at, other in enumerate(names)
                if at != place and used[cell, at] and not n[cell, place + 1, at + 1]
            ]
            said = APART.format(list=", ".join(apart)) if apart else ""
        elif count < used[cell].max(initial=0):
            said = LISTWISE.format(base=f"{count:,}", asked=f"{used[cell].max():,}")
        found.append(said)
    return tuple(found)


def alone(
    moments: Mapping[str, MomentSums], drawn: Mapping[str, Replicated] | None, used: IntArray
) -> Impacts:
    """Impacts of each touchpoint by itself, among those who rated it.

    Args:
        moments: Moments of the overall rating and the touchpoint's, by touchpoint.
        drawn: The same in replicates.
        used: Respondents that used each: (cells, p).
    """
    fits = [
        _Fit(moments=one, drawn=None if drawn is None else drawn[name])
        for name, one in moments.items()
    ]
    redrawn = [fit.redrawn for fit in fits if fit.redrawn is not None]
    impact = [np.where(fit.unexplained, coefficients(fit.cov)[:, 0], np.nan) for fit in fits]
    return Impacts(
        names=tuple(moments),
        impact=np.stack(impact, axis=1),
        drawn=np.concatenate([coefficients(one) for one in redrawn], axis=2) if redrawn else None,
        base=np.concatenate([fit.of("n", "n") for fit in fits], axis=1).astype(np.int64),
        weighted=np.concatenate([fit.of("w", "n") for fit in fits], axis=1).astype(np.float64),
        squares=np.concatenate([fit.of("w2", "n") for fit in fits], axis=1).astype(np.float64),
        taken=2,
        messages=tuple(_messages_alone(fit, used[:, place]) for place, fit in enumerate(fits)),
    )


def _messages_alone(fit: _Fit, used: IntArray) -> tuple[str, ...]:
    explained = r_squared(fit.cov)
    found = []
    for cell, count in enumerate(fit.moments.base.tolist()):
        said = ""
        if not used[cell]:
            said = NOBODY
        elif count > 1 and not fit.cov[cell, 0, 0] > 0:
            said = CONSTANT_OVERALL
        elif count > 1 and not fit.cov[cell, 1, 1] > 0:
            said = CONSTANT
        elif count and not explained[cell] < 1 - _SATURATED:
            said = TOO_FEW.format(base=count, count=1) if count <= 2 else SUM
        elif count:
            said = ALONE
        found.append(said)
    return tuple(found)
