"""The metric: ten measures of a hospital stay, each a share of best answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve, field, frozen
from satcore import (
    Codebook,
    Estimate,
    Item,
    Metric,
    MetricSpec,
    MomentSums,
    OptionError,
    Tallied,
    Tally,
    Text,
    hookimpl,
    listed,
    near,
)

from satcore_hcahps.composites import any_answered, composite, joint
from satcore_hcahps.questionnaire import MEASURES, QUESTIONS, Measure, Question

_CODES = tuple(question.code for question in QUESTIONS)
_NAMES = tuple(measure.name for measure in MEASURES)


@frozen(kw_only=True)
class HCAHPS(Metric):
    """Top-box shares of the HCAHPS measures, as answered: not adjusted for the mix of patients.

    Attributes:
        measures: The measures wanted; all where empty.
        columns: A question's column, by its code, where it is not called by its code.
    """

    measures: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(factory=dict)

    @property
    def wanted(self) -> tuple[Measure, ...]:
        """The measures, in their order."""
        return tuple(one for one in MEASURES if not self.measures or one.name in self.measures)

    def statistics(self, codebook: Codebook) -> Mapping[str, Any]:
        """A table of each single question; of each composite the joint sums and the answered.

        Raises:
            OptionError: A measure or a question that there is not.
        """
        _check("measures", self.measures, _NAMES)
        _check("columns", tuple(self.columns), _CODES)
        singles, sums, answered = {}, {}, {}
        for measure in self.wanted:
            items = [self._item(question, codebook) for question in measure.questions]
            if len(items) == 1:
                singles[measure.name] = Tally(items[0])
                continue
            sums[measure.name] = joint(items, [one.best for one in measure.questions])
            answered[measure.name] = any_answered(items)
        return {"singles": singles, "sums": sums, "answered": answered}

    def evaluate(
        self,
        singles: Mapping[str, Tallied],
        sums: Mapping[str, MomentSums],
        answered: Mapping[str, Tallied],
    ) -> Iterator[Estimate]:
        """The share of the best answers of each measure."""
        for measure in self.wanted:
            name = measure.name
            if name in singles:
                yield singles[name].share(measure.questions[0].best, term="top_box", item=name)
            else:
                yield composite(sums[name], answered[name], name=name)

    def item_title(self, item: str, language: str = "en") -> str:
        """A measure's name for people."""
        said = {one.name: one.zh if language == "zh" else one.en for one in MEASURES}
        return said.get(item, "")

    def _item(self, question: Question, codebook: Codebook) -> Item:
        item = codebook.item(self.columns.get(question.code, question.code), question.scale)
        return item if item.label else evolve(item, label=Text.of(question.asks))


def _check(option: str, given: tuple[str, ...], known: tuple[str, ...]) -> None:
    """Refuse names that there are not.

    Raises:
        OptionError: There are such.
    """
    for name in given:
        if name not in known:
            raise OptionError(
                option, f"there is no {name!r}{near(name, known)}; there are {listed(known, 20)}"
            )


@hookimpl
def satcore_metrics() -> list[MetricSpec]:
    """HCAHPS."""
    return [
        MetricSpec(
            "hcahps",
            HCAHPS,
            summary="Hospital stays as patients rate them: shares of best answers",
            primary="top_box",
            title={"en": "Patients' ratings of the hospital", "zh": "患者对医院的评价"},
            terms={"top_box": {"en": "Top box", "zh": "最佳回答占比"}},
            example={"measures": ["nurses", "staff", "rating"]},
        )
    ]
