//! 設定 › サインイン: the composed rules for accounts and passwords with the clause of each, and the sealed break-glass code.
//!
//! Invariant: a break-glass code is on a page once, when it is made; its making is an event.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::header,
    response::{IntoResponse, Response},
};
use kitei_rules::{
    book::Book,
    pack::model::Text as Words,
    password::{AccountKind, keys},
};
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    Web, account, fields,
    frame::{self, Own, say},
    parameter,
    problem::Problem,
    record, sign,
    visitor::Visitor,
};
use crate::shell::{
    sign_in::{self, CSRF_FIELD, Refusal, SignInError, State as Stands, pages},
    ui::{
        Lang, Link, Tone,
        basis::{Basis, basis},
        button::{self, Submit, Weight},
        form::{self, Choice, Choices, Field, Form},
        notice::{Notice, notice},
        table::{Column, Row, Table, table},
    },
};

const ADDRESS: &str = "/settings/sign-in";

/// `GET /settings/sign-in`
pub(super) async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Markup, Problem> {
    again(&web, &visitor, None).await
}

/// What Kitei calls a rule that no adopted pack names.
fn own_title(key: &str) -> (&'static str, &'static str) {
    match key {
        keys::LENGTH_PRIVILEGED => ("パスワードの長さ（特権アカウント）", "Password length (privileged accounts)"),
        keys::LENGTH_GENERAL => ("パスワードの長さ（一般アカウント）", "Password length (general accounts)"),
        keys::CLASSES => ("必ず使う文字の種類", "Classes of characters that must occur"),
        keys::CLASSES_LEAST => ("使う文字の種類の数", "Number of classes of characters"),
        keys::GUESSABLE => ("推測できるパスワードの禁止", "No password that can be guessed"),
        keys::DICTIONARY => ("辞書に載っている語の禁止", "No dictionary words"),
        keys::REUSE => ("使ったパスワードを再び使えない期間", "How long a used password may not come back"),
        keys::LOCKOUT_FAILURES_PRIVILEGED => {
            ("ロックアウトまでの失敗回数（特権）", "Failures until lock-out (privileged)")
        }
        keys::LOCKOUT_PERIOD_PRIVILEGED => ("ロックアウトの時間（特権）", "How long a lock-out lasts (privileged)"),
        keys::LOCKOUT_FAILURES_GENERAL => ("ロックアウトまでの失敗回数（一般）", "Failures until lock-out (general)"),
        keys::LOCKOUT_PERIOD_GENERAL => ("ロックアウトの時間（一般）", "How long a lock-out lasts (general)"),
        keys::FORBIDDEN_NAMES => ("使えないアカウント名", "Forbidden names of accounts"),
        keys::EMPLOYEE_NUMBER => ("一般アカウントの名前は従業員番号", "General accounts are named by employee number"),
        keys::ONE_PERSON => ("1人に1アカウント", "One person, one account"),
        keys::SECOND_FACTOR_PRIVILEGED => ("2段階認証（特権アカウント）", "Second factor (privileged accounts)"),
        _ => ("2段階認証（一般アカウント）", "Second factor (general accounts)"),
    }
}

/// What holds where no pack says anything: the floor of the program.
fn floor(lang: Lang, key: &str) -> String {
    let policy = kitei_rules::password::Policy::floor();
    let yes = |yes: bool| if yes { say(lang, "はい", "yes") } else { say(lang, "いいえ", "no") }.to_owned();
    match key {
        keys::LENGTH_PRIVILEGED => policy.least_length_privileged.to_string(),
        keys::LENGTH_GENERAL => policy.least_length_general.to_string(),
        keys::CLASSES | keys::CLASSES_LEAST | keys::REUSE => say(lang, "定めなし", "none").to_owned(),
        keys::GUESSABLE => yes(policy.guessable_forbidden),
        keys::DICTIONARY => yes(policy.dictionary_forbidden),
        keys::LOCKOUT_FAILURES_PRIVILEGED => policy.lockout_privileged.failures.to_string(),
        keys::LOCKOUT_PERIOD_PRIVILEGED => parameter::span(lang, policy.lockout_privileged.period),
        keys::LOCKOUT_FAILURES_GENERAL => policy.lockout_general.failures.to_string(),
        keys::LOCKOUT_PERIOD_GENERAL => parameter::span(lang, policy.lockout_general.period),
        keys::FORBIDDEN_NAMES => say(lang, "admin、root、guest など", "admin, root, guest and the like").to_owned(),
        keys::EMPLOYEE_NUMBER => yes(policy.employee_number),
        keys::ONE_PERSON => yes(true),
        keys::SECOND_FACTOR_PRIVILEGED => yes(policy.second_factor_privileged),
        _ => yes(policy.second_factor_general),
    }
}

