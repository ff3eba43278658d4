//! Mistakes in a condition: where, what, and what would be right.
//!
//! Invariant: a message holds words of the pack only, never a value of a record.

use std::fmt;

use super::types::Type;

/// Where in the source of a condition something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// 1-based line within the condition.
    pub line: u32,
    /// 1-based column, in characters.
    pub column: u32,
}

impl Position {
    /// The position of a byte offset; the end of the source if the offset lies outside it.
    #[must_use]
    pub fn of(source: &str, offset: usize) -> Self {
        let (mut line, mut column) = (1, 1);
        for (at, letter) in source.char_indices() {
            if at >= offset {
                break;
            }
            if letter == '\n' {
                (line, column) = (line + 1, 1);
            } else {
                column += 1;
            }
        }
        Self { line, column }
    }
}

/// Kinds of names that a condition may misspell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    /// A field, fact or line list.
    Name,
    /// A function of the language.
    Function,
    /// An act.
    Act,
    /// A field of an act.
    ActField,
    /// A parameter.
    Parameter,
    /// A role.
    Role,
    /// A register.
    Register,
    /// A field that links from one register to another.
    LinkField,
    /// A named rule.
    Rule,
}

impl fmt::Display for NameKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "field, fact or line list",
            Self::Function => "function",
            Self::Act => "act",
            Self::ActField => "field of the act",
            Self::Parameter => "parameter",
            Self::Role => "role",
            Self::Register => "register",
            Self::LinkField => "linking field",
            Self::Rule => "rule",
        })
    }
}

/// A mistake in a condition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {}: {problem}", self.at.column)]
pub struct ExprError {
    /// Where.
    pub at: Position,
    /// What.
    pub problem: ExprProblem,
}

/// What is wrong with a condition, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExprProblem {
    /// Longer than the language allows.
    #[error("the condition is longer than {limit} {unit}; split it into facts")]
    TooLong {
        /// The limit.
        limit: usize,
        /// What is counted.
        unit: &'static str,
    },
    /// Nested more deeply than the language allows.
    #[error("brackets and `? :` are nested more than {limit} deep; split the condition into facts")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// Not of the grammar.
    #[error("cannot be read: {0}")]
    Syntax(String),
    /// CEL that this language does without.
    #[error("{what} is not part of the language; {instead}")]
    Unsupported {
        /// What was written.
        what: String,
        /// What to write.
        instead: &'static str,
    },
    /// No such name.
    #[error("no {kind} `{name}`{}{}", place(.within), guess(.suggestion))]
    Unknown {
        /// Kind of name.
        kind: NameKind,
        /// The name.
        name: String,
        /// Register, line list or act in which it was looked for; empty if it is not looked for in one.
        within: String,
        /// The nearest name that exists.
        suggestion: Option<String>,
    },
    /// No such choice.
    #[error("`{name}` is not a choice here{}; there are: {}", guess(.suggestion), .choices.join(", "))]
    UnknownChoice {
        /// The id.
        name: String,
        /// The ids that exist.
        choices: Vec<String>,
        /// The nearest.
        suggestion: Option<String>,
    },
    /// Another type is needed.
    #[error("{what} must be {expected}, not {found}")]
    WrongType {
        /// Of what.
        what: String,
        /// Needed.
        expected: String,
        /// Written.
        found: Type,
    },
    /// The two sides do not go together.
    #[error("{left} {operator} {right} has no meaning{}", advice(.hint))]
    Mismatch {
        /// Operator.
        operator: &'static str,
        /// Left type.
        left: Type,
        /// Right type.
        right: Type,
        /// What to write, where it can be guessed.
        hint: Option<&'static str>,
    },
    /// Too few or too many arguments.
    #[error("`{function}` takes {usage}, not {found} argument(s)")]
    Arguments {
        /// Function.
        function: String,
        /// How it is written.
        usage: String,
        /// Number of arguments found.
        found: usize,
    },
    /// An argument must be written out as a text.
    #[error("the argument of `{function}` must be written out in quotation marks: {usage}")]
    NotLiteral {
        /// Function.
        function: String,
        /// How it is written.
        usage: String,
    },
    /// A text that should be a date, instant, month or period is none.
    #[error("`{text}` is not a {kind}; write for instance {example}")]
    BadLiteral {
        /// The text.
        text: String,
        /// Type that is needed.
        kind: Type,
        /// Example.
        example: &'static str,
    },
    /// The function has no meaning where the condition stands.
    #[error("`{function}` has no meaning here: it belongs in {belongs}")]
    NotHere {
        /// Function.
        function: String,
        /// Where it belongs.
        belongs: &'static str,
    },
    /// A field of several records cannot be read at once.
    #[error("there are several records here; write any(list, {name} …), all(…), max(list, {name}) …")]
    Several {
        /// Name that was read.
        name: String,
    },
    /// The field of another register does not link to this one.
    #[error("`{register}.{field}` links to {to}, not to {here}")]
    LinksElsewhere {
        /// Register.
        register: String,
        /// Field.
        field: String,
        /// Where it leads.
        to: String,
        /// Register of the condition.
        here: String,
    },
}

fn place(within: &str) -> String {
    if within.is_empty() { String::new() } else { format!(" in {within}") }
}

fn guess(suggestion: &Option<String>) -> String {
    suggestion.as_ref().map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

fn advice(hint: &Option<&'static str>) -> String {
    hint.map_or_else(String::new, |text| format!("; {text}"))
}

/// The name nearest to a misspelt one, if one is near enough to be meant.
pub(super) fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let fold = |text: &str| text.to_lowercase().replace('-', "_");
    let wanted = fold(name);
    let allowed = (wanted.chars().count() / 3).clamp(1, 4);
    let distance = |candidate: &str| {
        let folded = fold(candidate);
        let begins = wanted.len() > 2 && (folded.starts_with(&wanted) || wanted.starts_with(&folded));
        // A word that was cut short or drawn out comes after every slip of the pen.
        strsim::damerau_levenshtein(&wanted, &folded).min(if begins { allowed } else { usize::MAX })
    };
    names
        .into_iter()
        .map(|candidate| (distance(candidate), candidate))
        .filter(|(distance, candidate)| *distance <= allowed && *candidate != name)
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}
