//! What the check says about mistakes: (condition, column, words that the message must hold).

use kitei_rules::expr::{MomentKind, Options, Scope, Type, compile, compile_any};

use crate::fixture::Book;

type Row = (&'static str, u32, &'static str);

fn check_in(scope: &Scope, rows: &[Row]) {
    let mut failures = Vec::new();
    for (source, column, words) in rows {
        match compile(source, scope, &Book, Type::Bool) {
            Ok(_) => failures.push(format!("{source}: accepted")),
            Err(errors) => {
                let all = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join(" / ");
                if !errors.iter().any(|error| error.at.column == *column && error.to_string().contains(words)) {
                    failures.push(format!("{source}\n    wanted column {column}: {words}\n    found {all}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

fn check(rows: &[Row]) {
    check_in(&Scope::record("incident"), rows);
}

#[test]
fn unknown_names_are_guessed() {
    check(&[
        ("kimd == \"leak\"", 1, "no field, fact or line list `kimd` in incident; did you mean `kind`?"),
        ("outside && persnal", 12, "did you mean `personal`?"),
        ("agreement.night_fone == \"\"", 11, "did you mean `night_phone`?"),
        ("agreement.nothing_like_it", 11, "no field, fact or line list `nothing_like_it` in agreement"),
        ("any(principals, accepeted)", 17, "did you mean `accepted`?"),
        ("any(principals, records > 1)", 17, "did you mean `record.records`?"),
        ("any(entries, owner == actor)", 14, "no field, fact or line list `owner` in personal-ledger"),
        ("today < found_on", 1, "did you mean `today()`?"),
        ("dun(\"decide\")", 1, "no function `dun`"),
        ("don(\"decide\")", 1, "did you mean `done`?"),
        ("done(\"decid\")", 6, "no act `decid`; did you mean `decide`?"),
        ("deed(\"decide\", \"reslt\") == \"wait\"", 16, "did you mean `result`?"),
        ("param(\"limit.person\") > 1", 7, "did you mean `limit.persons`?"),
        ("vacant(\"privacy-manger\")", 8, "did you mean `privacy-manager`?"),
        ("approved_by(\"decide\", \"boss\")", 23, "no role `boss`"),
        ("count(every(\"contractors\")) > 0", 13, "did you mean `contractor`?"),
        ("count(linking(\"personal-ledgr\", \"department\")) > 0", 15, "did you mean `personal-ledger`?"),
        ("count(linking(\"personal-ledger\", \"departmnt\")) > 0", 34, "did you mean `department`?"),
        ("rule(\"doubl\", 1) > 1", 6, "did you mean `double`?"),
        ("since(knd == \"leak\") < now()", 7, "did you mean `kind`?"),
        ("title == \"漏えい\" && kimd == \"leak\"", 19, "did you mean `kind`?"),
    ]);
}

#[test]
fn choices_are_checked() {
    check(&[
        ("kind == \"leek\"", 9, "`leek` is not a choice here; did you mean `leak`?; there are: leak, loss, virus"),
        ("kind != \"Leak\"", 9, "did you mean `leak`?"),
        ("\"theft\" == kind", 1, "there are: leak, loss, virus"),
        ("kind in [\"leak\", \"lost\"]", 18, "did you mean `loss`?"),
        ("\"leak\" in kinds", 1, "did you mean `leakage`?"),
        ("kinds == [\"lose\"]", 11, "did you mean `loss`?"),
        ("kind == (outside ? \"leak\" : \"los\")", 29, "did you mean `loss`?"),
        ("param(\"mode\") == \"herd\"", 18, "did you mean `hard`?"),
        ("deed(\"decide\", \"result\") == \"yes\"", 29, "there are: notify, wait"),
        ("kind == title", 6, "choice == text has no meaning"),
        ("kind == deed(\"decide\", \"result\")", 6, "no choice in common"),
        ("kind < \"leak\"", 6, "texts and choices have no order"),
    ]);
}

#[test]
fn types_are_checked() {
    check(&[
        ("records", 1, "the value must be yes or no, not number"),
        ("records && outside", 1, "a condition must be yes or no, not number"),
        ("!records", 2, "a condition must be yes or no, not number"),
        ("records == \"5\"", 9, "number == text has no meaning"),
        ("records == true", 9, "compare yes-no with true or false"),
        ("found_on < noticed_at", 10, "write date(…) around the time"),
        ("found_on + 3 < today()", 10, "write days(n), months(n) or hours(n)"),
        ("found_on + hours(3) < today()", 10, "a date has no hours"),
        ("found_on == \"2025-4-1\"", 13, "is not a date; write for instance 2026-04-01"),
        ("noticed_at < \"2025-04-01\"", 14, "is not a time"),
        ("month_of == \"2025-13\"", 13, "is not a year-month"),
        ("kept > \"1Y\"", 8, "is not a period; write for instance P1Y"),
        ("kept > 3", 6, "write days(n), months(n) or hours(n)"),
        ("owner == department", 7, "record of person == record of department has no meaning"),
        ("kinds == \"loss\"", 7, "write `\"choice\" in list`"),
        ("title in \"abc\"", 7, "write contains(text, \"…\")"),
        ("outside < personal", 9, "yes-no < yes-no has no meaning"),
        ("outside ? 1 : title", 15, "number ? : text has no meaning"),
        ("records in [1, outside]", 16, "number , yes-no has no meaning"),
        ("entries.purpose == \"\"", 9, "there are several records here; write any(list, purpose …)"),
        ("title.length == 3", 6, "what stands before the point must be a record, not text"),
        ("any(kinds, true)", 5, "a list of records or lines (for choices write `\"id\" in list`)"),
        ("any(kind, true)", 5, "the first argument of any must be a list, not choice"),
        ("max(principals, accepted) == true", 17, "the second argument must be a number, date, time or month"),
        ("max(principals, affected) > 3", 17, "write least(…) or most(…)"),
        ("sum(principals, notified_on) > 3", 17, "must be a number or a count, not date"),
        ("days(title) == kept", 6, "the argument of days must be a number, not text"),
        ("holds(department, \"privacy-manager\")", 7, "must be a record of person"),
        ("noticed_at - opened_at() > kept", 12, "compare instead: a + hours(n) < b"),
        ("rule(\"double\", title) > 1", 16, "the argument of rule must be a number, not text"),
        (
            "count(linking(\"personal-ledger\", \"department\")) > 0",
            34,
            "`personal-ledger.department` links to department, not to incident",
        ),
    ]);
}

#[test]
fn arguments_are_checked() {
    check(&[
        ("done()", 1, "`done` takes done(\"act\"), not 0 argument(s)"),
        ("done(\"decide\", 1)", 1, "not 2 argument(s)"),
        ("any(principals)", 1, "`any` takes any(list, condition), not 1 argument(s)"),
        ("outside && today(1) == found_on", 12, "`today` takes today(), not 1 argument(s)"),
        ("done(title)", 1, "must be written out in quotation marks"),
        ("rule(\"double\") > 1", 1, "`rule(\"double\")` takes (number), not 0 argument(s)"),
        ("rule() > 1", 1, "`rule` takes rule(\"name\", value, …)"),
    ]);
}

#[test]
fn places_are_checked() {
    check(&[
        ("acting(\"privacy-manager\")", 1, "belongs in gates and demands"),
        ("actor() == owner", 1, "belongs in gates and demands"),
        ("before(\"kind\") == kind", 1, "belongs in gates on change"),
        ("since(found_on < today()) < now()", 1, "since() replays the record's own history"),
        ("since(known(since(outside))) < now()", 13, "not inside another since()"),
    ]);
    check_in(
        &Scope::record("incident").at(MomentKind::Gate),
        &[("setting(\"kind\")", 1, "belongs in gates on change")],
    );
}

#[test]
fn other_dialects_are_told_what_to_write() {
    check(&[
        ("kind = \"leak\"", 6, "write `==`"),
        ("outside and personal", 9, "write `&&`"),
        ("outside or personal", 9, "write `||`"),
        ("not outside", 1, "write `!`"),
        ("outside & personal", 9, "write `&&`"),
        ("outside ＝＝ personal", 9, "full-width"),
        ("title == null", 10, "ask empty(x) or known(x)"),
        ("has(agreement.strict)", 1, "ask known(x)"),
        ("principals.exists(p, p.accepted)", 12, "write the function in front"),
        ("principals.all(p, p.accepted)", 12, "write the function in front"),
        ("kinds[0] == \"loss\"", 6, "an index"),
        ("records == 1.5", 12, "numbers are whole"),
        ("records == 3x", 12, "is not a whole number"),
        ("title == r\"x\"", 10, "the prefix `r`"),
        ("{\"a\": 1} == 2", 1, "`{` has no meaning here"),
        ("1 < records < 5", 13, "join two comparisons with `&&`"),
        ("size(kinds) > 1", 1, "write count(list) or length(text)"),
        ("漏えい == title", 1, "words belong in quotation marks"),
    ]);
}

#[test]
fn what_cannot_be_read() {
    check(&[
        ("", 1, "the condition is empty"),
        ("(outside", 1, "the bracket is not closed; `)` is missing"),
        ("outside)", 8, "`)` closes nothing"),
        ("title == \"abc", 10, "no closing quotation mark"),
        ("title == \"a\\qb\"", 12, "has no meaning in a text"),
        ("outside personal", 9, "does not belong here"),
        ("outside &&", 11, "something is missing at the end"),
        ("&& outside", 1, "does not belong here"),
        ("records ==", 11, "something is missing at the end"),
        ("outside ? 1", 1, "`? :` needs a value for yes and one for no"),
        ("done(\"decide\",)", 15, "does not belong here"),
        ("records == 99999999999999999999", 12, "invalid int literal"),
    ]);
}

#[test]
fn the_value_is_what_is_asked_for() {
    let wanted = Type::Choice(Options::new(["leak", "loss"]));
    for (source, want, expected) in [
        ("kind", wanted.clone(), Some("`virus` is not a choice here; there are: leak, loss")),
        ("outside ? \"leak\" : \"loss\"", wanted.clone(), None),
        ("\"virus\"", wanted.clone(), Some("`virus` is not a choice here")),
        ("kind", Type::Text, None),
        ("title", wanted, Some("the value must be one of the choices, not text")),
        ("\"2026-04-01\"", Type::Date, None),
        ("\"2026-4-1\"", Type::Date, Some("is not a date")),
        ("records", Type::Count, None),
        ("persons", Type::Int, None),
        ("[\"loss\"]", Type::choices(Options::new(["loss"])), None),
        ("[]", Type::list(Type::Record("person".into())), None),
        ("owner", Type::Record("department".into()), Some("must be a record of department, not record of person")),
        ("noticed_at", Type::Date, Some("the value must be a date, not time")),
    ] {
        let found = compile(source, &Scope::record("incident"), &Book, want.clone());
        match (found, expected) {
            (Ok(compiled), None) => assert_eq!(compiled.kind(), &want, "{source}"),
            (Err(errors), Some(words)) => assert!(errors[0].to_string().contains(words), "{source}: {}", errors[0]),
            (found, _) => panic!("{source}: {found:?}"),
        }
    }
}

#[test]
fn every_mistake_is_reported_at_once() {
    let errors = compile_any(
        "kimd == \"leak\" && done(\"decid\") || persnal\n  && 3 > title",
        &Scope::record("incident"),
        &Book,
    )
    .expect_err("four mistakes");
    let places: Vec<_> = errors.iter().map(|error| (error.at.line, error.at.column)).collect();
    assert_eq!(places, [(1, 1), (1, 24), (1, 36), (2, 8)]);
}
