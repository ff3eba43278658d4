//! The pages of signing in: set-up, sign-in, one-time code, new password, second factor, sessions, break-glass.
//!
//! Each takes a plain struct and gives the whole page. IS-6-4-1-04: fields for secrets ask browsers not to remember.
//!
//! Invariant: a page that refuses a sign-in says the same whatever the reason.
//! Invariant: no password and no code is rendered again.

mod enter;
mod once;
mod password;
mod sessions;

#[cfg(test)]
mod tests;

use maud::Markup;

use crate::shell::ui::form::Problem;
use crate::shell::ui::notice::Notice;
use crate::shell::ui::page::{Page, Person, Place, page};
use crate::shell::ui::{Lang, Link};

use super::csrf::CSRF_FIELD;

pub use enter::{
    BreakGlassForm, CodeForm, SetUpForm, SetUpValues, SignInForm, break_glass_page, code_page, set_up_page,
    sign_in_page,
};
pub use once::{EnvelopePage, RecoveryCodesPage, TotpForm, envelope_page, recovery_codes_page, totp_page};
pub use password::{PasswordForm, password_page, password_rules};
pub use sessions::{SessionRow, SessionsPage, sessions_page};

/// What every page of these has around it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Frame<'a> {
    /// The organisation's name; empty before there is one.
    pub organization: &'a str,
    /// Who is signed in, if anybody.
    pub person: Option<Person<'a>>,
    /// The main navigation; empty for people who are not signed in.
    pub places: &'a [Place<'a>],
    /// The way here.
    pub breadcrumbs: &'a [Link<'a>],
    /// The page where an incident is reported.
    pub report: &'a str,
    /// This page in the other language.
    pub language: &'a str,
    /// Messages from the act before.
    pub notices: &'a [Notice<'a>],
    /// Version of the program.
    pub version: &'a str,
    /// Token of the form.
    pub token: &'a str,
}

impl<'a> Frame<'a> {
    /// The token as the form wants it; none when the page has none.
    fn token(&self) -> Option<(&'a str, &'a str)> {
        (!self.token.is_empty()).then_some((CSRF_FIELD, self.token))
    }

    fn page(&self, lang: Lang, title: &str, lead: &str, refused: bool, content: Markup) -> Markup {
        page(
            lang,
            &Page {
                title,
                lead,
                organization: self.organization,
                person: self.person,
                report: self.report,
                language: self.language,
                places: self.places,
                breadcrumbs: self.breadcrumbs,
                notices: self.notices,
                refused,
                content,
                version: self.version,
                ..Page::default()
            },
        )
    }
}

/// The text in the language of the page.
const fn say(lang: Lang, ja: &'static str, en: &'static str) -> &'static str {
    match lang {
        Lang::Ja => ja,
        Lang::En => en,
    }
}

/// What is wrong with a field, several sentences as one.
struct Wrong {
    name: &'static str,
    label: &'static str,
    message: String,
}

impl Wrong {
    fn problem(&self) -> Problem<'_> {
        Problem { name: self.name, label: self.label, message: &self.message }
    }

    /// The message at a field.
    fn at<'w>(all: &'w [Self], name: &str) -> Option<&'w str> {
        all.iter().find(|wrong| wrong.name == name).map(|wrong| wrong.message.as_str())
    }
}

/// The summary of what is wrong.
fn summary(lang: Lang, wrong: &[Wrong]) -> Markup {
    let problems: Vec<Problem<'_>> = wrong.iter().map(Wrong::problem).collect();
    crate::shell::ui::form::summary(lang, &problems)
}
