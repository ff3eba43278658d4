//! What a case sees of the rulebook itself: terms, rules, questions, roles, parameters, columns, committees.

use kitei_rules::run::Kernel;

use super::{Words, all_in, list_of, same, truth};
use crate::coverage::{
    deeds::text,
    stage::Scene,
    words::{self, Problem},
};

impl Scene {
    /// Sights of the rulebook itself: terms, rules, roles, parameters.
    pub(super) fn see_rulebook(&self, words: &Words) -> Result<(), Problem> {
        let id = text(words, "id").or_else(|| text(words, "key")).unwrap_or_default();
        let said = &self.book.sayings;
        let missing = |what: &str| format!("there is no {what} \"{id}\"");
        match text(words, "see").unwrap_or_default() {
            "term" => {
                let term = said.terms.get(id).filter(|said| said.in_force()).ok_or_else(|| missing("term"))?;
                let whole: String = term
                    .iter()
                    .map(|(_, term)| format!("{:?}{:?}{:?}", term.title, term.meaning, term.items))
                    .collect();
                let used: Vec<&String> = term.iter().flat_map(|(_, term)| &term.used_by).collect();
                if let Some(absent) = list_of(words, "used_by").iter().find(|place| !used.contains(place)) {
                    return Err(format!("it is not linked from {absent}"));
                }
                all_in(&list_of(words, "has"), &whole)
            }
            "rule" => {
                let rule = said.rules.iter().find(|((_, rule), _)| rule == id).ok_or_else(|| missing("rule"))?;
                let whole: String =
                    rule.1.iter().map(|(_, rule)| format!("{:?}{:?}", rule.chapter, rule.text)).collect();
                let for_whom = rule
                    .1
                    .iter()
                    .any(|(_, rule)| text(words, "who").is_none_or(|who| rule.who.iter().any(|known| known == who)));
                if for_whom { all_in(&list_of(words, "has"), &whole) } else { Err("it concerns others".to_owned()) }
            }
            "question" => {
                let question =
                    said.questions.iter().find(|((_, known), _)| known == id).ok_or_else(|| missing("question"))?;
                let within = question
                    .1
                    .iter()
                    .any(|(_, q)| text(words, "within").is_none_or(|w| q.within.iter().any(|known| known == w)));
                let whole: String = question.1.iter().map(|(_, question)| format!("{:?}", question.text)).collect();
                if within { all_in(&list_of(words, "has"), &whole) } else { Err("it is asked elsewhere".to_owned()) }
            }
            "clause" => match said.clauses.get(id) {
                Some(_) => Ok(()),
                None => Err(missing("clause")),
            },
            "parameter" => {
                let rule = self.book.parameters.get(id).ok_or_else(|| missing("parameter"))?;
                let Some(expected) = words.get("is") else { return Ok(()) };
                let expected = words::value(rule.kind, expected, &self.organization.zone, &self.names)?;
                match self.book.values.get(id) {
                    Some(value) if same(value, &expected) => Ok(()),
                    other => Err(format!("it is {other:?}")),
                }
            }
            "column" => {
                let register = text(words, "register").unwrap_or_default();
                let field = self.book.field(register, None, id).ok_or_else(|| missing("field"))?;
                if field.in_force { Ok(()) } else { Err(format!("\"{id}\" is not in force")) }
            }
            "body" => {
                let body = said.bodies.get(id).filter(|said| said.in_force()).ok_or_else(|| missing("body"))?;
                let members: Vec<&String> = body.iter().flat_map(|(_, body)| &body.members).collect();
                match list_of(words, "members").iter().find(|member| !members.contains(member)) {
                    Some(absent) => Err(format!("{absent} does not sit on it")),
                    None => Ok(()),
                }
            }
            other => Err(format!("there is no sight \"{other}\"")),
        }
    }

    /// A role: what it asks and answers for, who holds it today, whether nobody does.
    pub(super) async fn see_role(&self, words: &Words) -> Result<(), Problem> {
        let id = text(words, "id").unwrap_or_default();
        let role =
            self.book.roles.get(id).filter(|role| role.in_force).ok_or_else(|| format!("there is no role \"{id}\""))?;
        for (key, found) in [("required", role.required), ("single", role.single)] {
            if let Some(expected) = truth(words, key)
                && expected != found
            {
                return Err(format!("{key} is {found}"));
            }
        }
        let look = |kernel: &Kernel<'_>| kernel.holders(id, None, kernel.moment.today());
        let holders =
            self.installation.look(&self.organization, None, &[], look).await.map_err(|fault| fault.to_string())?;
        if let Some(name) = text(words, "holder") {
            let person = self.names.get(name.strip_prefix('@').unwrap_or(name));
            if !person.is_some_and(|person| holders.contains(person)) {
                return Err(format!("{name} does not hold it; {} others do", holders.len()));
            }
        }
        if let Some(vacant) = truth(words, "vacant")
            && vacant != holders.is_empty()
        {
            return Err(format!("vacant is {}", holders.is_empty()));
        }
        let whole: String = role.charges.iter().map(|(text, _)| format!("{text:?}")).collect();
        all_in(&list_of(words, "charges"), &whole)
    }
}
