//! Shape of what people read: comparisons, views, papers, handbook rules, questions; and of what the law supersedes.

use super::{Doc, Element, Form, Style, may, must};

/// `[[compare]]`.
pub static COMPARE: Element = Element {
    name: "compare",
    common: true,
    doc: Doc { ja: "二つの集まりの突合せ", en: "Two sets held against each other" },
    keys: &[
        must("id", Form::Id(Style::Kebab), "識別子", "Id"),
        must("title", Form::Text, "表示する名前", "What people read"),
        must("left", Form::Word, "左の台帳", "Left register"),
        must("left_key", Form::Condition, "左の鍵", "Expression on a left record: its key or list of keys"),
        may("left_when", Form::Condition, "左で数える記録", "Left records that count"),
        must("right", Form::Word, "右の台帳", "Right register"),
        must("right_key", Form::Condition, "右の鍵", "Expression on a right record"),
        may("right_when", Form::Condition, "右で数える記録", "Right records that count"),
        may("only_left", Form::Text, "左だけにあるときの言葉", "What is said of a key on the left only"),
        may("only_right", Form::Text, "右だけにあるときの言葉", "What is said of a key on the right only"),
        may("by", Form::Whos, "違いを調べる者", "Whose task a difference is"),
    ],
};

/// `[[view]]`.
pub static VIEW: Element = Element {
    name: "view",
    common: true,
    doc: Doc { ja: "独自の列を持つ一覧", en: "A list page with columns of its own" },
    keys: &[
        must("id", Form::Id(Style::Kebab), "識別子", "Id"),
        must("on", Form::Word, "台帳", "Register"),
        must("title", Form::Text, "表示する名前", "What people read"),
        may("when", Form::Condition, "表示する記録", "Records shown"),
        may("closed", Form::Flag, "終了した記録も表示する", "Shows closed records as well"),
        must("columns", Form::Columns, "列", "Columns"),
        may("read", Form::Whos, "見る者", "Who sees it"),
    ],
};

/// `[[paper]]`.
pub static PAPER: Element = Element {
    name: "paper",
    common: true,
    doc: Doc { ja: "作る文書", en: "A document that Kitei makes" },
    keys: &[
        must("id", Form::Id(Style::Kebab), "識別子", "Id"),
        must("on", Form::Word, "台帳（全体なら organization）", "Register; organization for the whole"),
        must("title", Form::Text, "表示する名前", "What people read"),
        may("when", Form::Condition, "いつ作れるか", "Offered when this holds"),
        may("template", Form::Word, "papers/ にあるひな形", "Typst template in papers/"),
        may("section", Form::Elements(&SECTION), "一般の形の節", "Sections of the general form"),
        may("approve", Form::Approvals, "承認", "Approvals"),
        may(
            "watch",
            Form::Flag,
            "元のデータが変われば「改訂が必要」と出す",
            "It says 「改訂が必要」 when the data behind it changed",
        ),
    ],
};

/// `[[paper.section]]`.
static SECTION: Element = Element {
    name: "section",
    common: true,
    doc: Doc { ja: "文書の節", en: "A section of the general form" },
    keys: &[
        must("title", Form::Text, "見出し", "Heading"),
        may("rows", Form::Columns, "行", "Rows"),
        may(
            "table",
            Form::Word,
            "表にする明細、リンク項目又は台帳",
            "Line list, links field or register shown as a table",
        ),
        may("table_when", Form::Condition, "表に入れる行", "Table rows that count"),
        may("columns", Form::Columns, "表の列", "Table columns"),
        may("text", Form::Text, "本文", "Running text"),
        may("required", Form::Flag, "中身がなければ文書は完成しない", "It must have content before the paper is ready"),
    ],
};

/// `[[rule]]`.
pub static RULE: Element = Element {
    name: "rule",
    common: true,
    doc: Doc { ja: "ハンドブックの決まり", en: "A handbook rule" },
    keys: &[
        must("id", Form::Id(Style::Kebab), "識別子", "Id"),
        may("chapter", Form::Text, "章・場面", "Chapter or situation"),
        must("text", Form::Text, "どうするか", "What to do, in plain words"),
        may("who", Form::Whos, "誰に関わるか", "Whom it concerns"),
    ],
};

/// `[[question]]`.
pub static QUESTION: Element = Element {
    name: "question",
    common: true,
    doc: Doc { ja: "点検・監査の質問", en: "A question of a check or audit" },
    keys: &[
        must("id", Form::Id(Style::Kebab), "識別子", "Id"),
        must("within", Form::Words, "どの点検・監査か", "Checks it belongs to"),
        must("text", Form::Text, "質問", "The question"),
        may("when", Form::Condition, "関わる部門", "Departments it concerns"),
    ],
};

/// `[[supersede]]`.
pub static SUPERSEDE: Element = Element {
    name: "supersede",
    common: true,
    doc: Doc {
        ja: "法令が条項に代わる（law-jpのみ）", en: "What the law puts in place of a clause (law-jp only)"
    },
    keys: &[
        must("clause", Form::Word, "条項", "The clause"),
        may("element", Form::Word, "数えなくなる要素（種類:識別子）", "Element that no longer counts, as kind:id"),
        must("reason", Form::Text, "理由", "Why"),
    ],
};
