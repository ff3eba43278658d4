//! The clauses of 4章 9.3 as tables, and what holds for every password.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::date, tz::TimeZone};
use proptest::prelude::*;

use super::*;
use crate::value::{Period, Value};

/// The rules of IS-4-9-3.
fn policy() -> Policy {
    let value = |key: &'static str| {
        Some(match key {
            keys::LENGTH_PRIVILEGED => Value::Int(12),
            keys::LENGTH_GENERAL => Value::Int(10),
            keys::CLASSES => {
                Value::List(["upper", "lower", "digit", "symbol"].map(|name| Value::Text(name.to_owned())).to_vec())
            }
            keys::CLASSES_LEAST => Value::Int(4),
            keys::GUESSABLE | keys::DICTIONARY | keys::EMPLOYEE_NUMBER | keys::ONE_PERSON => Value::Bool(true),
            keys::REUSE => Value::Period("P1Y".parse().unwrap()),
            keys::LOCKOUT_FAILURES_PRIVILEGED => Value::Int(3),
            keys::LOCKOUT_PERIOD_PRIVILEGED => Value::Period("PT6H".parse().unwrap()),
            keys::LOCKOUT_FAILURES_GENERAL => Value::Int(5),
            keys::LOCKOUT_PERIOD_GENERAL => Value::Period("PT1H".parse().unwrap()),
            keys::FORBIDDEN_NAMES => Value::List(vec![Value::Text("Administrator".into()), Value::Text("root".into())]),
            _ => return None,
        })
    };
    Policy::read(value).unwrap()
}

fn tanaka() -> PersonFacts {
    PersonFacts {
        names: vec!["田中 裕子".into(), "タナカ ユウコ".into(), "Tanaka Yuko".into()],
        telephones: vec!["03-1357-2468".into(), "09086421357".into()],
        birthdays: vec![date(1988, 7, 5)],
        logins: vec!["E00482".into()],
        organizations: vec!["株式会社みなと商事".into(), "Minato Trading Co., Ltd.".into()],
    }
}

fn of(candidate: &str) -> Vec<Problem> {
    problems(&policy(), AccountKind::General, candidate, &tanaka(), &[])
}

#[test]
fn is_4_9_3_06_and_07_length() {
    for (kind, candidate, least) in [
        (AccountKind::Privileged, "xK7#qv!Zr3w", Some(12)),
        (AccountKind::Privileged, "xK7#qv!Zr3wT", None),
        (AccountKind::General, "xK7#qv!Zr", Some(10)),
        (AccountKind::General, "xK7#qv!Zr3", None),
        // Full-width letters and half-width kana count as the characters that they are.
        (AccountKind::General, "ｘＫ７＃ｑｖ！Ｚｒ３", None),
    ] {
        let found = problems(&policy(), kind, candidate, &tanaka(), &[]);
        match least {
            None => assert_eq!(found, [], "{candidate}"),
            Some(least) => {
                assert_eq!(found, [Problem::TooShort { kind, least, has: candidate.chars().count() }], "{candidate}");
                assert!(found[0].en().contains(&least.to_string()) && found[0].ja().contains(&least.to_string()));
            }
        }
    }
}

#[test]
fn is_4_9_3_09_each_missing_class_is_named() {
    for (candidate, missing) in [
        ("xk7#qv!zr3wt", vec![Class::Upper]),
        ("XK7#QV!ZR3WT", vec![Class::Lower]),
        ("xKh#qv!ZrmwT", vec![Class::Digit]),
        ("xK7hqvyZr3wT", vec![Class::Symbol]),
        ("xkhsqvyzrmwt", vec![Class::Upper, Class::Digit, Class::Symbol]),
        // A full-width symbol or digit is one; a space is a symbol; kanji have no class.
        ("xK７＃qv！Zr3wT", vec![]),
        ("xK7 qv Zr3 wT", vec![]),
        ("xk7#qv!zr3漢字", vec![Class::Upper]),
    ] {
        let expected: Vec<_> = missing.into_iter().map(Problem::MissingClass).collect();
        assert_eq!(of(candidate), expected, "{candidate}");
    }
    let three_of_four = Policy { classes: BTreeSet::new(), least_classes: 3, ..policy() };
    let found = problems(&three_of_four, AccountKind::General, "xkhsqvyzr3wt", &tanaka(), &[]);
    assert_eq!(found, [Problem::TooFewClasses { least: 3, has: 2 }]);
}

