"""What a layout tells of a table, and which questions take several answers.

Whether a column is an option of a question is nothing that headers tell: a matrix of ratings
looks the same. The answers tell, all of them: a layout names candidates, and one pass over their
columns decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from attrs import define, field, frozen

from satcore import Fragment, ResponseSet, Variable
from satcore_files.options import Option, listed_in

#: Different answers that a column of options may have; one with more holds free text.
_MOST: Final = 300


@frozen(kw_only=True)
class Head:
    """The beginning of a table.

    Attributes:
        path: Where the table is.
        rows: Its first records as cells, the header among them; some may be broken off.
    """

    path: str
    rows: tuple[tuple[str, ...], ...]

    @property
    def header(self) -> tuple[str, ...]:
        """The first record."""
        return self.rows[0]


@frozen(kw_only=True)
class Candidate:
    """Columns that are a question with several answers, where their answers say so.

    Attributes:
        name: What the question is called.
        label: What it says.
        options: The options' texts by column; the column itself where a cell holds a list.
        chosen: What a column holds where its option was chosen, besides the option's text.
        unchosen: What it holds where not.
        separator: What separates the options in one cell; empty where each has a column.
        ids: A column of which each cell lists as many ids as options were chosen, separated by
            a comma; it tells a list from a text with the separator in it.
        missing: What stands for "not answered".
    """

    name: str
    label: str = ""
    options: Mapping[str, str]
    chosen: tuple[str, ...] = ()
    unchosen: tuple[str, ...] = ()
    separator: str = ""
    ids: str = ""
    missing: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns whose answers decide."""
        return (*self.options, *([self.ids] if self.ids else ()))


@frozen(kw_only=True)
class Layout:
    """What a table is.

    Attributes:
        name: The program that wrote it; empty for a plain table.
        columns: What its columns are called, in their order; the empty text for one to leave out.
        header: How many records at the beginning are no answers.
        variables: What is known of columns.
        tests: Responses that are none, by column and values.
        candidates: Questions that may take several answers.
        options: Columns of options that are known without a look at the answers, ...
        sets: ... and the questions that they belong to.
        weight: The column of weights.
        remarks: What a reader of the results should know.
    """

    name: str = ""
    columns: tuple[str, ...]
    header: int = 1
    variables: Mapping[str, Variable] = field(factory=dict)
    tests: Mapping[str, tuple[str, ...]] = field(factory=dict)
    candidates: tuple[Candidate, ...] = ()
    options: tuple[Option, ...] = ()
    sets: tuple[ResponseSet, ...] = ()
    weight: str | None = None
    remarks: tuple[str, ...] = ()


def resolved(
    candidates: Iterable[Candidate], fragment: Fragment
) -> tuple[tuple[Option, ...], tuple[ResponseSet, ...]]:
    """The questions with several answers that there are, as all answers of a fragment tell.

    Raises:
        DataError: The fragment can't be read.
    """
    looks = [_Look(candidate) for candidate in candidates]
    columns = list(dict.fromkeys(name for look in looks for name in look.candidate.columns))
    if not columns:
        return (), ()
    for frame in fragment.read(columns):
        for look in looks:
            look.see(frame)
    found = [(look.candidate, options) for look in looks if (options := look.options())]
    return (
        tuple(option for _, options in found for option, _ in options),
        tuple(
            ResponseSet(
                name=candidate.name,
                label=candidate.label,
                options={option.name: text for option, text in options},
            )
            for candidate, options in found
        ),
    )


@define
class _Look:
    """What was seen of a candidate's answers so far."""

    candidate: Candidate
    seen: dict[str, set[str]] = field(factory=dict)
    several: bool = False
    fits: bool = True

    def see(self, frame: object) -> None:
        import polars as pl

        assert isinstance(frame, pl.DataFrame)  # noqa: S101 - for the type's sake
        if not self.fits:
            return
        one, blank = self.candidate, ("", *self.candidate.missing)
        for name in one.options:
            text = pl.col(name).str.strip_chars()
            answers = frame.filter(text.is_not_null() & ~text.is_in(blank))
            if one.separator:
                tokens = listed_in(text, one.separator)
                if one.ids:
                    ids = pl.col(one.ids).str.strip_chars().str.split(", ")
                    agree = answers.select((tokens.list.len() == ids.list.len()).all()).item()
                    self.fits = self.fits and agree is not False
                texts = answers.select(tokens.alias(name)).to_series()
                self.several = self.several or bool((texts.list.len() > 1).any())
                found = texts.explode().drop_nulls().unique()
            else:
                found = answers.select(text).to_series().unique()
            known = self.seen.setdefault(name, set())
            known.update(value for value in found.head(_MOST + 1).to_list() if value)
            if len(known) > _MOST and one.separator:
                self.fits = False

    def options(self) -> list[tuple[Option, str]]:
        """The option columns with their texts; none where this is no such question."""
        one = self.candidate
        if not self.fits:
            return []
        if one.separator:
            return self._listed() if self.several else []
        marked = {name: self._marked(name, text) for name, text in one.options.items()}
        evident = [name for name, codes in marked.items() if codes]
        # All columns are marks, but for one that may hold other answers in words.
        others = [name for name in one.options if marked[name] is None]
        if not evident or len(others) > 1:
            return []
        return [(self._option(name, codes), one.options[name]) for name, codes in marked.items()]

    def _option(self, name: str, codes: tuple[str, ...] | None) -> Option:
        one = self.candidate
        text = one.options[name]
        alike = sum(other == text for other in one.options.values()) > 1
        made = f"{one.name}:{name if alike else text}"
        return Option(
            name=f"{one.name}::{text}" if made in one.options else made,
            sources=tuple(one.options),
            among=(name,),
            codes=() if codes is None else codes or (text, *one.chosen),
            unchosen=() if codes is None else one.unchosen,
            missing=one.missing,
        )

    def _marked(self, name: str, text: str) -> tuple[str, ...] | None:
        """What marks the option as chosen; nothing where nobody chose it, None for free text."""
        one, seen = self.candidate, self.seen.get(name, set())
        marks = {text, *one.chosen}
        if not seen <= marks | set(one.unchosen):
            return None
        return tuple(sorted(marks)) if seen & marks else ()

    def _listed(self) -> list[tuple[Option, str]]:
        one = self.candidate
        [column] = one.options
        return [
            (
                Option(
                    name=f"{one.name}:{token}",
                    sources=(column,),
                    among=(column,),
                    codes=(token,),
                    separator=one.separator,
                    missing=one.missing,
                ),
                token,
            )
            for token in sorted(self.seen[column])
        ]
