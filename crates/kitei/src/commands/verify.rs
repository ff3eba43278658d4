//! `kitei verify`: a live database, a backup or a bundle, recomputed from its stored bytes.
//!
//! Serves issue 2, section 4: the first wrong event is named, or the smallest span between two signed checkpoints.
//!
//! Invariant: nothing is written, and a server that is running is not hindered: the database is read from one snapshot.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use kitei_app::evidence::{
    EvidenceError,
    backup::{self, MAGIC},
    verify::{self, Against, Verification},
};
use kitei_app::kernel::shelf::Shelf;
use kitei_evidence::{bundle::MANIFEST, checkpoint::SignedCheckpoint, note::VerifierKey};
use kitei_store::blobs::Blobs;
use serde_json::{Value, json};

use super::evidence::{self, PassphraseFile};
use crate::cli::{Ctx, block_on};
use crate::config::{Config, Flags, Place};
use crate::exit::{Failure, Verdict};
use crate::installation::{Beside, Purpose};
use crate::output;

/// The longest checkpoint or key file that is read.
const LONGEST: u64 = 1 << 20;

/// Arguments of `kitei verify`.
#[derive(Debug, Args)]
#[command(after_help = "サーバーが動いていてもよい — A running server is not hindered.\n\
    終了コード — Exit codes: 0 異常なし nothing wrong, 1 異常あり something is wrong, 2 使い方・入力の誤り usage or input.\n\
    例 — Examples:\n  kitei verify --data /var/lib/kitei --against checkpoint.txt\n  kitei verify audit.zip --key 'kitei/…+…'")]
pub(crate) struct Arguments {
    /// 束（ディレクトリかzip）又はバックアップ（なければ動いているデータベース） — Bundle or backup (none: the live database).
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
    /// 前に控えたチェックポイントのファイル。その続きであることも確かめる — An earlier checkpoint: the log must continue it.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// 別の経路で得た検証鍵、又はそのファイル — The verifier key from elsewhere, or a file that holds it.
    #[arg(long, value_name = "KEY|FILE")]
    key: Option<String>,
    /// 一つの組織だけ — One organisation only (its name in addresses).
    #[arg(long, value_name = "SLUG")]
    organization: Option<String>,
    #[command(flatten)]
    passphrase: PassphraseFile,
    /// 結果をJSONで出す — Print the result as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Verifies.
///
/// # Errors
/// What is named cannot be read, or is nothing that can be verified. What is wrong in it is the result.
pub(super) fn run(arguments: &Arguments, ctx: &Ctx) -> Result<Verdict, Failure> {
    let directory = &ctx.surroundings.directory;
    let key = arguments.key.as_deref().map(|key| verifier_key(key, directory)).transpose()?;
    let old = arguments.against.as_ref().map(|file| checkpoint(&directory.join(file))).transpose()?;
    let against = Against { organization: None, key: key.as_ref(), checkpoint: old.as_ref() };
    let found = match &arguments.path {
        Some(path) => {
            if let Some(slug) = &arguments.organization {
                return Err(Failure::input(
                    format!("--organization {slug}: データベースを検証するときだけ使える。"),
                    format!("--organization {slug}: only for a database; leave it out for a file"),
                ));
            }
            file(&directory.join(path), against, arguments, ctx)?
        }
        None => database(arguments, against, ctx)?,
    };
    if arguments.json {
        output::print_json(&as_json(&found))?;
    } else {
        for text in found.text() {
            output::print(ctx.language.of(&text))?;
        }
    }
    Ok(Verdict::of(!found.ok))
}

fn database(arguments: &Arguments, against: Against<'_>, ctx: &Ctx) -> Result<Verification, Failure> {
    let config = Config::load(&Flags::of_place(&arguments.place), &ctx.surroundings)?;
    block_on(async {
        let beside = Beside::open(&config, Shelf::default(), Purpose::Look).await?;
        // Where nobody is, nothing would be verified, and saying that nothing is wrong would mislead.
        let slug = arguments.organization.as_deref();
        let meant = beside.organizations(slug).await;
        let meant = meant.map(|rows| rows.first().map(|row| row.org).filter(|_| slug.is_some()));
        let found = match meant {
            Ok(organization) => {
                let against = Against { organization, ..against };
                beside.installation.verify(against).await.map_err(|error| evidence::failure(&error))
            }
            Err(failure) => Err(failure),
        };
        beside.close().await;
        found
    })
}

/// What a path holds, by its first bytes and not by its name.
fn file(path: &Path, against: Against<'_>, arguments: &Arguments, ctx: &Ctx) -> Result<Verification, Failure> {
    let shown = path.display();
    let mut first = Vec::new();
    if path.is_dir() {
        if path.join(MANIFEST).exists() {
            return verify::bundle(path, against).map_err(|error| evidence::failure(&error));
        }
        if path.join("kitei.db").exists() {
            return Err(Failure::input(
                format!("{shown}: データディレクトリは --data で指定する（kitei verify --data {shown}）。"),
                format!("{shown}: name a data directory with --data (kitei verify --data {shown})"),
            ));
        }
        let file = evidence::newest_backup(path)?;
        return self::file(&file, against, arguments, ctx);
    }
    let read = File::open(path).and_then(|file| file.take(4).read_to_end(&mut first));
    read.map_err(|error| evidence::failure(&EvidenceError::Io { path: path.to_owned(), source: error }))?;
    if first == MAGIC {
        let passphrase = arguments.passphrase.read(ctx)?;
        let blobs = path.parent().map(|above| above.join("blobs")).filter(|blobs| blobs.is_dir()).map(Blobs::new);
        let checked = block_on(async { Ok(backup::check(path, &passphrase, blobs.as_ref(), against).await) })?;
        return checked.map_err(|error| evidence::failure(&error));
    }
    if first.starts_with(b"PK") {
        return verify::bundle(path, against).map_err(|error| evidence::failure(&error));
    }
    Err(Failure::input(
        format!("{shown}: 束（manifest.json のあるディレクトリ又はzip）でもバックアップでもない。"),
        format!("{shown}: is neither a bundle (a directory with manifest.json, or a zip file) nor a backup"),
    ))
}

/// The text of a small file.
fn small(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes));
    read.map_err(|error| evidence::failure(&EvidenceError::Io { path: path.to_owned(), source: error }))?;
    Ok(bytes)
}

