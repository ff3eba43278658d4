//! What others can guess of a person, read from the register of staff: passwords must not contain it (IS-4-9-3-08), and
//! names of accounts are held against it (IS-4-9-3-01, IS-4-9-3-04).
//!
//! Invariant: only fields that `office` defines of a person are looked at.

use kitei_rules::{password::PersonFacts, run::Kernel, value::Value};
use uuid::Uuid;

/// What is known of somebody.
#[derive(Debug, Default)]
pub struct Known {
    /// What a password must not contain.
    pub facts: PersonFacts,
    /// Employee number and code: the names that a general account may be made to have.
    pub numbers: Vec<String>,
}

/// What the register of staff knows of a person; `None` when there is no such record.
#[must_use]
pub fn known_of(kernel: &Kernel<'_>, person: Uuid) -> Option<Known> {
    let record = kernel.snapshot.record(person).filter(|record| record.register == "person")?;
    let all = |names: &[&str]| -> Vec<String> {
        let values = names.iter().filter_map(|name| record.fields.get(*name));
        values
            .filter_map(|stored| if let Value::Text(text) = &stored.value { Some(text.clone()) } else { None })
            .collect()
    };
    let birthdays = record.fields.get("birthday").and_then(|stored| match stored.value {
        Value::Date(day) => Some(day),
        _ => None,
    });
    let numbers = all(&["employee_number", "employee_code"]);
    let mailboxes = all(&["email"]);
    let mailboxes = mailboxes.iter().filter_map(|mail| mail.split('@').next()).map(str::to_owned);
    Some(Known {
        facts: PersonFacts {
            names: all(&["name", "kana", "romaji"]),
            telephones: all(&["phone", "private_phone"]),
            birthdays: birthdays.into_iter().collect(),
            logins: mailboxes.chain(numbers.iter().cloned()).collect(),
            organizations: Vec::new(),
        },
        numbers,
    })
}
