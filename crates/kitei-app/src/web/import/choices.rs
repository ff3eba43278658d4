//! What a person chooses in the preview of an import, and reading it back.

use crate::{
    import::{Batch, Choices, ColumnReport, NUMBER, Report, Same},
    shell::ui::{
        Lang,
        form::{self, Choice, Choices as Offered, Field, Number},
    },
    web::{
        fields::{self, Typed},
        frame::say,
    },
};
use maud::{Markup, html};

/// What was wrong with the choices, and what was typed.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) wrong: Option<(&'static str, &'static str)>,
    pub(super) typed: Option<Typed>,
}

/// A field that a column can be matched with.
pub(super) struct Offer {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) required: bool,
}

pub(super) fn same_choice(lang: Lang, batch: &Batch, said: &Said) -> Markup {
    let field = Field {
        name: "same",
        label: say(lang, "すでに台帳にある行", "Rows that are in the register already"),
        help: say(
            lang,
            "番号か名称が同じで、部署が食い違わないものです。",
            "The same number or name, and no other department.",
        ),
        unmarked: true,
        ..Field::default()
    };
    let choices = [
        Choice {
            value: "update",
            label: say(
                lang,
                "同じもの：記録をファイルの内容に更新する",
                "The same: change the record to what the file says",
            ),
            help: "",
        },
        Choice {
            value: "keep",
            label: say(lang, "同じもの：記録はいまのままにする", "The same: leave the record as it is"),
            help: "",
        },
        Choice {
            value: "new", label: say(lang, "別のもの：新しく登録する", "Another: enter it anew"), help: ""
        },
    ];
    let now = match batch.choices.same {
        Some(Same::Update) => "update",
        Some(Same::Keep) => "keep",
        Some(Same::New) => "new",
        None => "",
    };
    let chosen = [typed(said, "same", now)];
    form::radios(lang, &field, &Offered { choices: &choices, chosen: &chosen, ..Offered::default() })
}

/// What was typed, else what holds now.
fn typed<'t>(said: &'t Said, name: &str, now: &'t str) -> &'t str {
    said.typed.as_ref().map_or(now, |typed| fields::first(typed, name))
}

pub(super) fn gaps_choice(lang: Lang, batch: &Batch, said: &Said) -> Markup {
    let field = Field {
        name: "gaps",
        label: say(lang, "不足のある行", "Rows with gaps"),
        help: say(
            lang,
            "必要な項目が空の行、まだ登録されていない部署や人の名前がある行のことです。",
            "Rows that lack something required, or name a department or person that is not registered yet.",
        ),
        unmarked: true,
        ..Field::default()
    };
    let choices = [
        Choice { value: "no", label: say(lang, "直してから取り込む", "Mend them first"), help: "" },
        Choice {
            value: "yes",
            label: say(lang, "「不足あり」として取り込み、後で埋める", "Import them marked “gaps” and fill them later"),
            help: "",
        },
    ];
    let chosen = [typed(said, "gaps", if batch.choices.gaps { "yes" } else { "no" })];
    form::radios(lang, &field, &Offered { choices: &choices, chosen: &chosen, ..Offered::default() })
}

pub(super) fn where_it_is(lang: Lang, batch: &Batch, report: &Report, said: &Said) -> Markup {
    let sheets: Vec<Choice<'_>> =
        report.sheets.iter().map(|name| Choice { value: name, label: name, help: "" }).collect();
    let sheet = [typed(said, "sheet", &report.sheet)];
    let header = header_of(batch, report).unwrap_or((1, 1));
    let (first, height) = (header.0.to_string(), header.1.to_string());
    let number = |name: &'static str, label: &'static str, value: &str| {
        let field = Field { name, label, unmarked: true, ..Field::default() };
        form::number(lang, &field, &Number { value, unit: "" })
    };
    let inner = html! {
        @if report.sheets.len() > 1 {
            (form::select(lang, &Field { name: "sheet", label: say(lang, "シート", "Sheet"), unmarked: true, ..Field::default() },
                &Offered { choices: &sheets, chosen: &sheet, ..Offered::default() }))
        }
        (number("header", say(lang, "見出しの最初の行", "First row of the header"), typed(said, "header", &first)))
        (number("height", say(lang, "見出しの行数（1〜3）", "Rows of the header (1 to 3)"), typed(said, "height", &height)))
    };
    form::fieldset(say(lang, "表のある場所", "Where the table is"), "", &inner)
}

fn header_of(batch: &Batch, report: &Report) -> Option<(u32, u32)> {
    let found = report.header_rows.first().map(|first| (*first, u32::try_from(report.header_rows.len()).unwrap_or(1)));
    found.or(batch.choices.header)
}

