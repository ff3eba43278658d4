//! The pages in both languages: errors where they belong, and no secret rendered again.

use kitei_rules::password::{AccountKind, LoginFacts, Policy, Problem as Fault, login_name_problems};
use maud::html;

use super::*;
use crate::shell::sign_in::{Refusal, Shown};

const FRAME: Frame<'static> = Frame {
    organization: "みなと商事",
    person: None,
    places: &[],
    breadcrumbs: &[],
    report: "/report",
    language: "?lang=en",
    notices: &[],
    version: "0.1.0",
    token: "the-token",
};

#[test]
fn is_6_4_1_04_the_sign_in_form_asks_browsers_to_remember_nothing() {
    for lang in [Lang::Ja, Lang::En] {
        let form = SignInForm {
            action: "/sign-in",
            login: "e00482",
            refused: true,
            ended: false,
            break_glass: "/break-glass",
        };
        let page = sign_in_page(lang, &FRAME, &form).0;
        assert_eq!(page.matches("autocomplete=\"off\"").count(), 2);
        assert!(page.contains("value=\"e00482\"") && page.contains("name=\"token\" value=\"the-token\""));
        assert!(page.contains("role=\"alert\""));
        let fresh = sign_in_page(lang, &FRAME, &SignInForm { refused: false, ended: true, ..form }).0;
        assert!(!fresh.contains("role=\"alert\"") && fresh.contains("role=\"status\""));
    }
}

#[test]
fn is_4_5_01_a_refused_password_names_the_failed_conditions_at_its_field() {
    let refusal = Refusal::Password(vec![
        Fault::TooShort { kind: AccountKind::General, least: 10, has: 9 },
        Fault::DictionaryWord,
    ]);
    let rules =
        password_rules(Lang::En, &Policy { reuse: "P1Y".parse().ok(), ..Policy::floor() }, AccountKind::General);
    assert_eq!(rules.last().map(String::as_str), Some("Was not in use during the last 1 year"));
    let form = PasswordForm {
        action: "/password",
        present: true,
        refusal: Some(&refusal),
        differ: true,
        rules: &rules,
        basis: &[],
    };
    let page = password_page(Lang::En, &FRAME, &form).0;
    assert!(page.contains("id=\"field-new-error\"") && page.contains("id=\"field-again-error\""));
    assert!(!page.contains("id=\"field-present-error\""));
    assert!(page.contains("at least 10 characters") && page.contains("dictionary word"));
    assert!(page.contains("href=\"#field-new\""));
    let page = password_page(
        Lang::Ja,
        &FRAME,
        &PasswordForm { refusal: Some(&Refusal::CurrentPassword), differ: false, ..form },
    )
    .0;
    assert!(page.contains("id=\"field-present-error\"") && !page.contains("id=\"field-new-error\""));
}

#[test]
fn the_first_page_keeps_what_was_typed_but_no_secret() {
    let login = login_name_problems(&Policy::floor(), AccountKind::Privileged, "admin", &LoginFacts::default());
    for (refusal, field) in [(Refusal::SetUpCode, "code"), (Refusal::Login(login), "login")] {
        for lang in [Lang::Ja, Lang::En] {
            let values = SetUpValues {
                organization: "みなと商事",
                name: "田中 裕子",
                kana: "",
                latin: "",
                login: "admin",
                slug: "",
            };
            let form = SetUpForm {
                action: "/set-up",
                values,
                refusal: Some(&refusal),
                empty: &["kana"],
                ..SetUpForm::default()
            };
            let page = set_up_page(lang, &FRAME, &form).0;
            assert!(page.contains(&format!("id=\"field-{field}-error\"")) && page.contains("id=\"field-kana-error\""));
            assert!(page.contains("value=\"田中 裕子\"") && page.contains("value=\"admin\""));
            assert!(page.contains("id=\"field-code\" name=\"code\" type=\"text\" value=\"\""), "{page}");
        }
    }
}

#[test]
fn what_is_shown_once_is_shown() {
    let secret = Shown::new("ABCD-EFGH".to_owned());
    let codes = [Shown::new("1111-2222".to_owned()), Shown::new("3333-4444".to_owned())];
    for lang in [Lang::Ja, Lang::En] {
        let totp = TotpForm { action: "/totp", secret: &secret, qr: &html! { svg {} }, refused: true };
        let page = totp_page(lang, &FRAME, &totp).0;
        assert!(page.contains("ABCD-EFGH") && page.contains("<svg>") && page.contains("field-code-error"));
        let page = recovery_codes_page(lang, &FRAME, &RecoveryCodesPage { codes: &codes, next: "/" }).0;
        assert!(page.contains("1111-2222") && page.contains("3333-4444"));
        let envelope =
            EnvelopePage { code: &secret, holder: "heron-41", made_on: "2026-11-24", address: "/b", next: "/" };
        assert!(envelope_page(lang, &FRAME, &envelope).0.contains("ABCD-EFGH"));
        let page = code_page(lang, &FRAME, &CodeForm { action: "/code", refused: true }).0;
        assert!(page.contains("field-code-error"));
        assert!(
            break_glass_page(lang, &FRAME, &BreakGlassForm { action: "/b", refused: true })
                .0
                .contains("field-code-error")
        );
    }
}

#[test]
fn sessions_can_be_ended_but_not_the_one_in_use() {
    let sessions = [
        SessionRow { client: "Firefox", began: "9:00", seen: "9:30", handle: "aa", current: true },
        SessionRow { client: "<b>Safari", began: "8:00", seen: "8:30", handle: "bb", current: false },
    ];
    let page = sessions_page(Lang::En, &FRAME, &SessionsPage { sessions: &sessions, action: "/sessions" }).0;
    assert!(page.contains("value=\"bb\"") && !page.contains("value=\"aa\"") && page.contains("name=\"others\""));
    assert!(page.contains("&lt;b&gt;Safari") && !page.contains("<b>Safari"));
    let page = sessions_page(Lang::En, &FRAME, &SessionsPage { sessions: &sessions[..1], action: "/sessions" }).0;
    assert!(!page.contains("name=\"others\""));
}
