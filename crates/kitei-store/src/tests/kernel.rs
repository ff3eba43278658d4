//! The kernel's smaller tables, one story each.

use std::collections::BTreeSet;

use serde_json::json;
use uuid::Uuid;

use super::{ORG, act, at, id, with_organizations};
use crate::db::{Day, StoreError, StoreErrorKind};
use crate::deeds::{Deed, DeedId};
use crate::jobs::NewJob;
use crate::lines::Line;
use crate::outbox::NewMessage;
use crate::tasks::{AssignedTask, Task, Who};
use crate::testing::each_engine;
use crate::{
    accounts, attachments, counters, deeds, idempotency, imports, jobs, lines, notices, organizations, outbox, packs,
    proposals, records, sessions, tasks,
};

#[tokio::test]
async fn running_numbers_and_key_leaves_have_no_gaps_and_no_doubles() {
    each_engine(async |db| {
        with_organizations(&db).await;
        let first = act!(db, ORG, |tx| counters::next(tx, ORG, "incident", 2026)).unwrap();
        let failed: Result<i64, StoreError> = db
            .act(ORG, |tx| {
                Box::pin(async move {
                    counters::next(tx, ORG, "incident", 2026).await?;
                    Err(StoreError::new(StoreErrorKind::Other, "on purpose"))
                })
            })
            .await;
        assert!(failed.is_err());
        let second = act!(db, ORG, |tx| counters::next(tx, ORG, "incident", 2026)).unwrap();
        let block = act!(db, ORG, |tx| counters::take(tx, ORG, "incident", 2026, 10)).unwrap();
        let after = act!(db, ORG, |tx| counters::next(tx, ORG, "incident", 2026)).unwrap();
        let next_year = act!(db, ORG, |tx| counters::next(tx, ORG, "incident", 2027)).unwrap();
        assert_eq!([first, second, block, after, next_year], [1, 2, 3, 13, 1]);

        let leaves = act!(db, ORG, |tx| organizations::take_leaves(tx, ORG, 3)).unwrap();
        let more = act!(db, ORG, |tx| organizations::take_leaves(tx, ORG, 1)).unwrap();
        assert_eq!([leaves, more], [0, 3]);
        let error = act!(db, ORG, |tx| organizations::take_leaves(tx, id(1), 1)).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Missing);
    })
    .await;
}

fn deed_id(act: &str, round: i64) -> DeedId {
    DeedId { record: id(1), act: act.to_owned(), line: Uuid::nil(), round }
}

fn task(act: &str, due: Option<i64>, who: &[&str]) -> AssignedTask {
    let who: BTreeSet<Who> =
        who.iter().map(|role| Who { role: (*role).to_owned(), department: id(50), person: Uuid::nil() }).collect();
    let task = Task {
        id: deed_id(act, 0),
        register: "incident".to_owned(),
        status: "open".to_owned(),
        due_at: due.map(at),
        warn_at: None,
        doc: json!({"reason": "第26条", "basis": ["a", "b"]}),
        updated_at: at(due.unwrap_or(0)),
    };
    AssignedTask { task, who }
}

