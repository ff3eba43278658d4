//! Numbers that identify people and organisations, and whether they can be right.
//!
//! Serves 番号法総務省令5条 (Individual Number), 法人番号の指定等に関する省令 (corporate number) and the
//! formats and check digits by which the scanner tells numbers apart.
//!
//! A right check digit proves little: one random twelve-digit number in ten passes as an Individual Number.
//!
//! Invariant: no value appears in a `Debug` output or a reason; only the caller who passed it gets it back.

pub mod digits;
mod find;

pub use find::contains_individual_number;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use super::Wording;
use digits::Issuer;

/// What a number claims to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// 個人番号.
    MyNumber,
    /// 法人番号.
    CorporateNumber,
    /// 運転免許証の番号.
    DriversLicence,
    /// 保険者番号, of eight digits or (国民健康保険) six.
    Insurer,
    /// Payment card number.
    Card,
    /// 住民票コード.
    ResidentCode,
    /// 旅券番号 of a Japanese passport.
    Passport,
    /// 在留カード番号 or 特別永住者証明書番号.
    ResidenceCard,
    /// 基礎年金番号.
    PensionNumber,
}

impl Kind {
    /// Every kind with the name by which commands and packs call it.
    pub const NAMED: &[(&str, Self)] = &[
        ("my-number", Self::MyNumber),
        ("corporate-number", Self::CorporateNumber),
        ("drivers-licence", Self::DriversLicence),
        ("insurer", Self::Insurer),
        ("card", Self::Card),
        ("resident-code", Self::ResidentCode),
        ("passport", Self::Passport),
        ("residence-card", Self::ResidenceCard),
        ("pension-number", Self::PensionNumber),
    ];

    /// The kind of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }
}

/// What a check found.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// What was checked for.
    pub kind: Kind,
    /// Whether the number can be one of its kind.
    pub valid: bool,
    /// The number in half-width characters without separators.
    pub normal: String,
    /// Why.
    pub reason: Wording,
    /// The card's issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Issuer>,
    /// Said where no authority has published the formula.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Wording>,
}

impl std::fmt::Debug for Checked {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Checked").field("kind", &self.kind).field("valid", &self.valid).finish_non_exhaustive()
    }
}

/// Half-width, upper case, without the separators people write: hyphens and dashes of all kinds, the long
/// vowel mark used as a hyphen, and spaces.
#[must_use]
pub fn normalize(value: &str) -> String {
    let separator = |character: &char| {
        character.is_whitespace()
            || matches!(
                character,
                '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30FC}' | '\u{2500}' | '\u{2043}' | '\u{02D7}'
            )
    };
    value.nfkc().filter(|character| !separator(character)).flat_map(char::to_uppercase).collect()
}

/// Checks a number as people write it.
#[must_use]
pub fn check(kind: Kind, value: &str) -> Checked {
    let normal = normalize(value);
    let (valid, reason, issuer) = match kind {
        Kind::MyNumber => by_digit(&normal, "12", digits::my_number_digit),
        Kind::CorporateNumber => by_digit(&normal, "13", digits::corporate_number_digit),
        Kind::ResidentCode => by_digit(&normal, "11", digits::resident_code_digit),
        Kind::Insurer => by_digit(&normal, "8・6", digits::insurer_digit),
        Kind::DriversLicence => drivers_licence(&normal),
        Kind::Card => card(&normal),
        Kind::Passport => by_shape(&normal, "AA9999999", "英字2字と数字7桁", "two letters and seven digits"),
        Kind::ResidenceCard => {
            by_shape(&normal, "AA99999999AA", "英字2字、数字8桁、英字2字", "two letters, eight digits and two letters")
        }
        Kind::PensionNumber => by_shape(&normal, "9999999999", "数字10桁", "ten digits"),
    };
    Checked { kind, valid, normal, reason, issuer, note: note(kind) }
}

type Finding = (bool, Wording, Option<Issuer>);

/// Where the check digit stands and what it should be; `None` if the length is not one of the kind.
type ExpectedDigit = fn(&[u8]) -> Option<(usize, u8)>;

