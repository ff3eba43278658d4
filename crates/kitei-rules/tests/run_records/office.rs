//! A small organisation on paper: its packs, its people, and commands carried out on them without a database.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use kitei_rules::{
    book::{Book, Compiler},
    expr::Actor,
    pack::{self, PackFiles},
    rulebook::Sayings,
    run::{
        Kernel,
        attempt::Attempt,
        command::{Circumstances, Command, Plan, Refusal, Values},
        office,
    },
    value::Value,
    world::{Holding, Missing, Moment, Person, Record, Snapshot, State, Stored},
};
use uuid::Uuid;

/// What every test shares: people, departments, appointments, and a register of things.
const OFFICE: &str = r#"
role = [
  { id = "boss", title = "長", rank = 0 },
  { id = "manager", title = "管理者", rank = 10 },
  { id = "auditor", title = "監査責任者", rank = 10 },
  { id = "clerk", title = "担当者", rank = 50 },
]
act = [
  { id = "check-it", title = "確かめる", field = [
    { id = "outcome", kind = "choice", title = "結果", choices = [{ id = "good", title = { ja = "良い", en = "Good" } }, { id = "bad", title = { ja = "悪い", en = "Bad" } }] },
    { id = "remarks", kind = "text", title = "所見" },
  ] },
  { id = "prepare-it", title = "準備する" },
]

[[register]]
id = "person"
title = { ja = "人", en = "People" }
named_by = "name"
field = [
  { id = "name", kind = "text", title = "氏名" },
  { id = "position", kind = "choice", title = "役職", choices = [{ id = "director", title = "取締役" }, { id = "member", title = "社員" }] },
]

[[register]]
id = "department"
title = { ja = "部門", en = "Departments" }
field = [{ id = "name", kind = "text", title = "名称" }]

[[register]]
id = "organization"
title = "組織"
single = true
field = [{ id = "name", kind = "text", title = "名称" }]

[[register]]
id = "appointment"
title = "任命"
write = ["staff"]
field = [
  { id = "role", kind = "text", title = "役割" },
  { id = "person", kind = "person", title = "人" },
  { id = "department", kind = "department", title = "部門" },
  { id = "deputy", kind = "person", title = "代行者" },
  { id = "appointed_by", kind = "person", title = "任命者" },
  { id = "starts_on", kind = "date", title = "開始日" },
  { id = "ends_on", kind = "date", title = "終了日" },
]

[[register]]
id = "thing"
title = { ja = "もの", en = "Things" }
write = ["staff"]
field = [
  { id = "title", kind = "text", title = "件名" },
  { id = "owner", kind = "person", title = "持ち主" },
  { id = "keepers", kind = "persons", title = "保管者" },
  { id = "department", kind = "department", title = "部門" },
  { id = "other", kind = "link", to = "thing", title = "別のもの" },
  { id = "kinds", kind = "choices", title = { ja = "種類", en = "Kinds" }, choices = [{ id = "a", title = "甲" }, { id = "b", title = "乙" }] },
  { id = "grave", kind = "yes-no", title = "重大か" },
]
[[register.list]]
id = "parts"
title = "部分"
field = [
  { id = "what", kind = "text", title = "何" },
  { id = "amount", kind = "number", title = "個数", default = "1" },
  { id = "double", kind = "number", title = "倍", default = "amount + amount" },
]
"#;

/// Where records stand and what has happened.
pub(crate) struct Office {
    pub(crate) book: Book,
    pub(crate) snapshot: Snapshot,
    pub(crate) moment: Moment,
    appointed: Vec<Holding>,
    drawn: u128,
}

pub(crate) fn read(id: &str, text: &str) -> kitei_rules::pack::model::Pack {
    let head = format!("id = \"{id}\"\ntitle = \"規程\"\nedition = \"1\"\n");
    let files = [("pack.toml", head.as_str()), ("x.toml", text)];
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    let (read, found) = pack::read(&PackFiles { id: id.to_owned(), files });
    let errors: Vec<String> = found.iter().filter(|one| one.is_error()).map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    read
}

/// A fixed id for a name.
pub(crate) fn id(name: &str) -> Uuid {
    let mut bytes = [0; 16];
    for (at, byte) in name.bytes().enumerate() {
        bytes[at % 16] ^= byte.rotate_left(u32::try_from(at / 16).unwrap_or_default());
    }
    Uuid::from_bytes(bytes)
}

pub(crate) fn text(words: &str) -> Value {
    Value::Text(words.to_owned())
}

pub(crate) fn values<const N: usize>(items: [(&str, Value); N]) -> Values {
    items.into_iter().map(|(field, value)| (field.to_owned(), value)).collect()
}

pub(crate) fn day(day: &str) -> Date {
    day.parse().expect("a day")
}

impl Office {
    /// The office with one pack: people `an`, `bo`, `chi`; `an` is boss, `bo` clerk; the department `sales`.
    pub(crate) fn with(pack: &str) -> Self {
        let packs = [read("office", OFFICE), read("p", pack)];
        let (book, errors) = Compiler::compile(&Sayings::compose(&packs), &BTreeMap::new(), 1);
        let errors: Vec<String> =
            errors.iter().map(|error| format!("{} in {}", error.error, error.source.text)).collect();
        assert!(errors.is_empty(), "{}", errors.join("\n"));
        let now: Timestamp = "2025-04-10T01:00:00Z".parse().expect("an instant");
        let moment = Moment { now, zone: TimeZone::get("Asia/Tokyo").expect("a zone") };
        let mut office = Self { book, snapshot: Snapshot::default(), moment, appointed: Vec::new(), drawn: 1 };
        office.put("us", "organization", values([("name", text("見本"))]));
        office.snapshot.organization = Some(id("us"));
        office.put("sales", "department", values([("name", text("営業"))]));
        for name in ["an", "bo", "chi"] {
            office.put(name, "person", values([("name", text(name)), ("position", text("member"))]));
            office
                .snapshot
                .people
                .insert(id(name), Person { id: id(name), department: None, absent: false, staff: true });
        }
        office.appoint("a1", "boss", "an", "2020-01-01", None);
        office.appoint("a2", "clerk", "bo", "2020-01-01", None);
        office
    }