#[tokio::test]
async fn tasks_are_replaced_by_their_difference() {
    each_engine(async |db| {
        with_organizations(&db).await;
        let first = vec![task("report", Some(300), &["privacy-manager"]), task("tell", None, &["department-head"])];
        let given = first.clone();
        let changes = act!(db, ORG, |tx| tasks::replace(tx, ORG, &[id(1)], &given.iter().collect::<Vec<_>>())).unwrap();
        assert_eq!((changes.added.len(), changes.changed.len(), changes.removed.len()), (2, 0, 0));
        let given = first.clone();
        let changes = act!(db, ORG, |tx| tasks::replace(tx, ORG, &[id(1)], &given.iter().collect::<Vec<_>>())).unwrap();
        assert_eq!(changes, tasks::TaskChanges::default(), "the same again changes nothing");

        let moved = vec![task("report", Some(600), &["privacy-manager", "president"]), task("close", Some(900), &[])];
        let given = moved.clone();
        let changes = act!(db, ORG, |tx| tasks::replace(tx, ORG, &[id(1)], &given.iter().collect::<Vec<_>>())).unwrap();
        assert_eq!(changes.added, [deed_id("close", 0)]);
        assert_eq!(changes.changed, [deed_id("report", 0)]);
        assert_eq!(changes.removed, [deed_id("tell", 0)]);

        let mut reader = db.reader().await.unwrap();
        assert_eq!(tasks::of_record(&mut reader, ORG, id(1)).await.unwrap(), moved);
        let due = tasks::due(&mut reader, ORG, "open", at(600), 10).await.unwrap();
        assert_eq!(due.iter().map(|task| task.id.act.as_str()).collect::<Vec<_>>(), ["report"]);
        let for_role = tasks::for_role(&mut reader, ORG, "open", "president", id(50), 10).await.unwrap();
        assert_eq!(for_role.len(), 1);
        assert!(tasks::for_role(&mut reader, ORG, "open", "president", id(51), 10).await.unwrap().is_empty());
        assert!(tasks::for_person(&mut reader, ORG, "open", id(7), 10).await.unwrap().is_empty());
        let counts = tasks::counts(&mut reader, ORG).await.unwrap();
        assert_eq!(counts, [("open".to_owned(), 2, Some(at(600)))]);
    })
    .await;
}

#[tokio::test]
async fn a_deed_is_one_for_its_act_line_and_round() {
    each_engine(async |db| {
        with_organizations(&db).await;
        let deed = Deed {
            id: deed_id("report", 0),
            status: "draft".to_owned(),
            actor: Some(id(3)),
            happened_at: Some(at(-3600)),
            recorded_at: at(0),
            doc: json!({"form": "別記様式第一"}),
        };
        let done = Deed { status: "done".to_owned(), recorded_at: at(5), ..deed.clone() };
        let again = Deed { id: deed_id("report", 1), recorded_at: at(9), ..deed.clone() };
        for put in [deed, done.clone(), again.clone()] {
            act!(db, ORG, |tx| deeds::put(tx, ORG, &put)).unwrap();
        }
        let mut reader = db.reader().await.unwrap();
        assert_eq!(deeds::of_record(&mut reader, ORG, id(1)).await.unwrap(), [done.clone(), again]);
        assert_eq!(deeds::load(&mut reader, ORG, &done.id).await.unwrap(), Some(done));
    })
    .await;
}

#[tokio::test]
async fn lines_are_counted_paged_changed_and_belong_to_a_record() {
    each_engine(async |db| {
        with_organizations(&db).await;
        let line = |number: i64| Line {
            record: id(1),
            list: "principals".to_owned(),
            id: id(1000 + u128::from(number.unsigned_abs())),
            position: number,
            leaf: Some(number),
            doc: json!({"name": "s1.…"}),
            state: if number % 4 == 0 { "told" } else { "open" }.to_owned(),
            erased_at: None,
        };
        let all: Vec<Line> = (0..200).map(line).collect();
        let given = all.clone();
        let error = act!(db, ORG, |tx| lines::insert(tx, ORG, &given)).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::ForeignKey, "no record yet");

        let record = records::tests::record(1, "INC-2026-001");
        act!(db, ORG, |tx| records::insert(tx, ORG, &record)).unwrap();
        let given = all.clone();
        act!(db, ORG, |tx| lines::insert(tx, ORG, &given)).unwrap();
        let told = Line { state: "told".to_owned(), leaf: None, erased_at: Some(at(9)), ..line(1) };
        let given = told.clone();
        act!(db, ORG, |tx| lines::update(tx, ORG, &given)).unwrap();

        let mut reader = db.reader().await.unwrap();
        let counts = lines::counts(&mut reader, ORG, id(1), "principals").await.unwrap();
        assert_eq!(counts, [("open".to_owned(), 149), ("told".to_owned(), 51)]);
        assert_eq!(lines::page(&mut reader, ORG, id(1), "principals", 1, 1).await.unwrap(), [told]);
        assert_eq!(lines::page(&mut reader, ORG, id(1), "principals", 190, 50).await.unwrap(), all[190..]);
        assert_eq!(lines::next_position(&mut reader, ORG, id(1), "principals").await.unwrap(), 200);
        assert_eq!(lines::next_position(&mut reader, ORG, id(1), "measures").await.unwrap(), 0);
        assert_eq!(lines::of_record(&mut reader, ORG, id(1)).await.unwrap().len(), 200);
        drop(reader);
        assert!(act!(db, ORG, |tx| lines::remove(tx, ORG, id(1), "principals", id(1005))).unwrap());
        assert!(!act!(db, ORG, |tx| lines::remove(tx, ORG, id(1), "principals", id(1005))).unwrap());
    })
    .await;
}

