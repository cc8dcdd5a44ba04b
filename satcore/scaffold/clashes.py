"""Whether a name is free."""

from __future__ import annotations

from collections.abc import Iterable

from satcore.errors import PluginError, listed, near
from satcore.hookspecs import SurveySpec
from satcore.plugins import Plugins
from satcore.scaffold.naming import PluginName


def check_free(name: PluginName, hooks: Iterable[str], plugins: Plugins) -> str:
    """Refuse a name that is taken.

    Args:
        name: The name.
        hooks: What the plugin is to offer.
        plugins: The plugins that there are.

    Returns:
        A remark where another's name is close; else nothing.

    Raises:
        PluginError: A plugin or a metric has it, or a reader reads files that end so.
    """
    infos = plugins.infos()
    owners = {info.name: f"the plugin {info.described}" for info in infos}
    for info, spec in plugins.metrics():
        owners.setdefault(spec.name, f"a metric of the plugin {info.described}")
    if name.name in owners:
        raise PluginError(
            f"the name {name.name!r} is taken by {owners[name.name]}; take another, or uninstall "
            f"that plugin. Taken are {listed(sorted(owners))}"
        )
    if "survey" in hooks:
        _check_suffix(f".{name.name}", plugins)
    close = near(name.name, owners)
    return f"{name.name!r} is close to a name that is taken{close}" if close else ""


def _check_suffix(suffix: str, plugins: Plugins) -> None:
    """Refuse a kind of file that somebody reads.

    Raises:
        PluginError: Somebody does.
    """
    for info in plugins.infos():
        for record in info.records:
            if isinstance(record, SurveySpec) and suffix in record.suffixes:
                raise PluginError(
                    f"files that end with {suffix!r} are read by the plugin {info.described}; "
                    "take another name for a reader of your own"
                )
