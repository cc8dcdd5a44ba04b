"""Catalogues: read from gettext's files, broken ones contained, brought by plugins."""

from __future__ import annotations

import gettext
import io
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

import satcore
import satcore_html
from satcore import Catalogue, Catalogues, CatalogueSpec, MetricSpec, hookimpl, read_catalogue
from satcore.catalogues import OWN, languages
from satcore.periods import period_label, period_said, periods_between
from satcore.plugins import Plugins
from satcore.scaffold import Package, plugin_name, write
from satcore.sentences import Template, filled, kind_of, put_in
from satcore.testing import plugin_checks
from satcore_html.messages import said
from satcore_html.words import Words

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Language: zh\\n"\n\n'

OWN_WORDS = """
msgctxt "title"
msgid "Waiting time"
msgstr "等候时间"

msgctxt "term"
msgid "Mean wait"
msgstr "平均等候"

msgctxt "unit"
msgid "minute"
msgid_plural "minutes"
msgstr[0] "分钟"

msgid "{count} waited longer than {limit}"
msgstr "{count} 人等候超过 {limit}"

msgid "the clock of {wave} was wrong"
msgstr "{wave}的时钟有误"
"""


def file(folder: Path, text: str, language: str = "zh", domain: str = "own") -> CatalogueSpec:
    """A catalogue of one file."""
    place = folder / language / "LC_MESSAGES"
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{domain}.po").write_text(HEAD.replace(": zh", f": {language}") + text, "utf-8")
    return CatalogueSpec(domain, folder)


def entry(english: str, other: str, context: str = "") -> str:
    quoted = [text.replace("\\", "\\\\").replace('"', '\\"') for text in (english, other)]
    told = f'msgctxt "{context}"\n' if context else ""
    return f'{told}msgid "{quoted[0]}"\nmsgstr "{quoted[1]}"\n\n'


class TestSentences:
    @pytest.mark.parametrize(
        ("sentence", "message", "found"),
        [
            ("only {count} answers to {item}", "only 3 answers to Q1", ("3", "Q1")),
            ("only {count} answers to {item}", "only 1,234 answers to Q1", ("1,234", "Q1")),
            ("only {count} answers to {item}", "only few answers to Q1", None),
            ("only {count} answers to {item}", "only 3 answers to ", None),
            ("only {count} answers to {item}", "and only 3 answers to Q1", None),
            # The first place that fits; the last where what stands there must be a number.
            ("{a}: {b}", "x: y: z", ("x", "y: z")),
            ("{item} has {count} answers", "what has 4 has 5 answers", ("what has 4", "5")),
            ("p {number}", "p 0.034", ("0.034",)),
            ("p {number}", "p 1.2e-05", ("1.2e-05",)),
            ("p {number}", "p chart", None),
            ("{a} and {a}", "x and x", ("x", "x")),
            ("{a} and {a}", "x and y", None),
        ],
    )
    def test_messages_are_taken_apart(
        self, sentence: str, message: str, found: tuple[str, ...] | None
    ) -> None:
        template = Template(sentence)
        values = template.read(message)
        told = None if values is None else tuple(values[name] for name in template.names)
        assert told == found

    @given(
        names=st.lists(st.sampled_from(["a", "b", "item", "first_wave"]), min_size=1, max_size=4),
        literals=st.lists(st.text("xy: ", min_size=1, max_size=3), min_size=5, max_size=5),
        values=st.lists(st.text("xyz: ", min_size=1, max_size=4), min_size=4, max_size=4),
    )
    def test_what_was_put_together_is_taken_apart(
        self, names: list[str], literals: list[str], values: list[str]
    ) -> None:
        names = list(dict.fromkeys(names))
        sentence = literals[0]
        for name, literal in zip(names, literals[1:], strict=False):
            sentence += f"{{{name}}}{literal}"
        message = filled(sentence, put_in(dict(zip(names, values, strict=False))))
        found = Template(sentence).read(message)
        # Another reading may fit as well; whatever is read makes the same message.
        assert found is not None
        assert filled(sentence, put_in(found)) == message
        assert all(found.values())

    def test_the_same_as_a_lazy_pattern_reads(self) -> None:
        sentence = "{column}: {value} is {one} in {first} and {other} in {file}"
        message = "Q1: 1 is 'is in' in a.sav and 'No' in b.sav in c"
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(sentence))
        expected = re.fullmatch(pattern, message)
        assert expected is not None
        assert Template(sentence).read(message) == expected.groupdict()

    def test_long_messages_cost_no_more_than_reading_them(self) -> None:
        """Counted, not timed: a backtracking pattern would look at this for years."""

        class Counted(str):
            looks = 0

            def find(self, *given: Any) -> int:
                Counted.looks += 1
                return str.find(self, *given)

            def rfind(self, *given: Any) -> int:
                Counted.looks += 1
                return str.rfind(self, *given)

        template = Template("{a}: {b} is {c} in {d} and {e} in {count} files")
        message = Counted(": x is y in z and" * 4_000 + "!")
        assert template.read(message) is None
        assert Counted.looks <= 2 * len(template.literals)

    def test_kinds_follow_from_names(self) -> None:
        names = ("count", "left_count", "wave", "first_wave", "item", "counted", "unit")
        assert [kind_of(name) for name in names] == [
            "count", "count", "wave", "wave", "text", "text", "unit"
        ]  # fmt: skip

    def test_what_is_put_in_is_never_read_again(self) -> None:
        told = filled("{a} and {b}", put_in({"a": "{b}", "b": "{a.__class__}"}))
        assert told == "{b} and {a.__class__}"


