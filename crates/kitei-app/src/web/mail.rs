//! 設定 → メール: does mail leave, what could not be sent, and who outside receives signed checkpoints?

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use jiff::SignedDuration;
use kitei_store::{db::Tx, outbox};
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    Web, fields,
    frame::{self, Own, say},
    problem::Problem,
    record,
    today::local,
    visitor::Visitor,
};
use crate::{
    evidence::checkpoints::{self, Witness},
    kernel::Fault,
    mail::Recipient,
    shell::{
        sign_in::CSRF_FIELD,
        ui::{
            Lang, Link, Tone,
            button::{self, Submit, Weight},
            form::{self, Field, Form, Problem as Wrong, Text, TextKind},
            notice::{Notice, notice},
            table::{Column, Row, Table, table},
        },
    },
};

/// Where the page is.
const PLACE: &str = "/settings/mail";
/// Messages that were given up on one page.
const MOST: u32 = 200;
/// The setting that holds the key of each person's last test.
const TESTS: &str = "mail.last-test";
/// Most witnesses.
const WITNESSES: usize = 20;

/// Why a message was given up, in plain words; a reply of a server as it was kept.
pub(super) fn reason(lang: Lang, why: &str) -> String {
    let known = match why {
        "no-address" => say(lang, "メールアドレスが登録されていません", "no mail address is entered"),
        "bad-address" => say(lang, "メールアドレスの形が正しくありません", "the mail address is malformed"),
        "left" => say(lang, "退職しています", "the person has left"),
        "no-person" => say(lang, "従業者の記録がありません", "there is no record of the person"),
        "no-witness" => say(lang, "送り先から外されています", "no longer among those who receive checkpoints"),
        "too-old" => say(lang, "3日のあいだ送れませんでした", "it could not be sent for three days"),
        _ if why.starts_with("restored") => say(
            lang,
            "バックアップから戻したため止めました（送信済みかもしれません）",
            "held after a restore; it may have been sent",
        ),
        _ if why.starts_with("the server refused") => say(lang, "相手のサーバーが断りました", "the server refused"),
        other => other,
    };
    match why.split_once("(code ") {
        Some((_, code)) => format!("{known}（{}）", code.trim_end_matches(')')),
        None => known.to_owned(),
    }
}

/// `GET /settings/mail`
pub(super) async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Markup, Problem> {
    again(&web, &visitor, ("", ""), &[]).await
}

