//! What is refused before anything starts, and with which exit code.

use crate::program::Place;

#[test]
fn exit_codes_follow_the_table() {
    let place = Place::new();
    assert_eq!(place.run(["--version"]).code, 0);
    assert_eq!(place.run(["--help"]).code, 0);
    assert_eq!(place.run([]).code, 2);
    assert_eq!(place.run(["frobnicate"]).code, 2);
    assert_eq!(place.run(["serve", "--listen"]).code, 2);
    assert_eq!(place.run(["doctor", "--lang", "fr"]).code, 2);
}

#[test]
fn an_unknown_configuration_key_is_refused_by_name_with_its_line() {
    let place = Place::new();
    place.write("kitei.toml", "data = \"data\"\n\n[tls]\nsert = \"a.pem\"\n");
    let ended = place.run(["serve"]);
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(
        ended.err.contains("kitei.toml:4: `tls.sert` is no configuration key; did you mean `tls.cert`?"),
        "{ended:?}"
    );
    assert!(!place.path("data").exists(), "nothing is made");
    let ended = place.run(["serve", "--lang", "ja"]);
    assert!(ended.err.contains("`tls.sert` という設定はない。「tls.cert」ではありませんか。"), "{ended:?}");
    let ended = place.run(["doctor", "--json"]);
    assert_eq!(ended.code, 1, "the doctor finds it, and it is no mistake of the call: {ended:?}");
    assert_eq!(ended.json()["checks"][0]["subject"], "configuration");
}

#[test]
fn an_unknown_variable_is_refused_by_name() {
    let ended = Place::new().with("KITEI_DATTA", "x").run(["serve"]);
    assert!(ended.code == 2 && ended.err.contains("KITEI_DATTA") && ended.err.contains("KITEI_DATA"), "{ended:?}");
}

#[test]
fn an_address_that_others_reach_is_refused_without_encryption() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.7:8080"] {
        let place = Place::new();
        let ended = place.run(["serve", "--listen", address]);
        assert_eq!(ended.code, 2, "{ended:?}");
        for word in [address, "--tls-cert", "--tls-key", "--behind-proxy", "127.0.0.1"] {
            assert!(ended.err.contains(word), "{word} is not in {ended:?}");
        }
        assert!(!place.path("data").exists(), "nothing is made");
    }
}

#[test]
fn a_password_in_an_address_is_refused_and_not_shown() {
    let ended = Place::new().run(["serve", "--database-url", "postgres://kitei:hunter2@127.0.0.1/kitei"]);
    assert!(ended.code == 2 && ended.err.contains("database.password_file"), "{ended:?}");
    assert!(!ended.err.contains("hunter2"), "{ended:?}");
}

#[test]
fn a_named_file_that_is_missing_and_certificates_that_are_none_are_bad_input() {
    let place = Place::new();
    let ended = place.run(["serve", "--config", "nowhere.toml"]);
    assert!(ended.code == 2 && ended.err.contains("nowhere.toml"), "{ended:?}");
    place.write("cert.pem", "no certificate");
    place.write("key.pem", "no key");
    let ended = place.run(["serve", "--listen", "127.0.0.1:0", "--tls-cert", "cert.pem", "--tls-key", "key.pem"]);
    assert!(ended.code == 2 && ended.err.contains("cert.pem"), "{ended:?}");
}

#[test]
fn a_database_that_does_not_answer_is_an_obstacle_in_plain_words() {
    // Port 1 of this machine answers nobody.
    let ended = Place::new().run(["serve", "--database-url", "postgres://kitei@127.0.0.1:1/kitei"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.err.contains("the database does not answer"), "{ended:?}");
}
