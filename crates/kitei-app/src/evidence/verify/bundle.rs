//! A bundle, from a directory or a zip file, without database and keys.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use kitei_evidence::{
    bundle::{self, Coverage, MANIFEST, Manifest},
    checkpoint::SignedCheckpoint,
    event::locate,
    note::VerifierKey,
    verify::{Expected, StoredLeaf, Tail, Verifier},
};

use super::super::EvidenceError;
use super::{
    Against,
    report::{Trouble, Verification},
};

/// The longest file of a bundle that is read: longer ones are no bundle's.
const MAX_FILE: u64 = 1 << 30;

/// Where a bundle is read from.
enum Source {
    Directory(PathBuf),
    Zip { path: PathBuf, archive: Box<zip::ZipArchive<File>> },
}

impl Source {
    fn open(path: &Path) -> Result<Self, EvidenceError> {
        if path.is_dir() {
            return Ok(Self::Directory(path.to_owned()));
        }
        let file = File::open(path).map_err(EvidenceError::io(path))?;
        let archive = zip::ZipArchive::new(file).map_err(|_| EvidenceError::Zip(path.to_owned()))?;
        Ok(Self::Zip { path: path.to_owned(), archive: Box::new(archive) })
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, EvidenceError> {
        let mut bytes = Vec::new();
        match self {
            Self::Directory(directory) => {
                let path = directory.join(name);
                let file = File::open(&path).map_err(EvidenceError::io(&path))?;
                file.take(MAX_FILE).read_to_end(&mut bytes).map_err(EvidenceError::io(&path))?;
            }
            Self::Zip { path, archive } => {
                let entry = archive.by_name(name).map_err(|_| EvidenceError::Zip(path.clone()))?;
                // Bounded, because a small zip file can unpack to anything.
                entry.take(MAX_FILE).read_to_end(&mut bytes).map_err(EvidenceError::io(path))?;
            }
        }
        Ok(bytes)
    }
}

/// Verifies a bundle: a directory, or a zip file of one.
///
/// # Errors
/// [`EvidenceError`] when there is no manifest to begin with. What is wrong in it stands in the result.
pub fn bundle(path: &Path, against: Against<'_>) -> Result<Verification, EvidenceError> {
    let mut source = Source::open(path)?;
    let manifest = source.read(MANIFEST)?;
    let report = bundle::verify(&manifest, against.key, |name| source.read(name))?;
    let mut found = Verification::of_bundle(report);
    if let Some(old) = against.checkpoint {
        // The manifest was read a moment ago, so this cannot fail; if it did, nothing would be proven.
        let manifest: Option<Manifest> = serde_json::from_slice(&manifest).ok();
        let trouble = match manifest {
            Some(manifest) => continuation(&mut source, &manifest, against.key, old)?,
            None => Some(Trouble::CannotCompare { size: old.claimed().size() }),
        };
        found.troubles.extend(trouble);
        found.ok &= found.troubles.is_empty();
    }
    Ok(found)
}

/// Whether the log of a bundle continues an older checkpoint: only a bundle of everything can show that.
fn continuation(
    source: &mut Source,
    manifest: &Manifest,
    key: Option<&VerifierKey>,
    old: &SignedCheckpoint,
) -> Result<Option<Trouble>, EvidenceError> {
    let size = old.claimed().size();
    let own = VerifierKey::parse(&manifest.verifier_key).ok();
    let Some(key) = key.or(own.as_ref()).filter(|_| manifest.coverage == Coverage::Whole) else {
        return Ok(Some(Trouble::CannotCompare { size }));
    };
    let mut verifier = Verifier::new(&Expected {
        organisation: &manifest.about.organisation,
        origin: &manifest.about.origin,
        key,
        checkpoints: &[],
        against: Some(old),
        tail: Tail::Allowed,
    });
    for events in &manifest.events {
        let bytes = source.read(events.file.as_str())?;
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let seq = locate(line).map_or(u64::MAX, |(_, seq)| seq);
            verifier.push(&StoredLeaf { seq, bytes: line, leaf_hash: None });
        }
    }
    let continues = verifier.finish().continues == Some(true);
    Ok((!continues).then_some(Trouble::NotTheContinuation { size }))
}
