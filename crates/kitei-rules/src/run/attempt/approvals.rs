//! Approving a submitted act and sending it back.
//!
//! Invariant: nobody approves what they did themselves while somebody else of sufficient rank is left.

use uuid::Uuid;

use super::Attempt;
use crate::{
    pack::model::Text,
    run::{
        approve::role_of,
        command::{Change, Notice, Objection},
        who::Target,
    },
    world::DeedStatus,
};

impl Attempt<'_> {
    pub(super) fn approve(&mut self, id: Uuid, act: &str) {
        let Some(record) = self.open_record(id) else { return };
        let kernel = self.kernel();
        let Some(deed) = kernel.deed(&record, act).filter(|deed| deed.status == DeedStatus::Submitted).cloned() else {
            self.refuse("not-submitted", Vec::new(), "承認を待っていません。", "Nothing waits for approval.");
            return;
        };
        let standing = kernel.standing(&record).into_iter().find(|standing| standing.act == act);
        let (outstanding, clauses) = match &standing {
            Some(standing) => {
                let clauses = standing.basis().into_iter().map(str::to_owned).collect::<Vec<_>>();
                (standing.approvals.outstanding.clone(), clauses)
            }
            None => (self.duty_approvals(&record, act, &deed), Vec::new()),
        };
        let person = self.actor.person;
        let mut chosen = None;
        for set in &outstanding {
            let approvers = self.kernel().approvers(&record, set, deed.by);
            if let Some(approver) = approvers.into_iter().find(|approver| approver.persons.contains(&person)) {
                chosen = Some((set.clone(), approver));
                break;
            }
        }
        let Some((set, approver)) = chosen else {
            let own = deed.by == Some(person);
            let (ja, en) = if own {
                ("自分が行ったものは承認できません。", "Nobody approves what they did themselves.")
            } else {
                ("承認する役割ではありません。", "The approval is not yours to give.")
            };
            self.refuse("not-approver", clauses, ja, en);
            return;
        };
        let reason = self.circumstances.reason.clone();
        if approver.by_self && reason.as_ref().is_none_or(|reason| reason.trim().is_empty()) {
            self.verdict.asked.push(Objection {
                code: "self-approval".to_owned(),
                field: None,
                source: Some(act.to_owned()),
                clauses,
                message: Text {
                    ja: "ほかに承認できる人がいません。自己承認の理由を書いてください（監査に示されます）。".to_owned(),
                    en: "Nobody else can approve. Say why you approve your own act (the audit will see it).".to_owned(),
                },
            });
        }
        // A higher rank that stands in is kept under its own role and meets the set it stood in for.
        let role = if set.iter().any(|who| role_of(who) == approver.role) {
            approver.role.clone()
        } else {
            set.first().map_or("", |who| role_of(who)).to_owned()
        };
        let complete = completes(&outstanding, &set, &role);
        self.put(Change::Approved {
            record: id,
            act: act.to_owned(),
            round: deed.round,
            role,
            by: person,
            by_self: approver.by_self,
            reason,
            complete,
        });
        if complete {
            self.follow(id, &format!("approved:{act}"));
        }
    }

    pub(super) fn send_back(&mut self, id: Uuid, act: &str) {
        let Some(record) = self.open_record(id) else { return };
        let kernel = self.kernel();
        let Some(deed) = kernel.deed(&record, act).filter(|deed| deed.status == DeedStatus::Submitted).cloned() else {
            self.refuse("not-submitted", Vec::new(), "承認を待っていません。", "Nothing waits for approval.");
            return;
        };
        let standing = kernel.standing(&record).into_iter().find(|standing| standing.act == act);
        let sets = standing
            .map_or_else(|| self.duty_approvals(&record, act, &deed), |standing| standing.approvals.outstanding);
        let person = self.actor.person;
        let approves = sets
            .iter()
            .flat_map(|set| self.kernel().approvers(&record, set, deed.by))
            .any(|approver| approver.persons.contains(&person));
        if !approves {
            self.refuse("not-approver", Vec::new(), "差し戻す役割ではありません。", "Sending it back is not yours.");
        }
        if self.circumstances.reason.as_ref().is_none_or(|reason| reason.trim().is_empty()) {
            self.verdict.asked.push(Objection {
                code: "return-reason".to_owned(),
                field: None,
                source: Some(act.to_owned()),
                clauses: Vec::new(),
                message: Text {
                    ja: "差し戻す理由を書いてください。".to_owned(),
                    en: "Say why it is sent back.".to_owned(),
                },
            });
        }
        self.put(Change::Deed {
            record: id,
            act: act.to_owned(),
            round: deed.round,
            status: DeedStatus::Returned,
            by: deed.by,
            acting_for: None,
            happened_at: self.happened(),
            fields: deed.fields,
            reason: self.circumstances.reason.clone(),
        });
        self.plan.notices.push(Notice {
            record: id,
            key: format!("returned:{id}:{act}:{}:{}", deed.round, self.moment.now),
            to: deed.by.map(Target::Person).into_iter().collect(),
            message: Text {
                ja: format!("「{}」が差し戻されました。", self.book.act_title(act).ja),
                en: format!("\"{}\" was sent back.", self.book.act_title(act).en),
            },
            receipt: false,
            urgent: false,
            due: None,
            basis: Vec::new(),
        });
    }
}

/// Whether an approval that meets one set leaves none outstanding.
fn completes(outstanding: &[Vec<String>], met: &[String], role: &str) -> bool {
    outstanding.iter().all(|set| set == met || set.iter().any(|who| role_of(who) == role))
}
