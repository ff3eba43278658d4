//! Attachments, erasure, keeping and disposal, page by page on both engines.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, header};
use kitei_store::blobs::Blobs;

use crate::app::{Answer, App, each_engine};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR and more";
const BOUNDARY: &str = "kitei-test-boundary";

/// A multipart body: fields, then files (field, name, bytes).
fn multipart(fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, value) in fields {
        let head = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        out.extend_from_slice(head.as_bytes());
    }
    for (field, name, bytes) in files {
        let head = format!(
            "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\ncontent-type: image/png\r\n\r\n"
        );
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(bytes);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    out
}

impl App {
    /// The token of the last form on a page.
    async fn token_of(&mut self, path: &str) -> String {
        let form = self.get(path).await;
        assert_eq!(form.status, 200, "{path}: {}", form.text);
        let marker = "name=\"token\" value=\"";
        let at = form.text.rfind(marker).expect("a token") + marker.len();
        form.text[at..].split('"').next().unwrap_or_default().to_owned()
    }

    /// Opens a form and sends files with it.
    async fn send_files(&mut self, path: &str, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Answer {
        let token = self.token_of(path).await;
        let mut all = vec![("token", token.as_str())];
        all.extend_from_slice(fields);
        self.post_parts(path, multipart(&all, files).into()).await
    }

    async fn post_parts(&mut self, path: &str, body: Body) -> Answer {
        let request = Request::post(path)
            .header(header::COOKIE, self.cookie())
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"))
            .body(body)
            .expect("a request");
        self.ask(request, true).await
    }

    /// A ledger entry; the address of its page.
    async fn entry(&mut self, name: &str) -> String {
        let made = self.send("/registers/ledger/new", &[("name", name)]).await;
        made.location.unwrap_or_else(|| panic!("no record: {}", made.text))
    }
}

/// The address of the file with a name, on a page.
fn file(page: &Answer, name: &str) -> String {
    let at = page.text.find(&format!(">{name}<")).unwrap_or_else(|| panic!("no {name} in {}", page.text));
    let from = page.text[..at].rfind("href=\"").expect("an address") + 6;
    page.text[from..].split('"').next().unwrap_or_default().to_owned()
}

/// A file comes back as it was, as a download under a policy in which nothing runs, and lies on the disk only sealed.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_back_as_it_was() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let record = app.entry("見込み客名簿").await;
        let page = format!("{record}/attachments");
        let name = "C:\\書類\\誓約\u{202e}書.png";
        let sent = app.send_files(&page, &[], &[("files", name, PNG)]).await;
        assert_eq!(sent.location.as_deref(), Some(page.as_str()), "{}", sent.text);
        let listed = app.get(&page).await;
        let address = file(&listed, "誓約書.png");
        let got = app.get_whole(&address).await;
        assert_eq!(got.bytes, PNG);
        assert_eq!(got.header("content-type"), "image/png");
        assert_eq!(got.header("x-content-type-options"), "nosniff");
        assert!(got.header("content-security-policy").starts_with("sandbox; default-src 'none'"));
        let said = got.header("content-disposition");
        assert!(said.starts_with("attachment; ") && said.contains("%E8%AA%93%E7%B4%84%E6%9B%B8.png"), "{said}");
        // On the record's page and in its history too, and nowhere in clear.
        let shown = app.get(&record).await;
        assert!(shown.text.contains("誓約書.png") && shown.text.contains("ファイルを添付"), "{}", shown.text);
        for blob in app.blobs().list().await.expect("blobs") {
            let kept = std::fs::read(app.blobs().path(&blob)).expect("bytes");
            assert!(!kept.windows(8).any(|window| window == &PNG[..8]), "sealed");
        }
        // Not under another record, and not for somebody who is not signed in.
        let other = app.entry("別の名簿").await;
        let id = address.rsplit('/').next().expect("an id").to_owned();
        assert_eq!(app.get(&format!("{other}/attachments/{id}")).await.status, 404);
        let outside = app.get_without_cookies(&address).await;
        assert!(outside.location.is_some_and(|to| to.starts_with("/sign-in")));
        let foreign = "/records/0192d5f0-0000-7000-8000-000000000000/attachments";
        assert_eq!(app.get(foreign).await.status, 404);
    })
    .await;
}

