//! `kitei user`: accounts from the machine itself: who has one, inviting, locking, helping somebody back in.
//!
//! Whoever may run this holds the machine; each change is an event that says it came from the command line.
//!
//! Invariant: no password is asked for or shown; what is printed is a link that works once.

mod desk;

use clap::{Args, Subcommand};
use kitei_app::shell::sign_in::{self, Invitee, Limits, Shown, SignInError};
use kitei_rules::password::{AccountKind, LoginFacts};
use serde_json::{Value, json};

use crate::cli::{Ctx, block_on};
use crate::config::{Config, Flags, Place};
use crate::exit::{Failure, Verdict};
use crate::installation::{Beside, Purpose};
use crate::language::{Language, say};
use crate::{output, packs};
use desk::{Desk, Member, NOBODY};

/// Arguments of `kitei user`.
#[derive(Debug, Args)]
#[command(
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "サーバーが動いていてもよい。変更は証跡に「console」による出来事として残る。\n\
    A running server is not hindered; each change is an event by `console` in the evidence log."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 従業者とアカウントの一覧 — People and their accounts.
    List {
        #[command(flatten)]
        common: Common,
    },
    /// 招待し、一度だけ使えるリンクを示す — Invite somebody; prints a link that works once.
    Invite {
        /// 従業者の番号又は氏名 — Number or name of the person.
        #[arg(value_name = "WHO")]
        who: String,
        /// ログイン名 — Name to sign in with.
        #[arg(long, value_name = "NAME")]
        login: String,
        /// 設定を変えられる特権アカウント — A privileged account, which may change settings.
        #[arg(long)]
        privileged: bool,
        /// お勧めできないログイン名でも使う — Use the name in spite of advice against it.
        #[arg(long)]
        insist: bool,
        #[command(flatten)]
        common: Common,
    },
    /// アカウントを止める（サインイン中なら終わらせる） — Lock an account; its sessions end.
    Lock {
        #[command(flatten)]
        whose: Whose,
    },
    /// 止めたアカウントと、失敗による締め出しを解く — Unlock an account, and lift lock-outs by wrong passwords.
    Unlock {
        #[command(flatten)]
        whose: Whose,
    },
    /// サインインをすべて終わらせる — End every session of somebody.
    EndSessions {
        #[command(flatten)]
        whose: Whose,
    },
    /// パスワードを決め直すリンクを示す — Print a link with which somebody sets a new password.
    Reset {
        #[command(flatten)]
        whose: Whose,
        /// 二要素目も外す（端末をなくしたとき） — Also remove the second factor (the device is lost).
        #[arg(long)]
        second_factor: bool,
    },
}

