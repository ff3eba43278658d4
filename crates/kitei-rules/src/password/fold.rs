//! Spellings that stand for the same thing: full-width and half-width, upper and lower case, digits and symbols
//! in place of letters, backwards, and the several ways to write Japanese in Latin letters (Hepburn, ISO 3602).
//!
//! Invariant: every form is read off the one [`spelling`], which is also what is stretched and kept.

use unicode_normalization::UnicodeNormalization;

/// The one spelling of a password that is counted, checked and stretched: compatibility forms are folded (NFKC), so
/// that Ａ typed with the input method switched on is A.
#[must_use]
pub fn spelling(typed: &str) -> String {
    typed.nfkc().collect()
}

/// The forms of a candidate in which words and facts are looked for.
pub(super) struct Forms {
    /// Lower case.
    pub(super) plain: Vec<char>,
    /// Lower case with digits and symbols read as letters, in the ways that people use (1 is i or l).
    pub(super) read: Vec<Vec<char>>,
    /// Letters alone, of `plain` and `read`, forwards and backwards. Another length.
    pub(super) letters: Vec<String>,
    /// The same in canonical romaji.
    pub(super) romaji: Vec<String>,
    /// Without separators, lower case, forwards and backwards. Another length.
    pub(super) joined: Vec<String>,
    /// Digits alone, forwards and backwards. Another length.
    pub(super) digits: Vec<String>,
}

impl Forms {
    /// The forms of a text that `spelling` gave.
    pub(super) fn of(spelled: &str) -> Self {
        let plain = lower(spelled);
        let read: Vec<Vec<char>> = ['i', 'l'].into_iter().map(|one| letters_for(&plain, one)).collect();
        let mut letters = Vec::new();
        let mut joined = Vec::new();
        for form in [&plain].into_iter().chain(&read) {
            let only: String = form.iter().filter(|letter| letter.is_alphabetic() || **letter == 'ー').collect();
            letters.extend(both_ways(&only));
            let alphanumeric: String = form.iter().filter(|letter| letter.is_alphanumeric()).collect();
            joined.extend(both_ways(&alphanumeric));
        }
        let digits: String = plain.iter().filter(|letter| letter.is_ascii_digit()).collect();
        letters.dedup();
        joined.dedup();
        let romaji = letters.iter().map(|text| canonical_romaji(text)).collect();
        Self { plain, read, letters, romaji, joined, digits: both_ways(&digits) }
    }
}

/// Lower case, one character for one (ß stays ß).
pub(super) fn lower(text: &str) -> Vec<char> {
    text.chars().map(|letter| letter.to_lowercase().next().unwrap_or(letter)).collect()
}

fn both_ways(text: &str) -> Vec<String> {
    vec![text.to_owned(), text.chars().rev().collect()]
}

fn letters_for(plain: &[char], one: char) -> Vec<char> {
    plain
        .iter()
        .map(|letter| match letter {
            '0' => 'o',
            '1' | '!' | '|' => one,
            '3' | '€' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '6' | '9' => 'g',
            '7' | '+' => 't',
            '8' => 'b',
            '2' => 'z',
            other => *other,
        })
        .collect()
}

/// One spelling for all ways to write the same Japanese sounds in Latin letters or kana: shi and si, tsu and tu,
/// long vowels short, double consonants single. Kanji and everything else stay as they are. Takes lower case.
pub(super) fn canonical_romaji(text: &str) -> String {
    let letters: Vec<char> = latin(text).chars().collect();
    let mut out: Vec<char> = Vec::with_capacity(letters.len());
    let mut at = 0;
    while let Some(&letter) = letters.get(at) {
        let next = letters.get(at + 1).copied();
        let after = letters.get(at + 2).copied();
        let (written, taken) = sound(letter, next, after);
        for sign in written.chars() {
            push_short(&mut out, sign);
        }
        at += taken;
    }
    out.into_iter().collect()
}

