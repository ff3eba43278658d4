//! Configuration: the usual values, under a file, under the environment, under flags.
//!
//! The file is the one of `--config` (or `KITEI_CONFIG`), else `./kitei.toml`, else `kitei.toml` in the data directory.
//! Everything is parsed here, once: what comes out is right in itself, and every mistake is named at once with where it
//! stands. Kept true in docs/configuration.md.
//!
//! Invariant: an unknown key or variable is refused, never passed over.
//! Invariant: no password comes from a flag or a variable, and none is shown.
//! Invariant: an address that other machines reach is served under TLS, or a proxy in front is vouched for.

mod key;
mod layer;
mod parse;
mod postgres;

#[cfg(test)]
mod tests;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use kitei_rules::pack::model::Text;

use crate::environment::Surroundings;
use crate::exit::Failure;
use crate::language::say;
use crate::secret::SecretText;
use layer::Layer;
use parse::Parse;

/// The name of the configuration file where none is named.
const FILE: &str = "kitei.toml";
/// The longest configuration file, in bytes.
const LONGEST: u64 = 1 << 20;

/// The configuration, checked.
#[derive(Debug)]
pub(crate) struct Config {
    /// The file it was read from, if there is one.
    pub(crate) file: Option<PathBuf>,
    /// Data directory.
    pub(crate) data: PathBuf,
    /// Address on which to serve.
    pub(crate) listen: SocketAddr,
    /// Where people reach it, without a slash at the end; `None`: at the address on which it serves.
    pub(crate) public_url: Option<String>,
    /// Certificate and key.
    pub(crate) tls: Option<TlsFiles>,
    /// A proxy in front ends TLS and says who the client is.
    pub(crate) behind_proxy: bool,
    /// Address of a PostgreSQL database with its password; `None`: SQLite in the data directory.
    pub(crate) postgres: Option<SecretText>,
    /// Directory of further packs.
    pub(crate) packs: Option<PathBuf>,
    /// Directory of fonts for rare kanji.
    pub(crate) fonts: Option<PathBuf>,
    /// How large attachments may be, and which kinds are taken.
    pub(crate) attachments: kitei_app::kernel::attach_kind::Limits,
    /// E-mail, if any is sent.
    pub(crate) mail: Option<Mail>,
    /// Logs.
    pub(crate) log: Log,
}

/// Certificate chain and private key, both PEM.
#[derive(Debug, Clone)]
pub(crate) struct TlsFiles {
    /// Certificate chain, the server's own first.
    pub(crate) cert: PathBuf,
    /// Private key.
    pub(crate) key: PathBuf,
}

/// How e-mail leaves the house.
#[derive(Debug)]
pub(crate) struct Mail {
    /// Server.
    pub(crate) host: String,
    /// Port.
    pub(crate) port: u16,
    /// TLS is begun with STARTTLS, and without it nothing is sent.
    pub(crate) starttls: bool,
    /// Certificates that vouch for the server beside the usual ones.
    pub(crate) ca: Option<PathBuf>,
    /// Sender.
    pub(crate) from: lettre::message::Mailbox,
    /// User and password, if the server wants them.
    pub(crate) login: Option<(String, SecretText)>,
}

/// Logs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Log {
    /// For people or for machines.
    pub(crate) format: LogFormat,
    /// From which level on.
    pub(crate) level: LogLevel,
}

/// The form of a line of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// For machines, an object a line.
    Json,
}

/// The least level that is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogLevel {
    /// Only what failed.
    Error,
    /// And what somebody should look at.
    Warn,
    /// And what the program does.
    Info,
    /// And how.
    Debug,
}

impl LogLevel {
    /// The word in configuration and filter.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }
}

/// Where configuration and data lie, for commands that need no more.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Place {
    /// 設定ファイル（既定：./kitei.toml、なければデータディレクトリのもの） — Configuration file.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// データディレクトリ（既定：./data） — Data directory.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<String>,
}

/// The flags for configuration keys.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "設定 — Configuration (docs/configuration.md)")]
pub(crate) struct Flags {
    #[command(flatten)]
    pub(crate) place: Place,
    /// 待ち受けるアドレス（既定：127.0.0.1:8080） — Address to serve on.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// TLSの証明書（PEM） — TLS certificate chain.
    #[arg(long, value_name = "FILE")]
    tls_cert: Option<String>,
    /// TLSの秘密鍵（PEM） — TLS private key.
    #[arg(long, value_name = "FILE")]
    tls_key: Option<String>,
    /// TLSを終端するプロキシの後ろで動かす — A proxy in front does TLS.
    #[arg(long)]
    behind_proxy: bool,
    /// PostgreSQLの場所（既定：SQLite） — PostgreSQL address without password (default: SQLite).
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// 追加の規程パックのディレクトリ — Directory of further packs.
    #[arg(long, value_name = "DIR")]
    packs: Option<String>,
    /// めずらしい漢字のフォントのディレクトリ — Directory of fonts for rare kanji.
    #[arg(long, value_name = "DIR")]
    fonts: Option<String>,
    /// ログの形（既定：text） — Form of the log.
    #[arg(long, value_name = "text|json")]
    log_format: Option<String>,
    /// ログの細かさ（既定：info） — Level of the log.
    #[arg(long, value_name = "error|warn|info|debug")]
    log_level: Option<String>,
}

