"""Questionnaires: their facts against quoted sources, in studies, and scored on known answers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from attrs import evolve, frozen
from click.testing import CliRunner, Result

import satcore
from satcore import InstrumentDimension, InstrumentSpec, OptionError, StudyError
from satcore.cli.instruments import instruments as listing
from satcore.cli.run import run as run_command
from satcore.cli.simulate import simulate as simulate_command
from satcore.instruments import expanded
from satcore.plugins import Plugins
from satcore.study import Study
from satcore.testing import plugin_checks, simulate_instrument
from satcore_instruments import INSTRUMENTS

SPECS = {one.name: one for one in INSTRUMENTS}

# --- facts, as their sources say them -------------------------------------------------------------


@frozen
class Quoted:
    """What a source says of a questionnaire.

    The counts are written out here from the quotation, not taken from the records.
    """

    items: int
    dimensions: Mapping[str, int | None]
    scale: str
    quotes: tuple[tuple[str, str], ...]


FIVE = ("tangibles", "reliability", "responsiveness", "assurance", "empathy")
CLASSICAL = dict(zip(FIVE, (4, 5, 4, 4, 5), strict=True))

QUOTED = {
    "servqual": Quoted(
        22,
        CLASSICAL,
        "1..7",
        (
            (
                "the development of a 22-item instrument (called SERVQUAL)",
                "Parasuraman, Zeithaml and Berry 1988, abstract",
            ),
            (
                (
                    "Tangibles 1 2 3 4 ... Reliability 5 6 7 8 9 ... Responsiveness 10 11 12 13 "
                    "... "
                    "Assurance 14 15 16 17 ... Empathy 18 19 20 21 22"
                ),
                "studylib.net/doc/25354314, 22 questions of SERVQUAL",
            ),
            (
                "using a 5-point, instead of a 7-point scale",
                "Tefera and Govender 2017, abstract, of what they changed in SERVQUAL",
            ),
        ),
    ),
    "servperf": Quoted(
        22,
        CLASSICAL,
        "1..7",
        (
            (
                "the performance component of the Service Quality scale (SERVQUAL)",
                "html.scirp.org/file/_4-6902049_6.htm",
            ),
            ("22 Understand customer specific needs", "atera.org/archives/221, the last item"),
        ),
    ),
    "lodgserv": Quoted(
        26,
        dict.fromkeys(FIVE),
        "",
        (
            (
                "LODGSERV is a 26-item index ... The index confirms the five generic dimensions",
                "Knutson et al. 1990, abstract",
            ),
        ),
    ),
    "dineserv": Quoted(
        29,
        dict.fromkeys(FIVE),
        "",
        (
            (
                (
                    "The 29-item Dineserv questionnaire comprises service-quality standards that "
                    "fall "
                    "into five categories: assurance, empathy, reliability, responsiveness, and "
                    "tangibles"
                ),
                "Stevens, Knutson and Patton 1995, abstract",
            ),
        ),
    ),
    "rsqs": Quoted(
        28,
        {
            "physical_aspects": None,
            "reliability": None,
            "personal_interaction": 9,
            "problem_solving": 3,
            "policy": 5,
        },
        "",
        (
            (
                (
                    "RSQS includes 28-item scale ... composes of 5 dimensions, namely: (1) "
                    "Physical "
                    "aspects (2) Reliability (3) Personal interaction (4) Problem-solving (5) "
                    "Policy"
                ),
                "studymoose.com/retail-service-quality-scale-essay, of Dabholkar et al. 1996",
            ),
            (
                "Dimension 1 Physical Aspects 1 Appearance 1. ... 2. ... 3. ...",
                "html.scirp.org/file/_4-6902049_2.htm, as far as it could be read",
            ),
            (
                (
                    "5 Inspiring Confidence 12. ... 6 Courteousness/Helpfulness ... 20. ... "
                    "Dimension 4 "
                    "Problem Solving 21. ... 23. ... Dimension 5 Policy 24. ... 28."
                ),
                "html.scirp.org/file/_4-6902049_3.htm",
            ),
        ),
    ),
    "bsq": Quoted(
        31,
        dict.fromkeys(
            (
                "effectiveness_assurance",
                "access",
                "price",
                "tangibles",
                "services_portfolio",
                "reliability",
            )
        ),
        "",
        (
            (
                (
                    "31 items which span six dimensions: effectiveness and assurance; access; "
                    "price; "
                    "tangibles; services portfolio and reliability"
                ),
                "Bahia and Nantel 2000, abstract",
            ),
        ),
    ),
    "hcahps": Quoted(
        18,
        {
            "nurses": 3,
            "doctors": 3,
            "staff": 2,
            "pain": 2,
            "medicines": 2,
            "cleanliness": 1,
            "quietness": 1,
            "discharge": 2,
            "rating": 1,
            "recommend": 1,
        },
        "1..4",
        (
            (
                (
                    "each of the 18 substantive ... questions ... Communication with Nurses "
                    "(combines "
                    "three questions) Communication with Doctors (combines three questions) "
                    "Responsiveness of Hospital Staff (combines two questions) Pain Management "
                    "(combines two questions) Communication about Medicines (combines two "
                    "questions) "
                    "Discharge Information (combines two questions) ... The other four ... "
                    "(cleanliness, quietness, overall rating, and willingness to recommend) are "
                    "each "
                    "based on only one survey question"
                ),
                "HCPro 2010, Inside the program: HCAHPS aggregation process",
            ),
            (
                "Possible responses are Never, Sometimes, Usually, and Always",
                "nm.org, patient satisfaction with nurse communication",
            ),
        ),
    ),
    "hedperf": Quoted(
        41,
        dict.fromkeys(
            ("non_academic", "academic", "reputation", "access", "programmes", "understanding")
        ),
        "",
        (
            (
                (
                    "The proposed 41-item instrument; non-academic aspects, academic aspects, "
                    "reputation, access, programme issues and understanding"
                ),
                "Abdullah 2006, abstract and summary",
            ),
        ),
    ),
    "libqual": Quoted(
        22,
        {"affect_of_service": 9, "information_control": 8, "library_as_place": 5},
        "1..9",
        (
            (
                "LibQual+ includes 22 core and 5 locally designed questions in three dimensions",
                "scranton.edu, LibQUAL 2012, which names nine topics of service, five of place",
            ),
            ("1 is lowest, 9 is highest", "luo.kayak150.com/librarysurvey"),
        ),
    ),
    "esqual": Quoted(
        22,
        {"efficiency": 8, "system_availability": None, "fulfillment": None, "privacy": None},
        "1..5",
        (
            (
                (
                    "a 22-item scale of four dimensions: efficiency, fulfillment, system "
                    "availability, "
                    "and privacy"
                ),
                "Parasuraman, Zeithaml and Malhotra 2005, abstract",
            ),
            (
                "a 5-point scale ... Efficiency EFF1 ... EFF8 ... System Availability",
                "sqm.tcscope.com/research-model/e-service-q, the article's appendix",
            ),
        ),
    ),
    "erecsqual": Quoted(
        11,
        dict.fromkeys(("responsiveness", "compensation", "contact")),
        "1..5",
        (
            (
                "contains 11 items in three dimensions: responsiveness, compensation, and contact",
                "Parasuraman, Zeithaml and Malhotra 2005, abstract",
            ),
        ),
    ),
    "egovqual": Quoted(
        21,
        {"efficiency": 7, "trust": 4, "reliability": 6, "citizen_support": 4},
        "1..5",
        (
            (
                (
                    "E-GovQual is a four-dimensional, 21 item scale ... reliability, efficiency, "
                    "citizen support and trust"
                ),
                "Papadomichelaki and Mentzas 2012, highlights",
            ),
            (
                "EF1 ... EF7, TR1 ... TR4, RL1 ... RL6, CS1 ... CS4, each from 1 to 5",
                (
                    "a public survey with E-GovQual's 21 attributes: KuesionerPortal of the "
                    "Diskominfo "
                    "of Kalimantan Utara, config/kuesioner_portal.php"
                ),
            ),
        ),
    ),
}


def differences(spec: InstrumentSpec, quoted: Quoted) -> list[str]:
    """Where a record differs from what its source says."""
    found = []
    if spec.items != quoted.items:
        found.append(f"{spec.items} items, not {quoted.items}")
    if spec.scale != quoted.scale:
        found.append(f"scale {spec.scale!r}, not {quoted.scale!r}")
    counts = {one.name: len(one.numbers) if one.items else None for one in spec.dimensions}
    if counts != quoted.dimensions:
        found.append(f"dimensions {counts}, not {dict(quoted.dimensions)}")
    return found


def test_every_questionnaire_is_quoted() -> None:
    assert list(SPECS) == list(QUOTED)


@pytest.mark.parametrize("name", SPECS)
def test_counts_are_those_of_the_source(name: str) -> None:
    quotes = "\n".join(f"“{text}” ({where})" for text, where in QUOTED[name].quotes)
    assert not differences(SPECS[name], QUOTED[name]), quotes


@pytest.mark.parametrize("name", SPECS)
def test_quoted_totals_stand_in_their_quotations(name: str) -> None:
    """The total that is held against the record is the one that is quoted."""
    text = " ".join(text for text, _ in QUOTED[name].quotes)
    assert re.search(rf"\b{QUOTED[name].items}\b", text)


def test_a_count_that_differs_is_found() -> None:
    spec = SPECS["libqual"]
    affect, control, place = spec.dimensions
    moved = (
        evolve(affect, items="1,4,6,9,11,13,15,18"),
        evolve(control, items=f"{control.items},22"),
    )
    assert differences(evolve(spec, dimensions=(*moved, place)), QUOTED["libqual"]) == [
        (
            "dimensions {'affect_of_service': 8, 'information_control': 9, 'library_as_place': 5}, "
            "not {'affect_of_service': 9, 'information_control': 8, 'library_as_place': 5}"
        )
    ]
    assert differences(evolve(SPECS["dineserv"], items=28), QUOTED["dineserv"])


def test_the_dimensions_of_libqual_are_the_topics_that_are_told() -> None:
    """The numbers, from the list of 2008, and the topics that Scranton tells of each dimension."""
    core = {
        1: "confidence", 4: "individual attention", 6: "courteous", 9: "readiness",
        11: "knowledge", 13: "caring", 15: "understand", 18: "willing", 22: "dependab",
        3: "inspires study", 8: "quiet", 12: "comfortable", 17: "getaway", 21: "community",
    }  # fmt: skip
    affect = (
        "instill confidence in users, give individual attention, consistently behave courteously, "
        "show readiness to respond to users, have requisite knowledge, deal with users in a caring "
        "fashion, understand users' needs, willingly help and dependably handle"
    )
    service, control, place = SPECS["libqual"].dimensions
    assert {number for number, word in core.items() if word in affect} == set(service.numbers)
    assert set(core) - set(service.numbers) == set(place.numbers)
    assert set(control.numbers) == set(range(1, 23)) - set(core)


@pytest.mark.parametrize("spec", INSTRUMENTS, ids=lambda one: one.name)
def test_every_text_is_there_in_both_languages(spec: InstrumentSpec) -> None:
    texts = [spec.title, spec.industry, spec.scoring, *spec.labels.values()]
    texts += [one.title for one in spec.dimensions]
    texts += [spec.unread] if not (spec.complete and spec.scale) else []
    for text in texts:
        said = dict(text.by_language)
        assert set(said) == {"en", "zh"}
        assert re.search(r"[\u4e00-\u9fff]", said["zh"])
        assert not re.search(r"[\u4e00-\u9fff]", said["en"])
    assert re.search(r"\b(19|20)\d\d\b", spec.source)
    assert spec.read


# --- records that can't be ------------------------------------------------------------------------


def record(**changes: Any) -> InstrumentSpec:
    given: dict[str, Any] = {
        "industry": "any",
        "items": 4,
        "scale": "1..5",
        "dimensions": (
            InstrumentDimension("a", "A", "1..2"),
            InstrumentDimension("b", "B", "3,4"),
        ),
    }
    return InstrumentSpec("mine", "Mine", "Me (2026)", **{**given, **changes})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"items": 3}, "b has item 4 of 3"),
        ({"items": 5}, "1 items are in no dimension"),
        ({"scale": "five"}, "is no scale"),
        ({"forms": ("perceptions",)}, "forms are of expectation"),
        ({"forms": ()}, "forms are of expectation"),
        ({"columns": {"wish": "W{1..4}"}}, "forms are of expectation"),
        ({"labels": {9: "nine"}}, "a label of an item that there is not"),
        (
            {
                "dimensions": (
                    InstrumentDimension("a", "A", "1..4"),
                    InstrumentDimension("b", "B", "4"),
                )
            },
            "item 4 is in two dimensions",
        ),
        ({"dimensions": (InstrumentDimension("a", "A", "1 to 4"),)}, "no number and no range"),
        (
            {
                "dimensions": (
                    InstrumentDimension("a", "A", "1", scale="0..1"),
                    InstrumentDimension("b", "B", "2..4"),
                )
            },
            "items of another scale are numbered last",
        ),
    ],
)  # fmt: skip
def test_a_record_whose_parts_disagree_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        record(**changes)


def host(tmp_path: Path, plugins: Plugins, **sources: str) -> Plugins:
    """The bundled plugins, and plugin files beside them."""
    from satcore.plugin_files import plugin_files

    for name, source in sources.items():
        (tmp_path / f"{name}.py").write_text(source, "utf-8")
    return Plugins((*plugins.points, *plugin_files([str(tmp_path)])))


HEAD = "from satcore import InstrumentDimension as D, InstrumentSpec as S, hookimpl\n"
OWN = HEAD + (
    "@hookimpl\n"
    "def satcore_instruments():\n"
    "    return [S({name!r}, 'Mine', 'Me (2026)', industry='any', items={items}, scale='1..5',\n"
    "              dimensions=(D('a', 'A', '1..2'),), api={api})]\n"
)


def test_a_plugin_of_anyone_offers_one_and_a_bad_one_is_contained(
    tmp_path: Path, plugins: Plugins
) -> None:
    found = host(
        tmp_path,
        plugins,
        good=OWN.format(name="good", items=2, api=1),
        bad=OWN.format(name="bad", items=3, api=1),
        late=OWN.format(name="late", items=2, api=99),
        twice=OWN.format(name="dineserv", items=2, api=1),
        wrong=HEAD + "@hookimpl\ndef satcore_instruments():\n    return ['dineserv']\n",
    )
    state = {info.name: (info.state, info.reason) for info in found.infos()}
    assert state["good"][0] == "ok"
    assert found.instrument("good").items == 2
    assert state["bad"] == ("failed", "ValueError: bad: 1 items are in no dimension")
    assert state["late"][0] == "incompatible"
    assert "returns InstrumentSpec records, not str" in state["wrong"][1]
    with pytest.raises(satcore.PluginError, match=r"'instruments:dineserv' or 'twice:dineserv'"):
        found.instrument("dineserv")
    assert found.instrument("twice:dineserv").items == 2
    assert found.instrument("instruments:dineserv").items == 29


def test_the_kit_wants_a_reason_for_what_is_left_out(tmp_path: Path, plugins: Plugins) -> None:
    open_one = OWN.format(name="vague", items=2, api=1).replace("scale='1..5'", "scale=''")
    found = host(tmp_path, plugins, vague=open_one)
    told = {one.name: one.told() for one in plugin_checks("vague", plugins=found)}
    assert told["summaries"].kind == "failed"
    assert "why facts are left out" in told["summaries"].message


def test_a_mistyped_name_is_told_with_near_ones(plugins: Plugins) -> None:
    with pytest.raises(satcore.PluginError, match="did you mean 'dineserv'"):
        plugins.instrument("dinserve")
    nobody = Plugins((EntryPoint("nps", "satcore_nps", "satcore"),))
    with pytest.raises(satcore.PluginError, match="there are none at all"):
        nobody.instrument("servqual")


# --- in a study -----------------------------------------------------------------------------------


def options(plugins: Plugins, table: dict[str, Any]) -> Any:
    made = expanded(Study.of({"metrics": {"q": table}}), plugins)
    assert not made.study.problems, made.study.problems
    return made.study.metrics["q"]


def problems(plugins: Plugins, table: dict[str, Any]) -> list[str]:
    made = expanded(Study.of({"metrics": {"q": table}}), plugins)
    assert made.study.problems
    assert "q" not in made.study.metrics
    return [str(one) for one in made.study.problems]


def test_an_instrument_fills_what_is_not_written(plugins: Plugins) -> None:
    table = options(plugins, {"instrument": "libqual"})
    assert table.kind == "servqual"
    titles = table.options.pop("titles")
    assert {name: text.said("zh") for name, text in titles.items()} == {
        "affect_of_service": "服务影响",
        "information_control": "信息控制",
        "library_as_place": "图书馆环境",
    }
    assert table.options == {
        "desired": "D{1..22}",
        "adequate": "A{1..22}",
        "perception": "P{1..22}",
        "scale": "1..9",
        "dimensions": {
            "affect_of_service": "1,4,6,9,11,13,15,18,22",
            "information_control": "2,5,7,10,14,16,19,20",
            "library_as_place": "3,8,12,17,21",
        },
    }


def test_what_is_written_wins(plugins: Plugins) -> None:
    written = {
        "instrument": "servqual",
        "metric": "servqual",
        "forms": ["perception"],
        "perception": "Q7_{01..22}",
        "scale": "1..5",
        "dimensions": {"one": "1..22"},
        "titles": {"one": {"en": "One", "zh": "一"}},
        "min_answered": 3,
    }
    table = options(plugins, written)
    kept = {
        key: value for key, value in written.items() if key not in ("instrument", "metric", "forms")
    }
    assert table.options == kept


def test_a_study_without_instruments_is_the_same_object(plugins: Plugins) -> None:
    study = Study.of({"metrics": {"nps": {"item": "Q1"}}})
    assert expanded(study, plugins).study is study


def test_labels_are_given_to_columns_that_have_none(plugins: Plugins) -> None:
    study = Study.of(
        {
            "items": {"P2": {"label": "Mine"}, "P3": {"missing": [9]}},
            "metrics": {"q": {"instrument": "egovqual"}},
        }
    )
    declared = expanded(study, plugins).study.codebook.declared
    assert str(declared["P1"].label) == "Structure is clear"
    assert str(declared["P2"].label) == "Mine"
    assert str(declared["P3"].label) == "Pages are well arranged"
    assert declared["P3"].missing == ("9",)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"instrument": "dinserv"}, "did you mean 'dineserv'"),
        ({"instrument": "dineserv", "metric": "servqal"}, "did you mean 'servqual'"),
        ({"instrument": "dineserv", "metric": "nps"}, "the metric 'nps' takes no questionnaire"),
        ({"instrument": "dineserv", "forms": ["perceptions"]}, "did you mean 'perception'"),
        ({"instrument": "servperf", "forms": ["expectation"]}, "servperf asks no 'expectation'"),
        ({"instrument": "dineserv", "forms": []}, "dineserv is asked as expectation, perception"),
        (
            {"instrument": "dineserv", "perception": "P{1..28}"},
            "dineserv has 29 items on its scale",
        ),
        ({"instrument": "servperf", "perception": ["P1", "P2"]}, "but these are 2 columns"),
        (
            {"instrument": "dineserv", "dimensions": {"tangible": "1..3"}},
            "dineserv has no dimension 'tangible'",
        ),
    ],
)
def test_mistakes_are_told_where_they_are(
    table: dict[str, Any], told: str, plugins: Plugins
) -> None:
    [message] = problems(plugins, table)
    assert message.startswith("study: [metrics.q] ")
    assert told in message


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"instrument": 3}, "[metrics.q] instrument: a text is wanted"),
        ({"instrument": "dineserv", "forms": "perception"}, "[metrics.q] forms: a list is wanted"),
    ],
)
def test_wrong_types_are_told_when_the_study_is_read(table: dict[str, Any], told: str) -> None:
    assert told in str(Study.of({"metrics": {"q": table}}).problems[0])


def test_all_mistakes_at_once(plugins: Plugins) -> None:
    study = Study.of(
        {
            "metrics": {"a": {"instrument": "dinserv"}, "b": {"metric": "npss"}},
            "standards": [{"metric": "a", "at_least": 3}],
        }
    )
    with pytest.raises(StudyError) as caught:
        satcore.run(study, {"Q1": [1, 2]}, plugins=plugins)
    told = [str(one) for one in caught.value.problems]
    assert len(told) == 2
    assert "[metrics.a] instrument" in told[0]
    assert "'npss'" in told[1]


def test_what_is_not_known_makes_one_score_and_is_told(plugins: Plugins) -> None:
    made = expanded(Study.of({"metrics": {"q": {"instrument": "erecsqual"}}}), plugins)
    assert made.study.metrics["q"].options["dimensions"] == {"all": "1..11"}
    note, source = made.notes
    assert "E-S-QUAL: A Multiple-Item Scale" in source
    assert "responsiveness, compensation, contact could not be read" in note
    assert "scored together, as all" in note


@pytest.mark.parametrize(
    ("given", "dimensions", "title"),
    [
        # Not the classical five, though there are 22 items.
        (None, {"efficiency": "1..8", "rest": [*range(9, 23)]}, "系统可用性、履约、隐私"),
        (
            {"privacy": "20..22"},
            {"efficiency": "1..8", "privacy": "20..22", "rest": [*range(9, 20)]},
            "系统可用性、履约",
        ),
        ({"privacy": [1, 2, 3]}, {"efficiency": "1..8", "privacy": [1, 2, 3]}, "系统可用性、履约"),
    ],
)
def test_what_is_not_known_beside_what_is_makes_one_score(
    given: dict[str, Any] | None, dimensions: dict[str, Any], title: str, plugins: Plugins
) -> None:
    table = {"instrument": "esqual", **({} if given is None else {"dimensions": given})}
    made = expanded(Study.of({"metrics": {"q": table}}), plugins)
    found = made.study.metrics["q"].options
    assert {name: found["dimensions"][name] for name in dimensions} == dimensions
    held = satcore.Text.of(found["titles"]["rest"])
    assert held.said("zh") == title
    note, source = made.notes
    assert "E-S-QUAL: A Multiple-Item Scale" in source
    assert "system_availability" in note
    assert "scored together, as rest" in note


def test_every_item_is_in_one_dimension(plugins: Plugins) -> None:
    """Whatever could be read of a questionnaire, no item is left out and none counts twice."""
    for name, spec in SPECS.items():
        made = expanded(Study.of({"metrics": {"q": {"instrument": name}}}), plugins)
        there: dict[str, Any] = made.study.metrics["q"].options["dimensions"]
        numbers = [
            number
            for dimension, of in there.items()
            for number in (
                InstrumentDimension(dimension, "", of).numbers if isinstance(of, str) else of
            )
        ]
        assert sorted(numbers) == list(spec.scored), name


@pytest.mark.parametrize("name", ["esqual", "rsqs", "dineserv"])
def test_one_score_of_all_items_may_be_asked_for(name: str, plugins: Plugins) -> None:
    every = f"1..{SPECS[name].items}"
    table = {"instrument": name, "dimensions": {"all": every}, "reliability": "none"}
    made = simulate_instrument(name, 60, plugins=plugins)
    study = Study.of({"metrics": {name: table}})
    results = satcore.run(study, made.survey.survey(), plugins=plugins)
    assert {"all"} == {
        row["item"] for row in results.rows(name, "perception") if row["item"].isalpha()
    }
    assert not [note for note in results.notes if "belong to" in note]


def test_the_rest_may_be_written_and_a_bad_number_is_told_once(plugins: Plugins) -> None:
    written = {"instrument": "esqual", "dimensions": {"rest": "9..22"}}
    made = expanded(Study.of({"metrics": {"q": written}}), plugins)
    assert made.study.metrics["q"].options["dimensions"] == {"efficiency": "1..8", "rest": "9..22"}
    [_] = made.notes
    assert made.study.metrics["q"].options["titles"]["rest"]["zh"] == "系统可用性、履约、隐私"
    # Of a rest that leaves items out nobody knows which dimensions it is of.
    some = {"instrument": "esqual", "dimensions": {"rest": "9..12"}}
    part = expanded(Study.of({"metrics": {"q": some}}), plugins).study.metrics["q"]
    assert part.options["titles"]["rest"] == {"en": "Other items", "zh": "其他题项"}
    bad = {"instrument": "esqual", "dimensions": {"privacy": "20 to 22"}}
    with pytest.raises(StudyError) as caught:
        satcore.run(Study.of({"metrics": {"q": bad}}), {"P1": [1]}, plugins=plugins)
    assert len(caught.value.problems) == 1
    assert "20 to 22" in str(caught.value.problems[0])


def test_the_notes_reach_results_and_are_chinese_there(plugins: Plugins) -> None:
    made = simulate_instrument("dineserv", 60, plugins=plugins)
    results = satcore.run(made.study, made.survey.survey(), plugins=plugins)
    assert len(results.notes) == 3
    assert "the scale of dineserv could not be read at its source" in results.notes[1]
    report = plugins.report("a.md")
    page = report.render(results, "zh").decode()
    assert "未能在其来源中读到，因此合并计分为 all" in page
    assert "量表分级未能在其来源中读到；采用指标自身的分级；可在研究文件中写明" in page
    assert "所用量表为 DINESERV，Stevens, P., Knutson, B. and Patton, M. (1995)" in page
    assert "could not be read" not in page
    assert "the questionnaire is" not in page


def test_a_metric_is_called_by_its_questionnaire_or_by_the_study(plugins: Plugins) -> None:
    made = simulate_instrument("rsqs", 60, plugins=plugins)
    results = satcore.run(made.study, made.survey.survey(), plugins=plugins)
    assert results.title("rsqs") == "Retail Service Quality Scale (RSQS)"
    assert results.title("rsqs", "zh") == "RSQS 零售服务质量量表"
    page = plugins.report("a.html").render(results, "zh").decode()
    assert "RSQS 零售服务质量量表" in page
    assert "SERVQUAL 服务质量" not in page
    table = {"instrument": "rsqs", "title": {"en": "Our shops", "zh": "本店"}}
    study = Study.of({"metrics": {"rsqs": table}})
    results = satcore.run(study, made.survey.survey(), plugins=plugins)
    assert results.title("rsqs", "zh") == "本店"
    assert results.title("rsqs") == "Our shops"


def test_any_metric_may_have_a_title(plugins: Plugins) -> None:
    study = Study.of({"metrics": {"nps": {"item": "Q1", "title": "Loyalty"}}})
    results = satcore.run(study, {"Q1": [1, 10, 9]}, plugins=plugins)
    assert results.title("nps") == results.title("nps", "zh") == "Loyalty"
    wrong = Study.of({"metrics": {"nps": {"item": "Q1", "title": 3}}})
    assert "[metrics.nps] title" in str(wrong.problems[0])


def test_another_metric_takes_items(plugins: Plugins, tmp_path: Path) -> None:
    """A metric that has nothing of SERVQUAL but columns by the name of items."""
    source = (
        "from attrs import frozen\n"
        "from satcore import Mean, Metric, MetricSpec, Moments, hookimpl\n"
        "@frozen(kw_only=True)\n"
        "class Score(Metric):\n"
        "    items: str\n"
        "    scale: str = '1..3'\n"
        "    def statistics(self, codebook):\n"
        "        names = [self.items.replace('{1..21}', str(n)) for n in range(1, 22)]\n"
        "        return {'all': Moments((Mean(tuple(codebook.item(n, self.scale) for n in "
        "names)),))}\n"
        "    def evaluate(self, all):\n"
        "        yield all.combine([1.0], term='score')\n"
        "@hookimpl\n"
        "def satcore_metrics():\n"
        "    return [MetricSpec('score', Score, summary='A score', primary='score')]\n"
    )
    found = host(tmp_path, plugins, score=source)
    table = options(found, {"instrument": "egovqual", "metric": "score"})
    assert table.options == {"items": "P{1..21}", "scale": "1..5"}
    made = simulate_instrument("egovqual", 400, options={"metric": "score"}, plugins=found)
    assert list(made.means) == ["perception"]
    results = satcore.run(made.study, made.survey.survey(), plugins=found)
    [row] = results.rows("egovqual", "score")
    assert abs(row["value"] - made.means["perception"]["all"]) < 4 * row["std_error"]


# --- scored on answers whose means are known ------------------------------------------------------


def grouped(spec: InstrumentSpec) -> dict[str, str]:
    """Item numbers for dimensions of which they are not known: the free ones, shared out.

    They are an example, as a study's own would be.
    """
    taken = {number for one in spec.dimensions for number in one.numbers}
    free = [number for number in range(1, spec.items + 1) if number not in taken]
    open_ones = [one.name for one in spec.dimensions if not one.items]
    parts = np.array_split(free, len(open_ones)) if open_ones else []
    return {
        name: ",".join(map(str, part.tolist())) for name, part in zip(open_ones, parts, strict=True)
    }


@pytest.mark.parametrize("name", SPECS)
def test_every_questionnaire_is_scored_on_known_means(name: str, plugins: Plugins) -> None:
    spec = SPECS[name]
    more: dict[str, Any] = {"reliability": "none"}
    if grouped(spec):
        more["dimensions"] = grouped(spec)
    made = simulate_instrument(name, 1_200, seed=5, options=more, plugins=plugins)
    own = [one.name for one in spec.dimensions if not one.scale]
    assert set(made.means) == set(spec.forms)
    results = satcore.run(made.study, made.survey.survey(), plugins=plugins)
    assert not [note for note in results.notes if "belong to" in note]
    rows = {(row["term"], row["item"]): row for row in results.rows(name)}
    for form, means in made.means.items():
        assert list(means) == own
        for dimension, mean in means.items():
            row = rows[form, dimension]
            assert 0 < row["std_error"] < 0.1
            assert abs(row["value"] - mean) < 4 * row["std_error"], (form, dimension)
    if spec.forms == ("expectation", "perception"):
        gaps = {one: made.means["perception"][one] - made.means["expectation"][one] for one in own}
        for dimension, gap in gaps.items():
            row = rows["gap", dimension]
            assert abs(row["value"] - gap) < 4 * row["std_error"]


def test_the_truth_of_the_simulation_is_the_mean_asked_for(plugins: Plugins) -> None:
    asked = {"trust": 4.25, "efficiency": 1.5}
    made = simulate_instrument(
        "egovqual", 10, means=asked, plugins=plugins, population=1 << 14, missing_rate=0.0
    )
    truth = {row["item"]: row["value"] for row in made.survey.truth if row["term"] == "perception"}
    for dimension, mean in made.means["perception"].items():
        assert truth[dimension] == pytest.approx(mean, abs=0.01)
        assert asked.get(dimension, mean) == mean
    # Of single questions it is exact.
    shares = made.survey.shares("P8")
    assert sum(value * share for value, share in shares.items()) == pytest.approx(4.25, abs=1e-9)


@pytest.mark.parametrize(
    ("means", "told"),
    [
        ({"trst": 3}, "did you mean 'trust'"),
        ({"expectation.trust": 3}, "there is no 'expectation.trust'"),
        ({"trust": 5.2}, "is not on the scale 1..5"),
    ],
)
def test_means_that_cannot_be(means: dict[str, float], told: str, plugins: Plugins) -> None:
    with pytest.raises(OptionError, match=told):
        simulate_instrument("egovqual", 10, means=means, plugins=plugins)


def test_a_mean_at_the_end_of_the_scale(plugins: Plugins) -> None:
    made = simulate_instrument("egovqual", 50, means={"trust": 5}, missing_rate=0, plugins=plugins)
    assert set(made.survey.frame()["P8"].to_list()) == {5}


# --- the command line -----------------------------------------------------------------------------


def invoke(command: Any, *arguments: object) -> Result:
    return CliRunner().invoke(command, [str(one) for one in arguments])


@pytest.mark.parametrize("name", SPECS)
def test_the_command_tells_each(name: str) -> None:
    spec = SPECS[name]
    for language in ("en", "zh"):
        told = invoke(listing, name, "--lang", language).stdout
        assert spec.title.said(language) in told
        assert spec.source in told
        assert spec.unread.said(language) in told
        assert f'instrument = "{name}"' in told
        for one in spec.dimensions:
            assert one.title.said(language) in told


def test_the_command_lists_all_and_gives_json() -> None:
    shown = invoke(listing).stdout
    rows = json.loads(invoke(listing, "--json").stdout)
    assert [row["name"] for row in rows] == list(SPECS)
    assert all(name in shown for name in SPECS)
    by_name = {row["name"]: row for row in rows}
    assert by_name["dineserv"]["scale"] is None
    assert by_name["dineserv"]["dimensions"][0]["items"] is None
    assert by_name["libqual"]["dimensions"][2]["items"] == [3, 8, 12, 17, 21]
    [one] = json.loads(invoke(listing, "hcahps", "--json").stdout)
    assert one["dimensions"][7]["scale"] == "0..1"


def test_the_command_tells_near_names() -> None:
    assert "did you mean 'servqual'" in str(invoke(listing, "servqal").exception)


def test_simulate_answers_a_questionnaire(tmp_path: Path) -> None:
    out, study = tmp_path / "a.csv", tmp_path / "study.toml"
    made = invoke(
        simulate_command, "--instrument", "libqual", out, "--rows", 300,
        "--mean", "library_as_place=6.5", "--mean", "desired.library_as_place=8",
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    assert "library_as_place" in made.stdout
    assert "6.50" in made.stdout
    assert "8.00" in made.stdout
    assert 'instrument = "libqual"' in made.stdout
    assert len(pl.read_csv(out).columns) == 66
    study.write_text('[metrics.libqual]\ninstrument = "libqual"\n', "utf-8")
    ran = invoke(run_command, study, out, "--format", "json")
    rows = json.loads(ran.stdout)["estimates"]
    [row] = [
        row
        for row in rows
        if (row["item"], row["term"]) == ("library_as_place", "perception") and not row["cell"]
    ]
    assert abs(row["value"] - 6.5) < 4 * row["std_error"]


def test_simulate_writes_what_is_true_of_a_questionnaire(tmp_path: Path) -> None:
    out, truth = tmp_path / "a.csv", tmp_path / "t.json"
    made = invoke(
        simulate_command, "--instrument", "erecsqual", out, "--rows", 30, "--truth", truth
    )
    assert made.exit_code == 0, made.output
    told = json.loads(truth.read_text("utf-8"))
    assert told["study"] == "instrument erecsqual"
    [mean] = [row["value"] for row in told["truth"]
              if (row["item"], row["term"]) == ("all", "perception")]  # fmt: skip
    assert f"{mean:.2f}" in made.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["a.csv"], "name a study file and the file to write"),
        ([], "name a study file and the file to write"),
        (["s.toml", "a.csv", "--instrument", "libqual"], "name a study file and the file to write"),
        (["s.toml", "a.csv", "--mean", "trust=3"], "--mean is the mean of a questionnaire's"),
        (["a.csv", "--instrument", "egovqual", "--mean", "trust"], "is not as tangibles=5.5"),
        (["a.csv", "--instrument", "egovqual", "--mean", "trst=3"], "did you mean 'trust'"),
        (["a.csv", "--instrument", "egovqual", "--correlation", "2"], "--correlation"),
    ],
)
def test_simulate_tells_what_it_wants(
    arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = invoke(simulate_command, *arguments, "--rows", 5)
    assert made.exit_code == 2
    assert told in made.output
    assert not list(tmp_path.iterdir())


def test_a_study_with_an_instrument_is_simulated_by_its_file(tmp_path: Path) -> None:
    study = tmp_path / "s.toml"
    study.write_text('[metrics.q]\ninstrument = "erecsqual"\n', "utf-8")
    made = invoke(simulate_command, study, tmp_path / "a.csv", "--rows", 50)
    assert made.exit_code == 0, made.exception
    assert pl.read_csv(tmp_path / "a.csv").columns == [f"P{n}" for n in range(1, 12)]
