"""The brief report: satcore's laws, and what stands on the page."""

import pytest
import satcore
from satcore.testing import Check, report_checks

from satcore_waiting import Waiting
from satcore_waiting.brief import render, satcore_reports


@pytest.mark.parametrize("check", report_checks(satcore_reports()[0]), ids=str)
def test_law(check: Check) -> None:
    check()


def page(language: str = "en", office: str = "North") -> str:
    answers = {"minutes": [*range(1, 101), None], "office": ["South"] * 100 + [office]}
    results = satcore.run(Waiting(item="minutes"), answers, segments=["office"])
    return render(results, language).decode()


def test_the_page() -> None:
    lines = page().splitlines()
    assert lines[0] == "# Results"
    assert "101 responses from data in memory. In brackets: 95% intervals." in lines
    assert "| Group | Median | 90 % wait at most | Answers |" in lines
    # The 50th of 100, from the 41st to the 60th, within 1 %.
    (total,) = [line for line in lines if line.startswith("| All | ")]
    assert total.startswith("| All | 50.2 (40.8 to 59.9) |")
    assert total.endswith(" | 100 |")
    assert "| North | no answers | no answers | 0 |" in lines


def test_in_chinese() -> None:
    text = page("zh")
    assert text.startswith("# 结果\n")
    assert "| North | 无回答 | 无回答 | 0 |" in text


def test_another_language() -> None:
    with pytest.raises(satcore.OutputError, match="speaks en, zh, not 'fr'"):
        page("fr")


def test_labels_stay_labels() -> None:
    text = page(office="<script>|x|[a](b)")
    assert "| &lt;script&gt;\\|x\\|\\[a\\]\\(b\\) |" in text
    assert "<script" not in text


def test_what_is_to_be_known_of_a_number() -> None:
    answers = {"minutes": [1, 2, -3], "office": ["A", "A", "B"]}
    results = satcore.run(Waiting(item="minutes"), answers, segments=["office"])
    text = render(results).decode()
    assert "\n## Notes\n" in text
    assert "- fewer than 30 answers; times below 0 left out: 1" in text
    assert "to ∞)" in text
