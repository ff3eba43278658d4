//! What a case sees over several records: notices, records, differences, views, who reads what, the timeline.

use std::collections::BTreeMap;

use kitei_rules::{
    pack::model::Literal,
    run::{Kernel, compare::Difference, paper::Lang},
    value::Value,
};
use kitei_store::{log, records};
use uuid::Uuid;

use super::{Words, list_of, same, truth};
use crate::{
    coverage::{
        deeds::text,
        stage::Scene,
        words::{self, Problem},
    },
    kernel::{load::Loader, notices},
};

impl Scene {
    pub(super) async fn see_told(&self, words: &Words) -> Result<(), Problem> {
        let who = text(words, "who").unwrap_or_default();
        let plain = who.strip_prefix('@').unwrap_or(who);
        let person = self.names.get(plain).or_else(|| self.names.get(&format!("role:{plain}"))).copied();
        let record = text(words, "on").and_then(|name| self.names.get(name.strip_prefix('@').unwrap_or(name)).copied());
        let mut reader = self.installation.db.reader().await.map_err(|error| error.to_string())?;
        let told = notices::newest(&mut reader, self.organization.id).await.map_err(|fault| fault.to_string())?;
        let acknowledged_at = text(words, "acknowledged_at").map(|at| words::instant(at, &self.organization.zone));
        let acknowledged_at = acknowledged_at.transpose()?;
        let found = told.iter().any(|notice| {
            (plain == "staff" || Some(notice.told.person) == person)
                && record.is_none_or(|record| notice.told.record == record)
                && text(words, "says")
                    .is_none_or(|says| notice.said.message.ja.contains(says) || notice.said.message.en.contains(says))
                && truth(words, "receipt").is_none_or(|receipt| notice.told.receipt == receipt)
                && truth(words, "acknowledged").is_none_or(|known| notice.told.acknowledged_at.is_some() == known)
                && acknowledged_at
                    .is_none_or(|at| notice.told.acknowledged_at.is_some_and(|found| found.timestamp() == at))
        });
        if found == (truth(words, "none") != Some(true)) {
            Ok(())
        } else {
            let said: Vec<_> = told.iter().map(|notice| notice.said.message.ja.as_str()).collect();
            Err(format!("{who} was told otherwise; notices: {said:?}"))
        }
    }

    /// Whether somebody has confirmed a rule of the handbook, and in which edition.
    pub(super) async fn see_confirmed(&self, words: &Words) -> Result<(), Problem> {
        let (rule, who) = (text(words, "id").unwrap_or_default(), text(words, "confirmed_by").unwrap_or_default());
        let plain = who.strip_prefix('@').unwrap_or(who);
        let person = self.names.get(plain).or_else(|| self.names.get(&format!("role:{plain}"))).copied();
        let person = person.ok_or_else(|| format!("nobody is \"{who}\""))?;
        let mut reader = self.installation.db.reader().await.map_err(|error| error.to_string())?;
        let confirmed = kitei_store::notices::confirmed_by(&mut reader, self.organization.id, person, 1000).await;
        let confirmed = confirmed.map_err(|error| error.to_string())?;
        let found = confirmed
            .iter()
            .any(|one| one.rule == rule && text(words, "edition").is_none_or(|edition| one.edition == edition));
        if found == (truth(words, "none") != Some(true)) {
            Ok(())
        } else {
            Err(format!("{who} has confirmed {confirmed:?}"))
        }
    }

    pub(super) async fn see_record(&self, words: &Words) -> Result<(), Problem> {
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

    pub(super) async fn see_difference(&self, words: &Words) -> Result<(), Problem> {
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

    pub(super) async fn see_view(&self, words: &Words) -> Result<(), Problem> {
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
    pub(super) async fn see_readable(&self, words: &Words) -> Result<(), Problem> {
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

    /// Whether the log holds that somebody was refused: a reading or an attempt, on a record or in a register.
    pub(super) async fn see_refused(&self, words: &Words) -> Result<(), Problem> {
        let person = text(words, "by").map(|by| self.person(by)).transpose()?.map(|actor| actor.person);
        let record = match text(words, "on") {
            Some(name) => {
                let id = self.names.get(name.strip_prefix('@').unwrap_or(name)).copied();
                Some(id.ok_or("nothing is called so")?)
            }
            None => None,
        };
        let register = text(words, "in").map(|register| format!("\"subject\":\"{register}"));
        let clause = text(words, "clause").map(|clause| format!("\"{clause}\""));
        let mut reader = self.installation.db.reader().await.map_err(|error| error.to_string())?;
        let mut found = 0;
        for kind in [crate::kernel::refused::READING, crate::kernel::refused::ATTEMPT] {
            let events = log::of_kind(&mut reader, self.organization.id, kind, None, 500).await;
            let events = events.map_err(|error| error.to_string())?;
            found += events
                .iter()
                .filter(|event| {
                    let bytes = String::from_utf8_lossy(&event.bytes);
                    person.is_none_or(|person| event.actor == Some(person))
                        && record.is_none_or(|record| event.subject == Some(record))
                        && register.as_ref().is_none_or(|register| bytes.contains(register.as_str()))
                        && clause.as_ref().is_none_or(|clause| bytes.contains(clause.as_str()))
                })
                .count();
        }
        let expected = match words.get("count") {
            Some(Literal::Int(count)) => usize::try_from(*count).unwrap_or_default() == found,
            _ => (found > 0) == (truth(words, "none") != Some(true)),
        };
        if expected { Ok(()) } else { Err(format!("{found} refusals are kept")) }
    }

    pub(super) async fn see_timeline(&self, words: &Words) -> Result<(), Problem> {
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
}
