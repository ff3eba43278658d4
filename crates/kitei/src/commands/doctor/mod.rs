//! `kitei doctor`: what is wrong with configuration and environment, in plain words, with how to mend it.
//!
//! Invariant: it changes nothing: no file, no schema, no lock that stays.
//! Invariant: exit code 0 when nothing is wrong (notes do not count), 1 when something is.

mod data;
mod database;
mod outbox;
mod report;
mod system;

use clap::Args;

use crate::cli::{Ctx, block_on};
use crate::config::{Config, Flags};
use crate::exit::{Failure, Verdict};
use crate::language::say;
use crate::output;
use report::{Check, Report};

/// Arguments of `kitei doctor`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    flags: Flags,
    /// メールサーバーにもつないでみる — Also try the mail server.
    #[arg(long)]
    mail: bool,
    /// 結果をJSONで出す — Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Examines everything and prints what was found.
///
/// # Errors
/// Standard output cannot be written; whatever else is wrong is part of what is printed.
pub(super) fn run(arguments: &Arguments, ctx: &Ctx) -> Result<Verdict, Failure> {
    block_on(async {
        let report = examine(arguments, ctx).await;
        if arguments.json {
            output::print_json(&report.to_json())?;
        } else {
            output::print(&report.to_text(ctx.language))?;
        }
        Ok(Verdict::of(!report.is_sound()))
    })
}

async fn examine(arguments: &Arguments, ctx: &Ctx) -> Report {
    let mut report = Report::default();
    let config = match Config::load(&arguments.flags, &ctx.surroundings) {
        Ok(config) => config,
        Err(failure) => {
            for text in failure.reasons() {
                report.add(Check::wrong(
                    "configuration",
                    text.clone(),
                    say("docs/configuration.md", "see docs/configuration.md"),
                ));
            }
            return report;
        }
    };
    report.add(configuration(&config));
    system::listen(&config, &mut report);
    data::examine(&config, &mut report);
    database::examine(&config, &mut report).await;
    system::clock(&mut report);
    system::fonts(&config, &mut report);
    if arguments.mail {
        system::mail(&config, &mut report).await;
    }
    system::packs(&config, ctx.language, &mut report);
    report
}

fn configuration(config: &Config) -> Check {
    let data = config.data.display();
    Check::sound(
        "configuration",
        match &config.file {
            Some(file) => {
                let file = file.display();
                say(format!("設定ファイル {file}、データ {data}"), format!("file {file}, data in {data}"))
            }
            None => say(
                format!("設定ファイルなし（既定の値）、データ {data}"),
                format!("no file (usual values), data in {data}"),
            ),
        },
    )
}
