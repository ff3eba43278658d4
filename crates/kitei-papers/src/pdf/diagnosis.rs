//! What the compiler found, in our words: file, line and message.
//!
//! Invariant: a message never repeats a value of the paper's data; the compiler quotes values, this module takes them out.

use serde_json::Value;
use typst::diag::SourceDiagnostic;
use typst::syntax::DiagSpan;
use typst::{World, WorldExt};

use super::world::PaperWorld;
use super::{Paper, PaperError};

/// A diagnostic of the compiler with its place, cleansed of the paper's data.
pub(super) struct Found {
    file: String,
    line: usize,
    message: String,
    hints: Vec<String>,
}

impl Found {
    /// The diagnostic in one line, for notes.
    pub(super) fn note(self) -> String {
        format!("{} line {}: {}", self.file, self.line, self.message)
    }
}

/// The first mistake of a template.
pub(super) fn template_error(world: &PaperWorld<'_>, paper: &Paper<'_>, found: &[SourceDiagnostic]) -> PaperError {
    match found.first().map(|first| place(world, paper, first)) {
        None => PaperError::internal("the compiler failed without a reason"),
        Some(Found { file, line, message, hints }) => PaperError::Template { file, line, message, hints },
    }
}

/// The first rule of PDF/A that a paper breaks.
pub(super) fn archival_error(world: &PaperWorld<'_>, paper: &Paper<'_>, found: &[SourceDiagnostic]) -> PaperError {
    match found.first().map(|first| place(world, paper, first)) {
        None => PaperError::internal("the PDF export failed without a reason"),
        Some(Found { file, line, message, hints }) => PaperError::NotArchivable { file, line, message, hints },
    }
}

/// Where a diagnostic points. A mistake inside `kitei.typ` is shown at the template's line that called it, because the
/// template is what its keeper can change.
pub(super) fn place(world: &PaperWorld<'_>, paper: &Paper<'_>, found: &SourceDiagnostic) -> Found {
    let calls = found.trace.iter().map(|point| DiagSpan::from(point.span));
    let spans: Vec<DiagSpan> = std::iter::once(found.span).chain(calls).collect();
    let span = spans.iter().find(|span| span.id() == Some(world.ids.paper)).copied().unwrap_or(found.span);
    let source = span.id().and_then(|id| world.source(id).ok());
    let line =
        source.as_ref().zip(world.range(span)).and_then(|(source, range)| source.lines().byte_to_line(range.start));
    Found {
        file: span.id().map_or_else(String::new, |id| id.get().vpath().get_without_slash().to_owned()),
        line: line.map_or(0, |line| line + 1),
        message: without_data(&found.message, paper),
        hints: found.hints.iter().map(|hint| without_data(&hint.v, paper)).collect(),
    }
}

/// The message with every value of the data that it quotes replaced, unless the template says the same words.
fn without_data(message: &str, paper: &Paper<'_>) -> String {
    let mut values = Vec::new();
    collect_values(paper.data, &mut values);
    // Longer values first, so that a value that contains another one goes as a whole.
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    values
        .iter()
        .filter(|value| value.chars().count() > 1 && !paper.template.contains(value.as_str()))
        .fold(message.to_owned(), |message, value| message.replace(value.as_str(), "…"))
}

fn collect_values(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        // Short numbers occur in every message and identify nobody.
        Value::Number(number) if number.to_string().len() > 3 => into.push(number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| collect_values(item, into)),
        Value::Object(fields) => fields.values().for_each(|field| collect_values(field, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
