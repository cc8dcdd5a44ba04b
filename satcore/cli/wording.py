"""Texts and numbers as a terminal shows them; what comes from data is made safe."""

from __future__ import annotations

import re

#: Control characters, lone surrogates, and signs that turn the direction of what follows.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    """A text in one line whose control characters are written out, so that it drives nothing."""
    return _UNSEEN.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def scaled(value: float, unit: str) -> str:
    """A number in its unit: percent for proportions, one decimal for points, else two."""
    if unit == "proportion":
        return f"{100 * value:.1f}%"
    return f"{value:.1f}" if unit == "points" else f"{value:.2f}"
