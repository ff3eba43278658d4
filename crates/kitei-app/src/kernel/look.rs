//! Looking: asking the rules something about records without changing anything. Pages, papers and cases look this way.

use kitei_rules::{
    book::Book,
    expr::Actor,
    run::{
        Kernel,
        command::{Command, Values},
    },
    world::{Moment, Snapshot},
};
use kitei_store::db::Reader;
use uuid::Uuid;

use super::{Fault, Installation, Organization, load::Loader};

/// Most rounds of loading that one look may need.
const ROUNDS: usize = 40;

impl Installation {
    /// A person with the roles they hold today, deputising included.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn actor(&self, organization: &Organization, person: Uuid) -> Result<Actor, Fault> {
        let mut reader = self.db.reader().await?;
        let moment = organization.moment(self.environment.now());
        let book = self.book_of(&mut reader, organization, moment.today()).await?;
        let loader = Loader { organization, book: &book, environment: &*self.environment };
        let people = loader.people(&mut reader, &moment).await?;
        Ok(Actor { person, roles: people.roles_of(person, moment.today()) })
    }

    /// Asks something about records; what the rules look at beyond them is loaded as it is found missing.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn look<T>(
        &self,
        organization: &Organization,
        actor: Option<&Actor>,
        records: &[Uuid],
        ask: impl Fn(&Kernel<'_>) -> T,
    ) -> Result<T, Fault> {
        let mut reader = self.db.reader().await?;
        self.look_in(&mut reader, organization, actor, records, ask).await
    }

    /// As [`Installation::look`], in the state of the database that a reader sees.
    pub(crate) async fn look_in<T>(
        &self,
        reader: &mut Reader,
        organization: &Organization,
        actor: Option<&Actor>,
        records: &[Uuid],
        ask: impl Fn(&Kernel<'_>) -> T,
    ) -> Result<T, Fault> {
        let moment = organization.moment(self.environment.now());
        let book = self.book_of(reader, organization, moment.today()).await?;
        let loader = Loader { organization, book: &book, environment: &*self.environment };
        let mut snapshot = loader.base(reader, &moment).await?;
        for id in records {
            match loader.record(reader, *id).await? {
                Some(record) => {
                    snapshot.put(record);
                }
                None => {
                    snapshot.absent.insert(*id);
                }
            }
        }
        self.ask(&loader, reader, snapshot, &moment, actor, ask).await
    }

    /// Asks until everything the rules look at is loaded.
    pub(super) async fn ask<T>(
        &self,
        loader: &Loader<'_>,
        reader: &mut Reader,
        mut snapshot: Snapshot,
        moment: &Moment,
        actor: Option<&Actor>,
        ask: impl Fn(&Kernel<'_>) -> T,
    ) -> Result<T, Fault> {
        for _ in 0..ROUNDS {
            let answer = ask_once(loader.book, &snapshot, moment, actor, &ask);
            if !loader.fill(reader, &mut snapshot).await? {
                return Ok(answer);
            }
        }
        Err(Fault::TooMuch { register: String::new() })
    }

    /// What doing an act on a record means for somebody: a step of a track or, if no track asks for the act, the present
    /// round of a duty.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn doing(
        &self,
        organization: &Organization,
        actor: &Actor,
        record: Uuid,
        act: &str,
        fields: Values,
    ) -> Result<Command, Fault> {
        let look = |kernel: &Kernel<'_>| {
            let found = kernel.snapshot.record(record)?;
            let asked = kernel.standing(found).iter().any(|standing| standing.act == act);
            let duty = kernel.duties(found).into_iter().find(|duty| duty.act == act);
            if asked { None } else { duty.map(|duty| duty.round) }
        };
        let round = self.look(organization, Some(actor), &[record], look).await?;
        let act = act.to_owned();
        Ok(match round {
            Some(round) => Command::Duty { record, act, round, fields },
            None => Command::Act { record, act, fields },
        })
    }
}

fn ask_once<T>(
    book: &Book,
    snapshot: &Snapshot,
    moment: &Moment,
    actor: Option<&Actor>,
    ask: &impl Fn(&Kernel<'_>) -> T,
) -> T {
    let kernel = Kernel::new(book, snapshot, moment);
    match actor {
        Some(actor) => ask(&kernel.acting(actor)),
        None => ask(&kernel),
    }
}
