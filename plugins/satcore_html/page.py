"""The page: everything a template needs, put together from results."""

from __future__ import annotations

import base64
import functools
import hashlib
import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from importlib import resources
from typing import Any, Final, cast

from attrs import frozen

from satcore import CHART_THEME, EstimateRow, Measured, OutputError, Results, Table
from satcore_html import numerals, quality
from satcore_html.by_wave import of_waves, parted, waves_grid
from satcore_html.compact import packed
from satcore_html.comparisons import Compared, alpha, compared, kept
from satcore_html.estimates import Teller, estimates_grids, whole_grid
from satcore_html.extras import needed
from satcore_html.findings import findings
from satcore_html.findings.terms import shown_term
from satcore_html.grid import PAGE, Grid, shared_notes
from satcore_html.messages import notes
from satcore_html.methods import explained, names_in
from satcore_html.pictures import Pictures, apart, embedded, pictures
from satcore_html.standards import standards
from satcore_html.units import COUNTED
from satcore_html.words import LANGUAGE_TAGS, LANGUAGES, Words

#: How many items a metric's card names before it points at the tables.
CARD_ITEMS: Final = 8

_NEEDED: Final = ("jinja2", "vl_convert", "babel")

#: The part of the page that tells the findings.
FINDINGS: Final = "findings.html.jinja"

#: How many of a metric's own sentences lie open.
MOST_SAID: Final = 12


@frozen(kw_only=True)
class Finding:
    """The total of a metric in plain words.

    Attributes:
        item: The item; empty where the metric has only one.
        value: The number, with no unit; empty where there is none.
        unit: Its unit.
        sentences: What it rests on and how sure it is.
        quiet: Whether there is no number to see.
    """

    item: str
    value: str
    unit: str
    sentences: tuple[str, ...]
    quiet: bool


@frozen(kw_only=True)
class Section:
    """A metric on the page.

    Attributes:
        anchor: The section's id.
        title: The metric's name for people.
        term: The primary term's name for people; empty where it is the title.
        said: What the metric itself says of its numbers.
        findings: The total in plain words, by item.
        more: A word on items left out of the findings; empty where there are none.
        pictures: Its pictures.
        primary: Tables of the primary term; none where there are no rows.
        primary_notes: What to know when reading them all.
        others: Tables of the other terms.
        compared: Comparisons of the primary term.
        compared_others: Comparisons of the other terms.
        compared_terms: The names of those terms, for a heading.
        failures: In how many cells the metric could not be measured, and why.
    """

    anchor: str
    title: str
    term: str
    said: tuple[str, ...]
    findings: tuple[Finding, ...]
    more: str
    pictures: Pictures
    primary: tuple[Grid, ...]
    primary_notes: tuple[str, ...]
    others: tuple[Grid, ...]
    compared: tuple[Compared, ...]
    compared_others: tuple[Compared, ...]
    compared_terms: str
    failures: tuple[tuple[str, str], ...]


def page(results: Results, language: str, *, static: bool = False) -> bytes:
    """The bytes of the report.

    Args:
        results: What to report.
        language: What it speaks.
        static: Whether it holds no script: its pictures are drawn now.

    Raises:
        OutputError: The extra is not installed, or the language is not spoken.
    """
    if language not in LANGUAGES:
        raise OutputError(f"the HTML report speaks {' and '.join(LANGUAGES)}, not {language!r}")
    jinja2, *_ = [needed(name) for name in _NEEDED]
    words = Words.of(results, language)
    teller = Teller.of(results, words)
    scripts = () if static else (_bundle(), _script(words))
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        loader=jinja2.DictLoader({FINDINGS: _packaged(FINDINGS)}),
    )
    environment.filters |= {"packed": packed, "apart": apart}
    text = environment.from_string(_packaged("report.html.jinja")).render(
        t=words,
        number=numerals.count,
        PAGE=PAGE,
        MOST_SAID=MOST_SAID,
        lang=LANGUAGE_TAGS[language],
        title=results.about.title.said(language) or words("untitled"),
        asked=asked(results, teller),
        found=findings(results, teller),
        standards=standards(teller),
        sections=sections(results, teller, static=static),
        axes=() if static else teller.choice.axes,
        headline_note=words("headline_note", level=numerals.level(results.about.confidence)),
        adjusted_note=words("adjusted_note", alpha=f"{alpha(results.about.confidence):g}"),
        statuses=statuses(results, teller),
        responses=quality.responses_grid(teller),
        items=quality.items_grid(teller) if results.items else None,
        failures=quality.failures_grid(teller),
        notes=notes(results, words),
        metrics=quality.metrics_grid(teller),
        methods=explained(method_names(results), words),
        versions=quality.versions_grid(teller),
        static=static,
        scripts=scripts,
        style=_packaged("report.css"),
        policy=_policy(*scripts),
    )
    # A lone surrogate in a label can't be written; it must not cost the report.
    return cast("str", text).encode("utf-8", errors="replace")


