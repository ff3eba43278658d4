//! From what was said to what holds: each value parsed, with the rules between them.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use kitei_app::kernel::attach_kind::{KINDS, Limits};
use kitei_rules::pack::model::Text;

use super::layer::{Given, Layer};
use super::postgres::Address;
use super::{Config, Log, LogFormat, LogLevel, Mail, TlsFiles};
use crate::environment::Surroundings;
use crate::language::say;
use crate::secret::SecretText;

/// The data directory where none is named.
pub(super) const USUAL_DATA: &str = "data";
/// Where Kitei serves when nothing is said: on this machine alone.
const USUAL_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
/// The port for handing in mail (RFC 6409).
const SUBMISSION: u16 = 587;

/// Parses a layer.
pub(super) struct Parse<'p> {
    layer: &'p Layer,
    surroundings: &'p Surroundings,
    problems: &'p mut Vec<Text>,
}

impl<'p> Parse<'p> {
    pub(super) fn new(layer: &'p Layer, surroundings: &'p Surroundings, problems: &'p mut Vec<Text>) -> Self {
        Self { layer, surroundings, problems }
    }

    /// The configuration; `None` when something is wrong, which has been added to the problems.
    pub(super) fn config(mut self, file: Option<PathBuf>) -> Option<Config> {
        let data = self.path("data").unwrap_or_else(|| self.surroundings.directory.join(USUAL_DATA));
        let listen = self.listen();
        let tls = self.tls();
        let behind_proxy = self.switch("behind_proxy", false);
        if let Some(listen) = listen {
            self.reachable_only_safely(listen, tls.is_some(), behind_proxy);
        }
        let public_url = self.public_url();
        let (postgres, packs, fonts) = (self.postgres(), self.path("packs"), self.path("fonts"));
        let (attachments, mail, log) = (self.attachments(), self.mail(), self.log());
        let listen = listen?;
        Some(Config {
            file,
            data,
            listen,
            public_url,
            tls,
            behind_proxy,
            postgres,
            packs,
            fonts,
            attachments,
            mail,
            log,
        })
    }

    fn wrong(&mut self, given: &Given, key: &str, text: &Text) {
        let origin = &given.origin;
        let name = if origin.to_string().ends_with(key) { String::new() } else { format!("`{key}`: ") };
        self.problems.push(say(format!("{origin}: {name}{}", text.ja), format!("{origin}: {name}{}", text.en)));
    }

    fn text(&mut self, key: &'static str) -> Option<Given> {
        let given = self.layer.given(key)?.clone();
        if given.text.trim().is_empty() {
            self.wrong(
                &given,
                key,
                &say("空である。値を書くか、この設定を消す。", "is empty; give a value or remove it"),
            );
            return None;
        }
        Some(given)
    }

    fn path(&mut self, key: &'static str) -> Option<PathBuf> {
        self.text(key).map(|given| self.surroundings.directory.join(given.text))
    }

    fn switch(&mut self, key: &'static str, usual: bool) -> bool {
        let Some(given) = self.text(key) else { return usual };
        given.text.parse().unwrap_or_else(|_| {
            self.wrong(&given, key, &say("true か false にする。", "must be true or false"));
            usual
        })
    }

    fn listen(&mut self) -> Option<SocketAddr> {
        let Some(given) = self.text("listen") else {
            return self.layer.given("listen").is_none().then_some(USUAL_LISTEN);
        };
        let text = given.text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
        let address = text.as_deref().unwrap_or(&given.text).parse().ok();
        if address.is_none() {
            let wanted = say(
                "アドレスとポートを 127.0.0.1:8080 や [::1]:8080 のように書く。",
                "must be an address and a port, such as 127.0.0.1:8080 or [::1]:8080",
            );
            self.wrong(&given, "listen", &wanted);
        }
        address
    }

