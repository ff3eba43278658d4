//! Rows of law: only in the law's own pack, and only such as make a law book.

use super::{super::diagnostic::say, LAW, Report, index::Index};
use crate::law::book::LawBook;

pub(super) fn check(index: &Index<'_>, report: &mut Report<'_>) {
    let own = index.own;
    if own.id != LAW {
        let metas = own.laws.iter().map(|row| &row.meta).chain(own.pending.iter().map(|pending| &pending.meta));
        for meta in metas {
            report.error(
                &meta.place,
                "law-outside-law",
                say("法令を書けるのは law-jp だけです。", "only law-jp says what the law is"),
                say("law-jp に書く。", "write it in law-jp"),
            );
        }
        return;
    }
    // A pack without rows leaves the law that the program ships.
    if own.laws.is_empty() {
        return;
    }
    for error in LawBook::from_pack(own).err().unwrap_or_default() {
        let (ja, en) = (error.problem.ja(), error.problem.to_string());
        report.error(&error.place, "law-row", say(ja, en), super::references::nothing());
    }
}