#[tokio::test]
async fn the_outbox_neither_loses_nor_doubles() {
    each_engine(async |db| {
        with_organizations(&db).await;
        let message = |number: u128, key: &str| NewMessage {
            id: id(number),
            key: key.to_owned(),
            kind: "mail".to_owned(),
            payload: json!({"person": id(3)}),
            send_at: at(0),
        };
        let (first, twice, second) = (message(1, "a"), message(2, "a"), message(3, "b"));
        assert!(act!(db, ORG, |tx| outbox::enqueue(tx, ORG, &first, at(0))).unwrap());
        assert!(!act!(db, ORG, |tx| outbox::enqueue(tx, ORG, &twice, at(0))).unwrap());
        assert!(act!(db, ORG, |tx| outbox::enqueue(tx, ORG, &second, at(0))).unwrap());
        let mut reader = db.reader().await.unwrap();
        assert_eq!(outbox::waiting(&mut reader, at(1)).await.unwrap(), [ORG]);
        assert!(outbox::waiting(&mut reader, at(-1)).await.unwrap().is_empty());

        let claimed = act!(db, ORG, |tx| outbox::claim(tx, ORG, at(1), at(61), 10)).unwrap();
        assert_eq!(claimed.iter().map(|message| message.key.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert!(act!(db, ORG, |tx| outbox::claim(tx, ORG, at(2), at(62), 10)).unwrap().is_empty(), "both are held");
        assert!(act!(db, ORG, |tx| outbox::sent(tx, ORG, id(1), at(3))).unwrap());
        assert!(!act!(db, ORG, |tx| outbox::sent(tx, ORG, id(1), at(4))).unwrap());
        // The sender of the second died: it comes back, and is given up at last.
        let claimed = act!(db, ORG, |tx| outbox::claim(tx, ORG, at(61), at(121), 10)).unwrap();
        assert_eq!(claimed.iter().map(|message| (message.id, message.attempts)).collect::<Vec<_>>(), [(id(3), 2)]);
        act!(db, ORG, |tx| outbox::retry(tx, ORG, id(3), at(70), "451")).unwrap();
        assert_eq!(act!(db, ORG, |tx| outbox::claim(tx, ORG, at(70), at(130), 10)).unwrap().len(), 1);
        act!(db, ORG, |tx| outbox::fail(tx, ORG, id(3), at(71), "550")).unwrap();
        assert!(outbox::waiting(&mut reader, at(9999)).await.unwrap().is_empty());
        assert_eq!(outbox::failed(&mut reader, ORG, 10).await.unwrap().len(), 1);
        assert_eq!(act!(db, ORG, |tx| outbox::sweep(tx, ORG, at(9999))).unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_letter_that_was_claimed_in_part_is_claimed_whole_again() {
    each_engine(async |db| {
        with_organizations(&db).await;
        for number in 1..=3 {
            let message = NewMessage {
                id: id(number),
                key: format!("{number}"),
                kind: "notice".to_owned(),
                payload: json!({}),
                send_at: at(i64::try_from(number).unwrap()),
            };
            assert!(act!(db, ORG, |tx| outbox::enqueue(tx, ORG, &message, at(0))).unwrap());
        }
        let first = act!(db, ORG, |tx| outbox::claim(tx, ORG, at(3), at(60), 10)).unwrap();
        assert!(first.len() == 3 && first.iter().all(|message| message.letter.is_none()));
        act!(db, ORG, |tx| outbox::bind(tx, ORG, id(77), &[id(1), id(2)])).unwrap();
        act!(db, ORG, |tx| outbox::bind(tx, ORG, id(78), &[id(1)])).unwrap();
        let again = act!(db, ORG, |tx| outbox::claim(tx, ORG, at(60), at(120), 1)).unwrap();
        let bound: Vec<_> = again.iter().map(|message| (message.id, message.letter)).collect();
        assert_eq!(bound, [(id(1), Some(id(77))), (id(2), Some(id(77)))], "a letter keeps its messages");

        act!(db, ORG, |tx| outbox::fail(tx, ORG, id(1), at(70), "550")).unwrap();
        act!(db, ORG, |tx| outbox::fail(tx, ORG, id(2), at(71), "no-address")).unwrap();
        let mut reader = db.reader().await.unwrap();
        let standing = outbox::standing(&mut reader, ORG, at(0)).await.unwrap();
        assert_eq!((standing.waiting, standing.failed, standing.sent), (1, 1, 0));
        assert_eq!(standing.oldest, Some(at(0)));
        assert!(act!(db, ORG, |tx| outbox::revive(tx, ORG, id(1), at(200))).unwrap());
        assert!(!act!(db, ORG, |tx| outbox::revive(tx, ORG, id(1), at(200))).unwrap());
        let fate = outbox::fate(&mut reader, ORG, "2").await.unwrap();
        assert_eq!(fate, Some((None, Some(at(71)), Some("no-address".to_owned()))));
        assert_eq!(act!(db, ORG, |tx| outbox::forget(tx, ORG, "notice", at(100))).unwrap(), 2);
    })
    .await;
}

#[tokio::test]
async fn somebody_is_told_once_and_confirms_once() {
    each_engine(async |db| {
        with_organizations(&db).await;
        let told = |number: u128, key: &str, person: u128| notices::Told {
            id: id(number),
            key: key.to_owned(),
            record: id(100),
            person: id(person),
            receipt: true,
            doc: json!({"ja": "報告する"}),
            told_at: at(i64::try_from(number).unwrap()),
            acknowledged_at: None,
        };
        for (notice, fresh) in [(told(1, "a", 7), true), (told(2, "b", 7), true), (told(3, "a", 7), false)] {
            assert_eq!(
                act!(db, ORG, |tx| notices::add(tx, ORG, std::slice::from_ref(&notice))).unwrap(),
                u64::from(fresh)
            );
        }
        let mut reader = db.reader().await.unwrap();
        assert_eq!(notices::unread(&mut reader, ORG, id(7)).await.unwrap(), 2);
        assert!(act!(db, ORG, |tx| notices::acknowledge(tx, ORG, id(2), at(9))).unwrap());
        assert!(!act!(db, ORG, |tx| notices::acknowledge(tx, ORG, id(2), at(10))).unwrap());
        let mine = notices::of_person(&mut reader, ORG, id(7), 10).await.unwrap();
        let order: Vec<_> = mine.iter().map(|told| (told.id, told.acknowledged_at)).collect();
        assert_eq!(order, [(id(1), None), (id(2), Some(at(9)))], "what is not confirmed comes first");
        assert!(notices::of_person(&mut reader, ORG, id(8), 10).await.unwrap().is_empty());
        let message = NewMessage {
            id: id(1),
            key: "a".to_owned(),
            kind: "notice".to_owned(),
            payload: json!({}),
            send_at: at(0),
        };
        act!(db, ORG, |tx| outbox::enqueue(tx, ORG, &message, at(0))).unwrap();
        act!(db, ORG, |tx| outbox::fail(tx, ORG, id(1), at(5), "550")).unwrap();
        let of_record = notices::of_record(&mut reader, ORG, id(100), 10).await.unwrap();
        let mailed: Vec<_> = of_record.into_iter().map(|(_, mailed)| mailed).collect();
        assert_eq!(mailed, [notices::Mailed::Failed(at(5), "550".to_owned()), notices::Mailed::None]);

        let rule = notices::Confirmed {
            person: id(7),
            pack: "p".to_owned(),
            rule: "r".to_owned(),
            edition: "1".to_owned(),
            at: at(20),
        };
        let again = rule.clone();
        assert!(act!(db, ORG, |tx| notices::confirm_rule(tx, ORG, &rule)).unwrap());
        assert!(!act!(db, ORG, |tx| notices::confirm_rule(tx, ORG, &again)).unwrap());
        assert_eq!(notices::confirmed_by(&mut reader, ORG, id(7), 10).await.unwrap().len(), 1);
        assert_eq!(notices::rules_confirmed(&mut reader, ORG, "p", 10).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_job_is_done_once_however_often_it_is_asked_for() {
    each_engine(async |db| {
        with_organizations(&db).await;
        let job = |number: u128, total| NewJob {
            id: id(number),
            kind: "search".to_owned(),
            key: "all".to_owned(),
            payload: json!({"after": ""}),
            run_at: at(0),
            total,
        };
        let (first, twice, again) = (job(1, 100), job(2, 100), job(3, 7));
        assert!(act!(db, ORG, |tx| jobs::enqueue(tx, ORG, &first)).unwrap());
        assert!(!act!(db, ORG, |tx| jobs::enqueue(tx, ORG, &twice)).unwrap());
        let mut taken = act!(db, ORG, |tx| jobs::claim(tx, ORG, at(1), at(61))).unwrap().unwrap();
        assert_eq!((taken.id, taken.attempts), (id(1), 1));
        assert_eq!(act!(db, ORG, |tx| jobs::claim(tx, ORG, at(2), at(62))).unwrap(), None);
        taken.progress = 40;
        taken.payload = json!({"after": "40"});
        let held = taken.clone();
        act!(db, ORG, |tx| jobs::progress(tx, ORG, &held, at(100))).unwrap();
        assert_eq!(act!(db, ORG, |tx| jobs::claim(tx, ORG, at(70), at(130))).unwrap(), None, "it is held on");
        // Whoever held it died: another goes on where it was.
        let next = act!(db, ORG, |tx| jobs::claim(tx, ORG, at(100), at(160))).unwrap().unwrap();
        assert_eq!((next.progress, next.attempts, next.payload), (40, 2, json!({"after": "40"})));
        act!(db, ORG, |tx| jobs::retry(tx, ORG, id(1), at(200), "disk full")).unwrap();
        assert_eq!(act!(db, ORG, |tx| jobs::claim(tx, ORG, at(199), at(260))).unwrap(), None);
        assert!(act!(db, ORG, |tx| jobs::claim(tx, ORG, at(200), at(260))).unwrap().is_some());
        act!(db, ORG, |tx| jobs::done(tx, ORG, id(1), at(201), None)).unwrap();
        let mut reader = db.reader().await.unwrap();
        assert_eq!(jobs::open(&mut reader, ORG, "search").await.unwrap(), 0);
        assert!(act!(db, ORG, |tx| jobs::enqueue(tx, ORG, &again)).unwrap(), "what is done can begin anew");
        assert_eq!(jobs::open(&mut reader, ORG, "search").await.unwrap(), 1);
        let stored = jobs::load(&mut reader, ORG, "search", "all").await.unwrap().unwrap();
        assert_eq!((stored.total, stored.progress, stored.attempts), (7, 0, 0));
        assert_eq!(jobs::waiting(&mut reader, at(1)).await.unwrap(), [ORG]);
    })
    .await;
}

#[tokio::test]
async fn sessions_end_and_failures_count_by_login_and_client() {
    each_engine(async |db| {
        with_organizations(&db).await;
        let account = accounts::Account {
            person: id(1),
            login: "yamada".to_owned(),
            password: None,
            totp: None,
            state: "active".to_owned(),
            doc: json!({}),
            created_at: at(0),
            updated_at: at(0),
        };
        let given = account.clone();
        act!(db, ORG, |tx| accounts::create(tx, ORG, &given)).unwrap();
        let changed = accounts::Account { password: Some("argon2".to_owned()), updated_at: at(1), ..account };
        let given = changed.clone();
        act!(db, ORG, |tx| accounts::update(tx, ORG, &given)).unwrap();
        for number in 1..=3_u8 {
            let session = sessions::Session {
                id: vec![number; 32],
                person: id(1),
                created_at: at(0),
                seen_at: at(number.into()),
                expires_at: at(60),
                client: "browser".to_owned(),
                doc: json!({}),
            };
            act!(db, ORG, |tx| sessions::create(tx, ORG, &session)).unwrap();
        }
        let mut reader = db.reader().await.unwrap();
        assert_eq!(accounts::by_login(&mut reader, ORG, "yamada").await.unwrap(), Some(changed));
        assert!(sessions::find(&mut reader, ORG, &[1; 32], at(59)).await.unwrap().is_some());
        assert!(sessions::find(&mut reader, ORG, &[1; 32], at(60)).await.unwrap().is_none(), "it has run out");
        assert!(act!(db, ORG, |tx| sessions::touch(tx, ORG, &[2; 32], at(50), at(110))).unwrap());
        assert_eq!(sessions::of_person(&mut reader, ORG, id(1)).await.unwrap()[0].id, vec![2; 32]);
        assert_eq!(act!(db, ORG, |tx| sessions::sweep(tx, ORG, at(60))).unwrap(), 2);
        assert_eq!(act!(db, ORG, |tx| sessions::revoke_others(tx, ORG, id(1), &[2; 32])).unwrap(), 0);
        assert!(act!(db, ORG, |tx| sessions::revoke(tx, ORG, &[2; 32])).unwrap());

        for (client, seconds) in [("here", 1), ("here", 2), ("elsewhere", 3)] {
            act!(db, ORG, |tx| accounts::fail(tx, ORG, "yamada", client, at(seconds))).unwrap();
        }
        let here = accounts::failures(&mut reader, ORG, "yamada", "here", at(0)).await.unwrap();
        assert_eq!(here, (2, Some(at(2))), "another's failures do not count");
        assert_eq!(accounts::client_failures(&mut reader, ORG, "elsewhere", at(0)).await.unwrap(), 1);
        act!(db, ORG, |tx| accounts::forgive(tx, ORG, "yamada", "here")).unwrap();
        assert_eq!(accounts::failures(&mut reader, ORG, "yamada", "here", at(0)).await.unwrap(), (0, None));
        assert_eq!(act!(db, ORG, |tx| accounts::sweep_failures(tx, ORG, at(9))).unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn rulebooks_count_from_their_day() {
    each_engine(async |db| {
        with_organizations(&db).await;
        for (version, day) in [(1, "2026-04-01"), (2, "2027-04-01"), (3, "2026-10-01")] {
            let rulebook = packs::StoredRulebook {
                version,
                effective_from: Day::parse(day).unwrap(),
                adopted_at: at(version),
                doc: json!({"version": version}),
            };
            act!(db, ORG, |tx| packs::adopt(tx, ORG, &rulebook)).unwrap();
        }
        let mut reader = db.reader().await.unwrap();
        for (day, version) in
            [("2026-03-31", None), ("2026-04-01", Some(1)), ("2026-12-31", Some(3)), ("2027-04-01", Some(2))]
        {
            let found = packs::rulebook_on(&mut reader, ORG, Day::parse(day).unwrap()).await.unwrap();
            assert_eq!(found.map(|rulebook| rulebook.version), version, "{day}");
        }
        assert_eq!(packs::rulebooks(&mut reader, ORG).await.unwrap().len(), 3);
    })
    .await;
}

#[tokio::test]
async fn proposals_imports_attachments_and_keys_of_requests() {
    each_engine(async |db| {
        with_organizations(&db).await;
        let proposal = proposals::Proposal {
            id: id(1),
            record: id(2),
            kind: "change".to_owned(),
            state: "asked".to_owned(),
            doc: json!({"media": "USB"}),
            created_at: at(0),
            effective_from: None,
            decided_at: None,
        };
        let given = proposal.clone();
        act!(db, ORG, |tx| proposals::create(tx, ORG, &given)).unwrap();
        let day = Day::parse("2026-05-01").unwrap();
        let approved = proposals::Proposal {
            state: "approved".to_owned(),
            effective_from: Some(day),
            decided_at: Some(at(5)),
            ..proposal
        };
        let given = approved.clone();
        act!(db, ORG, |tx| proposals::advance(tx, ORG, "asked", &given)).unwrap();
        let given = approved.clone();
        let error = act!(db, ORG, |tx| proposals::advance(tx, ORG, "asked", &given)).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Stale);
        let mut reader = db.reader().await.unwrap();
        assert_eq!(proposals::of_record(&mut reader, ORG, id(2)).await.unwrap(), std::slice::from_ref(&approved));
        let before = Day::parse("2026-04-30").unwrap();
        assert!(proposals::due(&mut reader, ORG, "approved", before, 9).await.unwrap().is_empty());
        assert_eq!(proposals::due(&mut reader, ORG, "approved", day, 9).await.unwrap(), [approved]);

        let batch = imports::ImportBatch {
            id: id(1),
            register: "asset".to_owned(),
            state: "read".to_owned(),
            doc: json!({}),
            created_at: at(0),
        };
        act!(db, ORG, |tx| imports::create(tx, ORG, &batch)).unwrap();
        act!(db, ORG, |tx| imports::advance(tx, ORG, id(1), "read", "taken", &json!({"rows": 3}))).unwrap();
        let error = act!(db, ORG, |tx| imports::advance(tx, ORG, id(1), "read", "taken", &json!({}))).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Stale);
        assert_eq!(imports::load(&mut reader, ORG, id(1)).await.unwrap().unwrap().doc, json!({"rows": 3}));

        let attachment = attachments::Attachment {
            id: id(1),
            record: id(2),
            line: Uuid::nil(),
            name: "s1.…".to_owned(),
            media_type: "application/pdf".to_owned(),
            bytes: 3,
            blob: "00ff".to_owned(),
            leaf: 4,
            created_at: at(0),
            erased_at: None,
        };
        act!(db, ORG, |tx| attachments::create(tx, ORG, &attachment)).unwrap();
        assert_eq!(attachments::uses(&mut reader, "00ff").await.unwrap(), 1);
        act!(db, ORG, |tx| attachments::erase(tx, ORG, id(1), "", at(8))).unwrap();
        assert_eq!(attachments::uses(&mut reader, "00ff").await.unwrap(), 0);
        assert_eq!(attachments::of_record(&mut reader, ORG, id(2)).await.unwrap()[0].erased_at, Some(at(8)));

        act!(db, ORG, |tx| idempotency::keep(tx, ORG, "key", &json!({"id": 1}), at(0))).unwrap();
        let error = act!(db, ORG, |tx| idempotency::keep(tx, ORG, "key", &json!({}), at(0))).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unique);
        assert_eq!(idempotency::find(&mut reader, ORG, "key").await.unwrap(), Some(json!({"id": 1})));
    })
    .await;
}
