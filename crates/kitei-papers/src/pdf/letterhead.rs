//! What stands on every sheet of a paper around its content: whose it is, which it is, when it was printed, and the
//! checkpoint of the evidence log that lets an outsider hold the operator to it.

use serde::Serialize;

/// The head and foot of a paper. Templates receive it as `data.head` and pass it to `paper` of `kitei.typ`.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Letterhead {
    /// Title as printed at the top.
    pub title: String,
    /// Name of the organisation.
    pub organization: String,
    /// Number of the document or record (`INC-2026-003`), if it has one.
    pub number: Option<String>,
    /// Name of the form in its regulation (様式第3号), if it has one.
    pub form: Option<String>,
    /// Date of printing in both calendars.
    pub printed: Option<PrintDate>,
    /// The newest checkpoint of the evidence log.
    pub checkpoint: Option<CheckpointLine>,
    /// Whether the paper is a draft: then 下書き lies under every page.
    pub draft: bool,
}

/// A date as text in both calendars. Papers never compute dates themselves.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct PrintDate {
    /// 2026年11月24日
    pub western: String,
    /// 令和8年11月24日
    pub era: String,
}

/// The line of the foot that names a checkpoint (C2SP tlog-checkpoint) of the evidence log.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct CheckpointLine {
    /// Number of entries the checkpoint covers.
    pub size: String,
    /// Beginning of the root hash in hexadecimal, in groups of four.
    pub root: String,
    /// When it was signed, as text.
    pub signed: String,
}

impl CheckpointLine {
    /// A line for the log's `size` and root hash (SHA-256 in RFC 9162's tree). Sixteen hexadecimal digits are printed:
    /// few enough to compare by eye, too many to find a second tree with the same beginning.
    #[must_use]
    pub fn new(size: u64, root: &[u8; 32], signed: impl Into<String>) -> Self {
        let groups: Vec<String> =
            root[..8].chunks(2).map(|pair| pair.iter().map(|byte| format!("{byte:02x}")).collect()).collect();
        Self { size: grouped(size), root: groups.join(" "), signed: signed.into() }
    }
}

/// The number with a comma every three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checkpoint_lines_are_short_and_grouped() {
        let mut root = [0xab; 32];
        root[0] = 0x01;
        for (size, expected) in [(0, "0"), (999, "999"), (1_000, "1,000"), (10_482, "10,482"), (1_234_567, "1,234,567")]
        {
            let line = CheckpointLine::new(size, &root, "");
            assert_eq!((line.size.as_str(), line.root.as_str()), (expected, "01ab abab abab abab"));
        }
    }
}
