//! The frame around a page's own content: navigation, language, messages, footer.

use maud::{Markup, html};

use super::{Web, problem::Problem, visitor::Visitor};
use crate::shell::{
    sign_in::CSRF_FIELD,
    ui::{
        Lang, Link,
        notice::Notice,
        page::{self, Page, Person, Place},
    },
};

/// What a page says of itself.
#[derive(Debug, Default)]
pub(super) struct Own<'a> {
    pub(super) title: &'a str,
    pub(super) lead: &'a str,
    pub(super) aside: Markup,
    pub(super) place: &'a str,
    pub(super) breadcrumbs: &'a [Link<'a>],
    pub(super) notices: &'a [Notice<'a>],
    pub(super) refused: bool,
    pub(super) content: Markup,
    pub(super) path: &'a str,
}

/// The main navigation: address, Japanese, English.
const PLACES: [(&str, &str, &str); 8] = [
    ("/", "今日", "Today"),
    ("/notices", "お知らせ", "Notices"),
    ("/calendar", "カレンダー", "Calendar"),
    ("/registers", "台帳", "Registers"),
    ("/registers/incident", "事故対応", "Incidents"),
    ("/rulebook", "規程", "Rulebook"),
    ("/evidence", "証跡", "Evidence"),
    ("/settings", "設定", "Settings"),
];

/// A page for somebody who is signed in.
pub(super) fn page(web: &Web, visitor: &Visitor, own: &Own<'_>) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let places: Vec<Place<'_>> = PLACES
        .iter()
        .map(|(href, ja, en)| Place {
            label: if lang == Lang::Ja { ja } else { en },
            href,
            current: *href == own.place,
            count: None,
        })
        .collect();
    let token = visitor.token(web, "/sign-out")?;
    let language = format!("/language?to={}&next={}", lang.other().tag(), own.path);
    Ok(page::page(
        lang,
        &Page {
            title: own.title,
            lead: own.lead,
            aside: html! { (own.aside) },
            organization: &visitor.organization.name,
            person: Some(Person {
                name: &visitor.name,
                href: "/me",
                sign_out: "/sign-out",
                token: (CSRF_FIELD, &token),
            }),
            report: "/report",
            language: &language,
            places: &places,
            breadcrumbs: own.breadcrumbs,
            notices: own.notices,
            refused: own.refused,
            content: html! { (own.content) },
            version: web.version,
            checkpoint: "",
            sample: visitor.organization.is_sample(),
        },
    ))
}

/// A page for somebody who is not signed in.
pub(super) fn bare(lang: Lang, title: &str, content: &Markup) -> Markup {
    page::page(
        lang,
        &Page {
            title,
            report: "/report",
            language: if lang == Lang::Ja { "/language?to=en" } else { "/language?to=ja" },
            content: html! { (content) },
            ..Page::default()
        },
    )
}

/// Japanese or English.
pub(super) fn say<'t>(lang: Lang, ja: &'t str, en: &'t str) -> &'t str {
    match lang {
        Lang::Ja => ja,
        Lang::En => en,
    }
}
