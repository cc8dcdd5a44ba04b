"""Answers to a questionnaire whose dimensions have means that are known.

Every item of a dimension has the same mean: its answers are binomial over the steps of the scale,
so that the mean of the dimension is the one asked for, whatever the correlations.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import comb
from typing import Any, Final, SupportsIndex

from attrs import frozen

from satcore.codebook import Scale
from satcore.errors import OptionError, StudyError, listed, near
from satcore.hookspecs import FORMS, InstrumentDimension
from satcore.instruments import expanded
from satcore.patterns import columns_of
from satcore.plugins import Plugins
from satcore.study import MetricTable, Study
from satcore.testing.simulate import Simulated, simulate

#: Where the means of a form lie on the scale, as a part of its length; dimensions lie about it.
MIDDLES: Final = {"expectation": 0.84, "desired": 0.86, "adequate": 0.56, "perception": 0.66}

#: How far apart two dimensions lie, likewise, and how many lie apart before they begin again.
STEP, STEPS = 0.05, 5

#: The scale where neither the questionnaire nor its study names one: the metric's own.
_SCALE: Final = "1..7"


@frozen(kw_only=True, eq=False)
class SimulatedInstrument:
    """Simulated answers to a questionnaire.

    Attributes:
        study: The study that they answer.
        survey: The answers.
        means: The true mean of every dimension, by form and dimension.
    """

    study: Study
    survey: Simulated
    means: Mapping[str, Mapping[str, float]]


def simulate_instrument(
    instrument: str,
    rows: SupportsIndex,
    *,
    means: Mapping[str, float] | None = None,
    options: Mapping[str, Any] | None = None,
    plugins: Plugins | None = None,
    **settings: Any,
) -> SimulatedInstrument:
    """Answers to a questionnaire, whose dimensions have known means.

    Args:
        instrument: The questionnaire's name, which the metric takes too.
        rows: How many respondents.
        means: Means by dimension, for perceptions, or by form and dimension, as
            ``{"tangibles": 5.5, "expectation.tangibles": 6.1}``; spread over the scale's upper half
            where left out.
        options: Options of the metric besides, as a study would write them.
        plugins: The plugins to use; the installed ones where None.
        **settings: What ``simulate`` takes: ``seed``, ``missing_rate`` and so on.

    Raises:
        StudyError: No such questionnaire, or options that can't stand.
        OptionError: A mean of a dimension that there is not, or outside the scale.
    """
    plugins = plugins or Plugins.found()
    name = instrument.rpartition(":")[2]
    study = Study.of({"metrics": {name: {**(options or {}), "instrument": instrument}}})
    made = expanded(study, plugins).study
    if made.problems:
        raise StudyError(made.problems)
    table = made.metrics[name]
    asked = _asked(table)
    groups = _groups(table, asked)
    scale = Scale.parse(table.options.get("scale", _SCALE))
    planned = {form: _planned(form, groups, scale) for form in asked}
    _place(planned, means or {}, scale)
    answers = {
        asked[form][number - 1]: _binomial(mean, scale)
        for form, by_group in planned.items()
        for group, mean in by_group.items()
        for number in groups[group]
    }
    survey = simulate(study, rows, answers=answers, plugins=plugins, **settings)
    return SimulatedInstrument(study=study, survey=survey, means=planned)


def _asked(table: MetricTable) -> dict[str, tuple[str, ...]]:
    """The columns of each form."""
    found = {form: table.options[form] for form in FORMS if form in table.options}
    if not found and "items" in table.options:
        found = {"perception": table.options["items"]}
    return {form: columns_of(form, given) for form, given in found.items()}


def _groups(table: MetricTable, asked: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
    """The numbers of the items by dimension; all together where there is none."""
    given = table.options.get("dimensions")
    if not isinstance(given, Mapping):
        return {"all": tuple(range(1, len(next(iter(asked.values()))) + 1))}
    return {
        name: InstrumentDimension(name, name, of).numbers if isinstance(of, str) else tuple(of)
        for name, of in given.items()
    }


def _planned(form: str, groups: Mapping[str, object], scale: Scale) -> dict[str, float]:
    """The means of a form's dimensions, where nobody says otherwise."""
    length = scale.high - scale.low
    shifts = [STEP * (place % STEPS - STEPS // 2) for place in range(len(groups))]
    return {
        group: round(scale.low + length * (MIDDLES[form] + shift), 2)
        for group, shift in zip(groups, shifts, strict=True)
    }


def _place(planned: dict[str, dict[str, float]], means: Mapping[str, float], scale: Scale) -> None:
    """Put the means that were asked for in the place of the planned ones."""
    there = [f"{form}.{group}" for form, groups in planned.items() for group in groups]
    for name, mean in means.items():
        form, _, group = name.rpartition(".")
        form = form or "perception"
        if group not in planned.get(form, {}):
            short = [one.removeprefix("perception.") for one in there]
            raise OptionError(
                "mean", f"there is no {name!r}; there are {listed(short)}{near(name, short)}"
            )
        if not scale.low <= mean <= scale.high:
            raise OptionError("mean", f"{name} = {mean:g} is not on the scale {scale}")
        planned[form][group] = mean


def _binomial(mean: float, scale: Scale) -> list[float]:
    """Probabilities of a scale's values, from the least, whose mean is given."""
    steps = scale.high - scale.low
    part = (mean - scale.low) / steps
    return [comb(steps, k) * part**k * (1 - part) ** (steps - k) for k in range(steps + 1)]
