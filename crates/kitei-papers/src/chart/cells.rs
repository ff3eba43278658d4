//! Charts of cells: a year of months by duty, and a matrix of two scales.

use super::{Caption, Figure, FigureTable, frame, label, rectangle};

const LABEL_WIDTH: f64 = 200.0;
const CELL_HEIGHT: f64 = 28.0;
const HEAD_HEIGHT: f64 = 32.0;

/// One cell: how strong, and what it says. The words carry the meaning, the level only the color (`level-0` …).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// Strength, from 0.
    pub level: u8,
    /// A word or number short enough to stand in the cell (済, 遅, 3).
    pub text: String,
    /// The same in full, for the tooltip and the table.
    pub meaning: String,
}

/// Rows and columns of cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// Id, title, description.
    pub caption: Caption,
    /// What the rows are: heading of the table's first column.
    pub axis: String,
    /// Column headings, from the left.
    pub columns: Vec<String>,
    /// Row heading and cells, from the top. Missing cells stay empty.
    pub rows: Vec<(String, Vec<Cell>)>,
}

/// Duties (rows) by month (columns) of a year: narrow cells in a strip.
#[must_use]
pub fn heat_strip(grid: &Grid) -> Figure {
    draw(grid, "heat-strip", 44.0)
}

/// Two scales against each other, as likelihood against impact: wide cells.
#[must_use]
pub fn matrix(grid: &Grid) -> Figure {
    draw(grid, "matrix", 96.0)
}

fn draw(grid: &Grid, class: &str, cell_width: f64) -> Figure {
    let mut body = String::new();
    let left = |column: usize| LABEL_WIDTH + cell_width * column as f64;
    for (column, heading) in grid.columns.iter().enumerate() {
        body += &label(left(column) + cell_width / 2.0, HEAD_HEIGHT - 10.0, "tick", "middle", heading);
    }
    let mut table_rows = Vec::with_capacity(grid.rows.len());
    for (row, (heading, cells)) in grid.rows.iter().enumerate() {
        let y = HEAD_HEIGHT + CELL_HEIGHT * row as f64;
        body += &label(LABEL_WIDTH - 8.0, y + CELL_HEIGHT / 2.0 + 5.0, "tick", "end", heading);
        let mut table_row = vec![heading.clone()];
        for (column, month) in grid.columns.iter().enumerate() {
            let cell = cells.get(column).cloned().unwrap_or_default();
            let tooltip = format!("{heading} {month} {}", cell.meaning);
            let class = format!("cell level-{}", cell.level);
            body += &rectangle(left(column) + 1.0, y + 1.0, cell_width - 2.0, CELL_HEIGHT - 2.0, &class, &tooltip);
            let middle = left(column) + cell_width / 2.0;
            body += &label(middle, y + CELL_HEIGHT / 2.0 + 5.0, "cell-text", "middle", &cell.text);
            table_row.push(cell.meaning);
        }
        table_rows.push(table_row);
    }
    let width = left(grid.columns.len());
    let height = HEAD_HEIGHT + CELL_HEIGHT * grid.rows.len() as f64 + 4.0;
    Figure {
        svg: frame(&grid.caption, class, width, height, &body),
        table: FigureTable {
            caption: grid.caption.title.clone(),
            head: std::iter::once(grid.axis.clone()).chain(grid.columns.iter().cloned()).collect(),
            rows: table_rows,
        },
    }
}
