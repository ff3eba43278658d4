//! The register list: fifty a page of 100,000 records, a filter and a two-character Japanese search that matches some 400,
//! with the total, for eight clients; and the same by a sealed name through blind tokens.
//!
//! The baseline is a bare server that answers the same bytes: what HTTP, loopback and the load itself leave room for.

pub(crate) mod seed;

use std::net::SocketAddr;

use axum::{Router, response::IntoResponse as _, routing::get};

use crate::{
    Arguments, On, Trouble,
    client::{Connection, request},
    load::{self, CLIENTS, Reached},
    place::{self, Place},
    rows::{Baseline, Must, Row},
};

/// Answers a second of a page.
const HTML: f64 = 500.0;
/// Answers a second of the JSON API.
const JSON: f64 = 1000.0;
/// The slowest of a hundred answers, in milliseconds.
const P99: f64 = 20.0;

/// Rows of this subject.
pub(crate) async fn measure(arguments: &Arguments) -> Result<Vec<Row>, Trouble> {
    let mut rows = Vec::new();
    for on in &arguments.on {
        rows.extend(measure_on(arguments, *on).await?);
    }
    Ok(rows)
}

async fn measure_on(arguments: &Arguments, on: On) -> Result<Vec<Row>, Trouble> {
    let place = Place::open(on).await?;
    let kinds = kinds(&place).await?;
    let first = kinds.first().cloned().ok_or("the register of requests has no kinds")?;
    seed::fill(&place, "ledger", arguments.records, seed::entry).await?;
    seed::fill(&place, "request", arguments.records, move |number| seed::request(&kinds, number)).await?;
    place.installation.db.analyze().await?;
    let expected = arguments.records.div_ceil(seed::RARE).div_ceil(2);
    let search = |words: &str| form_urlencoded::byte_serialize(words.as_bytes()).collect::<String>();
    let (open, sealed) = (search("採血"), search("鷹取"));
    let wanted = [
        (
            "open text, JSON",
            format!("/api/v1/registers/ledger/records?filter.information_class=personal&q={open}"),
            JSON,
        ),
        (
            "sealed name, JSON",
            format!("/api/v1/registers/request/records?filter.request_kind={first}&q={sealed}"),
            JSON,
        ),
        ("open text, HTML", format!("/registers/ledger?information_class=personal&q={open}"), HTML),
        ("sealed name, HTML", format!("/registers/request?request_kind={first}&q={sealed}"), HTML),
    ];
    let mut rows = Vec::new();
    for (what, path, least) in wanted {
        let asked = request("GET", &path, &[("cookie", &place.browser.cookie())], "");
        let of = if what.starts_with("open") { "採血検査の結果" } else { "鷹取 " };
        let body = right(place.server.address, &asked, expected, of).await?;
        let reached = load::put(place.server.address, &asked, arguments.seconds).await?;
        let kind = if path.starts_with("/api/") { "application/json" } else { "text/html; charset=utf-8" };
        let bare = bare(body, kind, arguments.seconds).await?;
        rows.extend(both(&format!("register list, {what}, {CLIENTS} clients"), on, reached, bare, least));
    }
    Ok(rows)
}

/// Rate and tail as rows.
fn both(what: &str, on: On, reached: Reached, bare: Reached, least: f64) -> [Row; 2] {
    let row = |value, unit, must, of: f64| Row {
        what: what.to_owned(),
        on: Some(on.name()),
        value,
        unit,
        must,
        baseline: Baseline { what: "same bytes from a bare server".to_owned(), value: of },
    };
    [
        row(reached.rate, "requests/s", Must::AtLeast(least), bare.rate),
        row(reached.p99, "ms (p99)", Must::AtMost(P99), bare.p99),
    ]
}

/// Refuses to measure an answer that is not the right one: fifty rows that match, and the total.
async fn right(address: SocketAddr, asked: &[u8], total: usize, of: &str) -> Result<Vec<u8>, Trouble> {
    let answer = Connection::open(address).await?.exchange(asked).await?;
    let text = answer.text();
    let found = text.matches(of).count();
    if answer.status != 200 || found < total.min(50) || !text.contains(&total.to_string()) {
        return Err(format!("status {}, {found} rows with {of}, {total} expected in all", answer.status).into());
    }
    Ok(answer.body)
}

/// The same bytes from a server that does nothing else.
async fn bare(body: Vec<u8>, kind: &'static str, seconds: u64) -> Result<Reached, Trouble> {
    let answer = move || {
        let body = body.clone();
        async move { ([(axum::http::header::CONTENT_TYPE, kind)], body).into_response() }
    };
    let server = place::serve(Router::new().route("/", get(answer))).await?;
    load::put(server.address, &request("GET", "/", &[], ""), seconds).await
}

/// The first kinds of request that the packs offer.
async fn kinds(place: &Place) -> Result<Vec<String>, Trouble> {
    let book = place.book().await?;
    let field = book.field("request", None, "request_kind").ok_or("requests have no kind")?;
    Ok(field.choices.iter().map(|choice| choice.id.clone()).take(2).collect())
}
