"""The common reading: what is known of each column, which are free, what is guessed so far."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import define, evolve, field

from satcore.drafting import wordings
from satcore.drafting.guesses import Guesses, MetricGuess, Said, ScaleGuess, said
from satcore.drafting.guessing.limits import LABEL
from satcore.drafting.guessing.texts import code_of, only_ends, writable
from satcore.drafting.profiles import Profile
from satcore.drafting.scales import HIGHEST, Answers, answers_of, codes_of, is_missing, whole
from satcore.surveys import DataDictionary, Variable

#: A question's number in the header of a Chinese export: ``12、``.
_NUMBERED_HEADER = re.compile(r"\s*(?:Q?\d+)\s*[、.．:：]\s*(?P<text>\S.*)", re.DOTALL)

_NOTHING: Final = Variable()


@define(eq=False)
class Battery:
    """Ratings on one scale that belong together by their names or their place.

    Attributes:
        stem: What their names share; empty where they stand side by side, or alone.
        names: The columns that no other guess has taken out.
        scale: The scale as a study writes it: a range, or the name of one of wordings.
        span: Its least and its greatest value.
        whole: How many columns there were at first.
    """

    stem: str
    names: list[str]
    scale: str
    span: tuple[int, int]
    whole: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.whole = len(self.names)


@define(eq=False)
class Sheet:
    """A survey's columns while they are guessed at.

    Attributes:
        profiles: What each column holds.
        dictionary: What the file says of them.
        kinds: The kinds of metrics that are there.
        made: What is guessed so far.
        free: Columns that no guess has taken.
        found: Columns read as answers on a scale so far.
        used: Columns that a metric takes, as answers.
        batteries: Ratings that were recognised and that no metric has taken yet.
        rated: The battery of each rating.
        counted: Columns of counts or times that a metric takes: any number may stand there.
        dated: Columns of times that a metric takes, and that may make the waves as well.
        cases: Whether rows are cases or customers with a beginning and an end. What has not ended
            counts too, so that no row is dropped for its status.
    """

    profiles: Mapping[str, Profile]
    dictionary: DataDictionary
    kinds: frozenset[str]
    made: Guesses = field(factory=Guesses)
    free: dict[str, None] = field(init=False)
    found: dict[str, Answers] = field(factory=dict)
    used: dict[str, Answers] = field(factory=dict)
    batteries: list[Battery] = field(factory=list)
    rated: dict[str, Battery] = field(factory=dict)
    counted: list[str] = field(factory=list)
    dated: list[str] = field(factory=list)
    cases: bool = False

    def __attrs_post_init__(self) -> None:
        self.free = dict.fromkeys(self.profiles)

    def variable(self, name: str) -> Variable:
        """What the file says of a column."""
        return self.dictionary.variables.get(name, _NOTHING)

    def value_labels(self, name: str) -> dict[str, str]:
        """What the file calls a column's values, those that mean "not answered" left out."""
        variable = self.variable(name)
        return {
            code: text
            for code, text in variable.labels.items()
            if code not in variable.missing and text.strip() and not is_missing(text)
        }

    def label(self, name: str) -> str:
        """What a question says, where that is known and not its name already."""
        label = self.variable(name).label.strip()
        if not label:
            match = _NUMBERED_HEADER.fullmatch(name)
            label = match["text"].strip() if match else ""
        return "" if label == name else label[:LABEL]

    def text(self, name: str) -> str:
        """What a column is called and says, to look for words in."""
        return f"{name}\n{self.label(name)}".casefold()

    def answers(self, name: str) -> Answers | None:
        """A column's texts as answers on a scale; None where they make none."""
        if name not in self.found:
            answers = answers_of(self.profiles[name], self.variable(name))
            if answers is None:
                return None
            ends = None if answers.codes else self.labelled_ends(name, answers)
            if ends is not None:
                answers = evolve(answers, ends=ends)
            self.found[name] = answers
        return self.found[name]

    def claim(self, *names: str) -> None:
        """Take columns, so that no later guess does."""
        for name in names:
            self.free.pop(name, None)

    def leave(self, name: str, reason: Said) -> None:
        """Leave a column out, and say why."""
        self.claim(name)
        self.made.left_out.setdefault(reason, []).append(name)

    def doubt(self, part: str, doubt: Said) -> None:
        """Say what a person has to look at in a part of the study."""
        self.made.doubts.setdefault(part, []).append(doubt)

    def battery(self, name: str) -> Battery:
        """The battery that a rating stands in, or stood in before a metric took it."""
        return self.rated[name]

    def take(self, *names: str) -> None:
        """Take ratings out of their batteries: a metric of their own measures them."""
        for one in self.batteries:
            one.names = [name for name in one.names if name not in names]

    def measured(
        self,
        kind: str,
        options: Mapping[str, Any],
        *reasons: Said,
        items: Sequence[str],
        name: str = "",
    ) -> None:
        """Draft a metric.

        Args:
            kind: Its kind.
            options: Its options, in the order in which they are written.
            reasons: Why.
            items: The columns it measures.
            name: What to call it; its kind where empty.
        """
        self.made.metrics.append(
            MetricGuess(
                name=self.named(name or kind),
                kind=kind,
                options=options,
                reasons=reasons,
                items=tuple(items),
            )
        )

    def elsewhere(self, name: str) -> list[Said]:
        """That a rating of the whole is measured by itself too, where it is or will be."""
        known = any(name in one.items for one in self.made.metrics)
        if not known and "servqual" not in self.kinds:
            return []
        return [said("also_measured", name=name)]

    def suggested(self, kind: str, options: Mapping[str, Any], *reasons: Said) -> None:
        """Suggest a metric that a person has to decide on: it is written as a comment."""
        guess = MetricGuess(name=self.named(kind), kind=kind, options=options, reasons=reasons)
        self.made.suggested.append(guess)

    def named(self, wanted: str) -> str:
        """A metric's name that is still free."""
        taken = {one.name for one in (*self.made.metrics, *self.made.suggested)}
        number, name = 1, wanted
        while name in taken:
            number += 1
            name = f"{wanted}_{number}"
        return name

    def scale(self, columns: Sequence[Answers], span: tuple[int, int]) -> str | None:
        """What to write for a scale: its range, or the name of a scale with wordings.

        None where the columns' wordings contradict each other.
        """
        codes = codes_of(columns)
        if codes is None:
            return None
        if not codes:
            return f"{span[0]}..{span[1]}"
        wording = next(one.wording for one in columns if one.wording)
        reason = said("scale_numbered" if wording == "numbered" else "scale_wording")
        base = f"points{span[1]}" if wording == "numbered" else wording
        number, name = 1, base
        while (known := self.made.scales.get(name)) is not None:
            merged = codes_of([Answers(values=known.codes), *columns])
            if (known.low, known.high) == span and merged is not None:
                codes = merged
                break
            number += 1
            name = f"{base}_{number}"
        guess = ScaleGuess(low=span[0], high=span[1], codes=codes, reason=reason)
        self.made.scales[name] = guess
        return name

    def mean(self, name: str, answers: Answers) -> float:
        """The mean of a column's answers."""
        texts = self.profiles[name].texts
        return sum(texts[text] * one for text, one in answers.values.items()) / answers.count

    def range(self, scale: str) -> str:
        """The range of a scale that is written by its name or as a range."""
        guess = self.made.scales.get(scale)
        return f"{guess.low}..{guess.high}" if guess else scale

    def labelled_ends(self, name: str, answers: Answers) -> tuple[int, int] | None:
        """The ends of a scale whose values the file names; None where the names are of groups.

        They are of a scale where they are known wordings or numbers, where only some values have
        one, as the ends, or where the question asks for a rating.
        """
        labels = {
            number: text
            for code, text in self.value_labels(name).items()
            if (number := whole(code)) is not None and 0 <= number <= HIGHEST
        }
        if len(labels) < 2:
            return None
        texts = list(labels.values())
        ordered = (
            only_ends(labels, set(answers.values.values()))
            or any(wordings.steps(texts, one) is not None for one in wordings.WORDINGS.values())
            or all(whole(text) is not None or wordings.numbered(text) is not None for text in texts)
            or wordings.RATING.search(self.text(name)) is not None
        )
        return (min(labels), max(labels)) if ordered else None

    def name_values(self, columns: Iterable[str | Mapping[str, str]]) -> None:
        """The file's own names of values, of those that are there."""
        for name in columns:
            if isinstance(name, str):
                there = {code_of(text): text for text in self.profiles[name].texts}
                named = {
                    there[code]: text
                    for code, text in self.value_labels(name).items()
                    if code in there and writable(text)
                }
                if named:
                    self.made.names[name] = named

    def form(self, name: str) -> str | None:
        """The form in which all of a column's texts are dates; None where there is none.

        Where the day and the month can't be told apart, the first form: the caller asks.
        """
        profile = self.profiles[name]
        if not profile.dates or profile.longest > 40:
            return None
        if profile.whole and profile.numbers == profile.filled and not self.is_time(name):
            return None  # 20150720 may be a date, or any number
        forms = [form for form, dates in profile.dates.items() if dates.count == profile.filled]
        return forms[0] if forms else None

    def is_time(self, name: str) -> bool:
        """Whether a column is called a time."""
        return bool(wordings.TIME.search(name.casefold()))
