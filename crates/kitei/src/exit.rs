//! How a command ends, and its exit code.

use std::process::ExitCode;

use kitei_rules::pack::model::Text;
use kitei_store::db::{OpenError, StoreError, StoreErrorKind};

use crate::language::{Language, say};
use crate::output;

/// How a command that ran to its end has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Done; nothing wrong (0).
    Clean,
    /// Done; it found problems and has shown them (1).
    Problems,
    /// Done; the code is part of the command's contract and the reasons have been shown.
    Code(u8),
}

impl Verdict {
    /// Problems if there are any.
    pub(crate) fn of(problems: bool) -> Self {
        if problems { Self::Problems } else { Self::Clean }
    }

    /// The exit code.
    pub(crate) fn exit_code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Clean => 0,
            Self::Problems => 1,
            Self::Code(code) => code,
        })
    }
}

/// Why a command could not run to its end.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was given is wrong: arguments, configuration, files named on the command line (2).
    Input(Vec<Text>),
    /// Something outside stands in the way: a lock, a damaged database, a full disk, a port in use (1).
    Obstacle(Text),
    /// Kitei itself is at fault (70).
    Internal(Text),
    /// Whoever read our output has closed it; there is nothing to say and nobody to say it to (0).
    Closed,
}

impl Failure {
    /// One mistake in what was given.
    pub(crate) fn input(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Input(vec![say(ja, en)])
    }

    /// Something stands in the way.
    pub(crate) fn obstacle(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Obstacle(say(ja, en))
    }

    /// Kitei is at fault.
    pub(crate) fn internal(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Internal(say(ja, en))
    }

    /// The exit code.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Closed => 0,
            Self::Obstacle(_) => 1,
            Self::Input(_) => 2,
            Self::Internal(_) => 70,
        })
    }

    /// The reasons, for people.
    pub(crate) fn reasons(&self) -> Vec<&Text> {
        match self {
            Self::Input(texts) => texts.iter().collect(),
            Self::Obstacle(text) | Self::Internal(text) => vec![text],
            Self::Closed => Vec::new(),
        }
    }

    /// Says why, on standard error.
    pub(crate) fn print(&self, language: Language) {
        for text in self.reasons() {
            output::complain(&format!("kitei: {}", language.of(text)));
        }
    }
}

/// What went wrong in the store, in plain words with how to mend it.
pub(crate) fn store_words(error: &StoreError) -> Text {
    let ja = match error.kind() {
        StoreErrorKind::Corrupt => "データベースのファイルが壊れている。バックアップから戻す。",
        StoreErrorKind::Busy => {
            "データベースがほかのプログラムに使われている。終わるのを待つか、そのプログラムを止める。"
        }
        StoreErrorKind::Full => "ディスクに空きがない。空きを作る。",
        StoreErrorKind::ReadOnly => "データベースに書き込めない。ファイルとディレクトリの権限を確かめる。",
        StoreErrorKind::Io => "データベースを読み書きできない。ディスクと接続を確かめる。",
        StoreErrorKind::Missing => "あるはずのものがない。",
        _ => "データベースの操作ができなかった。",
    };
    say(format!("{ja}（{error}）"), error.to_string())
}

/// Why a database cannot be opened, in plain words.
pub(crate) fn open_words(error: &OpenError) -> Text {
    match error {
        // The pool tries again until its time is up, and then it only knows that it has no connection.
        OpenError::Store(error) if error.kind() == StoreErrorKind::Busy && error.statement() == "open" => say(
            format!("データベースが応答しない。動いているか、場所とパスワードを確かめる。（{error}）"),
            format!("the database does not answer; check that it runs, its address and the password ({error})"),
        ),
        OpenError::Store(error) => store_words(error),
        other => say(format!("データベースの場所の書き方が違う。（{other}）"), other.to_string()),
    }
}
