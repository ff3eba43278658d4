//! Charts as SVG inside a page: bar, stacked bar, line, a year of months, a matrix.
//!
//! Each comes as a [`Figure`]: the drawing with `<title>` and `<desc>` (WAI-ARIA `img`), and the same numbers as a table
//! for everyone who cannot see it (JIS X 8341-3, WCAG 1.1.1). Colors are CSS classes (`series-1` …, `level-0` …) because
//! the content security policy forbids inline styles; series also differ by their marks, cells by their words, so that
//! nothing hangs on color alone (WCAG 1.4.1).
//!
//! Invariant: every text is escaped; no output holds a `style` attribute, a script or an address.

mod cells;
mod plot;

pub use self::cells::{Cell, Grid, heat_strip, matrix};
pub use self::plot::{Chart, Series, bar, line, stacked_bar};

/// A drawing and the table that says the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// The SVG element, to be placed into a page as it is.
    pub svg: String,
    /// The same content as a table.
    pub table: FigureTable,
}

/// The table beside a drawing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FigureTable {
    /// Caption.
    pub caption: String,
    /// Column headings; the first one stands over the row headings.
    pub head: Vec<String>,
    /// Rows, each beginning with its heading.
    pub rows: Vec<Vec<String>>,
}

/// What every figure has: an id that is unique on its page, a title, and a sentence that says what there is to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caption {
    /// Id of the SVG element; its title and description derive theirs from it.
    pub id: String,
    /// Title.
    pub title: String,
    /// Description for those who do not see the drawing.
    pub description: String,
}

/// The text with the five characters escaped that mean something in XML, and without control characters, which XML
/// forbids.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            control if control.is_control() && control != '\n' => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// An `<svg>` around the body with its accessible name and description.
fn frame(caption: &Caption, class: &str, width: f64, height: f64, body: &str) -> String {
    let id = escape(&caption.id);
    format!(
        concat!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" id="{id}" class="chart {class}" role="img" "#,
            r#"viewBox="0 0 {width} {height}" aria-labelledby="{id}-title" aria-describedby="{id}-desc">"#,
            r#"<title id="{id}-title">{title}</title><desc id="{id}-desc">{desc}</desc>{body}</svg>"#
        ),
        id = id,
        class = class,
        width = width,
        height = height,
        title = escape(&caption.title),
        desc = escape(&caption.description),
        body = body
    )
}

/// A text element. `anchor` is `start`, `middle` or `end`.
fn label(x: f64, y: f64, class: &str, anchor: &str, text: &str) -> String {
    format!(r#"<text class="{class}" x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{}</text>"#, escape(text))
}

/// A rectangle; a text in it is its tooltip.
fn rectangle(x: f64, y: f64, width: f64, height: f64, class: &str, tooltip: &str) -> String {
    format!(
        r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}"><title>{}</title></rect>"#,
        escape(tooltip)
    )
}

#[cfg(test)]
mod tests;
