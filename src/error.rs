//! What can go wrong, said once: a code, a place, what is allowed, the nearest match and the cure.

use serde::Serialize;

/// The result of every stage.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a run ended; the number is the exit status of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// All is done.
    Done = 0,
    /// Something that should not happen, an I/O fault, or a destination that another run is writing.
    Unexpected = 1,
    /// Usage, answers or a pack are wrong.
    Usage = 2,
    /// The destination holds what must not be overwritten.
    Conflict = 3,
    /// A check found something.
    Failed = 4,
    /// The user interrupted the run.
    Interrupted = 130,
}

/// The stable name of a kind of problem, as in `docs/troubleshooting.md` and the JSON output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// Lower-case words with hyphens.
    pub name: &'static str,
    /// The exit status that this problem leads to.
    pub exit: Exit,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $ident:ident = $name:literal, $exit:ident;)*) => {
        /// Every code, as constants.
        #[allow(non_upper_case_globals)]
        impl Code {
            $($(#[$doc])* pub const $ident: Code = Code { name: $name, exit: Exit::$exit };)*
            /// All codes, in the order of the documentation.
            pub const ALL: &[Code] = &[$(Code::$ident),*];
        }
    };
}

codes! {
    /// A flag that no overlay and no command has, or an argument that is not expected.
    UnknownFlag = "unknown-flag", Usage;
    /// The command line is malformed in another way.
    Usage = "usage", Usage;
    /// A value that its question does not have.
    UnknownValue = "unknown-value", Usage;
    /// A value that its question refuses (pattern, range, type).
    InvalidValue = "invalid-value", Usage;
    /// A field that no question has.
    UnknownField = "unknown-field", Usage;
    /// One field was answered twice on the command line.
    GivenTwice = "given-twice", Usage;
    /// A question that is not asked with these answers was answered.
    NotAsked = "not-asked", Usage;
    /// A question has no answer, and nobody can be asked.
    Unanswered = "unanswered", Usage;
    /// Answers that belong to different project types.
    Contradiction = "contradiction", Usage;
    /// An organisation has decided otherwise.
    Locked = "locked", Usage;
    /// The files that would be written are not those that were expected.
    Unexpected = "unexpected", Failed;
    /// A rule of the overlay refuses these answers together.
    Rule = "rule", Usage;
    /// A knowledge document or a step cannot be read, or steps wait for each other.
    BadKnowledge = "bad-knowledge", Usage;
    /// An answers file or `config.yml` cannot be read.
    BadConfig = "bad-config", Usage;
    /// A file of a pack is wrong.
    BadPack = "bad-pack", Usage;
    /// A template does not render.
    BadTemplate = "bad-template", Usage;
    /// Two layers give one file and cannot be merged.
    BadMerge = "bad-merge", Usage;
    /// A path that would leave the destination or cannot exist on every system.
    BadPath = "bad-path", Usage;
    /// More or larger output than a repository may have.
    Limit = "limit", Usage;
    /// The destination cannot be used (a file, a dangling link, not writable).
    BadDestination = "bad-destination", Usage;
    /// The folder already is a generated repository.
    Initialised = "initialised", Conflict;
    /// Files exist that differ from what would be written.
    Conflict = "conflict", Conflict;
    /// An interrupted run left the folder in a state that nobody but its owner can judge.
    Unrecoverable = "unrecoverable", Conflict;
    /// Something is in the place of an interrupted run that no run of this user on this machine left.
    Foreign = "foreign", Conflict;
    /// A pack of others would do something that nobody has agreed to.
    NotAgreed = "not-agreed", Usage;
    /// Another run is writing to the same destination.
    Busy = "busy", Unexpected;
    /// The system refused to read or write.
    Io = "io", Unexpected;
    /// Lint: a template reads a name that nothing gives.
    UndefinedName = "undefined-name", Failed;
    /// Lint: a tag of a template prints a number that stands in it, so that the braces are lost.
    LostBraces = "lost-braces", Failed;
    /// Lint: an expression compares a question with a value that it cannot have.
    UnknownChoice = "unknown-choice", Failed;
    /// Lint: nothing reads the answer to a question.
    UnusedQuestion = "unused-question", Failed;
    /// Lint: a folder below `templates/` that no overlay names.
    UnusedLayer = "unused-layer", Failed;
    /// Lint: a rule, note or condition that no configuration reaches.
    Unreachable = "unreachable", Failed;
    /// Lint: a rule that refuses every configuration.
    ForbidsAll = "forbids-all", Failed;
    /// Lint: an overlay names a step that no pack has.
    UnknownStep = "unknown-step", Failed;
    /// Lint: an overlay names a knowledge document that no pack has.
    UnknownKnowledge = "unknown-knowledge", Failed;
    /// Lint: a TOML, JSON or YAML file of a generated repository does not parse.
    Unparsed = "unparsed", Failed;
    /// Lint: a pack allows a finding that there is not.
    UnusedAllowance = "unused-allowance", Failed;
    /// `knowledge check`: a document is old, or says what is not so.
    Untrue = "untrue", Failed;
    /// `pack test`: a configuration does not hold what it promises.
    FailedTest = "failed-test", Failed;
    /// `init --setup`: a program that the type needs is not installed.
    MissingProgram = "missing-program", Failed;
    /// `init --setup`: a command of the new repository failed.
    FailedSetup = "failed-setup", Failed;
    /// The user interrupted.
    Interrupted = "interrupted", Interrupted;
}

/// Where a problem is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Place {
    /// A flag of the command line.
    Flag {
        /// With its hyphens.
        flag: String,
    },
    /// A place in a file; line and column start at 1.
    File {
        /// The path, with `/`.
        file: String,
        /// The line.
        line: usize,
        /// The column, in characters.
        column: usize,
    },
    /// A file as a whole.
    Path {
        /// The path, with `/`.
        file: String,
    },
}

