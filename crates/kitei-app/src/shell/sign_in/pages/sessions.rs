//! The page that lists where a person is signed in.

use maud::{Markup, html};

use super::{Frame, say};
use crate::shell::ui::Lang;
use crate::shell::ui::button::{self, Submit, Weight};
use crate::shell::ui::form::{self, Form};
use crate::shell::ui::table::{Column, Holds, Row, Table, table};

/// One session.
#[derive(Clone, Copy, Debug, Default)]
pub struct SessionRow<'a> {
    /// What the browser says of itself.
    pub client: &'a str,
    /// When it began, in words.
    pub began: &'a str,
    /// When it was last used, in words.
    pub seen: &'a str,
    /// What names it in the form.
    pub handle: &'a str,
    /// Whether it is this one.
    pub current: bool,
}

/// The list of sessions.
#[derive(Clone, Copy, Debug, Default)]
pub struct SessionsPage<'a> {
    /// The sessions, the last used first.
    pub sessions: &'a [SessionRow<'a>],
    /// Where ending one is posted (field `session`), or all others (field `others`).
    pub action: &'a str,
}

/// Renders the list of sessions.
#[must_use]
pub fn sessions_page(lang: Lang, frame: &Frame<'_>, page: &SessionsPage<'_>) -> Markup {
    let title = say(lang, "サインイン中の端末", "Where you are signed in");
    let lead = say(
        lang,
        "心当たりのないものがあれば終わらせ、パスワードを変更してください。",
        "End what you do not recognize, and change your password.",
    );
    let columns = [
        Column { label: say(lang, "端末", "Browser"), ..Column::default() },
        Column { label: say(lang, "サインイン", "Signed in"), holds: Holds::Code, ..Column::default() },
        Column { label: say(lang, "最後の利用", "Last used"), holds: Holds::Code, ..Column::default() },
        Column { label: say(lang, "操作", "Action"), ..Column::default() },
    ];
    let rows: Vec<Row> = page.sessions.iter().map(|session| row(lang, frame, page.action, session)).collect();
    let others = page.sessions.iter().any(|session| !session.current);
    let content = html! {
        (table(lang, &Table { id: "sessions", caption: title, caption_shown: false, columns: &columns, rows: &rows }))
        @if others {
            (ending(lang, frame, page.action, ("others", "yes"), say(lang, "ほかをすべて終わらせる", "End all others"), Weight::Danger))
        }
    };
    frame.page(lang, title, lead, false, content)
}

fn row(lang: Lang, frame: &Frame<'_>, action: &str, session: &SessionRow<'_>) -> Row {
    let ending = if session.current {
        html! { (say(lang, "いま使っている端末", "This browser")) }
    } else {
        ending(lang, frame, action, ("session", session.handle), say(lang, "終わらせる", "End"), Weight::Secondary)
    };
    let cells = vec![html! { (session.client) }, html! { (session.began) }, html! { (session.seen) }, ending];
    Row { cells, marked: false }
}

fn ending(lang: Lang, frame: &Frame<'_>, action: &str, sends: (&str, &str), label: &str, weight: Weight) -> Markup {
    let buttons = button::submit(lang, &Submit { label, weight, sends: Some(sends), confirm: None });
    form::form(lang, &Form { action, token: frame.token(), buttons, ..Form::default() })
}
