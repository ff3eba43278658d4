//! The frame of every page: header, the big button, navigation, where one is, messages, content, footer.
//!
//! WCAG 2.4.1 (skip link), 2.4.2 (title), 2.4.8 (breadcrumbs), 3.1.1 (language), 3.2.3 and 3.2.6 (navigation and
//! the way to help at the same place on every page).
//!
//! Invariant: one `h1` a page; the button 「なくした・間違えた・あやしい」 is on every page, signed in or not.

use maud::{DOCTYPE, Markup, html};

use super::icon::{Icon, icon};
use super::notice::{Notice, notice};
use super::{Lang, Link, assets, words};

/// An entry of the main navigation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place<'a> {
    /// Its name.
    pub label: &'a str,
    /// Its address.
    pub href: &'a str,
    /// Whether the page is in it.
    pub current: bool,
    /// How many things wait there for this person.
    pub count: Option<u64>,
}

/// Who is signed in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Person<'a> {
    /// Their name, as they see it themselves.
    pub name: &'a str,
    /// Their own settings.
    pub href: &'a str,
    /// Where signing out is posted.
    pub sign_out: &'a str,
    /// Name and value of the hidden field that protects the form.
    pub token: (&'a str, &'a str),
}

/// A page.
#[derive(Clone, Debug, Default)]
pub struct Page<'a> {
    /// The heading, and the first part of the title.
    pub title: &'a str,
    /// One sentence under the heading; may be empty.
    pub lead: &'a str,
    /// Beside the heading: state, number, print button; may be empty.
    pub aside: Markup,
    /// The organization's name; empty before there is one.
    pub organization: &'a str,
    /// Who is signed in, if anybody.
    pub person: Option<Person<'a>>,
    /// The page where an incident is reported.
    pub report: &'a str,
    /// This page in the other language.
    pub language: &'a str,
    /// The main navigation; empty for people who are not signed in.
    pub places: &'a [Place<'a>],
    /// The way here, without this page itself.
    pub breadcrumbs: &'a [Link<'a>],
    /// Messages from the act before.
    pub notices: &'a [Notice<'a>],
    /// Whether the page refuses what was sent; said first in the title.
    pub refused: bool,
    /// The content.
    pub content: Markup,
    /// Version of the program.
    pub version: &'a str,
    /// The last signed checkpoint, in one line; empty before there is one.
    pub checkpoint: &'a str,
    /// The organisation is a sample: said on every page.
    pub sample: bool,
}

/// Renders a page.
#[must_use]
pub fn page(lang: Lang, page: &Page<'_>) -> Markup {
    let alone = page.places.is_empty();
    html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            (head(lang, page))
            body {
                a class="skip" href="#main" { (words::SKIP.of(lang)) }
                (masthead(lang, page))
                div class={ "frame" @if alone { " frame-alone" } } {
                    @if !alone {
                        nav class="side" aria-label=(words::MENU.of(lang)) { (places(page.places)) }
                    }
                    main id="main" tabindex="-1" {
                        @if page.sample { (sample(lang)) }
                        @if !page.breadcrumbs.is_empty() { (breadcrumbs(lang, page)) }
                        @if !page.notices.is_empty() {
                            div class="notices" {
                                @for message in page.notices { (notice(lang, message)) }
                            }
                        }
                        div class="title-row" {
                            h1 { (page.title) }
                            @if !page.aside.0.is_empty() { div class="title-aside" { (page.aside) } }
                        }
                        @if !page.lead.is_empty() { p class="lead" { (page.lead) } }
                        (page.content)
                    }
                }
                (footer(lang, page))
            }
        }
    }
}

fn head(lang: Lang, page: &Page<'_>) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light";
            meta name="referrer" content="same-origin";
            title {
                @if page.refused { (words::ERROR_IN_TITLE.of(lang)) }
                (page.title)
                @if !page.organization.is_empty() { " | " (page.organization) }
                " | Kitei"
            }
            link rel="icon" type="image/svg+xml" href=(assets::ICON_PATH);
            link rel="stylesheet" href=(assets::STYLE_PATH);
            script src=(assets::SCRIPT_PATH) defer {}
        }
    }
}

fn masthead(lang: Lang, page: &Page<'_>) -> Markup {
    html! {
        header class={ "masthead" @if !page.places.is_empty() { " masthead-with-menu" } } {
            div class="masthead-row" {
                a class="brand" href="/" {
                    span class="brand-mark" aria-hidden="true" { "規" }
                    span class="brand-text" {
                        span class="brand-name" { "Kitei" }
                        @if !page.organization.is_empty() { span class="brand-organization" { (page.organization) } }
                    }
                }
                a class="report" href=(page.report) title=(words::REPORT_HINT.of(lang)) {
                    (icon(Icon::Danger)) span { (words::REPORT.of(lang)) }
                }
                div class="masthead-tools" {
                    a class="tool" href=(page.language) hreflang=(lang.other().tag()) lang=(lang.other().tag()) {
                        (words::LANGUAGE_NAME.of(lang.other()))
                    }
                    @if let Some(person) = page.person { (account(lang, person)) }
                }
            }
            @if !page.places.is_empty() {
                details class="menu" {
                    summary { (words::MENU.of(lang)) }
                    nav aria-label=(words::MENU.of(lang)) { (places(page.places)) }
                    // On a phone the account is here, to leave room in the header.
                    @if let Some(person) = page.person { (account(lang, person)) }
                }
            }
        }
    }
}

fn account(lang: Lang, person: Person<'_>) -> Markup {
    html! {
        div class="account" {
            a class="tool" href=(person.href) { (person.name) }
            form method="post" action=(person.sign_out) {
                input type="hidden" name=(person.token.0) value=(person.token.1);
                button type="submit" class="tool" { (words::SIGN_OUT.of(lang)) }
            }
        }
    }
}

fn places(places: &[Place<'_>]) -> Markup {
    html! {
        ul class="places" {
            @for place in places {
                li {
                    a href=(place.href) aria-current=[place.current.then_some("page")] {
                        span { (place.label) }
                        @if let Some(count) = place.count { " " span class="count" { (super::text::grouped(count)) } }
                    }
                }
            }
        }
    }
}

/// A strip that says that nothing here is real. It is no status: it stands there from the beginning.
fn sample(lang: Lang) -> Markup {
    html! {
        div class="notices" {
            div class="notice notice-info" {
                span class="notice-icon" { (icon(Icon::Info)) }
                div class="notice-text" { p class="notice-title" { (words::SAMPLE.of(lang)) } }
            }
        }
    }
}

fn breadcrumbs(lang: Lang, page: &Page<'_>) -> Markup {
    html! {
        nav class="breadcrumbs" aria-label=(words::BREADCRUMBS.of(lang)) {
            ol {
                @for crumb in page.breadcrumbs { li { a href=(crumb.href) { (crumb.label) } } }
                li aria-current="page" { (page.title) }
            }
        }
    }
}

fn footer(lang: Lang, page: &Page<'_>) -> Markup {
    html! {
        footer class="footer" {
            div class="footer-row" {
                p { "Kitei " (page.version) }
                @if !page.checkpoint.is_empty() {
                    p class="footer-checkpoint" { (words::EVIDENCE_LINE.of(lang)) " " span class="code" { (page.checkpoint) } }
                }
            }
        }
    }
}
