//! What a record's page says of its files by name, and of keeping, erasure and disposal.

use kitei_rules::run::keeping::Bound;
use kitei_store::log::StoredEvent;
use maud::{Markup, html};
use uuid::Uuid;

use super::{ERASED, Known2, Seen, Shape};
use crate::{
    kernel::attach::Listed,
    shell::ui::{Link, button},
    web::{frame::say, today::local, visitor::Visitor},
};

/// A field of kind `file` holds an id; people know the file by its name.
pub(super) fn name_files(seen: &mut Seen, listed: &[Listed]) {
    let name = |words: &mut String| {
        let known = words.parse::<Uuid>().ok().and_then(|id| listed.iter().find(|file| file.row.id == id));
        if let Some(file) = known {
            *words = file.name.clone().unwrap_or_else(|| ERASED.0.to_owned());
        }
    };
    for (_, value, _, _) in &mut seen.facts {
        if let Known2::Words(words) = value {
            name(words);
        }
    }
    seen.lists.iter_mut().flat_map(|(_, _, _, rows)| rows).flat_map(|(_, cells)| cells).for_each(name);
}

/// Until when the record is kept, and how it goes; or when and by which event it went.
pub(super) fn section(visitor: &Visitor, id: Uuid, seen: &Seen, events: &[StoredEvent]) -> Markup {
    let lang = visitor.lang;
    let number: String = form_urlencoded::byte_serialize(seen.number.as_bytes()).collect();
    let went = events.iter().find(|event| event.kind == "record.erased").filter(|_| seen.erased.is_some());
    let bound = |bound: &Bound, ja: &'static str, en: &'static str| {
        let day = bound.last.map_or_else(
            || say(lang, "未定（起算日が来ていません）", "not known yet").to_owned(),
            |day| day.to_string(),
        );
        html! { li { (say(lang, ja, en)) ": " (day) " " @for clause in &bound.basis { a href={ "/clauses/" (clause) } { (clause) } " " } } }
    };
    let (erase, dispose) = (format!("/records/{id}/erase"), format!("/retention/dispose?records={id}"));
    let some = seen.keeping.least.is_some() || seen.keeping.most.is_some();
    html! {
        @if some || seen.keeps || seen.erased.is_some() {
            section {
                h2 { (say(lang, "保管と廃棄", "Keeping and disposal")) }
                @if let Some(at) = seen.erased {
                    p {
                        (say(lang, "個人の値は消去されています", "Personal values were erased")) "（" (local(visitor, at)) "）"
                        @if let Some(event) = went {
                            " " a href={ "/evidence?record=" (number) "&before=" (event.seq + 1) "#event-" (event.seq) } { (say(lang, "証跡", "Evidence")) " " (event.seq) }
                        }
                    }
                } @else {
                    ul {
                        @if let Some(least) = &seen.keeping.least { (bound(least, "少なくとも", "Kept at least until")) }
                        @if let Some(most) = &seen.keeping.most { (bound(most, "長くとも", "Kept at most until")) }
                    }
                    @if seen.keeps {
                        p {
                            (button::link(Link { label: say(lang, "個人の値を消去する", "Erase personal values"), href: &erase }, Shape::Quiet))
                            " "
                            (button::link(Link { label: say(lang, "廃棄する", "Dispose"), href: &dispose }, Shape::Quiet))
                        }
                    }
                }
            }
        }
    }
}
