//! Files in cases: where a case names one for a field of kind `file`, a small real file of that kind is sent with the
//! deed, sealed, kept and attached as a person's would be.

use kitei_rules::{
    run::command::{Attached, Command, Values},
    value::Value,
};

use super::{deeds::DeedError, stage::Scene};
use crate::kernel::{
    Environment as _,
    attach::{Sent, named_files},
    attach_kind::Limits,
    perform::{PerformError, Request},
};

impl Scene {
    /// Receives the files that a command names and puts their ids in their place (a file sent before stands there by its
    /// id already). Gives them under their names.
    pub(super) async fn send_files(
        &self,
        request: &mut Request,
        command: &mut Command,
    ) -> Result<Vec<(String, Attached)>, DeedError> {
        let register = match command {
            Command::Create { register, .. } => Some(register.clone()),
            _ => None,
        };
        let mut sent = Vec::new();
        for (field, name) in named_files(&self.book, register.as_deref(), command) {
            if name.parse::<uuid::Uuid>().is_ok() {
                continue;
            }
            let file = self.receive(request, command, &name).await?;
            replace(command, &field, &name, &file.id.to_string());
            request.files.push(file.clone());
            sent.push((name_of(&name), file));
        }
        Ok(sent)
    }

    async fn receive(&self, request: &mut Request, command: &Command, name: &str) -> Result<Attached, DeedError> {
        let record = match command {
            Command::Create { .. } => *request.id.get_or_insert_with(|| self.clock.id()),
            other => other.record().ok_or("a file needs a record")?,
        };
        let bytes = match name.rsplit_once('.').map(|(_, ending)| ending) {
            Some("pdf") => b"%PDF-1.7\n%%EOF\n".to_vec(),
            Some("png") => b"\x89PNG\r\n\x1a\n".to_vec(),
            _ => b"sample\n".to_vec(),
        };
        let sent = Sent { name: name.to_owned(), bytes };
        let limits = Limits::default();
        match self.installation.receive(&self.organization, &limits, record, None, sent).await {
            Ok(file) => Ok(file),
            Err(PerformError::Refused(refusal)) => Err(DeedError::Refused(refusal)),
            Err(PerformError::Fault(fault)) => Err(fault.to_string().into()),
        }
    }
}

/// The name under which a scene remembers a file.
pub(super) fn name_of(file: &str) -> String {
    format!("file:{file}")
}

fn replace(command: &mut Command, field: &str, from: &str, to: &str) {
    let put = |fields: &mut Values| {
        if fields.get(field) == Some(&Value::Text(from.to_owned())) {
            fields.insert(field.to_owned(), Value::Text(to.to_owned()));
        }
    };
    match command {
        Command::Create { fields, lines, .. } => {
            put(fields);
            lines.values_mut().flatten().for_each(put);
        }
        Command::Change { fields, .. }
        | Command::AddLine { fields, .. }
        | Command::ChangeLine { fields, .. }
        | Command::Act { fields, .. }
        | Command::Duty { fields, .. } => put(fields),
        _ => {}
    }
}
