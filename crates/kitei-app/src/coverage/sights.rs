//! What a case sees: the same answers of the rules, the same tasks and notices, that pages show.

use std::collections::BTreeMap;

use kitei_rules::{
    pack::model::{Literal, Stage as Filled},
    run::{
        Kernel,
        compare::Difference,
        duty::DutyStanding,
        paper::Lang,
        standing::{ActStanding, Status},
        who::Target,
    },
    value::Value,
    world::Record,
};
use kitei_store::{log, records};
use uuid::Uuid;

use super::{
    deeds::{listed, matches_objection, text},
    stage::Scene,
    words::{self, Problem},
};
use crate::kernel::{load::Loader, notices, project::status_word};

type Words = BTreeMap<String, Literal>;

impl Scene {
    /// Compares a sight with what the application shows.
    pub(super) async fn sight(&mut self, words: &Words) -> Result<(), Problem> {
        match text(words, "see").unwrap_or_default() {
            "task" => self.see_task(words).await,
            "steps" => self.see_steps(words).await,
            "duty" => self.see_duty(words).await,
            "fact" => self.see_fact(words).await,
            "field" => self.see_field(words).await,
            "flag" => self.see_flag(words).await,
            "told" => self.see_told(words).await,
            "record" => self.see_record(words).await,
            "paper" => self.see_paper(words).await,
            "difference" => self.see_difference(words).await,
            "view" => self.see_view(words).await,
            "timeline" => self.see_timeline(words).await,
            "readable" => self.see_readable(words).await,
            "password" => self.see_password(words).await,
            "account-name" => self.see_account_name(words).await,
            "lockout" => self.see_lockout(words),
            "refusal" => {
                let expected = Literal::Table(
                    words.iter().filter(|(k, _)| *k != "see").map(|(k, v)| (k.clone(), v.clone())).collect(),
                );
                matches_objection(&expected, &self.last.refused)
            }
            _ => self.see_rulebook(words),
        }
    }

