//! Tests of the components: words, pages and numbers as tables of cases, and the gallery as a whole.

use std::collections::HashSet;
use std::path::Path;

use maud::html;

use super::listing::{Window, count, shown};
use super::page::{Page, page};
use super::text::{countdown, grouped};
use super::{Lang, assets, basis, form, gallery, words};

#[test]
fn every_word_exists_in_both_languages() {
    for (name, word) in words::ALL {
        assert!(!word.of(Lang::Ja).is_empty() && !word.of(Lang::En).is_empty(), "{name} is empty");
        assert_ne!(word.of(Lang::Ja), word.of(Lang::En), "{name} is the same in both");
        assert!(word.of(Lang::En).chars().all(|letter| (letter as u32) < 0x3000), "{name}: Japanese in the English");
    }
}

#[test]
fn numbers_are_grouped_by_three() {
    for (value, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (123_456, "123,456"), (1_234_567, "1,234,567")] {
        assert_eq!(grouped(value), text);
    }
}

#[test]
fn the_time_left_is_said_in_two_units() {
    for (seconds, ja, en) in [
        (59, "あと1分未満", "less than a minute left"),
        (-1, "ちょうど期限を過ぎました", "just passed"),
        (60, "あと1分", "1 minute left"),
        (3600, "あと1時間", "1 hour left"),
        (3 * 3600 + 600, "あと3時間10分", "3 hours 10 minutes left"),
        (86_400, "あと1日", "1 day left"),
        (3 * 86_400 + 4 * 3600 + 59 * 60, "あと3日4時間", "3 days 4 hours left"),
        (-(2 * 3600 + 5 * 60), "2時間5分超過", "overdue by 2 hours 5 minutes"),
        (i64::MIN, "106751991167300日15時間超過", "overdue by 106751991167300 days 15 hours"),
    ] {
        assert_eq!(countdown(Lang::Ja, seconds), ja);
        assert_eq!(countdown(Lang::En, seconds), en);
    }
}

#[test]
fn a_list_says_which_of_how_many() {
    for (first, last, total, ja, en) in [
        (0, 0, 0, "0件", "No entries"),
        (51, 100, 412, "412件中 51–100件", "51–100 of 412"),
        (1, 50, 100_000, "100,000件中 1–50件", "1–50 of 100,000"),
    ] {
        let window = Window { first, last, total };
        assert_eq!(count(Lang::Ja, window), ja);
        assert_eq!(count(Lang::En, window), en);
    }
}

#[test]
fn pages_show_ends_and_neighbors_and_never_a_gap_of_one() {
    for (current, last, pages) in [
        (1, 1, "1"),
        (1, 2, "1 2"),
        (2, 9, "1 2 3 … 9"),
        (4, 9, "1 2 3 4 5 … 9"),
        (5, 9, "1 … 4 5 6 … 9"),
        (9, 9, "1 … 8 9"),
        (7, 9, "1 … 6 7 8 9"),
        (99, 3, "1 2 3"),
    ] {
        let text: Vec<String> =
            shown(current, last).into_iter().map(|page| page.map_or("…".to_owned(), |page| page.to_string())).collect();
        assert_eq!(text.join(" "), pages, "page {current} of {last}");
    }
}

#[test]
fn wcag_3_3_1_an_error_is_tied_to_its_field_and_what_was_typed_stays() {
    let field = form::Field {
        name: "name",
        label: "名称",
        help: "助け",
        error: Some("名称を入力してください。"),
        ..form::Field::default()
    };
    let rendered =
        form::text(Lang::Ja, &field, &form::Text { value: "<b>\"typed\"", ..form::Text::default() }).into_string();
    for part in [
        r#"for="field-name""#,
        r#"id="field-name""#,
        r#"aria-describedby="field-name-help field-name-error""#,
        r#"aria-invalid="true""#,
        r#"value="&lt;b&gt;&quot;typed&quot;""#,
    ] {
        assert!(rendered.contains(part), "{part} is missing in {rendered}");
    }
}

#[test]
fn a_password_is_never_rendered_again() {
    let field = form::Field { name: "secret", label: "パスワード", ..form::Field::default() };
    let text = form::Text { value: "hunter2", kind: form::TextKind::Password, ..form::Text::default() };
    assert!(!form::text(Lang::Ja, &field, &text).into_string().contains("hunter2"));
}

#[test]
fn a_text_that_begins_with_a_line_break_keeps_it() {
    let field = form::Field { name: "note", label: "備考", ..form::Field::default() };
    let area = form::TextArea { value: "\n二行目", lines: 2 };
    assert!(form::textarea(Lang::Ja, &field, &area).into_string().contains(">\n\n二行目</textarea>"));
}

#[test]
fn a_basis_without_clauses_shows_nothing() {
    assert_eq!(basis::basis(Lang::Ja, "項目", &[]).into_string(), "");
}

#[test]
fn a_refused_page_says_so_in_its_title() {
    let rendered =
        page(Lang::Ja, &Page { title: "登録", refused: true, content: html! {}, ..Page::default() }).into_string();
    assert!(rendered.contains("<title>エラー：登録 | Kitei</title>"), "{rendered}");
}

#[test]
fn the_report_button_is_on_a_page_without_sign_in() {
    let rendered = page(Lang::Ja, &Page { title: "窓口", report: "/report/abc", ..Page::default() }).into_string();
    assert!(rendered.contains(r#"class="report" href="/report/abc""#) && !rendered.contains("<nav"));
}

/// Writes the page that the browser tests read (`tests/browser`), and checks what a browser cannot: that no id
/// appears twice, that nothing is inline and that nothing leaves the program.
#[test]
fn the_gallery_is_whole_and_written_for_the_browser() {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
    for lang in [Lang::Ja, Lang::En] {
        let rendered = gallery(lang).into_string();
        let mut seen = HashSet::new();
        for id in rendered.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(seen.insert(id), "the id {id} appears twice");
        }
        for banned in [" style=", "<style", "javascript:", " onclick", "http://", "https://", "//cdn"] {
            assert!(!rendered.contains(banned), "{banned} is in the gallery");
        }
        assert!(rendered.contains(assets::STYLE_PATH) && rendered.contains(assets::SCRIPT_PATH));
        let name = format!("gallery.{}.html", lang.tag());
        std::fs::create_dir_all(&target).and_then(|()| std::fs::write(target.join(name), rendered)).unwrap();
    }
}

#[test]
fn the_addresses_of_the_built_files_hold_their_hash() {
    use sha2::{Digest, Sha256};
    for (path, content) in
        [(assets::STYLE_PATH, assets::STYLE), (assets::SCRIPT_PATH, assets::SCRIPT), (assets::ICON_PATH, assets::ICON)]
    {
        let hash = hex::encode(Sha256::digest(content.as_bytes()));
        assert!(path.contains(&hash[..16]), "{path} does not hold {}", &hash[..16]);
    }
}
