//! How many configurations a second `pack test` renders and inspects, beside hashing the same bytes.
//!
//! Run with `cargo bench --bench configurations`. The peer is the SHA-256 of the same bytes: what has to be touched at
//! the least. Nothing is asserted, because a shared machine proves nothing by a clock.

use scaffold::answers::config::Kept;
use scaffold::knowledge::LazyLibrary;
use scaffold::pack::Catalog;
use scaffold::prove::configurations;
use scaffold::prove::inspect::Inspector;
use scaffold::render::{self, plan};

use std::time::Instant;

const COUNT: usize = 400;

fn main() {
    let catalog = Catalog::builtin().expect("the built-in pack is sound");
    let library = LazyLibrary::of(&catalog);
    println!(
        "| type | configurations | a second | kB each | SHA-256 of the same, a second | ratio |\n|---|---|---|---|---|---|"
    );
    for project_type in catalog.types() {
        let all = configurations::sample(project_type, COUNT, 1, |_| true);
        let mut inspector = Inspector::new(project_type.questions.iter().map(|q| q.id.as_str()));
        let mut trees = Vec::new();
        let started = Instant::now();
        for answers in &all {
            let plan = plan::plan(
                &catalog,
                project_type,
                answers,
                &Kept::default(),
                &plan::Site::default(),
            );
            let plan = plan.expect("the configuration is valid");
            let files = render::render(&plan, &library).expect("the configuration renders");
            assert!(inspector.inspect(&files, &plan.commands).is_empty());
            trees.push(files);
        }
        let ours = started.elapsed().as_secs_f64();
        let started = Instant::now();
        let digests: Vec<String> =
            trees.iter().map(|files| scaffold::tree::digest_of(files)).collect();
        let peer = started.elapsed().as_secs_f64();
        assert_eq!(digests.len(), all.len());
        let bytes: usize = trees.iter().flatten().map(|file| file.bytes.len()).sum();
        #[allow(clippy::cast_precision_loss)] // counts far below 2^52
        let (count, kilobytes) = (all.len() as f64, bytes as f64 / 1_000.0);
        println!(
            "| {} | {count} | {:.0} | {:.0} | {:.0} | {:.1} |",
            project_type.name,
            count / ours,
            kilobytes / count,
            count / peer,
            ours / peer
        );
    }
}
