"""The code blocks of a page, so that tests can run what readers copy.

A comment on the line above a block says what is special about it::

    <!-- file: study.toml -->    the block is a file of that name, which the page goes on to use
    <!-- prints -->              the block is what the Python block before it prints
    <!-- installs -->            it is run in an environment of its own only, for it changes it
    <!-- skip: why -->           it is not run

Alone on a line, ``<!-- setup: command -->`` is a command that a reader needs not see, and
``<!-- answers: answers.csv -->`` writes the answers of ``satcore demo --rows 3000``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from attrs import frozen

_FENCE: Final = re.compile(r"^(?P<indent> *)(?P<ticks>`{3,})(?P<language>\S*)[^`]*$")
_REMARK: Final = re.compile(
    r"^ *<!-- (?P<word>file|prints|installs|skip|setup|answers)(?:: (?P<what>.+))? -->$"
)

#: Comments that are blocks by themselves, and the language that they stand for.
_ALONE: Final = {"setup": "sh", "answers": "answers"}


@frozen(kw_only=True)
class Block:
    """A code block of a page.

    Attributes:
        line: The line on which it begins, from 1.
        language: What its fence says.
        text: What it holds.
        remarks: The comments above it, by their first word.
    """

    line: int
    language: str
    text: str
    remarks: dict[str, str]


def blocks(page: str) -> Iterator[Block]:
    """The blocks of a page in their order; a setup is a ``sh`` block.

    Args:
        page: The page's Markdown.

    Raises:
        ValueError: A block that does not end, or a remark without a block.
    """
    remarks: dict[str, str] = {}
    lines = iter(enumerate(page.splitlines(), 1))
    for number, line in lines:
        remark, fence = _REMARK.match(line), _FENCE.match(line)
        if remark and remark["word"] in _ALONE:
            language = _ALONE[remark["word"]]
            yield Block(line=number, language=language, text=f"{remark['what']}\n", remarks={})
        elif remark:
            remarks[remark["word"]] = remark["what"] or ""
        elif fence:
            yield _block(number, fence, lines, remarks)
            remarks = {}
        elif remarks:
            raise ValueError(f"line {number}: a block is wanted below its comment")


def _block(
    number: int,
    fence: re.Match[str],
    lines: Iterator[tuple[int, str]],
    remarks: dict[str, str],
) -> Block:
    indent = len(fence["indent"])
    held: list[str] = []
    for _, line in lines:
        if line.strip() == fence["ticks"]:
            text = "".join(f"{one}\n" for one in held)
            return Block(line=number, language=fence["language"], text=text, remarks=remarks)
        held.append(line[indent:] if line[:indent].isspace() else line)
    raise ValueError(f"line {number}: the block does not end")


@frozen(kw_only=True)
class Command:
    """A command of a ``console`` block and what it prints.

    Attributes:
        text: The command.
        output: What is shown below it; a line of three dots stands for any lines.
    """

    text: str
    output: str


def commands(text: str) -> Iterator[Command]:
    """The commands of a ``console`` block: after a dollar sign, output below.

    Args:
        text: The block.
    """
    parts = re.split(r"^\$ ", text, flags=re.MULTILINE)
    if parts[0].strip():
        raise ValueError(f"output without a command: {parts[0]!r}")
    for part in parts[1:]:
        command, _, output = part.partition("\n")
        while command.endswith("\\"):
            more, _, output = output.partition("\n")
            command += "\n" + more
        yield Command(text=command, output=output)


def printed(expected: str, output: str) -> bool:
    """Whether output is as a page shows it, spaces at the ends of lines aside.

    Args:
        expected: What the page shows; a line of three dots stands for any lines.
        output: What was printed.
    """

    def tidy(text: str) -> str:
        return "".join(f"{line.rstrip()}\n" for line in text.strip("\n").splitlines())

    pattern = "".join(
        r"(?:.*\n)*?" if line == "...\n" else re.escape(line)
        for line in tidy(expected).splitlines(keepends=True)
    )
    return re.fullmatch(pattern, tidy(output)) is not None
