//! Tables that people send in, and what stands in their cells.

use kitei_papers::tables::{
    ColumnKind,
    read::{Cell, read},
    value::read_value,
};

/// Excel or CSV by what the bytes are; the name only hints.
pub(crate) fn table(bytes: &[u8]) {
    for name in ["table.csv", "table.xlsx"] {
        let _ = read(bytes, name);
    }
}

/// A cell of every kind of column.
pub(crate) fn cell(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let kinds = [
        ColumnKind::Text,
        ColumnKind::LongText,
        ColumnKind::Integer,
        ColumnKind::Count,
        ColumnKind::Date,
        ColumnKind::YearMonth,
        ColumnKind::Period,
        ColumnKind::YesNo,
        ColumnKind::People,
        ColumnKind::Phone,
        ColumnKind::Email,
        ColumnKind::Yen,
    ];
    for kind in kinds {
        let reading = read_value(&Cell::Text(text.as_ref().into()), &kind, false);
        // What is refused says why, and has no value that somebody could take for read.
        assert!(!(reading.is_refused() && reading.value.is_some()), "{kind:?}");
    }
}
