//! People, telephone numbers and mail addresses.

use super::{Understood, Value, is_dash};
use crate::tables::ProblemKind;
use crate::tables::fold::{narrow, one_line};
use crate::tables::read::Cell;

/// Names, separated by 、 , / or a line break; by ・ only where nothing else separates and no foreign name is written with it.
pub(super) fn people(cell: &Cell) -> Understood {
    let text = cell.text();
    let mut names =
        split_names(&text, |character| matches!(character, '、' | ',' | '，' | '/' | '／' | '\n' | '\r' | ';' | '；'));
    if let [only] = names.as_slice()
        && !joins_katakana(only)
    {
        names = split_names(only, |character| matches!(character, '・' | '･'));
    }
    if names.is_empty() { Err(ProblemKind::SaidUnknown) } else { Ok((Value::People { names }, None)) }
}

fn split_names(text: &str, is_separator: impl Fn(char) -> bool) -> Vec<String> {
    text.split(is_separator).map(one_line).filter(|name| !name.is_empty()).collect()
}

/// Whether a ・ stands between katakana, as in ジョン・スミス.
fn joins_katakana(name: &str) -> bool {
    let letters: Vec<char> = name.chars().collect();
    let is_katakana = |letter: &char| ('ァ'..='ヺ').contains(letter) || *letter == 'ー' || ('ｦ'..='ﾟ').contains(letter);
    letters
        .windows(3)
        .any(|window| matches!(window, [before, '・' | '･', after] if is_katakana(before) && is_katakana(after)))
}

/// A telephone number: ten or eleven digits from 0, or an international one from `+`. A three-digit emergency number is none.
pub(super) fn phone(cell: &Cell) -> Understood {
    if let Cell::Number(number) = cell {
        let digits = super::whole(*number)?.to_string();
        // Area codes begin with 0; Excel drops it from what it takes for a number.
        return match digits.len() {
            9 | 10 if !digits.starts_with(['0', '-']) => {
                Ok((Value::Phone { number: format!("0{digits}") }, Some(ProblemKind::LeadingZeroRestored)))
            }
            _ => Err(ProblemKind::NotAPhone),
        };
    }
    let lower = narrow(&cell.text()).to_lowercase();
    let text = ["tel", "電話", "携帯", "fax"].iter().find_map(|label| lower.strip_prefix(label)).unwrap_or(&lower);
    let text = text.trim_start_matches(['.', ':', ' ', '番', '号']);
    let mut number = String::new();
    for character in text.chars() {
        match character {
            '0'..='9' => number.push(character),
            '+' if number.is_empty() => number.push(character),
            '(' | ')' | '.' | ' ' => push_hyphen(&mut number),
            dash if is_dash(dash) => push_hyphen(&mut number),
            _ => return Err(ProblemKind::NotAPhone),
        }
    }
    let number = number.trim_end_matches('-').to_owned();
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let right = if number.starts_with('+') {
        (8..=15).contains(&digits)
    } else {
        number.starts_with('0') && (10..=11).contains(&digits)
    };
    if right { Ok((Value::Phone { number }, None)) } else { Err(ProblemKind::NotAPhone) }
}

fn push_hyphen(number: &mut String) {
    if !number.is_empty() && !number.ends_with(['-', '+']) {
        number.push('-');
    }
}

/// A mail address: one, with a domain of two labels or more (RFC 5321, section 4.1.2, without quoted local parts).
pub(super) fn email(cell: &Cell) -> Understood {
    let text = narrow(&cell.text());
    let text = text.strip_prefix("mailto:").unwrap_or(&text);
    let text = text.strip_prefix('<').and_then(|inner| inner.strip_suffix('>')).unwrap_or(text);
    let (local, domain) = text.split_once('@').ok_or(ProblemKind::NotAnEmail)?;
    let local_letters =
        |character: char| character.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(character);
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|character| character.is_alphanumeric() || character == '-')
    };
    let right = !local.is_empty()
        && local.len() <= 64
        && local.chars().all(local_letters)
        && domain.len() <= 253
        && domain.contains('.')
        && domain.split('.').all(is_label);
    if right { Ok((Value::Email { address: text.to_owned() }, None)) } else { Err(ProblemKind::NotAnEmail) }
}
