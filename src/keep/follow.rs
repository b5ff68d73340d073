//! How a repository follows: for each file, what was generated, what is there and what would be generated now.

use super::merge::{self, Merged};

/// What has to happen to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It stays as it is.
    Stay,
    /// It becomes what would be generated now.
    Take,
    /// It goes, because it would not be generated any more and nobody has touched it.
    Remove,
    /// It becomes this: the changes of both.
    Merged(Vec<u8>),
    /// It is meant for its owner, who has touched it or another such file: it stays.
    Yours,
    /// A package tool wrote it since, and the template changed it: it stays, and this command makes it fit.
    Locked(Vec<String>),
    /// The user has removed it, and the template has changed it: it stays away.
    StaysAway,
    /// Both changed it in ways that do not fit; with markers where it is text and still generated.
    Conflict(Option<Vec<u8>>),
}

/// Decides by three contents of the file `path`, each `None` where there is no such file: as it was generated, as it is,
/// as it would be generated now.
#[must_use]
pub fn decide(
    path: &str,
    base: Option<&[u8]>,
    ours: Option<&[u8]>,
    theirs: Option<&[u8]>,
) -> Decision {
    let is_untouched = same(base, ours);
    match (base, ours, theirs) {
        (_, Some(ours), Some(theirs)) if same(Some(theirs), Some(ours)) => Decision::Stay,
        (base, _, theirs) if base == theirs => Decision::Stay,
        (None, None, Some(_)) => Decision::Take,
        (Some(_), None, Some(_)) => Decision::StaysAway,
        (_, None, None) => Decision::Stay,
        (_, Some(_), Some(_)) if is_untouched => Decision::Take,
        (_, Some(_), None) if is_untouched => Decision::Remove,
        (_, Some(_), None) => Decision::Conflict(None),
        (base, Some(ours), Some(theirs)) => both(path, base, ours, theirs),
    }
}

/// Whether two contents are equal, but for line endings that a checkout has changed.
#[must_use]
pub fn same(generated: Option<&[u8]>, there: Option<&[u8]>) -> bool {
    match (generated, there) {
        (Some(generated), Some(there)) => {
            generated == there
                || (!generated.contains(&b'\r')
                    && text(there)
                        .is_some_and(|text| text.replace("\r\n", "\n").as_bytes() == generated))
        }
        (generated, there) => generated == there,
    }
}

fn both(path: &str, base: Option<&[u8]>, ours: &[u8], theirs: &[u8]) -> Decision {
    let texts = (base.map_or(Some(""), text), text(ours), text(theirs));
    let (Some(base_text), Some(ours), Some(theirs)) = texts else {
        return Decision::Conflict(None);
    };
    match merge::texts(path, base_text, ours, theirs) {
        // Where nothing was generated before, lines that happen to join prove nothing.
        Merged::Clean(text) if base.is_some() => Decision::Merged(text.into_bytes()),
        Merged::Clean(text) | Merged::Conflict(text) => Decision::Conflict(Some(text.into_bytes())),
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(base: Option<&str>, ours: Option<&str>, theirs: Option<&str>) -> Decision {
        let bytes = |text: Option<&'static str>| text.map(str::as_bytes);
        let leak =
            |text: Option<&str>| text.map(|text| &*Box::leak(text.to_owned().into_boxed_str()));
        decide("a.txt", bytes(leak(base)), bytes(leak(ours)), bytes(leak(theirs)))
    }

    #[test]
    fn three_contents_decide_alone_wherever_they_can() {
        use Decision::{Conflict, Remove, Stay, StaysAway, Take};
        let (a, b, c) = (Some("a\n"), Some("b\n"), Some("c\n"));
        for (base, ours, theirs, expected) in [
            (a, a, a, Stay),
            (a, b, a, Stay),
            (a, a, b, Take),
            (a, b, b, Stay),
            (a, None, a, Stay),
            (a, None, b, StaysAway),
            (a, None, None, Stay),
            (a, a, None, Remove),
            (a, b, None, Conflict(None)),
            (None, None, b, Take),
            (None, b, b, Stay),
            (None, b, None, Stay),
        ] {
            assert_eq!(decided(base, ours, theirs), expected, "{base:?} {ours:?} {theirs:?}");
        }
        assert!(matches!(decided(a, b, c), Conflict(Some(_))));
        assert!(matches!(decided(None, b, c), Conflict(Some(_))));
    }

    #[test]
    fn a_checkout_with_other_line_endings_is_no_change() {
        assert_eq!(decided(Some("a\nb\n"), Some("a\r\nb\r\n"), Some("a\nc\n")), Decision::Take);
    }

    #[test]
    fn what_is_no_text_is_never_joined() {
        let decision = decide("a.png", Some(b"\0a"), Some(b"\0b"), Some(b"\0c"));
        assert_eq!(decision, Decision::Conflict(None));
    }
}
