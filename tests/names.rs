//! Names of projects: each makes a whole repository, under a name that nothing else has, or is refused in one error.

use scaffold::answers::config::Kept;
use scaffold::answers::{self, Answers, Given, Inputs, Raw, Source};
use scaffold::error::Place;
use scaffold::knowledge::LazyLibrary;
use scaffold::pack::overlay::Value;
use scaffold::pack::{Catalog, ProjectType, path};
use scaffold::prove::configurations;
use scaffold::render::plan::{self, Site};
use scaffold::render::{self, Cache};
use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::process::Command;

/// One JSON text a line: of the field, of each list below `overlays/ecosystems/`, and of letters of all kinds.
const NAMES: &str = include_str!("names.txt");
/// To render a tree takes a while; all names are planned.
const RENDERED_EACH: usize = 12;

fn names() -> Vec<String> {
    NAMES.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn given(field: &str, word: &str) -> Given {
    let place = Place::Flag { flag: format!("--{field}") };
    let raw = Raw::Word(word.to_owned());
    Given { field: field.to_owned(), raw, source: Source::Set, place, locked: false }
}

#[test]
fn every_name_works_or_is_refused_in_one_error() {
    let catalog = Catalog::builtin().unwrap();
    let library = LazyLibrary::of(&catalog);
    assert!(names().len() >= 300, "{}", names().len());
    for project_type in catalog.types() {
        let reserved: HashSet<String> =
            project_type.reserved.iter().map(|word| word.to_lowercase()).collect();
        for (index, name) in names().into_iter().enumerate() {
            let required =
                [("processingModel", "batch"), ("projectPhase", "both"), ("author", "A")];
            let required = required
                .iter()
                .filter(|(id, _)| project_type.questions.iter().any(|q| q.id == *id))
                .map(|(id, word)| given(id, word));
            let given = required.chain([given("name", &name)]).collect();
            let inputs = Inputs { given, auto: true, ..Inputs::default() };
            let answers = match answers::resolve(project_type, &inputs) {
                Ok(answers) => answers,
                Err(error) => {
                    let told = error.to_string();
                    assert_eq!(error.problems.len(), 1, "{name:?}: {told}");
                    assert!(told.contains("--name"), "{name:?}: {told}");
                    continue;
                }
            };
            let (kept, site) = (Kept::default(), Site::default());
            let plan = plan::plan(&catalog, project_type, &answers, &kept, &site).unwrap();
            let package = plan.slug().replace('-', "_");
            assert!(!reserved.contains(&package), "{name:?}: {package}");
            assert!(!path::is_device(&package), "{name:?}: {package}");
            path::validate(&format!("src/{package}/__init__.py")).unwrap();
            if index % RENDERED_EACH == 0 {
                render::render(&plan, &library).unwrap_or_else(|error| panic!("{name:?}: {error}"));
            }
        }
    }
}

/// A formatter breaks lines that are longer, and then a new project fails its own check.
const LONGEST_LINE: usize = 100;

#[test]
fn lines_of_python_have_room_for_the_longest_name() {
    let catalog = Catalog::builtin().unwrap();
    let library = LazyLibrary::of(&catalog);
    let longest = "abcdefghi-".repeat(4);
    let cache = Cache::of(&catalog);
    let (mut looked_at, mut beyond) = (0, BTreeSet::new());
    for project_type in catalog.types() {
        for answers in configurations::pairwise(project_type) {
            let lines =
                |name| python_lines(&catalog, project_type, (&library, &cache), &answers, name);
            for ((path, short), (_, long)) in lines("pq").into_iter().zip(lines(&longest)) {
                let (fits, now) = (short.chars().count(), long.chars().count());
                looked_at += usize::from(fits != now);
                if fits <= LONGEST_LINE && now > LONGEST_LINE {
                    beyond.insert(format!("{path}: {now}: {long}"));
                }
            }
        }
    }
    assert!(looked_at > 1_000, "{looked_at}");
    assert!(beyond.is_empty(), "{beyond:#?}");
}

/// Each line of the Python files of a project with this name, with the end of its path.
fn python_lines(
    catalog: &Catalog,
    project_type: &ProjectType,
    (library, cache): (&LazyLibrary, &Cache),
    answers: &Answers,
    name: &str,
) -> Vec<(String, String)> {
    let mut answers = answers.clone();
    answers.values["name"].value = Value::Text(name.to_owned());
    let (kept, site) = (Kept::default(), Site::default());
    let plan = plan::plan(catalog, project_type, &answers, &kept, &site).unwrap();
    let slug = plan.slug().replace('-', "_");
    let files = render::render_with(&plan, library, Some(cache)).unwrap();
    let mut lines = Vec::new();
    for file in files.iter().filter(|file| Path::new(&file.path).extension() == Some("py".as_ref()))
    {
        let path = file.path.replace(&slug, "PACKAGE");
        let text = std::str::from_utf8(&file.bytes).unwrap();
        lines.extend(text.lines().map(|line| (path.clone(), line.to_owned())));
    }
    lines
}

/// What this machine has of the real thing: its Python, its Node.js and our own templates.
#[test]
fn the_lists_lack_nothing_that_is_here() {
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !has("python3") {
        eprintln!("skipped: there is no python3");
        return;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/names.py");
    let mut command = Command::new("python3");
    command.arg(script).args(["--python", "python3"]);
    if has("node") {
        command.args(["--node", "node"]);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`.ci/names.py --write` adds them: {said}{failed}");
}
