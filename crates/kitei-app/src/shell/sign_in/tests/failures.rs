//! Lock-outs and throttles: who is kept out, who is not, and what a stranger can learn.

use super::*;

#[tokio::test]
async fn is_4_9_3_13_and_14_lockout_hits_the_account_from_that_client_alone() {
    each_engine(async |db| {
        let world = World::founded(db).await;
        for (login, password, failures, hours) in [("heron-41", CHIEFS, 3, 6), ("E00482", CLERKS, 5, 1)] {
            for attempt in 1..failures {
                assert_eq!(world.sign_in(attempt, login, "wrong", &OFFICE).await, Err(Refusal::NotAccepted));
            }
            // The right password before the last failure forgets the ones before.
            world.sign_in(failures, login, password, &OFFICE).await.unwrap();
            for attempt in 0..failures {
                assert_eq!(world.sign_in(100 + attempt, login, "wrong", &OFFICE).await, Err(Refusal::NotAccepted));
            }
            let locked_at = 100 + failures - 1;
            let end = locked_at + hours * 3600;
            for second in [locked_at + 1, end - 1] {
                assert_eq!(world.sign_in(second, login, password, &OFFICE).await, Err(Refusal::NotAccepted), "{login}");
                world.sign_in(second, login, password, &ELSEWHERE).await.unwrap();
            }
            // What is tried while locked does not make the lock longer.
            assert_eq!(world.sign_in(end - 1, login, "wrong", &OFFICE).await, Err(Refusal::NotAccepted));
            world.sign_in(end, login, password, &OFFICE).await.unwrap();
        }
        assert_eq!(world.recorded(Deed::LockedOut).await, 2);
    })
    .await;
}

#[tokio::test]
async fn nobody_is_locked_out_by_anothers_wrong_passwords() {
    each_engine(async |db| {
        let world = World::founded(db).await;
        let known = world.sign_in(1, "E00482", CLERKS, &OFFICE).await.unwrap().known;
        let own = Client { known: Some(known.reveal()), ..OFFICE };
        // A colleague in the same network, then many networks at once.
        for attempt in 0..30 {
            world.sign_in(10 + attempt, "E00482", "wrong", &OFFICE).await.unwrap_err();
        }
        for network in 0..100 {
            let network = format!("203.0.{network}.0/24");
            let client = Client { network: &network, ..ELSEWHERE };
            world.sign_in(51, "E00482", "wrong", &client).await.unwrap_err();
        }
        assert_eq!(world.sign_in(52, "E00482", CLERKS, &OFFICE).await, Err(Refusal::NotAccepted));
        world.sign_in(52, "E00482", CLERKS, &own).await.unwrap();
        // The cookie helps for its own account only, and only while it is whole.
        let spoiled = format!("{}x", known.reveal());
        for (login, password, known, enters) in [
            ("E00482", CLERKS, spoiled.as_str(), false),
            ("E00482", CLERKS, "", false),
            ("E00482", CLERKS, known.reveal(), true),
        ] {
            let client = Client { known: Some(known), ..OFFICE };
            assert_eq!(world.sign_in(53, login, password, &client).await.is_ok(), enters);
        }
        for attempt in 0..3 {
            world.sign_in(60 + attempt, "heron-41", "wrong", &own).await.unwrap_err();
        }
        // The chief's account was tried with the clerk's cookie: that counted by network.
        assert_eq!(world.sign_in(70, "heron-41", CHIEFS, &OFFICE).await, Err(Refusal::NotAccepted));
        // A known client that fails itself is locked out too.
        for attempt in 0..5 {
            world.sign_in(80 + attempt, "E00482", "wrong", &own).await.unwrap_err();
        }
        assert_eq!(world.sign_in(90, "E00482", CLERKS, &own).await, Err(Refusal::NotAccepted));
    })
    .await;
}