fn by_digit(normal: &str, lengths: &str, expected: ExpectedDigit) -> Finding {
    let bytes = normal.as_bytes();
    if let Some(reason) = not_digits(normal) {
        return (false, reason, None);
    }
    let Some((position, digit)) = expected(bytes) else {
        return (false, wrong_length(normal, lengths), None);
    };
    let valid = bytes.get(position) == Some(&digit);
    (valid, if valid { right_digit() } else { wrong_digit(position, digit) }, None)
}

fn drivers_licence(normal: &str) -> Finding {
    let (valid, reason, issuer) = by_digit(normal, "12", digits::drivers_licence_digit);
    if valid && !digits::is_safety_commission(normal.as_bytes()) {
        let reason = Wording::fixed(
            "先頭2桁が公安委員会の番号ではない。",
            "The first two digits are not the number of a public safety commission.",
        );
        return (false, reason, None);
    }
    (valid, reason, issuer)
}

fn card(normal: &str) -> Finding {
    if let Some(reason) = not_digits(normal) {
        return (false, reason, None);
    }
    let Some(issuer) = digits::card_issuer(normal.as_bytes()) else {
        let reason = Wording::fixed(
            "発行者の番号帯と桁数の組合せに合わない。",
            "The leading digits and the length match no card issuer.",
        );
        return (false, reason, None);
    };
    let Some((position, digit)) = digits::luhn_digit(normal.as_bytes()) else {
        return (false, wrong_length(normal, "13～19"), None);
    };
    let valid = normal.as_bytes().get(position) == Some(&digit);
    (valid, if valid { right_digit() } else { wrong_digit(position, digit) }, Some(issuer))
}

/// A shape is written with `A` for a letter and `9` for a digit.
fn by_shape(normal: &str, shape: &str, ja: &str, en: &str) -> Finding {
    let fits = normal.len() == shape.len()
        && normal.bytes().zip(shape.bytes()).all(|(byte, class)| match class {
            b'A' => byte.is_ascii_uppercase(),
            _ => byte.is_ascii_digit(),
        });
    let reason = if fits {
        Wording::composed(format!("形式（{ja}）に合う。"), format!("It has the right form: {en}."))
    } else {
        Wording::composed(format!("形式が違う。正しくは{ja}。"), format!("The form is wrong; it should be {en}."))
    };
    (fits, reason, None)
}

fn not_digits(normal: &str) -> Option<Wording> {
    (!normal.bytes().all(|byte| byte.is_ascii_digit())).then(|| {
        Wording::fixed("数字と区切り以外の文字がある。", "It holds characters other than digits and separators.")
    })
}

fn wrong_length(normal: &str, lengths: &str) -> Wording {
    let count = normal.chars().count();
    Wording::composed(
        format!("桁数が違う（{count}桁）。正しくは{lengths}桁。"),
        format!(
            "The length is wrong ({count} digits); it should be {}.",
            lengths.replace('・', " or ").replace('～', " to ")
        ),
    )
}

fn right_digit() -> Wording {
    Wording::fixed("検査数字が合う。", "The check digit is right.")
}

fn wrong_digit(position: usize, digit: u8) -> Wording {
    let (place, digit) = (position + 1, char::from(digit));
    Wording::composed(
        format!("検査数字（{place}桁目）が違う。計算では{digit}。"),
        format!("The check digit (digit {place}) is wrong; {digit} was expected."),
    )
}

fn note(kind: Kind) -> Option<Wording> {
    match kind {
        Kind::DriversLicence => Some(Wording::fixed(
            "検査数字の式は公表されていない（非公式の式による）。",
            "No authority publishes the formula of the check digit; an unofficial one was used.",
        )),
        Kind::ResidentCode => Some(Wording::fixed(
            "検査数字の式は一次資料で確かめていない。",
            "The formula of the check digit has not been confirmed in a primary source.",
        )),
        Kind::Passport | Kind::ResidenceCard | Kind::PensionNumber => Some(Wording::fixed(
            "公表された検査数字はなく、形式だけを確かめた。",
            "There is no public check digit; only the form was checked.",
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
