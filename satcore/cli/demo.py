"""``satcore demo``: a simulated survey whose true values are known, measured and reported."""

from __future__ import annotations

from typing import Any, Final

import click
from rich.table import Table
from rich.text import Text

from satcore.assembling import assemble
from satcore.cli.options import (
    REPORT_HELP,
    found_plugins,
    plugin_options,
    report_options,
    static_option,
)
from satcore.cli.output import write_bytes, write_report
from satcore.cli.populations import NOT_ANSWERED, Population
from satcore.cli.show import console, show
from satcore.cli.visits import PROMISE, TOUCHPOINTS
from satcore.engines import LocalEngine
from satcore.errors import OutputError, PluginError
from satcore.evaluation import results_of
from satcore.results import Results
from satcore.scanning import finished
from satcore.study import Study
from satcore.surveys import as_frame

#: Touchpoints that everybody meets, which is what drivers are asked of.
_ALWAYS_MET: Final = [*TOUCHPOINTS]

#: Counted and timed, where the survey's code for "not answered" is a number like any other.
_COUNTED: Final = ("visits", "complaints", "minutes", "tenure", "hours")

#: What the columns say, in English and Chinese.
_ASKED: Final = {
    "recommend": ("How likely are you to recommend us?", "您向亲友推荐我们的可能性有多大？"),
    "arrival": ("Arrival", "到店"),
    "waiting": ("Waiting", "等候"),
    "staff": ("Staff", "员工"),
    "app": ("App", "手机应用"),
    "satisfied": ("Overall satisfaction", "总体满意度"),
    "ease": ("It was easy to get things done", "办理业务很轻松"),
    "expected": ("What was expected", "期望"),
    "met": ("What was met", "实际感受"),
    "overall": ("Satisfaction with the visit", "对本次到访的满意度"),
    "disconfirmed": ("Better or worse than expected", "与期望相比"),
    "stay": ("Will stay a customer", "会继续使用"),
    "again": ("Will come again", "会再次光临"),
    "via_office": ("Branch", "网点"),
    "via_phone": ("Phone", "电话"),
    "via_online": ("Online", "网上"),
    "visits": ("Visits", "到访"),
    "complaints": ("Complaints", "投诉"),
    "minutes": ("Minutes until answered", "响应用时（分钟）"),
    "left": ("Has left", "已流失"),
    "tenure": ("Months as a customer", "在网月数"),
    "greeted": ("Greeted", "主动问候"),
    "identified": ("Identified", "核实身份"),
    "explained": ("Explained", "说明业务"),
    "settled": ("Complaint settled", "投诉已解决"),
    "hours": ("Hours until settled", "解决用时（小时）"),
    "pleased": ("Pleased with the settlement", "对处理结果满意"),
}

STUDY: Final[dict[str, Any]] = {
    "study": {
        "title": {"en": "Branch service survey (simulated)", "zh": "网点服务满意度调查（模拟）"},
        "missing": ["", NOT_ANSWERED],
    },
    "roles": {"segments": ["region"], "wave": "month"},
    "labels": {
        "region": {
            "East": {"en": "East", "zh": "华东"},
            "North": {"en": "North", "zh": "华北"},
            "South": {"en": "South", "zh": "华南"},
            "West": {"en": "West", "zh": "西部"},
        }
    },
    "items": {
        name: {
            "label": {"en": en, "zh": zh},
            **({"missing": [""]} if name in _COUNTED else {}),
        }
        for name, (en, zh) in _ASKED.items()
    },
    "metrics": {
        "nps": {"item": "recommend"},
        "trend": {"of": "nps", "forecast": 3, "by": ["region"]},
        "control": {"of": "nps", "by": []},
        "kano": {
            "functional": "{feature}_with",
            "dysfunctional": "{feature}_without",
            "features": {
                "booking": {"en": "Mobile booking", "zh": "手机预约"},
                "queue": {"en": "Short queues", "zh": "排队时间短"},
                "safety": {"en": "Safe payments", "zh": "支付安全"},
            },
            "by": [],
        },
        "servqual": {"expectation": "E{1..22}", "perception": "P{1..22}", "by": []},
        "csat": {"item": "satisfied", "scale": "1..5", "by": []},
        "ces": {"item": "ease", "scale": "1..7", "by": []},
        "expectation": {
            "outcome": "overall",
            "expectation": "expected",
            "perception": "met",
            "disconfirmation": "disconfirmed",
            "scale": "1..7",
            "by": [],
        },
        "drivers": {"outcome": "satisfied", "drivers": _ALWAYS_MET, "scale": "1..5", "by": []},
        "journey": {
            "touchpoints": {name: name for name in (*_ALWAYS_MET, "app")},
            "overall": "satisfied",
            "scale": "1..5",
            "by": [],
        },
        "loyalty": {
            "constructs": {
                "Quality": _ALWAYS_MET,
                "Satisfaction": ["satisfied"],
                "Loyalty": ["stay", "again"],
            },
            "paths": ["Quality -> Satisfaction, Loyalty", "Satisfaction -> Loyalty"],
            "titles": {
                "Quality": {"en": "Quality", "zh": "质量"},
                "Satisfaction": {"en": "Satisfaction", "zh": "满意"},
                "Loyalty": {"en": "Loyalty", "zh": "忠诚"},
            },
            "scale": "1..5",
            "by": [],
        },
        "complaint_rate": {"events": "complaints", "exposure": "visits", "by": []},
        "response_time": {"duration": "minutes", "promise": PROMISE, "unit": "minute", "by": []},
    },
    "standards": [
        {"metric": "nps", "at_least": 10, "by": "region"},
        {"metric": "servqual", "term": "perception", "item": "reliability", "at_least": 5},
        {"metric": "response_time", "term": "within", "at_least": 0.7},
    ],
}

