//! Gallery: every control, empty and wrong, and the report form.

use maud::{Markup, html};

use super::super::basis::Basis;
use super::super::button::{self, Submit, Weight};
use super::super::form::{
    self, Choice, Choices, Date, Field, File, Form, Number, Problem, Text, TextArea, TextKind, Time, Width,
};
use super::super::{Lang, Link};
use super::{all, part, say};

pub(super) fn parts(lang: Lang) -> Markup {
    html! {
        (part(say(lang, "事故の報告", "Incident report"), &report(lang)))
        (part(say(lang, "入力", "Forms"), &entry(lang)))
    }
}

fn report(lang: Lang) -> Markup {
    let kinds = [
        Choice {
            value: "lost",
            label: say(lang, "なくした・盗まれた", "Lost or stolen"),
            help: say(lang, "書類、USB、パソコン、スマホなど", "Papers, USB, computer, phone …"),
        },
        Choice {
            value: "mistaken",
            label: say(lang, "間違えて送った・渡した", "Sent or handed to the wrong person"),
            help: say(lang, "メール、FAX、郵便、手渡し", "Mail, fax, post, by hand"),
        },
        Choice {
            value: "suspicious",
            label: say(lang, "あやしい", "Something is suspicious"),
            help: say(lang, "変なメール、動きがおかしい", "An odd mail, odd behavior"),
        },
    ];
    let answers = [
        Choice { value: "yes", label: say(lang, "はい", "Yes"), help: "" },
        Choice { value: "no", label: say(lang, "いいえ", "No"), help: "" },
    ];
    let fields = all([
        form::radios(
            lang,
            &Field {
                name: "kind",
                label: say(lang, "何がありましたか", "What happened?"),
                required: true,
                unmarked: true,
                ..Field::default()
            },
            &Choices { choices: &kinds, unknown: true, tiles: true, ..Choices::default() },
        ),
        form::radios(
            lang,
            &Field {
                name: "people",
                label: say(lang, "人の名前や連絡先が入っていますか", "Does it hold names or addresses of people?"),
                unmarked: true,
                ..Field::default()
            },
            &Choices { choices: &answers, chosen: &[form::UNKNOWN], unknown: true, tiles: true },
        ),
    ]);
    form::form(
        lang,
        &Form {
            action: "/gallery/report",
            token: Some(("token", "gallery")),
            retry: Some(("idempotency_key", "00000000-0000-7000-8000-000000000000")),
            fields,
            buttons: button::submit(
                lang,
                &Submit { label: say(lang, "知らせる", "Send the report"), ..Submit::default() },
            ),
            ..Form::default()
        },
    )
}

fn entry(lang: Lang) -> Markup {
    let name = say(lang, "情報の名称", "Name");
    let acquired = say(lang, "取得した日", "Acquired on");
    let media = say(lang, "媒体", "Media");
    let problems = [
        Problem {
            name: "name", label: name, message: say(lang, "名称を入力してください。", "Enter a name.")
        },
        Problem {
            name: "acquired",
            label: acquired,
            message: say(lang, "「令和8年13月1日」は日付ではありません。", "\"2026-13-01\" is not a date."),
        },
        Problem {
            name: "media", label: media, message: say(lang, "1つ以上選んでください。", "Choose at least one.")
        },
        Problem {
            message: say(lang, "同じ内容の記録が PI-2026-052 にあります。", "PI-2026-052 holds the same content."),
            ..Problem::default()
        },
    ];
    all([
        form::summary(lang, &problems),
        form::form(
            lang,
            &Form {
                action: "/gallery",
                token: Some(("token", "gallery")),
                multipart: true,
                fields: html! { (what(lang, name, acquired)) (how(lang, media)) (others(lang)) },
                buttons: html! {
                    (button::submit(lang, &Submit { label: say(lang, "登録する", "Add"), ..Submit::default() }))
                    (button::submit(lang, &Submit { label: say(lang, "下書きにする", "Keep as draft"), weight: Weight::Secondary, sends: Some(("deed", "draft")), confirm: None }))
                    (button::link(Link { label: say(lang, "やめる", "Cancel"), href: "/registers" }, Weight::Quiet))
                },
                ..Form::default()
            },
        ),
    ])
}