#[test]
fn is_4_9_3_08_facts_of_the_person_in_any_writing() {
    for (candidate, fact) in [
        ("tanaka1990!Xq", Fact::Name),
        ("xQ!TANAKA42pm", Fact::Name),
        ("ＴａＮａＫａ＃７ｘＱ", Fact::Name),
        ("T4n@k4#7xQmv", Fact::Name),
        ("t.a.n.a.k.A#7xQ", Fact::Name),
        ("#7xQakanatMv", Fact::Name),
        ("Xq7#yuuko-Mv", Fact::Name),
        ("Xq7#yuhkoMvv2", Fact::Name),
        ("Xq7#タナカMv2z", Fact::Name),
        ("Xq7#ﾀﾅｶMv2zp", Fact::Name),
        ("Xq7#田中Mv2zp", Fact::Name),
        ("Xq#Mv13572468", Fact::Telephone),
        ("Xq#2468Mvzpk", Fact::Telephone),
        ("Xq#Mv90-8642-1357", Fact::Telephone),
        ("Xq#Mv8642753109z", Fact::Telephone),
        ("86x42y13z57Q#v", Fact::Telephone),
        ("Xq#Mv19880705", Fact::Birthday),
        ("Xq#0705Mvzpk", Fact::Birthday),
        ("Xq#88/7/05Mvz", Fact::Birthday),
        ("Xq#1988Mvzpk", Fact::Birthday),
        ("Xq#s63.7.5Mvz", Fact::Birthday),
        ("Xq昭和63#Mvzpk7", Fact::Birthday),
        ("Xq#e00482Mvz", Fact::Login),
        ("Xq#m1natoVz7p", Fact::Organization),
        ("Xq#みなとVz7p9", Fact::Organization),
    ] {
        let found = of(candidate);
        assert!(found.contains(&Problem::PersonalFact(fact)), "{candidate}: {found:?}");
        assert_eq!(Problem::PersonalFact(fact).key(), Some(keys::GUESSABLE));
    }
    // What only looks like one: two letters of a name inside a word, a legal form, three digits of a number.
    let oe =
        PersonFacts { names: vec!["Oe Ai".into()], organizations: vec!["Co Ltd".into()], ..PersonFacts::default() };
    for (candidate, found) in [("Xq7#phoeMv2z", false), ("Xq7#coltdMv2", false), ("Xq7#oe!Mv2zw", true)] {
        let problems = problems(&policy(), AccountKind::General, candidate, &oe, &[]);
        assert_eq!(problems == [Problem::PersonalFact(Fact::Name)], found, "{candidate}: {problems:?}");
    }
    assert_eq!(of("Xq7#357Mv2zw"), []);
    // A name in kanji without a gap: the family name alone is found.
    let sato = PersonFacts { names: vec!["佐藤健太".into()], ..PersonFacts::default() };
    for (candidate, found) in [("Xq7#佐藤Mv2z", true), ("Xq7#健太Mv2z", true), ("Xq7#健Mv2zwp", false)] {
        let problems = problems(&policy(), AccountKind::General, candidate, &sato, &[]);
        assert_eq!(problems == [Problem::PersonalFact(Fact::Name)], found, "{candidate}: {problems:?}");
    }
}

#[test]
fn is_4_9_3_08_romanisations_of_one_name_are_one() {
    for (kana, spellings) in [
        ("しょうた", &["shota", "shouta", "syota", "syouta", "shohta"][..]),
        ("おおの", &["ono", "oono", "ohno"]),
        ("つちや", &["tsuchiya", "tutiya"]),
        ("じゅんいち", &["junichi", "jun'ichi", "zyunniti"]),
        ("はっとり", &["hattori"]),
        ("ほんま", &["honma", "homma"]),
        ("いとう", &["ito", "itou", "itoh"]),
        ("ふじた", &["fujita", "huzita"]),
        ("きょうこ", &["kyoko", "kyouko"]),
        ("りょうへい", &["ryohei", "ryouhei"]),
    ] {
        let facts = PersonFacts { names: vec![kana.to_owned()], ..PersonFacts::default() };
        for spelled in spellings {
            let found = problems(&policy(), AccountKind::General, &format!("Xq7#{spelled}!Pz9v"), &facts, &[]);
            assert!(found.contains(&Problem::PersonalFact(Fact::Name)), "{kana} {spelled}: {found:?}");
        }
    }
}