/// What is empty, too large, or not what it says is refused by name, and nothing of it stays.
#[tokio::test(flavor = "multi_thread")]
async fn unfit_files_are_refused() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let record = app.entry("見込み客名簿").await;
        let page = format!("{record}/attachments");
        let before = app.events().await;
        let large = vec![b'a'; 70 * 1024];
        for (name, bytes, says) in [
            ("空.png", b"".as_slice(), "0バイト"),
            ("大.txt", large.as_slice(), "大きすぎます"),
            ("絵.png", b"<svg xmlns='x' onload='a()'/>".as_slice(), "添付できません"),
            ("頁.png", b"\n<!DOCTYPE html><script>a()</script>".as_slice(), "添付できません"),
            ("命令.png", b"#!/bin/sh\n".as_slice(), "添付できません"),
            ("文.png", b"plain words".as_slice(), "合いません"),
            ("頁.html", PNG, "合いません"),
        ] {
            let refused = app.send_files(&page, &[], &[("files", name, bytes)]).await;
            assert_eq!(refused.status, 422, "{name}: {}", refused.text);
            assert!(refused.text.contains(says), "{name}: {}", refused.text);
        }
        let none = app.send_files(&page, &[], &[("files", "", b"")]).await;
        assert!(none.status == 422 && none.text.contains("ファイルを選んで"), "{}", none.text);
        // One that is unfit keeps none of those that came with it.
        let both = app.send_files(&page, &[], &[("files", "良.png", PNG), ("files", "悪.png", b"#!")]).await;
        assert_eq!(both.status, 422);
        assert_eq!(app.blobs().list().await.expect("blobs"), [], "nothing lies about");
        assert_eq!(app.events().await, before, "and nothing was recorded");
    })
    .await;
}

/// What is absurdly large is refused before it is read, whether its length is said or not.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_refused_early() {
    use std::sync::atomic::{AtomicUsize, Ordering};

    each_engine(async |mut app: App| {
        app.set_up().await;
        let record = app.entry("見込み客名簿").await;
        let page = format!("{record}/attachments");
        let read = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&read);
        let head =
            format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"files\"; filename=\"a.txt\"\r\n\r\n");
        let chunks = std::iter::once(head.into_bytes()).chain(std::iter::repeat_with(move || {
            counted.fetch_add(64 * 1024, Ordering::Relaxed);
            vec![b'a'; 64 * 1024]
        }));
        let endless = Body::from_stream(futures_util::stream::iter(chunks.map(Ok::<_, std::io::Error>)));
        let refused = app.post_parts(&page, endless).await;
        assert_eq!(refused.status, 413, "{}", refused.text);
        assert!(read.load(Ordering::Relaxed) < 8 << 20, "{} bytes were read", read.load(Ordering::Relaxed));
        let said = Request::post(&page)
            .header(header::COOKIE, app.cookie())
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"))
            .header(header::CONTENT_LENGTH, "99999999999")
            .body(Body::empty())
            .expect("a request");
        assert_eq!(app.ask(said, true).await.status, 413);
    })
    .await;
}

