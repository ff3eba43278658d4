//! `kitei demo`: fills an empty installation with the sample organisation of `demo/`, and prints the code with which its
//! administrator gets an account.
//!
//! Invariant: nothing is filled where there is an organisation already.
//! Invariant: no password comes with it; the code works once, and only while nobody has an account there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use jiff::civil::Date;
use kitei_app::demo::{self, Clock, DemoError, Place, Plan, Told, mark};
use kitei_app::kernel::Installation;
use kitei_app::kernel::adopt::AdoptError;
use kitei_app::shell::sign_in::{Limits, Shown, issue_claim_code};
use kitei_rules::pack::model::Text;
use kitei_store::db::Instant;

use super::serve::no_code;
use crate::cli::{Ctx, block_on};
use crate::config::{Config, Flags};
use crate::environment::{SystemEnvironment, now, random};
use crate::exit::{Failure, Verdict};
use crate::installation::{self, fault_words};
use crate::language::{Language, say};
use crate::{logging, output, packs};

// `BUILT_IN`, made by build.rs from the directory `demo/` of the source.
include!(concat!(env!("OUT_DIR"), "/built_in_demo.rs"));

/// Arguments of `kitei demo`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    flags: Flags,
    /// 別の見本の計画（TOMLファイルのディレクトリ） — Directory with the plan of another sample.
    #[arg(long, value_name = "DIR")]
    plan: Option<PathBuf>,
    /// 組織がもうあれば、何もせずに終わる — Do nothing when there is an organisation already.
    #[arg(long)]
    if_empty: bool,
}

/// Fills an installation with the sample.
///
/// # Errors
/// There is an organisation already, or the plan is wrong or refused.
pub(super) fn run(arguments: &Arguments, ctx: &Ctx) -> Result<Verdict, Failure> {
    let config = Config::load(&arguments.flags, &ctx.surroundings)?;
    logging::start(&config.log);
    let plan = match &arguments.plan {
        None => Plan::read(BUILT_IN.iter().copied()),
        Some(directory) => {
            let files = read(directory)?;
            Plan::read(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))
        }
    };
    let plan = plan.map_err(|error| Failure::Input(vec![words(&error)]))?;
    block_on(fill(&config, &plan, arguments.if_empty, ctx.language))
}

async fn fill(config: &Config, plan: &Plan, if_empty: bool, language: Language) -> Result<Verdict, Failure> {
    let clock = Arc::new(Clock::new(Arc::new(SystemEnvironment)));
    let open = installation::open_with(config, packs::shelf(config.packs.as_deref())?, clock.clone()).await?;
    let begun = now();
    let mut month = None;
    let mut report = |progress: demo::Progress| {
        let reached = (progress.day.year(), progress.day.month());
        if month.replace(reached) != Some(reached) {
            output::complain(language.of(&reached_words(progress.day, progress.deeds)));
        }
    };
    output::complain(language.of(&say(
        "見本の組織を作っています（1分ほどかかります）。",
        "Making the sample organisation; this takes about a minute.",
    )));
    let told = match demo::tell(&open.installation, &clock, plan, &mut report).await {
        Err(DemoError::Occupied) if if_empty => {
            open.installation.db.close().await;
            return Ok(Verdict::Clean);
        }
        told => told.map_err(|error| failure(&error))?,
    };
    let code = claim_code(&open.installation).await?;
    output::complain(language.of(&summary(&told, (now() - begun).as_secs())));
    open.installation.db.close().await;
    // `kitei serve` prints a code of its own when it starts; here it is for those who start it otherwise.
    if let Some(code) = code.filter(|_| !if_empty) {
        let hours = Limits::default().set_up / 3600;
        let (ja, en) = (
            format!("最初の設定コード（{hours}時間、一度だけ）: {}", code.reveal()),
            format!("Set-up code (once, for {hours} hours): {}", code.reveal()),
        );
        output::print(language.of(&say(ja, en)))?;
    }
    Ok(Verdict::Clean)
}

