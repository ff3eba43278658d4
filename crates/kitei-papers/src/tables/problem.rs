//! What is wrong, or worth knowing, at a cell: where, what, and what would be right, in Japanese and English.
//!
//! Invariant: a problem of a personal or unknown column never repeats what the cell contains.

use serde::Serialize;

use super::{CellAddress, ColumnId, Label};

/// How much a problem matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The value was taken; this says how it was understood.
    Note,
    /// The value was taken; a person should look at it.
    Warning,
    /// The value was not taken.
    Error,
}

/// What kind of problem it is. The first group are errors, then warnings, then notes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// A formula whose result the file does not hold.
    UncachedFormula,
    /// A formula that failed (#REF!, #N/A …).
    FormulaError {
        /// The error as Excel shows it.
        code: &'static str,
    },
    /// Not a number.
    NotANumber,
    /// A number too vague to store (数百, 多数).
    VagueNumber,
    /// A range where one number is wanted.
    RangeNotNumber,
    /// A fraction where a whole number is wanted.
    NotWhole,
    /// A number outside what can be stored, or below zero where that means nothing.
    NumberOutOfRange,
    /// Not a date.
    NotADate,
    /// Written like a date, but no such day exists (2026/2/30).
    NoSuchDay,
    /// A date without its year.
    YearMissing,
    /// A year of two digits, which may be Western or of an era.
    TwoDigitYear,
    /// A date that stops at the year or the month.
    DateIncomplete,
    /// Not a month of a year.
    NotAYearMonth,
    /// Not a length of time.
    NotAPeriod,
    /// Neither yes nor no.
    NotYesNo,
    /// None of the allowed values.
    NotAChoice {
        /// The labels that are allowed.
        allowed: Vec<String>,
    },
    /// Not a telephone number.
    NotAPhone,
    /// Not a mail address.
    NotAnEmail,
    /// The cell says that the value is not known (不明, 未定, 確認中).
    SaidUnknown,
    /// "Same as above" with nothing above it.
    NothingAbove,
    /// A required column that no column of the table was matched with.
    ColumnMissing,
    /// Excel has probably dropped the leading zero of a telephone number; it was put back.
    LeadingZeroRestored,
    /// A number that was read as an Excel serial date.
    SerialDate,
    /// An era year outside the days of that era (平成35年); the same day was taken.
    EraOverrun,
    /// 〃 or 同上: the value of the row above was taken.
    SameAsAbove,
    /// A merged cell: its value was taken for each row.
    MergedFill,
    /// A dash, なし or N/A was read as an empty cell.
    PlaceholderAsEmpty,
    /// A dash in a yes-or-no column was read as no.
    DashAsNo,
    /// A longer text was read as the choice it names.
    ChoiceInText,
    /// A character that only one computer's font knows (外字).
    PrivateCharacter,
}

