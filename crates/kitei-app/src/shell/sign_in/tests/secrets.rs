//! What lies in the store and what is shown: never a secret.

use kitei_store::db::Statement;

use super::*;

#[tokio::test]
async fn every_statement_is_understood_by_both_engines() {
    each_engine(async |db| {
        let mut reader = db.reader().await.unwrap();
        for statement in STATEMENTS {
            reader.prepare(statement).await.unwrap();
        }
    })
    .await;
}

static ACCOUNTS: Statement =
    Statement::new("tests::ACCOUNTS", "select password, totp, doc from account where org = $1", &[]);
static SETTINGS: Statement = Statement::new("tests::SETTINGS", "select key, doc from setting where org = $1", &[]);

#[tokio::test]
async fn the_store_holds_no_secret_in_the_clear() {
    each_engine(async |db| {
        let world = World::founded(db).await;
        let enrolment = begin_totp(&world.ctx(0), CLERK, "Kitei").await.unwrap();
        let recovery = confirm_totp(&world.ctx(0), CLERK, &codes::code_at(&enrolment, 0)).await.unwrap();
        let link = new_link(&world.ctx(0), CLERK, CHIEF).await.unwrap();
        let envelope = seal_break_glass(&world.ctx(0), CHIEF, CHIEF).await.unwrap();
        let mut reader = world.db.reader().await.unwrap();
        let mut kept = String::new();
        for row in reader.fetch_all(&ACCOUNTS, kitei_store::binds![ORG]).await.unwrap() {
            let password: String = row.get("password").unwrap();
            assert!(password.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
            kept += &password;
            kept += &row.maybe::<String>("totp").unwrap().unwrap_or_default();
            kept += &row.get::<serde_json::Value>("doc").unwrap().to_string();
        }
        for row in reader.fetch_all(&SETTINGS, kitei_store::binds![ORG]).await.unwrap() {
            kept += &row.get::<String>("key").unwrap();
            kept += &row.get::<serde_json::Value>("doc").unwrap().to_string();
        }
        for event in kitei_store::log::range(&mut reader, ORG, 0, 1000).await.unwrap() {
            kept += &String::from_utf8(event.bytes).unwrap();
        }
        for secret in [
            CHIEFS,
            CLERKS,
            link.reveal(),
            envelope.reveal(),
            enrolment.secret.reveal(),
            recovery[0].reveal(),
            "e00482",
        ] {
            assert!(!kept.contains(secret) && !kept.contains(&secret.replace('-', "")));
        }
        assert!(kept.contains("sign-in/link/") && kept.contains("sign-in/break-glass/"));
    })
    .await;
}

#[tokio::test]
async fn a_password_stretched_at_an_old_cost_is_stretched_anew_at_sign_in() {
    each_engine(async |db| {
        let mut world = World::founded(db).await;
        world.stretcher = Stretcher::new(Cost { memory: 128, passes: 1, lanes: 1 }, 4).unwrap();
        world.sign_in(1, "E00482", "wrong", &OFFICE).await.unwrap_err();
        for second in [2, 3] {
            world.sign_in(second, "E00482", CLERKS, &OFFICE).await.unwrap();
        }
        let mut reader = world.db.reader().await.unwrap();
        let account = kitei_store::accounts::of_person(&mut reader, ORG, CLERK).await.unwrap().unwrap();
        assert!(account.password.unwrap().starts_with("$argon2id$v=19$m=128,t=1,p=1$"));
        let account = kitei_store::accounts::of_person(&mut reader, ORG, CHIEF).await.unwrap().unwrap();
        assert!(account.password.unwrap().starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
    })
    .await;
}

#[tokio::test]
async fn sweeping_forgets_what_has_ended_and_nothing_else() {
    each_engine(async |db| {
        let world = World::founded(db).await;
        for second in 0..3 {
            world.sign_in(second, "heron-41", "wrong", &OFFICE).await.unwrap_err();
        }
        let link = new_link(&world.ctx(0), CLERK, CHIEF).await.unwrap();
        let envelope = seal_break_glass(&world.ctx(0), CHIEF, CHIEF).await.unwrap();
        sweep(&world.ctx(6 * 3600)).await.unwrap();
        assert_eq!(
            world.sign_in(6 * 3600, "heron-41", CHIEFS, &OFFICE).await,
            Err(Refusal::NotAccepted),
            "still locked"
        );
        peek(&world.ctx(6 * 3600), link.reveal()).await.unwrap();
        sweep(&world.ctx(30 * 86_400)).await.unwrap();
        let mut reader = world.db.reader().await.unwrap();
        let settings = reader.fetch_all(&SETTINGS, kitei_store::binds![ORG]).await.unwrap();
        assert_eq!(settings.len(), 1, "the envelope stays");
        break_glass(&world.ctx(30 * 86_400), envelope.reveal(), &OFFICE).await.unwrap();
    })
    .await;
}

#[test]
fn rfc_6265bis_cookies() {
    let value = Shown::new("abc".to_owned());
    for (security, name, attributes) in [
        (Security::Tls, "__Host-kitei", "Path=/; HttpOnly; SameSite=Lax; Secure"),
        (Security::Loopback, "kitei", "Path=/; HttpOnly; SameSite=Lax"),
    ] {
        assert_eq!(session_cookie(security, &value).reveal(), format!("{name}=abc; {attributes}"));
        assert_eq!(cleared_session_cookie(security), format!("{name}=; {attributes}; Max-Age=0"));
        assert!(
            known_client_cookie(security, &value)
                .reveal()
                .starts_with(&format!("{name}-known=abc; {attributes}; Max-Age="))
        );
        assert_eq!(session_cookie_name(security), name);
    }
}

#[tokio::test]
async fn a_cookie_of_another_organization_or_spoiled_opens_nothing() {
    each_engine(async |db| {
        let world = World::founded(db).await;
        let cookie = world.sign_in(1, "E00482", CLERKS, &OFFICE).await.unwrap().cookie;
        let (org, secret) = cookie.reveal().split_once('.').unwrap();
        let other = Uuid::from_u128(0x0b).simple().to_string();
        for wrong in [
            format!("{other}.{secret}"),
            secret.to_owned(),
            format!("{org}.{secret}x"),
            format!("{org}."),
            String::new(),
            "...".into(),
        ] {
            assert_eq!(load(&world.ctx(2), &wrong).await.unwrap(), None);
        }
        assert!(load(&world.ctx(2), cookie.reveal()).await.unwrap().is_some());
    })
    .await;
}

#[test]
fn a_form_token_belongs_to_one_session_one_form_and_one_key() {
    let (key, other) = (MacKey::take(&mut [1; 32]), MacKey::take(&mut [2; 32]));
    let token = csrf_token(b"session", "password", &key);
    for (session, form, key, token, good) in [
        (&b"session"[..], "password", &key, token.as_str(), true),
        (b"another", "password", &key, &token, false),
        (b"session", "sessions", &key, &token, false),
        (b"session", "password", &other, &token, false),
        (b"sessionp", "assword", &key, &token, false),
        (b"session", "password", &key, "", false),
        (b"session", "password", &key, &token[1..], false),
    ] {
        assert_eq!(csrf_matches(session, form, key, token), good, "{form}");
    }
}

#[test]
fn networks_are_cut_where_households_and_offices_end() {
    for (address, network) in [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::1", "0:0:0:0::/64"),
    ] {
        assert_eq!(network_of(address.parse().unwrap()), network);
    }
}

#[test]
fn debug_shows_no_secret() {
    let client = Client { network: "192.0.2.0/24", known: Some("secret"), words: "secret" };
    let signed_in = SignedIn {
        person: CLERK,
        cookie: Shown::new("secret".into()),
        known: Shown::new("secret".into()),
        must_change: false,
    };
    let mut bytes = *b"secretsecretsecretsecretsecretse";
    let key = MacKey::take(&mut bytes);
    assert_eq!(bytes, [0; 32], "the caller's copy is overwritten");
    let shown = format!("{client:?} {signed_in:?} {key:?} {:?}", Typed::new("secret".into()));
    assert!(!shown.contains("secret") && !shown.contains("192.0.2"), "{shown}");
}
