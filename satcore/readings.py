"""One metric's results for people: numbers by item, term and cell, names and words in a language.

What a metric's pictures and findings need alike, whoever wrote them. A metric that needs more makes
a class of its own of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final, Generic, Self, TypeAlias, TypeVar, cast

from attrs import frozen

from satcore.metrics import Metric
from satcore.numerals import finite
from satcore.states import Label

if TYPE_CHECKING:
    from satcore.results import CellLabels, EstimateRow, Measured, Results

#: A cell as a key: the values of its columns, in their order; empty for the total.
CellKey: TypeAlias = tuple[tuple[str, Label], ...]

#: Texts in English and Chinese, by key; ``{name}`` is a place that is filled.
Texts: TypeAlias = Mapping[str, tuple[str, str]]

M_co = TypeVar("M_co", bound=Metric, covariant=True)

WORDS: Final[Texts] = {
    "total": ("All answers", "全部回答"),
    "range": ("{low} to {high}", "{low} 至 {high}"),
    "none": ("none", "无"),
    "interval": ("{level} interval", "{level} 区间"),
    "base": ("Answers", "回答数"),
    "effective": ("Effective answers", "有效样本量"),
    "group": ("Group", "分组"),
    "absent": ("{label} (not given)", "{label}（未填写）"),
    "wave": ("wave", "波次"),
    "day": ("day", "日"),
    "week": ("week", "周"),
    "month": ("month", "月份"),
    "quarter": ("quarter", "季度"),
    "year": ("year", "年份"),
    "suppressed": ("withheld", "不公布"),
    "undefined": ("no value", "无数值"),
    "empty": ("no answers", "无回答"),
    "error": ("failed", "计算失败"),
    "dots": (
        "Dots are the values, lines their {level} intervals.",
        "圆点为数值，线段为 {level} 区间。",
    ),
    "hollow": (" Hollow dots rest on few answers.", "空心圆点表示回答较少。"),
}


@frozen(kw_only=True)
class Reading(Generic[M_co]):
    """The rows of one metric, by item, term and cell, and what a reader is told of them.

    Attributes:
        results: The results.
        measured: The metric among them.
        metric: The metric with its options.
        language: The reader's language: ``"en"`` or ``"zh"``.
        rows: The rows, by item, term and cell.
        items: The items of each term, in their order.
        sets: The cells of each reported set, in their order, by the set's columns.

    Example:
        >>> reading = Reading.of(results, "nps", "zh", Nps)  # doctest: +SKIP
        >>> reading.value("Q1", "nps")  # doctest: +SKIP
        31.2
    """

    results: Results
    measured: Measured
    metric: M_co
    language: str
    rows: Mapping[tuple[str, str, CellKey], EstimateRow]
    items: Mapping[str, tuple[str, ...]]
    sets: Mapping[tuple[str, ...], tuple[CellKey, ...]]

    @classmethod
    def of(
        cls,
        results: Results,
        name: str,
        language: str,
        kind: type[M_co] | tuple[type[M_co], ...] | None = None,
        *,
        cell: CellLabels | None = None,
    ) -> Self | None:
        """What was found of a metric; None where it is of another kind or has no rows.

        Args:
            results: The results.
            name: The metric's name in the study.
            language: ``"en"`` or ``"zh"``.
            kind: The metric's class, or several; any where left out.
            cell: The only cell to read, ``{}`` for the total; all of them where left out.
        """
        measured = next((one for one in results.metrics if one.name == name), None)
        if measured is None or not (kind is None or isinstance(measured.metric, kind)):
            return None
        rows: dict[tuple[str, str, CellKey], EstimateRow] = {}
        items: dict[str, dict[str, None]] = {}
        sets: dict[tuple[str, ...], dict[CellKey, None]] = {}
        for row in results.rows(name, cell=cell):
            key: CellKey = tuple(row["cell"].items())
            rows[row["item"], row["term"], key] = row
            items.setdefault(row["term"], {})[row["item"]] = None
            sets.setdefault(tuple(row["cell"]), {})[key] = None
        if not rows:
            return None
        return cls(
            results=results,
            measured=measured,
            metric=cast("M_co", measured.metric),
            language=language,
            rows=rows,
            items={term: tuple(of) for term, of in items.items()},
            sets={axes: tuple(of) for axes, of in sets.items()},
        )

    # --- numbers ----------------------------------------------------------------------------------

    def row(self, item: str, term: str, cell: CellKey = ()) -> EstimateRow | None:
        """A row; None where there is none."""
        return self.rows.get((item, term, cell))

    def value(self, item: str, term: str, cell: CellKey = ()) -> float | None:
        """A number; None where there is none."""
        row = self.row(item, term, cell)
        return finite(row["value"]) if row else None

    def bounds(self, item: str, term: str, cell: CellKey = ()) -> tuple[float, float] | None:
        """An interval; None where there is none."""
        row = self.row(item, term, cell)
        if row is None:
            return None
        low, high = finite(row["ci_low"]), finite(row["ci_high"])
        return None if low is None or high is None else (low, high)

    def category(self, item: str, term: str, cell: CellKey = ()) -> str | None:
        """A row's label, for a term that is a category; None where there is none."""
        row = self.row(item, term, cell)
        return row["label"] if row else None

    def status(self, item: str, term: str, cell: CellKey = ()) -> str:
        """A row's status; without a row ``"error"`` if the whole cell failed, else ``"empty"``."""
        row = self.row(item, term, cell)
        if row is None:
            return "error" if cell in self._failed else "empty"
        return row["status"]

    @cached_property
    def _failed(self) -> frozenset[CellKey]:
        """The cells of a metric that failed everywhere: one row each, of no item."""
        return frozenset(
            cell
            for (item, _, cell), row in self.rows.items()
            if not item and row["status"] == "error"
        )

    def base(self, item: str, term: str, cell: CellKey = ()) -> int:
        """The answers that a number rests on; 0 where that is withheld."""
        row = self.row(item, term, cell)
        return (row["base"] or 0) if row else 0

    @cached_property
    def _units(self) -> Mapping[str, str]:
        units: dict[str, str] = {}
        for (_, term, _), row in self.rows.items():
            units.setdefault(term, row["unit"])
        return units

    def unit(self, term: str) -> str:
        """A term's unit; empty for one without rows."""
        return self._units.get(term, "")

    def ends(self, column: str) -> tuple[int, int] | None:
        """The lowest and the highest answer of a column; None where the results do not tell."""
        for row in self.results.items:
            if row["item"] == column:
                low, _, high = row["scale"].partition("..")
                return int(low), int(high)
        return None

    def paired(self, term: str) -> dict[frozenset[str], float]:
        """Adjusted p of items held against each other over all answers; 1 where none was found."""
        found: dict[frozenset[str], float] = {}
        for row in self.results.comparison_rows(self.measured.name, term):
            other = (row["against"] or {}).get("item")
            if row["kind"] == "paired" and not row["cell"] and other is not None:
                p = row["p_adjusted"]
                found[frozenset((row["item"], other))] = 1.0 if p is None else p
        return found

    @cached_property
    def _sizes(self) -> Mapping[CellKey, int]:
        sizes: dict[CellKey, int] = {}
        for (_, _, cell), row in self.rows.items():
            sizes[cell] = max(sizes.get(cell, 0), row["base"] or 0)
        return sizes

    def largest(self, cells: Sequence[CellKey], most: int) -> tuple[CellKey, ...]:
        """So many cells at the most, those with the most answers, in the order of the cells."""
        places = range(len(cells))
        ranked = sorted(places, key=lambda place: (-self._sizes.get(cells[place], 0), place))
        return tuple(cells[place] for place in sorted(ranked[:most]))

    # --- words ------------------------------------------------------------------------------------

    @property
    def chinese(self) -> bool:
        """Whether the reader's language is Chinese."""
        return self.language == "zh"

    @property
    def comma(self) -> str:
        """What stands between the members of a list."""
        return "、" if self.chinese else ", "

    @property
    def level(self) -> str:
        """The confidence level of the intervals: ``"95%"``."""
        return f"{100 * self.results.about.confidence:.6g}%"

    def say(self, texts: Texts, key: str, **values: object) -> str:
        """A text in the reader's language, its places filled.

        Args:
            texts: English and Chinese by key; ``WORDS`` holds those that everybody needs.
            key: The text's key.
            values: What stands in its places.
        """
        text = texts[key][1 if self.chinese else 0]
        return text.format(**values) if values else text

    def word(self, key: str, **values: object) -> str:
        """A text that pictures and findings of every metric share.

        A class whose numbers rest on something else than answers says so here: of its own it gives
        ``base``, ``effective`` and ``hollow``.
        """
        return self.say(WORDS, key, **values)

    def absent(self, status: str) -> str:
        """Why there is no number, by a row's status."""
        return self.word(status if status in ("suppressed", "empty", "error") else "undefined")

    def interval(
        self, item: str, term: str, cell: CellKey = (), *, shown: Callable[[float], str]
    ) -> str:
        """An interval in words, ``"3.90 to 4.10"``; "none" where there is none.

        Args:
            item: The item.
            term: The term.
            cell: The cell.
            shown: A number for people.
        """
        bounds = self.bounds(item, term, cell)
        if bounds is None:
            return self.word("none")
        return self.word("range", low=shown(bounds[0]), high=shown(bounds[1]))

    def term(self, term: str) -> str:
        """A term for people."""
        return self.measured.term(term, self.language)

    def question(self, name: str) -> str:
        """What a column asks; its name where nobody said."""
        asked = self.results.about.questions
        return (asked[name].said(self.language) if name in asked else "") or name

    def item(self, item: str) -> str:
        """An item for people: what the metric calls it, what its column asks, or its name."""
        metric: Metric = self.metric
        return metric.item_title(item, self.language) or self.question(item)

    def titles(self, items: Iterable[str]) -> dict[str, str]:
        """Items for people, by name; no two alike, or a picture would merge them."""
        found: dict[str, str] = {}
        taken: set[str] = set()
        for name in items:
            title = self.item(name)
            while title in taken:
                title = f"{title} ({name})"
            found[name] = title
            taken.add(title)
        return found

    def axis(self, name: str) -> str:
        """A column of cells for people: a segment's name, or the wave's period."""
        about = self.results.about
        if name and name == about.wave:
            if about.wave_period in WORDS:
                return self.word(about.wave_period)
            if name == "wave":
                return self.word("wave")
        return name

    def value_labels(self, axis: str, values: Iterable[Label]) -> list[str]:
        """The labels of values of one column; no two alike, or a picture would merge them."""
        labels: dict[str, None] = {}
        for value in values:
            label = self.results.about.label(axis, value, self.language)
            if value is None:
                label = self.word("absent", label=label)
            name, copy = label, 2
            while name in labels:
                name, copy = f"{label} ({copy})", copy + 1
            labels[name] = None
        return list(labels)

    def cell_labels(self, axis: str, cells: Sequence[CellKey]) -> list[str]:
        """The labels of cells of one column; no two alike."""
        return self.value_labels(axis, (cell[0][1] for cell in cells))

    def with_total(self, axis: str, cells: Sequence[CellKey]) -> list[tuple[CellKey, str]]:
        """The total and cells of one column, each with its label; no two alike.

        Args:
            axis: The column; empty where there are no cells.
            cells: The cells.
        """
        labels = self.cell_labels(axis, cells)
        total = self.word("total")
        while total in labels:
            total += " *"
        return [((), total), *zip(cells, labels, strict=True)]
