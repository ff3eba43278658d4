//! Set-up, invitations, passwords, sessions: each way in, used once, at the right time, by the right person.

use kitei_rules::password::{LoginFault, Problem};

use super::*;

#[tokio::test]
async fn no_default_password_the_set_up_code_works_once_and_runs_out() {
    each_engine(async |db| {
        let world = World::new(db);
        let old = issue_set_up_code(&world.db, at(0), 3600, &*world.random).await.unwrap().unwrap();
        let code = issue_set_up_code(&world.db, at(1), 3600, &*world.random).await.unwrap().unwrap();
        let facts = PersonFacts { names: vec!["Tanaka Yuko".into()], ..PersonFacts::default() };
        let attempt = async |second: i64, code: &str, login: &'static str, password: &str| {
            let password = Typed::new(password.to_owned());
            let invitee = Invitee { login, ..chief() };
            let founding = Founding {
                code,
                slug: "minato",
                name: "みなと商事",
                zone: "Asia/Tokyo",
                invitee,
                password: &password,
                facts: &facts,
            };
            found(&world.ctx(second), &founding, &OFFICE).await
        };
        let good = code.reveal().to_owned();
        for (second, code, login, password, expected) in [
            (2, old.reveal(), "heron-41", CHIEFS, "sign-in.set-up-code"),
            (2, "", "heron-41", CHIEFS, "sign-in.set-up-code"),
            // A wrong code is said before anything else.
            (2, "0000", "admin", "x", "sign-in.set-up-code"),
            (3601, &good, "heron-41", CHIEFS, "sign-in.set-up-code"),
            (2, &good, "admin", CHIEFS, "sign-in.login"),
            (2, &good, "heron-41", "Tanaka#7xQmv", "sign-in.password"),
            (2, &good, "heron-41", "wF7$kq2!Zp9", "sign-in.password"),
        ] {
            assert_eq!(refusal(attempt(second, code, login, password).await).code(), expected, "{login} {password}");
        }
        assert!(organizations::list(&mut world.db.reader().await.unwrap()).await.unwrap().is_empty());
        let Entered::SignedIn(entered) = attempt(3, &good, "heron-41", CHIEFS).await.unwrap() else { panic!() };
        assert_eq!(world.current(4, &entered.cookie).await.unwrap().person, CHIEF);
        assert_eq!(refusal(attempt(4, &good, "heron-42", NEXT).await), Refusal::SetUpCode);
        assert_eq!(issue_set_up_code(&world.db, at(5), 3600, &*world.random).await.unwrap(), None);
        assert_eq!(world.recorded(Deed::Founded).await, 1);
    })
    .await;
}

