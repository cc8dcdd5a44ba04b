"""The items of the model: single questions, or lists that are averaged per respondent."""

from __future__ import annotations

from collections.abc import Sequence

from satcore import Codebook, Derived, Item, Mean

AnItem = Item | Derived


def made(codebook: Codebook, option: str, names: Sequence[str], scale: str) -> AnItem:
    """One item: a question, or the mean of several that a respondent answered all of.

    Args:
        codebook: Makes items.
        option: The option, which becomes the item's name.
        names: The columns.
        scale: Their scale.
    """
    items = tuple(codebook.item(name, scale) for name in names)
    return items[0] if len(items) == 1 else Mean(items, name=option)


def middle(item: AnItem) -> float:
    """The midpoint of an item's scale."""
    return (item.low + item.high) / 2 / item.denominator
