//! WCAG 1.1.1 and the content security policy, by table.

use super::*;

fn caption() -> Caption {
    Caption {
        id: "incidents".to_owned(), title: "月別の事故 <件>".to_owned(), description: "6月が最多".to_owned()
    }
}

fn chart(values: &[&[f64]]) -> Chart {
    let series = |(index, values): (usize, &&[f64])| Series { name: format!("系列{index}"), values: values.to_vec() };
    Chart {
        caption: caption(),
        axis: "月".to_owned(),
        categories: vec!["4月".to_owned(), "5月".to_owned(), "\"6月\"".to_owned()],
        series: values.iter().enumerate().map(series).collect(),
        unit: "件".to_owned(),
    }
}

fn grid() -> Grid {
    let cell = |level: u8, text: &str| Cell { level, text: text.to_owned(), meaning: format!("{text}（{level}）") };
    Grid {
        caption: caption(),
        axis: "義務".to_owned(),
        columns: (1..=12).map(|month| format!("{month}月")).collect(),
        rows: vec![("内部監査".to_owned(), vec![cell(1, "済"), cell(3, "遅")]), ("教育 & 研修".to_owned(), vec![])],
    }
}

fn every_figure() -> Vec<(&'static str, Figure)> {
    let numbers = chart(&[&[1.0, 2.0, 3.0], &[f64::NAN, 5.0]]);
    vec![
        ("bar", bar(&numbers)),
        ("stacked-bar", stacked_bar(&numbers)),
        ("line", line(&numbers)),
        ("heat-strip", heat_strip(&grid())),
        ("matrix", matrix(&grid())),
        ("bar of nothing", bar(&chart(&[]))),
    ]
}

#[test]
fn figures_are_named_described_and_free_of_styles() {
    for (name, figure) in every_figure() {
        let svg = &figure.svg;
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"), "{name}");
        assert!(svg.contains(r#"role="img""#), "{name}");
        assert!(svg.contains(r#"<title id="incidents-title">月別の事故 &lt;件&gt;</title>"#), "{name}");
        assert!(svg.contains(r#"<desc id="incidents-desc">6月が最多</desc>"#), "{name}");
        for forbidden in ["style=", "<script", "href", "NaN", "inf"] {
            assert!(!svg.contains(forbidden), "{name} holds {forbidden}");
        }
        for tag in ["text", "rect", "path", "title"] {
            let opened = svg.matches(&format!("<{tag} ")).count() + svg.matches(&format!("<{tag}>")).count();
            let closed = svg.matches(&format!("</{tag}>")).count();
            assert!(opened >= closed, "{name}: {tag}");
        }
        assert!(
            figure.table.rows.iter().all(|row| row.len() == figure.table.head.len()),
            "{name}: table is rectangular"
        );
    }
}

#[test]
fn the_table_says_the_same_as_the_drawing() {
    let figure = bar(&chart(&[&[1.0, 2.5], &[f64::INFINITY, -1.0, 0.0]]));
    assert_eq!(figure.table.head, ["月", "系列0", "系列1"]);
    assert_eq!(figure.table.rows, [["4月", "1件", "—"], ["5月", "2.5件", "—"], ["\"6月\"", "—", "0件"]]);
    assert_eq!(figure.svg.matches("<rect ").count(), 3, "one bar per value there is");
    let figure = heat_strip(&grid());
    assert_eq!(figure.table.rows[0][..3], ["内部監査", "済（1）", "遅（3）"]);
    assert!(figure.svg.contains("cell level-3"));
}

#[test]
fn bars_stay_inside_the_frame() {
    for highest in [0.0, 1.0, 4.0, 7.9, 8.1, 99.0, 1e6] {
        let figure = stacked_bar(&chart(&[&[highest], &[highest]]));
        let tops: Vec<f64> = figure
            .svg
            .split("<rect ")
            .skip(1)
            .filter_map(|rest| rest.split("y=\"").nth(1)?.split('"').next()?.parse().ok())
            .collect();
        assert!(tops.iter().all(|y| (40.0..=276.0).contains(y)), "{highest}: {tops:?}");
    }
}
