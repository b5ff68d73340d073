//! While code moves, the trees stay: one digest over all configurations. Goes when the move is over.

use scaffold::answers::config::Kept;
use scaffold::knowledge::LazyLibrary;
use scaffold::pack::Catalog;
use scaffold::prove::configurations;
use scaffold::render::{self, plan};

#[test]
fn all_trees_are_what_they_were() {
    let catalog = Catalog::builtin().unwrap();
    let library = LazyLibrary::of(&catalog);
    let mut lines = String::new();
    let mut count = 0;
    for project_type in catalog.types() {
        for answers in configurations::all(project_type).unwrap() {
            let plan = plan::plan(
                &catalog,
                project_type,
                &answers,
                &Kept::default(),
                &plan::Site::default(),
            );
            let files = render::render(&plan.unwrap(), &library).unwrap();
            lines += &scaffold::tree::digest_of(&files);
            count += 1;
        }
    }
    assert_eq!(
        (count, scaffold::tree::digest(lines.as_bytes()).as_str()),
        (590, "450ea8897ac534d3213bc28f4f5d8a4cdf64f0323963349de44bc25dc375782c")
    );
}