fn rule_row(lang: Lang, book: &Book, key: &'static str) -> Row {
    let words = fields::language(lang);
    let rule = book.parameters.get(key);
    let choices = rule.map(|rule| rule.choices.as_slice()).unwrap_or_default();
    let title = rule.map_or_else(
        || {
            let (ja, en) = own_title(key);
            say(lang, ja, en).to_owned()
        },
        |rule| rule.title.in_lang(words).to_owned(),
    );
    let unit =
        rule.and_then(|rule| rule.unit.as_ref()).map(|unit: &Words| unit.in_lang(words).to_owned()).unwrap_or_default();
    let value =
        book.values.get(key).map_or_else(|| floor(lang, key), |value| parameter::words_of(lang, choices, value));
    let voices: Vec<(String, Vec<String>)> = rule
        .map(|rule| {
            let said = rule.voices.iter().map(|voice| {
                let title =
                    book.sayings.packs.get(&voice.pack).map_or(voice.pack.as_str(), |pack| pack.title.in_lang(words));
                let value = voice.value.as_ref().map(|value| parameter::words_of(lang, choices, value));
                (
                    format!(
                        "{title}: {}",
                        value.unwrap_or_else(|| say(lang, "採用するときに決める", "adopting decides").to_owned())
                    ),
                    voice.basis.clone(),
                )
            });
            said.collect()
        })
        .unwrap_or_default();
    let cells = vec![
        html! { (title) },
        html! { strong { (value) } @if !unit.is_empty() { " " (unit) } },
        html! {
            @if voices.is_empty() { (say(lang, "Kiteiの下限", "Kitei's own floor")) }
            @for (said, clauses) in &voices {
                @let hrefs: Vec<String> = clauses.iter().map(|clause| format!("/clauses/{clause}")).collect();
                @let chips: Vec<Basis<'_>> = clauses.iter().zip(&hrefs).map(|(clause, href)| Basis {
                    reference: clause,
                    title: book.clause(clause).map_or("", |clause| clause.title.in_lang(words)),
                    source: "",
                    href: Some(href),
                }).collect();
                div { (said) " " (basis(lang, &title, &chips)) }
            }
        },
    ];
    Row { cells, marked: false }
}

/// Privileged accounts in use: person, name and login.
async fn privileged(web: &Web, visitor: &Visitor) -> Result<Vec<(Uuid, String, String)>, Problem> {
    let held = web.signing.hold(web, &visitor.organization).await?;
    let ctx = held.ctx(web, &visitor.organization);
    let mut found = Vec::new();
    for member in account::members(web, visitor).await? {
        let standing = sign_in::standing(&ctx, member.id).await?;
        if let Some(standing) = standing.filter(|s| s.kind == AccountKind::Privileged && s.state == Stands::Active) {
            found.push((member.id, member.name, standing.login));
        }
    }
    Ok(found)
}

async fn again(web: &Web, visitor: &Visitor, wrong: Option<&str>) -> Result<Markup, Problem> {
    if !visitor.administers() {
        return Err(Problem::Forbidden);
    }
    let lang = visitor.lang;
    let mut reader = web.installation.db.reader().await?;
    let today = visitor.organization.today(web.installation.environment.now());
    let book = web.installation.book_of(&mut reader, &visitor.organization, today).await?;
    drop(reader);
    let rows: Vec<Row> = keys::ALL.into_iter().map(|key| rule_row(lang, &book, key)).collect();
    let column = |ja: &'static str, en: &'static str| Column { label: say(lang, ja, en), ..Column::default() };
    let columns = [column("定め", "Rule"), column("いまの値", "In force"), column("根拠", "Said by")];
    let held = web.signing.hold(web, &visitor.organization).await?;
    let holders = sign_in::break_glass_holders(&held.ctx(web, &visitor.organization)).await?;
    let accounts = privileged(web, visitor).await?;
    let sealed: Vec<&str> =
        accounts.iter().filter(|(id, ..)| holders.contains(id)).map(|(_, name, _)| name.as_str()).collect();
    let content = html! {
        (table(lang, &Table { id: "sign-in-rules", caption: say(lang, "アカウントとパスワードの定め（いちばん厳しいものが採られます）", "Rules for accounts and passwords: the strictest holds"), caption_shown: true, columns: &columns, rows: &rows }))
        p { (say(lang, "失敗は、アカウントと接続元（ネットワークまたは使い慣れたブラウザー）の組で数えます。ほかの人がわざと間違えても、本人がいつも使うブラウザーは締め出されません。", "Failures count by account and place (a network, or a browser that has signed in before). Somebody else's wrong passwords lock nobody out of the browser that they use.")) }
        section {
            h2 { (say(lang, "非常用コード", "Break-glass code")) }
            p { (say(lang, "だれもサインインできなくなったときに1回だけ使える、封をして保管するコードです。作ったことも使ったことも証跡に残ります。", "A code to be sealed and kept, which works once when nobody can sign in any more. Its making and its use are recorded.")) }
            @if sealed.is_empty() {
                (notice(lang, &Notice { tone: Tone::Warning, title: say(lang, "まだ作られていません。", "None has been made."), ..Notice::default() }))
            } @else {
                p { (say(lang, "作成済み: ", "Made for: ")) (sealed.join(say(lang, "、", ", "))) }
            }
            (break_glass_form(web, visitor, &accounts, wrong)?)
        }
        p { a href="/settings/accounts" { (say(lang, "アカウントの一覧（ロックの解除・停止）", "Accounts (lift locks, suspend)")) } }
    };
    let own = Own {
        title: say(lang, "サインイン", "Sign-in"),
        place: "/settings",
        path: ADDRESS,
        breadcrumbs: &[Link { label: say(lang, "設定", "Settings"), href: "/settings" }],
        refused: wrong.is_some(),
        content,
        ..Own::default()
    };
    frame::page(web, visitor, &own)
}

