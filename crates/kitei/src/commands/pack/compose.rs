//! `kitei pack compose`: the rulebook that several packs make together, and the conflicts that must be read first.

use clap::Args;
use kitei_rules::pack::model::Pack;
use kitei_rules::rulebook::{Conflict, FieldRule, ParameterRule, RegisterRule, Sayings};
use kitei_rules::value::Value as Composed;
use serde_json::{Map, Value, json};

use super::{chosen, shelf};
use crate::cli::Ctx;
use crate::config::Place;
use crate::exit::{Failure, Verdict};
use crate::language::{Language, say};
use crate::output;

/// Arguments of `kitei pack compose`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// パックの名前（なければすべて） — Pack ids (none: all).
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// 結果をJSONで出す — Print the result as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Composes. Conflicts are problems.
///
/// # Errors
/// Packs cannot be read, or an id is unknown.
pub(super) fn run(arguments: &Arguments, ctx: &Ctx) -> Result<Verdict, Failure> {
    let shelf = shelf(&arguments.place, ctx)?;
    let ids = chosen(&shelf, &arguments.ids)?;
    let packs: Vec<&Pack> = shelf.with_bases(&ids).into_iter().map(|shelved| &shelved.pack).collect();
    let sayings = Sayings::compose(packs);
    let conflicts = sayings.conflicts();
    if arguments.json {
        output::print_json(&rulebook(&sayings, &conflicts))?;
    } else {
        print(&sayings, &conflicts, ctx.language)?;
    }
    Ok(Verdict::of(!conflicts.is_empty()))
}

fn print(sayings: &Sayings, conflicts: &[Conflict], language: Language) -> Result<(), Failure> {
    let heading = |ja, en| format!("\n{}", language.pick(ja, en));
    output::print(language.pick("パック", "Packs"))?;
    for head in sayings.packs.values() {
        output::print(&format!("  {} — {} ({})", head.id, language.of(&head.title), head.edition))?;
        if let Some(notice) = &head.notice {
            output::print(&format!("      {}", language.of(notice)))?;
        }
    }
    output::print(&heading("件数", "Counts"))?;
    for (ja, en, count) in counts(sayings) {
        output::print(&format!("  {:>5}  {}", count, language.pick(ja, en)))?;
    }
    output::print(&heading("値", "Parameters"))?;
    for rule in sayings.parameters.keys().filter_map(|key| sayings.parameter(key)) {
        let value = rule.value.as_ref().map_or_else(|| language.pick("（未設定）", "(not set)").to_owned(), words);
        output::print(&format!(
            "  {} = {value}  [{}]  {}",
            rule.key,
            rule.winners.join(", "),
            language.of(&rule.title)
        ))?;
    }
    let superseded: Vec<_> = sayings.supersedes.values().flat_map(|said| said.iter()).collect();
    if !superseded.is_empty() {
        output::print(&heading("法令が優先する条文", "Clauses superseded by law"))?;
        for (_, supersede) in superseded {
            let (article, reason) = (supersede.meta.basis.join(", "), language.of(&supersede.reason));
            output::print(&format!("  {} ← {article}: {reason}", supersede.clause))?;
        }
    }
    output::print(&heading("食い違い", "Conflicts"))?;
    if conflicts.is_empty() {
        output::print(&format!("  {}", language.pick("なし", "none")))?;
    }
    for conflict in conflicts {
        let text = say(&conflict.message.ja, &conflict.message.en);
        output::print(&format!("  {}  [{}]", language.of(&text), conflict.packs.join(", ")))?;
    }
    Ok(())
}

fn counts(sayings: &Sayings) -> [(&'static str, &'static str, usize); 14] {
    [
        ("条文", "clauses", sayings.clauses.len()),
        ("用語", "terms", sayings.terms.len()),
        ("値", "parameters", sayings.parameters.len()),
        ("役割", "roles", sayings.roles.len()),
        ("会議体", "bodies", sayings.bodies.len()),
        ("行為", "acts", sayings.acts.len()),
        ("台帳", "registers", sayings.registers.len()),
        ("判定", "facts", sayings.facts.len()),
        ("手続", "tracks", sayings.tracks.len()),
        ("関門", "gates", sayings.gates.len()),
        ("定期の義務", "duties", sayings.duties.len()),
        ("突合", "comparisons", sayings.compares.len()),
        ("書類", "papers", sayings.papers.len()),
        ("心得と設問", "rules and questions", sayings.rules.len() + sayings.questions.len()),
    ]
}

