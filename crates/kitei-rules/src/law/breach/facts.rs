//! The facts of a breach as they are stated, and the situation they add up to.
//!
//! A statement may leave facts out. An earlier statement still holds until a later one says otherwise; a fact that
//! only a later statement gives is taken to have been so before; a fact that nobody gives takes the value named
//! beside its field and is listed as assumed.
//!
//! Invariant: `unknown` is a value of its own and never becomes yes or no here.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::law::deadline::KnownOn;

/// Yes, no, or nobody knows yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// Not known: counts as possible.
    Unknown,
}

/// A value that may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stated<T> {
    /// The value.
    Is(T),
    /// Not known: every value is possible.
    Unknown,
}

/// Who is asked for the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// 個人情報取扱事業者 (APPI article 26).
    Business,
    /// A local government as 行政機関等 (APPI article 68).
    Municipality,
}

/// What happened to the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// 漏えい: they went out.
    Leak,
    /// 滅失: their content was lost.
    Loss,
    /// 毀損: they were altered or became unusable.
    Damage,
    /// Use against the rules (My Number Act article 9).
    Use,
    /// Provision against the rules (My Number Act article 19).
    Provision,
}

/// Acts, of which several may have happened at once (ransomware that encrypted and perhaps stole).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Acts(u8);

impl Acts {
    /// Every act, in the order of the articles.
    pub const ALL: [Act; 5] = [Act::Leak, Act::Loss, Act::Damage, Act::Use, Act::Provision];

    /// One act.
    #[must_use]
    pub fn only(act: Act) -> Self {
        Self::default().with(act)
    }

    /// These and one more.
    #[must_use]
    pub fn with(self, act: Act) -> Self {
        Self(self.0 | 1 << act as u8)
    }

    /// Whether the act is among them.
    #[must_use]
    pub fn has(self, act: Act) -> bool {
        self.0 & (1 << act as u8) != 0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// The number of principals: known, or within bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Persons {
    /// At least so many.
    pub min: u64,
    /// At most so many; `None` if no upper bound is known.
    pub max: Option<u64>,
}

impl Persons {
    /// Nobody knows how many: one or more.
    pub const UNKNOWN: Self = Self { min: 1, max: None };

    /// Exactly so many.
    #[must_use]
    pub fn exactly(count: u64) -> Self {
        Self { min: count, max: Some(count) }
    }

    /// The largest number that is possible.
    #[must_use]
    pub fn most(self) -> u64 {
        self.max.unwrap_or(u64::MAX)
    }
}

/// What kinds of data are among those affected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataKinds {
    /// 要配慮個人情報.
    pub special_care: Answer,
    /// Data whose wrongful use can cause financial damage.
    pub financial_damage: Answer,
    /// Individual Numbers: 特定個人情報.
    pub individual_number: Answer,
}

impl DataKinds {
    /// None of the kinds that matter.
    pub const PLAIN: Self =
        Self { special_care: Answer::No, financial_damage: Answer::No, individual_number: Answer::No };
}

/// How far the data had come on their way into a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// 個人データ (for a municipality: 保有個人情報).
    PersonalData,
    /// Acquired or being acquired, and planned to become personal data.
    Planned,
    /// Not to become personal data.
    NotPlanned,
}

/// In whose system Specific Personal Information was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// The operator's own system for affairs related to Individual Numbers, or no system.
    Own,
    /// A system for affairs that use Individual Numbers (個人番号利用事務).
    UseOffice,
    /// 情報提供ネットワークシステム or a computer connected to it.
    InformationNetwork,
    /// A contractor's system for related affairs of an administrative organ or local government.
    GovernmentContractor,
}

/// On which side of an entrustment the operator stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entrusted {
    /// No entrustment.
    None,
    /// The data were with our contractor.
    WeEntrust,
    /// A client entrusted the data to us.
    EntrustedToUs,
}

/// Kinds of accident under the P-mark, 1 to 9 as in PMK500.
pub type PmarkKinds = BTreeSet<u8>;

