//! A story as data: TOML files of steps, each with a day before or at the day on which it is told, and of answers that people give
//! when an act is asked of them.
//!
//! Invariant: a key that means nothing is refused with its file and line, and so is a step that says two things.

use std::collections::BTreeMap;

use kitei_rules::pack::model::{Literal, Text};
use serde::Deserialize;
use toml::Spanned;

use super::DemoError;

/// Values by field, as written.
pub(super) type Words = BTreeMap<String, Literal>;

/// Where a step stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// File of the plan.
    pub file: String,
    /// 1-based line.
    pub line: usize,
}

/// A story.
#[derive(Debug)]
pub struct Plan {
    pub(super) founding: Founding,
    pub(super) steps: Vec<(Place, Step)>,
    pub(super) answers: BTreeMap<String, Answer>,
}

/// The organisation of the story.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Founding {
    /// Name in addresses.
    pub(super) slug: String,
    /// Name.
    pub(super) name: String,
    /// Time zone.
    pub(super) zone: String,
    /// First day, counted from today.
    pub(super) first_day: i32,
    /// Days after the first on which the packs are adopted.
    pub(super) adopt_after: i32,
    /// Packs; empty: every one that the program has.
    #[serde(default)]
    pub(super) packs: Vec<String>,
    /// Answers to everything that the packs leave open.
    #[serde(default)]
    pub(super) settings: BTreeMap<String, Literal>,
    /// Who adopts: the name of a person of the story.
    pub(super) adopted_by: String,
    /// For whom the set-up code makes the first account.
    pub(super) administrator: String,
}

/// One thing that is done, or one row of things of a kind.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Step {
    /// Day, counted from today (-30: thirty days ago). A Saturday or Sunday becomes the Friday before.
    pub(super) day: Option<i32>,
    /// For rows: the day of the last one; the others lie evenly between.
    pub(super) until_day: Option<i32>,
    /// Local time (`09:30`).
    pub(super) at: Option<String>,
    /// So long before now, instead of day and time (`PT3H`).
    pub(super) ago: Option<String>,
    /// On a Saturday or Sunday all the same.
    pub(super) any_day: bool,
    /// Who: `@name`, a role, or `nobody`.
    pub(super) by: Option<String>,
    /// The organisation itself enters it: no permission is asked.
    pub(super) own: bool,
    /// Reason.
    pub(super) reason: Option<String>,
    /// When it happened, if not at the time at which it is entered (`{day:-30}T10:00`).
    pub(super) happened: Option<String>,

    /// Opens a record of a register.
    pub(super) create: Option<String>,
    /// Changes fields of a record.
    pub(super) change: Option<String>,
    /// Adds a line to a list of the record in `on`.
    pub(super) add: Option<String>,
    /// Does an act on the record in `on`.
    #[serde(rename = "do")]
    pub(super) act: Option<String>,
    /// Says that an act on the record in `on` does not apply.
    pub(super) skip: Option<String>,
    /// Approves an act on the record in `on`.
    pub(super) approve: Option<String>,
    /// Sends an act on the record in `on` back.
    #[serde(rename = "return")]
    pub(super) send_back: Option<String>,
    /// Does everything that is asked on a record, as the answers say.
    pub(super) work: Option<String>,
    /// The same on every open record of a register.
    pub(super) work_each: Option<String>,
    /// Does the present round of a duty on every object (a register in `each`).
    pub(super) duty: Option<String>,
    /// Closes a record.
    pub(super) close: Option<String>,

    /// Record: `@name`.
    pub(super) on: Option<String>,
    /// Register whose records a duty is done for.
    pub(super) each: Option<String>,
    /// Records left out (`@name`).
    pub(super) except: Vec<String>,
    /// The name of what is opened, for later steps.
    #[serde(rename = "as")]
    pub(super) name: Option<String>,
    /// Fields.
    pub(super) with: Words,
    /// Lines of a new record.
    pub(super) lines: BTreeMap<String, Vec<Words>>,
    /// Columns of `rows`: fields, and `as`, `by`, `on`.
    pub(super) columns: Vec<String>,
    /// Rows: the same step for each, with these values.
    pub(super) rows: Vec<Vec<Literal>>,

    /// For `work`: acts that are left open.
    pub(super) leave: Vec<String>,
    /// For `work`: only these acts.
    pub(super) only: Vec<String>,
    /// For `work` and `duty`: acts whose approval is left to be given.
    pub(super) unapproved: Vec<String>,
    /// For `work`: minutes between two deeds.
    pub(super) every: Option<i64>,
    /// For `work`: answers that hold here alone.
    pub(super) answers: BTreeMap<String, Answer>,
    /// For `work`: the reason for leaving out what nobody has an answer to.
    pub(super) otherwise: Option<String>,
}

