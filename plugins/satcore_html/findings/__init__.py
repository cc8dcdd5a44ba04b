"""The page of findings: what is high, low, changed, not shown, and how sure, from results alone."""

from __future__ import annotations

from satcore_html.findings.found import facts as facts
from satcore_html.findings.found import findings as findings
from satcore_html.findings.records import Fact as Fact
from satcore_html.findings.records import Finding as Finding
from satcore_html.findings.records import Findings as Findings
from satcore_html.findings.records import Group as Group

__all__ = ["Fact", "Finding", "Findings", "Group", "facts", "findings"]
