//! Pages that show something once: the secret of a second factor, recovery codes, the code for the envelope.

use maud::{Markup, html};

use super::enter::submit;
use super::{Frame, Wrong, say, summary};
use crate::shell::sign_in::Shown;
use crate::shell::ui::button::{self, Weight};
use crate::shell::ui::form::{self, Field, Form, Text, TextKind, Width};
use crate::shell::ui::notice::{Notice, notice};
use crate::shell::ui::{Lang, Link, Tone};

/// The form that sets a second factor.
#[derive(Clone, Copy, Debug)]
pub struct TotpForm<'a> {
    /// Where it is posted.
    pub action: &'a str,
    /// The secret to type by hand.
    pub secret: &'a Shown,
    /// The QR code of the address.
    pub qr: &'a Markup,
    /// Whether the code was refused.
    pub refused: bool,
}

/// Renders the page where a second factor is set.
#[must_use]
pub fn totp_page(lang: Lang, frame: &Frame<'_>, totp: &TotpForm<'_>) -> Markup {
    let title = say(lang, "2段階認証を設定する", "Set a second factor");
    let lead = say(
        lang,
        "認証アプリでQRコードを読み取り、表示された6桁の数字を入力してください。",
        "Read the QR code with an authenticator and enter the six digits that it shows.",
    );
    let label = say(lang, "確認コード", "One-time code");
    let message = say(
        lang,
        "このコードは使えません。端末の時計が合っているか確かめ、新しいコードを入力してください。",
        "This code cannot be used. Check that the clock of your device is right and enter the next code.",
    );
    let error = totp.refused.then_some(message);
    let wrong: Vec<Wrong> =
        error.map(|message| Wrong { name: "code", label, message: message.to_owned() }).into_iter().collect();
    let field = Field { name: "code", label, error, required: true, unmarked: true, ..Field::default() };
    let text = Text {
        kind: TextKind::Code,
        width: Width::Short,
        autocomplete: Some("one-time-code"),
        longest: Some(6),
        ..Text::default()
    };
    let content = html! {
        (summary(lang, &wrong))
        (totp.qr)
        p { (say(lang, "読み取れないときは、この鍵を手で入力します：", "If it cannot be read, type this key:")) }
        p id="totp-secret" class="code" { (totp.secret.reveal()) }
        (button::copy(lang, "totp-secret", say(lang, "鍵", "the key")))
        (form::form(lang, &Form {
            action: totp.action,
            token: frame.token(),
            fields: form::text(lang, &field, &text),
            buttons: submit(lang, say(lang, "設定する", "Set it")),
            ..Form::default()
        }))
    };
    frame.page(lang, title, lead, totp.refused, content)
}

/// Recovery codes that were just made.
#[derive(Clone, Copy, Debug)]
pub struct RecoveryCodesPage<'a> {
    /// The codes.
    pub codes: &'a [Shown],
    /// Where to go on.
    pub next: &'a str,
}

/// Renders the recovery codes; they are shown this once.
#[must_use]
pub fn recovery_codes_page(lang: Lang, frame: &Frame<'_>, page: &RecoveryCodesPage<'_>) -> Markup {
    let title = say(lang, "回復コード", "Recovery codes");
    let lead = say(
        lang,
        "認証アプリが使えないときに、1つずつ1回だけ使えます。印刷して鍵のかかる場所にしまってください。",
        "Each works once when your authenticator is not at hand. Print them and lock them away.",
    );
    let content = html! {
        (shown_once(lang))
        ul id="recovery-codes" class="code" { @for code in page.codes { li { (code.reveal()) } } }
        (button::row(&html! {
            (button::print(lang))
            (button::copy(lang, "recovery-codes", title))
            (button::link(Link { label: say(lang, "しまいました", "I have put them away"), href: page.next }, Weight::Primary))
        }))
    };
    frame.page(lang, title, lead, false, content)
}

/// A break-glass code that was just made.
#[derive(Clone, Copy, Debug)]
pub struct EnvelopePage<'a> {
    /// The code.
    pub code: &'a Shown,
    /// Whose account it opens.
    pub holder: &'a str,
    /// The day, in words.
    pub made_on: &'a str,
    /// Where it is typed.
    pub address: &'a str,
    /// Where to go on.
    pub next: &'a str,
}

/// Renders the sheet for the envelope; it is shown this once.
#[must_use]
pub fn envelope_page(lang: Lang, frame: &Frame<'_>, page: &EnvelopePage<'_>) -> Markup {
    let title = say(lang, "非常用コード（封をして保管）", "Break-glass code (seal and keep)");
    let lead = say(
        lang,
        "印刷して封筒に入れ、封をして金庫などに保管してください。だれもサインインできなくなったときに1回だけ使えます。",
        "Print it, seal it in an envelope and keep it in a safe. It works once, when nobody can sign in any more.",
    );
    let content = html! {
        (shown_once(lang))
        dl class="definitions" {
            @for (term, value) in [
                (say(lang, "コード", "Code"), page.code.reveal()),
                (say(lang, "開くアカウント", "Account it opens"), page.holder),
                (say(lang, "作成日", "Made on"), page.made_on),
                (say(lang, "入力する場所", "Where to type it"), page.address),
            ] {
                div class="definition" { dt { (term) } dd { span class="code" { (value) } } }
            }
        }
        (button::row(&html! {
            (button::print(lang))
            (button::link(Link { label: say(lang, "封をしました", "I have sealed it"), href: page.next }, Weight::Primary))
        }))
    };
    frame.page(lang, title, lead, false, content)
}

fn shown_once(lang: Lang) -> Markup {
    let title =
        say(lang, "この画面を閉じると、二度と表示されません。", "Once you leave this page it is never shown again.");
    notice(lang, &Notice { tone: Tone::Warning, title, ..Notice::default() })
}
