//! `kitei export`: a register as Excel or CSV, in the columns that `kitei import` reads again.
//!
//! A running server is not hindered.
//!
//! Invariant: the file is there whole or not at all.

use std::path::{Path, PathBuf};

use clap::Args;
use kitei_app::import::{Export, ExportError, Form};
use kitei_rules::run::paper::Lang;
use kitei_store::records::ListQuery;

use crate::cli::{Ctx, block_on};
use crate::config::{Config, Flags, Place};
use crate::exit::{Failure, Verdict};
use crate::installation::{Beside, Purpose, fault_words};
use crate::language::{Language, say};
use crate::{output, packs};

/// Arguments of `kitei export`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// 書き出す台帳（例：ledger） — Register to export, for instance ledger.
    #[arg(long)]
    register: String,
    /// 書き出し先（.xlsx か .csv） — File to write, .xlsx or .csv.
    #[arg(long)]
    out: PathBuf,
    /// 組織（アドレスでの名前。ひとつなら要らない） — Organisation by its name in addresses, if there are several.
    #[arg(long)]
    organization: Option<String>,
    #[command(flatten)]
    place: Place,
}

/// Exports a register.
///
/// # Errors
/// An argument is wrong, or something stands in the way.
pub(super) fn run(arguments: &Arguments, ctx: &Ctx) -> Result<Verdict, Failure> {
    let config = Config::load(&Flags::of_place(&arguments.place), &ctx.surroundings)?;
    let out = ctx.surroundings.directory.join(&arguments.out);
    block_on(export(arguments, &config, &out, ctx.language))
}

async fn export(arguments: &Arguments, config: &Config, out: &Path, language: Language) -> Result<Verdict, Failure> {
    let shown = arguments.out.display().to_string();
    let form = match out.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("xlsx") => Form::Xlsx,
        Some("csv") => Form::Csv,
        _ => {
            return Err(Failure::input(
                format!("{shown}: .xlsx か .csv で終わる名前にする。"),
                format!("{shown}: the name must end in .xlsx or .csv"),
            ));
        }
    };
    let failed = |error: &std::io::Error| {
        let kind = error.kind();
        Failure::obstacle(format!("{shown}: 書けない（{kind}）。"), format!("{shown}: cannot be written: {kind}"))
    };
    let beside = Beside::open(config, packs::shelf(config.packs.as_deref())?, Purpose::Look).await?;
    let organization = match beside.organization(arguments.organization.as_deref()).await {
        Ok(organization) => organization,
        Err(failure) => {
            beside.close().await;
            return Err(failure);
        }
    };
    let part = out.with_extension("part");
    let file = std::fs::File::create(&part).map_err(|error| failed(&error))?;
    let what = Export {
        query: ListQuery::new(&arguments.register),
        actor: None,
        lang: if language == Language::En { Lang::En } else { Lang::Ja },
        form,
    };
    let written = beside.installation.export(&organization, &what, std::io::BufWriter::new(file)).await;
    beside.close().await;
    match written {
        Ok(count) => {
            std::fs::rename(&part, out).map_err(|error| failed(&error))?;
            output::print(language.of(&say(
                format!("{shown} に {count}件を書き出した。"),
                format!("{count} records written to {shown}"),
            )))?;
            Ok(Verdict::Clean)
        }
        Err(error) => {
            // What was begun is no file; where it cannot be removed it is named so.
            let _removed = std::fs::remove_file(&part);
            Err(failure(&error, &arguments.register))
        }
    }
}

fn failure(error: &ExportError, register: &str) -> Failure {
    match error {
        ExportError::NoRegister => Failure::input(
            format!("台帳「{register}」はない。採用した規程の台帳の名前（例：ledger）を --register に書く。"),
            format!("there is no register \"{register}\"; name one of the adopted registers, for instance ledger"),
        ),
        ExportError::Fault(fault) => Failure::Obstacle(fault_words(fault)),
        ExportError::Write(error) => {
            Failure::obstacle(format!("この形式では書き出せない。（{error}）"), error.to_string())
        }
    }
}
