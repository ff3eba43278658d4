//! What a careful reader of the facts would add.
//!
//! Invariant: a note changes no verdict.

use super::super::facts::{Act, Acts, Answer, Entrusted, Operator, Situation, Stated};
use crate::law::Wording;

/// The notes that a situation calls for.
pub(in super::super) fn notes(present: &Situation) -> Vec<Wording> {
    let acts = if let Stated::Is(acts) = present.acts { acts } else { Acts::default() };
    let possible = |answer: Answer| answer != Answer::No;
    let notes = [
        (
            acts.has(Act::Damage) && !acts.has(Act::Leak) && possible(present.improper_purpose),
            Wording::fixed(
                "ランサムウェアなどでは、持ち出しがなかったとログで示されるまで「漏えいのおそれ」がある。act に leak も加える。控えより新しい部分と改ざんは、写しがあっても毀損になる。",
                "With ransomware and the like a leak remains possible until logs show that nothing was taken: add leak to act. What is newer than the copy, and tampering, stay damage.",
            ),
        ),
        (
            acts.has(Act::Loss) && possible(present.recovered_unviewed),
            Wording::fixed(
                "回収は漏えいだけを打ち消す。なくしたものがそのまま見つかったのなら、滅失の事実を取り消す。",
                "Recovery only undoes a leak. If what was lost was found intact, withdraw the loss.",
            ),
        ),
        (
            possible(present.encrypted),
            Wording::fixed(
                "暗号化で報告が不要になるのは、第三者に読めない技術水準であることに加え、①鍵の分離と保護、②遠隔での消去、③第三者が鍵を使えない設計のいずれかを示せるときに限る。",
                "Encryption exempts only if the state of the art keeps third parties from reading, and one of these is shown: the key is kept apart and safe, remote erasure, or a design in which third parties cannot use the key.",
            ),
        ),
        (
            present.entrusted == Entrusted::WeEntrust,
            Wording::fixed(
                "委託先が知っただけでは自社の1日目にならない。自社のどの部署かが知った日、遅くとも委託先から通知された日が1日目。",
                "The contractor's knowing is not ours: day 1 is when any of our departments knew, at the latest when the contractor told us.",
            ),
        ),
        (
            present.entrusted == Entrusted::EntrustedToUs,
            Wording::fixed(
                "委託元が行政機関等（市町村など）なら、委託元の報告は100人超から。自社の数え方は変わらない。契約の時間（直ちに、60分など）は法律とは別に守る。",
                "If the client is a public body, its own report starts above 100 principals; ours does not change. Contract times (at once, 60 minutes) stand beside the law.",
            ),
        ),
        (
            present.operator == Operator::Municipality,
            Wording::fixed(
                "条例要配慮個人情報を定めた条例がある団体では、規則43条5号も確かめる。",
                "Where an ordinance defines special care-required information of its own, check item 5 of article 43 too.",
            ),
        ),
        (
            possible(present.data.individual_number) && present.data.special_care == Answer::No,
            Wording::fixed(
                "給与・年末調整の書類には障害者控除などの要配慮個人情報が含まれることがある。含まれれば個人情報保護法の1号に当たる。",
                "Payroll and tax papers may hold special care-required information such as disability deductions, which is item 1 of the APPI.",
            ),
        ),
    ];
    notes.into_iter().filter(|(applies, _)| *applies).map(|(_, note)| note).collect()
}
