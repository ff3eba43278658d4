//! Charts with a value axis: bars, stacked bars, lines.

use std::fmt::Write as _;

use super::{Caption, Figure, FigureTable, escape, frame, label, rectangle};

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 704.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 276.0;

/// Numbers by category for one or more series.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Id, title, description.
    pub caption: Caption,
    /// What the categories are (月, 部署): heading of the table's first column.
    pub axis: String,
    /// The categories, from the left.
    pub categories: Vec<String>,
    /// The series, in the order of the legend.
    pub series: Vec<Series>,
    /// Unit of the values (件, %), printed after each.
    pub unit: String,
}

/// One series of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// One value per category; a missing, negative or infinite one is shown as no value.
    pub values: Vec<f64>,
}

impl Chart {
    fn value(&self, series: usize, category: usize) -> Option<f64> {
        let value = *self.series.get(series)?.values.get(category)?;
        (value.is_finite() && value >= 0.0).then_some(value)
    }

    fn shown(&self, value: Option<f64>) -> String {
        value.map_or_else(|| "—".to_owned(), |value| format!("{value}{}", self.unit))
    }

    fn tooltip(&self, series: usize, category: usize) -> String {
        format!(
            "{} {} {}",
            self.categories.get(category).map_or("", String::as_str),
            self.series.get(series).map_or("", |series| series.name.as_str()),
            self.shown(self.value(series, category))
        )
    }

    /// Middle of a category and the width each one has.
    fn slot(&self, category: usize) -> (f64, f64) {
        let width = (RIGHT - LEFT) / self.categories.len().max(1) as f64;
        (LEFT + width * (category as f64 + 0.5), width)
    }

    fn table(&self) -> FigureTable {
        let names = self.series.iter().map(|series| series.name.clone());
        let row = |(index, category): (usize, &String)| {
            let values = (0..self.series.len()).map(|series| self.shown(self.value(series, index)));
            std::iter::once(category.clone()).chain(values).collect()
        };
        FigureTable {
            caption: self.caption.title.clone(),
            head: std::iter::once(self.axis.clone()).chain(names).collect(),
            rows: self.categories.iter().enumerate().map(row).collect(),
        }
    }

    fn figure(&self, class: &str, top: f64, drawing: &str) -> Figure {
        let body = format!("{}{drawing}{}", self.axes(top), self.legend());
        Figure { svg: frame(&self.caption, class, WIDTH, HEIGHT, &body), table: self.table() }
    }

