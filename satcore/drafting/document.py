"""The study file, line by line, from what was guessed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import define, evolve, field, frozen

from satcore.drafting import toml
from satcore.drafting.guesses import Guesses, MetricGuess, Said, needs, said
from satcore.drafting.words import worded
from satcore.errors import SatcoreError
from satcore.study import Study

#: Columns of a reason for leaving them out that are named.
NAMED: Final = 40


@frozen(kw_only=True)
class Draft:
    """A drafted study file.

    Attributes:
        text: The file's text.
        needs: What a person has to decide: the number of the line that says so, and what.
        metrics: The names of the metrics.
        left_out: How many columns are not used.
    """

    text: str
    needs: tuple[tuple[int, str], ...]
    metrics: tuple[str, ...]
    left_out: int


@frozen(kw_only=True)
class Heading:
    """What is said of the survey itself.

    Attributes:
        title: The study's title.
        data: Its files, as the study names them; empty where they can't be named there.
        encoding: Their encoding, where it was named.
        name: What to call the survey.
        rows: How many responses there are.
        columns: How many columns.
        command: How the study is run.
    """

    title: str
    data: tuple[str, ...]
    encoding: str | None
    name: str
    rows: int
    columns: int
    command: str


def written(heading: Heading, guesses: Guesses, language: str) -> Draft:
    """The study file.

    Args:
        heading: What is said of the survey itself.
        guesses: What its columns are for.
        language: The language of the comments: ``en`` or ``zh``.

    Raises:
        SatcoreError: What was written does not read back as a study: a fault of satcore's.
    """
    page = _Page(language)
    _head(page, heading, guesses)
    _roles(page, guesses)
    _keep(page, guesses)
    _scales(page, guesses)
    _items(page, guesses)
    _metrics(page, guesses)
    _left_out(page, guesses)
    draft = Draft(
        text="\n".join(page.lines).strip("\n") + "\n",
        needs=tuple(page.needs),
        metrics=tuple(one.name for one in guesses.metrics),
        left_out=sum(map(len, guesses.left_out.values())),
    )
    _read_back(draft)
    return draft


def _read_back(draft: Draft) -> None:
    """Hold the text against the reader of studies.

    Raises:
        SatcoreError: It is no study.
    """
    try:
        problems = [str(one) for one in Study.of(tomllib.loads(draft.text), "draft").problems]
    except ValueError as error:
        problems = [f"no TOML: {error}"]
    if problems:
        raise SatcoreError(f"the draft is no study: {'; '.join(problems)}; please report it")


@define
class _Page:
    """Lines, and which of them ask for a person."""

    language: str
    lines: list[str] = field(factory=list)
    needs: list[tuple[int, str]] = field(factory=list)

    def say(self, one: Said, indent: str = "# ") -> None:
        """A sentence as a comment."""
        text = worded(one, self.language)
        if one.needs:
            self.needs.append((len(self.lines) + 1, toml.shown(text)))
            text = f"{worded(said('needs'), self.language)} {text}"
        self.lines += toml.comment(text, indent)

    def put(self, name: str, value: toml.Value) -> None:
        """A key and its value."""
        self.lines += toml.assigned(name, value)

    def table(self, *path: str) -> None:
        """A table's header, after an empty line."""
        self.lines += ["", toml.table(*path)]


def _head(page: _Page, heading: Heading, guesses: Guesses) -> None:
    page.say(said("drafted", data=heading.name, rows=heading.rows, columns=heading.columns))
    page.say(said("look"))
    page.lines += toml.comment(heading.command, "#   ")
    page.table("study")
    page.put("title", heading.title)
    if heading.data:
        page.put("data", heading.data[0] if len(heading.data) == 1 else list(heading.data))
    else:
        page.say(needs("data_absent"))
    if heading.encoding is not None:
        page.put("encoding", heading.encoding)
    if guesses.missing:
        page.say(said("missing"))
        page.put("missing", [_plain(one) for one in guesses.missing])


def _plain(text: str) -> str | int:
    """A whole number as such, where it reads back the same."""
    try:
        number = int(text)
    except ValueError:
        return text
    return number if str(number) == text and abs(number) < 1 << 53 else text


