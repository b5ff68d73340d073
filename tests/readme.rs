//! What the README shows is what the program prints.

mod support;

use support::Sandbox;

/// The block of the README below the sentence that holds `command`, without its fences.
fn block<'t>(text: &'t str, command: &str) -> &'t str {
    let after = &text[text.find(command).expect("the README shows the command")..];
    let start = after.find("```text\n").expect("a block follows") + "```text\n".len();
    let end = after[start..].find("```").expect("the block ends");
    &after[start..start + end]
}

#[test]
fn the_tree_is_the_one_of_a_dry_run() {
    let sandbox = Sandbox::new();
    let words = "init demo --auto --pipeline-processing batch --dry-run";
    let printed = sandbox.run(&words.split(' ').collect::<Vec<_>>()).expect(0).stdout;
    let names = printed.lines().map(|line| line.split("  (create").next().unwrap_or(line));
    let tree: Vec<&str> = names.collect();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let shown = block(&readme, words);
    let expected = tree[..tree.len() - 1].join("\n") + "\n";
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(path, readme.replace(shown, &expected)).unwrap();
        return;
    }
    assert_eq!(shown, expected, "UPDATE_README=1 cargo test --test readme writes it anew");
}
