//! When two requirements, as PEP 508 writes them, are about one package.

/// The package that a requirement is about: its normalised name (PEP 503) and its extras, sorted.
pub(super) fn package(requirement: &str) -> String {
    let (name, rest) = split_name(requirement.trim());
    format!("{}{}", normalised(name), extras(rest))
}

/// Whether two requirements say the same, but for spaces, case and the order of constraints.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    one == other || (may_be_same(one, other) && canonical(one) == canonical(other))
}

/// Whether both names begin alike: most pairs in a list differ there already.
pub(super) fn may_be_same(one: &str, other: &str) -> bool {
    let initial = |requirement: &str| {
        let name = split_name(requirement.trim()).0;
        name.chars().find(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase())
    };
    initial(one) == initial(other)
}

fn canonical(requirement: &str) -> (String, Vec<String>, String) {
    let (requirement, marker) = requirement.split_once(';').unwrap_or((requirement, ""));
    let rest = split_name(requirement.trim()).1.trim_start();
    let constraints = if rest.starts_with('[') {
        rest.split_once(']').map_or(rest, |(_, constraints)| constraints)
    } else {
        rest
    };
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let mut constraints: Vec<String> = constraints.split(',').map(bare).collect();
    constraints.sort();
    (package(requirement), constraints, bare(marker))
}

fn split_name(requirement: &str) -> (&str, &str) {
    let end = requirement.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c));
    requirement.split_at(end.unwrap_or(requirement.len()))
}

fn normalised(name: &str) -> String {
    let words: Vec<&str> = name.split(['-', '_', '.']).filter(|word| !word.is_empty()).collect();
    words.join("-").to_ascii_lowercase()
}

fn extras(rest: &str) -> String {
    let listed = rest.trim_start().strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let Some((listed, _)) = listed else { return String::new() };
    let mut extras: Vec<String> =
        listed.split(',').map(|extra| normalised(extra.trim())).filter(|e| !e.is_empty()).collect();
    extras.sort();
    extras.dedup();
    if extras.is_empty() { String::new() } else { format!("[{}]", extras.join(",")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_normalised() {
        for (requirement, expected) in [
            ("httpx", "httpx"),
            ("Typing_Extensions>=4", "typing-extensions"),
            ("zope..interface == 5", "zope-interface"),
            ("uvicorn [Standard] ~=0.3", "uvicorn[standard]"),
            ("a[y,X]; python_version < '3.12'", "a[x,y]"),
            ("a[]>1", "a"),
            ("pkg @ https://example.org/pkg.whl", "pkg"),
        ] {
            assert_eq!(package(requirement), expected, "{requirement}");
        }
    }

    #[test]
    fn equal_requirements_are_known() {
        assert!(is_same("httpx>=0.27,<1", "HTTPX <1, >=0.27"));
        assert!(is_same("a[x,y]==1", "a[y, x] == 1"));
        assert!(!is_same("a==1", "a==2"));
        assert!(!is_same("a==1", "a==1; os_name == 'nt'"));
        assert!(!is_same("a==1", "a[x]==1"));
    }
}
