//! Attachments: receiving a file, opening it, and sweeping what was received and never attached.
//!
//! Issue part 4. A file is judged and sealed with a key of its own and lies on the disk before the command that attaches
//! it; that command's event (`attachment.added`) then says name (sealed), size, kind and the address of the sealed bytes.
//! When the record or the line is erased, the file's key is destroyed with the record's, and its bytes are removed.
//!
//! Invariant: bytes lie on the disk before an event names them; what no event names is swept after a day.
//! Invariant: name and bytes are sealed for this record and this file: moved elsewhere, they do not open.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use kitei_evidence::{
    Digest,
    seal::{Place, SealedText, open_bytes, seal_bytes},
};
use kitei_rules::{
    book::Book,
    pack::model::{Kind as FieldKind, Text},
    run::command::{Attached, Command, Objection, Refusal, Values},
    value::Value,
};
use kitei_store::{
    attachments::{self, Attachment},
    binds,
    db::{Reader, StoreErrorKind, Tx},
    organizations,
};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    super::evidence::bundle::OpenedFile,
    Fault, Installation, Organization,
    attach_kind::{Limits, clean_name},
    perform::PerformError,
    project::leaf,
};

kitei_store::statements! {
    /// Whether an import or a job that is under way names a blob.
    NAMED = "select (select count(*) from import_batch where cast(doc as text) like $1)
        + (select count(*) from job where cast(payload as text) like $1) as uses";
}

/// How long a file may lie unattached before it is swept.
const UNATTACHED: Duration = Duration::from_secs(24 * 60 * 60);

/// A file as somebody sends it.
#[derive(Clone)]
pub struct Sent {
    /// Its name as the browser says it.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sent").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// An attachment opened.
#[derive(Debug)]
pub struct Opened {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// An attachment in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The row.
    pub row: Attachment,
    /// Its name; none when it is erased.
    pub name: Option<String>,
}

impl Installation {
    /// Judges, seals and keeps a file for a record (which need not exist yet). A command that carries it attaches it.
    ///
    /// # Errors
    /// [`PerformError::Refused`] when the file is unfit, at `field`; [`PerformError::Fault`] when it cannot be kept.
    pub async fn receive(
        &self,
        organization: &Organization,
        limits: &Limits,
        record: Uuid,
        field: Option<&str>,
        sent: Sent,
    ) -> Result<Attached, PerformError> {
        let name = clean_name(&sent.name);
        let kind = limits.judge(&name, &sent.bytes).map_err(|unfit| refusal(field, unfit.words()))?;
        let org = organization.id;
        let number = self
            .db
            .act(org, move |tx: &mut Tx| {
                Box::pin(async move { Ok::<_, Fault>(organizations::take_leaves(tx, org, 1).await?) })
            })
            .await?;
        let id = self.environment.id();
        let bytes = i64::try_from(sent.bytes.len()).unwrap_or(i64::MAX);
        let gone = Fault::Sealed { record };
        let sealed = {
            let key = organization.with_keys(|keys| keys.derive(leaf(number).ok()?)).ok_or(gone)?.sealing_key();
            let (nonce, words) = (self.environment.nonce(), Words::of(organization, record, id));
            let plain = Zeroizing::new(sent.bytes);
            // Encrypting megabytes is no work for a thread that answers others.
            tokio::task::spawn_blocking(move || seal_bytes(&key, &words.place(), &nonce, &plain))
                .await
                .map_err(|_| Fault::Damaged("sealing stopped".to_owned()))?
                .map_err(|_| Fault::Sealed { record })?
        };
        let blob = self.blobs.put(sealed).await?.to_string();
        Ok(Attached { id, name, media_type: kind.media_type.to_owned(), bytes, blob, leaf: number })
    }

    /// Takes back files that were received for a command which then was refused.
    pub async fn forget(&self, files: &[Attached]) {
        for file in files {
            let Ok(address) = Digest::parse(&file.blob) else { continue };
            // What cannot be removed now is swept later.
            if let Err(error) = self.blobs.remove(address).await {
                tracing::warn!(%error, "a file that nothing names stays until it is swept");
            }
        }
    }