/// What somebody answers when an act is asked of them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Answer {
    /// Fields.
    pub(super) with: Words,
    /// Lines that are added before.
    pub(super) lines: BTreeMap<String, Vec<Words>>,
    /// Fields set on every line of a list before.
    pub(super) each: BTreeMap<String, Words>,
    /// Who, instead of the first whom the step names.
    pub(super) by: Option<String>,
    /// It does not apply, because.
    pub(super) skip: Option<String>,
    /// Reason.
    pub(super) reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    organization: Option<Spanned<Founding>>,
    #[serde(default)]
    step: Vec<Spanned<Step>>,
    #[serde(default)]
    answer: BTreeMap<String, Answer>,
}

impl Step {
    fn verbs(&self) -> usize {
        let verbs = [
            &self.create,
            &self.change,
            &self.add,
            &self.act,
            &self.skip,
            &self.approve,
            &self.send_back,
            &self.work,
            &self.work_each,
            &self.duty,
            &self.close,
        ];
        verbs.into_iter().filter(|verb| verb.is_some()).count()
    }
}

impl Plan {
    /// Reads the files of a plan: name and text, in the order of their names.
    ///
    /// # Errors
    /// [`DemoError::Step`] with file and line.
    pub fn read<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> Result<Self, DemoError> {
        let files: BTreeMap<&str, &str> = files.into_iter().collect();
        let (mut founding, mut steps, mut answers) = (None, Vec::new(), BTreeMap::new());
        for (name, text) in files {
            let file: File = toml::from_str(text).map_err(|error| {
                let line = error.span().map_or(1, |span| line_of(text, span.start));
                wrong(name, line, format!("書き方が違います: {}", error.message()), error.message())
            })?;
            for step in file.step {
                let place = Place { file: name.to_owned(), line: line_of(text, step.span().start) };
                let step = step.into_inner();
                check(&place, &step)?;
                steps.push((place, step));
            }
            for (act, answer) in file.answer {
                if answers.insert(act.clone(), answer).is_some() {
                    return Err(wrong(
                        name,
                        1,
                        format!("「{act}」の答えが二つあります。"),
                        format!("two answers to \"{act}\""),
                    ));
                }
            }
            if let Some(said) = file.organization {
                let line = line_of(text, said.span().start);
                if founding.replace(said.into_inner()).is_some() {
                    return Err(wrong(name, line, "[organization] が二つあります。", "there are two [organization]"));
                }
            }
        }
        let founding =
            founding.ok_or_else(|| wrong("", 0, "[organization] がありません。", "there is no [organization]"))?;
        Ok(Self { founding, steps, answers })
    }
}

fn check(place: &Place, step: &Step) -> Result<(), DemoError> {
    let said = |ja: &str, en: &str| Err(wrong(&place.file, place.line, ja, en));
    if step.verbs() != 1 {
        return said(
            "一つのことだけをするように書きます（create、do、work など）。",
            "a step says one thing (create, do, work …)",
        );
    }
    if step.day.is_some() == step.ago.is_some() {
        return said("day か ago のどちらかを書きます。", "a step has either day or ago");
    }
    if step.rows.iter().any(|row| row.len() != step.columns.len()) {
        return said(
            "rows の列の数が columns と違います。",
            "a row has another number of values than there are columns",
        );
    }
    Ok(())
}

/// A mistake at a place.
pub(super) fn wrong(file: &str, line: usize, ja: impl Into<String>, en: impl Into<String>) -> DemoError {
    let place = Place { file: file.to_owned(), line };
    DemoError::Step { place, problem: Text { ja: ja.into(), en: en.into() } }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.get(..offset).map_or(1, |before| before.matches('\n').count() + 1)
}
