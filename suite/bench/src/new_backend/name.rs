//! What a new backend may be called, and the names that follow from it.

use super::TEMPLATES;
use anyhow::{Result, bail};
use chipmark_core::Target;

/// The words that Rust keeps for itself, as far as they could be a backend's name.
const KEYWORDS: [&str; 51] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The short name of a backend, as it stands in targets.
#[derive(Debug)]
pub(crate) struct Name(String);

impl Name {
    /// Takes a name that targets, packages, programs and Rust can have, and that the skeleton does not use for something else.
    ///
    /// # Errors
    /// One line that says what is wrong with it.
    pub(crate) fn new(text: &str) -> Result<Self> {
        let refused = |why: String| bail!("'{text}' cannot be a backend's name: {why}");
        let is_framework = format!("{text}:cpu").parse::<Target>().is_ok_and(|target| target.framework == text);
        let parts_begin = text.split('-').all(|part| !part.is_empty());
        if !is_framework || !parts_begin || !text.starts_with(|c: char| c.is_ascii_lowercase()) {
            return refused(
                "write lower-case letters, digits and single hyphens, a letter first, at most 32 of them".to_owned(),
            );
        }
        if KEYWORDS.contains(&text) {
            return refused("Rust keeps that word for itself".to_owned());
        }
        let name = Name(text.to_owned());
        let of_type = name.of_type();
        let is_word = |template: &str| template.split(|c: char| !c.is_alphanumeric()).any(|word| word == of_type);
        if TEMPLATES.iter().any(|(_, template)| is_word(template)) {
            return refused(format!("its type would be {of_type}, which is something else in the skeleton"));
        }
        Ok(name)
    }

    /// The name itself.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// The cargo package.
    pub(crate) fn package(&self) -> String {
        format!("chipmark-{}", self.0)
    }

    /// The worker program.
    pub(crate) fn program(&self) -> String {
        format!("bench-worker-{}", self.0)
    }

    /// The type that implements the trait: `tiny-grad` is `TinyGrad`.
    fn of_type(&self) -> String {
        let capital = |part: &str| {
            let mut letters = part.chars();
            letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
        };
        self.0.split('-').map(capital).collect()
    }

    /// A template with the names in their places; `member` is the crate's folder, from the checkout's root.
    pub(super) fn fill(&self, template: &str, member: &str) -> String {
        let root = vec![".."; member.split('/').count()].join("/");
        template
            .replace("{{name}}", &self.0)
            .replace("{{crate}}", &self.0.replace('-', "_"))
            .replace("{{type}}", &self.of_type())
            .replace("{{folder}}", member)
            .replace("{{root}}", &root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_that_follow() {
        let name = Name::new("tiny-grad2").unwrap();
        assert_eq!((name.package(), name.program()), ("chipmark-tiny-grad2".into(), "bench-worker-tiny-grad2".into()));
        let filled =
            name.fill("{{name}} {{crate}}::{{type}} {{folder}} {{root}}/Cargo.toml", "more/backends/tiny-grad2");
        assert_eq!(filled, "tiny-grad2 tiny_grad2::TinyGrad2 more/backends/tiny-grad2 ../../../Cargo.toml");
    }

    #[test]
    fn no_place_is_left_open() {
        let name = Name::new("sample").unwrap();
        for (path, template) in TEMPLATES {
            let filled = name.fill(template, "backends/sample");
            assert!(!filled.contains("{{") && !filled.contains("}}"), "{path}: {filled}");
        }
    }

    #[test]
    fn names_that_cannot_be() {
        let why = |text: &str| Name::new(text).unwrap_err().to_string();
        let long = "a".repeat(33);
        for bad in ["", "Sample", "1st", "-a", "a-", "a--b", "a_b", "a b", "a:cpu", "../a", "é", long.as_str()] {
            let why = why(bad);
            assert!(why.starts_with(&format!("'{bad}' cannot be")) && why.contains("lower-case letters"), "{why}");
        }
        for keyword in ["type", "self", "async", "yield"] {
            assert!(why(keyword).contains("Rust keeps that word"), "{}", why(keyword));
        }
        for word in ["tensor", "backend", "ok", "op-log"] {
            assert!(why(word).contains("in the skeleton"), "{}", why(word));
        }
    }
}
