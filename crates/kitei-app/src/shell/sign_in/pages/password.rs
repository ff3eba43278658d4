//! The page where a password is set or changed.

use kitei_rules::password::{AccountKind, Class, Policy};
use maud::{Markup, html};

use super::enter::{secret, submit};
use super::{Frame, Wrong, say, summary};
use crate::shell::sign_in::Refusal;
use crate::shell::ui::Lang;
use crate::shell::ui::basis::{Basis, basis};
use crate::shell::ui::form::{self, Form};

/// The form for a new password.
#[derive(Clone, Copy, Debug, Default)]
pub struct PasswordForm<'a> {
    /// Where it is posted.
    pub action: &'a str,
    /// Whether the present password is asked for (not after a link or a break-glass code).
    pub present: bool,
    /// Why it was refused.
    pub refusal: Option<&'a Refusal>,
    /// Whether the two passwords differ.
    pub differ: bool,
    /// The rules, a sentence each, as [`password_rules`] says them.
    pub rules: &'a [String],
    /// The clauses behind the rules.
    pub basis: &'a [Basis<'a>],
}

const PRESENT: &str = "present";
const NEW: &str = "new";
const AGAIN: &str = "again";

/// Renders the page where a password is set or changed.
#[must_use]
pub fn password_page(lang: Lang, frame: &Frame<'_>, password: &PasswordForm<'_>) -> Markup {
    let title = say(lang, "パスワードを設定する", "Set a password");
    let lead = say(
        lang,
        "変更すると、ほかの端末のサインインはすべて終わります。",
        "When you change it, every other session of yours ends.",
    );
    let wrong = wrong(lang, password.refusal, password.differ);
    let fields = html! {
        @if password.present {
            (secret(lang, PRESENT, present_label(lang), "", Wrong::at(&wrong, PRESENT)))
        }
        (new_password(lang, &wrong, password.rules))
    };
    let content = html! {
        (summary(lang, &wrong))
        (basis(lang, title, password.basis))
        (form::form(lang, &Form {
            action: password.action,
            token: frame.token(),
            fields,
            buttons: submit(lang, title),
            ..Form::default()
        }))
    };
    frame.page(lang, title, lead, !wrong.is_empty(), content)
}

fn present_label(lang: Lang) -> &'static str {
    say(lang, "いまのパスワード", "Present password")
}

fn new_label(lang: Lang) -> &'static str {
    say(lang, "新しいパスワード", "New password")
}

fn again_label(lang: Lang) -> &'static str {
    say(lang, "新しいパスワード（もう一度）", "New password (again)")
}

/// The two fields for a new password, under the rules.
pub(super) fn new_password(lang: Lang, wrong: &[Wrong], rules: &[String]) -> Markup {
    html! {
        @if !rules.is_empty() {
            ul { @for rule in rules { li { (rule) } } }
        }
        (secret(lang, NEW, new_label(lang), "", Wrong::at(wrong, NEW)))
        (secret(lang, AGAIN, again_label(lang), "", Wrong::at(wrong, AGAIN)))
    }
}

/// What is wrong with the fields of this page.
pub(super) fn wrong(lang: Lang, refusal: Option<&Refusal>, differ: bool) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    match refusal {
        Some(Refusal::CurrentPassword) => wrong.push(Wrong {
            name: PRESENT,
            label: present_label(lang),
            message: say(
                lang,
                "確認できませんでした。いま使っているパスワードを入力してください。続けて間違えると、しばらく変更できません。",
                "It could not be confirmed. Enter the password that you use now. After several failures it takes a while \
                 until you can try again.",
            )
            .to_owned(),
        }),
        Some(Refusal::Password(problems)) => {
            let texts: Vec<String> = problems
                .iter()
                .map(|problem| match lang {
                    Lang::Ja => problem.ja(),
                    Lang::En => problem.en(),
                })
                .collect();
            wrong.push(Wrong { name: NEW, label: new_label(lang), message: texts.join(say(lang, "", " ")) });
        }
        _ => {}
    }
    if differ {
        wrong.push(Wrong {
            name: AGAIN,
            label: again_label(lang),
            message: say(
                lang,
                "2つのパスワードが違います。同じものを入力してください。",
                "The two passwords differ. Enter the same one twice.",
            )
            .to_owned(),
        });
    }
    wrong
}

/// The rules in force for a kind of account, a sentence each.
#[must_use]
pub fn password_rules(lang: Lang, policy: &Policy, kind: AccountKind) -> Vec<String> {
    let mut rules = vec![match lang {
        Lang::Ja => format!("{}文字以上", policy.least_length(kind)),
        Lang::En => format!("At least {} characters", policy.least_length(kind)),
    }];
    if !policy.classes.is_empty() {
        let names = policy.classes.iter().map(|class| class_name(lang, *class)).collect::<Vec<_>>();
        rules.push(match lang {
            Lang::Ja => format!("{}をすべて使う", names.join("・")),
            Lang::En => format!("Contains {}", names.join(", ")),
        });
    }
    if policy.guessable_forbidden {
        rules.push(
            say(
                lang,
                "お名前・電話番号・誕生日など、推測できるものを含まない",
                "Contains no name, telephone number, birthday or anything else that can be guessed",
            )
            .to_owned(),
        );
    }
    if policy.dictionary_forbidden {
        rules.push(say(lang, "辞書に載っている語を使わない", "Is not built on dictionary words").to_owned());
    }
    if let Some(window) = policy.reuse {
        let span = span(lang, window);
        rules.push(match lang {
            Lang::Ja if span.is_empty() => "いまと同じものを使わない".to_owned(),
            Lang::En if span.is_empty() => "Is not the present one".to_owned(),
            Lang::Ja => format!("前に使ったものを使わない（{span}）"),
            Lang::En => format!("Was not in use during the last {span}"),
        });
    }
    rules
}

fn class_name(lang: Lang, class: Class) -> &'static str {
    say(lang, class.ja(), class.en())
}

/// A period in words, as far as rules for passwords use them.
fn span(lang: Lang, period: kitei_rules::value::Period) -> String {
    let (years, months, days) = (period.months / 12, period.months % 12, period.days);
    [(years, "年", "year"), (months, "か月", "month"), (days, "日", "day")]
        .into_iter()
        .filter(|(amount, ..)| *amount != 0)
        .map(|(amount, ja, en)| match lang {
            Lang::Ja => format!("{amount}{ja}"),
            Lang::En if amount == 1 => format!("1 {en}"),
            Lang::En => format!("{amount} {en}s"),
        })
        .collect::<Vec<_>>()
        .join(say(lang, "", " "))
}