    /// Opens an attachment; `None` when it was erased.
    ///
    /// # Errors
    /// [`Fault::Store`] when its bytes are missing or damaged, [`Fault::Sealed`] when they do not open.
    pub async fn open_attachment(
        &self,
        organization: &Organization,
        row: &Attachment,
    ) -> Result<Option<Opened>, Fault> {
        let Some(name) = name_of(organization, row)? else { return Ok(None) };
        let address = Digest::parse(&row.blob).map_err(|_| Fault::Damaged("an attachment's address".to_owned()))?;
        let sealed = self.blobs.get(address).await?;
        Ok(open_sealed(organization, row, &sealed)?.map(|bytes| Opened { name, bytes }))
    }

    /// The attachments of a record, in the order in which they came, with their names.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn attachments(
        &self,
        reader: &mut Reader,
        organization: &Organization,
        record: Uuid,
    ) -> Result<Vec<Listed>, Fault> {
        let rows = attachments::of_record(reader, organization.id, record).await?;
        rows.into_iter()
            .map(|row| {
                let name = name_of(organization, &row)?;
                Ok(Listed { row, name })
            })
            .collect()
    }

    /// Removes blobs older than a day that no attachment, import or job names. Says how many.
    ///
    /// # Errors
    /// [`Fault`]; what was swept until then stays swept.
    pub async fn sweep_blobs(self: &Arc<Self>) -> Result<u64, Fault> {
        let seconds = u64::try_from(self.environment.now().as_second()).unwrap_or_default();
        let before = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds).saturating_sub(UNATTACHED);
        let mut swept = 0;
        let mut reader = self.db.reader().await?;
        for address in self.blobs.older_than(before).await? {
            let text = address.to_string();
            let named = attachments::uses(&mut reader, &text).await?
                + reader.fetch_one(&NAMED, binds![format!("%{text}%")]).await?.get::<i64>("uses")?;
            if named == 0 {
                swept += u64::from(self.blobs.remove(address).await?);
            }
        }
        Ok(swept)
    }

    /// Refuses a field of kind `file` that names no attachment of its record and no file that comes with the command.
    pub(super) async fn check_files(
        &self,
        reader: &mut Reader,
        organization: &Organization,
        book: &Book,
        files: &[Attached],
        command: &Command,
    ) -> Result<(), PerformError> {
        let register = match command {
            Command::Create { register, .. } => Some(register.clone()),
            _ => None,
        };
        let named = named_files(book, register.as_deref(), command);
        if named.is_empty() {
            return Ok(());
        }
        let mut known: Vec<Uuid> = files.iter().map(|file| file.id).collect();
        if let Some(record) = command.record() {
            let rows = attachments::of_record(reader, organization.id, record).await?;
            known.extend(rows.into_iter().filter(|row| row.erased_at.is_none()).map(|row| row.id));
        }
        let words = Text {
            ja: "添付ファイルがありません。ファイルを選んで送ってください。".to_owned(),
            en: "It names no attachment of this record; send the file itself.".to_owned(),
        };
        let wrong = named.into_iter().find(|(_, text)| !text.parse().is_ok_and(|id: Uuid| known.contains(&id)));
        wrong.map_or(Ok(()), |(field, _)| Err(refusal(Some(&field), words)))
    }
}

/// Ids of files as the fields of a command name them, with the fields.
pub(crate) fn named_files(book: &Book, register: Option<&str>, command: &Command) -> Vec<(String, String)> {
    let is_file = |list: Option<&str>, act: Option<&str>, field: &str| {
        let of_act = act.and_then(|act| book.names.acts.get(act));
        let of_act = of_act.and_then(|act| act.fields.iter().find(|known| known.id == field)).map(|rule| rule.kind);
        let plain = field.strip_prefix("proposed:").unwrap_or(field);
        // The register is not known before the record is loaded; a field of the name and kind in any is looked at.
        let in_register = || match register {
            Some(register) => book.field(register, list, plain).map(|rule| rule.kind),
            None => book
                .names
                .registers
                .keys()
                .filter_map(|id| book.field(id, list, plain))
                .map(|rule| rule.kind)
                .find(|kind| *kind == FieldKind::File),
        };
        of_act.or_else(in_register) == Some(FieldKind::File)
    };
    let pick = |list: Option<&str>, act: Option<&str>, fields: &Values| -> Vec<(String, String)> {
        let texts = fields.iter().filter_map(|(field, value)| match value {
            Value::Text(text) if !text.is_empty() && is_file(list, act, field) => Some((field.clone(), text.clone())),
            _ => None,
        });
        texts.collect()
    };
    match command {
        Command::Create { fields, lines, .. } => {
            let of_lines =
                lines.iter().flat_map(|(list, rows)| rows.iter().flat_map(|row| pick(Some(list), None, row)));
            pick(None, None, fields).into_iter().chain(of_lines).collect()
        }
        Command::Change { fields, .. } => pick(None, None, fields),
        Command::AddLine { list, fields, .. } | Command::ChangeLine { list, fields, .. } => {
            pick(Some(list), None, fields)
        }
        Command::Act { act, fields, .. } | Command::Duty { act, fields, .. } => pick(None, Some(act), fields),
        _ => Vec::new(),
    }
}

