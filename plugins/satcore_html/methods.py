"""What the names of intervals and tests mean, and where they come from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attrs import frozen

from satcore_html.methods_drivers import DRIVERS_METHODS
from satcore_html.methods_trend import TREND_METHODS
from satcore_html.words import LANGUAGES, Words


@frozen
class Method:
    """A method, in every language.

    Attributes:
        title: Its short name, in the order of ``LANGUAGES``.
        text: What it does, likewise.
        source: Where it was published; names and years need no translation.
    """

    title: tuple[str, str]
    text: tuple[str, str]
    source: str = ""


METHODS: Final[dict[str, Method]] = {
    "adjusted_wald": Method(
        ("adjusted Wald", "调整 Wald"),
        (
            (
                "Three pseudo-answers (3/4 low, 1 1/2 middle, 3/4 high) are added before the "
                "interval is taken as the estimate plus and minus z standard errors, cut at -100 "
                "and 100. Only the interval is adjusted, the value shown is not."
            ),
            (
                "先加入三个虚拟回答（低分 3/4、中间 1 1/2、高分 3/4），再取估计值加减 z 倍标准误，"
                "并截于 -100 与 100 之间。仅区间经过调整，所示数值未调整。"
            ),
        ),
        "Rocks (2016), The American Statistician 70",
    ),
    "score": Method(
        ("score", "得分检验"),
        (
            (
                "All values that a score test does not refuse; the error is computed as if each "
                "value were the true one."
            ),
            "得分检验未拒绝的所有取值；计算误差时假定各取值即为真值。",
        ),
        "Tango (1998), Statistics in Medicine 17",
    ),
    "log_t": Method(
        ("t on log(1 - value)", "log(1 - 值) 上的 t"),
        (
            (
                "Student's t on the logarithm of the distance to 1, with an error that follows "
                "from the fourth moments and supposes no distribution."
            ),
            "对到 1 的距离取对数后的 t 区间；误差由四阶矩得出，不假定分布。",
        ),
        "delta method; compare Bonett (2002), Journal of Educational and Behavioral Statistics 27",
    ),
    "feldt": Method(
        ("Feldt", "Feldt"),
        (
            "From the F distribution; exact for normal items that are parallel.",
            "由 F 分布得出；对平行且正态的题项是精确的。",
        ),
        "Feldt (1965), Psychometrika 30",
    ),
    "monte_carlo": Method(
        ("Monte Carlo", "蒙特卡罗"),
        (
            "The error of the simulation itself, not of the answers.",
            "仅为模拟本身的误差，而非回答的误差。",
        ),
    ),
    "replicates": Method(
        ("replicates", "重复抽样"),
        (
            "The spread over replicates in which each respondent counts a Poisson number of times.",
            "在各受访者按泊松次数计入的重复样本间的离散程度。",
        ),
        "Hanley and MacGibbon (2006), Computer Methods and Programs in Biomedicine 83",
    ),
    "paired delta": Method(
        ("paired, delta method", "配对，delta 法"),
        (
            "The error of a difference between two coefficients of the same respondents.",
            "同一批受访者的两个系数之差的误差。",
        ),
    ),
    "wilcoxon": Method(
        ("Wilcoxon", "Wilcoxon 符号秩"),
        (
            (
                "Signed ranks of the differences; zeros left out, ties share a mean rank; normal "
                "approximation, not corrected."
            ),
            "差值的符号秩检验；不计零差值，同值取平均秩，正态近似且无连续性校正。",
        ),
        "Wilcoxon (1945), Biometrics Bulletin 1",
    ),
    "wald": Method(
        ("Wald", "Wald"),
        (
            "The estimate plus and minus z standard errors.",
            "估计值加减 z 倍标准误。",
        ),
    ),
    "may_johnson": Method(
        ("May-Johnson", "May-Johnson"),
        (
            (
                "All values that a Wald test does not refuse when the error is computed with that "
                "value; the solution of a quadratic equation."
            ),
            "以各取值本身计算误差时 Wald 检验未拒绝的所有取值，由二次方程解得。",
        ),
        "May, Johnson (1997), Statistical Methods in Medical Research",
    ),
    "bootstrap": Method(
        ("bootstrap", "自助法"),
        (
            (
                "Percentiles of the value over many samples redrawn from the answers, with a fixed "
                "seed."
            ),
            "从回答中多次重抽样（随机种子固定），取所得数值的百分位数。",
        ),
        "Efron (1979), The Annals of Statistics 7",
    ),
    "linearised": Method(
        ("linearised, t", "线性化（t）"),
        (
            (
                "The estimate plus and minus t standard errors; the error is Taylor-linearised and "
                "allows for weights."
            ),
            "估计值加减 t 倍标准误；标准误由 Taylor 线性化求得，已计入权重。",
        ),
        "Binder (1983), International Statistical Review 51",
    ),
    "wilson": Method(
        ("Wilson", "Wilson"),
        (
            (
                "The score interval of a share. Under weights it rests on the effective sample "
                "that gives the linearised error, with t for z."
            ),
            "比例的得分区间。加权时以产生同一线性化标准误的有效样本量计算，并以 t 代替 z。",
        ),
        "Wilson (1927), JASA 22; Korn, Graubard (1998), Survey Methodology 24",
    ),
    "wilson_ratio": Method(
        ("Wilson, ratio", "Wilson（比率）"),
        (
            (
                "The score interval of a share of answers, some of which come from the same "
                "respondent: it rests on the number of answers that would give the ratio's "
                "linearised error, with t for z."
            ),
            (
                "回答占比的得分区间；同一受访者可给出多个回答，故以产生该比率线性化标准误的"
                "回答数计算，并以 t 代替 z。"
            ),
        ),
        "Wilson (1927), JASA 22; Korn, Graubard (1998), Survey Methodology 24",
    ),
    "t": Method(
        ("Student's t", "Student t"),
        (
            "The estimate plus and minus t standard errors.",
            "估计值加减 t 倍标准误。",
        ),
        "Student (1908), Biometrika 6",
    ),
    "z": Method(
        ("z test", "z 检验"),
        (
            "The difference over its standard error, held against the normal distribution.",
            "差值除以其标准误，与正态分布比较。",
        ),
    ),
    "unpooled z": Method(
        ("unpooled z test", "非合并 z 检验"),
        (
            (
                "The difference over the standard error of both groups, each with its own "
                "variance, held against the normal distribution; where both groups are unanimous, "
                "their common variance stands in."
            ),
            "差值除以两组各自方差所得的标准误，与正态分布比较；若两组内部均完全一致，则改用合并方差。",
        ),
    ),
    "mover": Method(
        ("MOVER", "MOVER"),
        (
            "The interval of a difference, recovered from the intervals of its two parts.",
            "由两部分各自的区间推得差值的区间。",
        ),
        "Newcombe (1998), Statistics in Medicine 17; Zou, Donner (2008), Statistics in Medicine 27",
    ),
    "cochran_q": Method(
        ("Cochran's Q", "Cochran Q"),
        (
            (
                "The groups' estimates about their mean, each weighted by its precision, held "
                "against chi-square."
            ),
            "各组估计值围绕其加权均值（按精度加权）的离散程度，与卡方分布比较。",
        ),
        "Cochran (1954), Biometrics 10",
    ),
    "chi_square": Method(
        ("chi-square", "卡方"),
        (
            "The table of answer classes by group against what equal shares would give.",
            "将“回答类别 × 分组”列联表与各组构成相同时的期望比较。",
        ),
        "Pearson (1900), Philosophical Magazine 50",
    ),
    "holm": Method(
        ("Holm", "Holm"),
        (
            (
                "P-values adjusted step by step, so that over all comparisons of one kind the "
                "chance of any false finding stays at the chosen level."
            ),
            "逐步校正 p 值，使同类全部比较中出现任一错误结论的概率不超过设定水平。",
        ),
        "Holm (1979), Scandinavian Journal of Statistics 6",
    ),
    **{name: Method(*told) for name, told in TREND_METHODS.items()},
    **{name: Method(*told) for name, told in DRIVERS_METHODS.items()},
}


_MOVER_OF: Final = "mover of "


def names_in(method: str) -> list[str]:
    """The single methods that a row's method is made of.

    ``"unpooled z; mover of score"`` is a test, then how its interval was made.
    """
    names: list[str] = []
    for part in method.split(";"):
        name = part.strip()
        if name.startswith(_MOVER_OF):
            names += ["mover", name.removeprefix(_MOVER_OF)]
        elif name:
            names.append(name)
    return names


def title(method: str, words: Words) -> str:
    """A row's method for people; a name that no one explained stays as it is."""
    parts = [part.strip() for part in method.split(";") if part.strip()]
    return words("semicolon").join(
        words("mover_of", method=_title(part.removeprefix(_MOVER_OF), words))
        if part.startswith(_MOVER_OF)
        else _title(part, words)
        for part in parts
    )


def _title(name: str, words: Words) -> str:
    known = METHODS.get(name)
    return known.title[LANGUAGES.index(words.language)] if known else name


@frozen(kw_only=True)
class Explained:
    """A method as the page tells it.

    Attributes:
        name: Its name in rows of results.
        title: Its name for people.
        text: What it does.
        source: Where it was published; empty where nobody has to be named.
    """

    name: str
    title: str
    text: str
    source: str


def explained(names: Iterable[str], words: Words) -> list[Explained]:
    """The methods that a report used, each once, in the order of first use."""
    told = []
    for name in dict.fromkeys(names):
        known = METHODS.get(name)
        told.append(
            Explained(
                name=name,
                title=_title(name, words),
                text=known.text[LANGUAGES.index(words.language)]
                if known
                else words("unknown_method"),
                source=words("source", source=known.source) if known and known.source else "",
            )
        )
    return told
