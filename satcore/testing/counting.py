"""The laws of counting: states merge, whoever counts what in which order."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, frozen

from satcore.blocks import Block
from satcore.planning import Plan
from satcore.scanning import Bundle, merge_bundles
from satcore.states import Array, Field, State, merge
from satcore.statistics import Rows, Statistic
from satcore.testing.checks import LawError, NotApplicable
from satcore.testing.searching import Case, search
from satcore.testing.subjects import Subject, count, pieces, threaded
from satcore.testing.telling import cell_name, number

if TYPE_CHECKING:
    import polars as pl

#: The finest cells.
BOTH = "segment*wave"

#: How far sums of doubles may lie apart, as a share of the sum of their absolute terms.
ROUNDING = 1e-12


# --------------------------------------------------------------------------- comparing


def _states(bundle: Bundle) -> Iterator[tuple[str, State]]:
    for by_key in bundle.states.values():
        yield from by_key.items()


def _called(plan: Plan, key: str) -> str:
    statistic = plan.statistics[key]
    items = ", ".join(item.name for item in statistic.items)
    return f"{type(statistic).__name__}({items})"


def _hold_equal(
    plan: Plan,
    found: Bundle,
    wanted: Bundle,
    *,
    absolute: Callable[[], Bundle] | None,
    what: tuple[str, str],
    example: str,
) -> None:
    """Hold two bundles to be equal: whole numbers to the bit, sums of doubles but for rounding.

    Args:
        plan: The plan.
        found: What came.
        wanted: What should have come.
        absolute: The sums of the absolute terms; None where doubles are equal to the bit too.
        what: What was counted, found and wanted, for messages.
        example: The answers.

    Raises:
        LawError: They differ.
    """
    others = dict(_states(found))
    reach: dict[str, State] | None = None
    for key, state in _states(wanted):
        other = others[key]
        if other.cells != state.cells:
            raise LawError(
                expected=f"the cells of {what[1]}: {state.cells}",
                came=f"those of {what[0]}: {other.cells}",
                example=example,
            )
        for name, one in state.fields.items():
            if _same_bits(other.arrays[name], state.arrays[name]):
                continue
            slack: Any = 0.0
            floats = np.dtype(one.dtype).kind == "f"
            if absolute is not None and floats and one.reduction == "sum":
                right = state.arrays[name]
                slack = ROUNDING * np.abs(right)
                if not np.all(np.abs(other.arrays[name] - right) <= slack):  # terms that cancel
                    reach = dict(_states(absolute())) if reach is None else reach
                    slack = ROUNDING * reach[key].aligned(state.cells).arrays[name]
            _hold_near(plan, key, name, other, state, slack, what, example)


def _same_bits(one: Array, other: Array) -> bool:
    return (one.dtype, one.shape) == (other.dtype, other.shape) and one.tobytes() == other.tobytes()


def _hold_near(
    plan: Plan,
    key: str,
    name: str,
    found: State,
    wanted: State,
    slack: Any,
    what: tuple[str, str],
    example: str,
) -> None:
    came, right = found.arrays[name], wanted.arrays[name]
    same = (came == right) | ((came != came) & (right != right))
    with np.errstate(invalid="ignore"):
        near = same | (np.abs(came - right) <= slack) if np.any(slack) else same
    if near.all():
        return
    cell = int(np.argwhere(~near)[0][0])
    where = f"{_called(plan, key)}, {name!r}, {cell_name(wanted.cells.labels_of(cell))}"
    raise LawError(
        expected=f"{what[1]}: {where}: {number(right[cell])}",
        came=f"{what[0]}: {number(came[cell])}",
        example=example,
    )


def _row_by_row(plan: Plan, frame: pl.DataFrame) -> Callable[[], Bundle]:
    """The sums of absolute values, each row counted alone."""

    def absolute() -> Bundle:
        def magnitudes(state: State) -> State:
            return evolve(
                state,
                arrays={name: np.abs(array) for name, array in state.arrays.items()},
            )

        summed: dict[Any, dict[str, State]] = {}
        whole = count(plan, [frame.head(0)])
        for names, by_key in whole.states.items():
            summed[names] = dict(by_key)
        for row in range(frame.height):
            one = count(plan, [frame.slice(row, 1)])
            for names, by_key in one.states.items():
                for key, state in by_key.items():
                    summed[names][key] = merge(summed[names][key], magnitudes(state))
        return evolve(whole, states=summed)

    return absolute


def _each_case(subject: Subject, hold: Callable[[Plan, pl.DataFrame, Case], None]) -> None:
    """Hold a law on small cases, then on a larger one, without weights and with."""
    for plan in subject.plans("segment"):

        def one(case: Case, plan: Plan = plan) -> None:
            hold(plan, subject.frame[list(case.rows)], case)

        search(one, population=subject.frame.height, examples=subject.examples(plan))
        rows = range(min(60, subject.frame.height))
        cuts = [min(place, len(rows)) for place in (0, 1, 17, 17, 40)]
        one(Case(rows=rows, cuts=cuts, order=rows[::-1], whole=[1] * len(rows)))


# --------------------------------------------------------------------------- the laws


def cuts(subject: Subject) -> None:
    """Pieces of any length, none and one row among them."""

    def hold(plan: Plan, frame: pl.DataFrame, case: Case) -> None:
        whole = count(plan, [frame])
        for places in (list(case.cuts), [0, *range(frame.height + 1)]):
            cut = pieces(frame, places)
            sizes = ", ".join(str(piece.height) for piece in cut)
            _hold_equal(
                plan,
                count(plan, cut),
                whole,
                absolute=_row_by_row(plan, frame),
                what=("pieces merged", "all together"),
                example=subject.shown(plan, frame, f"cut into pieces of {sizes} rows"),
            )

    _each_case(subject, hold)


def _hold_nobody(plan: Plan, frame: pl.DataFrame) -> None:
    """Hold what is counted of a block without rows against the identities."""

    def watch(statistic: Statistic, block: Block) -> Mapping[str, Array]:
        fields = statistic.fields(weighted=plan.weighted)
        counted = statistic.observe(block.cut(0, 0))
        for name, one in fields.items():
            wanted = one.empty(block.cells)
            if not np.array_equal(
                np.asarray(counted[name]), wanted, equal_nan=wanted.dtype.kind == "f"
            ):
                kind = type(statistic).__name__
                differing.append((f"{kind}, {name!r}", wanted, np.asarray(counted[name])))
        return statistic.observe(block)

    differing: list[tuple[str, Array, Array]] = []
    count(_watched(plan, watch), [frame])
    if differing:
        where, wanted, came = differing[0]
        raise LawError(
            expected=f"{where} of a block without rows: the identity {number(wanted)}",
            came=number(came),
            example="  (no row)",
        )


def merge_identity(subject: Subject) -> None:
    """Nobody's answers change nothing, and two times nobody is nobody."""
    for plan in subject.plans(BOTH):
        _hold_nobody(plan, subject.frame.head(1))

    def hold(plan: Plan, frame: pl.DataFrame, case: Case) -> None:
        nobody, some = count(plan, [frame.head(0)]), count(plan, [frame])
        empty = merge_bundles(plan, [])
        example = subject.shown(plan, frame)
        told = "no row counted", "the identity of every field"
        _hold_equal(plan, nobody, empty, absolute=None, what=told, example="  (no row)")
        two = count(plan, [frame.head(0), frame.head(0)])
        told = "two times no row", "the identity of every field"
        _hold_equal(plan, two, empty, absolute=None, what=told, example="  (no row)")
        for order in ([frame.head(0), frame], [frame, frame.head(0), frame.head(0)]):
            told = "merged with nobody", "alone"
            found = count(plan, order)
            _hold_equal(plan, found, some, absolute=None, what=told, example=example)

    _each_case(subject, hold)


