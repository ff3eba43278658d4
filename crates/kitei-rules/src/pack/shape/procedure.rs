//! Shape of decisions and procedures: facts, bindings, tracks.

use super::{CHOICE, Doc, Element, Form, KINDS, Style, may, must};

/// `[[fact]]`.
pub static FACT: Element = Element {
    name: "fact",
    common: true,
    doc: Doc { ja: "他から決まる事柄（判断）", en: "A fact that follows from others" },
    keys: &[
        must("id", Form::Id(Style::Snake), "識別子", "Id"),
        must("on", Form::Word, "台帳", "Register"),
        may("kind", Form::OneOf(KINDS), "値の種類", "Kind of value; left out when it only adds rows"),
        may("title", Form::Text, "表示する名前", "What people read"),
        may("choices", Form::Elements(&CHOICE), "選択肢", "Choices"),
        may("hit", Form::OneOf(&["first", "all", "max", "any", "every"]), "行の合わせ方", "How rows combine"),
        may("row", Form::Elements(&ROW), "行", "Rows"),
        may("value", Form::Condition, "行の代わりの式", "An expression instead of rows"),
        may("rule", Form::Word, "行の代わりの法令の計算", "A named rule of law instead of rows"),
        may("overridable", Form::Flag, "理由を付けて人が変えられる", "A person may set another value, with a reason"),
        may("shown", Form::Flag, "記録の頁に結果として出す", "Shown among the consequences"),
    ],
};

/// `[[fact.row]]`.
static ROW: Element = Element {
    name: "row",
    common: true,
    doc: Doc { ja: "判断の行", en: "A row of a fact" },
    keys: &[
        must("id", Form::Id(Style::Kebab), "識別子", "Id"),
        must("title", Form::Text, "この行が与える理由", "The reason this row gives"),
        must("when", Form::Condition, "条件", "Condition"),
        may(
            "value",
            Form::Literal,
            "成り立つときの値（any と every では書かない）",
            "Value when it holds; none with any and every",
        ),
    ],
};

/// `[[binding]]`.
pub static BINDING: Element = Element {
    name: "binding",
    common: true,
    doc: Doc { ja: "法令の計算への入力", en: "Inputs of a named rule" },
    keys: &[
        must("rule", Form::Word, "計算の名前", "Name of the rule or family of rules"),
        must("on", Form::Word, "台帳", "Register"),
        must("inputs", Form::Conditions, "入力名 → 式", "Input name → expression"),
    ],
};

/// `[[track]]`.
pub static TRACK: Element = Element {
    name: "track",
    common: true,
    doc: Doc { ja: "手順", en: "A procedure on the records of a register" },
    keys: &[
        must("id", Form::Id(Style::Kebab), "識別子", "Id"),
        must("on", Form::Word, "台帳", "Register"),
        must("title", Form::Text, "表示する名前", "What people read"),
        may("when", Form::Condition, "いつ動くか", "When it runs"),
        may("step", Form::Elements(&STEP), "順に進める手順", "Steps in order"),
        may(
            "holds_open",
            Form::Flag,
            "残っている間は記録を閉じられない",
            "The record cannot be closed while a step is open",
        ),
        may("any_order", Form::Flag, "順番を問わない", "Steps may be done in any order"),
    ],
};

/// `[[track.step]]`.
static STEP: Element = Element {
    name: "step",
    common: true,
    doc: Doc { ja: "手順の一つ", en: "A step: an act in a track" },
    keys: &[
        must("act", Form::Word, "行為", "The act"),
        may("title", Form::Text, "行為の名前と違うときの表示", "What people read here, if not the act's own title"),
        may("when", Form::Condition, "いつ求めるか", "When it is asked for"),
        may("by", Form::Whos, "する者（最初が責任者）", "Who does it; the first is accountable"),
        may("approve", Form::Approvals, "承認", "Approvals"),
        may("clocks", Form::Elements(&CLOCK), "期限", "Countdowns"),
        may("needs", Form::Words, "埋まっていなければならない項目", "Fields that must be filled"),
        may("needs_when", Form::Conditions, "項目 → 要る条件", "Field → condition under which it is needed"),
        may(
            "demands",
            Form::Elements(&DEMAND),
            "成り立たなければならないこと",
            "Conditions that must hold, each with its words",
        ),
        may("each", Form::Word, "一つずつ進める明細", "Line list that it goes through"),
        may("until", Form::Condition, "これが成り立てば済み", "Done when this holds"),
        may(
            "again",
            Form::Condition,
            "これが成り立てばやり直し",
            "A new round opens when this holds after it was done",
        ),
        may("waits", Form::Condition, "これが成り立つ間は外部を待つ", "Waiting for something outside while this holds"),
        may("waits_for", Form::Text, "何を待つか", "What it waits for"),
        may("locked", Form::Condition, "これが成り立つ間は始められない", "It cannot begin while this holds"),
        may("locked_because", Form::Text, "なぜ始められないか", "Why it is locked"),
        may("after", Form::Words, "先に済ませる行為", "Acts that come before"),
        may("free", Form::Flag, "手順の順番に縛られない", "Outside the order of the track"),
        may("skip", Form::OneOf(&["reason", "never", "free"]), "行わないとき", "What leaving it out asks for"),
        may("paper", Form::Word, "付く文書", "Paper that belongs to it"),
        may("tell", Form::Whos, "知らせる者", "Who is told when it opens"),
        may("receipt", Form::Flag, "知らされた者の確認が要る", "Those told must acknowledge"),
        may(
            "remind",
            Form::Period,
            "期限のどれだけ前に促すか",
            "How long before the due time those who do it are reminded",
        ),
        may("escalate", Form::Whos, "期限を過ぎたら知らせる者", "Who is told once the due time has passed"),
        may("read", Form::Whos, "この者だけが見る", "Only these see it"),
    ],
};

/// An entry of `demands`.
static DEMAND: Element = Element {
    name: "demand",
    common: true,
    doc: Doc { ja: "手順の条件", en: "A demand on a step" },
    keys: &[
        must("holds", Form::Condition, "成り立たなければならない", "Must hold"),
        must("message", Form::Text, "どうすればよいか", "What would be right"),
    ],
};

/// An entry of `clocks`.
static CLOCK: Element = Element {
    name: "clock",
    common: true,
    doc: Doc { ja: "期限", en: "A countdown: from and after, or at" },
    keys: &[
        must(
            "kind",
            Form::OneOf(&["target", "limit", "contract", "immediately", "without-delay"]),
            "期限の種類",
            "Kind of countdown",
        ),
        may("from", Form::Condition, "起算点", "Instant or date it runs from"),
        may("after", Form::Period, "長さ", "How long"),
        may("at", Form::Condition, "期限そのもの", "The date or instant itself"),
        may("guide", Form::Text, "目安である理由", "Why it is shown as 目安, Kitei's safe reading"),
    ],
};
