//! Words that everybody tries first, and whether a password is built on them.
//!
//! Serves IS-4-9-3-10. The list `words.txt` holds common passwords and simple words, English and romanised Japanese,
//! from four letters on. A password is built on words and patterns when they make more than half of it, after the
//! digits and symbols before and behind have been taken off: those are what people add to a word.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::fold::{Forms, canonical_romaji};
use super::pattern;
use super::problem::Pattern;

/// Shortest and longest word that is looked for.
const WORD: std::ops::RangeInclusive<usize> = 4..=14;

static WORDS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("words.txt").lines().filter(|word| WORD.contains(&word.len())).collect());

static ROMAJI: LazyLock<HashSet<String>> = LazyLock::new(|| {
    WORDS.iter().map(|word| canonical_romaji(word)).filter(|word| word.len() >= *WORD.start()).collect()
});

/// What a password is built on.
pub(super) struct Built {
    /// Words of the list.
    pub(super) words: bool,
    /// A simple pattern.
    pub(super) pattern: Option<Pattern>,
}

/// What the candidate is built on.
pub(super) fn built_on(forms: &Forms) -> Built {
    let walks = pattern::mark(&forms.plain);
    let mut walks_and_years = walks.clone();
    pattern::mark_years(&forms.plain, &mut walks_and_years);
    let mut words = spread_over_separators(forms);
    let mut pattern = pattern::repeats(&forms.plain).then_some(Pattern::Repetition);
    for form in [&forms.plain].into_iter().chain(&forms.read) {
        let spelled = mark_words(form);
        for (start, end) in cores(&forms.plain) {
            let share = Share::of(&spelled, &walks, &walks_and_years, start..end);
            words |= share.words > 0 && share.is_most(share.all);
            if share.walks > 0 && share.is_most(share.walks_and_years) {
                pattern = pattern.or(Some(Pattern::Walk));
            }
        }
    }
    Built { words, pattern }
}

/// How much of a piece of the candidate is words, walks and years.
struct Share {
    length: usize,
    words: usize,
    walks: usize,
    walks_and_years: usize,
    all: usize,
}

impl Share {
    fn of(words: &[bool], walks: &[bool], walks_and_years: &[bool], piece: std::ops::Range<usize>) -> Self {
        let count = |marks: &[bool]| marks.iter().take(piece.end).skip(piece.start).filter(|mark| **mark).count();
        let all: Vec<bool> = words.iter().zip(walks_and_years).map(|(word, other)| *word || *other).collect();
        Self {
            length: piece.len(),
            words: count(words),
            walks: count(walks),
            walks_and_years: count(walks_and_years),
            all: count(&all),
        }
    }

    fn is_most(&self, count: usize) -> bool {
        count * 2 > self.length
    }
}

/// The pieces that remain when digits and symbols before and behind are taken off, all of them or all but a few, since
/// a few may stand for letters ("n1nj4"); the whole when nothing else is there.
fn cores(plain: &[char]) -> Vec<(usize, usize)> {
    let length = plain.len();
    let letter = |letter: &char| letter.is_alphabetic();
    let (Some(first), Some(last)) = (plain.iter().position(letter), plain.iter().rposition(letter)) else {
        return if length == 0 { Vec::new() } else { vec![(0, length)] };
    };
    let mut pieces = vec![(0, length)];
    for start in first.saturating_sub(2)..=first {
        pieces.extend((last + 1..=length.min(last + 4)).map(|end| (start, end)));
    }
    pieces
}

fn mark_words(form: &[char]) -> Vec<bool> {
    let mut marks = vec![false; form.len()];
    let reversed: Vec<char> = form.iter().rev().copied().collect();
    for start in 0..form.len() {
        if let Some(length) = longest_word(&form[start..]) {
            pattern::set(&mut marks, start, length);
        }
        if let Some(length) = longest_word(&reversed[start..]) {
            pattern::set(&mut marks, form.len() - start - length, length);
        }
    }
    marks
}

fn longest_word(letters: &[char]) -> Option<usize> {
    WORD.rev().find(|length| {
        letters.get(..*length).is_some_and(|piece| WORDS.contains(piece.iter().collect::<String>().as_str()))
    })
}

/// Words with something between their letters ("p.a.s.s.w.o.r.d"), in kana, or in another romanisation: the letters
/// of words must be more than half of the whole candidate.
fn spread_over_separators(forms: &Forms) -> bool {
    let lengths = cores(&forms.plain).into_iter().map(|(start, end)| end - start);
    let whole = lengths.filter(|length| *length > 0).min().unwrap_or(0);
    forms.letters.iter().any(|text| covered(text, |piece| WORDS.contains(piece)) * 2 > whole)
        || forms.romaji.iter().any(|text| covered(text, |piece| ROMAJI.contains(piece)) * 2 > whole)
}

/// How many letters of the text belong to words. A text in another script than Latin has none of the list.
fn covered(text: &str, is_word: impl Fn(&str) -> bool) -> usize {
    if !text.is_ascii() {
        return 0;
    }
    let mut marks = vec![false; text.len()];
    for start in 0..text.len() {
        let longest = WORD.rev().find(|length| text.get(start..start + length).is_some_and(&is_word));
        pattern::set(&mut marks, start, longest.unwrap_or(0));
    }
    marks.iter().filter(|mark| **mark).count()
}
