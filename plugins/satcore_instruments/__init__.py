"""Questionnaires by industry: how many items, on which scale, in which dimensions.

Facts alone, each with its source. The questions' own wording belongs to their authors and is not
here; what items are about is said in words of our own.
"""

from __future__ import annotations

from collections.abc import Iterable

from satcore import InstrumentSpec, hookimpl
from satcore_instruments.general import SERVPERF, SERVQUAL
from satcore_instruments.online import EGOVQUAL, ERECSQUAL, ESQUAL
from satcore_instruments.public import HCAHPS, HEDPERF, LIBQUAL
from satcore_instruments.trade import BSQ, DINESERV, LODGSERV, RSQS

__all__ = ["INSTRUMENTS", "satcore_instruments"]

#: Every questionnaire, the general ones first.
INSTRUMENTS: tuple[InstrumentSpec, ...] = (
    SERVQUAL,
    SERVPERF,
    LODGSERV,
    DINESERV,
    RSQS,
    BSQ,
    HCAHPS,
    HEDPERF,
    LIBQUAL,
    ESQUAL,
    ERECSQUAL,
    EGOVQUAL,
)


@hookimpl
def satcore_instruments() -> Iterable[InstrumentSpec]:
    """Every questionnaire."""
    return INSTRUMENTS
