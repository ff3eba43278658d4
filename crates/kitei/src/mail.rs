//! The way out for e-mail: SMTP with STARTTLS (RFC 5321, RFC 3207).
//!
//! Invariant: a password is sent under TLS only; without TLS mail goes to this machine alone (`config` refuses the rest).
//! Invariant: what failed is told by a word or a reply code; a server's own words may hold an address and are dropped.

use std::time::Duration;

use jiff::Timestamp;
use kitei_app::mail::{Letter, Outcome};
use lettre::message::header::{ContentType, Date, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use crate::config::Mail;

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whether the server of the configuration takes mail from us.
///
/// # Errors
/// What the server or the way to it said, without any address or password.
pub(crate) async fn reach(mail: &Mail) -> Result<(), String> {
    let transport = transport(mail)?;
    match transport.test_connection().await {
        Ok(true) => Ok(()),
        Ok(false) => Err("the server closed the connection".to_owned()),
        Err(error) => Err(words(&error)),
    }
}

/// Sends letters.
#[derive(Debug)]
pub(crate) struct Sender {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// How sending ended: what became of the letter, and whether the way itself is blocked, so that others need not be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sending {
    /// What became of the letter.
    pub(crate) outcome: Outcome,
    /// The server was not reached, or takes nothing from us.
    pub(crate) blocked: bool,
}

impl Sender {
    /// A sender by the server of the configuration.
    ///
    /// # Errors
    /// What is wrong with the configuration's certificate or server name.
    pub(crate) fn new(mail: &Mail) -> Result<Self, String> {
        Ok(Self { transport: transport(mail)?, from: mail.from.clone() })
    }

    /// Sends one letter.
    pub(crate) async fn send(&self, letter: &Letter, now: Timestamp) -> Sending {
        let Ok(message) = self.message(letter, now) else {
            return Sending { outcome: Outcome::Refused("bad-address".to_owned()), blocked: false };
        };
        match self.transport.send(message).await {
            Ok(_) => Sending { outcome: Outcome::Sent, blocked: false },
            Err(error) => judged(&error),
        }
    }

    /// The letter as a mail. Its `Message-ID` is the letter's id, so that a second sending is the same mail.
    fn message(&self, letter: &Letter, now: Timestamp) -> Result<Message, Box<dyn std::error::Error>> {
        let domain = self.from.email.domain();
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, letter.to.parse()?))
            .subject(letter.subject.clone())
            .message_id(Some(format!("<{}@{domain}>", letter.id)))
            .header(Date::from(std::time::UNIX_EPOCH + Duration::from_secs(seconds)))
            .header(Automatic);
        let text = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(letter.text.clone());
        Ok(match &letter.file {
            None => builder.singlepart(text)?,
            Some((name, content)) => {
                let file = Attachment::new(name.clone()).body(content.clone(), ContentType::TEXT_PLAIN);
                builder.multipart(MultiPart::mixed().singlepart(text).singlepart(file))?
            }
        })
    }
}

/// Says that a program wrote it (RFC 3834), so that absence notes do not come back.
#[derive(Debug, Clone, Copy)]
struct Automatic;

impl Header for Automatic {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// What an error means for the letter and for the way.
fn judged(error: &Error) -> Sending {
    let code = error.status().map(|code| code.to_string());
    // 53x: the server wants us to sign in otherwise (RFC 4954); that is no fault of the letter.
    let ours = code.as_deref().is_some_and(|code| code.starts_with("53"));
    let why = words(error);
    match code {
        Some(_) if error.is_permanent() && !ours => Sending { outcome: Outcome::Refused(why), blocked: false },
        // 421: the server is closing.
        Some(code) if !ours => Sending { outcome: Outcome::Later(why), blocked: code == "421" },
        _ => Sending { outcome: Outcome::Later(why), blocked: true },
    }
}

/// The transport that the configuration describes.
fn transport(mail: &Mail) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
    let tls = if mail.starttls {
        let mut parameters = TlsParameters::builder(mail.host.clone());
        if let Some(file) = &mail.ca {
            let pem = std::fs::read(file).map_err(|error| format!("mail.ca cannot be read: {}", error.kind()))?;
            let certificate = Certificate::from_pem(&pem).map_err(|_| "mail.ca is no certificate in PEM form")?;
            parameters = parameters.add_root_certificate(certificate);
        }
        Tls::Required(parameters.build().map_err(|error| words(&error))?)
    } else {
        Tls::None
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&mail.host)
        .port(mail.port)
        .tls(tls)
        .timeout(Some(PATIENCE));
    if let Some((user, password)) = &mail.login {
        builder = builder.credentials(Credentials::new(user.clone(), password.reveal().to_owned()));
    }
    Ok(builder.build())
}

fn words(error: &Error) -> String {
    let kind = if error.is_timeout() {
        "no answer in time"
    } else if error.is_tls() {
        "TLS failed (name, certificate or version)"
    } else if error.is_permanent() || error.is_transient() {
        "the server refused"
    } else if error.is_client() {
        "the server lacks what is needed (STARTTLS or a way to sign in)"
    } else {
        "no connection"
    };
    error.status().map_or_else(|| kind.to_owned(), |code| format!("{kind} (code {code})"))
}
