//! Filling a bundle: sign what is unsigned, take a snapshot, then checkpoints, events with proofs, files, page, manifest.

use std::{collections::BTreeSet, sync::Arc};

use jiff::civil::Date;
use kitei_evidence::{
    Digest,
    bundle::{About, BundleBuilder, Coverage, FileKind, MANIFEST, NamedFile, ProvenEvent, Scope},
    checkpoint::SignedCheckpoint,
    event::Event,
    keys::LeafId,
};
use kitei_store::{
    attachments, binds,
    db::{Instant, Reader},
    log::{self, StoredCheckpoint},
    records,
};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::super::{EvidenceError, checkpoints};
use super::{
    EVENTS, Request, SPAN, VERIFIER, Wanted, Written, file_name,
    index::{self, Contents, Line, Page, Shown},
    sink::Sink,
    tree::Tree,
};
use kitei_rules::run::Kernel;

use crate::kernel::{Fault, Installation, Organization};

/// Events of one file.
const EVENTS_A_FILE: u32 = 5000;
/// Events that the page lists; more are in the files.
const LISTED: usize = 20_000;

/// An event that was read.
struct Read {
    seq: u64,
    at: Instant,
    kind: String,
    subject: Option<Uuid>,
    bytes: Vec<u8>,
}

/// A bundle in the making.
struct Making<'a> {
    installation: &'a Installation,
    organization: &'a Organization,
    request: &'a Request<'a>,
    reader: Reader,
    builder: BundleBuilder,
    sink: Sink,
    contents: Contents,
    subjects: BTreeSet<Uuid>,
    events: u64,
    attachments: u64,
}

impl Installation {
    /// Writes a bundle.
    ///
    /// # Errors
    /// [`EvidenceError`]; what was written until then is to be thrown away.
    pub async fn bundle(
        self: &Arc<Self>,
        organization: &Arc<Organization>,
        request: &Request<'_>,
    ) -> Result<Written, EvidenceError> {
        self.sign(organization).await?;
        let mut reader = self.db.snapshot().await?;
        let newest = log::latest_checkpoint(&mut reader, organization.id).await?;
        let newest = newest.ok_or(EvidenceError::NothingSigned)?;
        let coverage = match request.wanted {
            Wanted::Everything => Coverage::Whole,
            Wanted::Record(_) | Wanted::Period { .. } => Coverage::Chosen,
        };
        let about = About {
            organisation: organization.id.to_string(),
            organisation_name: organization.name.clone(),
            origin: crate::kernel::origin(organization.id),
            made_at: Instant::from(self.environment.now()).to_string(),
            scope: scope(&mut reader, organization, request.wanted).await?,
        };
        let builder = BundleBuilder::new(about, coverage, &organization.signing().verifier_key());
        let making = Making {
            installation: self,
            organization,
            request,
            reader,
            builder,
            sink: Sink::open(request.target)?,
            contents: Contents::default(),
            subjects: BTreeSet::new(),
            events: 0,
            attachments: 0,
        };
        making.fill(newest, coverage).await
    }
}

async fn scope(reader: &mut Reader, organization: &Organization, wanted: Wanted) -> Result<Scope, EvidenceError> {
    Ok(match wanted {
        Wanted::Everything => Scope::Everything,
        Wanted::Period { from, to } => Scope::Period { from: from.to_string(), to: to.to_string() },
        Wanted::Record(id) => {
            let record = records::load(reader, organization.id, id).await?.ok_or(EvidenceError::NoRecord)?;
            Scope::Record { register: record.register, record: record.number }
        }
    })
}