class TestReading:
    def test_word_for_word_before_sentences_with_places(self, tmp_path: Path) -> None:
        text = entry("{a} chart", "图 {a}") + entry("p chart", "p 图")
        text += entry("the {a} chart", "这张图 {a}")
        catalogue = read_catalogue(file(tmp_path, text), "zh")
        assert catalogue.problems == ()
        assert catalogue.told("p chart") == "p 图"
        assert catalogue.told("u chart") == "图 u"
        # The one with more letters of its own says more.
        assert catalogue.told("the u chart") == "这张图 u"
        assert catalogue.told("u charts") is None

    def test_contexts_tell_apart(self, tmp_path: Path) -> None:
        text = entry("wave", "波次", "unit") + entry("wave", "波浪", "label")
        catalogue = read_catalogue(file(tmp_path, text), "zh")
        assert catalogue.told("wave") is None
        found = catalogue.entry("wave", "unit")
        assert found is not None
        assert catalogue.said(found, {}) == "波次"
        assert [one.context for one in catalogue.entries] == ["unit", "label"]

    def test_plural_forms_are_those_of_the_language(self, tmp_path: Path) -> None:
        # Polish: 1 plik; 2, 3, 4, 22 pliki; 0, 5, 11, 12, 21 plików.
        forms = ("{count} plik", "{count} pliki", "{count} plików")
        text = 'msgid "{count} file"\nmsgid_plural "{count} files"\n'
        text += "".join(f'msgstr[{place}] "{form}"\n' for place, form in enumerate(forms))
        catalogue = read_catalogue(file(tmp_path, text, "pl"), "pl")
        rule = gettext.c2py("n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2")
        for number in (0, 1, 2, 4, 5, 11, 12, 14, 21, 22, 25, 101, 112):
            expected = forms[rule(number)].format(count=number)
            assert catalogue.told(f"{number} files") == expected

    def test_english_needs_no_file(self, tmp_path: Path) -> None:
        spec = file(
            tmp_path, 'msgid "{count} wave"\nmsgid_plural "{count} waves"\nmsgstr[0] "期"\n'
        )
        english = read_catalogue(spec, "en")
        assert english.told("1 waves") == "1 wave"
        assert english.told("3 waves") == "3 waves"
        assert languages(spec) == ("zh",)

    def test_what_english_says_otherwise(self, tmp_path: Path) -> None:
        file(tmp_path, entry("no cell", "没有分组") + entry("no wave", "没有波次"))
        spec = file(tmp_path, entry("no cell", "no group"), "en")
        english = read_catalogue(spec, "en")
        assert (english.told("no cell"), english.told("no wave")) == ("no group", "no wave")

    def test_other_names_of_chinese(self, tmp_path: Path) -> None:
        spec = file(tmp_path, entry("yes", "是"), "zh_CN")
        assert read_catalogue(spec, "zh").told("yes") == "是"

    def test_a_template_as_xgettext_writes_it(self, tmp_path: Path) -> None:
        file(tmp_path, "")
        text = (
            '#, fuzzy\nmsgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=CHARSET\\n"\n'
            '"Plural-Forms: nplurals=INTEGER; plural=EXPRESSION;\\n"\n\n'
            'msgctxt "key"\nmsgid "{count} row"\nmsgid_plural "{count} rows"\n'
            'msgstr[0] ""\nmsgstr[1] ""\n'
        )
        (tmp_path / "own.pot").write_text(text, encoding="utf-8")
        english = read_catalogue(CatalogueSpec("own", tmp_path), "en")
        assert english.problems == ()
        found = english.keyed("key")
        assert found is not None
        assert english.said(found, {"count": 1}, 1) == "1 row"
        assert english.said(found, {"count": 5}) == "5 rows"

    def test_compiled_where_there_is_no_source(self, tmp_path: Path) -> None:
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po

        spec = file(tmp_path, entry("yes", "是"))
        source = tmp_path / "zh/LC_MESSAGES/own.po"
        with source.with_suffix(".mo").open("wb") as stream:
            write_mo(stream, read_po(io.StringIO(HEAD + entry("yes", "对"))))
        assert read_catalogue(spec, "zh").told("yes") == "是"
        source.unlink()
        assert read_catalogue(spec, "zh").told("yes") == "对"

    def test_gettext_reads_the_same(self, tmp_path: Path) -> None:
        """The bundled files, through Python's own gettext: an independent reader."""
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po

        for catalogue in Plugins.found().catalogues().spoken("zh"):
            spec = next(
                one
                for _, one in Plugins.found().catalogues().offered
                if one.domain == catalogue.domain
            )
            source = Path(str(spec.folder)) / f"zh/LC_MESSAGES/{spec.domain}.po"
            compiled = io.BytesIO()
            with source.open("rb") as stream:
                write_mo(compiled, read_po(stream))
            compiled.seek(0)
            other = gettext.GNUTranslations(compiled)
            assert catalogue.entries
            for one in catalogue.entries:
                if one.context and one.plural:
                    told = other.npgettext(one.context, one.sentence, one.plural, 7)
                elif one.context:
                    told = other.pgettext(one.context, one.sentence)
                elif one.plural:
                    told = other.ngettext(one.sentence, one.plural, 7)
                else:
                    told = other.gettext(one.sentence)
                assert told == catalogue.form_of(one, 7)

    def test_untranslated_and_doubtful_ones_stay_english(self, tmp_path: Path) -> None:
        text = (
            entry("yes", "") + "#, fuzzy\n" + entry("no", "否") + '#~ msgid "old"\n#~ msgstr "旧"\n'
        )
        catalogue = read_catalogue(file(tmp_path, text), "zh")
        assert catalogue.entries == ()
        assert catalogue.problems == ()


