"""The study file: TOML as attrs classes, every mistake at once, each with its place.

A study says what is to be measured. It knows nothing of plugins: a metric's options are kept as
they are written and given to the metric's own class when the run is planned.
"""

from satcore.study.structuring import structured
from satcore.study.tables import (
    KeepTable,
    MetricTable,
    Roles,
    Study,
    StudyTable,
    WaveTable,
)

__all__ = ["KeepTable", "MetricTable", "Roles", "Study", "StudyTable", "WaveTable", "structured"]
