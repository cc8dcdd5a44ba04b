"""What several questionnaires say alike, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from satcore import InstrumentDimension

#: A text in both languages.
Said = Mapping[str, str]

#: Names of the five dimensions that SERVQUAL and its kin share.
FIVE: Final[Mapping[str, tuple[str, str]]] = {
    "tangibles": ("Tangibles", "有形性"),
    "reliability": ("Reliability", "可靠性"),
    "responsiveness": ("Responsiveness", "响应性"),
    "assurance": ("Assurance", "保证性"),
    "empathy": ("Empathy", "移情性"),
}

GAPS: Final[Said] = {
    "en": "Perception minus expectation, item by item; a dimension is the mean of its items",
    "zh": "逐题以感知减期望；维度为其题项的平均",
}

PERFORMANCE: Final[Said] = {
    "en": "Performance alone; a dimension is the mean of its items",
    "zh": "只看绩效（感知）；维度为其题项的平均",
}


def said(en: str, zh: str) -> Said:
    """A text in both languages."""
    return {"en": en, "zh": zh}


def dimension(name: str, en: str, zh: str, items: str = "", scale: str = "") -> InstrumentDimension:
    """A dimension with its names, and the numbers of its items where they are known."""
    return InstrumentDimension(name, said(en, zh), items, scale=scale)


def five(**items: str) -> tuple[InstrumentDimension, ...]:
    """The five dimensions; the numbers of their items where they are known."""
    return tuple(dimension(name, *names, items.get(name, "")) for name, names in FIVE.items())


def abstract_alone(what: str = "dimension", zh: str = "维度") -> Said:
    """That no more than an article's abstract could be read."""
    return said(
        f"which items belong to which {what}, and the scale: the article itself could not be "
        "read, only its abstract",
        f"各题属于哪个{zh}，以及量表分级：只读到论文摘要，未能读到正文",
    )
