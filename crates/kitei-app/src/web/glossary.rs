//! 用語: the words that regulations define, with their lists and where they are used.
//!
//! Invariant: each pack's own meaning stands beside its name; none is merged into another.

use std::sync::Arc;

use axum::extract::State;
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
    empty::{Empty, empty},
};

/// `GET /glossary`
pub(super) async fn page(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Markup, Problem> {
    let lang = visitor.lang;
    let words = fields::language(lang);
    let mut reader = web.installation.db.reader().await?;
    let today = visitor.organization.today(web.installation.environment.now());
    let book = web.installation.book_of(&mut reader, &visitor.organization, today).await?;
    drop(reader);
    let used = |name: &String| -> (String, Option<String>) {
        let (register, field) = name.split_once('.').map_or((name.as_str(), None), |(r, f)| (r, Some(f)));
        let Some(rule) = book.register(register) else {
            let role = book.roles.get(name.as_str()).map(|role| role.title.in_lang(words).to_owned());
            return (role.unwrap_or_else(|| name.clone()), None);
        };
        let title = rule.title.in_lang(words);
        let field = field.and_then(|field| rule.field(field)).map(|field| field.title.in_lang(words));
        let label = field.map_or_else(|| title.to_owned(), |field| format!("{title}：{field}"));
        (label, Some(format!("/registers/{register}")))
    };
    let pack = |id: &str| {
        book.sayings.packs.get(id).map_or_else(|| id.to_owned(), |pack| pack.title.in_lang(words).to_owned())
    };
    let content = html! {
        @if book.sayings.terms.is_empty() {
            (empty(&Empty { title: say(lang, "用語はまだありません", "No terms yet"), text: say(lang, "規程を採用すると、規程が定める言葉がここに並びます。", "Once regulations are adopted, the words that they define stand here."), ..Empty::default() }))
        }
        dl class="definitions" {
            @for (id, said) in &book.sayings.terms {
                @for (number, (owner, term)) in said.iter().enumerate() {
                    @let hrefs: Vec<String> = term.meta.basis.iter().map(|clause| format!("/clauses/{clause}")).collect();
                    @let chips: Vec<Basis<'_>> = term.meta.basis.iter().zip(&hrefs).map(|(clause, href)| Basis {
                        reference: clause, title: book.clause(clause).map_or("", |clause| clause.title.in_lang(words)), source: "", href: Some(href),
                    }).collect();
                    div class="definition" id=[(number == 0).then(|| format!("term-{id}"))] {
                        dt { (term.title.in_lang(words)) }
                        dd {
                            p { (term.meaning.in_lang(words)) }
                            @if !term.items.is_empty() { ul { @for item in &term.items { li { (item.in_lang(words)) } } } }
                            p {
                                (say(lang, "定めている規程: ", "Defined by: ")) (pack(owner)) " "
                                (basis(lang, term.title.in_lang(words), &chips))
                            }
                            @if !term.used_by.is_empty() {
                                p {
                                    (say(lang, "使うところ: ", "Used in: "))
                                    @for (place, name) in term.used_by.iter().enumerate() {
                                        @let (label, href) = used(name);
                                        @if place > 0 { (say(lang, "、", ", ")) }
                                        @match href { Some(href) => a href=(href) { (label) }, None => (label) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    let own = Own {
        title: say(lang, "用語", "Glossary"),
        lead: say(lang, "規程が定める言葉の意味です。", "What the words of the regulations mean."),
        place: "/rulebook",
        path: "/glossary",
        breadcrumbs: &[Link { label: say(lang, "規程", "Rulebook"), href: "/rulebook" }],
        content,
        ..Own::default()
    };
    frame::page(&web, &visitor, &own)
}
