"""From what columns hold to what they are for. The first guess that fits a column takes it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import define, evolve, field

from satcore.drafting import wordings
from satcore.drafting.guesses import Guesses, KeepGuess, MetricGuess, Said, ScaleGuess, needs, said
from satcore.drafting.pairs import (
    Sided,
    compressed,
    number_in,
    pairs_of,
    spans,
    stems,
    template,
)
from satcore.drafting.profiles import ISO, Profile
from satcore.drafting.scales import (
    ENOUGH,
    HIGHEST,
    Answers,
    answers_of,
    codes_of,
    is_missing,
    kano_answers,
    spanned,
    whole,
)
from satcore.planning import WAVE
from satcore.surveys import DataDictionary, Variable

#: Segments that are drafted; others are named in a comment.
SEGMENTS: Final = 5
#: Values that a segment has at most, and responses that each has on average at least.
GROUPS: Final = 12
BASE: Final = 3
#: Numbers without names that may be codes of groups.
CODES: Final = 8
#: Waves given by a column.
MOST_WAVES: Final = 60
#: Items of one battery of ratings, and of all together: the reliability of a battery looks at
#: every two pairs of its items.
BATTERY: Final = 24
RATINGS: Final = 120
#: Options that a question with several answers may have.
OPTIONS: Final = 100
#: NPS questions that are drafted.
RECOMMENDATIONS: Final = 5
#: Months up to which waves are months, and quarters.
MONTHS: Final = (36, 144)
#: What a mean weight may be.
WEIGHTS: Final = (0.5, 2.0)
#: Steps of a known wording that have to be there.
STEPS: Final = 3
#: Share of answers outside its scale that an NPS question may have.
ODD: Final = 0.10
#: Characters of a question's text that are kept, and of a segment's value.
LABEL: Final = 200
GROUP_NAME: Final = 40
#: Characters of a question that is short enough for its words to be what it asks for.
SHORT: Final = 40

#: A question's number in the header of a Chinese export: ``12、``.
_NUMBERED_HEADER = re.compile(r"\s*(?:Q?\d+)\s*[、.．:：]\s*(?P<text>\S.*)", re.DOTALL)
_LIST = re.compile(r"[^;┋|]*[;┋|][^;┋|]*(?:[;┋|][^;┋|]*)*")
_NO_NAME = re.compile(r"[^A-Za-z0-9_]+")

_NOTHING: Final = Variable()

#: What columns of one battery share: the stem of their names, and what is known of their scale.
_Stem = tuple[str, tuple[int, int], tuple[int, int] | None, str]


def guesses_of(
    profiles: Mapping[str, Profile], dictionary: DataDictionary, metrics: Collection[str]
) -> Guesses:
    """What a survey's columns are for.

    Args:
        profiles: What each column holds.
        dictionary: What the file says of them.
        metrics: The kinds of metrics that are there.
    """
    return _Guesser(profiles, dictionary, frozenset(metrics)).guessed()


@define(eq=False)
class _Guesser:
    profiles: Mapping[str, Profile]
    dictionary: DataDictionary
    kinds: frozenset[str]
    made: Guesses = field(factory=Guesses)
    free: dict[str, None] = field(init=False)
    found: dict[str, Answers] = field(factory=dict)
    used: dict[str, Answers] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.free = dict.fromkeys(self.profiles)

    def guessed(self) -> Guesses:
        """All guesses, the surest first."""
        self._tests()
        self._unusable()
        if "multiple" in self.kinds:
            self._sets()
        if "kano" in self.kinds:
            self._kano()
        if "servqual" in self.kinds:
            self._servqual()
        self._status()
        self._weight()
        self._respondent()
        if "nps" in self.kinds:
            self._nps()
        self._wave()
        if "multiple" in self.kinds:
            self._options()
        self._ratings()
        self._segments()
        self._rest()
        self._missing()
        self._labels()
        return self.made

    # What is known of a column.

    def _variable(self, name: str) -> Variable:
        return self.dictionary.variables.get(name, _NOTHING)

    def _value_labels(self, name: str) -> dict[str, str]:
        """What the file calls a column's values, those that mean "not answered" left out."""
        variable = self._variable(name)
        return {
            code: text
            for code, text in variable.labels.items()
            if code not in variable.missing and text.strip() and not is_missing(text)
        }

    def _label(self, name: str) -> str:
        """What a question says, where that is known and not its name already."""
        label = self._variable(name).label.strip()
        if not label:
            match = _NUMBERED_HEADER.fullmatch(name)
            label = match["text"].strip() if match else ""
        return "" if label == name else label[:LABEL]

    def _text(self, name: str) -> str:
        """What a column is called and says, to look for words in."""
        return f"{name}\n{self._label(name)}".casefold()

    def _answers(self, name: str) -> Answers | None:
        if name not in self.found:
            answers = answers_of(self.profiles[name], self._variable(name))
            if answers is None:
                return None
            ends = None if answers.codes else self._labelled_ends(name, answers)
            if ends is not None:
                answers = evolve(answers, ends=ends)
            self.found[name] = answers
        return self.found[name]

    def _claim(self, *names: str) -> None:
        for name in names:
            self.free.pop(name, None)

    def _leave(self, name: str, reason: Said) -> None:
        self._claim(name)
        self.made.left_out.setdefault(reason, []).append(name)

    def _doubt(self, part: str, doubt: Said) -> None:
        self.made.doubts.setdefault(part, []).append(doubt)

    def _named(self, wanted: str) -> str:
        """A metric's name that is still free."""
        taken = {one.name for one in self.made.metrics}
        number, name = 1, wanted
        while name in taken:
            number += 1
            name = f"{wanted}_{number}"
        return name

    # Columns that serve nothing.

    def _tests(self) -> None:
        for name in self.dictionary.tests:
            if name in self.free:
                self._leave(name, said("tests"))

    def _unusable(self) -> None:
        for name in list(self.free):
            profile = self.profiles[name]
            if not profile.single:
                self._leave(name, said("nested"))
            elif not profile.filled:
                self._leave(name, said("empty"))
            elif not profile.many and all(map(is_missing, profile.texts)):
                self._leave(name, said("never_answered"))
            elif not _writable(name):
                self._leave(name, said("no_name"))
            elif wordings.TOOL.search(name.casefold()):
                self._leave(name, said("tool"))
            elif self._is_source(name):
                self._leave(name, said("option_source"))

    def _is_source(self, name: str) -> bool:
        """Whether a column is what the options of a question were made from."""
        for one in self.dictionary.sets:
            if name not in one.options and name.startswith(one.name):
                rest = name[len(one.name) :]
                if not rest or rest[0] in "([（:_-" or rest.startswith(" - "):
                    return True
        return False

    # Questions with several answers.

    def _sets(self) -> None:
        """Those that the file itself tells of."""
        for one in self.dictionary.sets:
            options = {name: text for name, text in one.options.items() if name in self.free}
            if len(options) > 1:
                label = one.label if one.label != one.name else ""
                why = said("set_declared", name=one.name, label=label or one.name)
                self._multiple(_slug(one.name, "multiple"), options, why)

    def _options(self) -> None:
        """Numbered columns of 0 and 1."""
        stem_of = stems(list(self.profiles))
        groups: dict[str, list[str]] = {}
        for name in self.free:
            answers = self._answers(name)
            if answers is not None and not answers.codes and answers.low >= 0 and answers.high <= 1:
                groups.setdefault(stem_of[name], []).append(name)
        for stem, names in groups.items():
            columns = [self.found[name] for name in names]
            if len(names) < 3 or "#" not in stem or max(one.high for one in columns) < 1:
                continue
            if len(names) > OPTIONS:
                for name in names:
                    self._leave(name, said("option_many", most=OPTIONS))
                continue
            options = {name: self._label(name) for name in names}
            if any(
                set(options.values()) == {*one.options.values()} for one in self.dictionary.sets
            ):
                for name in names:
                    self._leave(name, said("option_source"))
                continue
            self.used.update(zip(names, columns, strict=True))
            # Exports that write only what was chosen leave the other options empty.
            blank = min(one.low for one in columns) == 1
            why = said("set_blank" if blank else "set_guessed", count=len(names))
            more = {"blank": "not chosen"} if blank else {}
            self._multiple(_slug(stem, "multiple"), options, why, more)

    def _multiple(
        self,
        name: str,
        options: Mapping[str, str],
        why: Said,
        more: Mapping[str, str] | None = None,
    ) -> None:
        written: Any = compressed(list(options)) or list(options)
        if any(text and text != column for column, text in options.items()):
            written = {column: text or column for column, text in options.items()}
        self._claim(*options)
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
        self.made.metrics.append(
            MetricGuess(
                name=self._named(name),
                kind="multiple",
                options=chosen,
                reasons=tuple(reasons),
                items=tuple(options),
            )
        )

    # Scales.

    def _scale(self, columns: Sequence[Answers], span: tuple[int, int]) -> str | None:
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

    # Kano.

    def _kano(self) -> None:
        readings: dict[str, Answers] = {}
        for name in self.free:
            answers = kano_answers(self.profiles[name], self._variable(name))
            if answers is not None:
                readings[name] = answers
        found = pairs_of(list(self.free), wordings.KANO_SIDES)
        whole_pairs = {
            key: (functional, dysfunctional)
            for key, (dysfunctional, functional) in found.items()
            if functional.name in readings and dysfunctional.name in readings
        }
        pairs = {key: (one.name, other.name) for key, (one, other) in whole_pairs.items()}
        if not pairs:
            pairs, whole_pairs = self._kano_by_text(readings), {}
        if not pairs:
            return
        columns = [name for pair in pairs.values() for name in pair]
        scale = self._scale([readings[name] for name in columns], (1, 5))
        if scale is None:
            return
        self._claim(*columns)
        self.used.update({name: readings[name] for name in columns})
        options: dict[str, Any] = self._features(pairs, whole_pairs)
        if scale != "1..5":
            options["scale"] = scale
        else:
            self._doubt("kano", self._kano_order(pairs, readings))
        options |= self._importance(list(pairs))
        reasons = [said("kano", pairs=len(pairs))]
        self.made.metrics.append(
            MetricGuess(
                name=self._named("kano"),
                kind="kano",
                options=options,
                reasons=tuple(reasons),
                items=tuple(columns),
            )
        )

    def _features(
        self, pairs: Mapping[str, tuple[str, str]], sides: Mapping[str, tuple[Sided, Sided]]
    ) -> dict[str, Any]:
        patterns = [
            template((pair[side] for pair in sides.values()), "{feature}") for side in (0, 1)
        ]
        if sides and None not in patterns and all("{" not in key for key in pairs):
            return {
                "functional": patterns[0],
                "dysfunctional": patterns[1],
                "features": list(pairs),
            }
        return {"pairs": {key: list(pair) for key, pair in pairs.items()}}

    def _kano_by_text(self, readings: Mapping[str, Answers]) -> dict[str, tuple[str, str]]:
        """Pairs by the questions' texts, which differ in a word; the answers are Kano's."""
        worded = {
            name: self._label(name) or name
            for name in readings
            if readings[name].wording == "kano5"
        }
        pairs: dict[str, tuple[str, str]] = {}
        for no, yes in wordings.KANO_SIDES:
            if yes.isascii():
                continue
            by_text = {text: name for name, text in worded.items()}
            for name, text in worded.items():
                other = by_text.get(text.replace(no, yes, 1)) if no in text else None
                taken = {one for pair in pairs.values() for one in pair}
                if other is not None and other != name and not {name, other} & taken:
                    pairs[other] = (other, name)
        return pairs

    def _kano_order(
        self, pairs: Mapping[str, tuple[str, str]], readings: Mapping[str, Answers]
    ) -> Said:
        """Whether 1 seems to be "I like it": then presence is answered lower than absence."""
        means = [
            sum(self._mean(pair[side], readings[pair[side]]) for pair in pairs.values())
            for side in (0, 1)
        ]
        return needs("kano_order") if means[0] > means[1] else said("kano_order_fits")

    def _mean(self, name: str, answers: Answers) -> float:
        texts = self.profiles[name].texts
        return sum(texts[text] * one for text, one in answers.values.items()) / answers.count

    def _importance(self, features: Sequence[str]) -> dict[str, Any]:
        """Self-stated importance of the features, where every one of them has it."""
        for form in (
            "{feature}_importance",
            "{feature}_imp",
            "{feature}重要性",
            "{feature}_重要性",
        ):
            names = [form.replace("{feature}", feature) for feature in features]
            if not all(name in self.free for name in names):
                continue
            answers = [self._answers(name) for name in names]
            there = [one for one in answers if one is not None]
            if len(there) < len(names):
                continue
            low, high = min(one.low for one in there), max(one.high for one in there)
            span = (1, 9) if low >= 1 and high == 9 else spanned(there)
            scale = None if span is None else self._scale(there, span)
            if scale is None:
                continue
            self._claim(*names)
            self.used.update(zip(names, there, strict=True))
            written = {"importance": form}
            return written if scale == "1..9" else {**written, "importance_scale": scale}
        return {}

    # SERVQUAL.

    def _servqual(self) -> None:
        there = {name: one for name in self.free if (one := self._answers(name)) is not None}
        found = pairs_of(list(self.free), wordings.SERVQUAL_SIDES)
        pairs = {
            key: (expected, perceived)
            for key, (expected, perceived) in found.items()
            if expected.name in there and perceived.name in there
        }
        if len(pairs) < 2:
            return
        ordered = sorted(pairs.values(), key=lambda pair: number_in(pair[0].key))
        columns = [one.name for pair in ordered for one in pair]
        span = spanned([there[name] for name in columns])
        scale = None if span is None else self._scale([there[name] for name in columns], span)
        if span is None or scale is None or span[1] < 4:
            return
        self._claim(*columns)
        self.used.update({name: there[name] for name in columns})
        sides = {
            side: [pair[place].name for pair in ordered]
            for place, side in enumerate(("expectation", "perception"))
        }
        patterns = {side: compressed(names) for side, names in sides.items()}
        runs = {pattern and pattern[pattern.index("{") : pattern.index("}")] for pattern in
                patterns.values()}  # fmt: skip
        written = patterns if None not in runs and len(runs) == 1 else sides
        options: dict[str, Any] = dict(written)
        if scale != "1..7":
            options["scale"] = scale
        classical = len(ordered) == 22 and (
            written is sides or number_in(sides["perception"][0])[0] == 1
        )
        name = self._named("servqual")
        self._doubt("servqual", needs("servqual_classical" if classical else "servqual_groups"))
        self.made.metrics.append(
            MetricGuess(
                name=name,
                kind="servqual",
                options=options,
                reasons=(said("servqual", pairs=len(ordered)), *_range_reason(span, scale)),
                items=tuple(columns),
            )
        )

    # Roles.

    def _status(self) -> None:
        for name in list(self.free):
            profile = self.profiles[name]
            if profile.many:
                continue
            if wordings.SUBMITTED.fullmatch(name.casefold()) and profile.empty:
                self._claim(name)
                self.made.keep.append(
                    KeepGuess(
                        column=name, drop=("",), reason=said("not_submitted", count=profile.empty)
                    )
                )
            elif wordings.STATUS.search(name.casefold()) and len(profile.texts) <= GROUPS:
                words = wordings.NOT_COMPLETE
                if wordings.FINISHED.search(name.casefold()):
                    words |= wordings.NOT_FINISHED
                drop = tuple(text for text in profile.texts if text.strip().casefold() in words)
                count = sum(profile.texts[text] for text in drop)
                if drop and count < profile.rows:
                    self._claim(name)
                    self.made.keep.append(
                        KeepGuess(column=name, drop=drop, reason=said("dropped", count=count))
                    )

    def _weight(self) -> None:
        declared = self.dictionary.weight
        wanted = [declared] if declared in self.free else []
        wanted += [name for name in self.free if wordings.WEIGHT.fullmatch(name.casefold())]
        for name in dict.fromkeys(filter(None, wanted)):
            profile = self.profiles[name]
            if not profile.numbers or profile.numbers < profile.filled:
                continue
            mean = round(profile.mean, 3)
            if profile.empty:
                self._leave(name, said("weight_empty", count=profile.empty))
            elif profile.low < 0 or not profile.total:
                self._leave(name, said("weight_negative"))
            elif name != declared and not WEIGHTS[0] <= profile.mean <= WEIGHTS[1]:
                self._leave(name, needs("weight_mean", mean=mean))
            elif self.made.weight is not None:
                self._leave(name, said("weight_second"))
            else:
                self._claim(name)
                key = "weight_declared" if name == declared else "weight"
                self.made.weight = (name, said(key, mean=mean))

    def _respondent(self) -> None:
        for name in list(self.free):
            profile = self.profiles[name]
            if not profile.unique or profile.rows < 2 or profile.empty:
                continue
            if not wordings.ID.search(name.casefold()) or self._form(name) is not None:
                continue
            if self.made.respondent is None:
                self._claim(name)
                self.made.respondent = (name, said("respondent"))
            else:
                self._leave(name, said("id"))

    # Waves.

    def _wave(self) -> None:
        for words in (wordings.WAVE, wordings.PERIOD):
            for name in list(self.free):
                profile = self.profiles[name]
                if (
                    self.made.wave is None
                    and words.search(name.casefold())
                    and not profile.many
                    and 2 <= len(profile.texts) <= MOST_WAVES
                    and profile.rows >= BASE * len(profile.texts)
                    and not wordings.NO_TIME.search(name.casefold())
                    and all(map(_writable, profile.texts))
                ):
                    self._claim(name)
                    self.made.wave = (name, said("wave", count=len(profile.texts)))
            if words is wordings.WAVE:
                self._times()
        self._name_values([self.made.wave[0]] if self.made.wave else [])

    def _times(self) -> None:
        """Columns of dates: one makes waves."""
        dated = [name for name in self.free if self._form(name) is not None]
        dated.sort(key=self._time_rank)
        for name in dated:
            text = name.casefold()
            profile = self.profiles[name]
            form = self._form(name)
            months = profile.dates[form or ISO].months
            first, last = min(months), max(months)
            span = {"first": _month(first), "last": _month(last)}
            if wordings.NO_TIME.search(text) or self._time_rank(name)[0] > 1:
                self._leave(name, said("time_other", **span))
            elif self.made.wave is not None:
                self._leave(name, said("time_second", **span))
            elif self._ambiguous(name):
                self._leave(name, needs("time_order", **span))
            elif first == last:
                self._leave(name, said("time_short", month=_month(first)))
            else:
                length = last - first + 1
                period = (
                    "month" if length <= MONTHS[0] else "quarter" if length <= MONTHS[1] else "year"
                )
                table = {"time": name, "period": period}
                if form:
                    table["format"] = form
                self._claim(name)
                self.made.wave = (table, said("time", **span, months=len(months), period=period))
                self._outliers(months)

    def _form(self, name: str) -> str | None:
        """The form in which all of a column's texts are dates; None where there is none.

        Where the day and the month can't be told apart, the first form: the caller asks.
        """
        profile = self.profiles[name]
        if not profile.dates or profile.longest > 40:
            return None
        if profile.whole and profile.numbers == profile.filled and not self._is_time(name):
            return None  # 20150720 may be a date, or any number
        forms = [form for form, dates in profile.dates.items() if dates.count == profile.filled]
        return forms[0] if forms else None

    def _ambiguous(self, name: str) -> bool:
        profile = self.profiles[name]
        forms = [form for form, dates in profile.dates.items() if dates.count == profile.filled]
        return len(forms) > 1

    def _is_time(self, name: str) -> bool:
        return bool(wordings.TIME.search(name.casefold()))

    def _time_rank(self, name: str) -> tuple[int, int]:
        """Which of several times is the one at which somebody answered: the least."""
        text = name.casefold()
        last = wordings.TIME_LAST.search(text) is not None
        rank = 0 if last else 1 if self._is_time(name) else 2
        return rank, list(self.profiles).index(name)

    def _outliers(self, months: Mapping[int, int]) -> None:
        """Years that few responses stand in, far from the next: a date that is wrong, perhaps."""
        total = sum(months.values())
        ordered = sorted(months)
        for place, gap in enumerate(b - a for a, b in itertools.pairwise(ordered)):
            before = sum(months[one] for one in ordered[: place + 1])
            if gap > 24 and min(before, total - before) <= 0.05 * total:
                few = ordered[: place + 1] if before <= 0.05 * total else ordered[place + 1 :]
                count = sum(months[one] for one in few)
                where = f"{_month(few[0])} .. {_month(few[-1])}" if len(few) > 1 else _month(few[0])
                self._doubt("wave", needs("time_outliers", count=count, where=where))
                return

    # Ratings.

    def _nps(self) -> None:
        for name in list(self.free):
            if not wordings.RECOMMEND.search(self._text(name)):
                continue
            answers = self._answers(name)
            odd: tuple[str, ...] = ()
            if answers is not None and answers.high > 10:
                answers, odd = _within(answers, self.profiles[name], 10)
            if answers is None or answers.low < 0 or answers.high > 10:
                continue
            if answers.ends is not None and answers.ends[1] != 10:
                continue
            if (
                answers.ends is None
                and answers.high < 8
                and not (answers.low == 0 and answers.high > 5)
            ):
                continue
            if sum(one.kind == "nps" for one in self.made.metrics) >= RECOMMENDATIONS:
                break
            scale = self._scale([answers], (0, 10))
            if scale is None:
                continue
            self._claim(name)
            self.used[name] = answers
            options = {"item": name} | ({} if scale == "0..10" else {"scale": scale})
            reasons = [said("nps", low=answers.low, high=answers.high)]
            metric = self._named("nps")
            if odd:
                self._doubt(metric, needs("nps_odd", values=", ".join(odd)))
            elif answers.low == 1 and answers.count >= ENOUGH and answers.ends is None:
                self._doubt(metric, needs("nps_from_1"))
            self.made.metrics.append(
                MetricGuess(
                    name=metric, kind="nps", options=options, reasons=tuple(reasons), items=(name,)
                )
            )

    def _ratings(self) -> None:
        """Batteries of ratings, and single ones that their names give away."""
        there: dict[str, Answers] = {}
        for name in self.free:
            answers = self._answers(name)
            if answers is not None and self._may_rate(name, answers):
                there[name] = answers
        stem_of = stems(list(there))
        groups: dict[_Stem, list[str]] = {}
        for name, answers in there.items():
            # Numbered columns share a scale; others may differ in it.
            own = (0, 0) if "#" in stem_of[name] else spanned([answers]) or (0, 0)
            groups.setdefault((stem_of[name], own, answers.ends, answers.wording), []).append(name)
        runs = _joined_runs(groups, there, list(self.profiles))
        batteries: dict[tuple[str, str], list[tuple[str, list[str]]]] = {}
        # The large ones first: they tell what the scale of the others may be.
        for stem, names in sorted(runs, key=lambda run: len(run[1]) < 3):
            self._battery(stem, names, there, batteries)
        for (scale, _), parts in batteries.items():
            self._rated(scale, parts)

    def _may_rate(self, name: str, answers: Answers) -> bool:
        """Whether answers may be ratings: neither yes and no, nor what people are."""
        if answers.wording in wordings.WORDINGS:
            return True
        if answers.low < 0 or answers.high > 10 or answers.high < 3:
            return False
        if self._value_labels(name) and not answers.codes and answers.ends is None:
            return False
        text = self._text(name)
        return bool(wordings.RATING.search(text)) or not (
            wordings.ABOUT_PEOPLE.search(_last_word(name)) or wordings.WAVE.search(name.casefold())
        )

    def _labelled_ends(self, name: str, answers: Answers) -> tuple[int, int] | None:
        """The ends of a scale whose values the file names; None where the names are of groups.

        They are of a scale where they are known wordings or numbers, where only some values have
        one, as the ends, or where the question asks for a rating.
        """
        labels = {
            number: text
            for code, text in self._value_labels(name).items()
            if (number := whole(code)) is not None and 0 <= number <= HIGHEST
        }
        if len(labels) < 2:
            return None
        texts = list(labels.values())
        ordered = (
            _only_ends(labels, set(answers.values.values()))
            or any(wordings.steps(texts, one) is not None for one in wordings.WORDINGS.values())
            or all(whole(text) is not None or wordings.numbered(text) is not None for text in texts)
            or wordings.RATING.search(self._text(name)) is not None
        )
        return (min(labels), max(labels)) if ordered else None

    def _battery(
        self,
        stem: str,
        names: list[str],
        there: Mapping[str, Answers],
        batteries: dict[tuple[str, str], list[tuple[str, list[str]]]],
    ) -> None:
        columns = [there[name] for name in names]
        span = spanned(columns)
        if span is None or span[1] < 4:
            return
        rated = any(wordings.RATING.search(self._text(name)) for name in names)
        # Of a wording three steps have to be there: two are said of many things.
        worded = columns[0].ends is not None and (
            not columns[0].wording
            or len({value for one in columns for value in one.values.values()}) >= STEPS
        )
        usual = max(one.high for one in columns) in (5, 7, 9, 10)
        # Beside other ratings a column that looks like them is one of them.
        alike = (
            usual
            and f"{span[0]}..{span[1]}" in {known for _, known in batteries}
            and all(len(set(one.values.values())) > 4 for one in columns)
        )
        if columns[0].wording in wordings.WORDINGS and not (worded or rated):
            return
        if not (alike or rated or worded or (len(names) > 2 and usual)):
            return
        if sum(len(one) for parts in batteries.values() for _, one in parts) >= RATINGS:
            for name in names:
                self._leave(name, said("rating_many", most=RATINGS))
            return
        if len(names) > BATTERY:
            for name in names[BATTERY:]:
                self._leave(name, said("rating_many", most=BATTERY))
            names, columns = names[:BATTERY], columns[:BATTERY]
        scale = self._scale(columns, span)
        if scale is None:
            return
        self._claim(*names)
        self.used.update({name: there[name] for name in names})
        batteries.setdefault((scale, f"{span[0]}..{span[1]}"), []).append((stem, names))

    def _rated(self, scale: str, parts: Sequence[tuple[str, list[str]]]) -> None:
        """The means of ratings on one scale: perceptions alone, which is SERVPERF."""
        names = [name for _, part in parts for name in part]
        if "servqual" not in self.kinds:
            for name in names:
                self._leave(name, said("rating_unmeasured", scale=scale))
            return
        options: dict[str, Any] = {"perception": compressed(names) or names}
        pattern = isinstance(options["perception"], str)
        if scale != "1..7":
            options["scale"] = scale
        if len(parts) > 1 and any(len(part) > 1 for _, part in parts):
            options["dimensions"] = _dimensions(parts, names, pattern=pattern)
        elif len(names) == 22:
            numbers = [number_in(name)[0] for name in names] if pattern else range(1, 23)
            options["dimensions"] = {"all": spans(list(numbers))}
        self.made.metrics.append(
            MetricGuess(
                name=self._named("ratings"),
                kind="servqual",
                options=options,
                reasons=(
                    said("ratings", count=len(names)),
                    said("ratings_scale", scale=self._range(scale)),
                ),
                items=tuple(names),
            )
        )

    def _range(self, scale: str) -> str:
        guess = self.made.scales.get(scale)
        return f"{guess.low}..{guess.high}" if guess else scale

    # Segments.

    def _segments(self) -> None:
        likely: list[tuple[int, int, str, Said]] = []
        for place, name in enumerate(self.free):
            profile = self.profiles[name]
            texts = [text for text in profile.texts if not is_missing(text)]
            if (
                profile.many
                or not 2 <= len(texts) <= GROUPS
                or profile.filled < BASE * len(texts)
                or profile.longest > GROUP_NAME
                or name == WAVE
                or (profile.numbers == profile.filled and not profile.whole)
                or self._form(name) is not None
                or any(_is_list(text) for text in texts)
                or not all(map(_writable, texts))
            ):
                continue
            label = self._label(name)
            asked = label if len(label) <= SHORT else ""
            known = wordings.ABOUT_PEOPLE.search(f"{name}\n{asked}".casefold()) is not None
            numbers = all(whole(text) is not None for text in texts)
            labelled = bool(self._value_labels(name))
            if numbers and not labelled and (not known or len(texts) > CODES):
                continue
            rank = 0 if known else 1
            reason = said("segment" if known else "segment_few", count=len(texts))
            likely.append((rank, place, name, reason))
        for _, _, name, reason in sorted(likely, key=lambda one: one[:2]):
            self._claim(name)
            if len(self.made.segments) < SEGMENTS:
                self.made.segments[name] = reason
            else:
                self.made.more_segments.append(name)
        self._name_values(self.made.segments)

    def _name_values(self, columns: Iterable[str | Mapping[str, str]]) -> None:
        """The file's own names of values, of those that are there."""
        for name in columns:
            if isinstance(name, str):
                there = {_code(text): text for text in self.profiles[name].texts}
                named = {
                    there[code]: text
                    for code, text in self._value_labels(name).items()
                    if code in there and _writable(text)
                }
                if named:
                    self.made.names[name] = named

    def _rest(self) -> None:
        """Why what is left is left out."""
        for name in list(self.free):
            profile = self.profiles[name]
            self._leave(name, self._why_not(name, profile))

    def _why_not(self, name: str, profile: Profile) -> Said:
        texts = profile.texts
        if any(name in one.options for one in self.dictionary.sets):
            return said("option")
        if not profile.many and len(texts) == 1:
            return said("constant")
        if not profile.many and any(map(_is_list, texts)) and profile.longest < LABEL:
            return said("list")
        if profile.numbers == profile.filled:
            if profile.unique and profile.whole and profile.rows > GROUPS:
                return said("id")
            if profile.whole and len(texts) <= GROUPS and profile.high <= 2 * GROUPS:
                return said("codes")
            return said("number")
        if any(dates.count == profile.filled for dates in profile.dates.values()):
            return said("time_unnamed")
        if profile.unique and profile.longest <= GROUP_NAME:
            return said("id")
        if profile.longest > GROUP_NAME:
            return said("text")
        return said("texts")

    # What holds for all.

    def _missing(self) -> None:
        """Codes of "not answered": for all items, or where one of them allows it, for its own."""
        valid = {text for one in self.used.values() for text in one.values}
        valid |= {str(number) for number in range(11)}
        every: dict[str, None] = {}
        for name, answers in self.used.items():
            for text in answers.missing:
                if not _writable(text):
                    continue
                if text in valid:
                    self.made.item_missing.setdefault(name, []).append(text)
                else:
                    every[text] = None
        self.made.missing = sorted(every, key=lambda text: (whole(text) is not None, text))

    def _labels(self) -> None:
        for metric in self.made.metrics:
            # A metric of several answers names its options itself.
            for name in metric.items if metric.kind != "multiple" else ():
                label = self._label(name)
                if label and _writable(label):
                    self.made.labels[name] = label


