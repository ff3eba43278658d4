//! How well a header fits a name: equal, equal but for a remark, equal in one of its rows, containing, similar.
//!
//! Invariant: each expected column is given to at most one header, each header to at most one column.

use std::{cmp::Ordering, collections::HashMap};

use super::super::fold::{fold, fold_without_remark};
use super::super::{ColumnId, ExpectedColumn};
use super::MatchReason;

/// The text of one column's header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct HeaderText {
    /// All rows joined by ／.
    pub(super) joined: String,
    /// The first row with text.
    pub(super) upper: String,
    /// The last row with text.
    pub(super) lower: String,
    /// Whether a merged cell brings the same text as in the column to the left.
    pub(super) repeats_left: bool,
}

/// A match of a header with the expected column of the given place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) column: usize,
    pub(super) score: u8,
    pub(super) reason: MatchReason,
}

/// Below this a header stays unmatched.
const LEAST_SCORE: u8 = 65;

struct PreparedName {
    column: usize,
    folded: String,
    bare: String,
    length: usize,
    pairs: Pairs,
}

/// The expected columns, prepared for comparing.
pub(super) struct Matcher {
    ids: Vec<ColumnId>,
    names: Vec<PreparedName>,
}

impl Matcher {
    pub(super) fn new(expected: &[ExpectedColumn]) -> Self {
        let names = expected
            .iter()
            .enumerate()
            .flat_map(|(column, expected)| {
                expected.names.iter().map(move |name| {
                    let folded = fold(name);
                    let (length, pairs) = (folded.chars().count(), Pairs::of(&folded));
                    PreparedName { column, folded, bare: fold_without_remark(name), length, pairs }
                })
            })
            .filter(|name| !name.folded.is_empty())
            .collect();
        Self { ids: expected.iter().map(|column| column.id.clone()).collect(), names }
    }

    /// The id of an expected column.
    pub(super) fn id(&self, column: usize) -> ColumnId {
        self.ids.get(column).cloned().unwrap_or_else(|| ColumnId::from(""))
    }

    /// Gives each header the column that fits best, the surest matches first.
    pub(super) fn assign(
        &self,
        headers: &[HeaderText],
        is_settled: impl Fn(usize, &ColumnId) -> bool,
    ) -> Vec<Option<Hit>> {
        let mut candidates: Vec<(usize, Hit)> = Vec::new();
        for (index, header) in headers.iter().enumerate() {
            let hits = self.hits(header);
            candidates.extend(hits.into_iter().map(|hit| (index, hit)));
        }
        candidates.sort_by(|left, right| {
            right.1.score.cmp(&left.1.score).then(left.0.cmp(&right.0)).then(left.1.column.cmp(&right.1.column))
        });
        let mut assigned: Vec<Option<Hit>> = vec![None; headers.len()];
        let mut taken = vec![false; self.ids.len()];
        for (index, hit) in candidates {
            let free = self.ids.get(hit.column).is_some_and(|id| !is_settled(index, id));
            if let (Some(place), Some(is_taken)) = (assigned.get_mut(index), taken.get_mut(hit.column))
                && free
                && place.is_none()
                && !*is_taken
            {
                *place = Some(hit);
                *is_taken = true;
            }
        }
        assigned
    }

    /// The best score of each expected column for a header, where it is good enough.
    fn hits(&self, header: &HeaderText) -> Vec<Hit> {
        let whole = fold(&header.joined);
        if whole.is_empty() {
            return Vec::new();
        }
        let bare = fold_without_remark(&header.joined);
        let text = if bare.is_empty() { &whole } else { &bare };
        let forms = Forms {
            length: text.chars().count(),
            pairs: Pairs::of(text),
            bare,
            upper: fold(&header.upper),
            lower: fold(&header.lower),
            lower_bare: fold_without_remark(&header.lower),
            is_tall: header.upper != header.lower,
            whole,
        };
        let mut best: HashMap<usize, Hit> = HashMap::new();
        for name in &self.names {
            let (score, reason) = forms.score(name);
            let hit = Hit { column: name.column, score, reason };
            if score >= LEAST_SCORE && best.get(&name.column).is_none_or(|known| known.score < score) {
                best.insert(name.column, hit);
            }
        }
        best.into_values().collect()
    }
}

/// A header in the forms in which it is compared.
struct Forms {
    whole: String,
    bare: String,
    upper: String,
    lower: String,
    lower_bare: String,
    is_tall: bool,
    /// Of `bare`, or of `whole` where that is empty.
    length: usize,
    pairs: Pairs,
}

