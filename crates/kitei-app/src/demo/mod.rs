//! A sample organisation, told as data: who is there, which records they keep, what they did in half a year.
//!
//! Serves section 1 of the start (`kitei demo`, `./run --demo`). A [`Plan`] is a directory of TOML files; [`tell`] plays it through
//! [`Installation::perform`] with a [`Clock`] that goes from deed to deed, lets time pass every morning and signs the log every evening,
//! so that what comes out cannot be told from an organisation that really worked so, except by its mark ([`mark`]).
//!
//! Invariant: no rule is bent for a sample. What the rules refuse is named with file, line and their objections, and the sample is
//! left unfinished.
//! Invariant: the same plan told on the same day makes the same records; only ids and keys differ.
//! Invariant: no regulation and no content is named here.

mod clock;
mod deeds;
pub mod mark;
mod plan;
mod player;
mod words;
mod work;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, tz::TimeZone};
use kitei_rules::{
    pack::model::{Literal, Text},
    rulebook::{LAW, OFFICE, Sayings, Setting},
};
use kitei_store::db::StoreError;
use uuid::Uuid;

pub use clock::Clock;
pub use plan::{Place, Plan};

use crate::kernel::{Environment, Fault, Installation, adopt::AdoptError};
use plan::{Founding, Step, wrong};
use player::Player;

/// The hour at which time passes on each day of a story.
const MORNING: i8 = 6;

/// Why a story could not be told.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// There is an organisation already.
    #[error("there is an organisation already")]
    Occupied,
    /// A sample was begun here and not ended.
    #[error("a sample was begun here and not ended")]
    Unfinished,
    /// A step means nothing, or is refused by the rules.
    #[error("{}:{}: {}", place.file, place.line, problem.en)]
    Step {
        /// Where it stands.
        place: Place,
        /// What is wrong.
        problem: Text,
    },
    /// Steps were refused; all of them, in the order of the story.
    #[error("{} steps were refused", .0.len())]
    Refused(Vec<(Place, Text)>),
    /// The packs are not adopted.
    #[error("adopting: {0}")]
    Adopt(#[from] AdoptError),
    /// Something failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for DemoError {
    fn from(error: StoreError) -> Self {
        Self::Fault(Fault::Store(error))
    }
}

/// What was told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The organisation.
    pub organization: Uuid,
    /// The person for whom the first account is made.
    pub administrator: Uuid,
    /// Deeds carried out.
    pub deeds: usize,
    /// Records by register.
    pub records: BTreeMap<String, usize>,
}

/// How far the telling is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Day of the story.
    pub day: Date,
    /// Deeds carried out so far.
    pub deeds: usize,
}

/// A step at its instant; for rows, one of them.
struct Scheduled<'p> {
    at: Timestamp,
    place: &'p Place,
    step: Step,
}

