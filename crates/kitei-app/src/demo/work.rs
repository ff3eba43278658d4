//! Working off: what the rules ask on a record, or of a duty on its objects, is done act by act with the answers of the plan, each by
//! somebody who may, and approved by somebody who may.
//!
//! Invariant: an act without an answer is left out where the rules allow it, with the step's reason; where they do not, or the step
//! gives no reason, the telling ends there and names the act.

use jiff::SignedDuration;
use kitei_rules::{
    expr::Actor,
    pack::model::Skip,
    run::{
        Kernel,
        approve::Approver,
        command::{Circumstances, Command},
        standing::Status,
        who::Target,
    },
    value::Value,
    world::Record,
};
use uuid::Uuid;

use super::{
    DemoError, Place,
    plan::{Answer, Step, wrong},
    player::{For, Player, among},
};
use crate::kernel::perform::Request;

/// Most deeds on one record in one step; a rule that asks for the same again and again ends here.
const MOST: usize = 300;

/// An act that somebody can do now.
struct Asked {
    act: String,
    title: String,
    status: Status,
    skip: Skip,
    needs: Vec<String>,
    round: Option<i64>,
    by: Vec<Who>,
    approvers: Vec<Approver>,
}

/// Who may do it.
enum Who {
    Persons(Vec<Uuid>),
    Anybody,
}

impl Asked {
    fn of_standing(kernel: &Kernel<'_>, record: &Record) -> Vec<Self> {
        let standings = kernel.standing(record).into_iter();
        let asked = standings.map(|standing| {
            let sets = &standing.approvals.outstanding;
            Self {
                approvers: approvers(kernel, record, &standing.act, sets),
                by: whos(kernel, record, &standing.by),
                act: standing.act,
                title: standing.title.ja,
                status: standing.status,
                skip: standing.skip,
                needs: standing.needs.into_keys().collect(),
                round: None,
            }
        });
        asked.collect()
    }

    fn of_duty(kernel: &Kernel<'_>, record: &Record, act: &str) -> Option<Self> {
        let duty = kernel.duties(record).into_iter().find(|duty| duty.act == act)?;
        Some(Self {
            approvers: approvers(kernel, record, act, &duty.approvals.outstanding),
            by: whos(kernel, record, &duty.by),
            title: duty.title.ja,
            status: duty.status,
            skip: Skip::Never,
            needs: Vec::new(),
            round: Some(duty.round),
            act: duty.act,
        })
    }

    fn open(&self) -> bool {
        matches!(self.status, Status::Open | Status::Returned)
    }
}

/// Who a step names; where somebody of the record's own department is among them, those alone, as it would be in life.
fn whos(kernel: &Kernel<'_>, record: &Record, by: &[Target]) -> Vec<Who> {
    let own = match kernel.value(record, "department") {
        Value::Record(department) => Some(department),
        _ => None,
    };
    let near = |person: &Uuid| own.is_some() && kernel.snapshot.people.get(person).and_then(|p| p.department) == own;
    by.iter()
        .map(|target| match target {
            Target::Staff | Target::Outside(_) => Who::Anybody,
            other => {
                let (near, far): (Vec<Uuid>, Vec<Uuid>) = kernel.persons(other).into_iter().partition(near);
                Who::Persons(if near.is_empty() { far } else { near })
            }
        })
        .collect()
}

fn approvers(kernel: &Kernel<'_>, record: &Record, act: &str, sets: &[Vec<String>]) -> Vec<Approver> {
    let doer = kernel.deed(record, act).and_then(|deed| deed.by);
    sets.first().map(|set| kernel.approvers(record, set, doer)).unwrap_or_default()
}

