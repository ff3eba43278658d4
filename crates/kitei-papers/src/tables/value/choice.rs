//! Yes or no, and one of a list.

use super::{Understood, Value, is_dash};
use crate::tables::fold::{fold, fold_signs};
use crate::tables::read::Cell;
use crate::tables::{ChoiceOption, ProblemKind};

const YES: &[&str] = &[
    "○",
    "◯",
    "〇",
    "●",
    "◎",
    "✓",
    "✔",
    "☑",
    "✅",
    "レ",
    "レ点",
    "■",
    "有",
    "有り",
    "あり",
    "ある",
    "はい",
    "yes",
    "y",
    "true",
    "1",
    "要",
    "必要",
    "可",
    "済",
    "済み",
    "する",
    "該当",
    "該当する",
    "対象",
    "含む",
    "実施",
    "on",
];

const NO: &[&str] = &[
    "×",
    "✕",
    "✖",
    "✗",
    "╳",
    "x",
    "☐",
    "□",
    "無",
    "無し",
    "なし",
    "ない",
    "いいえ",
    "no",
    "n",
    "false",
    "0",
    "不要",
    "不可",
    "否",
    "未",
    "未済",
    "しない",
    "非該当",
    "該当しない",
    "該当なし",
    "該当無し",
    "対象外",
    "含まない",
    "未実施",
    "off",
];

/// Yes or no.
pub(super) fn yes_no(cell: &Cell) -> Understood {
    if let Cell::Bool(yes) = cell {
        return Ok((Value::YesNo { yes: *yes }, None));
    }
    let sign = fold_signs(&cell.text());
    if YES.contains(&sign.as_str()) {
        return Ok((Value::YesNo { yes: true }, None));
    }
    if NO.contains(&sign.as_str()) {
        return Ok((Value::YesNo { yes: false }, None));
    }
    if !sign.is_empty() && sign.chars().all(is_dash) {
        return Ok((Value::YesNo { yes: false }, Some(ProblemKind::DashAsNo)));
    }
    Err(ProblemKind::NotYesNo)
}

/// One of a list: by name, by a name with its number (2：極秘), or by the only name that the text contains.
pub(super) fn choice(cell: &Cell, options: &[ChoiceOption]) -> Understood {
    let text = cell.text();
    let value = |option: &ChoiceOption| Value::Choice { id: option.id.clone() };
    // Most cells say it as it is written; folding every name for each of them would take most of the time of reading a table.
    if let Some(option) = options.iter().find(|option| names(option).any(|name| name == text)) {
        return Ok((value(option), None));
    }
    let (sign, folded) = (fold_signs(&text), fold(&text));
    let is_name = |name: &str| fold_signs(name) == sign || (!folded.is_empty() && fold(name) == folded);
    if let Some(option) = options.iter().find(|option| names(option).any(is_name)) {
        return Ok((value(option), None));
    }
    let parts: Vec<String> = sign
        .split([':', '(', ')', '.', '/', '[', ']', '、', ',', '・'])
        .map(fold)
        .filter(|part| !part.is_empty())
        .collect();
    let every_part = |option: &&ChoiceOption| {
        parts.len() > 1 && parts.iter().all(|part| names(option).any(|name| fold(name) == *part))
    };
    if let Some(option) = options.iter().find(every_part) {
        return Ok((value(option), None));
    }
    let mut contained = options.iter().filter(|option| {
        names(option).any(|name| {
            let name = fold(name);
            name.chars().count() >= 2 && folded.contains(&name)
        })
    });
    match (contained.next(), contained.next()) {
        (Some(option), None) => Ok((value(option), Some(ProblemKind::ChoiceInText))),
        _ => Err(ProblemKind::NotAChoice { allowed: options.iter().map(|option| option.label().to_owned()).collect() }),
    }
}

/// The names of an option; its id counts as one.
fn names(option: &ChoiceOption) -> impl Iterator<Item = &str> {
    option.names.iter().map(String::as_str).chain(std::iter::once(&*option.id))
}