class TestBroken:
    @pytest.mark.parametrize(
        "content",
        [
            HEAD.encode() + b'msgid "a\nmsgstr "b"\n',
            b"\xff\xfe\x00broken",
            b'msgid ""\nmsgstr "Content-Type: text/plain; charset=nowhere\\n"\n',
            HEAD.encode() + 'msgid "a"\nmsgstr "\udc80"'.encode("utf-8", "surrogateescape"),
            b"<html>not a catalogue</html>",
        ],
    )
    def test_files_that_cannot_be_read_are_told(self, tmp_path: Path, content: bytes) -> None:
        spec = file(tmp_path, "")
        (tmp_path / "zh/LC_MESSAGES/own.po").write_bytes(content)
        catalogue = read_catalogue(spec, "zh")
        assert catalogue.entries == ()
        assert len(catalogue.problems) == 1
        assert catalogue.problems[0].startswith("own: ")
        assert "\n" not in catalogue.problems[0]

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        spec = CatalogueSpec("own", tmp_path / "nowhere")
        assert "there is no folder" in read_catalogue(spec, "zh").problems[0]
        assert languages(spec) == ()

    @pytest.mark.parametrize(
        ("english", "chinese", "why"),
        [
            ("only {count}", "只有 {item}", "it has no {item}, but its translation has"),
            ("only {count} of {item}", "只有 {count}", "its translation leaves out {item}"),
            ("only {count}{item}", "只有 {count}{item}", "two places touch"),
        ],
    )
    def test_places_that_differ_are_told_and_english_shown(
        self, tmp_path: Path, english: str, chinese: str, why: str
    ) -> None:
        spec = file(tmp_path, entry(english, chinese) + entry("yes", "是"))
        catalogue = read_catalogue(spec, "zh")
        (problem,) = catalogue.problems
        assert problem.startswith("own.po: ")
        assert why in problem
        assert catalogue.told("yes") == "是"
        assert catalogue.told("only 3 of Q1") is None
        message = english.replace("{count}", "3").replace("{item}", "Q1")
        words = Words("zh", own=Catalogues((("own", spec),)))
        assert said(message, words) == (message, "en")

    def test_without_babel(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        spec = file(tmp_path, entry("yes", "是"))
        monkeypatch.setitem(sys.modules, "babel", None)
        catalogue = read_catalogue(spec, "zh")
        assert catalogue.told("yes") is None
        assert len(catalogue.problems) == 1


class TestSpeed:
    def test_each_catalogue_is_read_once_and_each_message_looked_for_once(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        spec = file(
            tmp_path, "".join(entry(f"the {n} of {{item}}", f"{{item}} {n}") for n in "abc")
        )
        read: list[str] = []
        looked: list[str] = []
        as_before, take_apart = satcore.catalogues._read, Template.read

        def counted(spec: CatalogueSpec, language: str) -> Catalogue:
            read.append(spec.domain)
            return as_before(spec, language)

        def counting(self: Template, message: str) -> dict[str, str] | None:
            looked.append(message)
            return take_apart(self, message)

        monkeypatch.setattr("satcore.catalogues._read", counted)
        monkeypatch.setattr(Template, "read", counting)
        own = Catalogues((("own", spec),))
        words = Words("zh", own=own, offered=own)
        for row in range(5_000):
            assert said(f"the b of Q{row % 10}", words) == (f"Q{row % 10} b", "")
        assert read.count("own") == 1
        # Ten messages, three sentences that they might be.
        assert len(looked) <= 30


# --------------------------------------------------------------------------- periods


@pytest.mark.parametrize(
    ("label", "period", "english", "chinese"),
    [
        ("2024", "year", "2024", "2024年"),
        ("2024-Q3", "quarter", "Q3 2024", "2024年第3季度"),
        ("2024-03", "month", "March 2024", "2024年3月"),
        ("2024-W09", "week", "week 9 of 2024", "2024年第9周"),
        # ISO's week: the first of January 2027 is a Friday, and still in the last week of 2026.
        ("2026-W53", "week", "week 53 of 2026", "2026年第53周"),
        ("2024-02-29", "day", "February 29, 2024", "2024年2月29日"),
        ("Spring", "month", "Spring", "Spring"),
        ("2024-13", "month", "2024-13", "2024-13"),
        ("2024-3", "month", "2024-3", "2024-3"),
        ("2024-03", "", "2024-03", "2024-03"),
        ("2024-03", "aeon", "2024-03", "2024-03"),
    ],
)
def test_periods_are_told_as_dates(label: str, period: str, english: str, chinese: str) -> None:
    assert period_said(label, period, "en") == english
    assert period_said(label, period, "zh") == chinese


@pytest.mark.parametrize("period", ["year", "quarter", "month", "week", "day"])
def test_two_periods_are_never_told_alike(period: Any) -> None:
    import datetime as dt

    first, last = (period_label(dt.date(*day), period) for day in ((2020, 1, 1), (2021, 12, 31)))
    labels = list(periods_between(first, last, period))
    for language in ("en", "zh"):
        assert len({period_said(one, period, language) for one in labels}) == len(labels)


def test_periods_without_babel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "babel", None)
    assert period_said("2031-03", "month", "en") == "2031-03"
    period_said.cache_clear()


def test_numbers_are_in_both_languages_form() -> None:
    """English and Chinese write numbers alike, as CLDR has it: the report's numbers are both's."""
    from babel.numbers import format_decimal, format_percent

    from satcore_html import numerals

    for language in ("en", "zh"):
        for value in (0.0, 1.0, 12.34, -3.21, 1234.5, -98765.4321, 1e6):
            told = format_decimal(value, "#,##0.00", locale=language)
            assert numerals.number(value, "score") == told
            told = format_percent(value / 1e6, "#,##0.0%", locale=language)
            assert numerals.number(value / 1e6, "proportion") == told.replace("-0.0%", "0.0%")
        for number in (0, 7, 1234, 1234567):
            assert numerals.count(number) == format_decimal(number, locale=language)


# --------------------------------------------------------------------------- plugins


@frozen(kw_only=True)
class Wait(satcore.Metric):
    """The mean of an answer in minutes, with a message and a picture of its own."""

    item: str

    def statistics(self, codebook: satcore.Codebook) -> Mapping[str, Any]:
        return {"answers": satcore.Tally(codebook.item(self.item, "0..10"))}

    def evaluate(self, answers: Any) -> Iterator[satcore.Estimate]:
        found = answers.mean(term="mean")
        many = np.asarray(answers.share(range(5, 11), term="x").value)
        message = np.array(
            [
                f"{2 * n + 1:,} waited longer than 5; the clock of 2024-03 was wrong"
                for n in many > 2
            ]
        )
        yield evolve(found, unit="minutes", message=message)

    def charts(self, results: Any, name: str, language: str = "en") -> list[satcore.Chart]:
        title = results[name].measured.title(language)
        spec = {"mark": "bar", "data": {"values": [{"x": title}]}}
        return [satcore.Chart(title=title, spec=spec)]


class Texts(HTMLParser):
    """The texts of a page with their language, between its headings."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.texts: list[tuple[str, str]] = []
        self._open: list[tuple[str, str]] = []
        self.feed(html.decode("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "link", "br", "img", "input"):
            self._open.append((tag, dict(attrs).get("lang") or ""))

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        tag = self._open[-1][0] if self._open else ""
        if tag not in ("script", "style") and data.strip():
            lang = next((lang for _, lang in reversed(self._open) if lang), "")
            self.texts.append((data.strip(), lang))

    def section(self, title: str) -> list[tuple[str, str]]:
        """What stands from a metric's heading to the next part of the page."""
        texts = [text for text, _ in self.texts]
        start = len(texts) - 1 - texts[::-1].index(title)
        start = max(place for place, text in enumerate(texts) if text == title and place <= start)
        return self.texts[texts.index(title) :]


def installed(
    module: str, monkeypatch: pytest.MonkeyPatch, folder: Path | None, domain: str = "own"
) -> Plugins:
    """A plugin with a metric in English, and a catalogue where it has one."""
    made = ModuleType(module)

    @hookimpl
    def satcore_metrics() -> list[MetricSpec]:
        terms = {"mean": {"en": "Mean wait"}}
        return [
            MetricSpec(
                "wait",
                Wait,
                primary="mean",
                title={"en": "Waiting time"},
                terms=terms,
                example={"item": "Q1"},
            )
        ]

    @hookimpl
    def satcore_catalogues() -> list[CatalogueSpec]:
        return [CatalogueSpec(domain, folder)] if folder is not None else []

    made.satcore_metrics = satcore_metrics  # type: ignore[attr-defined]
    made.satcore_catalogues = satcore_catalogues  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module, made)
    return Plugins(
        (EntryPoint("waits", module, "satcore"), EntryPoint("html", "satcore_html", "satcore"))
    )