def _roles(page: _Page, guesses: Guesses) -> None:
    if not (guesses.weight or guesses.respondent or guesses.segments or guesses.wave):
        return
    page.table("roles")
    for key, role in (("weight", guesses.weight), ("respondent", guesses.respondent)):
        if role is not None:
            page.say(role[1])
            page.put(key, role[0])
    if guesses.segments:
        page.say(said("segments"))
        for name, why in guesses.segments.items():
            page.say(said(why.key, **dict(why.values), name=toml.named(name)), "#   ")
        if guesses.more_segments:
            page.say(_names("more_segments", guesses.more_segments, page.language), "#   ")
        page.put("segments", list(guesses.segments))
    if guesses.wave is not None:
        page.say(guesses.wave[1])
        for doubt in guesses.doubts.get("wave", ()):
            page.say(doubt)
        page.put("wave", guesses.wave[0])


def _keep(page: _Page, guesses: Guesses) -> None:
    for rule in guesses.keep:
        page.lines += ["", "[[keep]]"]
        page.say(rule.reason)
        page.put("column", rule.column)
        page.put("not", list(rule.drop))


def _scales(page: _Page, guesses: Guesses) -> None:
    for name, scale in guesses.scales.items():
        page.table("scales", name)
        page.say(scale.reason)
        page.put("range", f"{scale.low}..{scale.high}")
        page.lines += ["", toml.table("scales", name, "codes")]
        for wording, value in scale.codes.items():
            page.put(wording, value)


def _items(page: _Page, guesses: Guesses) -> None:
    columns = dict.fromkeys((*guesses.labels, *guesses.item_missing))
    for number, name in enumerate(columns):
        page.table("items", name)
        if number == 0 and guesses.labels:
            page.say(said("labels"))
        if name in guesses.labels:
            page.put("label", guesses.labels[name])
        if name in guesses.item_missing:
            page.put("missing", [_plain(one) for one in guesses.item_missing[name]])
    for name, texts in guesses.names.items():
        page.table("labels", name)
        page.say(said("names"))
        for value, text in texts.items():
            page.put(value, text)


def _metrics(page: _Page, guesses: Guesses) -> None:
    for metric in guesses.metrics:
        _metric(page, metric, guesses.doubts.get(metric.name, ()))
    for metric in guesses.suggested:
        _suggestion(page, metric)
    if guesses.metrics or guesses.suggested:
        return
    page.lines.append("")
    page.say(needs("no_metric"))
    page.lines += ["# [metrics.nps]", '# item = "Q1"']


def _metric(page: _Page, metric: MetricGuess, doubts: Iterable[Said]) -> None:
    page.table("metrics", metric.name)
    for one in (*metric.reasons, *doubts):
        page.say(one)
    options: dict[str, Any] = dict(metric.options)
    if metric.kind != metric.name:
        options = {"metric": metric.kind, **options}
    tables = {key: one for key, one in options.items() if _is_long(key, one)}
    for key, one in options.items():
        if key not in tables:
            page.put(key, one)
    for key, inner in tables.items():
        page.lines += ["", toml.table("metrics", metric.name, key)]
        for name, value in inner.items():
            page.put(name, value)


def _suggestion(page: _Page, metric: MetricGuess) -> None:
    """A metric in comments, for a person to decide on."""
    page.lines.append("")
    for one in metric.reasons:
        page.say(one)
    aside = _Page(page.language)
    _metric(aside, evolve(metric, reasons=()), ())
    page.lines += [f"# {line}".rstrip() for line in aside.lines[1:]]


def _is_long(key: str, one: Any) -> bool:
    """Whether an option is a table that does not fit into a line."""
    return isinstance(one, Mapping) and len(toml.assigned(key, one)[0]) > toml.WIDTH


def _left_out(page: _Page, guesses: Guesses) -> None:
    if not guesses.left_out:
        return
    page.lines.append("")
    page.say(said("left_out"))
    for reason, names in guesses.left_out.items():
        text = f"{worded(reason, page.language)}: {_joined(names, page.language)}"
        if reason.needs:
            page.needs.append((len(page.lines) + 1, toml.shown(text)))
            text = f"{worded(said('needs'), page.language)} {text}"
        page.lines += toml.comment(text, "#   ")


def _joined(names: Sequence[str], language: str) -> str:
    texts = ", ".join(map(toml.named, names[:NAMED]))
    if len(names) <= NAMED:
        return texts
    return worded(said("and_more", names=texts, count=len(names) - NAMED), language)


def _names(key: str, names: Sequence[str], language: str) -> Said:
    return said(key, names=_joined(names, language))
