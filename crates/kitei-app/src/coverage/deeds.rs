//! The deeds of a case, each carried out through the application as a person would.

use std::collections::BTreeMap;

use kitei_rules::{
    expr::Actor,
    pack::model::{CaseStep, Kind, Literal},
    run::command::{Circumstances, Command, Objection, Refusal, Values},
    value::Value,
};
use uuid::Uuid;

use super::{
    stage::{Last, Scene},
    words::{self, Problem},
};
use crate::kernel::{
    notices,
    perform::{PerformError, Request},
};

type Words = BTreeMap<String, Literal>;

impl Scene {
    /// Plays one step.
    pub(super) async fn step(&mut self, step: &CaseStep) -> Result<(), Problem> {
        if let Some(at) = &step.at {
            let now = words::instant(at, &self.organization.zone)?;
            self.clock.set(now);
            self.installation.tick(&self.organization).await.map_err(|fault| fault.to_string())?;
        }
        if let Some(by) = &step.by {
            self.actor = self.person(by)?;
        }
        if step.words.contains_key("see") {
            return self.sight(&step.words).await;
        }
        let outcome = self.deed(&step.words).await;
        self.judge(&step.words, outcome)
    }

    pub(super) fn person(&self, by: &str) -> Result<Actor, Problem> {
        if by == "nobody" {
            return Ok(Actor::default());
        }
        let name = match by {
            "staff" | "employee" | "reporter" => "employee".to_owned(),
            other if self.names.contains_key(other) => other.to_owned(),
            role => format!("role:{role}"),
        };
        let person = self.names.get(&name).copied().ok_or_else(|| format!("nobody is \"{by}\""))?;
        let mut roles = self.roles.get(&person).cloned().unwrap_or_default();
        if let Some(role) = name.strip_prefix("deputy:") {
            roles.push(role.to_owned());
        }
        Ok(Actor { person, roles })
    }

    /// Whether a deed ended as the case says: done, refused, asked about or warned of.
    fn judge(&mut self, words: &Words, outcome: Result<(), DeedError>) -> Result<(), Problem> {
        let (refused, asks) = match outcome {
            Ok(()) => (Vec::new(), false),
            Err(DeedError::Refused(refusal)) => (refusal.objections, refusal.asks_reason),
            Err(DeedError::Problem(problem)) => return Err(problem),
        };
        self.last.refused.clone_from(&refused);
        for (ending, found) in [("refused", &refused), ("asks", &refused), ("warns", &self.last.warnings)] {
            let Some(expected) = words.get(ending) else { continue };
            if found.is_empty() {
                return Err(format!("it should have been {ending}"));
            }
            if ending == "asks" && !asks {
                return Err(format!("it should have asked a reason, but was refused: {}", listed(found)));
            }
            return matches_objection(expected, found);
        }
        if refused.is_empty() { Ok(()) } else { Err(format!("refused: {}", listed(&refused))) }
    }

    async fn deed(&mut self, words: &Words) -> Result<(), DeedError> {
        let verbs = [
            "create",
            "change",
            "do",
            "skip",
            "approve",
            "return",
            "add",
            "edit",
            "close",
            "appoint",
            "resign",
            "absent",
            "acknowledge",
            "print",
            "preset",
            "dispose",
            "erase",
            "open",
        ];
        let verb = verbs.into_iter().find(|verb| words.contains_key(*verb)).ok_or("the step has no verb")?;
        let object = text(words, verb).unwrap_or_default();
        match verb {
            "create" => self.create(object, words).await,
            "change" => self.change(object, words).await,
            "add" => self.add(object, words).await,
            "edit" => self.edit(object, words).await,
            "do" | "skip" | "approve" | "return" => self.act(verb, object, words).await,
            "close" => self.on(object, words, |record| Command::Close { record }).await,
            "dispose" => {
                let fields = self.fields("disposal", None, words.get("with"))?;
                self.on(object, words, |record| Command::Dispose { record, fields: fields.clone() }).await
            }
            "erase" => self.erase(object, words).await,
            "open" => self.open_record(object).await,
            "appoint" => self.appoint(object, words).await,
            "resign" => self.resign(object, words).await,
            "absent" => self.absent(object, words).await,
            "preset" => self.preset(object, words).await,
            "print" => self.print(object, words).await,
            "acknowledge" => self.acknowledge(object, words).await,
            other => Err(format!("\"{other}\" cannot be played yet").into()),
        }
    }

