"""How many answers it takes: to show a target, to show a change, or for an interval of a width.

Goals are judged as satcore judges results. A target is shown where the one-sided bound at the
asked confidence reaches it (``wilson`` for shares, ``t`` for means, ``adjusted_wald`` for nets); a
change is shown where the test of two samples refuses "no change", in the change's direction.

The sizes start from the formulas that R's ``power.prop.test`` and ``power.t.test`` use. Where the
power of the rule itself can be counted out, it is, and decides: an approximation promises answers
that the rule does not keep.

Sources: Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions (shares);
Cohen (1988), Statistical Power Analysis, by the noncentral t distribution (means); Rocks (2016),
The American Statistician 70 (nets); Cochran (1977), Sampling Techniques (intervals); Kish (1965),
Survey Sampling (design effect); Chernick and Liu (2002), The American Statistician 56 (the
saw-toothed power of exact counts).
"""

from __future__ import annotations

from satcore.sample_size.conditions import Conditions, Neighbour, SampleSize
from satcore.sample_size.means import mean_change, mean_margin, mean_target
from satcore.sample_size.nets import nps_change, nps_margin, nps_target
from satcore.sample_size.shares import share_change, share_margin, share_target

__all__ = [
    "Conditions",
    "Neighbour",
    "SampleSize",
    "mean_change",
    "mean_margin",
    "mean_target",
    "nps_change",
    "nps_margin",
    "nps_target",
    "share_change",
    "share_margin",
    "share_target",
]
