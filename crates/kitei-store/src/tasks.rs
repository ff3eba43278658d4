//! Tasks as computed: the table is a projection, made anew for a record whenever what its tasks depend on changes.
//!
//! Invariant: after `replace` the tasks of a record are exactly those given, and rows that were right are not touched.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use uuid::Uuid;

use crate::db::{Bind as _, Instant, Reader, Row, StoreError, Tx, Value};
use crate::deeds::DeedId;
use crate::{binds, statements};

statements! {
    /// A new task.
    INSERT = "insert into task (org, record, act, line, round, register, status, due_at, warn_at, doc, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    /// What changed of a task.
    UPDATE = "update task set register = $6, status = $7, due_at = $8, warn_at = $9, doc = $10, updated_at = $11
        where org = $1 and record = $2 and act = $3 and line = $4 and round = $5";
    /// Takes a task away.
    REMOVE = "delete from task where org = $1 and record = $2 and act = $3 and line = $4 and round = $5";
    /// A record's tasks, the most urgent first.
    OF_RECORD = "select record, act, line, round, register, status, due_at, warn_at, doc, updated_at from task
        where org = $1 and record = $2 order by due_at, act, line, round";
    /// Who is to do the tasks of a record.
    WHO_OF_RECORD = "select record, act, line, round, role, department, person from task_who
        where org = $1 and record = $2 order by act, line, round, role, department, person";
    /// Somebody who is to do a task.
    INSERT_WHO = "insert into task_who (org, record, act, line, round, role, department, person)
        values ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// Nobody is to do a task.
    REMOVE_WHO = "delete from task_who where org = $1 and record = $2 and act = $3 and line = $4 and round = $5";
    /// Tasks of a status that are due by an instant, over all records.
    DUE = "select record, act, line, round, register, status, due_at, warn_at, doc, updated_at from task
        where org = $1 and status = $2 and due_at <= $3 order by due_at, record, act, line, round limit $4";
    /// Tasks of a status for one person: named, or by a role in a department or in the whole organization.
    FOR_PERSON = "select t.record, t.act, t.line, t.round, t.register, t.status, t.due_at, t.warn_at, t.doc,
            t.updated_at
        from task t where t.org = $1 and t.status = $2 and exists (
            select 1 from task_who w where w.org = t.org and w.record = t.record and w.act = t.act
                and w.line = t.line and w.round = t.round and w.person = $3)
        order by case when t.due_at is null then 1 else 0 end, t.due_at, t.record, t.act limit $4";
    /// Tasks of a status for those who hold a role in a department.
    FOR_ROLE = "select t.record, t.act, t.line, t.round, t.register, t.status, t.due_at, t.warn_at, t.doc,
            t.updated_at
        from task t where t.org = $1 and t.status = $2 and exists (
            select 1 from task_who w where w.org = t.org and w.record = t.record and w.act = t.act
                and w.line = t.line and w.round = t.round and w.role = $3 and w.department = $4)
        order by case when t.due_at is null then 1 else 0 end, t.due_at, t.record, t.act limit $5";
    /// How many tasks are in each status, and the earliest due time of each.
    COUNTS = "select status, count(*) as tasks, min(due_at) as first_due from task where org = $1
        group by status order by status";
}

/// Who is to do a task. A nil id stands for none: a role in the whole organization, or a person by name alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Who {
    /// The role, by its id in the packs; empty when a person is meant by name.
    pub role: String,
    /// The department in which the role counts; nil for the whole organization.
    pub department: Uuid,
    /// The person; nil when whoever holds the role is meant.
    pub person: Uuid,
}

/// A task.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Which: the deed that it asks for.
    pub id: DeedId,
    /// The register of the record.
    pub register: String,
    /// Where it stands; the words are the caller's.
    pub status: String,
    /// When it is due.
    pub due_at: Option<Instant>,
    /// When its people are to be warned.
    pub warn_at: Option<Instant>,
    /// Basis, form, reason in words, other clocks.
    pub doc: Json,
    /// When it last changed.
    pub updated_at: Instant,
}

/// A task and those who are to do it.
#[derive(Debug, Clone, PartialEq)]
pub struct AssignedTask {
    /// The task.
    pub task: Task,
    /// Those who are to do it, any one of them.
    pub who: BTreeSet<Who>,
}

