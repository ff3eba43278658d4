//! What happened, in words: the kinds of events that this program writes.

use kitei_rules::pack::model::Text;

/// The words for a kind of event; nothing for one that is not known here.
#[must_use]
pub(crate) fn kind_words(kind: &str) -> Option<Text> {
    let (_, ja, en) = KINDS.iter().find(|(known, ..)| *known == kind)?;
    Some(Text { ja: (*ja).to_owned(), en: (*en).to_owned() })
}

/// Kinds, Japanese, English.
const KINDS: &[(&str, &str, &str)] = &[
    ("record.opened", "記録を開いた", "Record opened"),
    ("record.fields-set", "項目を記入した", "Fields set"),
    ("line.added", "明細を加えた", "Line added"),
    ("line.fields-set", "明細を記入した", "Line changed"),
    ("act.done", "手続を行った", "Act done"),
    ("act.skipped", "該当なしとした", "Act not applicable"),
    ("act.returned", "差し戻した", "Act sent back"),
    ("act.approved", "承認した", "Act approved"),
    ("record.closed", "完了した", "Record closed"),
    ("record.disposed", "廃棄した", "Record disposed of"),
    ("record.erased", "個人に関する値を消去した", "Personal values erased"),
    ("attachment.added", "ファイルを添付した", "File attached"),
    ("reading.refused", "閲覧を断った", "Reading refused"),
    ("attempt.refused", "操作を断った", "Attempt refused"),
    ("rulebook.adopted", "規程を採用した", "Rulebook adopted"),
    ("log.restored", "バックアップから復元した", "Restored from a backup"),
    ("keys.copied", "鍵の控えを作成した", "Key state copied"),
    ("evidence.witnesses-named", "チェックポイントの送付先を定めた", "Witnesses named"),
    ("evidence.bundle-taken", "監査人に渡す束を渡した", "Bundle taken"),
    ("sign-in.founded", "最初の管理者を作った", "First administrator made"),
    ("sign-in.invited", "アカウントに招待した", "Invited to an account"),
    ("sign-in.link-issued", "パスワードを決めるリンクを作った", "Link to set a password made"),
    ("sign-in.password-set", "リンクでパスワードを決めた", "Password set through a link"),
    ("sign-in.password-changed", "パスワードを変えた", "Password changed"),
    ("sign-in.signed-in", "サインインした", "Signed in"),
    ("sign-in.signed-out", "サインアウトした", "Signed out"),
    ("sign-in.locked-out", "失敗が続き締め出した", "Locked out after failures"),
    ("sign-in.lockout-lifted", "締め出しを解いた", "Lock-out lifted"),
    ("sign-in.second-factor-set", "二要素目を決めた", "Second factor set"),
    ("sign-in.second-factor-removed", "二要素目を外した", "Second factor removed"),
    ("sign-in.recovery-code-used", "回復コードを使った", "Recovery code used"),
    ("sign-in.sessions-ended", "サインインを終わらせた", "Sessions ended"),
    ("sign-in.suspended", "アカウントを止めた", "Account locked"),
    ("sign-in.restored", "アカウントを使えるようにした", "Account unlocked"),
    ("sign-in.kind-changed", "アカウントの種類を変えた", "Kind of account changed"),
    ("sign-in.break-glass-sealed", "非常用コードを封じた", "Break-glass code sealed"),
    ("sign-in.break-glass-used", "非常用コードを使った", "Break-glass code used"),
];