def _packaged(name: str) -> str:
    text = resources.files("satcore_html").joinpath(name).read_text(encoding="utf-8")
    # The policy names scripts by their hash, and browsers hash them with plain line ends.
    return text.replace("\r\n", "\n")


#: The page's own scripts, in the order in which each needs what stands before it.
_SCRIPTS: Final = ("choosing.js", "tables.js", "pictures.js", "report.js")

#: What the scripts say.
_SAID: Final = (
    *("choose_all", "choose_some", "chosen_all", "chosen_axis", "chosen_more", "chosen_some"),
    *("rows_shown", "rows_none", "separator", "semicolon"),
)


def _script(words: Words) -> str:
    """What draws the pictures and shows what was chosen, as one script.

    It holds the look that pictures have wherever they are drawn, and the words that it needs.
    """
    given = {"CHART_THEME": CHART_THEME, "WORDS": {key: words.known(key, "") for key in _SAID}}
    parts = [f"const {name} = {embedded(value)};\n" for name, value in given.items()]
    parts += [_packaged(name) for name in _SCRIPTS]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"


@functools.cache
def _bundle() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script; made once, it takes seconds."""
    text: str = importlib.import_module("vl_convert").javascript_bundle()
    # In JavaScript this is the same text; in HTML it would end the script.
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _policy(*scripts: str) -> str:
    """What the browser may do with the page: run these scripts, and fetch nothing at all."""
    hashes = [
        base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
        for script in scripts
    ]
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    run = f"script-src {allowed}; " if hashes else ""
    return (
        f"default-src 'none'; {run}style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def asked(results: Results, teller: Teller) -> list[tuple[str, str]]:
    """What the study asked for, as pairs of a name and a text."""
    words, about, cells = teller.words, results.about, teller.cells
    pairs = [("data", words.term(about.data, "data") or about.data)]
    pairs.append(
        (
            "responses",
            words(
                "responses_kept",
                kept=numerals.count(results.responses.kept),
                read=numerals.count(results.responses.read),
            ),
        )
    )
    by = words("separator").join(cells.axes(names) for names in about.by)
    pairs.append(("reported_by", by or words("total_only")))
    waves = list(
        dict.fromkeys(
            cells.value(about.wave, cell[about.wave])
            for cell in _estimated(results, "cell")
            if about.wave and about.wave in cell
        )
    )
    if waves:
        told = words.counted("waves_span", len(waves), first=waves[0], last=waves[-1])
        pairs.append(("waves", told))
    pairs += [("weight", about.weight), ("confidence", numerals.level(about.confidence))]
    for name, least in (("min_base", about.min_base), ("suppress_below", about.suppress_below)):
        if least:
            pairs.append((name, words("fewer_than", count=numerals.count(least))))
    return [(words(name), text) for name, text in pairs if text]


def sections(
    results: Results, teller: Teller, *, drawn: bool = True, static: bool = False
) -> list[Section]:
    """The metrics, in the study's order.

    Args:
        results: What to report.
        teller: Turns rows into texts.
        drawn: Whether they have pictures, which take time to make.
        static: Whether these are still ones, for a page without scripts.
    """
    terms, compared_places = _places(results.estimates), _places(results.comparisons)
    make = partial(pictures, static=static) if drawn else _no_pictures
    return [
        _section(
            place,
            measured,
            list(terms.get(measured.name, {})),
            compared_places.get(measured.name, {}),
            teller,
            make,
        )
        for place, measured in enumerate(results.metrics, start=1)
    ]


def _no_pictures(*_: object) -> Pictures:
    return Pictures(shown=())


def _places(table: Table) -> dict[str, dict[str, list[int]]]:
    """Where the rows of each term of each metric stand in a table."""
    found: dict[str, dict[str, list[int]]] = {}
    if len(table):
        held = zip(table.plain("metric"), table.plain("term"), strict=True)
        for place, (metric, term) in enumerate(held):
            found.setdefault(metric, {}).setdefault(term, []).append(place)
    return found


def _section(
    place: int,
    measured: Measured,
    terms: Sequence[str],
    compared_places: Mapping[str, Sequence[int]],
    teller: Teller,
    make: Callable[[Measured, Sequence[EstimateRow], Teller], Pictures],
) -> Section:
    language, results = teller.words.language, teller.results
    teller = teller.of_metric(measured)
    # Of very many rows, those of one term at a time are built.
    primary = shown_term(measured, terms)
    rows = results.rows(measured.name, primary) if primary in terms else []
    names = {term: measured.term(term, language) for term in (*terms, *compared_places)}

    def comparisons_of(term: str) -> list[Compared]:
        told = kept(results.comparisons, compared_places[term], results.about.confidence)
        items = dict.fromkeys(row["item"] for row in told.rows)
        units = _units(results, measured.name, term, items)
        return compared(told.rows, names[term], units, teller, told.counts)

    title = teller.results.title(measured.name, language)
    term_name = measured.term(primary, language)
    findings = _findings(rows, teller)
    left_out = len(findings) - CARD_ITEMS
    notes, tables = shared_notes(
        estimates_grids(rows, names[primary], teller) if primary in terms else ()
    )
    return Section(
        anchor=f"metric-{place}",
        title=title,
        term="" if term_name == title else term_name,
        said=_said(measured, teller),
        findings=tuple(findings[:CARD_ITEMS]),
        more=(
            teller.words("headline_more", count=numerals.count(left_out)) if left_out > 0 else ""
        ),
        pictures=make(measured, rows, teller),
        primary=tables,
        primary_notes=notes,
        others=_others(measured.name, [one for one in terms if one != primary], names, teller),
        compared=tuple(comparisons_of(primary)) if primary in compared_places else (),
        compared_others=tuple(
            one for term in compared_places if term != primary for one in comparisons_of(term)
        ),
        compared_terms=teller.words("separator").join(
            names[term] for term in compared_places if term != primary
        ),
        failures=tuple(
            (teller.words.counted("failed_in", row["cells"]), row["message"])
            for row in teller.results.failures
            if row["metric"] == measured.name
        ),
    )


def _units(results: Results, metric: str, term: str, items: Iterable[str]) -> dict[str, str]:
    """The unit of each item of a term."""
    wanted, table = set(items), results.estimates
    if not len(table):
        return {}
    columns = (table.plain(name) for name in ("metric", "term", "item", "unit"))
    return {
        item: unit
        for one, other, item, unit in zip(*columns, strict=True)
        if one == metric and other == term and item in wanted
    }


def _items(results: Results, metric: str) -> list[str]:
    """The items of a metric, each once."""
    table = results.estimates
    if not len(table):
        return []
    held = zip(table.plain("metric"), table.plain("item"), strict=True)
    return list(dict.fromkeys(item for one, item in held if one == metric))


def _others(
    metric: str, terms: Sequence[str], names: Mapping[str, str], teller: Teller
) -> tuple[Grid, ...]:
    """A table for each term; those that are told wave by wave share one."""
    results = teller.results
    if not of_waves(_items(results, metric), teller):
        return tuple(whole_grid(results.rows(metric, one), names[one], teller) for one in terms)
    found = parted((row for one in terms for row in results.rows(metric, one)), teller)
    grids = [whole_grid(some, names[term], teller) for term, some in found.others.items()]
    return (*([waves_grid(found, names, teller)] if found.by_wave else []), *grids)


def _said(measured: Measured, teller: Teller) -> tuple[str, ...]:
    """The metric's own sentences; one that says why where it fails to make any."""
    language = teller.words.language
    try:
        found = measured.metric.findings(teller.results, measured.name, language)
        return tuple(str(one) for one in found)
    except Exception as error:  # noqa: BLE001 - a metric may raise anything
        return (teller.words("findings_failed", reason=f"{type(error).__name__}: {error}"),)