    fn named(&self, name: &str) -> Result<Uuid, Problem> {
        let name = name.strip_prefix('@').unwrap_or(name);
        self.names.get(name).copied().ok_or_else(|| format!("nothing is called \"{name}\""))
    }

    fn circumstances(&self, words: &Words) -> Result<Circumstances, Problem> {
        let happened = text(words, "happened").map(|at| words::instant(at, &self.organization.zone)).transpose()?;
        Ok(Circumstances { happened_at: happened, done_by: None, reason: text(words, "reason").map(str::to_owned) })
    }

    async fn perform(&mut self, words: &Words, command: Command) -> Result<Option<Uuid>, DeedError> {
        let mut command = command;
        let mut request =
            Request { actor: self.actor.clone(), circumstances: self.circumstances(words)?, ..Request::default() };
        self.last = Last::default();
        let sent = self.send_files(&mut request, &mut command).await?;
        match self.installation.perform(&self.organization, request, command).await {
            Ok(done) => {
                self.last.warnings.clone_from(&done.warnings);
                self.names.extend(sent.into_iter().map(|(name, file)| (name, file.id)));
                // What rules do later in time is seen at the same instant.
                self.installation.tick(&self.organization).await.map_err(|fault| fault.to_string())?;
                if let (Some(name), Some(record)) = (text(words, "as"), done.record) {
                    self.names.insert(name.to_owned(), record);
                }
                Ok(done.record)
            }
            Err(PerformError::Refused(refusal)) => Err(DeedError::Refused(refusal)),
            Err(PerformError::Fault(fault)) => Err(DeedError::Problem(fault.to_string())),
        }
    }

    fn fields(&self, register: &str, list: Option<&str>, words: Option<&Literal>) -> Result<Values, Problem> {
        let Some(Literal::Table(words)) = words else { return Ok(Values::new()) };
        let zone = &self.organization.zone;
        words::values(words, zone, &self.names, |field| self.kind_of(register, list, field))
    }

    /// The kind of a field, or of a fact that a person may set.
    pub(super) fn kind_of(&self, register: &str, list: Option<&str>, field: &str) -> Option<Kind> {
        let in_register = self.book.field(register, list, field).map(|field| field.kind);
        let fact = || self.book.facts.get(register)?.get(field).filter(|fact| fact.overridable).map(|fact| fact.kind);
        in_register.or_else(fact)
    }

    async fn create(&mut self, register: &str, words: &Words) -> Result<(), DeedError> {
        let fields = self.fields(register, None, words.get("with"))?;
        let mut lines = BTreeMap::new();
        if let Some(Literal::Table(lists)) = words.get("lines") {
            for (list, rows) in lists {
                let Literal::List(rows) = rows else { return Err(format!("lines.{list} is no list").into()) };
                let rows: Result<Vec<Values>, Problem> =
                    rows.iter().map(|row| self.fields(register, Some(list), Some(row))).collect();
                lines.insert(list.clone(), rows?);
            }
        }
        self.perform(words, Command::Create { register: register.to_owned(), fields, lines }).await?;
        Ok(())
    }

    pub(super) async fn register_of(&self, record: Uuid) -> Result<String, Problem> {
        let look = |kernel: &kitei_rules::run::Kernel<'_>| kernel.snapshot.record(record).map(|r| r.register.clone());
        let found = self.installation.look(&self.organization, None, &[record], look).await;
        found.map_err(|fault| fault.to_string())?.ok_or_else(|| "there is no such record".to_owned())
    }

