//! Ledgers in and out by the pages: upload, preview, correction, import, export, taking back; and what bad input gets.

use kitei_app::evidence::verify::Against;

use crate::app::{Answer, App, each_engine};

const LEDGER: &str = "\
情報資産・個人情報管理台帳（2025年度）,,,,,,,\r\n\
,,,,,,,\r\n\
名称,業務分類,利用目的,件数,取得日,特定個人情報,媒体,担当の席\r\n\
従業員名簿,人事,雇用管理,\"約1,200件\",令和7年4月1日,×,紙、サーバー,窓側\r\n\
顧客名簿,〃,商品の発送,300〜400,2024/10/1,×,クラウド,\r\n\
=採用応募者名簿,総務,採用の選考,不明,R6.4.1,○,紙,入口\r\n";

/// The page of an import once it rests.
async fn rested(app: &mut App, address: &str) -> Answer {
    for _ in 0..600 {
        let page = app.get(address).await;
        assert_eq!(page.status, 200, "{}", page.text);
        if !page.text.contains("data-poll") {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the import does not come to rest");
}

/// Sends a file and waits for its preview. Returns its address and the page.
async fn preview(app: &mut App, register: &str, name: &str, bytes: &[u8]) -> (String, Answer) {
    let sent = app.send_file(&format!("/registers/{register}/import"), name, bytes).await;
    let address = sent.location.unwrap_or_else(|| panic!("{}: {}", sent.status, main_of(&sent.text)));
    let page = rested(app, &address).await;
    (address, page)
}

/// Agrees to what is previewed and waits until it is there.
async fn agree(app: &mut App, address: &str) -> Answer {
    let sent = app.send(address, &[("do", "import"), ("gaps", "no")]).await;
    assert_eq!(sent.location.as_deref(), Some(address), "{}", sent.text);
    rested(app, address).await
}

/// The page's own content, for messages.
fn main_of(text: &str) -> String {
    text.split("<main").nth(1).unwrap_or(text).chars().take(4000).collect()
}

/// Sends the form that posts to an address.
async fn send_to(app: &mut App, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
    let shown = app.get(page).await;
    let form = shown
        .text
        .split(&format!("action=\"{action}\""))
        .last()
        .filter(|_| shown.text.contains(&format!("action=\"{action}\"")))
        .unwrap_or_else(|| panic!("no form {action}"));
    let token = form.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token");
    let mut all = vec![("token", token)];
    all.extend_from_slice(fields);
    app.post(action, &all).await
}

/// Upload → preview → agree → the rows are in the register, the file is gone, the log vouches for every row.
#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_comes_in_and_is_what_the_file_said() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let (address, seen) = preview(&mut app, "ledger", "台帳.csv", LEDGER.as_bytes()).await;
        assert!(seen.text.contains("このまま取り込めます"), "{}", main_of(&seen.text));
        assert!(seen.text.contains("3件を取り込む"), "{}", main_of(&seen.text));
        assert!(seen.text.contains("担当の席"), "unknown columns are shown: {}", main_of(&seen.text));
        assert!(
            !app.get("/registers/ledger").await.text.contains("従業員名簿"),
            "nothing is there before the agreement"
        );

        let done = agree(&mut app, &address).await;
        assert!(done.text.contains("3件を取り込みました"), "{}", main_of(&done.text));
        let list = app.get("/registers/ledger").await;
        for words in ["従業員名簿", "顧客名簿", "=採用応募者名簿", "約1,200", "LED-2025-003"] {
            assert!(list.text.contains(words), "{words}: {}", main_of(&list.text));
        }
        let record = app.get(&list.link_to("LED-2025-002")).await;
        for words in ["人事", "商品の発送", "クラウド"] {
            assert!(record.text.contains(words), "{words}: {}", main_of(&record.text));
        }
        assert!(app.installation.blobs.list().await.unwrap().is_empty(), "the file is gone once it has come in");
        let found = app.installation.verify(Against::default()).await.unwrap();
        assert!(found.ok, "{found:#?}");
        assert!(app.get("/imports").await.text.contains("台帳.csv"));
        let search = app.get("/registers/ledger?q=%E9%A1%A7%E5%AE%A2").await;
        assert!(search.text.contains("顧客名簿") && !search.text.contains("従業員名簿"), "{}", main_of(&search.text));
    })
    .await;
}

