"""The phrases of the page itself: headings, sentences, columns, units."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, tuple[str, str]]] = {
    # The page
    "untitled": ("Satisfaction report", "满意度报告"),
    "contents": ("Contents", "目录"),
    "headline": ("In short", "概要"),
    "asked": ("What was asked", "测量内容"),
    "quality": ("Data quality", "数据质量"),
    "methods": ("Methods and versions", "方法与版本"),
    "numbers": ("The numbers", "具体数值"),
    "pictures": ("Pictures", "图表"),
    "comparisons": ("Comparisons", "比较"),
    "no_script": (
        "The pictures need scripts, which are switched off here. Every number is in the tables.",
        "图表需要脚本支持，而此处已停用脚本。所有数值均可在表格中查到。",
    ),
    "not_drawn": (
        "This picture could not be drawn here. The numbers are in the tables below.",
        "此图表无法在此显示，具体数值请见下方表格。",
    ),
    "separator": (", ", "、"),
    "range": ("{low} to {high}", "{low} 至 {high}"),
    "brackets": ("{text} ({more})", "{text}（{more}）"),
    # What was asked
    "data": ("Data", "数据来源"),
    "responses": ("Responses", "答卷"),
    "responses_kept": ("{kept} kept of {read} read", "读取 {read} 份，保留 {kept} 份"),
    "reported_by": ("Reported by", "分组方式"),
    "total_only": ("all answers together", "仅报告总体"),
    "waves": ("Waves", "波次"),
    "waves_span": ("{count} ({first} to {last})", "共 {count} 个（{first} 至 {last}）"),
    "waves_span_one": ("1 ({first})", "1 个（{first}）"),
    "weight": ("Weighted by", "加权变量"),
    "confidence": ("Confidence level", "置信水平"),
    "min_base": ("Marked as small", "小样本标记"),
    "suppress_below": ("Withheld", "不予公布"),
    "fewer_than": ("fewer than {count} answers", "回答少于 {count} 份"),
    "times": (" × ", " × "),
    # Axes
    "total": ("All answers", "全部回答"),
    "absent": ("not given", "未填写"),
    "wave": ("wave", "波次"),
    "period_day": ("day", "日"),
    "period_week": ("week", "周"),
    "period_month": ("month", "月份"),
    "period_quarter": ("quarter", "季度"),
    "period_year": ("year", "年份"),
    # Headline
    "answers": ("{count} answers", "{count} 份回答"),
    "answers_one": ("1 answer", "1 份回答"),
    "headline_interval": (
        "From {base}. Values from {low} to {high} fit these answers ({level} interval).",
        "基于 {base}。与这些回答相符的取值为 {low} 至 {high}（{level} 区间）。",
    ),
    "headline_no_interval": (
        "From {base}. How sure it is can't be said: it has no interval.",
        "基于 {base}。该数值没有区间，无法说明其可靠程度。",
    ),
    "headline_counted": (
        "Counted in {base}; a count has no interval.",
        "由 {base}统计得出；计数没有区间。",
    ),
    "headline_effective": (
        "Weighted; as sure as {base} of equal weight.",
        "已加权；其可靠程度相当于 {base}（等权）。",
    ),
    "headline_small": (
        "Fewer than {count} answers: take it as a hint.",
        "回答少于 {count} 份：仅供参考。",
    ),
    "headline_suppressed": (
        "Withheld: fewer than {count} answers, or a group with fewer would be given away.",
        "不予公布：回答少于 {count} 份，或会泄露回答少于此数的群体。",
    ),
    "headline_undefined": (
        "No number follows from {base}.",
        "无法由 {base}得出数值。",
    ),
    "headline_empty": ("Nobody answered.", "无人作答。"),
    "headline_error": (
        "The metric failed; the reason stands under “{place}”.",
        "计算失败；原因见“{place}”。",
    ),
    "headline_absent": ("Not measured.", "未能测量。"),
    "headline_more": ("{count} more in the tables below.", "其余 {count} 项见下方表格。"),
    "headline_note": (
        (
            "How to read an interval: of many surveys done the same way, about {level} would give "
            "an interval that holds the true value. It allows for chance in who was asked. It does "
            "not allow for people who chose not to answer, or for questions that were misread."
        ),
        (
            "如何理解区间：若以同样方式进行多次调查，约 {level} 的调查所得区间会包含真实值。"
            "区间反映抽样的偶然性，但不反映拒答或误读题目带来的偏差。"
        ),
    ),
    # Tables of estimates
    "cell": ("Group", "分组"),
    "item": ("Item", "项目"),
    "value": ("Value", "数值"),
    "value_in": ("Value ({unit})", "数值（{unit}）"),
    "interval": ("{level} interval", "{level} 区间"),
    "base": ("Answers", "回答数"),
    "effective_base": ("Effective answers", "有效样本量"),
    "method": ("Method", "方法"),
    "status": ("Status", "状态"),
    "note": ("Note", "说明"),
    "by_axis": ("By {axis}", "按{axis}"),
    "by_waves": ("Wave by wave", "各波次数值"),
    "wave_head": ("Wave", "波次"),
    "rows_left_out": (
        "{count} more rows; the Excel workbook and --format csv have them all.",
        "另有 {count} 行；Excel 工作簿与 --format csv 含全部行。",
    ),
    "rows_left_out_one": (
        "1 more row; the Excel workbook and --format csv have them all.",
        "另有 1 行；Excel 工作簿与 --format csv 含全部行。",
    ),
    # The workbook
    "sheet_estimates": ("Estimates", "估计值"),
    "term": ("Term", "统计项"),
    "category": ("Category", "类别"),
    "std_error": ("Standard error", "标准误"),
    "low": ("Interval from", "区间下限"),
    "high": ("Interval to", "区间上限"),
    "unit": ("Unit", "单位"),
    "weighted_base": ("Weighted answers", "加权回答数"),
    "comparison": ("Comparison", "比较方式"),
    "standard": ("Standard", "标准"),
    "rule": ("Rule", "规则"),
    "rule_at_least": ("at least", "不低于"),
    "rule_at_most": ("at most", "不高于"),
    "rule_between": ("between", "介于"),
    "rule_no_worse_than": ("no worse than", "不差于"),
    "target_high": ("Target, upper", "目标上限"),
    "bound": ("One-sided bound", "单侧界限"),
    "topic": ("Topic", "主题"),
    "what": ("What", "内容"),
    "interval_method": ("Interval: {method}.", "区间方法：{method}。"),
    "no_interval_method": ("No interval.", "无区间。"),
    "folded": ("{caption} ({count} rows)", "{caption}（{count} 行）"),
    "folded_one": ("{caption} (1 row)", "{caption}（1 行）"),
    "no_rows": (
        "This metric gave no numbers.",
        "该指标未给出任何数值。",
    ),
    # Units
    "unit_points": ("points", "分"),
    "unit_percentage_points": ("percentage points", "百分点"),
    # Statuses: short, for cells; and what they mean, for the legend
    "status_ok": ("ok", "正常"),
    "status_small": ("small", "样本小"),
    "status_suppressed": ("withheld", "不公布"),
    "status_undefined": ("undefined", "无定义"),
    "status_empty": ("no answers", "无回答"),
    "status_error": ("failed", "失败"),
    "meaning_ok": ("the number stands", "数值有效"),
    "meaning_small": (
        "fewer than {min_base} answers, or so on one side of a comparison; read with care",
        "回答少于 {min_base} 份（或比较的一方如此），请谨慎解读",
    ),
    "meaning_suppressed": (
        "fewer than {suppress_below} answers, or it would give away such a group; not told",
        "回答少于 {suppress_below} 份，或会泄露这样的群体（比较的一方亦同），不予公布",
    ),
    "meaning_undefined": (
        "there are answers, but no number follows from them",
        "有回答，但无法得出数值",
    ),
    "meaning_empty": ("nobody answered", "无人作答"),
    "meaning_error": ("the metric failed on this group", "该指标在此分组上计算失败"),
    "statuses": ("Status", "状态说明"),
    # Comparisons
    "kind_null": ("Against a fixed value", "与固定值之比较"),
    "kind_paired": ("Item against item, same respondents", "同一受访者内两项之比较"),
    "about_null": (
        "Is the number different from this value? One family of tests for each group.",
        "该数值是否不同于此固定值？每组为一族检验。",
    ),
    "about_paired": (
        "The same people answered both, which the error takes into account.",
        "两项由同一批受访者回答，误差已考虑这一点。",
    ),
    "in_words": ("In words", "要点"),
    "findings_failed": (
        "The metric could not put its numbers into words: {reason}",
        "该指标未能给出文字说明：{reason}",
    ),
    "unit_answers": ("answers", "个回答"),
    "unit_coefficient": ("coefficient", "系数"),
    "unit_standard deviations": ("standard deviations", "标准差"),
    "kind_rest": ("Each group against the rest", "各组与其余各组之比较"),
    "kind_previous": ("Each wave against the one before", "各波次与上一波次之比较"),
    "kind_pair": ("Pair by pair", "两两比较"),
    "kind_heterogeneity": ("Do the groups differ at all?", "各组之间是否存在差异"),
    "about_rest": (
        "A group's number less the number of all other groups together.",
        "差值为该组数值减去其余各组合并后的数值。",
    ),
    "about_previous": (
        (
            "A wave's number less that of the wave before. Different respondents in each wave are "
            "assumed; where the same people answer again, these tests do not hold."
        ),
        (
            "差值为该波次数值减去上一波次数值。此处假定各波次的受访者互不相同；"
            "若为同一批人重复作答，则以下检验不成立。"
        ),
    ),
    "about_pair": (
        "The first group's number less the second's.",
        "差值为前一组数值减去后一组数值。",
    ),
    "about_heterogeneity": (
        "One test over all groups: could they share a single value?",
        "对所有组进行一次总体检验：它们是否可能具有同一数值？",
    ),
    "adjusted_note": (
        (
            "“Adjusted p” allows for the number of comparisons made (Holm). A difference counts as "
            "shown where it is below {alpha}; “not shown” does not mean that there is none. "
            "The intervals are not adjusted."
        ),
        (
            "“校正后 p 值”已考虑比较次数（Holm 法）。低于 {alpha} 时视为差异已得到证实；"
            "“未证实”并不表示没有差异。区间未作校正。"
        ),
    ),
    "term_by_kind": ("{term}: {kind}", "{term}：{kind}"),
    "against": ("Against", "对照组"),
    "difference_in": ("Difference ({unit})", "差值（{unit}）"),
    "difference": ("Difference", "差值"),
    "p": ("p", "p 值"),
    "p_adjusted": ("Adjusted p", "校正后 p 值"),
    "finding": ("Finding", "结论"),
    "higher": ("higher", "较高"),
    "lower": ("lower", "较低"),
    "not_shown": ("not shown", "未证实"),
    "shown": ("differ", "有差异"),
    "test": ("Test", "检验"),
    "statistic": ("Statistic", "统计量"),
    "df": ("Degrees of freedom", "自由度"),
    "across": ("Across", "比较维度"),
    "within": ("Within", "范围"),
    "along": ("compared by {axis}", "按{axis}比较"),
    "overall_tests": ("{term}: tests over all groups", "{term}：总体检验"),
    "overall_tests_within": (
        "{term}: tests over all groups, within another",
        "{term}：在另一分组内的总体检验",
    ),
    "more_comparisons": ("The same comparisons for {terms}", "{terms}的同类比较"),
    "mover_of": ("interval by MOVER from {method}", "区间由{method}经 MOVER 得出"),
    "comparison_method": ("Test and interval: {method}.", "检验与区间：{method}。"),
    # Service standards
    "standards": ("Service standards", "服务标准"),
    "standards_note": (
        (
            "Met: the one-sided bound clears the target. Not met: the bound on the other side "
            "fails it. Not shown: these answers leave it open; “needed” is about how many more "
            "would decide, should the value stay as it is."
        ),
        (
            "达标：单侧界限满足目标。未达标：另一侧界限不满足目标。"
            "未能判定：现有回答不足以判定；“尚需回答”为数值不变时作出判定大约还需的回答数。"
        ),
    ),
    "standard_at_least": ("{what}: at least {target}", "{what}：不低于 {target}"),
    "standard_at_most": ("{what}: at most {target}", "{what}：不高于 {target}"),
    "standard_between": (
        "{what}: between {low} and {high}",
        "{what}：介于 {low} 与 {high} 之间",
    ),
    "standard_no_worse": ("{what}: no worse than {against}", "{what}：不差于 {against}"),
    "standard_little_worse": (
        "{what}: no more than {margin} worse than {against}",
        "{what}：与 {against} 相比至多差 {margin}",
    ),
    "standard_by": ("{text}, by {axis}", "{text}（按{axis}）"),
    "standard_said": ("{sign} {standard}: {told}", "{sign} {standard}：{told}"),
    "within_term": ("{text}, {term}", "{text} · {term}"),
    "target": ("Target", "目标"),
    "no_worse": ("no worse", "不更差"),
    "one_sided_bound": ("One-sided bound ({level})", "单侧界限（{level}）"),
    "outcome": ("Outcome", "结果"),
    "outcome_met": ("met", "达标"),
    "outcome_not_met": ("not met", "未达标"),
    "outcome_not_shown": ("not shown", "未能判定"),
    "outcome_count": ("{count} {outcome}", "{count} 组{outcome}"),
    "needed": ("Answers still needed", "尚需回答"),
    # Pictures
    "picture_total": ("{term}, all answers", "{term}：全部回答"),
    "picture_by": ("{term} by {axis}", "按{axis}划分的{term}"),
    "picture_largest": (
        "{title} (the {shown} largest of {count} groups)",
        "{title}（{count} 组中回答最多的 {shown} 组）",
    ),
    "picture_axis": ("{term} ({unit})", "{term}（{unit}）"),
    "picture_alt": (
        "Dots are estimates, bars their {level} intervals; the dashed line is all answers.",
        "圆点为估计值，线段为 {level} 区间；虚线为全部回答。",
    ),
    "picture_alt_plain": (
        "Dots are estimates, bars their {level} intervals.",
        "圆点为估计值，线段为 {level} 区间。",
    ),
    "picture_alt_wave": (
        (
            "The line joins the estimates of neighbouring waves, the band is their {level} "
            "interval; a wave without a number is a gap."
        ),
        "折线连接相邻波次的估计值，色带为 {level} 区间；没有数值的波次留空。",
    ),
    "picture_hollow": ("Hollow dots rest on few answers.", "空心圆点表示回答较少。"),
    "picture_failed": (
        "The metric's own pictures failed ({reason}). A plain one is shown instead.",
        "该指标自带的图表生成失败（{reason}），改用通用图表。",
    ),
    "picture_failed_only": (
        "The metric's own pictures failed ({reason}). The numbers are in the tables.",
        "该指标自带的图表生成失败（{reason}），具体数值见表格。",
    ),
    # What the core says beside a number
    "semicolon": ("; ", "；"),
    # Data quality
    "kept_and_dropped": ("Responses read and kept", "读取与保留的答卷"),
    "step": ("Step", "步骤"),
    "rows": ("Responses", "答卷数"),
    "share_of_read": ("Share of read", "占读取数"),
    "read": ("Read", "读取"),
    "dropped_by": ("Dropped: {column} {rule}", "剔除：{column} {rule}"),
    "kept": ("Kept", "保留"),
    "items_answered": ("How each item was answered", "各题作答情况"),
    "question": ("Question", "题目"),
    "scale": ("Scale", "量表"),
    "answered": ("Answered", "有效回答"),
    "answered_share": ("Answered, %", "有效回答率"),
    "missing": ("Missing", "缺失"),
    "invalid": ("Outside the scale", "超出量表"),
    "reason_not_answered": ("not answered", "未作答"),
    "reason_count": ("{reason}: {count}", "{reason}：{count}"),
    "invalid_error": (
        "An answer outside its scale would have stopped the run.",
        "若存在超出量表范围的回答，计算会中止。",
    ),
    "invalid_missing": (
        "Answers outside their scale were counted and set aside as missing.",
        "超出量表范围的回答已计数，并按缺失处理。",
    ),
    "items_note": (
        "Over all kept responses, without weights.",
        "基于全部保留的答卷，未加权。",
    ),
    "failures": ("What could not be measured", "未能测量的内容"),
    "metric": ("Metric", "指标"),
    "failed_cells": ("Groups", "分组数"),
    "reason": ("Reason", "原因"),
    "failed_in": ("Not measured in {count} groups: ", "在 {count} 个分组中未能测量："),
    "failed_in_one": ("Not measured in 1 group: ", "在 1 个分组中未能测量："),
    "no_failures": ("Every metric was measured in every group.", "所有指标在各分组均已测量。"),
    "notes": ("Notes", "备注"),
    # Methods
    "metrics_measured": ("What was measured, and by which plugin", "测量的指标及其插件"),
    "kind": ("Kind", "类型"),
    "options": ("Options", "选项"),
    "plugin": ("Plugin", "插件"),
    "no_plugin": ("given by the caller", "由调用方直接提供"),
    "intervals_and_tests": ("Intervals and tests in this report", "本报告使用的区间与检验"),
    "unknown_method": (
        "A method of the metric's own; its plugin tells more.",
        "该指标自有的方法，详见其插件文档。",
    ),
    "source": ("Source: {source}.", "来源：{source}。"),
    "versions": ("Versions", "版本"),
    "software": ("Software", "软件"),
    "version": ("Version", "版本号"),
    # Choosing, long tables, pictures without scripts
    "skip": ("Skip to the contents", "跳到正文"),
    "choose": ("Choose what is shown", "选择显示内容"),
    "choose_all": ("all", "全部"),
    "choose_some": ("{count} of {all}", "{all} 项中的 {count} 项"),
    "choose_find": ("Find in {axis}", "在{axis}中查找"),
    "choose_clear": ("Show everything", "显示全部"),
    "choose_axis": ("Only {axis}", "仅{axis}"),
    "chosen_all": ("Everything is shown.", "当前显示全部内容。"),
    "chosen_axis": ("{axis}: {labels}", "{axis}：{labels}"),
    "chosen_more": ("{labels} and {count} more", "{labels} 等另外 {count} 项"),
    "chosen_some": (
        (
            "Shown: {choice}. Totals stay. Findings, and sentences beside pictures, still speak of "
            "all groups. Shortened: {tables} tables, {pictures} pictures; left out: {hidden} "
            "pictures."
        ),
        (
            "当前仅显示：{choice}。总体仍然保留；结论及图旁文字仍针对全部分组。"
            "已缩减 {tables} 个表格、{pictures} 个图表，另有 {hidden} 个图表未显示。"
        ),
    ),
    "rows_shown": ("Rows {first} to {last} of {count}", "第 {first} 至 {last} 行，共 {count} 行"),
    "rows_none": ("No row of this table was chosen.", "此表没有符合所选内容的行。"),
    "rows_before": ("Previous rows", "上一页"),
    "rows_after": ("Next rows", "下一页"),
    "rows_find": ("Rows that hold", "包含以下文字的行"),
    "rows_cut": (
        (
            "The first {shown} of {count} rows. All of them are in the CSV file that satcore "
            "writes with -o rows.csv."
        ),
        (
            "此处为 {count} 行中的前 {shown} 行；"
            "全部行可在 satcore 用 -o rows.csv 写出的 CSV 文件中查到。"
        ),
    ),
    "comparisons_cut": (
        (
            "{shown} of {count} comparisons, those that show a difference first. All of them are "
            "in the CSV file that satcore writes with -o rows.csv --rows comparisons."
        ),
        (
            "此处为 {count} 个比较中的 {shown} 个，优先列出显示出差异的比较；"
            "全部比较可在 satcore 用 -o rows.csv --rows comparisons 写出的 CSV 文件中查到。"
        ),
    ),
    "said_more": ("{count} more sentences", "另外 {count} 句"),
    "said_more_one": ("1 more sentence", "另外 1 句"),
    "numbers_behind": ("The numbers behind this picture", "此图的数据"),
    "picture_named": ("{title}. {alt}", "{title}。{alt}"),
    "picture_not_static": (
        "This picture could not be drawn: {reason}. The numbers are in the tables below.",
        "此图表无法绘制：{reason}。具体数值请见下方表格。",
    ),
}
