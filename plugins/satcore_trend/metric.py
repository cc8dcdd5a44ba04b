"""The trend of any metric, wave by wave, or of the answers to a question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal

from attrs import fields_dict, frozen

from satcore import (
    ByWave,
    Chart,
    Codebook,
    Estimate,
    Estimates,
    Metric,
    Moments,
    MomentSums,
    OptionError,
    Results,
    Series,
    Tally,
    Waved,
)

#: What to do about an option of the other kind of trend; by whether a metric is followed.
_OTHERWISE: Final = {
    True: "it belongs to a trend of answers; leave it out, or leave of = … out",
    False: 'it belongs to a trend of another metric; leave it out, or name one with of = "nps"',
}

#: Waves that are told ahead at most: ten years of months.
MOST_AHEAD: Final = 120

#: Models of the answers themselves that count events, and need numbers and no scale.
COUNTED = ("poisson", "negative_binomial")


@frozen(kw_only=True)
class Trend(Metric):
    """A trend over the waves.

    With ``of``, it follows another metric's estimates, wave by wave, each weighted by its standard
    error. With ``item`` alone, a model is fitted to the answers themselves.

    Attributes:
        of: The metric to follow, by its name in the study.
        term: Its term; the primary one where empty.
        item: Its item, the only one where empty; without ``of``, the question whose answers are
            followed.
        model: How answers are followed: ``linear`` (their mean), ``binomial`` (the share of
            ``top``), ``ordered`` (the full scale, proportional odds), ``poisson`` or
            ``negative_binomial`` (events, by ``exposure``).
        scale: The question's scale: a range or the name of a declared scale.
        top: The answers whose share is followed, for ``binomial``.
        exposure: The column of what events are counted on: visits, days; each response counts for
            1 where empty.
        errors: How the errors of a series are found: ``ar1`` (autocorrelated, by REML), ``hac``
            (Newey and West 1987), ``hc0`` to ``hc3``, or ``iid``.
        lag: The lags of ``hac``; chosen by the number of waves where left out.
        kernel: The kernel of ``hac``.
        correction: Whether ``hac`` is multiplied by n/(n-k).
        weights: ``std_error``, or ``none`` to weigh every wave alike.
        degree: 1 for a straight line, 2 for a curve.
        season: ``dummies`` (a level for each month or quarter) or ``harmonics``; empty for none.
        harmonics: Pairs of sine and cosine.
        cycle: Waves in a cycle. Where waves are dates a cycle is a year: 12 months or 4 quarters
            unless this says that fewer waves are asked in one.
        intervention: The wave or date at which a measure began: level and slope may change from
            the wave on that it lies in.
        forecast: How many waves ahead are told, at most 120.
        change_point: Whether a change at an unknown wave is looked for: of the ``level`` of a
            series that is flat but for it, or of the ``trend``, level and slope. Empty for none.
    """

    of: str = ""
    term: str = ""
    item: str = ""
    model: Literal["linear", "binomial", "ordered", "poisson", "negative_binomial"] = "linear"
    scale: str = "0..10"
    top: tuple[int, ...] = ()
    exposure: str = ""
    errors: Literal["ar1", "hac", "hc0", "hc1", "hc2", "hc3", "iid"] = "ar1"
    lag: int | None = None
    kernel: Literal["bartlett", "uniform"] = "bartlett"
    correction: bool = False
    weights: Literal["std_error", "none"] = "std_error"
    degree: Literal[1, 2] = 1
    season: Literal["", "dummies", "harmonics"] = ""
    harmonics: int = 2
    cycle: int | None = None
    intervention: str = ""
    forecast: int = 0
    change_point: Literal["", "level", "trend"] = ""

    def statistics(self, codebook: Codebook) -> Mapping[str, Any]:
        """The followed metric's estimates wave by wave, or the answers of every wave.

        Raises:
            OptionError: Nothing to follow, or options that can't stand together.
        """
        self._check()
        if self.of:
            return {"series": Estimates(self.of, term=self.term, item=self.item, along="wave")}
        if self.model in COUNTED:
            if codebook.weighted:
                raise OptionError(
                    "model", f"{self.model} counts events, and these responses carry weights"
                )
            return {"events": ByWave(Moments(self._counted(codebook)))}
        item = codebook.item(self.item, self.scale)
        if self.model == "binomial":
            self._check_top(item.scale.low, item.scale.high)
        return {"answers": ByWave(Tally(item))}

    def _counted(self, codebook: Codebook) -> tuple[Any, ...]:
        names = [self.item, *([self.exposure] if self.exposure else [])]
        return tuple(codebook.measure(name) for name in names)

    def _check(self) -> None:
        if not self.of and not self.item:
            raise OptionError(
                "of",
                'say what to follow: another metric of the study, as of = "nps", or the answers to '
                'a question, as item = "Q1"',
            )
        of_answers = ("model", "scale", "top", "exposure")
        of_series = ("term", "errors", "weights", "forecast", "change_point")
        for option in of_answers if self.of else of_series:
            if self._given(option):
                raise OptionError(option, _OTHERWISE[bool(self.of)])
        self._check_needs()
        for option, least in (("forecast", 0), ("harmonics", 1)):
            if getattr(self, option) < least:
                raise OptionError(option, f"{getattr(self, option)} is less than {least}")
        if self.forecast > MOST_AHEAD:
            raise OptionError(
                "forecast",
                f"{self.forecast} waves ahead are too many; give {MOST_AHEAD} at most: nobody "
                "knows that a trend goes on for longer",
            )
        if self.cycle is not None and self.cycle < 2:
            raise OptionError("cycle", f"{self.cycle} waves are no cycle; it has 2 or more")

    def _given(self, option: str) -> bool:
        """Whether an option differs from what it is when left out."""
        return bool(getattr(self, option) != fields_dict(Trend)[option].default)

    def _check_needs(self) -> None:
        """Refuse options that another one would have to stand beside."""
        if self.exposure and self.model not in COUNTED:
            wanted = " or ".join(f'model = "{one}"' for one in COUNTED)
            raise OptionError("exposure", f"events are counted on it; it wants {wanted}")
        if self.top and self.model != "binomial":
            raise OptionError("top", 'their share is followed by model = "binomial"')
        if self.model in COUNTED and self._given("scale"):
            raise OptionError("scale", f"{self.model} counts events, which have no scale")
        if self.lag is not None and self.lag < 0:
            raise OptionError("lag", f"{self.lag} is no lag; give 0 or more")
        for option in ("lag", "kernel", "correction"):
            if self._given(option) and self.errors != "hac":
                raise OptionError(option, 'it belongs to errors = "hac"')
        if self._given("harmonics") and self.season != "harmonics":
            raise OptionError("harmonics", 'they belong to season = "harmonics"')
        if self.cycle is not None and not self.season and not self.forecast:
            raise OptionError("cycle", "it is the length of a season, and none is asked for")

    def _check_top(self, low: int, high: int) -> None:
        if not self.top:
            raise OptionError(
                "top", f"say which answers count, as top = [{high - 1}, {high}]; the scale is "
                f"{low}..{high}"
            )  # fmt: skip
        wrong = [value for value in self.top if not low <= value <= high]
        if wrong or len(set(self.top)) == high - low + 1:
            raise OptionError(
                "top", f"{list(self.top)}: some of {low}..{high} are wanted, and not all"
            )

    def evaluate(
        self,
        series: Series | None = None,
        answers: Waved | None = None,
        events: Waved | None = None,
    ) -> Iterator[Estimate]:
        """The slope and what belongs to it, the fit of every wave, and what is to come."""
        if series is not None:
            from satcore_trend.of_series import series_trend

            yield from series_trend(self, series)
        elif answers is not None:
            from satcore_trend.of_answers import answers_trend

            yield from answers_trend(self, answers)
        elif events is not None:
            from satcore_trend.of_answers import events_trend

            sums: MomentSums = events.counted
            yield from events_trend(self, events, sums)

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """The series with its intervals, the fit with its band, what is to come."""
        from satcore_trend.pictures import Followed, trend_charts

        followed = Followed(
            metric=self.of,
            term=self.term,
            item=self.item,
            intervention=self.intervention,
            model=self.model,
            top=self.top,
            season=bool(self.season),
            cycle=self.cycle,
        )
        return trend_charts(results, name, language, followed)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """Whether it rises or falls, what changed, and what to be careful of."""
        from satcore_trend.findings import trend_findings

        return trend_findings(results, name, language)
