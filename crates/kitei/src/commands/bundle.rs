//! `kitei bundle`: what an auditor takes away: events with their proofs, records in words, a page to read, a verifier.
//!
//! Invariant: sealed values are put into words only when asked for, and that a bundle was taken is an event.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use jiff::civil::Date;
use kitei_app::evidence::bundle::{Opening, Request, Target, Wanted, Written, words};
use kitei_app::kernel::{Organization, attach};
use kitei_rules::{run::Kernel, world::Record};
use kitei_store::attachments::Attachment;
use kitei_store::records;
use serde_json::json;

use super::evidence;
use crate::cli::{Ctx, block_on};
use crate::config::{Config, Flags, Place};
use crate::exit::{Failure, Verdict, store_words};
use crate::installation::{Beside, Purpose};
use crate::language::say;
use crate::{output, packs};

/// Arguments of `kitei bundle`.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("scope").required(true).args(["record", "from", "all"])),
    after_help = "サーバーが動いていてもよい。まだ署名されていない出来事には、その場で署名する。\n\
    A running server is not hindered; what is not signed yet is signed.\n\
    受け取った人は python3 verify.py で、Kitei なしに検証できる — Whoever receives it checks it with python3 verify.py, without Kitei.\n\
    例 — Examples:\n  kitei bundle --record INC-2026-003 --out inc-003.zip\n  kitei bundle --from 2026-04-01 --to 2026-06-30 --out quarter.zip")]
pub(crate) struct Arguments {
    /// 一つの記録 — One record, by its number.
    #[arg(long, value_name = "NUMBER")]
    record: Option<String>,
    /// 期間の初日（組織の時刻帯） — First day of a period.
    #[arg(long, value_name = "DATE", requires = "to")]
    from: Option<String>,
    /// 期間の末日 — Last day of the period.
    #[arg(long, value_name = "DATE", requires = "from", conflicts_with_all = ["record", "all"])]
    to: Option<String>,
    /// すべて — Everything.
    #[arg(long)]
    all: bool,
    /// 置く場所：ディレクトリ、又は .zip — Where it goes: a directory, or a file that ends in .zip.
    #[arg(long, value_name = "PATH")]
    out: PathBuf,
    /// 記録を読める言葉にして入れる（封をした値も開く） — Put records into words, sealed values too.
    #[arg(long)]
    open: bool,
    /// 組織（一つだけなら要らない） — The organisation's name in addresses.
    #[arg(long, value_name = "SLUG")]
    organization: Option<String>,
    /// 結果をJSONで出す — Print the result as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Writes a bundle.
///
/// # Errors
/// There is no such record, the dates are none, the place is not empty, or nothing was signed yet.
pub(super) fn run(arguments: &Arguments, ctx: &Ctx) -> Result<Verdict, Failure> {
    let config = Config::load(&Flags::of_place(&arguments.place), &ctx.surroundings)?;
    let period = period(arguments)?;
    let out = ctx.surroundings.directory.join(&arguments.out);
    let written = block_on(async {
        let beside = Beside::open(&config, packs::shelf(config.packs.as_deref())?, Purpose::Change).await?;
        let written = write(&beside, arguments, period, &out).await;
        beside.close().await;
        written
    })?;
    if arguments.json {
        output::print_json(&json!({ "out": out, "written": written }))?;
        return Ok(Verdict::Clean);
    }
    let (shown, manifest) = (out.display(), written.manifest);
    let Written { events, records, attachments, signed, .. } = written;
    output::print(ctx.language.of(&say(
        format!(
            "{shown}\n出来事{events}件、読める記録{records}件、添付{attachments}件。{signed}件までの署名で証明できる。\n目録のSHA-256（別の経路で伝える）: {manifest}"
        ),
        format!(
            "{shown}\n{events} events, {records} records in words, {attachments} attachments; proven by the checkpoint of {signed}.\nSHA-256 of the manifest (tell it by another way): {manifest}"
        ),
    )))?;
    Ok(Verdict::Clean)
}

fn period(arguments: &Arguments) -> Result<Option<(Date, Date)>, Failure> {
    let day = |flag: &str, text: &Option<String>| -> Result<Option<Date>, Failure> {
        let Some(text) = text else { return Ok(None) };
        text.parse().map(Some).map_err(|_| {
            Failure::input(
                format!("{flag}: 日付を 2026-04-01 の形で書く。"),
                format!("{flag}: write a date as 2026-04-01"),
            )
        })
    };
    match (day("--from", &arguments.from)?, day("--to", &arguments.to)?) {
        (Some(from), Some(to)) if to < from => {
            Err(Failure::input("--to: 末日が初日より前になっている。", "--to: the last day is before the first"))
        }
        (from, to) => Ok(from.zip(to)),
    }
}

async fn write(
    beside: &Beside,
    arguments: &Arguments,
    period: Option<(Date, Date)>,
    out: &Path,
) -> Result<Written, Failure> {
    let organization = beside.organization(arguments.organization.as_deref()).await?;
    let wanted = match (period, &arguments.record) {
        (Some((from, to)), _) => Wanted::Period { from, to },
        (None, Some(number)) => Wanted::Record(record(beside, &organization, number).await?),
        (None, None) => Wanted::Everything,
    };
    let open = arguments.open;
    let in_words = move |kernel: &Kernel<'_>, record: &Record| open.then(|| words::whole(kernel, record));
    let files =
        |row: &Attachment, sealed: &[u8]| open.then(|| attach::for_bundle(&organization, row, sealed)).flatten();
    let opening = Opening { record: &in_words, file: &files };
    let request = Request { wanted, target: Target::of(out), papers: &[], opening };
    let installation = &beside.installation;
    let written = installation.bundle(&organization, &request).await.map_err(|error| evidence::failure(&error))?;
    let taken = installation.bundle_taken(&organization, None, wanted, &written).await;
    taken.map_err(|error| evidence::failure(&error))?;
    Ok(written)
}

async fn record(beside: &Beside, organization: &Organization, number: &str) -> Result<uuid::Uuid, Failure> {
    let store = |error| Failure::Obstacle(store_words(&error));
    let mut reader = beside.installation.db.reader().await.map_err(store)?;
    let found = records::with_number(&mut reader, organization.id, number).await.map_err(store)?;
    found.ok_or_else(|| {
        Failure::input(
            format!("--record {number}: この番号の記録はない。画面に出る番号（例 INC-2026-003）を書く。"),
            format!("--record {number}: no record has this number; give it as pages show it (such as INC-2026-003)"),
        )
    })
}
