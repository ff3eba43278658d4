//! Shape of the law by date: rows of the law book, and what is promulgated and not in force.

use super::{Doc, Element, Form, may, must};

/// `[[law]]`.
pub static LAW: Element = Element {
    name: "law",
    common: true,
    doc: Doc {
        ja: "日付ごとの法令の値（law-jpのみ）", en: "A figure or duty of law by date (law-jp only)"
    },
    keys: &[
        must("rule", Form::Word, "法令の計算のどの値か", "Which value of the law engine"),
        must("article", Form::Word, "答えに示す条文", "The article as answers cite it"),
        must("effective_from", Form::Date, "施行日", "First day in force"),
        may("effective_to", Form::Date, "効力の終わる日", "Last day in force"),
        must(
            "value",
            Form::Literal,
            "true（義務がある）、人数、又は期間",
            "true (the duty is in force), a number of principals, or a period",
        ),
    ],
};

/// `[[pending]]`.
pub static PENDING: Element = Element {
    name: "pending",
    common: true,
    doc: Doc {
        ja: "公布されたが未施行の法令（law-jpのみ）", en: "Law promulgated and not in force (law-jp only)"
    },
    keys: &[
        must("law", Form::Word, "改正する法律", "The amending Act"),
        must("subject", Form::Text, "何が変わるか", "What it will change"),
        may("effective_from", Form::Date, "決まっている施行日", "First day in force, if fixed"),
        may("effective_by", Form::Date, "遅くともこの日までに施行", "Day by which it comes into force at the latest"),
        may("concerns_reports", Form::Flag, "漏えい等の報告が変わる", "It will change breach reports"),
    ],
};
