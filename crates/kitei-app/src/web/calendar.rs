//! カレンダー: what does the year ask of us? Duties by month, done, open or late; and the secret address of the feed.
//!
//! Invariant: opening the page makes no address; one is shown once, when it is made.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Query, Request, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use kitei_rules::run::{Kernel, duty::DutyStanding, standing::Status};
use maud::{Markup, html};

use super::{
    Web, fields,
    frame::{self, Own, say},
    problem::Problem,
    record, sign,
    today::local,
    visitor::Visitor,
};
use crate::shell::{
    sign_in::{self, CSRF_FIELD, SignInError},
    ui::{
        Lang, Link, Tone,
        button::{self, Submit, Weight},
        empty::{Empty, empty},
        figure::{self, Cell, Shade, Strip},
        form::{self, Form},
        notice::{Notice, notice},
        table::{Column, Row, Table, table},
    },
};

const ADDRESS: &str = "/calendar";

/// `GET /calendar?year=2026`
pub(super) async fn page(
    State(web): State<Arc<Web>>,
    Query(query): Query<BTreeMap<String, String>>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    let year = query.get("year").and_then(|year| year.parse::<i16>().ok()).filter(|year| (1970..=9000).contains(year));
    shown(&web, &visitor, year, None).await
}

/// `POST /calendar`: makes the address of the feed, or takes it back.
pub(super) async fn address(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Problem> {
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let typed = record::posted(&web, &visitor, ADDRESS, request).await?;
    let held = web.signing.hold(&web, &visitor.organization).await?;
    let ctx = held.ctx(&web, &visitor.organization);
    let person = visitor.current.person;
    if fields::first(&typed, "step") == "end" {
        sign_in::end_feed(&ctx, person).await?;
        return Ok(Redirect::to(ADDRESS).into_response());
    }
    match sign_in::make_feed(&ctx, person).await {
        Ok(key) => {
            let address = format!("{}/calendar/feed/{}.ics", sign::origin(&web, &host), key.reveal());
            Ok(shown(&web, &visitor, None, Some(&address)).await?.into_response())
        }
        Err(SignInError::Refused(_)) => Err(Problem::Forbidden),
        Err(error) => Err(error.into()),
    }
}

async fn shown(web: &Web, visitor: &Visitor, year: Option<i16>, feed: Option<&str>) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let now = web.installation.environment.now();
    let this = visitor.organization.today(now).year();
    let year = year.unwrap_or(this);
    let look = |kernel: &Kernel<'_>| {
        let mut out: Vec<(String, DutyStanding)> = Vec::new();
        for register in kernel.book.duties.keys() {
            for id in kernel.snapshot.all(register).unwrap_or_default() {
                let Some(record) = kernel.snapshot.record(*id) else { continue };
                if kernel.sees_record(&visitor.actor, record) {
                    out.extend(kernel.duties(record).into_iter().map(|duty| (kernel.name_of(*id), duty)));
                }
            }
        }
        out
    };
    let mut duties = web.installation.look(&visitor.organization, Some(&visitor.actor), &[], look).await?;
    let moment = visitor.organization.moment(now);
    let any = !duties.is_empty();
    duties.retain(|(_, duty)| moment.date_of(duty.due).year() == year);
    duties.sort_by_key(|(_, duty)| duty.due);
    let heading = if lang == Lang::Ja { format!("{year}年") } else { year.to_string() };
    let to = |year: i16| format!("{ADDRESS}?year={year}");
    let (before, after) = (to(year - 1), to(year + 1));
    let content = html! {
        (button::row(&html! {
            (button::link(Link { label: say(lang, "前の年", "Year before"), href: &before }, Weight::Quiet))
            strong { (heading) }
            (button::link(Link { label: say(lang, "次の年", "Next year"), href: &after }, Weight::Quiet))
        }))
        @if !any {
            (empty(&Empty { title: say(lang, "定期の業務はまだありません", "No recurring duties yet"), text: say(lang, "規程を採用すると、1年の業務がここに並びます。", "Adopt regulations and the year's duties stand here."), ..Empty::default() }))
        } @else if duties.is_empty() {
            (empty(&Empty { title: say(lang, "この年に期日が来る業務はありません", "Nothing falls due in this year"), ..Empty::default() }))
        } @else {
            (strips(visitor, &heading, &duties, now))
            (listed(visitor, &duties, now))
        }
        (feed_section(web, visitor, feed).await?)
    };
    let own =
        Own {
            title: say(lang, "カレンダー", "Calendar"), place: ADDRESS, path: ADDRESS, content, ..Own::default()
        };
    frame::page(web, visitor, &own)
}