#[test]
fn is_4_9_3_10_dictionary_words() {
    for candidate in [
        "Password1234!",
        "P@ssw0rd!2026",
        "Kitei2026!!",
        "Sunshine#2026",
        "!!Sakura2026",
        "drowssaP12!#",
        "Sinjuku#99xA",
        "N1nj442026!Z",
        "p.A.s.s.w.o.r.d1",
        "LoveDragon77!",
        "ｓｕｎｓｈｉｎｅ＃Ａ１",
        "Qwer-love-1234",
        "さくらサクラ#A1z!",
        "Toukyo-oosaka7",
    ] {
        assert!(of(candidate).contains(&Problem::DictionaryWord), "{candidate}: {:?}", of(candidate));
    }
    assert!(Problem::DictionaryWord.en().contains("dictionary word"));
    // A word is no fault where most of the password is something else.
    for candidate in ["xK7#qv!Zr3wTlove", "9q!Zt-dragon-Vx7$kP2w", "7#4k9!L2@o5v8$e"] {
        assert_eq!(of(candidate), [], "{candidate}");
    }
}

#[test]
fn is_4_9_3_08_simple_patterns() {
    for (candidate, pattern) in [
        ("Qwertyuiop12!", Pattern::Walk),
        ("1qaz@WSX3edc", Pattern::Walk),
        ("!QAZ\"WSX3edc", Pattern::Walk),
        ("Zq!\"#$%&'()7vK", Pattern::Walk),
        ("Zyxwvut!9876", Pattern::Walk),
        ("aaaaBBBB1111!C", Pattern::Walk),
        ("aaaaAAAA1111!", Pattern::Repetition),
        ("Aa1!Aa1!Aa1!", Pattern::Repetition),
        ("Xq7#mVXq7#mV", Pattern::Repetition),
        ("1234567890", Pattern::Walk),
    ] {
        let found = of(candidate);
        assert!(found.contains(&Problem::Pattern(pattern)), "{candidate}: {found:?}");
    }
}

#[test]
fn is_4_9_3_12_reuse_within_a_year() {
    let (policy, zone) = (policy(), TimeZone::get("Asia/Tokyo").unwrap());
    let now: Timestamp = "2026-11-24T00:00:00Z".parse().unwrap();
    for (retired, barred) in [
        (None, true),
        (Some("2026-11-23T00:00:00Z"), true),
        (Some("2025-11-24T00:00:01Z"), true),
        (Some("2025-11-24T00:00:00Z"), false),
        (Some("2020-01-01T00:00:00Z"), false),
    ] {
        let retired = retired.map(|at| at.parse().unwrap());
        assert_eq!(still_barred(&policy, retired, now, &zone), barred, "{retired:?}");
    }
    assert!(!still_barred(&Policy::floor(), None, now, &zone));
    let found = problems(&policy, AccountKind::General, "xK7#qv!Zr3", &tanaka(), &[false, true]);
    assert_eq!(found, [Problem::Reused]);
    assert_eq!(problems(&policy, AccountKind::General, "xK7#qv!Zr3", &tanaka(), &[false]), []);
}

#[test]
fn is_4_9_3_13_and_14_lockout() {
    let at = |time: &str| format!("2026-11-24T{time}Z").parse::<Timestamp>().unwrap();
    for (kind, failures, now, until) in [
        (AccountKind::Privileged, vec!["00:00:00", "00:01:00"], "00:02:00", None),
        (AccountKind::Privileged, vec!["00:00:00", "00:01:00", "00:02:00"], "00:02:00", Some("06:02:00")),
        (AccountKind::Privileged, vec!["00:02:00", "00:00:00", "00:01:00"], "06:01:59", Some("06:02:00")),
        (AccountKind::Privileged, vec!["00:00:00", "00:01:00", "00:02:00"], "06:02:00", None),
        // Failures that lie further apart than the period do not add up.
        (AccountKind::Privileged, vec!["00:00:00", "03:00:00", "06:00:00"], "06:00:01", None),
        (AccountKind::Privileged, vec!["00:00:00", "03:00:00", "05:59:59"], "06:00:01", Some("11:59:59")),
        (AccountKind::General, vec!["00:00:00", "00:01:00", "00:02:00", "00:03:00"], "00:04:00", None),
        (
            AccountKind::General,
            vec!["00:00:00", "00:01:00", "00:02:00", "00:03:00", "00:04:00"],
            "00:04:30",
            Some("01:04:00"),
        ),
        (AccountKind::General, vec!["00:00:00", "00:01:00", "00:02:00", "00:03:00", "00:04:00"], "01:04:00", None),
        (AccountKind::General, vec![], "00:00:00", None),
    ] {
        let failures: Vec<_> = failures.into_iter().map(at).collect();
        assert_eq!(lockout(&policy(), kind, &failures, at(now)), until.map(at), "{kind:?} {failures:?} at {now}");
    }
    let at_once = Policy { lockout_general: Lockout { failures: 1, ..policy().lockout_general }, ..policy() };
    assert!(lockout(&at_once, AccountKind::General, &[at("00:00:00")], at("00:59:59")).is_some());
}