impl ProblemKind {
    /// How much this kind of problem matters.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::LeadingZeroRestored | Self::SerialDate | Self::EraOverrun | Self::PrivateCharacter => {
                Severity::Warning
            }
            Self::SameAsAbove | Self::MergedFill | Self::PlaceholderAsEmpty | Self::DashAsNo | Self::ChoiceInText => {
                Severity::Note
            }
            _ => Severity::Error,
        }
    }

    /// The stable name, as in JSON.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.row().0
    }

    /// The code and the two sentences, in one table so that none is forgotten.
    fn row(&self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::NotANumber | Self::VagueNumber | Self::RangeNotNumber | Self::NotWhole | Self::NumberOutOfRange => {
                self.number_row()
            }
            Self::NotADate
            | Self::NoSuchDay
            | Self::YearMissing
            | Self::TwoDigitYear
            | Self::DateIncomplete
            | Self::NotAYearMonth
            | Self::NotAPeriod
            | Self::SerialDate
            | Self::EraOverrun => self.date_row(),
            Self::SameAsAbove
            | Self::NothingAbove
            | Self::MergedFill
            | Self::PlaceholderAsEmpty
            | Self::DashAsNo
            | Self::ChoiceInText => self.filling_row(),
            _ => self.cell_row(),
        }
    }

    fn number_row(&self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::VagueNumber => (
                "vague_number",
                "数がはっきりしません。「約300」や「100〜500」のように数字で入れてください。",
                "The number is vague. Write it in figures, such as 約300 or 100〜500.",
            ),
            Self::RangeNotNumber => (
                "range_not_number",
                "範囲ではなく、一つの数で入れてください（例：1200、約1,200件）。",
                "One number is wanted, not a range (such as 1200 or 約1,200件).",
            ),
            Self::NotWhole => ("not_whole", "小数ではなく、整数で入れてください。", "A whole number is wanted."),
            Self::NumberOutOfRange => (
                "number_out_of_range",
                "数が範囲の外です。0以上で、桁数を確かめてください。",
                "The number is out of range. Check the sign and the number of digits.",
            ),
            _ => (
                "not_a_number",
                "数として読めません。数字で入れてください（例：1200、約1,200件）。",
                "Not a number. Write figures, such as 1200 or 約1,200件.",
            ),
        }
    }

    fn date_row(&self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::NoSuchDay => (
                "no_such_day",
                "その日付は暦にありません。月と日を確かめてください。",
                "No such day exists. Check the month and the day.",
            ),
            Self::YearMissing => (
                "year_missing",
                "年がありません。2026/4/1 や 令和8年4月1日 のように年から入れてください。",
                "The year is missing. Begin with it, such as 2026/4/1 or 令和8年4月1日.",
            ),
            Self::TwoDigitYear => (
                "two_digit_year",
                "年が2桁で、西暦か元号か分かりません。2026/4/1 か R8.4.1 のように入れてください。",
                "A year of two digits may be Western or of an era. Write 2026/4/1 or R8.4.1.",
            ),
            Self::DateIncomplete => (
                "date_incomplete",
                "日まで入っていません。2026/4/1 のように年月日で入れてください。",
                "The date is incomplete. Write year, month and day, such as 2026/4/1.",
            ),
            Self::NotAYearMonth => (
                "not_a_year_month",
                "年月として読めません。2026年4月 や 令和8年4月 のように入れてください。",
                "Not a month of a year. Write it such as 2026年4月 or 2026-04.",
            ),
            Self::NotAPeriod => (
                "not_a_period",
                "期間として読めません。5年、3ヶ月、契約終了後5年、永年 のように入れてください。",
                "Not a length of time. Write it such as 5年, 3ヶ月, 契約終了後5年 or 永年.",
            ),
            Self::SerialDate => (
                "serial_date",
                "Excelの日付の通し番号として読みました。日付が正しいか確かめてください。",
                "Read as an Excel serial date. Check that the date is right.",
            ),
            Self::EraOverrun => (
                "era_overrun",
                "元号の期間の外の年です。同じ日の西暦として読みました。",
                "The year lies outside the era. The same day was taken.",
            ),
            _ => (
                "not_a_date",
                "日付として読めません。2026/4/1、2026年4月1日、令和8年4月1日、R8.4.1 のように入れてください。",
                "Not a date. Write it such as 2026/4/1, 2026年4月1日, 令和8年4月1日 or R8.4.1.",
            ),
        }
    }

    fn filling_row(&self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::SameAsAbove => (
                "same_as_above",
                "「〃」「同上」を上の行の値として読みました。",
                "Same as above: the value of the row above was taken.",
            ),
            Self::NothingAbove => (
                "nothing_above",
                "「〃」「同上」ですが、上の行に値がありません。値を入れてください。",
                "Same as above, but nothing is above. Write the value.",
            ),
            Self::MergedFill => (
                "merged_fill",
                "結合されたセルの値を、この行の値として読みました。",
                "The value of the merged cell was taken for this row.",
            ),
            Self::PlaceholderAsEmpty => (
                "placeholder_as_empty",
                "「-」「なし」などを空欄として読みました。",
                "A dash, なし or N/A was read as empty.",
            ),
            Self::DashAsNo => ("dash_as_no", "「-」を「いいえ」として読みました。", "A dash was read as no."),
            _ => (
                "choice_in_text",
                "文の中の選択肢の名前から読みました。正しいか確かめてください。",
                "Read from the name of the choice inside the text. Check that it is right.",
            ),
        }
    }

    fn cell_row(&self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::UncachedFormula => (
                "uncached_formula",
                "数式の計算結果がファイルに入っていません。Excelで開いて保存し直すか、値を入れてください。",
                "The file holds no result for this formula. Open and save it in Excel, or write the value.",
            ),
            Self::FormulaError { .. } => (
                "formula_error",
                "数式がエラーになっています。数式を直すか、値を入れてください。",
                "The formula failed. Mend it, or write the value.",
            ),
            Self::NotYesNo => (
                "not_yes_no",
                "はい・いいえのどちらか分かりません。○か×、有か無、はいかいいえで入れてください。",
                "Neither yes nor no. Write ○ or ×, 有 or 無, yes or no.",
            ),
            Self::NotAChoice { .. } => {
                ("not_a_choice", "選択肢にありません。次のどれかを入れてください：", "Not a choice. Write one of: ")
            }
            Self::NotAPhone => (
                "not_a_phone",
                "電話番号として読めません。03-1234-5678 のように市外局番から入れてください。",
                "Not a telephone number. Write it with its area code, such as 03-1234-5678.",
            ),
            Self::NotAnEmail => (
                "not_an_email",
                "メールアドレスとして読めません。name@example.jp のように一つだけ入れてください。",
                "Not a mail address. Write one address, such as name@example.jp.",
            ),
            Self::SaidUnknown => (
                "said_unknown",
                "まだ分からない、とあります。分かったら入れてください。空欄にすれば「不足あり」として取り込めます。",
                "The cell says that this is not known yet. Leave it empty to take the row in as incomplete.",
            ),
            Self::ColumnMissing => (
                "column_missing",
                "必須の列が見つかりません。見出しの行と列の対応を確かめてください。",
                "A required column was not found. Check the header row and the matching of columns.",
            ),
            Self::LeadingZeroRestored => (
                "leading_zero_restored",
                "先頭の0がExcelで消えたようなので、補いました。番号を確かめてください。",
                "Excel seems to have dropped the leading zero; it was put back. Check the number.",
            ),
            _ => (
                "private_character",
                "外字（このパソコンだけの文字）が含まれています。ほかの文字に直してください。",
                "A character that only one computer knows. Replace it.",
            ),
        }
    }
}

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

