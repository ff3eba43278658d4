//! The commands, one file or directory each. Adding one is a module, a variant and an arm here.

mod backup;
mod bundle;
mod demo;
mod doctor;
mod evidence;
mod export;
mod import;
mod law;
mod pack;
mod rebuild;
mod render;
mod restore;
pub(crate) mod serve;
mod user;
mod verify;

use clap::Subcommand;

use crate::cli::Ctx;
use crate::exit::{Failure, Verdict};

/// Every command.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// サーバーを始める — Serve the pages.
    Serve(serve::Arguments),
    /// 見本の組織を作る（半年分の記録つき） — Make a sample organisation with half a year of records.
    Demo(demo::Arguments),
    /// 法令の期限・保存期間・報告の要否を計算する（JSON） — Compute deadlines, retention and reporting duties by law.
    Law(law::Arguments),
    /// 規程パックを検査し、合わせ、根拠をたどり、事例を動かす — Check, compose, explain and prove packs.
    Pack(pack::Arguments),
    /// 書類を一つ組む（サーバーが使う） — Set one paper; the server uses it.
    #[command(hide = true)]
    Render(render::Arguments),
    /// 表（Excel・CSV）を台帳に取り込む — Import a table into a register.
    Import(import::Arguments),
    /// 台帳を表（Excel・CSV）に書き出す — Export a register as a table.
    Export(export::Arguments),
    /// 設定と環境を調べ、直し方を示す — Check configuration and environment in plain words.
    Doctor(doctor::Arguments),
    /// アカウント：一覧、招待、停止、リンクの再発行 — Accounts: list, invite, lock, unlock, help back in.
    User(user::Arguments),
    /// 証跡を検証する：データベース、バックアップ、束 — Verify a live database, a backup or a bundle.
    Verify(verify::Arguments),
    /// 監査人に渡す束を作る — Write a bundle for an auditor.
    Bundle(bundle::Arguments),
    /// 動かしたままバックアップを作り、読み直して検証する — Make a backup while work goes on, and verify it.
    Backup(backup::Arguments),
    /// バックアップを新しい場所に戻す — Restore a backup into a new place.
    Restore(restore::Arguments),
    /// 記録のいまの姿を証跡だけから作り直し、違いを示す — Make the records again from the log alone and show differences.
    Rebuild(rebuild::Arguments),
}

impl Command {
    /// Runs the command.
    ///
    /// # Errors
    /// Why it could not run to its end.
    pub(crate) fn run(&self, ctx: &Ctx) -> Result<Verdict, Failure> {
        match self {
            Self::Serve(arguments) => serve::run(arguments, ctx),
            Self::Demo(arguments) => demo::run(arguments, ctx),
            Self::Law(arguments) => law::run(arguments, ctx),
            Self::Pack(arguments) => pack::run(arguments, ctx),
            Self::Render(arguments) => render::run(arguments),
            Self::Import(arguments) => import::run(arguments, ctx),
            Self::Export(arguments) => export::run(arguments, ctx),
            Self::Doctor(arguments) => doctor::run(arguments, ctx),
            Self::User(arguments) => user::run(arguments, ctx),
            Self::Verify(arguments) => verify::run(arguments, ctx),
            Self::Bundle(arguments) => bundle::run(arguments, ctx),
            Self::Backup(arguments) => backup::run(arguments, ctx),
            Self::Restore(arguments) => restore::run(arguments, ctx),
            Self::Rebuild(arguments) => rebuild::run(arguments, ctx),
        }
    }
}
