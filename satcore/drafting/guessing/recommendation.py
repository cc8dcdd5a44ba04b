"""NPS: questions that ask for recommendation."""

from __future__ import annotations

from typing import Final

from satcore.drafting import wordings
from satcore.drafting.guesses import MetricGuess, needs, said
from satcore.drafting.guessing.questions import is_number_of_things
from satcore.drafting.guessing.sheet import Sheet
from satcore.drafting.guessing.texts import code_of
from satcore.drafting.profiles import Profile
from satcore.drafting.scales import ENOUGH, Answers

#: NPS questions that are drafted.
RECOMMENDATIONS: Final = 5
#: Share of answers outside its scale that an NPS question may have.
ODD: Final = 0.10


def recommendations(sheet: Sheet) -> None:
    """Questions on recommendation, answered from 0 to 10."""
    for name in list(sheet.free):
        # Of an id or a count, only what the question says tells that it is none.
        text = sheet.label(name).casefold() if is_number_of_things(name) else sheet.text(name)
        if not wordings.RECOMMEND.search(text):
            continue
        answers = sheet.answers(name)
        odd: tuple[str, ...] = ()
        if answers is not None and answers.high > 10:
            answers, odd = _within(answers, sheet.profiles[name], 10)
        if answers is None or answers.low < 0 or answers.high > 10:
            continue
        if answers.ends is not None and answers.ends[1] != 10:
            continue
        if (
            answers.ends is None
            and answers.high < 8
            and not (answers.low == 0 and answers.high > 5)
        ):
            continue
        if sum(one.kind == "nps" for one in sheet.made.metrics) >= RECOMMENDATIONS:
            break
        scale = sheet.scale([answers], (0, 10))
        if scale is None:
            continue
        sheet.claim(name)
        sheet.used[name] = answers
        options = {"item": name} | ({} if scale == "0..10" else {"scale": scale})
        reasons = [said("nps", low=answers.low, high=answers.high)]
        metric = sheet.named("nps")
        if odd:
            sheet.doubt(metric, needs("nps_odd", values=", ".join(odd)))
        elif answers.low == 1 and answers.count >= ENOUGH and answers.ends is None:
            sheet.doubt(metric, needs("nps_from_1"))
        sheet.made.metrics.append(
            MetricGuess(
                name=metric, kind="nps", options=options, reasons=tuple(reasons), items=(name,)
            )
        )


def _within(
    answers: Answers, profile: Profile, high: int
) -> tuple[Answers | None, tuple[str, ...]]:
    """Answers up to a value, where few are beyond it; those count as not answered."""
    inside = {text: one for text, one in answers.values.items() if one <= high}
    beyond = tuple(text for text in answers.values if text not in inside)
    count = sum(profile.texts[text] for text in inside)
    if not inside or answers.count - count > ODD * answers.count:
        return None, ()
    kept = Answers(
        values=inside,
        missing=(*answers.missing, *map(code_of, beyond)),
        wording=answers.wording,
        count=count,
    )
    return kept, beyond