/// Bytes that are missing or damaged are said to be so, and verifying names the attachment.
#[tokio::test(flavor = "multi_thread")]
async fn damaged_bytes_are_named_and_never_served() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let record = app.entry("見込み客名簿").await;
        let page = format!("{record}/attachments");
        app.send_files(&page, &[], &[("files", "写真.png", PNG)]).await;
        let address = file(&app.get(&page).await, "写真.png");
        let blobs: Blobs = app.blobs();
        let blob = blobs.list().await.expect("blobs")[0];
        let path = blobs.path(&blob);
        let mut bytes = std::fs::read(&path).expect("bytes");
        bytes[40] ^= 1;
        std::fs::write(&path, &bytes).expect("written");
        let damaged = app.get(&address).await;
        assert!(damaged.status == 500 && damaged.text.contains("壊れている"), "{}", damaged.text);
        let found = app.installation.verify(kitei_app::evidence::verify::Against::default()).await.expect("verified");
        let said = format!("{:?}", found.logs[0].troubles);
        assert!(said.contains("AttachmentDamaged"), "{said}");
        std::fs::remove_file(&path).expect("removed");
        let missing = app.get(&address).await;
        assert!(missing.status == 500 && missing.text.contains("見つかりません"), "{}", missing.text);
    })
    .await;
}

/// A file that a step's form or a field asks for is chosen there; what is typed beside it is kept when it is unfit.
#[tokio::test(flavor = "multi_thread")]
async fn a_field_of_kind_file_is_filled_by_sending_one() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        app.adopt(&["leak-procedure"]).await;
        app.report("2025-04-01", "09:00").await;
        let list = app.get("/registers/incident").await;
        let record = list.link_to("INC-2025-001");
        let edit = format!("{record}/edit");
        let form = app.get(&edit).await;
        assert!(
            form.text.contains("multipart/form-data") && form.text.contains("フォレンジックの報告書"),
            "{}",
            form.text
        );
        let bad = [("forensics_report", "報告.pdf", b"<html>".as_slice())];
        let refused = app.send_files(&edit, &[("title", "PCの紛失")], &bad).await;
        assert!(refused.status == 422 && refused.text.contains("PCの紛失"), "{}", refused.text);
        let good = [("forensics_report", "報告.pdf", b"%PDF-1.7\n".as_slice())];
        let saved = app.send_files(&edit, &[("title", "PCの紛失")], &good).await;
        assert_eq!(saved.location.as_deref(), Some(record.as_str()), "{}", saved.text);
        let shown = app.get(&record).await;
        assert!(shown.text.matches("報告.pdf").count() >= 2, "in the field and in the list: {}", shown.text);
        // A field is filled by a file, not by the words for one.
        let words = app.send(&edit, &[("forensics_report", "報告.pdf")]).await;
        assert!(words.status == 422 && words.text.contains("添付ファイルがありません"), "{}", words.text);
    })
    .await;
}

/// Erasing a record takes its values, its files and their bytes; the page says so, and nothing more is written to it.
#[tokio::test(flavor = "multi_thread")]
async fn an_erased_record_says_so_and_takes_nothing_more() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let record = app.entry("見込み客名簿").await;
        let files = format!("{record}/attachments");
        app.send_files(&files, &[], &[("files", "写真.png", PNG)]).await;
        let address = file(&app.get(&files).await, "写真.png");
        let erase = format!("{record}/erase");
        let asked = app.get(&erase).await;
        assert!(asked.text.contains("名称") || asked.text.contains("元に戻せません"), "{}", asked.text);
        assert!(asked.text.contains("添付ファイル") && asked.text.contains("1件"), "{}", asked.text);
        let unreasoned = app.send(&erase, &[]).await;
        assert!(unreasoned.status == 422 && unreasoned.text.contains("理由を書いてください"), "{}", unreasoned.text);
        assert_eq!(app.get(&address).await.status, 200, "nothing went");
        let erased = app.send(&erase, &[("reason-of-act", "本人の求め")]).await;
        assert_eq!(erased.location.as_deref(), Some(record.as_str()), "{}", erased.text);
        let shown = app.get(&record).await;
        assert!(shown.text.contains("消去済み") && shown.text.contains("#event-"), "{}", shown.text);
        assert!(!shown.text.contains("見込み客名簿") && !shown.text.contains("写真.png"), "{}", shown.text);
        assert_eq!(app.get(&address).await.status, 404);
        assert_eq!(app.blobs().list().await.expect("blobs"), [], "the bytes are gone");
        let refused = app.send(&format!("{record}/edit"), &[("purpose", "別の目的")]).await;
        assert!(refused.status == 422 && refused.text.contains("消去された記録"), "{}", refused.text);
        assert_eq!(app.get(&erase).await.status, 404, "it is erased once");
        let found = app.installation.verify(kitei_app::evidence::verify::Against::default()).await.expect("verified");
        assert!(found.logs[0].troubles.is_empty(), "{:?}", found.logs[0].troubles);
    })
    .await;
}

