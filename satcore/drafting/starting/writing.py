"""A starting file, line by line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import define, field, frozen

from satcore.drafting import toml
from satcore.drafting.starting.indicators import INDICATORS, Indicator, Target
from satcore.drafting.starting.industries import Both, Industry
from satcore.drafting.starting.words import WORDS
from satcore.errors import PluginError, SatcoreError
from satcore.hookspecs import InstrumentSpec
from satcore.plugins import Plugins
from satcore.study import Study, structured

#: What the questionnaire's metric is called.
QUALITY: Final = "quality"

#: The scale where a questionnaire's own could not be read.
_SCALE: Final = "1..7"


@frozen(kw_only=True)
class Starting:
    """A starting file.

    Attributes:
        text: The file's text.
        metrics: The names of its metrics.
        left_out: Kinds that the trade uses and the file leaves out.
    """

    text: str
    metrics: tuple[str, ...]
    left_out: tuple[str, ...]


def starting_point(
    industry: Industry, plugins: Plugins, *, output: str = "study.toml", language: str = "en"
) -> Starting:
    """A study file for a trade, with comments.

    Args:
        industry: The trade.
        plugins: The plugins there are: what they do not offer is left out with a comment.
        output: The file's name, for the commands at its head.
        language: The language of the comments: ``en`` or ``zh``.

    Raises:
        PluginError: The trade's questionnaire is not there.
        SatcoreError: What was written is no study: a fault of satcore's.
    """
    page = _Page(industry, plugins, output, 1 if language == "zh" else 0)
    page.write()
    made = Starting(
        text="\n".join(page.lines).strip("\n") + "\n",
        metrics=tuple(page.metrics),
        left_out=tuple(page.left_out),
    )
    problems = [str(one) for one in Study.of(tomllib.loads(made.text), "draft").problems]
    if problems:
        raise SatcoreError(f"the draft is no study: {'; '.join(problems)}; please report it")
    return made


@define(eq=False)
class _Page:
    """The lines of a starting file."""

    industry: Industry
    plugins: Plugins
    output: str
    place: int
    lines: list[str] = field(factory=list)
    metrics: list[str] = field(factory=list)
    left_out: list[str] = field(factory=list)
    targets: list[tuple[str, Target]] = field(factory=list)

    def write(self) -> None:
        """Every part, from the head to the standards."""
        spec = self.plugins.instrument(self.industry.instrument)
        wanted = [INDICATORS[kind] for kind in self.industry.indicators]
        there = [one for one in wanted if self._takes(one)]
        self._head()
        self._items(there)
        self._questionnaire(spec)
        for one in wanted:
            if one.kind == self.industry.operational[0]:
                self.lines.append("")
                self._say("operational")
            self._indicator(one, left_out=one not in there)
        self._standards()

    def _say(self, key: str, **values: object) -> None:
        self.lines += toml.comment(WORDS[key][self.place].format(**values))

    def _both(self, texts: Both) -> None:
        self.lines += toml.comment(texts[self.place])

    def _put(self, name: str, value: toml.Value, remark: str = "") -> None:
        lines = toml.assigned(name, value)
        if remark:
            lines[-1] = f"{lines[-1]}  # {WORDS[remark][self.place]}"
        self.lines += lines

    def _table(self, *path: str) -> None:
        self.lines += ["", toml.table(*path)]

    def _takes(self, one: Indicator) -> bool:
        """Whether a metric is installed and takes an indicator's options."""
        try:
            _, spec = self.plugins.metric(one.kind)
        except PluginError:
            return False
        return not structured(one.options, spec.metric)[1]

    def _head(self) -> None:
        industry = self.industry
        self._say("head", trade=industry.title[self.place])
        self._say("try")
        for command in (
            f"satcore simulate {self.output} answers.csv --rows 1000",
            f"satcore run {self.output} answers.csv --report report.html",
        ):
            self.lines.append(f"#   {command}")
        self._table("study")
        self._put("title", dict(zip(("en", "zh"), industry.title, strict=True)))
        self._say("data")
        self.lines.append('# data = "answers.csv"')
        self._put("min_base", 30, "min_base")
        self._table("roles")
        column, about = industry.segment
        self._say("segment", about=about[self.place])
        self._put("segments", [column])
        self._say("wave")
        self._put("wave", {"time": "date", "period": "month"})

    def _items(self, there: list[Indicator]) -> None:
        """What the questions of indicators say."""
        for one in there:
            for column, label in one.labels.items():
                self._table("items", column)
                self._put("label", dict(zip(("en", "zh"), label, strict=True)))

    def _questionnaire(self, spec: InstrumentSpec) -> None:
        language = ("en", "zh")[self.place]
        self._table("metrics", QUALITY)
        self._say("instrument", title=spec.title.said(language), source=spec.source)
        if self.industry.why is not None:
            self._both(self.industry.why)
        self._say("wording")
        for form in spec.forms:
            self.lines += toml.comment(f'{form} = "{spec.pattern(form)}"')
        self._put("instrument", spec.name)
        if len(spec.forms) > 1:
            self._say("forms")
            self.lines.append(f"# forms = {toml.value(['perception'])}")
        if not spec.scale:
            self._say("scale")
            self._put("scale", _SCALE, "placeholder")
        if not spec.complete:
            self._say("dimensions", unread=spec.unread.said(language))
            for one in spec.dimensions:
                if not one.scale:
                    self.lines.append(f"# dimensions.{one.name} = {toml.text(one.items or '…')}")
            # A questionnaire's items as one dimension: much to count, and it would say little.
            self._say("reliability")
            self._put("reliability", "none")
        self.metrics.append(QUALITY)
        low, high = (int(end) for end in (spec.scale or _SCALE).split(".."))
        item = next((one.name for one in spec.dimensions if one.items), "all")
        middle = (low + high) / 2
        target = Target(rule="at_least", placeholder=middle, term="perception", item=item)
        self.targets.append((QUALITY, target))

    def _indicator(self, one: Indicator, *, left_out: bool) -> None:
        """A metric; in comments where it is not installed."""
        start = len(self.lines)
        self._table("metrics", one.kind)
        self._both(one.about)
        for name, value in one.options.items():
            self._put(name, value)
        if not left_out:
            self.metrics.append(one.kind)
            if one.target is not None:
                self.targets.append((one.kind, one.target))
            return
        self.left_out.append(one.kind)
        block = [line for line in self.lines[start:] if line]
        del self.lines[start:]
        self.lines.append("")
        self._say("left_out", kind=one.kind)
        self.lines += [line if line.startswith("#") else f"# {line}" for line in block]

    def _standards(self) -> None:
        self.lines.append("")
        self._say("standards")
        for name, target in self.targets:
            self.lines += ["", "[[standards]]"]
            for key, value in _asked(name, target):
                self._put(key, value, "target" if key == target.rule else "")


def _asked(name: str, target: Target) -> Iterator[tuple[str, toml.Value]]:
    """The keys of a standard."""
    given: Mapping[str, Any] = {
        "metric": name,
        "term": target.term,
        "item": target.item,
        target.rule: target.placeholder,
    }
    return ((key, value) for key, value in given.items() if value != "")
