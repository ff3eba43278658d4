//! What a case sees: the same answers of the rules, the same tasks and notices, that pages show.

mod documents;
mod facts;
mod lists;
mod rulebook;
mod tasks;

use std::collections::BTreeMap;

use kitei_rules::{pack::model::Literal, run::Kernel, value::Value, world::Record};

use super::{
    deeds::{matches_objection, text},
    stage::Scene,
    words::{self, Problem},
};

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
            "refused" => self.see_refused(words).await,
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
            "role" => self.see_role(words).await,
            "rule" if words.contains_key("confirmed_by") => self.see_confirmed(words).await,
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
}

fn all_in(expected: &[String], whole: &str) -> Result<(), Problem> {
    match expected.iter().find(|words| !whole.contains(words.as_str())) {
        Some(absent) => Err(format!("\"{absent}\" is not in it: {whole}")),
        None => Ok(()),
    }
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
