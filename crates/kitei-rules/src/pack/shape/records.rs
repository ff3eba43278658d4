//! Shape of what is kept: acts, registers with their fields and lines, presets.

use super::{CHOICE, Doc, Element, Form, KINDS, Style, may, must};

/// `[[act]]`.
pub static ACT: Element = Element {
    name: "act",
    common: true,
    doc: Doc { ja: "行為", en: "A deed" },
    keys: &[
        must("id", Form::Id(Style::Kebab), "識別子", "Id"),
        may(
            "title",
            Form::Text,
            "やることの名前（officeの行為なら書かない）",
            "A task's title; left out for an act of office",
        ),
        may("help", Form::Text, "従業者向けの説明", "Plain words for staff"),
        may("field", Form::Elements(&FIELD), "行為について問うこと", "What the form asks about the deed itself"),
    ],
};

/// `[[register]]`.
pub static REGISTER: Element = Element {
    name: "register",
    common: true,
    doc: Doc { ja: "台帳", en: "A register, or an addition to one (extends = true)" },
    keys: &[
        must("id", Form::Id(Style::Kebab), "識別子", "Id"),
        may("extends", Form::Flag, "他で定義された台帳に加える", "This adds to a register defined elsewhere"),
        may("title", Form::Text, "表示する名前", "What people read"),
        may("help", Form::Text, "何を入れ、どう始めるか", "What belongs here and how to begin"),
        may("prefix", Form::Word, "番号の頭の文字", "Prefix of the running number"),
        may("single", Form::Flag, "記録は一つだけ", "Exactly one record"),
        may(
            "named_by",
            Form::Word,
            "一覧やリンクで記録の名前になる項目",
            "Field that names a record in lists and links",
        ),
        may("owner", Form::Whos, "備える者", "Who keeps it"),
        may("read", Form::Whos, "読める者", "Who reads it, beside owner and writers"),
        may("write", Form::Whos, "書ける者", "Who enters and changes records"),
        may(
            "department_field",
            Form::Word,
            "部門の項目: 部門責任者は自部門を見る",
            "Department field: heads see their own",
        ),
        may("retention", Form::Table(&RETENTION), "保存期間", "How long records are kept"),
        may("field", Form::Elements(&FIELD), "項目", "Fields"),
        may("list", Form::Elements(&LIST), "明細", "Child records"),
    ],
};

/// `[register.retention]`.
static RETENTION: Element = Element {
    name: "retention",
    common: false,
    doc: Doc { ja: "保存期間", en: "Retention as an interval from a date" },
    keys: &[
        may("at_least", Form::Period, "少なくともこの間は残す", "Keep at least this long"),
        may("at_most", Form::Period, "これを過ぎたら廃棄する", "Dispose when this has passed"),
        may("from", Form::Condition, "起算日", "Date it runs from"),
        may("rule", Form::Word, "法令の計算の名前", "A named rule of law instead"),
    ],
};

/// `[[register.field]]`, `[[register.list.field]]`, `[[act.field]]`.
static FIELD: Element = Element {
    name: "field",
    common: true,
    doc: Doc { ja: "項目", en: "A field" },
    keys: &[
        must("id", Form::Id(Style::Snake), "識別子", "Id"),
        may(
            "kind",
            Form::OneOf(KINDS),
            "値の種類",
            "Kind of value; left out when it only adds to a field defined elsewhere",
        ),
        may("title", Form::Text, "表示する名前", "What people read"),
        may("help", Form::Text, "項目の下の説明", "Explanation under the label"),
        may("ask", Form::Text, "質問の形の言葉", "Plain question"),
        may(
            "required",
            Form::OneOf(&["never", "complete", "save", "close"]),
            "いつまでに埋めるか",
            "From which stage it must be filled",
        ),
        may("required_when", Form::Condition, "ただしこれが成り立つとき", "… but only when this holds"),
        may("shown_when", Form::Condition, "これが成り立つときだけ表示する", "Shown only when this holds"),
        may("choices", Form::Elements(&CHOICE), "選択肢", "Choices"),
        may(
            "only",
            Form::Words,
            "この規程が認める選択肢（閉じた一覧）",
            "The choices that are permitted, and no others",
        ),
        may("to", Form::Word, "リンク先の台帳", "Register that a link leads to"),
        may("open", Form::Flag, "個人に関する内容がなく、平文で保存する", "Stored in clear: nothing personal in it"),
        may("refuse", Form::Words, "見つかれば拒む検出器", "Detectors whose finds are refused"),
        may("warn", Form::Words, "見つかれば注意する検出器", "Detectors whose finds are warned of"),
        may("aliases", Form::Words, "取込みで認める見出し", "Headers that an import accepts"),
        may("unit", Form::Text, "単位", "Unit"),
        may("default", Form::Condition, "開くときに勧める値", "Proposed when a record is opened"),
        may("value", Form::Condition, "計算する値（入力しない）", "Computed, never typed"),
        may("read", Form::Whos, "この者だけが見る", "Only these see it"),
        may("column", Form::Flag, "一覧の列にする", "A column of the list page"),
        may("filter", Form::Flag, "一覧を絞り込める", "Lists filter on it"),
        may("least", Form::Number { least: i64::MIN }, "下限", "Least value"),
        may("most", Form::Number { least: i64::MIN }, "上限", "Most value"),
    ],
};

/// `[[register.list]]`.
static LIST: Element = Element {
    name: "list",
    common: true,
    doc: Doc { ja: "明細（それぞれ鍵を持つ子の記録）", en: "Child records, each with its own key" },
    keys: &[
        must("id", Form::Id(Style::Snake), "識別子", "Id"),
        may("title", Form::Text, "表示する名前", "What people read"),
        may("field", Form::Elements(&FIELD), "明細の項目", "Fields of a line"),
        may("start", Form::Lines, "どの記録にも初めからある明細", "Lines every record begins with"),
        may("read", Form::Whos, "この者だけが見る", "Only these see it"),
    ],
};

/// `[[preset]]`.
pub static PRESET: Element = Element {
    name: "preset",
    common: true,
    doc: Doc {
        ja: "選ぶと項目が埋まる用意された答え", en: "A ready-made answer: choosing it fills fields"
    },
    keys: &[
        must("id", Form::Id(Style::Kebab), "識別子", "Id"),
        must("on", Form::Word, "台帳", "Register"),
        must("title", Form::Text, "表示する名前", "What people read"),
        must("set", Form::Literals, "埋める値", "Values it fills"),
    ],
};