/// What `replace` changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskChanges {
    /// Tasks that there were not before.
    pub added: Vec<DeedId>,
    /// Tasks that are otherwise now.
    pub changed: Vec<DeedId>,
    /// Tasks that are no longer.
    pub removed: Vec<DeedId>,
}

fn read_id(row: &Row) -> Result<DeedId, StoreError> {
    Ok(DeedId { record: row.get("record")?, act: row.get("act")?, line: row.get("line")?, round: row.get("round")? })
}

fn read(row: &Row) -> Result<Task, StoreError> {
    Ok(Task {
        id: read_id(row)?,
        register: row.get("register")?,
        status: row.get("status")?,
        due_at: row.maybe("due_at")?,
        warn_at: row.maybe("warn_at")?,
        doc: row.get("doc")?,
        updated_at: row.get("updated_at")?,
    })
}

/// Makes the tasks of records those given, and says what that changed. `updated_at` of a task that stays as it was
/// stays too.
///
/// # Errors
/// `Unique` when a task is given twice.
pub async fn replace(
    tx: &mut Tx,
    org: Uuid,
    records: &[Uuid],
    tasks: &[&AssignedTask],
) -> Result<TaskChanges, StoreError> {
    let stored = of_records(tx, org, records).await?;
    let mut stored: BTreeMap<DeedId, AssignedTask> =
        stored.into_iter().map(|assigned| (assigned.task.id.clone(), assigned)).collect();
    let mut changes = TaskChanges::default();
    let mut added = Vec::new();
    for assigned in tasks {
        let id = &assigned.task.id;
        match stored.remove(id) {
            None => {
                changes.added.push(id.clone());
                added.push(*assigned);
            }
            Some(old) => {
                let same_task = is_same(&old.task, &assigned.task);
                let same_who = old.who == assigned.who;
                if !same_task {
                    update(tx, org, &assigned.task).await?;
                }
                if !same_who {
                    remove_with(tx, org, id, &REMOVE_WHO).await?;
                    insert_who(tx, org, &[assigned]).await?;
                }
                if !(same_task && same_who) {
                    changes.changed.push(id.clone());
                }
            }
        }
    }
    for id in stored.into_keys() {
        remove_with(tx, org, &id, &REMOVE_WHO).await?;
        remove_with(tx, org, &id, &REMOVE).await?;
        changes.removed.push(id);
    }
    insert(tx, org, &added).await?;
    insert_who(tx, org, &added).await?;
    Ok(changes)
}

/// Keeps the tasks of records that have none yet, in few statements.
///
/// # Errors
/// `Unique` when one is there already.
pub async fn add(tx: &mut Tx, org: Uuid, tasks: &[AssignedTask]) -> Result<(), StoreError> {
    let tasks: Vec<&AssignedTask> = tasks.iter().collect();
    insert(tx, org, &tasks).await?;
    insert_who(tx, org, &tasks).await
}

fn is_same(old: &Task, new: &Task) -> bool {
    let Task { id, register, status, due_at, warn_at, doc, updated_at: _ } = old;
    (id, register, status, due_at, warn_at, doc)
        == (&new.id, &new.register, &new.status, &new.due_at, &new.warn_at, &new.doc)
}

async fn update(tx: &mut Tx, org: Uuid, task: &Task) -> Result<(), StoreError> {
    let Task { id: DeedId { record, act, line, round }, register, status, due_at, warn_at, doc, updated_at } = task;
    let binds = binds![org, *record, act, *line, *round, register, status, *due_at, *warn_at, doc, *updated_at];
    tx.execute(&UPDATE, binds).await?;
    Ok(())
}

async fn remove_with(tx: &mut Tx, org: Uuid, id: &DeedId, statement: &crate::db::Statement) -> Result<(), StoreError> {
    let DeedId { record, act, line, round } = id;
    tx.execute(statement, binds![org, *record, act, *line, *round]).await?;
    Ok(())
}

