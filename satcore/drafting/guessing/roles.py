"""Which responses do not count, the weight, the respondent."""

from __future__ import annotations

from typing import Final

from satcore.drafting import wordings
from satcore.drafting.guesses import KeepGuess, needs, said
from satcore.drafting.guessing.limits import GROUPS
from satcore.drafting.guessing.sheet import Sheet

#: What a mean weight may be.
WEIGHTS: Final = (0.5, 2.0)


def status(sheet: Sheet) -> None:
    """Responses that were not finished, previews and tests.

    Where rows are cases or customers, what has not ended counts, and none is dropped.
    """
    if sheet.cases:
        for name in list(sheet.free):
            if wordings.STATUS.search(name.casefold()):
                sheet.leave(name, said("status_of_case"))
        return
    for name in list(sheet.free):
        profile = sheet.profiles[name]
        if profile.many:
            continue
        if wordings.SUBMITTED.fullmatch(name.casefold()) and profile.empty:
            sheet.claim(name)
            sheet.made.keep.append(
                KeepGuess(
                    column=name, drop=("",), reason=said("not_submitted", count=profile.empty)
                )
            )
        elif wordings.STATUS.search(name.casefold()) and len(profile.texts) <= GROUPS:
            words = wordings.NOT_COMPLETE
            if any(one.kind == "churn" for one in sheet.made.metrics):
                words -= wordings.NO_CUSTOMER
            if wordings.FINISHED.search(name.casefold()):
                words |= wordings.NOT_FINISHED
            drop = tuple(text for text in profile.texts if text.strip().casefold() in words)
            count = sum(profile.texts[text] for text in drop)
            if drop and count < profile.rows:
                sheet.claim(name)
                sheet.made.keep.append(
                    KeepGuess(column=name, drop=drop, reason=said("dropped", count=count))
                )


def weight(sheet: Sheet) -> None:
    """The weight: named so, 0 or more everywhere, with a mean about 1."""
    declared = sheet.dictionary.weight
    wanted = [declared] if declared in sheet.free else []
    wanted += [name for name in sheet.free if wordings.WEIGHT.fullmatch(name.casefold())]
    for name in dict.fromkeys(filter(None, wanted)):
        profile = sheet.profiles[name]
        if not profile.numbers or profile.numbers < profile.filled:
            continue
        mean = round(profile.mean, 3)
        if profile.empty:
            sheet.leave(name, said("weight_empty", count=profile.empty))
        elif profile.low < 0 or not profile.total:
            sheet.leave(name, said("weight_negative"))
        elif name != declared and not WEIGHTS[0] <= profile.mean <= WEIGHTS[1]:
            sheet.leave(name, needs("weight_mean", mean=mean))
        elif sheet.made.weight is not None:
            sheet.leave(name, said("weight_second"))
        else:
            sheet.claim(name)
            key = "weight_declared" if name == declared else "weight"
            sheet.made.weight = (name, said(key, mean=mean))


def respondent(sheet: Sheet) -> None:
    """The column that tells respondents apart."""
    for name in list(sheet.free):
        profile = sheet.profiles[name]
        if not profile.unique or profile.rows < 2 or profile.empty:
            continue
        if profile.numbers == profile.filled and not profile.whole:
            continue  # an amount, whatever its name
        if not wordings.ID.search(name.casefold()) or sheet.form(name) is not None:
            continue
        if sheet.made.respondent is None:
            sheet.claim(name)
            sheet.made.respondent = (name, said("respondent"))
        else:
            sheet.leave(name, said("id"))
