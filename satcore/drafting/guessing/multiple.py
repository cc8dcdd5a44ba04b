"""Questions with several answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from satcore.drafting import wordings
from satcore.drafting.guesses import MetricGuess, Said, said
from satcore.drafting.guessing.sheet import Sheet
from satcore.drafting.guessing.texts import slug
from satcore.drafting.pairs import compressed, stems

#: Options that a question with several answers may have.
OPTIONS: Final = 100


def declared_sets(sheet: Sheet) -> None:
    """Those that the file itself tells of."""
    for one in sheet.dictionary.sets:
        options = {name: text for name, text in one.options.items() if name in sheet.free}
        if len(options) > 1:
            label = one.label if one.label != one.name else ""
            why = said("set_declared", name=one.name, label=label or one.name)
            _multiple(sheet, slug(one.name, "multiple"), options, why)


def numbered_options(sheet: Sheet) -> None:
    """Numbered columns of 0 and 1."""
    stem_of = stems(list(sheet.profiles))
    groups: dict[str, list[str]] = {}
    for name in sheet.free:
        answers = sheet.answers(name)
        if answers is not None and not answers.codes and answers.low >= 0 and answers.high <= 1:
            groups.setdefault(stem_of[name], []).append(name)
    for stem, names in groups.items():
        columns = [sheet.found[name] for name in names]
        if len(names) < 3 or "#" not in stem or max(one.high for one in columns) < 1:
            continue
        if len(names) > OPTIONS:
            for name in names:
                sheet.leave(name, said("option_many", most=OPTIONS))
            continue
        options = {name: sheet.label(name) for name in names}
        if any(set(options.values()) == {*one.options.values()} for one in sheet.dictionary.sets):
            for name in names:
                sheet.leave(name, said("option_source"))
            continue
        sheet.used.update(zip(names, columns, strict=True))
        # Exports that write only what was chosen leave the other options empty.
        blank = min(one.low for one in columns) == 1
        why = said("set_blank" if blank else "set_guessed", count=len(names))
        more = {"blank": "not chosen"} if blank else {}
        _multiple(sheet, slug(stem, "multiple"), options, why, more)


def _multiple(
    sheet: Sheet,
    name: str,
    options: Mapping[str, str],
    why: Said,
    more: Mapping[str, str] | None = None,
) -> None:
    written: Any = compressed(list(options)) or list(options)
    if any(text and text != column for column, text in options.items()):
        written = {column: text or column for column, text in options.items()}
    sheet.claim(*options)
    reasons = [why]
    exclusive = [
        column
        for column, text in options.items()
        if wordings.EXCLUSIVE.fullmatch(wordings.plain(text))
    ]
    chosen: dict[str, Any] = {"options": written, **(more or {})}
    if exclusive and len(options) - len(exclusive) > 1:
        chosen["exclusive"] = exclusive
        reasons.append(said("set_exclusive"))
    sheet.made.metrics.append(
        MetricGuess(
            name=sheet.named(name),
            kind="multiple",
            options=chosen,
            reasons=tuple(reasons),
            items=tuple(options),
        )
    )