/// How one or two letters are written canonically, and how many letters that takes.
fn sound(letter: char, next: Option<char>, after: Option<char>) -> (String, usize) {
    let palatal = |consonant: &str, vowel: Option<char>| match vowel {
        Some('i') => (consonant.to_owned(), 2),
        _ => (format!("{consonant}y"), 2),
    };
    match (letter, next) {
        ('s', Some('h')) => palatal("s", after),
        ('c', Some('h')) => palatal("t", after),
        ('j', Some('i')) => ("z".to_owned(), 1),
        ('j', Some('y')) => ("zy".to_owned(), 2),
        ('j', Some(_)) => ("zy".to_owned(), 1),
        ('t', Some('s')) => ("t".to_owned(), 2),
        ('d', Some('z')) => ("z".to_owned(), 2),
        ('f', Some('u')) => ("h".to_owned(), 1),
        ('m', Some('b' | 'p' | 'm')) => ("n".to_owned(), 1),
        // A long vowel written with h: Ohno, Itoh, Yuhko.
        ('o' | 'u', Some('h')) if !after.is_some_and(|vowel| "aiueo".contains(vowel)) => (letter.to_string(), 2),
        ('o', Some('u')) => ("o".to_owned(), 2),
        _ => (letter.to_string(), 1),
    }
}

/// Adds a letter unless it only makes the one before it longer.
fn push_short(out: &mut Vec<char>, letter: char) {
    if out.last() != Some(&letter) || !letter.is_ascii_alphabetic() {
        out.push(letter);
    }
}

/// Kana as Latin letters (ISO 3602); everything else as it is.
fn latin(text: &str) -> String {
    const SMALL: [char; 9] = ['ゃ', 'ゅ', 'ょ', 'ぁ', 'ぃ', 'ぅ', 'ぇ', 'ぉ', 'ゎ'];
    let kana: Vec<char> = text.chars().map(hiragana).collect();
    let mut out = String::with_capacity(text.len());
    let mut after_double = false;
    for (at, letter) in kana.iter().enumerate() {
        let small_follows = kana.get(at + 1).is_some_and(|next| SMALL.contains(next));
        match (letter, syllable(*letter)) {
            ('っ', _) => after_double = true,
            ('ー', _) => {}
            (_, None) => out.push(*letter),
            (_, Some(sound)) => {
                // Canonical romaji has single consonants, so a double one needs no mark.
                after_double = false;
                let stem = sound.trim_end_matches('i');
                out.push_str(if small_follows && stem.len() < sound.len() { stem } else { sound });
            }
        }
    }
    if after_double {
        out.push('t');
    }
    out
}

fn hiragana(letter: char) -> char {
    match letter {
        'ァ'..='ヶ' => char::from_u32(u32::from(letter) - 0x60).unwrap_or(letter),
        other => other,
    }
}

fn syllable(kana: char) -> Option<&'static str> {
    const TABLE: [(&str, [&str; 5]); 14] = [
        ("あいうえお", ["a", "i", "u", "e", "o"]),
        ("かきくけこ", ["ka", "ki", "ku", "ke", "ko"]),
        ("さしすせそ", ["sa", "si", "su", "se", "so"]),
        ("たちつてと", ["ta", "ti", "tu", "te", "to"]),
        ("なにぬねの", ["na", "ni", "nu", "ne", "no"]),
        ("はひふへほ", ["ha", "hi", "hu", "he", "ho"]),
        ("まみむめも", ["ma", "mi", "mu", "me", "mo"]),
        ("らりるれろ", ["ra", "ri", "ru", "re", "ro"]),
        ("がぎぐげご", ["ga", "gi", "gu", "ge", "go"]),
        ("ざじずぜぞ", ["za", "zi", "zu", "ze", "zo"]),
        ("だぢづでど", ["da", "zi", "zu", "de", "do"]),
        ("ばびぶべぼ", ["ba", "bi", "bu", "be", "bo"]),
        ("ぱぴぷぺぽ", ["pa", "pi", "pu", "pe", "po"]),
        ("ぁぃぅぇぉ", ["a", "i", "u", "e", "o"]),
    ];
    match kana {
        'や' | 'ゃ' => return Some("ya"),
        'ゆ' | 'ゅ' => return Some("yu"),
        'よ' | 'ょ' => return Some("yo"),
        'わ' | 'ゎ' => return Some("wa"),
        'を' => return Some("o"),
        'ん' => return Some("n"),
        'ゔ' => return Some("bu"),
        _ => {}
    }
    TABLE.iter().find_map(|(row, sounds)| {
        row.chars().position(|letter| letter == kana).and_then(|column| sounds.get(column).copied())
    })
}