#[test]
fn is_4_9_3_01_to_04_login_names() {
    use AccountKind::{General, Privileged};
    let facts = LoginFacts {
        employee_numbers: &["E00482", "482"],
        names: &["田中 裕子", "Tanaka Yuko"],
        systems: &["Kitei"],
        ..LoginFacts::default()
    };
    for (kind, login, expected) in [
        (Privileged, "administrator", &[LoginFault::Forbidden][..]),
        (Privileged, "ADMIN", &[LoginFault::Forbidden]),
        (Privileged, "Ａｄｍｉｎ", &[LoginFault::Forbidden]),
        (Privileged, "Root", &[LoginFault::Forbidden]),
        (Privileged, "admin01", &[LoginFault::Forbidden]),
        (General, "guest", &[LoginFault::Forbidden, LoginFault::NotEmployeeNumber]),
        (General, "共用2", &[LoginFault::Forbidden, LoginFault::NotEmployeeNumber]),
        (Privileged, "sysadm7", &[LoginFault::EasyToGuess]),
        (Privileged, "y-tanaka", &[LoginFault::EasyToGuess]),
        (Privileged, "kitei-9", &[LoginFault::EasyToGuess]),
        (Privileged, "heron-41", &[]),
        (General, "E00482", &[]),
        (General, "ｅ００４８２", &[]),
        (General, "482", &[]),
        (General, "tanaka", &[LoginFault::NotEmployeeNumber]),
        (General, "", &[LoginFault::Empty]),
        (Privileged, "heron 41", &[LoginFault::Characters]),
        (Privileged, "<heron>", &[LoginFault::Characters]),
    ] {
        let found = login_name_problems(&policy(), kind, login, &facts);
        assert_eq!(found.iter().map(|problem| problem.fault).collect::<Vec<_>>(), expected, "{kind:?} {login}");
        for problem in found {
            let advice = problem.fault == LoginFault::EasyToGuess;
            assert_eq!(problem.weight == Weight::Advice, advice);
            assert!(!problem.ja().is_empty() && problem.en().is_ascii());
        }
    }
    let second = LoginFacts { taken: true, has_account: true, ..facts };
    let found = login_name_problems(&policy(), Privileged, "heron-41", &second);
    assert_eq!(
        found.iter().map(|problem| problem.fault).collect::<Vec<_>>(),
        [LoginFault::Taken, LoginFault::SecondAccount]
    );
    assert_eq!(found[0].key(), Some(keys::ONE_PERSON));
    // Without the rule of IS-4-9-3-04 a general account may have another name.
    let free = Policy { employee_number: false, ..policy() };
    assert_eq!(login_name_problems(&free, General, "tanaka", &facts), []);
}

#[test]
fn parameters_of_another_kind_are_named() {
    for (key, value, expected) in [
        (keys::LENGTH_GENERAL, Value::Text("ten".into()), "a whole number, 0 or more"),
        (keys::LENGTH_GENERAL, Value::Int(-1), "a whole number, 0 or more"),
        (keys::REUSE, Value::Int(365), "a period such as PT6H or P1Y"),
        (keys::DICTIONARY, Value::Int(1), "yes or no"),
        (keys::CLASSES, Value::List(vec![Value::Text("kana".into())]), "some of upper, lower, digit, symbol"),
        (keys::FORBIDDEN_NAMES, Value::Bool(true), "a list of texts"),
        (keys::LOCKOUT_FAILURES_GENERAL, Value::Int(0), "at least 1 failure"),
    ] {
        let error = Policy::read(|asked| (asked == key).then(|| value.clone())).unwrap_err();
        assert_eq!(error, PolicyError { key, expected });
    }
    assert_eq!(Policy::read(|_| None), Ok(Policy::floor()));
    assert_eq!(keys::ALL.iter().collect::<BTreeSet<_>>().len(), keys::ALL.len());
}

