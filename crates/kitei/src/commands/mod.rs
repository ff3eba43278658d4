//! The commands, one file or directory each. Adding one is a module, a variant and an arm here.

mod doctor;
mod law;
mod pack;
pub(crate) mod serve;

use clap::Subcommand;

use crate::cli::Ctx;
use crate::exit::{Failure, Verdict};

/// Every command.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// サーバーを始める — Serve the pages.
    Serve(serve::Arguments),
    /// 法令の期限・保存期間・報告の要否を計算する（JSON） — Compute deadlines, retention and reporting duties by law.
    Law(law::Arguments),
    /// 規程パックを検査し、合わせ、根拠をたどる — Check, compose and explain packs.
    Pack(pack::Arguments),
    /// 設定と環境を調べ、直し方を示す — Check configuration and environment in plain words.
    Doctor(doctor::Arguments),
}

impl Command {
    /// Runs the command.
    ///
    /// # Errors
    /// Why it could not run to its end.
    pub(crate) fn run(&self, ctx: &Ctx) -> Result<Verdict, Failure> {
        match self {
            Self::Serve(arguments) => serve::run(arguments, ctx),
            Self::Law(arguments) => law::run(arguments, ctx),
            Self::Pack(arguments) => pack::run(arguments, ctx),
            Self::Doctor(arguments) => doctor::run(arguments, ctx),
        }
    }
}
