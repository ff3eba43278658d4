//! Where a record came from that came in by a table.

use maud::{Markup, html};
use uuid::Uuid;

use crate::{
    kernel::project::{GAPS, KEPT},
    shell::ui::{Lang, text::grouped},
    web::{Web, frame::say, problem::Problem, visitor::Visitor},
};

/// What the kernel's own fields of an imported record are called; any other field by its id.
pub(super) fn field_title(lang: Lang, field: &str) -> String {
    match field {
        GAPS => say(lang, "不足の数", "Number of gaps").to_owned(),
        KEPT => say(lang, "項目のない列", "Columns without a field").to_owned(),
        other => other.to_owned(),
    }
}

/// The import and the row that made a record; nothing for one that was entered by a form.
pub(super) async fn origin(web: &Web, visitor: &Visitor, record: Uuid) -> Result<Markup, Problem> {
    let mut reader = web.installation.db.reader().await?;
    let found = kitei_store::imports::of_record(&mut reader, visitor.organization.id, record).await?;
    drop(reader);
    let Some((batch, position)) = found else { return Ok(html! {}) };
    let row = grouped(u64::try_from(position).unwrap_or_default() + 1);
    let words = match visitor.lang {
        Lang::Ja => format!("表から取り込んだ記録です（{row}件目）。"),
        Lang::En => format!("This record came in by a table (entry {row})."),
    };
    Ok(html! {
        p { (words) " " a href={ "/imports/" (batch) } { (say(visitor.lang, "取り込みを見る", "See the import")) } }
    })
}
