//! Individual Numbers inside text: twelve digits, perhaps with separators, whose check digit fits.
//!
//! Serves the prohibition to write Individual Numbers where they do not belong; one random twelve-digit number in ten is
//! taken for one, so the caller refuses only where the number has no business being and warns elsewhere.

use unicode_normalization::UnicodeNormalization;

use super::digits::my_number_check;

/// Whether a text holds twelve digits in a row, full- or half-width, with at most one separator between two digits,
/// whose check digit is that of an Individual Number (番号法総務省令5条).
#[must_use]
pub fn contains_individual_number(text: &str) -> bool {
    let mut run: Vec<u8> = Vec::new();
    let mut gap = false;
    for character in text.nfkc().chain(std::iter::once('\n')) {
        if let Some(digit) = character.to_digit(10) {
            run.extend(u8::try_from(digit).ok());
            gap = false;
        } else if is_separator(character) && !gap && !run.is_empty() {
            gap = true;
        } else {
            if fits(&run) {
                return true;
            }
            run.clear();
            gap = false;
        }
    }
    false
}

fn is_separator(character: char) -> bool {
    matches!(character, '-' | ' ' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30FC}')
}

fn fits(run: &[u8]) -> bool {
    <&[u8; 12]>::try_from(run)
        .is_ok_and(|number| my_number_check(&number.map(|digit| digit + b'0')) || my_number_check(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn individual_numbers_are_found_as_people_write_them() {
        for (text, found) in [
            ("123456789018", true),
            ("番号は1234-5678-9018です", true),
            ("１２３４　５６７８　９０１８", true),
            ("1234 5678 9018", true),
            ("123456789012", false),
            ("1234567890123", false),
            ("12345678901", false),
            ("", false),
            ("電話 03-1234-5678", false),
        ] {
            assert_eq!(contains_individual_number(text), found, "{text}");
        }
    }
}
