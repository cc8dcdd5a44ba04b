"""The SERVQUAL metric: expectation, perception and the gap between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

import numpy as np
from attrs import evolve, field, frozen

from satcore import (
    Chart,
    Codebook,
    Derived,
    Difference,
    Estimate,
    Given,
    Item,
    Mean,
    Metric,
    Moments,
    MomentSums,
    OptionError,
    Product,
    Ratio,
    Results,
    Reversed,
    Statistic,
    Sum,
    Tallied,
    Tally,
    Test,
    Text,
    When,
)
from satcore_servqual.gaps import effect_size, spread_of, wilcoxon
from satcore_servqual.items import Answered, columns, dimensions
from satcore_servqual.reliability import (
    alpha_of,
    difference_items,
    difference_of,
    reliabilities,
    undefined,
)
from satcore_servqual.words import dimension

#: What is told of points with another sum.
POINTS = "points have to sum to 100, but sum to"

#: Values that a mean may have and still be counted as whole numbers.
WIDEST = 1 << 17

_Items = dict[int, "Item | Derived"]
_Parts = tuple["Item | Derived", ...]


@frozen(kw_only=True)
class Servqual(Metric):
    """SERVQUAL, SERVPERF and the zone of tolerance.

    With ``expectation`` the gap model; with ``desired`` and ``adequate`` the three-column form;
    with ``perception`` alone SERVPERF.

    Attributes:
        perception: Columns of the perceptions: a pattern as ``"P{1..22}"``, or a list.
        expectation: Columns of the expectations, likewise.
        desired: Columns of the desired level, likewise.
        adequate: Columns of the adequate level, likewise.
        scale: The items' scale.
        dimensions: Item numbers by dimension, as ``"1..4"``, ``"4..6,22"`` or a list; or
            ``classical`` or ``without_tangibles``. The classical five for 22 items where left out.
        titles: Names of dimensions for people, by name and language.
        reversed: Numbers of reverse-keyed items.
        points: Columns of each respondent's 100 points, ``{dimension}`` standing for a name.
        normalise: Whether points that sum to something else are brought to 100; they are invalid
            otherwise.
        min_answered: Items of a dimension that have to be answered; all where left out.
        alpha_interval: ``log_t``, free of a distribution, or ``feldt``.
        reliability: How much of it is reported: ``full``; ``alpha`` for perceptions, and for
            expectations where there are any; or ``none``. The rest of it - the alpha of gaps, the
            difference's reliability, omega and what single items do to alpha - costs more than
            all other figures together where answers are very many.
    """

    perception: str | tuple[str, ...]
    expectation: str | tuple[str, ...] | None = None
    desired: str | tuple[str, ...] | None = None
    adequate: str | tuple[str, ...] | None = None
    scale: str = "1..7"
    dimensions: str | Mapping[str, str | tuple[int, ...]] | None = None
    titles: Mapping[str, Text] = field(factory=dict)
    reversed: tuple[int, ...] = ()
    points: str | None = None
    normalise: bool = False
    min_answered: int | None = None
    alpha_interval: Literal["log_t", "feldt"] = "log_t"
    reliability: Literal["full", "alpha", "none"] = "full"

    @property
    def sides(self) -> tuple[str, ...]:
        """The questions that each item has, perception last."""
        given = ("expectation", "desired", "adequate")
        return (*(one for one in given if getattr(self, one) is not None), "perception")

    def _items(self, codebook: Codebook) -> dict[str, _Items]:
        """The items by side and number, reverse-keyed ones turned round."""
        if self.sides not in (
            ("perception",),
            ("expectation", "perception"),
            ("desired", "adequate", "perception"),
        ):
            raise OptionError(
                "perception",
                "give it alone (SERVPERF), with expectation (SERVQUAL), or with desired and "
                f"adequate (zone of tolerance), not with {' and '.join(self.sides[:-1])}",
            )
        named = {side: columns(side, getattr(self, side)) for side in self.sides}
        there = named["perception"]
        for side, found in named.items():
            if set(found) != set(there):
                odd = sorted(set(found) ^ set(there))
                raise OptionError(side, f"items {odd} are not on both sides")
        unknown = sorted(set(self.reversed) - set(there))
        if unknown:
            raise OptionError("reversed", f"there is no item {unknown}")
        if self.min_answered is not None and self.min_answered < 1:
            raise OptionError("min_answered", f"{self.min_answered} is not at least 1")
        longest = max(len(of) for of in self.groups().values())
        if self.min_answered is not None and self.min_answered > longest:
            raise OptionError(
                "min_answered",
                f"{self.min_answered}, but no dimension has more than {longest} items",
            )
        if self.normalise and self.points is None:
            raise OptionError("normalise", "it brings points to 100; name them, as points = …")
        for side, found in named.items():
            if side != "perception" and set(found.values()) & set(there.values()):
                raise OptionError(side, "a column serves two sides of the same items")
        if self.alpha_interval not in ("log_t", "feldt"):
            raise OptionError("alpha_interval", f"{self.alpha_interval!r} is none of log_t, feldt")
        if self.reliability not in ("full", "alpha", "none"):
            raise OptionError("reliability", f"{self.reliability!r} is none of full, alpha, none")
        if self.alpha_interval == "feldt" and codebook.weighted:
            raise OptionError("alpha_interval", "'feldt' rests on plain counts; use 'log_t'")
        return {
            side: {
                number: self._keyed(codebook.item(column, self.scale), number)
                for number, column in found.items()
            }
            for side, found in named.items()
        }

    def _keyed(self, item: Item, number: int) -> Item | Derived:
        return Reversed(item, name=item.name) if number in self.reversed else item

    def groups(self) -> dict[str, tuple[int, ...]]:
        """Item numbers by dimension."""
        return dimensions(self.dimensions, columns("perception", self.perception))

    def _paired(self, items: Mapping[str, _Items], side: str, of: Sequence[int]) -> _Parts:
        """Some items of one side, each where its other sides are answered too."""
        return tuple(
            Given(items[side][number], others) if others else items[side][number]
            for number in of
            for others in (tuple(items[one][number] for one in self.sides if one != side),)
        )

    def _least(self, of: Sequence[int]) -> int:
        """How many items of a dimension have to be answered."""
        return min(self.min_answered or len(of), len(of))

    def _means(
        self, items: Mapping[str, _Items], of: Sequence[int], least: int
    ) -> tuple[Mean | Ratio, ...]:
        """The respondent's mean of some items, one a side, over completely answered items."""
        parts = {side: self._paired(items, side, of) for side in self.sides}
        exact = tuple(Mean(parts[side], at_least=least, name=side) for side in self.sides)
        if max(mean.levels for mean in exact) <= WIDEST:
            return exact
        return tuple(
            Ratio(Answered(parts[side], least), Answered(parts[side], least, True), name=side)
            for side in self.sides
        )

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic | Mapping[str, Statistic]]:
        """Tables of the items, moments of dimensions and of their reliability.

        Raises:
            OptionError: Items that don't pair, dimensions that name others, or points without
                dimensions.
        """
        items = self._items(codebook)
        groups = self.groups()
        means = {name: self._means(items, of, self._least(of)) for name, of in groups.items()}
        everything = tuple(number for of in groups.values() for number in of)
        least = sum(self._least(of) for of in groups.values())
        declared: dict[str, Statistic | Mapping[str, Statistic]] = {
            "answers": {
                str(number): Tally(*(items[side][number] for side in self.sides))
                for number in items["perception"]
            },
            "groups": {name: Moments(of) for name, of in means.items()},
            "overall": {
                "overall_items": Moments(self._means(items, everything, least)),
                "overall_dimensions": Moments(
                    tuple(of[place] for place in range(len(self.sides)) for of in means.values())
                ),
            },
        }
        self._declare_reliability(declared, items, groups)
        if self.points is not None:
            declared["weighted"] = self._points(codebook, items, means)
        return declared

    def _declare_reliability(
        self,
        declared: dict[str, Statistic | Mapping[str, Statistic]],
        items: Mapping[str, _Items],
        groups: Mapping[str, tuple[int, ...]],
    ) -> None:
        """Moments of every dimension of at least two items."""
        scaled = {name: of for name, of in groups.items() if len(of) > 1}
        if not scaled or self.reliability == "none":
            return
        pairs = self.sides == ("expectation", "perception")
        sides = self.sides if pairs else ("perception",)
        own: dict[str, Statistic] = {}
        expected: dict[str, Statistic] = {}
        gaps: dict[str, Statistic] = {}
        both: dict[str, Statistic] = {}
        for name, of in scaled.items():
            parts = {side: tuple(items[side][number] for number in of) for side in sides}
            own[name] = Moments(parts["perception"], order=4)
            if not pairs:
                continue
            expected[name] = Moments(parts["expectation"], order=4)
            if self.reliability != "full":
                continue
            differences = zip(parts["perception"], parts["expectation"], strict=True)
            gaps[name] = Moments(tuple(Difference(p, e) for p, e in differences), order=4)
            both[name] = Moments(difference_items(parts["expectation"], parts["perception"]))
        titled = {
            "reliability": own,
            "reliability_expected": expected,
            "reliability_gap": gaps,
            "reliability_both": both,
        }
        declared |= {title: statistics for title, statistics in titled.items() if statistics}

    def _points(
        self,
        codebook: Codebook,
        items: Mapping[str, _Items],
        means: Mapping[str, tuple[Mean | Ratio, ...]],
    ) -> dict[str, Statistic]:
        """Each dimension's gap - or perception - times its points, per respondent."""
        pattern = self.points or ""
        if "{dimension}" not in pattern and len(means) > 1:
            raise OptionError("points", f"{pattern!r} lacks {{dimension}}: one column for all")
        points = {
            name: codebook.item(pattern.replace("{dimension}", name), "0..100") for name in means
        }
        total = Sum(tuple(points.values()))
        # One condition for all dimensions, so that it is told once.
        valid = total if self.normalise else When(total, total, (100,), POINTS)
        shares: list[Derived | Ratio] = []
        for name, of in self.groups().items():
            scored = self._scored(means[name])
            if scored is not None:
                product = Given(Product(points[name], scored), (valid,))
                if not self.normalise and product.levels <= WIDEST:
                    shares.append(product)
                    continue
                shares.append(Ratio(product, valid))
                continue
            parts = {side: self._paired(items, side, of) for side in self.sides}
            sums = [Answered(parts[side], self._least(of)) for side in self.sides]
            counted = Answered(parts["perception"], self._least(of), True)
            gap = Difference(sums[-1], sums[0]) if "expectation" in self.sides else sums[-1]
            shares.append(Ratio(Product(points[name], gap), Product(valid, counted)))
        if not all(isinstance(one, Derived) for one in shares):
            shares = [Ratio(one, valid) if isinstance(one, Derived) else one for one in shares]
        return {
            **{name: Moments((one,)) for name, one in zip(means, shares, strict=True)},
            "overall": Moments(tuple(shares)),
        }

    def _scored(self, means: tuple[Mean | Ratio, ...]) -> Mean | Difference | None:
        """What points weigh: the gap, or the perception where nothing is expected."""
        perceived, first = means[-1], means[0]
        if isinstance(perceived, Ratio) or isinstance(first, Ratio):
            return None
        return Difference(perceived, first) if "expectation" in self.sides else perceived

    def evaluate(
        self,
        answers: Mapping[str, Tallied],
        groups: Mapping[str, MomentSums],
        overall: Mapping[str, MomentSums],
        reliability: Mapping[str, MomentSums] | None = None,
        reliability_expected: Mapping[str, MomentSums] | None = None,
        reliability_gap: Mapping[str, MomentSums] | None = None,
        reliability_both: Mapping[str, MomentSums] | None = None,
        weighted: Mapping[str, MomentSums] | None = None,
    ) -> Iterator[Estimate | Test]:
        """Means and gaps by item, dimension and overall; reliability; weighted gaps."""
        # What a reader wants first comes first: the whole, its dimensions, then the items.
        for name, sums in overall.items():
            yield from self._of_group(name, sums, "overall")
        for name, sums in groups.items():
            yield from self._of_group(name, sums, "dimensions")
        for number, tally in answers.items():
            yield from self._of_item(number, tally)
        for name, of in self.groups().items():
            if self.reliability == "none":
                break
            if len(of) == 1:
                why = f"a dimension of one item ({of[0]}) has no alpha"
                yield undefined("alpha", name, groups[name].base, why)
            elif reliability is not None:
                if self.reliability == "full":
                    yield from reliabilities(name, of, reliability[name], self.alpha_interval)
                else:
                    yield alpha_of(reliability[name], "alpha", name, self.alpha_interval)
                for term, of_side in (
                    ("alpha_expectation", reliability_expected),
                    ("alpha_gap", reliability_gap),
                ):
                    if of_side is not None:
                        yield alpha_of(of_side[name], term, name, self.alpha_interval)
                if reliability_both is not None:
                    yield difference_of(name, reliability_both[name])
        for name, sums in (weighted or {}).items():
            factor = 0.01 if isinstance(sums.statistic.of[0], Derived) else 1.0
            term = "weighted_gap" if "expectation" in self.sides else "weighted_perception"
            found = sums.combine([factor] * len(sums.statistic.of), term=term, item=name)
            family = "overall" if name == "overall" else "dimensions"
            yield evolve(found, null=0.0, family=family) if term == "weighted_gap" else found

    def _contrasts(self) -> dict[str, dict[str, float]]:
        """The differences of sides that are reported, by term."""
        if "expectation" in self.sides:
            return {"gap": {"perception": 1.0, "expectation": -1.0}}
        if "desired" in self.sides:
            return {
                "adequacy": {"perception": 1.0, "adequate": -1.0},
                "superiority": {"perception": 1.0, "desired": -1.0},
                "zone": {"desired": 1.0, "adequate": -1.0},
            }
        return {}

    def _of_item(self, number: str, tally: Tallied) -> Iterator[Estimate | Test]:
        values = {side: tally.grid(place) for place, side in enumerate(self.sides)}
        halves = self._halves(tally)
        for side in self.sides:
            yield evolve(tally.mean(values[side], term=side, item=number), message=halves)
        for term, signs in self._contrasts().items():
            scores = sum(sign * values[side] for side, sign in signs.items())
            null = None if term == "zone" else 0.0
            gap = tally.mean(np.asarray(scores), term=term, item=number, null=null)
            gap = evolve(gap, message=halves, family="items")
            yield gap
            if term == "gap":
                yield effect_size(gap, spread_of(tally, np.asarray(scores), gap))
            if null is not None and not tally.weighted:
                yield wilcoxon(tally, np.asarray(scores), term, number)
        if "desired" in self.sides:
            low, high = values["adequate"], values["desired"]
            inside = (values["perception"] >= low) & (values["perception"] <= high)
            yield tally.share(inside, term="inside_zone", item=number)
            below = tally.share(high < low, term="desired_below_adequate", item=number)
            yield evolve(
                below,
                message=tuple(
                    f"{count} respondents desire less than they find adequate" if count else ""
                    for count in tally.counts[:, high < low].sum(axis=1).tolist()
                ),
            )

    def _halves(self, tally: Tallied) -> tuple[str, ...] | None:
        """How many answered some of an item's questions, but not all; by cell."""
        if len(self.sides) == 1:
            return None
        shape = tuple(item.size for item in tally.items)
        codes = np.indices(shape).reshape(len(shape), -1)
        levels = np.array([item.levels for item in tally.items])
        there = codes < levels[:, None]
        half = there.any(axis=0) & ~there.all(axis=0)
        sides = " and ".join(self.sides)
        return tuple(
            f"{count} left out who did not answer all of {sides}" if count else ""
            for count in tally.n[:, half].sum(axis=1).tolist()
        )

    def _of_group(self, name: str, sums: MomentSums, family: str) -> Iterator[Estimate]:
        # As many items as sides, or each dimension's, side after side.
        each = len(sums.statistic.of) // len(self.sides)
        for side in self.sides:
            yield sums.combine(self._signs({side: 1.0}, each), term=side, item=name)
        for term, signs in self._contrasts().items():
            null = None if term == "zone" else 0.0
            c = np.array(self._signs(signs, each))
            gap = sums.combine(c, term=term, item=name, null=null)
            yield evolve(gap, family=family)
            if term == "gap":
                variance = np.einsum("a,cab,b->c", c, sums.cov(), c)
                yield effect_size(gap, np.sqrt(np.maximum(variance, 0.0)))

    def _signs(self, signs: Mapping[str, float], each: int) -> list[float]:
        """A coefficient for every item of moments that hold ``each`` a side."""
        return [signs.get(side, 0.0) / each for side in self.sides for _ in range(each)]

    def item_title(self, item: str, language: str = "en") -> str:
        """The name of a dimension, where it has one, or of an overall number."""
        title = dimension(item, language, self.titles)
        return "" if title == item else title

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """Gap bars with intervals; expectation against perception."""
        from satcore_servqual.pictures import servqual_charts

        return servqual_charts(results, name, language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """Where the service falls short, and how surely."""
        from satcore_servqual.findings import servqual_findings

        return servqual_findings(results, name, language)
