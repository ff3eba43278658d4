//! Gallery: tasks, the incident room, steps, timeline.

use maud::{Markup, html};

use super::super::basis::Basis;
use super::super::button::{self, Submit, Weight};
use super::super::facts::{self, Fact, Value};
use super::super::folded::{self, Folded};
use super::super::steps::{self, State, Step};
use super::super::task::{self, Due, Nearness, Task};
use super::super::timeline::{self, Entry, Kind};
use super::super::{Lang, Link};
use super::{all, part, say};

const HOUR: i64 = 3600;

pub(super) fn parts(lang: Lang) -> Markup {
    html! {
        (part(say(lang, "やること", "Tasks"), &tasks(lang)))
        (part(say(lang, "事故対応室", "Incident room"), &room(lang)))
        (part(say(lang, "経過", "Timeline"), &history(lang)))
    }
}

fn article(lang: Lang) -> [Basis<'static>; 2] {
    [
        Basis {
            reference: say(lang, "法第26条第1項", "Act, Art. 26(1)"),
            title: say(lang, "委員会への報告", "Report to the Commission"),
            source: say(lang, "個人情報保護法", "Act on the Protection of Personal Information"),
            href: Some("/rulebook/law-jp/26-1"),
        },
        Basis {
            reference: say(lang, "第12条", "Article 12"),
            title: say(lang, "緊急事態への準備", "Preparing for emergencies"),
            source: say(lang, "個人情報保護規程", "Privacy regulations"),
            href: None,
        },
    ]
}

const fn due(text: &'static str, instant: &'static str, left: Option<i64>) -> Option<Due<'static>> {
    Some(Due { text, instant, left })
}

const fn leak(lang: Lang) -> &'static str {
    say(lang, "INC-2026-003 名簿メールの誤送信", "INC-2026-003 List mailed to the wrong address")
}

fn tasks(lang: Lang) -> Markup {
    html! {
        (task::group(say(lang, "期限超過と今日", "Overdue and today"), 2, &urgent(lang), &html! {}))
        (task::group(say(lang, "それ以外", "Everything else"), 4, &later(lang), &task::rest(lang, 1, &later(lang))))
    }
}

fn urgent(lang: Lang) -> Markup {
    let basis = article(lang);
    all([
        task::card(
            lang,
            &Task {
                title: say(
                    lang,
                    "発送代行会社の再評価を終える",
                    "Finish the yearly evaluation of the mailing contractor",
                ),
                href: "/tasks/1",
                about: say(lang, "PTY-2026-011 あおば発送", "PTY-2026-011 Aoba Mailing"),
                nearness: Nearness::Overdue,
                due: due(
                    say(lang, "2026年11月23日（月）24:00", "Mon 23 Nov 2026, 24:00 JST"),
                    "2026-11-23T15:00:00Z",
                    Some(-26 * HOUR),
                ),
                who: say(lang, "総務部長", "Head of general affairs"),
                basis: &basis[1..],
                ..Task::default()
            },
        ),
        task::card(
            lang,
            &Task {
                title: say(lang, "委託元へ第一報を入れる", "Give the client the first report"),
                href: "/tasks/2",
                about: leak(lang),
                nearness: Nearness::Today,
                due: due(
                    say(lang, "2026年11月24日（火）18:40", "Tue 24 Nov 2026, 18:40 JST"),
                    "2026-11-24T09:40:00Z",
                    Some(3 * HOUR + 600),
                ),
                who: say(lang, "個人情報保護管理者（佐藤）", "Privacy manager (Sato)"),
                reason: say(
                    lang,
                    "委託された名簿が含まれるため、知ってから60分以内に知らせます。",
                    "An entrusted list is involved: the client is told within 60 minutes of knowing.",
                ),
                basis: &basis,
                ..Task::default()
            },
        ),
    ])
}

