"""What files say of their columns, where the study says nothing; the study always wins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import evolve

from satcore.codebook import Codebook, Item, Measure, Text
from satcore.errors import listed
from satcore.planning import Dimensions, Keep
from satcore.surveys import Survey


def described(codebook: Codebook, survey: Survey | None) -> Codebook:
    """The codebook with what the survey's files say of their columns."""
    if survey is None or not survey.dictionary.variables:
        return codebook
    return evolve(codebook, described=survey.dictionary.variables)


def without_tests(dimensions: Dimensions, survey: Survey) -> Dimensions:
    """Responses that nobody gave in earnest are dropped, as ``[[keep]]`` rules drop them.

    A rule of the study on the same column takes the place of the file's.
    """
    ruled = {rule.column for rule in dimensions.keep}
    rules = tuple(
        Keep(column=column, not_=values)
        for column, values in survey.dictionary.tests.items()
        if column not in ruled and column in survey.columns
    )
    return evolve(dimensions, keep=(*dimensions.keep, *rules)) if rules else dimensions


def named_labels(
    said: Mapping[str, Mapping[str, Text]], survey: Survey, columns: Iterable[str]
) -> dict[str, Mapping[str, Text]]:
    """Names for people of values: the study's, and the file's for columns without any."""
    named = dict(said)
    for column in columns:
        known = survey.dictionary.variables.get(column)
        if column not in named and known is not None and known.labels:
            texts = {value: Text.of(label) for value, label in known.labels.items()}
            # A table of numbers with gaps writes its codes as 1.0, 2.0.
            whole = {value for value in texts if value.lstrip("-").isdecimal()}
            named[column] = {**texts, **{f"{value}.0": texts[value] for value in whole}}
    return named


def notes(survey: Survey, codebook: Codebook, dimensions: Dimensions) -> Iterator[str]:
    """What a reader of the results should know of what was taken from the files."""
    dictionary = survey.dictionary
    ruled = [rule.column for rule in dimensions.keep if rule.column in dictionary.tests]
    for column in ruled:
        values = dictionary.tests[column]
        if Keep(column=column, not_=values) in dimensions.keep:
            yield (
                f"{column}: responses with {listed(map(repr, values))} are tests and dropped; a "
                "[[keep]] rule on this column says otherwise"
            )
    if dictionary.weight is not None and dimensions.weight is None:
        yield (
            f"{survey.name} names {dictionary.weight!r} as its weight, which is not used; name it "
            "in [roles] weight (--weight)"
        )


def missing_note(
    survey: Survey, codebook: Codebook, read: Iterable[Item | Measure]
) -> Iterator[str]:
    """Which answers are missing because the file says so, of the columns that are read."""
    told = []
    for name in dict.fromkeys(one.name for one in read):
        known, said = survey.dictionary.variables.get(name), codebook.declared.get(name)
        if known is not None and known.missing and (said is None or said.missing is None):
            told.append(f"{name} ({listed(known.missing, 6)})")
    if told:
        which = f"{survey.name} says which answers are missing: {listed(told, 6)}"
        yield f"{which}; [items.NAME] missing says otherwise"
