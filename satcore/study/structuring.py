"""Plain values from TOML become attrs objects, strictly: 3.7 is no int, "region" is no list."""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Mapping as AbstractMapping
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

import attrs

from satcore.codebook import Text, as_text
from satcore.errors import OptionError, listed, near
from satcore.study.tables import AnswerText, KeepTable

if TYPE_CHECKING:
    from cattrs import Converter


def structured(value: Any, kind: Any) -> tuple[Any, list[tuple[str, str]]]:
    """A value as a type: an attrs class, a scalar, a list or table of them.

    Returns:
        The object, and what is wrong as pairs of place and message; the object is None where
        anything is.
    """
    try:
        return _converter().structure(value, kind), []
    except Exception as error:  # noqa: BLE001 - a third party's validators may raise anything
        return None, list(_told(error, ""))


def said(value: object) -> str:
    """A value with its TOML type, for messages."""
    match value:
        case bool():
            return f"{str(value).lower()} (a boolean)"
        case str():
            return f"{value!r} (a text)"
        case int() | float():
            return f"{value!r} (a number)"
        case list() | tuple():
            return "a list"
        case AbstractMapping():
            return "a table"
        case dt.datetime() | dt.date() | dt.time():
            return f"{value} (a date or time; put it in quotes for a text)"
        case None:
            return "nothing"
    return repr(value)


def _scalar(kind: type, wanted: str, *accepted: type) -> Callable[[Any, Any], Any]:
    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, accepted) or (isinstance(value, bool) and bool not in accepted):
            raise ValueError(f"{wanted} is wanted, not {said(value)}")
        return kind(value)

    return structure


def _text(value: Any, _: Any) -> Text:
    if isinstance(value, Text | str):
        return Text.of(value)
    found = said(value)
    if isinstance(value, Mapping):
        wrong = [f"{name} = {said(one)}" for name, one in value.items() if not isinstance(one, str)]
        if value and not wrong:
            return Text.of(value)
        found = f"one with {listed(wrong)}" if wrong else "an empty one"
    raise ValueError(f'a text or a table as {{ en = "…", zh = "…" }} is wanted, not {found}')


def _answer(value: Any, _: Any) -> str:
    if isinstance(value, str | int | float | bool):
        return as_text(value) or ""
    raise ValueError(f"a text or a number is wanted, not {said(value)}")


@cache
def _converter() -> Converter:
    """The converter. It is built once and never changed."""
    from cattrs import Converter
    from cattrs.gen import make_dict_structure_fn, override

    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook(int, _scalar(int, "a whole number", int))
    converter.register_structure_hook(float, _scalar(float, "a number", int, float))
    converter.register_structure_hook(bool, _scalar(bool, "true or false", bool))
    converter.register_structure_hook(str, _scalar(str, "a text", str))
    converter.register_structure_hook(Text, _text)
    converter.register_structure_hook_func(lambda kind: kind is AnswerText, _answer)
    converter.register_structure_hook_func(_is_literal, _literal)
    converter.register_structure_hook_func(_is_row, lambda v, kind: _row(converter, v, kind))
    converter.register_structure_hook_func(_is_table, lambda v, kind: _table(converter, v, kind))
    converter.register_structure_hook_func(_is_union, lambda v, kind: _union(converter, v, kind))

    def of_class(kind: Any) -> Callable[[Any, Any], Any]:
        names = {"is_": override(rename="is"), "not_": override(rename="not")}
        overrides = names if kind is KeepTable else {}
        plain = make_dict_structure_fn(
            kind,
            converter,
            _cattrs_forbid_extra_keys=True,
            **overrides,  # type: ignore[arg-type]
        )

        def structure(value: Any, cls: Any) -> Any:
            if not isinstance(value, Mapping):
                raise ValueError(f"a table is wanted, not {said(value)}")
            return plain(value, cls)

        return structure

    converter.register_structure_hook_factory(
        lambda kind: attrs.has(kind) and kind is not Text, of_class
    )
    return converter


def _is_literal(kind: Any) -> bool:
    return get_origin(kind) is Literal


def _literal(value: Any, kind: Any) -> Any:
    choices = get_args(kind)
    if value in choices and type(value) in {type(choice) for choice in choices}:
        return value
    hint = near(value, choices) if isinstance(value, str) else ""
    raise ValueError(f"{said(value)} is none of {listed(map(repr, choices))}{hint}")


def _is_row(kind: Any) -> bool:
    return get_origin(kind) in (tuple, list)


def _row(converter: Converter, value: Any, kind: Any) -> Any:
    from cattrs.errors import IterableValidationError, IterableValidationNote

    types_of = get_args(kind)
    if not isinstance(value, list | tuple):
        example = _example(value, types_of[0])
        raise ValueError(f"a list is wanted{example}, not {said(value)}")
    if types_of[-1] is Ellipsis or get_origin(kind) is list:
        types_of = (types_of[0],) * len(value)
    if len(types_of) != len(value):
        raise ValueError(f"{len(types_of)} entries are wanted, not {len(value)}")
    made, errors = [], []
    for number, (one, one_kind) in enumerate(zip(value, types_of, strict=True)):
        try:
            made.append(converter.structure(one, one_kind))
        except Exception as error:  # noqa: BLE001 - collected, told with the others
            note = IterableValidationNote(f"entry {number + 1}", number, one_kind)
            error.__notes__ = [*getattr(error, "__notes__", ()), note]
            errors.append(error)
    if errors:
        raise IterableValidationError("entries", errors, kind)
    return get_origin(kind)(made)