fn later(lang: Lang) -> Markup {
    let basis = article(lang);
    all([
        task::card(
            lang,
            &Task {
                title: say(lang, "個人情報保護委員会へ速報を出す", "Send the preliminary report to the Commission"),
                href: "/tasks/3",
                about: leak(lang),
                nearness: Nearness::ThisWeek,
                due: due(
                    say(lang, "2026年11月27日（金）24:00", "Fri 27 Nov 2026, 24:00 JST"),
                    "2026-11-27T15:00:00Z",
                    Some(75 * HOUR),
                ),
                who: say(lang, "個人情報保護管理者（佐藤）", "Privacy manager (Sato)"),
                waiting: Some(say(lang, "委託元の回答（期限は進みます）", "the client's answer (the clock runs on)")),
                basis: &basis[..1],
                ..Task::default()
            },
        ),
        task::card(
            lang,
            &Task {
                title: say(lang, "情報資産管理台帳を見直す", "Review the information-asset ledger"),
                href: "/tasks/4",
                nearness: Nearness::Later,
                due: due(
                    say(lang, "2027年7月31日（土）24:00", "Sat 31 Jul 2027, 24:00 JST"),
                    "2027-07-31T15:00:00Z",
                    None,
                ),
                who: say(lang, "各部門責任者", "Department heads"),
                ..Task::default()
            },
        ),
        task::card(
            lang,
            &Task {
                title: say(lang, "入退室記録の保管場所を決める", "Decide where entry records are kept"),
                href: "/tasks/5",
                ..Task::default()
            },
        ),
        task::card(
            lang,
            &Task {
                title: say(lang, "緊急連絡網を配る", "Hand out the emergency call list"),
                href: "/tasks/6",
                nearness: Nearness::Done,
                ..Task::default()
            },
        ),
    ])
}

fn room(lang: Lang) -> Markup {
    facts::room(lang, &known(lang), &procedure(lang))
}

fn known(lang: Lang) -> Markup {
    let basis = article(lang);
    let fact = |label, value, known_at, changed| Fact {
        label,
        value,
        known_at,
        changed,
        change: Some("/incidents/3/facts"),
        basis: &[],
    };
    let nine = say(lang, "11月24日 9:12", "24 Nov, 09:12");
    let ten = say(lang, "11月24日 10:40", "24 Nov, 10:40");
    facts::list(
        lang,
        &[
            fact(
                say(lang, "何が起きたか", "What happened"),
                Value::Known(say(lang, "漏えい（メールの誤送信）", "Leakage (mail sent to a wrong address)")),
                nine,
                false,
            ),
            Fact {
                basis: &basis[..1],
                ..fact(
                    say(lang, "最初に気付いた時刻", "First noticed"),
                    Value::Known(say(lang, "2026年11月24日（令和8年）9:05", "24 Nov 2026 (Reiwa 8), 09:05")),
                    nine,
                    false,
                )
            },
            fact(
                say(lang, "本人の数", "Number of principals"),
                Value::Known(say(lang, "1,200人（最大）", "1,200 (at most)")),
                ten,
                true,
            ),
            Fact {
                basis: &basis,
                ..fact(
                    say(lang, "要配慮個人情報を含むか", "Special care-required information"),
                    Value::Unknown,
                    "",
                    false,
                )
            },
            Fact {
                change: None,
                ..fact(
                    say(lang, "委託元", "Client"),
                    Value::Known(say(lang, "みなと市 保健課", "Minato City, Health Section")),
                    nine,
                    false,
                )
            },
        ],
    )
}

fn procedure(lang: Lang) -> Markup {
    let stage = |heading, steps: &Markup, open| {
        let content = steps::list(heading, steps);
        folded::part(&Folded { heading, count: 3, note: "", open, content })
    };
    all([
        stage(say(lang, "いま行う手順", "Steps to do now"), &steps_until_now(lang), true),
        stage(say(lang, "期限がこの先の手順", "Steps due later"), &steps_to_come(lang), false),
    ])
}

fn steps_until_now(lang: Lang) -> Markup {
    let basis = article(lang);
    let manager = say(lang, "個人情報保護管理者", "Privacy manager");
    let actions = html! {
        form method="post" action="/gallery" {
            (button::submit(lang, &Submit { label: say(lang, "知らせたと記録する", "Record that the client was told"), ..Submit::default() }))
        }
        (button::link(Link { label: say(lang, "第一報の用紙（PDF）", "First report (PDF)"), href: "/papers/first.pdf" }, Weight::Secondary))
    };
    all([
        steps::step(
            lang,
            &Step {
                title: say(lang, "送信先に削除を頼む", "Ask the receiver to delete it"),
                state: State::Done,
                who: say(lang, "営業部 鈴木", "Suzuki, Sales"),
                note: say(lang, "9:30に電話。未開封のまま削除と回答。", "Called at 09:30; deleted unopened, they say."),
                ..Step::default()
            },
        ),
        steps::step(
            lang,
            &Step {
                title: say(lang, "上席者へ知らせる", "Tell the superior"),
                state: State::Late,
                who: say(lang, "気付いた人", "Whoever noticed"),
                due: due(say(lang, "11月24日 9:35", "24 Nov, 09:35"), "2026-11-24T00:35:00Z", Some(-25 * 60)),
                basis: &basis[1..],
                ..Step::default()
            },
        ),
        steps::step(
            lang,
            &Step {
                title: say(lang, "委託元へ第一報を入れる", "Give the client the first report"),
                state: State::Now,
                who: manager,
                due: due(say(lang, "11月24日 18:40", "24 Nov, 18:40"), "2026-11-24T09:40:00Z", Some(3 * HOUR + 600)),
                basis: &basis,
                actions,
                ..Step::default()
            },
        ),
    ])
}