#[test]
fn every_problem_says_what_would_be_right_and_shows_nothing_secret() {
    let candidate = "Tanaka-Yuko-1988";
    for problem in of(candidate).into_iter().chain([
        Problem::TooLong { most: LONGEST },
        Problem::ControlCharacter,
        Problem::Reused,
        Problem::Pattern(Pattern::Walk),
    ]) {
        assert!(problem.ja().ends_with('。') && problem.en().ends_with('.'), "{problem:?}");
        for text in [problem.ja(), problem.en(), format!("{problem:?}")] {
            assert!(!text.to_lowercase().contains("tanaka") && !text.contains("1988"), "{text}");
        }
    }
    let shown = format!("{:?}", tanaka());
    assert!(!shown.contains("Tanaka") && !shown.contains("田中") && !shown.contains("1988"), "{shown}");
    let long = "x".repeat(LONGEST + 1);
    assert!(of(&long).contains(&Problem::TooLong { most: LONGEST }));
    assert!(of("xK7#qv!Z\nr3").contains(&Problem::ControlCharacter));
}

#[test]
fn the_word_list_is_sorted_lower_case_and_small() {
    let list = include_str!("words.txt");
    let words: Vec<_> = list.lines().collect();
    assert!(list.len() <= 20_000 && words.len() > 2_000, "{} words, {} bytes", words.len(), list.len());
    assert!(
        words.is_sorted()
            && words.iter().all(|word| word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
    );
    assert!(words.iter().all(|word| (4..=14).contains(&word.len())));
}

/// Full-width forms of the printable ASCII characters.
fn full_width(text: &str) -> String {
    text.chars()
        .map(|c| char::from_u32(u32::from(c) + 0xFEE0).filter(|_| ('!'..='~').contains(&c)).unwrap_or(c))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_whatever_gives_an_answer(candidate in "\\PC{0,300}", login in "\\PC{0,80}") {
        let _ = of(&candidate);
        let _ = login_name_problems(&policy(), AccountKind::Privileged, &login, &LoginFacts::default());
    }

    #[test]
    fn full_width_is_judged_as_half_width(candidate in "[!-~]{0,24}") {
        prop_assert_eq!(of(&candidate), of(&full_width(&candidate)));
    }

    #[test]
    fn a_stricter_policy_never_finds_fewer(candidate in "[!-~]{0,24}", least in 0_usize..30, classes in 0_usize..5) {
        let loose = Policy { least_length_general: 0, classes: BTreeSet::new(), least_classes: 0, dictionary_forbidden: false,
            guessable_forbidden: false, ..policy() };
        let middle = Policy { least_length_general: least, least_classes: classes, ..loose.clone() };
        let strict = Policy { dictionary_forbidden: true, guessable_forbidden: true, ..middle.clone() };
        let count = |policy: &Policy| problems(policy, AccountKind::General, &candidate, &tanaka(), &[]).len();
        prop_assert!(count(&loose) <= count(&middle) && count(&middle) <= count(&strict));
    }

    #[test]
    fn a_name_anywhere_is_found(before in "[A-Z!-/]{0,8}", after in "[A-Z!-/]{0,8}") {
        let found = of(&format!("{before}tanaka{after}"));
        prop_assert!(found.contains(&Problem::PersonalFact(Fact::Name)));
    }

    #[test]
    fn more_failures_never_shorten_a_lockout(mut seconds in prop::collection::vec(0_i64..40_000, 0..12), extra in 0_i64..40_000, now in 0_i64..60_000) {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let until = |seconds: &[i64]| lockout(&policy(), AccountKind::Privileged, &seconds.iter().map(|s| at(*s)).collect::<Vec<_>>(), at(now));
        let before = until(&seconds);
        seconds.push(extra);
        prop_assert!(until(&seconds) >= before);
    }
}

#[test]
fn what_a_generator_makes_is_accepted() {
    // Made by a generator once and kept, so that the test is the same every time.
    for candidate in [
        "wF7$kq2!Zp9x",
        "Hn4&vT8*bR1c",
        "q9#XmL5@rDw2",
        "Yt6%gPz3^sKj",
        "V2!nBc8$hQxf",
        "rJ5*zWk1&mTd",
        "8Lp@xGv4#Fqs",
        "cZ3^tNr7!Hbw",
        "kM9$dXf6%Yjp",
        "Gs1&wQv5*Lzn",
        "bT4!hRc8@Xkm",
        "pW7#jFz2^Dqv",
    ] {
        assert_eq!(problems(&policy(), AccountKind::Privileged, candidate, &tanaka(), &[]), [], "{candidate}");
    }
}

#[test]
fn periods_of_the_floor_are_an_hour() {
    assert_eq!(Policy::floor().lockout_general.period, "PT1H".parse::<Period>().unwrap());
}
