//! Shape of the head of a pack and of what names things: clauses, terms, parameters, roles, bodies.

use super::{CHOICE, Doc, Element, Form, KINDS, Style, may, must};

/// `pack.toml`.
pub static HEAD: Element = Element {
    name: "pack",
    common: false,
    doc: Doc { ja: "規程パックの見出し", en: "Head of a pack" },
    keys: &[
        must("id", Form::Id(Style::Kebab), "ディレクトリと同じ名前", "Same as the directory's name"),
        must("title", Form::Text, "規程の名称", "Title of the regulation"),
        must("edition", Form::Word, "規程に書かれた版", "Edition as the regulation names it"),
        may("effective_from", Form::Date, "施行日", "First day in force"),
        may("extends", Form::Words, "参照する他のパック", "Packs it refers to, beside office and law-jp"),
        may("notice", Form::Text, "採用する人への注意", "Shown to those who adopt it"),
    ],
};

/// `[[clause]]`.
pub static CLAUSE: Element = Element {
    name: "clause",
    common: false,
    doc: Doc { ja: "条項", en: "A clause, or in law-jp an article" },
    keys: &[
        must("id", Form::Id(Style::Clause), "条項の番号", "Id of the clause"),
        must("ref", Form::Word, "規程のどこにあるか", "Where the regulation has it"),
        must("title", Form::Text, "見出し", "Title"),
        must("ja", Form::Word, "何を求めているか", "What it says, in Japanese"),
        may("en", Form::Word, "何を求めているか（英語）", "What it says, in English"),
        may("effective_from", Form::Date, "法令のみ: 施行日", "Law only: first day in force"),
        may("effective_to", Form::Date, "法令のみ: 効力の終わる日", "Law only: last day in force"),
        may("pending", Form::Flag, "法令のみ: 公布されたが未施行", "Law only: promulgated and not in force"),
        may("note", Form::Text, "注記", "Remark"),
    ],
};

/// `[[term]]`.
pub static TERM: Element = Element {
    name: "term",
    common: true,
    doc: Doc { ja: "用語", en: "A term of the glossary" },
    keys: &[
        must("id", Form::Id(Style::Kebab), "識別子", "Id"),
        must("title", Form::Text, "用語", "The word"),
        must("meaning", Form::Text, "意味", "Its meaning"),
        may("items", Form::Texts, "列挙されたもの", "The listed kinds or examples"),
        may(
            "used_by",
            Form::Words,
            "この語を表示し、ここへ案内する要素",
            "Elements whose pages show the word and link here",
        ),
    ],
};

/// `[[parameter]]`.
pub static PARAMETER: Element = Element {
    name: "parameter",
    common: true,
    doc: Doc {
        ja: "規程が定める値、又は空けておく値", en: "A value that the regulation sets, bounds or leaves open"
    },
    keys: &[
        must("key", Form::Id(Style::Dotted), "何の値か（点で区切る）", "What it is about, with dots"),
        must("title", Form::Text, "表示する名前", "What people read"),
        must("kind", Form::OneOf(KINDS), "値の種類", "Kind of value"),
        may("unit", Form::Text, "単位", "Unit"),
        must(
            "stricter",
            Form::OneOf(&["lower", "higher", "same", "fewer", "more"]),
            "二つのパックが定めたとき、どちらが厳しいか",
            "Which of two values is stricter",
        ),
        may("value", Form::Literal, "規程が定める値", "What the regulation sets"),
        may("least", Form::Literal, "許す下限", "The least it allows"),
        may("most", Form::Literal, "許す上限", "The most it allows"),
        may("fill", Form::Flag, "採用するときに答えなければならない", "Adopting must answer it"),
        may("suggest", Form::Literal, "採用するときに勧める値", "What adoption proposes"),
        may("choices", Form::Elements(&CHOICE), "選択肢", "Choices"),
    ],
};

/// `[[role]]`.
pub static ROLE: Element = Element {
    name: "role",
    common: true,
    doc: Doc { ja: "役割", en: "A role, or what this regulation adds to one of office" },
    keys: &[
        must("id", Form::Id(Style::Kebab), "識別子", "Id"),
        may(
            "title",
            Form::Text,
            "表示する名前（officeの役割なら書かない）",
            "What people read; left out for a role of office",
        ),
        may("rank", Form::Number { least: 0 }, "小さいほど上位", "A lower number stands higher"),
        may("per_department", Form::Flag, "部門ごとに置く", "Held per department"),
        may("single", Form::Flag, "同時に一人だけ", "One holder at a time"),
        may("required", Form::Flag, "欠けていれば不足として出る", "A vacancy is listed"),
        may("internal", Form::Flag, "組織の内部の者に限る", "Only persons of the organisation"),
        may("deputy", Form::Flag, "代行者の登録が要る", "A deputy must be registered"),
        may("appointed_by", Form::Word, "任命する役割", "The role that appoints"),
        may("needs", Form::Words, "任命が述べなければならない項目", "Fields of the appointment that must be filled"),
        may("positions", Form::Words, "必要な職位のどれか", "Positions of which the holder must have one"),
        may("by_office", Form::Who, "充て職", "Held by office"),
        may("charges", Form::Texts, "責務", "What it is responsible for"),
        may("sees", Form::Words, "全部門を見られる台帳", "Registers of which it sees every department"),
    ],
};

/// `[[exclusive]]`.
pub static EXCLUSIVE: Element = Element {
    name: "exclusive",
    common: true,
    doc: Doc { ja: "一人が兼ねられない役割", en: "Roles that one person may not hold together" },
    keys: &[
        must("id", Form::Id(Style::Kebab), "識別子", "Id"),
        must("roles", Form::Words, "役割（二つ以上）", "The roles, two or more"),
    ],
};

/// `[[body]]`.
pub static BODY: Element = Element {
    name: "body",
    common: true,
    doc: Doc { ja: "会議体", en: "A committee" },
    keys: &[
        must("id", Form::Id(Style::Kebab), "識別子", "Id"),
        may("title", Form::Text, "表示する名前", "What people read"),
        may("members", Form::Whos, "構成員", "Who sits on it"),
        may("chair", Form::Whos, "議長", "Who chairs it"),
        may("quorum", Form::Number { least: 1 }, "定足数", "Least number present"),
        may("agenda", Form::Elements(&CHOICE), "議事録が埋めるべき見出し", "Headings that the minutes must fill"),
        may("guests", Form::Flag, "理由を付けて臨時の出席者を加えられる", "Guests may be added, with a reason"),
    ],
};
