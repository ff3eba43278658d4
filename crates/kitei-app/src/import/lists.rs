//! Lines of records: the further sheets of a file that Kitei exported. A line belongs to the row with its running number.
//!
//! Invariant: a sheet without a column of running numbers is no sheet of lines and is left alone.

use std::collections::BTreeMap;

use kitei_papers::tables::{
    CellAddress, ColumnId, ProblemKind, Severity,
    preview::{Previewer, RowPreview},
    read::Workbook,
    shape::Overrides,
    value::Value as TableValue,
    write::safe_name,
};
use kitei_rules::{
    pack::model::Text,
    rulebook::ListRule,
    run::{command::Values, paper::Lang},
    value::Value,
};

use super::{
    columns::{self, Meaning, NUMBER},
    judge::Question,
    names::Names,
    report::{CellProblem, Weight},
};

/// The lines of one record, by list, and what is wrong with them.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) by_list: BTreeMap<String, Vec<Values>>,
    pub(super) problems: Vec<CellProblem>,
}

/// The lines that a workbook holds, by running number.
pub(super) fn read(question: &Question<'_>, workbook: &Workbook, names: &Names) -> BTreeMap<String, Lines> {
    let mut out: BTreeMap<String, Lines> = BTreeMap::new();
    for list in &question.register.lists {
        let titles = [Lang::Ja, Lang::En].map(|lang| safe_name(list.title.in_lang(lang)));
        let Some(sheet) = workbook.sheets.iter().find(|sheet| titles.iter().any(|title| **title == *sheet.name)) else {
            continue;
        };
        let expected = columns::expected(&list.fields, question.lang);
        let overrides = Overrides::default().with_sheet(&sheet.name);
        // A sheet of this name in which no table can be found holds no lines.
        let Ok(previewer) = Previewer::new(workbook, &expected, &overrides) else { continue };
        if previewer.shape().column_of(&ColumnId::from(NUMBER)).is_none() {
            continue;
        }
        for row in previewer.rows() {
            let number = match row.value(NUMBER) {
                Some(TableValue::Text { text }) => text.trim().to_owned(),
                _ => String::new(),
            };
            let lines = out.entry(number).or_default();
            let values = line(question, list, &previewer, &row, names, &mut lines.problems);
            lines.by_list.entry(list.id.clone()).or_default().push(values);
        }
    }
    out
}

fn line(
    question: &Question<'_>,
    list: &ListRule,
    previewer: &Previewer<'_>,
    row: &RowPreview,
    names: &Names,
    problems: &mut Vec<CellProblem>,
) -> Values {
    let mut values = Values::new();
    let sheet = &previewer.shape().sheet;
    for problem in row.problems.iter().filter(|problem| problem.severity == Severity::Error) {
        let field = problem.column.as_ref().map(ColumnId::as_str);
        if let (ProblemKind::SaidUnknown, Some(field)) = (&problem.kind, field) {
            values.insert(field.to_owned(), Value::Unknown);
            continue;
        }
        let message = problem.message();
        problems.push(CellProblem {
            row: Some(row.row_number),
            cell: problem.cell.map(|cell| format!("{sheet}!{cell}")),
            header: problem.header.to_string(),
            weight: Weight::Error,
            clauses: Vec::new(),
            ja: message.ja,
            en: message.en,
        });
    }
    for (id, value) in &row.values {
        let Some(field) = list.fields.iter().find(|field| field.id == id.as_str() && field.value.is_none()) else {
            continue;
        };
        let Text { ja, en } = match columns::meaning(field, value, names, &question.moment.zone, question.lang) {
            Meaning::Value(value) => {
                values.insert(field.id.clone(), value);
                continue;
            }
            Meaning::NoSuchName(message) | Meaning::Wrong(message) => message,
        };
        let column = previewer.shape().column_of(id);
        problems.push(CellProblem {
            row: Some(row.row_number),
            cell: column
                .map(|column| format!("{sheet}!{}", CellAddress::new(row.row_number.saturating_sub(1), column.index))),
            header: column.map(|column| column.header_text.to_string()).unwrap_or_default(),
            weight: Weight::Error,
            clauses: Vec::new(),
            ja,
            en,
        });
    }
    values
}
