"""``satcore instruments``: the questionnaires there are, and what one of them asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import click
from rich.table import Table
from rich.text import Text

from satcore.cli.listing import json_option
from satcore.cli.options import LANGUAGES, found_plugins, plugin_options
from satcore.cli.output import print_bytes
from satcore.cli.show import console
from satcore.cli.wording import visible
from satcore.hookspecs import InstrumentDimension, InstrumentSpec

#: What is told of a questionnaire, in English and Chinese.
_WORDS: Final = {
    "name": ("name", "名称"),
    "title": ("questionnaire", "量表"),
    "industry": ("for", "行业"),
    "items": ("items", "题项数"),
    "scale": ("scale", "量表分级"),
    "dimensions": ("dimensions", "维度"),
    "source": ("source", "来源"),
    "forms": ("asked of each item", "每题询问"),
    "scoring": ("scored", "计分"),
    "read": ("facts read in", "事实取自"),
    "unread": ("left out", "缺少"),
    "numbers": ("numbers", "题号"),
    "study": ("in a study file", "研究文件写法"),
    "unknown": ("not known", "未知"),
    "labels": ("what items are about", "各题内容（本软件自拟）"),
    "expectation": ("expectation", "期望"),
    "perception": ("perception", "感知"),
    "desired": ("desired level", "理想水平"),
    "adequate": ("adequate level", "适当水平"),
}


@click.command()
@click.argument("name", required=False)
@click.option("--language", "--lang", "language", type=click.Choice(LANGUAGES), default="en",
              show_default=True, help="Language of what is told.")  # fmt: skip
@json_option
@plugin_options
def instruments(name: str | None, language: str, as_json: bool, disable: tuple[str, ...]) -> None:
    """List the questionnaires there are, or tell of one: satcore instruments dineserv.

    They hold facts with their sources - items, scales, dimensions - and not the questions' own
    wording, which belongs to their authors.
    """
    found = found_plugins(disable)
    if name is not None:
        spec = found.instrument(name)
        if as_json:
            _print([_plain(spec)])
        else:
            _tell(spec, language)
        return
    specs = [one for _, one in found.instruments()]
    if as_json:
        _print([_plain(one) for one in specs])
        return
    table = Table()
    for column in ("name", "title", "industry", "items", "scale", "dimensions"):
        table.add_column(_word(column, language), overflow="fold")
    for one in specs:
        cells = (
            one.name,
            one.title.said(language),
            one.industry.said(language),
            str(one.items),
            one.scale or _word("unknown", language),
            ", ".join(_counted(each, language) for each in one.dimensions),
        )
        table.add_row(*(Text(visible(cell)) for cell in cells))
    console().print(table)


def _word(key: str, language: str) -> str:
    return _WORDS[key][LANGUAGES.index(language)]


def _counted(one: InstrumentDimension, language: str) -> str:
    """A dimension with how many items it has."""
    title = one.title.said(language)
    return f"{title} ({len(one.numbers)})" if one.items else title


def _tell(spec: InstrumentSpec, language: str) -> None:
    """One questionnaire, line by line."""
    for line in _lines(spec, language):
        click.echo(visible(line))


def _lines(spec: InstrumentSpec, language: str) -> Iterator[str]:
    def said(key: str, text: str) -> str:
        return f"{_word(key, language)}: {text}"

    yield f"{spec.title.said(language)} ({spec.name})"
    yield said("source", spec.source)
    yield said("industry", spec.industry.said(language))
    yield said("items", str(spec.items))
    yield said("scale", spec.scale or _word("unknown", language))
    forms = (f"{_word(form, language)} ({spec.pattern(form)})" for form in spec.forms)
    yield said("forms", ", ".join(forms))
    yield f"{_word('dimensions', language)}:"
    for one in spec.dimensions:
        numbers = said("numbers", one.items or _word("unknown", language))
        scale = f"; {said('scale', one.scale)}" if one.scale else ""
        yield f"  {one.name}: {_counted(one, language)}; {numbers}{scale}"
    for key in ("scoring", "unread"):
        text = getattr(spec, key).said(language)
        if text:
            yield said(key, text)
    if spec.read:
        yield said("read", spec.read)
    if spec.labels:
        yield f"{_word('labels', language)}:"
        for number, label in spec.labels.items():
            yield f"  {number} {label.said(language)}"
    yield f"{_word('study', language)}:"
    yield "  [metrics.quality]"
    yield f'  instrument = "{spec.name}"'


def _plain(spec: InstrumentSpec) -> dict[str, Any]:
    return {
        "name": spec.name,
        "title": dict(spec.title.by_language),
        "source": spec.source,
        "industry": dict(spec.industry.by_language),
        "items": spec.items,
        "scale": spec.scale or None,
        "forms": {form: spec.pattern(form) for form in spec.forms},
        "dimensions": [
            {
                "name": one.name,
                "title": dict(one.title.by_language),
                "items": list(one.numbers) if one.items else None,
                "scale": one.scale or None,
            }
            for one in spec.dimensions
        ],
        "scoring": dict(spec.scoring.by_language),
        "read": spec.read,
        "unread": dict(spec.unread.by_language),
        "labels": {number: dict(text.by_language) for number, text in spec.labels.items()},
        "metric": spec.metric,
    }


def _print(rows: list[dict[str, Any]]) -> None:
    print_bytes((json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode(errors="replace"))
