//! Copies of the key state: the recovery kit.
//!
//! The key state is what opens sealed values. Lost, they are lost; kept in a copy that nobody remembers, what was
//! erased can be opened again. Both are avoided like this: a copy is made only by order, into a directory that is then
//! known (setting [`COPIES`]); after every erasure, and at every start, each known copy is replaced, the former state
//! overwritten. A copy that cannot be reached is named until it is replaced, because only then is the erasure complete.
//! So the recovery kit never holds a seed that reopens an erased leaf, if its medium is attached once after an erasure.
//! (A copy made by other means, of the data directory say, is beyond this: leave `keys/` out of such copies.)
//!
//! Invariant: a copy is never older than the key state for longer than its directory is out of reach.

use std::{
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use kitei_store::{
    db::{StoreError, StoreErrorKind, Tx},
    keys::KeyFiles,
    log, organizations, settings,
};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::super::EvidenceError;
use crate::kernel::{Installation, Organization};

/// The setting that names the directories of known copies.
pub const COPIES: &str = "evidence.key-copies";

/// How a known copy stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CopyState {
    /// It was the present state already.
    Current,
    /// It was replaced, and the former state overwritten.
    Renewed,
    /// Its directory is not there or cannot be written: it may hold a former state.
    OutOfReach,
}

/// A known copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyCopy {
    /// Its directory.
    pub directory: PathBuf,
    /// How it stands.
    pub state: CopyState,
}

/// Copies the key files of every organisation to a directory, which is known from then on.
///
/// # Errors
/// [`EvidenceError`] when a key file cannot be read, or the directory not be written.
pub async fn copy(installation: &Installation, directory: &Path) -> Result<Vec<Uuid>, EvidenceError> {
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory);
    made.map_err(EvidenceError::io(directory))?;
    let directory = directory.canonicalize().map_err(EvidenceError::io(directory))?;
    let copies = KeyFiles::new(directory.clone());
    let mut reader = installation.db.reader().await?;
    let mut copied = Vec::new();
    for row in organizations::list(&mut reader).await? {
        let state = installation.key_files.load(row.org)?;
        copies.replace(row.org, &state)?;
        remember(installation, row.org, &directory).await?;
        copied.push(row.org);
    }
    Ok(copied)
}

/// Brings every known copy of an organisation's key state up to date.
///
/// # Errors
/// [`EvidenceError`] when the key state itself or the setting cannot be read.
pub async fn renew(installation: &Installation, organization: &Organization) -> Result<Vec<KeyCopy>, EvidenceError> {
    let mut reader = installation.db.reader().await?;
    let known = settings::get(&mut reader, organization.id, COPIES).await?;
    let state = installation.key_files.load(organization.id)?;
    let mut out = Vec::new();
    for directory in directories(known.as_ref()) {
        let copies = KeyFiles::new(directory.clone());
        let state = match copies.load(organization.id) {
            Ok(copy) if *copy == *state => CopyState::Current,
            _ if !directory.is_dir() => CopyState::OutOfReach,
            _ => match copies.replace(organization.id, &state) {
                Ok(()) => CopyState::Renewed,
                Err(_) => CopyState::OutOfReach,
            },
        };
        out.push(KeyCopy { directory, state });
    }
    Ok(out)
}

fn directories(known: Option<&Json>) -> Vec<PathBuf> {
    known.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).map(PathBuf::from).collect()
}

async fn remember(installation: &Installation, org: Uuid, directory: &Path) -> Result<(), EvidenceError> {
    let (now, directory) = (installation.environment.now().into(), directory.to_owned());
    installation
        .db
        .act(org, move |tx: &mut Tx| {
            Box::pin(async move {
                let mut known = directories(settings::get(tx, org, COPIES).await?.as_ref());
                if known.contains(&directory) {
                    return Ok(());
                }
                known.push(directory);
                let known: Vec<&str> = known.iter().filter_map(|directory| directory.to_str()).collect();
                settings::put(tx, org, COPIES, &json!(known)).await?;
                let body = Map::from_iter([("copies".to_owned(), json!(known.len()))]);
                let event = super::super::checkpoints::own_event("keys.copied", COPIES, now, body);
                log::append(tx, org, event).await?;
                Ok::<(), StoreError>(())
            })
        })
        .await?;
    Ok(())
}

/// Puts copied key files in place, where there are none.
pub(super) fn put_back(from: &Path, to: &KeyFiles, orgs: &[Uuid]) -> Result<(), EvidenceError> {
    let copies = KeyFiles::new(from.to_owned());
    for org in orgs {
        let state = copies.load(*org)?;
        match to.create(*org, &state) {
            // The key file that is there may be newer than the copy: it stays.
            Err(error) if error.kind() == StoreErrorKind::Unique => {}
            other => other?,
        }
    }
    Ok(())
}