/// Facts as one person stated them on one day; `None` where nothing was said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Statement {
    /// When it happened. Nobody said: unknown.
    pub occurred_on: Option<Stated<Date>>,
    /// Who is asked. Nobody said: a business.
    pub operator: Option<Operator>,
    /// What happened. Nobody said: what the P-mark kinds imply.
    pub acts: Option<Stated<Acts>>,
    /// How many principals. Nobody said: unknown.
    pub persons: Option<Persons>,
    /// Which data. Nobody said: plain.
    pub data: Option<DataKinds>,
    /// Whether an improper purpose is possible. Nobody said: no.
    pub improper_purpose: Option<Answer>,
    /// How far the data had come. Nobody said: personal data.
    pub stage: Option<Stated<Stage>>,
    /// In whose system. Nobody said: the own.
    pub system: Option<Stated<System>>,
    /// Whether unspecified many could see them by electronic means. Nobody said: no.
    pub open_to_public: Option<Answer>,
    /// Whether all conditions of the encryption exemption are met. Nobody said: no.
    pub encrypted: Option<Answer>,
    /// Whether all came back before any third party saw them. Nobody said: no.
    pub recovered_unviewed: Option<Answer>,
    /// Whether the same content is kept elsewhere. Nobody said: no.
    pub copy_exists: Option<Answer>,
    /// Whether they are pseudonymously processed information. Nobody said: no.
    pub pseudonymised: Option<Answer>,
    /// The kinds of P-mark accident. Nobody said: what the act implies.
    pub pmark_kinds: Option<PmarkKinds>,
    /// The entrustment. Nobody said: none.
    pub entrusted: Option<Entrusted>,
}

/// All that is known of a breach, with what was known before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The day on which the present facts were known to any department; without history, the day of first knowing.
    pub known_on: KnownOn,
    /// The present facts.
    pub now: Statement,
    /// Earlier facts, each with the day on which they were known, in any order.
    pub history: Vec<(KnownOn, Statement)>,
    /// The day on which the client was told what was known (Rules article 9).
    pub client_told_on: Option<Date>,
}

/// A statement with every gap filled.
#[derive(Debug, Clone)]
pub(super) struct Situation {
    pub(super) known_on: KnownOn,
    pub(super) occurred_on: Stated<Date>,
    pub(super) operator: Operator,
    pub(super) acts: Stated<Acts>,
    pub(super) persons: Persons,
    pub(super) data: DataKinds,
    pub(super) improper_purpose: Answer,
    pub(super) stage: Stated<Stage>,
    pub(super) system: Stated<System>,
    pub(super) open_to_public: Answer,
    pub(super) encrypted: Answer,
    pub(super) recovered_unviewed: Answer,
    pub(super) copy_exists: Answer,
    pub(super) pseudonymised: Answer,
    pub(super) pmark_kinds: Option<PmarkKinds>,
    pub(super) entrusted: Entrusted,
}

impl Facts {
    /// The situations as they were known, oldest first; the last is the present one. Never empty.
    pub(super) fn situations(&self) -> Vec<Situation> {
        let stated = self.stated();
        let mut situations: Vec<Situation> =
            stated.iter().enumerate().map(|(place, (day, _))| situation(&stated, place, *day)).collect();
        self.count_from_the_notice(&mut situations);
        situations
    }

    /// The names of facts that nobody gave and that therefore took their usual value.
    pub(super) fn assumed(&self) -> Vec<&'static str> {
        let stated = self.stated();
        let said = |given: fn(&Statement) -> bool| stated.iter().any(|(_, statement)| given(statement));
        let facts: [Given; 13] = [
            ("operator", |statement| statement.operator.is_some()),
            ("act", |statement| statement.acts.is_some()),
            ("persons", |statement| statement.persons.is_some()),
            ("data", |statement| statement.data.is_some()),
            ("improper_purpose", |statement| statement.improper_purpose.is_some()),
            ("stage", |statement| statement.stage.is_some()),
            ("system", |statement| statement.system.is_some()),
            ("open_to_public", |statement| statement.open_to_public.is_some()),
            ("encrypted", |statement| statement.encrypted.is_some()),
            ("recovered_unviewed", |statement| statement.recovered_unviewed.is_some()),
            ("copy_exists", |statement| statement.copy_exists.is_some()),
            ("pseudonymised", |statement| statement.pseudonymised.is_some()),
            ("entrusted", |statement| statement.entrusted.is_some()),
        ];
        facts.into_iter().filter(|(_, given)| !said(*given)).map(|(name, _)| name).collect()
    }

    fn stated(&self) -> Vec<(KnownOn, &Statement)> {
        let mut stated: Vec<(KnownOn, &Statement)> = self.history.iter().map(|(day, facts)| (*day, facts)).collect();
        // Stable: entries of one day keep the order in which they were given.
        stated.sort_by_key(|(day, _)| *day);
        stated.push((self.known_on, &self.now));
        stated
    }

    /// An entruster knows at the latest when its contractor tells it (guideline 3-5-3-2).
    fn count_from_the_notice(&self, situations: &mut [Situation]) {
        let Some(told) = self.client_told_on.and_then(|date| KnownOn::new(date).ok()) else { return };
        if let Some(first) = situations.first_mut()
            && first.entrusted == Entrusted::WeEntrust
        {
            first.known_on = first.known_on.min(told);
        }
    }
}

