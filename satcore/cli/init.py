"""``satcore init``: a study file drafted from the answers, or a trade's starting point."""

from __future__ import annotations

import os
import shlex
from pathlib import Path, PurePath
from typing import Final

import click

from satcore.addresses import file_name, is_address, shown_address
from satcore.assembling import open_survey
from satcore.cli.options import LANGUAGES, found_plugins, plugin_options
from satcore.cli.output import check_target, write_bytes
from satcore.cli.wording import visible
from satcore.drafting import Draft, drafted
from satcore.drafting.starting import INDUSTRIES, starting_point
from satcore.drafting.starting import industry as industry_of
from satcore.errors import OutputError, PluginError, listed
from satcore.plugins import Plugins

#: Where the study is written unless another file is named.
STUDY: Final = "study.toml"


@click.command()
@click.argument("files", nargs=-1, metavar="[DATA...]")
@click.option("--industry", metavar="NAME",
              help="Without DATA: a starting point for a trade, as hotel or bank.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE.toml", default=STUDY, show_default=True,
              help="Where to write the study.")  # fmt: skip
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option("--encoding", metavar="NAME", help="Encoding of the files; found where left out.")
@click.option("--language", "--lang", "language", type=click.Choice(LANGUAGES), default="en",
              show_default=True, help="Language of the comments.")  # fmt: skip
@plugin_options
def init(
    files: tuple[str, ...],
    industry: str | None,
    output: str,
    force: bool,
    encoding: str | None,
    language: str,
    disable: tuple[str, ...],
) -> None:
    """Draft a study file from answers: satcore init answers.csv.

    All responses are read. Every line that is written is a guess, with its reason beside it; at
    the end stands what was left out and why.

    It knows NPS, Kano, SERVQUAL, several answers, satisfaction, effort, drivers, journeys,
    expectation, and tables of cases, customers and complaints. What is not sure is a comment.

    Before there are answers, --industry hotel writes a starting point for a trade: its
    questionnaire, indicators and standards, with comments.
    """
    if bool(files) == bool(industry):
        raise click.UsageError(
            "name the answers, as satcore init answers.csv, or a trade, as satcore init "
            f"--industry hotel; there are {listed(INDUSTRIES, 20)}"
        )
    _check(files, output, force=force)
    plugins = found_plugins(disable)
    if industry is not None:
        _begin(industry, output, language, plugins)
        return
    survey = open_survey(files, plugins=plugins, encoding=encoding)
    kinds = {spec.name for _, spec in plugins.metrics() if _settled(plugins, spec.name)}
    draft = drafted(
        survey,
        kinds,
        title=_title(files),
        data=_data(files, output),
        encoding=encoding,
        command=f"satcore run {shlex.quote(output)}",
        language=language,
    )
    write_bytes(output, draft.text.encode())
    _tell(draft, output)


def _begin(name: str, output: str, language: str, plugins: Plugins) -> None:
    """Write the starting point of a trade."""
    shown = shlex.quote(output)
    made = starting_point(industry_of(name), plugins, output=shown, language=language)
    write_bytes(output, made.text.encode())
    click.echo(visible(f"{output} written: {', '.join(made.metrics)}"))
    if made.left_out:
        click.echo(visible(f"not installed, left out with a comment: {listed(made.left_out)}"))
    click.echo(visible(f"next: satcore simulate {shown} answers.csv --rows 1000"))
    click.echo(visible(f"      satcore run {shown} answers.csv"))


def _check(files: tuple[str, ...], output: str, *, force: bool) -> None:
    """Refuse to write over a file.

    Raises:
        OutputError: It is there, it is one of the answers, or can't be written.
        UsageError: It would be no study file to ``satcore run``.
    """
    if not output.lower().endswith(".toml"):
        raise click.UsageError(f"-o {output}: a study file's name ends in .toml")
    check_target(output)
    target = Path(os.path.realpath(output))
    if any(target == Path(os.path.realpath(name)) for name in files):
        raise OutputError(f"{output} holds the answers; name another file with -o")
    if target.exists() and not force:
        raise OutputError(
            f"{output} is there already and is not written over; name another file with -o, or "
            "say --force"
        )


def _settled(plugins: Plugins, kind: str) -> bool:
    """Whether a kind names one metric; where two plugins claim it, the study has to say which."""
    try:
        plugins.metric(kind)
    except PluginError:
        return False
    return True


def _title(files: tuple[str, ...]) -> str:
    """The study's title: the name of the first file."""
    name = PurePath(file_name(files[0])).stem
    return name.encode(errors="surrogateescape").decode(errors="replace")


def _data(files: tuple[str, ...], output: str) -> tuple[str, ...]:
    """The files as seen from the study's folder; none where a study file can't name them.

    An address that holds a secret is not written down.
    """
    folder = Path(os.path.realpath(output)).parent
    named = []
    for name in files:
        if is_address(name):
            named.append(name)
            continue
        if Path(name).is_absolute():
            named.append(os.path.normpath(name))
            continue
        try:
            named.append(PurePath(os.path.relpath(name, folder)).as_posix())
        except ValueError:  # another drive
            named.append(str(Path(name).absolute()))
    writable = all(sign < "\ud800" or sign > "\udfff" for name in named for sign in name)
    return tuple(named) if writable and all(shown_address(name) == name for name in named) else ()


def _tell(draft: Draft, output: str) -> None:
    metrics = f"{len(draft.metrics)} metric" + ("" if len(draft.metrics) == 1 else "s")
    names = f" ({', '.join(draft.metrics)})" if draft.metrics else ""
    columns = f"{draft.left_out} column" + ("" if draft.left_out == 1 else "s")
    click.echo(visible(f"{output} written: {metrics}{names}; {columns} left out"))
    for line, text in draft.needs:
        click.echo(visible(f"{output}, line {line} needs a person: {text}"))
    if draft.metrics:
        click.echo(visible(f"next: satcore run {shlex.quote(output)}"))
