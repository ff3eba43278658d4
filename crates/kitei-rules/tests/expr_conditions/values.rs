//! What conditions say: tables of (condition, facts, answer).

use kitei_rules::expr::{MomentKind, Scope};

use crate::fixture::{World, shown};

/// Condition, facts, expected value.
type Row = (&'static str, &'static str, &'static str);

fn check_in(scope: &Scope, rows: &[Row]) {
    let failures: Vec<String> = rows
        .iter()
        .filter_map(|(source, facts, expected)| {
            let outcome = World::new(facts).ask(source, scope);
            let found = shown(&outcome.value);
            (found != *expected).then(|| format!("{source}   [{facts}]: {found}, not {expected}"))
        })
        .collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

fn check(rows: &[Row]) {
    check_in(&Scope::record("incident"), rows);
}

#[test]
fn kleene_tables() {
    let mut rows = Vec::new();
    for (left, right, and, or) in [
        ("yes", "yes", "yes", "yes"),
        ("yes", "no", "no", "yes"),
        ("yes", "?", "unknown", "yes"),
        ("no", "yes", "no", "yes"),
        ("no", "no", "no", "no"),
        ("no", "?", "no", "unknown"),
        ("?", "yes", "unknown", "yes"),
        ("?", "no", "no", "unknown"),
        ("?", "?", "unknown", "unknown"),
    ] {
        let facts: &'static str = format!("outside={left};personal={right}").leak();
        rows.push(("outside && personal", facts, and));
        rows.push(("outside || personal", facts, or));
    }
    check(&rows);
    check(&[
        ("!outside", "outside=yes", "no"),
        ("!outside", "outside=no", "yes"),
        ("!outside", "outside=?", "unknown"),
        ("!outside", "", "unknown"),
        ("!!outside", "outside=yes", "yes"),
        ("outside && personal", "outside=no", "no"),
        ("outside || personal", "personal=yes", "yes"),
        ("outside ? 1 : 2", "outside=yes", "1"),
        ("outside ? 1 : 2", "outside=no", "2"),
        ("outside ? 1 : 2", "", "unknown"),
        ("outside ? 2 : 2", "", "2"),
        ("outside ? kind : \"loss\"", "kind=loss", "loss"),
        ("true", "", "yes"),
        ("false || false", "", "no"),
    ]);
}

#[test]
fn comparisons() {
    check(&[
        ("kind == \"leak\"", "kind=leak", "yes"),
        ("kind == \"leak\"", "kind=loss", "no"),
        ("kind == \"leak\"", "kind=?", "unknown"),
        ("kind == \"leak\"", "", "unknown"),
        ("kind != \"leak\"", "kind=loss", "yes"),
        ("\"leak\" == kind", "kind=leak", "yes"),
        ("kind == second_kind", "kind=leak;second_kind=leak", "yes"),
        ("kind == (outside ? \"leak\" : \"loss\")", "kind=loss;outside=no", "yes"),
        ("outside == true", "outside=yes", "yes"),
        ("outside == false", "outside=?", "unknown"),
        ("outside != personal", "outside=yes;personal=no", "yes"),
        ("records > 5", "records=6", "yes"),
        ("records > 5", "records=5", "no"),
        ("records >= 5", "records=5", "yes"),
        ("records < 5", "records=4", "yes"),
        ("records <= 5", "records=5", "yes"),
        ("records == 5", "", "unknown"),
        ("amount != 0", "amount=300", "yes"),
        ("5 < records", "records=6", "yes"),
        ("records == -3", "records=-3", "yes"),
        ("title == \"紛失\"", "title=紛失", "yes"),
        ("title != \"紛失\"", "title=漏えい", "yes"),
        ("title == note", "title=a", "unknown"),
        ("found_on == \"2025-04-01\"", "found_on=2025-04-01", "yes"),
        ("found_on < due_on", "found_on=2025-04-01;due_on=2025-04-02", "yes"),
        ("found_on >= date(\"2025-04-02\")", "found_on=2025-04-01", "no"),
        ("noticed_at < \"2025-04-01T10:00:00+09:00\"", "noticed_at=2025-04-01T09:59", "yes"),
        ("month_of == \"2025-04\"", "month_of=2025-04", "yes"),
        ("month_of < \"2025-04\"", "month_of=2025-03", "yes"),
        ("owner == department.head", "owner=@tanaka;department=@hr", "yes"),
        ("owner == department.head", "owner=@sato;department=@hr", "no"),
        ("owner == department.head", "owner=@sato;department=@sales", "unknown"),
        ("kept == \"P1Y\"", "kept=P12M", "yes"),
        ("kept > \"P11M\"", "kept=P1Y", "yes"),
        ("kept > days(30)", "kept=P1M", "unknown"),
        ("kept > days(27)", "kept=P1M", "yes"),
        ("kept < days(32)", "kept=P1M", "yes"),
    ]);
}

#[test]
fn counts_are_ranges() {
    check(&[
        ("persons > 1000", "persons=1001", "yes"),
        ("persons > 1000", "persons=900..2000", "unknown"),
        ("persons > 1000", "persons=1001..", "yes"),
        ("persons > 1000", "persons=10..20", "no"),
        ("persons > 1000", "persons=10..", "unknown"),
        ("persons > 1000", "persons=?", "unknown"),
        ("persons <= 1000", "persons=1000..1001", "unknown"),
        ("persons <= 1000", "persons=0..1000", "yes"),
        ("persons == 5", "persons=5", "yes"),
        ("persons == 5", "persons=1..4", "no"),
        ("persons == 5", "persons=1..9", "unknown"),
        ("persons != 5", "persons=6..", "yes"),
        ("1000 < persons", "persons=1001", "yes"),
        ("most(persons) > 1000", "persons=900..2000", "yes"),
        ("most(persons) > 1000", "persons=900..", "unknown"),
        ("least(persons)", "persons=900..2000", "900"),
        ("approximate(persons)", "persons=9", "no"),
        ("approximate(persons)", "", "unknown"),
        ("persons + 5", "persons=1..2", "6..7"),
        ("persons + persons", "persons=1..", "2.."),
        ("persons * 2", "persons=4", "8"),
        ("persons * 2", "persons=4..5", "unknown"),
        ("persons > param(\"limit.persons\")", "persons=1200", "yes"),
    ]);
}

#[test]
fn lists_and_membership() {
    check(&[
        ("kind in [\"leak\", \"loss\"]", "kind=loss", "yes"),
        ("kind in [\"leak\", \"loss\"]", "kind=virus", "no"),
        ("kind in [\"leak\", \"loss\"]", "", "unknown"),
        ("kind in []", "", "no"),
        ("\"leakage\" in kinds", "kinds=leakage,loss", "yes"),
        ("\"leakage\" in kinds", "kinds=loss", "no"),
        ("\"leakage\" in kinds", "kinds=", "no"),
        ("\"leakage\" in kinds", "", "unknown"),
        ("\"leakage\" in kinds", "kinds=?,loss", "unknown"),
        ("\"leakage\" in kinds", "kinds=?,leakage", "yes"),
        ("kinds == [\"loss\", \"leakage\"]", "kinds=leakage,loss", "yes"),
        ("kinds == [\"loss\"]", "kinds=leakage,loss", "no"),
        ("kinds != [\"loss\"]", "", "unknown"),
        ("kinds == []", "kinds=", "yes"),
        ("records in [1, 2, 3]", "records=2", "yes"),
        ("owner in reviewers", "owner=@sato;reviewers=@tanaka,@sato", "yes"),
        ("owner in reviewers", "owner=@sato;reviewers=@tanaka", "no"),
        ("found_on in [\"2025-04-01\"]", "found_on=2025-04-01", "yes"),
        ("count(kinds)", "kinds=loss,damage", "2"),
        ("count(kinds) > 1", "", "unknown"),
        ("records in [1, amount]", "records=1", "yes"),
        ("records in [2, amount]", "records=1", "unknown"),
    ]);
}

#[test]
fn knowing_and_emptiness() {
    check(&[
        ("known(title)", "title=a", "yes"),
        ("known(title)", "", "no"),
        ("known(outside)", "outside=?", "no"),
        ("empty(outside)", "outside=?", "no"),
        ("empty(title)", "", "yes"),
        ("empty(kinds)", "kinds=", "yes"),
        ("known(kinds)", "kinds=", "yes"),
        ("empty(principals)", "", "yes"),
        ("empty(principals)", "principals+shares=1", "no"),
        ("empty(agreement)", "agreement=@city", "no"),
        ("empty(agreement.night_phone)", "", "yes"),
        ("empty(agreement.night_phone)", "agreement=@city", "no"),
        ("known(agreement.strict)", "agreement=@gone", "no"),
        ("known(level)", "level=3", "yes"),
        ("known(level)", "", "no"),
        ("known(done_at(\"decide\"))", "", "no"),
    ]);
}

#[test]
fn linked_records() {
    check(&[
        ("agreement.strict", "agreement=@city", "yes"),
        ("agreement.strict", "", "empty"),
        ("agreement.strict", "agreement=?", "unknown"),
        ("agreement.strict", "agreement=@gone", "unknown"),
        ("agreement.manager.department.name", "agreement=@city", "営業部"),
        ("organization.pmark", "", "yes"),
        ("organization.staff > 50", "", "yes"),
        ("record.records == records", "records=1", "yes"),
        ("agreement.active", "agreement=@city;active=yes", "yes"),
        ("count(agreement.contacts)", "agreement=@city", "1"),
        ("count(agreement.contacts)", "", "unknown"),
        ("any(agreement.contacts, starts_with(phone, \"03\"))", "agreement=@city", "yes"),
        ("(outside ? owner : department.head).department.name", "outside=no;department=@hr", "人事部"),
        ("level == 3", "level=3", "yes"),
        ("limit", "found_on=2025-04-01", "2025-05-01"),
    ]);
}

#[test]
fn sets() {
    let two = "principals+accepted=yes,shares=3;principals+accepted=no,shares=5";
    let unsure = "principals+accepted=yes;principals+accepted=?";
    check(&[
        ("any(principals, accepted == false)", two, "yes"),
        ("any(principals, accepted == false)", unsure, "unknown"),
        ("any(principals, accepted)", unsure, "yes"),
        ("any(principals, accepted)", "", "no"),
        ("all(principals, accepted)", two, "no"),
        ("all(principals, accepted)", unsure, "unknown"),
        ("all(principals, accepted)", "", "yes"),
        ("count(principals)", two, "2"),
        ("count(principals, accepted)", two, "1..1"),
        ("count(principals, accepted)", unsure, "1..2"),
        ("count(principals, accepted) > 0", unsure, "yes"),
        ("count(principals, accepted) > 1", unsure, "unknown"),
        ("count(principals, accepted) > 2", unsure, "no"),
        ("min(principals, shares)", two, "3"),
        ("max(principals, shares)", two, "5"),
        ("max(principals, shares)", "principals+shares=1;principals+shares=?", "unknown"),
        ("max(principals, shares)", "", "empty"),
        ("sum(principals, shares)", two, "8"),
        ("sum(principals, shares)", "", "0"),
        ("sum(principals, affected)", "principals+affected=1..2;principals+affected=3", "4..5"),
        ("sum(principals, affected) > 3", "principals+affected=1..2;principals+affected=3", "yes"),
        ("any(principals, shares > record.records)", "records=4;principals+shares=5", "yes"),
        ("any(principals, empty(notified_on))", two, "yes"),
        ("any(principals, known(accepted))", "principals+accepted=yes,erased", "no"),
        ("any(entries, special_care)", "entries=@staff-list", "no"),
        ("any(entries, special_care)", "entries=@customers", "unknown"),
        ("any(entries, special_care)", "", "unknown"),
        ("all(entries, known(purpose))", "entries=@customers,@staff-list", "yes"),
        ("sum(entries, size)", "entries=@customers,@staff-list", "960"),
        ("count(entries, department == record.department)", "department=@hr;entries=@customers", "1..1"),
        ("any(reviewers, department.name == \"人事部\")", "reviewers=@sato,@tanaka", "yes"),
        ("count(every(\"contractor\"))", "", "1"),
        ("any(every(\"contractor\"), active && checked_on + months(11) < today())", "", "yes"),
        ("any(every(\"department\"), any(linking(\"personal-ledger\", \"department\"), size > 500))", "", "yes"),
        ("count(every(\"department\"), count(linking(\"personal-ledger\", \"department\")) > 0)", "", "1..2"),
        ("min(every(\"contractor\"), checked_on)", "", "2024-05-01"),
    ]);
}

#[test]
fn deeds() {
    let done = "do decide done 2025-04-02T10:00 result=notify agreement=city approved=top-management";
    check(&[
        ("done(\"decide\")", done, "yes"),
        ("done(\"decide\")", "", "no"),
        ("done(\"decide\")", "do decide submitted 2025-04-02T10:00", "no"),
        ("submitted(\"decide\")", "do decide submitted 2025-04-02T10:00", "yes"),
        ("submitted(\"decide\")", done, "yes"),
        ("submitted(\"decide\")", "do decide returned 2025-04-02T10:00", "no"),
        ("skipped(\"decide\")", "do decide skipped 2025-04-02T10:00", "yes"),
        ("skipped(\"decide\")", "do decide skipped 2025-04-02T10:00;do decide done 2025-04-03T10:00", "no"),
        ("done_on(\"decide\")", done, "2025-04-02"),
        ("done_at(\"decide\")", done, "2025-04-02T01:00:00Z"),
        ("done_at(\"decide\")", "", "empty"),
        (
            "done_at(\"decide\")",
            "do decide done 2025-04-02T10:00;do decide again 2025-04-05T10:00",
            "2025-04-05T01:00:00Z",
        ),
        ("approved_by(\"decide\", \"top-management\")", done, "yes"),
        ("approved_by(\"decide\", \"privacy-manager\")", done, "no"),
        ("deed(\"decide\", \"result\") == \"notify\"", done, "yes"),
        ("deed(\"decide\", \"result\") == \"notify\"", "", "unknown"),
        ("deed(\"decide\", \"agreement\").strict", done, "yes"),
        ("deed(\"report\", \"pages\") > 2", "do report done 2025-04-02T10:00 pages=3", "yes"),
        (
            "done_at(\"decide\") > noticed_at + hours(24)",
            "noticed_at=2025-04-01T09:00;do decide done 2025-04-02T10:00",
            "yes",
        ),
    ]);
}

#[test]
fn time() {
    check(&[
        ("today()", "", "2025-04-10"),
        ("now()", "", "2025-04-10T03:00:00Z"),
        ("date(now())", "", "2025-04-10"),
        ("date(noticed_at)", "noticed_at=2025-04-01T23:30", "2025-04-01"),
        ("year(found_on)", "found_on=2024-02-29", "2024"),
        ("month(today())", "", "4"),
        ("year(month_of)", "month_of=2025-12", "2025"),
        ("month(noticed_at)", "noticed_at=2025-01-01T00:30", "1"),
        ("found_on + days(30)", "found_on=2025-01-31", "2025-03-02"),
        ("found_on + months(1)", "found_on=2025-01-31", "2025-02-28"),
        ("found_on - months(1)", "found_on=2025-03-31", "2025-02-28"),
        ("months(1) + found_on", "found_on=2025-01-31", "2025-02-28"),
        ("found_on + kept", "found_on=2025-01-31;kept=P1Y", "2026-01-31"),
        ("found_on + \"P1Y\"", "found_on=2024-02-29", "2025-02-28"),
        ("noticed_at + hours(1)", "noticed_at=2025-04-01T23:30", "2025-04-01T15:30:00Z"),
        ("noticed_at + months(1)", "noticed_at=2025-01-31T10:00", "2025-02-28T01:00:00Z"),
        ("noticed_at + minutes(90) - hours(1)", "noticed_at=2025-04-01T10:00", "2025-04-01T01:30:00Z"),
        ("today() - found_on", "found_on=2025-04-01", "9"),
        ("days(3) + hours(2)", "", "P3DT2H"),
        ("found_on + days(9999999)", "found_on=2025-04-01", "unknown"),
        ("found_on + months(999999999)", "found_on=2025-04-01", "unknown"),
        ("noticed_at + hours(9223372036854775807)", "noticed_at=2025-04-01T10:00", "unknown"),
        ("opened_on()", "", "2025-04-01"),
        ("opened_at() < now()", "", "yes"),
        ("closed_on()", "", "empty"),
        ("closed_on()", "closed=2025-04-09T10:00", "2025-04-09"),
        ("is_open()", "", "yes"),
        ("is_open()", "closed=2025-04-09T10:00", "no"),
        ("found_on + months(12) < today()", "found_on=2024-04-09", "yes"),
        ("found_on + months(12) < today()", "found_on=2024-04-10", "no"),
        ("noticed_at + param(\"tell-client.within\") < now()", "noticed_at=2025-04-10T10:59", "yes"),
        ("noticed_at + param(\"tell-client.within\") < now()", "noticed_at=2025-04-10T11:00", "no"),
    ]);
}

#[test]
fn history() {
    let moved = "was kind=loss@2025-04-01T09:00;kind=leak@2025-04-03T10:00";
    let correction = "was kind=leak@2025-04-03T10:00;was kind=loss@2025-04-04T10:00;kind=leak@2025-04-05T10:00";
    check(&[
        ("changed_at(\"kind\")", moved, "2025-04-03T01:00:00Z"),
        ("changed_at(\"kind\")", "kind=leak", "empty"),
        ("changed_at(\"kind\")", "", "empty"),
        (
            "changed_at(\"kind\") > done_at(\"decide\")",
            "kind=leak@2025-04-03T10:00;do decide done 2025-04-02T10:00",
            "yes",
        ),
        ("changed_at(\"kind\") > done_at(\"decide\")", "kind=leak;do decide done 2025-04-02T10:00", "unknown"),
        ("since(kind == \"leak\")", moved, "2025-04-03T01:00:00Z"),
        ("since(kind == \"leak\")", correction, "2025-04-05T01:00:00Z"),
        ("since(kind != \"loss\")", correction, "2025-04-05T01:00:00Z"),
        ("since(kind == \"leak\")", "kind=leak", "2025-04-01T00:00:00Z"),
        ("since(kind == \"leak\")", "kind=loss", "unknown"),
        ("since(kind == \"leak\")", "", "unknown"),
        ("since(kind == \"leak\") + hours(1) < now()", moved, "yes"),
        ("since(done(\"decide\"))", "do decide done 2025-04-02T10:00", "2025-04-02T01:00:00Z"),
        (
            "since(kind == \"leak\" && personal)",
            "kind=leak@2025-04-02T10:00;personal=yes@2025-04-04T10:00",
            "2025-04-04T01:00:00Z",
        ),
        (
            "since(limit > \"2025-04-20\")",
            "was found_on=2025-03-01@2025-04-01T09:00;found_on=2025-04-01@2025-04-06T10:00",
            "2025-04-06T01:00:00Z",
        ),
        ("since(!is_open())", "closed=2025-04-09T10:00", "2025-04-09T01:00:00Z"),
    ]);
}

#[test]
fn roles_and_parameters() {
    check(&[
        ("vacant(\"privacy-manager\")", "", "no"),
        ("vacant(\"privacy-manager\")", "now=2025-05-01T00:00", "yes"),
        ("vacant(\"audit-manager\")", "", "yes"),
        ("vacant(\"audit-manager\")", "now=2025-05-01T00:00", "no"),
        ("holds(owner, \"privacy-manager\")", "owner=@tanaka", "yes"),
        ("holds(owner, \"privacy-manager\")", "owner=@sato", "no"),
        ("holds(owner, \"privacy-manager\")", "", "unknown"),
        ("deputised(\"privacy-manager\")", "", "yes"),
        ("deputised(\"top-management\")", "", "no"),
        ("deputised(\"audit-manager\")", "", "no"),
        ("absent(\"top-management\")", "", "yes"),
        ("absent(\"privacy-manager\")", "", "no"),
        ("absent(\"record-keeper\")", "", "no"),
        ("any(every(\"department\"), vacant(\"department-head\"))", "", "yes"),
        ("all(every(\"department\"), vacant(\"department-head\"))", "", "no"),
        ("param(\"limit.persons\")", "", "1000"),
        ("param(\"mode\") == \"hard\"", "", "yes"),
        ("param(\"unset\") > 3", "", "unknown"),
        ("rule(\"double\", records)", "records=4", "8"),
        ("rule(\"double\", records) > 3", "", "unknown"),
    ]);
}

#[test]
fn texts_and_numbers() {
    check(&[
        ("contains(title, \"紛失\")", "title=USBの紛失", "yes"),
        ("contains(title, \"漏えい\")", "title=USBの紛失", "no"),
        ("contains(title, \"x\")", "", "unknown"),
        ("starts_with(title, \"USB\")", "title=USBの紛失", "yes"),
        ("ends_with(title, \"紛失\")", "title=USBの紛失", "yes"),
        ("length(title)", "title=漏えい", "3"),
        ("length(title) > 2", "", "unknown"),
        ("title + \"様\"", "title=山田", "山田様"),
        ("records * 3 + 1", "records=4", "13"),
        ("records / 0", "records=4", "unknown"),
        ("records % 3", "records=4", "1"),
        ("-records", "records=4", "-4"),
        ("9223372036854775807 + records", "records=1", "unknown"),
        ("records + amount > 3", "records=4", "unknown"),
    ]);
}

#[test]
fn gates() {
    let gate = Scope::record("incident").at(MomentKind::Change);
    check_in(
        &gate,
        &[
            ("acting(\"privacy-manager\")", "", "yes"),
            ("acting(\"top-management\")", "", "no"),
            ("actor_is(owner)", "owner=@tanaka", "yes"),
            ("actor_is(owner)", "owner=@sato", "no"),
            ("actor_is(owner)", "", "unknown"),
            ("actor_is(reviewers)", "reviewers=@sato,@tanaka", "yes"),
            ("actor() == owner", "owner=@tanaka", "yes"),
            ("actor().department.name", "", "人事部"),
            ("setting(\"kind\")", "kind=leak", "no"),
            ("setting(\"kind\")", "kind=leak;set kind=loss", "yes"),
            ("kind", "kind=leak;set kind=loss", "loss"),
            ("before(\"kind\")", "kind=leak;set kind=loss", "leak"),
            ("before(\"kind\")", "set kind=loss", "empty"),
            ("before(\"kind\") != kind", "kind=leak;set kind=loss", "yes"),
            ("owner.department.name", "owner=@sato;set department=@hr", "営業部"),
            ("before(\"agreement\").strict", "agreement=@city;set agreement=@gone", "yes"),
            ("limit", "found_on=2025-04-01;set found_on=2025-05-01", "2025-05-31"),
        ],
    );
}

#[test]
fn lines() {
    let line = Scope::line("incident", "principals").at(MomentKind::Change);
    let facts = "records=7;principals+accepted=no,shares=1;principals+here,accepted=yes,shares=5";
    check_in(
        &line,
        &[
            ("accepted", facts, "yes"),
            ("shares < record.records", facts, "yes"),
            ("count(record.principals)", facts, "2"),
            ("done(\"decide\")", facts, "no"),
            ("setting(\"shares\")", "principals+here,shares=5;set shares=6", "yes"),
            ("before(\"shares\") < shares", "principals+here,shares=5;set shares=6", "yes"),
            ("known(notified_on)", facts, "no"),
            ("record.department.head == record.owner", "owner=@tanaka;department=@hr;principals+here", "yes"),
        ],
    );
}