/// Tells a story into an installation that holds no organisation yet. Its environment must be the clock given.
///
/// # Errors
/// [`DemoError`]. What was told up to then stays behind, marked as unfinished.
pub async fn tell(
    installation: &Arc<Installation>,
    clock: &Arc<Clock>,
    plan: &Plan,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Told, DemoError> {
    if let Some(row) = installation.all().await?.first() {
        let mut reader = installation.db.reader().await?;
        let unfinished = mark::of(&mut reader, row.org).await?.is_some_and(|sample| sample.administrator.is_none());
        return Err(if unfinished { DemoError::Unfinished } else { DemoError::Occupied });
    }
    let present = clock.now();
    let founding = &plan.founding;
    let zone = TimeZone::get(&founding.zone).map_err(|error| wrong("", 0, error.to_string(), error.to_string()))?;
    let today = present.to_zoned_datetime(zone.clone()).date();
    let schedule = schedule(plan, today, &zone, present)?;
    let first = day_of(today, founding.first_day)?;
    clock.begin(instant(first, MORNING, &zone)?);
    let organization = installation.found(&founding.slug, &founding.name, &founding.zone).await?;
    mark::begin(installation, &organization).await?;
    let mut player = Player::new(installation, &organization, clock, plan, today);
    let told = play(&mut player, schedule, first, present, progress).await;
    clock.end();
    told
}

async fn play(
    player: &mut Player<'_>,
    schedule: Vec<Scheduled<'_>>,
    first: Date,
    present: Timestamp,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Told, DemoError> {
    let (zone, founding) = (player.organization.zone.clone(), &player.plan.founding);
    let adoption = day_of(first, founding.adopt_after)?;
    let mut schedule = schedule.into_iter().peekable();
    let mut day = first;
    let mut refused = Vec::new();
    while day <= player.today {
        let morning = instant(day, MORNING, &zone)?;
        if morning > present {
            break;
        }
        player.clock.forward(morning);
        if day == adoption {
            player.adopt(adoption).await?;
        }
        player.installation.tick(&player.organization).await?;
        let evening = instant(day.tomorrow().unwrap_or(day), MORNING, &zone)?;
        while let Some(next) = schedule.next_if(|next| next.at < evening || day == player.today) {
            player.clock.forward(next.at);
            match player.step(next.place, &next.step).await {
                // The rest is told all the same, so that whoever writes a plan sees every mistake at once.
                Err(DemoError::Step { place, problem }) => refused.push((place, problem)),
                other => other?,
            }
            progress(Progress { day, deeds: player.deeds });
        }
        player.installation.sign(&player.organization).await?;
        day = day.tomorrow().map_err(|error| wrong("", 0, error.to_string(), error.to_string()))?;
    }
    if !refused.is_empty() {
        return Err(DemoError::Refused(refused));
    }
    player.clock.end();
    player.installation.tick(&player.organization).await?;
    let administrator = player.named(&Place::default(), &founding.administrator)?;
    mark::end(&player.installation, &player.organization, administrator).await?;
    player.installation.sign(&player.organization).await?;
    Ok(Told {
        organization: player.organization.id,
        administrator,
        deeds: player.deeds,
        records: player.records.clone(),
    })
}

/// Every step at its instant, in order; steps of the same instant in the order in which they are written.
fn schedule<'p>(
    plan: &'p Plan,
    today: Date,
    zone: &TimeZone,
    present: Timestamp,
) -> Result<Vec<Scheduled<'p>>, DemoError> {
    let mut out = Vec::new();
    for (place, step) in &plan.steps {
        let bare = Step { rows: Vec::new(), columns: Vec::new(), ..step.clone() };
        if step.rows.is_empty() {
            out.push(Scheduled { at: moment(place, step, 0, today, zone, present)?, place, step: bare });
            continue;
        }
        let last = i32::try_from(step.rows.len()).unwrap_or(i32::MAX) - 1;
        for (at, row) in (0..).zip(&step.rows) {
            let span = step.until_day.unwrap_or_default() - step.day.unwrap_or_default();
            let later = if step.until_day.is_some() && last > 0 { span * at / last } else { 0 };
            let at = moment(place, step, later, today, zone, present)?;
            out.push(Scheduled { at, place, step: row_step(place, &bare, &step.columns, row)? });
        }
    }
    out.sort_by_key(|scheduled| scheduled.at);
    Ok(out)
}

/// The step of one row.
fn row_step(place: &Place, step: &Step, columns: &[String], row: &[Literal]) -> Result<Step, DemoError> {
    let mut step = step.clone();
    for (column, value) in columns.iter().zip(row) {
        let text = match value {
            Literal::Text(text) => Some(text.clone()),
            _ => None,
        };
        match (column.as_str(), text) {
            // An empty cell says nothing.
            (_, Some(text)) if text.is_empty() => {}
            ("as", Some(text)) => step.name = Some(text),
            ("by", Some(text)) => step.by = Some(text),
            ("on", Some(text)) => step.on = Some(text),
            ("at", Some(text)) => step.at = Some(text),
            ("as" | "by" | "on" | "at", None) => {
                let (ja, en) = ("この列には文字を書きます。", "this column takes a text");
                return Err(wrong(&place.file, place.line, format!("{column}: {ja}"), format!("{column}: {en}")));
            }
            _ => {
                step.with.insert(column.clone(), value.clone());
            }
        }
    }
    Ok(step)
}

