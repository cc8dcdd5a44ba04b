"""The laws of what a plugin says in other languages."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from satcore.catalogues import Catalogues, languages, read_catalogue
from satcore.codebook import Text
from satcore.errors import listed
from satcore.hookspecs import MetricSpec
from satcore.plugins import PluginInfo
from satcore.testing.checks import LawError, NotApplicable

#: The language besides English that reports speak.
CHINESE = "zh"

#: More missing texts than these are counted.
MOST = 12


def readable(info: PluginInfo) -> None:
    """Catalogues can be read in every language they have, and keep what is put in."""
    if not info.catalogues:
        raise NotApplicable("it brings no catalogues")
    need_babel()
    for spec in info.catalogues:
        if not spec.folder.is_dir():
            raise LawError(expected=f"a folder {spec.folder}", came="none")
        known = languages(spec)
        if not known:
            wanted = f"{spec.folder}/LANGUAGE/LC_MESSAGES/{spec.domain}.po"
            raise LawError(expected=wanted, came="no such file in any language")
        problems = [fault for one in known for fault in read_catalogue(spec, one).problems]
        if problems:
            raise LawError(expected="catalogues that can be used", came="; ".join(problems))


def need_babel() -> None:
    """Say what catalogues are read with, where it is absent.

    Raises:
        NotApplicable: It is.
    """
    try:
        found = importlib.util.find_spec("babel") is not None
    except ValueError:
        found = False
    if not found:
        raise NotApplicable(
            "catalogues are read with Babel, which is not installed; it comes with the extra "
            "`report`: python -m pip install 'satcore[report]'"
        )


def chinese(spec: MetricSpec, info: PluginInfo, messages: Iterable[str]) -> None:
    """A metric's title, terms and messages are told in Chinese, where its plugin speaks it.

    Args:
        spec: The metric's record.
        info: Its plugin.
        messages: What it said beside the numbers of some answers.
    """
    if info.catalogues:
        need_babel()
    own = Catalogues(tuple((info.name, one) for one in info.catalogues))
    missing = [*_unnamed(spec, own), *_untold(messages, own)]
    if not _speaks(spec, info):
        told = f"; it has no Chinese for {listed(missing, MOST)}" if missing else ""
        raise NotApplicable(f"the plugin does not speak Chinese{told}")
    if missing:
        raise LawError(
            expected="Chinese for all that is shown, in code or in a catalogue",
            came=f"none for {listed(missing, MOST)}",
        )


def _speaks(spec: MetricSpec, info: PluginInfo) -> bool:
    """Whether a plugin means to be read in Chinese."""
    texts = (spec.title, *spec.terms.values())
    return any(CHINESE in dict(text.by_language) for text in texts) or any(
        read_catalogue(one, CHINESE).entries for one in info.catalogues
    )


def _unnamed(spec: MetricSpec, own: Catalogues) -> Iterator[str]:
    """Titles and terms that have no Chinese."""
    named: Mapping[str, tuple[str, Text]] = {
        "the title": ("title", spec.title),
        **{f"the term {term!r}": ("term", text) for term, text in spec.terms.items()},
    }
    for what, (context, text) in named.items():
        said = text.said("en")
        if CHINESE in dict(text.by_language) or not said:
            continue
        if own.phrase(said, CHINESE, context) is None:
            yield f"{what} ({said!r})"


def _untold(messages: Iterable[str], own: Catalogues) -> Iterator[str]:
    """Messages that have no Chinese, each once."""
    spoken = (*own.spoken(CHINESE), *Catalogues.core().spoken(CHINESE))
    parts: dict[str, Any] = {}
    for message in messages:
        parts |= dict.fromkeys(part for part in message.split("; ") if part)
    for part in parts:
        if all(one.find(part) is None for one in spoken):
            yield f"the message {part!r}"
