//! The second factor and recovery codes.

use totp_rs::{Builder, Secret};

use super::*;

/// The one-time code of an enrolment at a second.
pub(super) fn code_at(enrolment: &Enrolment, second: i64) -> String {
    let text = enrolment.secret.reveal().replace('-', "");
    let mut bytes = Vec::new();
    let (mut waiting, mut bits) = (0_u64, 0);
    for letter in text.bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == letter).unwrap();
        waiting = (waiting << 5) | value as u64;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((waiting >> bits & 0xFF) as u8);
        }
    }
    let totp = Builder::new().with_secret(Secret::new_stack(bytes.try_into().unwrap())).build().unwrap();
    totp.generate(u64::try_from(at(second).microseconds() / 1_000_000).unwrap()).to_string()
}

async fn halfway(world: &World, second: i64) -> Shown {
    match sign_in(&world.ctx(second), "E00482", &Typed::new(CLERKS.to_owned()), &OFFICE).await.unwrap() {
        Entered::CodeNeeded(halfway) => halfway.cookie,
        Entered::SignedIn(_) => panic!("no code was asked for"),
    }
}

async fn enrolled(db: Db) -> (World, Enrolment, Vec<Shown>) {
    let world = World::founded(db).await;
    let enrolment = begin_totp(&world.ctx(0), CLERK, "Kitei みなと").await.unwrap();
    // Until a code was seen, signing in asks for none.
    world.sign_in(0, "E00482", CLERKS, &OFFICE).await.unwrap();
    assert_eq!(refusal(confirm_totp(&world.ctx(0), CLERK, "000000").await), Refusal::CodeNotAccepted);
    let codes = confirm_totp(&world.ctx(0), CLERK, &code_at(&enrolment, 0)).await.unwrap();
    assert_eq!(refusal(confirm_totp(&world.ctx(0), CLERK, &code_at(&enrolment, 0)).await), Refusal::Missing);
    assert_eq!(codes.len(), 10);
    (world, enrolment, codes)
}

#[tokio::test]
async fn rfc_6238_a_code_is_accepted_once_and_a_step_early_or_late() {
    each_engine(async |db| {
        let (world, enrolment, _) = enrolled(db).await;
        assert!(
            enrolment.address.reveal().starts_with("otpauth://totp/Kitei%20%E3%81%BF%E3%81%AA%E3%81%A8:e00482?secret=")
        );
        let cookie = halfway(&world, 600).await;
        assert!(world.current(600, &cookie).await.is_none(), "half a session is none");
        let listed = list_sessions(&world.ctx(600), CLERK, None).await.unwrap();
        assert!(listed.iter().all(|session| session.created_at != at(600)), "and is in no list");
        let full_width: String =
            code_at(&enrolment, 600).chars().map(|digit| char::from_u32(u32::from(digit) + 0xFEE0).unwrap()).collect();
        let signed_in = confirm_code(&world.ctx(600), cookie.reveal(), &full_width, &OFFICE).await.unwrap();
        assert!(world.current(601, &signed_in.cookie).await.is_some());
        assert_eq!(refusal(confirm_code(&world.ctx(601), cookie.reveal(), "1", &OFFICE).await), Refusal::SessionEnded);
        for (entered, made, accepted) in [
            (605, 600, false),
            (1230, 1200, true),
            (1290, 1320, true),
            // Earlier than the last one used, though it would still be good by itself.
            (1320, 1290, false),
            (1900, 1800, false),
            (2000, 2000, true),
        ] {
            let cookie = halfway(&world, entered).await;
            let result = confirm_code(&world.ctx(entered), cookie.reveal(), &code_at(&enrolment, made), &OFFICE).await;
            assert_eq!(result.is_ok(), accepted, "made at {made}, entered at {entered}");
        }
    })
    .await;
}

#[tokio::test]
async fn codes_are_counted_like_passwords_and_the_password_does_not_reset_the_count() {
    each_engine(async |db| {
        let (world, enrolment, _) = enrolled(db).await;
        for second in 100..105 {
            let cookie = halfway(&world, second * 10).await;
            let result = confirm_code(&world.ctx(second * 10 + 1), cookie.reveal(), "000000", &OFFICE).await;
            assert_eq!(refusal(result), Refusal::CodeNotAccepted);
        }
        let again = sign_in(&world.ctx(1100), "E00482", &Typed::new(CLERKS.to_owned()), &OFFICE).await;
        assert_eq!(refusal(again), Refusal::NotAccepted);
        assert_eq!(world.recorded(Deed::LockedOut).await, 1);
        // Elsewhere the person still gets in.
        let entered = sign_in(&world.ctx(1101), "E00482", &Typed::new(CLERKS.to_owned()), &ELSEWHERE).await.unwrap();
        let Entered::CodeNeeded(halfway) = entered else { panic!("no code was asked for") };
        confirm_code(&world.ctx(1102), halfway.cookie.reveal(), &code_at(&enrolment, 1102), &ELSEWHERE).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_recovery_code_works_once_and_the_half_session_runs_out() {
    each_engine(async |db| {
        let (world, _, codes) = enrolled(db).await;
        let typed = codes[3].reveal().to_lowercase();
        let cookie = halfway(&world, 100).await;
        confirm_code(&world.ctx(101), cookie.reveal(), &typed, &OFFICE).await.unwrap();
        assert_eq!(world.recorded(Deed::RecoveryCodeUsed).await, 1);
        let cookie = halfway(&world, 200).await;
        assert_eq!(
            refusal(confirm_code(&world.ctx(201), cookie.reveal(), &typed, &OFFICE).await),
            Refusal::CodeNotAccepted
        );
        let late = 200 + Limits::default().code;
        let result = confirm_code(&world.ctx(late), cookie.reveal(), codes[4].reveal(), &OFFICE).await;
        assert_eq!(refusal(result), Refusal::SessionEnded);
        // A new password through a link does not pass the second factor by.
        let link = new_link(&world.ctx(900), CLERK, CHIEF).await.unwrap();
        let password = Typed::new(NEXT.to_owned());
        let entered =
            accept(&world.ctx(901), link.reveal(), &password, &PersonFacts::default(), &OFFICE).await.unwrap();
        assert!(matches!(entered, Entered::CodeNeeded(_)));
        remove_totp(&world.ctx(902), CLERK, CHIEF).await.unwrap();
        world.sign_in(903, "E00482", NEXT, &OFFICE).await.unwrap();
        assert_eq!(refusal(remove_totp(&world.ctx(904), CLERK, CHIEF).await), Refusal::Missing);
    })
    .await;
}
