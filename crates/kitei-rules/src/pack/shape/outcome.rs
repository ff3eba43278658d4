//! Shape of what follows: gates, flags, effects, proposals, duties.

use super::{Doc, Element, Form, Style, may, must};

/// `[[gate]]`.
pub static GATE: Element = Element {
    name: "gate",
    common: true,
    doc: Doc { ja: "拒む・理由を問う・注意する", en: "What is refused, asked or warned of" },
    keys: &[
        must("id", Form::Id(Style::Kebab), "識別子", "Id"),
        must("on", Form::Word, "台帳", "Register"),
        must(
            "at",
            Form::Words,
            "いつ: create change close dispose act:ID skip:ID paper:ID line:LIST",
            "Moments: create, change, close, dispose, act:ID, skip:ID, paper:ID, line:LIST",
        ),
        may("fields", Form::Words, "これらを入れるときだけ", "Only when one of these is being set"),
        must("when", Form::Condition, "働く条件", "It strikes when this holds"),
        may("strict", Form::Flag, "不明も成り立つとみなす", "Unknown counts as holding"),
        may("effect", Form::OneOf(&["refuse", "reason", "warn"]), "何をするか", "What it does"),
        must("message", Form::Text, "どうすればよいか", "What would be right"),
        may(
            "yields_to",
            Form::Word,
            "法定期限のある行為には譲り、理由を問う",
            "A statutory act to which it yields by asking a reason",
        ),
    ],
};

/// `[[flag]]`.
pub static FLAG: Element = Element {
    name: "flag",
    common: true,
    doc: Doc {
        ja: "不足や異常として表示すること", en: "Listed on the record, in lists and among the gaps"
    },
    keys: &[
        must("id", Form::Id(Style::Kebab), "識別子", "Id"),
        must("on", Form::Word, "台帳", "Register"),
        may("each", Form::Word, "一つずつ見る明細", "Line list looked at line by line"),
        must("when", Form::Condition, "条件", "Condition"),
        must("message", Form::Text, "表示する言葉", "What people read"),
        may("tone", Form::OneOf(&["info", "gap", "alarm"]), "重さ", "Weight"),
        may("by", Form::Whos, "誰のやることになるか", "Whose task it becomes"),
    ],
};

/// `[[effect]]`.
pub static EFFECT: Element = Element {
    name: "effect",
    common: true,
    doc: Doc { ja: "他の記録に及ぶこと", en: "What follows in other records" },
    keys: &[
        must("id", Form::Id(Style::Kebab), "識別子", "Id"),
        must("on", Form::Word, "台帳", "Register"),
        must(
            "at",
            Form::Word,
            "いつ: create change close act:ID approved:ID",
            "Moment: create, change, close, act:ID, approved:ID",
        ),
        may("when", Form::Condition, "条件", "Condition"),
        may("create", Form::Word, "記録を開く台帳", "Register in which a record is opened"),
        may("link", Form::Word, "開いた記録を書き留める項目", "Field of this record that notes the new one"),
        may(
            "update",
            Form::Word,
            "変える記録へのリンク項目（self はこの記録）",
            "Link field whose records are changed, or self",
        ),
        may("add_line", Form::Word, "明細を加える", "Line list to which a line is added"),
        may("set", Form::Conditions, "項目 → 式", "Field → expression in the scope of this record"),
        may("tell", Form::Whos, "知らせる者", "Who is told"),
        may("message", Form::Text, "知らせる言葉", "What they are told"),
        may("receipt", Form::Flag, "受け取りの確認を求める", "Those told must acknowledge"),
        may("close", Form::Flag, "この記録を終了する", "This record is closed"),
    ],
};

/// `[[propose]]`.
pub static PROPOSE: Element = Element {
    name: "propose",
    common: true,
    doc: Doc { ja: "申請を通す変更", en: "Changes that go through an application" },
    keys: &[
        must("id", Form::Id(Style::Kebab), "識別子", "Id"),
        must("on", Form::Word, "守られる台帳", "Register whose records are guarded"),
        may("fields", Form::Words, "項目（なければすべて）", "The fields; none: all"),
        may("when", Form::Condition, "記録についてこれが成り立つ間", "While this holds of the record"),
        must("through", Form::Word, "申請の台帳", "Register of the application"),
        must("target", Form::Word, "申請から記録へのリンク項目", "The application's link to the record"),
        must("applied_by", Form::Word, "変更を反映する申請の行為", "Act of the application that applies the change"),
    ],
};

/// `[[duty]]`.
pub static DUTY: Element = Element {
    name: "duty",
    common: true,
    doc: Doc { ja: "繰り返す義務", en: "What comes back" },
    keys: &[
        must("act", Form::Word, "行為", "The act"),
        may("title", Form::Text, "行為の名前と違うときの表示", "What people read here, if not the act's own title"),
        must(
            "each",
            Form::Word,
            "対象の台帳（全体なら organization）",
            "Register of its objects; organization for the whole",
        ),
        may("when", Form::Condition, "対象の条件", "Only objects of which this holds"),
        must("period", Form::Period, "周期", "How often"),
        may("month", Form::Month, "始まる月", "Month in which a yearly one opens"),
        may("by", Form::Whos, "する者", "Who does it"),
        may("approve", Form::Approvals, "承認", "Approvals"),
        may("needs", Form::Words, "埋まっていなければならない項目", "Fields that must be filled"),
        may("after", Form::Words, "その期の結果を待つ行為", "Acts whose result of the period it needs"),
        may("paper", Form::Word, "文書", "Paper"),
        may(
            "remind",
            Form::Period,
            "期限のどれだけ前に促すか",
            "How long before the due time those who do it are reminded",
        ),
        may("escalate", Form::Whos, "期限を過ぎたら知らせる者", "Who is told once the due time has passed"),
    ],
};
