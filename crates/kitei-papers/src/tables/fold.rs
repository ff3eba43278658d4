//! Comparing what people wrote with what was meant: widths, spaces, punctuation and case do not count.
//!
//! Invariant: folding is used to compare only; what is stored is the text as it was written.

use unicode_normalization::UnicodeNormalization;

/// NFKC, lower case, letters and digits only. The long vowel mark goes too, so that サーバ equals サーバー.
pub(super) fn fold(text: &str) -> String {
    text.nfkc()
        .flat_map(char::to_lowercase)
        .filter(|character| character.is_alphanumeric() && *character != 'ー')
        .collect()
}

/// As [`fold`], after removing remarks in brackets: 保存期間（年） compares as 保存期間.
pub(super) fn fold_without_remark(text: &str) -> String {
    let mut depth = 0_usize;
    let mut kept = String::new();
    for character in text.nfkc() {
        match character {
            '(' | '[' | '【' | '<' | '〔' => depth += 1,
            ')' | ']' | '】' | '>' | '〕' => depth = depth.saturating_sub(1),
            other if depth == 0 => kept.push(other),
            _ => {}
        }
    }
    fold(&kept)
}

/// NFKC, lower case, without any white space; signs such as ○ and × stay.
pub(super) fn fold_signs(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).filter(|character| !character.is_whitespace()).collect()
}

/// NFKC without white space at the ends, for reading numbers and dates.
pub(super) fn narrow(text: &str) -> String {
    let narrow: String = text.nfkc().filter(|character| !is_invisible(*character)).collect();
    narrow.trim().to_owned()
}

/// A text of one line: control characters removed, each run of line breaks a single space, ends trimmed.
pub(super) fn one_line(text: &str) -> String {
    if !text.contains(|character: char| character.is_control() || is_invisible(character)) {
        return text.trim().to_owned();
    }
    let lines: Vec<String> =
        text.split(['\r', '\n']).map(without_controls).map(|line| line.trim().to_owned()).collect();
    lines.iter().filter(|line| !line.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// A text of several lines: `\n` between lines, other control characters removed, ends trimmed.
pub(super) fn many_lines(text: &str) -> String {
    if !text.contains(|character: char| character.is_control() || is_invisible(character)) {
        return text.trim().to_owned();
    }
    let unified = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<String> = unified.split('\n').map(without_controls).map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n").trim().to_owned()
}

fn without_controls(line: &str) -> String {
    line.chars()
        .filter(|character| !is_invisible(*character))
        .map(|character| if character == '\t' { ' ' } else { character })
        .filter(|character| !character.is_control())
        .collect()
}

/// Zero-width characters that travel with text copied from web pages.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2060}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_compare_without_width_space_and_punctuation() {
        for (left, right) in [
            ("個人情報の\n名称", "個人情報の名称"),
            ("ﾒｰﾙｱﾄﾞﾚｽ", "メールアドレス"),
            ("Ｎｏ．", "no"),
            ("サーバー名", "サーバ名"),
            ("取得／方法", "取得方法"),
        ] {
            assert_eq!(fold(left), fold(right), "{left}");
        }
        assert_eq!(fold_without_remark("保存期間（年）※必須"), "保存期間必須");
    }

    #[test]
    fn line_breaks_become_spaces_or_stay_by_kind() {
        assert_eq!(one_line(" 本社\r\n倉庫\n\n2階　"), "本社 倉庫 2階");
        assert_eq!(many_lines("本社\r\n倉庫\r2階\n"), "本社\n倉庫\n2階");
    }
}
