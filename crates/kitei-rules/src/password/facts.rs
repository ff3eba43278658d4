//! Facts of a person that others can guess, found inside a password however they are written.
//!
//! Serves IS-4-9-3-08: name (also romanised), telephone number, birthday "or the like"; the like are the name to sign
//! in with and the organisation's name.
//!
//! Invariant: `Debug` shows how many facts there are and never one of them.

use jiff::civil::Date;

use super::fold::{Forms, canonical_romaji, lower};
use super::spelling;

/// What others know of a person. A name is best given in parts ("Tanaka Taro"), in every writing that is known.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PersonFacts {
    /// Names: kanji, kana and romaji, each with a space between its parts.
    pub names: Vec<String>,
    /// Telephone numbers, with or without separators.
    pub telephones: Vec<String>,
    /// Birthdays (the person's own; a caller may add those of the family).
    pub birthdays: Vec<Date>,
    /// Names to sign in with, employee numbers, the part of a mail address before the @.
    pub logins: Vec<String>,
    /// Names of the organisation, its trade name, its name in addresses.
    pub organizations: Vec<String>,
}

impl std::fmt::Debug for PersonFacts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonFacts")
            .field("names", &self.names.len())
            .field("telephones", &self.telephones.len())
            .field("birthdays", &self.birthdays.len())
            .field("logins", &self.logins.len())
            .field("organizations", &self.organizations.len())
            .finish()
    }
}

/// The kind of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// 名前.
    Name,
    /// 電話番号.
    Telephone,
    /// 誕生日.
    Birthday,
    /// The name to sign in with.
    Login,
    /// The organisation's name.
    Organization,
}

impl Fact {
    /// Its name in Japanese.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::Name => "お名前（ローマ字や逆さ読みも含む）",
            Self::Telephone => "電話番号（一部も含む）",
            Self::Birthday => "誕生日（西暦・和暦）",
            Self::Login => "ログイン名や従業員番号",
            Self::Organization => "組織の名前",
        }
    }

    /// Its name in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Name => "your name (in any writing, also backwards)",
            Self::Telephone => "a telephone number or a part of one",
            Self::Birthday => "a birthday",
            Self::Login => "your login name or employee number",
            Self::Organization => "the name of your organization",
        }
    }
}

/// The kinds of facts that the candidate contains.
pub(super) fn found(forms: &Forms, facts: &PersonFacts) -> Vec<Fact> {
    let any = |texts: &[String]| texts.iter().any(|text| contains_words(forms, text));
    let organization = |text: &String| contains_words(forms, &without_legal_form(text));
    [
        (Fact::Name, any(&facts.names)),
        (Fact::Telephone, facts.telephones.iter().any(|number| contains_telephone(forms, number))),
        (Fact::Birthday, facts.birthdays.iter().any(|date| contains_birthday(forms, *date))),
        (Fact::Login, any(&facts.logins)),
        (Fact::Organization, facts.organizations.iter().any(organization)),
    ]
    .into_iter()
    .filter_map(|(fact, there)| there.then_some(fact))
    .collect()
}

/// Whether the candidate contains a part of the text: a word of three letters or more, a number of four digits or
/// more, a word in kanji or kana.
fn contains_words(forms: &Forms, text: &str) -> bool {
    let folded: String = lower(&spelling(text)).into_iter().collect();
    folded.split(|letter: char| !letter.is_alphanumeric() && letter != 'ー').any(|part| contains_part(forms, part))
}

fn contains_part(forms: &Forms, part: &str) -> bool {
    let length = part.chars().count();
    if part.chars().all(|letter| letter.is_ascii_digit()) {
        return length >= 4 && contains_digits(forms, part);
    }
    let joined = |wanted: &str| forms.joined.iter().any(|form| form.contains(wanted));
    if !part.is_ascii() {
        return joined(part) || contains_ideographs(forms, part) || contains_sound(forms, part);
    }
    // A name of two letters ("Oe") would be found everywhere, so it counts only where it stands alone.
    let alone = || forms.plain.split(|letter| !letter.is_alphabetic()).any(|run| run.iter().copied().eq(part.chars()));
    (length >= 3 && (joined(part) || contains_sound(forms, part))) || (length == 2 && alone())
}

