//! What a case sees of tasks: the steps asked for on a record, and what comes back.

use kitei_rules::{
    pack::model::Literal,
    run::{
        duty::DutyStanding,
        standing::{ActStanding, Status},
        who::Target,
    },
};

use super::{Words, list_of, truth};
use crate::{
    coverage::{deeds::text, stage::Scene, words::Problem},
    kernel::project::status_word,
};

impl Scene {
    pub(super) async fn see_task(&self, words: &Words) -> Result<(), Problem> {
        let act = text(words, "act").unwrap_or_default().to_owned();
        let standing = self
            .on_record(words, |kernel, record| kernel.standing(record).into_iter().find(|standing| standing.act == act))
            .await?;
        if truth(words, "none") == Some(true) {
            return match standing {
                Some(standing) if !standing.status.settled() => Err(format!("there is a task \"{act}\"")),
                _ => Ok(()),
            };
        }
        let standing = standing.ok_or_else(|| format!("there is no task \"{act}\""))?;
        self.task_fits(words, &standing)
    }

    fn task_fits(&self, words: &Words, standing: &ActStanding) -> Result<(), Problem> {
        let kind = text(words, "kind");
        let of_kind: Vec<_> = standing
            .clocks
            .iter()
            .filter(|clock| {
                kind.is_none_or(|kind| {
                    serde_json::to_value(clock.kind).ok().as_ref().and_then(|k| k.as_str()) == Some(kind)
                })
            })
            .collect();
        if kind.is_some() && of_kind.is_empty() {
            return Err(format!("no clock is of kind {}", kind.unwrap_or_default()));
        }
        let due = if kind.is_some() { of_kind.iter().filter_map(|clock| clock.due).min() } else { standing.due() };
        for (key, found) in [("due", due), ("target", standing.target())] {
            if let Some(expected) = self.instant_of(words, key)?
                && found != Some(expected)
            {
                return Err(format!("{key} is {}", found.map_or_else(|| "not set".to_owned(), |at| self.local(at))));
            }
        }
        if let Some(status) = text(words, "status") {
            let late = status == "late" && standing.late();
            if !late && status_word(standing.status) != status {
                return Err(format!("status is {} ({})", status_word(standing.status), why(standing)));
            }
        }
        if let Some(late) = truth(words, "late")
            && standing.late() != late
        {
            return Err(format!("late is {}", standing.late()));
        }
        if let Some(clause) = text(words, "clause")
            && !standing.basis().contains(clause)
        {
            return Err(format!("its clauses are {:?}", standing.basis()));
        }
        if let Some(Literal::Int(count)) = words.get("count") {
            let left = standing.lines.map_or(0, |(done, all)| all - done);
            if i64::try_from(left).ok() != Some(*count) {
                return Err(format!("{left} lines are left"));
            }
        }
        if let Some(expected) = text(words, "why")
            && !why(standing).contains(expected)
        {
            return Err(format!("the reason is \"{}\"", why(standing)));
        }
        if let Some(guide) = truth(words, "guide")
            && standing.clocks.iter().any(|clock| clock.guide.is_some()) != guide
        {
            return Err("目安 is not as expected".to_owned());
        }
        match words.get("by") {
            Some(by) => self.is_for(by, &standing.by),
            None => Ok(()),
        }
    }

    /// Whether targets are those named: a role, a person's name, `staff`, or a list of them, the first accountable.
    fn is_for(&self, by: &Literal, targets: &[Target]) -> Result<(), Problem> {
        let names: Vec<&str> = match by {
            Literal::Text(name) => vec![name],
            Literal::List(items) => items
                .iter()
                .filter_map(|item| if let Literal::Text(name) = item { Some(name.as_str()) } else { None })
                .collect(),
            _ => Vec::new(),
        };
        for name in names {
            let plain = name.strip_prefix('@').unwrap_or(name);
            let person = self.names.get(plain).or_else(|| self.names.get(&format!("role:{plain}"))).copied();
            let meant = targets.iter().any(|target| match target {
                Target::Staff => plain == "staff",
                Target::Role { role, .. } => role == plain || plain.strip_prefix("role:") == Some(role),
                Target::Person(id) => Some(*id) == person,
                Target::Outside(role) => plain == format!("outside({role})"),
            });
            if !meant {
                return Err(format!("it is for {targets:?}, not for {name}"));
            }
        }
        Ok(())
    }

    fn local(&self, at: jiff::Timestamp) -> String {
        at.to_zoned_datetime(self.organization.zone.clone()).datetime().to_string()
    }

    pub(super) async fn see_steps(&self, words: &Words) -> Result<(), Problem> {
        let track = text(words, "track").map(str::to_owned);
        let all = self.on_record(words, |kernel, record| kernel.standing(record)).await?;
        let mut found: Vec<(usize, String)> = Vec::new();
        for standing in &all {
            for asking in &standing.asked_by {
                if track.as_ref().is_none_or(|track| asking.track == *track) {
                    found.push((asking.position, standing.act.clone()));
                }
            }
        }
        if track.is_some() {
            found.sort();
        }
        let found: Vec<String> = found.into_iter().map(|(_, act)| act).collect();
        let expected = list_of(words, "acts");
        if found == expected { Ok(()) } else { Err(format!("the steps are {found:?}")) }
    }

    pub(super) async fn see_duty(&self, words: &Words) -> Result<(), Problem> {
        let act = text(words, "act").unwrap_or_default().to_owned();
        let duty: Option<DutyStanding> = self
            .on_record(words, |kernel, record| kernel.duties(record).into_iter().find(|duty| duty.act == act))
            .await?;
        let duty = duty.ok_or_else(|| format!("there is no duty \"{act}\""))?;
        if let Some(due) = self.instant_of(words, "due")?
            && duty.due != due
        {
            return Err(format!("due is {}", self.local(duty.due)));
        }
        if let Some(opens) = text(words, "opens")
            && !self.local(duty.opens_at).starts_with(opens)
        {
            return Err(format!("it opens at {}", self.local(duty.opens_at)));
        }
        if let Some(status) = text(words, "status") {
            let now = crate::kernel::Environment::now(&*self.clock);
            let shown = match duty.status {
                Status::Open if duty.upcoming => "upcoming",
                Status::Open if now > duty.due && status == "late" => "late",
                other => status_word(other),
            };
            if shown != status {
                return Err(format!("status is {shown}"));
            }
        }
        if let Some(clause) = text(words, "clause")
            && !duty.basis.iter().any(|(_, clauses)| clauses.iter().any(|known| known == clause))
        {
            return Err(format!("its clauses are {:?}", duty.basis));
        }
        match words.get("by") {
            Some(by) => self.is_for(by, &duty.by),
            None => Ok(()),
        }
    }
}

fn why(standing: &ActStanding) -> String {
    standing.why.iter().map(|text| text.ja.as_str()).collect::<Vec<_>>().join("。")
}
