//! `kitei pack explain`: where a value comes from: all packs, what each says, the result, the clauses.

use std::collections::BTreeSet;

use clap::Args;
use kitei_rules::pack::model::Pack;
use kitei_rules::rulebook::Sayings;
use serde_json::json;

use super::{chosen, shelf};
use crate::cli::Ctx;
use crate::config::Place;
use crate::exit::{Failure, Verdict};
use crate::language::did_you_mean;
use crate::output;

/// Arguments of `kitei pack explain`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// 値の名前、台帳.項目、行為、役割 — A parameter, register.field, register.fact, act or role.
    #[arg(value_name = "NAME")]
    name: String,
    /// 合わせるパック（既定：すべて） — Packs to compose (default: all).
    #[arg(long, value_name = "ID,ID…", value_delimiter = ',')]
    packs: Vec<String>,
    /// 結果をJSONで出す — Print the result as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Explains.
///
/// # Errors
/// Packs cannot be read, or nothing has the name.
pub(super) fn run(arguments: &Arguments, ctx: &Ctx) -> Result<Verdict, Failure> {
    let shelf = shelf(&arguments.place, ctx)?;
    let ids = chosen(&shelf, &arguments.packs)?;
    let packs: Vec<&Pack> = shelf.with_bases(&ids).into_iter().map(|shelved| &shelved.pack).collect();
    let sayings = Sayings::compose(packs);
    let found = sayings.explain(&arguments.name);
    if found.is_empty() {
        let name = &arguments.name;
        let known = names(&sayings);
        let near = did_you_mean(name, known.iter().map(String::as_str));
        return Err(Failure::input(
            format!("{name}: この名前の値・項目・行為・役割はない。{}", near.ja),
            format!("{name}: no parameter, field, fact, act or role has this name{}", near.en),
        ));
    }
    if arguments.json {
        output::print_json(&json!({ "name": arguments.name, "explanations": found }))?;
        return Ok(Verdict::Clean);
    }
    let language = ctx.language;
    for one in &found {
        let kind = match one.kind {
            "parameter" => language.pick("値", "parameter"),
            "field" => language.pick("項目", "field"),
            "fact" => language.pick("判定", "fact"),
            "act" => language.pick("行為", "act"),
            "role" => language.pick("役割", "role"),
            other => other,
        };
        output::print(&format!("{kind} {} — {}\n  = {}", one.name, language.of(&one.title), one.result))?;
        for voice in &one.voices {
            let mark = if voice.wins { "*" } else { " " };
            let (pack, says, place) = (&voice.pack, &voice.says, &voice.place);
            output::print(&format!("  {mark} {pack}: {says}  [{}]  {place}", voice.basis.join(", ")))?;
        }
    }
    Ok(Verdict::Clean)
}

/// Every name that can be explained.
fn names(sayings: &Sayings) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    names.extend(sayings.parameters.keys().cloned());
    names.extend(sayings.acts.keys().cloned());
    names.extend(sayings.roles.keys().cloned());
    names.extend(sayings.facts.keys().map(|(on, id)| format!("{on}.{id}")));
    for register in sayings.registers.keys().filter_map(|id| sayings.register(id)) {
        names.extend(register.fields.iter().map(|field| format!("{}.{}", register.id, field.id)));
    }
    names
}
