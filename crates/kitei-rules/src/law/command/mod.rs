//! `kitei law …`: the law engine as a command, JSON out.
//!
//! Serves the contract in docs/law-command.md. The program passes the arguments after `law` and, for `breach`, what
//! stands on its standard input.
//!
//! Invariant: bad input gives a [`CommandError`] that names the option or field and what would be right (exit code 2);
//! what somebody typed is never repeated in it.

mod json;
mod options;

use jiff::civil::Date;
use serde_json::{Value, json};

use super::{
    Wording,
    book::{LawBook, Rule},
    breach::{self, FactProblem, Facts, FactsError},
    deadline::{DateOutOfRange, Days, FIRST_DAY, KnownOn, LAST_DAY, final_limit, preliminary},
    ident::{self, Kind},
    retention::{self, Document, RecordMethod, RetentionError, Starts},
};
use options::Options;

/// Why a command cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// No such command.
    #[error("law: the commands are final, preliminary, retention, check and breach")]
    Command,
    /// An option that the command does not have, or an argument too many.
    #[error("{given}: not an option of this command; {usage}")]
    UnknownOption {
        /// The option's name, or the place of the argument.
        given: String,
        /// How the command is called.
        usage: &'static str,
    },
    /// An option given twice.
    #[error("{option}: given twice")]
    Repeated {
        /// The option.
        option: String,
    },
    /// An option that is needed, with its value.
    #[error("{option}: is needed; {usage}")]
    Missing {
        /// The option.
        option: &'static str,
        /// How the command is called.
        usage: &'static str,
    },
    /// A value that the option does not take.
    #[error("{option}: must be {expected}")]
    Value {
        /// The option.
        option: &'static str,
        /// What would be right.
        expected: String,
    },
    /// Input that is no JSON.
    #[error("facts: not JSON (line {line}, column {column})")]
    Json {
        /// Where reading stopped.
        line: usize,
        /// Where reading stopped.
        column: usize,
    },
    /// Facts with mistakes.
    #[error("facts: {0}")]
    Facts(#[from] FactsError),
    /// A law book that lacks a rule.
    #[error("the law book lacks the rule: {0}")]
    LawBook(RetentionError),
    /// A result that cannot be written as JSON; the types exclude it.
    #[error("the result cannot be written as JSON")]
    Unwritable,
}

impl CommandError {
    /// The exit code of the program: 2, the input is at fault; 1, the program.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::LawBook(_) | Self::Unwritable => 1,
            _ => 2,
        }
    }

    /// Each mistake with the option or field it concerns, in both languages.
    #[must_use]
    pub fn problems(&self) -> Vec<FactProblem> {
        if let Self::Facts(FactsError { problems }) = self {
            return problems.clone();
        }
        let (field, ja) = match self {
            Self::Command => ("law", "final, preliminary, retention, check, breach のどれかを指定する。".to_owned()),
            Self::UnknownOption { given, usage } => {
                (given.as_str(), format!("このコマンドにない指定。使い方: {usage}"))
            }
            Self::Repeated { option } => (option.as_str(), "二度指定されている。".to_owned()),
            Self::Missing { option, usage } => (*option, format!("必要な指定。使い方: {usage}")),
            Self::Value { option, expected } => (*option, format!("使える値: {expected}")),
            Self::Json { line, column } => ("facts", format!("JSONとして読めない（{line}行{column}文字目）。")),
            Self::LawBook(_) => ("law", "法令の表に該当する規定がない。".to_owned()),
            Self::Facts(_) | Self::Unwritable => ("law", "結果をJSONにできない。".to_owned()),
        };
        vec![FactProblem { field: field.to_owned(), text: Wording::composed(ja, self.to_string()) }]
    }

    /// The mistakes as JSON: `{"error": [{"field", "ja", "en"}]}`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let problem =
            |problem: FactProblem| json!({"field": problem.field, "ja": problem.text.ja, "en": problem.text.en});
        let problems: Vec<Value> = self.problems().into_iter().map(problem).collect();
        json!({ "error": problems })
    }
}

/// Answers a command by the law as known to this program.
///
/// # Errors
/// [`CommandError`] if the arguments or the facts cannot be read.
pub fn run(args: &[String], stdin: &str) -> Result<Value, CommandError> {
    run_with(LawBook::current(), args, stdin)
}

/// Answers a command by a law book.
///
/// # Errors
/// [`CommandError`] if the arguments or the facts cannot be read, or the book lacks a rule.
pub fn run_with(book: &LawBook, args: &[String], stdin: &str) -> Result<Value, CommandError> {
    let (command, rest) = args.split_first().ok_or(CommandError::Command)?;
    match command.as_str() {
        "final" => final_command(book, rest),
        "preliminary" => preliminary_command(book, rest),
        "retention" => retention_command(book, rest),
        "check" => check_command(rest),
        "breach" => breach_command(book, rest, stdin),
        _ => Err(CommandError::Command),
    }
}

const FINAL: &str = "kitei law final --days 30|60 --known YYYY-MM-DD";
const PRELIMINARY: &str = "kitei law preliminary --known YYYY-MM-DD";
const RETENTION: &str = "kitei law retention --by contract|batch|each --date YYYY-MM-DD | --form NAME --year YYYY | --form NAME --date YYYY-MM-DD";
const CHECK: &str = "kitei law check KIND VALUE";
const BREACH: &str = "kitei law breach < facts.json";