/// One principal of a shared case is erased alone; the others stay.
#[tokio::test(flavor = "multi_thread")]
async fn one_line_goes_and_the_others_stay() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        app.adopt(&["leak-procedure"]).await;
        app.report("2025-04-01", "09:00").await;
        let record = app.get("/registers/incident").await.link_to("INC-2025-001");
        let line = format!("{record}/lines/principals/new");
        for name in ["甲野 一郎", "乙山 二子"] {
            let added = app.send(&line, &[("name", name)]).await;
            assert!(added.location.is_some(), "{}", added.text);
        }
        let shown = app.get(&record).await;
        let address = shown.link_to("甲野 一郎");
        let files = app.get(&address).await.link_to("添付ファイル").replace("&amp;", "&");
        app.send_files(&files, &[], &[("files", "本人.png", PNG)]).await;
        let erased = app.send(&format!("{address}/erase"), &[("reason-of-act", "本人の求め")]).await;
        assert!(erased.location.is_some(), "{}", erased.text);
        let after = app.get(&record).await;
        assert!(!after.text.contains("甲野") && after.text.contains("乙山 二子"), "{}", after.text);
        assert!(after.text.contains("消去済み") && !after.text.contains("本人.png"), "{}", after.text);
        assert_eq!(app.get(&format!("{address}/erase")).await.status, 404);
        let again = app.send(&format!("{record}/edit"), &[("title", "紛失")]).await;
        assert!(again.location.is_some(), "the rest is written as before: {}", again.text);
    })
    .await;
}

/// A record is kept as long as a regulation says, is then listed, and goes with a record of its disposal.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_refused_and_what_is_over_goes() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        app.adopt(&["pms"]).await;
        let entry = app.entry("申込書").await;
        let entry_id = entry.rsplit('/').next().expect("an id").to_owned();
        app.send(&format!("{entry}/edit"), &[("retention_period", "P1Y")]).await;
        let fields = [("name", "申込書の綴り"), ("entry", entry_id.as_str()), ("kept_from", "2024-06-01")];
        let made = app.send("/registers/holding/new", &fields).await;
        let holding = made.location.clone().unwrap_or_else(|| panic!("{}", made.text));
        let id = holding.rsplit('/').next().expect("an id").to_owned();
        let page = app.get("/retention").await;
        assert!(page.text.contains("2025-06-01") && page.text.contains("PM-J9-2-b3-06"), "{}", page.text);
        let dispose = format!("/retention/dispose?records={id}");
        let held = app.send(&dispose, &[("method", "shredding")]).await;
        assert!(held.status == 422 && held.text.contains("2025-06-01"), "{}", held.text);
        assert!(app.get(&holding).await.text.contains("申込書の綴り"), "nothing went");
        let erase = app.send(&format!("{holding}/erase"), &[("reason-of-act", "不要")]).await;
        assert_eq!(erase.status, 422, "the whole is kept: {}", erase.text);

        app.clock.set("2025-06-01T15:30:00Z".parse().expect("an instant"));
        app.sign_in_again().await;
        let page = app.get("/retention").await;
        assert!(page.text.contains(&format!("value=\"{id}\"")), "it may go now: {}", page.text);
        let to = app.send("/retention", &[("records", &id)]).await;
        assert_eq!(to.location.as_deref(), Some(dispose.as_str()), "{}", to.text);
        let asked = app.send(&dispose, &[]).await;
        assert!(asked.status == 422 && asked.text.contains("方法を選んで"), "{}", asked.text);
        let done = app.send(&dispose, &[("method", "shredding")]).await;
        assert!(done.status == 200 && done.text.contains("廃棄しました"), "{}", done.text);
        let shown = app.get(&holding).await;
        assert!(shown.text.contains("廃棄済み") && !shown.text.contains("申込書の綴り"), "{}", shown.text);
        let records = app.get("/registers/disposal").await;
        assert!(records.text.contains("DSP-2025-001") && records.text.contains("HLD-2025-001"), "{}", records.text);
        assert!(!records.text.contains("申込書の綴り"), "it holds nothing of what went: {}", records.text);
    })
    .await;
}