/// Whose account, and where.
#[derive(Debug, Args)]
struct Whose {
    /// ログイン名、従業者の番号又は氏名 — Login, number or name of the person.
    #[arg(value_name = "WHO")]
    who: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct Common {
    /// 組織（一つだけなら要らない） — The organisation's name in addresses.
    #[arg(long, value_name = "SLUG")]
    organization: Option<String>,
    /// リンクの先頭（既定：待ち受けるアドレス） — How links begin (default: the address served).
    #[arg(long, value_name = "URL")]
    address: Option<String>,
    /// 結果をJSONで出す — Print the result as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

impl Command {
    fn common(&self) -> &Common {
        match self {
            Self::List { common } | Self::Invite { common, .. } => common,
            Self::Lock { whose } | Self::Unlock { whose } | Self::EndSessions { whose } | Self::Reset { whose, .. } => {
                &whose.common
            }
        }
    }
}

/// Runs the subcommand.
///
/// # Errors
/// There is no such installation, organisation or person, or the rules refuse.
pub(super) fn run(arguments: &Arguments, ctx: &Ctx) -> Result<Verdict, Failure> {
    let command = &arguments.command;
    let common = command.common();
    let config = Config::load(&Flags::of_place(&common.place), &ctx.surroundings)?;
    let shelf = packs::shelf(config.packs.as_deref())?;
    let purpose = if matches!(command, Command::List { .. }) { Purpose::Look } else { Purpose::Change };
    let said = block_on(async {
        let beside = Beside::open(&config, shelf, purpose).await?;
        let said = work(&beside, command, &config).await;
        beside.close().await;
        said
    })?;
    if common.json {
        output::print_json(&said.json)?;
    } else {
        output::print(ctx.language.of(&said.text))?;
    }
    Ok(Verdict::Clean)
}

/// What a command has to say.
struct Said {
    text: kitei_rules::pack::model::Text,
    json: Value,
}

async fn work(beside: &Beside, command: &Command, config: &Config) -> Result<Said, Failure> {
    let common = command.common();
    let desk = Desk::open(beside, common.organization.as_deref()).await?;
    let who = match command {
        Command::List { .. } => return list(&desk).await,
        Command::Invite { who, .. } => who,
        Command::Lock { whose }
        | Command::Unlock { whose }
        | Command::EndSessions { whose }
        | Command::Reset { whose, .. } => &whose.who,
    };
    let wrong = |error: SignInError| desk::failure(&error, who);
    let member = desk.person(who).await?;
    let ctx = desk.ctx();
    let name = member.name().to_owned();
    let done = |ja: &str, en: &str| {
        let json = json!({ "person": member.id, "done": en });
        Said { text: say(format!("{name}：{ja}"), format!("{name}: {en}")), json }
    };
    match command {
        Command::List { .. } => list(&desk).await,
        Command::Invite { login, privileged, insist, .. } => {
            let names: Vec<&str> = member.names.iter().map(String::as_str).collect();
            let numbers: Vec<&str> = member.numbers.iter().map(String::as_str).collect();
            let invitee = Invitee {
                person: member.id,
                login,
                kind: if *privileged { AccountKind::Privileged } else { AccountKind::General },
                facts: LoginFacts {
                    employee_numbers: &numbers,
                    names: &names,
                    systems: &[&desk.organization.name, "Kitei"],
                    taken: false,
                    has_account: false,
                },
                insists: *insist,
            };
            let link = sign_in::invite(&ctx, &invitee, NOBODY).await.map_err(wrong)?;
            Ok(link_of(&Link { beside, desk: &desk, member: &member, common, config }, &link).await)
        }
        Command::Lock { .. } => {
            sign_in::suspend(&ctx, member.id, NOBODY).await.map_err(wrong)?;
            Ok(done("アカウントを止めた。", "locked"))
        }
        Command::Unlock { .. } => {
            let suspended = member.account.as_ref().is_some_and(|account| account.state == "suspended");
            if suspended {
                sign_in::restore(&ctx, member.id, NOBODY).await.map_err(wrong)?;
            }
            sign_in::lift_lockout(&ctx, member.id, NOBODY).await.map_err(wrong)?;
            Ok(done("アカウントと締め出しを解いた。", "unlocked"))
        }
        Command::EndSessions { .. } => {
            let ended = sign_in::end_sessions(&ctx, member.id, None, NOBODY).await.map_err(wrong)?;
            let json = json!({ "person": member.id, "ended": ended });
            let text =
                say(format!("{name}：サインイン{ended}件を終わらせた。"), format!("{name}: {ended} sessions ended"));
            Ok(Said { text, json })
        }
        Command::Reset { second_factor, .. } => {
            let has_factor = member.account.as_ref().is_some_and(|account| account.totp.is_some());
            if *second_factor && has_factor {
                sign_in::remove_totp(&ctx, member.id, NOBODY).await.map_err(wrong)?;
            }
            let link = sign_in::new_link(&ctx, member.id, NOBODY).await.map_err(wrong)?;
            Ok(link_of(&Link { beside, desk: &desk, member: &member, common, config }, &link).await)
        }
    }
}

/// What a link is made from.
struct Link<'l> {
    beside: &'l Beside,
    desk: &'l Desk<'l>,
    member: &'l Member,
    common: &'l Common,
    config: &'l Config,
}

async fn link_of(link: &Link<'_>, secret: &Shown) -> Said {
    let base = match &link.common.address {
        Some(address) => address.trim_end_matches('/').to_owned(),
        None => {
            let scheme = if link.config.tls.is_some() { "https" } else { "http" };
            format!("{scheme}://{}", link.config.listen)
        }
    };
    // Where there is one organisation its pages need no name.
    let several = link.beside.organizations(None).await.is_ok_and(|all| all.len() > 1);
    let organization = if several { format!("&organization={}", link.desk.organization.slug) } else { String::new() };
    let address = format!("{base}/join?link={}{organization}", secret.reveal());
    let days = Limits::default().link / 86_400;
    let name = link.member.name();
    Said {
        text: say(
            format!("{name}：本人だけに渡す。一度だけ、{days}日のあいだ使える。二度と表示しない。\n{address}"),
            format!(
                "{name}: give it to the person alone; it works once, for {days} days, and is not shown again\n{address}"
            ),
        ),
        json: json!({ "person": link.member.id, "link": address, "days": days }),
    }
}

async fn list(desk: &Desk<'_>) -> Result<Said, Failure> {
    let members = desk.members().await?;
    let ctx = desk.ctx();
    let (mut rows, mut ja, mut en) = (Vec::new(), Vec::new(), Vec::new());
    for member in &members {
        let open = match &member.account {
            Some(_) => {
                let sessions = sign_in::list_sessions(&ctx, member.id, None).await;
                sessions.map_err(|error| desk::failure(&error, member.name()))?.len()
            }
            None => 0,
        };
        let account = member.account.as_ref();
        let (login, state) = (account.map_or("-", |a| a.login.as_str()), account.map_or("none", |a| a.state.as_str()));
        let factor = account.is_some_and(|account| account.totp.is_some());
        let line = |language: Language| {
            let kind = match (account, member.is_privileged()) {
                (None, _) => "-",
                (_, true) => language.pick("特権", "privileged"),
                (_, false) => language.pick("一般", "general"),
            };
            let state = match state {
                "invited" => language.pick("招待中", "invited"),
                "active" => language.pick("使用中", "active"),
                "suspended" => language.pick("停止", "locked"),
                _ => language.pick("なし", "none"),
            };
            let factor = if factor { language.pick("二要素", "second factor") } else { "-" };
            [member.number.as_str(), login, state, kind, factor, &open.to_string(), member.name()].join("\t")
        };
        ja.push(line(Language::Ja));
        en.push(line(Language::En));
        rows.push(json!({
            "person": member.id, "number": member.number, "name": member.name(), "login": account.map(|a| &a.login),
            "state": state, "privileged": member.is_privileged(), "second_factor": factor, "sessions": open,
        }));
    }
    let head = (
        "番号\tログイン名\t状態\t種類\t二要素目\tサインイン\t氏名",
        "number\tlogin\tstate\tkind\tfactor\tsessions\tname",
    );
    let text = say(format!("{}\n{}", head.0, ja.join("\n")), format!("{}\n{}", head.1, en.join("\n")));
    Ok(Said { text, json: json!({ "users": rows }) })
}
