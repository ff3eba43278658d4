//! Pages for people who are not signed in yet.

use maud::{Markup, html};

use super::{Frame, Wrong, say, summary};
use crate::shell::sign_in::Refusal;
use crate::shell::ui::button::{self, Submit, Weight};
use crate::shell::ui::form::{self, Field, Form, Text, TextKind, Width};
use crate::shell::ui::notice::{Notice, notice};
use crate::shell::ui::{Lang, Link, Tone};

/// The sign-in form.
#[derive(Clone, Copy, Debug, Default)]
pub struct SignInForm<'a> {
    /// Where it is posted.
    pub action: &'a str,
    /// The login as typed.
    pub login: &'a str,
    /// Whether it was refused.
    pub refused: bool,
    /// Whether a session ran out before.
    pub ended: bool,
    /// The page for the code in the envelope.
    pub break_glass: &'a str,
}

/// Renders the sign-in page.
#[must_use]
pub fn sign_in_page(lang: Lang, frame: &Frame<'_>, sign_in: &SignInForm<'_>) -> Markup {
    let wrong = if sign_in.refused { vec![not_accepted(lang)] } else { Vec::new() };
    let fields = html! {
        (form::text(lang, &Field { name: "login", label: login_label(lang), required: true, unmarked: true, ..Field::default() },
            &Text { value: sign_in.login, width: Width::Medium, autocomplete: Some("off"), ..Text::default() }))
        (secret(lang, "password", say(lang, "パスワード", "Password"), "", None))
    };
    let title = say(lang, "サインイン", "Sign in");
    let content = html! {
        @if sign_in.ended && !sign_in.refused {
            (notice(lang, &Notice { tone: Tone::Info, title: say(lang, "しばらく操作がなかったため、サインアウトしました。もう一度サインインしてください。", "You were signed out after some time without use. Please sign in again."), ..Notice::default() }))
        }
        (summary(lang, &wrong))
        (form::form(lang, &Form {
            action: sign_in.action,
            token: frame.token(),
            fields,
            buttons: submit(lang, title),
            ..Form::default()
        }))
        p { (button::link(Link { label: say(lang, "封をした非常用コードで入る", "Use the sealed break-glass code"), href: sign_in.break_glass }, Weight::Quiet)) }
    };
    frame.page(lang, title, "", sign_in.refused, content)
}

/// One sentence for every reason.
fn not_accepted(lang: Lang) -> Wrong {
    let message = say(
        lang,
        "サインインできませんでした。ログイン名とパスワードを確かめてください。続けて間違えると、その場所からはしばらくサインインできません。急ぐときは管理者に連絡してください。",
        "You could not be signed in. Check the login name and the password. After several failures it takes a while until \
         sign-in is possible again from the same place. If it is urgent, ask your administrator.",
    );
    Wrong { name: "", label: "", message: message.to_owned() }
}

fn login_label(lang: Lang) -> &'static str {
    say(lang, "ログイン名", "Login name")
}

/// A field for a secret, which browsers are asked not to remember.
pub(super) fn secret(lang: Lang, name: &str, label: &str, help: &str, error: Option<&str>) -> Markup {
    let field = Field { name, label, help, error, required: true, unmarked: true, ..Field::default() };
    let text = Text { kind: TextKind::Password, width: Width::Medium, autocomplete: Some("off"), ..Text::default() };
    form::text(lang, &field, &text)
}

pub(super) fn submit(lang: Lang, label: &str) -> Markup {
    button::submit(lang, &Submit { label, ..Submit::default() })
}

/// The form for a one-time code.
#[derive(Clone, Copy, Debug, Default)]
pub struct CodeForm<'a> {
    /// Where it is posted.
    pub action: &'a str,
    /// Whether it was refused.
    pub refused: bool,
}

/// Renders the page between password and one-time code.
#[must_use]
pub fn code_page(lang: Lang, frame: &Frame<'_>, code: &CodeForm<'_>) -> Markup {
    let title = say(lang, "確認コード", "One-time code");
    let lead = say(
        lang,
        "認証アプリに表示された6桁の数字を入力してください。端末がないときは、控えておいた回復コードを入力します。",
        "Enter the six digits that your authenticator shows. Without the device, enter one of your recovery codes.",
    );
    let message = say(
        lang,
        "このコードは使えません。新しいコードが表示されるのを待って、もう一度入力してください。",
        "This code cannot be used. Wait for the next one and enter it.",
    );
    let content = one_code(lang, frame, code.action, title, code.refused.then_some(message));
    frame.page(lang, title, lead, code.refused, content)
}

