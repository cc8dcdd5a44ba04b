"""The phrases of the page of findings."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, tuple[str, str]]] = {
    "findings": ("Findings", "主要发现"),
    "question": ("Question", "问题"),
    "question_stands_out": ("What stands out?", "有何突出之处？"),
    "question_changed": ("What changed?", "有何变化？"),
    "question_standards": ("Are the standards met?", "是否达标？"),
    "question_unsaid": ("What can't be said?", "哪些无法判断？"),
    "nothing_stands_out": (
        "No groups or items could be held against each other.",
        "没有可供比较的分组或项目。",
    ),
    "nothing_changed": ("No two waves could be held against each other.", "没有可供比较的波次。"),
    "nothing_standards": ("The study sets no standards.", "研究未设定标准。"),
    "nothing_unsaid": (
        (
            "No main number was withheld, failed or is marked as resting on few answers, and no "
            "response was dropped."
        ),
        "主要数值均未隐去、失败或标记为样本小，也没有答卷被剔除。",
    ),
    "findings_more": ("{count} more stand in the sections below.", "另有 {count} 条见下文各节。"),
    "how_sure": ("How sure", "可靠程度"),
    "difference_low": ("Difference from", "差值下限"),
    "difference_high": ("Difference to", "差值上限"),
    "tables_left_out": (
        "Tables of other numbers ({terms}) stand in the Excel workbook and --format csv.",
        "其他统计项（{terms}）的表格见 Excel 工作簿与 --format csv。",
    ),
    "findings_more_one": ("1 more stands in the sections below.", "另有 1 条见下文各节。"),
    "findings_note": (
        (
            "A difference is told only where its p-value, adjusted for the number of comparisons "
            "(Holm), is below {alpha} and its whole {level} interval lies on one side. "
            "{count} families of comparisons stand behind this page; where nothing differed at "
            "all, up to about {chance} of them would still show something by chance. What would "
            "stand though all of them were allowed for comes first; the rest is marked."
        ),
        (
            "仅当差异的校正后 p 值（按比较次数以 Holm 法校正）低于 {alpha}、且整个 {level} "
            "区间位于同一侧时，才作为发现列出。本页基于 {count} 族比较；"
            "即使完全没有差异，其中至多约 {chance} 族仍会因偶然而显示差异。"
            "顾及全部比较后仍成立的发现排在前面，其余均有标注。"
        ),
    ),
    "findings_note_one": (
        (
            "A difference is told only where its p-value, adjusted for the number of comparisons "
            "(Holm), is below {alpha} and its whole {level} interval lies on one side."
        ),
        (
            "仅当差异的校正后 p 值（按比较次数以 Holm 法校正）低于 {alpha}、且整个 {level} "
            "区间位于同一侧时，才作为发现列出。"
        ),
    ),
    # Numbers
    "amount": ("{number} {unit}", "{number} {unit}"),
    "finding_span": ("{level} interval {low} to {high}", "{level} 区间 {low} 至 {high}"),
    "item_number": ("item {item}", "题项 {item}"),
    "subject_item": ("{metric}, {item}", "{metric} · {item}"),
    # Claims
    "finding_rest_high": (
        "{cell}: higher than the rest by {axis}; {value}, a difference of {difference} ({span}).",
        "{cell}：高于其余各组（按{axis}）；{value}，差值 {difference}（{span}）。",
    ),
    "finding_rest_low": (
        "{cell}: lower than the rest by {axis}; {value}, a difference of {difference} ({span}).",
        "{cell}：低于其余各组（按{axis}）；{value}，差值 {difference}（{span}）。",
    ),
    "finding_pair_high": (
        "{cell}: higher than {against}; {value}, a difference of {difference} ({span}).",
        "{cell}：高于{against}；{value}，差值 {difference}（{span}）。",
    ),
    "finding_pair_low": (
        "{cell}: lower than {against}; {value}, a difference of {difference} ({span}).",
        "{cell}：低于{against}；{value}，差值 {difference}（{span}）。",
    ),
    "finding_previous_rose": (
        "{cell}: rose from {before} to {wave}; now {value}, a change of {difference} ({span}).",
        "{cell}：由 {before} 至 {wave} 上升；现为 {value}，变化 {difference}（{span}）。",
    ),
    "finding_previous_fell": (
        "{cell}: fell from {before} to {wave}; now {value}, a change of {difference} ({span}).",
        "{cell}：由 {before} 至 {wave} 下降；现为 {value}，变化 {difference}（{span}）。",
    ),
    "finding_null_high": (
        "{cell}: above {target}, by {difference} ({span} for the difference).",
        "{cell}：高于 {target}，相差 {difference}（差值的 {span}）。",
    ),
    "finding_null_low": (
        "{cell}: below {target}, by {difference} ({span} for the difference).",
        "{cell}：低于 {target}，相差 {difference}（差值的 {span}）。",
    ),
    "finding_paired_item_high": (
        "{cell}: {item} is higher than {against}, by {difference} ({span}).",
        "{cell}：{item}高于{against}，差值 {difference}（{span}）。",
    ),
    "finding_paired_item_low": (
        "{cell}: {item} is lower than {against}, by {difference} ({span}).",
        "{cell}：{item}低于{against}，差值 {difference}（{span}）。",
    ),
    "sure_above": (
        "The whole interval lies above 0; adjusted p {p}.",
        "整个区间高于 0；校正后 p 值 {p}。",
    ),
    "sure_below": (
        "The whole interval lies below 0; adjusted p {p}.",
        "整个区间低于 0；校正后 p 值 {p}。",
    ),
    "sure_chance": (
        "Among so many comparisons it may still be chance: see the note below.",
        "在如此多的比较中，这仍可能出于偶然：见下方说明。",
    ),
    "sure_small": (
        "It rests on fewer than {count} answers, here or on the other side: take it as a hint.",
        "此处或对照一方的回答少于 {count} 份：仅供参考。",
    ),
    # Items among each other
    "finding_highest": (
        "{item} is the highest of {of} items in these answers: {value} ({span}).",
        "在这些回答中，{of} 个项目里{item}最高：{value}（{span}）。",
    ),
    "finding_lowest": (
        "{item} is the lowest of {of} items in these answers: {value} ({span}).",
        "在这些回答中，{of} 个项目里{item}最低：{value}（{span}）。",
    ),
    "sure_apart": (
        "No other item's interval reaches as far.",
        "没有其他项目的区间达到此范围。",
    ),
    "sure_overlap": (
        "The intervals of {count} other items reach into its own: its place is not sure.",
        "另有 {count} 个项目的区间与其重叠：排名并不确定。",
    ),
    "sure_overlap_one": (
        "The interval of 1 other item reaches into its own: its place is not sure.",
        "另有 1 个项目的区间与其重叠：排名并不确定。",
    ),
    # Where nothing was shown
    "none_rest": (
        "By {axis}, no group was shown to differ from the rest{within}{items}",
        "按{axis}，没有任何一组被证实不同于其余各组{within}{items}",
    ),
    "none_pair": (
        "By {axis}, no two groups were shown to differ{within}{items}",
        "按{axis}，没有任何两组被证实存在差异{within}{items}",
    ),
    "none_previous": (
        "From one wave to the next, no change was shown{within}{items}",
        "相邻波次之间没有证实任何变化{within}{items}",
    ),
    "none_null": (
        "No number was shown to differ from {target}{within}{items}",
        "没有数值被证实不同于 {target}{within}{items}",
    ),
    "none_paired": (
        "No two items were shown to differ{within}{items}",
        "没有任何两个项目被证实存在差异{within}{items}",
    ),
    "none_items": (", in {count} of {of} items", "（涉及 {of} 个项目中的 {count} 个）"),
    "none_items_all": (", in any of {of} items", "（{of} 个项目均如此）"),
    "none_within": (", within the groups by {axis}", "（按{axis}划分的各组之内）"),
    "none_reach": (
        (
            "{head} ({count} compared): the {level} intervals of the differences reach from "
            "{low} to {high}."
        ),
        "{head}（共比较 {count} 次）：各差值的 {level} 区间介于 {low} 至 {high}。",
    ),
    "none_unknown": (
        "{head} ({count} compared); how large a difference may be there can't be said.",
        "{head}（共比较 {count} 次）；可能存在多大差异，无法说明。",
    ),
    "none_one_rest": (
        "{cell}: not shown to differ from the rest by {axis}; {difference} ({span}).",
        "{cell}：未被证实不同于其余各组（按{axis}）；{difference}（{span}）。",
    ),
    "none_one_pair": (
        "{cell}: not shown to differ from {against}; {difference} ({span}).",
        "{cell}：未被证实不同于{against}；{difference}（{span}）。",
    ),
    "none_one_previous": (
        "{cell}: no change was shown from {before} to {wave}; {difference} ({span}).",
        "{cell}：由 {before} 至 {wave} 未证实有变化；{difference}（{span}）。",
    ),
    "none_one_null": (
        "{cell}: not shown to differ from {target}; {difference} ({span}).",
        "{cell}：未被证实不同于 {target}；{difference}（{span}）。",
    ),
    "none_one_paired": (
        "{cell}: {item} was not shown to differ from {against}; {difference} ({span}).",
        "{cell}：{item}未被证实不同于{against}；{difference}（{span}）。",
    ),
    "finding_no_span": ("no interval", "无区间"),
    "sure_unseen": (
        "Differences within that may be there and not be seen here.",
        "此范围内的差异可能存在，只是此处无法看出。",
    ),
    "sure_together": (
        "A test of all groups at once does find that they differ, though not which.",
        "对所有组的总体检验显示存在差异，但不能指明是哪些组。",
    ),
    "sure_together_items": (
        "In {count} of these items a test of all groups at once does find that they differ.",
        "其中 {count} 个项目的总体检验显示各组存在差异。",
    ),
    # Standards
    "finding_standard": ("Of {of} groups, {told}.", "{of} 组中，{told}。"),
    "finding_standard_cell": (
        "{cell}: {outcome}; {value}, {bound}.",
        "{cell}：{outcome}；{value}，{bound}。",
    ),
    "finding_standard_plain": (
        "{cell}: {outcome}; {value}.",
        "{cell}：{outcome}；{value}。",
    ),
    "finding_standard_unknown": (
        "{cell}: {outcome}; there is no number to judge by.",
        "{cell}：{outcome}；没有可供判断的数值。",
    ),
    "bound_least": ("at least {bound} ({level}, one-sided)", "至少 {bound}（单侧 {level}）"),
    "bound_most": ("at most {bound} ({level}, one-sided)", "至多 {bound}（单侧 {level}）"),
    "sure_needed": (
        "About {count} more answers would decide, should the value stay.",
        "若数值不变，大约还需 {count} 份回答方可判定。",
    ),
    "sure_needed_one": (
        "About 1 more answer would decide, should the value stay.",
        "若数值不变，大约还需 1 份回答方可判定。",
    ),
    "sure_open": (
        "These answers leave it open.",
        "现有回答不足以判定。",
    ),
    # What can't be said
    "gap_suppressed": (
        "{count} of {of} numbers are withheld, so that no group with few answers is given away.",
        "{of} 个数值中有 {count} 个不予公布，以免泄露回答较少的群体。",
    ),
    "gap_small": (
        "{count} of {of} numbers rest on fewer than {least} answers: take them as hints.",
        "{of} 个数值中有 {count} 个基于少于 {least} 份回答：仅供参考。",
    ),
    "gap_empty": (
        "{count} of {of} numbers are absent, as nobody answered.",
        "{of} 个数值中有 {count} 个因无人作答而缺失。",
    ),
    "gap_undefined": (
        "{count} of {of} numbers are absent, as none follows from the answers.",
        "{of} 个数值中有 {count} 个无法由回答得出。",
    ),
    "gap_error": (
        "{count} of {of} numbers are absent, as the metric failed on them.",
        "{of} 个数值中有 {count} 个因计算失败而缺失。",
    ),
    "gap_failed": (
        "Not measured in {count} groups; the reason stands under “{place}”.",
        "在 {count} 个分组中未能测量；原因见“{place}”。",
    ),
    "gap_failed_one": (
        "Not measured in 1 group; the reason stands under “{place}”.",
        "在 1 个分组中未能测量；原因见“{place}”。",
    ),
    "gap_skipped": (
        "{count} parts of the data could not be read; nothing in them was counted.",
        "数据中有 {count} 部分无法读取，其内容均未计入。",
    ),
    "gap_skipped_one": (
        "1 part of the data could not be read; nothing in it was counted.",
        "数据中有 1 部分无法读取，其内容未计入。",
    ),
    "gap_dropped": (
        "{count} of {of} responses were dropped by the study's rules.",
        "{of} 份答卷中有 {count} 份按研究规则剔除。",
    ),
    "gap_invalid": (
        "{count} answers to {items} items were outside their scale and set aside as missing.",
        "{items} 个项目中共有 {count} 个回答超出量表，按缺失处理。",
    ),
}
