//! Why no report is owed under an Act.
//!
//! Invariant: only called when no item stands in any world; every sentence names a fact that is settled.

use super::super::{
    facts::{Act, Acts, Answer, Operator, Stage, Stated},
    judge::Finding,
    situations::Statute,
    verdict::Reason,
};
use super::{MY_NUMBER_RULES, composed, fixed, said, threshold};
use crate::law::book::Rule;

/// The reasons, the nearest first.
pub(super) fn reasons(finding: &Finding<'_>) -> Vec<Reason> {
    let (duty, _) = finding.statute.rules(finding.present.operator);
    if finding.book.at(duty, finding.present.known_on.date()).is_none() {
        return vec![before_the_duty(finding.statute, duty)];
    }
    let present = finding.present;
    if finding.statute == Statute::MyNumber && present.data.individual_number == Answer::No {
        return vec![fixed(
            "番号法29条の4第1項",
            "個人番号が含まれないので、番号法の報告の対象ではない。",
            "No Individual Number is among the data, so the My Number Act asks for no report.",
        )];
    }
    let reasons = exemptions(finding);
    if reasons.is_empty() { vec![below_every_item(finding)] } else { reasons }
}

fn before_the_duty(statute: Statute, duty: Rule) -> Reason {
    match (statute, duty) {
        (Statute::Appi, Rule::AppiReportPublicBody) => fixed(
            "個人情報保護法68条",
            "地方公共団体の報告義務は2023年4月1日から。それより前は各団体の条例による。",
            "Local governments owe this report since 2023-04-01; before, their own ordinances applied.",
        ),
        (Statute::Appi, _) => fixed(
            "個人情報保護法26条",
            "報告義務は2022年4月1日から。それより前は告示による努力義務だった。",
            "The duty to report exists since 2022-04-01; before, a public notice asked for an effort.",
        ),
        (Statute::MyNumber, _) => fixed(
            "番号法29条の4",
            "今の報告義務は2022年4月1日から。それより前は平成27年の告示による（重大事態は第一報）。",
            "The duty in this form exists since 2022-04-01; before, the notice of 2015 applied.",
        ),
    }
}

/// Settled facts that switch the report off.
fn exemptions(finding: &Finding<'_>) -> Vec<Reason> {
    let (present, appi) = (finding.present, finding.statute == Statute::Appi);
    let mut reasons = Vec::new();
    if present.persons.most() == 0 {
        let article = if appi { "個人情報保護法26条1項" } else { "番号法29条の4第1項" };
        reasons.push(fixed(article, "本人がいない（0人）。", "No principal is concerned."));
    }
    if said(present.encrypted) {
        let article = if appi {
            "個人情報保護法施行規則7条1号括弧書".to_owned()
        } else {
            format!("{MY_NUMBER_RULES}2条1号括弧書")
        };
        reasons.push(fixed(
            &article,
            "高度な暗号化等の措置が講じられている（条件をすべて満たす）ので、報告も本人への通知も要らない。",
            "Advanced encryption or the like protects the data, all conditions being met: no report and no notice.",
        ));
    }
    if appi && said(present.pseudonymised) && present.operator == Operator::Business {
        reasons.push(fixed(
            "個人情報保護法41条9項",
            "仮名加工情報には26条が適用されない。",
            "Article 26 does not apply to pseudonymously processed information.",
        ));
    }
    reasons.extend(no_breach(finding));
    if appi && matches!(present.stage, Stated::Is(Stage::NotPlanned)) {
        reasons.push(fixed(
            "個人情報保護法26条1項",
            "個人データでなく、個人データとして取り扱う予定もない。",
            "The data are no personal data and are not planned to become any.",
        ));
    }
    if appi && matches!(present.stage, Stated::Is(Stage::Planned)) {
        reasons.push(fixed(
            "個人情報保護法施行規則7条3号",
            "個人データになる前の個人情報は、不正の目的による2024年4月1日以後の出来事に限り3号の対象となる。",
            "Before data become personal data, only item 3 reaches them: an improper purpose, in events since 2024-04-01.",
        ));
    }
    reasons
}

/// Settled facts by which what happened is no leak, loss or damage.
fn no_breach(finding: &Finding<'_>) -> Vec<Reason> {
    let (present, guideline) = (finding.present, "通則ガイドライン3-5-1");
    let acts = if let Stated::Is(acts) = present.acts { acts } else { Acts::default() };
    let mut reasons = Vec::new();
    if acts.has(Act::Leak) && said(present.recovered_unviewed) {
        reasons.push(fixed(
            guideline,
            "第三者に見られないうちにすべて回収したので、漏えいに当たらない。",
            "Everything came back before a third party saw it, so it is no leak.",
        ));
    }
    if gone(acts) && said(present.copy_exists) {
        reasons.push(fixed(
            guideline,
            "同じ内容のデータが他にあるので、滅失・毀損に当たらない（改ざんは別）。",
            "The same content is kept elsewhere, so it is neither loss nor damage (tampering apart).",
        ));
    }
    if finding.statute == Statute::Appi && !acts.is_empty() && !acts.has(Act::Leak) && !gone(acts) {
        reasons.push(fixed(
            "個人情報保護法26条1項",
            "利用・提供は漏えい等に当たらない（18条・27条などの問題になる）。",
            "Use and provision are no leak, loss or damage (other articles, such as 18 and 27, judge them).",
        ));
    }
    if acts.is_empty() && present.acts != Stated::Unknown {
        reasons.push(fixed(
            guideline,
            "漏えい・滅失・毀損、利用、提供のどれでもない（Pマークの事故等）。",
            "It is no leak, loss, damage, use or provision (an accident in the sense of the P-mark).",
        ));
    }
    reasons
}

fn gone(acts: Acts) -> bool {
    acts.has(Act::Loss) || acts.has(Act::Damage)
}

fn below_every_item(finding: &Finding<'_>) -> Reason {
    let over = threshold(finding);
    match finding.statute {
        Statute::Appi => {
            let article = match finding.present.operator {
                Operator::Business => "個人情報保護法施行規則7条",
                Operator::Municipality => "個人情報保護法施行規則43条",
            };
            composed(
                article,
                format!("どの号にも当たらない（{over}人ちょうどは「超える」に当たらない）。任意の報告はできる。"),
                format!("No item stands ({over} principals are not more than {over}); a voluntary report is open."),
            )
        }
        Statute::MyNumber => composed(
            &format!("{MY_NUMBER_RULES}2条"),
            format!("どの号にも当たらない（{over}人ちょうどは「超える」に当たらない）。委員会への報告に努める。"),
            format!("No item stands ({over} principals are not more than {over}); strive to report to the Commission."),
        ),
    }
}
