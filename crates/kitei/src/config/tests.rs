//! Tables of configurations: what is refused, where, and which source counts.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::*;
use crate::config::key::KEYS;

fn surroundings(directory: &Path, variables: &[(&str, &str)]) -> Surroundings {
    Surroundings {
        variables: variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect(),
        directory: directory.to_owned(),
    }
}

fn load(file: Option<&str>, variables: &[(&str, &str)], flags: &Flags) -> Result<Config, Vec<String>> {
    let directory = tempfile::tempdir().unwrap();
    if let Some(text) = file {
        std::fs::write(directory.path().join("kitei.toml"), text).unwrap();
    }
    Config::load(flags, &surroundings(directory.path(), variables))
        .map_err(|failure| failure.reasons().iter().map(|text| text.en.clone()).collect())
}

#[test]
fn without_any_configuration_kitei_serves_this_machine_alone_from_a_directory_beside_it() {
    let config = load(None, &[], &Flags::default()).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert!(
        config.data.ends_with("data") && config.postgres.is_none() && config.mail.is_none() && config.file.is_none()
    );
}

#[test]
fn every_mistake_of_a_file_is_named_with_its_line() {
    let text = "listn = \"127.0.0.1:1\"\nbehind_proxy = \"yes\"\n\n[mail]\nhost = \"mail.example.jp\"\nfrom = \"nobody\"\nport = 70000\nfroom = 1\n[log]\nformat = \"xml\"\n";
    let problems = load(Some(text), &[], &Flags::default()).unwrap_err();
    let expected = [
        (":1: `listn` is no configuration key; did you mean `listen`?"),
        (":2: `behind_proxy` must be true or false"),
        (":8: `mail.froom` is no configuration key; did you mean `mail.from`?"),
        (":7: `mail.port`: must be a number from 1 to 65535"),
        (":6: `mail.from`: must be like"),
        (":10: `log.format`: must be one of text, json"),
    ];
    for part in expected {
        assert!(problems.iter().any(|problem| problem.contains(part)), "{part} is not in {problems:#?}");
    }
    assert_eq!(problems.len(), expected.len(), "{problems:#?}");
}

#[test]
fn a_single_mistake_is_refused_where_it_stands() {
    /// File, variables, and what the refusal says.
    type Case = (&'static str, &'static [(&'static str, &'static str)], &'static str);
    let cases: [Case; 15] = [
        ("", &[("KITEI_DATABASE_PASSWORD_FILE", "/dev/null/none")], "SQLite has no password"),
        ("listen = 8080", &[], "kitei.toml:1: `listen` must be a text in quotation marks"),
        ("listen = \"eight\"", &[], "kitei.toml:1: `listen`: must be an address and a port"),
        ("= 1", &[], "kitei.toml:1: is not TOML"),
        ("mail = \"x\"", &[], "kitei.toml:1: `mail` holds keys of its own, such as `mail.host`"),
        ("listen = \"0.0.0.0:80\"", &[], "other machines reach 0.0.0.0:80"),
        ("listen = \"[::]:80\"", &[], "other machines reach [::]:80"),
        ("", &[("KITEI_LISTEN", "192.0.2.1:80")], "KITEI_LISTEN: `listen`: other machines reach 192.0.2.1:80"),
        ("tls.cert = \"a.pem\"", &[], "belong together"),
        (
            "",
            &[("KITEI_LISTN", "127.0.0.1:1")],
            "KITEI_LISTN: no such environment variable; did you mean `KITEI_LISTEN`?",
        ),
        ("database.url = \"postgres://a:b@c/d\"", &[], "kitei.toml:1: `database.url`: leave the password out"),
        (
            "[mail]\nhost = \"a.example\"\nfrom = \"a@b.example\"\nstarttls = false",
            &[],
            "on this machine (localhost) only",
        ),
        ("[mail]\nhost = \"a.example\"\nfrom = \"a@b.example\"\nuser = \"u\"", &[], "its password is missing"),
        ("mail.from = \"a@b.example\"", &[], "mail.host is missing"),
        ("data = \"\"", &[], "`data`: is empty"),
    ];
    for (text, variables, part) in cases {
        let problems = load(Some(text), variables, &Flags::default()).unwrap_err();
        assert!(problems.len() == 1 && problems.iter().any(|p| p.contains(part)), "{part}: {problems:#?}");
        assert!(!problems.iter().any(|problem| problem.contains("a:b@")), "the password is shown: {problems:?}");
    }
}

#[test]
fn flags_go_over_variables_over_the_file() {
    let file = "listen = \"127.0.0.1:1\"\n[log]\nlevel = \"warn\"\nformat = \"json\"\n";
    let variables = [("KITEI_LISTEN", "127.0.0.1:2"), ("KITEI_LOG_LEVEL", "debug"), ("KITEI_SERVICE_HOST", "10.0.0.1")];
    let flags = Flags { listen: Some("localhost:3".to_owned()), ..Flags::default() };
    let config = load(Some(file), &variables, &flags).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:3");
    assert_eq!((config.log.level, config.log.format), (LogLevel::Debug, LogFormat::Json));
}

#[test]
fn a_file_in_the_data_directory_is_found_but_cannot_move_it() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("elsewhere");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("kitei.toml"), "packs = \"more\"\n").unwrap();
    let flags = Flags { place: Place { data: Some("elsewhere".to_owned()), ..Place::default() }, ..Flags::default() };
    let config = Config::load(&flags, &surroundings(directory.path(), &[])).unwrap();
    assert_eq!(config.packs, Some(data.join("more")), "a path is meant from the file's directory");
    std::fs::write(data.join("kitei.toml"), "data = \"other\"\n").unwrap();
    let failure = Config::load(&flags, &surroundings(directory.path(), &[])).unwrap_err();
    assert!(failure.reasons().iter().any(|text| text.en.contains("remove `data`")), "{failure:?}");
}

#[test]
fn passwords_come_from_files_closed_to_others_and_are_never_shown() {
    let directory = tempfile::tempdir().unwrap();
    let secret = directory.path().join("secret");
    std::fs::write(&secret, "hunter2\n").unwrap();
    let text = "[database]\nurl = \"postgres://kitei@db/kitei\"\npassword_file = \"secret\"\n";
    std::fs::write(directory.path().join("kitei.toml"), text).unwrap();
    let load = || Config::load(&Flags::default(), &surroundings(directory.path(), &[]));
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o644)).unwrap();
    let failure = load().unwrap_err();
    assert!(failure.reasons().iter().any(|text| text.en.contains("chmod 600")), "{failure:?}");
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    let config = load().unwrap();
    assert_eq!(config.postgres.as_ref().unwrap().reveal(), "postgres://kitei:hunter2@db/kitei");
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn the_documentation_has_a_row_for_each_key() {
    let page = include_str!("../../../../docs/configuration.md");
    for key in KEYS {
        let flag = if key.flag { format!("`{}`", key.flag_name()) } else { "–".to_owned() };
        let row = format!("| `{}` | `{}` | {flag} |", key.name, key.variable());
        assert!(page.contains(&row), "docs/configuration.md lacks the row {row}");
    }
    let flags = Flags { behind_proxy: true, ..Flags::default() };
    let with_flag: Vec<&str> = KEYS.iter().filter(|key| key.flag).map(|key| key.name).collect();
    for (name, _) in flags.values() {
        assert!(with_flag.contains(&name), "{name} is said to have no flag");
    }
    assert_eq!(flags.values().len(), with_flag.len());
}
