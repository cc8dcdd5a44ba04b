"""The metric of a customer's journey: where on the way customers are won or lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from satcore import (
    Chart,
    Codebook,
    Estimate,
    FloatArray,
    IntArray,
    Item,
    Metric,
    MomentSums,
    OptionError,
    Paired,
    Replicated,
    Results,
    Statistic,
    StudentInterval,
    Tallied,
    Text,
    WilsonInterval,
    near,
)
from satcore_journey.asking import MOODS, Asked, top_from
from satcore_journey.channels import channel_estimates
from satcore_journey.costs import cost_estimates
from satcore_journey.drawn import means, redrawn, sizes, spread, student, told, wilson
from satcore_journey.impacts import NOBODY, Impacts
from satcore_journey.impacts import alone as impacts_alone
from satcore_journey.impacts import together as impacts_together
from satcore_journey.items import AtPlace
from satcore_journey.options import (
    AT,
    FIRST,
    OVERALL,
    Exact,
    Stop,
    Touchpoint,
    coded,
    listed_names,
    rating_of,
    same_scale,
    touchpoints_of,
)

#: What is told beside a number.
EVERYBODY: Final = "everyone used it: users can't be held against non-users"
ONE_SIDE: Final = "fewer than two users or non-users rated the journey as a whole"
NO_ERROR: Final = "no interval: it needs replicates"
NO_IDS: Final = (
    "rows are taken for different respondents: name the column that tells them apart in [roles] "
    "respondent"
)
UNEVEN: Final = (
    "touchpoints do not all have as many rows ({low_number} to {high_number}), so that those who "
    "did not use one have no row for it: name the column that numbers a respondent's contacts, as "
    "step"
)
NO_START: Final = "no row is a first contact (step 1)"
OFTEN: Final = (
    "{count} contacts in {journey_count} journeys: who came back counts again, so that this is no "
    "share: keep one row a respondent and touchpoint"
)
STEPS: Final = "comes at steps {low_number} to {high_number}"
GAPS: Final = (
    "the next step has more rows or more weight than this one: steps have to number a respondent's "
    "contacts from 1, in rows that weigh alike"
)
NOBODY_CAME: Final = "nobody came this far"
NO_FURTHER: Final = "nobody used any touchpoint after it"
STEP: Final = "step"


@frozen(kw_only=True)
class Journey(Metric):
    """A customer's journey: reach, satisfaction, impact and cost of each touchpoint.

    Attributes:
        touchpoints: The touchpoints in their order: a list of columns, or by name a column, several
            columns, or a table of what there is (``Touchpoint``). Long data: values of the
            touchpoint column.
        touchpoint: Long data, one row a contact: the column that says at which touchpoint.
        value: Long data: the column of the rating.
        step: Long data: the column that numbers a respondent's contacts from 1.
        steps: The range of those numbers; as many as there are touchpoints where left out.
        channel: Long data: the column that says by which channel.
        channels: Long data: the channel column's values; otherwise what to call the channels that
            touchpoints name.
        effort: Long data: the column that says how much effort it took.
        emotion: Long data: the column that says how people felt.
        overall: The column of the overall rating; without it there are no impacts and no costs.
        scale: The touchpoints' scale, where the study declares none.
        overall_scale: The overall rating's; that of the touchpoints where left out.
        effort_scale: That of effort, likewise.
        emotion_scale: That of emotion, likewise.
        target: What touchpoints should reach; the lower of the two highest ratings where left out.
        impact: ``together``, what each touchpoint adds to the others, or ``alone``, each by itself.
            Long data knows no other than ``alone``.
        missing: Whose ratings count for impacts together: ``pairwise``, for each pair of
            touchpoints those who used both, or ``listwise``, those who used all.
        replicates: How many times the answers are drawn anew for errors of impacts, costs and
            ranks, and in long data of all means; 0 for not at all, and no such intervals.
        seed: The drawing's seed.
    """

    touchpoints: tuple[str, ...] | Mapping[str, str | tuple[str, ...] | Touchpoint]
    touchpoint: str | None = None
    value: str | None = None
    step: str | None = None
    steps: str | None = None
    channel: str | None = None
    channels: tuple[str, ...] | Mapping[str, Text] | None = None
    effort: str | None = None
    emotion: str | None = None
    overall: str | None = None
    scale: str | None = None
    overall_scale: str | None = None
    effort_scale: str | None = None
    emotion_scale: str | None = None
    target: float | None = None
    impact: Literal["together", "alone"] | None = None
    missing: Literal["pairwise", "listwise"] = "pairwise"
    replicates: int = 200
    seed: int = 0

    @property
    def long(self) -> bool:
        """Whether a row is a contact, and not a respondent."""
        return self.touchpoint is not None

    @property
    def known(self) -> dict[str, Touchpoint]:
        """The touchpoints by name."""
        return touchpoints_of(self.touchpoints, long=self.long)

    @property
    def names(self) -> tuple[str, ...]:
        """The touchpoints, in their order."""
        return tuple(self.known)

    @property
    def together(self) -> bool:
        """Whether impacts are found in one regression."""
        return (self.impact or ("alone" if self.long else "together")) == "together"

    def channels_of(self, name: str) -> tuple[str, ...]:
        """The channels of a touchpoint."""
        if self.long:
            return tuple(self.channels or ()) if self.channel is not None else ()
        return tuple(self.known[name].channels)

    def _check(self) -> None:
        """Options that don't go together.

        Raises:
            OptionError: The option and what would be right.
        """
        of_rows = ("value", "step", "channel", "effort", "emotion")
        if self.long and self.value is None:
            raise OptionError("value", "long data need the column of the rating beside touchpoint")
        for option in of_rows:
            if not self.long and getattr(self, option) is not None:
                raise OptionError(
                    option, "is a column of long data: name the column touchpoint beside it"
                )
        if self.long and self.impact == "together":
            raise OptionError(
                "impact",
                "together needs a respondent's ratings in one row; long data know alone",
            )
        if self.channel is not None and not self.channels:
            raise OptionError("channels", f"list the values of the column {self.channel!r}")
        if self.replicates != 0 and self.replicates < 50:
            raise OptionError(
                "replicates", f"{self.replicates} say too little; write 0 for none, or at least 50"
            )
        if self.seed < 0:
            raise OptionError("seed", f"{self.seed} is negative")
        self._check_touchpoints()

    def _check_touchpoints(self) -> None:
        for name, said in self.known.items():
            place = f"touchpoints.{name}"
            if self.long:
                if said.items or said.channels or said.effort or said.emotion:
                    raise OptionError(
                        place, "in long data a touchpoint has values, a target and a label alone"
                    )
                continue
            if said.values is not None:
                raise OptionError(place, "values are those of a touchpoint column; write items")
            if bool(listed_names(said.items)) == bool(said.channels):
                raise OptionError(place, "write either items or channels")
        if not self.long and isinstance(self.channels, Mapping):
            there = {one for name in self.names for one in self.channels_of(name)}
            for one in self.channels:
                if one not in there:
                    raise OptionError(
                        "channels", f"no touchpoint has the channel {one!r}{near(one, there)}"
                    )

    def statistics(self, codebook: Codebook) -> Mapping[str, Statistic | Mapping[str, Statistic]]:
        """Tables of each touchpoint; moments with the overall rating, plain and in replicates.

        Raises:
            OptionError: Options that don't go together, columns without a scale or with several,
                or a target outside it.
        """
        self._check()
        asked = self._asked(codebook)
        if not self.long:
            return asked.wide()
        place, value = self._place(codebook), codebook.item(self.value or "", self.scale)
        step = None
        if self.step is not None:
            step = codebook.item(self.step, self.steps or f"1..{max(len(self.names), 2)}")
            if step.low != 1 or step.high < 2:
                raise OptionError("steps", f"{step.scale} does not begin at 1: write 1..12, say")
        declared = asked.long(place, value, step)
        if codebook.identified:
            declared["respondents"] = declared["places"]
        return declared

    def _place(self, codebook: Codebook) -> Item:
        values = [listed_names(one.values) or (name,) for name, one in self.known.items()]
        return coded(codebook, self.touchpoint or "", "touchpoints", values)

    def _asked(self, codebook: Codebook) -> Asked:
        """The items of the touchpoints."""
        stops = self._long_stops(codebook) if self.long else self._wide_stops(codebook)
        low, high = same_scale({stop.name: stop.rating for stop in stops})
        for stop in stops:
            if not low < stop.target <= high:
                raise OptionError(
                    "target",
                    f"{stop.target:g} is none that {stop.name!r} could miss and reach: "
                    f"ratings run {low:g}..{high:g}",
                )
        overall: Exact | None = None
        if self.overall is not None:
            overall = codebook.item(self.overall, self.overall_scale or self.scale)
            if any(overall in stop.rating.sources for stop in stops):
                raise OptionError("overall", f"{self.overall!r} is one of the touchpoints too")
        return Asked(
            stops=stops,
            overall=overall,
            together=self.together,
            pairwise=self.missing == "pairwise",
            replicates=self.replicates,
            seed=self.seed,
        )

    def _target(self, said: Touchpoint, rating: Exact) -> float:
        for target in (said.target, self.target):
            if target is not None:
                return float(target)
        return float(top_from(rating))

    def _wide_stops(self, codebook: Codebook) -> tuple[Stop, ...]:
        stops = []
        for name, said in self.known.items():
            channels = {
                channel: rating_of(codebook, listed_names(items), self.scale, channel)
                for channel, items in said.channels.items()
            }
            columns = listed_names(said.items) or tuple(
                column for items in said.channels.values() for column in listed_names(items)
            )
            twice = sorted({one for one in columns if columns.count(one) > 1})
            if twice:
                raise OptionError(f"touchpoints.{name}", f"{twice[0]!r} stands there twice")
            rating = rating_of(codebook, columns, self.scale, name)
            stops.append(
                Stop(
                    name=name,
                    rating=rating,
                    target=self._target(said, rating),
                    channels=channels,
                    effort=_felt(codebook, said.effort, self.effort_scale or self.scale),
                    emotion=_felt(codebook, said.emotion, self.emotion_scale or self.scale),
                )
            )
        return tuple(stops)

    def _long_stops(self, codebook: Codebook) -> tuple[Stop, ...]:
        place, value = self._place(codebook), codebook.item(self.value or "", self.scale)
        effort = _felt(codebook, self.effort, self.effort_scale or self.scale)
        emotion = _felt(codebook, self.emotion, self.emotion_scale or self.scale)
        by = None
        if self.channel is not None:
            by = coded(codebook, self.channel, "channels", [(one,) for one in self.channels or ()])
        stops = []
        for number, (name, said) in enumerate(self.known.items(), start=FIRST):
            rating = AtPlace(value, place, number, name=name)
            stops.append(
                Stop(
                    name=name,
                    rating=rating,
                    target=self._target(said, rating),
                    channels={}
                    if by is None
                    else {
                        one: AtPlace(rating, by, at, name=one)
                        for at, one in enumerate(self.channels or (), start=FIRST)
                    },
                    effort=None if effort is None else AtPlace(effort, place, number),
                    emotion=None if emotion is None else AtPlace(emotion, place, number),
                )
            )
        return tuple(stops)

    def evaluate(
        self,
        ratings: Mapping[str, Tallied],
        felt: Mapping[str, Tallied] = MappingProxyType({}),
        channels: Mapping[str, Tallied] = MappingProxyType({}),
        channels_drawn: Mapping[str, Replicated] = MappingProxyType({}),
        used: Mapping[str, Tallied] = MappingProxyType({}),
        users: Mapping[str, Tallied] = MappingProxyType({}),
        moods: Mapping[str, Tallied] = MappingProxyType({}),
        furthest: Tallied | None = None,
        sums: MomentSums | None = None,
        sums_drawn: Replicated | None = None,
        alone: Mapping[str, MomentSums] = MappingProxyType({}),
        alone_drawn: Mapping[str, Replicated] = MappingProxyType({}),
        lost_drawn: Replicated | None = None,
        places: Tallied | None = None,
        steps: Tallied | None = None,
        contacts: Mapping[str, Replicated] = MappingProxyType({}),
        felt_drawn: Mapping[str, Replicated] = MappingProxyType({}),
        met: Mapping[str, Replicated] = MappingProxyType({}),
        first: Replicated | None = None,
        respondents: Tallied | None = None,
    ) -> Iterator[Estimate | Paired]:
        """What each touchpoint is, what it costs, and how the journey as a whole was."""
        cells = len(next(iter(ratings.values())).base)
        note = NO_IDS if self.long and respondents is None else ""
        notes = [note] * cells
        drawn = {name: means(one) for name, one in contacts.items()}
        drawn_felt = {key: means(one)[:, :, 0] for key, one in felt_drawn.items()}
        made: dict[tuple[str, str], Estimate] = {}
        for estimate in self._rated(ratings, felt, drawn, drawn_felt, notes):
            made[estimate.key] = estimate
            yield estimate
        reach: dict[str, Estimate] = {}
        if used:
            reach = _reach_of_used(used, uneven=self.long)
        elif places is not None and steps is not None:
            reach = self._reach_of_contacts(places, steps)
        for estimate in reach.values():
            yield evolve(estimate, message=told(estimate.message or [""] * cells, notes))
        if places is not None and steps is not None:
            yield from self._steps(places, steps, met, notes)
        if furthest is not None:
            yield from self._drop_off(furthest)
        for name, tally in users.items():
            yield use_difference(name, tally, reach[name].message or [""] * cells)
        for term in MOODS:
            if term in moods:
                yield moods[term].mean(term=term, item=OVERALL)
        for name in self.names:
            if one := self.channels_of(name):
                yield from channel_estimates(
                    name, one, channels, channels_drawn.get(name), long=self.long, notes=notes
                )
        counts = np.stack([ratings[name].base for name in self.names], axis=1)
        impacts = None
        if sums is not None:
            impacts = impacts_together(sums, sums_drawn, self.names, counts)
        elif alone:
            impacts = impacts_alone(alone, alone_drawn or None, counts)
        if impacts is None:
            return
        yield from _impacts(impacts, notes)
        lost = None if lost_drawn is None else means(lost_drawn)
        if drawn:
            lost = np.stack(
                [drawn[name][:, :, 2] * _reached(met[name], first) for name in self.names], axis=2
            )
        shortfall = {name: made[name, "shortfall"] for name in self.names}
        yield from cost_estimates(impacts, reach, shortfall, lost)

    def _rated(
        self,
        ratings: Mapping[str, Tallied],
        felt: Mapping[str, Tallied],
        drawn: Mapping[str, FloatArray],
        drawn_felt: Mapping[str, FloatArray],
        notes: list[str],
    ) -> Iterator[Estimate]:
        """Satisfaction, top ratings, gap and shortfall, effort and emotion of each touchpoint."""
        for name, tally in ratings.items():
            values = tally.values
            target = self.target_of(name, tally)
            high = values >= top_from(tally.item) - 1e-9
            short = np.maximum(target - values, 0.0)
            mine = drawn.get(name, np.full((len(tally.base), 2, 3), np.nan))
            gap = tally.mean(values - target, term="gap", item=name, null=0.0)
            found = [
                (tally.mean(term="satisfaction", item=name), mine[:, :, 0]),
                (tally.share(high, term="top2", item=name), mine[:, :, 1]),
                # A gap moves as satisfaction does: what is told twice needs no second test.
                (evolve(gap, family="gap", compared=False), mine[:, :, 0] - target),
                (tally.mean(short, term="shortfall", item=name), mine[:, :, 2]),
            ]
            for term in ("effort", "emotion"):
                key = f"{term}{AT}{name}"
                if key in felt:
                    mean = felt[key].mean(term=term, item=name)
                    found.append((mean, drawn_felt.get(key, mine[:, :, 0] * np.nan)))
            empty = ["" if base else NOBODY for base in tally.base.tolist()]
            without = [NO_ERROR if self.long and name not in drawn else ""] * len(empty)
            for estimate, again in found:
                made = redrawn(estimate, again) if self.long else estimate
                yield evolve(made, message=told(empty, without, notes))

    def target_of(self, name: str, tally: Tallied | None = None) -> float:
        """What a touchpoint should reach.

        Args:
            name: The touchpoint.
            tally: Its ratings, whose scale serves where no target is given.
        """
        for target in (self.known[name].target, self.target):
            if target is not None:
                return float(target)
        return float("nan") if tally is None else float(top_from(tally.item))

    def _reach_of_contacts(self, places: Tallied, steps: Tallied) -> dict[str, Estimate]:
        """The share of journeys that come by a touchpoint: contacts for each first contact."""
        start = _Part.of(steps, steps.values == 1)
        found = {}
        for number, name in enumerate(self.names, start=FIRST):
            met = _Part.of(places, places.grid(0) == number)
            estimate = _part_of(met, start, "reach", name, weighted=steps.weighted)
            messages = [
                NO_START
                if contacts and not count
                else OFTEN.format(count=f"{contacts:,}", journey_count=f"{count:,}")
                if count and not inside
                else ""
                for contacts, count, inside in zip(
                    met.n.tolist(), start.n.tolist(), _within(met, start).tolist(), strict=True
                )
            ]
            found[name] = evolve(
                estimate,
                # Contacts without a first one are no empty cell.
                base=np.where(start.n > 0, start.n, met.n),
                message=tuple(messages),
            )
        return found

    def _steps(
        self,
        places: Tallied,
        steps: Tallied,
        met: Mapping[str, Replicated],
        notes: list[str],
    ) -> Iterator[Estimate]:
        """When each touchpoint comes, and how many go no further at each step."""
        at, when = places.grid(0), places.grid(1)
        for number, name in enumerate(self.names, start=FIRST):
            here = at == number
            estimate = places.mean(
                np.where(here, when, np.nan), term="step", item=name, unit="steps"
            )
            again = np.full((len(places.base), 2), np.nan)
            if name in met:
                again = means(met[name])[:, :, 0]
            estimate = redrawn(estimate, again)
            without = ["" if name in met else NO_ERROR] * len(places.base)
            yield evolve(estimate, message=told(_ranges(places, here), without, notes))
        for step in range(1, int(steps.item.high)):
            yield _left_at(steps, step)

    def _drop_off(self, furthest: Tallied) -> Iterator[Estimate]:
        """Of those who came as far as a touchpoint, the share that went no further."""
        last = len(self.names)
        for number, name in enumerate(self.names[:-1], start=1):
            came = range(number, last + 1)
            share = furthest.share([number], among=came, term="drop_off", item=name)
            further = furthest.count(range(number + 1, last + 1))
            yield evolve(
                share,
                message=tuple(
                    NOBODY_CAME if not base else NO_FURTHER if not on else ""
                    for base, on in zip(share.base.tolist(), further.tolist(), strict=True)
                ),
            )

    def item_title(self, item: str, language: str = "en") -> str:
        """A touchpoint's name for people, with its channel."""
        chinese = language == "zh"
        if item == OVERALL:
            return "整个旅程" if chinese else "The journey as a whole"
        kind, _, number = item.partition(" ")
        known = self.known
        if item not in known and kind == STEP and number.isdigit():
            return f"第 {number} 步" if chinese else f"Step {number}"
        name, _, channel = item.partition(AT)
        if name not in known:
            return ""
        said = known[name].label
        label = said.said(language) if said is not None else ""
        if not channel:
            return label
        return f"{label or name} · {self.channel_title(channel, language)}"

    def channel_title(self, channel: str, language: str = "en") -> str:
        """A channel's name for people.

        Args:
            channel: The channel.
            language: ``"en"`` or ``"zh"``.
        """
        known = self.channels.get(channel) if isinstance(self.channels, Mapping) else None
        return channel if known is None else known.said(language)

    def charts(self, results: Results, name: str, language: str = "en") -> Iterable[Chart]:
        """The journey's curve, what touchpoints cost, and channels side by side."""
        from satcore_journey.pictures import journey_charts

        return journey_charts(results, name, language)

    def findings(self, results: Results, name: str, language: str = "en") -> Iterable[str]:
        """Where customers are won or lost, and how sure that is."""
        from satcore_journey.findings import journey_findings

        return journey_findings(results, name, language)


