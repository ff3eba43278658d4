//! The way out for e-mail: SMTP with STARTTLS (RFC 5321, RFC 3207).
//!
//! Invariant: a password is sent under TLS only; without TLS mail goes to this machine alone (`config` refuses the rest).

use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, Tokio1Executor};

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

/// The transport that the configuration describes.
fn transport(mail: &Mail) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
    let tls = if mail.starttls {
        Tls::Required(TlsParameters::new(mail.host.clone()).map_err(|error| words(&error))?)
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

fn words(error: &lettre::transport::smtp::Error) -> String {
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
