"""Charts drawn: Vega-Lite specifications made safe, and turned into SVG or PNG without a browser.

What draws (vl-convert) comes with the extra ``report`` and is loaded when a chart is drawn.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Mapping
from html import escape
from typing import Any, Final, Literal, TypeAlias, cast, get_args

from satcore.errors import OutputError, PluginError
from satcore.metrics import Chart

#: What a chart can be drawn as.
Form: TypeAlias = Literal["svg", "png"]

FORMS: Final[tuple[Form, ...]] = get_args(Form)

#: Width of a chart that takes the width of its page, and of one that asks for a whole line.
WIDTH: Final = 520
WIDE: Final = 860

#: Dots of a PNG for each point, so that it can be printed.
SCALE: Final = 2.0

#: How charts look wherever they are drawn: a Vega-Lite ``config``. Colours are Okabe and Ito's
#: (https://jfly.uni-koeln.de/color/), told apart by everyone.
CHART_THEME: Final[Mapping[str, Any]] = {
    "background": "white",
    "font": 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif',
    # Whoever shows a chart says what it shows; Vega's own words would be said twice.
    "aria": False,
    "padding": {"left": 10, "right": 14, "top": 12, "bottom": 10},
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": 500,
        "labelColor": "#2b3640",
        "titleColor": "#55616c",
        "gridColor": "#e7eaed",
        "domainColor": "#b9c1c8",
        "tickColor": "#b9c1c8",
        "labelLimit": 190,
        "labelOverlap": True,
    },
    "axisDiscrete": {"grid": False, "ticks": False, "labelPadding": 6},
    "header": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "labelColor": "#2b3640",
        "labelLimit": 220,
    },
    "legend": {
        "labelFontSize": 12,
        "labelColor": "#2b3640",
        "labelLimit": 220,
        "orient": "top",
    },
    "text": {"fontSize": 12},
    "view": {"stroke": None},
    "range": {
        "category": [
            *("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
        ],
    },
}


#: Where a row of a chart's data may say which cell it is of, as the rows of results do:
#: ``{"_cell": {"region": "East"}, ...}``. A report then shows it where that cell is chosen.
CHART_CELL: Final = "_cell"


def chart_spec(chart: Chart) -> dict[str, Any]:
    """A chart's specification, made safe to be drawn by others.

    ``$schema`` and ``usermeta`` are left out: both would let a specification steer who draws it.

    Raises:
        ValueError: The specification asks for data from an address: a report opens offline, so
            that data lies inside the specification or nowhere.
    """
    spec = {name: part for name, part in chart.spec.items() if name not in ("$schema", "usermeta")}
    _refuse_addresses(spec)
    return spec


def _refuse_addresses(part: object) -> None:
    if isinstance(part, Mapping):
        data = part.get("data")
        if isinstance(data, Mapping) and "url" in data:
            raise ValueError(f"the picture asks for data from {data['url']!r}")
        for name, inner in part.items():
            if name != "values":
                _refuse_addresses(inner)
    elif isinstance(part, list | tuple):
        for inner in part:
            _refuse_addresses(inner)


def chart_is_wide(chart: Chart) -> bool:
    """Whether a chart asks for a whole line: ``usermeta: {satcore: {wide: true}}``.

    ``usermeta`` is where Vega-Lite lets others keep what it doesn't read itself.
    """
    meta = chart.spec.get("usermeta")
    ours = meta.get("satcore") if isinstance(meta, Mapping) else None
    return isinstance(ours, Mapping) and ours.get("wide") is True


def draw(chart: Chart, form: Form = "svg", *, titled: bool = True) -> bytes:
    """A chart as the bytes of an SVG or PNG file.

    The same chart gives the same bytes on one machine; how much room letters take depends on its
    fonts. Nothing is fetched.

    Args:
        chart: The chart.
        form: ``"svg"`` or ``"png"``.
        titled: Whether its title stands above it, and an SVG tells title and ``alt`` to those who
            can't see it; a page that says both itself leaves them out.

    Raises:
        OutputError: The extra is not installed, or the form is neither.
        PluginError: The chart can't be drawn.
    """
    if form not in FORMS:
        raise OutputError(f"a chart is drawn as {' or '.join(FORMS)}, not {form!r}")
    library = _library()
    try:
        spec = _standing(chart, titled=titled)
        # For a PNG the library would fetch images whatever it is told, so the SVG comes first.
        data = _finished(library.vegalite_to_svg(spec, **_SHUT), chart, titled=titled)
        if form == "png":
            data = library.vegalite_to_png(spec, scale=SCALE, **_SHUT)
    except (ValueError, TypeError, RecursionError) as error:
        why = ": ".join(line.strip(" :") for line in str(error).splitlines()[:2])
        raise PluginError(f"the picture {chart.title!r} can't be drawn: {why}") from error
    return data


#: The library is given no address that it may fetch from.
_SHUT: Final[Mapping[str, Any]] = {
    "config": CHART_THEME,
    "allowed_base_urls": ("https://nowhere.invalid/",),
}

#: What XML can't hold. Where the library meets any of it, it takes the whole process down.
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _text(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)


def _clean(part: object) -> object:
    """A part of a specification whose texts XML can hold."""
    if isinstance(part, str):
        return _text(part)
    if isinstance(part, Mapping):
        return {_text(str(name)): _clean(inner) for name, inner in part.items()}
    if isinstance(part, list | tuple):
        return [_clean(inner) for inner in part]
    return part


#: A tag that points to an address. Attributes hold no quote, and texts no bracket.
_POINTING: Final = re.compile(
    r"""<\w+(?:\s+[\w:-]+="[^"]*")*?\s+(?:xlink:)?href="(?!\#|data:)(?P<to>[^"]*)"""
)


def _finished(svg: str, chart: Chart, *, titled: bool) -> bytes:
    """The file of an SVG; title and description first, where readers for the blind look.

    Raises:
        ValueError: It would fetch something, or lead somewhere.
    """
    if found := _POINTING.search(svg):
        raise ValueError(f"it points to {found['to']!r}")
    head, bracket, rest = svg.partition(">")
    told = ""
    if titled:
        told = f"<title>{escape(_text(chart.title))}</title>"
        told += f"<desc>{escape(_text(chart.alt))}</desc>" if chart.alt else ""
        head += ' role="img"'
    return (f"{head}{bracket}{told}{rest}".rstrip("\n") + "\n").encode("utf-8", errors="replace")


def _library() -> Any:
    try:
        return importlib.import_module("vl_convert")
    except ImportError as error:
        raise OutputError(
            "drawing pictures needs vl-convert-python, which is not installed; install it with: "
            'pip install "satcore[report]"'
        ) from error


def _standing(chart: Chart, *, titled: bool) -> dict[str, Any]:
    """The specification with a width and, where asked, a title: there is no page to give them."""
    width = WIDE if chart_is_wide(chart) else WIDTH
    spec = {
        name: width if name == "width" and part == "container" else part
        for name, part in chart_spec(chart).items()
    }
    if titled and not spec.get("title"):
        spec["title"] = {**_TITLE, "text": chart.title}
    # What is no JSON is told here, where the message says so.
    return cast("dict[str, Any]", json.loads(json.dumps(_clean(spec), allow_nan=False)))


_TITLE: Final = {
    "anchor": "start",
    "frame": "group",
    "fontSize": 15,
    "fontWeight": 600,
    "color": "#2b3640",
    "offset": 14,
}