/// The year as strips of months, one a duty; the table behind says the same.
fn strips(visitor: &Visitor, heading: &str, duties: &[(String, DutyStanding)], now: jiff::Timestamp) -> Markup {
    let lang = visitor.lang;
    let moment = visitor.organization.moment(now);
    let months: Vec<String> =
        (1..=12).map(|month| if lang == Lang::Ja { format!("{month}月") } else { month.to_string() }).collect();
    let mut by_title: BTreeMap<String, Vec<&DutyStanding>> = BTreeMap::new();
    for (_, duty) in duties {
        by_title.entry(duty.title.in_lang(fields::language(lang)).to_owned()).or_default().push(duty);
    }
    let shades: Vec<(String, Vec<(Shade, String)>)> = by_title
        .into_iter()
        .map(|(title, duties)| {
            let cells = (1..=12_i8).map(|month| {
                let those: Vec<&&DutyStanding> =
                    duties.iter().filter(|duty| moment.date_of(duty.due).month() == month).collect();
                let done = those.iter().filter(|duty| duty.status == Status::Done).count();
                let late = those.iter().any(|duty| is_late(duty, now));
                let shade = match (those.len(), done) {
                    (0, _) => Shade::None,
                    _ if late => Shade::Late,
                    (all, done) if all == done => Shade::Done,
                    (_, 0) => Shade::Open,
                    _ => Shade::Part,
                };
                (shade, if those.is_empty() { String::new() } else { format!("{done}/{}", those.len()) })
            });
            (title, cells.collect())
        })
        .collect();
    let cells: Vec<Vec<Cell<'_>>> = shades
        .iter()
        .map(|(_, row)| {
            row.iter().zip(&months).map(|((shade, text), label)| Cell { label, text, shade: *shade }).collect()
        })
        .collect();
    let strips: Vec<Strip<'_>> =
        shades.iter().zip(&cells).map(|((title, _), cells)| Strip { label: title, cells }).collect();
    let caption = format!("{} {heading}", say(lang, "1年の業務", "The year"));
    figure::heat(lang, &caption, &strips)
}

fn is_late(duty: &DutyStanding, now: jiff::Timestamp) -> bool {
    !duty.status.settled() && !duty.upcoming && now > duty.due
}

fn listed(visitor: &Visitor, duties: &[(String, DutyStanding)], now: jiff::Timestamp) -> Markup {
    let lang = visitor.lang;
    let words = fields::language(lang);
    let rows: Vec<Row> = duties
        .iter()
        .map(|(object, duty)| Row {
            cells: vec![
                html! { a href={ "/records/" (duty.record) "/act/" (duty.act) } { (duty.title.in_lang(words)) } },
                html! { (object) },
                html! { (local(visitor, duty.due)) },
                html! { (status(visitor, duty, now)) },
                html! { @for (_, clauses) in &duty.basis { @for clause in clauses { a href={ "/clauses/" (clause) } { (clause) } " " } } },
            ],
            marked: is_late(duty, now),
        })
        .collect();
    let column = |ja: &'static str, en: &'static str| Column { label: say(lang, ja, en), ..Column::default() };
    let columns = [
        column("業務", "Duty"),
        column("対象", "Object"),
        column("期日", "Due"),
        column("状態", "State"),
        column("根拠", "Basis"),
    ];
    let caption = say(lang, "業務の一覧", "Duties");
    table(lang, &Table { id: "duties", caption, caption_shown: true, columns: &columns, rows: &rows })
}

/// The own calendar's address: made, shown once, taken back.
async fn feed_section(web: &Web, visitor: &Visitor, feed: Option<&str>) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let held = web.signing.hold(web, &visitor.organization).await?;
    let has = sign_in::has_feed(&held.ctx(web, &visitor.organization), visitor.current.person).await?;
    let token = visitor.token(web, ADDRESS)?;
    let step = |value: &'static str, label: &str, weight: Weight| {
        let buttons = button::submit(lang, &Submit { label, weight, sends: Some(("step", value)), confirm: None });
        form::form(lang, &Form { action: ADDRESS, token: Some((CSRF_FIELD, &token)), buttons, ..Form::default() })
    };
    Ok(html! {
        section {
            h2 { (say(lang, "ふだんのカレンダーで見る", "In your own calendar")) }
            p { (say(lang, "OutlookやGoogleカレンダー、スマートフォンのカレンダーに、このアドレスを登録すると、あなたの仕事と業務の期日が並びます。業務の名前・番号・期日だけが入り、氏名や記録の中身は入りません。", "Subscribe to this address in Outlook, Google Calendar or on your phone, and your tasks and the due days stand there. It holds names of duties, numbers and days; no person's name and nothing of the records.")) }
            @if let Some(address) = feed {
                (notice(lang, &Notice {
                    tone: Tone::Warning,
                    title: say(lang, "このアドレスは、この画面を閉じると二度と表示されません。知っている人はだれでもこの予定を見られます。", "This address is not shown again once you leave this page. Whoever knows it sees these dates."),
                    body: html! { p id="feed-address" class="code" { (feed_text(address)) } (button::copy(lang, "feed-address", say(lang, "アドレス", "the address"))) },
                }))
            }
            @if has {
                @if feed.is_none() { p { (say(lang, "アドレスは作成済みです。", "An address has been made.")) } }
                (step("make", say(lang, "作り直す（前のアドレスは使えなくなります）", "Make a new one (the one before stops working)"), Weight::Secondary))
                (step("end", say(lang, "アドレスを取り消す", "Take the address back"), Weight::Danger))
            } @else {
                (step("make", say(lang, "アドレスを作る", "Make an address"), Weight::Secondary))
            }
        }
    })
}

/// The address may break anywhere, so that it fits on a phone.
fn feed_text(address: &str) -> Markup {
    let pieces: Vec<char> = address.chars().collect();
    html! { @for piece in pieces.chunks(12) { (piece.iter().collect::<String>()) wbr; } }
}

fn status(visitor: &Visitor, duty: &DutyStanding, now: jiff::Timestamp) -> &'static str {
    let lang = visitor.lang;
    match duty.status {
        Status::Done => say(lang, "済", "done"),
        Status::Skipped => say(lang, "該当なし", "not applicable"),
        Status::Submitted => say(lang, "承認待ち", "waits for approval"),
        _ if duty.upcoming => say(lang, "これから", "upcoming"),
        _ if now > duty.due => say(lang, "期限超過", "overdue"),
        _ => say(lang, "実施中", "open"),
    }
}