def _within(
    answers: Answers, profile: Profile, high: int
) -> tuple[Answers | None, tuple[str, ...]]:
    """Answers up to a value, where few are beyond it; those count as not answered."""
    inside = {text: one for text, one in answers.values.items() if one <= high}
    beyond = tuple(text for text in answers.values if text not in inside)
    count = sum(profile.texts[text] for text in inside)
    if not inside or answers.count - count > ODD * answers.count:
        return None, ()
    kept = Answers(
        values=inside,
        missing=(*answers.missing, *map(_code, beyond)),
        wording=answers.wording,
        count=count,
    )
    return kept, beyond


def _joined_runs(
    groups: Mapping[_Stem, list[str]],
    there: Mapping[str, Answers],
    order: Sequence[str],
) -> list[tuple[str, list[str]]]:
    """Batteries by their stems; single columns that stand side by side and agree join too."""
    runs: list[tuple[str, list[str]]] = []
    loose: list[str] = []
    for (stem, *_), names in groups.items():
        if len(names) > 1:
            runs.append((stem, names))
        else:
            loose += names
    place = {name: number for number, name in enumerate(order)}
    run: list[str] = []

    def close() -> None:
        runs.extend([("", run)] if len(run) > 2 else [("", [name]) for name in run])

    for name in sorted(loose, key=place.__getitem__):
        alike = (
            run
            and place[name] == place[run[-1]] + 1
            and (_shape(there[name]) == _shape(there[run[-1]]))
        )
        if not alike:
            close()
            run = []
        run.append(name)
    close()
    return runs


