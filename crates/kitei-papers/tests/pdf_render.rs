//! Papers as real PDF files, judged by tools that are not ours: `qpdf` and `pdftotext` (Debian packages `qpdf` and
//! `poppler-utils`). A missing tool fails the test; it never passes by silence.

#![expect(clippy::expect_used, reason = "helpers of tests may fail the test")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use jiff::civil::{DateTime, date};
use kitei_papers::pdf::form::{
    FormAlign, FormApproval, FormChoice, FormColumn, FormPaper, FormQr, FormRow, FormSection, FormTable,
};
use kitei_papers::pdf::letterhead::{CheckpointLine, Letterhead, PrintDate};
use kitei_papers::pdf::request::{PaperRequest, decode_response, render_request};
use kitei_papers::pdf::{Conformance, Fonts, Limits, Paper, PaperError, Renderer};
use serde_json::{Value, json};

const NOTO: &str = "/usr/share/fonts/opentype/noto";

/// A notice to principals (個人情報保護法 第26条第2項) over two pages.
const NOTICE: &str = include_str!("pdf_notice.typ");

fn renderer() -> &'static Renderer {
    static SHARED: OnceLock<Renderer> = OnceLock::new();
    SHARED.get_or_init(|| Renderer::new(Fonts::new(&[]).expect("built-in fonts")).expect("renderer"))
}

fn renderer_with_noto() -> &'static Renderer {
    static SHARED: OnceLock<Renderer> = OnceLock::new();
    SHARED.get_or_init(|| {
        assert!(Path::new(NOTO).is_dir(), "{NOTO} is missing: install the Debian package fonts-noto-cjk");
        Renderer::new(Fonts::new(&[NOTO.into()]).expect("fonts")).expect("renderer")
    })
}

fn day() -> DateTime {
    date(2026, 11, 24).at(9, 30, 0, 0)
}

fn letterhead(title: &str) -> Letterhead {
    Letterhead {
        title: title.to_owned(),
        organization: "株式会社みなと情報サービス".to_owned(),
        number: Some("INC-2026-003".to_owned()),
        form: Some("緊急事態対応規程 様式第2号".to_owned()),
        printed: Some(PrintDate { western: "2026年11月24日".to_owned(), era: "令和8年11月24日".to_owned() }),
        checkpoint: Some(CheckpointLine::new(10_482, &[0x3f; 32], "2026年11月24日 9時30分")),
        draft: false,
    }
}

fn notice_data(name: &str) -> Value {
    let items: Vec<Value> = [
        ("概要", "委託先の担当者が、お客さま一覧のファイルを誤って別の取引先へ電子メールで送りました。"),
        ("漏えいした項目", "氏名、住所、電話番号、契約番号"),
        ("本人の数", "1,284人"),
        ("発生日", "2026年11月20日（令和8年11月20日）"),
        ("原因", "宛先の自動補完による選択の誤りと、送信前の確認の漏れ"),
        ("二次被害", "現在のところ確認されていません。送信先からは削除した旨の書面を受領しています。"),
    ]
    .iter()
    .map(|(label, value)| json!({"label": label, "value": value}))
    .collect();
    let steps: Vec<String> = (1..=26)
        .map(|number| format!("対応{number}：関係する部署と委託先に確認し、結果を事故の記録に残しました。"))
        .collect();
    json!({
        "head": serde_json::to_value(letterhead("個人データの漏えいに関するお知らせ")).expect("plain data"),
        "recipient": name,
        "items": items,
        "steps": steps,
    })
}

fn notice(data: &Value) -> Paper<'_> {
    Paper {
        template: NOTICE,
        data,
        title: "個人データの漏えいに関するお知らせ",
        author: "株式会社みなと情報サービス",
        date: day(),
        ident: "notice:INC-2026-003:1",
    }
}

fn save(name: &str, bytes: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).expect("write the PDF");
    path
}

