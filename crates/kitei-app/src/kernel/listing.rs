//! Pages of a register for somebody: what they may see as a condition of the database, filter, search, order, total.
//!
//! Serves 台帳 and the JSON API. Invariant: the total counts exactly what the person may see; no row is taken away after
//! the database has counted. Sealed texts are found by their blind tokens when nothing is found in open ones.

use kitei_rules::{
    expr::Actor,
    pack::model::Kind,
    rulebook::RegisterRule,
    run::{Kernel, access::Reach},
    world::Snapshot,
};
use kitei_store::{
    db::Reader,
    records::{self, Filter, ListQuery},
    search,
};
use uuid::Uuid;

use super::{Fault, Installation, Organization, load::Loader};

/// What a page of a register says, and how many records there are on all pages.
#[derive(Debug)]
pub struct Listed<T> {
    /// The answer to what was asked about the records of the page.
    pub answer: T,
    /// Records on all pages.
    pub total: i64,
}

/// What somebody may see of a register, as a condition; `None` when they may not even know that it is there.
///
/// For those who see a part it is what [`Kernel::sees_record`] says, except that something must be asked of them *now*.
#[must_use]
pub fn condition(kernel: &Kernel<'_>, actor: &Actor, register: &RegisterRule) -> Option<Filter> {
    match kernel.reach(actor, register) {
        Reach::Nothing => None,
        Reach::All => Some(Filter::All(Vec::new())),
        Reach::Part { department } => {
            let mut any = vec![Filter::Asked { person: actor.person, roles: held(kernel, actor) }];
            if !actor.person.is_nil() {
                any.push(Filter::OpenedBy(actor.person));
            }
            let own = kernel.snapshot.people.get(&actor.person).and_then(|person| person.department);
            if let Some(own) = own {
                any.push(Filter::LinksTo { field: Some(department), target: own });
            }
            Some(Filter::Any(any))
        }
    }
}

/// Roles that somebody holds today with the department they hold them for, deputising included.
fn held(kernel: &Kernel<'_>, actor: &Actor) -> Vec<(String, Option<Uuid>)> {
    let today = kernel.moment.today();
    let absent = |person: &Uuid| kernel.snapshot.people.get(person).is_some_and(|person| person.absent);
    let mut roles: Vec<(String, Option<Uuid>)> = kernel
        .snapshot
        .holdings
        .iter()
        .filter(|holding| holding.from <= today && holding.until.is_none_or(|until| today <= until))
        .filter(|holding| {
            holding.person == actor.person || (holding.deputy == Some(actor.person) && absent(&holding.person))
        })
        .map(|holding| (holding.role.clone(), holding.department))
        .collect();
    roles.sort();
    roles.dedup();
    roles
}

impl Installation {
    /// A page of a register for somebody, and what is asked about its records. `None` when there is no such register for
    /// them.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn list<T>(
        &self,
        organization: &Organization,
        actor: &Actor,
        query: ListQuery,
        ask: impl Fn(&Kernel<'_>, &[Uuid]) -> T,
    ) -> Result<Option<Listed<T>>, Fault> {
        let mut reader = self.db.reader().await?;
        let moment = organization.moment(self.environment.now());
        let book = self.book_of(&mut reader, organization, moment.today()).await?;
        let loader = Loader { organization, book: &book, environment: &*self.environment };
        let snapshot = loader.base(&mut reader, &moment).await?;
        let Some(register) = book.register(&query.register) else { return Ok(None) };
        let (seen, texts) = {
            let kernel = Kernel::new(&book, &snapshot, &moment).acting(actor);
            (condition(&kernel, actor, register), sealed_texts(&kernel, actor, register))
        };
        let Some(seen) = seen else { return Ok(None) };
        let query = ListQuery { filter: both(seen, query.filter), ..query };
        let page = found(&mut reader, organization, &texts, &query).await?;
        let ids: Vec<Uuid> = page.records.iter().map(|record| record.id).collect();
        let snapshot = with(&loader, &mut reader, snapshot, register, &page.records).await?;
        let answer = self.ask(&loader, &mut reader, snapshot, &moment, Some(actor), |kernel| ask(kernel, &ids)).await?;
        Ok(Some(Listed { answer, total: page.total }))
    }

