"""The questionnaire: the substantive questions of HCAHPS, in words of our own."""

from __future__ import annotations

from typing import Final

from attrs import frozen
from satcore import Scale

_FREQUENCY: Final = Scale.of_codes({"Never": 1, "Sometimes": 2, "Usually": 3, "Always": 4})
_YES: Final = Scale.of_codes({"No": 0, "Yes": 1})
_AGREEMENT: Final = Scale.of_codes(
    {"Strongly disagree": 1, "Disagree": 2, "Agree": 3, "Strongly agree": 4}
)
_INTENTION: Final = Scale.of_codes(
    {"Definitely no": 1, "Probably no": 2, "Probably yes": 3, "Definitely yes": 4}
)
_RATING: Final = Scale(low=0, high=10)


@frozen
class Question:
    """A question.

    Attributes:
        code: What the questionnaire calls it, and its column where a study names no other.
        asks: What it asks.
        scale: The answers allowed.
        top: The lowest answer of the top box.
    """

    code: str
    asks: str
    scale: Scale
    top: int

    @property
    def best(self) -> range:
        """The answers of the top box."""
        return range(self.top, self.scale.high + 1)


#: The questions, in the order in which they are asked.
QUESTIONS: Final = (
    Question("nurse_respect", "How often nurses were courteous and respectful", _FREQUENCY, 4),
    Question("nurse_listen", "How often nurses listened with care", _FREQUENCY, 4),
    Question("nurse_explain", "How often nurses explained so that it was clear", _FREQUENCY, 4),
    Question("staff_call", "How often help came soon after the call button", _FREQUENCY, 4),
    Question("doctor_respect", "How often doctors were courteous and respectful", _FREQUENCY, 4),
    Question("doctor_listen", "How often doctors listened with care", _FREQUENCY, 4),
    Question("doctor_explain", "How often doctors explained so that it was clear", _FREQUENCY, 4),
    Question("room_clean", "How often room and bathroom were clean", _FREQUENCY, 4),
    Question("room_quiet", "How often it was quiet around the room at night", _FREQUENCY, 4),
    Question("staff_toilet", "How often help to the toilet came soon", _FREQUENCY, 4),
    Question("medicine_purpose", "How often staff told what a new drug was for", _FREQUENCY, 4),
    Question("medicine_effects", "How often staff told of its side effects clearly", _FREQUENCY, 4),
    Question("discharge_help", "Whether help needed at home was talked about", _YES, 1),
    Question("discharge_written", "Whether symptoms to watch for were written down", _YES, 1),
    Question("rating", "The hospital, from worst (0) to best (10)", _RATING, 9),
    Question("recommend", "Whether it would be recommended to friends", _INTENTION, 4),
    Question("transition_wishes", "Own wishes counted in what care came after", _AGREEMENT, 4),
    Question("transition_duties", "It was clear what to do for one's health", _AGREEMENT, 4),
    Question("transition_medicines", "It was clear what each drug was for", _AGREEMENT, 4),
)


@frozen
class Measure:
    """What is reported: one question, or a composite of several.

    Attributes:
        name: Its name, the ``item`` of its rows.
        codes: Its questions.
        en: Its name for people.
        zh: The same, in Chinese.
    """

    name: str
    codes: tuple[str, ...]
    en: str
    zh: str

    @property
    def questions(self) -> tuple[Question, ...]:
        """Its questions."""
        return tuple(one for one in QUESTIONS if one.code in self.codes)


#: The measures, in the order in which they are reported.
MEASURES: Final = (
    Measure(
        "nurses",
        ("nurse_respect", "nurse_listen", "nurse_explain"),
        "Communication with nurses",
        "与护士的沟通",
    ),
    Measure(
        "doctors",
        ("doctor_respect", "doctor_listen", "doctor_explain"),
        "Communication with doctors",
        "与医生的沟通",
    ),
    Measure("staff", ("staff_call", "staff_toilet"), "Responsiveness of staff", "员工响应"),
    Measure(
        "medicines", ("medicine_purpose", "medicine_effects"), "Talk about medicines", "用药沟通"
    ),
    Measure(
        "discharge", ("discharge_help", "discharge_written"), "Discharge information", "出院信息"
    ),
    Measure(
        "transition",
        ("transition_wishes", "transition_duties", "transition_medicines"),
        "Care transition",
        "照护衔接",
    ),
    Measure("clean", ("room_clean",), "Cleanliness", "清洁"),
    Measure("quiet", ("room_quiet",), "Quietness", "安静"),
    Measure("rating", ("rating",), "Overall rating", "总体评分"),
    Measure("recommend", ("recommend",), "Would recommend", "愿意推荐"),
)
