"""From what columns hold to what they are for. The first guess that fits a column takes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from satcore.drafting.guesses import Guesses
from satcore.drafting.guessing.kano import kano
from satcore.drafting.guessing.missing import labels, missing_codes
from satcore.drafting.guessing.multiple import declared_sets, numbered_options
from satcore.drafting.guessing.ratings import ratings
from satcore.drafting.guessing.recommendation import recommendations
from satcore.drafting.guessing.roles import respondent, status, weight
from satcore.drafting.guessing.segments import segments
from satcore.drafting.guessing.serving_nothing import rest, tests, unusable
from satcore.drafting.guessing.servqual import servqual
from satcore.drafting.guessing.sheet import Sheet
from satcore.drafting.guessing.waves import wave
from satcore.drafting.profiles import Profile
from satcore.surveys import DataDictionary


def guesses_of(
    profiles: Mapping[str, Profile], dictionary: DataDictionary, metrics: Collection[str]
) -> Guesses:
    """What a survey's columns are for, the surest guesses first.

    Args:
        profiles: What each column holds.
        dictionary: What the file says of them.
        metrics: The kinds of metrics that are there.
    """
    sheet = Sheet(profiles, dictionary, frozenset(metrics))
    tests(sheet)
    unusable(sheet)
    if "multiple" in sheet.kinds:
        declared_sets(sheet)
    if "kano" in sheet.kinds:
        kano(sheet)
    if "servqual" in sheet.kinds:
        servqual(sheet)
    status(sheet)
    weight(sheet)
    respondent(sheet)
    if "nps" in sheet.kinds:
        recommendations(sheet)
    wave(sheet)
    if "multiple" in sheet.kinds:
        numbered_options(sheet)
    ratings(sheet)
    segments(sheet)
    rest(sheet)
    missing_codes(sheet)
    labels(sheet)
    return sheet.made
