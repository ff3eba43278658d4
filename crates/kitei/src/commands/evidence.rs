//! What the commands about evidence share: passphrases, finding a backup, and why something failed, in plain words.
//!
//! Invariant: a passphrase comes from a file that others cannot read, never from a flag or a variable.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;
use kitei_app::evidence::{
    EvidenceError,
    backup::{BackupError, Passphrase},
};

use crate::cli::Ctx;
use crate::exit::Failure;
use crate::installation::fault_words;
use crate::secret::SecretText;

/// The file that holds the passphrase of a backup.
#[derive(Debug, Clone, Args)]
pub(super) struct PassphraseFile {
    /// バックアップの合言葉を一行で書いたファイル（12字以上、chmod 600） — File with the backup's passphrase in one line.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl PassphraseFile {
    /// The passphrase.
    ///
    /// # Errors
    /// No file was named; it cannot be read, others can read it, or it is too short.
    pub(super) fn read(&self, ctx: &Ctx) -> Result<Passphrase, Failure> {
        let Some(file) = &self.passphrase_file else {
            return Err(Failure::input(
                "--passphrase-file: バックアップは合言葉で暗号化される。合言葉を一行で書いたファイルを指定する。",
                "--passphrase-file: backups are encrypted with a passphrase; name a file that holds it in one line",
            ));
        };
        let shown = file.display();
        let text = SecretText::from_file(&ctx.surroundings.directory.join(file)).map_err(|text| {
            Failure::input(
                format!("--passphrase-file {shown}: {}", text.ja),
                format!("--passphrase-file {shown}: {}", text.en),
            )
        })?;
        Passphrase::parse(text.reveal().as_bytes()).map_err(|error| {
            Failure::input(
                format!("--passphrase-file {shown}: 合言葉は12字以上、1024バイトまで。"),
                format!("--passphrase-file {shown}: {error}"),
            )
        })
    }
}

/// The newest backup in a directory: their names begin with when they were made.
///
/// # Errors
/// It holds none, or cannot be read.
pub(super) fn newest_backup(directory: &Path) -> Result<PathBuf, Failure> {
    let shown = directory.display();
    let read = |source| failure(&EvidenceError::Io { path: directory.to_owned(), source });
    let mut newest: Option<PathBuf> = None;
    for entry in directory.read_dir().map_err(read)? {
        let path = entry.map_err(read)?.path();
        let is_backup = path.extension().is_some_and(|ending| ending == "backup") && path.is_file();
        newest = newest.max(Some(path).filter(|_| is_backup));
    }
    newest.ok_or_else(|| {
        Failure::input(
            format!("{shown}: 束（manifest.json）もバックアップ（*.backup）もない。"),
            format!("{shown}: holds neither a bundle (manifest.json) nor a backup (*.backup)"),
        )
    })
}

/// Why something about evidence could not be done.
pub(super) fn failure(error: &EvidenceError) -> Failure {
    match error {
        EvidenceError::Fault(fault) => Failure::Obstacle(fault_words(fault)),
        EvidenceError::Io { path, source } => {
            let (path, kind) = (path.display(), source.kind());
            match kind {
                ErrorKind::NotFound => Failure::input(format!("{path}: ない。"), format!("{path}: is not there")),
                _ => Failure::obstacle(format!("{path}: 読み書きできない（{kind}）。"), format!("{path}: {kind}")),
            }
        }
        EvidenceError::Bundle(error) => {
            Failure::obstacle(format!("束として読み書きできない（{error}）。"), format!("bundle: {error}"))
        }
        EvidenceError::Checkpoint(error) => {
            Failure::obstacle(format!("チェックポイントを読めない（{error}）。"), format!("checkpoint: {error}"))
        }
        EvidenceError::NoVerifierKey { organization, problem } => Failure::obstacle(
            format!(
                "組織 {organization}: 鍵ファイルを読めないので署名を確かめられない。--key で検証鍵を渡す。（{problem}）"
            ),
            format!(
                "organisation {organization}: its key file cannot be read, so signatures cannot be checked; give the verifier key with --key ({problem})"
            ),
        ),
        EvidenceError::NothingSigned => Failure::obstacle(
            "まだ何も署名されていない。証明できるものがない。",
            "nothing has been signed yet; there is nothing to prove",
        ),
        EvidenceError::NoRecord => Failure::input("その記録はない。", "there is no such record"),
        EvidenceError::NotEmpty(path) => {
            let path = path.display();
            Failure::input(
                format!("{path}: すでに何かある。空の、又はまだない場所を指定する。"),
                format!("{path}: something is there already; give a place that is empty or does not exist"),
            )
        }
        EvidenceError::DatabaseNotEmpty => Failure::input(
            "戻す先のデータベースに組織がある。空のデータベースを指定する。",
            "the database to restore into holds an organisation; give an empty one",
        ),
        EvidenceError::Backup(error) => backup(error),
        EvidenceError::Zip(path) => {
            let path = path.display();
            Failure::obstacle(
                format!("{path}: zipファイルが壊れているか、書けない。"),
                format!("{path}: the zip file is damaged or cannot be written"),
            )
        }
        EvidenceError::Stopped => Failure::internal("処理が途中で止まった。", "the work stopped before its time"),
    }
}

fn backup(error: &BackupError) -> Failure {
    let en = format!("backup: {error}");
    match error {
        BackupError::Passphrase { least } => Failure::input(format!("合言葉は{least}字以上、1024バイトまで。"), en),
        BackupError::NotABackup => {
            Failure::input("Kitei のバックアップではないか、途中で切れている（KTBK で始まる）。", en)
        }
        BackupError::Version { found } => {
            Failure::input(format!("このバックアップの版（{found}）は、このプログラムでは読めない。"), en)
        }
        BackupError::Schema { found, known } => Failure::input(
            format!(
                "バックアップのデータベースの段は{found}、このプログラムは{known}。その段の版で戻し、それから新しくする。"
            ),
            en,
        ),
        BackupError::Cost => Failure::obstacle("バックアップの先頭が壊れている（合言葉の引き伸ばしの値）。", en),
        BackupError::DoesNotOpen { block } => Failure::obstacle(
            format!(
                "バックアップの{block}番目のブロックが開かない。合言葉が違うか、書き換えられたか、途中で切れている。"
            ),
            en,
        ),
        BackupError::Line { line, .. } => {
            Failure::obstacle(format!("バックアップの中身の{line}行目が正しくない（{error}）。"), en)
        }
        BackupError::DoesNotVerify(found) => {
            let (ja, en): (Vec<_>, Vec<_>) = found.text().into_iter().map(|text| (text.ja, text.en)).unzip();
            Failure::obstacle(
                format!("検証に通らないので、できたことにしない。\n{}", ja.join("\n")),
                format!("it does not verify, so nothing is called done\n{}", en.join("\n")),
            )
        }
    }
}