/// The name of an attachment; `None` when it was erased.
fn name_of(organization: &Organization, row: &Attachment) -> Result<Option<String>, Fault> {
    if row.erased_at.is_some() {
        return Ok(None);
    }
    let wrong = || Fault::Sealed { record: row.record };
    let sealed = SealedText::parse(&row.name).map_err(|_| wrong())?;
    let Some(key) = organization.with_keys(|keys| keys.derive(sealed.leaf())) else { return Ok(None) };
    let words = Words { field: name_field(row.id), ..Words::of(organization, row.record, row.id) };
    let opened = sealed.open(&key.sealing_key(), &words.place()).map_err(|_| wrong())?;
    Ok(Some(opened.as_str().to_owned()))
}

/// Opens the sealed bytes of an attachment; `None` when its key is destroyed.
fn open_sealed(
    organization: &Organization,
    row: &Attachment,
    sealed: &[u8],
) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
    let number = leaf(row.leaf)?;
    let Some(key) = organization.with_keys(|keys| keys.derive(number)) else { return Ok(None) };
    let words = Words::of(organization, row.record, row.id);
    let opened = open_bytes(&key.sealing_key(), &words.place(), sealed);
    opened.map(Some).map_err(|_| Fault::Sealed { record: row.record })
}

/// Opens attachments for a bundle. What does not open is left out, as the bundle says of what may not be opened.
#[must_use]
pub fn for_bundle(organization: &Organization, row: &Attachment, sealed: &[u8]) -> Option<OpenedFile> {
    let name = name_of(organization, row).ok()??;
    let bytes = open_sealed(organization, row, sealed).ok()??;
    Some(OpenedFile { name, bytes: bytes.to_vec() })
}

/// What stands for the register where an attachment is sealed: its record says enough.
pub(crate) const PLACE: &str = "attachment";

/// The field under which a file's name is sealed.
pub(crate) fn name_field(id: Uuid) -> String {
    format!("attachment-name:{id}")
}

/// The parts of the place for which a file's bytes are sealed.
struct Words {
    organization: String,
    record: String,
    field: String,
}

impl Words {
    fn of(organization: &Organization, record: Uuid, id: Uuid) -> Self {
        Self {
            organization: organization.id.to_string(),
            record: record.to_string(),
            field: format!("attachment:{id}"),
        }
    }

    fn place(&self) -> Place<'_> {
        Place {
            organisation: &self.organization,
            register: PLACE,
            record: &self.record,
            line: None,
            field: &self.field,
        }
    }
}

fn refusal(field: Option<&str>, message: Text) -> PerformError {
    PerformError::Refused(Refusal {
        objections: vec![Objection {
            code: "file".to_owned(),
            field: field.map(str::to_owned),
            source: None,
            clauses: Vec::new(),
            message,
        }],
        asks_reason: false,
    })
}

/// What a fault with an attachment means to the person who asked for it, where it is about its bytes.
#[must_use]
pub fn trouble(fault: &Fault) -> Option<Text> {
    let Fault::Store(error) = fault else { return None };
    let (ja, en) = match error.kind() {
        StoreErrorKind::Missing => (
            "この添付ファイルの本体がサーバーに見つかりません。管理者がバックアップから戻すまで開けません。記録は残っています。",
            "The bytes of this attachment are missing on the server; an administrator must bring them back from a backup. The record is unharmed.",
        ),
        StoreErrorKind::Corrupt => (
            "この添付ファイルの本体が壊れているので、お渡しできません。管理者がバックアップから戻すまで開けません。",
            "The bytes of this attachment are damaged and are not handed out; an administrator must bring them back from a backup.",
        ),
        _ => return None,
    };
    Some(Text { ja: ja.to_owned(), en: en.to_owned() })
}
