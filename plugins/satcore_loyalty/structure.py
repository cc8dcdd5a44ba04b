"""A path model from a study's options: constructs, their items' columns, paths between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from satcore import OptionError, columns_of, listed, near
from satcore_loyalty.models import MODELS

#: What the names of constructs can't hold: results write paths and items with it.
RESERVED: Final = ("->", ".", " / ")


@frozen(kw_only=True)
class Structure:
    """A path model without circles.

    Attributes:
        constructs: The constructs, in the study's order.
        columns: The columns of each construct's items, all constructs one after the other.
        owner: The place of each column's construct.
        paths: Pairs of places: from a construct to one that it leads to.
    """

    constructs: tuple[str, ...]
    columns: tuple[str, ...]
    owner: tuple[int, ...]
    paths: tuple[tuple[int, int], ...]

    @property
    def membership(self) -> NDArray[np.bool_]:
        """Which items belong to which construct: (items, constructs)."""
        return np.asarray(np.array(self.owner)[:, None] == np.arange(len(self.constructs)))

    @property
    def arrows(self) -> NDArray[np.bool_]:
        """Which constructs lead to which: (from, to)."""
        found = np.zeros((len(self.constructs),) * 2, dtype=np.bool_)
        for one, other in self.paths:
            found[one, other] = True
        return found

    @property
    def levels(self) -> tuple[int, ...]:
        """How many arrows lead to each construct at most, one after the other."""
        level = [0] * len(self.constructs)
        for _ in self.constructs:
            for one, other in self.paths:
                level[other] = max(level[other], level[one] + 1)
        return tuple(level)

    @property
    def explained(self) -> tuple[int, ...]:
        """The constructs that others lead to."""
        return tuple(sorted({other for _, other in self.paths}))

    @property
    def effects(self) -> tuple[tuple[int, int], ...]:
        """Pairs of constructs of which the first leads to the second, directly or by others."""
        reach = self.arrows
        for _ in self.constructs:
            reach = reach | (reach @ reach)
        return tuple((int(one), int(other)) for one, other in np.argwhere(reach))

    def path_name(self, one: int, other: int) -> str:
        """A path as results name it."""
        return f"{self.constructs[one]} -> {self.constructs[other]}"

    def item_name(self, place: int) -> str:
        """An item of a construct as results name it."""
        return f"{self.constructs[self.owner[place]]}.{self.columns[place]}"

    def items_of(self, construct: int) -> tuple[int, ...]:
        """The places of a construct's items."""
        return tuple(place for place, owner in enumerate(self.owner) if owner == construct)


def structure(
    model: str | None,
    constructs: Mapping[str, str | tuple[str, ...]] | None,
    paths: tuple[str, ...] | None,
) -> Structure:
    """The path model that the options describe.

    Args:
        model: The name of a model of ``MODELS``.
        constructs: Columns by construct: a pattern as ``"IMAG{1..5}"``, a column, or a list.
        paths: ``"A -> B"`` or ``"A -> B, C"``.

    Raises:
        OptionError: Neither a model nor paths, or both; constructs or items that are not there,
            stand twice or lead nowhere; paths that make a circle.
    """
    if model is not None and model not in MODELS:
        raise OptionError("model", f"{model!r} is none of {listed(MODELS)}{near(model, MODELS)}")
    if model is not None and paths is not None:
        raise OptionError("paths", f"the model {model!r} has its own; give one of the two")
    if model is None and (paths is None or constructs is None):
        raise OptionError(
            "model",
            f"name one ({listed(MODELS)}), or give constructs and paths of your own: "
            'constructs = { Quality = "Q{1..4}", … }, paths = ["Quality -> Satisfaction", …]',
        )
    given = dict(constructs or {})
    if model is not None:
        given = _of_model(model, constructs)
    _check_names(given)
    columns = {name: _columns(name, of) for name, of in given.items()}
    _check_columns(columns)
    names = tuple(given)
    pairs = (
        tuple(_named_paths(model)) if model is not None else tuple(_own_paths(paths or (), names))
    )
    place = {name: number for number, name in enumerate(names)}
    made = Structure(
        constructs=names,
        columns=tuple(column for of in columns.values() for column in of),
        owner=tuple(place[name] for name, of in columns.items() for _ in of),
        paths=tuple((place[one], place[other]) for one, other in pairs),
    )
    _check_paths(made)
    return made


