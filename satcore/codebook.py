"""What a question may answer: texts in several languages, scales, items, the codebook.

An answer becomes a small code: 0 for the lowest value of the scale, then upwards; the two codes
after the highest value stand for *missing* (not answered, or an answer declared as missing) and
*invalid* (outside the scale). Both are counted like any other code, so a frequency table holds
the response rate too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from satcore.errors import OptionError, listed, near

if TYPE_CHECKING:
    from satcore.surveys import Variable

_RANGE = re.compile(r"\s*(-?\d+)\s*\.\.\s*(-?\d+)\s*")
_INTEGER = re.compile(r"\s*[+-]?\d{1,18}(\.0*)?\s*")

#: The number of the first value of a scale of names.
FIRST_NAME: Final = 1_000_001

#: A scale wider than this is not a scale of answers but a measure: it is refused.
MAX_LEVELS = 65_000


@frozen
class Text:
    """A text in one or several languages.

    Attributes:
        by_language: Pairs of language code and text. A text that serves every language has the
            empty code.
    """

    by_language: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, value: str | Mapping[str, str] | Text) -> Text:
        """From a plain text, from ``{"en": ..., "zh": ...}``, or as it is."""
        if isinstance(value, Text):
            return value
        if isinstance(value, str):
            return cls((("", value),))
        return cls(tuple(value.items()))

    def said(self, language: str = "en") -> str:
        """The text in a language; English, else the first there is, where that one is absent."""
        texts = dict(self.by_language)
        for code in (language, "", "en"):
            if code in texts:
                return texts[code]
        return next(iter(texts.values()), "")

    def __str__(self) -> str:
        return self.said()


def as_text(value: object) -> str | None:
    """The text of a raw value, the same whatever type a piece of the data was read with.

    Whole floats lose their point (``1.0`` is ``"1"``), not-a-number and null are ``None``.
    A text stays as it is written.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        number = float(value)
        if number != number:
            return None
        return str(int(number)) if number.is_integer() else repr(number)
    return str(value)


@frozen(kw_only=True, cache_hash=True)
class Scale:
    """The answers that a question allows.

    Attributes:
        low: Lowest value, an integer.
        high: Highest value, an integer, at least ``low``.
        codes: Wordings and the value each stands for; several wordings may share a value.
            Numbers stay readable beside them.
        labels: Value labels, by value, for tables and pictures.
    """

    low: int
    high: int
    codes: tuple[tuple[str, int], ...] = ()
    labels: tuple[tuple[int, Text], ...] = ()

    def __attrs_post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(f"a scale runs from low to high: {self.low}..{self.high} does not")
        if self.high - self.low >= MAX_LEVELS:
            raise ValueError(
                f"{self.low}..{self.high} has more than {MAX_LEVELS} values: no scale of answers"
            )
        for wording, value in self.codes:
            if not self.low <= value <= self.high:
                raise ValueError(f"the code {value} of {wording!r} is outside {self}")

    @classmethod
    def parse(cls, text: str) -> Scale:
        """A scale from its range: ``"0..10"``, ``"1..7"``, ``"-3..3"``.

        Raises:
            ValueError: The text is no range, or runs downwards.
        """
        match = _RANGE.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is no scale; write a range such as '0..10'")
        return cls(low=int(match[1]), high=int(match[2]))

    @classmethod
    def of_codes(cls, codes: Mapping[str, int]) -> Scale:
        """A scale from wordings and their values; it spans the values."""
        if not codes:
            raise ValueError("codes is empty; give at least one wording, as 'Very good' = 5")
        return cls(low=min(codes.values()), high=max(codes.values()), codes=tuple(codes.items()))

    @classmethod
    def of_names(cls, names: Sequence[Sequence[str]]) -> Scale:
        """A scale whose values are names, each with one or more wordings: a column of places.

        They are numbered from ``FIRST_NAME`` on, so that numbers in the column are never taken for
        places in a list.
        """
        codes = [(one, place) for place, some in enumerate(names, FIRST_NAME) for one in some]
        return cls(low=FIRST_NAME, high=FIRST_NAME + len(names) - 1, codes=tuple(codes))

    @property
    def names(self) -> tuple[str, ...]:
        """The wordings of a scale of names; none where values are numbers."""
        return tuple(one for one, _ in self.codes) if self.low == FIRST_NAME else ()

    @property
    def levels(self) -> int:
        """How many values the scale has."""
        return self.high - self.low + 1

    def __str__(self) -> str:
        return f"{self.low}..{self.high}"


