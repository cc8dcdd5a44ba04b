"""What means "not answered", and what the questions say."""

from __future__ import annotations

from satcore.drafting.guessing.sheet import Sheet
from satcore.drafting.guessing.texts import writable
from satcore.drafting.scales import whole


def missing_codes(sheet: Sheet) -> None:
    """Codes of "not answered": for all items, or where one of them allows it, for its own."""
    valid = {text for one in sheet.used.values() for text in one.values}
    valid |= {str(number) for number in range(11)}
    every: dict[str, None] = {}
    for name, answers in sheet.used.items():
        for text in answers.missing:
            if not writable(text):
                continue
            if text in valid or _counts(sheet, text):
                sheet.made.item_missing.setdefault(name, []).append(text)
            else:
                every[text] = None
    sheet.made.missing = sorted(every, key=lambda text: (whole(text) is not None, text))


def _counts(sheet: Sheet, text: str) -> bool:
    """Whether a number may be a count, or a time, in a column that a metric takes."""
    number = whole(text)
    return number is not None and any(
        sheet.profiles[name].low <= number <= sheet.profiles[name].high for name in sheet.counted
    )


def labels(sheet: Sheet) -> None:
    """What the questions say, for people."""
    for metric in sheet.made.metrics:
        # A metric of several answers names its options itself.
        for name in metric.items if metric.kind != "multiple" else ():
            label = sheet.label(name)
            if label and writable(label):
                sheet.made.labels[name] = label
