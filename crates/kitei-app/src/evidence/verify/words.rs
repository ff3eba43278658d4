//! The words of a verification, in both languages.

use kitei_evidence::{
    bundle::{BundleReport, Problem},
    verify::Finding,
};
use kitei_rules::pack::model::Text;

use super::report::{LogReport, Trouble};

fn both(ja: String, en: String) -> Text {
    Text { ja, en }
}

/// What a finding of the log says.
#[must_use]
pub fn finding_words(finding: &Finding) -> Text {
    let ja = match finding {
        Finding::EventAltered { seq } => {
            format!("出来事{seq}は書き換えられています（内容が記録されたハッシュと一致しません）。")
        }
        Finding::NotAnEvent { seq } => format!("出来事{seq}は出来事の形をしていません。"),
        Finding::OtherOrganisation { seq } => format!("出来事{seq}は別の組織のものです。"),
        Finding::OtherSeq { seq, inside } => format!("出来事{seq}の中には番号{inside}と書かれています。"),
        Finding::Missing { from, to } => format!("出来事{from}から{}までがありません。", to.saturating_sub(1)),
        Finding::OutOfOrder { seq, expected } => {
            format!("出来事{expected}があるべき所に出来事{seq}があります（重複または順序違い）。")
        }
        Finding::Span { from, to } => {
            format!("出来事{from}から{}までの間に、署名された内容と異なるものがあります。", to.saturating_sub(1))
        }
        Finding::NotTheContinuation { from, to } => {
            format!("この記録は以前のチェックポイント（{to}件）の続きではありません。一致するのは{from}件までです。")
        }
        Finding::Truncated { events, signed } => {
            format!("{signed}件まで署名されていますが、{events}件しかありません。")
        }
        Finding::Extra { from, to } => {
            format!("出来事{from}から{}までは、どのチェックポイントにも含まれていません。", to.saturating_sub(1))
        }
        Finding::Checkpoint { position, .. } => {
            format!("{}番目のチェックポイントの形式または署名が正しくありません。", position + 1)
        }
        Finding::OtherOrigin { size, .. } => format!("{size}件のチェックポイントは別の記録のものです。"),
        Finding::SplitView { size } => format!("{size}件の時点について、署名された内容が二通りあります。"),
    };
    both(ja, format!("{finding}."))
}

pub(super) fn problem(problem: &Problem) -> Text {
    let ja = match problem {
        Problem::Log { finding } => return finding_words(finding),
        Problem::OtherKey => "束の検証鍵が、渡された検証鍵と異なります。".to_owned(),
        Problem::Key { .. } => "束の検証鍵を読めません。".to_owned(),
        Problem::NoCheckpoint => "出来事を照合できる署名済みのチェックポイントがありません。".to_owned(),
        Problem::Checkpoint { file, .. } => format!("{file}：チェックポイントの形式または署名が正しくありません。"),
        Problem::NotProven { seq, .. } => format!("出来事{seq}が記録に含まれることを証明できません。"),
        Problem::ProofLine { file, line } => format!("{file}の{line}行目は証明ではありません。"),
        Problem::Count { file } => format!("{file}の出来事の数が目録と一致しません。"),
        Problem::Pairs { events, proofs } => {
            format!("出来事のファイル{events}個に対し証明のファイルが{proofs}個です。")
        }
        Problem::Unreadable { file } => format!("{file}を読めません。"),
        Problem::FileAltered { file } => format!("{file}は書き換えられています。"),
        Problem::NotRecorded { file, event } => format!("{file}は出来事{event}に記録されていません。"),
    };
    both(ja, format!("{problem}."))
}

