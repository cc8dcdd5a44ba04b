"""satcore measures satisfaction: metrics as plugins, every number with an honest interval.

These are the public names, and the only ones that plugins and callers may use. They load on
first use, so that ``import satcore`` costs little more than ``import numpy``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from satcore.addresses import is_address as is_address
    from satcore.addresses import shown_address as shown_address
    from satcore.blocks import Block as Block
    from satcore.catalogues import Catalogue as Catalogue
    from satcore.catalogues import Catalogues as Catalogues
    from satcore.catalogues import read_catalogue as read_catalogue
    from satcore.changes import Change as Change
    from satcore.changes import Shift as Shift
    from satcore.choosing import hold_rows as hold_rows
    from satcore.codebook import Codebook as Codebook
    from satcore.codebook import Count as Count
    from satcore.codebook import Instant as Instant
    from satcore.codebook import Item as Item
    from satcore.codebook import Measure as Measure
    from satcore.codebook import Scale as Scale
    from satcore.codebook import Text as Text
    from satcore.codebook import as_text as as_text
    from satcore.comparing import Compared as Compared
    from satcore.comparing import compare as compare
    from satcore.comparing import compare_waves as compare_waves
    from satcore.derived import Derived as Derived
    from satcore.derived import Difference as Difference
    from satcore.derived import Given as Given
    from satcore.derived import Indicator as Indicator
    from satcore.derived import Mean as Mean
    from satcore.derived import Product as Product
    from satcore.derived import Ratio as Ratio
    from satcore.derived import Recode as Recode
    from satcore.derived import Reversed as Reversed
    from satcore.derived import Sum as Sum
    from satcore.derived import When as When
    from satcore.dots import dot as dot
    from satcore.dots import dot_layers as dot_layers
    from satcore.dots import dots_told as dots_told
    from satcore.dots import side_by_side as side_by_side
    from satcore.drawing import CHART_CELL as CHART_CELL
    from satcore.drawing import CHART_THEME as CHART_THEME
    from satcore.drawing import chart_is_wide as chart_is_wide
    from satcore.drawing import chart_spec as chart_spec
    from satcore.drawing import draw as draw
    from satcore.engines import Engine as Engine
    from satcore.engines import LocalEngine as LocalEngine
    from satcore.errors import DataError as DataError
    from satcore.errors import EngineError as EngineError
    from satcore.errors import FragmentError as FragmentError
    from satcore.errors import OptionError as OptionError
    from satcore.errors import OutputError as OutputError
    from satcore.errors import PluginError as PluginError
    from satcore.errors import Problem as Problem
    from satcore.errors import SatcoreError as SatcoreError
    from satcore.errors import StudyError as StudyError
    from satcore.errors import listed as listed
    from satcore.errors import near as near
    from satcore.estimates import Estimate as Estimate
    from satcore.grouped import GroupedScan as GroupedScan
    from satcore.grouped import Grouping as Grouping
    from satcore.hookspecs import PLUGIN_API as PLUGIN_API
    from satcore.hookspecs import CatalogueSpec as CatalogueSpec
    from satcore.hookspecs import EngineRequest as EngineRequest
    from satcore.hookspecs import EngineSpec as EngineSpec
    from satcore.hookspecs import InstrumentDimension as InstrumentDimension
    from satcore.hookspecs import InstrumentSpec as InstrumentSpec
    from satcore.hookspecs import MetricSpec as MetricSpec
    from satcore.hookspecs import ReportSpec as ReportSpec
    from satcore.hookspecs import Source as Source
    from satcore.hookspecs import SurveySpec as SurveySpec
    from satcore.hookspecs import hookimpl as hookimpl
    from satcore.inference import Comparison as Comparison
    from satcore.inference import Contrast as Contrast
    from satcore.inference import FloatArray as FloatArray
    from satcore.inference import Heterogeneity as Heterogeneity
    from satcore.inference import IntArray as IntArray
    from satcore.inference import Interval as Interval
    from satcore.inference import NormalInterval as NormalInterval
    from satcore.inference import ScaledInterval as ScaledInterval
    from satcore.inference import StudentInterval as StudentInterval
    from satcore.inference import WilsonInterval as WilsonInterval
    from satcore.inference import holm as holm
    from satcore.inference import normal_quantile as normal_quantile
    from satcore.inference import normal_two_sided as normal_two_sided
    from satcore.instants import instant_of as instant_of
    from satcore.metrics import Chart as Chart
    from satcore.metrics import Metric as Metric
    from satcore.metrics import Paired as Paired
    from satcore.metrics import Test as Test
    from satcore.moments import Moments as Moments
    from satcore.moments import MomentSums as MomentSums
    from satcore.nets import NET_INTERVALS as NET_INTERVALS
    from satcore.nets import WEIGHTED_NET_INTERVALS as WEIGHTED_NET_INTERVALS
    from satcore.nets import weighted_refusal as weighted_refusal
    from satcore.notebooks import MetricResults as MetricResults
    from satcore.numerals import finite as finite
    from satcore.numerals import shown_percent as shown_percent
    from satcore.numerals import shown_score as shown_score
    from satcore.ordinals import OrderStatisticInterval as OrderStatisticInterval
    from satcore.ordinals import RankedCells as RankedCells
    from satcore.ordinals import WoodruffInterval as WoodruffInterval
    from satcore.patterns import Columns as Columns
    from satcore.patterns import columns_of as columns_of
    from satcore.patterns import label_of as label_of
    from satcore.patterns import numbered_columns as numbered_columns
    from satcore.planning import Plan as Plan
    from satcore.pricing import price as price
    from satcore.readings import CellKey as CellKey
    from satcore.readings import Reading as Reading
    from satcore.readings import Texts as Texts
    from satcore.regression import adjusted_r_squared as adjusted_r_squared
    from satcore.regression import coefficient_covariances as coefficient_covariances
    from satcore.regression import coefficient_errors as coefficient_errors
    from satcore.regression import coefficients as coefficients
    from satcore.regression import collinear as collinear
    from satcore.regression import lmg as lmg
    from satcore.regression import pratt as pratt
    from satcore.regression import r_squared as r_squared
    from satcore.regression import relative_weights as relative_weights
    from satcore.regression import standardised_coefficients as standardised_coefficients
    from satcore.regression import variance_inflation as variance_inflation
    from satcore.reliability import CeilingInterval as CeilingInterval
    from satcore.reliability import FeldtInterval as FeldtInterval
    from satcore.reliability import alpha as alpha
    from satcore.reliability import difference_reliability as difference_reliability
    from satcore.reliability import item_rest as item_rest
    from satcore.reliability import omega as omega
    from satcore.reliability import standardised_alpha as standardised_alpha
    from satcore.reliability import without as without
    from satcore.replicates import Replicated as Replicated
    from satcore.replicates import Replicates as Replicates
    from satcore.results import About as About
    from satcore.results import ComparisonRow as ComparisonRow
    from satcore.results import DroppedRow as DroppedRow
    from satcore.results import EstimateRow as EstimateRow
    from satcore.results import FailureRow as FailureRow
    from satcore.results import ItemRow as ItemRow
    from satcore.results import Measured as Measured
    from satcore.results import Responses as Responses
    from satcore.results import Results as Results
    from satcore.results import SkippedRow as SkippedRow
    from satcore.results import StandardRow as StandardRow
    from satcore.results import Table as Table
    from satcore.results import cell_text as cell_text
    from satcore.running import evaluate as evaluate
    from satcore.running import plan as plan
    from satcore.running import run as run
    from satcore.running import scan as scan
    from satcore.saved import Saved as Saved
    from satcore.saved import Store as Store
    from satcore.saved import load as load
    from satcore.saved import merge as merge
    from satcore.saved import save as save
    from satcore.scanning import Bundle as Bundle
    from satcore.scanning import Progress as Progress
    from satcore.shares import SHARE_INTERVALS as SHARE_INTERVALS
    from satcore.shares import WEIGHTED_SHARE_INTERVALS as WEIGHTED_SHARE_INTERVALS
    from satcore.shares import AgrestiCoullInterval as AgrestiCoullInterval
    from satcore.shares import ClopperPearsonInterval as ClopperPearsonInterval
    from satcore.shares import ScoredShares as ScoredShares
    from satcore.standing import ByWave as ByWave
    from satcore.standing import Estimated as Estimated
    from satcore.standing import Estimates as Estimates
    from satcore.standing import Series as Series
    from satcore.standing import Waved as Waved
    from satcore.states import Field as Field
    from satcore.statistics import Counted as Counted
    from satcore.statistics import Statistic as Statistic
    from satcore.statistics import Tallied as Tallied
    from satcore.statistics import Tally as Tally
    from satcore.study import Study as Study
    from satcore.surveys import DataDictionary as DataDictionary
    from satcore.surveys import Fragment as Fragment
    from satcore.surveys import ResponseSet as ResponseSet
    from satcore.surveys import Survey as Survey
    from satcore.surveys import Variable as Variable
    from satcore.tasks import Job as Job
    from satcore.tasks import Task as Task
    from satcore.tasks import bundle_of as bundle_of
    from satcore.tasks import combine as combine
    from satcore.tasks import count_frames as count_frames
    from satcore.tasks import head as head
    from satcore.tasks import ready as ready
    from satcore.tasks import work as work
    from satcore.waves import Waves as Waves
    from satcore.workers import ExecutorEngine as ExecutorEngine
    from satcore.workers import ProcessEngine as ProcessEngine

__version__ = "0.1.0"

#: Where each public name lives.
_HOMES = {
    "addresses": (
        "is_address",
        "shown_address",
    ),
    "blocks": ("Block",),
    "catalogues": (
        "Catalogue",
        "Catalogues",
        "read_catalogue",
    ),
    "changes": (
        "Change",
        "Shift",
    ),
    "choosing": ("hold_rows",),
    "codebook": (
        "Codebook",
        "Count",
        "Instant",
        "Item",
        "Measure",
        "Scale",
        "Text",
        "as_text",
    ),
    "comparing": (
        "Compared",
        "compare",
        "compare_waves",
    ),
    "derived": (
        "Derived",
        "Difference",
        "Given",
        "Indicator",
        "Mean",
        "Product",
        "Ratio",
        "Recode",
        "Reversed",
        "Sum",
        "When",
    ),
    "dots": (
        "dot",
        "dot_layers",
        "dots_told",
        "side_by_side",
    ),
    "drawing": (
        "CHART_CELL",
        "CHART_THEME",
        "chart_is_wide",
        "chart_spec",
        "draw",
    ),
    "engines": (
        "Engine",
        "LocalEngine",
    ),
    "errors": (
        "DataError",
        "EngineError",
        "FragmentError",
        "OptionError",
        "OutputError",
        "PluginError",
        "Problem",
        "SatcoreError",
        "StudyError",
        "listed",
        "near",
    ),
    "estimates": ("Estimate",),
    "grouped": (
        "GroupedScan",
        "Grouping",
    ),
    "hookspecs": (
        "CatalogueSpec",
        "EngineRequest",
        "EngineSpec",
        "InstrumentDimension",
        "InstrumentSpec",
        "MetricSpec",
        "PLUGIN_API",
        "ReportSpec",
        "Source",
        "SurveySpec",
        "hookimpl",
    ),
    "inference": (
        "Comparison",
        "Contrast",
        "FloatArray",
        "Heterogeneity",
        "IntArray",
        "Interval",
        "NormalInterval",
        "ScaledInterval",
        "StudentInterval",
        "WilsonInterval",
        "holm",
        "normal_quantile",
        "normal_two_sided",
    ),
    "instants": ("instant_of",),
    "metrics": (
        "Chart",
        "Metric",
        "Paired",
        "Test",
    ),
    "moments": (
        "MomentSums",
        "Moments",
    ),
    "nets": (
        "NET_INTERVALS",
        "WEIGHTED_NET_INTERVALS",
        "weighted_refusal",
    ),
    "notebooks": ("MetricResults",),
    "numerals": (
        "finite",
        "shown_percent",
        "shown_score",
    ),
    "ordinals": (
        "OrderStatisticInterval",
        "RankedCells",
        "WoodruffInterval",
    ),
    "patterns": (
        "Columns",
        "columns_of",
        "label_of",
        "numbered_columns",
    ),
    "planning": ("Plan",),
    "pricing": ("price",),
    "readings": (
        "CellKey",
        "Reading",
        "Texts",
    ),
    "regression": (
        "adjusted_r_squared",
        "coefficient_covariances",
        "coefficient_errors",
        "coefficients",
        "collinear",
        "lmg",
        "pratt",
        "r_squared",
        "relative_weights",
        "standardised_coefficients",
        "variance_inflation",
    ),
    "reliability": (
        "CeilingInterval",
        "FeldtInterval",
        "alpha",
        "difference_reliability",
        "item_rest",
        "omega",
        "standardised_alpha",
        "without",
    ),
    "replicates": (
        "Replicated",
        "Replicates",
    ),
    "results": (
        "About",
        "ComparisonRow",
        "DroppedRow",
        "EstimateRow",
        "FailureRow",
        "ItemRow",
        "Measured",
        "Responses",
        "Results",
        "SkippedRow",
        "StandardRow",
        "Table",
        "cell_text",
    ),
    "running": (
        "evaluate",
        "plan",
        "run",
        "scan",
    ),
    "saved": (
        "Saved",
        "Store",
        "load",
        "merge",
        "save",
    ),
    "scanning": (
        "Bundle",
        "Progress",
    ),
    "shares": (
        "AgrestiCoullInterval",
        "ClopperPearsonInterval",
        "SHARE_INTERVALS",
        "ScoredShares",
        "WEIGHTED_SHARE_INTERVALS",
    ),
    "standing": (
        "ByWave",
        "Estimated",
        "Estimates",
        "Series",
        "Waved",
    ),
    "states": ("Field",),
    "statistics": (
        "Counted",
        "Statistic",
        "Tallied",
        "Tally",
    ),
    "study": ("Study",),
    "surveys": (
        "DataDictionary",
        "Fragment",
        "ResponseSet",
        "Survey",
        "Variable",
    ),
    "tasks": (
        "Job",
        "Task",
        "bundle_of",
        "combine",
        "count_frames",
        "head",
        "ready",
        "work",
    ),
    "waves": ("Waves",),
    "workers": (
        "ExecutorEngine",
        "ProcessEngine",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [*sorted(_HOME_OF)]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'satcore' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"satcore.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
