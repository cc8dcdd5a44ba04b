"""The trend of the answers themselves, from the table of waves by answers of each cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from satcore import (
    Estimate,
    FloatArray,
    IntArray,
    MomentSums,
    OptionError,
    StudentInterval,
    Tallied,
    Waved,
    Waves,
)
from satcore_trend.answers import binomial, linear
from satcore_trend.answers_fit import ModelFit, Weighted
from satcore_trend.counts import negative_binomial, poisson
from satcore_trend.intervals import (
    IndependentSlopes,
    LinkInterval,
    RateInterval,
    RatioInterval,
    inverse_link,
)
from satcore_trend.of_series import sure_base, unit_of
from satcore_trend.on_waves import WaveDesign, within
from satcore_trend.ordinal import ordinal

if TYPE_CHECKING:
    from satcore_trend.metric import Trend

#: The unit of a coefficient, by model.
UNITS: Final = {
    "linear": "score",
    "binomial": "log odds",
    "ordered": "log odds",
    "poisson": "log rate",
    "negative_binomial": "log rate",
}


def answers_trend(options: Trend, answers: Waved) -> Iterator[Estimate]:
    """The trend of a question's answers: their mean, the share of some, or the full scale.

    Args:
        options: What was asked for.
        answers: The question's tally, wave by wave.

    Raises:
        OptionError: Waves that these options can't stand on.
    """
    design = WaveDesign.of(options, answers.waves)
    tallied: Tallied = answers.counted
    cells, waves = answers.shape
    counts = tallied.counts.reshape(cells, waves, tallied.values.size)
    refusals = design.refusals(counts.sum(axis=2) > 0)
    weighted = tallied.weighted
    tables = _Tables(
        counts=counts,
        weights=tallied.weights.reshape(counts.shape) if weighted else None,
        squares=tallied.squared_weights.reshape(counts.shape) if weighted else None,
        responses=float(tallied.survey_rows),
    )
    columns = design.columns()
    values = tallied.values
    top = np.isin(values, options.top)
    fits = [
        _fitted(options.model, tables.cell(cell), values, top, columns) for cell in range(cells)
    ]
    present = counts.sum(axis=2) > 0
    base = sure_base(counts.sum(axis=2), present, present.sum(axis=1) - columns.shape[1])
    heavy = tables.weights if tables.weights is not None else counts.astype(np.float64)
    squares = tables.squares if tables.squares is not None else heavy
    together, squared = heavy.sum(axis=(1, 2)), squares.sum(axis=(1, 2))
    told = _Told(
        options=options, design=design, fits=tuple(fits), refusals=refusals,
        present=present, base=base, weighted_base=together,
        effective=np.divide(
            together**2, squared, out=np.zeros_like(together), where=squared > 0
        ),
    )  # fmt: skip
    yield from told.coefficients()
    yield from _observed(options, answers)
    if options.model != "ordered":
        yield from told.waves_fitted(columns)


def events_trend(options: Trend, events: Waved, sums: MomentSums) -> Iterator[Estimate]:
    """The trend of a rate: events on an exposure, or on each response.

    Args:
        options: What was asked for.
        events: The sums, wave by wave.
        sums: The same, as moments.

    Raises:
        OptionError: Waves that these options can't stand on, or numbers that are no counts.
    """
    design = WaveDesign.of(options, events.waves)
    base = sums.base.reshape(events.shape)
    with np.errstate(invalid="ignore"):
        means = sums.means()
        totals = np.where(base > 0, means.T.reshape(means.shape[1], *events.shape) * base, 0.0)
    counted = totals[0]
    exposure = totals[1] if options.exposure else base.astype(np.float64)
    _check_counts(options, counted, exposure, events.waves)
    columns = design.columns()
    model = poisson if options.model == "poisson" else negative_binomial
    fits = [model(*one, columns) for one in zip(counted, exposure, strict=True)]
    told = _Told(
        options=options, design=design, fits=tuple(fits), refusals=design.refusals(exposure > 0),
        present=exposure > 0,
        base=sure_base(base, exposure > 0, (exposure > 0).sum(axis=1) - columns.shape[1]),
        weighted_base=base.sum(axis=1).astype(np.float64),
        effective=base.sum(axis=1).astype(np.float64),
    )  # fmt: skip
    yield from told.coefficients()
    yield from _rates(events.waves, counted, exposure, base)
    yield from told.waves_fitted(columns)


def _check_counts(options: Trend, counted: FloatArray, exposure: FloatArray, waves: Waves) -> None:
    if (counted < 0).any():
        raise OptionError("item", f"{options.item} holds numbers below 0, and counts events")
    for cell, wave in np.argwhere((exposure <= 0) & (counted > 0))[:1].tolist():
        raise OptionError(
            "exposure",
            f"{waves.labels[wave]} has {counted[cell, wave]:g} events on an exposure of "
            f"{exposure[cell, wave]:g}; an exposure is above 0 wherever something happened",
        )


@frozen(kw_only=True, eq=False)
class _Tables:
    """The tables of all cells: (cells, waves, answers)."""

    counts: IntArray
    weights: FloatArray | None
    squares: FloatArray | None
    responses: float

    def cell(self, cell: int) -> tuple[IntArray, Weighted | None]:
        """One cell's counts, and its weights where there are any."""
        if self.weights is None or self.squares is None:
            return self.counts[cell], None
        return self.counts[cell], Weighted(
            weights=self.weights[cell], squares=self.squares[cell], responses=self.responses
        )


