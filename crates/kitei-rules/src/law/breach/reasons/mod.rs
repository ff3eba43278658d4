//! The sentences of a triage: each with its article, in Japanese and English.
//!
//! Invariant: a reason repeats a finding, it never makes one.

mod absent;
mod notes;

pub(super) use notes::notes;

use super::{
    facts::{Answer, Operator, Situation, Stage, Stated},
    few::Few,
    judge::{Finding, Relief},
    pmark::Ground,
    situations::{Item, Statute},
    verdict::{Condition, PrincipalNotice, Reason},
};
use crate::law::{
    Wording,
    book::{LawBook, Rule},
    deadline::FinalLimit,
};

/// The items of a report that the notice to principals holds (APPI Rules article 10, Rules No. 5 of 2015 article 5).
const NOTICE_ITEMS: [u8; 5] = [1, 2, 4, 5, 9];

const MY_NUMBER_RULES: &str = "平成27年特定個人情報保護委員会規則第5号";

fn fixed(article: &str, ja: &'static str, en: &'static str) -> Reason {
    Reason { article: article.to_owned(), text: Wording::fixed(ja, en) }
}

fn composed(article: &str, ja: String, en: String) -> Reason {
    Reason { article: article.to_owned(), text: Wording::composed(ja, en) }
}

/// The reasons of a verdict under one of the Acts.
pub(super) fn of(finding: &Finding<'_>) -> Vec<Reason> {
    if finding.possible.is_empty() {
        let mut reasons = absent::reasons(finding);
        reasons.extend(withdrawn(finding));
        return reasons;
    }
    let mut reasons: Vec<Reason> = finding.possible.iter().map(|item| standing(finding, item)).collect();
    reasons.extend(withdrawn(finding));
    reasons.extend(relief(finding));
    if finding.relief != Relief::ClientTold {
        reasons.extend(preliminary(finding));
        reasons.extend(final_report(finding));
    }
    reasons
}

/// Why an item stands, and since when.
fn standing(finding: &Finding<'_>, item: Item) -> Reason {
    let article = item_article(finding, item);
    let text = match finding.statute {
        Statute::Appi => appi_item(finding, item),
        Statute::MyNumber => my_number_item(finding, item),
    };
    let (mut ja, mut en) = (text.ja.into_owned(), text.en.into_owned());
    if let Some(day) = finding.day_ones.get(&item) {
        ja.push_str(&format!("知った日は{}。", day.date()));
        en.push_str(&format!(" Known on {}.", day.date()));
    }
    if !finding.certain.contains(item) {
        ja.push_str("まだ分からない事実があるので、そうでないと示されるまで該当として扱う。");
        en.push_str(" Some facts are not known yet; it counts until the opposite is shown.");
    }
    composed(&article, ja, en)
}

fn item_article(finding: &Finding<'_>, item: Item) -> String {
    let number = item.number();
    match (finding.statute, finding.present.operator) {
        (Statute::Appi, Operator::Business) => format!("個人情報保護法施行規則7条{number}号"),
        (Statute::Appi, Operator::Municipality) => format!("個人情報保護法施行規則43条{number}号"),
        (Statute::MyNumber, _) => format!("{MY_NUMBER_RULES}2条{number}号{}", item.letter().unwrap_or_default()),
    }
}

fn threshold(finding: &Finding<'_>) -> u64 {
    let (_, rule) = finding.statute.rules(finding.present.operator);
    let row = finding.book.at(rule, finding.present.known_on.date());
    row.and_then(|row| row.value.persons_over()).unwrap_or_default()
}

fn appi_item(finding: &Finding<'_>, item: Item) -> Wording {
    let over = threshold(finding);
    match item.number() {
        1 => Wording::fixed(
            "要配慮個人情報が含まれる（本人1人から）。",
            "Special care-required personal information is among the data (from one principal).",
        ),
        2 => Wording::fixed(
            "不正に利用されると財産的被害が生じるおそれがある（本人1人から）。",
            "Wrongful use could cause financial damage (from one principal).",
        ),
        3 if matches!(finding.present.stage, Stated::Is(Stage::Planned)) => Wording::fixed(
            "不正の目的で行われたおそれがある。個人データとして取り扱う予定の個人情報も、2024年4月1日以後の出来事なら含まれる。",
            "An improper purpose is possible; personal information planned to become personal data counts for events since 2024-04-01.",
        ),
        3 => Wording::fixed(
            "不正の目的で行われたおそれがある（従業者によるものを含む。本人1人から）。",
            "An improper purpose is possible, of outsiders or staff (from one principal).",
        ),
        _ => Wording::composed(
            format!("本人の数が{over}人を超える（分からないときは最大の人数による）。"),
            format!("More than {over} principals are concerned (if unknown, the largest possible number counts)."),
        ),
    }
}

