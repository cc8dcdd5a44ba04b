"""Waiting times, and a brief report, for satcore."""

from satcore_waiting.brief import satcore_reports
from satcore_waiting.histogram import LogHistogram, Times
from satcore_waiting.metric import Waiting, satcore_metrics

__all__ = ["LogHistogram", "Times", "Waiting", "satcore_metrics", "satcore_reports"]
