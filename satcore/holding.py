"""Standards held against the cells of a run: which cells, against which others, and the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from satcore.covering import Cover
from satcore.errors import OptionError, Problem, StudyError, listed, near
from satcore.estimates import Estimate, statuses, told_withheld
from satcore.inference import FloatArray, IndependentCells, IntArray, NormalInterval
from satcore.lineup import Evaluated, Lineup, Section
from satcore.measuring import choose
from satcore.planning import Measure, Plan
from satcore.results import STANDARD_COLUMNS, CellLabels
from satcore.standards import Bounds, Judgement, Standard, judged, judged_as_they_stand
from satcore.states import Label

#: From best to worst; a comparison's status is that of its worse side.
_ORDER: Final = ("ok", "small", "undefined", "empty", "suppressed", "error")

#: Said of numbers that nobody knows how sure they are.
_NO_ERROR: Final = "the metric gives neither an interval nor a standard error"

#: Stands for a cell that is not there.
_NONE: Final = -1


@frozen(kw_only=True, eq=False)
class _Sides:
    """The cells that are judged, and those that they are held against, by number in the lineup.

    Attributes:
        first: The cells that are judged.
        second: For each, the cell that it is held against; -1 for none.
        message: Why they can't be judged; empty where they can.
        status: What that makes of them.
    """

    first: IntArray
    second: IntArray
    message: str = ""
    status: str = "ok"

    @classmethod
    def alone(cls, cells: IntArray, message: str = "", status: str = "ok") -> _Sides:
        """Cells that are held against none other."""
        nothing = np.full(cells.shape, _NONE, dtype=np.int64)
        return cls(first=cells, second=nothing, message=message, status=status)

    @classmethod
    def of(cls, standard: Standard, section: Section, unanswered: IntArray) -> _Sides:
        """The sides of one grouping set.

        Args:
            standard: The standard.
            section: The grouping set's part of the lineup.
            unanswered: The cells in which nobody answered.
        """
        cells = section.start + np.arange(len(section.cells), dtype=np.int64)
        if not standard.along or not cells.size:
            return cls.alone(cells)
        number = section.names.index(standard.along)
        labels = section.cells.axes[number].labels
        lines = np.moveaxis(cells.reshape(section.cells.shape), number, 0)
        if standard.reference is None:
            return cls._of_waves(lines.reshape(len(labels), -1), labels, unanswered)
        return cls._of_reference(standard, lines.reshape(len(labels), -1), labels)

    @classmethod
    def _of_waves(cls, lines: IntArray, labels: Sequence[Label], unanswered: IntArray) -> _Sides:
        """The latest wave that anybody answered, against the one answered before it.

        Both are the same for all cells: a segment that fell silent is not judged by old answers.
        """
        # An absent wave has no place in time.
        dated = [place for place, label in enumerate(labels) if label is not None]
        answered = [place for place in dated if not np.isin(lines[place], unanswered).all()]
        latest = lines[(answered or dated)[-1]] if dated else lines[:0].ravel()
        if len(answered) < 2:
            return cls.alone(latest, "no wave before it has answers", "empty")
        return cls(first=latest, second=lines[answered[-2]])

    @classmethod
    def _of_reference(cls, standard: Standard, lines: IntArray, labels: Sequence[Label]) -> _Sides:
        """Every other label along a dimension, against the one that is named.

        Raises:
            OptionError: There are labels, and it is none of them.
        """
        if standard.reference not in labels:
            named, there = standard.reference or "", [one for one in labels if one is not None]
            if there:
                told = f"{standard.along} has no {named!r}, only {listed(there)}"
                raise OptionError("no_worse_than", told + near(named, there))
            return cls.alone(lines.ravel(), "nobody answered on one side", "empty")
        place = labels.index(standard.reference)
        others = np.delete(lines, place, axis=0)
        against = np.broadcast_to(lines[place], others.shape)
        return cls(first=others.ravel(), second=against.ravel())


@frozen(kw_only=True, eq=False)
class _Line:
    """What rows are made of, as columns that grow a grouping set at a time.

    Attributes:
        first: The cells that are judged.
        second: The cells that they are held against; -1 for none.
        rank: Their statuses, as places in the order.
        messages: What to know about each.
    """

    first: IntArray
    second: IntArray
    rank: IntArray
    messages: list[list[str]]

    @classmethod
    def of(cls, sides: Sequence[_Sides]) -> _Line:
        """The sides of all grouping sets, one family together."""
        return cls(
            first=np.concatenate([one.first for one in sides]),
            second=np.concatenate([one.second for one in sides]),
            rank=np.concatenate(
                [np.full(one.first.size, _ORDER.index(one.status)) for one in sides]
            ),
            messages=[
                [one.message] if one.message else [] for one in sides for _ in range(one.first.size)
            ],
        )

    def worsen(self, cell: int, status: str, message: str = "") -> None:
        """Give a row a worse status, and say why."""
        rank = _ORDER.index(status)
        if rank > self.rank[cell]:
            self.rank[cell] = rank
            self.messages[cell][:0] = [message] if message else []


@frozen(kw_only=True, eq=False)
class _Found:
    """The estimate that a standard speaks of.

    Attributes:
        estimate: The estimate; None where there is none to hold.
        trouble: Why there is none.
        place: The place of each cell of the lineup among the estimate's; -1 for none.
        withheld: Whether each cell of the lineup is withheld.
        failed: Why the metric failed, by cell.
    """

    estimate: Estimate | None
    trouble: str = ""
    place: IntArray
    withheld: NDArray[np.bool_]
    failed: Mapping[int, str] = field(factory=dict)

    @classmethod
    def of(
        cls,
        standard: Standard,
        measure: Measure,
        lineup: Lineup,
        evaluated: Evaluated,
        cover: Cover,
    ) -> _Found:
        """The estimate, among those that a metric gave."""
        place = np.full(lineup.cells, _NONE, dtype=np.int64)
        place[evaluated.good] = np.arange(evaluated.good.size)
        estimate, trouble = _asked_for(standard, measure, evaluated)
        withheld = np.zeros(lineup.cells, dtype=np.bool_)
        if estimate is not None:
            withheld = cover.withheld(lineup, evaluated.good, estimate.answers, estimate.item)
        return cls(
            estimate=estimate,
            trouble=trouble,
            place=place,
            withheld=withheld,
            failed=evaluated.failed,
        )

    @property
    def unanswered(self) -> IntArray:
        """The cells in which nobody answered; one that failed may have been."""
        if self.estimate is None:
            return np.zeros(0, dtype=np.int64)
        cells = np.flatnonzero(self.place >= 0)
        return np.asarray(cells[self.estimate.base[self.place[cells]] == 0])

    def base(self, cells: IntArray) -> IntArray:
        """The answers of some cells; 0 where nothing is known."""
        if self.estimate is None:
            return np.zeros(cells.shape, dtype=np.int64)
        place = self.place[cells]
        known = place >= 0
        base = np.zeros(cells.shape, dtype=np.int64)
        base[known] = self.estimate.base[place[known]]
        return base


def held(
    plan: Plan,
    standard: Standard,
    measure: Measure,
    lineup: Lineup,
    evaluated: Evaluated,
    labels: Sequence[CellLabels],
    cover: Cover,
) -> dict[str, Any]:
    """The rows of one standard: a part of the table of standards.

    Args:
        plan: The plan.
        standard: The standard.
        measure: Its metric.
        lineup: Cells among which are all grouping sets of ``standard.sets``.
        evaluated: What the metric gave on them.
        labels: The labels of the lineup's reported cells.
        cover: Which cells are withheld.

    Raises:
        StudyError: The standard names a label that no answer has.
    """
    found = _Found.of(standard, measure, lineup, evaluated, cover)
    sections = {section.names: section for section in lineup.sections}
    try:
        sides = [_Sides.of(standard, sections[names], found.unanswered) for names in standard.by]
    except OptionError as error:
        place = f"[[standards]] number {plan.standards.index(standard) + 1} {error.option}"
        raise StudyError([Problem(place, error.message)]) from None
    line = _Line.of(sides)
    size = line.first.size
    if not size:
        # A standard without a cell must not pass for one that is kept.
        return _columns(standard, measure, found, [{"cell": {}, **_UNHELD}])
    _tell_statuses(plan, found, line)
    value, judgements = np.full(size, np.nan), [Judgement(outcome="not_shown")] * size
    usable = np.flatnonzero(line.rank <= _ORDER.index("small"))
    if found.estimate is not None and usable.size:
        first, second = line.first[usable], line.second[usable]
        try:
            with np.errstate(all="ignore"):
                values, bounds = _held_by(standard, found.estimate, found.place, first, second)
                made = _judged(standard, found.estimate, values, found.base(first), bounds)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a metric's own interval may raise anything
            for cell in usable.tolist():
                line.worsen(cell, "error", _told(standard, error))
        else:
            value[usable] = values
            for cell, judgement in zip(usable.tolist(), made, strict=True):
                judgements[cell] = judgement
    base = [
        None if hidden else count
        for hidden, count in zip(
            found.withheld[line.first].tolist(), found.base(line.first).tolist(), strict=True
        )
    ]
    rows = [
        {
            "cell": labels[int(line.first[cell])],
            "against": labels[int(line.second[cell])] if line.second[cell] >= 0 else None,
            "bound": judgements[cell].bound,
            "value": None if np.isnan(value[cell]) else float(value[cell]),
            "outcome": judgements[cell].outcome,
            "needed": judgements[cell].needed,
            "base": base[cell],
            "status": _ORDER[line.rank[cell]],
            "message": _message(standard, judgements[cell], line.messages[cell]),
        }
        for cell in range(size)
    ]
    return _columns(standard, measure, found, rows)


#: The row of a standard without a cell.
_UNHELD: Final[Mapping[str, Any]] = {
    "against": None,
    "bound": None,
    "value": None,
    "outcome": "not_shown",
    "needed": None,
    "base": 0,
    "status": "empty",
    "message": "there is no cell to hold it against",
}


def _columns(
    standard: Standard, measure: Measure, found: _Found, rows: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Rows as columns, with what is the same in all of them."""
    estimate = found.estimate
    term = standard.term or measure.measured.primary
    same = {
        "standard": standard.name,
        "metric": standard.metric,
        "item": estimate.item if estimate else standard.item or "",
        "term": estimate.term if estimate else term,
        "rule": standard.rule,
        "target": standard.target,
        "confidence": standard.confidence,
        "unit": estimate.unit if estimate else "",
    }
    return {
        name: [same[name]] * len(rows) if name in same else [row[name] for row in rows]
        for name in STANDARD_COLUMNS
    }