#[tokio::test]
async fn is_4_9_3_02_and_03_names_of_accounts() {
    each_engine(async |db| {
        let world = World::founded(db).await;
        let other = Uuid::from_u128(0xc4);
        for (person, login, kind, fault) in [
            (other, "Administrator", AccountKind::Privileged, Some(LoginFault::Forbidden)),
            (other, "guest", AccountKind::General, Some(LoginFault::Forbidden)),
            (other, "ｅ００４８２", AccountKind::General, Some(LoginFault::Taken)),
            (CLERK, "E00499", AccountKind::General, Some(LoginFault::SecondAccount)),
            (other, "sysadm9", AccountKind::Privileged, Some(LoginFault::EasyToGuess)),
            (other, "E00500", AccountKind::General, None),
        ] {
            let invitee = Invitee { person, login, kind, ..clerk() };
            match (invite(&world.ctx(1), &invitee, CHIEF).await, fault) {
                (Ok(_), None) => {}
                (Err(SignInError::Refused(Refusal::Login(found))), Some(fault)) => {
                    assert_eq!(found.iter().map(|problem| problem.fault).collect::<Vec<_>>(), [fault], "{login}");
                }
                (result, _) => panic!("{login}: {result:?}"),
            }
        }
        // IS-4-9-3-01 is advice: who insists may keep the name.
        let insisting = Invitee {
            person: Uuid::from_u128(0xc5),
            login: "sysadm9",
            kind: AccountKind::Privileged,
            insists: true,
            ..clerk()
        };
        invite(&world.ctx(1), &insisting, CHIEF).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_link_sets_a_password_once_and_in_time() {
    each_engine(async |db| {
        let world = World::founded(db).await;
        let person = Uuid::from_u128(0xc6);
        let first = invite(&world.ctx(0), &Invitee { person, login: "E00600", ..clerk() }, CHIEF).await.unwrap();
        let second = new_link(&world.ctx(10), person, CHIEF).await.unwrap();
        let set = async |at: i64, link: &str, password: &str| {
            let password = Typed::new(password.to_owned());
            accept(&world.ctx(at), link, &password, &PersonFacts::default(), &OFFICE).await
        };
        let lasts = Limits::default().link;
        assert_eq!(refusal(set(20, first.reveal(), NEXT).await), Refusal::Link, "an earlier link");
        assert_eq!(refusal(set(10 + lasts, second.reveal(), NEXT).await), Refusal::Link, "too late");
        assert_eq!(refusal(set(20, "", NEXT).await), Refusal::Link);
        assert_eq!(refusal(peek(&world.ctx(20), "no link").await), Refusal::Link);
        let peeked = peek(&world.ctx(20), second.reveal()).await.unwrap();
        assert_eq!(peeked, Peeked { person, kind: AccountKind::General });
        assert!(matches!(refusal(set(20, second.reveal(), "short").await), Refusal::Password(_)));
        assert!(matches!(set(20, second.reveal(), NEXT).await.unwrap(), Entered::SignedIn(_)));
        assert_eq!(refusal(set(21, second.reveal(), CLERKS).await), Refusal::Link, "used");
        world.sign_in(22, "e00600", NEXT, &OFFICE).await.unwrap();
        // A suspended account takes no link and gets none.
        let link = new_link(&world.ctx(30), person, CHIEF).await.unwrap();
        suspend(&world.ctx(31), person, CHIEF).await.unwrap();
        assert_eq!(refusal(set(32, link.reveal(), CLERKS).await), Refusal::Link);
        assert_eq!(refusal(new_link(&world.ctx(33), person, CHIEF).await), Refusal::Missing);
        restore(&world.ctx(34), person, CHIEF).await.unwrap();
        world.sign_in(35, "E00600", NEXT, &OFFICE).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn is_4_9_3_12_a_password_comes_back_after_a_year() {
    each_engine(async |db| {
        let world = World::founded(db).await;
        let day = 86_400;
        let change = async |second: i64, present: &str, password: &str| {
            let signed_in = world.sign_in(second, "E00482", present, &OFFICE).await.unwrap();
            let current = world.current(second, &signed_in.cookie).await.unwrap();
            let (present, password) = (Typed::new(present.to_owned()), Typed::new(password.to_owned()));
            let facts = PersonFacts::default();
            change_password(&world.ctx(second), &current, Some(&present), &password, &facts, &OFFICE).await
        };
        assert_eq!(refusal(change(day, CLERKS, CLERKS).await), Refusal::Password(vec![Problem::Reused]));
        change(day, CLERKS, NEXT).await.unwrap();
        assert_eq!(refusal(change(365 * day, NEXT, CLERKS).await), Refusal::Password(vec![Problem::Reused]));
        // Full-width letters are the same password.
        let wide: String = CLERKS.chars().map(|letter| char::from_u32(u32::from(letter) + 0xFEE0).unwrap()).collect();
        assert_eq!(refusal(change(365 * day, NEXT, &wide).await), Refusal::Password(vec![Problem::Reused]));
        change(366 * day, NEXT, CLERKS).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_changed_password_ends_every_other_session() {
    each_engine(async |db| {
        let world = World::founded(db).await;
        let here = world.sign_in(10, "E00482", CLERKS, &OFFICE).await.unwrap().cookie;
        let there = world.sign_in(11, "E00482", CLERKS, &ELSEWHERE).await.unwrap().cookie;
        let chiefs = world.sign_in(12, "heron-41", CHIEFS, &OFFICE).await.unwrap().cookie;
        let link = new_link(&world.ctx(13), CLERK, CHIEF).await.unwrap();
        let current = world.current(14, &here).await.unwrap();
        let (wrong, right, next) = (Typed::new("wrong".into()), Typed::new(CLERKS.into()), Typed::new(NEXT.into()));
        let facts = PersonFacts::default();
        for present in [None, Some(&wrong)] {
            let result = change_password(&world.ctx(15), &current, present, &next, &facts, &OFFICE).await;
            assert_eq!(refusal(result), Refusal::CurrentPassword);
        }
        let renewed = change_password(&world.ctx(16), &current, Some(&right), &next, &facts, &OFFICE).await.unwrap();
        assert!(world.current(17, &renewed).await.is_some());
        assert!(world.current(17, &here).await.is_none() && world.current(17, &there).await.is_none());
        assert!(world.current(17, &chiefs).await.is_some(), "another person's session goes on");
        assert_eq!(refusal(peek(&world.ctx(17), link.reveal()).await), Refusal::Link);
        assert_eq!(world.sign_in(18, "E00482", CLERKS, &OFFICE).await, Err(Refusal::NotAccepted));
        world.sign_in(18, "E00482", NEXT, &OFFICE).await.unwrap();
        // The old session object is of no use any more.
        let result = change_password(&world.ctx(19), &current, Some(&next), &right, &facts, &OFFICE).await;
        assert!(matches!(refusal(result), Refusal::Password(_) | Refusal::SessionEnded));
        assert_eq!(world.recorded(Deed::PasswordChanged).await, 1);
    })
    .await;
}

#[tokio::test]
async fn sessions_end_by_time_by_hand_and_by_suspension() {
    each_engine(async |db| {
        let world = World::founded(db).await;
        let limits = Limits::default();
        let cookie = world.sign_in(0, "E00482", CLERKS, &OFFICE).await.unwrap().cookie;
        assert!(world.current(limits.idle - 1, &cookie).await.is_some());
        assert!(world.current(limits.idle, &cookie).await.is_none(), "idle");
        // In use all the time it ends all the same.
        let mut second = 0;
        while second + 1000 < limits.absolute {
            second += 1000;
            let current = world.current(second, &cookie).await.unwrap();
            touch(&world.ctx(second), &current).await.unwrap();
        }
        assert!(world.current(limits.absolute - 1, &cookie).await.is_some());
        assert!(world.current(limits.absolute, &cookie).await.is_none(), "absolute");
        // By hand: only the own ones.
        let day = 86_400;
        let here = world.sign_in(day, "E00482", CLERKS, &OFFICE).await.unwrap().cookie;
        let there = world.sign_in(day + 1, "E00482", CLERKS, &ELSEWHERE).await.unwrap().cookie;
        let chiefs = world.sign_in(day + 2, "heron-41", CHIEFS, &OFFICE).await.unwrap().cookie;
        let current = world.current(day + 3, &here).await.unwrap();
        let listed = list_sessions(&world.ctx(day + 3), CLERK, Some(&current)).await.unwrap();
        assert_eq!(
            listed.iter().map(|one| (one.client.as_str(), one.current)).collect::<Vec<_>>(),
            [("Safari", false), ("Firefox", true)]
        );
        let foreign = list_sessions(&world.ctx(day + 3), CHIEF, None).await.unwrap();
        let foreign = foreign.iter().find(|one| one.created_at == at(day + 2)).unwrap();
        for handle in [foreign.handle.as_str(), "", "zz", "00"] {
            assert_eq!(refusal(end_session(&world.ctx(day + 4), CLERK, handle, CLERK).await), Refusal::Missing);
        }
        end_session(&world.ctx(day + 4), CLERK, &listed[0].handle, CLERK).await.unwrap();
        assert!(world.current(day + 5, &there).await.is_none() && world.current(day + 5, &here).await.is_some());
        world.sign_in(day + 6, "E00482", CLERKS, &ELSEWHERE).await.unwrap();
        assert!(end_sessions(&world.ctx(day + 7), CLERK, Some(&current), CLERK).await.unwrap() >= 1);
        assert_eq!(list_sessions(&world.ctx(day + 8), CLERK, None).await.unwrap().len(), 1);
        sign_out(&world.ctx(day + 9), &current).await.unwrap();
        assert!(world.current(day + 10, &here).await.is_none());
        assert_eq!(refusal(touch(&world.ctx(day + 100), &current).await), Refusal::SessionEnded);
        suspend(&world.ctx(day + 11), CHIEF, CLERK).await.unwrap();
        assert!(world.current(day + 12, &chiefs).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn who_becomes_privileged_sets_a_password_by_the_stricter_rules() {
    each_engine(async |db| {
        let world = World::founded(db).await;
        let cookie = world.sign_in(1, "E00482", CLERKS, &OFFICE).await.unwrap().cookie;
        set_kind(&world.ctx(2), CLERK, AccountKind::Privileged, CHIEF).await.unwrap();
        assert!(world.current(3, &cookie).await.is_none());
        let signed_in = world.sign_in(4, "E00482", CLERKS, &OFFICE).await.unwrap();
        assert!(signed_in.must_change && world.current(5, &signed_in.cookie).await.unwrap().must_change);
        set_kind(&world.ctx(6), CLERK, AccountKind::Privileged, CHIEF).await.unwrap();
        assert_eq!(world.recorded(Deed::KindChanged).await, 1);
    })
    .await;
}
