//! From where somebody signs in: a network, or a browser that has signed in to the same account before.
//!
//! Invariant: the cookie of a known client proves nothing but "not locked out by others"; it never signs anybody in.

use std::net::IpAddr;

use uuid::Uuid;

use super::context::Ctx;
use super::enter::{Entered, SignedIn};
use super::outcome::SignInError;
use super::secret::{Shown, draw};

/// From where somebody signs in.
#[derive(Clone, Copy, Default)]
pub struct Client<'a> {
    /// The network, as [`network_of`] writes it.
    pub network: &'a str,
    /// The value of the known-client cookie, if the browser sent one.
    pub known: Option<&'a str>,
    /// What the browser says of itself, shortened, for the person's list of sessions.
    pub words: &'a str,
}

impl std::fmt::Debug for Client<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("known", &self.known.is_some()).finish_non_exhaustive()
    }
}

/// The longest description of a browser that is kept, in characters.
const LONGEST_WORDS: usize = 120;

impl Client<'_> {
    /// How failures of this client are filed for an account, and whether the client is known.
    pub(super) fn filed(&self, ctx: &Ctx<'_>, person: Option<Uuid>) -> (String, bool) {
        let known = self.known.zip(person).and_then(|(cookie, person)| known_id(ctx, person, cookie));
        match known {
            Some(id) => (format!("known/{id}"), true),
            None => (format!("network/{}", self.network), false),
        }
    }

    /// The words for the list of sessions.
    pub(super) fn described(&self) -> String {
        self.words.chars().filter(|letter| !letter.is_control()).take(LONGEST_WORDS).collect()
    }
}

/// The network of an address: /24 of IPv4, /64 of IPv6. A household or an office, as a rule.
#[must_use]
pub fn network_of(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [first, second, third, _] = address.octets();
            format!("{first}.{second}.{third}.0/24")
        }
        IpAddr::V6(address) => {
            let [first, second, third, fourth, ..] = address.segments();
            format!("{first:x}:{second:x}:{third:x}:{fourth:x}::/64")
        }
    }
}

/// A new cookie by which the browser is known for the account.
pub(super) fn known_cookie(ctx: &Ctx<'_>, person: Uuid) -> Result<Shown, SignInError> {
    let id = hex::encode(draw::<16>(ctx.random)?.as_slice());
    let code = ctx.key.text(&parts(ctx.org, person, &id).each_ref().map(Vec::as_slice));
    Ok(Shown::new(format!("{id}.{code}")))
}

/// The same sign-in with a browser known under the organisation's own key: when the first administrator signed in, that
/// key was not there yet.
///
/// # Errors
/// No randomness.
pub fn known_again(ctx: &Ctx<'_>, entered: Entered) -> Result<Entered, SignInError> {
    Ok(match entered {
        Entered::SignedIn(signed) => Entered::SignedIn(SignedIn { known: known_cookie(ctx, signed.person)?, ..signed }),
        halfway @ Entered::CodeNeeded(_) => halfway,
    })
}

fn known_id<'c>(ctx: &Ctx<'_>, person: Uuid, cookie: &'c str) -> Option<&'c str> {
    let (id, code) = cookie.split_once('.')?;
    ctx.key.matches(&parts(ctx.org, person, id).each_ref().map(Vec::as_slice), code).then_some(id)
}

fn parts(org: Uuid, person: Uuid, id: &str) -> [Vec<u8>; 4] {
    [b"known-client".to_vec(), org.as_bytes().to_vec(), person.as_bytes().to_vec(), id.as_bytes().to_vec()]
}