fn steps_to_come(lang: Lang) -> Markup {
    let basis = article(lang);
    let manager = say(lang, "個人情報保護管理者", "Privacy manager");
    all([
        steps::step(
            lang,
            &Step {
                title: say(lang, "委員会へ速報を出す", "Send the preliminary report"),
                state: State::Waiting,
                who: manager,
                due: due(say(lang, "11月27日 24:00", "27 Nov, 24:00"), "2026-11-27T15:00:00Z", Some(75 * HOUR)),
                note: say(
                    lang,
                    "委託元の回答を待っています。期限は進みます。",
                    "Waiting for the client's answer. The clock runs on.",
                ),
                basis: &basis[..1],
                ..Step::default()
            },
        ),
        steps::step(
            lang,
            &Step {
                title: say(lang, "委員会へ確報を出す", "Send the final report"),
                state: State::Open,
                who: manager,
                due: due(say(lang, "12月24日 24:00", "24 Dec, 24:00"), "2026-12-24T15:00:00Z", Some(29 * 24 * HOUR)),
                basis: &basis[..1],
                ..Step::default()
            },
        ),
        steps::step(
            lang,
            &Step {
                title: say(lang, "警察へ届け出る", "Report to the police"),
                state: State::NotApplicable,
                note: say(lang, "盗難ではないため。", "Nothing was stolen."),
                ..Step::default()
            },
        ),
    ])
}

fn history(lang: Lang) -> Markup {
    timeline::list(say(lang, "経過", "Timeline"), &all([newest(lang), oldest(lang)]))
}

fn newest(lang: Lang) -> Markup {
    let sato = say(lang, "佐藤 花子", "Hanako Sato");
    all([
        timeline::entry(
            lang,
            &Entry {
                at: say(lang, "11月24日 10:40", "24 Nov, 10:40"),
                instant: "2026-11-24T01:40:00Z",
                who: sato,
                kind: Kind::Fact,
                title: say(
                    lang,
                    "本人の数を「分からない」から「最大1,200人」に変えた",
                    "Number of principals changed from unknown to at most 1,200",
                ),
                evidence: Some("/evidence/120"),
                ..Entry::default()
            },
        ),
        timeline::entry(
            lang,
            &Entry {
                at: say(lang, "11月24日 10:40", "24 Nov, 10:40"),
                instant: "2026-11-24T01:40:00Z",
                kind: Kind::Consequence,
                title: say(
                    lang,
                    "報告対象になった：1,000人を超える漏えい",
                    "Became reportable: a leakage of more than 1,000 persons",
                ),
                detail: html! { p { (say(lang, "確報の期限が12月24日に決まりました。", "The final report is due on 24 December.")) } },
                ..Entry::default()
            },
        ),
    ])
}

fn oldest(lang: Lang) -> Markup {
    let suzuki = say(lang, "鈴木 一郎", "Ichiro Suzuki");
    all([
        timeline::entry(
            lang,
            &Entry {
                at: say(lang, "11月24日 9:30", "24 Nov, 09:30"),
                instant: "2026-11-24T00:30:00Z",
                recorded: Some(say(lang, "11月24日 10:02", "24 Nov, 10:02")),
                who: suzuki,
                kind: Kind::Act,
                title: say(lang, "送信先に電話し、削除を頼んだ", "Called the receiver and asked for deletion"),
                evidence: Some("/evidence/118"),
                ..Entry::default()
            },
        ),
        timeline::entry(
            lang,
            &Entry {
                at: say(lang, "11月24日 9:12", "24 Nov, 09:12"),
                instant: "2026-11-24T00:12:00Z",
                who: suzuki,
                kind: Kind::Paper,
                title: say(lang, "事故報告書（第1版）を印刷した", "Printed the incident report, first edition"),
                evidence: Some("/evidence/117"),
                ..Entry::default()
            },
        ),
    ])
}
