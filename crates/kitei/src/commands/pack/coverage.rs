//! `kitei pack coverage`: the clauses that packs honour, shown by their cases played through the application.
//!
//! Invariant: standard output holds clause ids, a line each, and nothing else (`--json` and `--explain` apart); progress
//! and failures go to standard error.

use std::path::PathBuf;

use clap::Args;
use kitei_app::coverage::{self, Absence, CaseResult, Coverage, Progress, Shown, ShownElement, StageError, Wish};
use kitei_app::kernel::shelf::Shelf;
use kitei_rules::pack::model::{Clause, Place as Stands};
use serde_json::{Value, json};

use super::chosen;
use crate::cli::{Ctx, block_on};
use crate::config::{Config, Place};
use crate::exit::{Failure, Verdict};
use crate::language::{Language, did_you_mean, say};
use crate::{output, packs};

/// Progress is shown after this many cases or elements.
const EVERY: usize = 10;

/// Arguments of `kitei pack coverage`.
#[derive(Debug, Args)]
#[command(
    after_help = "標準出力は守られている条文の番号、一行に一つ — Standard output: ids of honoured clauses, a line each.\n\
    事例が通らない、又は --strict で余る要素があれば終了コード1 — Exit code 1 when a case fails, or with --strict an element is idle.\n\
    一時ファイルは TMPDIR に置く（メモリ上なら速い） — Temporary files go to TMPDIR (in memory it is faster)."
)]
pub(super) struct Arguments {
    /// パックの名前（なければすべて） — Pack ids (none: all).
    #[arg(value_name = "PACK")]
    ids: Vec<String>,
    /// 要素を一つずつ外し、事例が落ちることも確かめる — Also take each element away in turn; its cases must then fail.
    #[arg(long)]
    strict: bool,
    /// この条文を示す事例と要素 — Say by which cases and elements this clause is shown.
    #[arg(long, value_name = "CLAUSE")]
    explain: Option<String>,
    /// パックを並べたディレクトリ（プログラムのものに加える） — Directory of further packs.
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,
    /// 結果をJSONで出す — Print the result as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Plays the cases.
///
/// # Errors
/// Packs cannot be read, a name is unknown, or temporary files cannot be made.
pub(super) fn run(arguments: &Arguments, ctx: &Ctx) -> Result<Verdict, Failure> {
    let directory = match &arguments.packs {
        Some(directory) => Some(ctx.surroundings.directory.join(directory)),
        None => Config::packs_at(&arguments.place, &ctx.surroundings)?,
    };
    let shelf = packs::shelf(directory.as_deref())?;
    let places = Places { directory };
    let mut ids = chosen(&shelf, &arguments.ids)?;
    let clause = arguments.explain.as_deref().map(|id| clause(&shelf, id)).transpose()?;
    if let Some((pack, _)) = clause {
        // Only packs that name the clause have anything to say of it.
        ids.retain(|id| id == pack || names(&shelf, id, clause.map_or("", |(_, clause)| &clause.id)));
    }
    // To explain is to show that it would be missed.
    let strict = arguments.strict || clause.is_some();
    let wish = Wish { strict, clause: clause.map(|(_, clause)| clause.id.as_str()) };
    let mut teller = Teller { language: ctx.language, places: &places, cases: (0, 0), elements: (0, 0) };
    let (found, unfit) = block_on(play(&shelf, &ids, wish, &mut teller))?;
    // An element that no case of this clause misses may be another clause's.
    let wrong = match clause {
        Some((_, clause)) => !found.honoured.contains(&clause.id),
        None => !found.failures.is_empty() || !found.idle.is_empty() || !unfit.is_empty(),
    };
    if let (Some((pack, clause)), false) = (clause, arguments.json) {
        Explaining { shelf: &shelf, places: &places, language: ctx.language }.print(pack, clause, &found)?;
    } else if arguments.json {
        output::print_json(&as_json(&found, &unfit, &ids, wish))?;
    } else {
        for id in &found.honoured {
            output::print(id)?;
        }
    }
    if !found.idle.is_empty() && clause.is_none() {
        idle(&found, &places, ctx.language);
    }
    let (honoured, failed, idle) = (found.honoured.len(), found.failures.len() + unfit.len(), found.idle.len());
    output::complain(ctx.language.of(&say(
        format!("守られている条文{honoured}、通らない事例{failed}、余る要素{idle}"),
        format!("{honoured} clauses honoured, {failed} cases fail, {idle} elements idle"),
    )));
    Ok(Verdict::of(wrong))
}

/// Plays pack by pack, so that one whose words do not compile does not hide the others. Those are given apart.
async fn play(
    shelf: &Shelf,
    ids: &[String],
    wish: Wish<'_>,
    teller: &mut Teller<'_>,
) -> Result<(Coverage, Vec<String>), Failure> {
    let (mut found, mut unfit) = (Coverage::default(), Vec::new());
    for id in ids {
        let one = coverage::coverage(shelf, std::slice::from_ref(id), wish, &mut |step| teller.tell(step)).await;
        match one {
            Ok(one) => {
                found.honoured.extend(one.honoured);
                found.failures.extend(one.failures);
                found.idle.extend(one.idle);
                for (clause, shown) in one.shown_by {
                    let all = found.shown_by.entry(clause).or_default();
                    all.elements.extend(shown.elements);
                    all.cases.extend(shown.cases);
                }
            }
            Err(StageError::Pack { problem, .. }) => {
                output::complain(&problem);
                unfit.push(problem);
            }
            Err(error) => {
                return Err(Failure::obstacle(
                    format!("事例の舞台を作れない。（{error}）"),
                    format!("the cases cannot be played: {error}"),
                ));
            }
        }
    }
    Ok((found, unfit))
}

fn names(shelf: &Shelf, id: &str, clause: &str) -> bool {
    let cases = shelf.get(id).map(|shelved| shelved.pack.cases.as_slice()).unwrap_or_default();
    cases.iter().any(|case| case.clauses.iter().any(|named| named == clause))
}

/// The clause with an id, and its pack.
fn clause<'s>(shelf: &'s Shelf, id: &str) -> Result<(&'s str, &'s Clause), Failure> {
    let all = || shelf.iter().flat_map(|(pack, shelved)| shelved.pack.clauses.iter().map(move |clause| (pack, clause)));
    all().find(|(_, clause)| clause.id == id).ok_or_else(|| {
        let near = did_you_mean(id, all().map(|(_, clause)| clause.id.as_str()));
        Failure::input(
            format!("--explain {id}: この条文はどのパックにもない。{}", near.ja),
            format!("--explain {id}: no pack has this clause{}", near.en),
        )
    })
}