    /// A query for what [`Installation::list`] shows on all its pages, for those who write them to a file. `None` when there
    /// is no such register for them.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn narrowed(
        &self,
        organization: &Organization,
        actor: &Actor,
        query: ListQuery,
    ) -> Result<Option<ListQuery>, Fault> {
        let mut reader = self.db.reader().await?;
        let moment = organization.moment(self.environment.now());
        let book = self.book_of(&mut reader, organization, moment.today()).await?;
        let loader = Loader { organization, book: &book, environment: &*self.environment };
        let snapshot = loader.base(&mut reader, &moment).await?;
        let Some(register) = book.register(&query.register) else { return Ok(None) };
        let (seen, texts) = {
            let kernel = Kernel::new(&book, &snapshot, &moment).acting(actor);
            (condition(&kernel, actor, register), sealed_texts(&kernel, actor, register))
        };
        let Some(seen) = seen else { return Ok(None) };
        let query = ListQuery { filter: both(seen, query.filter), offset: 0, ..query };
        let Some(typed) = query.search.as_deref().map(str::trim).filter(|typed| !typed.is_empty()) else {
            return Ok(Some(query));
        };
        if records::list(&mut reader, organization.id, &query).await?.total > 0 {
            return Ok(Some(query));
        }
        let filter = both(sealed(organization, &query.register, &texts, typed), query.filter.clone());
        Ok(Some(ListQuery { search: None, filter, ..query }))
    }

    /// How many records of some registers somebody may see; those they may not know of are left out.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn counts(
        &self,
        organization: &Organization,
        actor: &Actor,
        wanted: impl Fn(&RegisterRule) -> bool,
    ) -> Result<Vec<(String, i64)>, Fault> {
        let mut reader = self.db.reader().await?;
        let moment = organization.moment(self.environment.now());
        let book = self.book_of(&mut reader, organization, moment.today()).await?;
        let loader = Loader { organization, book: &book, environment: &*self.environment };
        let snapshot = loader.base(&mut reader, &moment).await?;
        let conditions: Vec<(String, Filter)> = {
            let kernel = Kernel::new(&book, &snapshot, &moment).acting(actor);
            let registers = book.names.registers.values().filter(|register| wanted(register));
            registers.filter_map(|rule| Some((rule.id.clone(), condition(&kernel, actor, rule)?))).collect()
        };
        let mut out = Vec::new();
        for (register, filter) in conditions {
            let query = ListQuery { filter, ..ListQuery::new(&register) };
            let total = records::count(&mut reader, organization.id, &query).await?;
            out.push((register, total));
        }
        Ok(out)
    }
}

fn both(seen: Filter, asked: Filter) -> Filter {
    match seen {
        Filter::All(none) if none.is_empty() => asked,
        seen => Filter::All(vec![asked, seen]),
    }
}

async fn found(
    reader: &mut Reader,
    organization: &Organization,
    texts: &[String],
    query: &ListQuery,
) -> Result<records::Page, Fault> {
    let page = records::list(reader, organization.id, query).await?;
    let Some(typed) = query.search.as_deref().map(str::trim).filter(|typed| !typed.is_empty()) else {
        return Ok(page);
    };
    if page.total > 0 {
        return Ok(page);
    }
    let filter = both(sealed(organization, &query.register, texts, typed), query.filter.clone());
    let by_tokens = ListQuery { search: None, filter, ..query.clone() };
    Ok(records::list(reader, organization.id, &by_tokens).await?)
}

/// Sealed short texts that somebody may see: a search must not tell what a page does not show.
fn sealed_texts(kernel: &Kernel<'_>, actor: &Actor, register: &RegisterRule) -> Vec<String> {
    let fields = register
        .fields
        .iter()
        .filter(|field| !field.open && matches!(field.kind, Kind::Text | Kind::Phone | Kind::Email))
        .filter(|field| kernel.sees_field(actor, &register.id, None, &field.id));
    fields.map(|field| field.id.clone()).collect()
}

/// Records of which one of the sealed texts has all the tokens of what was typed.
fn sealed(organization: &Organization, register: &str, texts: &[String], typed: &str) -> Filter {
    let folded = search::fold(typed);
    let any = organization.with_keys(|keys| {
        let tokens = |field: &String| {
            let tokens = keys.token_key().tokens(register, field, &folded);
            Filter::Tokens { field: field.clone(), tokens: tokens.into_iter().map(|token| token.to_i64()).collect() }
        };
        texts.iter().map(tokens).collect()
    });
    Filter::Any(any)
}

/// The records of a page with their lines, in a few statements whatever the length of the page.
async fn with(
    loader: &Loader<'_>,
    reader: &mut Reader,
    mut snapshot: Snapshot,
    register: &RegisterRule,
    stored: &[records::Record],
) -> Result<Snapshot, Fault> {
    let ids: Vec<Uuid> = stored.iter().map(|record| record.id).collect();
    let lines = if register.lists.is_empty() {
        Vec::new()
    } else {
        kitei_store::lines::of_records(reader, loader.organization.id, &ids).await?
    };
    for record in stored {
        let from = lines.partition_point(|line| line.record < record.id);
        let count = lines[from..].partition_point(|line| line.record == record.id);
        snapshot.put(loader.decode(record, &lines[from..from + count])?);
    }
    Ok(snapshot)
}
