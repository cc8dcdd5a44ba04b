"""The figures asked of satcore, through what any caller may use.

Two forms of a question are told apart. ``plain`` leaves every option as it is: comparisons between
cells, all coefficients of reliability, an interval for each. Otherwise satcore reports what its
peers do, as far as its options go, and still an interval for each.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import satcore
from benchmarks.speed import figures
from benchmarks.speed.figures import CATEGORIES, Figures
from benchmarks.speed.survey import CELLS, DIMENSIONS, FEATURES, ITEMS, MONTHS, REGIONS, SCALES
from satcore_kano import Kano
from satcore_nps import NPS
from satcore_servqual import Servqual

PLUGINS = Path(__file__).parent / "plugins"

#: Options by which SERVQUAL reports no other reliability than alpha.
ALPHA_ALONE: Mapping[str, Any] = {"reliability": "alpha"}

#: Options by which Kano holds no feature against another.
EACH_ALONE: Mapping[str, Any] = {"compare_features": False}

_KANO: Mapping[str, Any] = {"functional": "{feature}_f", "dysfunctional": "{feature}_d"}
_SERVQUAL: Mapping[str, Any] = {
    "perception": "P{1..22}",
    "expectation": "E{1..22}",
    "scale": "1..7",
}


# --- asking ---------------------------------------------------------------------------------------


def _options(plain: bool) -> dict[str, Any]:
    return {} if plain else {"comparisons": []}


def nps(data: Any, plain: bool = False) -> satcore.Results:
    """NPS of everything."""
    return satcore.run(NPS(item="nps"), data, by=[], **_options(plain))


def nps_cells(data: Any, plain: bool = False, weight: str | None = None) -> satcore.Results:
    """NPS by region and month."""
    return satcore.run(
        NPS(item="nps"),
        data,
        segments=["region", "month"],
        by=["region*month"],
        weight=weight,
        **_options(plain),
    )


def kano(data: Any, plain: bool = False, by_region: bool = False) -> satcore.Results:
    """10 Kano pairs, by region too."""
    segments = ["region"] if by_region else []
    metric = Kano(features=FEATURES, **_KANO, **({} if plain else EACH_ALONE))
    return satcore.run(metric, data, segments=segments, by=segments, **_options(plain))


def servqual(data: Any, plain: bool = False) -> satcore.Results:
    """22 items, expected and perceived."""
    metric = Servqual(**_SERVQUAL, **({} if plain else ALPHA_ALONE))
    return satcore.run(metric, data, by=[], **_options(plain))


def study(folder: Path, plain: bool = False) -> Path:
    """A study file that asks for everything at once."""
    options = {**_SERVQUAL, **({} if plain else ALPHA_ALONE)}
    tables: dict[str, dict[str, Any]] = {
        "study": {"by": [], **_options(plain)},
        "roles": {"segments": ["region", "month"]},
        "metrics.nps": {"item": "nps", "by": ["region*month"]},
        "metrics.kano": {"features": FEATURES, **_KANO, **({} if plain else EACH_ALONE)},
        "metrics.servqual": options,
        "metrics.satisfied": {"item": "csat", "answers": [4, 5]},
        "metrics.dissatisfied": {"metric": "satisfied", "item": "csat", "answers": [1, 2]},
    }
    lines = []
    for name, table in tables.items():
        # What these options hold is written in TOML as in JSON.
        lines += [f"[{name}]", *(f"{key} = {json.dumps(table[key])}" for key in table), ""]
    path = folder / ("everything-plain.toml" if plain else "everything.toml")
    path.write_text("\n".join(lines), "utf-8")
    return path


def fused(path: Path, data: Any) -> satcore.Results:
    """Everything that a study file asks for."""
    with plugin_files():
        return satcore.run(path, data)


def bootstrap(data: Any) -> satcore.Results:
    """NPS with an interval by bootstrap."""
    return satcore.run(NPS(item="nps", interval="bootstrap"), data, by=[], comparisons=[])


def counted_bootstrap(data: Any) -> Callable[[], satcore.Results]:
    """The last step alone: figures and bootstrap, of answers that have been counted."""
    plan = satcore.plan(NPS(item="nps", interval="bootstrap"), data, by=[], comparisons=[])
    bundle = satcore.scan(plan)
    return lambda: satcore.evaluate(plan, bundle)


@contextmanager
def plugin_files() -> Iterator[None]:
    """The environment names the benchmarks' own plugin file."""
    before = os.environ.get("SATCORE_PLUGINS_DIR")
    os.environ["SATCORE_PLUGINS_DIR"] = str(PLUGINS)
    try:
        yield
    finally:
        if before is None:
            del os.environ["SATCORE_PLUGINS_DIR"]
        else:
            os.environ["SATCORE_PLUGINS_DIR"] = before


# --- telling --------------------------------------------------------------------------------------


