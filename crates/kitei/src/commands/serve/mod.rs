//! `kitei serve`: opens the installation, says where it is and with which code to set it up, and serves until told to stop.
//!
//! Invariant: the address is printed only when it answers.

mod clockwork;
mod health;
mod http;
mod pages;
mod post;
pub(super) mod tls;

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use kitei_app::kernel::Installation;
use kitei_app::mail::Site;
use kitei_app::shell::sign_in::{Limits, issue_code_for_another, issue_set_up_code};
use kitei_store::db::Instant;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;

use crate::cli::{Ctx, block_on};
use crate::config::{Config, Flags};
use crate::environment::{now, random};
use crate::exit::{Failure, Verdict};
use crate::language::{Language, say};
use crate::mail::Sender;
use crate::{installation, logging, output, packs};

/// How long requests that run may take to end once the program is told to stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// Arguments of `kitei serve`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    flags: Flags,
    /// 組織をもう一つ作る設定コードを出す — Print a set-up code for one more organisation.
    #[arg(long)]
    new_organization: bool,
}

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
/// The configuration is wrong, or something keeps the installation from starting.
pub(super) fn run(arguments: &Arguments, ctx: &Ctx) -> Result<Verdict, Failure> {
    let config = Config::load(&arguments.flags, &ctx.surroundings)?;
    logging::start(&config.log);
    block_on(serve(&config, arguments.new_organization, ctx.language))
}

async fn serve(config: &Config, another: bool, language: Language) -> Result<Verdict, Failure> {
    let tls = config.tls.as_ref().map(tls::acceptor).transpose()?;
    let sender = config.mail.as_ref().map(Sender::new).transpose();
    let sender = sender.map_err(|why| {
        Failure::input(format!("[mail] の設定で送れない。（{why}）"), format!("[mail] cannot be used: {why}"))
    })?;
    let open = installation::open(config, packs::shelf(config.packs.as_deref())?).await?;
    let installation = &open.installation;
    let mut signals = Signals::listen()?;
    let listener = TcpListener::bind(config.listen).await.map_err(|error| taken(config, &error))?;
    let address = listener.local_addr().map_err(|error| taken(config, &error))?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let here = format!("{scheme}://{address}");
    greet(&format!("{here}/"), installation, another, language).await?;
    tracing::info!(%address, tls = tls.is_some(), behind_proxy = config.behind_proxy, "serving");
    let stop = Arc::new(Notify::new());
    let stopping = Arc::clone(&stop);
    let until = async move { stopping.notified().await };
    let router = pages::router(config, installation)?.merge(health::router(Arc::clone(installation), sender.is_some()));
    let clockwork = tokio::spawn(clockwork::run(Arc::clone(installation), sender.is_some()));
    let site = Site { url: config.public_url.clone().unwrap_or(here) };
    let post = sender.map(|sender| tokio::spawn(post::run(Arc::clone(installation), sender, site)));
    let server = async {
        match tls {
            Some(acceptor) => {
                http::serve(tls::TlsListener::new(listener, acceptor, address), router, http::HEAD, until).await;
            }
            None => http::serve(listener, router, http::HEAD, until).await,
        }
    };
    let mut server = std::pin::pin!(server);
    tokio::select! {
        () = &mut server => {}
        () = signals.come() => {
            tracing::info!("stopping");
            stop.notify_one();
            // A request that runs on would keep the program for ever.
            let _ended = tokio::time::timeout(PATIENCE, server).await;
        }
    }
    clockwork.abort();
    if let Some(post) = post {
        // A letter that is cut off here is sent again when its claim has run out.
        post.abort();
    }
    installation.db.close().await;
    Ok(Verdict::Clean)
}

/// Prints the address and, before there is an organisation or when one more is wanted, the set-up code.
async fn greet(address: &str, installation: &Installation, another: bool, language: Language) -> Result<(), Failure> {
    let limits = Limits::default();
    let now = Instant::new(now());
    let mut code = issue_set_up_code(&installation.db, now, limits.set_up, &random).await.map_err(no_code)?;
    if code.is_none() && another {
        code = Some(issue_code_for_another(&installation.db, now, limits.set_up, &random).await.map_err(no_code)?);
    }
    if code.is_none() {
        code = super::demo::claim_code(installation).await?;
    }
    let mut lines = vec![format!("Kitei  {address}")];
    if another && code.is_some() {
        let page = format!("{address}set-up");
        let words = say(format!("新しい組織を作る画面: {page}"), format!("New organisation: {page}"));
        lines.push(language.of(&words).to_owned());
    }
    if let Some(code) = code {
        let (code, hours) = (code.reveal(), limits.set_up / 3600);
        lines.push(
            language
                .of(&say(
                    format!("最初の設定コード（{hours}時間、一度だけ）: {code}"),
                    format!("Set-up code (once, for {hours} hours): {code}"),
                ))
                .to_owned(),
        );
    }
    match output::print(&lines.join("\n")) {
        // A server goes on when nobody reads what it prints.
        Err(Failure::Closed) => Ok(()),
        printed => printed,
    }
}

/// The set-up code cannot be made.
pub(super) fn no_code(error: impl std::fmt::Display) -> Failure {
    Failure::obstacle(format!("設定コードを作れない。（{error}）"), format!("no set-up code: {error}"))
}

fn taken(config: &Config, error: &std::io::Error) -> Failure {
    let address = config.listen;
    let (ja, en) = match error.kind() {
        ErrorKind::AddrInUse => ("ほかのプログラムが使っている。", "another program serves there"),
        ErrorKind::PermissionDenied => {
            ("この番号を使う権限がない（1024未満は特別）。", "no permission (ports below 1024 need one)")
        }
        ErrorKind::AddrNotAvailable => ("この機械のアドレスではない。", "not an address of this machine"),
        _ => ("待ち受けられない。", "cannot listen"),
    };
    let kind = error.kind();
    Failure::obstacle(
        format!("{address}: {ja} --listen で別のアドレスにする。（{kind}）"),
        format!("{address}: {en}; choose another with --listen ({kind})"),
    )
}

/// The signals that tell a server to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Begins to listen for them; before that a signal ends the program at once.
    fn listen() -> Result<Self, Failure> {
        let failed = |_| Failure::internal("シグナルを受け取れない。", "signals cannot be received");
        Ok(Self {
            terminate: signal(SignalKind::terminate()).map_err(failed)?,
            interrupt: signal(SignalKind::interrupt()).map_err(failed)?,
        })
    }

    async fn come(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
