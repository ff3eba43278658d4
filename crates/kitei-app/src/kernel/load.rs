//! Loading what rules look at: first the organisation and its people, then whatever an evaluation found missing.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::civil::Date;
use kitei_evidence::keys::KeyState;
use kitei_rules::{
    book::Book,
    run::office,
    value::Value,
    world::{Holding, Missing, Moment, Person, Record, Snapshot, State},
};
use kitei_store::{db::Reader, records};
use uuid::Uuid;

use super::{Environment, Fault, Organization, codec::Codec};

/// Most records of a register or of a reverse link that a rule looks at in one evaluation. With more, what rests on them is
/// unknown, so that duties stay; a person can still decide.
const MOST: u32 = 20_000;

/// People and who holds which role.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// People.
    pub people: BTreeMap<Uuid, Person>,
    /// Who holds which role, by name or by office.
    pub holdings: Vec<Holding>,
    /// Those appointed by name.
    appointed: Vec<Holding>,
    /// Rulebook that says what is held by office.
    rulebook: i64,
    /// Names by person, for pages.
    pub names: BTreeMap<Uuid, String>,
    /// The day on which this holds: absences end and people leave without anybody writing.
    day: Option<Date>,
}

impl People {
    /// The roles that a person holds on a day, those included in which they stand in for somebody absent.
    #[must_use]
    pub fn roles_of(&self, person: Uuid, day: Date) -> Vec<String> {
        let mut roles: Vec<String> = Vec::new();
        for holding in &self.holdings {
            let holds = holding.from <= day && holding.until.is_none_or(|until| day <= until);
            let stands_in =
                holding.deputy == Some(person) && self.people.get(&holding.person).is_some_and(|holder| holder.absent);
            if holds && (holding.person == person || stands_in) && !roles.contains(&holding.role) {
                roles.push(holding.role.clone());
            }
        }
        roles
    }
}

/// Loads records of an organisation.
#[derive(Debug)]
pub struct Loader<'a> {
    /// Organisation.
    pub organization: &'a Organization,
    /// Rulebook.
    pub book: &'a Book,
    /// Nonces.
    pub environment: &'a dyn Environment,
}