    async fn change(&mut self, name: &str, words: &Words) -> Result<(), DeedError> {
        let record = self.named(name)?;
        let register = self.register_of(record).await?;
        let fields = self.fields(&register, None, words.get("with"))?;
        self.perform(words, Command::Change { record, fields }).await?;
        Ok(())
    }

    async fn on(&mut self, name: &str, words: &Words, command: impl Fn(Uuid) -> Command) -> Result<(), DeedError> {
        let record = self.named(name)?;
        self.perform(words, command(record)).await?;
        Ok(())
    }

    /// Opens a record to read it, as the page does: who may not is refused, and that is kept.
    async fn open_record(&mut self, name: &str) -> Result<(), DeedError> {
        let id = self.named(name)?;
        let actor = self.actor.clone();
        self.last = Last::default();
        let look = |kernel: &kitei_rules::run::Kernel<'_>| {
            let record = kernel.snapshot.record(id)?;
            let basis = kernel.book.register(&record.register).map(|rule| rule.basis.clone()).unwrap_or_default();
            Some((kernel.sees_record(&actor, record), basis))
        };
        let found = self.installation.look(&self.organization, Some(&actor), &[id], look).await;
        let (seen, clauses) = found.map_err(|fault| fault.to_string())?.ok_or("there is no such record")?;
        if seen {
            return Ok(());
        }
        self.installation.refused_reading(&self.organization, &actor, id).await.map_err(|fault| fault.to_string())?;
        let message = kitei_rules::pack::model::Text {
            ja: "この記録を見る役割ではありません。".to_owned(),
            en: "Your roles do not read this record.".to_owned(),
        };
        let objection = Objection { code: "not-readable".to_owned(), field: None, source: None, clauses, message };
        Err(DeedError::Refused(Refusal { objections: vec![objection], asks_reason: false }))
    }

    /// Erases a record, or the line that is called so.
    async fn erase(&mut self, name: &str, words: &Words) -> Result<(), DeedError> {
        let command = match self.lines.get(name.strip_prefix('@').unwrap_or(name)).cloned() {
            Some((record, list, line)) => Command::Erase { record, line: Some((list, line)) },
            None => Command::Erase { record: self.named(name)?, line: None },
        };
        self.perform(words, command).await?;
        Ok(())
    }

    async fn add(&mut self, list: &str, words: &Words) -> Result<(), DeedError> {
        let record = self.named(text(words, "on").unwrap_or_default())?;
        let register = self.register_of(record).await?;
        let fields = self.fields(&register, Some(list), words.get("with"))?;
        let mut plain = words.clone();
        plain.remove("as");
        self.perform(&plain, Command::AddLine { record, list: list.to_owned(), fields }).await?;
        if let Some(name) = text(words, "as") {
            let look = |kernel: &kitei_rules::run::Kernel<'_>| {
                kernel.snapshot.record(record).and_then(|r| r.lines.get(list)?.last().map(|line| line.id))
            };
            let line = self.installation.look(&self.organization, None, &[record], look).await;
            let line = line.map_err(|fault| fault.to_string())?.ok_or("the line is not there")?;
            self.lines.insert(name.to_owned(), (record, list.to_owned(), line));
        }
        Ok(())
    }

    async fn edit(&mut self, name: &str, words: &Words) -> Result<(), DeedError> {
        let name = name.strip_prefix('@').unwrap_or(name);
        let found = self.lines.get(name).cloned();
        let (record, list, line) = found.ok_or_else(|| format!("no line is called \"{name}\""))?;
        let register = self.register_of(record).await?;
        let fields = self.fields(&register, Some(&list), words.get("with"))?;
        self.perform(words, Command::ChangeLine { record, list, line, fields }).await?;
        Ok(())
    }

    async fn act(&mut self, verb: &str, act: &str, words: &Words) -> Result<(), DeedError> {
        let record = self.named(text(words, "on").unwrap_or_default())?;
        let act = act.to_owned();
        let command = match verb {
            "skip" => Command::Skip { record, act },
            "approve" => Command::Approve { record, act },
            "return" => Command::Return { record, act },
            _ => self.do_command(record, act, words).await?,
        };
        self.perform(words, command).await?;
        Ok(())
    }

    /// A deed of a track or, if no track asks for it, the present round of a duty.
    async fn do_command(&self, record: Uuid, act: String, words: &Words) -> Result<Command, Problem> {
        let register = self.register_of(record).await?;
        let own = self.book.names.acts.get(&act).map(|rule| rule.fields.clone()).unwrap_or_default();
        let fields = match words.get("with") {
            Some(Literal::Table(with)) => {
                let kind = |field: &str| {
                    let in_act = own.iter().find(|known| known.id == field).map(|known| known.kind);
                    in_act.or_else(|| self.kind_of(&register, None, field))
                };
                words::values(with, &self.organization.zone, &self.names, kind)?
            }
            _ => Values::new(),
        };
        let round = self.duty_round(record, &act).await?;
        Ok(match round {
            Some(round) => Command::Duty { record, act, round, fields },
            None => Command::Act { record, act, fields },
        })
    }

    async fn duty_round(&self, record: Uuid, act: &str) -> Result<Option<i64>, Problem> {
        let look = |kernel: &kitei_rules::run::Kernel<'_>| {
            let record = kernel.snapshot.record(record)?;
            let duty = kernel.duties(record).into_iter().find(|duty| duty.act == act)?;
            let asked = kernel.standing(record).iter().any(|standing| standing.act == act);
            (!asked).then_some(duty.round)
        };
        self.installation.look(&self.organization, None, &[record], look).await.map_err(|fault| fault.to_string())
    }

    async fn appoint(&mut self, role: &str, words: &Words) -> Result<(), DeedError> {
        let mut fields = self.fields("appointment", None, words.get("with"))?;
        fields.insert("role".to_owned(), Value::Text(role.to_owned()));
        fields.insert("person".to_owned(), Value::Record(self.named(text(words, "person").unwrap_or_default())?));
        if let Some(department) = text(words, "department") {
            fields.insert("department".to_owned(), Value::Record(self.named(department)?));
        }
        let register = "appointment".to_owned();
        self.perform(words, Command::Create { register, fields, lines: BTreeMap::new() }).await?;
        Ok(())
    }

    async fn resign(&mut self, role: &str, words: &Words) -> Result<(), DeedError> {
        let record = self.named(&format!("appointment:{role}"))?;
        let moment = self.organization.moment(crate::kernel::Environment::now(&*self.clock));
        let yesterday = moment.today().yesterday().map_err(|error| error.to_string())?;
        let fields = Values::from([("ends_on".to_owned(), Value::Date(yesterday))]);
        self.perform(words, Command::Change { record, fields }).await?;
        Ok(())
    }

    async fn absent(&mut self, role: &str, words: &Words) -> Result<(), DeedError> {
        let record = self.named(&format!("role:{role}"))?;
        let until = match text(words, "until") {
            Some(day) => day.parse().map_err(|_| format!("\"{day}\" is no date"))?,
            None => self.organization.moment(crate::kernel::Environment::now(&*self.clock)).today(),
        };
        let fields = Values::from([("absent_until".to_owned(), Value::Date(until))]);
        let actor = self.actor.clone();
        self.actor = self.person("hr").or_else(|_| self.person("privacy-manager"))?;
        let outcome = self.perform(words, Command::Change { record, fields }).await;
        self.actor = actor;
        outcome.map(|_| ())
    }

    async fn preset(&mut self, preset: &str, words: &Words) -> Result<(), DeedError> {
        let record = self.named(text(words, "on").unwrap_or_default())?;
        let register = self.register_of(record).await?;
        let said = self.book.sayings.presets.get(&(register.clone(), preset.to_owned()));
        let chosen = said.and_then(|said| said.iter().map(|(_, preset)| preset).next()).cloned();
        let chosen = chosen.ok_or_else(|| format!("there is no preset \"{preset}\""))?;
        let zone = &self.organization.zone;
        let fields = words::values(&chosen.set, zone, &self.names, |field| self.kind_of(&register, None, field))?;
        self.perform(words, Command::Change { record, fields }).await?;
        Ok(())
    }

    /// Confirms a notice about a record by words of it, or a rule of the handbook by its id.
    async fn acknowledge(&mut self, object: &str, words: &Words) -> Result<(), DeedError> {
        let Some(on) = text(words, "on") else {
            let rules = self.book.sayings.rules.keys();
            let known = rules.into_iter().find(|(_, rule)| rule == object).cloned();
            let (pack, rule) = known.ok_or_else(|| format!("there is no rule \"{object}\""))?;
            self.perform(words, Command::ConfirmRule { person: self.actor.person, pack, rule }).await?;
            return Ok(());
        };
        let record = self.named(on)?;
        let mut reader = self.installation.db.reader().await.map_err(|error| error.to_string())?;
        let told = notices::newest(&mut reader, self.organization.id).await.map_err(|fault| fault.to_string())?;
        drop(reader);
        let fits: Vec<_> = told
            .iter()
            .filter(|notice| notice.told.record == record)
            .filter(|notice| notice.said.message.ja.contains(object) || notice.said.message.en.contains(object))
            .collect();
        // Somebody who was not told tries with the notice to another, and must be refused.
        let own = fits.iter().find(|notice| notice.told.person == self.actor.person).or(fits.first());
        let notice = own.map(|notice| notice.told.id).ok_or_else(|| format!("nobody was told \"{object}\""))?;
        self.perform(words, Command::Acknowledge { record, notice }).await?;
        Ok(())
    }

    /// Printing asks the gates of the paper.
    async fn print(&mut self, paper: &str, words: &Words) -> Result<(), DeedError> {
        let record = self.named(text(words, "on").unwrap_or_default())?;
        let actor = self.actor.clone();
        let look = |kernel: &kitei_rules::run::Kernel<'_>| {
            let record = kernel.snapshot.record(record)?;
            Some(kernel.paper_objections(record, paper))
        };
        let found = self.installation.look(&self.organization, Some(&actor), &[record], look).await;
        let objections = found.map_err(|fault| fault.to_string())?.ok_or("there is no such record")?;
        if objections.is_empty() { Ok(()) } else { Err(DeedError::Refused(Refusal { objections, asks_reason: false })) }
    }
}