fn checkpoint(path: &Path) -> Result<SignedCheckpoint, Failure> {
    let bytes = small(path)?;
    // What was copied out of a mail or off a page may end in blank lines, or begin with them.
    let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
    SignedCheckpoint::parse(format!("{}\n", text.trim()).as_bytes()).map_err(|error| {
        let shown = path.display();
        Failure::input(
            format!("--against {shown}: チェックポイントとして読めない（{error}）。証跡の画面又は束のものを、署名の行まで使う。"),
            format!("--against {shown}: is no checkpoint ({error}); use one of the evidence page or of a bundle, with its signature line"),
        )
    })
}

/// A verifier key as given: its text, or a file that holds it.
pub(super) fn verifier_key(given: &str, directory: &Path) -> Result<VerifierKey, Failure> {
    let path = directory.join(given);
    let text = if path.is_file() { String::from_utf8_lossy(&small(&path)?).into_owned() } else { given.to_owned() };
    VerifierKey::parse(text.trim()).map_err(|error| {
        Failure::input(
            format!("--key: 検証鍵として読めない（{error}）。証跡の画面に示される一行（kitei/…+…+…）、又はそのファイルを指定する。"),
            format!("--key: is no verifier key ({error}); give the line of the evidence page (kitei/…+…+…), or a file that holds it"),
        )
    })
}

fn as_json(found: &Verification) -> Value {
    let span = found.span().map(|(from, to)| json!({ "from": from, "to": to }));
    json!({ "ok": found.ok, "first_wrong": found.first_wrong(), "span": span, "result": found, "text": found.text() })
}