def _region_and_month(cell: Mapping[str, Any]) -> int:
    return int(cell["region"]) * MONTHS + int(cell["month"])


def _by_cell(
    results: satcore.Results, metric: str, axes: int, place: Callable[[Mapping[str, Any]], int]
) -> Callable[..., Any]:
    """Reads a column of a term, at the place of its cell; cells that don't exist stay 0."""
    rows = [row for row in results.rows(metric) if len(row["cell"]) == axes]
    by_term: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        by_term.setdefault((row["term"], row["item"]), []).append(row)

    def read(term: str, column: str, size: int, item: str, absent: float = 0.0) -> Any:
        values = np.full(size, absent)
        for row in by_term[(term, item)]:
            value = row[column]
            values[place(row["cell"])] = absent if value is None else value
        return values

    return read


def _counts(read: Callable[..., Any], term: str, size: int, item: str) -> Any:
    """A share's count; a cell without answers has none."""
    return figures.whole(read(term, "value", size, item) * read(term, "base", size, item))


def nps_figures(results: satcore.Results, metric: str = "nps") -> Figures:
    """Net promoters of everything."""
    return _nps(results, metric, 0, 1)


def nps_cells_figures(results: satcore.Results, metric: str = "nps") -> Figures:
    """Net promoters by region and month."""
    return _nps(results, metric, 2, CELLS)


def _nps(results: satcore.Results, metric: str, axes: int, size: int) -> Figures:
    read = _by_cell(results, metric, axes, _region_and_month if axes else _everywhere)
    found = {
        "n": figures.whole(read("nps", "base", size, "nps")),
        "promoters": _counts(read, "promoters", size, "nps"),
        "detractors": _counts(read, "detractors", size, "nps"),
        "nps": read("nps", "value", size, "nps", np.nan),
    }
    return found if axes else {name: value[0] for name, value in found.items()}


def _everywhere(_: Mapping[str, Any]) -> int:
    return 0


def weighted_figures(results: satcore.Results) -> Figures:
    """Weighted net promoters by region and month."""
    read = _by_cell(results, "nps", 2, _region_and_month)
    return {
        "n": figures.whole(read("nps", "base", CELLS, "nps")),
        "weighted base": read("nps", "weighted_base", CELLS, "nps"),
        "effective base": read("nps", "effective_base", CELLS, "nps"),
        "nps": read("nps", "value", CELLS, "nps", np.nan),
    }


def kano_figures(results: satcore.Results, by_region: bool = False) -> Figures:
    """Categories and coefficients."""
    size = REGIONS if by_region else 1
    place = (lambda cell: int(cell["region"])) if by_region else _everywhere
    read = _by_cell(results, "kano", int(by_region), place)
    shares = [
        [_counts(read, f"share_{letter}", size, one) for letter in CATEGORIES] for one in FEATURES
    ]
    found = {
        "kano categories": np.moveaxis(np.array(shares), -1, 0),
        **{
            term: np.stack([read(term, "value", size, one, np.nan) for one in FEATURES], axis=1)
            for term in ("better", "worse")
        },
    }
    return found if by_region else {name: value[0] for name, value in found.items()}


def _values(results: satcore.Results, term: str, items: Sequence[Any]) -> Any:
    of = {row["item"]: row["value"] for row in results.rows("servqual", term) if not row["cell"]}
    return np.array([of[str(item)] for item in items], dtype=np.float64)


def alpha_figures(results: satcore.Results) -> Figures:
    """Cronbach's alpha of perceptions and expectations."""
    terms = {"E": "alpha_expectation", "P": "alpha"}
    found = [_values(results, terms[scale[0]], [scale.partition("_")[2]])[0] for scale in SCALES]
    return {"alpha": np.array(found)}


def servqual_figures(results: satcore.Results) -> Figures:
    """Alphas, means and gaps."""
    return {
        **alpha_figures(results),
        **{term: _values(results, term, ITEMS) for term in ("expectation", "perception", "gap")},
        "dimension gap": _values(results, "gap", list(DIMENSIONS)),
    }


def fused_figures(results: satcore.Results) -> Figures:
    """The figures of everything."""
    shares = {
        name: _counts(_by_cell(results, name, 0, _everywhere), "satisfied", 1, "csat")[0]
        for name in ("satisfied", "dissatisfied")
    }
    return {
        **nps_cells_figures(results),
        **kano_figures(results),
        **servqual_figures(results),
        **shares,
    }


def bootstrap_figures(results: satcore.Results) -> Figures:
    """The score, and its interval within the noise of the resamples."""
    (row,) = results.rows("nps", "nps")
    assert row["ci_low"] is not None
    assert row["ci_high"] is not None
    return {
        "nps": np.array(row["value"]),
        "half width": np.array((row["ci_high"] - row["ci_low"]) / 2),
    }