/// A form sent twice, because somebody pressed twice, imports once.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_twice_comes_in_once() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let (address, page) = preview(&mut app, "ledger", "台帳.csv", LEDGER.as_bytes()).await;
        let token = page.text.rsplit("name=\"token\" value=\"").next().unwrap().split('"').next().unwrap().to_owned();
        let fields = [("token", token.as_str()), ("do", "import"), ("gaps", "no")];
        app.post(&address, &fields).await;
        let again = app.post(&address, &fields).await;
        assert_eq!(again.location.as_deref(), Some(address.as_str()), "{}", again.text);
        rested(&mut app, &address).await;
        let list = app.get("/registers/ledger").await;
        assert!(list.text.contains("LED-2025-003") && !list.text.contains("LED-2025-004"), "{}", main_of(&list.text));
    })
    .await;
}

/// One wrong cell keeps the whole table out; it is named with its cell and what would be right.
#[tokio::test(flavor = "multi_thread")]
async fn all_or_nothing() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let table = "名称,取得日\r\n名簿A,2025/4/1\r\n名簿B,2025/2/30\r\n";
        let (address, seen) = preview(&mut app, "ledger", "台帳.csv", table.as_bytes()).await;
        assert!(seen.text.contains("B3") && seen.text.contains("まだ取り込めません"), "{}", main_of(&seen.text));
        app.send(&address, &[("do", "import"), ("gaps", "no")]).await;
        rested(&mut app, &address).await;
        assert!(!app.get("/registers/ledger").await.text.contains("名簿A"));
        // The column taken for none of the fields, both rows come in and the words are kept.
        app.send(&address, &[("do", "check"), ("gaps", "no"), ("column-1", "")]).await;
        let seen = rested(&mut app, &address).await;
        assert!(seen.text.contains("2件を取り込む"), "{}", main_of(&seen.text));
        agree(&mut app, &address).await;
        assert!(app.get("/registers/ledger").await.text.contains("名簿B"));
    })
    .await;
}

/// A column under another name is matched by a person, and remembered for the next file.
#[tokio::test(flavor = "multi_thread")]
async fn a_match_that_was_chosen_is_remembered() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let table = "うちでの呼び名,利用目的\r\n名簿A,採用\r\n";
        let (address, seen) = preview(&mut app, "ledger", "a.csv", table.as_bytes()).await;
        assert!(seen.text.contains("名称") && !seen.text.contains("1件を取り込む"), "{}", main_of(&seen.text));
        app.send(&address, &[("do", "import"), ("gaps", "no"), ("column-0", "name")]).await;
        let seen = rested(&mut app, &address).await;
        assert!(seen.text.contains("1件を取り込む"), "changed choices are looked at first: {}", main_of(&seen.text));
        agree(&mut app, &address).await;
        let next = table.replace("名簿A", "名簿B");
        let (_, seen) = preview(&mut app, "ledger", "b.csv", next.as_bytes()).await;
        assert!(seen.text.contains("1件を取り込む"), "{}", main_of(&seen.text));
    })
    .await;
}

