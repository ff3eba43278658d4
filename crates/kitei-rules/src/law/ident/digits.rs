//! Check digits on bytes: no allocation, for the scanner's inner loop.
//!
//! Every function takes ASCII digits. The `*_digit` functions give the place of the check digit and the
//! ASCII digit expected there, or `None` if the length is wrong or a byte is no digit.
//!
//! Invariant: no allocation, no panic, whatever the bytes.

use serde::Serialize;

/// The issuers whose number ranges are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Issuer {
    /// Visa: 4, of 13, 16 or 19 digits.
    Visa,
    /// Mastercard: 51 to 55 and 2221 to 2720.
    Mastercard,
    /// JCB: 3528 to 3589.
    Jcb,
    /// American Express: 34 and 37, of 15 digits.
    AmericanExpress,
    /// Diners Club: 300 to 305, 3095, 36, 38, 39.
    Diners,
}

/// Whether twelve ASCII digits carry the check digit of an Individual Number (番号法総務省令5条).
#[must_use]
pub fn my_number_check(number: &[u8; 12]) -> bool {
    passes(number, my_number_digit(number))
}

/// Whether thirteen ASCII digits carry the check digit of a corporate number, which comes first.
#[must_use]
pub fn corporate_number_check(number: &[u8; 13]) -> bool {
    passes(number, corporate_number_digit(number))
}

/// Whether eleven ASCII digits carry the check digit of a resident record code.
#[must_use]
pub fn resident_code_check(number: &[u8; 11]) -> bool {
    passes(number, resident_code_digit(number))
}

/// Whether twelve ASCII digits can be a driver's licence number: commission and (unofficial) check digit.
#[must_use]
pub fn drivers_licence_check(number: &[u8; 12]) -> bool {
    is_safety_commission(number) && passes(number, drivers_licence_digit(number))
}

/// Whether eight or six ASCII digits carry the check digit of an insurer's number.
#[must_use]
pub fn insurer_check(number: &[u8]) -> bool {
    passes(number, insurer_digit(number))
}

/// Whether ASCII digits are a card number: a known issuer's range and length, and the Luhn digit.
#[must_use]
pub fn card_check(number: &[u8]) -> bool {
    card_issuer(number).is_some() && passes(number, luhn_digit(number))
}

fn passes(number: &[u8], expected: Option<(usize, u8)>) -> bool {
    expected.is_some_and(|(position, digit)| number.get(position) == Some(&digit))
}

/// The check digit of an Individual Number: the last of twelve.
#[must_use]
pub fn my_number_digit(number: &[u8]) -> Option<(usize, u8)> {
    modulo_eleven(number, 12)
}

/// The check digit of a resident record code: the last of eleven, weighted as in the Individual Number.
#[must_use]
pub fn resident_code_digit(number: &[u8]) -> Option<(usize, u8)> {
    modulo_eleven(number, 11)
}

/// The check digit of a corporate number: the first of thirteen, `9 - (sum mod 9)`.
#[must_use]
pub fn corporate_number_digit(number: &[u8]) -> Option<(usize, u8)> {
    if !digits_of(number, 13) {
        return None;
    }
    // From the lowest place the weights go 1, 2, 1, 2.
    let sum = weighted(number.iter().skip(1).rev(), |place| if place % 2 == 1 { 1 } else { 2 });
    ascii(0, 9 - sum % 9)
}

/// The check digit of a driver's licence: the eleventh of twelve; the twelfth counts reissues.
#[must_use]
pub fn drivers_licence_digit(number: &[u8]) -> Option<(usize, u8)> {
    const WEIGHTS: [u32; 10] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
    if !digits_of(number, 12) {
        return None;
    }
    let sum: u32 = number.iter().zip(WEIGHTS).map(|(digit, weight)| value(*digit) * weight).sum();
    ascii(10, (11 - sum % 11) % 10)
}

/// The check digit of an insurer's number: the last of eight or six, Luhn's sum.
#[must_use]
pub fn insurer_digit(number: &[u8]) -> Option<(usize, u8)> {
    if number.len() == 8 || number.len() == 6 { luhn_digit(number) } else { None }
}

/// Luhn's check digit (ISO/IEC 7812-1, annex B): the last; from its left the weights go 2, 1, 2, 1 and the digits of
/// each product are added.
#[must_use]
pub fn luhn_digit(number: &[u8]) -> Option<(usize, u8)> {
    let position = number.len().checked_sub(1)?;
    if position == 0 || !digits_of(number, number.len()) {
        return None;
    }
    let sum: u32 = number
        .iter()
        .rev()
        .skip(1)
        .enumerate()
        .map(|(place, digit)| {
            let product = value(*digit) * if place % 2 == 0 { 2 } else { 1 };
            product / 10 + product % 10
        })
        .sum();
    ascii(position, (10 - sum % 10) % 10)
}

/// Whether the first two digits are the number of a prefectural public safety commission (of Hokkaido: five areas).
#[must_use]
pub fn is_safety_commission(number: &[u8]) -> bool {
    let &[tens, units, ..] = number else { return false };
    if !tens.is_ascii_digit() || !units.is_ascii_digit() {
        return false;
    }
    let commission = value(tens) * 10 + value(units);
    matches!(commission, 10..=14 | 20..=25 | 30 | 40..=49 | 50..=55 | 60..=65 | 70..=74 | 80..=83 | 90..=97)
}

/// The issuer whose range and length a number has.
#[must_use]
pub fn card_issuer(number: &[u8]) -> Option<Issuer> {
    let length = number.len();
    if !(13..=19).contains(&length) || !digits_of(number, length) {
        return None;
    }
    let leading = number.iter().take(4).fold(0, |sum, digit| sum * 10 + value(*digit));
    match (leading, length) {
        (4000..=4999, 13 | 16 | 19) => Some(Issuer::Visa),
        (5100..=5599 | 2221..=2720, 16) => Some(Issuer::Mastercard),
        (3528..=3589, 16) => Some(Issuer::Jcb),
        (3400..=3499 | 3700..=3799, 15) => Some(Issuer::AmericanExpress),
        (3000..=3059 | 3095 | 3600..=3699 | 3800..=3999, 14 | 16) => Some(Issuer::Diners),
        _ => None,
    }
}

/// 番号法総務省令5条: from the lowest place n before the check digit the weights go n+1 for n = 1 to 6 and n-5 after.
fn modulo_eleven(number: &[u8], length: usize) -> Option<(usize, u8)> {
    if !digits_of(number, length) {
        return None;
    }
    let position = length.checked_sub(1)?;
    let weight = |place: u32| if place <= 6 { place + 1 } else { place - 5 };
    let remainder = weighted(number.iter().take(position).rev(), weight) % 11;
    ascii(position, if remainder <= 1 { 0 } else { 11 - remainder })
}

/// The sum of digits times the weight of their place, counted from 1.
fn weighted<'a>(digits: impl Iterator<Item = &'a u8>, weight: impl Fn(u32) -> u32) -> u32 {
    (1..).zip(digits).map(|(place, digit)| value(*digit) * weight(place)).sum()
}

fn digits_of(number: &[u8], length: usize) -> bool {
    number.len() == length && number.iter().all(u8::is_ascii_digit)
}

fn value(digit: u8) -> u32 {
    u32::from(digit.wrapping_sub(b'0'))
}

fn ascii(position: usize, digit: u32) -> Option<(usize, u8)> {
    u8::try_from(digit).ok().filter(|digit| *digit <= 9).map(|digit| (position, b'0' + digit))
}