impl Making<'_> {
    async fn fill(mut self, newest: StoredCheckpoint, coverage: Coverage) -> Result<Written, EvidenceError> {
        let signed = u64::try_from(newest.size).unwrap_or_default();
        for checkpoint in self.checkpoints(&newest, coverage).await? {
            let file = self.builder.checkpoint(&SignedCheckpoint::parse(checkpoint.note.as_bytes())?)?;
            self.put(&file).await?;
        }
        match self.request.wanted {
            Wanted::Everything => self.span(0, newest.size, None, signed, coverage).await?,
            Wanted::Record(id) => self.record_events(id, signed).await?,
            Wanted::Period { from, to } => self.period(from, to, signed).await?,
        }
        self.records().await?;
        self.papers().await?;
        self.file(FileKind::Page, "verify.py", "verify.py", VERIFIER.as_bytes(), None).await?;
        for (lang, name) in Page::ALL {
            let page =
                index::page(lang, self.builder.manifest(), &self.contents, &self.organization.zone, &newest.note);
            self.file(FileKind::Page, name, name, page.as_bytes(), None).await?;
        }
        let manifest = self.builder.finish()?;
        self.sink.put(MANIFEST, &manifest.bytes).await?;
        self.sink.finish().await?;
        let records = self.contents.records.iter().filter(|record| record.file.is_some()).count() as u64;
        Ok(Written {
            events: self.events,
            records,
            attachments: self.attachments,
            signed,
            manifest: Digest::of(&manifest.bytes),
        })
    }

    /// A whole bundle shows the log's growth; one of chosen events needs the checkpoint that its proofs lead to.
    async fn checkpoints(
        &mut self,
        newest: &StoredCheckpoint,
        coverage: Coverage,
    ) -> Result<Vec<StoredCheckpoint>, EvidenceError> {
        if coverage == Coverage::Chosen {
            return Ok(vec![newest.clone()]);
        }
        let (mut all, mut from) = (Vec::new(), 0);
        loop {
            let page = log::checkpoints(&mut self.reader, self.organization.id, from, 1000).await?;
            let Some(last) = page.last() else { break };
            from = last.size + 1;
            all.extend(page);
            // Thinned as it is read, so that years of minutes do not pile up.
            let now = self.installation.environment.now();
            all = checkpoints::thin(all, now, &self.organization.zone);
        }
        Ok(all)
    }

    async fn record_events(&mut self, id: Uuid, signed: u64) -> Result<(), EvidenceError> {
        let (mut events, mut before) = (Vec::new(), None);
        loop {
            let page = log::of_subject(&mut self.reader, self.organization.id, id, before, 500).await?;
            let Some(last) = page.last() else { break };
            before = Some(last.seq);
            events.extend(page.into_iter().map(|stored| Read {
                seq: u64::try_from(stored.seq).unwrap_or_default(),
                at: stored.at,
                kind: stored.kind,
                subject: stored.subject,
                bytes: stored.bytes,
            }));
        }
        events.retain(|event| event.seq < signed);
        events.reverse();
        self.subjects.insert(id);
        let mut tree = Tree::load(&mut self.reader, self.organization.id, signed).await?;
        for part in events.chunks(EVENTS_A_FILE as usize) {
            self.events_file(part, Some(&mut tree)).await?;
        }
        Ok(())
    }

    async fn period(&mut self, from: Date, to: Date, signed: u64) -> Result<(), EvidenceError> {
        let damaged = |_| Fault::Damaged("a day out of range".to_owned());
        let zone = &self.organization.zone;
        let begin: Instant = from.to_zoned_datetime(zone.clone()).map_err(damaged)?.timestamp().into();
        let after = to.tomorrow().and_then(|day| day.to_zoned_datetime(zone.clone())).map_err(damaged)?;
        let end: Instant = after.timestamp().into();
        let row = self.reader.fetch_one(&SPAN, binds![self.organization.id, begin, end]).await?;
        if let (Some(first), Some(last)) = (row.maybe::<i64>("first")?, row.maybe::<i64>("last")?) {
            self.span(first, last + 1, Some((begin, end)), signed, Coverage::Chosen).await?;
        }
        Ok(())
    }

    /// Events from one place to another, of a stretch of time if one is given.
    async fn span(
        &mut self,
        first: i64,
        end: i64,
        time: Option<(Instant, Instant)>,
        signed: u64,
        coverage: Coverage,
    ) -> Result<(), EvidenceError> {
        let mut tree = match coverage {
            Coverage::Whole => None,
            Coverage::Chosen => Some(Tree::load(&mut self.reader, self.organization.id, signed).await?),
        };
        let end = end.min(i64::try_from(signed).unwrap_or(i64::MAX));
        let mut from = first;
        loop {
            let rows = self.reader.fetch_all(&EVENTS, binds![self.organization.id, from, end, EVENTS_A_FILE]).await?;
            let mut events = Vec::with_capacity(rows.len());
            for row in &rows {
                from = row.get::<i64>("seq")? + 1;
                events.push(Read {
                    seq: u64::try_from(from - 1).unwrap_or_default(),
                    at: row.get("at")?,
                    kind: row.get("kind")?,
                    subject: row.maybe("subject")?,
                    bytes: row.get("bytes")?,
                });
            }
            if events.is_empty() {
                return Ok(());
            }
            if let Some((begin, until)) = time {
                events.retain(|event| begin <= event.at && event.at < until);
            }
            self.events_file(&events, tree.as_mut()).await?;
        }
    }

    async fn events_file(&mut self, events: &[Read], tree: Option<&mut Tree>) -> Result<(), EvidenceError> {
        if events.is_empty() {
            return Ok(());
        }
        let mut proven = Vec::with_capacity(events.len());
        match tree {
            None => proven.extend(events.iter().map(|event| ProvenEvent { bytes: &event.bytes, path: Vec::new() })),
            Some(tree) => {
                for event in events {
                    let path = tree.proof(&mut self.reader, event.seq).await?;
                    proven.push(ProvenEvent { bytes: &event.bytes, path });
                }
            }
        }
        for file in self.builder.events(proven)? {
            self.put(&file).await?;
        }
        self.events += events.len() as u64;
        for event in events {
            self.subjects.extend(event.subject);
            self.list(event)?;
        }
        Ok(())
    }

    fn list(&mut self, event: &Read) -> Result<(), EvidenceError> {
        if self.contents.events.len() >= LISTED {
            self.contents.more_events += 1;
            return Ok(());
        }
        let parsed = Event::parse(&event.bytes).map_err(|_| Fault::Damaged(format!("event {}", event.seq)))?;
        let erased = self
            .organization
            .with_keys(|keys| sealed_leaves(parsed.body().values()).iter().any(|leaf| keys.is_punctured(*leaf)));
        self.contents.events.push(Line {
            seq: event.seq,
            at: event.at,
            kind: event.kind.clone(),
            subject: parsed.subject().to_owned(),
            actor: parsed.actor().to_owned(),
            erased,
        });
        Ok(())
    }

    /// Records in words, with their attachments.
    async fn records(&mut self) -> Result<(), EvidenceError> {
        let (installation, organization, opening) = (self.installation, self.organization, self.request.opening);
        for id in std::mem::take(&mut self.subjects) {
            let look = |kernel: &Kernel<'_>| {
                let record = kernel.snapshot.record(id)?;
                Some((record.number.clone(), record.register.clone(), (opening.record)(kernel, record)))
            };
            let looked = installation.look_in(&mut self.reader, organization, None, &[id], look).await?;
            let Some((number, register, opened)) = looked else { continue };
            let erased_by = self.erased_by(id).await?;
            let Some(opened) = opened else {
                self.contents.refused += 1;
                continue;
            };
            let name = format!("records/{}.json", file_name(&number));
            let doc = json!({
                "id": id.to_string(),
                "register": register,
                "number": number,
                "title": opened.title,
                "entries": opened.entries,
                "erased_by_event": erased_by,
            });
            let bytes = serde_json::to_vec_pretty(&doc).map_err(|_| EvidenceError::Stopped)?;
            self.file(FileKind::Page, &name, &format!("{number} {}", opened.title), &bytes, None).await?;
            self.attachments_of(id).await?;
            self.contents.records.push(Shown {
                number,
                title: Some(opened.title),
                file: Some(index::address(&name)),
                entries: opened.entries,
                erased_by,
            });
        }
        Ok(())
    }

    /// The event by which the record as a whole was erased.
    async fn erased_by(&mut self, id: Uuid) -> Result<Option<u64>, EvidenceError> {
        let mut before = None;
        loop {
            let page = log::of_subject(&mut self.reader, self.organization.id, id, before, 500).await?;
            let Some(last) = page.last() else { return Ok(None) };
            before = Some(last.seq);
            for stored in page.iter().filter(|stored| stored.kind == "record.erased") {
                let event = Event::parse(&stored.bytes).map_err(|_| Fault::Damaged(format!("event {}", stored.seq)))?;
                if event.body().get("line").is_none_or(Json::is_null) {
                    return Ok(Some(event.seq()));
                }
            }
        }
    }

    async fn attachments_of(&mut self, record: Uuid) -> Result<(), EvidenceError> {
        for attachment in attachments::of_record(&mut self.reader, self.organization.id, record).await? {
            let leaf = u64::try_from(attachment.leaf).ok().and_then(|number| LeafId::new(number).ok());
            let gone = leaf.is_none_or(|leaf| self.organization.with_keys(|keys| keys.is_punctured(leaf)));
            if attachment.erased_at.is_some() || gone {
                self.contents.erased_files += 1;
                continue;
            }
            let address =
                Digest::parse(&attachment.blob).map_err(|_| Fault::Damaged("an attachment's address".to_owned()))?;
            let sealed = self.installation.blobs.get(address).await?;
            if let Some(opened) = (self.request.opening.file)(&attachment, &sealed) {
                let path = format!("attachments/{}-{}", attachment.id, file_name(&opened.name));
                self.file(FileKind::Attachment, &path, &opened.name, &opened.bytes, None).await?;
                self.attachments += 1;
            }
        }
        Ok(())
    }

    async fn papers(&mut self) -> Result<(), EvidenceError> {
        let papers = self.request.papers;
        for (number, paper) in papers.iter().enumerate() {
            let path = format!("papers/{:03}-{}", number + 1, file_name(&paper.name));
            self.file(FileKind::Paper, &path, &paper.title, &paper.bytes, paper.event).await?;
        }
        Ok(())
    }

    async fn file(
        &mut self,
        kind: FileKind,
        path: &str,
        title: &str,
        bytes: &[u8],
        event: Option<u64>,
    ) -> Result<(), EvidenceError> {
        self.builder.file(kind, path, title, Digest::of(bytes), event)?;
        self.sink.put(path, bytes).await
    }

    async fn put(&mut self, file: &NamedFile) -> Result<(), EvidenceError> {
        self.sink.put(file.file.as_str(), &file.bytes).await
    }
}

/// Key leaves of the sealed values in a body.
pub(crate) fn sealed_leaves<'j>(values: impl Iterator<Item = &'j Json>) -> BTreeSet<LeafId> {
    let mut leaves = BTreeSet::new();
    let mut todo: Vec<&Json> = values.collect();
    while let Some(value) = todo.pop() {
        match value {
            Json::String(text) => {
                let number = text.strip_prefix("s1.").and_then(|rest| rest.split('.').next());
                leaves.extend(number.and_then(|number| LeafId::parse(number).ok()));
            }
            Json::Array(items) => todo.extend(items),
            Json::Object(members) => todo.extend(members.values()),
            _ => {}
        }
    }
    leaves
}
