"""From what columns hold to what they are for. The first guess that fits a column takes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from satcore.drafting.guesses import Guesses
from satcore.drafting.guessing.batteries import find_batteries
from satcore.drafting.guessing.cases import cases
from satcore.drafting.guessing.complaints import complaints
from satcore.drafting.guessing.customers import customers
from satcore.drafting.guessing.drivers import drivers
from satcore.drafting.guessing.effort import effort
from satcore.drafting.guessing.expectation import expectation
from satcore.drafting.guessing.importance import importance_performance
from satcore.drafting.guessing.journey import journey
from satcore.drafting.guessing.kano import kano
from satcore.drafting.guessing.missing import labels, missing_codes
from satcore.drafting.guessing.multiple import declared_sets, numbered_options
from satcore.drafting.guessing.ratings import ratings
from satcore.drafting.guessing.recommendation import recommendations
from satcore.drafting.guessing.roles import respondent, status, weight
from satcore.drafting.guessing.satisfaction import overall_ratings, satisfaction
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
    if "response_time" in sheet.kinds:
        cases(sheet)
    if "multiple" in sheet.kinds:
        declared_sets(sheet)
    if "kano" in sheet.kinds:
        kano(sheet)
    if "servqual" in sheet.kinds:
        servqual(sheet)
    weight(sheet)
    if "churn" in sheet.kinds:
        customers(sheet)
    if "complaint_rate" in sheet.kinds:
        complaints(sheet)
    status(sheet)
    respondent(sheet)
    if "nps" in sheet.kinds:
        recommendations(sheet)
    wave(sheet)
    if "multiple" in sheet.kinds:
        numbered_options(sheet)
    if "importance_performance" in sheet.kinds:
        importance_performance(sheet)
    find_batteries(sheet)
    _of_the_whole(sheet)
    ratings(sheet)
    segments(sheet)
    rest(sheet)
    missing_codes(sheet)
    labels(sheet)
    return sheet.made


def _of_the_whole(sheet: Sheet) -> None:
    """What ratings of the whole tell: satisfaction, effort, and what goes with them."""
    overall = overall_ratings(sheet)
    if "csat" in sheet.kinds:
        satisfaction(sheet, overall)
    if "ces" in sheet.kinds:
        effort(sheet)
    if "expectation" in sheet.kinds:
        expectation(sheet, overall)
    if "journey" in sheet.kinds:
        journey(sheet, overall)
    if "drivers" in sheet.kinds:
        drivers(sheet, overall)