def _fitted(
    model: str,
    table: tuple[IntArray, Weighted | None],
    values: FloatArray,
    top: np.ndarray,
    columns: FloatArray,
) -> ModelFit:
    """One cell's model."""
    counts, weighted = table
    if model == "linear":
        return linear(counts, values, columns, weighted=weighted)
    if model == "ordered":
        # The thresholds are this model's constants.
        return ordinal(counts, columns[:, 1:], weighted=weighted)
    if weighted is not None:
        weighted = Weighted(
            weights=_two(np.asarray(weighted.weights), top),
            squares=_two(np.asarray(weighted.squares), top),
            responses=weighted.responses,
        )
    return binomial(counts @ top.astype(np.int64), counts.sum(axis=1), columns, weighted=weighted)


def _two(table: np.ndarray, top: np.ndarray) -> FloatArray:
    """Those that do not count, then those that do: (waves, 2)."""
    return np.stack([table[:, ~top].sum(axis=1), table[:, top].sum(axis=1)], axis=1)


def _observed(options: Trend, answers: Waved) -> Iterator[Estimate]:
    """What each wave says by itself: a share with Wilson's interval, or a mean with t's."""
    tallied: Tallied = answers.counted
    if options.model == "binomial":
        found = tallied.share(options.top, term="observed")
    else:
        found = tallied.mean(term="observed")
    for place, label in enumerate(answers.waves.labels):
        yield evolve(answers.at(found, place), item=label)


def _rates(
    waves: Waves, events: FloatArray, exposure: FloatArray, base: IntArray
) -> Iterator[Estimate]:
    """The rate of each wave, with its exact interval."""
    for place, label in enumerate(waves.labels):
        happened, on = events[:, place], exposure[:, place]
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = np.where(on > 0, happened / on, np.nan)
            error = np.where(on > 0, np.sqrt(happened) / on, np.nan)
        yield Estimate(
            term="observed",
            item=label,
            value=rate,
            std_error=error,
            base=base[:, place],
            unit="rate",
            interval=RateInterval(events=happened, exposure=on),
            compared=False,
        )