/// One problem, at its cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The sheet's name.
    pub sheet: Label,
    /// The cell, or nothing where the problem is of the table as a whole.
    pub cell: Option<CellAddress>,
    /// The expected column that the cell belongs to, if matched.
    pub column: Option<ColumnId>,
    /// The column's header as the file has it (or the expected name where the column is missing).
    pub header: Label,
    /// What is wrong.
    pub kind: ProblemKind,
    /// How much it matters.
    pub severity: Severity,
    /// What the cell contains, shortened; never present for personal or unknown columns.
    pub raw: Option<String>,
}

impl Problem {
    /// Where, what, and what would be right.
    #[must_use]
    pub fn message(&self) -> Message {
        let (_, ja, en) = self.kind.row();
        let place = self.cell.map(|cell| format!("!{cell}")).unwrap_or_default();
        let (detail, raw_ja, raw_en) = (
            match &self.kind {
                ProblemKind::NotAChoice { allowed } => allowed.join("、"),
                ProblemKind::FormulaError { code } => format!(" ({code})"),
                _ => String::new(),
            },
            self.raw.as_ref().map(|raw| format!("（入っている値：{raw}）")).unwrap_or_default(),
            self.raw.as_ref().map(|raw| format!(" (found: {raw})")).unwrap_or_default(),
        );
        Message {
            ja: format!("{}{place}「{}」：{ja}{detail}{raw_ja}", self.sheet, self.header),
            en: format!("{}{place} “{}”: {en}{detail}{raw_en}", self.sheet, self.header),
        }
    }
}

/// How many characters of a cell a problem repeats.
const RAW_CHARACTERS: usize = 40;

/// The first characters of what a cell contains, on one line.
pub(super) fn shortened(text: &str) -> String {
    let line = super::fold::one_line(text);
    let mut characters = line.chars();
    let mut short: String = characters.by_ref().take(RAW_CHARACTERS).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}
