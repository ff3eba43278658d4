//! Forms without a template of their own: any register prints a blank or filled form through one generic template.
//!
//! Invariant: a form prints every row it is given; long values wrap and long tables continue on the next page under
//! their repeated head.

use jiff::civil;
use serde::Serialize;
use serde_json::Value;

use super::letterhead::Letterhead;
use super::{Paper, PaperError, Rendered, Renderer};
use crate::qr::Qr;

/// The generic template.
const FORM: &str = include_str!("form.typ");

/// A form to be printed, blank or filled.
#[derive(Clone, Default, PartialEq, Serialize)]
pub struct FormPaper {
    /// Head and foot.
    pub head: Letterhead,
    /// Whether the sheet lies on its side, for wide tables.
    pub landscape: bool,
    /// A sentence or two before the first section; empty for none.
    pub lead: String,
    /// The 作成・確認・承認 box; empty for none.
    pub approvals: Vec<FormApproval>,
    /// Groups of labelled values.
    pub sections: Vec<FormSection>,
    /// Tables, after the sections.
    pub tables: Vec<FormTable>,
    /// Remarks at the end.
    pub notes: Vec<String>,
    /// A QR code at the end, as a rule the address of the record.
    pub qr: Option<FormQr>,
}

/// A group of labelled values under a heading.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct FormSection {
    /// The heading; empty for none.
    pub heading: String,
    /// Label and value, one below the other.
    pub rows: Vec<FormRow>,
}

/// One labelled value.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct FormRow {
    /// What it is.
    pub label: String,
    /// The clause it rests on (根拠), printed small under the label; empty for none.
    pub basis: String,
    /// The value.
    pub value: FormValue,
}

impl FormRow {
    /// A row with a text and no basis.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), basis: String::new(), value: FormValue::Text { text: value.into() } }
    }

    /// A row to be filled in by hand.
    pub fn blank(label: impl Into<String>, lines: u8) -> Self {
        Self { label: label.into(), basis: String::new(), value: FormValue::Blank { lines } }
    }

    /// A row of boxes to tick.
    pub fn choices(label: impl Into<String>, choices: Vec<FormChoice>) -> Self {
        Self { label: label.into(), basis: String::new(), value: FormValue::Choices { choices } }
    }

    /// The same row with the clause it rests on.
    #[must_use]
    pub fn with_basis(mut self, basis: impl Into<String>) -> Self {
        self.basis = basis.into();
        self
    }
}

/// What stands beside a label.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum FormValue {
    /// A text, with its own line breaks.
    Text {
        /// The text.
        text: String,
    },
    /// Room to write by hand.
    Blank {
        /// Height in lines of text.
        lines: u8,
    },
    /// Boxes, ticked or not.
    Choices {
        /// In order.
        choices: Vec<FormChoice>,
    },
}

/// One box to tick.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct FormChoice {
    /// What it means.
    pub label: String,
    /// Whether it is ticked.
    pub chosen: bool,
}

/// One field of the approval box.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct FormApproval {
    /// 作成, 確認 or 承認.
    pub label: String,
    /// Who did it; empty when open.
    pub name: String,
    /// When, as text; empty when open.
    pub date: String,
}

/// A table that may run over many pages.
#[derive(Clone, Default, PartialEq, Serialize)]
pub struct FormTable {
    /// The heading; empty for none.
    pub heading: String,
    /// The columns, from the left.
    pub columns: Vec<FormColumn>,
    /// Cells, row by row. A short row is filled up with empty cells, a long one is an error.
    pub rows: Vec<Vec<String>>,
}

/// One column of a table.
#[derive(Clone, PartialEq, Serialize)]
pub struct FormColumn {
    /// Its heading.
    pub label: String,
    /// Its share of the width, relative to the other columns.
    pub width: f32,
    /// How its cells are set.
    pub align: FormAlign,
}

/// How the cells of a column are set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FormAlign {
    /// From the left, for texts.
    #[default]
    Left,
    /// In the middle, for marks and dates.
    Center,
    /// To the right, for numbers.
    Right,
}

/// A QR code with the words beside it.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct FormQr {
    /// What it encodes, as a rule a URL.
    pub text: String,
    /// What it is for, printed beside it and read by screen readers.
    pub caption: String,
}

impl FormPaper {
    /// The data of the generic template.
    ///
    /// # Errors
    /// [`PaperError::QrText`] when the text of the QR code is too long, [`PaperError::Row`] when a row has more cells
    /// than its table has columns.
    pub fn data(&self) -> Result<Value, PaperError> {
        let form = Self { tables: rectangular(&self.tables)?, ..self.clone() };
        let mut data = serde_json::to_value(form).map_err(PaperError::internal)?;
        if let (Some(code), Some(fields)) = (&self.qr, data.as_object_mut()) {
            let image = Qr::encode(&code.text).map_err(|_| PaperError::QrText { bytes: code.text.len() })?;
            fields.insert("qr-image".to_owned(), Value::String(image.svg(&code.caption)));
        }
        Ok(data)
    }

    /// Sets the form. `ident` and `date` as in [`Paper`].
    ///
    /// # Errors
    /// As [`Renderer::render`] and [`FormPaper::data`].
    pub fn render(&self, renderer: &Renderer, date: civil::DateTime, ident: &str) -> Result<Rendered, PaperError> {
        renderer.render(&Paper {
            template: FORM,
            data: &self.data()?,
            title: &self.head.title,
            author: &self.head.organization,
            date,
            ident,
        })
    }
}

/// The tables with every row as long as the head: the template sets cells one after the other and would shift them.
fn rectangular(tables: &[FormTable]) -> Result<Vec<FormTable>, PaperError> {
    let mut filled = tables.to_vec();
    for (number, table) in filled.iter_mut().enumerate() {
        let columns = table.columns.len();
        for (index, row) in table.rows.iter_mut().enumerate() {
            if row.len() > columns {
                return Err(PaperError::Row { table: number + 1, row: index + 1, cells: row.len(), columns });
            }
            row.resize(columns, String::new());
        }
    }
    Ok(filled)
}
