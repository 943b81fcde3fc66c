//! Names of files and pages out of texts that may hold anything.

/// Lower-case ASCII letters and digits, all between them as single hyphens, at most `max_chars` long: safe on every system and
/// in every address. None where nothing is left.
#[must_use]
pub fn slug(text: &str, max_chars: usize) -> Option<String> {
    let mut slug = String::new();
    for c in text.chars().map(|c| c.to_ascii_lowercase()) {
        if slug.len() >= max_chars {
            break;
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    (!slug.is_empty()).then_some(slug)
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn names_are_safe_whatever_the_text() {
        for (text, name) in [
            ("Apple M3 Max, 40-core GPU", "apple-m3-max-40-core-gpu"),
            ("M4 Pro 4E+8P+16GPU 24GB", "m4-pro-4e-8p-16gpu-24gb"),
            ("../../etc/passwd", "etc-passwd"),
            ("<script>alert(1)</script>", "script-alert-1-script"),
        ] {
            assert_eq!(slug(text, 64).as_deref(), Some(name));
        }
        assert_eq!(slug(&"x".repeat(10_000), 64).map(|slug| slug.len()), Some(64));
        assert_eq!(
            slug(&format!("{}-tail", "x".repeat(63)), 64).map(|slug| slug.len()),
            Some(63),
            "no hyphen at the end"
        );
        for text in ["", "שלום", "…", "..", "\u{202e}"] {
            assert_eq!(slug(text, 64), None, "{text:?}");
        }
    }
}