fn what(lang: Lang, name: &str, acquired: &str) -> Markup {
    form::fieldset(
        say(lang, "どんな情報か", "What it is"),
        say(lang, "分からないところは空けたまま下書きにできます。", "What you do not know may stay empty in a draft."),
        &all([texts(lang, name), dates(lang, acquired)]),
    )
}

fn texts(lang: Lang, name: &str) -> Markup {
    let basis = [Basis {
        reference: say(lang, "第8条第2項", "Article 8(2)"),
        title: say(lang, "台帳に記載する事項", "What the ledger holds"),
        source: say(lang, "個人情報保護規程", "Privacy regulations"),
        href: Some("/rulebook/pms/8-2"),
    }];
    all([
        form::text(
            lang,
            &Field {
                name: "name",
                label: name,
                help: say(lang, "ふだん呼んでいる名前で構いません。", "The name you use every day will do."),
                required: true,
                basis: &basis,
                error: Some(say(lang, "名称を入力してください。", "Enter a name.")),
                ..Field::default()
            },
            &Text::default(),
        ),
        form::textarea(
            lang,
            &Field {
                name: "purpose",
                label: say(lang, "利用目的", "Purpose of use"),
                required: true,
                basis: &basis,
                ..Field::default()
            },
            &TextArea {
                value: say(lang, "健診案内の印刷と発送のため", "Printing and mailing of invitations"),
                lines: 3,
            },
        ),
    ])
}

fn dates(lang: Lang, acquired: &str) -> Markup {
    all([
        form::date(
            lang,
            &Field {
                name: "acquired",
                label: acquired,
                required: true,
                error: Some(say(
                    lang,
                    "「令和8年13月1日」は日付ではありません。月は1〜12で入力してください。",
                    "\"2026-13-01\" is not a date. Months are 1 to 12.",
                )),
                ..Field::default()
            },
            &Date { value: say(lang, "令和8年13月1日", "2026-13-01"), read_as: "" },
        ),
        form::date(
            lang,
            &Field { name: "until", label: say(lang, "保存の終わり", "Kept until"), ..Field::default() },
            &Date {
                value: "R9.3.31", read_as: say(lang, "2027年3月31日（令和9年）", "31 March 2027 (Reiwa 9)")
            },
        ),
        form::time(
            lang,
            &Field {
                name: "noticed", label: say(lang, "最初に気付いた時刻", "First noticed"), ..Field::default()
            },
            &Time {
                date: "2026-11-24",
                time: "9:05",
                read_as: say(lang, "2026年11月24日（火）9:05", "Tue 24 Nov 2026, 09:05 JST"),
            },
        ),
        form::number(
            lang,
            &Field {
                name: "records",
                label: say(lang, "件数", "Records"),
                help: say(lang, "おおよそで構いません。", "An estimate will do."),
                ..Field::default()
            },
            &Number { value: "１２，４８０", unit: say(lang, "件", "records") },
        ),
    ])
}

fn how(lang: Lang, media: &str) -> Markup {
    form::fieldset(say(lang, "どう扱うか", "How it is handled"), "", &all([several(lang, media), single(lang)]))
}

fn several(lang: Lang, media: &str) -> Markup {
    let choices = [
        Choice { value: "paper", label: say(lang, "紙", "Paper"), help: "" },
        Choice { value: "disk", label: say(lang, "ファイルサーバー", "File server"), help: "" },
        Choice {
            value: "usb",
            label: say(lang, "USBメモリ", "USB stick"),
            help: say(lang, "持出しには申請が要ります。", "Taking it out needs a request."),
        },
    ];
    all([
        form::checkboxes(
            lang,
            &Field {
                name: "media",
                label: media,
                required: true,
                error: Some(say(lang, "1つ以上選んでください。", "Choose at least one.")),
                ..Field::default()
            },
            &Choices { choices: &choices, ..Choices::default() },
        ),
        form::checkbox(
            lang,
            &Field {
                name: "agreed",
                label: say(lang, "部門責任者が内容を確かめた", "The department head has checked this"),
                required: true,
                ..Field::default()
            },
            true,
        ),
    ])
}

