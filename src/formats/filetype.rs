//! Tells the language of an output file from its path, so that answers can be quoted for it.

/// A family of files in which a literal is written in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileType {
    /// C and C++.
    C,
    /// Code in Markdown: a span with its backticks, or the inside of a fenced block.
    Code,
    /// C#.
    CSharp,
    /// CSS, SCSS and Less.
    Css,
    /// Dart.
    Dart,
    /// Dockerfiles: `ENV`, `LABEL` and `ARG`; the words of `RUN` are `Shell`.
    Dockerfile,
    /// Elixir.
    Elixir,
    /// Go.
    Go,
    /// Groovy.
    Groovy,
    /// Haskell.
    Haskell,
    /// HCL, as Terraform reads it.
    Hcl,
    /// HTML and XML.
    Html,
    /// INI, of which there are many dialects.
    Ini,
    /// Java.
    Java,
    /// JavaScript and TypeScript.
    JavaScript,
    /// JSON and what is stored as JSON.
    Json,
    /// Julia.
    Julia,
    /// Kotlin.
    Kotlin,
    /// Lua.
    Lua,
    /// Makefiles: values of variables; the words of recipes are `Shell`.
    Makefile,
    /// Markdown.
    Markdown,
    /// SQL as `MySQL` reads it, where a backslash escapes.
    MySql,
    /// Perl.
    Perl,
    /// PHP.
    Php,
    /// `PowerShell`.
    PowerShell,
    /// Java properties.
    Properties,
    /// Python.
    Python,
    /// R.
    R,
    /// Ruby.
    Ruby,
    /// Rust.
    Rust,
    /// Scala.
    Scala,
    /// POSIX shell, and `.env` files, whose values are read in a similar way.
    Shell,
    /// Standard SQL, where a backslash is a character like any other.
    Sql,
    /// Swift.
    Swift,
    /// TOML.
    Toml,
    /// Plain text: as it is, on purpose.
    Text,
    /// HTML in which braces are code: Vue, Svelte and Astro.
    Vue,
    /// YAML.
    Yaml,
    /// Anything else: nothing is known about quotes.
    Unknown,
}

impl FileType {
    /// Every type with its name in templates.
    pub const NAMES: &[(&str, Self)] = &[
        ("c", Self::C),
        ("code", Self::Code),
        ("csharp", Self::CSharp),
        ("css", Self::Css),
        ("dart", Self::Dart),
        ("dockerfile", Self::Dockerfile),
        ("elixir", Self::Elixir),
        ("go", Self::Go),
        ("groovy", Self::Groovy),
        ("haskell", Self::Haskell),
        ("hcl", Self::Hcl),
        ("html", Self::Html),
        ("ini", Self::Ini),
        ("java", Self::Java),
        ("javascript", Self::JavaScript),
        ("json", Self::Json),
        ("julia", Self::Julia),
        ("kotlin", Self::Kotlin),
        ("lua", Self::Lua),
        ("makefile", Self::Makefile),
        ("markdown", Self::Markdown),
        ("mysql", Self::MySql),
        ("perl", Self::Perl),
        ("php", Self::Php),
        ("powershell", Self::PowerShell),
        ("properties", Self::Properties),
        ("python", Self::Python),
        ("r", Self::R),
        ("ruby", Self::Ruby),
        ("rust", Self::Rust),
        ("scala", Self::Scala),
        ("shell", Self::Shell),
        ("sql", Self::Sql),
        ("swift", Self::Swift),
        ("text", Self::Text),
        ("toml", Self::Toml),
        ("vue", Self::Vue),
        ("yaml", Self::Yaml),
    ];

    /// The type that a template asks for by name, or by the extension of its files.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let known = Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, ty)| *ty);
        known.or_else(|| by_extension(name))
    }

    /// The names of all types, for messages.
    #[must_use]
    pub fn known() -> String {
        Self::NAMES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// How the language writes true, false and nothing.
    #[must_use]
    pub fn words(self) -> [&'static str; 3] {
        match self {
            Self::Python => ["True", "False", "None"],
            Self::Haskell => ["True", "False", "Nothing"],
            Self::R => ["TRUE", "FALSE", "NULL"],
            Self::PowerShell => ["$true", "$false", "$null"],
            Self::Rust => ["true", "false", "None"],
            Self::C => ["true", "false", "NULL"],
            Self::Julia => ["true", "false", "nothing"],
            Self::Elixir | Self::Go | Self::Lua | Self::Ruby | Self::Swift => {
                ["true", "false", "nil"]
            }
            _ => ["true", "false", "null"],
        }
    }
}

