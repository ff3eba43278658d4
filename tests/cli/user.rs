//! `kitei user`: what it does to accounts, that it says so in the log, and that it prints links and never a password.

use serde_json::{Value, json};

use crate::house::House;
use crate::program::Place;
use crate::serve::Server;

/// The account of the house's one person.
fn account(place: &Place) -> Value {
    let ended = place.run(["user", "list", "--json"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    ended.json()["users"].as_array().unwrap().iter().find(|user| user["name"] == "山田 太郎").unwrap().clone()
}

/// Kinds of events of the log, in order.
fn kinds(place: &Place, out: &str) -> Vec<String> {
    assert_eq!(place.run(["bundle", "--all", "--out", out]).code, 0);
    let log = std::fs::read_to_string(place.path(out).join("events-0001.jsonl")).unwrap();
    let events = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    events.filter(|event| event["actor"] == "console").map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn somebody_is_invited_locked_unlocked_and_helped_back_in() {
    House::each(|house| {
        let place = &house.place;
        assert_eq!(account(place)["state"], json!("none"));
        let number = account(place)["number"].as_str().unwrap().to_owned();
        let ended = place.run(["user", "invite", &number, "--login", "ab01234", "--privileged", "--insist", "--json"]);
        assert_eq!(ended.code, 0, "{ended:?}");
        let first = ended.json()["link"].as_str().unwrap().to_owned();
        assert!(first.starts_with("http://127.0.0.1:8080/join?link="), "{first}");
        let now = account(place);
        assert_eq!(
            (&now["state"], &now["login"], &now["privileged"], &now["person"]),
            (&json!("invited"), &json!("ab01234"), &json!(true), &json!(house.person))
        );
        let again = place.run(["user", "invite", &number, "--login", "ab01234", "--insist"]);
        assert!(again.code == 2 && again.err.contains("--login"), "{again:?}");
        let ended = place.run(["user", "reset", "ab01234", "--address", "https://kitei.example.jp/", "--lang", "ja"]);
        assert!(ended.code == 0 && ended.out.contains("\nhttps://kitei.example.jp/join?link="), "{ended:?}");
        assert!(!ended.out.contains(first.rsplit('=').next().unwrap()), "the earlier link is not given again");
        assert_eq!(place.run(["user", "lock", "山田 太郎"]).code, 0);
        assert_eq!(account(place)["state"], json!("suspended"));
        let ended = place.run(["user", "reset", "ab01234"]);
        assert!(ended.code == 2 && ended.err.contains("locked"), "{ended:?}");
        assert_eq!(place.run(["user", "unlock", "AB01234"]).code, 0);
        assert_eq!(account(place)["state"], json!("invited"));
        let ended = place.run(["user", "end-sessions", "ab01234", "--json"]);
        assert_eq!(ended.json()["ended"], json!(0), "{ended:?}");
        let deeds = ["invited", "link-issued", "suspended", "restored", "lockout-lifted"];
        assert_eq!(kinds(place, "log"), deeds.map(|deed| format!("sign-in.{deed}")));
        assert_eq!(place.run(["verify"]).code, 0);
        for ended in
            [place.run(["user", "lock", "nobody"]), place.run(["user", "invite", "nobody", "--login", "ab01235"])]
        {
            assert!(ended.code == 2 && ended.err.contains("user list"), "{ended:?}");
        }
    });
}

#[test]
fn an_account_is_helped_while_the_server_runs() {
    let house = House::new();
    let server = Server::start(&house.place, &[]);
    let ended = house.place.run(["user", "invite", "山田 太郎", "--login", "ab01234", "--insist"]);
    assert!(ended.code == 0 && ended.out.contains("/join?link="), "{ended:?}");
    assert_eq!(server.stop(), 0);
    assert_eq!(house.place.run(["verify"]).code, 0);
}