def _asked_for(
    standard: Standard, measure: Measure, evaluated: Evaluated
) -> tuple[Estimate | None, str]:
    """The estimate that a standard speaks of, or why there is none."""
    if not evaluated.estimates:
        return None, ""
    term, item = standard.term or "", standard.item or ""
    try:
        estimate = choose(evaluated.estimates, measure.measured, term=term, item=item).estimate
    except OptionError as error:
        return None, error.message
    if standard.along and not estimate.compared:
        return None, f"cells of {estimate.term} can't be compared"
    limits = (standard.low, standard.high)
    if estimate.unit == "proportion" and any(1 < abs(one) < np.inf for one in limits):
        return None, f"{estimate.term} is a proportion, of which 30% is written 0.3"
    return estimate, ""


def _tell_statuses(plan: Plan, found: _Found, line: _Line) -> None:
    """Status and message of every row, before anything is judged."""
    estimate, about = found.estimate, plan.about
    names = (
        statuses(estimate, about.min_base, found.withheld[found.place >= 0])
        if estimate is not None
        else None
    )
    sides = (line.first.tolist(), line.second.tolist())
    for cell, pair in enumerate(zip(*sides, strict=True)):
        compared = pair[1] != _NONE
        for lined in (one for one in pair if one != _NONE):
            place = int(found.place[lined])
            if place == _NONE:
                why = found.failed.get(lined, "the metric failed")
                line.worsen(cell, "error", "the metric failed on one side" if compared else why)
            elif names is None:
                line.worsen(cell, "error", found.trouble)
            else:
                status = str(names[place])
                line.worsen(cell, status, _said(plan, status, compared=compared))
        place = int(found.place[pair[0]])
        # What a metric says of a cell may give away what is withheld.
        if (
            estimate is not None
            and estimate.message is not None
            and place != _NONE
            and _ORDER[line.rank[cell]] != "suppressed"
        ):
            line.messages[cell].append(estimate.message[place])