/// A set-up code for the administrator of a sample to which nobody can sign in yet; `None` for any other installation.
///
/// # Errors
/// The store failed.
pub(super) async fn claim_code(installation: &Installation) -> Result<Option<Shown>, Failure> {
    let fault = |error| Failure::Obstacle(fault_words(&error));
    let all = installation.all().await.map_err(fault)?;
    let [only] = all.as_slice() else { return Ok(None) };
    let mut reader = installation.db.reader().await.map_err(|error| fault(error.into()))?;
    let sample = mark::of(&mut reader, only.org).await.map_err(fault)?;
    let Some(person) = sample.and_then(|sample| sample.administrator) else { return Ok(None) };
    drop(reader);
    let lasts = Limits::default().set_up;
    issue_claim_code(&installation.db, only.org, person, Instant::new(now()), lasts, &random).await.map_err(no_code)
}

/// The files of a plan in a directory.
fn read(directory: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let wrong = |path: &Path, error: &std::io::Error| {
        let (shown, kind) = (path.display(), error.kind());
        Failure::input(format!("{shown}: 読めない（{kind}）。"), format!("{shown} cannot be read: {kind}"))
    };
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(directory).map_err(|error| wrong(directory, &error))? {
        let path = entry.map_err(|error| wrong(directory, &error))?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            let text = std::fs::read_to_string(&path).map_err(|error| wrong(&path, &error))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.insert(name, text);
        }
    }
    Ok(files)
}

fn reached_words(day: Date, deeds: usize) -> Text {
    let (year, month) = (day.year(), day.month());
    say(format!("  {year}年{month}月 …（ここまで{deeds}件）"), format!("  {year}-{month:02} … ({deeds} deeds so far)"))
}

fn summary(told: &Told, seconds: i64) -> Text {
    let records: usize = told.records.values().sum();
    let (registers, deeds) = (told.records.len(), told.deeds);
    say(
        format!("できました：{registers}の台帳に{records}件の記録、{deeds}回の操作（{seconds}秒）。"),
        format!("Done: {records} records in {registers} registers, {deeds} deeds ({seconds} s)."),
    )
}

fn failure(error: &DemoError) -> Failure {
    match error {
        DemoError::Refused(steps) => {
            Failure::Input(steps.iter().map(|(place, problem)| placed(place, problem)).collect())
        }
        DemoError::Step { .. } | DemoError::Adopt(_) => Failure::Input(vec![words(error)]),
        DemoError::Fault(fault) => Failure::Obstacle(fault_words(fault)),
        DemoError::Occupied | DemoError::Unfinished => Failure::Obstacle(words(error)),
    }
}

fn words(error: &DemoError) -> Text {
    match error {
        DemoError::Occupied => say(
            "組織がもうあります。見本は空のデータにだけ作れます。--data で別のディレクトリにします。",
            "there is an organisation already; a sample is made in empty data only: choose another directory with --data",
        ),
        DemoError::Unfinished => say(
            "途中で終わった見本があります。データディレクトリ（PostgreSQLならそのデータベース）を消してから、もう一度始めます。",
            "a sample was begun here and not ended; remove the data directory (or the PostgreSQL database) and start again",
        ),
        DemoError::Step { place, problem } => placed(place, problem),
        DemoError::Refused(steps) => {
            say(format!("{}件が拒まれました。", steps.len()), format!("{} steps were refused", steps.len()))
        }
        DemoError::Adopt(AdoptError::Conflicts(conflicts)) => {
            let all = |pick: fn(&Text) -> &String| {
                conflicts.iter().map(|conflict| pick(&conflict.message).clone()).collect::<Vec<_>>().join("; ")
            };
            say(all(|text| &text.ja), all(|text| &text.en))
        }
        DemoError::Adopt(error) => say(format!("規程を採用できません（{error}）。"), format!("adopting: {error}")),
        DemoError::Fault(fault) => fault_words(fault),
    }
}

/// A mistake of a plan at its place.
fn placed(place: &Place, problem: &Text) -> Text {
    let at = if place.file.is_empty() { String::new() } else { format!("demo/{}:{}: ", place.file, place.line) };
    say(format!("{at}{}", problem.ja), format!("{at}{}", problem.en))
}
