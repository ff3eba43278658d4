//! What a program can see in a pasted mail: signs that the sender, a link or a character is not what it seems.
//!
//! Named rules for packs (`rule("mail.…", …)`). Lists of domains or endings are the packs' business; this computes.
//!
//! Invariant: linear in the length of the text; nothing is fetched, nothing is followed.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

/// Half-width, lower case. Spaces and the right-to-left override U+202E stay, because they are signs themselves.
#[must_use]
pub fn folded(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).collect()
}

/// Whether the last address in the body (the signature, as a rule) differs from the sender's.
#[must_use]
pub fn signature_differs(from: &str, body: &str) -> bool {
    let header = from.lines().find_map(|line| line.trim().to_lowercase().strip_prefix("from:").map(str::to_owned));
    let sender = addresses(header.as_deref().unwrap_or(from)).into_iter().next();
    let own: String = body.lines().filter(|line| !line.trim_start().starts_with('>')).collect::<Vec<_>>().join("\n");
    let signed = addresses(&without_tags(&own)).into_iter().next_back();
    matches!((sender, signed), (Some(sender), Some(signed)) if sender != signed)
}

/// Characters of simplified or traditional Chinese that Japanese does not use, each once, in order.
///
/// Practical test: a unified ideograph that windows-31j (JIS X 0208 with the NEC and IBM extensions) does not have.
#[must_use]
pub fn foreign_characters(body: &str) -> Vec<char> {
    let mut seen = BTreeSet::new();
    let ideograph = |c: &char| matches!(*c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}');
    let foreign = |c: &char| {
        let mut buffer = [0_u8; 4];
        encoding_rs::SHIFT_JIS.encode(c.encode_utf8(&mut buffer)).2
    };
    body.chars().filter(ideograph).filter(foreign).filter(|c| seen.insert(*c)).collect()
}

/// Whether an address in the body carries a known name while its host is neither that name's domain nor below it.
///
/// `names` has one `name = domain` a line.
#[must_use]
pub fn name_in_url(body: &str, names: &str) -> bool {
    let body = folded(body);
    let known: Vec<(String, String)> = names
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, domain)| (folded(name.trim()), folded(domain.trim())))
        .filter(|(name, domain)| !name.is_empty() && !domain.is_empty())
        .collect();
    urls(&body).iter().any(|url| {
        let host = host(url);
        known.iter().any(|(name, domain)| {
            let own = host == domain || host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'));
            url.contains(name.as_str()) && !own
        })
    })
}

/// Whether the text of a link in HTML names another host than the link leads to.
#[must_use]
pub fn link_differs(body: &str) -> bool {
    let lower = folded(body);
    let mut rest = lower.as_str();
    while let Some(at) = rest.find("<a ") {
        rest = rest.get(at + 3..).unwrap_or_default();
        let Some(end) = rest.find('>') else { break };
        let (tag, after) = (rest.get(..end).unwrap_or_default(), rest.get(end + 1..).unwrap_or_default());
        let text = without_tags(after.split("</a").next().unwrap_or_default());
        let Some(target) = attribute(tag, "href") else { continue };
        if let Some(shown) = shown_host(&text)
            && bare(host(&target)) != bare(&shown)
        {
            return true;
        }
        rest = after;
    }
    false
}

/// The host that the words of a link show, if they show one.
fn shown_host(text: &str) -> Option<String> {
    if let Some(url) = urls(text).first() {
        return Some(host(url).to_owned());
    }
    let looks = |word: &&str| {
        let dotted = word.split('.').count() >= 2 && word.split('.').all(|part| !part.is_empty());
        dotted
            && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
            && word
                .rsplit('.')
                .next()
                .is_some_and(|last| last.len() >= 2 && last.chars().all(|c| c.is_ascii_lowercase()))
    };
    text.split(|c: char| c.is_whitespace() || matches!(c, '/' | '（' | '）' | '(' | ')')).find(looks).map(str::to_owned)
}

fn bare(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let at = tag.find(&format!("{name}="))?;
    let value = tag.get(at + name.len() + 1..)?;
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    Some(match quote {
        Some(quote) => value.get(1..)?.split(quote).next()?.to_owned(),
        None => value.split(char::is_whitespace).next()?.to_owned(),
    })
}

fn urls(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    for scheme in ["http://", "https://"] {
        let mut rest = text;
        while let Some(at) = rest.find(scheme) {
            let from = rest.get(at..).unwrap_or_default();
            let end = from
                .find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\'' | '」' | '）'))
                .unwrap_or(from.len());
            out.extend(from.get(..end));
            rest = from.get(scheme.len()..).unwrap_or_default();
        }
    }
    out
}

/// The host of an address: without scheme, name of a user, port, path.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    host.split(':').next().unwrap_or_default()
}

fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for c in text.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                out.push(' ');
            }
            _ if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

/// Mail addresses in a text, in lower case.
fn addresses(text: &str) -> Vec<String> {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '@');
    text.split(|c: char| !part(c))
        .map(|word| word.trim_matches('.'))
        .filter(|word| {
            word.split_once('@')
                .is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.') && !domain.contains('@'))
        })
        .map(str::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_that_differ_from_the_sender() {
        for (from, body, differs) in [
            ("a@example.jp", "よろしく\nA a@example.jp", false),
            ("A <a@example.jp>", "よろしく\nA A@Example.JP", false),
            ("a@example.jp", "よろしく\nB b@other.example", true),
            ("Date: x\nFrom: A <a@example.jp>\nTo: c@d.example", "b@other.example", true),
            ("a@example.jp", "> b@other.example\nA a@example.jp", false),
            ("a@example.jp", "署名なし", false),
            ("", "b@other.example", false),
        ] {
            assert_eq!(signature_differs(from, body), differs, "{from} / {body}");
        }
    }

    #[test]
    fn characters_that_japanese_does_not_use() {
        assert_eq!(foreign_characters("请们发电账請会電帳﨑髙请"), ['请', '们', '发', '电', '账']);
        assert!(foreign_characters("通常の日本語の文章です。").is_empty());
    }

    #[test]
    fn names_in_addresses_of_others() {
        let names = "mihon = mihon.example.jp";
        for (body, found) in [
            ("https://mihon.example.jp/login", false),
            ("https://www.mihon.example.jp/login", false),
            ("https://mihon.example.jp.evil.example/", true),
            ("https://evil.example/mihon/login", true),
            ("https://evilmihon.example.jp/", true),
            ("mihon という会社", false),
        ] {
            assert_eq!(name_in_url(body, names), found, "{body}");
        }
    }

    #[test]
    fn links_that_lead_elsewhere() {
        for (body, differs) in [
            (r#"<a href="https://bank.example/">https://bank.example/</a>"#, false),
            (r#"<a href="https://www.bank.example/x">bank.example</a>"#, false),
            (r#"<a href="https://evil.example/">https://bank.example/</a>"#, true),
            (r#"<A HREF='https://evil.example/'>www.bank.example</A>"#, true),
            (r#"<a href="https://evil.example/">こちら</a>"#, false),
            ("https://bank.example/", false),
            ("<a href=", false),
        ] {
            assert_eq!(link_differs(body), differs, "{body}");
        }
    }
}
