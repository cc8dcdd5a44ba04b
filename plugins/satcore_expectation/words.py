"""What is told beside the numbers, and what models and their parts are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: Why there is no number.
NOBODY: Final = "nobody answered all of {told}"
TOO_FEW: Final = "{count} respondents are too few for {terms} coefficients"
SAME: Final = "all give the same answer to {told}: there is nothing to explain"
CONSTANT: Final = "all give the same answer to {told}: its part can't be told"
TOGETHER: Final = (
    "expectation and perception go together without exception: their parts can't be told apart"
)
SEPARATED: Final = "no finite odds fit best: answers separate, or do not vary"

#: What is told beside a number.
LEFT_OUT: Final = "{count} left out who did not answer all of {told}"
ROBUST: Final = "robust standard error {value} (HC3)"
UNEVEN: Final = 'answers spread unevenly, and errors = "robust" would widen this interval by {more}'
CLASSICAL: Final = "classical standard error {value}"
TESTED: Final = "its F test stands among the comparisons, as it has no error of its own"
DESCRIBES: Final = "it describes these answers and has no error of its own"
TOO_FLAT: Final = "the surface bends too little to say how surely it is stationary there"

#: The models and what else rows speak of, in English and Chinese.
ITEMS: Final[Mapping[str, tuple[str, str]]] = {
    "inferred": ("Inferred disconfirmation", "推算的不一致（感知减期望）"),
    "perceived": ("Perceived disconfirmation", "直接评价的不一致"),
    "expectation": ("Expectation", "期望"),
    "perception": ("Perception", "感知"),
    "difference": ("Difference-score model", "差值模型"),
    "linear": ("Unconstrained linear model", "无约束线性模型"),
    "surface": ("Response surface", "响应曲面"),
    "ordered": ("Ordered logit of the surface", "曲面的有序 logit 检验"),
}
