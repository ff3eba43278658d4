//! What a case sees on a record: facts with their reasons, fields, flags.

use kitei_rules::{
    pack::model::{Literal, Stage as Filled, Text},
    run::Kernel,
    value::Truth,
};

use super::{Words, list_of, same, truth};
use crate::coverage::{
    deeds::text,
    stage::Scene,
    words::{self, Problem},
};

impl Scene {
    pub(super) async fn see_fact(&self, words: &Words) -> Result<(), Problem> {
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
                let said = |(title, truth, clauses): &(Text, Truth, Vec<String>)| {
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

    pub(super) async fn see_field(&self, words: &Words) -> Result<(), Problem> {
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

    pub(super) async fn see_flag(&self, words: &Words) -> Result<(), Problem> {
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
}