#[test]
fn the_throttle_grows_to_a_minute() {
    for (failures, free, wait) in [(0, 20, 0), (19, 20, 0), (20, 20, 1), (29, 20, 10), (79, 20, 60), (5000, 20, 60)] {
        assert_eq!(throttle(failures, free), wait, "{failures}");
    }
}

#[tokio::test]
async fn guessing_from_many_networks_is_slowed_down_to_one_attempt_at_a_time() {
    each_engine(async |db| {
        let world = World::founded(db).await;
        let mut networks = (0..400).map(|number| format!("203.{}.{}.0/24", number / 250, number % 250));
        for _ in 0..20 {
            let network = networks.next().unwrap();
            world.sign_in(10, "E00482", "wrong", &Client { network: &network, ..ELSEWHERE }).await.unwrap_err();
        }
        // The twenty-first has to wait a second; then it is let in, right or wrong.
        let network = networks.next().unwrap();
        let fresh = Client { network: &network, ..ELSEWHERE };
        assert_eq!(world.sign_in(10, "E00482", CLERKS, &fresh).await, Err(Refusal::NotAccepted));
        world.sign_in(11, "E00482", CLERKS, &fresh).await.unwrap();
        // Other accounts are as before.
        world.sign_in(11, "heron-41", CHIEFS, &fresh).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_hundred_attempts_at_the_same_moment_are_a_hundred_attempts() {
    each_engine(async |db| {
        let world = Arc::new(World::founded(db).await);
        let tries: Vec<_> = (0..100)
            .map(|number| {
                let world = Arc::clone(&world);
                tokio::spawn(async move {
                    let wrong = format!("wrong {number}");
                    world.sign_in(10, "E00482", &wrong, &OFFICE).await.unwrap_err();
                })
            })
            .collect();
        for attempt in tries {
            attempt.await.unwrap();
        }
        let mut reader = world.db.reader().await.unwrap();
        let counted = reader.fetch_all(&COUNTED, kitei_store::binds![ORG]).await.unwrap().len();
        assert_eq!(counted, 5, "five were looked at, the others were barred");
        assert_eq!(world.recorded(Deed::LockedOut).await, 1);
    })
    .await;
}

static COUNTED: kitei_store::db::Statement =
    kitei_store::db::Statement::new("tests::COUNTED", "select login, client from login_failure where org = $1", &[]);

#[tokio::test]
async fn a_stranger_learns_nothing_and_nothing_typed_is_kept() {
    each_engine(async |db| {
        let world = World::founded(db).await;
        invite(&world.ctx(0), &Invitee { person: Uuid::from_u128(0xc3), login: "E00483", ..clerk() }, CHIEF)
            .await
            .unwrap();
        suspend(&world.ctx(0), CLERK, CHIEF).await.unwrap();
        for (login, password) in [
            ("nobody", "whatever"),
            ("E00482", CLERKS),
            ("E00483", ""),
            ("heron-41", "wrong"),
            ("", ""),
            (&"x".repeat(100_000), "long"),
            ("my-password-typed-by-mistake", "x"),
        ] {
            let result = sign_in(&world.ctx(5), login, &Typed::new(password.to_owned()), &OFFICE).await;
            assert_eq!(refusal(result), Refusal::NotAccepted);
        }
        // Unknown names are locked like known ones, and leave no event.
        for second in 10..20 {
            world.sign_in(second, "nobody", "wrong", &OFFICE).await.unwrap_err();
        }
        assert_eq!(world.recorded(Deed::LockedOut).await, 0);
        let mut reader = world.db.reader().await.unwrap();
        let rows = reader.fetch_all(&COUNTED, kitei_store::binds![ORG]).await.unwrap();
        // One each of seven, and four more of "nobody" before it was locked.
        assert_eq!(rows.len(), 11);
        for row in rows {
            let login: String = row.get("login").unwrap();
            assert!(login.len() == 43 && !login.contains("nobody") && !login.contains("typed"));
        }
    })
    .await;
}

#[tokio::test]
async fn break_glass_beats_every_lock_and_is_an_event() {
    each_engine(async |db| {
        let world = World::founded(db).await;
        let older = seal_break_glass(&world.ctx(1), CHIEF, CHIEF).await.unwrap();
        let code = seal_break_glass(&world.ctx(1), CHIEF, CHIEF).await.unwrap();
        let enrolment = begin_totp(&world.ctx(1), CHIEF, "Kitei").await.unwrap();
        confirm_totp(&world.ctx(1), CHIEF, &codes::code_at(&enrolment, 1)).await.unwrap();
        for second in 2..40 {
            world.sign_in(second, "heron-41", "wrong", &OFFICE).await.unwrap_err();
        }
        assert_eq!(refusal(break_glass(&world.ctx(50), "0000-0000", &OFFICE).await), Refusal::BreakGlass);
        assert_eq!(refusal(break_glass(&world.ctx(50), older.reveal(), &OFFICE).await), Refusal::BreakGlass);
        let copied = code.reveal().to_lowercase().replace('-', " ");
        let opened = break_glass(&world.ctx(50), &copied, &OFFICE).await.unwrap();
        assert_eq!((opened.person, opened.must_change), (CHIEF, true));
        assert_eq!(world.recorded(Deed::BreakGlassUsed).await, 1);
        assert_eq!(refusal(break_glass(&world.ctx(51), code.reveal(), &OFFICE).await), Refusal::BreakGlass);
        // The password is set anew without the old one, by the rules; then the account is as any other.
        let current = world.current(51, &opened.cookie).await.unwrap();
        assert!(current.break_glass && current.must_change);
        let change = async |password: &str| {
            let password = Typed::new(password.to_owned());
            change_password(&world.ctx(52), &current, None, &password, &PersonFacts::default(), &OFFICE).await
        };
        assert!(matches!(refusal(change("short").await), Refusal::Password(_)));
        assert!(matches!(refusal(change(CHIEFS).await), Refusal::Password(_)), "the present one is used already");
        let cookie = change(NEXT).await.unwrap();
        let current = world.current(53, &cookie).await.unwrap();
        assert!(!current.break_glass && !current.must_change);
        let password = Typed::new(NEXT.to_owned());
        let entered = sign_in(&world.ctx(54), "heron-41", &password, &OFFICE).await.unwrap();
        assert!(matches!(entered, Entered::CodeNeeded(_)), "the lock is gone, the second factor is not");
        // A general account has no envelope; a suspended one is not opened by it.
        assert_eq!(refusal(seal_break_glass(&world.ctx(60), CLERK, CHIEF).await), Refusal::Missing);
        let code = seal_break_glass(&world.ctx(60), CHIEF, CHIEF).await.unwrap();
        suspend(&world.ctx(61), CHIEF, CLERK).await.unwrap();
        assert_eq!(refusal(break_glass(&world.ctx(62), code.reveal(), &OFFICE).await), Refusal::BreakGlass);
    })
    .await;
}

#[tokio::test]
async fn an_administrator_lifts_a_lock() {
    each_engine(async |db| {
        let world = World::founded(db).await;
        for second in 0..5 {
            world.sign_in(second, "E00482", "wrong", &OFFICE).await.unwrap_err();
        }
        assert_eq!(world.sign_in(10, "E00482", CLERKS, &OFFICE).await, Err(Refusal::NotAccepted));
        lift_lockout(&world.ctx(11), CLERK, CHIEF).await.unwrap();
        world.sign_in(12, "E00482", CLERKS, &OFFICE).await.unwrap();
        assert_eq!(world.recorded(Deed::LockoutLifted).await, 1);
        assert_eq!(refusal(lift_lockout(&world.ctx(13), Uuid::from_u128(9), CHIEF).await), Refusal::Missing);
    })
    .await;
}
