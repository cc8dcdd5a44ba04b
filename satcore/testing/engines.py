"""The checks of an engine: who scans makes no difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from attrs import evolve, frozen

from satcore.codebook import Codebook, Item
from satcore.engines import Engine, LocalEngine
from satcore.errors import DataError
from satcore.metrics import Metric
from satcore.moments import Moments
from satcore.planning import Plan
from satcore.scanning import Bundle
from satcore.states import Array, Field, State
from satcore.statistics import Statistic, Tally
from satcore.surveys import FrameFragment
from satcore.testing.checks import Check, LawError, expecting
from satcore.testing.subjects import Subject, pieces

if TYPE_CHECKING:
    import polars as pl

    from satcore.blocks import Block


#: How far weighted sums may be apart, in the sum of their absolute terms.
ROUNDING: Final = 1e-12


@frozen(kw_only=True)
class Counting(Metric):
    """Some statistics, of every kind the core has, and nothing made of them."""

    broken: bool = False

    def statistics(self, codebook: Codebook) -> Mapping[str, Any]:
        """Tables, moments, and one that can't be counted where asked."""
        first, second = codebook.item("Q1", "0..10"), codebook.item("Q2", "1..7")
        counted: dict[str, Any] = {
            "answers": (Tally(first), Tally(first, second)),
            "sums": Moments((first, second)),
        }
        return {**counted, "broken": Broken(first)} if self.broken else counted

    def evaluate(self, **counted: Any) -> Iterator[Any]:
        """Nothing."""
        yield from ()


@frozen
class Broken(Statistic):
    """A statistic that raises when it counts.

    Attributes:
        item: Its item.
    """

    item: Item

    def fields(self, *, weighted: bool) -> Mapping[str, Field]:
        """One number a cell."""
        return {"n": Field()}

    def observe(self, block: Block) -> Mapping[str, Array]:
        """Raises."""
        raise ArithmeticError("this statistic can't count")


