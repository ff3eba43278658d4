//! The pages as this program serves them: fonts, sign-in, templates in a process of their own.

use std::sync::Arc;

use axum::Router;
use kitei_app::kernel::Installation;
use kitei_app::shell::sign_in::Security;
use kitei_app::web::{Signing, Templates, Web};
use kitei_papers::pdf::{Fonts, Renderer};

use crate::config::Config;
use crate::environment::random;
use crate::exit::Failure;

/// Every page.
///
/// # Errors
/// Fonts that cannot be read.
pub(super) fn router(config: &Config, installation: &Arc<Installation>) -> Result<Router, Failure> {
    let fonts = Fonts::new(config.fonts.as_slice()).map_err(|error| {
        Failure::input(format!("フォントを使えない。（{error}）"), format!("the fonts cannot be used: {error}"))
    })?;
    let renderer = Renderer::new(fonts).map_err(|error| broken(&error))?;
    let signing = Signing::new(Arc::new(random)).map_err(|error| broken(&error))?;
    // Browsers refuse a `Secure` cookie over plain http, which `config` allows on this machine alone.
    let secure = config.tls.is_some() || config.behind_proxy;
    // Templates come from packs, which may come from anywhere: a child of this program sets them.
    let program = std::env::current_exe().map_err(|error| broken(&error))?;
    let mut arguments = vec!["render".to_owned()];
    arguments.extend(config.fonts.iter().map(|fonts| fonts.display().to_string()));
    let web = Web {
        templates: Templates::Child { program, arguments },
        installation: Arc::clone(installation),
        signing,
        security: if secure { Security::Tls } else { Security::Loopback },
        behind_proxy: config.behind_proxy,
        attachments: config.attachments.clone(),
        mail: config.mail.is_some(),
        renderer: Arc::new(renderer),
        version: env!("CARGO_PKG_VERSION"),
    };
    Ok(kitei_app::web::router(Arc::new(web)))
}

fn broken(error: &dyn std::error::Error) -> Failure {
    Failure::internal(
        format!("プログラムの作りに誤りがある。（{error}）"),
        format!("the program was built wrongly: {error}"),
    )
}