fn run(tool: &str, package: &str, arguments: &[&str]) -> String {
    let output = Command::new(tool)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{tool} does not start ({error}): install the Debian package {package}"));
    assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Syntax checked by qpdf, then the text in reading order without white space.
fn checked_text(name: &str, bytes: &[u8]) -> String {
    let path = save(name, bytes);
    let path = path.to_str().expect("UTF-8 path");
    run("qpdf", "qpdf", &["--check", path]);
    run("pdftotext", "poppler-utils", &["-layout", path, "-"]).split_whitespace().collect()
}

fn assert_in_order(text: &str, words: &[&str]) {
    let mut from = 0;
    for word in words {
        let squeezed: String = word.split_whitespace().collect();
        let at = text[from..].find(&squeezed).unwrap_or_else(|| panic!("{word} is missing or out of order in: {text}"));
        from += at + squeezed.len();
    }
}

#[test]
fn a_two_page_notice_is_archival_accessible_and_says_everything_in_order() {
    let data = notice_data("髙橋　花子");
    let rendered = renderer().render(&notice(&data)).expect("notice");
    assert_eq!((rendered.pages, rendered.conformance), (2, Conformance::ArchivalAndAccessible), "{:?}", rendered.notes);
    assert!(rendered.notes.is_empty(), "{:?}", rendered.notes);
    let text = checked_text("notice.pdf", &rendered.bytes);
    assert_in_order(
        &text,
        &[
            "株式会社みなと情報サービス",
            "INC-2026-003",
            "令和8年11月24日",
            "個人データの漏えいに関するお知らせ",
            "髙橋　花子　様",
            "漏えいした項目",
            "氏名、住所、電話番号、契約番号",
            "1,284人",
            "証跡 10,482 件",
            "3f3f 3f3f 3f3f 3f3f",
            "1/2",
            "対応26：",
            "2/2",
        ],
    );
    let head = String::from_utf8_lossy(&rendered.bytes);
    for mark in ["pdfaid:part>2<", "pdfaid:conformance>A<", "pdfuaid:part>1<", "/Lang(ja-JP)", "Kitei"] {
        assert!(head.contains(mark), "the file does not declare {mark}");
    }
}

#[test]
fn the_same_paper_gives_the_same_bytes() {
    let data = notice_data("山田太郎");
    let first = renderer().render(&notice(&data)).expect("notice").bytes;
    renderer().forget();
    let fresh = Renderer::new(Fonts::new(&[]).expect("fonts")).expect("renderer");
    assert!(first == fresh.render(&notice(&data)).expect("notice").bytes, "another renderer, an empty cache");
    let later = Paper { date: date(2026, 11, 25).at(0, 0, 0, 0), ..notice(&data) };
    assert!(first != renderer().render(&later).expect("notice").bytes, "the date is part of the file");
    let other = Paper { ident: "notice:INC-2026-003:2", ..notice(&data) };
    assert!(first != renderer().render(&other).expect("notice").bytes, "the ident is part of the file");
}

#[test]
fn a_name_outside_cp932_is_refused_with_its_place_or_printed_with_a_fallback_font() {
    let data = notice_data("𠮷田　一郎");
    match renderer().render(&notice(&data)) {
        Err(PaperError::MissingGlyphs { glyphs }) => {
            assert_eq!(glyphs.len(), 1);
            assert_eq!((glyphs[0].code_points.as_str(), glyphs[0].path.as_str()), ("U+20BB7", "/recipient"));
        }
        other => panic!("expected a missing glyph, got {other:?}"),
    }
    let rendered = renderer_with_noto().render(&notice(&data)).expect("Noto Sans CJK JP has the character");
    assert_eq!(rendered.conformance, Conformance::ArchivalAndAccessible);
    assert_in_order(&checked_text("notice-noto.pdf", &rendered.bytes), &["𠮷田　一郎　様"]);
}

#[test]
fn a_variation_sequence_is_set_in_a_font_that_knows_it() {
    // U+9089 U+E0101 is a family-register shape of 邉 that BIZ UDPGothic would silently show in its own shape.
    let data = json!({"name": "渡邉\u{E0101}", "plain": "渡邉"});
    let template = "#json(\"data.json\").name";
    let paper = Paper { template, data: &data, title: "氏名", author: "", date: day(), ident: "n" };
    assert!(matches!(renderer().render(&paper), Err(PaperError::MissingGlyphs { .. })), "refused without the font");
    let rendered = renderer_with_noto().render(&paper).expect("Noto has the sequence");
    let path = save("variation.pdf", &rendered.bytes);
    let fonts = run("pdffonts", "poppler-utils", &[path.to_str().expect("path")]);
    assert!(fonts.contains("NotoSansCJKjp"), "the kanji must come from the font with the sequence: {fonts}");
}

#[test]
fn template_mistakes_name_the_line() {
    let data = json!({"name": "秘密の名前", "number": 123456789012_u64});
    let cases = [
        ("本文\n\n#unknown-function()", 3, "unknown variable"),
        ("#let data = json(\"data.json\")\n#data.missing", 2, "missing"),
        ("line\n#let x = (1, 2\n", 2, "unclosed"),
        ("\n\n\n#panic(json(\"data.json\").name)", 4, "panicked"),
        ("#import \"kitei.typ\": *\n\n#qr(none, \"x\")", 3, ""),
    ];
    for (template, expected, words) in cases {
        let paper = Paper { template, data: &data, title: "題", author: "", date: day(), ident: "x" };
        match renderer().render(&paper) {
            Err(PaperError::Template { file, line, message, .. }) => {
                assert_eq!((file.as_str(), line), ("paper.typ", expected), "{template}: {message}");
                assert!(message.contains(words), "{template}: {message}");
                assert!(!message.contains("秘密の名前"), "a message repeats the data: {message}");
            }
            other => panic!("{template}: expected a template error, got {other:?}"),
        }
    }
}

#[test]
fn a_template_reads_no_file_and_no_package() {
    let data = json!({});
    let outside = [
        "#read(\"/etc/passwd\")",
        "#read(\"../../etc/passwd\")",
        "#read(\"other.json\")",
        "#image(\"/kitei.png\")",
        "#include \"secret.typ\"",
        "#import \"@preview/cetz:0.3.0\"",
        "#bibliography(\"refs.bib\")",
    ];
    for template in outside {
        let paper = Paper { template, data: &data, title: "題", author: "", date: day(), ident: "x" };
        match renderer().render(&paper) {
            Err(PaperError::Template { line: 1, message, .. }) => {
                assert!(!message.contains("root:"), "{template}: {message}");
            }
            other => panic!("{template}: expected a refusal, got {other:?}"),
        }
    }
}

#[test]
fn limits_hold() {
    let data = json!({"text": "x".repeat(2_000)});
    let small = |limits| Renderer::new(Fonts::new(&[]).expect("fonts")).expect("renderer").with_limits(limits);
    let paper =
        Paper {
            template: "#pagebreak()\n#pagebreak()", data: &data, title: "題", author: "", date: day(), ident: "x"
        };
    let cases = [
        (Limits { data_bytes: 1_000, ..Limits::default() }, "data"),
        (Limits { template_bytes: 10, ..Limits::default() }, "template"),
    ];
    for (limits, expected) in cases {
        let error = small(limits).render(&paper).expect_err("too large");
        assert!(matches!(&error, PaperError::TooLarge { what, .. } if what == expected), "{error}");
    }
    let error = small(Limits { pages: 2, ..Limits::default() }).render(&paper).expect_err("too many pages");
    assert_eq!(error, PaperError::TooManyPages { pages: 3, limit: 2 });
}

#[test]
fn a_paper_that_fails_accessibility_is_still_archival_and_says_why() {
    // PDF/UA-1 demands that headings begin at level 1; PDF/A-2a does not mind.
    let template = "== 見出し";
    let data = json!({});
    let paper = Paper { template, data: &data, title: "題", author: "", date: day(), ident: "x" };
    let rendered = renderer().render(&paper).expect("archival");
    assert_eq!(rendered.conformance, Conformance::Archival);
    assert!(rendered.notes.iter().any(|note| note.starts_with("paper.typ line 1")), "{:?}", rendered.notes);
}

fn incident_form() -> FormPaper {
    let choice = |label: &str, chosen| FormChoice { label: label.to_owned(), chosen };
    FormPaper {
        head: letterhead("緊急事態対応記録"),
        lead: "この記録は、緊急事態対応規程第8条により、事故に気付いた時から終結までの経過を残すものです。".to_owned(),
        approvals: vec![
            FormApproval { label: "作成".into(), name: "佐藤".into(), date: "2026/11/21".into() },
            FormApproval { label: "確認".into(), name: "鈴木".into(), date: "2026/11/22".into() },
            FormApproval { label: "承認".into(), name: String::new(), date: String::new() },
        ],
        sections: vec![
            FormSection {
                heading: "事故の内容".into(),
                rows: vec![
                    FormRow::new("件名", "お客さま一覧の誤送信").with_basis("規程 第8条第1項"),
                    FormRow::choices(
                        "事故の種類",
                        vec![
                            choice("漏えい", true),
                            choice("滅失", false),
                            choice("毀損", false),
                            choice("そのおそれ", false),
                        ],
                    ),
                    FormRow::new("気付いた日時", "2026年11月20日 16時42分（令和8年11月20日）"),
                    FormRow::new(
                        "経緯",
                        "委託先の担当者が、宛先の自動補完で別の取引先を選び、お客さま一覧（1,284人分）を添付して送信した。送信の2分後に担当者が気付き、部門責任者に連絡した。\n送信先には電話で削除を依頼し、同日中に削除した旨の書面を受領した。",
                    ),
                    FormRow::new("添付の要約値", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
                ],
            },
            FormSection {
                heading: "処置".into(),
                rows: vec![FormRow::blank("再発防止策", 3), FormRow::blank("終結の確認", 1)],
            },
        ],
        tables: vec![FormTable {
            heading: "連絡の記録".into(),
            columns: vec![
                FormColumn { label: "日時".into(), width: 2.0, align: FormAlign::Center },
                FormColumn { label: "相手".into(), width: 2.0, align: FormAlign::Left },
                FormColumn { label: "内容".into(), width: 5.0, align: FormAlign::Left },
                FormColumn { label: "分".into(), width: 0.8, align: FormAlign::Right },
            ],
            rows: vec![
                vec![
                    "11/20 16:50".into(),
                    "部門責任者".into(),
                    "第一報。送信先と件数を伝え、削除の依頼を決めた。".into(),
                    "8".into(),
                ],
                vec![
                    "11/20 17:05".into(),
                    "委託元（甲）".into(),
                    "個人情報取扱特記事項により60分以内の第一報".into(),
                    "23".into(),
                ],
                vec!["11/20 18:30".into(), "個人情報保護管理者".into()],
            ],
        }],
        notes: vec![
            "速報は、知った日から3日から5日以内に個人情報保護委員会へ行う。".into(),
            "この用紙は、記録の写しであり、正本は証跡にある。".into(),
        ],
        qr: Some(FormQr {
            text: "https://kitei.example.jp/r/INC-2026-003".into(),
            caption: "この記録を開く（サインインが必要）".into(),
        }),
        landscape: false,
    }
}

#[test]
fn a_register_form_prints_filled_and_blank() {
    let form = incident_form();
    let rendered = form.render(renderer(), day(), "form:INC-2026-003").expect("filled form");
    assert_eq!(rendered.conformance, Conformance::ArchivalAndAccessible, "{:?}", rendered.notes);
    let text = checked_text("form.pdf", &rendered.bytes);
    assert_in_order(
        &text,
        &[
            "緊急事態対応記録",
            "作成",
            "確認",
            "承認",
            "佐藤",
            "事故の内容",
            "■漏えい",
            "□滅失",
            "連絡の記録",
            "委託元（甲）",
            "注1",
            "この記録を開く",
        ],
    );

    let blank = FormPaper {
        head: Letterhead { draft: true, number: None, ..letterhead("緊急事態対応記録") },
        approvals: form
            .approvals
            .iter()
            .map(|a| FormApproval { label: a.label.clone(), name: String::new(), date: String::new() })
            .collect(),
        sections: vec![FormSection {
            heading: "事故の内容".into(),
            rows: vec![
                FormRow::blank("件名", 1),
                FormRow::blank("経緯", 8),
                FormRow::choices("種類", vec![FormChoice { label: "漏えい".into(), chosen: false }]),
            ],
        }],
        tables: Vec::new(),
        ..form
    };
    let rendered = blank.render(renderer(), day(), "form:blank").expect("blank form");
    assert_eq!(rendered.pages, 1);
    let blank_text = checked_text("blank.pdf", &rendered.bytes);
    assert_in_order(&blank_text, &["緊急事態対応記録", "件名"]);
    // The watermark is turned, so its characters come out one by one.
    assert!(blank_text.contains('下') && blank_text.contains('書'), "the watermark is missing: {blank_text}");
    assert!(!text.contains('下'), "only drafts have a watermark");
}

#[test]
fn a_table_of_200_rows_breaks_over_pages_under_its_head() {
    let column = |label: &str, width, align| FormColumn { label: label.to_owned(), width, align };
    let row = |number: usize| {
        vec![
            number.to_string(),
            format!("情報資産{number}"),
            "営業部".to_owned(),
            "お客さまの氏名、住所、電話番号".to_owned(),
            "機密性2 完全性1 可用性1".to_owned(),
            "施錠書庫".to_owned(),
        ]
    };
    let form = FormPaper {
        head: letterhead("情報資産管理台帳"),
        landscape: true,
        tables: vec![FormTable {
            heading: String::new(),
            columns: vec![
                column("番号", 0.7, FormAlign::Right),
                column("名称", 2.0, FormAlign::Left),
                column("部署", 1.5, FormAlign::Left),
                column("個人情報の項目", 4.0, FormAlign::Left),
                column("評価", 3.0, FormAlign::Left),
                column("保管場所", 1.5, FormAlign::Left),
            ],
            rows: (1..=200).map(row).collect(),
        }],
        ..FormPaper::default()
    };
    let rendered = form.render(renderer(), day(), "ledger").expect("ledger");
    assert!(rendered.pages > 4, "{} pages", rendered.pages);
    assert_eq!(rendered.conformance, Conformance::ArchivalAndAccessible, "{:?}", rendered.notes);
    let text = checked_text("ledger.pdf", &rendered.bytes);
    assert_eq!(text.matches("個人情報の項目").count(), rendered.pages, "the head repeats on every page");
    assert_in_order(&text, &["情報資産1", "情報資産2", "情報資産100", "情報資産200"]);
}

#[test]
fn a_row_longer_than_its_table_is_refused() {
    let mut form = incident_form();
    form.tables[0].rows[1].push("余分".to_owned());
    let expected = PaperError::Row { table: 1, row: 2, cells: 5, columns: 4 };
    assert_eq!(form.render(renderer(), day(), "x").err(), Some(expected));
}

#[test]
fn a_request_crosses_the_process_border() {
    let data = notice_data("山田太郎");
    let request = PaperRequest {
        template: NOTICE.to_owned(),
        data: data.clone(),
        title: notice(&data).title.to_owned(),
        author: notice(&data).author.to_owned(),
        date: day(),
        ident: notice(&data).ident.to_owned(),
    };
    let bytes = request.encode().expect("request");
    let response = render_request(renderer(), &bytes);
    let rendered = decode_response(&response).expect("response");
    assert!(rendered == renderer().render(&notice(&data)).expect("notice"), "the same as in process");

    for (at, part) in [(0, "magic"), (4, "kind")] {
        let mut foreign = response.clone();
        foreign[at] = b'?';
        assert!(matches!(decode_response(&foreign), Err(PaperError::Request { .. })), "foreign {part}");
    }

    let broken = PaperRequest { template: "#x".to_owned(), ..request };
    let response = render_request(renderer(), &broken.encode().expect("request"));
    assert!(matches!(decode_response(&response), Err(PaperError::Template { line: 1, .. })));

    for damaged in [&bytes[..0], &bytes[..8], &bytes[..20], b"KPRs\x01\0\0\0\0"] {
        let response = render_request(renderer(), damaged);
        assert!(matches!(decode_response(&response), Err(PaperError::Request { .. })), "{} bytes", damaged.len());
        assert!(matches!(decode_response(damaged), Err(PaperError::Request { .. })));
    }
}

#[test]
fn a_warm_two_page_notice_stays_far_below_a_second() {
    // The budget is 100 ms in a release build; this build is not optimized and may share its machine.
    let fresh = Renderer::new(Fonts::new(&[]).expect("fonts")).expect("renderer");
    let fastest = (0..6)
        .map(|number| {
            let data = notice_data(&format!("山田{number}郎"));
            let start = Instant::now();
            fresh.render(&notice(&data)).expect("notice");
            start.elapsed()
        })
        .min()
        .expect("six runs");
    println!("fastest of six: {fastest:?}");
    assert!(fastest < Duration::from_millis(500), "{fastest:?}");
}

#[test]
fn many_threads_share_one_renderer() {
    let data = notice_data("山田太郎");
    let expected = renderer().render(&notice(&data)).expect("notice").bytes;
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..4).map(|_| scope.spawn(|| renderer().render(&notice(&data)).expect("notice"))).collect();
        for thread in threads {
            assert!(thread.join().expect("no panic").bytes == expected);
        }
    });
}
