//! Names of records as tables write them: 「総務部」 for a department, 「山田 太郎」 for a person.
//!
//! Invariant: a name that two records have finds neither; the running number behind it (「総務部（DEP-2026-003）」) does.

use std::collections::BTreeMap;

use kitei_rules::{book::Book, pack::model::Text, rulebook::FieldRule, value::Value, world::Record};
use kitei_store::{db::Reader, records, search};
use uuid::Uuid;

use crate::kernel::{Fault, Installation, Organization, load::Loader};

/// Records read at a time.
const PAGE: u32 = 1000;

/// The names of the records that a register's fields link to.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// By register and folded name or number.
    found: BTreeMap<String, BTreeMap<String, Vec<Uuid>>>,
    /// Name and number by record.
    words: BTreeMap<Uuid, (String, String)>,
}

/// Why a name finds no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotFound {
    /// Nobody is called so.
    Nobody,
    /// Several are.
    Several,
}

impl NotFound {
    /// What is wrong in a cell of the field, and what would be right. Never repeats the name: it may be a person's.
    pub(super) fn words(self, field: &FieldRule) -> Text {
        let title = &field.title;
        match self {
            Self::Nobody => Text {
                ja: format!(
                    "この名前の「{}」はまだ登録されていません。登録してからもう一度確かめるか、空欄のまま取り込みます。",
                    title.ja
                ),
                en: format!(
                    "no such “{}” is registered yet; register it and check again, or import it empty",
                    title.en
                ),
            },
            Self::Several => Text {
                ja: format!("同じ名前の「{}」が複数あります。名前の後に番号をかっこで書いてください。", title.ja),
                en: format!("several “{}” have this name; write the number behind it in brackets", title.en),
            },
        }
    }
}

impl Names {
    /// Reads the names of open records.
    ///
    /// # Errors
    /// [`Fault`].
    pub(super) async fn load(
        installation: &Installation,
        organization: &Organization,
        book: &Book,
        reader: &mut Reader,
        registers: &[String],
    ) -> Result<Self, Fault> {
        let loader = Loader { organization, book, environment: &*installation.environment };
        let mut out = Self::default();
        for register in registers {
            let mut after = String::new();
            loop {
                let page = records::after(reader, organization.id, register, &after, PAGE).await?;
                let Some(last) = page.last() else { break };
                last.number.clone_into(&mut after);
                for stored in page.iter().filter(|stored| stored.state == "open") {
                    out.add(book, &loader.decode(stored, &[])?);
                }
            }
        }
        Ok(out)
    }

    fn add(&mut self, book: &Book, record: &Record) {
        let named_by = book.register(&record.register).and_then(|register| register.named_by.as_ref());
        let name = match named_by.and_then(|field| record.fields.get(field)).map(|stored| &stored.value) {
            Some(Value::Text(name)) => name.clone(),
            _ => record.number.clone(),
        };
        let of_register = self.found.entry(record.register.clone()).or_default();
        of_register.entry(folded(&name)).or_default().push(record.id);
        if name != record.number {
            of_register.entry(folded(&record.number)).or_default().push(record.id);
        }
        self.words.insert(record.id, (name, record.number.clone()));
    }

    /// The record of a register that a cell names.
    ///
    /// # Errors
    /// [`NotFound`].
    pub(super) fn find(&self, register: &str, words: &str) -> Result<Uuid, NotFound> {
        let of_register = self.found.get(register).ok_or(NotFound::Nobody)?;
        if let Some(ids) = of_register.get(&folded(words)) {
            return if let [only] = ids.as_slice() { Ok(*only) } else { Err(NotFound::Several) };
        }
        let number = words.trim().trim_end_matches(['）', ')']).rsplit(['（', '(']).next().unwrap_or_default();
        match of_register.get(&folded(number)).map(Vec::as_slice) {
            Some([only]) if words.contains(['（', '(']) => Ok(*only),
            _ => Err(NotFound::Nobody),
        }
    }

    /// Why a cell of several names is not understood.
    pub(super) fn why(&self, register: &str, words: &str) -> NotFound {
        let parts = words.split(['\n', '、', ',', '，', '/', '・']).filter(|part| !part.trim().is_empty());
        let mut why = parts.filter_map(|part| self.find(register, part).err());
        if why.any(|why| why == NotFound::Several) { NotFound::Several } else { NotFound::Nobody }
    }

    /// How a record is called in a table: by its name, with its number where another has the same name.
    #[must_use]
    pub(super) fn words(&self, id: Uuid) -> String {
        let Some((name, number)) = self.words.get(&id) else { return id.to_string() };
        let alone = self
            .found
            .values()
            .filter_map(|of_register| of_register.get(&folded(name)))
            .all(|ids| ids.len() == 1 || !ids.contains(&id));
        if alone { name.clone() } else { format!("{name}（{number}）") }
    }
}

/// Width, case, kana and spaces do not count in a name.
fn folded(words: &str) -> String {
    search::fold(words).chars().filter(|character| !character.is_whitespace()).collect()
}
