//! Checks a pack against what it may refer to: itself, `office`, `law-jp` and the packs it extends.
//!
//! Invariant: an element is looked at by one pass for each subject (references, values, people, clauses, conditions), and a
//! mistake is reported by one of them only.
//! Invariant: what stands in `office` and is referred to by nobody is no mistake: it is inert.

mod clauses;
mod conditions;
mod index;
mod laws;
mod moments;
mod people;
mod records;
mod references;
mod stories;
mod values;

pub use conditions::{ConditionCheck, Finding, Moment, NoConditionCheck, Scope, Want};

use index::Index;

use super::{
    diagnostic::{Diagnostic, Spot, suggest},
    model::{Meta, Pack, Place, Text},
};
use crate::expr::with_parser_stack;

/// The vocabulary that every pack sees.
pub const OFFICE: &str = "office";
/// The law, which every pack sees.
pub const LAW: &str = "law-jp";

/// Checks every pack, each against what it may see of the others.
#[must_use]
pub fn check(packs: &[Pack], conditions: &dyn ConditionCheck) -> Vec<Diagnostic> {
    packs.iter().flat_map(|pack| check_pack(pack, packs, conditions)).collect()
}

/// Checks one pack. `packs` holds what it may see, at least `office`, `law-jp` and what it extends; itself may be among them.
#[must_use]
pub fn check_pack(pack: &Pack, packs: &[Pack], conditions: &dyn ConditionCheck) -> Vec<Diagnostic> {
    let index = Index::new(pack, packs);
    let mut report = Report { pack: &pack.id, found: Vec::new() };
    references::extends(&index, packs, &mut report);
    records::check(&index, &mut report);
    references::check(&index, &mut report);
    moments::check(&index, &mut report);
    people::check(&index, &mut report);
    values::check(&index, &mut report);
    clauses::check(&index, packs, &mut report);
    laws::check(&index, &mut report);
    stories::check(&index, &mut report);
    report.found.extend(with_parser_stack(|| {
        let mut of_conditions = Report { pack: &pack.id, found: Vec::new() };
        conditions::check(&index, conditions, &mut of_conditions);
        of_conditions.found
    }));
    report.found.sort();
    report.found.dedup();
    report.found
}

/// Where passes put what they find.
struct Report<'r> {
    pack: &'r str,
    found: Vec<Diagnostic>,
}

impl Report<'_> {
    fn error(&mut self, place: &Place, code: &'static str, message: Text, expected: Text) {
        self.found.push(Spot::place(self.pack, place).error(code, message, expected));
    }

    fn warning(&mut self, place: &Place, code: &'static str, message: Text, expected: Text) {
        self.found.push(Spot::place(self.pack, place).warning(code, message, expected));
    }

    /// Something is referred to that does not exist.
    fn dangling<'w>(
        &mut self,
        meta: &Meta,
        key: &str,
        missing: &Missing<'_>,
        known: impl IntoIterator<Item = &'w str> + Clone,
    ) {
        self.dangling_at(&meta.place_of(key), missing, known);
    }

    fn dangling_at<'w>(
        &mut self,
        place: &Place,
        missing: &Missing<'_>,
        known: impl IntoIterator<Item = &'w str> + Clone,
    ) {
        let Missing { code, ja, en, id } = missing;
        if id.is_empty() {
            return; // The walker has reported that nothing is written here.
        }
        self.error(
            place,
            code,
            Text { ja: format!("{ja}「{id}」はありません。"), en: format!("there is no {en} `{id}`") },
            suggest(id, known),
        );
    }
}

/// What is missing: code, the thing's name in both languages, its id.
struct Missing<'m> {
    code: &'static str,
    ja: &'static str,
    en: &'static str,
    id: &'m str,
}

macro_rules! missing {
    ($($name:ident $code:literal $ja:literal $en:literal;)*) => {
        impl<'m> Missing<'m> {
            $(fn $name(id: &'m str) -> Self {
                Self { code: $code, ja: $ja, en: $en, id }
            })*
        }
    };
}

missing! {
    register "dangling-register" "台帳" "register";
    field "dangling-field" "項目" "field";
    list "dangling-list" "明細" "line list";
    act "dangling-act" "行為" "act";
    role "dangling-role" "役割" "role";
    body "dangling-body" "会議体" "body";
    parameter "dangling-parameter" "設定値" "parameter";
    paper "dangling-paper" "文書" "paper";
    track "dangling-track" "手順" "track";
    element "dangling-element" "要素" "element";
    pack "dangling-pack" "パック" "pack";
    clause "unknown-clause" "条項" "clause";
}