def _said(plan: Plan, status: str, *, compared: bool) -> str:
    """A status in words, of one cell or of the worse of two."""
    one_side = " on one side" if compared else ""
    withheld = (
        "withheld, as one of its sides is" if compared else told_withheld(plan.about.suppress_below)
    )
    return {
        "small": f"fewer than {plan.about.min_base} answers{one_side}",
        "undefined": "no value follows from these answers",
        "empty": f"nobody answered{one_side}",
        "suppressed": withheld,
    }.get(status, "")


def _held_by(
    standard: Standard, estimate: Estimate, place: IntArray, first: IntArray, second: IntArray
) -> tuple[FloatArray, Bounds]:
    """Values, or differences, and their bounds at any level."""
    here, there = place[first], place[second]
    if standard.along:
        comparison = estimate.comparison or IndependentCells(
            value=estimate.value, std_error=estimate.std_error, interval=estimate.interval
        )

        def apart(level: float) -> tuple[FloatArray, FloatArray]:
            contrast = comparison.differences(here, there, level)
            return contrast.low, contrast.high

        level = 2 * standard.confidence - 1
        return comparison.differences(here, there, level).value, apart
    interval = estimate.interval or NormalInterval(
        centre=estimate.value, std_error=estimate.std_error
    )

    def around(level: float) -> tuple[FloatArray, FloatArray]:
        low, high = interval.bounds(level)
        return low[here], high[here]

    return estimate.value[here], around


