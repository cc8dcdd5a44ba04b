"""What a plugin may be called, and what follows from its name."""

from __future__ import annotations

import keyword
import re
from typing import Final

from attrs import frozen

from satcore.errors import PluginError

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_PREFIX = re.compile(r"satcore[-_]")
_GAPS = re.compile(r"[-_. ]+")

#: Letters that a name may have: lines of code that hold it stay short enough.
LONGEST: Final = 30


@frozen
class PluginName:
    """A plugin's name in its forms.

    Attributes:
        name: The entry point's name, and what studies call the metric: ``"my_metric"``.
        remark: What was changed to make it one; empty where nothing was.
    """

    name: str
    remark: str = ""

    @property
    def distribution(self) -> str:
        """The distribution's name: ``satcore-my-metric``."""
        return f"satcore-{self.name.replace('_', '-')}"

    @property
    def module(self) -> str:
        """The package's name: ``satcore_my_metric``."""
        return f"satcore_{self.name}"

    @property
    def words(self) -> str:
        """The name for people: ``My metric``."""
        return self.name.replace("_", " ").capitalize()

    @property
    def stem(self) -> str:
        """The name as the beginning of a class's name: ``MyMetric``."""
        return "".join(part.capitalize() for part in self.name.split("_"))


def plugin_name(text: str) -> PluginName:
    """A plugin's name from what somebody typed.

    Capitals become small letters, hyphens, dots and blanks underscores, and a leading ``satcore-``
    goes, as the package gets one anyway.

    Raises:
        PluginError: It can't become a name.
    """
    name = _GAPS.sub("_", _PREFIX.sub("", text.strip().lower()))
    if not _NAME.fullmatch(name):
        raise PluginError(
            f"{text!r} can't name a plugin: small letters, digits and underscores, a letter first; "
            "for instance 'retail'"
        )
    if len(name) > LONGEST:
        raise PluginError(f"{text!r} is longer than {LONGEST} letters; take a shorter name")
    if keyword.iskeyword(name):
        raise PluginError(
            f"{text!r} is a word of Python itself and can't name a plugin; for instance "
            f"'{name}_metric'"
        )
    return PluginName(name, "" if name == text else f"{text!r} becomes {name!r}")