def measured(plugins: Plugins) -> satcore.Results:
    columns = {
        "等候": [1, 5, 9, 10, 3, 7, 8] * 10,
        "日期": ["2024-01-10", "2024-02-10", "2024-03-10", "2024-04-10", "2024-03-11"] * 14,
    }
    return satcore.run(
        Wait(item="等候"), columns, wave={"time": "日期", "period": "month"}, by=["wave"],
        plugins=plugins,
    )  # fmt: skip


def shown(results: satcore.Results, language: str = "zh") -> Texts:
    return Texts(satcore_html.render(results, language))


def test_a_plugin_with_its_own_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file(tmp_path, OWN_WORDS)
    results = measured(installed("own_chinese", monkeypatch, tmp_path))
    page = shown(results)
    assert [text for text, lang in page.texts if lang == "en"] == []
    section = page.section("等候时间")
    told = "\n".join(text for text, _ in section)
    assert "平均等候" in told
    assert "分钟" in told
    assert "1 人等候超过 5；2024年3月的时钟有误" in told
    assert "2024年1月" in told
    assert not re.search("Waiting|Mean wait|minutes|waited|clock", told)
    english = "\n".join(text for text, _ in shown(results, "en").texts)
    assert "1 waited longer than 5; the clock of March 2024 was wrong" in english
    assert "Waiting time" in english
    assert "January 2024" in english
    assert not re.search(r"[\u4e00-\u9fff]", english.replace("等候", "").replace("日期", ""))


