//! `kitei rebuild`: the records of an organisation made again from its log alone, held against those in use.
//!
//! Invariant: what is in use is only read; what is made again lies in a temporary database that is taken away.

use std::sync::Arc;

use clap::Args;
use kitei_app::evidence::rebuild::{Lack, Rebuilt};
use kitei_store::db::{Db, Instant, Options};
use kitei_store::migrate;

use super::evidence;
use crate::cli::{Ctx, block_on};
use crate::config::{Config, Flags, Place};
use crate::environment::now;
use crate::exit::{Failure, Verdict, open_words};
use crate::installation::{Beside, Purpose, migrate_words};
use crate::language::say;
use crate::{output, packs};

/// Differences that are printed; `--json` has them all.
const SHOWN: usize = 20;

/// Arguments of `kitei rebuild`.
#[derive(Debug, Args)]
#[command(
    after_help = "何も書き換えない。値は示さず、場所だけを示す — Nothing is changed; places are shown, never values.\n\
    サーバーが動いていてもよいが、その間の変更は違いとして見えることがある。\n\
    A running server is not hindered; what it changes meanwhile may show as a difference."
)]
pub(crate) struct Arguments {
    /// 組織（一つだけなら要らない） — The organisation's name in addresses.
    #[arg(long, value_name = "SLUG")]
    organization: Option<String>,
    /// 結果をJSONで出す — Print the result as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Makes them again and compares.
///
/// # Errors
/// There is no such installation or organisation, its log cannot be read, or temporary files cannot be made.
pub(super) fn run(arguments: &Arguments, ctx: &Ctx) -> Result<Verdict, Failure> {
    let config = Config::load(&Flags::of_place(&arguments.place), &ctx.surroundings)?;
    let shelf = packs::shelf(config.packs.as_deref())?;
    let directory = tempfile::tempdir().map_err(|error| {
        let kind = error.kind();
        Failure::obstacle(
            format!("一時ファイルを作れない（{kind}）。TMPDIR を確かめる。"),
            format!("no temporary files: {kind}; check TMPDIR"),
        )
    })?;
    let rebuilt = block_on(async {
        let beside = Beside::open(&config, shelf, Purpose::Look).await?;
        let rebuilt = rebuild(&beside, arguments, directory.path()).await;
        beside.close().await;
        rebuilt
    })?;
    if arguments.json {
        output::print_json(&rebuilt)?;
    } else {
        print(&rebuilt, ctx)?;
    }
    Ok(Verdict::of(!rebuilt.differences.is_empty()))
}

async fn rebuild(beside: &Beside, arguments: &Arguments, directory: &std::path::Path) -> Result<Rebuilt, Failure> {
    let organization = beside.organization(arguments.organization.as_deref()).await?;
    let url = format!("sqlite://{}", directory.join("kitei.db").display());
    let fresh = Db::open(&url, Options::default()).await.map_err(|error| Failure::Obstacle(open_words(&error)))?;
    migrate::run(&fresh, Instant::new(now())).await.map_err(|error| Failure::Obstacle(migrate_words(&error)))?;
    let rebuilt = Arc::clone(&beside.installation).rebuild(&organization, &fresh).await;
    fresh.close().await;
    rebuilt.map_err(|error| evidence::failure(&error))
}

fn print(rebuilt: &Rebuilt, ctx: &Ctx) -> Result<(), Failure> {
    let (events, records, differences) = (rebuilt.events, rebuilt.records, rebuilt.differences.len());
    output::print(ctx.language.of(&say(
        format!("出来事{events}件から記録{records}件を作り直した。違い{differences}か所。"),
        format!("{records} records made again from {events} events; {differences} differences."),
    )))?;
    for path in rebuilt.differences.iter().take(SHOWN) {
        output::print(&format!("  {path}"))?;
    }
    for lack in rebuilt.lacks.iter().take(SHOWN) {
        let text = match lack {
            Lack::RecordLeaf { record } => {
                say(format!("  出来事に鍵の番号がない: {record}"), format!("  no event names the key leaf of {record}"))
            }
            Lack::LineLeaf { record, line } => say(
                format!("  出来事に鍵の番号がない: {record}/{line}"),
                format!("  no event names the key leaf of {record}/{line}"),
            ),
            Lack::Rulebook { record } => say(
                format!("  出来事に規程の版がない: {record}"),
                format!("  no event names the rulebook version of {record}"),
            ),
        };
        output::print(ctx.language.of(&text))?;
    }
    Ok(())
}