/// The type of a file by its output path, without `.jinja`.
#[must_use]
pub fn of(path: &str) -> FileType {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    by_name(&name).unwrap_or_else(|| {
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        by_extension(extension).unwrap_or(FileType::Unknown)
    })
}

/// Names whose last word says nothing, as `.env.example` and `Dockerfile.dev`.
fn by_name(name: &str) -> Option<FileType> {
    let starts = |stem: &str| {
        name.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    Some(match name {
        _ if starts(".env") || name == ".envrc" => FileType::Shell,
        _ if starts("dockerfile") || starts("containerfile") => FileType::Dockerfile,
        _ if starts("makefile") || name == "gnumakefile" => FileType::Makefile,
        ".editorconfig" => FileType::Ini,
        "gemfile" | "rakefile" => FileType::Ruby,
        "jenkinsfile" => FileType::Groovy,
        "license" | "licence" | "copying" | "notice" | "authors" | "readme" => FileType::Text,
        _ => return None,
    })
}

fn by_extension(extension: &str) -> Option<FileType> {
    Some(match extension {
        "c" | "h" | "cc" | "cpp" | "cxx" | "hh" | "hpp" | "hxx" => FileType::C,
        "cs" | "csx" => FileType::CSharp,
        "css" | "scss" | "less" => FileType::Css,
        "dart" => FileType::Dart,
        "dockerfile" => FileType::Dockerfile,
        "ex" | "exs" => FileType::Elixir,
        "go" => FileType::Go,
        "groovy" | "gradle" => FileType::Groovy,
        "hs" => FileType::Haskell,
        "tf" | "tfvars" | "hcl" => FileType::Hcl,
        "html" | "htm" | "svg" | "xml" => FileType::Html,
        "ini" | "cfg" => FileType::Ini,
        "java" => FileType::Java,
        "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx" => FileType::JavaScript,
        "json" | "jsonc" | "webmanifest" | "ipynb" => FileType::Json,
        "jl" => FileType::Julia,
        "kt" | "kts" => FileType::Kotlin,
        "lua" => FileType::Lua,
        "mk" | "mak" => FileType::Makefile,
        "md" => FileType::Markdown,
        "pl" | "pm" => FileType::Perl,
        "php" => FileType::Php,
        "ps1" | "psm1" | "psd1" => FileType::PowerShell,
        "properties" => FileType::Properties,
        "py" | "pyi" => FileType::Python,
        "r" => FileType::R,
        "rb" | "gemspec" => FileType::Ruby,
        "rs" => FileType::Rust,
        "scala" | "sc" | "sbt" => FileType::Scala,
        "sh" | "bash" => FileType::Shell,
        "sql" => FileType::Sql,
        "swift" => FileType::Swift,
        "toml" => FileType::Toml,
        "txt" => FileType::Text,
        "vue" | "svelte" | "astro" => FileType::Vue,
        "yml" | "yaml" | "cff" => FileType::Yaml,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_tells_the_type() {
        for (path, ty) in [
            ("pyproject.toml", FileType::Toml),
            ("public/site.webmanifest", FileType::Json),
            (".github/workflows/ci.yml", FileType::Yaml),
            ("src/demo/py.typed", FileType::Unknown),
            ("src/demo/__init__.py", FileType::Python),
            (".env.example", FileType::Shell),
            (".environment", FileType::Unknown),
            ("README.MD", FileType::Markdown),
            ("src/app.d.ts", FileType::JavaScript),
            ("icon.svg", FileType::Html),
            ("some.toml/Dockerfile", FileType::Dockerfile),
            ("Dockerfile.dev", FileType::Dockerfile),
            ("api.dockerfile", FileType::Dockerfile),
            ("Makefile", FileType::Makefile),
            ("src/main.rs", FileType::Rust),
            ("include/a.hpp", FileType::C),
            ("main.tf", FileType::Hcl),
            ("App.vue", FileType::Vue),
            (".gitignore", FileType::Unknown),
            ("bin/tool", FileType::Unknown),
            ("c", FileType::Unknown),
            ("LICENSE", FileType::Text),
            ("notes.txt", FileType::Text),
        ] {
            assert_eq!(of(path), ty, "{path}");
        }
    }

    #[test]
    fn every_name_is_found() {
        for (name, ty) in FileType::NAMES {
            assert_eq!(FileType::named(name), Some(*ty));
        }
        assert!(FileType::NAMES.is_sorted_by_key(|(name, _)| *name));
        assert_eq!(FileType::named("js"), Some(FileType::JavaScript));
        assert_eq!(FileType::named("TOML"), None);
    }
}
