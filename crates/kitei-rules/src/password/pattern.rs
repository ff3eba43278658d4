//! Simple patterns: the same again and again, the alphabet, counting, and keys that lie side by side.
//!
//! Serves "the like that others can guess" of IS-4-9-3-08.

/// Rows, columns and slants of Japanese and American keyboards, the number pad, the alphabet, counting, the vowels.
const WALKS: [&str; 32] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890-^",
    "aiueo",
    "qwertyuiop@[",
    "qwertyuiop[]",
    "asdfghjkl;:]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "1qaz",
    "2wsx",
    "3edc",
    "4rfv",
    "5tgb",
    "6yhn",
    "7ujm",
    "8ik,",
    "9ol.",
    "0p;/",
    "zse4",
    "xdr5",
    "cft6",
    "vgy7",
    "bhu8",
    "nji9",
    "mko0",
    "147258369",
    "159753",
    "789456123",
    "qweasdzxc",
    "qazwsxedcrfv",
    "1q2w3e4r5t6y7u8i9o0p",
    "a1b2c3d4e5f6",
];

/// Fewer different characters than this are no password, however long.
const FEWEST_DIFFERENT: usize = 5;

/// Whether the text repeats itself as a whole, or has hardly any different characters.
pub(super) fn repeats(plain: &[char]) -> bool {
    let mut different = plain.to_vec();
    different.sort_unstable();
    different.dedup();
    if !plain.is_empty() && different.len() < FEWEST_DIFFERENT {
        return true;
    }
    // The smallest period: every character is the one that lies a period before it.
    (1..=plain.len() / 2).any(|period| plain.iter().skip(period).eq(plain.iter().take(plain.len() - period)))
}

/// Marks the characters that belong to a run of three or more of one kind, or of a walk.
pub(super) fn mark(plain: &[char]) -> Vec<bool> {
    let mut marks = vec![false; plain.len()];
    mark_runs(plain, &mut marks);
    let (american, japanese) = (unshifted(plain, american), unshifted(plain, japanese));
    for walk in WALKS {
        let forwards: Vec<char> = walk.chars().collect();
        let backwards: Vec<char> = walk.chars().rev().collect();
        for keys in [&american, &japanese] {
            mark_walk(keys, &forwards, &mut marks);
            mark_walk(keys, &backwards, &mut marks);
        }
    }
    marks
}

/// Marks years of the last and this century: a suffix that everybody adds.
pub(super) fn mark_years(plain: &[char], marks: &mut [bool]) {
    for at in 0..plain.len().saturating_sub(3) {
        let year = plain.get(at..at + 4).filter(|year| year.iter().all(char::is_ascii_digit));
        if year.is_some_and(|year| matches!(year, ['1', '9', ..] | ['2', '0', ..])) {
            set(marks, at, 4);
        }
    }
}

fn mark_runs(plain: &[char], marks: &mut [bool]) {
    let mut start = 0;
    for run in plain.chunk_by(|left, right| left == right) {
        if run.len() >= 3 {
            set(marks, start, run.len());
        }
        start += run.len();
    }
}

/// Marks every piece of the text that lies in the walk, from three characters on.
fn mark_walk(keys: &[char], walk: &[char], marks: &mut [bool]) {
    for (start, first) in keys.iter().enumerate() {
        for (offset, _) in walk.iter().enumerate().filter(|(_, step)| *step == first) {
            let length =
                keys.iter().skip(start).zip(walk.iter().skip(offset)).take_while(|(key, step)| key == step).count();
            if length >= 3 {
                set(marks, start, length);
            }
        }
    }
}

pub(super) fn set(marks: &mut [bool], start: usize, length: usize) {
    for mark in marks.iter_mut().skip(start).take(length) {
        *mark = true;
    }
}

fn unshifted(plain: &[char], key: fn(char) -> char) -> Vec<char> {
    plain.iter().map(|letter| key(*letter)).collect()
}

fn american(letter: char) -> char {
    match letter {
        '!' => '1',
        '@' => '2',
        '#' => '3',
        '$' => '4',
        '%' => '5',
        '^' => '6',
        '&' => '7',
        '*' => '8',
        '(' => '9',
        ')' => '0',
        other => other,
    }
}

fn japanese(letter: char) -> char {
    match letter {
        '!' => '1',
        '"' => '2',
        '#' => '3',
        '$' => '4',
        '%' => '5',
        '&' => '6',
        '\'' => '7',
        '(' => '8',
        ')' => '9',
        other => other,
    }
}
