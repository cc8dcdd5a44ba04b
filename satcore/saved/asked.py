"""What states were counted for: all that changes counts, and nothing that does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

from satcore.planning import WAVE, Keep, Plan, Wave
from satcore.saved.reading import Values


@frozen(kw_only=True)
class Coding:
    """How the answers of one column became codes.

    Attributes:
        scale: The scale; None for a column of numbers without one.
        codes: Wordings and their values, as canonical text.
        missing: Answers that stand for "not answered".
    """

    scale: str | None
    codes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@frozen(kw_only=True)
class Asked:
    """What states were counted for, besides the statistics and grouping sets themselves.

    Confidence, labels, the order of waves and what is withheld are no part of it: they change no
    count.

    Attributes:
        weight: The column of weights.
        keep: The rules that responses had to pass, in their order.
        wave: Where waves came from; None where no grouping set has them.
        respondent: The column that tells respondents apart; None where nothing asks for it.
        items: How the answers of each column became codes.
    """

    weight: str | None = None
    keep: tuple[Keep, ...] = ()
    wave: Wave | None = None
    respondent: str | None = None
    items: Mapping[str, tuple[Coding, ...]] = field(factory=dict)

    @classmethod
    def of(cls, plan: Plan) -> Asked:
        """What a plan counts."""
        items: dict[str, set[Coding]] = {}
        for item in plan.items:
            coding = Coding(
                scale=str(item.scale),
                codes=tuple(f"{text!r} = {value}" for text, value in sorted(item.scale.codes)),
                missing=tuple(sorted(item.missing)),
            )
            items.setdefault(item.name, set()).add(coding)
        for measure in plan.measures_read:
            coding = Coding(scale=None, missing=tuple(sorted(measure.missing)))
            items.setdefault(measure.name, set()).add(coding)
        dimensions = plan.dimensions
        return cls(
            weight=dimensions.weight,
            keep=tuple(
                Keep(
                    column=rule.column,
                    is_=None if rule.is_ is None else tuple(sorted(set(rule.is_))),
                    not_=tuple(sorted(set(rule.not_))),
                )
                for rule in dimensions.keep
            ),
            wave=dimensions.wave if any(WAVE in names for names in plan.sets) else None,
            respondent=dimensions.respondent if plan.replicated else None,
            items={name: tuple(sorted(found, key=repr)) for name, found in items.items()},
        )

    def differences(self, other: Asked, *, fewer: bool = False) -> Iterator[str]:
        """What differs, in words: what is here, then what is there.

        Args:
            other: What other states were counted for.
            fewer: Whether this may ask for less than the other: items, waves and respondents.
        """
        if self.weight != other.weight:
            yield f"weights are {_column(self.weight)}, not {_column(other.weight)}"
        if self.keep != other.keep:
            yield f"[[keep]] is {_rules(self.keep)}, not {_rules(other.keep)}"
        if self.wave != other.wave and not (fewer and self.wave is None):
            yield f"waves are {_wave(self.wave)}, not {_wave(other.wave)}"
        if self.respondent != other.respondent and not (fewer and self.respondent is None):
            yield f"respondents are {_column(self.respondent)}, not {_column(other.respondent)}"
        for name, mine in self.items.items():
            theirs = other.items.get(name)
            if theirs is not None and not (set(mine) <= set(theirs) if fewer else mine == theirs):
                yield from _codings(name, mine, theirs)

    def header(self) -> dict[str, Any]:
        """It as JSON."""
        wave = self.wave
        return {
            "weight": self.weight,
            "respondent": self.respondent,
            "keep": [
                {
                    "column": rule.column,
                    "any": rule.is_ is None,
                    "is": list(rule.is_ or ()),
                    "not": list(rule.not_),
                }
                for rule in self.keep
            ],
            "wave": []
            if wave is None
            else [{"column": wave.column, "period": wave.period, "format": wave.form}],
            "items": [
                {
                    "column": name,
                    "scale": one.scale,
                    "codes": list(one.codes),
                    "missing": list(one.missing),
                }
                for name, found in self.items.items()
                for one in found
            ],
        }

    @classmethod
    def read(cls, values: Values) -> Asked:
        """It from JSON.

        Raises:
            DataError: It is not what a state file holds.
        """
        waves = values.inners("wave")
        items: dict[str, list[Coding]] = {}
        for one in values.inners("items"):
            items.setdefault(one.text("column"), []).append(
                Coding(
                    scale=one.optional("scale"),
                    codes=tuple(one.texts("codes")),
                    missing=tuple(one.texts("missing")),
                )
            )
        return cls(
            weight=values.optional("weight"),
            respondent=values.optional("respondent"),
            keep=tuple(
                Keep(
                    column=one.text("column"),
                    is_=None if one.truth("any") else tuple(one.texts("is")),
                    not_=tuple(one.texts("not")),
                )
                for one in values.inners("keep")
            ),
            wave=None if not waves else _read_wave(waves[0]),
            items={name: tuple(found) for name, found in items.items()},
        )


def _read_wave(values: Values) -> Wave:
    period = values.optional("period")
    # A period that no satcore knows differs from every plan's, and is told so.
    return Wave(column=values.text("column"), period=period, form=values.optional("format"))  # type: ignore[arg-type]


def _column(name: str | None) -> str:
    return "none" if name is None else f"column {name!r}"


def _rules(rules: tuple[Keep, ...]) -> str:
    return " and ".join(f"{rule.column} {rule.rule}" for rule in rules) or "not given"


def _wave(wave: Wave | None) -> str:
    if wave is None:
        return "none"
    if wave.period is None:
        return f"column {wave.column!r}"
    form = "" if wave.form is None else f", read as {wave.form!r}"
    return f"each {wave.period} of column {wave.column!r}{form}"


_PARTS: tuple[tuple[str, Callable[[Coding], object]], ...] = (
    ("scale", lambda one: one.scale or "none"),
    ("wordings", lambda one: ", ".join(one.codes) or "none"),
    ("missing answers", lambda one: ", ".join(map(repr, one.missing)) or "none"),
)


def _codings(name: str, mine: tuple[Coding, ...], theirs: tuple[Coding, ...]) -> Iterator[str]:
    if len(mine) != 1 or len(theirs) != 1:
        yield f"column {name!r} is read in other ways"
        return
    for what, part in _PARTS:
        here, there = part(mine[0]), part(theirs[0])
        if here != there:
            yield f"column {name!r}: {what} {here}, not {there}"
