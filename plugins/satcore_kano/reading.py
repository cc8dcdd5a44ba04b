"""What pictures and findings need of a Kano study's results: features, numbers, names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
from attrs import frozen

from satcore import EstimateRow, Measured, Results
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
class Reading:
    """The rows of one metric over all answers, by feature and term.

    Attributes:
        results: The results.
        measured: The metric.
        language: ``"en"`` or ``"zh"``.
        rows: The rows of the total, by feature and term.
        labels: What each feature is called, no two alike.
    """

    results: Results
    measured: Measured
    language: str
    rows: Mapping[tuple[str, str], EstimateRow]
    labels: Mapping[str, str]

    @classmethod
    def of(cls, results: Results, name: str, language: str) -> Reading | None:
        """The reading of a metric; None where it is no Kano metric or has no numbers."""
        found = next((one for one in results.metrics if one.name == name), None)
        if found is None or not isinstance(found.metric, Kano):
            return None
        rows = {(row["item"], row["term"]): row for row in results.rows(name, cell={})}
        if not rows:
            return None
        return cls(
            results=results,
            measured=found,
            language=language,
            rows=rows,
            labels=_labels(found.metric, language),
        )

    @property
    def kano(self) -> Kano:
        """The metric with its options."""
        metric = self.measured.metric
        assert isinstance(metric, Kano)  # noqa: S101 - ``of`` has looked
        return metric

    @property
    def features(self) -> tuple[str, ...]:
        """The features' names in the study's order."""
        return self.kano.names

    @property
    def chinese(self) -> bool:
        """Whether the reader's language is Chinese."""
        return self.language == "zh"

    @property
    def level(self) -> str:
        """The confidence level of the intervals."""
        return f"{100 * next(iter(self.rows.values()))['confidence']:.6g}%"

    def row(self, feature: str, term: str) -> EstimateRow | None:
        """A feature's row of one term."""
        return self.rows.get((feature, term))

    def value(self, feature: str, term: str) -> float | None:
        """A number; None where there is none."""
        row = self.row(feature, term)
        return _finite(row["value"]) if row else None

    def error(self, feature: str, term: str) -> float | None:
        """A standard error; None where there is none."""
        row = self.row(feature, term)
        return _finite(row["std_error"]) if row else None

    def bounds(self, feature: str, term: str) -> tuple[float, float] | None:
        """An interval; None where there is none."""
        row = self.row(feature, term)
        if row is None:
            return None
        low, high = _finite(row["ci_low"]), _finite(row["ci_high"])
        return None if low is None or high is None else (low, high)

    def label(self, feature: str, term: str = "category") -> str | None:
        """A feature's category, or the label of another term."""
        row = self.row(feature, term)
        return row["label"] if row else None

    def status(self, feature: str, term: str = "category") -> str:
        """A row's status."""
        row = self.row(feature, term)
        return row["status"] if row else "empty"

    def base(self, feature: str, term: str = "category") -> int:
        """The answers that a number rests on; 0 where that is withheld."""
        row = self.row(feature, term)
        return (row["base"] or 0) if row else 0

    def said(self, feature: str, term: str, message: str) -> bool:
        """Whether a row carries a message."""
        row = self.row(feature, term)
        return row is not None and message in row["message"]

    def term(self, term: str) -> str:
        """A term for people."""
        return self.measured.term(term, self.language)

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
        counts = np.array([shares], dtype=np.float64) * self.base(feature)
        # Shares carry rounding; ties must stay ties.
        counts = np.round(counts, 6)
        for name, rule in RULES.items():
            label = rule(counts, self.kano.strength)[0]
            if name != self.kano.rule and label is not None:
                found[name] = label
        return found

    def paired(self, term: str) -> dict[frozenset[str], float]:
        """Adjusted p of the comparisons of features over all answers."""
        found: dict[frozenset[str], float] = {}
        for row in self.results.comparison_rows(self.measured.name, term):
            other = (row["against"] or {}).get("item")
            if row["kind"] == "paired" and not row["cell"] and other is not None:
                p = row["p_adjusted"]
                found[frozenset((row["item"], other))] = 1.0 if p is None else p
        return found

    def category(self, label: str) -> str:
        """A category, or a combination of two, in words."""
        place = 1 if self.chinese else 0
        return "/".join(NAMES[letter][place] for letter in label.split("/"))

    def listed(self, texts: list[str]) -> str:
        """Texts in a row."""
        return ("、" if self.chinese else ", ").join(texts)


def number(value: float) -> str:
    """A coefficient with a true minus; what rounds to nought has no sign."""
    text = f"{value:.2f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "\u2212")


def percent(share: float) -> str:
    """A share as a percentage; all and nothing only where they are."""
    if 0.995 <= share < 1:
        return ">99%"
    if 0 < share < 0.005:
        return "<1%"
    return f"{100 * share:.0f}%"


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _labels(kano: Kano, language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in kano.names:
        label = kano.item_title(name, language) or name
        found[name] = f"{label} ({name})" if label in found.values() else label
    return found