/// Where packs lie.
struct Places {
    directory: Option<PathBuf>,
}

impl Places {
    /// A place in a pack as the caller would open it, with its line.
    fn of(&self, pack: &str, place: &Stands) -> String {
        let own = self.directory.as_ref().map(|directory| directory.join(pack)).filter(|own| own.is_dir());
        let pack = own.unwrap_or_else(|| PathBuf::from("packs").join(pack));
        format!("{}:{}", pack.join(&place.file).display(), place.line)
    }
}

/// Says how far it has come.
struct Teller<'p> {
    language: Language,
    places: &'p Places,
    cases: (usize, usize),
    elements: (usize, usize),
}

impl Teller<'_> {
    fn tell(&mut self, step: Progress<'_>) {
        match step {
            Progress::Pack { pack, cases, elements } => {
                (self.cases, self.elements) = ((0, cases), (0, elements));
                output::complain(self.language.of(&say(
                    format!("{pack}: 事例{cases}、外す要素{elements}"),
                    format!("{pack}: {cases} cases, {elements} elements to take away"),
                )));
            }
            Progress::Case(result) => {
                self.cases.0 += 1;
                if let Some(failure) = &result.failure {
                    let place = self.places.of(&result.pack, &failure.place);
                    let (case, clauses) = (&result.case, result.clauses.join(", "));
                    output::complain(&format!("{place}: {case} [{clauses}]: {}", failure.problem));
                }
                self.every(self.cases, ("事例", "cases"));
            }
            Progress::Element { .. } => {
                self.elements.0 += 1;
                self.every(self.elements, ("要素", "elements"));
            }
        }
    }

    fn every(&self, (done, all): (usize, usize), (ja, en): (&'static str, &'static str)) {
        if done.is_multiple_of(EVERY) || done == all {
            output::complain(&format!("  {} {done}/{all}", self.language.pick(ja, en)));
        }
    }
}