def _thirds(plan: Plan, frame: pl.DataFrame, case: Case) -> list[Bundle]:
    places = sorted([*case.cuts, 0, frame.height])[:2]
    return [count(plan, [piece]) for piece in pieces(frame, places)]


def _merged(plan: Plan, first: Bundle, second: Bundle) -> Bundle:
    declared = plan.dimensions.declared_labels()
    states = {
        names: {
            key: merge(state, second.states[names][key], declared) for key, state in by_key.items()
        }
        for names, by_key in first.states.items()
    }
    return evolve(first, states=states)


def merge_associative(subject: Subject) -> None:
    """(A + B) + C is A + (B + C)."""

    def hold(plan: Plan, frame: pl.DataFrame, case: Case) -> None:
        first, second, third = _thirds(plan, frame, case)
        left = _merged(plan, _merged(plan, first, second), third)
        right = _merged(plan, first, _merged(plan, second, third))
        _hold_equal(
            plan,
            left,
            right,
            absolute=_row_by_row(plan, frame),
            what=("(A + B) + C", "A + (B + C)"),
            example=subject.shown(plan, frame),
        )

    _each_case(subject, hold)


def merge_commutative(subject: Subject) -> None:
    """A + B is B + A."""

    def hold(plan: Plan, frame: pl.DataFrame, case: Case) -> None:
        first, second, _ = _thirds(plan, frame, case)
        _hold_equal(
            plan,
            _merged(plan, second, first),
            _merged(plan, first, second),
            absolute=None,
            what=("B + A", "A + B"),
            example=subject.shown(plan, frame),
        )

    _each_case(subject, hold)