/// Rows that lack something come in only if the person says so; they are marked, listed, and filled bit by bit.
#[tokio::test(flavor = "multi_thread")]
async fn gaps_come_in_when_chosen_and_are_counted_down() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let table = "名称,管理部署,利用目的\r\n名簿A,まだない部,採用\r\n,,発送\r\n";
        let (address, seen) = preview(&mut app, "ledger", "台帳.csv", table.as_bytes()).await;
        assert!(seen.text.contains("B2") && seen.text.contains("登録されていません"), "{}", main_of(&seen.text));
        app.send(&address, &[("do", "check"), ("gaps", "yes")]).await;
        rested(&mut app, &address).await;
        app.send(&address, &[("do", "import"), ("gaps", "yes")]).await;
        let done = rested(&mut app, &address).await;
        assert!(done.text.contains("2件を取り込みました"), "{}", main_of(&done.text));
        let list = app.get("/registers/ledger?gaps=yes").await;
        assert!(list.text.contains("LED-2025-001") && list.text.contains("LED-2025-002"), "{}", main_of(&list.text));
        let record = list.link_to("LED-2025-002");
        let changed = app.send(&format!("{record}/edit"), &[("name", ""), ("purpose", "商品の発送")]).await;
        assert_eq!(
            changed.location.as_deref(),
            Some(record.as_str()),
            "a gap need not be filled at once: {}",
            main_of(&changed.text)
        );
        app.send(&format!("{record}/edit"), &[("name", "発送先名簿")]).await;
        let list = app.get("/registers/ledger?gaps=yes").await;
        assert!(!list.text.contains("LED-2025-002"), "{}", main_of(&list.text));
        let again = app.send(&format!("{record}/edit"), &[("name", "")]).await;
        assert_eq!(again.status, 422, "what is filled cannot be emptied: {}", main_of(&again.text));
    })
    .await;
}

/// What is no table, or no table for this register, is refused in plain words and leaves nothing behind.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_table_is_refused() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let bomb = bomb();
        let files: [(&str, &[u8], &str); 5] = [
            ("empty.csv", b"", "ファイルが空です"),
            ("paper.pdf", b"%PDF-1.7 ...", "この種類のファイル（PDF）"),
            ("broken.xlsx", b"PK\x03\x04 and nothing else", "ファイルが壊れています"),
            ("bomb.ods", &bomb, "ファイルが大きすぎます"),
            ("", b"a,b", "ファイルを選んでください"),
        ];
        for (name, bytes, why) in files {
            let sent = app.send_file("/registers/ledger/import", name, bytes).await;
            assert_eq!(sent.status, 422, "{name}: {}", main_of(&sent.text));
            assert!(sent.text.contains(why), "{name}: {}", main_of(&sent.text));
        }
        assert!(app.get("/imports").await.text.contains("まだ取り込みはありません"));
        assert!(app.installation.blobs.list().await.unwrap().is_empty());
        assert_eq!(app.get("/registers/nothing/import").await.status, 404);
        let forged = app.post_file("/registers/ledger/import", "forged", "a.csv", LEDGER.as_bytes()).await;
        assert_eq!(forged.status, 409, "{}", forged.text);
        let (address, _) = preview(&mut app, "ledger", "a.csv", LEDGER.as_bytes()).await;
        let forged = app.post(&address, &[("token", "forged"), ("do", "import")]).await;
        assert_eq!(forged.status, 409, "{}", forged.text);
        assert!(!app.get("/registers/ledger").await.text.contains("従業員名簿"));
        app.sign_out();
        let asked = app.get(&address).await;
        assert!(asked.location.is_some_and(|to| to.starts_with("/sign-in")));
    })
    .await;
}

/// A small .ods that claims a thousand million cells.
fn bomb() -> Vec<u8> {
    use std::io::Write as _;
    let content = r#"<?xml version="1.0"?><office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x">
        <office:body><office:spreadsheet><table:table table:name="a"><table:table-row table:number-rows-repeated="1000000">
        <table:table-cell table:number-columns-repeated="1000" office:value-type="float" office:value="1"/>
        </table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"#;
    let manifest = r#"<?xml version="1.0"?><manifest:manifest xmlns:manifest="m"></manifest:manifest>"#;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", manifest),
        ("content.xml", content),
    ] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("a file that can be written and read");
        zip.write_all(text.as_bytes()).expect("a file that can be written and read");
    }
    zip.finish().expect("a file that can be written and read").into_inner()
}

