"""Facts in the reader's language. Numbers are written as the tables write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from attrs import frozen

from satcore import Measured
from satcore_html import numerals
from satcore_html.estimates import Teller
from satcore_html.findings.records import SIDES, Fact, Finding
from satcore_html.units import of_events
from satcore_html.words import Words

#: The kinds that tell a number of one term.
_NUMBERED: Final = frozenset({*SIDES, "highest", "lowest", "none"})


@frozen(kw_only=True)
class Speaker:
    """Turns facts into findings.

    Attributes:
        teller: Turns rows into texts.
        tellers: The same, with each metric's names for its items.
        measured: The metrics, by name.
        anchors: The ids of the metrics' sections, by name.
        several: The metrics whose findings name their item.
        standards: What each standard is called.
    """

    teller: Teller
    tellers: Mapping[str, Teller]
    measured: Mapping[str, Measured]
    anchors: Mapping[str, str]
    several: frozenset[str]
    standards: Mapping[str, str]

    @property
    def words(self) -> Words:
        """The page's words."""
        return self.teller.words

    def finding(self, fact: Fact) -> Finding:
        """A fact as a reader is told it."""
        sentence, sure = _SAID.get(fact.kind, _gap)(fact, self)
        if not fact.firm:
            sure = _joined(sure, self.words("sure_chance"), self.words)
        if fact.small and fact.kind != "none":
            least = numerals.count(self.teller.results.about.min_base)
            sure = _joined(sure, self.words("sure_small", count=least), self.words)
        return Finding(
            fact=fact,
            subject=self.subject(fact),
            sentence=sentence,
            sure=sure,
            anchor=self._anchor(fact),
        )

    def _anchor(self, fact: Fact) -> str:
        if fact.question == "standards":
            return "standards"
        if fact.kind in ("failed", "invalid", "dropped", "skipped"):
            return "quality"
        return self.anchors.get(fact.metric, "quality")

    def subject(self, fact: Fact) -> str:
        """The metric, the term where it is not the metric's own name, and the item."""
        measured = self.measured.get(fact.metric)
        if fact.standard:
            return self.standards[fact.standard]
        if measured is None:
            return fact.metric or self.words("responses")
        words = self.words
        title = self.teller.results.title(fact.metric, words.language)
        term = measured.term(fact.term, words.language)
        # A term of the metric's own name is the metric.
        if fact.kind in _NUMBERED and term != title and fact.term not in ("", measured.kind):
            title = words("subject_item", metric=title, item=term)
        in_sentence = fact.compared == "paired" or fact.kind in ("highest", "lowest")
        if fact.item and fact.metric in self.several and not in_sentence:
            return words("subject_item", metric=title, item=self.item(fact, fact.item))
        return title

    def item(self, fact: Fact, item: str) -> str:
        """An item for people."""
        title = self.tellers.get(fact.metric, self.teller).item(item)
        return self.words("item_number", item=title) if title.isdigit() else title

    def amount(self, value: float | None, unit: str) -> str:
        """A value with its unit."""
        if value is None:
            return numerals.NOTHING
        return self._united(numerals.number(value, unit), self.words.unit_of(value, unit))

    def gap(self, value: float | None, unit: str) -> str:
        """A difference with its unit."""
        name = self.words.difference_unit(unit)
        return self._united(numerals.difference(value, unit), name)

    def _united(self, number: str, unit: str) -> str:
        return self.words("amount", number=number, unit=unit) if unit else number

    def span(self, low: float | None, high: float | None, fact: Fact, *, gap: bool) -> str:
        """An interval with its level."""
        if low is None or high is None:
            return self.words("finding_no_span")
        write = numerals.difference if gap else numerals.number
        return self.words(
            "finding_span",
            level=numerals.level(fact.confidence),
            low=write(low, fact.unit),
            high=write(high, fact.unit),
        )

    def parts(self, fact: Fact) -> dict[str, str]:
        """What sentences about a comparison name."""
        cells = self.teller.cells
        wave = self.teller.results.about.wave
        cell = dict(fact.cell)
        against = dict(fact.against or {})
        parts = {
            "axis": cells.axis(fact.along),
            "value": self.amount(fact.value, fact.unit),
            "difference": self.gap(fact.difference, fact.unit),
            "span": self.span(fact.difference_low, fact.difference_high, fact, gap=True),
            "item": self.item(fact, fact.item),
            "against": "",
            "target": "",
            "before": "",
            "wave": "",
        }
        if fact.compared == "previous":
            parts["before"] = cells.value(wave, against.pop(wave, None))
            parts["wave"] = cells.value(wave, cell.pop(wave, None))
        elif fact.compared == "paired":
            parts["against"] = self.item(fact, against.get("item") or "")
        elif fact.compared == "null":
            parts["target"] = against.get("value") or ""
        else:
            parts["against"] = cells.label(against)
        return parts | {"cell": cells.label(cell)}


def _joined(one: str, other: str, words: Words) -> str:
    gap = "" if words.language == "zh" else " "
    return gap.join(part for part in (one, other) if part)


