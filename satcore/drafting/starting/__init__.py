"""A first study file for a trade: its questionnaire, its indicators, its standards.

The trades are data (``industries``), and so are the indicators (``indicators``); what is written
of them depends on the metrics that are installed.
"""

from __future__ import annotations

from satcore.drafting.starting.industries import INDUSTRIES, Industry, industry
from satcore.drafting.starting.writing import Starting, starting_point

__all__ = ["INDUSTRIES", "Industry", "Starting", "industry", "starting_point"]
