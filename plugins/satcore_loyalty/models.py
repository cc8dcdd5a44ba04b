"""Named models of customer satisfaction: their constructs, what these are called, their paths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from satcore import Text


@frozen(kw_only=True)
class Named:
    """A model that studies can name.

    Attributes:
        constructs: Its constructs, causes before what they lead to.
        paths: From each construct to those it leads to.
        columns: Columns of each construct as the model's published data call them; none where
            there is no such custom.
    """

    constructs: tuple[str, ...]
    paths: Mapping[str, tuple[str, ...]]
    columns: Mapping[str, str]


#: What the constructs of the named models are called.
TITLES: Final[Mapping[str, Text]] = {
    name: Text.of({"en": english, "zh": chinese})
    for name, english, chinese in (
        ("Image", "Image", "品牌形象"),
        ("Expectation", "Expectation", "预期质量"),
        ("Quality", "Perceived quality", "感知质量"),
        ("Value", "Perceived value", "感知价值"),
        ("Satisfaction", "Satisfaction", "顾客满意"),
        ("Complaints", "Complaints", "顾客抱怨"),
        ("Loyalty", "Loyalty", "顾客忠诚"),
    )
}

#: The models by name. ACSI: Fornell, Johnson, Anderson, Cha and Bryant (1996), figure 1. ECSI:
#: Tenenhaus, Esposito Vinzi, Chatelin and Lauro (2005), section 2, with the names of its items.
#: The third follows the Chinese index in kind (six constructs, the brand's image first, no
#: complaints); published forms of it differ in single paths.
MODELS: Final[Mapping[str, Named]] = {
    "acsi": Named(
        constructs=("Expectation", "Quality", "Value", "Satisfaction", "Complaints", "Loyalty"),
        paths={
            "Expectation": ("Quality", "Value", "Satisfaction"),
            "Quality": ("Value", "Satisfaction"),
            "Value": ("Satisfaction",),
            "Satisfaction": ("Complaints", "Loyalty"),
            "Complaints": ("Loyalty",),
        },
        columns={},
    ),
    "ecsi": Named(
        constructs=(
            *("Image", "Expectation", "Quality", "Value"),
            *("Satisfaction", "Complaints", "Loyalty"),
        ),
        paths={
            "Image": ("Expectation", "Satisfaction", "Loyalty"),
            "Expectation": ("Quality", "Value", "Satisfaction"),
            "Quality": ("Value", "Satisfaction"),
            "Value": ("Satisfaction",),
            "Satisfaction": ("Complaints", "Loyalty"),
            "Complaints": ("Loyalty",),
        },
        columns={
            "Image": "IMAG{1..5}",
            "Expectation": "CUEX{1..3}",
            "Quality": "PERQ{1..7}",
            "Value": "PERV{1..2}",
            "Satisfaction": "CUSA{1..3}",
            "Complaints": "CUSCO",
            "Loyalty": "CUSL{1..3}",
        },
    ),
    "ccsi": Named(
        constructs=("Image", "Expectation", "Quality", "Value", "Satisfaction", "Loyalty"),
        paths={
            "Image": ("Expectation", "Quality", "Value", "Satisfaction", "Loyalty"),
            "Expectation": ("Quality", "Value"),
            "Quality": ("Value", "Satisfaction"),
            "Value": ("Satisfaction",),
            "Satisfaction": ("Loyalty",),
        },
        columns={},
    ),
}
