"""The page of findings: each claim held against a known truth, its numbers, and what it hides."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint
from itertools import product
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from scipy.stats import binom

import satcore
import satcore_html
from satcore import Metric, Results, Tally
from satcore.plugins import Plugins
from satcore.results import COMPARISON_COLUMNS, ESTIMATE_COLUMNS, STANDARD_COLUMNS, Table
from satcore.study import Study
from satcore.testing import simulate
from satcore_html import numerals
from satcore_html.estimates import Teller
from satcore_html.findings import Fact, Findings, facts, findings
from satcore_html.findings.ranking import MOST, cut
from satcore_html.findings.records import SIDES
from satcore_html.findings.terms import told_term
from satcore_html.words import Words

REGIONS = ("North", "East", "South", "West")
WAVES = ("first", "second", "third")


@frozen(kw_only=True)
class Plain(Metric):
    """A mean, without pictures or findings of its own."""

    item: str = "q"

    def statistics(self, codebook: Any) -> Any:
        return {"answers": Tally(codebook.item(self.item, "0..10"))}

    def evaluate(self, answers: Any) -> Any:
        yield answers.mean(term="mean")


@frozen(kw_only=True)
class Speechless(Plain):
    """A mean that fails to put itself into words."""

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        raise LookupError("no word for it")


@pytest.fixture(scope="module")
def nps() -> Plugins:
    return Plugins((EntryPoint("nps", "satcore_nps", "satcore"),))


def found(results: Results, language: str = "en") -> list[Fact]:
    return facts(results, Teller.of(results, Words(language)))


def told(results: Results, language: str = "en") -> Findings:
    return findings(results, Teller.of(results, Words(language)))


def claims(some: Iterable[Fact]) -> list[Fact]:
    return [fact for fact in some if fact.kind in SIDES]


def cell_key(cell: Mapping[str, Any] | None) -> tuple[tuple[str, Any], ...] | None:
    return None if cell is None else tuple(sorted(cell.items()))


# Against the truth

STUDY: dict[str, Any] = {
    "study": {
        "by": ["region", "wave"],
        "comparisons": ["rest", "previous", "heterogeneity", "pairs"],
    },
    "roles": {"segments": ["region"], "wave": "wave"},
    "metrics": {"nps": {"item": "q"}},
}

#: The families that may claim something: kind of comparison, and dimension.
FAMILIES = (("rest", "region"), ("previous", "wave"), ("pair", "region"), ("pair", "wave"))


@frozen
class World:
    """A population: the shares of promoters, passives and detractors by region and wave."""

    shares: Mapping[tuple[str, str], tuple[float, float, float]]

    @classmethod
    def of(cls, region: Iterable[float], wave: Iterable[float]) -> World:
        """Promoters gain what detractors lose: points by region and by wave."""
        return cls(
            {
                (one, other): (0.35 + (a + b) / 200, 0.3, 0.35 - (a + b) / 200)
                for (one, a), (other, b) in product(
                    zip(REGIONS, region, strict=True), zip(WAVES, wave, strict=True)
                )
            }
        )

    def score(self, *, regions: Iterable[str] = REGIONS, waves: Iterable[str] = WAVES) -> float:
        """The true score: every region and wave has as many people as any other."""
        some = [self.shares[place] for place in product(tuple(regions), tuple(waves))]
        return 100 * sum(high - low for high, _, low in some) / len(some)

    def asked(self, rng: np.random.Generator, rows: int) -> dict[str, list[Any]]:
        region, wave = rng.integers(0, len(REGIONS), rows), rng.integers(0, len(WAVES), rows)
        shares = np.array([[self.shares[one, other] for other in WAVES] for one in REGIONS])[
            region, wave
        ]
        kind = (rng.random(rows)[:, None] > shares.cumsum(axis=1)[:, :2]).sum(axis=1)
        return {
            "q": np.array([10, 8, 3])[kind].tolist(),
            "region": [REGIONS[one] for one in region],
            "wave": [WAVES[one] for one in wave],
        }

    def difference(self, fact: Fact) -> float:
        """What a claim speaks of, were everybody asked."""
        if fact.compared == "rest":
            here = fact.cell["region"]
            assert here is not None
            others = [one for one in REGIONS if one != here]
            return self.score(regions=[here]) - self.score(regions=others)
        assert fact.compared in ("previous", "pair")
        assert fact.against is not None
        here, there = fact.cell[fact.along], fact.against[fact.along]
        assert here is not None
        assert there is not None
        if fact.along == "region":
            return self.score(regions=[here]) - self.score(regions=[there])
        return self.score(waves=[here]) - self.score(waves=[there])


def surveys(
    world: World, count: int, rows: int, plugins: Plugins, seed: int, **more: Any
) -> Iterator[Results]:
    rng = np.random.default_rng(seed)
    study = Study.of({**STUDY, **more})
    for _ in range(count):
        yield satcore.run(study, world.asked(rng, rows), plugins=plugins)


def test_where_nothing_differs_claims_are_as_rare_as_promised(nps: Plugins) -> None:
    count, alpha = 120, 0.05
    by_family = dict.fromkeys(FAMILIES, 0)
    firm = 0
    for results in surveys(World.of([0] * 4, [0] * 3), count, 240, nps, seed=11):
        everything = found(results)
        some = claims(everything)
        firm += any(fact.firm for fact in some)
        for family in FAMILIES:
            claimed = any((fact.compared, fact.along) == family for fact in some)
            by_family[family] += claimed
            if not claimed:
                # Whoever is told of no difference is told how wide it may be.
                [none] = [
                    one
                    for one in everything
                    if one.kind == "none" and (one.compared, one.along) == family and one.count > 1
                ]
                assert none.difference_low is not None
                assert none.difference_high is not None
                assert none.difference_low < 0 < none.difference_high
    most = binom.ppf(0.999, count, alpha)
    for family, claimed in by_family.items():
        assert claimed <= most, family
    # Allowing for every family, a whole page claims anything in one survey of twenty at most.
    assert firm <= most
    # A test that never fires would hold all of this.
    assert sum(by_family.values()) > 0


def test_strong_differences_are_found_and_on_their_side(nps: Plugins) -> None:
    world = World.of([40, 0, 0, -40], [12, 12, -24])
    for results in surveys(world, 12, 1500, nps, seed=12):
        some = claims(found(results))
        said = {(fact.kind, fact.cell.get("region") or fact.cell.get("wave")) for fact in some}
        assert {("high", "North"), ("low", "West"), ("fell", "third")} <= said
        for fact in some:
            if abs(world.difference(fact)) > 5:
                assert math.copysign(1, world.difference(fact)) == SIDES[fact.kind]
        # The last wave leads, and the strong differences come before the others.
        changes = [fact for fact in some if fact.compared == "previous" and fact.firm]
        assert changes[0].cell == {"wave": "third"}
        assert changes[0].kind == "fell"


def test_claims_are_true_as_often_as_promised(nps: Plugins) -> None:
    """Over populations whose differences are anything from none to large."""
    rng = np.random.default_rng(13)
    families = wrong = right = 0
    for seed in range(40):
        effects = rng.choice([0.0, 0.0, 4.0, -4.0, 15.0, -15.0, 30.0], 4)
        world = World.of(effects, rng.choice([0.0, 0.0, 6.0, -6.0, 20.0], 3))
        [results] = surveys(world, 1, 600, nps, seed=seed)
        some = claims(found(results))
        for family in FAMILIES:
            families += 1
            truths = [
                (fact, world.difference(fact))
                for fact in some
                if (fact.compared, fact.along) == family
            ]
            # No difference at all, but for rounding, is a false claim on either side.
            true = [abs(t) > 1e-9 and (t > 0) == (SIDES[fact.kind] > 0) for fact, t in truths]
            wrong += not all(true)
            right += sum(true)
            for fact, truth in truths:
                assert fact.difference_low is not None
                assert fact.difference_high is not None
                width = fact.difference_high - fact.difference_low
                if abs(truth) > width:
                    assert (truth > 0) == (SIDES[fact.kind] > 0)
    assert wrong <= binom.ppf(0.999, families, 0.05)
    assert right > families / 2


def test_standards_are_judged_as_often_right_as_promised(nps: Plugins) -> None:
    world = World.of([20, 0, -5, -20], [0, 0, 0])
    wrong = judged = 0
    standards = [{"metric": "nps", "at_least": 0, "by": "region"}]
    for results in surveys(world, 40, 500, nps, seed=14, standards=standards):
        for fact in found(results):
            if fact.kind in ("met", "not_met"):
                region = fact.cell["region"]
                assert region is not None
                truth = world.score(regions=[region])
                judged += 1
                assert fact.bound is not None
                # On the target itself it is met.
                wrong += (truth >= -1e-9) != (fact.kind == "met")
    assert judged > 60
    # Of four cells, one may go wrong by each of two bounds; counted over all of them.
    assert wrong <= binom.ppf(0.999, 40 * 4, 0.05)


# The numbers

SERVICE: dict[str, Any] = {
    "study": {"by": ["region", "wave", "region*wave"]},
    "roles": {"segments": ["region"], "wave": "month"},
    "labels": {"region": {name: {"en": name, "zh": name} for name in REGIONS}},
    "metrics": {
        "nps": {"item": "Q"},
        "again": {"metric": "nps", "item": "R", "by": ["region"]},
        "service": {
            "metric": "servqual",
            "expectation": "E{1..6}",
            "perception": "P{1..6}",
            "scale": "1..7",
            "dimensions": {"tangibles": "1..3", "reliability": "4..6"},
        },
        "kano": {
            "functional": "{feature}_f",
            "dysfunctional": "{feature}_d",
            "features": {"A": "Booking", "B": "Evening", "C": "Parking"},
            "scale": "1..5",
        },
    },
    "standards": [
        {"metric": "nps", "at_least": 0, "by": "region"},
        {"metric": "nps", "between": [-50, 50]},
        {"metric": "nps", "no_worse_than": {"region": "North"}, "margin": 5, "by": "region"},
    ],
}


@pytest.fixture(scope="module")
def bundled() -> Plugins:
    names = ("kano", "nps", "servqual", "trend")
    return Plugins(tuple(EntryPoint(name, f"satcore_{name}", "satcore") for name in names))


@pytest.fixture(scope="module")
def simulated(bundled: Plugins) -> Any:
    return simulate(SERVICE, 2500, seed=5, drift=0.15, waves=4, plugins=bundled)


@pytest.fixture(scope="module")
def service(simulated: Any, bundled: Plugins) -> Results:
    comparisons = {"comparisons": ["rest", "previous", "heterogeneity", "pairs"]}
    study = {**SERVICE, "study": {**SERVICE["study"], **comparisons}}
    return satcore.run(Study.of(study), simulated.survey(), plugins=bundled)


def test_intervals_are_those_of_the_rows(service: Results) -> None:
    compared = {
        (
            row["metric"],
            row["item"],
            row["term"],
            row["kind"],
            row["along"],
            cell_key(row["cell"]),
            cell_key(row["against"]),
        ): row
        for row in service.comparison_rows()
        # Two tests against 0 may stand beside each other, one of them by ranks, without a number.
        if row["difference"] is not None
    }
    estimates = {
        (row["metric"], row["item"], row["term"], cell_key(row["cell"])): row
        for row in service.rows()
    }
    some = claims(found(service))
    kinds = {(fact.kind, fact.compared) for fact in some}
    assert {one for _, one in kinds} >= {"rest", "previous", "pair", "null"}
    for fact in some:
        row = compared[
            fact.metric,
            fact.item,
            fact.term,
            fact.compared,
            fact.along,
            cell_key(fact.cell),
            cell_key(fact.against),
        ]
        assert fact.difference == row["difference"]
        assert (fact.difference_low, fact.difference_high) == (row["ci_low"], row["ci_high"])
        assert fact.p_adjusted == row["p_adjusted"]
        assert fact.p_adjusted is not None
        assert fact.p_adjusted < 0.05
        assert fact.difference_low is not None
        assert fact.difference_high is not None
        assert fact.difference_low > 0 or fact.difference_high < 0
        estimate = estimates[fact.metric, fact.item, fact.term, cell_key(fact.cell)]
        assert (fact.value, fact.low, fact.high, fact.base) == (
            estimate["value"],
            estimate["ci_low"],
            estimate["ci_high"],
            estimate["base"],
        )
    outcomes = {(row["standard"], cell_key(row["cell"])): row for row in service.standard_rows()}
    judged = [fact for fact in found(service) if fact.kind in ("met", "not_met", "open")]
    assert len(judged) == len(outcomes)
    for fact in judged:
        standard = outcomes[fact.standard, cell_key(fact.cell)]
        assert (fact.value, fact.bound) == (standard["value"], standard["bound"])
        assert standard["outcome"] == {"open": "not_shown"}.get(fact.kind, fact.kind)


def test_gaps_against_zero_are_true(service: Results, simulated: Any) -> None:
    truth = {
        (row["metric"], row["item"], row["term"], cell_key(row["cell"])): row["value"]
        for row in simulated.truth
    }
    held = wrong = 0
    for fact in claims(found(service)):
        if fact.compared == "null" and not fact.cell:
            held += 1
            value = truth[fact.metric, fact.item, fact.term, cell_key(fact.cell)]
            wrong += (value > 0) != (SIDES[fact.kind] > 0)
    assert held >= 3
    assert wrong == 0


SHARES = {"price": 0.6, "service": 0.5, "place": 0.5, "parking": 0.1}


def test_items_are_held_against_each_other_and_ordered() -> None:
    rng = np.random.default_rng(21)
    plugins = Plugins((EntryPoint("multiple", "satcore_multiple", "satcore"),))
    study = Study.of(
        {"metrics": {"why": {"metric": "multiple", "options": {name: name for name in SHARES}}}}
    )
    wrong = 0
    for _ in range(20):
        data = {
            name: (rng.random(500) < share).astype(int).tolist() for name, share in SHARES.items()
        }
        results = satcore.run(study, data, plugins=plugins)
        some = found(results)
        rows = {row["item"]: row for row in results.rows("why", "respondents")}
        pairs = [fact for fact in claims(some) if fact.compared == "paired"]
        told = {frozenset((fact.item, (fact.against or {})["item"])) for fact in pairs}
        assert {frozenset(("price", "parking")), frozenset(("place", "parking"))} <= told
        false = False
        for fact in pairs:
            other = (fact.against or {})["item"]
            assert other is not None
            truth = SHARES[fact.item] - SHARES[other]
            false |= not truth or (truth > 0) != (SIDES[fact.kind] > 0)
        wrong += false
        extremes = {fact.kind: fact for fact in some if fact.kind in ("highest", "lowest")}
        highest, lowest = extremes["highest"], extremes["lowest"]
        assert highest.item == max(SHARES, key=lambda name: rows[name]["value"] or 0.0)
        assert lowest.item == "parking"
        # No other interval comes near; the first is told with those that reach into its own.
        assert lowest.count == 0
        reach = [
            name
            for name in SHARES
            if name != highest.item
            and (rows[name]["ci_high"] or 0.0) >= (rows[highest.item]["ci_low"] or 0.0)
        ]
        assert highest.count == len(reach)
    assert wrong <= binom.ppf(0.999, 20, 0.05)


def fact(metric: str, place: int, **more: Any) -> Fact:
    return Fact(
        **{
            "kind": "high",
            "question": "stands_out",
            "metric": metric,
            "compared": "rest",
            "rank": (0, 0, -place),
            **more,
        }
    )


def test_no_metric_crowds_out_another() -> None:
    loud = [fact("loud", place) for place in range(500)]
    kept, left = cut([*loud, fact("quiet", 0)])
    assert [one.metric for one in kept] == ["loud"] * 4 + ["quiet"]
    assert [one.rank[2] for one in kept[:4]] == [-499, -498, -497, -496]
    assert left == 496
    many = [fact(f"m{number}", place) for number in range(40) for place in range(5)]
    kept, left = cut(many)
    assert [one.metric for one in kept] == [f"m{number}" for number in range(40)]
    assert left == 160


def test_a_standard_that_fails_often_does_not_hide_the_others() -> None:
    cells = [
        fact("nps", place, kind="not_met", question="standards", standard="a", of=20)
        for place in range(20)
    ]
    counted = [
        fact("nps", 0, kind="standard", question="standards", standard=name, of=20, rank=rank)
        for name, rank in (("b", (2, -1, 0)), ("a", (0, -1, 0)))
    ]
    kept, left = cut([*cells, *counted])
    assert [(one.kind, one.standard) for one in kept[:3]] == [
        ("standard", "a"),
        ("standard", "b"),
        ("not_met", "a"),
    ]
    assert left == 16


def test_what_a_metric_says_stands_before_what_may_be_chance() -> None:
    some = [
        fact("m", 9, firm=False),
        fact("m", 0, kind="own", compared="", text="It is so."),
        fact("m", 1),
        fact("m", 0, kind="none", count=3),
    ]
    kept, _ = cut(some)
    assert [(one.kind, one.firm) for one in kept] == [
        ("high", True),
        ("own", True),
        ("high", False),
        ("none", True),
    ]


def test_a_term_that_is_not_compared_gives_way() -> None:
    def told_of(primary: str, compared: list[str]) -> str:
        spec = satcore.MetricSpec("m", Plain, primary=primary, headline=("kind", "better", "worse"))
        measured = satcore.Measured(name="m", kind="m", metric=Plain(), spec=spec)
        return told_term(measured, ["kind", "worse", "better"], compared)

    assert told_of("kind", ["better", "worse"]) == "better"
    assert told_of("worse", ["better", "worse"]) == "worse"
    assert told_of("kind", []) == "kind"
    assert told_of("", ["better"]) == "better"


NUMBER = re.compile(r"[-+]?∞|[-+<>]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?%?")


def written(fact: Fact) -> set[str]:
    """Every number of a fact as tables write it."""
    numbers = {numerals.level(fact.confidence), numerals.p_value(fact.p_adjusted)}
    targets = fact.target if isinstance(fact.target, list) else [fact.target]
    for value in (fact.value, fact.low, fact.high, fact.bound, *targets):
        numbers |= {numerals.number(value, fact.unit), numerals.difference(value, fact.unit)}
    for value in (fact.difference, fact.difference_low, fact.difference_high):
        numbers.add(numerals.difference(value, fact.unit))
    for count in (fact.count, fact.of, fact.items, fact.together, fact.needed):
        numbers.add(numerals.count(count))
    numbers |= {numerals.count(count) for count in fact.outcomes.values()}
    if fact.compared == "null" and fact.against:
        numbers.add(fact.against["value"] or "")
    return numbers


def numbers_of(text: str, labels: Iterable[str]) -> list[str]:
    for label in sorted(labels, key=len, reverse=True):
        text = text.replace(label, " ")
    return NUMBER.findall(re.sub(r"(?:item|题项) \d+", " ", text))


def test_sentences_hold_the_numbers_of_their_facts(service: Results) -> None:
    labels = {str(label) for row in service.rows() for label in row["cell"].values()}
    least = numerals.count(service.about.min_base)
    both = {}
    for language in ("en", "zh"):
        lines = []
        for group in told(service, language).groups:
            for one in group.findings:
                fact = one.fact
                if fact.kind in ("own", "trend", "failed"):
                    continue
                inside = numbers_of(f"{one.sentence} {one.sure}", labels)
                allowed = written(fact) | ({least} if fact.small or fact.kind == "small" else set())
                assert set(inside) <= allowed, one.sentence
                if fact.kind in SIDES:
                    for value in (fact.difference, fact.difference_low, fact.difference_high):
                        assert numerals.difference(value, fact.unit) in inside
                    assert numerals.p_value(fact.p_adjusted) in inside
                if fact.kind in ("met", "not_met"):
                    bound = (numerals.number, numerals.difference)
                    assert {write(fact.bound, fact.unit) for write in bound} & set(inside)
                if fact.kind in ("highest", "lowest"):
                    for value in (fact.value, fact.low, fact.high):
                        assert numerals.number(value, fact.unit) in inside
                lines.append(sorted(inside))
        both[language] = lines
    assert both["en"] == both["zh"]
    assert len(both["en"]) > 10


def test_an_interval_beside_zero_that_claims_nothing_says_why(nps: Plugins) -> None:
    waves = {"a": (40, 40), "b": (40, 40), "c": (40, 40), "d": (54, 34)}
    answers = [
        (9 if number < high else 3, wave)
        for wave, (high, low) in waves.items()
        for number in range(high + low)
    ]
    study = Study.of({"metrics": {"nps": {"item": "Q1"}}, "roles": {"wave": "w"}})
    data = {"Q1": [one for one, _ in answers], "w": [one for _, one in answers]}
    results = satcore.run(study, data, plugins=nps, confidence=0.8)
    for language, why in (("en", "may still be chance"), ("zh", "仍可能出于偶然")):
        last, rest = (
            one
            for group in told(results, language).groups
            for one in group.findings
            if one.fact.kind == "none"
        )
        assert last.fact.difference_low > 0
        assert why in last.sure
        assert numerals.p_value(last.fact.p_adjusted) in last.sure
        assert rest.fact.count == 3
        assert why not in rest.sure


def test_every_question_is_answered(service: Results) -> None:
    page = told(service)
    assert [group.question for group in page.groups] == [
        "stands_out",
        "changed",
        "standards",
        "unsaid",
    ]
    everything = found(service)
    for group in page.groups:
        shown = len(group.findings)
        assert 0 < shown <= MOST or group.nothing
        left = sum(fact.question == group.question for fact in everything) - shown
        assert (numerals.count(left) in group.more) if left else not group.more
    # No metric crowds out another: whoever has a finding is told.
    for group in page.groups:
        wanted = {fact.metric for fact in everything if fact.question == group.question}
        assert {one.fact.metric for one in group.findings} == wanted
    anchors = {one.anchor for group in page.groups for one in group.findings}
    html = satcore_html.render(service).decode()
    for anchor in anchors:
        assert f'id="{anchor}"' in html


def test_the_note_counts_the_families(nps: Plugins) -> None:
    plain = {"study": {"by": ["region", "wave"]}}
    [results] = surveys(World.of([0] * 4, [0] * 3), 1, 240, nps, seed=3, **plain)
    # Rest and heterogeneity by region, wave by wave; one item, one term.
    assert "3 families" in told(results).note
    assert "about 0.2 of them" in told(results).note


# Odd results


def table(rows: list[dict[str, Any]], columns: Iterable[str]) -> Table:
    return Table({name: [row[name] for row in rows] for name in columns})


@frozen(kw_only=True)
class Mute(Metric):
    """A metric whose rows are made by hand."""

    def statistics(self, codebook: Any) -> Any:
        raise AssertionError

    evaluate = statistics


@st.composite
def odd(draw: st.DrawFn) -> Results:
    """Results such as no survey gives: bounds that are absent or infinite, any status."""
    segments = draw(st.sampled_from([0, 1, 2, 3, 200]))
    waves = draw(st.sampled_from([0, 1, 3]))
    items = draw(st.sampled_from([("q",), ("a", "b", "c")]))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    rough = [None, float("inf"), float("-inf"), 0.0, 1e-12, -1e15, 0.5, -0.5, 2.0]
    units = draw(st.sampled_from([("proportion",), ("points", "score"), ("points a year", "")]))
    statuses = ("ok", "ok", "small", "suppressed", "empty", "undefined", "error")

    def some() -> Any:
        return rough[rng.integers(len(rough))]

    def numbers(*names: str) -> dict[str, Any]:
        return {name: some() for name in names}

    cells: list[dict[str, str | None]] = [{}]
    cells += [{"region": f"R{place}" if place else None} for place in range(segments)]
    cells += [{"wave": WAVES[place]} for place in range(waves)]
    estimates, comparisons, standards = [], [], []
    for item in items:
        for cell in cells:
            status = statuses[rng.integers(len(statuses))]
            estimates.append(
                {
                    **dict.fromkeys(ESTIMATE_COLUMNS, ""),
                    **numbers("value", "ci_low", "ci_high", "std_error"),
                    "metric": "odd",
                    "kind": "odd",
                    "item": item,
                    "term": "t",
                    "cell": cell,
                    "label": None,
                    "confidence": 0.95,
                    "unit": units[len(item) % len(units)],
                    "base": 7,
                    "weighted_base": 7.0,
                    "effective_base": None,
                    "status": status,
                }
            )
            kind = "previous" if "wave" in cell else "rest" if cell else "null"
            against = {"previous": {"wave": WAVES[0]}, "rest": None, "null": {"value": "0"}}[kind]
            comparisons.append(
                {
                    **dict.fromkeys(COMPARISON_COLUMNS, ""),
                    **numbers("difference", "ci_low", "ci_high", "std_error", "statistic"),
                    "metric": "odd",
                    "item": item,
                    "term": "t",
                    "kind": kind,
                    "cell": cell,
                    "along": next(iter(cell), ""),
                    "against": against,
                    "df": None,
                    "confidence": 0.95,
                    "status": statuses[rng.integers(len(statuses))],
                    "p": 0.01,
                    "p_adjusted": [None, 0.0, 0.01, 0.04999, 0.05, 1.0][rng.integers(6)],
                }
            )
            standards.append(
                {
                    **dict.fromkeys(STANDARD_COLUMNS, ""),
                    **numbers("value", "bound"),
                    "standard": "s",
                    "metric": "odd",
                    "item": item,
                    "term": "t",
                    "cell": cell,
                    "against": None,
                    "rule": "at_least",
                    "target": 0.5,
                    "confidence": 0.95,
                    "needed": [None, 1, 12][rng.integers(3)],
                    "base": 7,
                    "unit": units[0],
                    "outcome": ["met", "not_met", "not_shown"][rng.integers(3)],
                    "status": statuses[rng.integers(len(statuses))],
                }
            )
    return Results(
        about=satcore.About(
            by=(("region",), ("wave",)), segments=("region",), wave="wave" if waves else ""
        ),
        responses=satcore.Responses(read=None, kept=None),
        items=(),
        metrics=(satcore.Measured(name="odd", kind="odd", metric=Mute()),),
        estimates=table(estimates, ESTIMATE_COLUMNS),
        comparisons=table(comparisons, COMPARISON_COLUMNS),
        standards=table(standards, STANDARD_COLUMNS),
        failures=({"metric": "odd", "kind": "odd", "cells": 2, "message": "it broke"},),
    )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(results=odd())
def test_odd_results_are_told(results: Results) -> None:
    hidden = {
        (row["item"], cell_key(row["cell"]))
        for row in results.rows()
        if row["status"] == "suppressed"
    }
    everything = found(results)
    for fact in everything:
        if fact.claims:
            assert fact.bound is not None or None not in (fact.difference_low, fact.difference_high)
        if fact.kind in SIDES:
            low, high = fact.difference_low, fact.difference_high
            assert low is not None
            assert high is not None
            assert low > 0 if SIDES[fact.kind] > 0 else high < 0
            assert fact.p_adjusted is not None
            assert fact.p_adjusted < 0.05
        if fact.kind in SIDES or fact.kind in ("highest", "lowest"):
            assert (fact.item, cell_key(fact.cell)) not in hidden
            if fact.compared == "previous":
                assert (fact.item, cell_key(fact.against)) not in hidden
    for language in ("en", "zh"):
        page = told(results, language)
        count = 0
        for group in page.groups:
            assert len(group.findings) <= MOST
            count += len(group.findings)
            for one in group.findings:
                assert one.sentence
                assert not re.search(r"\bNone\b|\bnan\b|[{}]", f"{one.sentence} {one.sure}")
        assert count <= len(everything)


def test_a_group_of_two_is_told_once(nps: Plugins) -> None:
    data = {"q": [10] * 60 + [3] * 60, "region": ["North"] * 50 + ["South"] * 70}
    study = {**STUDY, "study": {"by": ["region"]}, "roles": {"segments": ["region"]}}
    some = claims(found(satcore.run(Study.of(study), data, plugins=nps)))
    assert [(fact.kind, fact.cell) for fact in some] == [("high", {"region": "North"})]


# Metrics of others


def test_a_plain_metric_has_its_findings_and_a_failing_one_is_contained() -> None:
    rng = np.random.default_rng(4)
    region = rng.choice(REGIONS, 800)
    scores = np.clip(rng.integers(2, 9, 800) + 2 * (region == "North"), 0, 10)
    results = satcore.run(
        {"plain": Plain(), "mute": Speechless()},
        {"q": scores.tolist(), "region": region.tolist()},
        segments=["region"],
    )
    some = claims(found(results))
    for name in ("plain", "mute"):
        first = next(fact for fact in some if fact.metric == name)
        assert (first.kind, first.cell) == ("high", {"region": "North"})
    [failed] = [fact for fact in found(results) if fact.kind == "failed"]
    assert failed.metric == "mute"
    assert "LookupError: no word for it" in failed.text
    for render in (satcore_html.render, satcore_html.render_markdown):
        assert "no word for it" in render(results).decode()


def test_what_was_lost_is_counted(nps: Plugins) -> None:
    data = {
        "q": [10, 3] * 30 + [99] * 3 + [10, 9, 2, 4, 0],
        "region": ["North", "South"] * 30 + ["North"] * 3 + ["West"] * 5,
        "done": ["yes"] * 60 + ["no"] * 8,
    }
    study = {
        "study": {"by": ["region"], "suppress_below": 6, "invalid": "missing"},
        "roles": {"segments": ["region"]},
        "metrics": {"nps": {"item": "q"}},
        "keep": [{"column": "done", "is": ["yes"]}],
    }
    results = satcore.run(Study.of(study), data, plugins=nps)
    lost = {fact.kind: fact for fact in found(results) if fact.question == "unsaid"}
    assert (lost["dropped"].count, lost["dropped"].of) == (8, 68)
    del study["keep"]
    results = satcore.run(Study.of(study), data, plugins=nps)
    lost = {fact.kind: fact for fact in found(results) if fact.question == "unsaid"}
    assert (lost["invalid"].count, lost["invalid"].items) == (3, 1)
    withheld = [row for row in results.rows("nps", "nps") if row["status"] == "suppressed"]
    assert lost["suppressed"].count == len(withheld) == 2
    assert not [one for one in found(results) if one.cell.get("region") == "West"]


# Labels that are code elsewhere

LABELS = ("<script>alert(1)</script>", "=cmd()", "**x**", "plain")


@pytest.fixture(scope="module")
def evil(nps: Plugins) -> Results:
    scores = {LABELS[0]: 10, LABELS[1]: 0, LABELS[2]: 10, LABELS[3]: 8}
    rng = np.random.default_rng(8)
    region = [LABELS[one] for one in rng.integers(0, 4, 1200)]
    noise = rng.random(1200) < 0.2
    data = {
        "q": [5 if odd else scores[one] for one, odd in zip(region, noise, strict=True)],
        "region": region,
    }
    study = {**STUDY, "study": {"by": ["region"]}, "roles": {"segments": ["region"]}}
    return satcore.run(Study.of(study), data, plugins=nps)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_labels_stay_text(evil: Results, language: str) -> None:
    sentences = [one.sentence for group in told(evil, language).groups for one in group.findings]
    for label in LABELS[:3]:
        assert any(sentence.startswith(label) for sentence in sentences)
    page = satcore_html.render(evil, language).decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    text = satcore_html.render_markdown(evil, language).decode()
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    tokens = [part for one in parser.parse(text) for part in (one, *(one.children or ()))]
    assert not {one.type for one in tokens} & {"html_inline", "html_block", "link_open"}
    seen = "".join(one.content for one in tokens if one.type in ("text", "text_special"))
    for sentence in sentences:
        assert sentence in seen
    book = zipfile.ZipFile(io.BytesIO(satcore_html.render_workbook(evil, language)))
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert sheet.find(f".//{main}f") is None
    texts = [
        "".join(part.text or "" for part in one.iter(f"{main}t"))
        for one in ET.fromstring(book.read("xl/sharedStrings.xml")).iter(f"{main}si")
    ]
    assert set(sentences) <= set(texts)
    styles = ET.fromstring(book.read("xl/styles.xml")).find(f"{main}cellXfs")
    assert styles is not None
    marked = [one.get("quotePrefix") == "1" for one in styles]
    formulas = 0
    for one in sheet.iter(f"{main}c"):
        value = one.find(f"{main}v")
        if one.get("t") == "s" and value is not None and texts[int(value.text or 0)][0] in "=+-@":
            formulas += 1
            assert marked[int(one.get("s") or 0)]
    assert formulas