/// A reading that is refused is an event, once an hour for a person and a record, and administrators see it.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_reading_is_kept_once() {
    use std::collections::BTreeMap;

    use kitei_app::kernel::perform::Request as Deed;
    use kitei_rules::{run::command::Command, value::Value};
    use kitei_store::records::{self, ListQuery};

    each_engine(async |mut app: App| {
        app.set_up().await;
        app.adopt(&["security-regulations"]).await;
        let installation = Arc::clone(&app.installation);
        let org = installation.all().await.expect("organisations")[0].org;
        let organization = installation.organization(org).await.expect("open");
        let mut reader = installation.db.reader().await.expect("a reader");
        let people = records::list(&mut reader, org, &ListQuery::new("person")).await.expect("people");
        drop(reader);
        let open = async |register: &str, fields: &[(&str, Value)]| {
            let fields = fields.iter().map(|(field, value)| ((*field).to_owned(), value.clone())).collect();
            let command = Command::Create { register: register.to_owned(), fields, lines: BTreeMap::new() };
            let deed = Deed { own: true, ..Deed::default() };
            installation.perform(&organization, deed, command).await.expect("made").record.expect("a record")
        };
        let person = Value::Record(people.records[0].id);
        open("appointment", &[("role", Value::Text("mynumber-officer".to_owned())), ("person", person)]).await;
        let record = open("individual-number-record", &[("procedure", Value::Text("源泉徴収".to_owned()))]).await;
        let before = app.events().await;
        for _ in 0..3 {
            let refused = app.get(&format!("/records/{record}")).await;
            assert!(refused.status == 404 && !refused.text.contains("源泉徴収"), "{}", refused.text);
        }
        assert_eq!(app.events().await, before + 1, "one for the hour");
        assert!(app.get("/evidence").await.text.contains("閲覧を断った"));
        let none = app.get("/records/0192d5f0-0000-7000-8000-000000000000").await;
        assert!(none.status == 404 && app.events().await == before + 1, "what is not there was not refused");
        app.clock.set("2025-04-01T02:10:00Z".parse().expect("an instant"));
        app.sign_in_again().await;
        let before = app.events().await;
        assert_eq!(app.get(&format!("/records/{record}/edit")).await.status, 404);
        assert_eq!(app.events().await, before + 1, "an hour later it counts again");
        assert_eq!(app.get("/registers/individual-number-record/new").await.status, 404, "no form to fill in");
        // A program that knows the register's name does not need the form.
        let command = Command::Create {
            register: "individual-number-record".to_owned(),
            fields: BTreeMap::from([("procedure".to_owned(), Value::Text("年末調整".to_owned()))]),
            lines: BTreeMap::new(),
        };
        let stranger = kitei_rules::expr::Actor { person: uuid::Uuid::from_u128(5), roles: Vec::new() };
        let deed = Deed { actor: stranger, ..Deed::default() };
        installation.perform(&organization, deed, command).await.expect_err("refused");
        assert_eq!(app.events().await, before + 2);
        assert!(app.get("/evidence").await.text.contains("操作を断った"));
    })
    .await;
}
