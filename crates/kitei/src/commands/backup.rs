//! `kitei backup`: one encrypted file of everything, made while work goes on, read again and verified.
//!
//! Invariant: keys go elsewhere than the backup, and only when asked for.

use std::path::PathBuf;

use clap::Args;
use kitei_app::evidence::backup::{Cost, Order};
use kitei_app::kernel::shelf::Shelf;

use super::evidence::{self, PassphraseFile};
use crate::cli::{Ctx, block_on};
use crate::config::{Config, Flags, Place};
use crate::exit::{Failure, Verdict};
use crate::installation::{Beside, Purpose};
use crate::language::say;
use crate::output;

/// Arguments of `kitei backup`.
#[derive(Debug, Args)]
#[command(
    after_help = "サーバーが動いていてもよい — A running server is not hindered: it is read from one snapshot.\n\
    鍵はバックアップに入らない。消去した値が後で読めるようにならないためである。--keys-out で別の場所に写す。\n\
    Keys are never in a backup, or what was erased could be read again; copy them elsewhere with --keys-out."
)]
pub(crate) struct Arguments {
    /// バックアップを置くディレクトリ（添付は blobs/ に、増えた分だけ） — Directory for backups and their attachments.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// 鍵の写しを置く、別のディレクトリ（回復キット。消去のたびに更新される） — Another directory for the recovery kit.
    #[arg(long, value_name = "DIR")]
    keys_out: Option<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseFile,
    /// 結果をJSONで出す — Print the result as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Makes a backup.
///
/// # Errors
/// There is no installation, the passphrase is missing, the directory cannot be written, or the backup does not verify.
pub(super) fn run(arguments: &Arguments, ctx: &Ctx) -> Result<Verdict, Failure> {
    let config = Config::load(&Flags::of_place(&arguments.place), &ctx.surroundings)?;
    let passphrase = arguments.passphrase.read(ctx)?;
    let target = ctx.surroundings.directory.join(&arguments.out);
    let keys = arguments.keys_out.as_ref().map(|keys| ctx.surroundings.directory.join(keys));
    if let Some(keys) = keys.as_ref().filter(|keys| keys.starts_with(&target) || target.starts_with(keys)) {
        let shown = keys.display();
        return Err(Failure::input(
            format!("--keys-out {shown}: バックアップと同じ場所に鍵を置かない。別の媒体にする。"),
            format!("--keys-out {shown}: keys do not belong beside the backup; choose another medium"),
        ));
    }
    // Where the copy of the keys lies is written down, so that every erasure reaches it.
    let purpose = if keys.is_some() { Purpose::Change } else { Purpose::Look };
    let made = block_on(async {
        let beside = Beside::open(&config, Shelf::default(), purpose).await?;
        let order =
            Order { target: &target, passphrase: &passphrase, cost: Cost::default(), with_keys: keys.as_deref() };
        let made = beside.installation.backup(&order).await.map_err(|error| evidence::failure(&error));
        beside.close().await;
        made
    })?;
    if arguments.json {
        output::print_json(&made)?;
        return Ok(Verdict::Clean);
    }
    let (file, rows, blobs) = (made.file.display(), made.rows, made.blobs_copied);
    output::print(ctx.language.of(&say(
        format!("{file}\n{rows}行、添付{blobs}件を新しく写し、読み直して検証した。"),
        format!("{file}\n{rows} rows, {blobs} attachments copied anew; read again and verified."),
    )))?;
    for text in made.verification.text() {
        output::print(ctx.language.of(&text))?;
    }
    Ok(Verdict::Clean)
}
