"""A first study file, drafted from the answers: each line a guess, with its reason."""

from __future__ import annotations

from collections.abc import Collection

from satcore.drafting.document import Draft, Heading, written
from satcore.drafting.guessing import guesses_of
from satcore.drafting.profiles import profiles_of
from satcore.surveys import Survey


def drafted(
    survey: Survey,
    metrics: Collection[str],
    *,
    title: str,
    data: tuple[str, ...],
    encoding: str | None = None,
    command: str = "satcore run study.toml",
    language: str = "en",
) -> Draft:
    """A study file for a survey, from all of its responses.

    Args:
        survey: The survey; each fragment is read once.
        metrics: The kinds of metrics that are there.
        title: The study's title.
        data: The survey's files, as the study is to name them.
        encoding: Their encoding, where it was named.
        command: How the study is run, for the comment at its head.
        language: The language of the comments: ``en`` or ``zh``.

    Raises:
        DataError: The responses can't be read.
    """
    profiles = profiles_of(survey)
    guesses = guesses_of(profiles, survey.dictionary, metrics)
    rows = max((profile.rows for profile in profiles.values()), default=0)
    heading = Heading(
        title=title,
        data=data,
        encoding=encoding,
        name=survey.name,
        rows=rows,
        columns=len(survey.columns),
        command=command,
    )
    return written(heading, guesses, language)


__all__ = ["Draft", "drafted"]
