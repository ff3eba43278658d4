//! The shelf of packs: those that are part of the program, and those in the directory of the configuration.

use std::path::Path;

use kitei_app::kernel::shelf::Shelf;
use kitei_rules::pack::PackFiles;

use crate::exit::Failure;

/// A pack of the program: its id, and its files by path.
type BuiltIn = (&'static str, &'static [(&'static str, &'static [u8])]);

// `BUILT_IN`, made by build.rs from the directory `packs/` of the source.
include!(concat!(env!("OUT_DIR"), "/built_in_packs.rs"));

/// The packs of the program.
pub(crate) fn built_in() -> Shelf {
    let mut shelf = Shelf::default();
    for (id, files) in BUILT_IN {
        let files = files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())).collect();
        shelf.add(PackFiles { id: (*id).to_owned(), files });
    }
    shelf
}

/// The packs of the program and those of a directory; where both have one of the same id, the directory's counts.
///
/// # Errors
/// The directory cannot be read.
pub(crate) fn shelf(directory: Option<&Path>) -> Result<Shelf, Failure> {
    let built_in = built_in();
    match directory {
        None => Ok(built_in),
        Some(directory) => Ok(built_in.with(read(directory)?)),
    }
}

/// Every pack below a directory.
///
/// # Errors
/// It cannot be read.
pub(crate) fn read(directory: &Path) -> Result<Shelf, Failure> {
    Shelf::read(directory).map_err(|error| {
        Failure::input(format!("規程パックを読めない：{error}"), format!("packs cannot be read: {error}"))
    })
}
