"""When a row of comparisons supports a claim, and how far it stands out."""

from __future__ import annotations

import math

from satcore import ComparisonRow
from satcore_html.comparisons import alpha
from satcore_html.findings.records import SHOWN


def tested(row: ComparisonRow) -> bool:
    """Whether a difference was tested and may be told."""
    numbers = (row["difference"], row["p_adjusted"])
    return row["status"] in SHOWN and all(
        one is not None and not math.isnan(one) for one in numbers
    )


def side(row: ComparisonRow) -> int:
    """1 for a difference shown to be above 0, -1 for one below, 0 for one that is not shown.

    The p-value after Holm has to be below 1 - confidence, and the interval has to lie on the side
    of the difference. They may disagree, as they come from different methods; then nothing is
    claimed.
    """
    difference, p = row["difference"], row["p_adjusted"]
    low, high = row["ci_low"], row["ci_high"]
    if not tested(row) or difference is None or p is None or low is None or high is None:
        return 0
    if not p < alpha(row["confidence"]):
        return 0
    if difference > 0 and low > 0:
        return 1
    return -1 if difference < 0 and high < 0 else 0


def distance(row: ComparisonRow) -> float:
    """The difference over its standard error, or over half its interval where it has none."""
    difference, low, high = row["difference"], row["ci_low"], row["ci_high"]
    if difference is None:
        return 0.0
    error = row["std_error"]
    if error is None and low is not None and high is not None:
        error = (high - low) / 2
    return abs(difference) / error if error else 0.0
