"""One survey, one study and one comparison for every engine.

The survey has nulls, declared missing codes, an empty fragment, a segment of 300 levels, weights,
months, and answers in unsigned bytes whose products overflow. The study asks for NPS, Kano,
SERVQUAL, a trend, and for a third party's metric with a statistic of its own, which comes as a
plugin file and so is known to every process that is begun here. ``toolbox`` is the demonstration's
study of every bundled kind of metric.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import satcore
from satcore.planning import Plan
from satcore.scanning import Bundle
from satcore.states import State

ROWS = 6000

PLUGIN = '''
"""A third party's metric with a statistic of its own."""

import attrs
import numpy as np
import satcore


@attrs.frozen
class Spread(satcore.Statistic):
    item: satcore.Item

    def fields(self, *, weighted):
        return {
            "low": satcore.Field(reduction="min"),
            "high": satcore.Field(reduction="max"),
            "n": satcore.Field(),
        }

    def observe(self, block):
        numbers, there = block.numerators(self.item)
        far = np.iinfo(np.int64)
        return {
            "low": block.least(np.where(there, numbers, far.max), far.max),
            "high": block.most(np.where(there, numbers, far.min), far.min),
            "n": block.total(there),
        }


@attrs.frozen(kw_only=True)
class Range(satcore.Metric):
    """How far apart the answers are, and how large amounts go together."""

    item: str
    amounts: tuple[str, ...]

    def statistics(self, codebook):
        items = tuple(codebook.item(name, "0..200") for name in self.amounts)
        return {"spread": Spread(codebook.item(self.item)), "sums": satcore.Moments(items)}

    def evaluate(self, spread, sums):
        low, high = spread["low"].astype(float), spread["high"].astype(float)
        value = np.where(spread["n"] > 0, high - low, np.nan)
        yield satcore.Estimate(term="range", item=self.item, value=value, std_error=0 * value,
                               base=spread["n"])


@satcore.hookimpl
def satcore_metrics():
    return [satcore.MetricSpec("range", Range, summary="Range of the answers")]
