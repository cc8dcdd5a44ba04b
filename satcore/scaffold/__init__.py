"""A complete plugin package, made from templates: the author's first minute.

The templates are package data in ``templates``; their fields are those of ``string.Template``.
"""

from __future__ import annotations

from satcore.scaffold.clashes import check_free
from satcore.scaffold.naming import PluginName, plugin_name
from satcore.scaffold.package import HOOKS, Package
from satcore.scaffold.writing import write

__all__ = ["HOOKS", "Package", "PluginName", "check_free", "plugin_name", "write"]
