"""The report: one page in Markdown, a line a cell, in English and Chinese."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from satcore import EstimateRow, Measured, OutputError, ReportSpec, Results, hookimpl, listed

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "Results",
        "from": "{kept} responses from {data}. In brackets: {level} intervals.",
        "cell": "Group",
        "all": "All",
        "base": "Answers",
        "range": "{value} ({low} to {high})",
        "named": "{item}: {term}",
        "about": "{message} ({cells})",
        "none": "–",
        "ok": "undefined",
        "empty": "no answers",
        "small": "undefined",
        "suppressed": "withheld",
        "undefined": "undefined",
        "error": "failed",
        "failed": "Not measured",
        "notes": "Notes",
    },
    "zh": {
        "title": "结果",
        "from": "{data}，共 {kept} 份答卷。括号内为 {level} 区间。",
        "cell": "分组",
        "all": "全部",
        "base": "回答数",
        "range": "{value}（{low} 至 {high}）",
        "named": "{item}：{term}",
        "about": "{message}（{cells}）",
        "none": "–",
        "ok": "无法计算",
        "empty": "无回答",
        "small": "无法计算",
        "suppressed": "不予显示",
        "undefined": "无法计算",
        "error": "失败",
        "failed": "未能测量",
        "notes": "说明",
    },
}

#: Signs that Markdown reads as something else than text.
_SIGNS = re.compile(r"([\\`*_{}|\[\]()#+~!-])")


def escaped(text: str) -> str:
    """A text that stays a text in Markdown and in the HTML made of it: labels come from data."""
    return _SIGNS.sub(r"\\\1", html.escape(" ".join(text.split())))


def render(results: Results, language: str = "en") -> bytes:
    """The page's bytes: the same for the same results and language, always.

    Args:
        results: What was found.
        language: ``"en"`` or ``"zh"``.

    Raises:
        OutputError: The language is not spoken.
    """
    if language not in TEXTS:
        raise OutputError(f"the brief report speaks {listed(TEXTS)}, not {language!r}")
    lines = [*_head(results, language)]
    for measured in results.metrics:
        lines += ["", f"## {escaped(measured.title(language))}", ""]
        lines += _table(results, measured, language)
    told = {
        "failed": [f"{one['metric']}: {one['message']}" for one in results.failures],
        "notes": [*results.notes, *_messages(results, language)],
    }
    for name, texts in told.items():
        if texts:
            lines += ["", f"## {TEXTS[language][name]}", ""]
            lines += [f"- {escaped(text)}" for text in texts]
    # A label may hold half a character, which UTF-8 can't.
    return ("\n".join(lines) + "\n").encode(errors="replace")


def _head(results: Results, language: str) -> Iterator[str]:
    texts, about = TEXTS[language], results.about
    yield f"# {escaped(about.title.said(language)) or texts['title']}"
    yield ""
    level = f"{100 * about.confidence:g}%"
    kept = "—" if results.responses.kept is None else f"{results.responses.kept:,}"
    yield texts["from"].format(kept=kept, data=escaped(about.data), level=level)


def _table(results: Results, measured: Measured, language: str) -> Iterator[str]:
    """A line a cell, a column a number."""
    texts = TEXTS[language]
    cells: dict[tuple[tuple[str, str | None], ...], dict[tuple[str, str], EstimateRow]] = {}
    for row in results.rows(measured.name):
        cells.setdefault(tuple(row["cell"].items()), {})[row["item"], row["term"]] = row
    keys = list(dict.fromkeys(key for rows in cells.values() for key in rows))
    heads = [texts["cell"], *(_column(measured, key, keys, language) for key in keys)]
    yield f"| {' | '.join([*heads, texts['base']])} |"
    yield "|---" * len(heads) + "|--:|"
    for cell, rows in cells.items():
        name = _name(results, cell, language)
        shown = [_number(rows[key], language) if key in rows else "" for key in keys]
        # The number of answers is withheld where too few stand behind it.
        bases = [row["base"] for row in rows.values() if row["base"] is not None]
        base = f"{max(bases):,}" if bases else "—"
        yield f"| {' | '.join([escaped(name), *shown])} | {base} |"


def _name(results: Results, cell: Iterable[tuple[str, str | None]], language: str) -> str:
    """A cell for people."""
    labels = [results.about.label(axis, label, language) for axis, label in cell]
    return ", ".join(labels) or TEXTS[language]["all"]


def _messages(results: Results, language: str) -> Iterator[str]:
    """What is to be known of single numbers: each message with its cells."""
    cells: dict[str, dict[str, None]] = {}
    for row in results.rows():
        if row["message"]:
            name = _name(results, row["cell"].items(), language)
            cells.setdefault(row["message"], {})[name] = None
    for message, names in cells.items():
        yield TEXTS[language]["about"].format(message=message, cells=listed(names))


def _column(
    measured: Measured, key: tuple[str, str], keys: Sequence[tuple[str, str]], language: str
) -> str:
    """A number's name; with its item where several have the term."""
    item, term = key
    said = measured.term(term, language)
    if sum(other == term for _, other in keys) > 1:
        title = measured.metric.item_title(item, language) or item
        said = TEXTS[language]["named"].format(item=title, term=said)
    return escaped(said)


def _number(row: EstimateRow, language: str) -> str:
    """A number with its interval, or why there is none."""
    texts = TEXTS[language]
    if row["value"] is None:
        return texts[row["status"]]
    value = escaped(row["label"] or "") or _digits(row["value"], row["unit"])
    bounds = (row["ci_low"], row["ci_high"])
    if bounds == (None, None):
        return value
    low, high = (texts["none"] if one is None else _digits(one, row["unit"]) for one in bounds)
    return texts["range"].format(value=value, low=low, high=high)


def _digits(value: float, unit: str) -> str:
    """A number in its unit; a bound that no number of answers here can give is infinite."""
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if unit == "proportion":
        return f"{100 * value:.1f}%"
    return "0.0" if abs(value) < 0.05 else f"{value:.1f}".replace("-", "−")


@hookimpl
def satcore_reports() -> list[ReportSpec]:
    """The brief report."""
    return [
        ReportSpec(
            "brief", (".brief.md",), render, summary="One page in Markdown", languages=("en", "zh")
        )
    ]