def row_order(subject: Subject) -> None:
    """The rows in any order."""

    def hold(plan: Plan, frame: pl.DataFrame, case: Case) -> None:
        order = list(case.order)
        _hold_equal(
            plan,
            count(plan, [frame[order]]),
            count(plan, [frame]),
            absolute=_row_by_row(plan, frame),
            what=(f"rows in the order {[place + 1 for place in order]}", "rows as they stand"),
            example=subject.shown(plan, frame),
        )

    _each_case(subject, hold)


def roll_up(subject: Subject) -> None:
    """Fine cells merged are the coarse cell."""
    coarse = ("segment", "wave") if not subject.along_waves else ("segment",)
    for weighted in (False, True):
        try:
            fine = subject.plan(BOTH, weighted=weighted)
            plans = [subject.plan(*by, weighted=weighted) for by in ((), *((c,) for c in coarse))]
        except NotApplicable:
            return

        def hold(case: Case, fine: Plan = fine, plans: Sequence[Plan] = tuple(plans)) -> None:
            frame = subject.frame[list(case.rows)]
            all_cells = next(iter(count(fine, [frame]).states.values()))
            for plan in plans:
                direct = count(plan, [frame])
                rolled = {
                    names: {key: all_cells[key].rolled_up(names) for key in by_key}
                    for names, by_key in direct.states.items()
                }
                _hold_equal(
                    plan,
                    evolve(direct, states=rolled),
                    direct,
                    absolute=_row_by_row(plan, frame),
                    what=("rolled up from finer cells", "counted at once"),
                    example=subject.shown(fine, frame),
                )

        search(hold, population=subject.frame.height, examples=subject.examples(fine))


def threads(subject: Subject) -> None:
    """The same bytes, however many threads count."""
    for plan in subject.plans(BOTH):
        frame = subject.frame.head(500)
        cut = pieces(frame, [0, 1, 70, 150, 151, 260, 330, 480])
        _hold_equal(
            plan,
            threaded(plan, cut, 4),
            threaded(plan, cut, 1),
            absolute=None,
            what=("counted in 4 threads", "in 1"),
            example="",
        )


# --------------------------------------------------------------------------- watching observe


@frozen
class Watched(Statistic):
    """A statistic that is watched while it counts.

    Attributes:
        statistic: The statistic.
        watch: Gets the statistic and a block, and gives the counts.
    """

    statistic: Statistic
    watch: Callable[[Statistic, Block], Mapping[str, Array]]

    @property
    def key(self) -> str:
        """The statistic's own."""
        return self.statistic.key

    @property
    def resamples(self) -> bool:
        """The statistic's own."""
        return self.statistic.resamples

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        """The statistic's own."""
        return self.statistic.fields(weighted=weighted)

    def observe(self, block: Block) -> Mapping[str, Array]:
        """Count one block, watched."""
        return self.watch(self.statistic, block)


