//! Figures: what was measured, what it must reach, what the baseline reaches; as a table and as JSON.

use std::{fmt::Write as _, path::Path};

use serde::Serialize;
use serde_json::json;

use crate::Trouble;

/// What a figure must reach.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Must {
    /// At least so much.
    AtLeast(f64),
    /// At most so much.
    AtMost(f64),
}

/// What a program reaches that does only what cannot be left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Baseline {
    /// What it does.
    pub(crate) what: String,
    /// What it reaches, in the figure's unit.
    pub(crate) value: f64,
}

/// One figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) what: String,
    /// On which database, where it applies.
    pub(crate) on: Option<&'static str>,
    /// The figure.
    pub(crate) value: f64,
    /// Its unit.
    pub(crate) unit: &'static str,
    /// What it must reach.
    pub(crate) must: Must,
    /// The baseline, measured in the same run.
    pub(crate) baseline: Baseline,
}

impl Row {
    /// Whether the figure reaches what it must.
    pub(crate) fn met(&self) -> bool {
        match self.must {
            Must::AtLeast(least) => self.value >= least,
            Must::AtMost(most) => self.value <= most,
        }
    }
}

/// The figures as JSON.
pub(crate) fn write(path: &Path, rows: &[Row]) -> Result<(), Trouble> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let measured: Vec<_> = rows
        .iter()
        .map(|row| {
            let mut row_json = serde_json::to_value(row)?;
            if let Some(object) = row_json.as_object_mut() {
                object.insert("met".to_owned(), json!(row.met()));
            }
            Ok::<_, serde_json::Error>(row_json)
        })
        .collect::<Result<_, _>>()?;
    let whole = json!({ "cores": cores, "optimised": !cfg!(debug_assertions), "rows": measured });
    std::fs::write(path, serde_json::to_string_pretty(&whole)? + "\n")?;
    Ok(())
}

/// The figures for people.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut out = String::new();
    for row in rows {
        let mark = if row.met() { "✓" } else { "✗" };
        let must = match row.must {
            Must::AtLeast(least) => format!("≥ {}", figure(least)),
            Must::AtMost(most) => format!("≤ {}", figure(most)),
        };
        // Writing to a text does not fail.
        let _ = writeln!(
            out,
            "{mark} {:>10} {:<10} ({must}; {} {})  {}{}",
            figure(row.value),
            row.unit,
            row.baseline.what,
            figure(row.baseline.value),
            row.what,
            row.on.map(|on| format!(" [{on}]")).unwrap_or_default(),
        );
    }
    out
}

fn figure(value: f64) -> String {
    if value.abs() >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// The middle one of several figures.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_held_against_what_it_must_reach() {
        let row = |value, must| Row {
            what: "x".to_owned(),
            on: None,
            value,
            unit: "/s",
            must,
            baseline: Baseline { what: "bare".to_owned(), value: 1.0 },
        };
        assert!(row(10.0, Must::AtLeast(10.0)).met() && !row(9.9, Must::AtLeast(10.0)).met());
        assert!(row(20.0, Must::AtMost(20.0)).met() && !row(20.1, Must::AtMost(20.0)).met());
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
    }
}
