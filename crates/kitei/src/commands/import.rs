//! `kitei import`: a table into a register, with the checks and the all-or-nothing of the page.
//!
//! Invariant: exit code 0 only when every row came in (or would, with `--dry-run`); 1 when rows have problems and nothing
//! came in; 2 when the file or an argument is wrong.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use kitei_app::import::{Batch, CellProblem, Choices, ImportError, Same, State, Upload, Weight};
use kitei_app::kernel::{Installation, Organization};
use kitei_rules::expr::Actor;
use kitei_rules::run::paper::Lang;
use serde_json::json;

use crate::cli::{Ctx, block_on};
use crate::config::{Config, Flags, Place};
use crate::exit::{Failure, Verdict};
use crate::installation::{self, fault_words};
use crate::language::{Language, say};
use crate::{output, packs};

/// Arguments of `kitei import`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// 取り込むファイル（.xlsx .xls .ods .csv .tsv） — File to import.
    file: PathBuf,
    /// 取り込み先の台帳（例：ledger） — Register to import into, for instance ledger.
    #[arg(long)]
    register: String,
    /// 組織（アドレスでの名前。ひとつなら要らない） — Organisation by its name in addresses, if there are several.
    #[arg(long)]
    organization: Option<String>,
    /// 列の対応「見出し=項目」。項目を空にすると対応なし — Match a column with a field; an empty field keeps it as it is.
    #[arg(long = "map", value_name = "COLUMN=FIELD", value_parser = pair)]
    matches: Vec<(String, String)>,
    /// 読むシート — Sheet to read.
    #[arg(long)]
    sheet: Option<String>,
    /// 不足のある行を「不足あり」として取り込む — Import rows with gaps, marked as such.
    #[arg(long)]
    allow_gaps: bool,
    /// すでに台帳にある行をどうするか — What becomes of rows that are in the register already.
    #[arg(long, value_name = "update|keep|new", value_parser = same)]
    same: Option<Same>,
    /// 確かめるだけで取り込まない — Only check.
    #[arg(long)]
    dry_run: bool,
    /// 結果をJSONで出す — Print the result as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