    fn tls(&mut self) -> Option<TlsFiles> {
        match (self.path("tls.cert"), self.path("tls.key")) {
            (Some(cert), Some(key)) => Some(TlsFiles { cert, key }),
            (None, None) => None,
            _ => {
                self.problems.push(say(
                    "tls.cert と tls.key（--tls-cert と --tls-key）は両方そろえる。",
                    "tls.cert and tls.key (--tls-cert and --tls-key) belong together; give both",
                ));
                None
            }
        }
    }

    /// Where people reach it: scheme and host, perhaps a port or a path; anything else would make broken links.
    fn public_url(&mut self) -> Option<String> {
        let given = self.text("public_url")?;
        let url = given.text.trim().trim_end_matches('/');
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let plain = |rest: &str| !rest.is_empty() && !rest.contains(['?', '#', '@', '"', '<', '>', ' ', '　']);
        if host.is_some_and(plain) {
            return Some(url.to_owned());
        }
        let text = say("https://kitei.example.jp のように書く。", "must be like https://kitei.example.org");
        self.wrong(&given, "public_url", &text);
        None
    }

    /// An address that other machines reach needs TLS, here or in front.
    fn reachable_only_safely(&mut self, listen: SocketAddr, tls: bool, behind_proxy: bool) {
        if listen.ip().is_loopback() || tls || behind_proxy {
            return;
        }
        let Some(given) = self.layer.given("listen").cloned() else { return };
        let text = say(
            format!(
                "{listen} はほかの機械から届くので、暗号化なしでは始めない。--tls-cert と --tls-key で証明書と鍵を指定するか、\
                 TLSを終端するプロキシの後ろなら --behind-proxy を付けるか、127.0.0.1 で待ち受ける。"
            ),
            format!(
                "other machines reach {listen}, so Kitei does not start there without encryption: give --tls-cert and \
                 --tls-key, or --behind-proxy if a proxy in front does TLS, or listen on 127.0.0.1"
            ),
        );
        self.wrong(&given, "listen", &text);
    }

    fn postgres(&mut self) -> Option<SecretText> {
        let Some(given) = self.text("database.url") else {
            if let Some(given) = self.layer.given("database.password_file").cloned() {
                let text = say("database.url も書く。", "database.url is missing; SQLite has no password");
                self.wrong(&given, "database.password_file", &text);
            }
            return None;
        };
        let password = self.password("database.password_file", "kitei-database-password");
        match Address::parse(&given.text) {
            Ok(address) => Some(address.with(password.as_ref())),
            Err(text) => {
                self.wrong(&given, "database.url", &text);
                None
            }
        }
    }

    /// A password from the file of a key, else from a systemd credential (`LoadCredential=`).
    fn password(&mut self, key: &'static str, credential: &str) -> Option<SecretText> {
        if let Some(given) = self.text(key) {
            let path = self.surroundings.directory.join(&given.text);
            return SecretText::from_file(&path).map_err(|text| self.wrong(&given, key, &text)).ok();
        }
        let path = Path::new(self.surroundings.variable("CREDENTIALS_DIRECTORY")?).join(credential);
        if !path.exists() {
            return None;
        }
        let said = |text: Text| say(format!("{credential}: {}", text.ja), format!("{credential}: {}", text.en));
        SecretText::from_file(&path).map_err(|text| self.problems.push(said(text))).ok()
    }

    fn mail(&mut self) -> Option<Mail> {
        let password = self.password("mail.password_file", "kitei-mail-password");
        let Some(host) = self.text("mail.host") else {
            for key in ["mail.from", "mail.user", "mail.port", "mail.starttls", "mail.ca", "mail.password_file"] {
                if let Some(given) = self.text(key) {
                    self.wrong(
                        &given,
                        key,
                        &say("mail.host（メールサーバー）も書く。", "mail.host is missing; name the server too"),
                    );
                }
            }
            return None;
        };
        let port = self.port();
        let starttls = self.switch("mail.starttls", true);
        let here = matches!(host.text.as_str(), "localhost" | "127.0.0.1" | "::1");
        if !starttls && !here {
            let text = say(
                "mail.starttls = false は、この機械のサーバー（localhost）にだけ使える。",
                "mail.starttls = false is for a server on this machine (localhost) only",
            );
            self.wrong(&host, "mail.host", &text);
        }
        let ca = self.path("mail.ca");
        let from = self.from(&host);
        let login = self.login(password, starttls);
        Some(Mail { host: host.text, port, starttls, ca, from: from?, login })
    }