/// The name of a fact, and whether a statement gives it.
type Given = (&'static str, fn(&Statement) -> bool);

/// What holds at a place of the record: the nearest statement before it, else the nearest after it.
fn holding<T: Clone>(
    stated: &[(KnownOn, &Statement)],
    place: usize,
    fact: impl Fn(&Statement) -> Option<T>,
) -> Option<T> {
    let (before, after) = stated.split_at(place + 1);
    let earlier = before.iter().rev().find_map(|(_, statement)| fact(statement));
    earlier.or_else(|| after.iter().find_map(|(_, statement)| fact(statement)))
}

fn situation(stated: &[(KnownOn, &Statement)], place: usize, known_on: KnownOn) -> Situation {
    let answer = |fact: fn(&Statement) -> Option<Answer>| holding(stated, place, fact).unwrap_or(Answer::No);
    let pmark_kinds = holding(stated, place, |statement| statement.pmark_kinds.clone());
    let acts = holding(stated, place, |statement| statement.acts);
    Situation {
        known_on,
        occurred_on: holding(stated, place, |statement| statement.occurred_on).unwrap_or(Stated::Unknown),
        operator: holding(stated, place, |statement| statement.operator).unwrap_or(Operator::Business),
        acts: acts.unwrap_or_else(|| implied_acts(pmark_kinds.as_ref())),
        persons: holding(stated, place, |statement| statement.persons).unwrap_or(Persons::UNKNOWN),
        data: holding(stated, place, |statement| statement.data).unwrap_or(DataKinds::PLAIN),
        improper_purpose: answer(|statement| statement.improper_purpose),
        stage: holding(stated, place, |statement| statement.stage).unwrap_or(Stated::Is(Stage::PersonalData)),
        system: holding(stated, place, |statement| statement.system).unwrap_or(Stated::Is(System::Own)),
        open_to_public: answer(|statement| statement.open_to_public),
        encrypted: answer(|statement| statement.encrypted),
        recovered_unviewed: answer(|statement| statement.recovered_unviewed),
        copy_exists: answer(|statement| statement.copy_exists),
        pseudonymised: answer(|statement| statement.pseudonymised),
        pmark_kinds,
        entrusted: holding(stated, place, |statement| statement.entrusted).unwrap_or(Entrusted::None),
    }
}

/// The acts that kinds of P-mark accident imply; kinds 5 (improper acquisition) and 8 (refusal) imply none.
///
/// Kind 9, a mere possibility of one of the others, does not say of which: everything is possible.
fn implied_acts(kinds: Option<&PmarkKinds>) -> Stated<Acts> {
    let Some(kinds) = kinds else { return Stated::Unknown };
    if kinds.iter().eq([&9]) {
        return Stated::Unknown;
    }
    let implied = kinds.iter().fold(Acts::default(), |acts, kind| match kind {
        1 => acts.with(Act::Leak),
        2 => acts.with(Act::Loss),
        3 => acts.with(Act::Loss).with(Act::Damage),
        4 => acts.with(Act::Damage),
        6 => acts.with(Act::Use).with(Act::Provision),
        7 => acts.with(Act::Use),
        _ => acts,
    });
    Stated::Is(implied)
}
