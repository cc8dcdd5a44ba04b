"""Columns of 0 and 1 for the options of a question that takes several answers.

Files code such a question in four ways: a column for each option, marked or not (0 and 1, Y and
N); a column for each, with the option's text or nothing; a list in one cell; numbered columns
that hold one chosen code each (the dichotomous and categorical sets of SPSS, and Survey Studio's
four codings). All become the same: 1 where the option was chosen, 0 where the question was
answered without it, nothing where it was not answered at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from attrs import frozen

from satcore import Fragment

if TYPE_CHECKING:
    import polars as pl

#: What follows an option's text in a cell: words that the respondent added.
_ADDED: Final = r"〖[^〗]*〗"


@frozen(kw_only=True)
class Option:
    """How the column of one option comes of the columns of a file.

    Attributes:
        name: The column's name: ``"Q5:A"``.
        sources: The question's columns. It was answered where any of them holds anything.
        among: Those of them that may hold the option.
        codes: What they hold where it was chosen, as texts; anything at all where empty.
        unchosen: What a column holds where its option was not chosen. In a row with any of these
            every column has its say, and an empty one was not answered; in a row of marks alone an
            empty one was not chosen.
        separator: What separates the codes in one cell; empty where a cell holds one.
        missing: What stands for "not answered", as texts.
    """

    name: str
    sources: tuple[str, ...]
    among: tuple[str, ...]
    codes: tuple[str, ...] = ()
    unchosen: tuple[str, ...] = ()
    separator: str = ""
    missing: tuple[str, ...] = ()

    def column(self, frame: pl.DataFrame) -> pl.Series:
        """The column, of a frame that has the sources."""
        import polars as pl

        texts = {name: _texts(frame, name) for name in self.sources}
        held = {
            name: text.is_not_null() & (text != "") & ~text.is_in(self.missing)
            for name, text in texts.items()
        }
        chosen = pl.any_horizontal(held[name] & self._chosen(texts[name]) for name in self.among)
        answered = pl.any_horizontal(list(held.values()))
        if self.unchosen:
            said_no = pl.any_horizontal(text.is_in(self.unchosen) for text in texts.values())
            own = pl.any_horizontal(held[name] for name in self.among)
            answered &= own | ~said_no.fill_null(value=False)
        value = pl.when(chosen).then(1).when(answered).then(0).otherwise(None)
        return frame.select(value.cast(pl.Int8).alias(self.name)).to_series()

    def _chosen(self, text: pl.Expr) -> pl.Expr:
        import polars as pl

        if not self.codes:
            return pl.lit(value=True)
        if not self.separator:
            return text.is_in(self.codes)
        tokens = listed_in(text, self.separator)
        return pl.any_horizontal(tokens.list.contains(code) for code in self.codes)


def listed_in(text: pl.Expr, separator: str) -> pl.Expr:
    """The codes of a list in one cell, without what respondents added to an option."""
    import polars as pl

    parts = text.str.replace_all(_ADDED, "").str.split(separator)
    return parts.list.eval(pl.element().str.strip_chars())


def _texts(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A column's values as texts, whole numbers without a point."""
    import polars as pl

    column = pl.col(name)
    if frame.schema[name].is_float():
        whole = column.cast(pl.Int64, strict=False)
        column = (
            pl.when(column == whole)
            .then(whole.cast(pl.String))
            .otherwise(column.fill_nan(None).cast(pl.String))
        )
    return column.cast(pl.String).str.strip_chars()


@frozen(kw_only=True)
class OptionedFile:
    """A fragment with the columns of options beside those of the file.

    Attributes:
        inner: The fragment as the file has it.
        options: What its columns are made into, by the new column's name.
    """

    inner: Fragment
    options: Mapping[str, Option]

    @property
    def id(self) -> str:
        """The fragment's own id."""
        return self.inner.id

    @property
    def rows(self) -> int | None:
        """How many responses it holds, where that is known."""
        return self.inner.rows

    @property
    def path(self) -> str | None:
        """The file that it comes from."""
        return getattr(self.inner, "path", None)

    @property
    def reading(self) -> str:
        """How its bytes become answers."""
        return getattr(self.inner, "reading", "")

    def read(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The named columns, those of options made batch by batch.

        Raises:
            DataError: The file can't be read.
        """
        made = [self.options[name] for name in columns if name in self.options]
        own = [name for name in columns if name not in self.options]
        needed = dict.fromkeys([*own, *(source for one in made for source in one.sources)])
        for frame in self.inner.read(list(needed)):
            yield frame.with_columns(one.column(frame) for one in made).select(columns)
