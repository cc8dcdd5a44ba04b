"""The laws of what an author declares: options, texts, names."""

from __future__ import annotations

import inspect
import json
import tomllib
from collections.abc import Mapping
from typing import Any

import attrs

from satcore.codebook import Text
from satcore.metrics import Metric
from satcore.statistics import Statistic
from satcore.study import structured
from satcore.testing.checks import LawError, NotApplicable

#: Keys of a metric's table in a study file that are no options.
RESERVED = ("metric", "by", "title")


def docstring(kind: type) -> None:
    """A docstring of its own, that says what is measured."""
    said = inspect.cleandoc(kind.__doc__ or "")
    inherited = any(kind.__doc__ == base.__doc__ for base in kind.__mro__[1:])
    # attrs gives classes without one none, dataclasses their signature.
    if not said or inherited or said.startswith(f"{kind.__name__}("):
        raise LawError(
            expected=f"a docstring of {kind.__name__} that says what it is", came=said or "none"
        )


def frozen(thing: Metric | Statistic) -> None:
    """A frozen attrs class; a metric's options are given by keyword."""
    kind = type(thing)
    if not attrs.has(kind):
        raise LawError(expected=f"an attrs class: @attrs.frozen above {kind.__name__}", came="none")
    options = [one for one in fields_of(kind) if one.init]
    if isinstance(thing, Metric) and any(not one.kw_only for one in options):
        named = [one.name for one in options if not one.kw_only]
        raise LawError(
            expected="options by keyword alone: @attrs.frozen(kw_only=True)",
            came=f"{', '.join(named)} by place",
        )
    for one in options:
        try:
            setattr(thing, one.name, getattr(thing, one.name))
        except attrs.exceptions.FrozenError:
            continue
        raise LawError(expected="options that can't be changed", came=f"{one.name} can be")


def option_names(metric: Metric) -> None:
    """No option is called as the study file's own keys."""
    taken = [name for name in _options(metric) if name in RESERVED]
    if taken:
        raise LawError(
            expected=f"options that are not called {' or '.join(RESERVED)}: a study file has those",
            came=", ".join(taken),
        )


def _options(metric: Metric) -> dict[str, Any]:
    """The options as given, by the names under which a study file gives them."""
    fields = fields_of(type(metric))
    return {one.alias or one.name: getattr(metric, one.name) for one in fields if one.init}


def fields_of(kind: Any) -> tuple[attrs.Attribute[Any], ...]:
    """The fields of an attrs class."""
    return tuple(attrs.fields(kind))


def plain(value: object) -> Any:
    """A value as a study file or JSON would hold it."""
    if isinstance(value, Text):
        texts = dict(value.by_language)
        return texts[""] if list(texts) == [""] else texts
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items() if one is not None}
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    if attrs.has(type(value)):
        return {
            one.alias or one.name: plain(getattr(value, one.name))
            for one in fields_of(type(value))
            if one.init and getattr(value, one.name) is not None
        }
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise LawError(
        expected="options of texts, numbers, lists and tables, as a study file has them",
        came=f"{value!r}, a {type(value).__name__}",
    )


def _toml(value: Any) -> str:
    """A plain value as TOML."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_quoted(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        return _quoted(value)
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def options_round_trip(metric: Metric) -> None:
    """Written as TOML or JSON and read again, the options make an equal metric."""
    options = {name: plain(value) for name, value in _options(metric).items() if value is not None}
    if not options:
        raise NotApplicable("it has no options")
    written = "\n".join(f"{_quoted(name)} = {_toml(value)}" for name, value in options.items())
    ways = {"TOML": tomllib.loads(written), "JSON": json.loads(json.dumps(options))}
    for way, table in ways.items():
        made, problems = structured(table, type(metric))
        if problems:
            told = "; ".join(f"{option}: {message}" for option, message in problems)
            raise LawError(expected=f"options that can be read from {way}", came=told)
        again = _options(made)
        for name, value in _options(metric).items():
            same = again[name] == value or (again[name] != again[name] and value != value)
            if not same:
                raise LawError(
                    expected=f"{name} = {value!r}", came=f"from {way}: {name} = {again[name]!r}"
                )


def unknown_options(metric: Metric) -> None:
    """An option that there is not is refused."""
    options = {name: plain(value) for name, value in _options(metric).items() if value is not None}
    made, problems = structured({**options, "no_such_option": 1}, type(metric))
    if not problems:
        raise LawError(expected="no_such_option = 1 refused", came=f"{made!r}")