/// The idle elements, each where it stands.
fn idle(found: &Coverage, places: &Places, language: Language) {
    for idle in &found.idle {
        let (place, element, clauses) = (places.of(&idle.pack, &idle.place), &idle.element, idle.clauses.join(", "));
        output::complain(language.of(&say(
            format!("{place}: {element} [{clauses}]: 外しても落ちる事例がない。"),
            format!("{place}: {element} [{clauses}]: taken away, no case fails"),
        )));
    }
}

/// Says by what a clause is shown.
struct Explaining<'e> {
    shelf: &'e Shelf,
    places: &'e Places,
    language: Language,
}

impl Explaining<'_> {
    fn print(&self, pack: &str, clause: &Clause, found: &Coverage) -> Result<(), Failure> {
        let language = self.language;
        let none = Shown::default();
        let shown = found.shown_by.get(&clause.id).unwrap_or(&none);
        let word = if found.honoured.contains(&clause.id) {
            language.pick("守られている", "honoured")
        } else {
            language.pick("まだ示されていない", "not shown")
        };
        let (id, reference, title) = (&clause.id, &clause.reference, language.of(&clause.title));
        let place = self.places.of(pack, &clause.place);
        output::print(&format!("{id}  {reference}  {title} — {word}\n  {place}"))?;
        output::print(language.pick("事例", "Cases"))?;
        for result in &shown.cases {
            self.case(result)?;
        }
        output::print(language.pick("要素", "Elements"))?;
        for element in &shown.elements {
            self.element(element)?;
        }
        Ok(())
    }

    fn case(&self, result: &CaseResult) -> Result<(), Failure> {
        let mark = if result.failure.is_none() { "○" } else { "×" };
        output::print(&format!("  {mark} {}  {}", result.case, self.places.of(&result.pack, &result.place)))?;
        let cases = self.shelf.get(&result.pack).map(|shelved| shelved.pack.cases.as_slice()).unwrap_or_default();
        if let Some(case) = cases.iter().find(|case| case.id == result.case) {
            output::print(&format!("      {}", self.language.of(&case.shows)))?;
        }
        if let Some(failure) = &result.failure {
            let place = self.places.of(&result.pack, &failure.place);
            output::print(&format!("      {place}: {}", failure.problem))?;
        }
        Ok(())
    }

    fn element(&self, element: &ShownElement) -> Result<(), Failure> {
        let (mark, says) = match &element.without {
            Some(Absence::Fails { case }) => {
                ("○", say(format!("外すと {case} が落ちる"), format!("without it {case} fails")))
            }
            Some(Absence::DoesNotCompile) => {
                ("○", say("外すとパックが成り立たない", "without it the pack does not compile"))
            }
            Some(Absence::Unseen) | None => ("×", say("外しても落ちる事例がない", "without it no case fails")),
        };
        let place = self.places.of(&element.pack, &element.place);
        output::print(&format!("  {mark} {}  {place}\n      {}", element.element, self.language.of(&says)))
    }
}

fn as_json(found: &Coverage, unfit: &[String], ids: &[String], wish: Wish<'_>) -> Value {
    json!({
        "ok": found.failures.is_empty() && found.idle.is_empty() && unfit.is_empty(),
        "packs": ids,
        "strict": wish.strict,
        "honoured": found.honoured,
        "failures": found.failures,
        "unfit": unfit,
        "idle": found.idle,
        "shown_by": found.shown_by,
    })
}
