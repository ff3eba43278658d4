//! `kitei restore`: a backup into a new data directory, or an empty PostgreSQL database; verified before and after.
//!
//! Invariant: an organisation that is there is never written over; where restoring fails, what it made is taken away.

use std::path::{Path, PathBuf};

use clap::Args;
use kitei_app::evidence::backup::Restore;
use kitei_app::kernel::shelf::Shelf;

use super::evidence::{self, PassphraseFile};
use super::verify::verifier_key;
use crate::cli::{Ctx, block_on};
use crate::config::{Config, Flags, Place};
use crate::exit::{Failure, Verdict};
use crate::language::{Language, say};
use crate::{installation, output};

/// Arguments of `kitei restore`.
#[derive(Debug, Args)]
#[command(
    after_help = "鍵（回復キット）がなければ、封をした値は読めないまま戻る — Without the keys sealed values come back unreadable.\n\
    送っていなかった通知は、すでに送られたかもしれないので止めておく — Unsent messages are held: they may have been sent."
)]
pub(crate) struct Arguments {
    /// バックアップのファイル、又はそのディレクトリ（最新のもの） — Backup file, or its directory (the newest).
    #[arg(long, value_name = "PATH")]
    from: PathBuf,
    /// 鍵の写しのディレクトリ（回復キット） — Directory of the recovery kit.
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
    /// 別の経路で得た検証鍵、又はそのファイル — The verifier key from elsewhere, or a file that holds it.
    #[arg(long, value_name = "KEY|FILE")]
    key: Option<String>,
    #[command(flatten)]
    passphrase: PassphraseFile,
    /// 結果をJSONで出す — Print the result as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Restores.
///
/// # Errors
/// The place is not empty, the backup cannot be read or does not verify.
pub(super) fn run(arguments: &Arguments, ctx: &Ctx) -> Result<Verdict, Failure> {
    let here = &ctx.surroundings.directory;
    let config = Config::load(&Flags::of_place(&arguments.place), &ctx.surroundings)?;
    let key = arguments.key.as_deref().map(|key| verifier_key(key, here)).transpose()?;
    let from = here.join(&arguments.from);
    let file = if from.is_dir() { evidence::newest_backup(&from)? } else { from };
    let passphrase = arguments.passphrase.read(ctx)?;
    let keys = arguments.keys.as_ref().map(|keys| here.join(keys));
    let made = Made::begin(&config)?;
    let restored = block_on(async {
        let open = installation::open(&config, Shelf::default()).await?;
        let order = Restore { file: &file, passphrase: &passphrase, key: key.as_ref(), keys: keys.as_deref() };
        let restored = open.installation.restore(&order).await.map_err(|error| evidence::failure(&error));
        open.installation.db.close().await;
        restored
    });
    let restored = match restored {
        Ok(restored) => restored,
        Err(failure) => {
            made.undo(ctx.language);
            return Err(failure);
        }
    };
    if arguments.json {
        output::print_json(&restored)?;
        return Ok(Verdict::of(!restored.without_keys.is_empty()));
    }
    let (at, rows, blobs) = (restored.made_at, restored.rows, restored.blobs);
    let (organizations, held) = (restored.organizations.len(), restored.held_messages);
    output::print(ctx.language.of(&say(
        format!("{at} のバックアップから{organizations}組織を戻した（{rows}行、添付{blobs}件、止めた通知{held}件）。"),
        format!("restored {organizations} organisations from the backup of {at} ({rows} rows, {blobs} attachments, {held} messages held)"),
    )))?;
    for text in restored.verification.text() {
        output::print(ctx.language.of(&text))?;
    }
    for org in &restored.without_keys {
        let place = config.data.join("keys");
        let place = place.display();
        output::complain(ctx.language.of(&say(
            format!("組織 {org}: 鍵がないので始められない。鍵の写しを {place} に置くか、--keys を付けて戻し直す。"),
            format!("organisation {org}: without its keys it cannot start; put the copied key file into {place}, or restore again with --keys"),
        )));
    }
    Ok(Verdict::of(!restored.without_keys.is_empty()))
}

/// What was not in the data directory before, so that a failure takes away no more than it brought.
struct Made {
    /// The highest directory that was not there.
    directory: Option<PathBuf>,
    absent: Vec<PathBuf>,
    postgres: bool,
}

impl Made {
    /// Refuses a directory in which somebody's data lie. Key files alone may be there: they were put back by hand.
    fn begin(config: &Config) -> Result<Self, Failure> {
        let data = &config.data;
        let occupied = ["kitei.db", "blobs"]
            .map(|name| data.join(name))
            .into_iter()
            .find(|path| path.is_file() || path.read_dir().is_ok_and(|mut entries| entries.next().is_some()));
        if let Some(path) = occupied {
            let path = path.display();
            return Err(Failure::input(
                format!("--data: {path} がすでにある。新しいディレクトリを指定する。"),
                format!("--data: {path} is there already; name a new directory"),
            ));
        }
        let entries = ["kitei.db", "kitei.db-wal", "kitei.db-shm", "kitei.lock", "blobs", "keys"];
        Ok(Self {
            directory: data.ancestors().take_while(|path| !path.exists()).last().map(Path::to_owned),
            absent: entries.iter().map(|name| data.join(name)).filter(|path| !path.exists()).collect(),
            postgres: config.postgres.is_some(),
        })
    }

    fn undo(self, language: Language) {
        // What cannot be taken away is seen by the next attempt, which refuses the directory.
        if let Some(directory) = self.directory {
            let _ = std::fs::remove_dir_all(directory);
        }
        for path in self.absent {
            let _ = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        }
        if self.postgres {
            output::complain(language.pick(
                "PostgreSQLのデータベースに途中までのものが残っていることがある。作り直してから、もう一度戻す。",
                "the PostgreSQL database may hold a part of it; create it anew before you restore again",
            ));
        }
    }
}