    fn axes(&self, top: f64) -> String {
        let mut body = String::new();
        for step in 0..=4 {
            let value = top * f64::from(step) / 4.0;
            let y = height_of(value, top);
            // Writing to a string cannot fail, here and below.
            let _ = write!(body, r#"<path class="grid" d="M{LEFT} {y:.1}H{RIGHT}"/>"#);
            body += &label(LEFT - 6.0, y + 4.0, "tick", "end", &format!("{value}"));
        }
        for (index, category) in self.categories.iter().enumerate() {
            body += &label(self.slot(index).0, BOTTOM + 18.0, "tick", "middle", category);
        }
        body + &label(LEFT - 6.0, TOP - 10.0, "unit", "end", &self.unit)
    }

    fn legend(&self) -> String {
        let mut body = String::new();
        let width = (RIGHT - LEFT) / self.series.len().max(1) as f64;
        for (index, series) in self.series.iter().enumerate() {
            let x = LEFT + width * index as f64;
            body += &mark(index, x + 6.0, 18.0, &series.name);
            body += &label(x + 18.0, 22.0, "legend", "start", &series.name);
        }
        body
    }
}

/// Bars side by side.
#[must_use]
pub fn bar(chart: &Chart) -> Figure {
    let top = axis_top((0..chart.series.len()).flat_map(|series| values(chart, series)));
    let mut drawing = String::new();
    for category in 0..chart.categories.len() {
        let (middle, slot) = chart.slot(category);
        let width = slot * 0.76 / chart.series.len().max(1) as f64;
        for series in 0..chart.series.len() {
            let Some(value) = chart.value(series, category) else { continue };
            let x = middle - slot * 0.38 + width * series as f64;
            let y = height_of(value, top);
            let class = format!("series series-{}", series + 1);
            drawing += &rectangle(x, y, width, BOTTOM - y, &class, &chart.tooltip(series, category));
        }
    }
    chart.figure("bar", top, &drawing)
}

/// Bars on top of each other: parts of a whole.
#[must_use]
pub fn stacked_bar(chart: &Chart) -> Figure {
    let total = |category| (0..chart.series.len()).filter_map(|series| chart.value(series, category)).sum::<f64>();
    let top = axis_top((0..chart.categories.len()).map(total));
    let mut drawing = String::new();
    for category in 0..chart.categories.len() {
        let (middle, slot) = chart.slot(category);
        let mut below = 0.0;
        for series in 0..chart.series.len() {
            let Some(value) = chart.value(series, category) else { continue };
            let (lower, upper) = (height_of(below, top), height_of(below + value, top));
            let class = format!("series series-{}", series + 1);
            let tooltip = chart.tooltip(series, category);
            drawing += &rectangle(middle - slot * 0.32, upper, slot * 0.64, lower - upper, &class, &tooltip);
            below += value;
        }
    }
    chart.figure("stacked-bar", top, &drawing)
}

/// Lines with a mark at each value; a missing value interrupts its line.
#[must_use]
pub fn line(chart: &Chart) -> Figure {
    let top = axis_top((0..chart.series.len()).flat_map(|series| values(chart, series)));
    let mut drawing = String::new();
    for series in 0..chart.series.len() {
        let (mut path, mut marks, mut drawn) = (String::new(), String::new(), false);
        for category in 0..chart.categories.len() {
            let Some(value) = chart.value(series, category) else {
                drawn = false;
                continue;
            };
            let (x, y) = (chart.slot(category).0, height_of(value, top));
            let _ = write!(path, "{}{x:.1} {y:.1}", if drawn { 'L' } else { 'M' });
            marks += &mark(series, x, y, &chart.tooltip(series, category));
            drawn = true;
        }
        let _ = write!(drawing, r#"<path class="line series-{}" fill="none" d="{path}"/>{marks}"#, series + 1);
    }
    chart.figure("line", top, &drawing)
}

fn values(chart: &Chart, series: usize) -> impl Iterator<Item = f64> {
    (0..chart.categories.len()).filter_map(move |category| chart.value(series, category))
}

/// A mark whose shape tells the series without color: circle, square, triangle, diamond.
fn mark(series: usize, x: f64, y: f64, tooltip: &str) -> String {
    let shape = match series % 4 {
        0 => "m-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
        1 => "m-5-5h10v10h-10z",
        2 => "m0-6l6 10h-12z",
        _ => "m0-6l6 6l-6 6l-6-6z",
    };
    let number = series + 1;
    let tooltip = escape(tooltip);
    format!(r#"<path class="series series-{number}" d="M{x:.1} {y:.1}{shape}"><title>{tooltip}</title></path>"#)
}

/// The top of the value axis: the smallest of 1, 2, 4, 8 times a power of ten that holds every value, so that four steps
/// have round names.
fn axis_top(values: impl Iterator<Item = f64>) -> f64 {
    let highest = values.fold(0.0, f64::max);
    let mut power = 1.0;
    while power * 8.0 < highest && power < 1e300 {
        power *= 10.0;
    }
    [1.0, 2.0, 4.0, 8.0]
        .into_iter()
        .map(|step| step * power)
        .find(|top| *top >= highest.max(4.0))
        .unwrap_or(power * 8.0)
}

fn height_of(value: f64, top: f64) -> f64 {
    BOTTOM - (BOTTOM - TOP) * value / top
}