/// The composed rulebook as JSON, in the order of its keys.
fn rulebook(sayings: &Sayings, conflicts: &[Conflict]) -> Value {
    let counts: Map<String, Value> =
        counts(sayings).into_iter().map(|(_, en, count)| (en.to_owned(), count.into())).collect();
    let parameters = sayings.parameters.keys().filter_map(|key| sayings.parameter(key));
    let registers = sayings.registers.keys().filter_map(|id| sayings.register(id));
    let roles = sayings.roles.keys().filter_map(|id| sayings.role(id)).map(|role| {
        let value = json!({
            "title": role.title, "rank": role.rank, "required": role.required, "single": role.single,
            "internal": role.internal, "per_department": role.per_department, "deputy": role.deputy,
            "appointed_by": role.appointed_by, "in_force": role.in_force, "basis": role.basis,
        });
        (role.id, value)
    });
    let acts = sayings.acts.keys().filter_map(|id| sayings.act(id)).map(|act| {
        let fields = fields(&act.fields);
        (act.id, json!({ "title": act.title, "basis": act.basis, "fields": fields }))
    });
    let superseded = sayings.supersedes.values().flat_map(|said| said.iter()).map(|(pack, one)| {
        json!({ "by": pack, "clause": one.clause, "element": one.element, "article": one.meta.basis, "reason": one.reason })
    });
    let owned =
        |keys: Vec<&(String, String)>| keys.into_iter().map(|(pack, id)| format!("{pack}/{id}")).collect::<Vec<_>>();
    json!({
        "packs": sayings.packs,
        "counts": counts,
        "parameters": parameters.map(|rule| (rule.key.clone(), parameter(&rule))).collect::<Map<_, _>>(),
        "roles": roles.collect::<Map<_, _>>(),
        "acts": acts.collect::<Map<_, _>>(),
        "registers": registers.map(|rule| (rule.id.clone(), register(&rule))).collect::<Map<_, _>>(),
        "tracks": owned(sayings.tracks.keys().collect()),
        "gates": owned(sayings.gates.keys().collect()),
        "duties": owned(sayings.duties.keys().collect()),
        "papers": sayings.papers.keys().collect::<Vec<_>>(),
        "superseded": superseded.collect::<Vec<_>>(),
        "conflicts": conflicts,
    })
}

fn parameter(rule: &ParameterRule) -> Value {
    let value = |value: &Option<Composed>| value.as_ref().map(Composed::to_json);
    let voices: Vec<Value> = rule
        .voices
        .iter()
        .map(|voice| {
            json!({
                "pack": voice.pack, "value": value(&voice.value), "least": value(&voice.least),
                "most": value(&voice.most), "basis": voice.basis, "wins": rule.winners.contains(&voice.pack),
            })
        })
        .collect();
    json!({
        "title": rule.title, "value": value(&rule.value), "least": value(&rule.least), "most": value(&rule.most),
        "unit": rule.unit, "fill": rule.fill, "suggest": value(&rule.suggest), "voices": voices,
    })
}

fn register(rule: &RegisterRule) -> Value {
    let lists: Map<String, Value> = rule
        .lists
        .iter()
        .map(|list| {
            (list.id.clone(), json!({ "title": list.title, "fields": fields(&list.fields), "basis": list.basis }))
        })
        .collect();
    json!({
        "title": rule.title, "prefix": rule.prefix, "in_force": rule.in_force, "owner": rule.owner, "read": rule.read,
        "write": rule.write, "basis": rule.basis, "fields": fields(&rule.fields), "lists": lists,
    })
}

fn fields(rules: &[FieldRule]) -> Map<String, Value> {
    let one = |rule: &FieldRule| {
        let required: Vec<Value> = rule
            .required
            .iter()
            .map(|one| json!({ "stage": one.stage, "when": one.when.as_ref().map(|when| &when.text), "pack": one.pack, "basis": one.basis }))
            .collect();
        json!({
            "title": rule.title, "kind": rule.kind, "open": rule.open, "required": required,
            "in_force": rule.in_force, "basis": rule.basis,
        })
    };
    rules.iter().map(|rule| (rule.id.clone(), one(rule))).collect()
}

fn words(value: &Composed) -> String {
    match value {
        Composed::Text(text) => text.clone(),
        other => other.to_json().to_string(),
    }
}