impl Place {
    /// The place in one word.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Flag { flag } => flag.clone(),
            Self::File { file, .. } | Self::Path { file } => file.clone(),
        }
    }
}

/// One problem, ready to be shown or serialised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its kind.
    pub code: Code,
    /// What is wrong, lower case, with values in backticks.
    pub message: String,
    /// Where.
    pub place: Option<Place>,
    /// What would have been right.
    pub allowed: Vec<String>,
    /// The allowed word nearest to what was found.
    pub nearest: Option<String>,
    /// Words to put on the command line as a cure.
    pub fix: Vec<String>,
    /// What to do, as a sentence.
    pub hint: Option<String>,
    /// The one flag that cures this problem and all others with the same: people see these as one line.
    pub cure_of_all: Option<&'static str>,
}

impl Problem {
    /// A problem without a place or a cure yet.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            place: None,
            allowed: Vec::new(),
            nearest: None,
            fix: Vec::new(),
            hint: None,
            cure_of_all: None,
        }
    }

    /// Names the flag (with its hyphens) that the problem is about.
    #[must_use]
    pub fn flag(mut self, flag: impl Into<String>) -> Self {
        self.place = Some(Place::Flag { flag: flag.into() });
        self
    }

    /// Names the file that the problem is about.
    #[must_use]
    pub fn file(mut self, file: impl Into<String>) -> Self {
        self.place = Some(Place::Path { file: file.into() });
        self
    }

    /// Names the file and the place in it; line and column start at 1.
    #[must_use]
    pub fn at(mut self, file: impl Into<String>, line: usize, column: usize) -> Self {
        self.place = Some(Place::File { file: file.into(), line, column });
        self
    }

    /// Lists what is allowed and finds what is nearest to `found`.
    #[must_use]
    pub fn allowed<S: Into<String>>(
        mut self,
        found: &str,
        allowed: impl IntoIterator<Item = S>,
    ) -> Self {
        self.allowed = allowed.into_iter().map(Into::into).collect();
        self.nearest = nearest(found, &self.allowed);
        self
    }

    /// Gives the words that cure it on the command line.
    #[must_use]
    pub fn fix<S: Into<String>>(mut self, words: impl IntoIterator<Item = S>) -> Self {
        self.fix = words.into_iter().map(Into::into).collect();
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The allowed word that a person most likely meant, if any is near enough.
#[must_use]
pub fn nearest(found: &str, allowed: &[String]) -> Option<String> {
    closest(found, allowed).filter(|(score, _)| *score > 0.75).map(|(_, word)| word.clone())
}

/// The allowed word that is most like the one that was found, however little that is, with how much it is.
#[must_use]
pub fn closest<'a>(found: &str, allowed: &'a [String]) -> Option<(f64, &'a String)> {
    // Nobody mistypes a word of this length, and the comparison takes the product of both lengths.
    if found.len() > 200 {
        return None;
    }
    allowed
        .iter()
        .filter(|word| word.len() <= 200)
        .map(|word| (strsim::jaro_winkler(&found.to_lowercase(), &word.to_lowercase()), word))
        .max_by(|a, b| a.0.total_cmp(&b.0))
}