@frozen(kw_only=True, cache_hash=True)
class Item:
    """A question as data: a column, its scale, its missing codes.

    Attributes:
        name: The column's name.
        scale: The answers allowed.
        missing: Answers that stand for "not answered", as texts. An empty cell always does.
        label: What the question says, for people. It is no part of the item's identity.
        reasons: What missing answers are called, by the answer's text. No part of it either.
    """

    name: str
    scale: Scale
    missing: tuple[str, ...] = ()
    label: Text | None = field(default=None, eq=False)
    reasons: tuple[tuple[str, str], ...] = field(default=(), eq=False)

    @property
    def levels(self) -> int:
        """How many values the scale has; the codes 0 to ``levels - 1`` stand for them."""
        return self.scale.levels

    @property
    def missing_code(self) -> int:
        """The code of an answer that is missing."""
        return self.scale.levels

    @property
    def invalid_code(self) -> int:
        """The code of an answer outside the scale."""
        return self.scale.levels + 1

    @property
    def size(self) -> int:
        """How many codes there are, missing and invalid among them."""
        return self.scale.levels + 2

    @property
    def low(self) -> int:
        """The least value."""
        return self.scale.low

    @property
    def high(self) -> int:
        """The greatest value."""
        return self.scale.high

    @property
    def denominator(self) -> int:
        """Values are whole numbers."""
        return 1

    @property
    def sources(self) -> tuple[Item, ...]:
        """The columns it rests on: its own."""
        return (self,)

    @property
    def key(self) -> str:
        """Canonical text of all that decides how an answer is coded. Labels do not."""
        codes = ",".join(f"{wording!r}={value}" for wording, value in sorted(self.scale.codes))
        missing = ",".join(repr(text) for text in sorted(self.missing))
        return f"{self.name!r}[{self.scale}]{{{codes}}}!{{{missing}}}"

    def code_of(self, text: str | None) -> int:
        """The code of one answer as text.

        A declared missing answer is missing even where the scale would allow it.
        """
        if text is None or not text.strip() or text in self.missing:
            return self.missing_code
        value = dict(self.scale.codes).get(text)
        if value is None and _INTEGER.fullmatch(text):
            value = int(text.split(".")[0])
            if str(value) in self.missing:
                return self.missing_code
        if value is None or not self.scale.low <= value <= self.scale.high:
            return self.invalid_code
        return value - self.scale.low

    def missing_reason(self, text: str | None) -> str:
        """Why an answer is missing: ``"not answered"``, or the declared code and its label."""
        return _missing_reason(text, self.reasons)


@frozen(kw_only=True, cache_hash=True)
class Measure:
    """A column of numbers without a scale: an age, an amount, a duration.

    Attributes:
        name: The column's name.
        missing: Texts that stand for "not answered". An empty cell always does.
        label: What it is, for people. It is no part of the measure's identity.
        reasons: What missing values are called, by the value's text. No part of it either.
    """

    name: str
    missing: tuple[str, ...] = ()
    label: Text | None = field(default=None, eq=False)
    reasons: tuple[tuple[str, str], ...] = field(default=(), eq=False)

    @property
    def key(self) -> str:
        """Canonical text of all that decides how a value is read."""
        missing = ",".join(repr(text) for text in sorted(self.missing))
        return f"{self.name!r}~!{{{missing}}}"

    @property
    def sources(self) -> tuple[Measure, ...]:
        """The columns it rests on: its own."""
        return (self,)

    @property
    def wanted(self) -> str:
        """What its values have to be, for messages."""
        return "finite number"

    def missing_reason(self, text: str | None) -> str:
        """Why a value is missing: ``"not answered"``, or the declared code and its label."""
        return _missing_reason(text, self.reasons)