/// An import is taken back as a whole, unless somebody has worked on what it brought.
#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_taken_back_unless_records_were_changed() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let (address, _) = preview(&mut app, "ledger", "台帳.csv", LEDGER.as_bytes()).await;
        agree(&mut app, &address).await;
        let undo = format!("{address}/undo");
        let asked = send_to(&mut app, &address, &undo, &[]).await;
        assert!(asked.status == 200 && asked.text.contains("3件の記録を"), "it asks once: {}", main_of(&asked.text));
        let done = send_to(&mut app, &address, &undo, &[("confirmed", "yes")]).await;
        assert_eq!(done.location.as_deref(), Some(address.as_str()), "{}", main_of(&done.text));
        let page = rested(&mut app, &address).await;
        assert!(page.text.contains("取り消しました"), "{}", main_of(&page.text));
        assert!(!app.get("/registers/ledger").await.text.contains("従業員名簿"));

        let (address, _) = preview(&mut app, "ledger", "台帳.csv", LEDGER.as_bytes()).await;
        agree(&mut app, &address).await;
        let record = app.get("/registers/ledger").await.link_to("LED-2025-005");
        let changed = app.send(&format!("{record}/edit"), &[("purpose", "請求")]).await;
        assert_eq!(changed.location.as_deref(), Some(record.as_str()), "{}", main_of(&changed.text));
        let refused = send_to(&mut app, &address, &format!("{address}/undo"), &[("confirmed", "yes")]).await;
        assert!(refused.status == 409 && refused.text.contains("LED-2025-005"), "{}", main_of(&refused.text));
        assert!(app.get("/registers/ledger").await.text.contains("従業員名簿"));
        let found = app.installation.verify(Against::default()).await.unwrap();
        assert!(found.ok, "{found:#?}");
    })
    .await;
}

/// What is exported is imported again unchanged: the second export has the same bytes but for the running numbers.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_comes_in_again_unchanged() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let (address, _) = preview(&mut app, "ledger", "台帳.csv", LEDGER.as_bytes()).await;
        agree(&mut app, &address).await;
        for form in ["csv", "xlsx"] {
            let file = app.file_of(&format!("/registers/ledger/export.{form}")).await;
            let first = rows_of(&file, form);
            let count = first.len() - 1;
            assert!(first[3].contains(&"=採用応募者名簿".to_owned()), "{first:?}");
            let (address, seen) = preview(&mut app, "ledger", &format!("again.{form}"), &file).await;
            assert!(seen.text.contains("取り込むものはありません"), "nothing has changed: {}", main_of(&seen.text));
            app.send(&address, &[("do", "check"), ("gaps", "no"), ("same", "new")]).await;
            let seen = rested(&mut app, &address).await;
            assert!(seen.text.contains(&format!("{count}件を取り込む")), "{}", main_of(&seen.text));
            agree(&mut app, &address).await;
            let all = rows_of(&app.file_of(&format!("/registers/ledger/export.{form}")).await, form);
            let (_, again) = all.split_at(all.len() - count);
            let values = |rows: &[Vec<String>]| rows.iter().map(|row| row[1..].to_vec()).collect::<Vec<_>>();
            assert_eq!(values(&first[1..]), values(again), "{form}");
        }
        let csv = String::from_utf8(app.file_of("/registers/ledger/export.csv").await).unwrap();
        assert!(csv.contains("'=採用応募者名簿"), "no cell is run as a formula: {csv}");
        let found = String::from_utf8(app.file_of("/registers/ledger/export.csv?q=%E9%A1%A7%E5%AE%A2").await).unwrap();
        assert!(found.contains("顧客名簿") && !found.contains("従業員名簿"), "{found}");
    })
    .await;
}

