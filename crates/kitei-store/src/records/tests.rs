//! Records on both engines: versions, values, links, and pages by filter, search and order.

use serde_json::json;

use super::*;
use crate::db::Db;
use crate::testing::each_engine;
use crate::tests::{ORG, OTHER, act, at, id, with_organizations};
use crate::{blind, search};

fn value(field: &str, text: Option<&str>, number: Option<i64>) -> IndexValue {
    IndexValue { field: field.to_owned(), text: text.map(str::to_owned), number }
}

pub(crate) fn record(number: u128, running: &str) -> NewRecord {
    let record = Record {
        id: id(number),
        register: "asset".to_owned(),
        number: running.to_owned(),
        state: "open".to_owned(),
        version: 1,
        leaf: 0,
        doc: json!({"title": "台帳"}),
        known_at: None,
        created_at: at(0),
        updated_at: at(0),
        closed_at: None,
        erased_at: None,
        rulebook: 1,
        valid_until: None,
    };
    NewRecord { record, values: Vec::new(), links: Vec::new() }
}

#[tokio::test]
async fn a_record_is_changed_only_from_its_present_version() {
    each_engine(async |db| {
        with_organizations(&db).await;
        let mut new = record(1, "A-1");
        new.values =
            vec![value("kind", Some("paper"), None), value("kind", Some("disk"), None), value("count", None, Some(3))];
        new.links =
            vec![Link { field: "owner".to_owned(), target: id(9) }, Link { field: "owner".to_owned(), target: id(8) }];
        let given = new.clone();
        act!(db, ORG, |tx| insert(tx, ORG, &given)).unwrap();
        let twice = record(2, "A-1");
        let error = act!(db, ORG, |tx| insert(tx, ORG, &twice)).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unique);

        let changed = Record { doc: json!({"title": "新"}), closed_at: Some(at(7)), ..new.record.clone() };
        let values = vec![
            value("kind", Some("disk"), None),
            value("count", None, Some(4)),
            value("day", Some("2026-04-01"), None),
        ];
        let links = vec![Link { field: "owner".to_owned(), target: id(8) }];
        let (given, given_values, given_links) = (changed.clone(), values.clone(), links.clone());
        let version = act!(db, ORG, |tx| update(tx, ORG, &given, &given_values, &given_links)).unwrap();
        assert_eq!(version, 2);
        let given = changed.clone();
        let error = act!(db, ORG, |tx| update(tx, ORG, &given, &[], &[])).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Stale);

        let mut reader = db.reader().await.unwrap();
        let stored = load(&mut reader, ORG, id(1)).await.unwrap().unwrap();
        assert_eq!(stored, Record { version: 2, ..changed });
        assert_eq!(by_number(&mut reader, ORG, "asset", "A-1").await.unwrap(), Some(stored));
        assert_eq!(load(&mut reader, OTHER, id(1)).await.unwrap(), None);
        let mut sorted = values;
        sorted.sort();
        assert_eq!(values_of(&mut reader, ORG, id(1)).await.unwrap(), sorted);
        assert_eq!(links_from(&mut reader, ORG, id(1)).await.unwrap(), links);
        assert_eq!(links_to(&mut reader, ORG, id(8)).await.unwrap(), [(id(1), "owner".to_owned())]);
        assert!(links_to(&mut reader, ORG, id(9)).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn many_are_loaded_in_the_order_asked_for() {
    each_engine(async |db| {
        with_organizations(&db).await;
        let many: Vec<NewRecord> = (0..150).map(|number| record(number, &format!("A-{number:03}"))).collect();
        act!(db, ORG, |tx| insert_many(tx, ORG, &many)).unwrap();
        let mut reader = db.reader().await.unwrap();
        for count in [0_u128, 1, 3, 64, 65, 150] {
            let mut asked: Vec<Uuid> = (0..count).rev().map(id).collect();
            asked.push(id(9999));
            let found = load_many(&mut reader, ORG, &asked).await.unwrap();
            asked.pop();
            assert_eq!(found.iter().map(|record| record.id).collect::<Vec<_>>(), asked);
        }
        let walked = after(&mut reader, ORG, "asset", "A-147", 10).await.unwrap();
        assert_eq!(walked.iter().map(|record| record.number.as_str()).collect::<Vec<_>>(), ["A-148", "A-149"]);
    })
    .await;
}

#[tokio::test]
async fn the_tick_touches_only_what_has_run_out() {
    each_engine(async |db| {
        with_organizations(&db).await;
        for (number, valid_until) in [(1, Some(at(10))), (2, None), (3, Some(at(5))), (4, Some(at(11)))] {
            let mut new = record(number, &number.to_string());
            new.record.valid_until = valid_until;
            act!(db, ORG, |tx| insert(tx, ORG, &new)).unwrap();
        }
        let mut reader = db.reader().await.unwrap();
        assert_eq!(due(&mut reader, ORG, at(10), 9).await.unwrap(), [(id(3), at(5)), (id(1), at(10))]);
        act!(db, ORG, |tx| set_valid_until(tx, ORG, &[id(3)], Some(at(20)))).unwrap();
        assert_eq!(due(&mut reader, ORG, at(10), 9).await.unwrap(), [(id(1), at(10))]);
        assert_eq!(load(&mut reader, ORG, id(3)).await.unwrap().unwrap().version, 1, "nobody changed anything");
    })
    .await;
}

/// Twelve records: number, state, department, count, title.
const ROWS: [(&str, &str, &str, Option<i64>, &str); 12] = [
    ("A-01", "open", "総務部", Some(100), "顧客名簿の漏洩"),
    ("A-02", "open", "総務部", Some(20), "マイナンバー管理簿"),
    ("A-03", "closed", "営業部", None, "祇園支店の名刺"),
    ("A-04", "open", "営業部", Some(5), "ﾏｲﾅﾝﾊﾞｰ 収集票"),
    ("A-05", "open", "開発部", Some(7), "個人情報保護方針"),
    ("A-06", "open", "開発部", Some(7), "個人の情報と人情"),
    ("A-07", "closed", "開発部", Some(1), "髙橋 様 Email-Archive 2026"),
    ("A-08", "open", "営業部", Some(900), "情報漏洩対策"),
    ("A-09", "open", "総務部", None, "漏 洩"),
    ("A-10", "open", "総務部", Some(3), "100% 'quoted\" -- text"),
    ("A-11", "open", "人事部", Some(50), "履歴書"),
    ("A-12", "draft", "人事部", Some(51), "履歴書・職務経歴書"),
];

async fn filled(db: &Db) {
    with_organizations(db).await;
    for (index, (number, state, department, count, title)) in ROWS.into_iter().enumerate() {
        let mut new = record(u128::try_from(index).unwrap() + 1, number);
        new.record.state = state.to_owned();
        new.record.updated_at = at(i64::try_from(index % 5).unwrap());
        new.record.closed_at = (state == "closed").then(|| at(9));
        new.values = vec![value("department", Some(department), None), value("title", Some(title), None)];
        if count.is_some() {
            new.values.push(value("count", None, count));
        }
        if department == "開発部" {
            new.links.push(Link { field: "contractor".to_owned(), target: id(500) });
        }
        let record = new.record.id;
        act!(db, ORG, |tx| async move {
            insert(tx, ORG, &new).await?;
            search::index(tx, ORG, "asset", record, &format!("{number}\n{title}")).await
        })
        .unwrap();
    }
    // The same words in another register and another organization are never found.
    let mut other = record(100, "B-01");
    other.record.register = "incident".to_owned();
    act!(db, ORG, |tx| async move {
        insert(tx, ORG, &other).await?;
        search::index(tx, ORG, "incident", id(100), "漏洩").await
    })
    .unwrap();
    let foreign = record(101, "A-01");
    act!(db, OTHER, |tx| async move {
        insert(tx, OTHER, &foreign).await?;
        search::index(tx, OTHER, "asset", id(101), "漏洩").await
    })
    .unwrap();
}

async fn numbers(reader: &mut Reader, query: &ListQuery) -> Vec<String> {
    let page = list(reader, ORG, query).await.unwrap();
    assert_eq!(page.total, i64::try_from(page.records.len()).unwrap(), "{query:?}");
    page.records.into_iter().map(|record| record.number).collect()
}

fn text_filter(field: &str, one_of: &[&str]) -> Filter {
    Filter::Text { field: field.to_owned(), one_of: one_of.iter().map(|text| (*text).to_owned()).collect() }
}

#[tokio::test]
async fn two_characters_of_japanese_find_what_holds_them_and_nothing_else() {
    each_engine(async |db| {
        filled(&db).await;
        let mut reader = db.reader().await.unwrap();
        for (typed, expected) in [
            ("漏洩", &["A-01", "A-08"][..]),
            ("洩", &["A-01", "A-08", "A-09"]),
            ("祇", &["A-03"]),
            ("マイナンバー", &["A-02", "A-04"]),
            ("まいなんばー", &["A-02", "A-04"]),
            ("個人情報", &["A-05"]),
            ("個人 情報", &["A-05", "A-06"]),
            ("高橋", &["A-07"]),
            ("ARCHIVE", &["A-07"]),
            ("mail-a", &["A-07"]),
            ("A-1", &["A-10", "A-11", "A-12"]),
            ("'quoted\"", &["A-10"]),
            ("100%", &["A-10"]),
            ("履歴書・", &["A-12"]),
            ("存在しない", &[]),
            ("\u{3000}、", &[]),
            ("* OR \" ' & | ! :*", &[]),
        ] {
            let query = ListQuery { search: Some(typed.to_owned()), ..ListQuery::new("asset") };
            assert_eq!(numbers(&mut reader, &query).await, expected, "{typed}");
        }
        let blank = ListQuery { search: Some(" ".to_owned()), ..ListQuery::new("asset") };
        assert_eq!(numbers(&mut reader, &blank).await.len(), 12, "nothing typed filters nothing");
        assert_eq!(search::body(&mut reader, ORG, id(7)).await.unwrap().unwrap(), "a-07\n高橋 様 email-archive 2026");
        drop(reader);

        act!(db, ORG, |tx| search::index(tx, ORG, "asset", id(1), "別の題")).unwrap();
        act!(db, ORG, |tx| search::remove(tx, ORG, id(8))).unwrap();
        act!(db, ORG, |tx| search::remove(tx, ORG, id(8))).unwrap();
        let mut reader = db.reader().await.unwrap();
        let query = ListQuery { search: Some("漏洩".to_owned()), ..ListQuery::new("asset") };
        assert!(numbers(&mut reader, &query).await.is_empty(), "what is no longer there is no longer found");
    })
    .await;
}

#[tokio::test]
async fn filters_say_the_same_on_both_engines_with_and_without_search() {
    each_engine(async |db| {
        filled(&db).await;
        let tokens = token_rows(&db).await;
        let mut reader = db.reader().await.unwrap();
        let state = |state: &str| Filter::State(vec![state.to_owned()]);
        let range = |from, to| Filter::NumberRange { field: "count".to_owned(), from, to };
        let cases = [
            (state("closed"), &["A-03", "A-07"][..]),
            (Filter::State(vec![]), &[]),
            (Filter::Closed(true), &["A-03", "A-07"]),
            (Filter::Not(Box::new(Filter::Any(vec![state("open"), state("draft")]))), &["A-03", "A-07"]),
            (text_filter("department", &["人事部", "開発部"]), &["A-05", "A-06", "A-07", "A-11", "A-12"]),
            (range(Some(50), Some(100)), &["A-01", "A-11", "A-12"]),
            (range(None, Some(3)), &["A-07", "A-10"]),
            (Filter::Missing { field: "count".to_owned() }, &["A-03", "A-09"]),
            (Filter::LinksTo { field: Some("contractor".to_owned()), target: id(500) }, &["A-05", "A-06", "A-07"]),
            (Filter::LinksTo { field: Some("owner".to_owned()), target: id(500) }, &[]),
            (Filter::LinksTo { field: None, target: id(500) }, &["A-05", "A-06", "A-07"]),
            (Filter::Ids(vec![id(2), id(11), id(100)]), &["A-02", "A-11"]),
            (Filter::Erased(true), &[]),
            (Filter::Any(vec![]), &[]),
            (Filter::Tokens { field: "name".to_owned(), tokens: tokens.clone() }, &["A-02"]),
            (Filter::Tokens { field: "name".to_owned(), tokens: tokens[..1].to_vec() }, &["A-02", "A-03"]),
            (Filter::Tokens { field: "name".to_owned(), tokens: vec![] }, &[]),
            (
                Filter::TextRange {
                    field: "title".to_owned(),
                    from: Some("履".to_owned()),
                    to: Some("履歴書".to_owned()),
                },
                &["A-11"],
            ),
            (Filter::All(vec![text_filter("department", &["総務部"]), range(Some(10), None)]), &["A-01", "A-02"]),
        ];
        for (filter, expected) in cases {
            let query = ListQuery { filter, ..ListQuery::new("asset") };
            assert_eq!(numbers(&mut reader, &query).await, expected, "{query:?}");
            assert_eq!(count(&mut reader, ORG, &query).await.unwrap(), i64::try_from(expected.len()).unwrap());
            // Every number holds "A-", so the same must come out on the other road.
            let searched = ListQuery { search: Some("A-".to_owned()), ..query };
            assert_eq!(numbers(&mut reader, &searched).await, expected, "{searched:?}");
        }
    })
    .await;
}

/// Tokens of two names, of which the first has both and the second one only.
async fn token_rows(db: &Db) -> Vec<i64> {
    use kitei_evidence::Secret;
    use kitei_evidence::keys::KeyState;
    let state = KeyState::new(Secret::take(&mut [1; 32]), Secret::take(&mut [2; 32]));
    let tokens = state.token_key().tokens("asset", "name", "山田太");
    let (whole, part) = (tokens.clone(), tokens[..1].to_vec());
    act!(db, ORG, |tx| async move {
        let place = |number| blind::TokenPlace { register: "asset", field: "name", record: id(number) };
        blind::replace(tx, ORG, place(2), 0, &whole).await?;
        blind::replace(tx, ORG, place(3), 0, &part).await
    })
    .unwrap();
    let mut reader = db.reader().await.unwrap();
    let found = blind::find(&mut reader, ORG, "asset", "name", &tokens).await.unwrap();
    assert_eq!(found, [id(2)]);
    assert!(blind::find(&mut reader, ORG, "asset", "name", &[]).await.unwrap().is_empty());
    tokens.iter().map(|token| token.to_i64()).collect()
}

#[tokio::test]
async fn tokens_of_earlier_keys_are_known_and_go() {
    each_engine(async |db| {
        filled(&db).await;
        token_rows(&db).await;
        let mut reader = db.reader().await.unwrap();
        assert_eq!(blind::outdated(&mut reader, ORG, 1, 10).await.unwrap(), [id(2), id(3)]);
        assert!(blind::outdated(&mut reader, ORG, 0, 10).await.unwrap().is_empty());
        assert_eq!(act!(db, ORG, |tx| blind::remove(tx, ORG, id(2))).unwrap(), 2);
        assert_eq!(act!(db, ORG, |tx| blind::remove_outdated(tx, ORG, 1)).unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn pages_are_in_order_and_carry_the_total() {
    each_engine(async |db| {
        filled(&db).await;
        let mut reader = db.reader().await.unwrap();
        let amount = || Sort::Amount("count".to_owned());
        let title = || Sort::Text("title".to_owned());
        for search in [None, Some("A-".to_owned())] {
            for (sort, descending, offset, expected) in [
                (Sort::Number, false, 0, &["A-01", "A-02", "A-03"][..]),
                (Sort::Number, true, 0, &["A-12", "A-11", "A-10"]),
                (Sort::Number, false, 11, &["A-12"]),
                (Sort::Number, false, 12, &[]),
                (Sort::Updated, true, 0, &["A-10", "A-05", "A-09"]),
                (amount(), false, 0, &["A-07", "A-10", "A-04"]),
                (amount(), true, 0, &["A-08", "A-01", "A-12"]),
                // Records without a value come last in both directions.
                (amount(), false, 9, &["A-08", "A-03", "A-09"]),
                (amount(), true, 9, &["A-07", "A-09", "A-03"]),
                (title(), false, 0, &["A-10", "A-02", "A-06"]),
            ] {
                let query =
                    ListQuery { search: search.clone(), sort, descending, offset, limit: 3, ..ListQuery::new("asset") };
                let page = list(&mut reader, ORG, &query).await.unwrap();
                let found: Vec<_> = page.records.iter().map(|record| record.number.as_str()).collect();
                assert_eq!((found.as_slice(), page.total), (expected, 12), "{query:?}");
            }
        }
    })
    .await;
}