/// The form for the code in the envelope.
#[derive(Clone, Copy, Debug, Default)]
pub struct BreakGlassForm<'a> {
    /// Where it is posted.
    pub action: &'a str,
    /// Whether it was refused.
    pub refused: bool,
}

/// Renders the page for the code in the envelope.
#[must_use]
pub fn break_glass_page(lang: Lang, frame: &Frame<'_>, code: &BreakGlassForm<'_>) -> Markup {
    let title = say(lang, "非常用コード", "Break-glass code");
    let lead = say(
        lang,
        "封筒のコードは1回だけ使えます。使ったことは証跡に残り、続けて新しいパスワードを設定します。",
        "The code in the envelope works once. Its use is recorded, and you set a new password next.",
    );
    let message = say(
        lang,
        "このコードは使えません。封筒のとおりに入力したか、すでに使われていないかを確かめてください。",
        "This code cannot be used. Check that it is typed as in the envelope and has not been used.",
    );
    let content = one_code(lang, frame, code.action, title, code.refused.then_some(message));
    frame.page(lang, title, lead, code.refused, content)
}

fn one_code(lang: Lang, frame: &Frame<'_>, action: &str, label: &'static str, error: Option<&str>) -> Markup {
    let wrong: Vec<Wrong> =
        error.map(|message| Wrong { name: "code", label, message: message.to_owned() }).into_iter().collect();
    let field = Field { name: "code", label, error, required: true, unmarked: true, ..Field::default() };
    let text = Text { width: Width::Medium, autocomplete: Some("one-time-code"), ..Text::default() };
    html! {
        (summary(lang, &wrong))
        (form::form(lang, &Form {
            action,
            token: frame.token(),
            fields: form::text(lang, &field, &text),
            buttons: submit(lang, say(lang, "確認する", "Confirm")),
            ..Form::default()
        }))
    }
}

/// What was typed on the first page.
#[derive(Clone, Copy, Debug, Default)]
pub struct SetUpValues<'a> {
    /// The organisation's name.
    pub organization: &'a str,
    /// The administrator's name, with a space between its parts.
    pub name: &'a str,
    /// The name in kana.
    pub kana: &'a str,
    /// The name in Latin letters.
    pub latin: &'a str,
    /// The login name.
    pub login: &'a str,
    /// The organisation's short name.
    pub slug: &'a str,
}

/// The first page.
#[derive(Clone, Copy, Debug, Default)]
pub struct SetUpForm<'a> {
    /// Where it is posted.
    pub action: &'a str,
    /// What was typed.
    pub values: SetUpValues<'a>,
    /// Why it was refused.
    pub refusal: Option<&'a Refusal>,
    /// Whether the two passwords differ.
    pub differ: bool,
    /// Names of required fields that were left empty.
    pub empty: &'a [&'a str],
    /// Whether there are organisations already, so that this one needs a short name of its own.
    pub another: bool,
    /// What is wrong with the short name.
    pub slug_wrong: Option<&'a str>,
    /// The rules for passwords, a sentence each.
    pub rules: &'a [String],
    /// In a sample: its administrator's name. Organisation and person are there and are not asked for.
    pub sample: Option<&'a str>,
}