pub(super) fn matching(lang: Lang, report: &Report, offers: &[Offer], said: &Said) -> Markup {
    let keep = Choice {
        value: "",
        label: say(lang, "（項目なし：書かれたまま残す）", "(no field: kept as it is written)"),
        help: "",
    };
    let titles: Vec<(String, String)> = offers
        .iter()
        .map(|offer| {
            let mark = if offer.required { say(lang, "（必須）", " (required)") } else { "" };
            (offer.id.clone(), format!("{}{mark}", offer.title))
        })
        .chain([(NUMBER.to_owned(), say(lang, "Kitei番号", "Kitei No.").to_owned())])
        .collect();
    let offered: Vec<Choice<'_>> = std::iter::once(keep)
        .chain(titles.iter().map(|(id, title)| Choice { value: id, label: title, help: "" }))
        .collect();
    let one = |index: usize, column: &ColumnReport| {
        let name = format!("column-{index}");
        let label = format!("{} {}", column.letters, column.header);
        let samples = column.samples.join(" ／ ");
        let help = match (lang, samples.is_empty()) {
            (_, true) => reason(lang, &column.reason).to_owned(),
            (Lang::Ja, false) => format!("{}。例：{samples}", reason(lang, &column.reason)),
            (Lang::En, false) => format!("{}. For instance: {samples}", reason(lang, &column.reason)),
        };
        let chosen = [typed(said, &name, column.field.as_deref().unwrap_or_default())];
        let field = Field { name: &name, label: &label, help: &help, unmarked: true, ..Field::default() };
        form::select(lang, &field, &Offered { choices: &offered, chosen: &chosen, ..Offered::default() })
    };
    let inner = html! { @for (index, column) in report.columns.iter().enumerate() { (one(index, column)) } };
    if report.columns.is_empty() {
        return html! {};
    }
    form::fieldset(
        say(lang, "列の対応", "Which column is which"),
        say(
            lang,
            "違っていたら選び直してください。次に同じ台帳を取り込むときのために覚えておきます。",
            "Correct what is wrong; it is remembered for the next import into this register.",
        ),
        &inner,
    )
}

fn reason(lang: Lang, code: &str) -> &'static str {
    match code {
        "same_name" => say(lang, "見出しが同じ", "Same name"),
        "same_without_remark" => say(lang, "かっこ書きを除いて同じ", "Same but for a remark"),
        "part_of_header" => say(lang, "見出しの一部の行が同じ", "A row of the header is the same"),
        "contains" => say(lang, "見出しに含まれる", "Contained in the header"),
        "similar" => say(lang, "見出しが似ている", "Similar name"),
        "chosen" => say(lang, "選ばれた対応", "Chosen"),
        "refused" => say(lang, "対応なしとされた", "Chosen to be none"),
        _ => say(lang, "対応する項目が見つからない", "No field found"),
    }
}

/// What a person chose on the preview, or what is wrong with it.
pub(super) fn choices(batch: &Batch, typed: &Typed) -> Result<Choices, (&'static str, &'static str)> {
    let default = Report::default();
    let report = batch.report.as_ref().unwrap_or(&default);
    let mut out = batch.choices.clone();
    out.gaps = fields::first(typed, "gaps") == "yes";
    out.same = match fields::first(typed, "same") {
        "update" => Some(Same::Update),
        "keep" => Some(Same::Keep),
        "new" => Some(Same::New),
        _ => out.same,
    };
    for (index, column) in report.columns.iter().enumerate() {
        let name = format!("column-{index}");
        if !typed.contains_key(&name) {
            continue;
        }
        let chosen = Some(fields::first(typed, &name)).filter(|id| !id.is_empty()).map(str::to_owned);
        if chosen == column.field {
            continue;
        }
        out.matches.retain(|(header, _)| *header != column.header);
        // Who takes a field for one column takes it away from another.
        if chosen.is_some() {
            out.matches.retain(|(_, field)| *field != chosen);
        }
        out.matches.push((column.header.clone(), chosen));
    }
    let sheet = fields::first(typed, "sheet");
    if !sheet.is_empty() && sheet != report.sheet {
        (out.sheet, out.header) = (Some(sheet.to_owned()), None);
        return Ok(out);
    }
    let wrong = (
        "見出しの行は 1 以上の数字、行数は 1〜3 で書いてください。",
        "Write the header's first row as a number from 1 on, and 1 to 3 rows.",
    );
    let number = |name: &str| {
        use unicode_normalization::UnicodeNormalization as _;
        let text: String = fields::first(typed, name).nfkc().collect();
        text.parse::<u32>().ok().filter(|number| *number > 0)
    };
    if typed.contains_key("header") {
        let header = number("header").zip(number("height")).filter(|(_, height)| *height <= 3).ok_or(wrong)?;
        if Some(header) != header_of(batch, report) {
            out.header = Some(header);
        }
    }
    Ok(out)
}