fn break_glass_form(
    web: &Web,
    visitor: &Visitor,
    accounts: &[(Uuid, String, String)],
    wrong: Option<&str>,
) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let token = visitor.token(web, ADDRESS)?;
    let ids: Vec<(String, &str)> = accounts.iter().map(|(id, name, _)| (id.to_string(), name.as_str())).collect();
    let offered: Vec<Choice<'_>> = ids.iter().map(|(id, name)| Choice { value: id, label: name, help: "" }).collect();
    let own = visitor.current.person.to_string();
    let label = say(lang, "どの特権アカウントを開くか", "Which privileged account it opens");
    let problems: Vec<form::Problem<'_>> =
        wrong.map(|message| form::Problem { name: "person", label, message }).into_iter().collect();
    let help = say(lang, "前に作ったコードは使えなくなります。", "The one made before stops working.");
    Ok(html! {
        (form::summary(lang, &problems))
        (form::form(lang, &Form {
            action: ADDRESS,
            token: Some((CSRF_FIELD, &token)),
            fields: form::select(lang, &Field { name: "person", label, help, error: wrong, required: true, ..Field::default() },
                &Choices { choices: &offered, chosen: &[own.as_str()], ..Choices::default() }),
            buttons: button::submit(lang, &Submit { label: say(lang, "非常用コードを作る", "Make a break-glass code"), weight: Weight::Secondary, ..Submit::default() }),
            ..Form::default()
        }))
    })
}

/// `POST /settings/sign-in`: makes a break-glass code and shows it once.
pub(super) async fn seal(State(web): State<Arc<Web>>, visitor: Visitor, request: Request) -> Result<Response, Problem> {
    if !visitor.administers() {
        return Err(Problem::Forbidden);
    }
    let lang = visitor.lang;
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let typed = record::posted(&web, &visitor, ADDRESS, request).await?;
    let nobody = say(lang, "使用中の特権アカウントを選んでください。", "Choose a privileged account that is in use.");
    let unprocessable = |page: Markup| (axum::http::StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
    let Ok(person) = fields::first(&typed, "person").parse::<Uuid>() else {
        return Ok(unprocessable(again(&web, &visitor, Some(nobody)).await?));
    };
    let held = web.signing.hold(&web, &visitor.organization).await?;
    let ctx = held.ctx(&web, &visitor.organization);
    match sign_in::seal_break_glass(&ctx, person, visitor.current.person).await {
        Ok(code) => {
            let accounts = privileged(&web, &visitor).await?;
            let holder = accounts.iter().find(|(id, ..)| *id == person).map_or("", |(_, _, login)| login.as_str());
            let today = visitor.organization.today(web.installation.environment.now());
            let address =
                format!("{}/break-glass?organization={}", sign::origin(&web, &host), visitor.organization.slug);
            let envelope = pages::EnvelopePage {
                code: &code,
                holder,
                made_on: &kitei_rules::run::paper::date_words(today, lang == Lang::Ja),
                address: &address,
                next: ADDRESS,
            };
            let frame = sign::frame(&visitor.organization.name, web.version, lang);
            Ok(pages::envelope_page(lang, &frame, &envelope).into_response())
        }
        Err(SignInError::Refused(Refusal::Missing)) => Ok(unprocessable(again(&web, &visitor, Some(nobody)).await?)),
        Err(error) => Err(error.into()),
    }
}