    /// Size and kinds of attachments.
    fn attachments(&mut self) -> Limits {
        let mut limits = Limits::default();
        if let Some(given) = self.text("attachments.max_mb") {
            let highest = Limits::HIGHEST >> 20;
            match given.text.parse::<usize>().ok().filter(|most| (1..=highest).contains(most)) {
                Some(most) => limits.most = most << 20,
                None => {
                    let (ja, en) =
                        (format!("1から{highest}の数にする。"), format!("must be a number from 1 to {highest}"));
                    self.wrong(&given, "attachments.max_mb", &say(ja, en));
                }
            }
        }
        if let Some(given) = self.text("attachments.kinds") {
            match Limits::kinds_of(&given.text) {
                Ok(kinds) if !kinds.is_empty() => limits.kinds = kinds,
                _ => {
                    let all = KINDS.iter().map(|kind| kind.id).collect::<Vec<_>>().join(", ");
                    let text = say(
                        format!("次のものをコンマで区切って書く: {all}。"),
                        format!("must be some of these, with commas between: {all}"),
                    );
                    self.wrong(&given, "attachments.kinds", &text);
                }
            }
        }
        limits
    }

    fn port(&mut self) -> u16 {
        let Some(given) = self.text("mail.port") else { return SUBMISSION };
        given.text.parse().ok().filter(|port| *port > 0).unwrap_or_else(|| {
            self.wrong(&given, "mail.port", &say("1から65535の数にする。", "must be a number from 1 to 65535"));
            SUBMISSION
        })
    }

    fn from(&mut self, host: &Given) -> Option<lettre::message::Mailbox> {
        let Some(given) = self.text("mail.from") else {
            self.wrong(host, "mail.host", &say("mail.from（差出人）も書く。", "mail.from (the sender) is missing"));
            return None;
        };
        let from = given.text.parse().ok();
        if from.is_none() {
            let text = say("規程 <kitei@example.jp> のように書く。", "must be like Kitei <kitei@example.org>");
            self.wrong(&given, "mail.from", &text);
        }
        from
    }

    fn login(&mut self, password: Option<SecretText>, starttls: bool) -> Option<(String, SecretText)> {
        match (self.text("mail.user"), password) {
            (Some(user), Some(password)) => {
                if !starttls {
                    let text = say(
                        "暗号化なしでパスワードは送らない。",
                        "no password is sent without encryption; set mail.starttls = true",
                    );
                    self.wrong(&user, "mail.user", &text);
                }
                Some((user.text, password))
            }
            (Some(user), None) => {
                let text = say(
                    "mail.password_file か systemd の資格情報 kitei-mail-password がない。",
                    "its password is missing: mail.password_file or the systemd credential kitei-mail-password",
                );
                self.wrong(&user, "mail.user", &text);
                None
            }
            (None, _) => None,
        }
    }

    fn log(&mut self) -> Log {
        let format = self.one_of("log.format", &[("text", LogFormat::Text), ("json", LogFormat::Json)]);
        let levels =
            [LogLevel::Error, LogLevel::Warn, LogLevel::Info, LogLevel::Debug].map(|level| (level.word(), level));
        let level = self.one_of("log.level", &levels);
        Log { format: format.unwrap_or(LogFormat::Text), level: level.unwrap_or(LogLevel::Info) }
    }

    fn one_of<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let given = self.text(key)?;
        let found = words.iter().find(|(word, _)| *word == given.text).map(|(_, value)| *value);
        if found.is_none() {
            let list = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
            self.wrong(&given, key, &say(format!("使える値: {list}"), format!("must be one of {list}")));
        }
        found
    }
}
