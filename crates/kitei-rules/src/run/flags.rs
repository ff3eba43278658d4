//! What is missing or wrong: flags of packs, empty fields, vacant roles.

use uuid::Uuid;

use super::{Kernel, who::Target};
use crate::{
    pack::model::{Stage, Text, Tone},
    value::Truth,
    world::Record,
};

/// Something to be listed.
#[derive(Clone, Debug, PartialEq)]
pub struct FlagStanding {
    /// Flag, `missing` for empty fields, `vacant` and `no-deputy` for roles.
    pub id: String,
    /// Record it is about, if it is about one.
    pub record: Option<Uuid>,
    /// Line, if it is about one.
    pub line: Option<Uuid>,
    /// Field, if it is about one.
    pub field: Option<String>,
    /// Role, if it is about one.
    pub role: Option<String>,
    /// Weight.
    pub tone: Tone,
    /// What people read.
    pub message: Text,
    /// Whose task it is.
    pub by: Vec<Target>,
    /// Clauses.
    pub basis: Vec<String>,
    /// Yes, or unknown.
    pub truth: Truth,
}

impl Kernel<'_> {
    /// Every flag of a record, empty demanded fields included.
    #[must_use]
    pub fn flags(&self, record: &Record) -> Vec<FlagStanding> {
        let mut out = self.flags_of_packs(record);
        out.extend(self.missing(record, None, Stage::Complete).into_iter().map(|objection| FlagStanding {
            id: "missing".to_owned(),
            record: Some(record.id),
            line: None,
            field: objection.field,
            role: None,
            tone: Tone::Gap,
            message: objection.message,
            by: Vec::new(),
            basis: objection.clauses,
            truth: Truth::Yes,
        }));
        out
    }

    /// The flags that packs raise on a record.
    #[must_use]
    pub fn flags_of_packs(&self, record: &Record) -> Vec<FlagStanding> {
        let mut out = Vec::new();
        for flag in self.book.flags.get(&record.register).into_iter().flatten() {
            if !self.awake(flag.applies.as_ref()) {
                continue;
            }
            let lines: Vec<Option<Uuid>> = match &flag.flag.each {
                None => vec![None],
                Some(list) => {
                    let lines = record.lines.get(list).into_iter().flatten();
                    lines.filter(|line| !line.erased).map(|line| Some(line.id)).collect()
                }
            };
            for line in lines {
                let truth = self.truth(&flag.when, record.id, line);
                if truth == Truth::Yes {
                    out.push(FlagStanding {
                        id: flag.flag.id.clone(),
                        record: Some(record.id),
                        line,
                        field: None,
                        role: None,
                        tone: flag.flag.tone,
                        message: flag.flag.message.clone(),
                        by: self.all_targets(record, &flag.flag.by),
                        basis: flag.flag.meta.basis.clone(),
                        truth,
                    });
                }
            }
        }
        out
    }

    /// Roles that must be held and are not, or lack the deputy that a pack asks for.
    #[must_use]
    pub fn vacancies(&self) -> Vec<FlagStanding> {
        let today = self.moment.today();
        let mut out = Vec::new();
        for role in self.book.roles.values().filter(|role| role.in_force) {
            let held = self.snapshot.holders(&role.id, None, today).count();
            let flag = |id: &str, ja: String, en: String| FlagStanding {
                id: id.to_owned(),
                record: None,
                line: None,
                field: None,
                role: Some(role.id.clone()),
                tone: Tone::Gap,
                message: Text { ja, en },
                by: Vec::new(),
                basis: role.basis.clone(),
                truth: Truth::Yes,
            };
            if role.required && held == 0 && !role.per_department {
                out.push(flag(
                    "vacant",
                    format!("「{}」が空席です。", role.title.ja),
                    format!("\"{}\" is vacant.", role.title.en),
                ));
            }
            let lacks = self.snapshot.holders(&role.id, None, today).any(|holding| holding.deputy.is_none());
            if role.deputy && lacks {
                out.push(flag(
                    "no-deputy",
                    format!("「{}」の代行者が登録されていません。", role.title.ja),
                    format!("\"{}\" has no deputy.", role.title.en),
                ));
            }
        }
        out
    }
}