fn contains_sound(forms: &Forms, part: &str) -> bool {
    let letters: String = part.chars().filter(|letter| letter.is_alphabetic() || *letter == 'ー').collect();
    let sound = canonical_romaji(&letters);
    sound.is_ascii() && sound.len() >= 3 && forms.romaji.iter().any(|form| form.contains(&sound))
}

/// A full name in kanji has no gap, so any two neighbouring ideographs of it count.
fn contains_ideographs(forms: &Forms, part: &str) -> bool {
    let letters: Vec<char> = part.chars().collect();
    letters.windows(2).filter(|pair| pair.iter().all(|letter| ('一'..='鿿').contains(letter))).any(|pair| {
        let pair: String = pair.iter().collect();
        forms.joined.iter().any(|form| form.contains(&pair))
    })
}

/// A long number may be spread over the candidate, a short one has to stand in one piece.
fn contains_digits(forms: &Forms, digits: &str) -> bool {
    let places = if digits.len() >= 6 { &forms.digits } else { &forms.joined };
    places.iter().any(|form| form.contains(digits))
}

fn contains_telephone(forms: &Forms, number: &str) -> bool {
    let spelled = spelling(number);
    let digits: String = spelled.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < 4 {
        return false;
    }
    // The end of a number is the same with +81 3 … and with 03 …
    let ends = [4, 8].iter().filter_map(|count| digits.get(digits.len().checked_sub(*count)?..));
    let parts = spelled.split(|letter: char| !letter.is_ascii_digit()).filter(|part| part.len() >= 4);
    ends.chain(parts).any(|part| contains_digits(forms, part))
}

fn contains_birthday(forms: &Forms, date: Date) -> bool {
    let (month, day) = (date.month(), date.day());
    let mut years = vec![format!("{:04}", date.year()), format!("{:02}", date.year().rem_euclid(100))];
    let mut written = vec![years[0].clone(), format!("{month:02}{day:02}"), format!("{day:02}{month:02}")];
    if let Some((letter, name, year)) = era(date) {
        years.extend([format!("{year:02}"), format!("{letter}{year}"), format!("{letter}{year:02}")]);
        written.push(format!("{name}{year}"));
    }
    for (month, day) in [
        (format!("{month:02}"), format!("{day:02}")),
        (month.to_string(), format!("{day:02}")),
        (format!("{month:02}"), day.to_string()),
        (month.to_string(), day.to_string()),
    ] {
        for year in &years {
            written.extend([
                format!("{year}{month}{day}"),
                format!("{day}{month}{year}"),
                format!("{month}{day}{year}"),
            ]);
        }
    }
    // Shorter than four characters would be found by chance.
    written.iter().filter(|text| text.chars().count() >= 4).any(|text| {
        let numeric = text.chars().all(|letter| letter.is_ascii_digit());
        if numeric { contains_digits(forms, text) } else { forms.joined.iter().any(|form| form.contains(text)) }
    })
}

/// Letter, name and year of the Japanese era, from Taisho on.
fn era(date: Date) -> Option<(char, &'static str, i16)> {
    const ERAS: [(Date, char, &str); 4] = [
        (Date::constant(2019, 5, 1), 'r', "令和"),
        (Date::constant(1989, 1, 8), 'h', "平成"),
        (Date::constant(1926, 12, 25), 's', "昭和"),
        (Date::constant(1912, 7, 30), 't', "大正"),
    ];
    ERAS.iter()
        .find(|(first, ..)| date >= *first)
        .map(|(first, letter, name)| (*letter, *name, date.year() - first.year() + 1))
}

/// An organisation's name without the words that every organisation has.
fn without_legal_form(name: &str) -> String {
    const FORMS: [&str; 12] = [
        "株式会社",
        "有限会社",
        "合同会社",
        "一般社団法人",
        "公益社団法人",
        "一般財団法人",
        "公益財団法人",
        "社会福祉法人",
        "医療法人",
        "学校法人",
        "独立行政法人",
        "(株)",
    ];
    const WORDS: [&str; 10] = ["inc", "ltd", "co", "corp", "corporation", "company", "kk", "llc", "the", "of"];
    let folded: String = lower(&spelling(name)).into_iter().collect();
    let bare = FORMS.iter().fold(folded, |text, form| text.replace(form, " "));
    let words = bare.split(|letter: char| !letter.is_alphanumeric() && letter != 'ー');
    words.filter(|word| !WORDS.contains(word)).collect::<Vec<_>>().join(" ")
}