#: What else there is, with ``--all``: the other kinds of the bundled metrics that one table serves.
MORE: Final[dict[str, Any]] = {
    "top_box": {"item": "satisfied", "scale": "1..5", "box": [5], "by": []},
    "penalty_reward": {
        "outcome": "satisfied", "drivers": _ALWAYS_MET, "scale": "1..5", "by": [],
        "low": 2, "high": 5,
    },
    "key_drivers": {
        "outcome": "satisfied", "drivers": _ALWAYS_MET, "scale": "1..5", "by": [],
        "at": 2,
    },
    "importance_performance": {
        "outcome": "satisfied", "drivers": _ALWAYS_MET, "scale": "1..5", "by": [],
    },
    "drivers_logit": {
        "outcome": "again", "drivers": _ALWAYS_MET, "scale": "1..5", "by": [],
        "yes": [4, 5], "outcome_scale": "1..5",
    },
    "loyalty_shares": {
        "intentions": {"repurchase": "again", "stay": "stay"}, "scale": "1..5", "loyal": [4, 5],
        "by": [],
    },
    "loyalty_link": {
        "satisfaction": "satisfied", "loyalty": "again", "scale": "1..5", "by": [],
        "loyal": [4, 5], "satisfied": [4, 5],
    },
    "multiple": {"options": ["via_office", "via_phone", "via_online"], "by": []},
    "churn": {"left": "left", "tenure": "tenure", "at": [12, 24, 36], "unit": "month", "by": []},
    "execution": {
        "steps": ["greeted", "identified", "explained"], "critical": ["identified"], "by": []
    },
    "recovery": {
        "resolved": "settled", "satisfied": "pleased", "satisfied_scale": "1..5",
        "duration": "hours", "promise": 24, "by": [],
    },
}  # fmt: skip


@click.command()
@click.option("--rows", type=click.IntRange(min=1), default=6_000, show_default=True,
              help="Respondents to simulate.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True,
              help="Seed of the simulation.")  # fmt: skip
@click.option("--report", metavar="FILE", default="satcore-report.html", show_default=True,
              help=REPORT_HELP)  # fmt: skip
@static_option
@click.option("--data", metavar="FILE.csv", help="Write the simulated answers there.")
@click.option("--all", "everything", is_flag=True, help="Measure with every kind of metric.")
@report_options
@plugin_options
@click.pass_context
def demo(
    context: click.Context,
    rows: int,
    seed: int,
    everything: bool,
    report: str,
    static: bool,
    data: str | None,
    language: str,
    disable: tuple[str, ...],
) -> None:
    """Simulate a survey, measure it, hold the estimates against the truth, write the report.

    It needs no file and no network.
    """
    plugins = found_plugins(disable)
    population = Population.of_demo()
    answers = population.survey(rows, seed)
    if data is not None:
        write_bytes(data, as_frame(answers).write_csv().encode())
    study = {**STUDY, "metrics": {**STUDY["metrics"], **MORE}} if everything else STUDY
    plan = assemble(Study.of(study, "demo"), answers, plugins=plugins)
    results = results_of(plan, finished(plan, LocalEngine().scan(plan)))
    show(results)
    _show_truth(results, population)
    try:
        write_report(results, report, language, plugins, static=static)
    except (OutputError, PluginError) as error:
        click.echo(f"no report: {error}", err=True)
        context.exit(2)
    click.echo(f"report written to {report}", err=True)
    context.exit(1 if results.failures else 0)


def _show_truth(results: Results, population: Population) -> None:
    """Estimates of the primary terms beside what is true, and how many intervals hold it."""
    table = Table(title="estimate and truth", title_justify="left")
    for name in ("metric", "item", "cell", "truth", "estimate", "interval", "holds the truth"):
        table.add_column(name, justify="left" if name in ("metric", "item", "cell") else "right")
    held = known = 0
    for measured in results.metrics:
        for row in results.rows(measured.name, measured.primary):
            truth = population.truth(measured.kind, row["item"], row["cell"])
            low, high = row["ci_low"], row["ci_high"]
            if truth is None or row["value"] is None or low is None or high is None:
                continue
            holds = low <= truth <= high
            held, known = held + holds, known + 1
            digits = 1 if row["unit"] == "points" else 3
            cell = ", ".join(f"{axis} {label}" for axis, label in row["cell"].items())
            numbers = [f"{number:.{digits}f}" for number in (truth, row["value"], low, high)]
            table.add_row(
                Text(measured.name),
                Text(row["item"]),
                Text(cell or "total"),
                *numbers[:2],
                f"[{numbers[2]}, {numbers[3]}]",
                "yes" if holds else "no",
            )
    out = console()
    out.print()
    out.print(table)
    percent = 100 * results.about.confidence
    out.print(f"{held} of {known} intervals hold the truth; {percent:g}% should in the long run")
