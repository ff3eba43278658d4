//! Mail that was given up, and mail that waits.

use jiff::SignedDuration;
use kitei_store::db::{Db, StoreError};
use kitei_store::organizations::Organization;
use kitei_store::outbox;

use super::report::{Check, Report};
use crate::environment::now;
use crate::exit::store_words;
use crate::language::say;

/// What was given up within this time is told.
const LOOKED_BACK: SignedDuration = SignedDuration::from_hours(24 * 7);
/// Mail that has waited longer does not flow.
const WAITED: SignedDuration = SignedDuration::from_hours(1);

/// Looks into the outbox of every organisation. `sent`: mail is sent at all.
pub(super) async fn examine(db: &Db, sent: bool, list: &[Organization], report: &mut Report) {
    match look(db, list).await {
        Ok((failed, _)) if failed > 0 => report.add(Check::wrong(
            "outbox",
            say(
                format!("この7日間に送れなかったメールが{failed}通ある。"),
                format!("{failed} mails could not be sent within the last 7 days."),
            ),
            say(
                "「設定 → メール」で理由を見て、直してから再送する。",
                "see why under Settings → Mail, mend it and send them again",
            ),
        )),
        Ok((_, stuck)) if stuck > 0 && sent => report.add(Check::wrong(
            "outbox",
            say(
                format!("1時間より長く待っているメールが{stuck}通ある。"),
                format!("{stuck} mails have waited for more than an hour."),
            ),
            say(
                "kitei serve が動いているか、kitei doctor --mail でメールサーバーに届くかを確かめる。",
                "check that `kitei serve` runs and, with `kitei doctor --mail`, that the mail server answers",
            ),
        )),
        Ok(_) => report.add(Check::sound("outbox", say("滞っているメールはない。", "no mail is stuck"))),
        Err(error) => {
            let mend = say("kitei serve を一度始める。", "start `kitei serve` once");
            report.add(Check::note("outbox", store_words(&error), mend));
        }
    }
}

/// Mails given up lately, and mails that have waited long.
async fn look(db: &Db, list: &[Organization]) -> Result<(i64, i64), StoreError> {
    let now = now();
    let mut reader = db.reader().await?;
    let (mut failed, mut stuck) = (0, 0);
    for organization in list {
        let standing = outbox::standing(&mut reader, organization.org, (now - LOOKED_BACK).into()).await?;
        failed += standing.failed;
        if standing.oldest.is_some_and(|oldest| oldest.timestamp() + WAITED < now) {
            stuck += standing.waiting;
        }
    }
    Ok((failed, stuck))
}
