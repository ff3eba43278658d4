//! The words of letters: Japanese first, the same in English below.
//!
//! Invariant: nothing stands here but texts of packs, numbers, titles of registers, times and links.

use std::fmt::Write as _;

use jiff::{Timestamp, tz::TimeZone};
use kitei_rules::{
    pack::model::Text,
    run::paper::{Lang, date_words},
};

/// One notice in a letter.
pub(super) struct Item {
    pub(super) number: String,
    pub(super) register: Text,
    pub(super) asked: Text,
    pub(super) due: Option<Timestamp>,
    pub(super) receipt: bool,
    pub(super) link: String,
}

/// What separates the languages.
const RULE: &str = "----------------------------------------";

/// Subject and text of a letter with notices.
pub(super) fn notices(organization: &str, items: &[Item], zone: &TimeZone, url: &str) -> (String, String) {
    let subject = match items {
        [one] => format!("【Kitei】{} {}", one.number, one.asked.ja),
        many => format!("【Kitei】お知らせ{}件（{} notices）", many.len(), many.len()),
    };
    let mut text = format!("{organization} の Kitei（規程）からのお知らせです。\n\n");
    for item in items {
        paragraph(&mut text, item, zone, Lang::Ja);
    }
    let _ = writeln!(
        text,
        "個人の情報はこのメールに載せていません。開くにはサインインが要ります。\nお知らせの一覧: {url}/notices\n"
    );
    let _ = writeln!(text, "{RULE}\n\nFrom Kitei at {organization}.\n");
    for item in items {
        paragraph(&mut text, item, zone, Lang::En);
    }
    let _ = writeln!(text, "This mail holds no personal data; sign in to read on.\nAll notices: {url}/notices");
    (subject, text)
}

fn paragraph(text: &mut String, item: &Item, zone: &TimeZone, lang: Lang) {
    let ja = lang == Lang::Ja;
    let asked = item.asked.in_lang(lang);
    let (open, close) = if ja { ("（", "）") } else { (" (", ")") };
    let _ = writeln!(text, "■ {}{open}{}{close}\n  {asked}", item.number, item.register.in_lang(lang));
    if let Some(due) = item.due {
        let zoned = due.to_zoned_datetime(zone.clone());
        let day = date_words(zoned.date(), ja);
        let label = if ja { "期限" } else { "Due" };
        let _ = writeln!(text, "  {label}: {day} {:02}:{:02}", zoned.hour(), zoned.minute());
    }
    if item.receipt {
        let please = if ja {
            "確認が必要です。開いて「確認しました」を押してください。"
        } else {
            "Please open it and confirm that it reached you."
        };
        let _ = writeln!(text, "  {please}");
    }
    let _ = writeln!(text, "  {}\n", item.link);
}

/// Subject and text of a letter with a checkpoint.
pub(super) fn checkpoint(organization: &str, size: i64, note: &str) -> (String, String) {
    let subject = format!("【Kitei】{organization} の証跡の署名（{size}件） / signed checkpoint");
    let text = format!(
        "{organization} の記録（証跡 {size}件）の、署名された要約です。\n\
         このメールを消さずに保管してください。のちに記録が書き換えられたとき、これと合わなくなるので分かります。\n\
         添付のファイルは下の内容と同じもので、検証のプログラム（verify）にそのまま渡せます。\n\n\
         {RULE}\n\n\
         This is the signed summary of the records of {organization} ({size} events).\n\
         Please keep this mail: if the records are rewritten later, they will no longer fit it.\n\
         The file attached is the text below and can be handed to the verifier as it is.\n\n\
         {note}"
    );
    (subject, text)
}

/// Subject and text of a test.
pub(super) fn test(organization: &str, url: &str) -> (String, String) {
    let subject = "【Kitei】テストメール / test mail".to_owned();
    let text = format!(
        "{organization} の Kitei（規程）からのテストメールです。届いていれば設定は正しく、ほかにすることはありません。\n{url}\n\n\
         {RULE}\n\n\
         A test from Kitei at {organization}. If you read this, mail works; nothing else is to be done.\n"
    );
    (subject, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_says_number_register_what_by_when_and_where() {
        let item = |number: &str, due: Option<&str>, receipt| Item {
            number: number.to_owned(),
            register: Text { ja: "事故".to_owned(), en: "Incidents".to_owned() },
            asked: Text { ja: "即時に報告する".to_owned(), en: "Report at once".to_owned() },
            due: due.map(|due| due.parse().unwrap()),
            receipt,
            link: format!("https://kitei.example.jp/notices/{number}"),
        };
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let url = "https://kitei.example.jp";
        let one = [item("INC-2025-001", Some("2025-04-01T02:00:00Z"), true)];
        let (subject, text) = notices("見本株式会社", &one, &zone, url);
        assert_eq!(subject, "【Kitei】INC-2025-001 即時に報告する");
        for expected in [
            "■ INC-2025-001（事故）\n  即時に報告する\n  期限: 2025年4月1日 11:00\n  確認が必要です。",
            "■ INC-2025-001 (Incidents)\n  Report at once\n  Due: 2025-04-01 11:00\n  Please open it",
            "https://kitei.example.jp/notices/INC-2025-001\n",
        ] {
            assert!(text.contains(expected), "{text}");
        }
        let two = [item("INC-2025-001", None, false), item("INC-2025-002", None, false)];
        let (subject, text) = notices("見本株式会社", &two, &zone, url);
        assert_eq!(subject, "【Kitei】お知らせ2件（2 notices）");
        assert!(!text.contains("期限") && !text.contains("確認が必要") && text.contains("INC-2025-002"), "{text}");
    }
}
