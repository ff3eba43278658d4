//! Rows that change a record which is there already: each is a command of its own, with every check of its form.
//!
//! Invariant: a row changes its record once, however often the import is gone on with; taking the import back sets the
//! fields to what they were, and is refused where somebody has changed them since.

use std::sync::Arc;

use kitei_rules::{
    expr::Actor,
    run::command::{Circumstances, Command, Values},
    value::Value,
    world::Record,
};
use kitei_store::imports::{ImportRow, Named};
use serde_json::Value as Json;
use uuid::Uuid;

use super::{Doc, ImportError};
use crate::kernel::{
    Fault, Installation, Organization,
    codec::{At, Codec},
    load::Loader,
    perform::{PerformError, Request},
};

/// What a row sets, and what stood there before.
struct Amendment {
    record: Record,
    fields: Values,
    before: Values,
}

impl Installation {
    async fn amendment(&self, organization: &Organization, row: &ImportRow) -> Result<Option<Amendment>, Fault> {
        let book = self.present_book(organization).await?;
        let loader = Loader { organization, book: &book, environment: &*self.environment };
        let mut reader = self.db.reader().await?;
        let Some(record) = loader.record(&mut reader, row.record).await? else { return Ok(None) };
        let json: Json =
            serde_json::from_slice(&row.bytes).map_err(|_| Fault::Damaged("a row of an import".to_owned()))?;
        let at = At { register: &record.register, record: record.id, line: None };
        let values = |member: &str| {
            organization.with_keys(|keys| {
                let codec = Codec {
                    organization: organization.id.to_string(),
                    book: &book,
                    keys,
                    environment: &*self.environment,
                };
                let fields = json.get(member).and_then(Json::as_object).into_iter().flatten();
                let one = |(field, json): (&String, &Json)| Ok((field.clone(), codec.read(&at, None, field, json)?));
                fields.map(one).collect::<Result<Values, Fault>>()
            })
        };
        let (fields, before) = (values("fields")?, values("before")?);
        Ok(Some(Amendment { record, fields, before }))
    }

    /// Changes the records that rows are about. Returns the running numbers of those that refuse.
    pub(super) async fn amend(
        self: &Arc<Self>,
        organization: &Arc<Organization>,
        batch: Uuid,
        doc: &Doc,
        rows: &[ImportRow],
        back: bool,
    ) -> Result<Vec<String>, ImportError> {
        let mut refused = Vec::new();
        for row in rows.iter().filter(|row| row.kind == "change") {
            let Some(amendment) = self.amendment(organization, row).await? else { continue };
            let (word, fields) = if back { ("undo", amendment.before) } else { ("import", amendment.fields) };
            let request = Request {
                actor: Actor { person: doc.by.unwrap_or_default(), roles: doc.roles.clone() },
                circumstances: Circumstances::default(),
                key: Some(format!("{word}:{batch}:{}", row.position)),
                own: doc.own || back,
                ..Request::default()
            };
            match self.perform(organization, request, Command::Change { record: row.record, fields }).await {
                Ok(_) => {}
                Err(PerformError::Refused(_)) => refused.push(amendment.record.number),
                Err(PerformError::Fault(fault)) => return Err(fault.into()),
            }
        }
        Ok(refused)
    }

    /// Records whose fields are no longer what rows set them to.
    pub(super) async fn amended_since(
        &self,
        organization: &Organization,
        rows: &[ImportRow],
    ) -> Result<Vec<Named>, ImportError> {
        let mut since = Vec::new();
        for row in rows.iter().filter(|row| row.kind == "change") {
            let Some(Amendment { record, fields, .. }) = self.amendment(organization, row).await? else {
                since.push(Named { record: row.record, number: None });
                continue;
            };
            let now = |field: &String| record.fields.get(field).map_or(&Value::Empty, |stored| &stored.value);
            if fields.iter().any(|(field, value)| now(field) != value) {
                since.push(Named { record: record.id, number: Some(record.number) });
            }
        }
        Ok(since)
    }
}