fn id_values(org: Uuid, id: &DeedId) -> Vec<Value<'_>> {
    vec![
        Value::Uuid(Some(org)),
        Value::Uuid(Some(id.record)),
        Value::Text(Some(id.act.as_str().into())),
        Value::Uuid(Some(id.line)),
        Value::Integer(Some(id.round)),
    ]
}

async fn insert(tx: &mut Tx, org: Uuid, tasks: &[&AssignedTask]) -> Result<(), StoreError> {
    let rows: Vec<Vec<Value<'_>>> = tasks
        .iter()
        .map(|AssignedTask { task, .. }| {
            let mut row = id_values(org, &task.id);
            row.extend([
                Value::Text(Some(task.register.as_str().into())),
                Value::Text(Some(task.status.as_str().into())),
                Value::Instant(task.due_at),
                Value::Instant(task.warn_at),
                task.doc.value(),
                Value::Instant(Some(task.updated_at)),
            ]);
            row
        })
        .collect();
    tx.insert_many(&INSERT, &rows).await?;
    Ok(())
}

async fn insert_who(tx: &mut Tx, org: Uuid, tasks: &[&AssignedTask]) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for AssignedTask { task, who } in tasks {
        for Who { role, department, person } in who {
            let mut row = id_values(org, &task.id);
            row.extend([
                Value::Text(Some(role.as_str().into())),
                Value::Uuid(Some(*department)),
                Value::Uuid(Some(*person)),
            ]);
            rows.push(row);
        }
    }
    tx.insert_many(&INSERT_WHO, &rows).await?;
    Ok(())
}

/// The tasks of a record and who is to do them.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn of_record(reader: &mut Reader, org: Uuid, record: Uuid) -> Result<Vec<AssignedTask>, StoreError> {
    of_records(reader, org, &[record]).await
}

/// The tasks of several records and who is to do them, in few statements.
async fn of_records(reader: &mut Reader, org: Uuid, records: &[Uuid]) -> Result<Vec<AssignedTask>, StoreError> {
    let tasks = reader.fetch_of(&OF_RECORD, "record", binds![org], records).await?;
    if tasks.is_empty() {
        return Ok(Vec::new());
    }
    let mut people: BTreeMap<DeedId, BTreeSet<Who>> = BTreeMap::new();
    for row in reader.fetch_of(&WHO_OF_RECORD, "record", binds![org], records).await? {
        let id = read_id(&row)?;
        let who = Who { role: row.get("role")?, department: row.get("department")?, person: row.get("person")? };
        people.entry(id).or_default().insert(who);
    }
    tasks
        .iter()
        .map(|row| {
            let task = read(row)?;
            let who = people.remove(&task.id).unwrap_or_default();
            Ok(AssignedTask { task, who })
        })
        .collect()
}

/// Tasks of a status that are due by an instant, the longest overdue first.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn due(
    reader: &mut Reader,
    org: Uuid,
    status: &str,
    by: Instant,
    limit: u32,
) -> Result<Vec<Task>, StoreError> {
    reader.fetch_all(&DUE, binds![org, status, by, limit]).await?.iter().map(read).collect()
}

/// Tasks of a status that name a person, the most urgent first.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn for_person(
    reader: &mut Reader,
    org: Uuid,
    status: &str,
    person: Uuid,
    limit: u32,
) -> Result<Vec<Task>, StoreError> {
    reader.fetch_all(&FOR_PERSON, binds![org, status, person, limit]).await?.iter().map(read).collect()
}

/// Tasks of a status for those who hold a role in a department (nil: in the whole organization).
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn for_role(
    reader: &mut Reader,
    org: Uuid,
    status: &str,
    role: &str,
    department: Uuid,
    limit: u32,
) -> Result<Vec<Task>, StoreError> {
    reader.fetch_all(&FOR_ROLE, binds![org, status, role, department, limit]).await?.iter().map(read).collect()
}

/// How many tasks are in each status, and when the first of them is due.
///
/// # Errors
/// As `StoreErrorKind` says.
pub async fn counts(reader: &mut Reader, org: Uuid) -> Result<Vec<(String, i64, Option<Instant>)>, StoreError> {
    let rows = reader.fetch_all(&COUNTS, binds![org]).await?;
    rows.iter().map(|row| Ok((row.get("status")?, row.get("tasks")?, row.maybe("first_due")?))).collect()
}