def _findings(rows: Sequence[EstimateRow], teller: Teller) -> list[Finding]:
    """The total's number in plain words, item by item."""
    total = [row for row in rows if not row["cell"]]
    several = len({row["item"] for row in total}) > 1
    findings = []
    for row in total:
        seen = row["value"] is not None or row["label"] is not None
        findings.append(
            Finding(
                item=teller.item(row["item"]) if several else "",
                value=teller.value(row) if seen else "",
                unit=_unit(row, teller),
                sentences=tuple(_sentences(row, seen, teller)),
                quiet=not seen,
            )
        )
    return findings


def _unit(row: EstimateRow, teller: Teller) -> str:
    value = row["value"]
    return "" if value is None else teller.words.unit_of(value, row["unit"])


def _sentences(row: EstimateRow, seen: bool, teller: Teller) -> Iterable[str]:
    words, about = teller.words, teller.results.about
    base = teller.answers(row)
    if not seen:
        yield words.known(f"headline_{row['status']}", words("headline_absent")).format(
            count=numerals.count(about.suppress_below), base=base, place=words("quality")
        )
        return
    if row["unit"] in COUNTED:
        yield words("headline_counted", base=base)
    elif row["ci_low"] is None or row["ci_high"] is None:
        yield words("headline_no_interval", base=base)
    else:
        yield words(
            "headline_interval",
            base=base,
            low=numerals.number(row["ci_low"], row["unit"]),
            high=numerals.number(row["ci_high"], row["unit"]),
            level=numerals.level(row["confidence"]),
        )
    if teller.weighted and row["effective_base"] is not None:
        effective = words("answers", count=numerals.sample(row["effective_base"]))
        yield words("headline_effective", base=effective)
    if row["status"] == "small":
        yield words("headline_small", count=numerals.count(about.min_base))


