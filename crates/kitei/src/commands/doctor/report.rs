//! What the examination found, in the order of the examination.

use kitei_rules::pack::model::Text;
use serde_json::{Value, json};

use crate::language::Language;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// As it should be.
    Sound,
    /// It works; somebody should know.
    Note,
    /// It does not work.
    Wrong,
}

impl State {
    fn word(self, language: Language) -> &'static str {
        match self {
            // A kanji is as wide as two letters.
            Self::Sound => language.pick("OK  ", "OK   "),
            Self::Note => language.pick("注意", "note "),
            Self::Wrong => language.pick("誤り", "WRONG"),
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Sound => "ok",
            Self::Note => "note",
            Self::Wrong => "wrong",
        }
    }
}

/// One thing looked at.
#[derive(Debug)]
pub(super) struct Check {
    subject: &'static str,
    state: State,
    says: Text,
    mend: Option<Text>,
}

impl Check {
    /// As it should be.
    pub(super) fn sound(subject: &'static str, says: Text) -> Self {
        Self { subject, state: State::Sound, says, mend: None }
    }

    /// It works; somebody should know, and can do this.
    pub(super) fn note(subject: &'static str, says: Text, mend: Text) -> Self {
        Self { subject, state: State::Note, says, mend: Some(mend) }
    }

    /// It does not work, and this mends it.
    pub(super) fn wrong(subject: &'static str, says: Text, mend: Text) -> Self {
        Self { subject, state: State::Wrong, says, mend: Some(mend) }
    }
}

/// Every check.
#[derive(Debug, Default)]
pub(super) struct Report(Vec<Check>);

impl Report {
    /// Adds a check.
    pub(super) fn add(&mut self, check: Check) {
        self.0.push(check);
    }

    /// Whether nothing is wrong.
    pub(super) fn is_sound(&self) -> bool {
        self.0.iter().all(|check| check.state != State::Wrong)
    }

    /// For machines.
    pub(super) fn to_json(&self) -> Value {
        let checks: Vec<Value> = self
            .0
            .iter()
            .map(|check| {
                json!({ "subject": check.subject, "state": check.state.code(), "says": check.says, "mend": check.mend })
            })
            .collect();
        json!({ "ok": self.is_sound(), "checks": checks })
    }

    /// For people.
    pub(super) fn to_text(&self, language: Language) -> String {
        let mut lines = Vec::new();
        for check in &self.0 {
            lines.push(format!(
                "{}  {}: {}",
                check.state.word(language),
                subject(check.subject, language),
                language.of(&check.says)
            ));
            if let Some(mend) = &check.mend {
                lines.push(format!("       → {}", language.of(mend)));
            }
        }
        let count = |state| self.0.iter().filter(|check| check.state == state).count();
        let (wrong, notes) = (count(State::Wrong), count(State::Note));
        lines.push(match language {
            Language::Ja => format!("誤り{wrong}件、注意{notes}件"),
            Language::En => format!("{wrong} wrong, {notes} notes"),
        });
        lines.join("\n")
    }
}

fn subject(code: &'static str, language: Language) -> &'static str {
    let ja = match code {
        "configuration" => "設定",
        "listen" => "待ち受け",
        "data" => "データディレクトリ",
        "lock" => "使用中の確認",
        "disk" => "ディスクの空き",
        "database" => "データベース",
        "keys" => "組織の鍵",
        "clock" => "時計",
        "fonts" => "フォント",
        "mail" => "メール",
        "packs" => "規程パック",
        other => other,
    };
    language.pick(ja, code)
}