fn final_command(book: &LawBook, args: &[String]) -> Result<Value, CommandError> {
    let options = Options::parse(args, &["--days", "--known"], FINAL)?;
    let days = match options.needed("--days")? {
        "30" => Days::THIRTY,
        "60" => Days::SIXTY,
        _ => return Err(CommandError::Value { option: "--days", expected: "30, 60".to_owned() }),
    };
    written(&final_limit(book.calendar(), known(&options)?, days))
}

fn preliminary_command(book: &LawBook, args: &[String]) -> Result<Value, CommandError> {
    let options = Options::parse(args, &["--known"], PRELIMINARY)?;
    let known = known(&options)?;
    let days = |rule| book.at_or_first(rule, known.date()).and_then(|row| row.value.days());
    let figures = days(Rule::PreliminaryTarget).zip(days(Rule::PreliminaryLimit));
    let (target, limit) = figures.ok_or(CommandError::LawBook(RetentionError::NoRule))?;
    let mut answer = json!({ "known": known });
    merge(&mut answer, written(&preliminary(known, target, limit))?);
    Ok(answer)
}

fn retention_command(book: &LawBook, args: &[String]) -> Result<Value, CommandError> {
    let options = Options::parse(args, &["--by", "--date", "--form", "--year"], RETENTION)?;
    let retention = match (options.given("--by"), options.given("--form")) {
        (Some(by), None) => {
            options.refuse("--year")?;
            let method = match by {
                "contract" => RecordMethod::Contract,
                "batch" => RecordMethod::Batch,
                "each" => RecordMethod::Each,
                _ => return Err(CommandError::Value { option: "--by", expected: "contract, batch, each".to_owned() }),
            };
            retention::of_record(book, method, date(&options, "--date")?)
        }
        (None, Some(form)) => {
            let document = Document::named(form)
                .ok_or_else(|| CommandError::Value { option: "--form", expected: names(Document::NAMED) })?;
            match document.starts() {
                Starts::AfterDueYear => {
                    options.refuse("--date")?;
                    retention::of_tax_form(book, document, year(&options)?)
                }
                Starts::AfterCompletion => {
                    options.refuse("--year")?;
                    retention::of_completed(book, document, date(&options, "--date")?)
                }
            }
        }
        (Some(_), Some(_)) => {
            return Err(CommandError::UnknownOption { given: "--form (with --by)".to_owned(), usage: RETENTION });
        }
        (None, None) => return Err(CommandError::Missing { option: "--by", usage: RETENTION }),
    };
    written(&retention.map_err(|error| match error {
        RetentionError::Date => CommandError::Value { option: "--date", expected: error.to_string() },
        RetentionError::NoRule => CommandError::LawBook(error),
    })?)
}

fn check_command(args: &[String]) -> Result<Value, CommandError> {
    let Some((kind, value)) = args.split_first() else {
        return Err(CommandError::Missing { option: "KIND", usage: CHECK });
    };
    let kind = Kind::named(kind).ok_or_else(|| CommandError::Value { option: "KIND", expected: names(Kind::NAMED) })?;
    // A number written with spaces may arrive as several arguments.
    let value: Vec<&str> = value.iter().map(String::as_str).filter(|part| *part != "--json").collect();
    if value.is_empty() {
        return Err(CommandError::Missing { option: "VALUE", usage: CHECK });
    }
    written(&ident::check(kind, &value.join(" ")))
}

fn breach_command(book: &LawBook, args: &[String], stdin: &str) -> Result<Value, CommandError> {
    Options::parse(args, &[], BREACH)?;
    let facts = Facts::try_from(&json::read(stdin)?)?;
    written(&breach::triage(book, &facts))
}

fn known(options: &Options<'_>) -> Result<KnownOn, CommandError> {
    KnownOn::new(date(options, "--known")?).map_err(|DateOutOfRange| CommandError::Value {
        option: "--known",
        expected: format!("{FIRST_DAY} … {LAST_DAY}"),
    })
}

fn date(options: &Options<'_>, option: &'static str) -> Result<Date, CommandError> {
    let text = options.needed(option)?;
    let date = (text.len() == 10).then(|| text.parse().ok()).flatten();
    date.ok_or_else(|| CommandError::Value { option, expected: "YYYY-MM-DD".to_owned() })
}

fn year(options: &Options<'_>) -> Result<i16, CommandError> {
    let year = options.needed("--year")?.parse().ok().filter(|year| (1900..=2900).contains(year));
    year.ok_or_else(|| CommandError::Value { option: "--year", expected: "YYYY (1900 … 2900)".to_owned() })
}

fn names<T>(named: &[(&str, T)]) -> String {
    let names: Vec<&str> = named.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}

fn written<T: serde::Serialize>(answer: &T) -> Result<Value, CommandError> {
    serde_json::to_value(answer).map_err(|_| CommandError::Unwritable)
}

fn merge(answer: &mut Value, more: Value) {
    if let (Some(answer), Value::Object(more)) = (answer.as_object_mut(), more) {
        answer.extend(more);
    }
}

#[cfg(test)]
mod tests;
