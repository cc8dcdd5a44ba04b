"""The smallest answers that break a law, found by hypothesis."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import frozen

from satcore.testing.checks import LawError, wanting_smallest


@frozen(kw_only=True)
class Case:
    """Some rows of the answers, and ways to cut and to order them.

    Attributes:
        rows: Numbers of rows; one may stand there more than once.
        cuts: Where the rows are cut; a place twice gives an empty piece.
        order: The rows' places in another order.
        whole: A whole number for each row, 1 to 3.
    """

    rows: Sequence[int]
    cuts: Sequence[int]
    order: Sequence[int]
    whole: Sequence[int]


#: How many smaller cases are tried once one breaks the law, as a multiple of those tried before.
SHRINKING = 3


def _broken(hold: Callable[[Case], None], case: Case) -> LawError | None:
    """How a case breaks a law; None where it does not."""
    try:
        hold(case)
    except LawError as error:
        return error
    return None


def search(
    hold: Callable[[Case], None], *, population: int, most: int = 10, examples: int = 30
) -> None:
    """Hold a law on many small cases; where one breaks it, on ever smaller ones.

    The cases are the same in every run.

    Args:
        hold: Raises ``LawError``.
        population: How many rows there are to draw from.
        most: How many rows a case may have.
        examples: How many cases are tried.

    Raises:
        LawError: That of the smallest case found.
    """
    try:
        from hypothesis import HealthCheck, Phase, Verbosity, given, settings
        from hypothesis import strategies as st
    except ImportError:
        raise ImportError(
            "the checks need hypothesis; install it with: pip install 'satcore[testing]'"
        ) from None

    @st.composite
    def cases(draw: st.DrawFn) -> Case:
        size = draw(st.integers(0, min(most, population)))
        rows = draw(st.lists(st.integers(0, population - 1), min_size=size, max_size=size))
        return Case(
            rows=rows,
            cuts=draw(st.lists(st.integers(0, size), max_size=4)),
            order=draw(st.permutations(range(size))),
            whole=draw(st.lists(st.integers(1, 3), min_size=size, max_size=size)),
        )

    known: dict[str, LawError | None] = {}
    found: list[LawError] = []
    odd: list[Exception] = []
    tried_before = 0
    smaller = SHRINKING * examples if wanting_smallest.get() else 0

    @settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=examples,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
    )
    @given(cases())
    def held(case: Case) -> None:
        nonlocal tried_before
        key = repr(case)
        error = known.get(key)
        if key not in known:
            if not found:
                tried_before = len(known)
            elif len(known) - tried_before > smaller:
                return  # small enough
            try:
                known[key] = error = _broken(hold, case)
            except Exception as strange:
                odd.append(strange)
                raise
        if error is not None:
            found.append(error)
            raise error

    try:
        held()
    except Exception:
        if found:
            smallest = found[-1]
            raise LawError(
                expected=smallest.expected, came=smallest.came, example=smallest.example
            ) from None
        if odd:
            raise odd[-1] from None
        raise