def _judged(
    standard: Standard, estimate: Estimate, value: FloatArray, base: IntArray, bounds: Bounds
) -> list[Judgement]:
    """What becomes of cells: by their bounds, or as they stand where the metric knows no error."""
    if _errs(estimate, standard):
        return judged(standard, value, base, bounds)
    # Where no cell has a second answer any metric's error is missing.
    if (estimate.base > 1).any():
        return judged_as_they_stand(standard, value)
    return [Judgement(outcome="not_shown", message=_NO_ERROR)] * value.size


def _errs(estimate: Estimate, standard: Standard) -> bool:
    """Whether a metric says how sure it is at all."""
    own = estimate.interval is not None or (standard.along and estimate.comparison is not None)
    return bool(own or np.isfinite(estimate.std_error).any())


def _told(standard: Standard, error: BaseException) -> str:
    what = "comparison" if standard.along else "interval"
    return f"the metric's own {what} failed: {type(error).__name__}: {error}"


def _message(standard: Standard, judgement: Judgement, messages: Sequence[str]) -> str:
    """All that is to be known of a row."""
    parts = [*messages, judgement.message]
    if judgement.needed is not None and standard.along:
        parts.append("answers needed suppose that the other side grows in proportion")
    if judgement.bound is not None and standard.along and standard.reference is None:
        parts.append("assumes different respondents")
    return "; ".join(dict.fromkeys(part for part in parts if part))