impl Player<'_> {
    /// The records of a register that a step is about, in order.
    pub(super) async fn objects(&self, place: &Place, step: &Step, register: &str) -> Result<Vec<Uuid>, DemoError> {
        let look = |kernel: &Kernel<'_>| kernel.snapshot.all(register).map(<[Uuid]>::to_vec).unwrap_or_default();
        let all = self.installation.look(&self.organization, None, &[], look).await?;
        let mut left_out = Vec::new();
        for name in &step.except {
            left_out.push(self.named(place, name)?);
        }
        Ok(self.in_order(all).into_iter().filter(|id| !left_out.contains(id)).collect())
    }

    /// Does what is asked on a record until nothing is left that the step does not leave open.
    pub(super) async fn work(&mut self, place: &Place, step: &Step, record: Uuid) -> Result<(), DemoError> {
        let register = self.register_of(place, record).await?;
        for _ in 0..MOST {
            let look = |kernel: &Kernel<'_>| kernel.snapshot.record(record).map(|r| Asked::of_standing(kernel, r));
            let asked = self.installation.look(&self.organization, None, &[record], look).await?.unwrap_or_default();
            let meant = |asked: &&Asked| {
                !among(&step.leave, &asked.act) && (step.only.is_empty() || among(&step.only, &asked.act))
            };
            let to_approve = |asked: &&Asked| asked.status == Status::Submitted && !among(&step.unapproved, &asked.act);
            let Some(next) = asked.iter().filter(meant).find(|asked| asked.open() || to_approve(asked)) else {
                return Ok(());
            };
            self.clock.pass(SignedDuration::from_mins(step.every.unwrap_or(20)));
            if next.open() {
                self.answer(place, step, &register, record, next).await?;
            } else {
                self.give_approval(place, step, record, next).await?;
            }
        }
        Err(wrong(&place.file, place.line, "終わりません。", "it does not come to an end"))
    }

    /// Does the present round of a duty on every object.
    pub(super) async fn duty(&mut self, place: &Place, step: &Step, act: &str) -> Result<(), DemoError> {
        let each = step.each.as_deref();
        let each = each.ok_or_else(|| wrong(&place.file, place.line, "each がありません。", "there is no `each`"))?;
        let objects = match &step.on {
            Some(name) => vec![self.named(place, name)?],
            None => self.objects(place, step, each).await?,
        };
        for record in objects {
            for _ in 0..4 {
                let look =
                    |kernel: &Kernel<'_>| kernel.snapshot.record(record).and_then(|r| Asked::of_duty(kernel, r, act));
                let asked = self.installation.look(&self.organization, None, &[record], look).await?;
                match asked {
                    Some(asked) if asked.open() => self.answer(place, step, each, record, &asked).await?,
                    Some(asked) if asked.status == Status::Submitted && !among(&step.unapproved, act) => {
                        self.give_approval(place, step, record, &asked).await?;
                        break;
                    }
                    _ => break,
                }
                if step.unapproved.is_empty() {
                    continue;
                }
                break;
            }
        }
        Ok(())
    }

    async fn answer(
        &mut self,
        place: &Place,
        step: &Step,
        register: &str,
        record: Uuid,
        asked: &Asked,
    ) -> Result<(), DemoError> {
        let answer = step.answers.get(&asked.act).or_else(|| self.plan.answers.get(&asked.act)).cloned();
        let answer = match (answer, &step.otherwise, asked.skip) {
            (Some(answer), _, _) => answer,
            (None, None, _) if step.duty.is_some() => Answer::default(),
            (None, Some(reason), Skip::Reason | Skip::Free) => {
                Answer { skip: Some(reason.clone()), ..Answer::default() }
            }
            (None, _, _) => {
                let needs = asked.needs.join(", ");
                let ja = format!("「{}」（{}）の答えがありません。要る項目: {needs}", asked.title, asked.act);
                return Err(wrong(
                    &place.file,
                    place.line,
                    ja,
                    format!("no answer to \"{}\"; needs: {needs}", asked.act),
                ));
            }
        };
        let actor = match (&answer.by, &step.by) {
            (Some(who), _) => self.actor(place, who).await?,
            (None, fallback) => self.doer(place, asked, fallback.as_deref()).await?,
        };
        let reason = answer.skip.clone().or_else(|| answer.reason.clone()).or_else(|| step.reason.clone());
        let circumstances = Circumstances { reason, ..Circumstances::default() };
        let request = Request { actor, circumstances, ..Request::default() };
        if answer.skip.is_some() {
            let command = Command::Skip { record, act: asked.act.clone() };
            return self.perform(place, request, command).await.map(drop);
        }
        self.prepare(place, register, record, &answer, &request).await?;
        let of = For { register, list: None, act: Some(&asked.act) };
        let mut words = answer.with.clone();
        if step.duty.is_some() {
            words.extend(step.with.clone());
        }
        let fields = self.values(place, of, &words).await?;
        let act = asked.act.clone();
        let command = match asked.round {
            Some(round) => Command::Duty { record, act, round, fields },
            None => Command::Act { record, act, fields },
        };
        self.perform(place, request, command).await.map(drop)
    }

    /// Lines that an answer adds or fills before its act.
    async fn prepare(
        &mut self,
        place: &Place,
        register: &str,
        record: Uuid,
        answer: &Answer,
        request: &Request,
    ) -> Result<(), DemoError> {
        for (list, rows) in &answer.lines {
            let of = For { register, list: Some(list), act: None };
            for row in rows {
                let fields = self.values(place, of, row).await?;
                let command = Command::AddLine { record, list: list.clone(), fields };
                self.perform(place, request.clone(), command).await?;
            }
        }
        for (list, words) in &answer.each {
            let of = For { register, list: Some(list), act: None };
            let fields = self.values(place, of, words).await?;
            let look = |kernel: &Kernel<'_>| {
                let lines = kernel.snapshot.record(record).and_then(|r| r.lines.get(list));
                lines.map(|lines| lines.iter().map(|line| line.id).collect::<Vec<_>>()).unwrap_or_default()
            };
            for line in self.installation.look(&self.organization, None, &[record], look).await? {
                let (list, fields) = (list.clone(), fields.clone());
                let command = Command::ChangeLine { record, list, line, fields };
                self.perform(place, request.clone(), command).await?;
            }
        }
        Ok(())
    }

    /// The first whom the rules name; where anybody may, the step's own person.
    async fn doer(&self, place: &Place, asked: &Asked, fallback: Option<&str>) -> Result<Actor, DemoError> {
        for who in &asked.by {
            match (who, fallback) {
                (Who::Persons(persons), _) => {
                    if let Some(person) = self.first(persons.iter().copied()) {
                        return self.person(person).await;
                    }
                }
                (Who::Anybody, Some(who)) => return self.actor(place, who).await,
                (Who::Anybody, None) => {}
            }
        }
        let (ja, en) =
            (format!("「{}」を行える人がいません。", asked.title), format!("nobody may do \"{}\"", asked.act));
        Err(wrong(&place.file, place.line, ja, en))
    }

    async fn give_approval(
        &mut self,
        place: &Place,
        step: &Step,
        record: Uuid,
        asked: &Asked,
    ) -> Result<(), DemoError> {
        let persons = asked.approvers.iter().flat_map(|approver| approver.persons.iter().copied());
        let Some(person) = self.first(persons) else {
            let ja = format!("「{}」を承認できる人がいません。", asked.title);
            return Err(wrong(&place.file, place.line, ja, format!("nobody may approve \"{}\"", asked.act)));
        };
        let own = asked.approvers.iter().any(|approver| approver.by_self);
        let reason = step.reason.clone().filter(|_| own);
        let circumstances = Circumstances { reason, ..Circumstances::default() };
        let request = Request { actor: self.person(person).await?, circumstances, ..Request::default() };
        let command = Command::Approve { record, act: asked.act.clone() };
        self.perform(place, request, command).await.map(drop)
    }
}
