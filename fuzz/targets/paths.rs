//! Paths of generated files: what is taken is relative, stays inside, and collides as `collisions` says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scaffold::pack::path::{collisions, validate};

fuzz_target!(|text: &str| {
    let paths: Vec<&str> = text.lines().collect();
    for path in &paths {
        if validate(path).is_ok() {
            assert!(!path.starts_with('/') && !path.contains('\\') && !path.contains(':'));
            assert!(path.split('/').all(|part| !matches!(part, "" | "." | "..")));
            assert!(!path.split('/').any(|part| part.eq_ignore_ascii_case(".git")), "{path:?}");
            assert!(!path.chars().any(char::is_control));
        }
    }
    let pairs = collisions(&paths);
    let twice = paths.iter().enumerate().any(|(at, path)| paths[..at].contains(path));
    assert!(!twice || !pairs.is_empty(), "a path that is there twice collides");
});