    /// Puts a record there as if it had always been.
    pub(crate) fn put(&mut self, name: &str, register: &str, fields: Values) {
        let at = "2020-01-01T00:00:00Z".parse().expect("an instant");
        let stored = |value| Stored { value, known_at: at, recorded_at: at };
        let record = Record {
            id: id(name),
            register: register.to_owned(),
            number: name.to_owned(),
            state: State::Open,
            version: 1,
            created_by: None,
            created_at: at,
            closed_at: None,
            erased_at: None,
            rulebook: 1,
            fields: fields.into_iter().map(|(field, value)| (field, stored(value))).collect(),
            history: Vec::new(),
            lines: BTreeMap::new(),
            deeds: Vec::new(),
        };
        self.snapshot.put(record);
    }

    /// An appointment as the application keeps it: its record, and the holding that follows.
    pub(crate) fn appoint(&mut self, name: &str, role: &str, person: &str, from: &str, until: Option<&str>) {
        let mut fields = values([
            ("role", text(role)),
            ("person", Value::Record(id(person))),
            ("starts_on", Value::Date(day(from))),
        ]);
        fields.extend(until.map(|until| ("ends_on".to_owned(), Value::Date(day(until)))));
        self.put(name, "appointment", fields);
        self.appointed.push(Holding {
            appointment: id(name),
            role: role.to_owned(),
            office: None,
            person: id(person),
            department: None,
            deputy: None,
            from: day(from),
            until: until.map(day),
        });
        self.snapshot.holdings = office::holdings(&self.book.roles, &self.appointed);
    }

    fn actor(&self, person: &str) -> Actor {
        let held = self.snapshot.holdings.iter().filter(|holding| holding.person == id(person));
        Actor { person: id(person), roles: held.map(|holding| holding.role.clone()).collect() }
    }

    /// What the store would load: records that are not there are absent, links and registers are as they stand.
    fn fill(&mut self) -> bool {
        let missing = std::mem::take(self.snapshot.missing.get_mut());
        let some = !missing.is_empty();
        let of = |snapshot: &Snapshot, register: &str| -> Vec<Uuid> {
            snapshot.records.values().filter(|record| record.register == register).map(|record| record.id).collect()
        };
        for item in missing {
            match item {
                Missing::Record(id) => {
                    self.snapshot.absent.insert(id);
                }
                Missing::Reverse { target, register, field } => {
                    self.snapshot.reverse.insert((target, register, field), Vec::new());
                }
                Missing::Register(register) => {
                    let ids = of(&self.snapshot, &register);
                    self.snapshot.registers.insert(register, ids);
                }
                Missing::Closed(register) => {
                    self.snapshot.closed.insert(register, Vec::new());
                }
                Missing::Count(register) => {
                    let count = of(&self.snapshot, &register).len();
                    self.snapshot.counts.insert(register, count);
                }
            }
        }
        some
    }

    /// Carries a command out as a person.
    pub(crate) fn does(&mut self, person: &str, command: &Command) -> Result<Plan, Refusal> {
        self.does_because(person, command, None)
    }

    pub(crate) fn does_because(
        &mut self,
        person: &str,
        command: &Command,
        reason: Option<&str>,
    ) -> Result<Plan, Refusal> {
        let actor = self.actor(person);
        let circumstances = Circumstances { reason: reason.map(str::to_owned), ..Circumstances::default() };
        loop {
            let drawn = self.drawn;
            let mut next = drawn;
            let mut ids = || {
                next += 1;
                Uuid::from_u128(next)
            };
            let attempt = Attempt::new(&self.book, &mut self.snapshot, &self.moment, &actor, &circumstances, &mut ids);
            let outcome = attempt.run(command);
            if !self.fill() {
                self.drawn = next;
                return outcome;
            }
        }
    }

    /// Opens a thing and gives its id.
    pub(crate) fn open(&mut self, fields: Values) -> Uuid {
        let command = Command::Create { register: "thing".to_owned(), fields, lines: BTreeMap::new() };
        self.does("bo", &command).expect("opened").record.expect("a record")
    }

    /// Asks the rules about what is loaded.
    pub(crate) fn kernel(&self) -> Kernel<'_> {
        Kernel::new(&self.book, &self.snapshot, &self.moment)
    }

    pub(crate) fn record(&self, id: Uuid) -> &Record {
        self.snapshot.records.get(&id).expect("the record")
    }

    pub(crate) fn value(&self, record: Uuid, field: &str) -> Value {
        self.record(record).fields.get(field).map_or(Value::Empty, |stored| stored.value.clone())
    }
}

/// Codes of a refusal, each once, in order of name.
pub(crate) fn codes(outcome: &Result<Plan, Refusal>) -> BTreeSet<&str> {
    match outcome {
        Ok(_) => BTreeSet::new(),
        Err(refusal) => refusal.objections.iter().map(|objection| objection.code.as_str()).collect(),
    }
}

/// Fields at which a refusal stands.
pub(crate) fn fields(outcome: &Result<Plan, Refusal>) -> Vec<String> {
    match outcome {
        Ok(_) => Vec::new(),
        Err(refusal) => refusal.objections.iter().filter_map(|objection| objection.field.clone()).collect(),
    }
}
