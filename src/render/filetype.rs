//! Tells the language of an output file from its path, so that answers can be quoted for it.

/// A family of files in which a literal is written in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileType {
    /// TOML.
    Toml,
    /// JSON and what is stored as JSON.
    Json,
    /// YAML.
    Yaml,
    /// Python.
    Python,
    /// POSIX shell, and `.env` files, whose values are read in a similar way.
    Shell,
    /// Markdown.
    Markdown,
    /// JavaScript and TypeScript.
    JavaScript,
    /// HTML and XML.
    Html,
    /// Anything else: nothing is known about quotes.
    Text,
}

impl FileType {
    /// Every type with its name in templates.
    pub const NAMES: &[(&str, Self)] = &[
        ("toml", Self::Toml),
        ("json", Self::Json),
        ("yaml", Self::Yaml),
        ("python", Self::Python),
        ("shell", Self::Shell),
        ("markdown", Self::Markdown),
        ("javascript", Self::JavaScript),
        ("html", Self::Html),
        ("text", Self::Text),
    ];

    /// The type that a template asks for by name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, ty)| *ty)
    }
}

/// The type of a file by its output path, without `.jinja`.
#[must_use]
pub fn of(path: &str) -> FileType {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    // `.env.example` and `.env.local` end in words that say nothing.
    if name == ".env" || name == ".envrc" || name.starts_with(".env.") {
        return FileType::Shell;
    }
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "toml" => FileType::Toml,
        "json" | "jsonc" | "webmanifest" | "ipynb" => FileType::Json,
        "yml" | "yaml" | "cff" => FileType::Yaml,
        "py" | "pyi" => FileType::Python,
        "sh" | "bash" => FileType::Shell,
        "md" => FileType::Markdown,
        "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx" => FileType::JavaScript,
        "html" | "htm" | "svg" | "xml" => FileType::Html,
        _ => FileType::Text,
    }
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
            ("src/demo/py.typed", FileType::Text),
            ("src/demo/__init__.py", FileType::Python),
            (".env.example", FileType::Shell),
            (".environment", FileType::Text),
            ("README.MD", FileType::Markdown),
            ("src/app.d.ts", FileType::JavaScript),
            ("icon.svg", FileType::Html),
            ("some.toml/Dockerfile", FileType::Text),
            (".gitignore", FileType::Text),
            ("LICENSE", FileType::Text),
        ] {
            assert_eq!(of(path), ty, "{path}");
        }
    }

    #[test]
    fn every_name_is_found() {
        for (name, ty) in FileType::NAMES {
            assert_eq!(FileType::named(name), Some(*ty));
        }
        assert_eq!(FileType::named("TOML"), None);
    }
}