fn single(lang: Lang) -> Markup {
    let classes = [
        Choice { value: "2", label: say(lang, "極秘（2）", "Top secret (2)"), help: "" },
        Choice { value: "1", label: say(lang, "社外秘（1）", "Internal (1)"), help: "" },
        Choice { value: "0", label: say(lang, "公開（0）", "Public (0)"), help: "" },
    ];
    all([
        form::select(
            lang,
            &Field {
                name: "class", label: say(lang, "機密性", "Confidentiality"), required: true, ..Field::default()
            },
            &Choices { choices: &classes, chosen: &["1"], unknown: true, ..Choices::default() },
        ),
        form::radios(
            lang,
            &Field {
                name: "special",
                label: say(lang, "要配慮個人情報を含みますか", "Does it hold special care-required information?"),
                required: true,
                ..Field::default()
            },
            &Choices {
                choices: &[
                    Choice { value: "yes", label: say(lang, "はい", "Yes"), help: "" },
                    Choice { value: "no", label: say(lang, "いいえ", "No"), help: "" },
                ],
                chosen: &["no"],
                unknown: true,
                tiles: false,
            },
        ),
    ])
}

fn others(lang: Lang) -> Markup {
    form::fieldset(say(lang, "そのほか", "Other"), "", &all([contact(lang), secrets(lang)]))
}

fn contact(lang: Lang) -> Markup {
    all([
        form::file(
            lang,
            &Field { name: "papers", label: say(lang, "添付", "Attachments"), ..Field::default() },
            &File {
                accept: ".pdf,.xlsx",
                limits: say(lang, "PDF、Excel。1つ20MBまで。", "PDF, Excel. Up to 20 MB each."),
                several: true,
            },
        ),
        form::text(
            lang,
            &Field { name: "mail", label: say(lang, "連絡先メール", "Mail address"), ..Field::default() },
            &Text {
                value: "hanako@example.jp",
                kind: TextKind::Email,
                width: Width::Medium,
                autocomplete: Some("email"),
                longest: None,
            },
        ),
        form::text(
            lang,
            &Field { name: "telephone", label: say(lang, "電話", "Telephone"), ..Field::default() },
            &Text {
                value: "03-0000-0000",
                kind: TextKind::Telephone,
                width: Width::Medium,
                autocomplete: Some("tel"),
                longest: None,
            },
        ),
    ])
}

fn secrets(lang: Lang) -> Markup {
    all([
        form::text(
            lang,
            &Field {
                name: "secret",
                label: say(lang, "いまのパスワード", "Present password"),
                required: true,
                ..Field::default()
            },
            &Text {
                value: "",
                kind: TextKind::Password,
                width: Width::Medium,
                autocomplete: Some("current-password"),
                longest: None,
            },
        ),
        form::text(
            lang,
            &Field {
                name: "code",
                label: say(lang, "確認コード", "One-time code"),
                help: say(lang, "6桁の数字", "Six digits"),
                required: true,
                ..Field::default()
            },
            &Text {
                value: "",
                kind: TextKind::Code,
                width: Width::Short,
                autocomplete: Some("one-time-code"),
                longest: Some(6),
            },
        ),
        form::text(
            lang,
            &Field {
                name: "number",
                label: say(lang, "管理番号", "Number"),
                fixed: true,
                unmarked: true,
                ..Field::default()
            },
            &Text { value: "PI-2026-055", width: Width::Medium, ..Text::default() },
        ),
    ])
}