/// When a step happens.
fn moment(
    place: &Place,
    step: &Step,
    later: i32,
    today: Date,
    zone: &TimeZone,
    present: Timestamp,
) -> Result<Timestamp, DemoError> {
    let bad = |ja: String, en: String| wrong(&place.file, place.line, ja, en);
    if let Some(ago) = &step.ago {
        let ago: SignedDuration =
            ago.parse().map_err(|error| bad(format!("ago「{ago}」: {error}"), format!("ago \"{ago}\": {error}")))?;
        return Ok(present - ago);
    }
    let mut day = day_of(today, step.day.unwrap_or_default() + later)?;
    while !step.any_day && matches!(day.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday) {
        day = day_of(day, -1)?;
    }
    let at = step.at.as_deref().unwrap_or("09:30");
    let time: jiff::civil::Time =
        at.parse().map_err(|error| bad(format!("at「{at}」: {error}"), format!("at \"{at}\": {error}")))?;
    let local = day.to_datetime(time).to_zoned_datetime(zone.clone());
    let local = local.map_err(|error| bad(error.to_string(), error.to_string()))?;
    Ok(local.timestamp().min(present))
}

fn day_of(today: Date, count: i32) -> Result<Date, DemoError> {
    today.checked_add(count.days()).map_err(|error| wrong("", 0, error.to_string(), error.to_string()))
}

fn instant(day: Date, hour: i8, zone: &TimeZone) -> Result<Timestamp, DemoError> {
    let local = day.at(hour, 0, 0, 0).to_zoned_datetime(zone.clone());
    Ok(local.map_err(|error| wrong("", 0, error.to_string(), error.to_string()))?.timestamp())
}

impl Player<'_> {
    /// Adopts the packs of the plan, with its answers to what they leave open.
    async fn adopt(&mut self, from: Date) -> Result<(), DemoError> {
        let founding: &Founding = &self.plan.founding;
        let shelf = Arc::clone(&self.installation.shelf);
        let ids: Vec<String> = if founding.packs.is_empty() {
            shelf.iter().map(|(id, _)| id.to_owned()).filter(|id| !matches!(id.as_str(), OFFICE | LAW)).collect()
        } else {
            founding.packs.clone()
        };
        let sayings = Sayings::compose(shelf.with_bases(&ids).into_iter().map(|shelved| &shelved.pack));
        let mut settings = BTreeMap::new();
        for rule in sayings.parameters.keys().filter_map(|key| sayings.parameter(key)).filter(|rule| rule.fill) {
            let Some(value) = founding.settings.get(&rule.key).cloned() else {
                let ja = format!("settings に「{}」（{}）の答えがありません。", rule.key, rule.title.ja);
                return Err(wrong("", 0, ja, format!("settings does not answer \"{}\" ({})", rule.key, rule.title.en)));
            };
            settings.insert(rule.key, Setting { value, reason: None, approved_by: None });
        }
        let unknown: BTreeSet<&String> = founding.settings.keys().filter(|key| !settings.contains_key(*key)).collect();
        if let Some(key) = unknown.first() {
            let (ja, en) = ("を空けている規程はありません。", "no pack leaves this open");
            return Err(wrong("", 0, format!("settings.{key}{ja}"), format!("settings.{key}: {en}")));
        }
        let actor = self.actor(&Place::default(), &founding.adopted_by).await?;
        self.installation.adopt(&self.organization, &actor, &ids, settings, from).await?;
        Ok(())
    }
}

impl fmt::Debug for Player<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Player").field("organization", &self.organization.id).finish_non_exhaustive()
    }
}
