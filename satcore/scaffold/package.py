"""What a new package holds: which templates, filled in with what."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import resources
from string import Template
from typing import Final, Literal, TypeAlias

from attrs import frozen

from satcore.errors import PluginError
from satcore.scaffold.naming import PluginName

Hook: TypeAlias = Literal["metric", "report", "survey"]

#: What a plugin may offer, in the order in which its module imports it.
HOOKS: Final[tuple[Hook, ...]] = ("metric", "report", "survey")

_OFFERS: Final[dict[Hook, str]] = {
    "metric": "a metric",
    "report": "a report",
    "survey": "a reader of surveys",
}

#: What a hook's module implements, where that is more than the hook itself.
_IMPLEMENTED: Final[dict[Hook, tuple[str, ...]]] = {
    "metric": ("satcore_catalogues", "satcore_metrics"),
}

_AUTHOR = re.compile(r"(?P<name>[^<>]*?)\s*(?:<(?P<mail>[^<>@\s]+@[^<>@\s]+)>)?")


@frozen(kw_only=True)
class Package:
    """A plugin package that is to be written.

    Attributes:
        name: What the plugin is called.
        hooks: What it offers, some of ``HOOKS``.
        author: Who writes it: ``"Ann Example <ann@example.org>"``; empty to leave it out.
    """

    name: PluginName
    hooks: tuple[Hook, ...] = ("metric",)
    author: str = ""

    def files(self) -> dict[str, str]:
        """The files' texts by their paths in the package's folder.

        Raises:
            PluginError: The author can't be told from what is given.
        """
        return dict(self._files())

    def _files(self) -> Iterator[tuple[str, str]]:
        fields = self._fields()
        for path, template in self._templates():
            yield path, filled(template, fields)

    def _templates(self) -> Iterator[tuple[str, str]]:
        """Each file's path and the name of its template."""
        module = self.name.module
        yield "pyproject.toml", "pyproject.toml"
        yield "README.md", "README.md"
        yield "example/study.toml", "study.toml"
        data = "answers.own" if "survey" in self.hooks else "answers.csv"
        yield f"example/{self._data}", data
        yield f"{module}/__init__.py", "init.py"
        for hook in self._hooks:
            yield f"{module}/{hook}.py", f"{hook}.py"
            yield f"tests/test_{hook}.py", f"test_{hook}.py"
        if "metric" in self.hooks:
            yield f"{module}/locale/zh/LC_MESSAGES/{module}.po", "catalogue.po"
        yield f"{module}/py.typed", "py.typed"

    @property
    def _hooks(self) -> tuple[Hook, ...]:
        return tuple(hook for hook in HOOKS if hook in self.hooks)

    @property
    def _data(self) -> str:
        """The file of answers that the example measures."""
        return f"answers.{self.name.name}" if "survey" in self.hooks else "answers.csv"

    def _fields(self) -> dict[str, str]:
        """What the templates' fields stand for."""
        name = self.name
        simple = {
            "name": name.name,
            "distribution": name.distribution,
            "module": name.module,
            "words": name.words,
            "cls": f"{name.stem}Share",
            "data": self._data,
            "metric": name.name if "metric" in self.hooks else "nps",
            "report": f"report.{name.name}.md" if "report" in self.hooks else "report.html",
            "authors": _authors(self.author),
        }
        offered = {hook: _IMPLEMENTED.get(hook, (f"satcore_{hook}s",)) for hook in self._hooks}
        imports = [
            f"from {name.module}.{hook} import {', '.join(names)}"
            for hook, names in offered.items()
        ]
        names = ", ".join(
            f'"{one}"' for one in sorted(one for some in offered.values() for one in some)
        )
        told = [filled(f"readme_{hook}.md", simple) for hook in self._hooks]
        return {
            **simple,
            "imports": "\n".join(imports),
            "names": names,
            "offers": " and ".join(_OFFERS[hook] for hook in self._hooks),
            "told": "".join(told).rstrip("\n"),
        }


def filled(template: str, fields: dict[str, str]) -> str:
    """A template with its fields filled in."""
    # Named .txt, so that no tool takes a template for code.
    file = resources.files("satcore.scaffold") / "templates" / f"{template}.txt"
    return Template(file.read_text("utf-8")).substitute(fields)


def _authors(author: str) -> str:
    """The line of ``pyproject.toml`` that names the author; nothing without one.

    Raises:
        PluginError: A mail address without its brackets closed, or signs that nobody sees.
    """
    text = author.strip()
    if not text:
        return ""
    match = _AUTHOR.fullmatch(text)
    if match is None or not text.isprintable():
        raise PluginError(
            f"the author {author!r} can't be read; write 'Ann Example <ann@example.org>', or the "
            "name alone"
        )
    # JSON's texts are texts of TOML, too.
    parts = [
        f"{key} = {json.dumps(match[group], ensure_ascii=False)}"
        for key, group in (("name", "name"), ("email", "mail"))
        if match[group]
    ]
    return f"authors = [{{ {', '.join(parts)} }}]\n"
