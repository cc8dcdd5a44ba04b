"""What came in: rows read and dropped, answers missing and invalid, with places. Merges exactly."""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import Factory, define, frozen

from satcore.errors import Problem, listed, near
from satcore.results import ItemRow

#: Different texts that are remembered one by one; the others are counted together.
REMEMBERED = 100

#: A column with more different odd values than this holds texts or ids, not codes.
MOST_CODES = 20

#: What may stand in results: a number of few digits or a few letters, as codes are. Anything else
#: may be what somebody wrote, or who it was.
_CODE = re.compile(r"[+-]?\d{1,3}(?:[.,]\d{1,2})?|[A-Za-z./?*-]{1,3}", re.ASCII)

#: What may stand in an error, which only they read who have the file: numbers, dates, one word.
_PLAIN = re.compile(
    r"[\d.,:/+ eETZ-]{1,25}|[!-/:-?A-~]{1,12}|[A-Za-z]?\d{1,4}|[^\s\x00-\x7f]{1,4}", re.ASCII
)


@frozen
class Seen:
    """How often an odd value was seen, and where first.

    Attributes:
        count: How often.
        fragment: The fragment that held the first.
        row: Its row there, from 1.
    """

    count: int
    fragment: str
    row: int


@define
class Odd:
    """Odd values of one column, in the order in which they were met."""

    seen: dict[str, Seen] = Factory(dict)
    others: int = 0

    @property
    def count(self) -> int:
        """How many there are."""
        return self.others + sum(one.count for one in self.seen.values())

    def add(self, text: str, count: int, fragment: str, row: int) -> None:
        """Count a value; the first place stays."""
        known = self.seen.get(text)
        if known is not None:
            self.seen[text] = Seen(known.count + count, known.fragment, known.row)
        elif len(self.seen) < REMEMBERED:
            self.seen[text] = Seen(count, fragment, row)
        else:
            self.others += count

    def merge(self, later: Odd) -> None:
        """Take in what a later piece has met."""
        for text, one in later.seen.items():
            self.add(text, one.count, one.fragment, one.row)
        self.others += later.others

    def counts(self) -> dict[str, int]:
        """Count by text, the most frequent first; those not remembered under an ellipsis."""
        order = sorted(self.seen.items(), key=lambda pair: (-pair[1].count, pair[0]))
        counts = {text: one.count for text, one in order}
        return {**counts, "…": self.others} if self.others else counts

    def codes(self) -> dict[str, int]:
        """Count by text as results may tell it: those that are no codes under an ellipsis."""
        counts = self.counts()
        few = len(counts) <= MOST_CODES
        told = {text: n for text, n in counts.items() if few and _CODE.fullmatch(text)}
        hidden = self.count - sum(told.values())
        return {**told, "…": hidden} if hidden else told

    def told(self, most: int = 6, *, in_results: bool = False) -> str:
        """The values with counts and the first place, for a message.

        Texts that may be what somebody wrote are not repeated.

        Args:
            most: How many values are named.
            in_results: Whether the message is for all who read the results, not only for those
                who have the file.
        """
        first = next(iter(self.seen.values()))
        counts = list((self.codes() if in_results else self.counts()).items())
        parts = [f"{_shown(text)} ({count})" for text, count in counts[:most]]
        if len(counts) > most:
            parts.append(f"{len(counts) - most} more values")
        # A database has no rows in an order: it tells how often, and not where.
        place = f"first in row {first.row} of {first.fragment}"
        if not first.row:
            place = f"among the answers of {first.fragment}"
        return f"{', '.join(parts)}; {place}"


def _shown(text: str) -> str:
    """A value for an error: itself where it is short, else how long it is."""
    return repr(text) if _PLAIN.fullmatch(text) else f"a text of {len(text)} characters"


@define
class ItemIntake:
    """How one item was answered."""

    answered: int = 0
    missing: dict[str, int] = Factory(dict)
    invalid: Odd = Factory(Odd)

    def merge(self, later: ItemIntake) -> None:
        """Take in a later piece."""
        self.answered += later.answered
        for reason, count in later.missing.items():
            self.missing[reason] = self.missing.get(reason, 0) + count
        self.invalid.merge(later.invalid)