impl Flags {
    /// Flags of a command that only says where configuration and data lie.
    pub(crate) fn of_place(place: &Place) -> Self {
        Self { place: place.clone(), ..Self::default() }
    }

    fn values(&self) -> [(&'static str, Option<String>); 10] {
        [
            ("data", self.place.data.clone()),
            ("listen", self.listen.clone()),
            ("tls.cert", self.tls_cert.clone()),
            ("tls.key", self.tls_key.clone()),
            ("behind_proxy", self.behind_proxy.then(|| "true".to_owned())),
            ("database.url", self.database_url.clone()),
            ("packs", self.packs.clone()),
            ("fonts", self.fonts.clone()),
            ("log.format", self.log_format.clone()),
            ("log.level", self.log_level.clone()),
        ]
    }
}

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Every mistake, each with where it stands and what would be right.
    pub(crate) fn load(flags: &Flags, surroundings: &Surroundings) -> Result<Self, Failure> {
        let mut problems = Vec::new();
        let variables = Layer::of_variables(surroundings, &mut problems);
        let over = variables.under(Layer::of_flags(flags));
        let file = find(flags, surroundings, &over, &mut problems);
        let layer = match &file {
            Some((path, text, in_data)) => {
                let layer = Layer::of_file(path, text, &mut problems);
                if let Some(given) = layer.given("data").filter(|_| *in_data) {
                    problems.push(say(
                        format!("{}: データディレクトリの中の設定では `data` を決められない。", given.origin),
                        format!(
                            "{}: a file in the data directory cannot say where that is; remove `data`",
                            given.origin
                        ),
                    ));
                }
                layer.under(over)
            }
            None => over,
        };
        let config = Parse::new(&layer, surroundings, &mut problems).config(file.map(|(path, ..)| path));
        match config {
            Some(config) if problems.is_empty() => Ok(config),
            _ => Err(Failure::Input(problems)),
        }
    }

    /// The directory of configured packs alone, for commands that look at packs and need nothing else.
    ///
    /// # Errors
    /// As `load`.
    pub(crate) fn packs_at(place: &Place, surroundings: &Surroundings) -> Result<Option<PathBuf>, Failure> {
        Ok(Self::load(&Flags::of_place(place), surroundings)?.packs)
    }
}

/// The configuration file: its path, its text, and whether it was found in the data directory.
fn find(
    flags: &Flags,
    surroundings: &Surroundings,
    over: &Layer,
    problems: &mut Vec<Text>,
) -> Option<(PathBuf, String, bool)> {
    let named = flags.place.config.clone().or_else(|| surroundings.variable("KITEI_CONFIG").map(PathBuf::from));
    if let Some(path) = named {
        let path = surroundings.directory.join(path);
        let text = read(&path, problems);
        if matches!(text, Some(None)) {
            problems.push(say(
                format!("{}: 設定ファイルがない。", path.display()),
                format!("{}: no such configuration file", path.display()),
            ));
        }
        return text.flatten().map(|text| (path, text, false));
    }
    let data = surroundings.directory.join(over.given("data").map_or(parse::USUAL_DATA, |given| given.text.as_str()));
    for (path, in_data) in [(surroundings.directory.join(FILE), false), (data.join(FILE), true)] {
        if let Some(text) = read(&path, problems)? {
            return Some((path, text, in_data));
        }
    }
    None
}

/// The text of a file; `Some(None)` when there is none, `None` when it cannot be read (and that has been said).
fn read(path: &Path, problems: &mut Vec<Text>) -> Option<Option<String>> {
    let long = path.metadata().is_ok_and(|metadata| metadata.len() > LONGEST);
    let read = if long { Err(ErrorKind::FileTooLarge.into()) } else { std::fs::read_to_string(path) };
    match read {
        Ok(text) => Some(Some(text)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Some(None),
        Err(error) => {
            let (path, kind) = (path.display(), error.kind());
            problems.push(say(
                format!("{path}: 設定ファイルを読めない（{kind}）。"),
                format!("{path}: cannot be read: {kind}"),
            ));
            None
        }
    }
}