def _claim(fact: Fact, say: Speaker) -> tuple[str, str]:
    above = SIDES[fact.kind] > 0
    sentence = say.words(f"finding_{fact.compared}_{fact.kind}", **say.parts(fact))
    p = numerals.p_value(fact.p_adjusted)
    return sentence, say.words("sure_above" if above else "sure_below", p=p)


def _extreme(fact: Fact, say: Speaker) -> tuple[str, str]:
    words = say.words
    sentence = words(
        f"finding_{fact.kind}",
        item=say.item(fact, fact.item),
        of=numerals.count(fact.of),
        value=say.amount(fact.value, fact.unit),
        span=say.span(fact.low, fact.high, fact, gap=False),
    )
    if not fact.count:
        return sentence, words("sure_apart")
    return sentence, words.counted("sure_overlap", fact.count)


def _none(fact: Fact, say: Speaker) -> tuple[str, str]:
    words, parts = say.words, say.parts(fact)
    if fact.count == 1:
        sentence = words(f"none_one_{fact.compared}", **parts)
    else:
        items = ""
        if fact.of > 1:
            count, of = numerals.count(fact.items), numerals.count(fact.of)
            key = "none_items_all" if fact.items == fact.of else "none_items"
            items = words(key, count=count, of=of)
        others = tuple(name for name in fact.axes if name != fact.along)
        within = words("none_within", axis=say.teller.cells.axes(others)) if others else ""
        head = words(f"none_{fact.compared}", **{**parts, "items": items, "within": within})
        known = fact.difference_low is not None
        sentence = words(
            "none_reach" if known else "none_unknown",
            head=head,
            count=numerals.count(fact.count),
            level=numerals.level(fact.confidence),
            low=say.gap(fact.difference_low, fact.unit),
            high=say.gap(fact.difference_high, fact.unit),
        )
    sure = _unseen(fact, words)
    if fact.together:
        key = "sure_together" if fact.items == 1 else "sure_together_items"
        sure = _joined(sure, words(key, count=numerals.count(fact.together)), words)
    return sentence, sure


def _unseen(fact: Fact, words: Words) -> str:
    """What an interval leaves open; one beside 0 needs a word on why nothing is claimed."""
    low, high = fact.difference_low, fact.difference_high
    if low is None or high is None:
        return ""
    if fact.count == 1 and (low > 0 or high < 0):
        return words("sure_adjusted", p=numerals.p_value(fact.p_adjusted))
    return words("sure_unseen")


def _standard(fact: Fact, say: Speaker) -> tuple[str, str]:
    words = say.words
    told = words("separator").join(
        words("outcome_count", outcome=words(f"outcome_{outcome}"), count=numerals.count(count))
        for outcome, count in fact.outcomes.items()
    )
    sentence = words(
        "finding_standard",
        of=numerals.count(fact.of),
        told=told,
    )
    return sentence, ""


def _target(fact: Fact, say: Speaker) -> tuple[str, str]:
    """A cell held against a standard, with the bound that decided."""
    words = say.words
    outcome = "not_shown" if fact.kind == "open" else fact.kind
    same = {
        "outcome": words(f"outcome_{outcome}"),
        "cell": say.teller.cells.label(fact.cell),
    }
    write = say.gap if "no_worse_than" in fact.outcomes else say.amount
    sure = words("sure_open") if fact.kind == "open" else ""
    if fact.needed is not None:
        key = "sure_needed_exposure" if of_events(fact.unit) else "sure_needed"
        sure = _joined(sure, words.counted(key, fact.needed), words)
    if fact.value is None:
        return words("finding_standard_unknown", **same), ""
    value = write(fact.value, fact.unit)
    if fact.bound is None:
        return words("finding_standard_plain", value=value, **same), sure
    bound = words(
        "bound_least" if fact.bound <= fact.value else "bound_most",
        bound=write(fact.bound, fact.unit),
        level=numerals.level(fact.confidence),
    )
    return words("finding_standard_cell", value=value, bound=bound, **same), sure


def _own(fact: Fact, say: Speaker) -> tuple[str, str]:
    return fact.text, ""


def _gap(fact: Fact, say: Speaker) -> tuple[str, str]:
    words = say.words
    if fact.kind == "failed":
        if not fact.count:
            return fact.text, ""
        return words.counted("gap_failed", fact.count, place=words("quality")), ""
    if fact.kind == "skipped":
        return words.counted("gap_skipped", fact.count), ""
    return (
        words(
            f"gap_{fact.kind}",
            count=numerals.count(fact.count),
            of=numerals.count(fact.of),
            items=numerals.count(fact.items),
            least=numerals.count(say.teller.results.about.min_base),
        ),
        "",
    )


_SAID: Final[Mapping[str, Callable[[Fact, Speaker], tuple[str, str]]]] = {
    **dict.fromkeys(SIDES, _claim),
    **dict.fromkeys(("highest", "lowest"), _extreme),
    **dict.fromkeys(("met", "not_met", "open"), _target),
    **dict.fromkeys(("own", "trend"), _own),
    "none": _none,
    "standard": _standard,
}
