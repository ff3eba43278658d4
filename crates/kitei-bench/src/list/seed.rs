//! A register full of records: entries of the ledger (open texts) and requests of principals (a sealed name).
//!
//! Records are written by the kernel's projector, as a rebuild writes them, in acts of five hundred: reading is measured
//! here, and reading does not look at the log. One in [`RARE`] has the words that are searched for.

use std::{collections::BTreeMap, sync::Arc};

use kitei_app::kernel::{
    Environment as _, Fault,
    project::{Leaves, Projector},
};
use kitei_rules::{
    value::Value,
    world::{Record, State, Stored},
};

use kitei_store::records;

use crate::{Trouble, environment::SystemEnvironment, place::Place};

/// One record in so many has the rare words; every second of these has the chosen filter value.
pub(crate) const RARE: usize = 125;
/// Records of an act.
const BATCH: usize = 500;

const BUSINESS: [&str; 8] = ["人事", "経理", "営業", "総務", "開発", "購買", "広報", "保守"];
const THINGS: [&str; 10] = [
    "応募者一覧",
    "給与台帳",
    "顧客名簿",
    "取引先名刺",
    "入退室記録",
    "健康診断結果",
    "問合せ票",
    "配送先一覧",
    "監視映像",
    "契約書控え",
];
const PLACES: [&str; 5] = ["本社三階書庫", "基幹サーバー", "営業部共有フォルダー", "倉庫B棟", "委託先データセンター"];
const FAMILY: [&str; 10] = ["佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林", "加藤"];
const GIVEN: [&str; 10] = ["太郎", "花子", "一郎", "美咲", "健太", "陽子", "大輔", "由美", "翔", "恵"];

fn pick<'t>(from: &[&'t str], number: usize) -> &'t str {
    from.get(number % from.len()).copied().unwrap_or_default()
}

/// An entry of the ledger.
pub(crate) fn entry(number: usize) -> Vec<(&'static str, Value)> {
    let text = |words: String| Value::Text(words);
    let name = if number.is_multiple_of(RARE) {
        format!("採血検査の結果 {number}")
    } else {
        format!("{} {number}", pick(&THINGS, number / 3))
    };
    let class = if number.is_multiple_of(2) { "personal" } else { "none" };
    vec![
        ("name", text(name)),
        ("business", text(pick(&BUSINESS, number).to_owned())),
        ("information_class", text(class.to_owned())),
        ("specific", Value::Bool(false)),
        ("purpose", text(format!("{}の業務のため", pick(&BUSINESS, number / 7)))),
        ("place", text(pick(&PLACES, number / 5).to_owned())),
    ]
}

/// A request of a principal whose name is sealed.
pub(super) fn request(kinds: &[String], number: usize) -> Vec<(&'static str, Value)> {
    let name = if number.is_multiple_of(RARE) {
        format!("鷹取 {}", pick(&GIVEN, number / RARE))
    } else {
        format!("{} {}", pick(&FAMILY, number), pick(&GIVEN, number / 11))
    };
    let kind = kinds.get(number % 2).cloned().unwrap_or_default();
    vec![("subject", Value::Text(name)), ("request_kind", Value::Text(kind))]
}

/// Fills a register.
pub(crate) async fn fill(
    place: &Place,
    register: &'static str,
    count: usize,
    make: impl Fn(usize) -> Vec<(&'static str, Value)> + Clone + Send + 'static,
) -> Result<(), Trouble> {
    let book = place.book().await?;
    for from in (0..count).step_by(BATCH) {
        let (organization, book, make) = (Arc::clone(&place.organization), Arc::clone(&book), make.clone());
        let numbers = from..count.min(from + BATCH);
        let act = place.installation.db.act(organization.id, move |tx| {
            Box::pin(async move {
                let environment = SystemEnvironment;
                let now = environment.now();
                let projector =
                    Projector { organization: &organization, book: &book, environment: &environment, now: now.into() };
                let leaves = projector.take_leaves(tx, numbers.len()).await?;
                let running = projector.numbers(tx, register, u32::try_from(numbers.len()).unwrap_or_default()).await?;
                let (mut all, mut stored) = (Vec::new(), Vec::new());
                for ((number, leaf), running) in numbers.zip(leaves).zip(running) {
                    let kept = |value| Stored { value, known_at: now, recorded_at: now };
                    let fields = make(number).into_iter().map(|(field, value)| (field.to_owned(), kept(value)));
                    let record = Record {
                        id: environment.id(),
                        register: register.to_owned(),
                        number: running,
                        state: State::Open,
                        version: 1,
                        created_by: None,
                        created_at: now,
                        closed_at: None,
                        erased_at: None,
                        rulebook: book.version,
                        fields: fields.collect(),
                        history: Vec::new(),
                        lines: BTreeMap::new(),
                        deeds: Vec::new(),
                    };
                    stored.push(projector.stored(&record, &Leaves { record: leaf, ..Leaves::default() }, None)?);
                    all.push(record);
                }
                records::insert_many(tx, organization.id, &stored).await?;
                projector.write_new_search(tx, register, &all).await?;
                Ok::<(), Fault>(())
            })
        });
        act.await?;
    }
    Ok(())
}
