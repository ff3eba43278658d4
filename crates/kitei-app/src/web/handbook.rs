//! 手引き: what the adopted regulations ask of a person in plain words, by situation; and the questions of checks.
//!
//! Invariant: the words are those of packs; what a role need not know is one click away, never hidden.

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::{Query, State};
use kitei_rules::{
    pack::model::{Meta, Question, Rule},
    run::{Kernel, approve::role_of},
};
use maud::{Markup, html};

use super::{
    Web, fields,
    frame::{self, Own, say},
    problem::Problem,
    visitor::Visitor,
};
use crate::shell::ui::{
    Link,
    basis::{Basis, basis},
    button,
    empty::{Empty, empty},
    tabs::{Tab, tabs},
};

/// A rule or question as the page shows it.
struct Line {
    text: String,
    who: String,
    clauses: Vec<(String, String)>,
}

/// Groups under their headings.
type Groups = BTreeMap<String, Vec<Line>>;

/// `GET /handbook?for=me|all|checks`
pub(super) async fn page(
    State(web): State<Arc<Web>>,
    Query(query): Query<BTreeMap<String, String>>,
    visitor: Visitor,
) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let asked = query.get("for").map_or("me", String::as_str);
    let look = |kernel: &Kernel<'_>| match asked {
        "checks" => questions(kernel, &visitor),
        "all" => rules(kernel, &visitor, true),
        _ => rules(kernel, &visitor, false),
    };
    let groups = web.installation.look(&visitor.organization, Some(&visitor.actor), &[], look).await?;
    let tab = |label: &'static str, href: &'static str, current: bool| Tab { label, href, count: None, current };
    let rows = [
        tab(say(lang, "わたしの役割", "For my roles"), "/handbook", !matches!(asked, "all" | "checks")),
        tab(say(lang, "すべての役割", "For every role"), "/handbook?for=all", asked == "all"),
        tab(say(lang, "点検・監査の質問", "Questions of checks"), "/handbook?for=checks", asked == "checks"),
    ];
    let content = html! {
        (tabs(say(lang, "手引きの範囲", "Part of the handbook"), &rows))
        @if groups.is_empty() {
            (empty(&Empty { title: say(lang, "まだ何もありません", "Nothing here yet"), text: say(lang, "規程を採用すると、守ることが場面ごとに並びます。", "Once regulations are adopted, what they ask stands here by situation."), ..Empty::default() }))
        } @else {
            (button::row(&button::print(lang)))
        }
        @for (heading, lines) in &groups {
            section {
                h2 { (heading) }
                ul { @for line in lines { (item(&visitor, line)) } }
            }
        }
    };
    let own = Own {
        title: say(lang, "手引き", "Handbook"),
        lead: say(
            lang,
            "規程が求めることを、場面ごとにふだんの言葉で並べています。",
            "What the regulations ask, in plain words, by situation.",
        ),
        place: "/rulebook",
        path: "/handbook",
        breadcrumbs: &[Link { label: say(lang, "規程", "Rulebook"), href: "/rulebook" }],
        content,
        ..Own::default()
    };
    frame::page(&web, &visitor, &own)
}

fn item(visitor: &Visitor, line: &Line) -> Markup {
    let hrefs: Vec<String> = line.clauses.iter().map(|(id, _)| format!("/clauses/{id}")).collect();
    let chips: Vec<Basis<'_>> = line
        .clauses
        .iter()
        .zip(&hrefs)
        .map(|((id, title), href)| Basis { reference: id, title, source: "", href: Some(href) })
        .collect();
    html! {
        li {
            (line.text)
            @if !line.who.is_empty() { (say(visitor.lang, "（", " (")) (line.who) (say(visitor.lang, "）", ")")) }
            " " (basis(visitor.lang, &line.text, &chips))
        }
    }
}

/// Rules that are awake, by chapter.
fn rules(kernel: &Kernel<'_>, visitor: &Visitor, all: bool) -> Groups {
    let words = fields::language(visitor.lang);
    let mut groups = Groups::new();
    let said = kernel.book.sayings.rules.values().flat_map(|said| said.iter().map(|(_, rule)| rule));
    for rule in said.filter(|rule| all || concerns(visitor, rule)) {
        let general = say(visitor.lang, "いつでも", "At all times");
        let chapter = rule.chapter.as_ref().map_or(general, |chapter| chapter.in_lang(words)).to_owned();
        let who: Vec<String> = rule.who.iter().map(|who| role_title(kernel, visitor, who)).collect();
        groups.entry(chapter).or_default().push(Line {
            text: rule.text.in_lang(words).to_owned(),
            who: who.join(say(visitor.lang, "・", ", ")),
            clauses: clauses(kernel, visitor, &rule.meta),
        });
    }
    groups
}

/// Whether a rule concerns somebody: everybody, all staff, or one of their roles.
fn concerns(visitor: &Visitor, rule: &Rule) -> bool {
    rule.who.is_empty() || rule.who.iter().map(|who| role_of(who)).any(|role| role == "staff" || visitor.holds(role))
}

fn role_title(kernel: &Kernel<'_>, visitor: &Visitor, who: &str) -> String {
    let role = role_of(who);
    if role == "staff" {
        return say(visitor.lang, "従業者", "staff").to_owned();
    }
    let title = kernel.book.roles.get(role).map(|role| role.title.in_lang(fields::language(visitor.lang)).to_owned());
    title.unwrap_or_else(|| role.to_owned())
}

/// Questions by the act or check that they belong to.
fn questions(kernel: &Kernel<'_>, visitor: &Visitor) -> Groups {
    let words = fields::language(visitor.lang);
    let mut groups = Groups::new();
    let said = kernel.book.sayings.questions.values().flat_map(|said| said.iter().map(|(_, question)| question));
    let said: Vec<&Question> = said.collect();
    for question in said {
        for within in &question.within {
            groups.entry(kernel.book.act_title(within).in_lang(words).to_owned()).or_default().push(Line {
                text: question.text.in_lang(words).to_owned(),
                who: String::new(),
                clauses: clauses(kernel, visitor, &question.meta),
            });
        }
    }
    groups
}

fn clauses(kernel: &Kernel<'_>, visitor: &Visitor, meta: &Meta) -> Vec<(String, String)> {
    let words = fields::language(visitor.lang);
    let title = |id: &String| kernel.book.clause(id).map_or("", |clause| clause.title.in_lang(words)).to_owned();
    meta.basis.iter().map(|id| (id.clone(), title(id))).collect()
}
