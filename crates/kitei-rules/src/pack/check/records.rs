//! Registers, fields, lines and acts: what they point to, and whether several packs agree on a field.

use std::collections::BTreeMap;

use super::{
    super::{
        diagnostic::say,
        model::{Choice, Field, Kind, Meta, Parameter, Place, Register, Text},
    },
    Missing, Report,
    index::{Fields, Index},
};

pub(super) fn check(index: &Index<'_>, report: &mut Report<'_>) {
    for register in &index.own.registers {
        registers(index, register, report);
    }
    for act in &index.own.acts {
        let Some(fields) = index.acts.get(act.id.as_str()) else {
            report.dangling(&act.meta, "id", &Missing::act(&act.id), index.acts.keys().copied());
            continue;
        };
        for field in &act.fields {
            shape(index, field, fields, report);
        }
    }
    let agreed = Agreed::of(index);
    agreed.check(index, report);
    parameters(index, report);
}

fn registers(index: &Index<'_>, register: &Register, report: &mut Report<'_>) {
    let Some(view) = index.register(&register.id) else {
        report.dangling(&register.meta, "id", &Missing::register(&register.id), index.register_ids());
        return;
    };
    for (key, name) in [("named_by", &register.named_by), ("department_field", &register.department_field)] {
        if let Some(name) = name
            && !view.fields.contains_key(name.as_str())
        {
            report.dangling(&register.meta, key, &Missing::field(name), view.fields.keys().copied());
        }
    }
    for field in &register.fields {
        shape(index, field, &view.fields, report);
    }
    for list in &register.lists {
        let fields = view.lists.get(list.id.as_str());
        for field in &list.fields {
            shape(index, field, fields.unwrap_or(&Fields::default()), report);
        }
    }
}

/// Whether a field is defined somewhere, leads somewhere and has choices exactly when its kind has them.
fn shape(index: &Index<'_>, field: &Field, fields: &Fields<'_>, report: &mut Report<'_>) {
    let Some(view) = fields.get(field.id.as_str()) else { return };
    let Some(kind) = view.kind else {
        report.error(
            &field.meta.place_of("id"),
            "dangling-field",
            say(
                format!("項目「{}」はどこにも定義がありません。", field.id),
                format!("the field `{}` is defined nowhere", field.id),
            ),
            say(
                "kind と title を書くか、定義のある項目名にする。",
                "give it kind and title, or name a field that exists",
            ),
        );
        return;
    };
    if field.kind.is_some() && field.title.is_none() && field.ask.is_none() {
        report.error(
            &field.meta.place_of("id"),
            "missing-key",
            say(
                format!("項目「{}」に「title」がありません。", field.id),
                format!("the field `{}` lacks `title`", field.id),
            ),
            say("表示する名前", "What people read"),
        );
    }
    let leads = matches!(kind, Kind::Link | Kind::Links);
    match (&field.to, leads) {
        (Some(to), true) if index.register(to).is_none() => {
            report.dangling(&field.meta, "to", &Missing::register(to), index.register_ids());
        }
        (Some(_), false) => report.error(
            &field.meta.place_of("to"),
            "to-misplaced",
            say("to は link と links の項目にだけ書けます。", "only a field of kind link or links has `to`"),
            Text::default(),
        ),
        (None, true) if view.to.is_none() => report.error(
            &field.meta.place_of("kind"),
            "missing-key",
            say(format!("項目「{}」に「to」がありません。", field.id), format!("the field `{}` lacks `to`", field.id)),
            say("リンク先の台帳", "Register that a link leads to"),
        ),
        _ => {}
    }
    has_choices(&field.meta, kind, &field.choices, !view.choices.is_empty(), report);
    for only in field.only.iter().filter(|only| !view.choices.iter().any(|choice| choice.id == **only)) {
        let known = view.choices.iter().map(|choice| choice.id.as_str());
        report.dangling(&field.meta, "only", &Missing::element(only), known);
    }
}

/// Choices stand where the kind is `choice` or `choices`, and nowhere else.
fn has_choices(meta: &Meta, kind: Kind, own: &[Choice], any: bool, report: &mut Report<'_>) {
    let chosen = matches!(kind, Kind::Choice | Kind::Choices);
    if chosen && !any {
        report.error(
            &meta.place_of("kind"),
            "choices-missing",
            say("選択肢がありません。", "there are no choices"),
            say("choices = [{ id = …, title = … }]", "choices = [{ id = …, title = … }]"),
        );
    }
    if !chosen && !own.is_empty() {
        report.error(
            &meta.place_of("choices"),
            "choices-misplaced",
            say("この種類の値に選択肢はありません。", "a value of this kind has no choices"),
            say("kind = \"choice\" か \"choices\"", "kind = \"choice\" or \"choices\""),
        );
    }
}