@define
class Intake:
    """What was read.

    Attributes:
        read: Rows read.
        dropped: Rows dropped by each ``[[keep]]`` rule, in the rules' order.
        items: How each item was answered by the kept rows, by the item's key.
        weights: Weights that can't be.
        times: Times that can't be read.
    """

    read: int = 0
    dropped: list[int] = Factory(list)
    items: dict[str, ItemIntake] = Factory(dict)
    weights: Odd = Factory(Odd)
    times: Odd = Factory(Odd)

    @property
    def kept(self) -> int:
        """Rows that no rule dropped."""
        return self.read - sum(self.dropped)

    def merge(self, later: Intake) -> None:
        """Take in a later piece."""
        self.read += later.read
        if later.dropped:
            self.dropped = [
                mine + theirs
                for mine, theirs in zip(
                    self.dropped or [0] * len(later.dropped), later.dropped, strict=True
                )
            ]
        for key, one in later.items.items():
            self.items.setdefault(key, ItemIntake()).merge(one)
        self.weights.merge(later.weights)
        self.times.merge(later.times)


def item_row(name: str, label: str | None, scale: str, intake: ItemIntake) -> ItemRow:
    """How one item was answered, as a row of results."""
    return ItemRow(
        item=name,
        label=label,
        scale=scale,
        answered=intake.answered,
        missing=sum(intake.missing.values()),
        missing_by=dict(sorted(intake.missing.items(), key=lambda pair: (-pair[1], pair[0]))),
        invalid=intake.invalid.count,
        invalid_by=intake.invalid.codes(),
    )


def weight_problem(column: str, place: str, odd: Odd) -> Problem:
    """What is wrong with the weights."""
    return Problem(
        f"{place}: column {column}",
        f"{counted(odd.count, 'weight')} negative, not finite or no number: {odd.told()}. A weight "
        "is 0 or more, with a decimal point; drop such responses with [[keep]] or mend them",
    )


def time_problem(column: str, form: str | None, place: str, odd: Odd) -> Problem:
    """What is wrong with the times."""
    wanted = (
        f"They are read as {form!r}, the format that the study names"
        if form
        else "Dates are read as 2026-01-31 or 2026/1/31, a time of day may follow; name another "
        'form as wave = { time = "…", period = "month", format = "%d.%m.%Y" }'
    )
    return Problem(
        f"{place}: column {column}",
        f"{counted(odd.count, 'time')} no date that can be read: {odd.told()}. {wanted}",
    )


def invalid_problem(item: str, scale: str, place: str, odd: Odd) -> Problem:
    """Which answers are outside the scale."""
    return Problem(
        f"{place}: column {item}",
        f"{counted(odd.count, 'answer')} outside the scale {scale}: {odd.told()}. If they mean "
        f"'not answered', say so: [items.{item}] missing = [...] (--missing); if the scale is "
        "another, or texts stand for values, declare it: [scales]; to count them as missing, set "
        'invalid = "missing" in [study] (--invalid missing)',
    )


def name_problem(item: str, names: Sequence[str], place: str, odd: Odd) -> Problem:
    """Which answers are none of the names that a column may hold."""
    hints = [near(text, names) for text in odd.seen if near(text, names)]
    return Problem(
        f"{place}: column {item}",
        f"{counted(odd.count, 'answer')} none of {listed(map(repr, names))}: {odd.told()}"
        f"{hints[0] if hints else ''}. List them where the others are listed; to count them as "
        f'missing, say [items.{item}] missing = [...] (--missing), or invalid = "missing" in '
        "[study] (--invalid missing)",
    )


def number_problem(column: str, place: str, odd: Odd, wanted: str, more: str = "") -> Problem:
    """Which values of a measure are no numbers, no counts or no times.

    Args:
        column: The column.
        place: Where it was read.
        odd: The values.
        wanted: What they have to be.
        more: What else to know about them.
    """
    return Problem(
        f"{place}: column {column}",
        f"{counted(odd.count, 'value')} no {wanted}: {odd.told()}. {more}If they mean 'not "
        f"answered', say so: [items.{column}] missing = [...]; to count them as missing, set "
        'invalid = "missing" in [study]',
    )


def condition_problem(columns: list[str], reason: str, place: str, odd: Odd) -> Problem:
    """Which answers break a condition that a metric sets."""
    return Problem(
        f"{place}: columns {listed(columns)}",
        f"{odd.count} respondents: {reason}: {odd.told()}. To count them as missing, set "
        'invalid = "missing" in [study]',
    )


def counted(count: int, noun: str) -> str:
    """A number of things and its verb: ``1 answer is``, ``2 answers are``."""
    return f"{count} {noun} is" if count == 1 else f"{count} {noun}s are"
