"""How much of a column is enough, and how much is too much."""

from __future__ import annotations

from typing import Final

#: Values that a segment has at most, and responses that each has on average at least.
GROUPS: Final = 12
BASE: Final = 3
#: Characters of a question's text that are kept, and of a segment's value.
LABEL: Final = 200
GROUP_NAME: Final = 40