fn my_number_item(finding: &Finding<'_>, item: Item) -> Wording {
    let over = threshold(finding);
    match (item.number(), item.letter()) {
        (1, Some("イ")) => Wording::fixed(
            "情報提供ネットワークシステム又は接続された電子計算機に記録された特定個人情報である（1人から）。",
            "The data were recorded in the information provision network system or a computer connected to it.",
        ),
        (1, Some("ロ")) => Wording::fixed(
            "個人番号利用事務の情報システムで管理された特定個人情報である（1人から）。",
            "The data were kept in a system for affairs that use Individual Numbers.",
        ),
        (1, _) => Wording::fixed(
            "行政機関・地方公共団体等又はその受託者の、個人番号関係事務の情報システムで管理された特定個人情報である（1人から）。",
            "The data were kept in a public body's, or its contractor's, system for affairs related to Individual Numbers.",
        ),
        (2, Some("イ")) => Wording::fixed(
            "不正の目的で漏えい等が行われたおそれがある（従業者によるものを含む。1人から）。",
            "The leak, loss or damage was possibly caused with an improper purpose (from one principal).",
        ),
        (2, Some("ロ")) => Wording::fixed(
            "不正の目的で利用されたおそれがある（従業者によるものを含む。1人から）。",
            "The data were possibly used with an improper purpose (from one principal).",
        ),
        (2, _) => Wording::fixed(
            "不正の目的で提供されたおそれがある（従業者によるものを含む。1人から）。",
            "The data were possibly provided with an improper purpose (from one principal).",
        ),
        (4, Some("ロ")) => over_persons(over, "法9条に反して利用された", "used against article 9"),
        (4, Some("ハ")) => over_persons(over, "法19条に反して提供された", "provided against article 19"),
        (4, _) => over_persons(over, "漏えい等した", "leaked, lost or damaged"),
        _ => Wording::fixed(
            "ファイルに記録された特定個人情報が、電磁的方法で不特定多数に閲覧され、又は閲覧されるおそれがある。",
            "Data in a file were, or may be, seen by unspecified many by electronic means.",
        ),
    }
}

fn over_persons(over: u64, ja: &str, en: &str) -> Wording {
    Wording::composed(
        format!("{ja}特定個人情報の本人が{over}人を超える（分からないときは最大の人数による）。"),
        format!("The data of more than {over} principals were {en} (if unknown, the largest possible number counts)."),
    )
}

/// Items that earlier facts made stand and the present facts do not.
fn withdrawn(finding: &Finding<'_>) -> Vec<Reason> {
    let reason = |item: Item| {
        composed(
            &item_article(finding, item),
            "以前の事実では該当したが、今の事実では該当しない。根拠を記録に残し、報告済みなら委員会に伝える。".to_owned(),
            "It stood on earlier facts and no longer stands. Keep the evidence; tell the Commission if it was reported.".to_owned(),
        )
    };
    finding.withdrawn.iter().map(reason).collect()
}

fn relief(finding: &Finding<'_>) -> Option<Reason> {
    let article = match finding.statute {
        Statute::Appi => "個人情報保護法26条1項ただし書・施行規則9条".to_owned(),
        Statute::MyNumber => format!("番号法29条の4第1項ただし書・{MY_NUMBER_RULES}4条"),
    };
    match finding.relief {
        Relief::NotEntrusted => None,
        Relief::ClientTold => Some(fixed(
            &article,
            "委託元に速やかに通知したので、委員会への報告と本人への通知は委託元の役割になる。委託元に協力する。",
            "The client was told promptly, so the report and the notice to principals pass to the client; cooperate with it.",
        )),
        Relief::ClientNotTold => Some(fixed(
            &article,
            "委託元と自社の両方に報告義務がある。把握している事項を速やかに（3～5日）委託元に通知すれば、自社の報告は要らない。",
            "Client and contractor both owe the report; telling the client promptly (3 to 5 days) what is known relieves the contractor.",
        )),
        Relief::ClientToldLate => Some(fixed(
            &article,
            "委託元への通知が5日目を過ぎており「速やかに」といえないおそれがあるので、免除を前提にしない。委員会に確かめる。",
            "The client was told after the fifth day, which may not be prompt; relief is not assumed. Ask the Commission.",
        )),
    }
}

fn preliminary(finding: &Finding<'_>) -> Option<Reason> {
    let window = finding.window.as_ref()?;
    let article = match (finding.statute, finding.present.operator) {
        (Statute::Appi, Operator::Business) => "個人情報保護法施行規則8条1項".to_owned(),
        (Statute::Appi, Operator::Municipality) => "個人情報保護法施行規則44条1項".to_owned(),
        (Statute::MyNumber, _) => format!("{MY_NUMBER_RULES}3条1項"),
    };
    let (target, limit) = (window.target, window.limit);
    Some(composed(
        &article,
        format!("速報は速やかに（概ね3～5日）。目安は{target}、遅くとも{limit}。土日・祝日も数え、繰り延べない。"),
        format!(
            "The preliminary report is due promptly (about 3 to 5 days): {target}, at the latest {limit}; weekends count."
        ),
    ))
}

