//! The command line: what is common to all commands, and how the program ends.
//!
//! Invariant: a panic ends with exit code 70 and shows its place only; what it says may hold somebody's data.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser;
use rustix::fs::Mode;

use crate::commands::Command;
use crate::environment::Surroundings;
use crate::exit::Failure;
use crate::language::Language;
use crate::output;

/// Kitei as it is called.
#[derive(Debug, Parser)]
#[command(
    name = "kitei",
    version,
    about = "規程 (Kitei)：規程と法令を、動かして守る。\nRuns an organisation's personal-information and security regulations.",
    after_help = "終了コード — Exit codes: 0 正常 done, 1 問題あり problems found, 2 使い方・入力の誤り usage or input, 70 内部の誤り internal.\n\
                  設定 — Configuration: kitei.toml, KITEI_*, docs/configuration.md",
    max_term_width = 120,
    subcommand_required = true,
    arg_required_else_help = true
)]
struct Cli {
    /// 表示の言語（既定：LANG） — Language of what people read (default: from LANG).
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "ja|en",
        env = "KITEI_LANG",
        hide_env = true,
        hide_possible_values = true
    )]
    lang: Option<Language>,
    #[command(subcommand)]
    command: Command,
}

/// What every command is given.
#[derive(Debug)]
pub(crate) struct Ctx {
    /// Language of what people read.
    pub(crate) language: Language,
    /// Variables and working directory.
    pub(crate) surroundings: Surroundings,
}

/// Reads the command line, runs the command, and says how it ended.
pub(crate) fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        output::complain(&format!("kitei: 内部の誤り — internal error ({place})"));
    }));
    // What Kitei writes is for its own user, whatever the umask was.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Where help cannot be written (a closed pipe), nobody reads why either.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let surroundings = Surroundings::read();
    let language = cli.lang.unwrap_or_else(|| Language::of_locale(|name| surroundings.variable(name)));
    let ctx = Ctx { language, surroundings };
    match catch_unwind(AssertUnwindSafe(|| cli.command.run(&ctx))) {
        Ok(Ok(verdict)) => verdict.exit_code(),
        Ok(Err(failure)) => {
            failure.print(language);
            failure.exit_code()
        }
        Err(_) => Failure::internal("panic", "panic").exit_code(),
    }
}

/// Threads that answer requests. A reader of SQLite waits for the disk on the thread that asked, so there are some more than
/// a small machine has cores.
fn threads() -> usize {
    const LEAST: usize = 4;
    std::thread::available_parallelism().map_or(LEAST, |cores| cores.get().max(LEAST))
}

/// Runs an asynchronous command to its end.
///
/// # Errors
/// What the command returns; internal when the system gives no threads.
pub(crate) fn block_on<T>(task: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads()).enable_all().build();
    let runtime = runtime.map_err(|error| {
        Failure::internal(format!("スレッドを作れない（{}）", error.kind()), format!("no threads: {}", error.kind()))
    })?;
    runtime.block_on(task)
}
