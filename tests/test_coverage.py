"""How often the intervals of NPS hold the true value: the short version of the benchmark.

Unweighted coverage is computed exactly, over every possible table, so there is no chance in it.
Weighted coverage is simulated; where a limit allows for chance, the test says how much.
"""

from __future__ import annotations

import importlib.util
import json
import math
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "benchmarks" / "coverage.py"


@pytest.fixture(scope="module")
def coverage() -> ModuleType:
    """The benchmark; it is no part of the wheel that the tests may run on."""
    spec = importlib.util.spec_from_file_location("benchmarks_coverage", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def chance(share: float, simulations: int) -> float:
    """The Monte-Carlo standard error of a coverage."""
    return math.sqrt(share * (1 - share) / simulations)


@pytest.mark.parametrize("method", ["adjusted_wald", "score"])
@pytest.mark.parametrize("n", [50, 100, 200])
def test_claimed_unweighted(coverage: Any, method: str, n: int) -> None:
    found = coverage.exact(method, n, coverage.SENSIBLE)
    assert len(found) == 13
    assert min(found.values()) >= 0.93
    assert max(found.values()) <= 0.97


def test_the_check_can_fail(coverage: Any) -> None:
    """Wald's interval at small n, and shares at which nothing is claimed, fall out."""
    assert min(coverage.exact("wald", 20, coverage.SENSIBLE).values()) < 0.87
    assert max(coverage.exact("adjusted_wald", 50, coverage.EXTREME).values()) > 0.99
    assert coverage.weighted_coverage("lognormal 1.0", (0.05, 0.15, 0.80), 50, 1000) < 0.90


@pytest.mark.parametrize("method", ["adjusted_wald", "score", "wald", "may_johnson"])
def test_simulation_agrees_with_exact(coverage: Any, method: str) -> None:
    """Within 4 Monte-Carlo standard errors, at 13 points."""
    known = coverage.exact(method, 50, coverage.SENSIBLE)
    for shares, share in known.items():
        counts = coverage.generator(shares, 50).multinomial(50, shares, size=1000)
        found = coverage.simulated(method, counts, coverage.true_nps(shares))
        assert abs(found - share) < 4 * chance(share, 1000)


def test_bootstrap(coverage: Any) -> None:
    """In the band, give or take 3 Monte-Carlo standard errors."""
    slack = 3 * chance(0.95, 400)
    for shares in ((0.1, 0.2, 0.7), (0.45, 0.1, 0.45), (0.36, 0.18, 0.46)):
        counts = coverage.generator(shares, 100).multinomial(100, shares, size=400)
        found = coverage.simulated("bootstrap", counts, coverage.true_nps(shares))
        assert 0.93 - slack < found < 0.97 + slack


def test_claimed_weighted(coverage: Any) -> None:
    """n = 200: each point in the band give or take 3 Monte-Carlo errors, their mean without."""
    simulations = 1500
    slack = 3 * chance(0.95, simulations)
    found = [
        coverage.weighted_coverage(design, shares, 200, simulations)
        for design in coverage.CLAIMED_DESIGNS
        for shares in coverage.SENSIBLE
    ]
    assert len(found) == 26
    assert min(found) > 0.93 - slack
    assert max(found) < 0.97 + slack
    # 39,000 simulations: the mean's Monte-Carlo error is 0.0011.
    assert 0.94 < np.mean(found) < 0.955


def test_designs_have_the_shares_they_say(coverage: Any) -> None:
    """Else coverage would be held against a wrong truth. Within 4 standard errors."""
    for name, draw in coverage.DESIGNS.items():
        for shares in ((0.05, 0.15, 0.80), (0.4, 0.4, 0.2)):
            answers, weights = draw(np.random.default_rng(1), shares, 1000, 200)
            scores = 100.0 * (answers - 1)
            net = float(np.sum(weights * scores) / np.sum(weights))
            error = float(np.sqrt(np.sum((weights * (scores - net)) ** 2)) / np.sum(weights))
            assert abs(net - coverage.true_nps(shares)) < 4 * error, name


def test_the_script(
    coverage: Any,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(coverage, "SIZES", (10, 50))
    monkeypatch.setattr(coverage, "WEIGHTED_SIZES", (50,))
    path = tmp_path / "coverage.json"
    assert coverage.main(["--simulations", "40", "--json", str(path)]) == 0
    printed = capsys.readouterr().out
    assert "### `linearised`, weights: groups" in printed
    assert "| 10 / 80 / 10 | **99.82** | 95.87 |" in printed
    rows = json.loads(path.read_text("utf-8"))["coverage"]
    # 19 distributions: five methods at two sizes, three designs at one.
    assert len(rows) == 19 * (5 * 2 + 3)
    again = tmp_path / "again.json"
    coverage.main(["--simulations", "40", "--json", str(again)])
    assert again.read_bytes() == path.read_bytes()


@pytest.fixture(scope="module")
def models() -> ModuleType:
    """The benchmark of KANO and SERVQUAL."""
    path = SCRIPT.with_name("coverage_models.py")
    spec = importlib.util.spec_from_file_location("benchmarks_coverage_models", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_kano_and_servqual(models: Any) -> None:
    """400 surveys of 200 answers: coverage is known to 1.1; four of those are allowed below 93."""
    found = models.measure(400, sizes=(200,), seed=3)[200]
    slack = 4 * chance(0.95, 400)
    claimed = {key: share for key, share in found.items() if key[1] != "share_M"}
    assert len(claimed) > 25
    for (item, term), share in claimed.items():
        assert 0.93 - slack <= share, (item, term)
