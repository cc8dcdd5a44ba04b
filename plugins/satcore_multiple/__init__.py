"""Multiple response: which of several options people chose, of respondents and of answers.

Source of the two shares and of their errors: a share of answers is a ratio of two totals over
respondents (Cochran 1977, Sampling Techniques, chapter 6), as those who choose many options give
many answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from satcore import CatalogueSpec, MetricSpec, hookimpl
from satcore_multiple.metric import Multiple

__all__ = ["Multiple", "satcore_catalogues", "satcore_metrics"]


@hookimpl
def satcore_metrics() -> Iterable[MetricSpec]:
    """Multiple response."""
    return [
        MetricSpec(
            "multiple",
            Multiple,
            summary="Multiple response: share of respondents and of answers by option",
            primary="respondents",
            example={"options": "Q5_{1..4}"},
            headline=("respondents", "answers", "chosen_mean"),
            title={"en": "Multiple response", "zh": "多选题"},
            terms={
                "respondents": {"en": "Share of respondents", "zh": "普及率（占受访者）"},
                "answers": {"en": "Share of answers", "zh": "响应率（占选择次数）"},
                "contradicted": {
                    "en": "Chosen together with others",
                    "zh": "与其他选项同时选择",
                },
                "chosen_mean": {"en": "Options chosen, mean", "zh": "人均选择项数"},
                "any": {"en": "At least one option", "zh": "至少选择一项"},
            },
        )
    ]


@hookimpl
def satcore_catalogues() -> list[CatalogueSpec]:
    """What multiple response sets say, in other languages."""
    return [
        CatalogueSpec(
            "satcore_multiple",
            Path(__file__).with_name("locale"),
            "What multiple response sets say",
        )
    ]