/// How a deed may fail.
pub(super) enum DeedError {
    Refused(Refusal),
    Problem(Problem),
}

impl From<Problem> for DeedError {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<&str> for DeedError {
    fn from(problem: &str) -> Self {
        Self::Problem(problem.to_owned())
    }
}

/// A text among the words.
pub(super) fn text<'w>(words: &'w Words, key: &str) -> Option<&'w str> {
    match words.get(key) {
        Some(Literal::Text(text)) => Some(text),
        _ => None,
    }
}

/// Whether an objection is the one that the case names: `true`, or a table with `clause`, `field`, `says`.
pub(super) fn matches_objection(expected: &Literal, found: &[Objection]) -> Result<(), Problem> {
    let Literal::Table(expected) = expected else { return Ok(()) };
    let fits = |objection: &&Objection| {
        expected.iter().all(|(key, value)| match (key.as_str(), value) {
            ("clause", Literal::Text(clause)) => objection.clauses.contains(clause),
            ("field", Literal::Text(field)) => objection.field.as_ref() == Some(field),
            ("says", Literal::Text(words)) => {
                objection.message.ja.contains(words.as_str()) || objection.message.en.contains(words.as_str())
            }
            _ => false,
        })
    };
    if found.iter().any(|objection| fits(&objection)) {
        Ok(())
    } else {
        Err(format!("not the objection that was expected: {}", listed(found)))
    }
}

/// Objections in words.
pub(super) fn listed(found: &[Objection]) -> String {
    let one = |objection: &Objection| {
        let at = objection.field.as_ref().map(|field| format!(" at {field}")).unwrap_or_default();
        format!("[{}{at}] {} ({})", objection.code, objection.message.ja, objection.clauses.join(", "))
    };
    found.iter().map(one).collect::<Vec<_>>().join("; ")
}