fn final_report(finding: &Finding<'_>) -> Vec<Reason> {
    let Some(limit) = &finding.final_report else { return Vec::new() };
    let article = match (finding.statute, finding.present.operator) {
        (Statute::Appi, Operator::Business) => "個人情報保護法施行規則8条2項".to_owned(),
        (Statute::Appi, Operator::Municipality) => "個人情報保護法施行規則44条2項".to_owned(),
        (Statute::MyNumber, _) => format!("{MY_NUMBER_RULES}3条2項"),
    };
    let improper = finding.statute.improper_item();
    let improper_stands = finding.possible.iter().any(|item| item.number() == improper);
    let longer = finding.statute.final_days(finding.book, limit.known, true) == Some(limit.days);
    let mut reasons = Vec::new();
    if improper_stands && longer {
        reasons.push(composed(
            &article,
            format!("{improper}号に当たるので、他の号とともに当たるときも確報は{}日以内。", limit.days.count()),
            format!(
                "Item {improper} stands, also together with others, so the final report has {} days.",
                limit.days.count()
            ),
        ));
    } else if improper_stands {
        reasons.push(composed(
            &article,
            format!("{improper}号は確かでないので、確かになるまで{}日の期限を守る。", limit.days.count()),
            format!(
                "Item {improper} is not established; until it is, the limit of {} days stands.",
                limit.days.count()
            ),
        ));
    }
    reasons.push(counted(&article, limit));
    reasons
}

fn counted(article: &str, limit: &FinalLimit) -> Reason {
    let (known, days, raw, last) = (limit.known.date(), limit.days.count(), limit.raw, limit.limit);
    if limit.skipped.is_empty() {
        return composed(
            article,
            format!("確報は、知った日{known}を1日目として{days}日目の{last}まで。"),
            format!("The final report is due on {last}, day {days} with {known} as day 1."),
        );
    }
    composed(
        &format!("{article}・行政機関の休日に関する法律2条"),
        format!("知った日{known}を1日目として{days}日目の{raw}は行政機関の休日なので、確報は翌開庁日の{last}まで。"),
        format!(
            "Day {days} with {known} as day 1 is {raw}, a closed day; the final report is due on the next open day, {last}."
        ),
    )
}

/// The notice to principals, wherever a report is owed.
pub(super) fn principal_notice(statute: Statute, operator: Operator) -> PrincipalNotice {
    let article = match (statute, operator) {
        (Statute::Appi, Operator::Business) => "個人情報保護法26条2項・施行規則10条".to_owned(),
        (Statute::Appi, Operator::Municipality) => "個人情報保護法68条2項".to_owned(),
        (Statute::MyNumber, _) => format!("番号法29条の4第2項・{MY_NUMBER_RULES}5条"),
    };
    let reason = fixed(
        &article,
        "本人に、事態の状況に応じて速やかに、1・2・4・5・9号の事項を通知する。難しいときは公表などの代わりの措置をとる。",
        "Notify the principals promptly as the case allows, with items 1, 2, 4, 5 and 9; where difficult, substitute measures.",
    );
    PrincipalNotice { items: NOTICE_ITEMS, reason }
}

/// The reasons of the P-mark's verdict.
pub(super) fn of_pmark(
    book: &LawBook,
    present: &Situation,
    grounds: Few<Ground>,
    limit: Option<&FinalLimit>,
) -> Vec<Reason> {
    let article = "PMK500 12条";
    let Some(limit) = limit else {
        let in_force = book.at(Rule::PmarkReport, present.known_on.date()).is_some();
        let reason = if in_force {
            fixed(
                article,
                "Pマークの事故等に当たる種類がない（Pマークを持たない組織を含む）。",
                "There is no accident in the sense of the P-mark (or the organisation holds none).",
            )
        } else {
            fixed(
                article,
                "この規定は2022年4月1日から。それより前の規定は計算しない。",
                "These rules hold since 2022-04-01; earlier ones are not computed.",
            )
        };
        return vec![reason];
    };
    let mut reasons = vec![fixed(
        article,
        "Pマークの適用範囲の事故等は、1人から、暗号化・回収・写しの有無にかかわらず審査機関に報告する。",
        "Every accident in the scope of the P-mark is reported to the assessment body, from one person, encrypted or recovered or not.",
    )];
    if grounds.iter().any(|ground| ground.name().is_some()) {
        reasons.push(fixed(
            article,
            "速報の対象となる事由があるので、発覚日から概ね3～5日以内に速報する。",
            "A ground for a preliminary report stands: about 3 to 5 days from discovery.",
        ));
    }
    let (last, days) = (limit.limit, limit.days.count());
    reasons.push(composed(
        article,
        format!("確報は{days}日以内。数え方は公表されていないので、発覚日を1日目とし繰り延べない{last}を目安とする。"),
        format!("The final report has {days} days; the count is not published, so {last} (day 1 counts, nothing moves) is a safe reading."),
    ));
    reasons
}

/// The longer P-mark limit that an established improper purpose would give.
pub(super) fn pmark_condition(limit: Option<&FinalLimit>, longest: Option<FinalLimit>) -> Option<Condition> {
    let longest = longest?;
    (longest.days > limit?.days).then_some(Condition { field: "improper_purpose", final_report: longest })
}

fn said(answer: Answer) -> bool {
    answer == Answer::Yes
}