/// One or more problems that ended a run. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// In the order in which the user should read them.
    pub problems: Vec<Problem>,
}

impl Error {
    /// The exit status of the first problem.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.problems.first().map_or(Exit::Unexpected, |problem| problem.code.exit)
    }

    /// An I/O fault while doing `what` (a phrase such as "reading `x`").
    #[must_use]
    pub fn io(what: &str, cause: &std::io::Error) -> Self {
        Problem::new(Code::Io, format!("{what}: {cause}")).into()
    }

    /// `Ok` if there is no problem.
    ///
    /// # Errors
    /// All of the problems, where there is one.
    pub fn unless_empty(problems: Vec<Problem>) -> Result<()> {
        if problems.is_empty() { Ok(()) } else { Err(Self { problems }) }
    }
}

/// How many faults of one file are told.
const MOST_TOLD: usize = 20;

/// The faults of one file: the first ones are told, the rest counted.
#[derive(Debug, Default)]
pub struct Faults {
    told: Vec<Problem>,
    more: usize,
}

impl Faults {
    /// One more; nothing is made of it where it will not be told.
    pub fn add(&mut self, problem: impl FnOnce() -> Problem) {
        if self.told.len() < MOST_TOLD {
            self.told.push(problem());
        } else {
            self.more += 1;
        }
    }

    /// The faults, and how many more `file` has.
    #[must_use]
    pub fn problems(mut self, file: &str) -> Vec<Problem> {
        if let Some(first) = self.told.first().filter(|_| self.more > 0) {
            let message = format!("and {} more in `{file}`", self.more);
            self.told.push(Problem::new(first.code, message).file(file));
        }
        self.told
    }
}

/// The first problems of each file, and how many more it has; those without a file are all kept.
#[must_use]
pub fn first_of_each_file(problems: Vec<Problem>) -> Vec<Problem> {
    let mut of_file: indexmap::IndexMap<String, (usize, Code)> = indexmap::IndexMap::new();
    let mut told = Vec::new();
    for problem in problems {
        let Some(Place::File { file, .. } | Place::Path { file }) = &problem.place else {
            told.push(problem);
            continue;
        };
        let (count, _) = of_file.entry(file.clone()).or_insert((0, problem.code));
        *count += 1;
        if *count <= MOST_TOLD {
            told.push(problem);
        }
    }
    for (file, (count, code)) in of_file.into_iter().filter(|(_, (count, _))| *count > MOST_TOLD) {
        let message = format!("and {} more in `{file}`", count - MOST_TOLD);
        told.push(Problem::new(code, message).file(file));
    }
    told
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self { problems: vec![problem] }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{}", problem.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