impl Forms {
    fn score(&self, name: &PreparedName) -> (u8, MatchReason) {
        if self.whole == name.folded {
            return (100, MatchReason::SameName);
        }
        if !name.bare.is_empty() && self.bare == name.bare {
            return (95, MatchReason::SameWithoutRemark);
        }
        if self.is_tall {
            if self.lower == name.folded {
                return (92, MatchReason::PartOfHeader);
            }
            if !name.bare.is_empty() && self.lower_bare == name.bare {
                return (88, MatchReason::PartOfHeader);
            }
            if self.upper == name.folded {
                return (80, MatchReason::PartOfHeader);
            }
        }
        let text = if self.bare.is_empty() { &self.whole } else { &self.bare };
        let (header_length, name_length) = (self.length, name.length);
        if name_length >= 2 && text.contains(&name.folded) {
            return (percent(60, 30, name_length, header_length), MatchReason::Contains);
        }
        // 番号 is half of 電話番号 and says something else.
        if header_length >= 2 && name.folded.contains(text.as_str()) {
            return (percent(40, 45, header_length, name_length), MatchReason::Contains);
        }
        let (shared, pairs) = self.pairs.shared(&name.pairs);
        // Two thirds of the pairs are just above the least score.
        (percent(40, 40, shared, pairs.max(1)), MatchReason::Similar)
    }
}

/// `base + span × part / whole`, as a score.
fn percent(base: usize, span: usize, part: usize, whole: usize) -> u8 {
    u8::try_from(base + span * part / whole.max(1)).unwrap_or(100)
}

/// The pairs of neighbouring letters of a text, in order.
struct Pairs(Vec<(char, char)>);

impl Pairs {
    fn of(text: &str) -> Self {
        let mut pairs: Vec<(char, char)> = text.chars().zip(text.chars().skip(1)).collect();
        pairs.sort_unstable();
        Self(pairs)
    }

    /// How many pairs two texts share, doubled, and how many there are in both.
    fn shared(&self, other: &Self) -> (usize, usize) {
        let (mut left, mut right, mut shared) = (self.0.as_slice(), other.0.as_slice(), 0);
        while let ([first, further @ ..], [second, beyond @ ..]) = (left, right) {
            match first.cmp(second) {
                Ordering::Less => left = further,
                Ordering::Greater => right = beyond,
                Ordering::Equal => (left, right, shared) = (further, beyond, shared + 2),
            }
        }
        (shared, self.0.len() + other.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::ColumnKind;

    fn matcher() -> Matcher {
        Matcher::new(&[
            ExpectedColumn::new("name", &["個人情報の名称", "台帳名"], ColumnKind::Text),
            ExpectedColumn::new("acquired", &["取得日"], ColumnKind::Date),
            ExpectedColumn::new("method", &["取得方法"], ColumnKind::Text),
            ExpectedColumn::new("retention", &["保存期間"], ColumnKind::Period),
            ExpectedColumn::new("place", &["保管場所"], ColumnKind::Text),
        ])
    }

    #[test]
    fn headers_are_matched_by_the_best_reason() {
        for (upper, lower, id, reason) in [
            ("個人情報の 名称", "", Some("name"), MatchReason::SameName),
            ("保存期間（年）", "", Some("retention"), MatchReason::SameWithoutRemark),
            ("取得", "方法", Some("method"), MatchReason::SameName),
            ("保管", "保管場所", Some("place"), MatchReason::PartOfHeader),
            ("書類の保管場所", "", Some("place"), MatchReason::Contains),
            ("名称", "", None, MatchReason::NoMatch),
            ("廃棄日", "", None, MatchReason::NoMatch),
            ("保管期間", "", None, MatchReason::NoMatch),
        ] {
            let joined = if lower.is_empty() { upper.to_owned() } else { format!("{upper}／{lower}") };
            let lower = if lower.is_empty() { upper } else { lower };
            let header = HeaderText { joined, upper: upper.to_owned(), lower: lower.to_owned(), repeats_left: false };
            let matcher = matcher();
            let hit = matcher.assign(&[header], |_, _| false).remove(0);
            assert_eq!(hit.map(|hit| matcher.id(hit.column).to_string()).as_deref(), id, "{upper}／{lower}");
            assert_eq!(hit.map_or(MatchReason::NoMatch, |hit| hit.reason), reason, "{upper}／{lower}");
        }
    }
}
