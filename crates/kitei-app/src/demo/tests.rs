//! Plans that say nothing sensible are refused with their place.

use super::*;

const HEAD: &str = "[organization]\nslug = \"main\"\nname = \"見本\"\nzone = \"Asia/Tokyo\"\nfirst_day = -3\nadopt_after = 1\nadopted_by = \"@a\"\nadministrator = \"@a\"\n";

fn refused(steps: &str) -> String {
    match Plan::read([("00.toml", HEAD), ("10.toml", steps)]) {
        Err(error) => error.to_string(),
        Ok(_) => String::new(),
    }
}

#[test]
fn a_mistake_is_named_with_its_place() {
    let cases = [
        ("\n[[step]]\nday = 0\n", "10.toml:2: a step says one thing"),
        ("[[step]]\ncreate = \"person\"\n", "10.toml:1: a step has either day or ago"),
        ("[[step]]\nday = 0\ncreate = \"person\"\nnmae = \"x\"\n", "10.toml:4: unknown field `nmae`"),
        (
            "[[step]]\nday = 0\ncreate = \"person\"\ncolumns = [\"name\"]\nrows = [[\"a\", \"b\"]]\n",
            "10.toml:1: a row has",
        ),
        ("[[step]\n", "10.toml:1: "),
    ];
    for (steps, wanted) in cases {
        let found = refused(steps);
        assert!(found.starts_with(wanted), "{found} should begin with {wanted}");
    }
}

#[test]
fn rows_lie_evenly_between_two_days_and_never_on_a_weekend() {
    let steps = "[[step]]\nday = -12\nuntil_day = 0\nat = \"10:00\"\ncreate = \"device\"\ncolumns = [\"as\"]\nrows = [[\"a\"], [\"b\"], [\"c\"], [\"d\"]]\n";
    let plan = Plan::read([("00.toml", HEAD), ("10.toml", steps)]).expect("a plan");
    let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
    // A Monday.
    let present: Timestamp = "2026-11-30T09:00:00Z".parse().expect("an instant");
    let schedule = schedule(&plan, jiff::civil::date(2026, 11, 30), &zone, present).expect("a schedule");
    let days: Vec<String> = schedule.iter().map(|s| s.at.to_zoned_datetime(zone.clone()).date().to_string()).collect();
    assert_eq!(days, ["2026-11-18", "2026-11-20", "2026-11-26", "2026-11-30"]);
}
