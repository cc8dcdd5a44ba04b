"""What a study says of touchpoints, and the items that follow from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from attrs import field, frozen

from satcore import Codebook, Derived, Item, Mean, OptionError, Scale, Text

#: What numbers of the whole journey are called.
OVERALL: Final = "overall"

#: What stands between a touchpoint and one of its channels.
AT: Final = "@"

#: The number of the first of a column's names.
FIRST: Final = Scale.of_names([["first"]]).low

#: Items that can be counted exactly.
Exact: TypeAlias = "Item | Derived"

#: One or several columns, or values of a column.
Names: TypeAlias = str | tuple[str, ...]


@frozen(kw_only=True)
class Touchpoint:
    """A touchpoint, where more is to be said of it than its item.

    Attributes:
        items: The column of its rating, or several, whose mean over those answered is its rating.
        channels: The column or columns of its rating by channel, in place of ``items``; its rating
            is the mean over the channels that a respondent rated.
        values: Long data: the value or values of the touchpoint column; its name where left out.
        effort: The column that says how much effort it took.
        emotion: The column that says how people felt.
        target: The rating that it should reach, where that differs from the journey's.
        label: What to call it, for people.
    """

    items: Names | None = None
    channels: Mapping[str, Names] = field(factory=dict)
    values: Names | None = None
    effort: str | None = None
    emotion: str | None = None
    target: float | None = None
    label: Text | None = None


#: Touchpoints as options give them: names, or what each is by name.
Touchpoints: TypeAlias = "tuple[str, ...] | Mapping[str, str | tuple[str, ...] | Touchpoint]"


def listed_names(names: Names | None) -> tuple[str, ...]:
    """One or several names as several."""
    if names is None:
        return ()
    return (names,) if isinstance(names, str) else tuple(names)


def touchpoints_of(given: Touchpoints, *, long: bool) -> dict[str, Touchpoint]:
    """The touchpoints by name, in their order.

    Args:
        given: As the option gives them.
        long: Whether names stand for values of a column, and not for columns.

    Raises:
        OptionError: No touchpoint, one twice, or a name that can't stand.
    """
    found: dict[str, Touchpoint] = {}
    if isinstance(given, Mapping):
        for name, said in given.items():
            if isinstance(said, Touchpoint):
                found[name] = said
            else:
                found[name] = Touchpoint(values=said) if long else Touchpoint(items=said)
    else:
        for name in given:
            if name in found:
                raise OptionError("touchpoints", f"{name!r} stands there twice")
            found[name] = Touchpoint(values=name) if long else Touchpoint(items=name)
    if not found:
        raise OptionError("touchpoints", "there is none; write a table, as { search = 'T1' }")
    for name in found:
        if name == OVERALL or AT in name:
            raise OptionError(
                "touchpoints",
                f"{name!r} can't be a touchpoint's name: {OVERALL!r} is the whole journey, and "
                f"{AT!r} stands before a channel",
            )
    return found


@frozen(kw_only=True)
class Stop:
    """A touchpoint's items.

    Attributes:
        name: The touchpoint.
        rating: Its rating.
        target: What it should reach.
        channels: Its rating by channel; empty without channels.
        effort: How much effort it took.
        emotion: How people felt.
    """

    name: str
    rating: Exact
    target: float
    channels: Mapping[str, Exact]
    effort: Exact | None = None
    emotion: Exact | None = None

    @property
    def felt(self) -> Iterator[tuple[str, Exact]]:
        """What else was asked, by term."""
        for term, item in (("effort", self.effort), ("emotion", self.emotion)):
            if item is not None:
                yield term, item


def rating_of(codebook: Codebook, names: Sequence[str], scale: str | None, name: str) -> Exact:
    """A rating made of one column or of several.

    Raises:
        OptionError: Columns that do not share a scale.
    """
    items = [codebook.item(one, scale) for one in names]
    same_scale({one.name: one for one in items})
    return items[0] if len(items) == 1 else Mean(tuple(items), at_least=1, name=name)


def same_scale(items: Mapping[str, Exact]) -> tuple[float, float]:
    """The ends of the scale that some ratings share.

    Raises:
        OptionError: They do not share one.
    """
    ends = {
        name: (item.low / item.denominator, item.high / item.denominator)
        for name, item in items.items()
    }
    (first, wanted), *others = ends.items()
    for name, found in others:
        if found != wanted:
            raise OptionError(
                "touchpoints",
                f"{name!r} is rated {found[0]:g}..{found[1]:g} and {first!r} "
                f"{wanted[0]:g}..{wanted[1]:g}: a journey is drawn on one scale",
            )
    if wanted[0] == wanted[1]:
        raise OptionError("scale", f"{first!r} has one value: nothing can be better or worse")
    return wanted


def coded(codebook: Codebook, column: str, option: str, values: Sequence[Sequence[str]]) -> Item:
    """A column of names as an item: ``FIRST`` for the first, and so on.

    Args:
        codebook: The codebook.
        column: The column.
        option: The option that lists its values, for messages.
        values: The values that each number stands for.

    Raises:
        OptionError: A value twice, or a scale that the study declares besides.
    """
    wordings = [one for some in values for one in some]
    twice = sorted({one for one in wordings if wordings.count(one) > 1})
    if twice:
        raise OptionError(option, f"the value {twice[0]!r} of {column!r} stands there twice")
    scale = Scale.of_names(values)
    if column in codebook.declared and codebook.declared[column].scale is not None:
        raise OptionError(
            option, f"{column!r} has a scale in [items]; leave it out: {option} lists its values"
        )
    return codebook.item(column, scale)