'''

STUDY = """
[study]
data = "{data}"
missing = ["", 99]
invalid = "missing"
by = ["region", "wave", "region*wave"]

[roles]
segments = ["region", "shop"]
wave = {{ time = "date", period = "month" }}
{weight}

[[keep]]
column = "state"
is = ["done"]

[items.Q1]
scale = "0..10"

[metrics.nps]
item = "Q1"
by = ["shop", "region*wave"]

[metrics.kano]
features = ["F1", "F2"]
functional = "{{feature}}_functional"
dysfunctional = "{{feature}}_dysfunctional"

[metrics.servqual]
perception = "P{{1..4}}"
expectation = "E{{1..4}}"

[metrics.range]
item = "Q1"
by = ["shop"]
amounts = ["amount", "spent"]

[items.amount]
scale = "0..200"

[metrics.trend]
of = "nps"
"""


def answers(rows: int = ROWS) -> pl.DataFrame:
    rng = np.random.default_rng(7)
    frame = {
        "region": rng.choice(["east", "west", "north"], rows),
        "shop": rng.integers(0, 300, rows),
        "date": rng.choice(np.arange("2026-01-01", "2026-07-01", dtype="M8[D]"), rows),
        "state": rng.choice(["done", "done", "done", "broken"], rows),
        "id": [f"r{number}" for number in range(rows)],
        "weight": rng.gamma(2.0, 0.5, rows),
        "Q1": rng.choice([*range(11), 99], rows).astype(np.uint8),
        "amount": rng.integers(0, 201, rows).astype(np.uint8),
        "spent": rng.integers(0, 201, rows).astype(np.uint8),
    }
    for feature in ("F1", "F2"):
        for side in ("functional", "dysfunctional"):
            frame[f"{feature}_{side}"] = rng.integers(1, 6, rows).astype(np.uint8)
    for number in range(1, 5):
        for side in ("P", "E"):
            frame[f"{side}{number}"] = rng.integers(1, 8, rows).astype(np.uint8)
    made = pl.DataFrame(frame)
    holes = {name: rng.random(rows) < 0.05 for name in ("region", "Q1", "P1", "E3", "amount")}
    return made.with_columns(
        pl.when(pl.Series(hole)).then(None).otherwise(pl.col(name)).alias(name)
        for name, hole in holes.items()
    )


@pytest.fixture(scope="session")
def frame() -> pl.DataFrame:
    return answers()


@pytest.fixture(scope="session")
def folder(frame: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The survey in Parquet and in text, the study, and the folder of the plugin file."""
    made = tmp_path_factory.mktemp("survey")
    cuts = [0, 1, 700, 700, 2500, ROWS]  # one row; none at all
    for number, (start, stop) in enumerate(pairwise(cuts)):
        part = frame[start:stop]
        part.write_parquet(made / f"part-{number}.parquet", row_group_size=1000)
    frame[:1500].write_csv(made / "first.csv")
    frame[1500:].write_csv(made / "second.csv")
    for name, data in (("parquet", "part-*.parquet"), ("csv", "*.csv")):
        for weight in ("", 'weight = "weight"\nrespondent = "id"'):
            study = STUDY.format(data=data, weight=weight)
            (made / f"{name}{'-weighted' if weight else ''}.toml").write_text(study)
    (made / "plugins").mkdir()
    (made / "plugins" / "spread.py").write_text(textwrap.dedent(PLUGIN))
    return made


@pytest.fixture(scope="session", autouse=True)
def plugin_folder(folder: Path) -> Iterator[None]:
    """Every process that is begun here finds the plugin file."""
    name, before = "SATCORE_PLUGINS_DIR", os.environ.get("SATCORE_PLUGINS_DIR")
    os.environ[name] = str(folder / "plugins")
    yield
    if before is None:
        del os.environ[name]
    else:
        os.environ[name] = before


@pytest.fixture(scope="session", params=["parquet", "parquet-weighted", "csv"])
def plan(request: pytest.FixtureRequest, folder: Path, plugin_folder: None) -> Plan:
    return satcore.plan(str(folder / f"{request.param}.toml"))


@pytest.fixture(scope="session")
def toolbox(folder: Path) -> Callable[..., Plan]:
    """Every kind of metric that the demonstration measures with, but some, over two files."""
    from satcore.cli.demo import MORE, STUDY
    from satcore.cli.populations import Population
    from satcore.surveys import as_frame

    answers = as_frame(Population.of_demo().survey(ROWS, 1))
    answers[:2100].write_parquet(folder / "demo-0.parquet")
    answers[2100:].write_parquet(folder / "demo-1.parquet")
    about = {**STUDY["study"], "data": str(folder / "demo-*.parquet")}

    def planned(*without: str) -> Plan:
        metrics = {**STUDY["metrics"], **MORE}
        kept = {name: table for name, table in metrics.items() if name not in without}
        rest = {name: STUDY[name] for name in ("roles", "items")}
        return satcore.plan(satcore.Study.of({"study": about, **rest, "metrics": kept}, "toolbox"))

    return planned


@pytest.fixture(scope="session")
def local(plan: Plan) -> Bundle:
    return satcore.scan(plan, engine="local:1")


@pytest.fixture(scope="session")
def same() -> Callable[[Bundle, Bundle], None]:
    """Holds a bundle against the local engine's."""
    return hold_same


def hold_same(found: Bundle, wanted: Bundle) -> None:
    assert not found.failed
    assert not wanted.failed
    assert dict(found.fragments) == dict(wanted.fragments)
    assert found.intake.read == wanted.intake.read == ROWS
    assert found.intake.dropped == wanted.intake.dropped
    assert {key: (one.answered, one.missing) for key, one in found.intake.items.items()} == {
        key: (one.answered, one.missing) for key, one in wanted.intake.items.items()
    }
    assert set(found.states) == set(wanted.states)
    for names, by_key in wanted.states.items():
        assert set(found.states[names]) == set(by_key)
        for key, state in by_key.items():
            other = found.states[names][key]
            assert other.cells == state.cells, key
            for name, array in state.arrays.items():
                came = other.arrays[name]
                assert (came.dtype, came.shape) == (array.dtype, array.shape), (key, name)
                if array.dtype.kind == "f":
                    apart = np.abs(came - array)
                    assert np.all(apart <= 1e-12 * terms(state, name)), (names, key, name)
                else:
                    assert came.tobytes() == array.tobytes(), (names, key, name)


@pytest.fixture(scope="session")
def heard() -> Callable[[], set[str]]:
    """Addresses, in hexadecimal, on which this process and those that it began listen."""
    return listening


def listening() -> set[str]:
    mine, parents = {os.getpid()}, {}
    for one in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(one.name)] = int((one / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended meanwhile
            continue
    while more := {pid for pid, parent in parents.items() if parent in mine} - mine:
        mine |= more
    sockets = set()
    for pid in mine:
        for one in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                sockets.add(str(one.readlink()))
            except OSError:
                continue
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            parts = line.split()
            if parts[3] == "0A" and f"socket:[{parts[9]}]" in sockets:
                found.add(parts[1].partition(":")[0])
    return found


def terms(state: State, name: str) -> Any:
    """What the absolute terms of weighted sums come to, at most: see satcore.testing.engines."""
    array = state.arrays[name]
    prefix = name.removesuffix("ss") if name.endswith("ss") else name.removesuffix("s")
    if name == prefix or f"{prefix}ss" not in state.arrays:
        return np.abs(array)
    squares = np.diagonal(state.arrays[f"{prefix}ss"], axis1=1, axis2=2)
    if not name.endswith("ss"):
        return squares if array.ndim == 2 else squares[:, :, None]
    return np.sqrt(squares[:, :, None] * squares[:, None, :])