async fn again(
    web: &Web,
    visitor: &Visitor,
    typed: (&str, &str),
    wrong: &[(&'static str, String)],
) -> Result<Markup, Problem> {
    if !visitor.administers() {
        return Err(Problem::Forbidden);
    }
    let lang = visitor.lang;
    let org = visitor.organization.id;
    let now = web.installation.environment.now();
    let mut reader = web.installation.db.reader().await?;
    let standing = outbox::standing(&mut reader, org, (now - SignedDuration::from_hours(24)).into()).await?;
    let failed = outbox::failed(&mut reader, org, MOST).await?;
    let witnesses = checkpoints::witnesses(&mut reader, org).await?;
    let tested = match last_test(&mut reader, visitor).await? {
        Some(key) => outbox::fate(&mut reader, org, &key).await?,
        None => None,
    };
    drop(reader);
    let token = visitor.token(web, PLACE)?;
    let posting = |what: &str, id: &str, label: &str, weight: Weight, confirm: Option<&str>| {
        form::form(
            lang,
            &Form {
                action: PLACE,
                token: Some((CSRF_FIELD, &token)),
                fields: html! { (form::hidden("do", what)) (form::hidden("id", id)) },
                buttons: button::submit(lang, &Submit { label, weight, confirm, ..Submit::default() }),
                ..Form::default()
            },
        )
    };
    let content = html! {
        @if !web.mail {
            (notice(lang, &Notice {
                tone: Tone::Warning,
                title: say(lang, "メールは送られません。お知らせは画面だけに出ます。", "No mail is sent; notices stand in the application alone."),
                body: html! { (say(lang, "kitei.toml の [mail] に、メールサーバーと差出人を書いて起動し直してください。", "Name server and sender under [mail] in kitei.toml and start again.")) },
            }))
        }
        section {
            h2 { (say(lang, "送信の状態", "State")) }
            dl class="task-meta" {
                div { dt { (say(lang, "この24時間に送信", "Sent within 24 hours")) } dd { (standing.sent) } }
                div { dt { (say(lang, "送信待ち", "Waiting")) } dd { (standing.waiting) } }
                div { dt { (say(lang, "この24時間に送れなかったもの", "Given up within 24 hours")) } dd { (standing.failed) } }
            }
            @if let Some(fate) = tested { (fate_of(visitor, fate)) }
            (posting("test", "", say(lang, "自分にテストメールを送る", "Send me a test mail"), Weight::Secondary, None))
        }
        (given_up(visitor, &failed, &posting))
        section {
            h2 { (say(lang, "社外の証人", "Witnesses outside")) }
            p { (say(lang,
                "証跡の署名（チェックポイント）を、変更のあった日ごとに1通、社外の人（監査人・弁護士・委託元など）に送ります。のちに記録が書き換えられても、証人の手元のものと合わなくなるので分かります。",
                "On each day with changes one signed checkpoint goes to people outside (auditor, counsel, client). If the records are rewritten later, they no longer fit what the witnesses hold."
            )) }
            @if witnesses.is_empty() {
                p { (say(lang, "まだ誰もいません。", "Nobody yet.")) }
            } @else {
                @let rows = witnesses.iter().map(|witness| Row { cells: vec![
                    html! { (witness.name) },
                    html! { (witness.mail) },
                    html! {
                        (posting("test-witness", &witness.id.to_string(), say(lang, "テストを送る", "Send a test"), Weight::Quiet, None))
                        @let ask = format!("{}: {}", say(lang, "証人から外します", "No longer a witness"), witness.name);
                        (posting("remove", &witness.id.to_string(), say(lang, "外す", "Remove"), Weight::Quiet, Some(&ask)))
                    },
                ], marked: false }).collect::<Vec<_>>();
                @let columns = [("名前", "Name"), ("メールアドレス", "Mail address"), ("操作", "Actions")].map(|(ja, en)| Column { label: say(lang, ja, en), ..Column::default() });
                (table(lang, &Table { id: "witnesses", caption: say(lang, "社外の証人", "Witnesses outside"), columns: &columns, rows: &rows, ..Table::default() }))
            }
            (witness_form(lang, &token, typed, wrong))
        }
    };
    let own = Own {
        title: say(lang, "メール", "Mail"),
        place: "/settings",
        path: PLACE,
        breadcrumbs: &[Link { label: say(lang, "設定", "Settings"), href: "/settings" }],
        refused: !wrong.is_empty(),
        content,
        ..Own::default()
    };
    frame::page(web, visitor, &own)
}

/// A button that posts: what is done, to which, its label, its look, what is asked before.
type Posting<'a> = &'a dyn Fn(&str, &str, &str, Weight, Option<&str>) -> Markup;

/// When a message was sent, or when and why it was given up.
type Fate = (Option<kitei_store::db::Instant>, Option<kitei_store::db::Instant>, Option<String>);

fn fate_of(visitor: &Visitor, (sent, failed, error): Fate) -> Markup {
    let lang = visitor.lang;
    let why = error.map(|why| reason(lang, &why)).unwrap_or_default();
    let (tone, title) = match (sent, failed) {
        (Some(at), _) => (
            Tone::Success,
            format!(
                "{} {}",
                say(lang, "テストメールを送りました。", "The test was sent."),
                local(visitor, at.timestamp())
            ),
        ),
        (None, Some(_)) => (
            Tone::Danger,
            format!("{}{why}", say(lang, "テストメールを送れませんでした。", "The test could not be sent: ")),
        ),
        (None, None) => (
            Tone::Info,
            format!(
                "{}{why}",
                say(
                    lang,
                    "テストメールの送信を待っています。少したってから開き直してください。",
                    "The test is waiting; open this page again in a while. "
                )
            ),
        ),
    };
    notice(lang, &Notice { tone, title: &title, ..Notice::default() })
}

fn given_up(visitor: &Visitor, failed: &[outbox::Failed], posting: Posting<'_>) -> Markup {
    let lang = visitor.lang;
    let rows: Vec<Row> = failed
        .iter()
        .map(|one| {
            let kind = match one.message.kind.as_str() {
                "notice" => say(lang, "お知らせ", "Notice"),
                "checkpoint" => say(lang, "証跡の署名", "Checkpoint"),
                "test" => say(lang, "テスト", "Test"),
                other => other,
            };
            let id = one.message.id.to_string();
            Row {
                cells: vec![
                    html! { (local(visitor, one.at.timestamp())) },
                    html! { (kind) },
                    html! { (reason(lang, &one.error)) },
                    posting("again", &id, say(lang, "再送する", "Send again"), Weight::Quiet, None),
                ],
                marked: true,
            }
        })
        .collect();
    let columns = [("日時", "When"), ("種類", "Kind"), ("理由", "Why"), ("操作", "Actions")]
        .map(|(ja, en)| Column { label: say(lang, ja, en), ..Column::default() });
    let title = say(lang, "送れなかったメール", "Mail that could not be sent");
    html! {
        @if !rows.is_empty() {
            section {
                h2 { (title) }
                p { (say(lang, "お知らせそのものは相手の画面に出ています。理由を直してから再送してください。", "The notices themselves stand in the application. Mend the cause, then send again.")) }
                (table(lang, &Table { id: "failed", caption: title, columns: &columns, rows: &rows, ..Table::default() }))
            }
        }
    }
}

fn witness_form(lang: Lang, token: &str, (name, mail): (&str, &str), wrong: &[(&'static str, String)]) -> Markup {
    let at = |field: &str| wrong.iter().find(|(name, _)| *name == field).map(|(_, message)| message.as_str());
    let labels = [("name", say(lang, "名前", "Name")), ("mail", say(lang, "メールアドレス", "Mail address"))];
    let label = |field: &str| labels.iter().find(|(name, _)| *name == field).map_or("", |(_, label)| label);
    let problems: Vec<Wrong<'_>> =
        wrong.iter().map(|(name, message)| Wrong { name, label: label(name), message }).collect();
    html! {
        (form::summary(lang, &problems))
        (form::form(lang, &Form {
            action: PLACE,
            token: Some((CSRF_FIELD, token)),
            fields: html! {
                (form::hidden("do", "add"))
                (form::text(lang, &Field { name: "name", label: label("name"), error: at("name"), required: true, ..Field::default() }, &Text { value: name, ..Text::default() }))
                (form::text(lang, &Field { name: "mail", label: label("mail"), error: at("mail"), required: true, ..Field::default() }, &Text { value: mail, kind: TextKind::Email, ..Text::default() }))
            },
            buttons: button::submit(lang, &Submit { label: say(lang, "証人を加える", "Add a witness"), weight: Weight::Primary, ..Submit::default() }),
            ..Form::default()
        }))
    }
}

/// `POST /settings/mail`
pub(super) async fn act(State(web): State<Arc<Web>>, visitor: Visitor, request: Request) -> Result<Response, Problem> {
    if !visitor.administers() {
        return Err(Problem::Forbidden);
    }
    let typed = record::posted(&web, &visitor, PLACE, request).await?;
    let id: Option<Uuid> = fields::first(&typed, "id").parse().ok();
    match (fields::first(&typed, "do"), id) {
        ("test", _) => test(&web, &visitor, Recipient::Person(visitor.actor.person)).await?,
        ("test-witness", Some(witness)) => test(&web, &visitor, Recipient::Witness(witness)).await?,
        ("again", Some(message)) => {
            let (org, now) = (visitor.organization.id, web.installation.environment.now().into());
            let revived = web
                .installation
                .db
                .act(org, move |tx: &mut Tx| Box::pin(async move { outbox::revive(tx, org, message, now).await }));
            revived.await?;
        }
        ("remove", Some(witness)) => {
            let mut all = witnesses(&web, &visitor).await?;
            all.retain(|known| known.id != witness);
            set(&web, &visitor, &all).await?;
        }
        ("add", _) => {
            let (name, mail) = (fields::first(&typed, "name").to_owned(), fields::first(&typed, "mail").to_owned());
            let mut all = witnesses(&web, &visitor).await?;
            let wrong = wrong_witness(visitor.lang, &all, &name, &mail);
            if !wrong.is_empty() {
                let page = again(&web, &visitor, (&name, &mail), &wrong).await?;
                return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
            }
            all.push(Witness { id: web.installation.environment.id(), name, mail });
            set(&web, &visitor, &all).await?;
        }
        _ => return Err(Problem::Stale),
    }
    Ok(Redirect::to(PLACE).into_response())
}

fn wrong_witness(lang: Lang, all: &[Witness], name: &str, mail: &str) -> Vec<(&'static str, String)> {
    let mut wrong = Vec::new();
    if name.is_empty() {
        wrong.push(("name", say(lang, "名前を入力してください。", "Enter the name.").to_owned()));
    }
    if mail.parse::<lettre::Address>().is_err() {
        let right = say(lang, "auditor@example.com のように書いてください。", "Write it like auditor@example.com.");
        wrong.push(("mail", right.to_owned()));
    } else if all.iter().any(|known| known.mail == mail) {
        wrong.push(("mail", say(lang, "この人はもう加えてあります。", "This address is there already.").to_owned()));
    } else if all.len() >= WITNESSES {
        wrong.push(("mail", say(lang, "証人は20人までです。", "There may be 20 witnesses.").to_owned()));
    }
    wrong
}

async fn witnesses(web: &Web, visitor: &Visitor) -> Result<Vec<Witness>, Problem> {
    let mut reader = web.installation.db.reader().await?;
    Ok(checkpoints::witnesses(&mut reader, visitor.organization.id).await?)
}

async fn set(web: &Web, visitor: &Visitor, all: &[Witness]) -> Result<(), Problem> {
    let set = web.installation.set_witnesses(&visitor.organization, visitor.actor.person, all).await;
    set.map_err(|error| Problem::from(Fault::Damaged(error.to_string())))
}

async fn test(web: &Web, visitor: &Visitor, to: Recipient) -> Result<(), Problem> {
    let key = web.installation.test_mail(&visitor.organization, to).await?;
    let (org, setting) = (visitor.organization.id, format!("{TESTS}.{}", visitor.actor.person));
    let doc = serde_json::Value::String(key);
    let put = web.installation.db.act(org, move |tx: &mut Tx| {
        Box::pin(async move { kitei_store::settings::put(tx, org, &setting, &doc).await })
    });
    put.await?;
    Ok(())
}

async fn last_test(reader: &mut kitei_store::db::Reader, visitor: &Visitor) -> Result<Option<String>, Problem> {
    let setting = format!("{TESTS}.{}", visitor.actor.person);
    let found = kitei_store::settings::get(reader, visitor.organization.id, &setting).await?;
    Ok(found.and_then(|doc| doc.as_str().map(str::to_owned)))
}