def _watched(plan: Plan, watch: Callable[[Statistic, Block], Mapping[str, Array]]) -> Plan:
    """The plan, with every statistic watched."""
    made = evolve(plan)
    statistics = {key: Watched(one, watch) for key, one in plan.statistics.items()}
    object.__setattr__(made, "statistics", statistics)
    return made


def _inside(block: Block) -> dict[str, bytes]:
    """Every array that a block was made with."""
    arrays: dict[str, Any] = {
        "cell": block.cell,
        "weight": block.weight,
        "multiplicity": block.multiplicity,
        "identity": block.identity,
        **{f"codes of {item.name}": codes for item, codes in block._codes.items()},
        **{f"values of {one.name}": values for one, values in block._measures.items()},
    }
    return {name: array.tobytes() for name, array in arrays.items() if array is not None}


def blocks_untouched(subject: Subject) -> None:
    """``observe`` leaves its block as it is."""

    def hold(plan: Plan, frame: pl.DataFrame, case: Case) -> None:
        def watch(statistic: Statistic, block: Block) -> Mapping[str, Array]:
            before = _inside(block)
            counted = statistic.observe(block)
            after = _inside(block)
            changed = [name for name, held in before.items() if after[name] != held]
            if changed:
                touched.append(f"{type(statistic).__name__}.observe changed {', '.join(changed)}")
            return counted

        touched: list[str] = []
        count(_watched(plan, watch), [frame])
        if touched:
            raise LawError(
                expected="the block's arrays as they were",
                came=touched[0],
                example=subject.shown(plan, frame),
            )

    _each_case(subject, hold)


def counted_twice(subject: Subject) -> None:
    """The same block counted twice, and between others, gives the same."""

    def hold(plan: Plan, frame: pl.DataFrame, case: Case) -> None:
        def watch(statistic: Statistic, block: Block) -> Mapping[str, Array]:
            first = {name: array.copy() for name, array in statistic.observe(block).items()}
            second = statistic.observe(block)
            for name, array in first.items():
                if not _same_bits(array, second[name]):
                    differing.append(
                        (f"{type(statistic).__name__}, {name!r}", array, second[name].copy())
                    )
            return first

        differing: list[tuple[str, Array, Array]] = []
        count(_watched(plan, watch), [frame])
        if differing:
            where, first, second = differing[0]
            raise LawError(
                expected=f"{where}, as the first time: {number(first)}",
                came=f"the second time {number(second)}",
                example=subject.shown(plan, frame),
            )

    _each_case(subject, hold)


def save_and_load(subject: Subject) -> None:
    """Every array of a state is a plain one: saved without pickle, loaded as it was."""
    for plan in subject.plans(BOTH):
        for key, state in _states(count(plan, [subject.frame.head(50)])):
            for name, array in state.arrays.items():
                where = f"{_called(plan, key)}, {name!r}: {array.dtype.str}{list(array.shape)}"
                declared = np.dtype(state.fields[name].dtype)
                if declared != array.dtype:
                    raise LawError(expected=f"{declared.str}, as fields declares it", came=where)
                if not array.dtype.isnative or array.dtype.kind not in "biuf":
                    raise LawError(
                        expected="whole numbers or doubles in this machine's byte order", came=where
                    )
                file = io.BytesIO()
                np.save(file, array, allow_pickle=False)
                file.seek(0)
                loaded = np.load(file, allow_pickle=False)
                if loaded.dtype.str != array.dtype.str or not _same_bits(loaded, array):
                    came = f"{loaded.dtype.str}{list(loaded.shape)}"
                    raise LawError(expected=where, came=came)


def statistic_keys(subject: Subject) -> None:
    """A statistic's key tells what is counted, the same in every process."""
    plan = subject.plan(BOTH)
    for key, statistic in plan.statistics.items():
        if isinstance(statistic, Rows):
            continue
        kind = type(statistic).__name__
        if not isinstance(key, str) or not key or " object at 0x" in key:
            raise LawError(expected=f"a text as the key of {kind}", came=repr(key))
        if statistic.key != key:
            raise LawError(expected=f"{kind}: {key}", came=f"another time {statistic.key}")
        held = {item.name for item in statistic.items}
        absent = [name for name in held if not isinstance(name, str)]
        if absent:
            raise LawError(expected=f"items of {kind} with names", came=repr(absent))