    async fn on_record<T>(&self, words: &Words, ask: impl Fn(&Kernel<'_>, &Record) -> T) -> Result<T, Problem> {
        let name = text(words, "on").ok_or("`on` is missing")?;
        let name = name.strip_prefix('@').unwrap_or(name);
        let id = self.names.get(name).copied().ok_or_else(|| format!("nothing is called \"{name}\""))?;
        let actor = (!self.actor.person.is_nil()).then_some(&self.actor);
        let look = |kernel: &Kernel<'_>| kernel.snapshot.record(id).map(|record| ask(kernel, record));
        let found = self.installation.look(&self.organization, actor, &[id], look).await;
        found.map_err(|fault| fault.to_string())?.ok_or_else(|| format!("\"{name}\" is no record"))
    }

    fn instant_of(&self, words: &Words, key: &str) -> Result<Option<jiff::Timestamp>, Problem> {
        let Some(at) = text(words, key) else { return Ok(None) };
        let moment = self.organization.moment(crate::kernel::Environment::now(&*self.clock));
        // A day as a due time is its end.
        if !at.contains('T')
            && let Ok(day) = at.parse::<jiff::civil::Date>()
        {
            return Ok(Some(moment.end_of(day)));
        }
        words::instant(at, &self.organization.zone).map(Some)
    }

    async fn see_task(&self, words: &Words) -> Result<(), Problem> {
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

    async fn see_steps(&self, words: &Words) -> Result<(), Problem> {
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

    async fn see_duty(&self, words: &Words) -> Result<(), Problem> {
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

    async fn see_fact(&self, words: &Words) -> Result<(), Problem> {
        let id = text(words, "id").unwrap_or_default().to_owned();
        let finding = self
            .on_record(words, |kernel, record| kernel.findings(record).into_iter().find(|finding| finding.id == id))
            .await?;
        let finding = finding.ok_or_else(|| format!("there is no fact \"{id}\""))?;
        if let Some(expected) = words.get("is") {
            let expected = words::value(finding.kind, expected, &self.organization.zone, &self.names)?;
            if !same(&finding.value, &expected) {
                return Err(format!("{id} is {}", finding.value.to_json()));
            }
        }
        match words.get("reason") {
            None => Ok(()),
            Some(Literal::Text(reason)) => {
                let said = |(title, truth, clauses): &(
                    kitei_rules::pack::model::Text,
                    kitei_rules::value::Truth,
                    Vec<String>,
                )| {
                    truth.possible()
                        && (title.ja.contains(reason)
                            || title.en.contains(reason)
                            || clauses.iter().any(|clause| clause == reason))
                };
                let found = finding.reasons.iter().any(said) || finding.basis.iter().any(|clause| clause == reason);
                if found { Ok(()) } else { Err(format!("its reasons are {:?}", finding.reasons)) }
            }
            Some(_) => Err("`reason` is a text".to_owned()),
        }
    }

    async fn see_field(&self, words: &Words) -> Result<(), Problem> {
        let id = text(words, "id").unwrap_or_default().to_owned();
        let (register, value, shown, missing) = self
            .on_record(words, |kernel, record| {
                let missing = kernel.missing(record, None, Filled::Close);
                (
                    record.register.clone(),
                    kernel.value(record, &id),
                    kernel.is_shown(record, None, &id),
                    missing.iter().any(|objection| objection.field.as_deref() == Some(&id)),
                )
            })
            .await?;
        let rule = self.book.field(&register, None, &id).ok_or_else(|| format!("there is no field \"{id}\""))?;
        if let Some(expected) = words.get("is") {
            let expected = words::value(rule.kind, expected, &self.organization.zone, &self.names)?;
            if !same(&value, &expected) {
                return Err(format!("{id} is {}", value.to_json()));
            }
        }
        if let Some(required) = truth(words, "required")
            && required != (missing || !rule.required.is_empty())
        {
            return Err(format!("required is {}", !required));
        }
        if let Some(expected) = truth(words, "shown")
            && expected != shown
        {
            return Err(format!("shown is {shown}"));
        }
        let offered: Vec<&str> = rule.choices.iter().map(|choice| choice.id.as_str()).collect();
        match list_of(words, "choices").iter().find(|choice| !offered.contains(&choice.as_str())) {
            Some(absent) => Err(format!("\"{absent}\" is not offered: {offered:?}")),
            None => Ok(()),
        }
    }

    async fn see_flag(&self, words: &Words) -> Result<(), Problem> {
        let id = text(words, "id").unwrap_or_default();
        let flags = if words.contains_key("on") {
            self.on_record(words, |kernel, record| kernel.flags(record)).await?
        } else {
            let look = |kernel: &Kernel<'_>| kernel.vacancies();
            self.installation.look(&self.organization, None, &[], look).await.map_err(|fault| fault.to_string())?
        };
        let found = flags.iter().any(|flag| {
            flag.id == id
                && text(words, "field").is_none_or(|field| flag.field.as_deref() == Some(field))
                && text(words, "role").is_none_or(|role| flag.role.as_deref() == Some(role))
                && text(words, "says")
                    .is_none_or(|says| flag.message.ja.contains(says) || flag.message.en.contains(says))
        });
        if found == (truth(words, "none") != Some(true)) {
            Ok(())
        } else {
            Err(format!(
                "the flags are {:?}",
                flags.iter().map(|flag| (&flag.id, &flag.field, &flag.message.ja)).collect::<Vec<_>>()
            ))
        }
    }

    async fn see_told(&self, words: &Words) -> Result<(), Problem> {
        let who = text(words, "who").unwrap_or_default();
        let plain = who.strip_prefix('@').unwrap_or(who);
        let person = self.names.get(plain).or_else(|| self.names.get(&format!("role:{plain}"))).copied();
        let record = text(words, "on").and_then(|name| self.names.get(name.strip_prefix('@').unwrap_or(name)).copied());
        let mut reader = self.installation.db.reader().await.map_err(|error| error.to_string())?;
        let told = notices::queued(&mut reader, self.organization.id).await.map_err(|fault| fault.to_string())?;
        let found = told.iter().any(|notice| {
            (plain == "staff" || Some(notice.person) == person)
                && record.is_none_or(|record| notice.record == record)
                && text(words, "says")
                    .is_none_or(|says| notice.message.ja.contains(says) || notice.message.en.contains(says))
                && truth(words, "receipt").is_none_or(|receipt| notice.receipt == receipt)
        });
        if found == (truth(words, "none") != Some(true)) {
            Ok(())
        } else {
            let said: Vec<_> = told.iter().map(|notice| notice.message.ja.as_str()).collect();
            Err(format!("{who} was told otherwise; notices: {said:?}"))
        }
    }

    async fn see_record(&self, words: &Words) -> Result<(), Problem> {
        let register = text(words, "in").unwrap_or_default();
        let wanted = match words.get("where") {
            Some(Literal::Table(table)) => {
                words::values(table, &self.organization.zone, &self.names, |field| self.kind_of(register, None, field))?
            }
            _ => BTreeMap::new(),
        };
        let mut reader = self.installation.db.reader().await.map_err(|error| error.to_string())?;
        let query = records::ListQuery { limit: 1_000, ..records::ListQuery::new(register) };
        let page = records::list(&mut reader, self.organization.id, &query).await.map_err(|error| error.to_string())?;
        let loader =
            Loader { organization: &self.organization, book: &self.book, environment: &*self.installation.environment };
        let mut count = 0_i64;
        for stored in &page.records {
            let record = loader.decode(stored, &[]).map_err(|fault| fault.to_string())?;
            let fits = wanted
                .iter()
                .all(|(field, value)| record.fields.get(field).is_some_and(|stored| same(&stored.value, value)));
            count += i64::from(fits);
        }
        match words.get("count") {
            Some(Literal::Int(expected)) if *expected != count => Err(format!("there are {count} such records")),
            None if count == 0 => Err(format!("there is no such record among {}", page.total)),
            _ => Ok(()),
        }
    }

    async fn see_paper(&self, words: &Words) -> Result<(), Problem> {
        let id = text(words, "id").unwrap_or_default().to_owned();
        let found = self
            .on_record(words, |kernel, record| {
                let paper = kernel.papers(record).into_iter().find(|paper| paper.id == id)?;
                Some((kernel.content(record, paper, Lang::Ja), kernel.paper_objections(record, &id)))
            })
            .await?;
        if truth(words, "none") == Some(true) {
            return if found.is_none() { Ok(()) } else { Err(format!("\"{id}\" is offered")) };
        }
        let (content, objections) = found.ok_or_else(|| format!("\"{id}\" is not offered"))?;
        let whole = serde_json::to_string(&content).unwrap_or_default();
        for expected in list_of(words, "has") {
            if !whole.contains(&expected) {
                return Err(format!("\"{expected}\" is not in it: {whole}"));
            }
        }
        for unwanted in list_of(words, "lacks") {
            if whole.contains(&unwanted) {
                return Err(format!("\"{unwanted}\" is in it"));
            }
        }
        if let Some(ready) = truth(words, "ready")
            && ready != objections.is_empty()
        {
            return Err(format!("ready is {}: {}", !ready, listed(&objections)));
        }
        Ok(())
    }

    async fn see_difference(&self, words: &Words) -> Result<(), Problem> {
        let compare = text(words, "compare").unwrap_or_default();
        let key = text(words, "key");
        let named = key.and_then(|key| self.names.get(key.strip_prefix('@')?).copied());
        let look = |kernel: &Kernel<'_>| kernel.differences();
        let all: Vec<Difference> =
            self.installation.look(&self.organization, None, &[], look).await.map_err(|fault| fault.to_string())?;
        let found = all.iter().any(|difference| {
            difference.compare == compare
                && key.is_none_or(|key| {
                    named.map_or_else(|| difference.words.contains(key), |id| difference.key == Value::Record(id))
                })
        });
        if found == (truth(words, "none") != Some(true)) {
            Ok(())
        } else {
            Err(format!("the differences are {:?}", all.iter().map(|d| (&d.compare, &d.words)).collect::<Vec<_>>()))
        }
    }

    async fn see_view(&self, words: &Words) -> Result<(), Problem> {
        let id = text(words, "id").unwrap_or_default();
        let register = self.book.views.iter().find(|(_, views)| views.iter().any(|view| view.view.id == id));
        let register =
            register.map(|(register, _)| register.clone()).ok_or_else(|| format!("there is no view \"{id}\""))?;
        let look = |kernel: &Kernel<'_>| kernel.view(&register, id, Lang::Ja);
        let (_, rows) = self
            .installation
            .look(&self.organization, None, &[], look)
            .await
            .map_err(|fault| fault.to_string())?
            .ok_or_else(|| format!("there is no view \"{id}\""))?;
        let row = text(words, "row").and_then(|name| self.names.get(name.strip_prefix('@').unwrap_or(name)).copied());
        let expected = list_of(words, "has");
        let found = rows.iter().any(|(record, columns)| {
            row.is_none_or(|row| row == *record)
                && expected.iter().all(|words| columns.iter().any(|column| column.contains(words.as_str())))
        });
        if found == (truth(words, "none") != Some(true)) { Ok(()) } else { Err(format!("the rows are {rows:?}")) }
    }

    /// Whether somebody sees a record, one of its fields, or one of its steps.
    async fn see_readable(&self, words: &Words) -> Result<(), Problem> {
        let actor = self.person(text(words, "by").unwrap_or("employee"))?;
        let (field, act) = (text(words, "field").map(str::to_owned), text(words, "act").map(str::to_owned));
        let list = text(words, "list").map(str::to_owned);
        let seen = self
            .on_record(words, |kernel, record| {
                let whole = kernel.sees_record(&actor, record);
                let of_field = field
                    .as_ref()
                    .is_none_or(|field| kernel.sees_field(&actor, &record.register, list.as_deref(), field));
                let of_act = act.as_ref().is_none_or(|act| {
                    kernel
                        .standing(record)
                        .iter()
                        .any(|standing| standing.act == *act && kernel.sees_act(&actor, standing))
                });
                whole && of_field && of_act
            })
            .await?;
        if seen == (truth(words, "none") != Some(true)) { Ok(()) } else { Err(format!("readable is {seen}")) }
    }

    async fn see_timeline(&self, words: &Words) -> Result<(), Problem> {
        let name = text(words, "on").unwrap_or_default();
        let id: Uuid = self.names.get(name.strip_prefix('@').unwrap_or(name)).copied().ok_or("nothing is called so")?;
        let mut reader = self.installation.db.reader().await.map_err(|error| error.to_string())?;
        let events = log::of_subject(&mut reader, self.organization.id, id, None, 500)
            .await
            .map_err(|error| error.to_string())?;
        let whole: String =
            events.iter().map(|event| String::from_utf8_lossy(&event.bytes).into_owned() + "\n").collect();
        match list_of(words, "has").iter().find(|expected| !whole.contains(expected.as_str())) {
            Some(absent) => Err(format!("\"{absent}\" is not in the timeline: {whole}")),
            None => Ok(()),
        }
    }

    /// Sights of the rulebook itself: terms, rules, roles, parameters.
    fn see_rulebook(&self, words: &Words) -> Result<(), Problem> {
        let id = text(words, "id").or_else(|| text(words, "key")).unwrap_or_default();
        let said = &self.book.sayings;
        let missing = |what: &str| format!("there is no {what} \"{id}\"");
        match text(words, "see").unwrap_or_default() {
            "term" => {
                let term = said.terms.get(id).filter(|said| said.in_force()).ok_or_else(|| missing("term"))?;
                let whole: String = term
                    .iter()
                    .map(|(_, term)| format!("{:?}{:?}{:?}", term.title, term.meaning, term.items))
                    .collect();
                let used: Vec<&String> = term.iter().flat_map(|(_, term)| &term.used_by).collect();
                if let Some(absent) = list_of(words, "used_by").iter().find(|place| !used.contains(place)) {
                    return Err(format!("it is not linked from {absent}"));
                }
                all_in(&list_of(words, "has"), &whole)
            }
            "rule" => {
                let rule = said.rules.iter().find(|((_, rule), _)| rule == id).ok_or_else(|| missing("rule"))?;
                let whole: String =
                    rule.1.iter().map(|(_, rule)| format!("{:?}{:?}", rule.chapter, rule.text)).collect();
                let for_whom = rule
                    .1
                    .iter()
                    .any(|(_, rule)| text(words, "who").is_none_or(|who| rule.who.iter().any(|known| known == who)));
                if for_whom { all_in(&list_of(words, "has"), &whole) } else { Err("it concerns others".to_owned()) }
            }
            "question" => {
                let question =
                    said.questions.iter().find(|((_, known), _)| known == id).ok_or_else(|| missing("question"))?;
                let within = question
                    .1
                    .iter()
                    .any(|(_, q)| text(words, "within").is_none_or(|w| q.within.iter().any(|known| known == w)));
                let whole: String = question.1.iter().map(|(_, question)| format!("{:?}", question.text)).collect();
                if within { all_in(&list_of(words, "has"), &whole) } else { Err("it is asked elsewhere".to_owned()) }
            }
            "role" => self.see_role(words, id),
            "clause" => match said.clauses.get(id) {
                Some(_) => Ok(()),
                None => Err(missing("clause")),
            },
            "parameter" => {
                let rule = self.book.parameters.get(id).ok_or_else(|| missing("parameter"))?;
                let Some(expected) = words.get("is") else { return Ok(()) };
                let expected = words::value(rule.kind, expected, &self.organization.zone, &self.names)?;
                match self.book.values.get(id) {
                    Some(value) if same(value, &expected) => Ok(()),
                    other => Err(format!("it is {other:?}")),
                }
            }
            "column" => {
                let register = text(words, "register").unwrap_or_default();
                let field = self.book.field(register, None, id).ok_or_else(|| missing("field"))?;
                if field.in_force { Ok(()) } else { Err(format!("\"{id}\" is not in force")) }
            }
            "body" => {
                let body = said.bodies.get(id).filter(|said| said.in_force()).ok_or_else(|| missing("body"))?;
                let members: Vec<&String> = body.iter().flat_map(|(_, body)| &body.members).collect();
                match list_of(words, "members").iter().find(|member| !members.contains(member)) {
                    Some(absent) => Err(format!("{absent} does not sit on it")),
                    None => Ok(()),
                }
            }
            other => Err(format!("there is no sight \"{other}\"")),
        }
    }

    fn see_role(&self, words: &Words, id: &str) -> Result<(), Problem> {
        let role =
            self.book.roles.get(id).filter(|role| role.in_force).ok_or_else(|| format!("there is no role \"{id}\""))?;
        for (key, found) in [("required", role.required), ("single", role.single)] {
            if let Some(expected) = truth(words, key)
                && expected != found
            {
                return Err(format!("{key} is {found}"));
            }
        }
        let whole: String = role.charges.iter().map(|(text, _)| format!("{text:?}")).collect();
        all_in(&list_of(words, "charges"), &whole)
    }
}

fn all_in(expected: &[String], whole: &str) -> Result<(), Problem> {
    match expected.iter().find(|words| !whole.contains(words.as_str())) {
        Some(absent) => Err(format!("\"{absent}\" is not in it: {whole}")),
        None => Ok(()),
    }
}

fn why(standing: &ActStanding) -> String {
    standing.why.iter().map(|text| text.ja.as_str()).collect::<Vec<_>>().join("。")
}

fn truth(words: &Words, key: &str) -> Option<bool> {
    match words.get(key) {
        Some(Literal::Bool(value)) => Some(*value),
        _ => None,
    }
}

fn list_of(words: &Words, key: &str) -> Vec<String> {
    match words.get(key) {
        Some(Literal::List(items)) => items
            .iter()
            .filter_map(|item| if let Literal::Text(text) = item { Some(text.clone()) } else { None })
            .collect(),
        Some(Literal::Text(text)) => vec![text.clone()],
        _ => Vec::new(),
    }
}

/// Equal values; lists compare as sets, an empty one with nothing.
fn same(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::List(left), Value::List(right)) => {
            left.iter().all(|item| right.contains(item)) && right.iter().all(|item| left.contains(item))
        }
        (Value::List(items), Value::Empty) | (Value::Empty, Value::List(items)) => items.is_empty(),
        (Value::Count { least, most, .. }, Value::Count { least: l, most: m, .. }) => least == l && most == m,
        (left, right) => left == right,
    }
}