@frozen(kw_only=True, eq=False)
class UnreadableFragment:
    """A fragment that says it can't be read.

    Attributes:
        id: Its id.
        rows: Rows it pretends to have.
    """

    id: str
    rows: int

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Raises."""
        raise DataError.at(self.id, "it can't be read")


def _plan(*, weighted: bool = False, broken: bool = False, rows: int = 1000) -> Plan:
    """A plan over a survey of ten fragments, none and one row among them."""
    subject = Subject.of(Counting(broken=broken))
    plan = subject.plan("segment", "wave", weighted=weighted)
    frame = subject.frame.head(rows)
    cut = pieces(frame, [place for place in (0, 1, 90, 200, 201, 333, 480, 700) if place <= rows])
    fragments = tuple(
        FrameFragment(id=f"part {place}", frame=piece) for place, piece in enumerate(cut)
    )
    return evolve(plan, survey=evolve(plan.survey, fragments=fragments))


def _hold_same(found: Bundle, wanted: Bundle, *, exact: bool = True) -> None:
    for names, by_key in wanted.states.items():
        for key, state in by_key.items():
            other = found.states.get(names, {}).get(key)
            where = f"{'*'.join(names) or 'the total'}, {key}"
            if other is None or other.cells != state.cells:
                raise LawError(expected=f"{where}: {state.cells}", came=str(other and other.cells))
            for name, array in state.arrays.items():
                came = other.arrays[name]
                kind = (came.dtype, came.shape) == (array.dtype, array.shape)
                if kind and (exact or array.dtype.kind != "f"):
                    kind = came.tobytes() == array.tobytes()
                elif kind:
                    kind = bool(np.all(np.abs(came - array) <= ROUNDING * _terms(state, name)))
                if not kind:
                    law = "bytes" if exact or array.dtype.kind != "f" else "sums, but for rounding,"
                    raise LawError(
                        expected=f"{where}, {name!r}: the {law} of the local engine",
                        came=f"others: {came.dtype}{list(came.shape)}",
                    )


def _terms(state: State, name: str) -> Array:
    """What the absolute terms of each sum in a weighted state come to, at most.

    A weighted table's terms are no less than 0, so that they come to the sum itself. The terms
    w·x·y of a cross-product come to no more than the root of those of w·x² and w·y² (Cauchy and
    Schwarz), and w·|x| to no more than w·x², as x is a whole number.
    """
    array = state.arrays[name]
    prefix = name.removesuffix("ss") if name.endswith("ss") else name.removesuffix("s")
    if name == prefix or f"{prefix}ss" not in state.arrays:
        return np.abs(array)
    squares = np.diagonal(state.arrays[f"{prefix}ss"], axis1=1, axis2=2)
    if not name.endswith("ss"):
        return squares if array.ndim == 2 else squares[:, :, None]
    return np.asarray(np.sqrt(squares[:, :, None] * squares[:, None, :]))


def _same_states(engine: Engine) -> None:
    for weighted in (False, True):
        plan = _plan(weighted=weighted)
        local = LocalEngine(threads=1).scan(plan)
        _hold_same(engine.scan(plan), local, exact=not weighted)


def _scanned_twice(engine: Engine) -> None:
    plan = _plan(weighted=True)
    _hold_same(engine.scan(plan), engine.scan(plan))


def _rows_once(engine: Engine) -> None:
    plan = _plan()
    found = engine.scan(plan)
    wanted = tuple((one.id, one.rows) for one in plan.survey.fragments)
    if sorted(found.fragments) != sorted((name, rows or 0) for name, rows in wanted):
        raise LawError(expected=f"each fragment once: {wanted}", came=str(found.fragments))
    total = sum(rows or 0 for _, rows in wanted)
    if (found.intake.read, found.intake.kept) != (total, total):
        came = f"{found.intake.read} read, {found.intake.kept} kept"
        raise LawError(expected=f"{total} rows read and kept", came=came)


def _intake(engine: Engine) -> None:
    plan = _plan()
    found, wanted = engine.scan(plan).intake, LocalEngine(threads=1).scan(plan).intake
    for item in plan.items:
        one, other = found.items.get(item.key), wanted.items[item.key]
        if one is None or (one.answered, one.missing) != (other.answered, other.missing):
            raise LawError(
                expected=f"{item.name}: {other.answered} answered, missing {other.missing}",
                came="nothing" if one is None else f"{one.answered}, missing {one.missing}",
            )


def _nobody(engine: Engine) -> None:
    plan = _plan(rows=0)
    bare = evolve(plan, survey=evolve(plan.survey, fragments=()))
    for asked in (plan, bare):
        _hold_same(engine.scan(asked), LocalEngine(threads=1).scan(asked))


def _failed_statistic(engine: Engine) -> None:
    plan = _plan(broken=True)
    found, wanted = engine.scan(plan), LocalEngine(threads=1).scan(plan)
    if dict(found.failed) != dict(wanted.failed):
        raise LawError(expected=f"told: {dict(wanted.failed)}", came=str(dict(found.failed)))
    for names, by_key in wanted.states.items():
        others = {key: state for key, state in by_key.items() if key not in wanted.failed}
        _hold_same(found, evolve(wanted, states={names: others}))


def _unreadable(engine: Engine) -> None:
    plan = _plan()
    odd = UnreadableFragment(id="part unreadable", rows=3)
    survey = evolve(plan.survey, fragments=(*plan.survey.fragments, odd))
    try:
        engine.scan(evolve(plan, survey=survey))
    except DataError as error:
        if "part unreadable" not in str(error):
            raise LawError(expected="an error that names the fragment", came=str(error)) from None
        return
    except Exception as error:  # noqa: BLE001 - an engine may raise anything
        came = f"{type(error).__name__}: {error}"
        raise LawError(expected="the fragment's own DataError", came=came) from None
    raise LawError(expected="the fragment's own DataError", came="no error")


def _progress(engine: Engine) -> None:
    plan = _plan()
    told: list[int] = []
    engine.scan(plan, told.append)
    if told and sum(told) != 1000:
        raise LawError(expected="1000 rows told", came=str(sum(told)))


_CHECKS: tuple[tuple[str, str, Callable[[Engine], None]], ...] = (
    (
        "same_states",
        "An engine gives the local engine's states: to the bit, weighted sums to 1e-12.",
        _same_states,
    ),
    ("scanned_twice", "Scanning again gives the same bytes.", _scanned_twice),
    ("rows_once", "Every fragment is counted once, every row of it.", _rows_once),
    ("intake", "Answered and missing are counted as the local engine counts them.", _intake),
    ("nobody", "A survey without rows, or without fragments, is counted too.", _nobody),
    (
        "failed_statistic",
        "A statistic that fails is named; the others are counted.",
        _failed_statistic,
    ),
    ("unreadable", "A fragment that can't be read stops the scan with its own error.", _unreadable),
    ("progress", "Rows are told once, by those engines that tell them.", _progress),
)


def engine_checks(
    engine: Engine, *, expected_failures: Mapping[str, str] | None = None
) -> list[Check]:
    """The checks that an engine counts as the local one does.

    Args:
        engine: The engine.
        expected_failures: Why a check has to fail, by its name.

    Raises:
        ValueError: An expected failure of a check that there is not.
    """
    name = type(engine).__name__

    def held(hold: Callable[[Engine], None]) -> Callable[[], str | None]:
        return partial(_run, hold, engine)

    checks = [Check(n, law, held(hold), subject=name) for n, law, hold in _CHECKS]
    return expecting(checks, expected_failures)


def _run(hold: Callable[[Engine], None], engine: Engine) -> str | None:
    hold(engine)
    return None