def test_machines_get_dates_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file(tmp_path, OWN_WORDS)
    results = measured(installed("own_dates", monkeypatch, tmp_path))
    assert {row["cell"].get("wave") for row in results.rows()} >= {"2024-01", "2024-04"}
    assert '"2024-03"' in results.to_json()
    for rendered in (satcore_html.render_markdown(results, "zh"), shown(results).texts):
        told = rendered.decode("utf-8") if isinstance(rendered, bytes) else str(rendered)
        assert "2024年3月" in told
        assert "2024-03" not in told


def test_a_plugin_without_a_catalogue_stays_english(monkeypatch: pytest.MonkeyPatch) -> None:
    page = shown(measured(installed("no_chinese", monkeypatch, None)))
    english = {text for text, lang in page.texts if lang == "en"}
    assert english == {"1 waited longer than 5; the clock of 2024-03 was wrong"}
    assert any(text == "Waiting time" for text, _ in page.texts)


def test_a_broken_catalogue_is_told_on_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file(tmp_path, 'msgid "a')
    page = shown(measured(installed("broken_chinese", monkeypatch, tmp_path)))
    english = [text for text, lang in page.texts if lang == "en"]
    assert any(text.startswith("own: ValueError: line ") for text in english)


def test_markup_in_a_catalogue_stays_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evil = "<script>alert(1)</script>"
    text = OWN_WORDS.replace("等候时间", f"等候{evil}").replace("的时钟有误", f"{evil}")
    file(tmp_path, text)
    results = measured(installed("evil_chinese", monkeypatch, tmp_path))
    html = satcore_html.render(results, "zh").decode("utf-8")
    assert evil not in html
    assert any(evil in told for told, _ in shown(results).texts)


