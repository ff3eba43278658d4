//! How people are named in `by`, `approve`, `tell`, `read`, `write`, `members`, `who`.
//!
//! Invariant: this is the only place that takes such an expression apart.

/// A named person or group, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who<'w> {
    /// Everybody.
    Staff,
    /// Whoever opened the record.
    Reporter,
    /// Head of the department in a field (or of `self`, `departments`, a named department).
    Head(&'w str),
    /// The person or persons in a field.
    Person(&'w str),
    /// Somebody outside, for whom the organisation records.
    Outside(&'w str),
    /// Holders of a role.
    Role(&'w str),
    /// Holder of a role for the department in a field.
    RoleFor(&'w str, &'w str),
}

impl<'w> Who<'w> {
    /// Takes an expression apart; `None` when it is neither `name` nor `name(argument)`.
    #[must_use]
    pub fn parse(text: &'w str) -> Option<Self> {
        let (name, argument) = match text.split_once('(') {
            Some((name, rest)) => (name, Some(rest.strip_suffix(')')?)),
            None => (text, None),
        };
        if !is_word(name) || argument.is_some_and(|argument| !is_word(argument)) {
            return None;
        }
        Some(match (name, argument) {
            ("staff", None) => Self::Staff,
            ("reporter", None) => Self::Reporter,
            ("staff" | "reporter", Some(_)) | ("head" | "person" | "outside", None) => return None,
            ("head", Some(field)) => Self::Head(field),
            ("person", Some(field)) => Self::Person(field),
            ("outside", Some(who)) => Self::Outside(who),
            (role, None) => Self::Role(role),
            (role, Some(field)) => Self::RoleFor(role, field),
        })
    }

    /// The role it names, if it names one.
    #[must_use]
    pub fn role(self) -> Option<&'w str> {
        match self {
            Self::Role(role) | Self::RoleFor(role, _) => Some(role),
            _ => None,
        }
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_guide_is_read() {
        for (text, who) in [
            ("privacy-manager", Some(Who::Role("privacy-manager"))),
            ("department-head(department)", Some(Who::RoleFor("department-head", "department"))),
            ("head(department)", Some(Who::Head("department"))),
            ("person(owner)", Some(Who::Person("owner"))),
            ("reporter", Some(Who::Reporter)),
            ("staff", Some(Who::Staff)),
            ("outside(client)", Some(Who::Outside("client"))),
            ("head(agreement.department)", Some(Who::Head("agreement.department"))),
            ("head", None),
            ("staff(x)", None),
            ("head(", None),
            ("head()", None),
            ("", None),
            ("代表", None),
            ("a(b))", None),
        ] {
            assert_eq!(Who::parse(text), who, "{text}");
        }
    }
}