def _shape(answers: Answers) -> tuple[object, ...]:
    return spanned([answers]), answers.ends, answers.wording


def _dimensions(
    parts: Sequence[tuple[str, list[str]]], names: Sequence[str], *, pattern: bool
) -> dict[str, str | list[int]]:
    """Item numbers by battery; single items stand together."""
    number = {name: number_in(name)[0] if pattern else place for place, name in enumerate(names, 1)}
    found: dict[str, list[int]] = {}
    for stem, part in parts:
        wanted = _slug(stem, "single" if len(part) == 1 else "battery")
        if len(part) == 1:
            found.setdefault("single", []).append(number[part[0]])
            continue
        count, name = 1, wanted
        while name in found or name == "single":
            count += 1
            name = f"{wanted}_{count}"
        found[name] = [number[one] for one in part]
    return {name: spans(of) for name, of in found.items()}


def _slug(text: str, otherwise: str) -> str:
    """A name for a metric or a dimension from what columns share."""
    name = _NO_NAME.sub("_", text.replace("#", "")).strip("_").lower()
    reserved = ("overall", "overall_items", "overall_dimensions", "single", "multiple")
    if not name or not name[0].isalpha() or name in reserved or len(name) > 40:
        return otherwise
    return name


def _only_ends(labels: Collection[int], values: Collection[int]) -> bool:
    """Whether of a scale's values the ends, and perhaps the middle, have names."""
    every = {*labels, *values}
    return (
        len(labels) <= 3 and {min(every), max(every)} <= {*labels} and len(every) > len(labels) + 1
    )


def _last_word(name: str) -> str:
    return re.split(r"[._\s\-:：]+", name.casefold().strip("._- "))[-1]


def _is_list(text: str) -> bool:
    """Whether a cell holds several answers."""
    return _LIST.fullmatch(text.strip()) is not None


def _writable(text: str) -> bool:
    """Whether a TOML file can hold a text."""
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


def _code(text: str) -> str:
    number = whole(text)
    return text if number is None else str(number)


def _month(number: int) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"


def _range_reason(span: tuple[int, int], scale: str) -> tuple[Said, ...]:
    return (said("ratings_scale", scale=f"{span[0]}..{span[1]}"),) if scale else ()
