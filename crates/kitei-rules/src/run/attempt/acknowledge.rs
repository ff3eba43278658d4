//! Confirming: that a notice reached me, that I have read a rule of the handbook.
//!
//! Invariant: nobody confirms for another; what is confirmed already stays as it was and is no mistake.

use uuid::Uuid;

use super::Attempt;
use crate::run::command::Change;

impl Attempt<'_> {
    /// Confirms a notice. It may be about a record that is closed by now, or that its reader may not open.
    pub(super) fn acknowledge(&mut self, record: Uuid, notice: Uuid) {
        let Some(told) = self.snapshot.told.get(&notice).filter(|told| told.record == record) else {
            self.refuse("not-found", Vec::new(), "お知らせが見つかりません。", "There is no such notice.");
            return;
        };
        if told.person != self.actor.person {
            self.refuse(
                "not-yours",
                Vec::new(),
                "ほかの人へのお知らせは確認できません。",
                "Nobody acknowledges a notice to somebody else.",
            );
            return;
        }
        if !told.acknowledged {
            self.put(Change::Acknowledged { record, notice });
        }
    }

    /// Confirms a rule of the handbook, in the edition that is in force.
    pub(super) fn confirm_rule(&mut self, person: Uuid, pack: &str, rule: &str) {
        if self.actor.person != person || person.is_nil() {
            self.refuse(
                "not-yours",
                Vec::new(),
                "決まりの確認は本人が行います。",
                "Everybody confirms the rules for themselves.",
            );
            return;
        }
        let known = self.book.sayings.rules.get(&(pack.to_owned(), rule.to_owned()));
        let said = known.filter(|said| said.in_force()).and_then(|said| said.iter().next());
        let edition = self.book.sayings.packs.get(pack).map(|head| head.edition.clone());
        let (Some((_, said)), Some(edition), Some(own)) = (said, edition, self.snapshot.record(person)) else {
            self.refuse("not-found", Vec::new(), "決まりが見つかりません。", "There is no such rule.");
            return;
        };
        let kernel = self.kernel();
        let concerned = kernel.all_targets(own, &said.who);
        if !kernel.is_meant(person, &concerned) {
            let clauses = said.meta.basis.clone();
            self.refuse("not-yours", clauses, "この決まりはほかの人のものです。", "This rule concerns others.");
            return;
        }
        let confirmed = (pack.to_owned(), rule.to_owned(), edition);
        if !self.snapshot.confirmed.contains(&confirmed) {
            let (pack, rule, edition) = confirmed;
            self.put(Change::RuleConfirmed { person, pack, rule, edition });
        }
    }
}