def _example(value: Any, kind: Any) -> str:
    """How a list with a value that was written without brackets would look."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    written = f'"{value}"' if isinstance(value, str) or kind is str else str(value)
    return f", as [{written}]"


def _is_table(kind: Any) -> bool:
    return get_origin(kind) in (dict, AbstractMapping)


def _table(converter: Converter, value: Any, kind: Any) -> dict[Any, Any]:
    from cattrs.errors import IterableValidationError, IterableValidationNote

    if not isinstance(value, Mapping):
        raise ValueError(f"a table is wanted, as {{ name = … }}, not {said(value)}")
    key_kind, value_kind = get_args(kind)
    made, errors = {}, []
    for key, one in value.items():
        try:
            key_made = _whole(key) if key_kind is int else converter.structure(key, key_kind)
            made[key_made] = converter.structure(one, value_kind)
        except Exception as error:  # noqa: BLE001 - collected, told with the others
            note = IterableValidationNote(str(key), str(key), value_kind)
            error.__notes__ = [*getattr(error, "__notes__", ()), note]
            errors.append(error)
    if errors:
        raise IterableValidationError("entries", errors, kind)
    return made


def _whole(key: str) -> int:
    """TOML's keys are texts; a table may be keyed by whole numbers all the same."""
    try:
        return int(key)
    except ValueError:
        raise ValueError(f"its name has to be a whole number, not {key!r}") from None


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType)


def _union(converter: Converter, value: Any, kind: Any) -> Any:
    """The choice that fits how the value is written: a text, a number, a list or a table."""
    choices = [one for one in get_args(kind) if one is not type(None)]
    if value is None and len(choices) < len(get_args(kind)):
        return None
    fitting = [one for one in choices if _fits(value, one)]
    if not fitting and len(choices) > 1:
        raise ValueError(f"{' or '.join(map(_called, choices))} is wanted, not {said(value)}")
    return converter.structure(value, (fitting or choices)[0])


def _called(kind: Any) -> str:
    """A type as a study's author would call its values."""
    if _is_literal(kind):
        return " or ".join(map(repr, get_args(kind)))
    if _is_row(kind):
        return "a list"
    if _is_table(kind) or (attrs.has(kind) and kind is not Text):
        return "a table"
    names = {str: "a text", Text: "a text", int: "a whole number", float: "a number"}
    return names.get(kind, "true or false" if kind is bool else getattr(kind, "__name__", "one"))


def _fits(value: Any, kind: Any) -> bool:
    if isinstance(value, Mapping):
        return attrs.has(kind) or _is_table(kind)
    if isinstance(value, list | tuple):
        return _is_row(kind)
    if _is_literal(kind):
        return value in get_args(kind)
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return kind is Text or (isinstance(kind, type) and type(value) is kind)


def _told(error: BaseException, place: str) -> Iterator[tuple[str, str]]:
    """What is wrong, leaf by leaf, with the places that cattrs notes on the way."""
    from cattrs.errors import (
        AttributeValidationNote,
        BaseValidationError,
        ForbiddenExtraKeysError,
        IterableValidationNote,
    )

    if isinstance(error, BaseValidationError):
        for inner in error.exceptions:
            where = place
            for note in reversed(getattr(inner, "__notes__", [])):
                if isinstance(note, AttributeValidationNote):
                    where = _joined(where, note.name.rstrip("_"))
                elif isinstance(note, IterableValidationNote):
                    index = note.index
                    entry = index if isinstance(index, str) else f" entry {index + 1}"
                    where = _joined(where, entry)
            yield from _told(inner, where)
    elif isinstance(error, ForbiddenExtraKeysError):
        known = [one.name.rstrip("_") for one in attrs.fields(error.cl) if one.init]
        for name in sorted(error.extra_fields):
            message = f"no such option; there are {listed(known, most=30)}{near(name, known)}"
            yield _joined(place, name), message
    elif isinstance(error, OptionError):
        yield _joined(place, error.option), error.message
    elif isinstance(error, KeyError) and error.args and place.endswith(str(error.args[0])):
        yield place, f"is wanted and not there; add {error.args[0]} = …"
    elif isinstance(error, ValueError | TypeError) and error.args:
        # Validators of attrs put the field and the value behind their message.
        yield place, str(error.args[0])
    else:
        yield place, f"{type(error).__name__}: {error}".removesuffix(": ")


def _joined(place: str, name: str) -> str:
    if not place or not name:
        return place or name
    return f"{place}{name}" if name.startswith(" ") else f"{place}.{name}"