/// Last year's file beside this year's register: what is new comes in, what differs waits for a decision, what is gone is
/// named; taking the import back sets changed records to what they were.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_asset_is_proposed_as_one() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let (address, _) = preview(&mut app, "ledger", "2024.csv", LEDGER.as_bytes()).await;
        agree(&mut app, &address).await;
        let next = "名称,業務分類,利用目的,取得日\r\n従業員名簿,人事,雇用管理,令和7年4月1日\r\n顧客 名簿,人事,請求と発送,2024/10/1\r\n新しい名簿,総務,連絡,\r\n";
        let (address, seen) = preview(&mut app, "ledger", "2025.csv", next.as_bytes()).await;
        for words in ["すでにあり、変わりない 1行", "LED-2025-002", "利用目的", "LED-2025-003", "どうするかを選んでください"] {
            assert!(seen.text.contains(words), "{words}: {}", main_of(&seen.text));
        }
        app.send(&address, &[("do", "import"), ("gaps", "no"), ("same", "update")]).await;
        let seen = rested(&mut app, &address).await;
        assert!(seen.text.contains("2件を取り込む"), "{}", main_of(&seen.text));
        agree(&mut app, &address).await;
        let list = app.get("/registers/ledger").await;
        assert!(list.text.contains("請求と発送") && list.text.contains("新しい名簿"), "{}", main_of(&list.text));
        assert!(!list.text.contains("LED-2025-005"), "one new record only: {}", main_of(&list.text));
        let found = app.installation.verify(Against::default()).await.unwrap();
        assert!(found.ok, "{found:#?}");
        let undo = format!("{address}/undo");
        send_to(&mut app, &address, &undo, &[("confirmed", "yes")]).await;
        rested(&mut app, &address).await;
        let list = app.get("/registers/ledger").await;
        assert!(!list.text.contains("請求と発送") && !list.text.contains("新しい名簿"), "{}", main_of(&list.text));
        assert!(list.text.contains("商品の発送"), "{}", main_of(&list.text));
    })
    .await;
}

/// Gaps are filled many at a time, and 今日 counts them down.
#[tokio::test(flavor = "multi_thread")]
async fn gaps_are_filled_in_bulk() {
    each_engine(async |mut app: App| {
        app.set_up().await;
        let table = "名称,利用目的\r\n,採用\r\n,発送\r\n名簿C,連絡\r\n";
        let (address, _) = preview(&mut app, "ledger", "台帳.csv", table.as_bytes()).await;
        app.send(&address, &[("do", "check"), ("gaps", "yes")]).await;
        rested(&mut app, &address).await;
        app.send(&address, &[("do", "import"), ("gaps", "yes")]).await;
        rested(&mut app, &address).await;
        let today = app.get("/").await;
        assert!(today.text.contains("不足のある記録 あと 2件"), "{}", main_of(&today.text));
        let page = app.get("/registers/ledger/gaps?field=name").await;
        assert!(page.text.contains("2件にまとめて記入する"), "{}", main_of(&page.text));
        let action = "/registers/ledger/gaps";
        let typed = [("of-field", "name"), ("of-department", ""), ("name", "（名称未定）"), ("key", "one")];
        let empty = [("of-field", "name"), ("of-department", ""), ("name", ""), ("key", "two")];
        let refused = send_to(&mut app, &format!("{action}?field=name"), action, &empty).await;
        assert_eq!(refused.status, 422, "{}", main_of(&refused.text));
        let filled = send_to(&mut app, &format!("{action}?field=name"), action, &typed).await;
        assert_eq!(filled.location.as_deref(), Some("/registers/ledger/gaps?filled=2"), "{}", main_of(&filled.text));
        assert!(!app.get("/").await.text.contains("不足のある記録"));
    })
    .await;
}

/// The cells of a file's first sheet, as text.
fn rows_of(bytes: &[u8], form: &str) -> Vec<Vec<String>> {
    let workbook =
        kitei_papers::tables::read::read(bytes, &format!("x.{form}")).expect("a file that can be written and read");
    let sheet = &workbook.sheets[0];
    let width = sheet.row(0).len();
    let cells = |row: u32| {
        (0..u32::try_from(width).expect("a file that can be written and read"))
            .map(|column| sheet.cell(row, column).text())
            .collect()
    };
    (0..sheet.row_count()).map(cells).collect()
}

