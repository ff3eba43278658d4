//! `kitei law …`: the law engine as a command. The contract is docs/law-command.md; the answers are `kitei-rules`'.
//!
//! Invariant: standard output holds JSON and nothing else; sentences for people go to standard error.
//! Invariant: what somebody typed is never repeated in an error.

use std::io::Read as _;

use clap::Args;
use kitei_rules::law::command;
use serde_json::json;

use crate::cli::Ctx;
use crate::exit::{Failure, Verdict};
use crate::language::say;
use crate::output;

/// The most that is read from standard input, in bytes.
const LONGEST: u64 = 4 << 20;

const EXAMPLES: &str = "\
例 — Examples:
  kitei law final --days 30 --known 2026-08-24         確報の期限 — limit of the final report
  kitei law preliminary --known 2026-11-22             速報の目安 — window of the preliminary report
  kitei law retention --by each --date 2024-02-29      提供記録の保存 — records of provision (contract, batch, each)
  kitei law retention --form dependants --year 2018    書類の保存 — other documents
  kitei law check my-number 123456789018               検査数字 — check digits (corporate-number, insurer, card …)
  kitei law breach < facts.json                        報告の要否・期限 — what must be reported, by when

答えも誤りもJSONで標準出力に出す。終了コード 0 答え、1 内部の誤り、2 入力の誤り。
Answers and mistakes are JSON on standard output. Exit codes: 0 answer, 1 ours, 2 input. See docs/law-command.md";

/// Arguments of `kitei law`, read by the law engine itself.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// final, preliminary, retention, check, breach
    #[arg(value_name = "QUESTION", trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    question: Vec<String>,
}

/// Answers.
///
/// # Errors
/// Standard input or output cannot be used.
pub(super) fn run(arguments: &Arguments, ctx: &Ctx) -> Result<Verdict, Failure> {
    if arguments.question.iter().any(|word| matches!(word.as_str(), "--help" | "-h")) {
        output::print(EXAMPLES)?;
        return Ok(Verdict::Clean);
    }
    let facts = if arguments.question.first().is_some_and(|word| word == "breach") {
        match facts() {
            Ok(facts) => facts,
            Err(error) => return refuse_input(ctx, &error),
        }
    } else {
        String::new()
    };
    match command::run(&arguments.question, &facts) {
        Ok(answer) => {
            output::print_json(&answer)?;
            Ok(Verdict::Clean)
        }
        Err(error) => {
            for problem in error.problems() {
                let text = ctx.language.of(&say(problem.text.ja, problem.text.en)).to_owned();
                let field = if text.contains(&problem.field) { String::new() } else { format!("{}: ", problem.field) };
                output::complain(&format!("kitei law: {field}{text}"));
            }
            output::print_json(&error.to_json())?;
            Ok(Verdict::Code(error.exit_code()))
        }
    }
}

fn facts() -> Result<String, kitei_rules::pack::model::Text> {
    let mut facts = String::new();
    match std::io::stdin().lock().take(LONGEST + 1).read_to_string(&mut facts) {
        Ok(length) if length as u64 <= LONGEST => Ok(facts),
        Ok(_) => Err(say("4MiBより長い。", "longer than 4 MiB")),
        Err(_) => Err(say("標準入力をUTF-8の文字として読めない。", "standard input cannot be read as UTF-8 text")),
    }
}

fn refuse_input(ctx: &Ctx, text: &kitei_rules::pack::model::Text) -> Result<Verdict, Failure> {
    output::complain(&format!("kitei law: facts: {}", ctx.language.of(text)));
    output::print_json(&json!({ "error": [{ "field": "facts", "ja": text.ja, "en": text.en }] }))?;
    Ok(Verdict::Code(2))
}
