//! Options of the form `--name value` and `--name=value`.
//!
//! Invariant: an unknown or repeated option is refused by name, never ignored; `--json` is always accepted, since the
//! answer is JSON anyway.

use super::CommandError;

/// The options of one call.
pub(super) struct Options<'a> {
    given: Vec<(&'static str, &'a str)>,
    usage: &'static str,
}

impl<'a> Options<'a> {
    pub(super) fn parse(
        args: &'a [String],
        allowed: &[&'static str],
        usage: &'static str,
    ) -> Result<Self, CommandError> {
        let mut given: Vec<(&'static str, &'a str)> = Vec::new();
        let mut rest = args.iter().enumerate();
        while let Some((place, argument)) = rest.next() {
            if argument == "--json" {
                continue;
            }
            let (name, inline) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (argument.as_str(), None),
            };
            let Some(option) = allowed.iter().find(|option| **option == name) else {
                // What is no option may be a value with personal data in it; only its place is told.
                let given = if name.starts_with("--") {
                    name.chars().take(40).collect()
                } else {
                    format!("argument {}", place + 1)
                };
                return Err(CommandError::UnknownOption { given, usage });
            };
            if given.iter().any(|(known, _)| known == option) {
                return Err(CommandError::Repeated { option: (*option).to_owned() });
            }
            let value = inline.or_else(|| rest.next().map(|(_, value)| value.as_str()));
            let value = value.ok_or(CommandError::Missing { option, usage })?;
            given.push((option, value));
        }
        Ok(Self { given, usage })
    }

    pub(super) fn given(&self, option: &str) -> Option<&'a str> {
        self.given.iter().find(|(known, _)| *known == option).map(|(_, value)| *value)
    }

    pub(super) fn needed(&self, option: &'static str) -> Result<&'a str, CommandError> {
        self.given(option).ok_or(CommandError::Missing { option, usage: self.usage })
    }

    pub(super) fn refuse(&self, option: &'static str) -> Result<(), CommandError> {
        match self.given(option) {
            Some(_) => Err(CommandError::UnknownOption { given: option.to_owned(), usage: self.usage }),
            None => Ok(()),
        }
    }
}
