//! Runs the body of a fuzz target with the stable compiler: each seed as it is, seeds changed at random, bytes at random.
//!
//! Included by the test `fuzz_smoke` of each crate that has targets.

use std::{fs, path::Path};

use proptest::{
    collection,
    prelude::*,
    test_runner::{Config, TestRunner},
};

/// A change to a seed: at a place, some bytes are taken away and others put there.
type Change = (prop::sample::Index, usize, Vec<u8>);

/// Runs a body over the seeds of a target.
pub(crate) fn smoke(target: &str, body: impl Fn(&[u8])) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(target);
    let mut seeds: Vec<Vec<u8>> = fs::read_dir(&directory)
        .expect("seeds of the target")
        .map(|entry| fs::read(entry.expect("an entry").path()).expect("a seed"))
        .collect();
    seeds.sort();
    assert!(!seeds.is_empty(), "{target} has seeds");
    seeds.iter().for_each(|seed| body(seed));
    body(b"");
    let change = || (any::<prop::sample::Index>(), 0..8_usize, collection::vec(any::<u8>(), 0..8));
    let changed = (any::<prop::sample::Index>(), collection::vec(change(), 1..6))
        .prop_map(move |(seed, changes)| with(seed.get(&seeds).clone(), &changes));
    let bytes = prop_oneof![3 => changed, 1 => collection::vec(any::<u8>(), 0..256)];
    let mut runner = TestRunner::new(Config { cases: 256, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&bytes, |bytes| {
        body(&bytes);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{target}: {failure}"));
}

fn with(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for (at, gone, put) in changes {
        let from = at.index(bytes.len() + 1);
        let to = (from + gone).min(bytes.len());
        bytes.splice(from..to, put.iter().copied());
    }
    bytes
}