/// Renders the first page, where the first organisation and administrator are made.
#[must_use]
pub fn set_up_page(lang: Lang, frame: &Frame<'_>, set_up: &SetUpForm<'_>) -> Markup {
    let title = say(lang, "はじめの設定", "First set-up");
    let lead = say(
        lang,
        "起動したときに端末に表示されたコードで、組織と最初の管理者を作ります。",
        "With the code that the program printed when it started, make the organization and its first administrator.",
    );
    let lead_of_sample = say(
        lang,
        "端末に表示されたコードで、見本の組織の管理者としてサインインできるようにします。",
        "With the code that the program printed, make the account of the sample's administrator.",
    );
    let lead = if set_up.sample.is_some() { lead_of_sample } else { lead };
    let wrong = set_up_wrong(lang, set_up);
    let fields = html! {
        (plain(lang, &wrong, SET_UP_CODE, "", say(lang, "大文字と小文字、区切りは気にしなくて構いません。", "Upper or lower case and separators do not matter.")))
        @if set_up.sample.is_none() {
            (form::fieldset(say(lang, "組織", "Organization"), "", &html! {
                (plain(lang, &wrong, ORGANIZATION, set_up.values.organization, ""))
                @if set_up.another {
                    (plain(lang, &wrong, SLUG, set_up.values.slug, say(lang, "サインインや報告のアドレスに入ります。半角の小文字・数字・ハイフンで、例：minato", "It stands in the addresses of sign-in and report. Small letters, digits and hyphens, such as minato.")))
                }
            }))
        }
        (form::fieldset(say(lang, "最初の管理者", "First administrator"), if set_up.sample.is_some() { "" } else { say(lang, "お名前はパスワードの検査にも使います。姓と名の間を空けてください。", "The name also serves to check the password. Put a space between its parts.") }, &html! {
            @if let Some(name) = set_up.sample {
                p { (name) }
            } @else {
                (plain(lang, &wrong, NAME, set_up.values.name, ""))
                (plain(lang, &wrong, KANA, set_up.values.kana, ""))
                (plain(lang, &wrong, LATIN, set_up.values.latin, ""))
            }
            (plain(lang, &wrong, LOGIN, set_up.values.login, say(lang, "推測されにくい名前にします。admin、root などは使えません。", "Hard to guess; admin, root and the like are refused.")))
            (super::password::new_password(lang, &wrong, set_up.rules))
        }))
    };
    let content = html! {
        (summary(lang, &wrong))
        (form::form(lang, &Form { action: set_up.action, token: frame.token(), fields, buttons: submit(lang, say(lang, "作成する", "Create")), ..Form::default() }))
    };
    frame.page(lang, title, lead, !wrong.is_empty(), content)
}

/// Name and labels of a field of the first page.
type Asked = (&'static str, &'static str, &'static str);

const SET_UP_CODE: Asked = ("code", "設定コード", "Set-up code");
const ORGANIZATION: Asked = ("organization", "組織の名前", "Name of the organization");
const SLUG: Asked = ("slug", "組織の短い名前", "Short name of the organization");
const NAME: Asked = ("name", "お名前", "Name");
const KANA: Asked = ("kana", "お名前（かな）", "Name in kana");
const LATIN: Asked = ("latin", "お名前（ローマ字）", "Name in Latin letters");
const LOGIN: Asked = ("login", "ログイン名", "Login name");

fn plain(lang: Lang, wrong: &[Wrong], (name, ja, en): Asked, value: &str, help: &str) -> Markup {
    let error = Wrong::at(wrong, name);
    let field = Field { name, label: say(lang, ja, en), help, error, required: true, ..Field::default() };
    form::text(lang, &field, &Text { value, width: Width::Medium, autocomplete: Some("off"), ..Text::default() })
}

fn set_up_wrong(lang: Lang, set_up: &SetUpForm<'_>) -> Vec<Wrong> {
    let at =
        |(name, ja, en): Asked, message: &str| Wrong { name, label: say(lang, ja, en), message: message.to_owned() };
    let mut wrong: Vec<Wrong> = [SET_UP_CODE, ORGANIZATION, SLUG, NAME, KANA, LATIN, LOGIN]
        .into_iter()
        .filter(|(name, ..)| set_up.empty.contains(name))
        .map(|asked| at(asked, say(lang, "入力してください。", "Please fill this in.")))
        .collect();
    wrong.extend(set_up.slug_wrong.map(|message| at(SLUG, message)));
    match set_up.refusal {
        Some(Refusal::SetUpCode) => wrong.push(at(
            SET_UP_CODE,
            say(
                lang,
                "このコードは使えません。期限が切れたときは、プログラムを起動し直すと新しいコードが表示されます。",
                "This code cannot be used. If it ran out, start the program again: it prints a new one.",
            ),
        )),
        Some(Refusal::Login(problems)) => {
            let text: Vec<&str> = problems.iter().map(|problem| say(lang, problem.ja(), problem.en())).collect();
            wrong.push(at(LOGIN, &text.join(" ")));
        }
        _ => {}
    }
    wrong.extend(super::password::wrong(lang, set_up.refusal, set_up.differ));
    wrong
}
