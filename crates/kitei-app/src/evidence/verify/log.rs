//! The log of one organisation, read as fast as it can be hashed.
//!
//! Asking the engine for one row an event costs more than hashing the event. Therefore it joins some hundred events to
//! one answer, divided by line breaks, which canonical JSON never holds. Where the parts are not as many as the events,
//! or places are missing, the same events are read again row by row, so that the wrong one is named.
//!
//! Invariant: an answer is taken only when its division cannot be mistaken; everything else is read row by row.

use kitei_evidence::{
    Digest,
    checkpoint::SignedCheckpoint,
    note::VerifierKey,
    verify::{Expected, Heads, Report, StoredLeaf, Tail, Verifier},
};
use kitei_store::{
    binds,
    db::{Engine, Reader},
    log, statements,
};
use uuid::Uuid;

use super::super::EvidenceError;
use super::report::Trouble;

statements! {
    /// Many events in one answer.
    @Sqlite JOINED_SQLITE = "select count(*) as events, coalesce(min(seq), 0) as first, coalesce(max(seq), 0) as last,
            cast(coalesce(group_concat(cast(bytes as text), char(10)), '') as blob) as bytes,
            cast(coalesce(group_concat(cast(leaf_hash as text), ''), '') as blob) as hashes
        from (select seq, bytes, leaf_hash from event where org = $1 and seq >= $2 order by seq limit $3)";
    /// Many events in one answer.
    @Postgres JOINED_POSTGRES = "select count(*) as events, coalesce(min(seq), 0) as first, coalesce(max(seq), 0) as last,
            coalesce(string_agg(bytes, '\\x0a'::bytea order by seq), ''::bytea) as bytes,
            coalesce(string_agg(leaf_hash, ''::bytea order by seq), ''::bytea) as hashes
        from (select seq, bytes, leaf_hash from event where org = $1 and seq >= $2 order by seq limit $3) as part";
    /// Events row by row, whatever their hash looks like.
    ROWS = "select seq, bytes, leaf_hash from event where org = $1 and seq >= $2 order by seq limit $3";
    /// Attachments that must have bytes.
    ATTACHMENTS = "select id, blob from attachment where org = $1 and erased_at is null and id > $2 order by id limit $3";
}

/// Bytes of events to fetch at a time, about.
const AT_ONCE: usize = 1 << 20;
/// Events to fetch at a time: at first, at least, at most.
const EVENTS: (u32, usize, usize) = (256, 16, 2048);
/// Checkpoints read at a time.
const CHECKPOINTS: u32 = 1000;

/// Verifies the log of an organisation from its stored bytes, and says what the columns of checkpoints say wrongly. The
/// reader should be a snapshot.
pub(crate) async fn check_log(
    reader: &mut Reader,
    org: Uuid,
    key: &VerifierKey,
    old: Option<&SignedCheckpoint>,
) -> Result<(Report, Vec<Trouble>), EvidenceError> {
    let mut heads = Heads::new(&Expected {
        organisation: &org.to_string(),
        origin: &crate::kernel::origin(org),
        key,
        checkpoints: &[],
        against: old,
        tail: Tail::Allowed,
    });
    let troubles = take_checkpoints(reader, org, &mut heads).await?;
    Ok((check_events(reader, org, heads.ready()).await?, troubles))
}

/// Takes every stored checkpoint, a page at a time.
async fn take_checkpoints(reader: &mut Reader, org: Uuid, heads: &mut Heads) -> Result<Vec<Trouble>, EvidenceError> {
    let (mut troubles, mut from) = (Vec::new(), 0);
    loop {
        let page = log::checkpoints(reader, org, from, CHECKPOINTS).await?;
        let Some(last) = page.last() else { return Ok(troubles) };
        from = last.size + 1;
        for stored in &page {
            let size = u64::try_from(stored.size).unwrap_or_default();
            let says = SignedCheckpoint::parse(stored.note.as_bytes());
            if says.is_ok_and(|note| note.claimed().size() != size || *note.claimed().root() != stored.root) {
                troubles.push(Trouble::CheckpointColumns { size });
            }
            heads.take(stored.note.as_bytes());
        }
    }
}