def _of_model(
    model: str, constructs: Mapping[str, str | tuple[str, ...]] | None
) -> dict[str, str | tuple[str, ...]]:
    """The columns of a named model's constructs, in the model's order."""
    named = MODELS[model]
    if constructs is None:
        if not named.columns:
            raise OptionError(
                "constructs",
                f"name the columns of each construct of {model}: {listed(named.constructs)}, "
                'as constructs = { Quality = "Q{1..3}", … }',
            )
        return dict(named.columns)
    unknown = [name for name in constructs if name not in named.constructs]
    if unknown:
        raise OptionError(
            "constructs",
            f"{unknown[0]!r} is no construct of {model}; there are "
            f"{listed(named.constructs)}{near(unknown[0], named.constructs)}",
        )
    absent = [name for name in named.constructs if name not in constructs]
    if absent:
        raise OptionError(
            "constructs",
            f"{listed(absent)} of {model} has no columns; a model without it is one of your own: "
            "leave out model, and give paths",
        )
    return {name: constructs[name] for name in named.constructs}


def _check_names(names: Iterable[str]) -> None:
    for name in names:
        odd = next((part for part in RESERVED if part in name), None)
        if not name.strip() or odd is not None:
            raise OptionError(
                "constructs", f"{name!r} can't be a name: it is empty or holds {odd or 'nothing'!r}"
            )


def _columns(name: str, given: str | tuple[str, ...]) -> tuple[str, ...]:
    """The columns of one construct."""
    if not given:
        raise OptionError("constructs", f"{name!r} has no items")
    return columns_of("constructs", given)


def _check_columns(columns: Mapping[str, tuple[str, ...]]) -> None:
    owner: dict[str, str] = {}
    for name, of in columns.items():
        for column in of:
            if column in owner:
                raise OptionError(
                    "constructs", f"the column {column!r} of {name!r} is in {owner[column]!r} too"
                )
            owner[column] = name


def _named_paths(model: str) -> Iterable[tuple[str, str]]:
    for one, others in MODELS[model].paths.items():
        for other in others:
            yield one, other


def _own_paths(paths: Iterable[str], names: tuple[str, ...]) -> Iterable[tuple[str, str]]:
    for text in paths:
        parts = text.split("->")
        if len(parts) != 2:
            raise OptionError("paths", f"{text!r} is no path; write 'A -> B' or 'A -> B, C'")
        for other in parts[1].split(","):
            pair = parts[0].strip(), other.strip()
            for end in pair:
                if end not in names:
                    raise OptionError(
                        "paths",
                        f"{text!r}: {end!r} is no construct; there are "
                        f"{listed(names)}{near(end, names)}",
                    )
            yield pair


def _check_paths(made: Structure) -> None:
    twice = [pair for pair in made.paths if made.paths.count(pair) > 1]
    if twice:
        raise OptionError("paths", f"{made.path_name(*twice[0])!r} stands there twice")
    circle = _circle(made)
    if circle:
        told = " -> ".join(made.constructs[place] for place in circle)
        raise OptionError(
            "paths", f"they make a circle, which can't be estimated: {told}; take one path out"
        )
    linked = {place for pair in made.paths for place in pair}
    alone = [name for place, name in enumerate(made.constructs) if place not in linked]
    if alone:
        raise OptionError("paths", f"no path leads to or from {listed(map(repr, alone))}")


def _circle(made: Structure) -> list[int]:
    """The constructs of a circle, the first again at its end; empty where there is none."""
    after: dict[int, list[Any]] = {place: [] for place in range(len(made.constructs))}
    for one, other in made.paths:
        after[one].append(other)

    def walk(trail: list[int], done: set[int]) -> list[int]:
        for other in after[trail[-1]]:
            if other in trail:
                return [*trail[trail.index(other) :], other]
            if other not in done:
                found = walk([*trail, other], done)
                if found:
                    return found
        done.add(trail[-1])
        return []

    done: set[int] = set()
    for place in after:
        if place not in done:
            found = walk([place], done)
            if found:
                return found
    return []