def _felt(codebook: Codebook, column: str | None, scale: str | None) -> Item | None:
    return None if column is None else codebook.item(column, scale)


def _reached(met: Replicated, first: Replicated | None) -> FloatArray:
    """The reach of a touchpoint in replicates: (cells, replicates).

    Args:
        met: Where respondents number their contacts, the touchpoint's contacts; otherwise
            whether it was used, in rows of everybody.
        first: First contacts, where respondents number theirs.
    """
    if first is None:
        return means(met)[:, :, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(sizes(met) / sizes(first))


def _total(table: FloatArray) -> FloatArray:
    """Sums over the answers, one after the other: a cell's are the same alone and among others."""
    return np.asarray(np.cumsum(table, axis=1)[:, -1])


def _reach_of_used(used: Mapping[str, Tallied], *, uneven: bool) -> dict[str, Estimate]:
    """The share of those in the base that used each touchpoint.

    Args:
        used: Whether each was used.
        uneven: Whether touchpoints may rest on unequal numbers of rows, which tells nothing then.
    """
    bases = np.stack([one.weighted_base for one in used.values()], axis=1)
    low, high = bases.min(axis=1), bases.max(axis=1)
    told_of = [
        UNEVEN.format(low_number=f"{least:.6g}", high_number=f"{most:.6g}")
        # Sums of weights are rounded.
        if uneven and least < most * (1 - 1e-9)
        else ""
        for least, most in zip(low.tolist(), high.tolist(), strict=True)
    ]
    known = np.array([not one for one in told_of], dtype=np.bool_)
    found = {}
    for name, tally in used.items():
        share = tally.share([1], term="reach", item=name)
        if not known.all():
            value, error = (np.where(known, one, np.nan) for one in (share.value, share.std_error))
            share = evolve(
                share,
                value=value,
                std_error=error,
                interval=wilson(value, error, share.base, share.effective_base),
                comparison=None,
            )
        found[name] = evolve(share, message=tuple(told_of))
    return found


def _ranges(places: Tallied, here: NDArray[np.bool_]) -> list[str]:
    """Between which steps a touchpoint comes, where it is more than one."""
    when = places.grid(1)
    found = []
    for counts in places.counts.tolist():
        at = [step for step, count, mine in zip(when, counts, here, strict=True) if mine and count]
        low, high = (min(at), max(at)) if at else (0, 0)
        found.append(
            STEPS.format(low_number=f"{low:g}", high_number=f"{high:g}") if low < high else ""
        )
    return found


@frozen(kw_only=True, eq=False)
class _Part:
    """Some respondents, each with one row: how many, their weights, and the weights' squares."""

    n: IntArray
    w: FloatArray
    w2: FloatArray

    @classmethod
    def of(cls, tally: Tallied, here: NDArray[np.bool_]) -> _Part:
        return cls(
            n=tally.count(here),
            w=_total(tally.weights * here),
            w2=_total(tally.squared_weights * here),
        )


def _part_of(some: _Part, whole: _Part, term: str, item: str, *, weighted: bool) -> Estimate:
    """The share of respondents that have a row of one kind among those with one of another.

    A respondent's rows weigh alike, so that the linearised error of the share follows from the
    sums of both kinds.

    Args:
        some: The rows of the one kind, whose respondents all have one of the other.
        whole: The rows of the other.
        term: The estimate's name.
        item: What it speaks of.
        weighted: Whether responses carry weights.
    """
    base = whole.n
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(_within(some, whole), some.w / whole.w, np.nan)
        share = np.clip(share, 0.0, 1.0)
        effective = np.where(whole.w2 > 0, whole.w**2 / whole.w2, 0.0)
        if weighted:
            inside = np.clip(some.w2, 0.0, whole.w2)
            square = inside * (1 - share) ** 2 + (whole.w2 - inside) * share**2
            variance = np.where(base >= 2, square / whole.w**2 * base / (base - 1), np.nan)
            sample = np.where(variance > 0, share * (1 - share) / variance, effective)
        else:
            variance = share * (1 - share) / base
            sample = base.astype(np.float64)
    return Estimate(
        term=term,
        item=item,
        value=share,
        std_error=np.sqrt(variance),
        base=base,
        weighted_base=whole.w,
        effective_base=effective,
        interval=WilsonInterval(
            share=share,
            sample=np.where(np.isfinite(share), sample, np.nan),
            df=(base - 1).astype(np.float64) if weighted else None,
        ),
        unit="proportion",
    )


def _within(some: _Part, whole: _Part) -> NDArray[np.bool_]:
    """Whether some rows may be part of others, by what they weigh."""
    # Sums of weights are rounded.
    rounding = 1e-9 * whole.w
    return (whole.w > 0) & (some.w >= -rounding) & (some.w <= whole.w + rounding)


def _left_at(steps: Tallied, step: int) -> Estimate:
    """Of those whose journey has a step, the share that has no further one."""
    here = _Part.of(steps, steps.values == step)
    on = _Part.of(steps, steps.values == step + 1)
    left = _Part(n=here.n - on.n, w=here.w - on.w, w2=here.w2 - on.w2)
    made = _part_of(left, here, "drop_off", f"{STEP} {step}", weighted=steps.weighted)
    odd = (here.n > 0) & ~_within(left, here)
    return evolve(made, message=tuple(GAPS if one else "" for one in odd.tolist()))


def use_difference(name: str, tally: Tallied, unknown: Sequence[str]) -> Estimate:
    """The mean overall rating of a touchpoint's users, less that of the others.

    Welch's t, on the degrees of freedom that Satterthwaite (1946) gives both groups.

    Args:
        name: The touchpoint.
        tally: The table of whether it was used and the overall rating.
        unknown: Why nothing is known of who did not use it, by cell; empty where it is known.
    """
    flag, overall = tally.grid(0), tally.grid(1)
    users, others = (
        tally.mean(np.where(flag == side, overall, np.nan), term="use_difference", item=name)
        for side in (1, 0)
    )
    value = users.value - others.value
    squares = np.stack([users.std_error**2, others.std_error**2])
    error = np.where(np.isfinite(value), np.sqrt(squares.sum(axis=0)), np.nan)
    sides = np.stack([users.base, others.base])
    with np.errstate(divide="ignore", invalid="ignore"):
        df = squares.sum(axis=0) ** 2 / (squares**2 / (sides - 1)).sum(axis=0)
        df = np.where(np.isfinite(df), df, sides.min(axis=0) - 1)
    messages = [
        why or _one_sided(some, all_of)
        for why, some, all_of in zip(unknown, users.base.tolist(), tally.base.tolist(), strict=True)
    ]
    known = np.array([not why for why in unknown], dtype=np.bool_)
    value, error = (np.where(known, one, np.nan) for one in (value, error))
    return evolve(
        users,
        value=value,
        std_error=error,
        base=tally.base,
        weighted_base=tally.weighted_base,
        effective_base=tally.effective_base,
        interval=StudentInterval(
            centre=value,
            std_error=error,
            df=np.asarray(df, dtype=np.float64),
            method="linearised" if tally.weighted else "welch",
        ),
        message=tuple(messages),
    )


def _one_sided(users: int, of: int) -> str:
    """Why users can't be held against the others."""
    if not of:
        return ""
    if users == of:
        return EVERYBODY
    if not users:
        return NOBODY
    return ONE_SIDE if min(users, of - users) < 2 else ""


def _impacts(impacts: Impacts, notes: list[str]) -> Iterator[Estimate]:
    """Points of the overall rating for a point of each touchpoint's."""
    for place, name in enumerate(impacts.names):
        value, base = impacts.impact[:, place], impacts.base[:, place]
        error = np.full(value.shape, np.nan)
        if impacts.drawn is not None:
            error = np.where(np.isfinite(value), spread(impacts.drawn[:, :, place]), np.nan)
        without = [NO_ERROR if impacts.drawn is None else ""] * len(value)
        yield Estimate(
            term="impact",
            item=name,
            value=value,
            std_error=error,
            base=base,
            weighted_base=impacts.weighted[:, place],
            effective_base=impacts.effective[:, place],
            interval=None if impacts.drawn is None else student(value, error, base, impacts.taken),
            unit="score",
            message=told(impacts.messages[place], without, notes),
            null=0.0,
            family="impact",
        )
