//! Composition: the order and number of packs do not matter, and a pack that is added weakens nothing.
//!
//! Packs are generated with every kind of element that the language has, on names that they share. What is compared is
//! both what packs say and what is computed from it, down to the compiled book. Supersessions stand apart: only `law-jp`
//! sets something aside, and what it sets aside is listed.

#![expect(clippy::expect_used, reason = "a test may panic")]

mod packs;
mod polarities;
mod weaker;

use std::collections::{BTreeMap, BTreeSet};

use kitei_rules::{
    book::{Book, Compiler},
    pack::{
        elements,
        model::{Clause, Meta, Pack, Supersede},
    },
    rulebook::{Conflict, LAW, Sayings},
};
use proptest::prelude::*;

use packs::{add, composed, packs, text, words};
use weaker::Weaker;

/// The book with its conditions compiled; generated packs have no mistakes, so there must be none.
fn book(sayings: &Sayings) -> Book {
    let (book, errors) = Compiler::compile(sayings, &BTreeMap::new(), 1);
    assert!(
        errors.is_empty(),
        "{:?}",
        errors.iter().map(|e| (&e.source.text, e.error.to_string())).collect::<Vec<_>>()
    );
    book
}

/// Everything that is computed from what packs say, as text that can be compared.
fn computed(sayings: &Sayings) -> String {
    let mut book = book(sayings);
    book.sayings = Sayings::default();
    format!("{book:?}{:?}", sayings.conflicts())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn order_and_number_do_not_matter(packs in packs(), turn in 0..4_usize) {
        let whole = composed(&packs);
        let mut turned = packs.clone();
        turned.rotate_left(turn % packs.len());
        let backwards: Vec<Pack> = packs.iter().rev().cloned().collect();
        for other in [&turned, &backwards] {
            let other = composed(other);
            prop_assert_eq!(&whole, &other);
            prop_assert_eq!(computed(&whole), computed(&other));
        }
        // Two at a time, from either side, and what stands there already once more.
        let parts: Vec<Sayings> = packs.iter().map(Sayings::of).collect();
        let left = parts.iter().cloned().reduce(Sayings::join).expect("packs");
        let right = parts.iter().cloned().rev().reduce(|joined, next| next.join(joined)).expect("packs");
        prop_assert_eq!(&left, &right);
        let twice = left.clone().join(left.clone());
        prop_assert_eq!(&twice, &left);
        let again = parts.into_iter().fold(left.clone(), Sayings::join);
        prop_assert_eq!(again, left);
    }

    #[test]
    fn adding_a_pack_weakens_nothing(packs in packs()) {
        for missing in 0..packs.len() {
            let some = packs.iter().enumerate().filter(|(at, _)| *at != missing).map(|(_, pack)| pack);
            let weaker = Weaker::between(&composed(some), &composed(&packs));
            prop_assert!(weaker.is_empty(), "p{missing} weakens: {weaker:#?}");
        }
    }

    /// A conflict that is there stays until one of those who disagree leaves.
    #[test]
    fn a_conflict_does_not_go_away_by_adding(packs in packs()) {
        let (last, some) = packs.split_last().expect("packs");
        let _ = last;
        let about = |sayings: &Sayings| -> BTreeSet<(String, String)> {
            let kind = |conflict: &Conflict| format!("{:?}", conflict.kind);
            sayings.conflicts().iter().map(|conflict| (kind(conflict), conflict.about.clone())).collect()
        };
        let (before, after) = (about(&composed(some)), about(&composed(&packs)));
        prop_assert!(before.is_subset(&after), "{:?}", before.difference(&after).collect::<Vec<_>>());
    }
}

/// Only the law sets something aside, it is listed with its article, and nothing else is weaker for it.
#[test]
fn only_the_law_sets_an_element_aside() {
    let mut regulation = Pack { id: "p".to_owned(), ..Pack::default() };
    regulation.clauses.push(Clause { id: "P-1".to_owned(), ..Clause::default() });
    add(&mut regulation, 12, (0, 0, 0));
    add(&mut regulation, 13, (0, 0, 0));
    let supersede = Supersede {
        meta: Meta { basis: words(&["A-1"]), ..Meta::default() },
        clause: "P-1".to_owned(),
        element: Some("gate:own0".to_owned()),
        reason: text("why"),
    };
    for (id, gone) in [(LAW, true), ("q", false)] {
        let other = Pack { id: id.to_owned(), supersedes: vec![supersede.clone()], ..Pack::default() };
        let base = composed([&regulation]);
        let more = composed([&regulation, &other]);
        assert_eq!(more.superseded().len(), usize::from(gone), "{id}");
        assert_eq!(more.gates.is_empty(), gone, "{id}");
        assert_eq!(more.flags, base.flags);
        let weaker = Weaker::between(&base, &more);
        assert_eq!(weaker.len(), usize::from(gone), "{weaker:?}");
        if gone {
            let ((owner, element), said) = more.superseded().into_iter().next().expect("listed");
            assert_eq!((owner.as_str(), element.as_str()), ("p", "gate:own0"));
            assert_eq!((said.meta.basis.as_slice(), said.reason.ja.as_str()), (words(&["A-1"]).as_slice(), "why"));
            assert!(
                elements::elements(&regulation).iter().any(|known| known.name == element),
                "by its name in the pack"
            );
        }
    }
}
