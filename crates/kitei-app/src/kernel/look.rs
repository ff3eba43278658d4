//! Looking: asking the rules something about records without changing anything. Pages, papers and cases look this way.

use kitei_rules::{book::Book, expr::Actor, run::Kernel, world::Snapshot};
use kitei_store::db::Reader;
use uuid::Uuid;

use super::{Fault, Installation, Organization, load::Loader};

/// Most rounds of loading that one look may need.
const ROUNDS: usize = 40;

impl Installation {
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
                    snapshot.records.insert(*id, record);
                }
                None => {
                    snapshot.absent.insert(*id);
                }
            }
        }
        for _ in 0..ROUNDS {
            let answer = ask_once(&book, &snapshot, &moment, actor, &ask);
            if !fill(&loader, reader, &mut snapshot).await? {
                return Ok(answer);
            }
        }
        Err(Fault::TooMuch { register: String::new() })
    }
}

fn ask_once<T>(
    book: &Book,
    snapshot: &Snapshot,
    moment: &kitei_rules::world::Moment,
    actor: Option<&Actor>,
    ask: &impl Fn(&Kernel<'_>) -> T,
) -> T {
    let kernel = Kernel::new(book, snapshot, moment);
    match actor {
        Some(actor) => ask(&kernel.acting(actor)),
        None => ask(&kernel),
    }
}

async fn fill(loader: &Loader<'_>, reader: &mut Reader, snapshot: &mut Snapshot) -> Result<bool, Fault> {
    loader.fill(reader, snapshot).await
}
