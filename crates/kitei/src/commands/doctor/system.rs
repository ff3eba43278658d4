//! What lies around the data: address and TLS, clock, fonts, mail, packs.

use std::net::TcpListener;

use jiff::tz::TimeZone;
use kitei_papers::pdf::Fonts;

use super::report::{Check, Report};
use crate::commands::serve::tls;
use crate::config::Config;
use crate::environment::{built_on, now};
use crate::exit::Failure;
use crate::language::{Language, say};
use crate::{mail, packs};

/// Address and TLS.
pub(super) fn listen(config: &Config, report: &mut Report) {
    if let Some(files) = &config.tls
        && let Err(failure) = tls::acceptor(files)
    {
        for text in failure.reasons() {
            let mend = say(
                "証明書と鍵をPEMで用意し、kitei を動かす利用者が読めるようにする。",
                "provide certificate and key in PEM form, readable by the user who runs kitei",
            );
            report.add(Check::wrong("listen", text.clone(), mend));
        }
        return;
    }
    let address = config.listen;
    let how = match (&config.tls, config.behind_proxy) {
        (Some(_), _) => say("TLS", "TLS"),
        (None, true) => say("プロキシの後ろ", "behind a proxy"),
        (None, false) => say("この機械だけ", "this machine only"),
    };
    report.add(match TcpListener::bind(address) {
        Ok(_) => Check::sound("listen", say(format!("{address}（{}）", how.ja), format!("{address} ({})", how.en))),
        Err(error) => Check::note(
            "listen",
            say(
                format!("{address} をいま使えない（{}）。", error.kind()),
                format!("{address} cannot be used now: {}.", error.kind()),
            ),
            say(
                "kitei が動いているならそれでよい。そうでなければ --listen を変える。",
                "fine if a kitei runs there; else choose another with --listen",
            ),
        ),
    });
}

/// The clock shows a day on or after that of the build.
pub(super) fn clock(report: &mut Report) {
    let now = now();
    let shown = now.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    let today = TimeZone::UTC.to_datetime(now).date();
    report.add(match built_on() {
        Some(built) if today < built => Check::wrong(
            "clock",
            say(
                format!("{shown} は、このプログラムができた {built} より前。"),
                format!("{shown} is before the day this program was built, {built}."),
            ),
            say("時計を合わせる（timedatectl set-ntp true）。", "set the clock (timedatectl set-ntp true)"),
        ),
        _ => Check::sound("clock", say(shown.clone(), shown)),
    });
}

/// The built-in fonts, and those of the configuration.
pub(super) fn fonts(config: &Config, report: &mut Report) {
    let directories: Vec<_> = config.fonts.iter().cloned().collect();
    report.add(match (Fonts::new(&directories), &config.fonts) {
        (Ok(_), Some(directory)) => {
            let directory = directory.display();
            Check::sound("fonts", say(format!("内蔵と {directory}"), format!("built in, and {directory}")))
        }
        (Ok(_), None) => {
            Check::sound("fonts", say("内蔵（JIS第1・第2水準とCP932の全字）", "built in (all characters of CP932)"))
        }
        (Err(error), _) => Check::wrong(
            "fonts",
            say(format!("フォントを読めない。（{error}）"), error.to_string()),
            say(
                "fonts に fonts-noto-cjk などのあるディレクトリを書くか、消す。",
                "let `fonts` name a directory with Noto Sans CJK or the like, or remove it",
            ),
        ),
    });
}

/// The mail server takes mail from us.
pub(super) async fn mail(config: &Config, report: &mut Report) {
    let Some(mail) = &config.mail else {
        report.add(Check::note(
            "mail",
            say("設定がない。メールは送らない。", "not configured; no mail is sent."),
            say("kitei.toml の [mail] に host と from を書く。", "give host and from under [mail] in kitei.toml"),
        ));
        return;
    };
    let (host, port) = (&mail.host, mail.port);
    report.add(match mail::reach(mail).await {
        Ok(()) => {
            let from = &mail.from.email;
            Check::sound(
                "mail",
                say(
                    format!("{host}:{port} につながる。差出人 {from}"),
                    format!("{host}:{port} answers; sender {from}"),
                ),
            )
        }
        Err(why) => Check::wrong(
            "mail",
            say(format!("{host}:{port} に送れない。（{why}）"), format!("{host}:{port}: {why}.")),
            say(
                "host・port・starttls・user と、ファイアウォールを確かめる。",
                "check host, port, starttls and user, and firewalls",
            ),
        ),
    });
}

/// The packs on the shelf are free of mistakes.
pub(super) fn packs(config: &Config, language: Language, report: &mut Report) {
    let shelf = match packs::shelf(config.packs.as_deref()) {
        Ok(shelf) => shelf,
        Err(failure) => return unreadable(&failure, report),
    };
    let ids: Vec<String> = shelf.iter().map(|(id, _)| id.to_owned()).collect();
    let errors: Vec<_> = shelf.check(&ids).into_iter().filter(kitei_rules::pack::Diagnostic::is_error).collect();
    report.add(match errors.first() {
        None => {
            let count = ids.len();
            Check::sound("packs", say(format!("{count}件、誤りなし"), format!("{count}, free of mistakes")))
        }
        Some(first) => {
            let (count, first) = (
                errors.len(),
                match language {
                    Language::Ja => first.in_japanese(),
                    Language::En => first.to_string(),
                },
            );
            Check::wrong(
                "packs",
                say(format!("誤り{count}件。最初のもの: {first}"), format!("{count} mistakes; the first: {first}")),
                say("kitei pack check で全部を見る。", "see them all with `kitei pack check`"),
            )
        }
    });
}

fn unreadable(failure: &Failure, report: &mut Report) {
    for text in failure.reasons() {
        report.add(Check::wrong(
            "packs",
            text.clone(),
            say("packs の場所と権限を確かめる。", "check the place and permissions of `packs`"),
        ));
    }
}