pub(super) fn trouble(trouble: &Trouble) -> Text {
    match trouble {
        Trouble::Head { stored, events } => both(
            format!("記録の末尾の控え（{stored}件）が出来事（{events}件）と一致しません。"),
            format!("The stored head ({stored} events) is not that of the events ({events})."),
        ),
        Trouble::CheckpointColumns { size } => both(
            format!("{size}件のチェックポイントの控えが、署名された文と一致しません。"),
            format!("The columns of the checkpoint of {size} events are not what its signed text says."),
        ),
        Trouble::Keys { problem } => both(
            "鍵ファイルを読めません。回復キットから戻してください。".to_owned(),
            format!("The key file cannot be read: {problem}."),
        ),
        Trouble::OtherKey => both(
            "鍵ファイルの署名鍵が、渡された検証鍵と異なります。".to_owned(),
            "The key file signs with another key than the verifier key given.".to_owned(),
        ),
        Trouble::KeyNotDestroyed { event, leaf } => both(
            format!("出来事{event}で消去した値の鍵（{leaf}）がまだ残っています。サービスを起動し直すと破棄されます。"),
            format!(
                "The key (leaf {leaf}) of what event {event} erased still exists; starting the service destroys it."
            ),
        ),
        Trouble::ImportRows { event, import } => both(
            format!("取り込み{import}の行が、出来事{event}に記録されたものと一致しません。"),
            format!("The rows of import {import} are not those that event {event} reports."),
        ),
        Trouble::AttachmentMissing { attachment, .. } => both(
            format!("添付ファイル{attachment}の中身がありません。バックアップから戻してください。"),
            format!("The bytes of attachment {attachment} are missing; restore them from a backup."),
        ),
        Trouble::AttachmentDamaged { attachment, .. } => both(
            format!("添付ファイル{attachment}の中身が壊れています。バックアップから戻してください。"),
            format!("The bytes of attachment {attachment} are damaged; restore them from a backup."),
        ),
        Trouble::NoSuchLog { origin } => both(
            format!("渡されたチェックポイント又は検証鍵（{origin}）にあたる記録がありません。"),
            format!("The checkpoint or verifier key that was given ({origin}) is of none of the logs here."),
        ),
        Trouble::NotTheContinuation { size } => both(
            format!("この束の記録は、以前のチェックポイント（{size}件）の続きではありません。"),
            format!("The log of this bundle does not continue the older checkpoint of {size} events."),
        ),
        Trouble::CannotCompare { size } => both(
            format!(
                "この束は一部の出来事だけなので、以前のチェックポイント（{size}件）の続きかどうかは、記録のすべての束で確かめてください。"
            ),
            format!(
                "A bundle of chosen events cannot show that it continues the older checkpoint of {size} events; use a bundle of everything."
            ),
        ),
        Trouble::Rows { said, found } => both(
            format!("バックアップの行数（{found}）が末尾の記載（{said}）と一致しません。"),
            format!("The backup has {found} rows though its end says {said}."),
        ),
    }
}

pub(super) fn of_log(report: &LogReport) -> Text {
    let (name, log) = (&report.name, &report.log);
    both(
        format!(
            "{name}：出来事{}件、署名済み{}件、チェックポイント{}個を照合しました。",
            log.events, log.signed_until, log.checkpoints_held
        ),
        format!(
            "{name}: {} events, {} of them signed, {} checkpoints compared.",
            log.events, log.signed_until, log.checkpoints_held
        ),
    )
}

pub(super) fn of_bundle(report: &BundleReport) -> Text {
    let trusted = if report.key_is_trusted {
        ("", "")
    } else {
        (
            "検証鍵は束の中のものです。別の経路で得た鍵と照らし合わせてください。",
            " The verifier key is the bundle's own word; compare it with one from elsewhere.",
        )
    };
    both(
        format!("出来事{}件を、署名された{}件の記録と照合しました。{}", report.events, report.signed, trusted.0),
        format!("{} events compared with the signed log of {}.{}", report.events, report.signed, trusted.1),
    )
}

pub(super) fn verdict(ok: bool) -> Text {
    if ok {
        both("異常はありません。".to_owned(), "Nothing is wrong.".to_owned())
    } else {
        both("異常があります。".to_owned(), "Something is wrong.".to_owned())
    }
}
