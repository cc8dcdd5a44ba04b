"""What pictures and findings need of a Kano study's results: features, numbers, names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Final

import numpy as np
from attrs import frozen

from satcore import Reading, finite, shown_percent
from satcore_kano.metric import Kano
from satcore_kano.rules import RULES
from satcore_kano.tables import CATEGORIES

#: The categories in a word, English and Chinese.
NAMES: Final[dict[str, tuple[str, str]]] = {
    "A": ("attractive", "魅力型"),
    "O": ("one-dimensional", "期望型"),
    "M": ("must-be", "必备型"),
    "I": ("indifferent", "无差异型"),
    "R": ("reverse", "反向型"),
    "Q": ("questionable", "可疑结果"),
}


@frozen(kw_only=True)
class Features(Reading[Kano]):
    """The rows of one Kano study over all answers, by feature and term."""

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """What each feature is called, no two alike."""
        return self.titles(self.names)

    @property
    def names(self) -> tuple[str, ...]:
        """The features' names in the study's order."""
        return self.metric.names

    def error(self, feature: str, term: str) -> float | None:
        """A standard error; None where there is none."""
        row = self.row(feature, term)
        return finite(row["std_error"]) if row else None

    def said(self, feature: str, term: str, message: str) -> bool:
        """Whether a row carries a message."""
        row = self.row(feature, term)
        return row is not None and message in row["message"]

    def short(self, term: str) -> str:
        """A coefficient's short name."""
        name = {"better": "Better", "worse": "Worse"}[term]
        return f"{name} 系数" if self.chinese else name

    def other_rules(self, feature: str) -> dict[str, str]:
        """What every other rule says, from the shares of the categories."""
        shares = [self.value(feature, f"share_{letter}") for letter in CATEGORIES]
        found: dict[str, str] = {}
        if any(share is None for share in shares):
            return found
        counts = np.array([shares], dtype=np.float64) * self.base(feature, "category")
        # Shares carry rounding; ties must stay ties.
        counts = np.round(counts, 6)
        for name, rule in RULES.items():
            label = rule(counts, self.metric.strength)[0]
            if name != self.metric.rule and label is not None:
                found[name] = label
        return found

    def in_words(self, label: str) -> str:
        """A category, or a combination of two, in words."""
        place = 1 if self.chinese else 0
        return "/".join(NAMES[letter][place] for letter in label.split("/"))


def percent(share: float) -> str:
    """A share as a whole percentage; all and nothing only where they are."""
    return shown_percent(share, 0)