@frozen(kw_only=True, cache_hash=True)
class Count(Measure):
    """A column of whole numbers from 0 upwards: events, exposures, heads.

    A negative number or a fraction is an invalid answer, told with its place like any other.
    """

    @property
    def key(self) -> str:
        """Canonical text of all that decides how a value is read."""
        return f"{super().key}#"

    @property
    def wanted(self) -> str:
        """What its values have to be, for messages."""
        return "whole number from 0 upwards"

    def refuses(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which finite numbers are no counts."""
        return np.asarray((values < 0) | (values != np.floor(values)), dtype=np.bool_)


@frozen(kw_only=True, cache_hash=True)
class Instant(Measure):
    """A column of times: texts, dates or times, as seconds since 1970-01-01 00:00 UTC.

    Attributes:
        zone: The time zone of times that name none of their own: ``"Europe/Berlin"``. Where
            empty, days of 24 hours without any change of clocks.
        form: The texts' form in strptime's letters; None for year-month-day, with a time of day
            and an offset where they have one.
        twice: What a local time means that happens twice, as clocks are put back: the ``first``
            or the ``second``. To ``refuse`` it makes it an invalid answer, as a time is that
            never happens.
        after: The column of times that it usually follows; empty for none. Simulated answers keep
            to that. It is no part of its identity.
        apart: By how many seconds, roughly. No part of it either.
    """

    zone: str = ""
    form: str | None = None
    twice: Literal["refuse", "first", "second"] = "refuse"
    after: str = field(default="", eq=False)
    apart: float = field(default=86_400.0, eq=False)

    @property
    def key(self) -> str:
        """Canonical text of all that decides how a value is read."""
        return f"{super().key}@{{{self.zone!r},{self.form!r},{self.twice!r}}}"

    @property
    def wanted(self) -> str:
        """What its values have to be, for messages."""
        told = f"time of the form {self.form!r}" if self.form else "time that can be read"
        return f"{told} in {self.zone}" if self.zone else told


def _missing_reason(text: str | None, reasons: tuple[tuple[str, str], ...]) -> str:
    if text is None or not text.strip():
        return "not answered"
    said = text.strip()
    number = _INTEGER.fullmatch(said)
    label = dict(reasons).get(str(int(said.split(".")[0])) if number else said, "")
    if not label or label == said:
        return said
    return f"{said} {label}" if label.startswith("(") else f"{said} ({label})"


@frozen(kw_only=True)
class Declaration:
    """What a study says of one item.

    Attributes:
        scale: Its scale; None to take the one that a metric expects.
        missing: Answers that stand for "not answered", besides the study's; None where nothing
            is said of them.
        label: What the question says.
        place: Where it was declared, for messages.
        broken: Whether the declaration itself is wrong, which has been told already.
    """

    scale: Scale | None = None
    missing: tuple[str, ...] | None = None
    label: Text | None = None
    place: str = ""
    broken: bool = False


@frozen(kw_only=True)
class Codebook:
    """The items and scales a study declares, and how to make the others.

    Attributes:
        declared: What the study says of items, by column name.
        scales: Named scales.
        missing: Texts that mean "not answered" in every item.
        weighted: Whether the responses carry weights. A metric may refuse an option because
            of it.
        identified: Whether a column tells respondents apart, so that one may have several rows.
        described: What the files say of their columns, by name. It serves where the study says
            nothing.
    """

    declared: Mapping[str, Declaration] = field(factory=dict)
    scales: Mapping[str, Scale] = field(factory=dict)
    missing: tuple[str, ...] = ()
    weighted: bool = False
    identified: bool = False
    described: Mapping[str, Variable] = field(factory=dict)

    def scale(self, name: str) -> Scale:
        """A declared scale by its name, or one from its range.

        Raises:
            OptionError: Neither a declared name nor a range.
        """
        if name in self.scales:
            return self.scales[name]
        try:
            return Scale.parse(name)
        except ValueError as error:
            known = f"; declared scales: {listed(self.scales)}" if self.scales else ""
            raise OptionError("scale", f"{error}{known}{near(name, self.scales)}") from None

    def item(self, name: str, scale: str | Scale | None = None) -> Item:
        """The item of a column.

        Args:
            name: The column's name.
            scale: The scale that the metric expects: a range, a declared name or a ``Scale``.
                The study's own declaration of the item wins for wording, missing codes and
                label; its range has to be the same.

        Raises:
            OptionError: No scale is known, or the study declares another range.
        """
        expected = self.scale(scale) if isinstance(scale, str) else scale
        said = self.declared.get(name, Declaration())
        if said.broken:
            raise BrokenItemError("item", f"{name!r} is declared with mistakes in {said.place}")
        own = said.scale or expected
        if own is None:
            raise OptionError(
                "item", f"{name!r} has no scale; declare one: [items.{name}] scale = '1..5'"
            )
        if expected is not None and (own.low, own.high) != (expected.low, expected.high):
            raise OptionError(
                "scale", f"{name!r} is {own} in {said.place}, but {expected} is asked for"
            )
        return Item(
            name=name,
            scale=own,
            missing=self._missing(name),
            label=said.label or self._label(name),
            reasons=self._reasons(name),
        )

    def measure(self, name: str) -> Measure:
        """A column of numbers without a scale.

        Args:
            name: The column's name.
        """
        return Measure(**self._read_as(name))

    def count(self, name: str) -> Count:
        """A column of whole numbers from 0 upwards.

        Args:
            name: The column's name.
        """
        return Count(**self._read_as(name))

    def instant(
        self,
        name: str,
        *,
        zone: str = "",
        form: str | None = None,
        twice: Literal["refuse", "first", "second"] = "refuse",
        after: str = "",
        apart: float = 86_400.0,
    ) -> Instant:
        """A column of times.

        Args:
            name: The column's name.
            zone: As ``Instant``.
            form: As ``Instant``.
            twice: As ``Instant``.
            after: As ``Instant``.
            apart: As ``Instant``.
        """
        return Instant(
            **self._read_as(name), zone=zone, form=form, twice=twice, after=after, apart=apart
        )

    def _read_as(self, name: str) -> dict[str, Any]:
        """What the study and the files say of a column without a scale."""
        said = self.declared.get(name, Declaration())
        return {
            "name": name,
            "missing": self._missing(name),
            "label": said.label or self._label(name),
            "reasons": self._reasons(name),
        }

    def _missing(self, name: str) -> tuple[str, ...]:
        """What stands for "not answered": the study's word, else the file's."""
        said, known = self.declared.get(name), self.described.get(name)
        own = said.missing if said is not None else None
        if own is None:
            own = known.missing if known is not None else ()
        return tuple(dict.fromkeys((*self.missing, *own)))

    def _label(self, name: str) -> Text | None:
        known = self.described.get(name)
        return Text.of(known.label) if known is not None and known.label else None

    def _reasons(self, name: str) -> tuple[tuple[str, str], ...]:
        known = self.described.get(name)
        missing = self._missing(name) if known is not None else ()
        return tuple((one, known.labels[one]) for one in missing if known and one in known.labels)


class BrokenItemError(OptionError):
    """An item whose declaration is wrong. The study has told it; it is not told twice."""