fn same(text: &str) -> Result<Same, String> {
    match text {
        "update" => Ok(Same::Update),
        "keep" => Ok(Same::Keep),
        "new" => Ok(Same::New),
        _ => Err("update, keep, new".to_owned()),
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (column, field) = text.rsplit_once('=').ok_or("COLUMN=FIELD")?;
    Ok((column.trim().to_owned(), field.trim().to_owned()))
}

/// Imports a file.
///
/// # Errors
/// The file or an argument is wrong, or something stands in the way.
pub(super) fn run(arguments: &Arguments, ctx: &Ctx) -> Result<Verdict, Failure> {
    let config = Config::load(&Flags::of_place(&arguments.place), &ctx.surroundings)?;
    let file = ctx.surroundings.directory.join(&arguments.file);
    block_on(import(arguments, &config, &file, ctx.language))
}

async fn import(arguments: &Arguments, config: &Config, file: &Path, language: Language) -> Result<Verdict, Failure> {
    let shown = arguments.file.display().to_string();
    let bytes = std::fs::read(file).map_err(|error| {
        let kind = error.kind();
        Failure::input(format!("{shown}: 読めない（{kind}）。"), format!("{shown}: cannot be read: {kind}"))
    })?;
    let open = installation::open(config, packs::shelf(config.packs.as_deref())?).await?;
    let organization = open.organization(arguments.organization.as_deref()).await?;
    let matches = arguments
        .matches
        .iter()
        .map(|(column, field)| (column.clone(), Some(field.clone()).filter(|field| !field.is_empty())));
    let upload = Upload {
        register: arguments.register.clone(),
        name: arguments.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        bytes,
        actor: Actor::default(),
        own: true,
        lang: if language == Language::En { Lang::En } else { Lang::Ja },
        choices: Choices {
            sheet: arguments.sheet.clone(),
            matches: matches.collect(),
            gaps: arguments.allow_gaps,
            same: arguments.same,
            ..Choices::default()
        },
    };
    let outcome = take_in(arguments, &open.installation, &organization, upload).await;
    open.installation.db.close().await;
    let batch = outcome.map_err(|error| failure(&error, &shown, &arguments.register))?;
    let came_in = batch.state == State::Done;
    if arguments.json {
        output::print_json(&as_json(&batch))?;
    } else {
        output::print(&as_text(&batch, arguments.dry_run, language))?;
    }
    // A file that says only what is there already is no problem either.
    let counts = batch.counts;
    let settled =
        counts.is_ready(arguments.allow_gaps) || (counts.rows > 0 && counts.unchanged + counts.kept == counts.rows);
    Ok(Verdict::of(!(came_in || settled)))
}

async fn take_in(
    arguments: &Arguments,
    installation: &Arc<Installation>,
    organization: &Arc<Organization>,
    upload: Upload,
) -> Result<Batch, ImportError> {
    let id = installation.receive_import(organization, upload).await?;
    installation.carry_on_import(organization, id).await?;
    let checked = installation.import_batch(organization, id).await?;
    if arguments.dry_run || checked.state != State::Ready {
        installation.discard_import(organization, id).await?;
        return Ok(checked);
    }
    installation.confirm_import(organization, id).await?;
    installation.carry_on_import(organization, id).await?;
    installation.import_batch(organization, id).await
}

fn failure(error: &ImportError, file: &str, register: &str) -> Failure {
    match error {
        ImportError::Unreadable(error) => {
            Failure::input(format!("{file}: {}", error.message_ja()), format!("{file}: {error}"))
        }
        ImportError::NoRegister => Failure::input(
            format!(
                "台帳「{register}」に表は取り込めない。採用した規程の台帳の名前（例：ledger）を --register に書く。"
            ),
            format!(
                "no table goes into register \"{register}\"; name one of the adopted registers, for instance ledger"
            ),
        ),
        ImportError::Fault(fault) => Failure::Obstacle(fault_words(fault)),
        other => Failure::obstacle(format!("取り込めなかった。（{other}）"), other.to_string()),
    }
}

fn as_json(batch: &Batch) -> serde_json::Value {
    json!({
        "import": batch.id.to_string(),
        "register": batch.register,
        "state": batch.state.word(),
        "counts": batch.counts,
        "imported": if batch.state == State::Done { batch.total } else { 0 },
        "with_gaps": batch.gaps,
        "numbers": batch.numbers,
        "root": batch.root,
        "refusal": batch.refusal.as_ref().map(|(ja, en)| json!({ "ja": ja, "en": en })),
        "report": batch.report,
    })
}

fn as_text(batch: &Batch, dry_run: bool, language: Language) -> String {
    let mut lines = Vec::new();
    if let Some((ja, en)) = &batch.refusal {
        lines.push(language.of(&say(ja.clone(), en.clone())).to_owned());
    }
    let report = batch.report.as_ref();
    for problem in report.into_iter().flat_map(|report| &report.problems) {
        lines.push(problem_line(problem, language));
    }
    if let Some(more) = report.map(|report| report.left_out).filter(|more| *more > 0) {
        lines.push(language.of(&say(format!("ほかに {more}件。"), format!("{more} more."))).to_owned());
    }
    let counts = batch.counts;
    lines.push(
        language
            .of(&say(
                format!(
                    "{}行：そのまま {}、不足 {}、誤り {}",
                    counts.rows, counts.ready, counts.incomplete, counts.wrong
                ),
                format!(
                    "{} rows: {} ready, {} with gaps, {} wrong",
                    counts.rows, counts.ready, counts.incomplete, counts.wrong
                ),
            ))
            .to_owned(),
    );
    let numbers = batch.numbers.as_ref().map(|(first, last)| format!(" {first} – {last}")).unwrap_or_default();
    let end = match (batch.state, dry_run) {
        (State::Done, _) => say(
            format!("{}件を取り込んだ。{numbers}", batch.total),
            format!("{} records came in.{numbers}", batch.total),
        ),
        (_, true) => say("確かめただけで、何も変えていない。", "only checked; nothing was changed"),
        _ => say(
            "取り込んでいない。直すか、--map や --allow-gaps を付けてもう一度。",
            "nothing came in; mend the file, or try again with --map or --allow-gaps",
        ),
    };
    lines.push(language.of(&end).to_owned());
    lines.join("\n")
}

fn problem_line(problem: &CellProblem, language: Language) -> String {
    let (ja, en) = match problem.weight {
        Weight::Error => ("誤り", "error"),
        Weight::Gap => ("不足", "gap"),
        Weight::Warning => ("注意", "warning"),
        Weight::Note => ("参考", "note"),
    };
    let place = problem.cell.clone().or_else(|| problem.row.map(|row| row.to_string())).unwrap_or_default();
    let (ja, en) = (format!("{place} {ja}: {}", problem.ja), format!("{place} {en}: {}", problem.en));
    language.of(&say(ja, en)).to_owned()
}