async fn check_events(reader: &mut Reader, org: Uuid, mut verifier: Verifier) -> Result<Report, EvidenceError> {
    let mut many = EVENTS.0;
    let mut part = fetch(reader, org, 0, many).await?;
    while let Some(next) = part.next() {
        if let Some(size) = part.event_size() {
            many = u32::try_from((AT_ONCE / size.max(1)).clamp(EVENTS.1, EVENTS.2)).unwrap_or(EVENTS.0);
        }
        // Hashing and fetching go on at the same time.
        let hashing = tokio::task::spawn_blocking(move || {
            part.push_into(&mut verifier);
            verifier
        });
        let (hashed, fetched) = tokio::join!(hashing, fetch(reader, org, next, many));
        verifier = hashed.map_err(|_| EvidenceError::Stopped)?;
        part = fetched?;
    }
    Ok(verifier.finish())
}

/// Some events of the log.
enum Part {
    /// In one piece.
    Joined { first: u64, events: usize, bytes: Vec<u8>, hashes: Vec<u8> },
    /// One by one.
    Rows(Vec<(u64, Vec<u8>, Digest)>),
}

impl Part {
    /// Where the next part begins; nothing when this one is empty.
    fn next(&self) -> Option<i64> {
        let last = match self {
            Self::Joined { first, events, .. } => *first + *events as u64 - 1,
            Self::Rows(rows) => rows.last()?.0,
        };
        i64::try_from(last).ok().map(|last| last + 1)
    }

    fn event_size(&self) -> Option<usize> {
        match self {
            Self::Joined { events, bytes, .. } => bytes.len().checked_div(*events),
            Self::Rows(rows) => rows.iter().map(|(_, bytes, _)| bytes.len()).sum::<usize>().checked_div(rows.len()),
        }
    }

    fn push_into(&self, verifier: &mut Verifier) {
        match self {
            Self::Joined { first, bytes, hashes, .. } => {
                let (hashes, _) = hashes.as_chunks::<32>();
                let events = bytes.split(|byte| *byte == b'\n').zip(hashes);
                for (seq, (bytes, hash)) in (*first..).zip(events) {
                    verifier.push(&StoredLeaf { seq, bytes, leaf_hash: Some(Digest::from_bytes(*hash)) });
                }
            }
            Self::Rows(rows) => {
                for (seq, bytes, hash) in rows {
                    verifier.push(&StoredLeaf { seq: *seq, bytes, leaf_hash: Some(*hash) });
                }
            }
        }
    }
}

async fn fetch(reader: &mut Reader, org: Uuid, from: i64, many: u32) -> Result<Part, EvidenceError> {
    let joined = match reader.engine() {
        Engine::Sqlite => &JOINED_SQLITE,
        Engine::Postgres => &JOINED_POSTGRES,
    };
    // An answer that the engine finds too long is asked for again, row by row.
    if let Ok(row) = reader.fetch_one(joined, binds![org, from, many]).await {
        let (events, first, last): (i64, i64, i64) = (row.get("events")?, row.get("first")?, row.get("last")?);
        let (bytes, hashes): (Vec<u8>, Vec<u8>) = (row.get("bytes")?, row.get("hashes")?);
        let count = usize::try_from(events).unwrap_or_default();
        let parts = memchr_count(&bytes) + 1;
        if events > 0 && first == from && last - first + 1 == events && parts == count && hashes.len() == 32 * count {
            let first = u64::try_from(first).unwrap_or_default();
            return Ok(Part::Joined { first, events: count, bytes, hashes });
        }
    }
    let mut rows = Vec::new();
    for row in reader.fetch_all(&ROWS, binds![org, from, many]).await? {
        let seq = u64::try_from(row.get::<i64>("seq")?).unwrap_or_default();
        // A hash that is none fits no event, which is then named.
        let hash = <[u8; 32]>::try_from(row.get::<Vec<u8>>("leaf_hash")?).unwrap_or_default();
        rows.push((seq, row.get("bytes")?, Digest::from_bytes(hash)));
    }
    Ok(Part::Rows(rows))
}

/// How many line breaks there are.
fn memchr_count(bytes: &[u8]) -> usize {
    bytes.iter().map(|byte| usize::from(*byte == b'\n')).sum()
}