@frozen(kw_only=True, eq=False)
class _Told:
    """Tells the models of all cells as estimates."""

    options: Trend
    design: WaveDesign
    fits: Sequence[ModelFit]
    refusals: tuple[str, ...]
    present: NDArray[np.bool_]
    base: IntArray
    weighted_base: FloatArray
    effective: FloatArray

    @property
    def _df(self) -> FloatArray:
        return np.array([fit.df for fit in self.fits])

    @property
    def _refused(self) -> NDArray[np.bool_]:
        return np.array([bool(one) for one in self.refusals], dtype=np.bool_)

    def _coefficients(self) -> tuple[FloatArray, FloatArray]:
        """Coefficients and covariances of all cells by column; 0 for one that a model lacks."""
        size = len(self.design.design.names)
        values = np.zeros((len(self.fits), size))
        covariance = np.zeros((len(self.fits), size, size))
        for cell, fit in enumerate(self.fits):
            skipped = size - fit.coefficients.size
            values[cell, skipped:] = fit.coefficients
            covariance[cell, skipped:, skipped:] = fit.covariance
        values[self._refused] = np.nan
        covariance[self._refused] = np.nan
        return values, covariance

    def coefficients(self) -> Iterator[Estimate]:
        """Slope, change and a measure's terms, as they are and as ratios; the dispersion."""
        unit = UNITS[self.options.model]
        values, covariance = self._coefficients()
        for term, combination, kind in self.design.combinations(self.present):
            value = np.einsum("sp,sp->s", combination, values)
            variance = np.einsum("sp,spq,sq->s", combination, covariance, combination)
            std_error = np.sqrt(np.where(variance >= 0, variance, np.nan))
            term_unit = unit_of(kind, unit, self.design.waves)
            ratio_unit = unit_of(kind, "ratio", self.design.waves)
            yield from self._coefficient(term, value, std_error, term_unit, ratio_unit)
        spread = np.array([fit.dispersion for fit in self.fits])
        messages = tuple(
            "" if np.isnan(fit.dispersion_p) else f"p {fit.dispersion_p:.4g}" for fit in self.fits
        )
        spread = np.where(self._refused, np.nan, spread)
        yield self._estimate("dispersion", spread, "", message=messages)

    def _coefficient(
        self, term: str, value: FloatArray, std_error: FloatArray, unit: str, ratio_unit: str
    ) -> Iterator[Estimate]:
        interval = StudentInterval(
            centre=value, std_error=std_error, df=self._df, method=f"{self.options.model}_model"
        )
        slope = term == "slope"
        comparison = IndependentSlopes(value=value, std_error=std_error, df=self._df, unit=unit)
        yield self._estimate(
            term,
            value,
            unit,
            std_error=std_error,
            interval=interval,
            null=0.0,
            message=tuple(
                reason or _said(fit) for reason, fit in zip(self.refusals, self.fits, strict=True)
            ),
            compared=slope,
            comparison=comparison if slope else None,
        )
        if self.options.model != "linear":
            ratio = np.exp(value)
            yield self._estimate(
                f"{term}_ratio",
                ratio,
                ratio_unit,
                std_error=ratio * std_error,
                interval=RatioInterval(interval=interval),
            )

    def waves_fitted(self, columns: FloatArray) -> Iterator[Estimate]:
        """The fitted mean, share or rate of every wave, with its band."""
        values, covariance = self._coefficients()
        inside = within(self.design.waves.times, self.present)
        for place, label in enumerate(self.design.waves.labels):
            row = columns[place]
            here = np.where(inside[:, place], 1.0, np.nan)
            line = here * (values @ row)
            variance = here * np.einsum("p,spq,q->s", row, covariance, row)
            error = np.sqrt(np.where(variance >= 0, variance, np.nan))
            back, slope = inverse_link(self.options.model, line)
            interval = StudentInterval(centre=line, std_error=error, df=self._df)
            yield self._estimate(
                "fitted",
                back,
                self._wave_unit,
                item=label,
                std_error=slope * error,
                interval=LinkInterval(
                    interval=interval,
                    model=self.options.model,
                    method=f"{self.options.model}_model",
                ),
            )

    @property
    def _wave_unit(self) -> str:
        shown = {"binomial": "proportion", "linear": "score", "ordered": "score"}
        return shown.get(self.options.model, "rate")

    def _estimate(self, term: str, value: FloatArray, unit: str, **more: Any) -> Estimate:
        bare = np.full(value.shape, np.nan)
        given: dict[str, Any] = {
            "std_error": bare,
            "base": self.base,
            "effective_base": self.effective,
            "weighted_base": self.weighted_base,
            "compared": False,
        }
        return Estimate(term=term, value=value, unit=unit, **(given | more))


def _said(fit: ModelFit) -> str:
    """What to know about a fit: its message, and whether the waves' spread widened the errors."""
    wide = (
        f"waves spread {fit.dispersion:.3g} times as wide as sampling explains; errors hold that"
        if fit.quasi
        else ""
    )
    return "; ".join(part for part in (fit.message, wide) if part)