/// Kind and choices that the first of several packs gives to a name.
#[derive(Default)]
struct Agreed<'p> {
    kinds: BTreeMap<String, (&'p str, Kind)>,
    titles: BTreeMap<(String, &'p str), (&'p str, &'p Text)>,
}

impl<'p> Agreed<'p> {
    /// What the other packs say; the own pack is held against it.
    fn of(index: &Index<'p>) -> Self {
        let mut agreed = Self::default();
        for pack in index.visible.iter().skip(1) {
            each_name(pack, |name, kind, choices, _| {
                if let Some(kind) = kind {
                    agreed.kinds.entry(name.clone()).or_insert((&pack.id, kind));
                }
                for choice in choices {
                    agreed.titles.entry((name.clone(), &choice.id)).or_insert((&pack.id, &choice.title));
                }
            });
        }
        agreed
    }

    fn check(&self, index: &Index<'p>, report: &mut Report<'_>) {
        each_name(index.own, |name, kind, choices, meta| {
            if let (Some(kind), Some((pack, other))) = (kind, self.kinds.get(&name))
                && kind != *other
            {
                report.error(
                    &meta.place_of("kind"),
                    "kind-clash",
                    say(
                        format!("「{name}」の種類がパック {pack} と違います。"),
                        format!("`{name}` has another kind in the pack {pack}"),
                    ),
                    say(format!("{other:?}"), format!("{other:?}")),
                );
            }
            for choice in choices {
                let Some((pack, title)) = self.titles.get(&(name.clone(), choice.id.as_str())) else { continue };
                if title.ja != choice.title.ja {
                    report.error(
                        &meta.place_of("choices"),
                        "choice-clash",
                        say(
                            format!("選択肢「{}」の名前がパック {pack} と違います。", choice.id),
                            format!("the choice `{}` has another title in the pack {pack}", choice.id),
                        ),
                        say(format!("「{}」", title.ja), format!("`{}`", title.en)),
                    );
                }
            }
        });
    }
}

/// Every field and fact of a pack under the name that packs share.
fn each_name<'p>(
    pack: &'p super::super::model::Pack,
    mut visit: impl FnMut(String, Option<Kind>, &'p [Choice], &'p Meta),
) {
    let mut fields = |whole: &str, fields: &'p [Field]| {
        for field in fields {
            visit(format!("{whole}.{}", field.id), field.kind, &field.choices, &field.meta);
        }
    };
    for register in &pack.registers {
        fields(&register.id, &register.fields);
        for list in &register.lists {
            fields(&format!("{}.{}", register.id, list.id), &list.fields);
        }
    }
    for act in &pack.acts {
        fields(&format!("act {}", act.id), &act.fields);
    }
    for fact in &pack.facts {
        visit(format!("{}.{}", fact.on, fact.id), fact.kind, &fact.choices, &fact.meta);
    }
}

/// The same key is the same thing: kind and strictness agree.
fn parameters(index: &Index<'_>, report: &mut Report<'_>) {
    for own in &index.own.parameters {
        has_choices(&own.meta, own.kind, &own.choices, !own.choices.is_empty() || elsewhere(index, own), report);
        for (pack, other) in
            index.visible.iter().skip(1).flat_map(|pack| pack.parameters.iter().map(|one| (&pack.id, one)))
        {
            if other.key == own.key && (other.kind != own.kind || other.stricter != own.stricter) {
                let key = if other.kind == own.kind { "stricter" } else { "kind" };
                clash(&own.meta.place_of(key), &own.key, pack, other, report);
            }
        }
    }
}

fn elsewhere(index: &Index<'_>, own: &Parameter) -> bool {
    index
        .visible
        .iter()
        .flat_map(|pack| &pack.parameters)
        .any(|other| other.key == own.key && !other.choices.is_empty())
}

fn clash(place: &Place, key: &str, pack: &str, other: &Parameter, report: &mut Report<'_>) {
    report.error(
        place,
        "parameter-clash",
        say(
            format!("設定値「{key}」がパック {pack} と違います。"),
            format!("the parameter `{key}` differs in the pack {pack}"),
        ),
        say(format!("{:?}, {:?}", other.kind, other.stricter), format!("{:?}, {:?}", other.kind, other.stricter)),
    );
}
