//! A notice of two pages as PDF/A, warm; the same bytes each time.
//!
//! The baseline is the first one after the start: what fonts and the shared library cost once.

use std::time::Instant;

use jiff::civil::date;
use kitei_papers::pdf::{
    Fonts, Renderer,
    form::{FormPaper, FormRow, FormSection},
    letterhead::Letterhead,
};

use crate::{
    Trouble,
    rows::{Baseline, Must, Row, median},
};

/// Runs of which the median counts.
const RUNS: usize = 15;

/// Rows of this subject.
pub(crate) fn measure() -> Result<Vec<Row>, Trouble> {
    let renderer = Renderer::new(Fonts::new(&[])?)?;
    let day = date(2026, 11, 24).at(9, 0, 0, 0);
    let render = |number: usize| -> Result<(f64, Vec<u8>), Trouble> {
        let begun = Instant::now();
        let rendered = notice(number).render(&renderer, day, "bench")?;
        let took = begun.elapsed().as_secs_f64() * 1000.0;
        if rendered.pages != 2 {
            return Err(format!("the notice has {} pages", rendered.pages).into());
        }
        Ok((took, rendered.bytes))
    };
    let (cold, _) = render(0)?;
    // Each warm one says something else, so that nothing but fonts and library is remembered.
    let mut warm = Vec::new();
    for number in 1..=RUNS {
        warm.push(render(number)?.0);
    }
    if render(1)?.1 != render(1)?.1 {
        return Err("the same notice gave other bytes".into());
    }
    Ok(vec![Row {
        what: "notice of two pages, PDF/A, warm".to_owned(),
        on: None,
        value: median(warm),
        unit: "ms",
        must: Must::AtMost(100.0),
        baseline: Baseline { what: "the first one".to_owned(), value: cold },
    }])
}

fn notice(number: usize) -> FormPaper {
    let section = |title: &str, rows: usize| FormSection {
        heading: title.to_owned(),
        rows: (1..=rows)
            .map(|row| {
                FormRow::new(
                    format!("項目{row}"),
                    format!("お客様の氏名、住所及び電話番号について、{number}件目のお知らせの{row}番目の事項です。"),
                )
            })
            .collect(),
    };
    FormPaper {
        head: Letterhead {
            title: "個人データの漏えいに関するお知らせ".to_owned(),
            organization: "計測株式会社".to_owned(),
            ..Letterhead::default()
        },
        sections: vec![section("発生した事態", 12), section("当社の対応", 12), section("お問い合わせ", 6)],
        ..FormPaper::default()
    }
}