impl Loader<'_> {
    fn codec<'k>(&'k self, keys: &'k KeyState) -> Codec<'k> {
        Codec { organization: self.organization.id.to_string(), book: self.book, keys, environment: self.environment }
    }

    /// Decodes a record with its lines.
    ///
    /// # Errors
    /// [`Fault`] when it is damaged.
    pub fn decode(&self, stored: &records::Record, lines: &[kitei_store::lines::Line]) -> Result<Record, Fault> {
        self.organization.with_keys(|keys| self.codec(keys).record(stored, lines))
    }

    /// A record with its lines.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn record(&self, reader: &mut Reader, id: Uuid) -> Result<Option<Record>, Fault> {
        let org = self.organization.id;
        let Some(stored) = records::load(reader, org, id).await? else { return Ok(None) };
        let lines = kitei_store::lines::of_record(reader, org, id).await?;
        self.decode(&stored, &lines).map(Some)
    }

    /// Those of the records that exist, with their lines, in the order asked for.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn records(&self, reader: &mut Reader, ids: &[Uuid]) -> Result<Vec<Record>, Fault> {
        let stored = records::load_many(reader, self.organization.id, ids).await?;
        self.with_lines(reader, &stored).await
    }

    /// Stored records decoded, with their lines where their register has lists.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn with_lines(&self, reader: &mut Reader, stored: &[records::Record]) -> Result<Vec<Record>, Fault> {
        let lists = |register: &str| self.book.register(register).is_none_or(|rule| !rule.lists.is_empty());
        let with_lists: Vec<Uuid> = stored.iter().filter(|one| lists(&one.register)).map(|one| one.id).collect();
        let mut lines: BTreeMap<Uuid, Vec<kitei_store::lines::Line>> = BTreeMap::new();
        for line in kitei_store::lines::of_records(reader, self.organization.id, &with_lists).await? {
            lines.entry(line.record).or_default().push(line);
        }
        let none = Vec::new();
        stored.iter().map(|stored| self.decode(stored, lines.get(&stored.id).unwrap_or(&none))).collect()
    }

    /// Every record of a register in a state (`open`, `closed`) with its lines; none when there are too many.
    async fn register(&self, reader: &mut Reader, register: &str, state: &str) -> Result<Option<Vec<Record>>, Fault> {
        let stored = records::in_state(reader, self.organization.id, register, state, MOST + 1).await?;
        if stored.len() > usize::try_from(MOST).unwrap_or(usize::MAX) {
            return Ok(None);
        }
        self.with_lines(reader, &stored).await.map(Some)
    }

    /// As [`Self::register`], where nothing can go on without them.
    async fn every(&self, reader: &mut Reader, register: &str) -> Result<Vec<Record>, Fault> {
        let found = self.register(reader, register, "open").await?;
        found.ok_or_else(|| Fault::TooMuch { register: register.to_owned() })
    }

    /// The organisation's own record and its people.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn base(&self, reader: &mut Reader, moment: &Moment) -> Result<Snapshot, Fault> {
        let mut snapshot = Snapshot::default();
        let people = self.people(reader, moment).await?;
        snapshot.people.clone_from(&people.people);
        snapshot.holdings.clone_from(&people.holdings);
        let own = self.every(reader, "organization").await?;
        snapshot.organization = own.first().map(|record| record.id);
        snapshot.records.extend(own.into_iter().map(|record| (record.id, record.into())));
        Ok(snapshot)
    }

    /// People and holdings, from memory while nobody changed them.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn people(&self, reader: &mut Reader, moment: &Moment) -> Result<Arc<People>, Fault> {
        let kept = self.organization.people.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let today = moment.today();
        if let Some(people) = kept.filter(|people| people.day == Some(today)) {
            let same = people.rulebook == self.book.version;
            return Ok(if same { people } else { self.keep(People::clone(&people)) });
        }
        let mut out = People { day: Some(today), ..People::default() };
        for record in self.every(reader, "person").await? {
            let absent = matches!(field(&record, "absent_until"), Value::Date(until) if until >= today);
            let department = reference(&record, "department");
            if let Value::Text(name) = field(&record, "name") {
                out.names.insert(record.id, name);
            }
            let left = matches!(field(&record, "left_on"), Value::Date(last) if last < today);
            let outside = field(&record, "engagement") == Value::Text("outside".to_owned());
            let staff = !left && !outside;
            out.people.insert(record.id, Person { id: record.id, department, absent, staff });
        }
        for record in self.every(reader, "appointment").await? {
            let (Value::Text(role), Some(person)) = (field(&record, "role"), reference(&record, "person")) else {
                continue;
            };
            let date = |name: &str| match field(&record, name) {
                Value::Date(day) => Some(day),
                _ => None,
            };
            out.appointed.push(Holding {
                appointment: record.id,
                role,
                office: None,
                person,
                department: reference(&record, "department"),
                deputy: reference(&record, "deputy"),
                from: date("starts_on").unwrap_or_else(|| moment.date_of(record.created_at)),
                until: date("ends_on"),
            });
        }
        Ok(self.keep(out))
    }

    /// Keeps people, with what is held by office under this rulebook.
    fn keep(&self, mut people: People) -> Arc<People> {
        people.holdings = office::holdings(&self.book.roles, &people.appointed);
        people.rulebook = self.book.version;
        let people = Arc::new(people);
        *self.organization.people.write().unwrap_or_else(std::sync::PoisonError::into_inner) =
            Some(Arc::clone(&people));
        people
    }

    /// Loads what was found missing. `false` when nothing was.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn fill(&self, reader: &mut Reader, snapshot: &mut Snapshot) -> Result<bool, Fault> {
        let missing = std::mem::take(snapshot.missing.get_mut());
        let some = !missing.is_empty();
        let (mut ids, mut reverse) = (Vec::new(), Vec::new());
        for item in missing {
            match item {
                Missing::Record(id) => ids.push(id),
                Missing::Reverse { target, register, field } => reverse.push((target, register, field)),
                Missing::Register(register) => match self.register(reader, &register, "open").await? {
                    Some(records) => {
                        let ids = take(snapshot, records);
                        snapshot.registers.insert(register, ids);
                    }
                    None => {
                        snapshot.too_much.insert(Missing::Register(register));
                    }
                },
                Missing::Closed(register) => match self.register(reader, &register, "closed").await? {
                    Some(records) => {
                        let ids = take(snapshot, records);
                        snapshot.closed.insert(register, ids);
                    }
                    None => {
                        snapshot.too_much.insert(Missing::Closed(register));
                    }
                },
                Missing::Count(register) => {
                    let count = records::count_in_state(reader, self.organization.id, &register, "open").await?;
                    snapshot.counts.insert(register, usize::try_from(count).unwrap_or(usize::MAX));
                }
            }
        }
        self.fill_records(reader, snapshot, ids).await?;
        self.fill_links(reader, snapshot, reverse).await?;
        Ok(some)
    }

    /// Loads records that are not loaded; those that do not exist are noted.
    async fn fill_records(
        &self,
        reader: &mut Reader,
        snapshot: &mut Snapshot,
        mut ids: Vec<Uuid>,
    ) -> Result<(), Fault> {
        ids.retain(|id| !snapshot.records.contains_key(id));
        for record in self.records(reader, &ids).await? {
            snapshot.put(record);
        }
        snapshot.absent.extend(ids.into_iter().filter(|id| !snapshot.records.contains_key(id)));
        Ok(())
    }

    /// Loads the open records that link to others, as asked: target, register, field.
    async fn fill_links(
        &self,
        reader: &mut Reader,
        snapshot: &mut Snapshot,
        asked: Vec<(Uuid, String, String)>,
    ) -> Result<(), Fault> {
        let targets: Vec<Uuid> =
            asked.iter().map(|(target, _, _)| *target).collect::<BTreeSet<_>>().into_iter().collect();
        let mut sources: BTreeMap<(Uuid, String), Vec<Uuid>> = BTreeMap::new();
        for (source, link) in records::links_to_any(reader, self.organization.id, &targets).await? {
            sources.entry((link.target, link.field)).or_default().push(source);
        }
        let most = usize::try_from(MOST).unwrap_or(usize::MAX);
        let mut answered = Vec::new();
        for (target, register, field) in asked {
            let ids = sources.get(&(target, field.clone())).cloned().unwrap_or_default();
            if ids.len() > most {
                snapshot.too_much.insert(Missing::Reverse { target, register, field });
            } else {
                answered.push(((target, register, field), ids));
            }
        }
        let wanted: BTreeSet<Uuid> = answered.iter().flat_map(|(_, ids)| ids.iter().copied()).collect();
        self.fill_records(reader, snapshot, wanted.into_iter().collect()).await?;
        for (asked, mut ids) in answered {
            let is_open = |id: &Uuid| {
                snapshot.records.get(id).is_some_and(|one| one.register == asked.1 && one.state == State::Open)
            };
            ids.retain(is_open);
            snapshot.reverse.insert(asked, ids);
        }
        Ok(())
    }
}

/// Puts records into a snapshot; those that are there already stay as they are.
fn take(snapshot: &mut Snapshot, records: Vec<Record>) -> Vec<Uuid> {
    let ids = records.iter().map(|record| record.id).collect();
    for record in records {
        snapshot.records.entry(record.id).or_insert_with(|| record.into());
    }
    ids
}

/// A stored value of a record.
#[must_use]
pub fn field(record: &Record, name: &str) -> Value {
    record.fields.get(name).map_or(Value::Empty, |stored| stored.value.clone())
}

/// The record a field names.
#[must_use]
pub fn reference(record: &Record, name: &str) -> Option<Uuid> {
    match field(record, name) {
        Value::Record(id) => Some(id),
        _ => None,
    }
}