def test_two_plugins_of_one_domain_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = installed("first_of_two", monkeypatch, tmp_path)
    two = installed("second_of_two", monkeypatch, tmp_path)
    both = Plugins((one.points[0], EntryPoint("others", "second_of_two", "satcore")))
    assert two.infos()[0].reason == ""
    for info, other in zip(both.infos(), ("others", "waits"), strict=True):
        assert info.state == "ok"
        assert f"catalogue 'own' is also offered by {other}" in info.reason


def test_a_plugin_speaks_before_the_others(tmp_path: Path) -> None:
    first = file(tmp_path / "a", entry("no answers", "甲"))
    second = file(tmp_path / "b", entry("no answers", "乙") + entry("yes", "是"))
    both = Catalogues((("one", first), ("two", second)))
    assert said("no answers", Words("zh", offered=both))[0] == "甲"
    words = Words("zh", offered=both, own=both.of("two"))
    assert said("no answers", words)[0] == "乙"
    assert said("yes", Words("zh", offered=both, own=both.of("one")))[0] == "是"


@pytest.mark.parametrize("folder", [None, 3, b"locale"])
def test_records_are_held_against_their_types(folder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = ModuleType("mistyped_folder")
    made.satcore_catalogues = hookimpl(lambda: [CatalogueSpec("own", folder)])  # type: ignore[attr-defined]
    made.satcore_catalogues.__name__ = "satcore_catalogues"
    monkeypatch.setitem(sys.modules, "mistyped_folder", made)
    (info,) = Plugins((EntryPoint("x", "mistyped_folder", "satcore"),)).infos()
    assert info.state == "failed"
    assert "folder is a path" in info.reason


def test_the_core_speaks_chinese_by_itself() -> None:
    catalogue = read_catalogue(OWN, "zh")
    assert catalogue.problems == ()
    told = catalogue.told("too few answers for an interval")
    assert told == "回答过少，无法计算区间"
    # Sources are names, but what stands before them is said.
    assert (Words("zh").term("log_t", "method, source") or "").startswith("delta 方法；参见 Bonett")


@pytest.mark.skipif(shutil.which("msgfmt") is None, reason="gettext's msgfmt is not installed")
def test_gettext_takes_the_files() -> None:
    for _, spec in Plugins.found().catalogues().offered:
        for source in Path(str(spec.folder)).rglob("*.po*"):
            command = ["msgfmt", "--check-format", "--check-domain", "-o", "-", str(source)]
            done = subprocess.run(command, capture_output=True, check=False)
            assert done.returncode == 0 or source.suffix == ".pot", done.stderr.decode()


# --------------------------------------------------------------------------- the kit


def told_by_the_kit(plugins: Plugins, name: str) -> Any:
    (check,) = [one for one in plugin_checks("waits", plugins=plugins) if one.name == name]
    return check.told()


def test_the_kit_takes_a_plugin_that_is_wholly_chinese(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file(tmp_path, OWN_WORDS)
    plugins = installed("kit_chinese", monkeypatch, tmp_path)
    assert told_by_the_kit(plugins, "catalogues").kind == "passed"
    assert told_by_the_kit(plugins, "wait.chinese").kind == "passed"


def test_the_kit_tells_what_has_no_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file(tmp_path, entry("Waiting time", "等候时间", "title"))
    told = told_by_the_kit(installed("kit_partly", monkeypatch, tmp_path), "wait.chinese")
    assert told.kind == "failed"
    for missing in ("the term 'mean' ('Mean wait')", "waited longer than 5'", "the clock of"):
        assert missing in told.message
    assert "the title" not in told.message


def test_the_kit_asks_no_chinese_of_those_who_claim_none(monkeypatch: pytest.MonkeyPatch) -> None:
    told = told_by_the_kit(installed("kit_english", monkeypatch, None), "wait.chinese")
    assert told.kind == "not_applicable"
    assert "it has no Chinese for the title ('Waiting time')" in told.message


def test_the_kit_refuses_catalogues_that_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugins = installed("kit_nowhere", monkeypatch, tmp_path / "nowhere")
    assert told_by_the_kit(plugins, "catalogues").kind == "failed"
    file(tmp_path, entry("{count} late", "{number} 迟到"))
    told = told_by_the_kit(installed("kit_wrong", monkeypatch, tmp_path), "catalogues")
    assert told.kind == "failed"
    assert "it has no {number}" in told.message


def test_a_new_package_speaks_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `satcore plugins new` writes, as a folder on the path."""
    write(Package(name=plugin_name("spoken_shop")), tmp_path / "shop")
    monkeypatch.syspath_prepend(str(tmp_path / "shop"))
    host = Plugins((EntryPoint("spoken_shop", "satcore_spoken_shop", "satcore"),))
    checks = {one.name: one for one in plugin_checks("spoken_shop", plugins=host)}
    for name in ("catalogues", "spoken_shop.chinese", "loads", "public_names"):
        told = checks[name].told()
        assert told.kind == "passed", told.message
    html = EntryPoint("html", "satcore_html", "satcore")
    plugins = Plugins((*host.points, html))
    (_, spec) = host.metric("spoken_shop")
    results = satcore.run(spec.metric(item="Q1"), {"Q1": [8, 9, 10]}, plugins=plugins)
    page = shown(results)
    told = [text for text, _ in page.texts]
    assert "达标比例" in told
    assert any("所有回答均不低于 8" in text for text in told)
    assert [text for text, lang in page.texts if lang == "en"] == []
