"""The Kano metric: from pairs of answers to categories, coefficients and priorities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Literal

import numpy as np
from attrs import evolve, field, frozen

from satcore import (
    Chart,
    Codebook,
    Estimate,
    FloatArray,
    Indicator,
    IntArray,
    Item,
    Metric,
    Moments,
    MomentSums,
    NormalInterval,
    OptionError,
    Paired,
    Recode,
    Replicated,
    Replicates,
    Results,
    Statistic,
    Tallied,
    Tally,
    Text,
    near,
)
from satcore_kano.rules import (
    RESAMPLES,
    REVERSED,
    RULES,
    STRENGTH,
    TIES,
    UNCLEAR,
    fong_limit,
    modal_probability,
    mode,
)
from satcore_kano.tables import CATEGORIES, EvaluationTable, table_of

#: The place of each category in counts.
_PLACE = {letter: place for place, letter in enumerate(CATEGORIES)}


@frozen(kw_only=True)
class Kano(Metric):
    """Kano's model: what a feature's presence and absence do to satisfaction.

    Attributes:
        features: The features: names, or names with texts for people.
        functional: The column of a feature's functional question, ``{feature}`` standing for its
            name: ``"{feature}_functional"``.
        dysfunctional: The column of its dysfunctional question, likewise.
        pairs: Columns by feature, functional first, where no pattern fits.
        scale: The answers, from "I like it" to "I dislike it": a range or a declared scale.
        table: The evaluation table: ``kano``, ``pouliot``, ``short``, or rows of letters.
        rule: The rule that picks the category: ``mode``, ``berger`` or ``lee_newcomb``.
        strength: The lead below which ``lee_newcomb`` speaks of a combination.
        importance: The column of a feature's self-stated importance, as a pattern.
        importance_scale: Its scale.
        continuous: Whether the continuous analysis takes all pairs or leaves out R and Q.
        reverse_above: The share of R above which a feature's polarity is doubted.
        questionable_above: The share of Q above which its wording is doubted.
        seed: Seed of the bootstrap.
        compare_features: Whether features are held against each other, two by two, in the same
            respondents. It takes more counting than all other figures.
    """

    features: tuple[str, ...] | Mapping[str, Text] = ()
    functional: str | None = None
    dysfunctional: str | None = None
    pairs: Mapping[str, tuple[str, str]] = field(factory=dict)
    scale: str = "1..5"
    table: str | tuple[str, ...] = "kano"
    rule: str = "mode"
    strength: float = STRENGTH
    importance: str | None = None
    importance_scale: str = "1..9"
    continuous: Literal["all", "without_RQ"] = "all"
    reverse_above: float = 0.10
    questionable_above: float = 0.05
    seed: int = 0
    compare_features: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """The features' names."""
        return tuple(self.features) or tuple(self.pairs)

    @property
    def evaluation(self) -> EvaluationTable:
        """The evaluation table."""
        return table_of(self.table)

    def columns(self, feature: str) -> tuple[str, str]:
        """The functional and the dysfunctional column of a feature."""
        if feature in self.pairs:
            return self.pairs[feature]
        if self.functional is None or self.dysfunctional is None:
            missing = "functional" if self.functional is None else "dysfunctional"
            raise OptionError(
                missing,
                f"the feature {feature!r} has no {missing} question; give a pattern, as "
                f'{missing} = "{{feature}}_{missing}", or its two columns in pairs',
            )
        return (
            self.functional.replace("{feature}", feature),
            self.dysfunctional.replace("{feature}", feature),
        )

    def _check(self) -> None:
        if not self.names:
            raise OptionError("features", 'none is named; write features = ["F1", "F2"]')
        for option in ("functional", "dysfunctional", "importance"):
            pattern = getattr(self, option)
            if pattern is not None and "{feature}" not in pattern and len(self.names) > 1:
                raise OptionError(option, f"{pattern!r} lacks {{feature}}: one column for all")
        unknown = sorted(set(self.pairs) - set(self.names))
        if unknown:
            raise OptionError("pairs", f"{unknown} are none of the features {list(self.names)}")
        if self.continuous not in ("all", "without_RQ"):
            raise OptionError("continuous", f"{self.continuous!r} is none of all, without_RQ")
        if self.rule not in RULES:
            raise OptionError(
                "rule",
                f"{self.rule!r} is none of {', '.join(RULES)}{near(self.rule, RULES)}",
            )
        for option in ("strength", "reverse_above", "questionable_above"):
            if not 0 <= getattr(self, option) <= 1:
                raise OptionError(option, f"{getattr(self, option):g} is no share from 0 to 1")
        if self.seed < 0:
            raise OptionError("seed", f"{self.seed} is negative")
        seen: dict[str, str] = {}
        for feature in self.names:
            for column in self.columns(feature):
                if column in seen:
                    raise OptionError(
                        "features",
                        f"the column {column!r} would serve {seen[column]!r} and {feature!r}, or "
                        "both questions of one feature",
                    )
                seen[column] = feature

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic | Mapping[str, Statistic]]:
        """For each feature the table of both answers; for pairs of features their joint moments.

        Raises:
            OptionError: Features without both questions, an unknown table or rule, or a scale
                that does not fit the table.
        """
        self._check()
        table = self.evaluation
        items: dict[str, tuple[Item, Item]] = {}
        for feature in self.names:
            one, other = (codebook.item(name, self.scale) for name in self.columns(feature))
            if one.levels != table.answers or other.levels != table.answers:
                raise OptionError(
                    "scale", f"it has {one.levels} answers, but the table {table.answers}"
                )
            items[feature] = (one, other)
        categories = {
            feature: Recode(pair, table.numbers, tuple(CATEGORIES), name=feature)
            for feature, pair in items.items()
        }
        declared: dict[str, Statistic | Mapping[str, Statistic]] = {
            "answers": {feature: Tally(*pair) for feature, pair in items.items()}
        }
        if self.importance is not None:
            declared["importance"] = {
                feature: Tally(
                    codebook.item(
                        self.importance.replace("{feature}", feature), self.importance_scale
                    )
                )
                for feature in self.names
            }
        if self.compare_features and len(self.names) > 1:
            declared["joint"] = Moments(
                tuple(
                    Indicator(categories[feature], codes, missing_is_0=True)
                    for feature in self.names
                    for codes in (_codes("AO"), _codes("OM"), _codes("AOMI"))
                )
            )
        if codebook.weighted:
            declared["resampled"] = {
                feature: Replicates(Tally(one), seed=self.seed)
                for feature, one in categories.items()
            }
        return declared

    def evaluate(
        self,
        answers: Mapping[str, Tallied],
        importance: Mapping[str, Tallied] | None = None,
        joint: MomentSums | None = None,
        resampled: Mapping[str, Replicated] | None = None,
    ) -> Iterator[Estimate | Paired]:
        """Category, shares, Better and Worse, strengths and continuous scores of each feature."""
        better: dict[str, tuple[Estimate, Estimate]] = {}
        for feature, tally in answers.items():
            drawn = None if resampled is None else resampled[feature]
            yield from self._category(feature, tally, drawn)
            better[feature] = self._coefficients(feature, tally)
            yield from better[feature]
            yield from self._continuous(feature, tally)
            if importance is not None:
                yield importance[feature].mean(term="importance", item=feature)
        if joint is not None:
            yield from self._pairs(better, joint)

    def _among(self, letters: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return np.isin(self.evaluation.grid, _codes(letters))

    def _category(
        self, feature: str, tally: Tallied, drawn: Replicated | None
    ) -> Iterator[Estimate]:
        """The category under the rule, where the rules disagree, and the share of each."""
        counts = _by_category(self.evaluation, tally)
        labels = RULES[self.rule](counts, self.strength)
        others = {
            name: rule(counts, self.strength) for name, rule in RULES.items() if name != self.rule
        }
        halves = _halves(tally)
        messages = tuple(
            "; ".join(
                part
                for part in (
                    _disagreement(self.rule, label, {one: others[one][cell] for one in others}),
                    f"only one of the two questions is answered by {halves[cell]}"
                    if halves[cell]
                    else "",
                )
                if part
            )
            for cell, label in enumerate(labels)
        )
        # The share of the category; of a combination, of both together.
        flags = np.array(
            [[letter in (label or "") for letter in CATEGORIES] for label in labels]
        ).reshape(-1, len(CATEGORIES))
        modal = tally.share(flags[:, self.evaluation.grid], term="category", item=feature)
        yield evolve(modal, label=tuple(labels), message=messages)
        for letter in CATEGORIES:
            share = tally.share(self._among(letter), term=f"share_{letter}", item=feature)
            yield self._doubted(share, letter)
        yield tally.share(self._among("AOM"), term="total_strength", item=feature)
        yield _strength(self.evaluation, tally, counts, feature)
        yield from _fong(counts, tally, feature)
        yield self._modal(counts, tally, drawn, feature)

    def _doubted(self, share: Estimate, letter: str) -> Estimate:
        """R and Q with a word where their share is surely above what one lets pass."""
        limit, said = {
            "R": (self.reverse_above, REVERSED),
            "Q": (self.questionable_above, UNCLEAR),
        }.get(letter, (1.0, ""))
        if not said or share.interval is None:
            return share
        low, _ = share.interval.bounds(0.95)
        return evolve(share, message=tuple(said if one > limit else "" for one in low.tolist()))

    def _modal(
        self, counts: FloatArray, tally: Tallied, drawn: Replicated | None, feature: str
    ) -> Estimate:
        """The probability that the modal category is the modal one."""
        labels = mode(counts)
        if drawn is None:
            value = modal_probability(counts, labels, self.seed)
            resamples: IntArray = np.full(value.shape, RESAMPLES, dtype=np.int64)
        else:
            found = [mode(view.weights) for view in drawn.views]
            hits = np.array(
                [[one == label for one, label in zip(f, labels, strict=True)] for f in found]
            )
            # A small cell may draw nobody; that replicate says nothing of it.
            someone = np.array([[one is not None for one in f] for f in found])
            drawn_often = someone.sum(axis=0)
            with np.errstate(invalid="ignore"):
                share = np.sum(hits & someone, axis=0) / drawn_often
            value, resamples = np.where(tally.base > 0, share, np.nan), drawn_often
        with np.errstate(invalid="ignore", divide="ignore"):
            error = np.sqrt(value * (1 - value) / resamples)
        return Estimate(
            term="modal_probability",
            item=feature,
            value=value,
            std_error=error,
            interval=NormalInterval(
                centre=value, std_error=error, method="monte_carlo", low=0.0, high=1.0
            ),
            base=tally.base,
            weighted_base=tally.weighted_base,
            effective_base=tally.effective_base,
            unit="proportion",
            label=tuple(labels),
        )

    def _coefficients(self, feature: str, tally: Tallied) -> tuple[Estimate, Estimate]:
        """Better and Worse (Berger et al. 1993): shares among A, O, M and I."""
        among = self._among("AOMI")
        better = tally.share(self._among("AO"), term="better", item=feature, among=among)
        worse = tally.share(self._among("OM"), term="worse", item=feature, among=among)
        return _told(better, tally), _told(worse.scaled(-1.0), tally)

    def _continuous(self, feature: str, tally: Tallied) -> Iterator[Estimate]:
        """DuMouchel's means of scores (1993)."""
        left_out = self._among("RQ") if self.continuous == "without_RQ" else self._among("")
        for scores, term in zip(
            self.evaluation.scores(), ("functional_mean", "dysfunctional_mean"), strict=True
        ):
            mean = tally.mean(np.where(left_out, np.nan, scores), term=term, item=feature)
            yield _told(mean, tally)

    def _pairs(
        self, better: Mapping[str, tuple[Estimate, Estimate]], joint: MomentSums
    ) -> Iterator[Paired]:
        """Features against each other in the same respondents, by the delta method."""
        shares = joint.means()
        place = {feature: 3 * number for number, feature in enumerate(self.names)}
        for which, term in enumerate(("better", "worse")):
            for first, second in combinations(self.names, 2):
                coefficients = np.zeros_like(shares)
                for feature, sign in ((first, 1.0), (second, -1.0)):
                    at = place[feature]
                    value = np.abs(better[feature][which].value)
                    side = -sign if term == "worse" else sign
                    with np.errstate(divide="ignore", invalid="ignore"):
                        coefficients[:, at + which] += side / shares[:, at + 2]
                        coefficients[:, at + 2] -= side * value / shares[:, at + 2]
                error = joint.linear_error(coefficients)
                one, other = better[first][which], better[second][which]
                yield Paired(
                    term=term,
                    item=first,
                    against=second,
                    value=one.value - other.value,
                    std_error=error,
                    method="paired delta",
                    base=np.minimum(one.base, other.base),
                )

    def item_title(self, item: str, language: str = "en") -> str:
        """A feature's name for people."""
        known = self.features if isinstance(self.features, Mapping) else {}
        return known[item].said(language) if item in known else ""

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """Stacked shares, the plane of Better and Worse, the continuous plane."""
        from satcore_kano.pictures import kano_charts

        return kano_charts(results, name, language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """Which features are basic, expected and excitement needs, and what to do first."""
        from satcore_kano.findings import kano_findings

        return kano_findings(results, name, language)


def _codes(letters: str) -> tuple[int, ...]:
    return tuple(_PLACE[letter] for letter in letters)


def _by_category(table: EvaluationTable, tally: Tallied) -> FloatArray:
    """Counts by category, weighted where there are weights: (cells, 6)."""
    weights = tally.weights
    return np.stack(
        [weights[:, table.grid == number].sum(axis=1) for number in range(len(CATEGORIES))], axis=1
    )


def _told(estimate: Estimate, tally: Tallied) -> Estimate:
    """An estimate that leaves out R and Q, undefined rather than empty where all pairs are such."""
    nothing = (estimate.base == 0) & (tally.base > 0)
    if not nothing.any():
        return estimate
    return evolve(
        estimate,
        base=np.where(nothing, tally.base, estimate.base),
        weighted_base=np.where(nothing, tally.weighted_base, estimate.weighted_base),
        effective_base=np.where(nothing, tally.effective_base, estimate.effective_base),
        message=tuple("all answers are R or Q" if one else "" for one in nothing.tolist()),
    )


def _disagreement(rule: str, label: str | None, others: Mapping[str, str | None]) -> str:
    """What other rules say, where they say another category."""
    said = [f"{name} {found}" for name, found in others.items() if found != label]
    if label is None or not said:
        return ""
    return f"rules disagree: {rule} {label}, {', '.join(said)}"


def _halves(tally: Tallied) -> list[int]:
    """Responses by cell that answer one question of the two and leave out the other."""
    one, other = tally.items
    table = tally.n.reshape(-1, one.size, other.size)
    first = table[:, : one.levels, other.levels :].sum(axis=(1, 2))
    second = table[:, one.levels :, : other.levels].sum(axis=(1, 2))
    return [int(count) for count in first + second]


def _strength(table: EvaluationTable, tally: Tallied, counts: FloatArray, feature: str) -> Estimate:
    """The lead of the first category over the second (Lee and Newcomb 1997)."""
    ordered = counts[:, [CATEGORIES.index(letter) for letter in TIES]]
    order = np.argsort(-ordered, axis=1, kind="stable")
    numbers = np.array([CATEGORIES.index(letter) for letter in TIES])[order]
    grid = table.grid[None, :]
    scores = (grid == numbers[:, :1]).astype(np.float64) - (grid == numbers[:, 1:2])
    # The label names both: a difference between cells would compare different categories.
    labels = tuple(
        f"{CATEGORIES[first]}>{CATEGORIES[second]}" if some else None
        for (first, second), some in zip(
            numbers[:, :2].tolist(), (tally.base > 0).tolist(), strict=True
        )
    )
    return evolve(tally.contrast(scores, term="category_strength", item=feature), label=labels)


def _fong(counts: FloatArray, tally: Tallied, feature: str) -> Iterator[Estimate]:
    """Fong's test; under weights its counts are brought to the effective base."""
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.where(tally.weighted_base > 0, tally.effective_base / tally.weighted_base, 1.0)
    scaled = counts * size[:, None]
    lead, limit = fong_limit(scaled)
    some = tally.base > 0
    yield Estimate(
        term="fong",
        item=feature,
        value=np.where(some, lead, np.nan),
        std_error=np.where(some, limit / 1.65, np.nan),
        base=tally.base,
        weighted_base=tally.weighted_base,
        effective_base=tally.effective_base,
        unit="answers",
        label=tuple(
            None if not one else "clear" if clear else "not clear"
            for one, clear in zip(some.tolist(), (lead >= limit).tolist(), strict=True)
        ),
    )
