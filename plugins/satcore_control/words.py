"""What people call charts, rules and waves, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

#: Waves that are named one by one.
MOST_WAVES: Final = 6

#: The charts.
KIND_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "own": ("chart by own standard errors", "自身标准误控制图"),
    "p": ("p chart", "p 控制图"),
    "u": ("u chart", "u 控制图"),
    "c": ("c chart", "c 控制图"),
    "laney_p": ("Laney p' chart", "Laney p' 控制图"),
    "laney_u": ("Laney u' chart", "Laney u' 控制图"),
    "individuals": ("individuals chart", "单值控制图"),
    "ewma": ("EWMA chart", "EWMA 控制图"),
    "cusum": ("CUSUM chart", "CUSUM 控制图"),
}

#: The rules, as they follow a wave's name.
RULE_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "beyond_limits": ("beyond the limits", "超出控制限"),
    "beyond_3_sigma": ("beyond 3 sigma", "超出 3σ"),
    "2_of_3_beyond_2_sigma": (
        "2 of 3 beyond 2 sigma on one side",
        "连续 3 点中有 2 点在同侧超出 2σ",
    ),
    "4_of_5_beyond_1_sigma": (
        "4 of 5 beyond 1 sigma on one side",
        "连续 5 点中有 4 点在同侧超出 1σ",
    ),
    "8_on_one_side": ("8 in a row on one side of the centre", "连续 8 点在中心线同侧"),
    "9_on_one_side": ("9 in a row on one side of the centre", "连续 9 点在中心线同侧"),
    "6_rising_or_falling": ("6 in a row rising or falling", "连续 6 点递增或递减"),
    "14_alternating": ("14 in a row alternating up and down", "连续 14 点上下交替"),
    "15_within_1_sigma": ("15 in a row within 1 sigma", "连续 15 点在 1σ 之内"),
    "8_outside_1_sigma": ("8 in a row outside 1 sigma", "连续 8 点在 1σ 之外"),
}


def kind_name(kind: str, language: str = "en") -> str:
    """A chart for people."""
    said = KIND_NAMES.get(kind)
    return kind if said is None else said[language == "zh"]


def rule_names(rules: Sequence[str], language: str = "en") -> str:
    """Rules for people, in one line."""
    chinese = language == "zh"
    names = [RULE_NAMES[rule][chinese] if rule in RULE_NAMES else rule for rule in rules]
    return ("；" if chinese else "; ").join(names)


def rules_of(label: str | None) -> tuple[str, ...]:
    """The rules of a row's label."""
    return tuple(label.split(", ")) if label else ()


def labelled(rules: Sequence[str]) -> str | None:
    """The rules as a row's label; None for none."""
    return ", ".join(rules) or None