def statuses(results: Results, teller: Teller) -> list[tuple[str, str]]:
    """What the statuses in this report mean; nothing to say where every number stands."""
    words, about = teller.words, results.about
    found = {*_estimated(results, "status"), *_compared(results, "status")}
    found |= {row["status"] for row in results.standard_rows()}
    order = ("small", "suppressed", "undefined", "empty", "error")
    return [
        (
            teller.status(status),
            words(
                f"meaning_{status}",
                min_base=numerals.count(about.min_base),
                suppress_below=numerals.count(about.suppress_below),
            ),
        )
        for status in order
        if status in found
    ]


def method_names(results: Results) -> list[str]:
    """Every method that a row of the report names, Holm where comparisons were adjusted."""
    bounded = zip(_estimated(results, "method"), _estimated(results, "ci_low"), strict=True)
    told = [method for method, low in bounded if low is not None]
    told += _compared(results, "method")
    names = [name for method in dict.fromkeys(told) for name in names_in(method)]
    if any(p is not None for p in _compared(results, "p_adjusted")):
        names.append("holm")
    return names


# A table without rows may be one without columns.


def _estimated(results: Results, name: str) -> list[Any]:
    return results.estimates.plain(name) if len(results.estimates) else []


def _compared(results: Results, name: str) -> list[Any]:
    return results.comparisons.plain(name) if len(results.comparisons) else []
