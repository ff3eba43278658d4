//! Events, signed notes, checkpoints and manifests: what is read is exactly what is written.

use kitei_evidence::{bundle, checkpoint::SignedCheckpoint, event::Event, note::SignedNote};

/// Only the canonical bytes of an event are read.
pub(crate) fn event(bytes: &[u8]) {
    if let Ok(event) = Event::parse(bytes) {
        assert_eq!(event.leaf_bytes().ok().as_deref(), Some(bytes));
        let located = kitei_evidence::event::locate(bytes);
        assert_eq!(located, Some((event.org().as_bytes(), event.seq())));
    }
    let _ = kitei_evidence::event::locate(bytes);
}

/// The text of a note is that of the bytes; a checkpoint writes its text again.
pub(crate) fn checkpoint(bytes: &[u8]) {
    if let Ok(note) = SignedNote::parse(bytes) {
        assert!(bytes.starts_with(note.text().as_bytes()));
    }
    if let Ok(signed) = SignedCheckpoint::parse(bytes) {
        assert!(bytes.starts_with(signed.claimed().to_string().as_bytes()));
    }
}

/// A manifest and files full of the same bytes: problems are reported, and no name leads out of the bundle.
pub(crate) fn manifest(bytes: &[u8]) {
    let report = bundle::verify(bytes, None, |name| {
        assert!(!name.starts_with('/') && !name.split('/').any(|part| part == ".."));
        Ok::<_, std::io::Error>(bytes.to_vec())
    });
    // Nothing that a stranger makes up verifies.
    assert!(report.is_err() || report.is_ok_and(|report| !report.ok));
}