/// Every ugly workbook comes into the real ledger: by its names where they are known, else by the matches a person chooses.
#[tokio::test(flavor = "multi_thread")]
async fn every_ugly_workbook_comes_into_the_ledger() {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../kitei-papers/tests/workbooks");
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.to_string_lossy().ends_with(".json") && !path.to_string_lossy().ends_with(".py"))
        .collect();
    files.sort();
    assert!(files.len() >= 20, "{} workbooks", files.len());
    each_engine(async |mut app: App| {
        app.set_up().await;
        let mut expected = 0;
        for path in &files {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let bytes = std::fs::read(path).unwrap();
            let (address, seen) = preview(&mut app, "ledger", &name, &bytes).await;
            // Whatever a column holds, its words are kept; the first one without a failed formula names the entry.
            let columns = seen.text.matches("id=\"field-column-").count();
            assert!(columns > 0, "{name}: {}", main_of(&seen.text));
            let names: Vec<String> = (0..columns).map(|index| format!("column-{index}")).collect();
            let mut count = None;
            for naming in 0..columns {
                let mut fields: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
                fields[naming].1 = "name";
                fields.extend([("do", "check"), ("gaps", "yes"), ("same", "new")]);
                app.send(&address, &fields).await;
                let seen = rested(&mut app, &address).await;
                let before = seen.text.split("件を取り込む").next().and_then(|before| before.rsplit('>').next());
                count = before.and_then(|number| number.replace(',', "").parse::<usize>().ok());
                if count.is_some() {
                    break;
                }
            }
            let count = count.unwrap_or_else(|| panic!("{name} does not come in"));
            app.send(&address, &[("do", "import"), ("gaps", "yes")]).await;
            let done = rested(&mut app, &address).await;
            assert!(done.text.contains("件を取り込みました"), "{name}: {}", main_of(&done.text));
            expected += count;
            let list = app.get("/registers/ledger").await;
            assert!(
                list.text.contains(&format!("{expected}件中")) || expected <= 50,
                "{name}: {expected} {}",
                main_of(&list.text)
            );
        }
        assert!(expected >= 60, "{expected} rows of twenty files");
    })
    .await;
}

/// While a table of some length comes in, others go on writing; at its end every row is there.
#[tokio::test(flavor = "multi_thread")]
async fn others_write_while_a_table_comes_in() {
    const ROWS: usize = 300;
    let file = large(ROWS);
    each_engine(async |mut app: App| {
        app.set_up().await;
        let sent = app.send_file("/registers/ledger/import", "large.xlsx", &file).await;
        let address = sent.location.unwrap();
        rested(&mut app, &address).await;
        app.send(&address, &[("do", "import"), ("gaps", "no")]).await;
        for number in 0.. {
            let name = format!("部門{number}");
            let saved = app.send("/registers/department/new", &[("name", &name)]).await;
            assert!(saved.location.is_some(), "{}", main_of(&saved.text));
            let page = app.get(&format!("{address}/progress")).await;
            if !page.text.contains("data-poll") {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let list = app.get("/registers/ledger").await;
        assert!(list.text.contains(&format!("{ROWS}件中")), "{}", main_of(&list.text));
    })
    .await;
}

/// A table of 15 columns.
fn large(rows: usize) -> Vec<u8> {
    use kitei_papers::tables::{ColumnKind, ExpectedColumn, value::Value, write};
    let names = [
        "名称",
        "業務分類",
        "利用目的",
        "個人情報の項目",
        "保管場所",
        "保管方法",
        "利用期限",
        "保存期限",
        "提供先",
        "業務上の必要性",
        "備考",
        "件数",
        "取得日",
        "特定個人情報",
        "機密性",
    ];
    let columns: Vec<ExpectedColumn> =
        names.iter().map(|name| ExpectedColumn::new(name, &[*name], ColumnKind::Text)).collect();
    let row = |index: usize| {
        let text = |column: &ExpectedColumn| {
            let text = match column.id.as_str() {
                "件数" => format!("{}", index % 5000),
                "取得日" => format!("2024/{}/{}", index % 12 + 1, index % 28 + 1),
                "特定個人情報" => "×".to_owned(),
                "機密性" => format!("{}", index % 3),
                other => format!("{other}その{index}"),
            };
            (column.id.clone(), Value::Text { text })
        };
        write::Row { values: columns.iter().map(text).collect(), ..write::Row::default() }
    };
    let layout = write::Layout { columns: &columns, unknown: &[] };
    let options =
        write::XlsxOptions {
            sheet_name: "台帳", created: jiff::civil::date(2025, 4, 1).at(0, 0, 0, 0), scratch: None
        };
    let mut bytes = Vec::new();
    write::write_xlsx(&mut bytes, layout, options, (0..rows).map(row)).expect("a file that can be written and read");
    bytes
}
