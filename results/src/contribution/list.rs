//! Lists of files at the root of a data tree: TOML that people write and that comes in by pull requests, read as untrusted input. What a
//! list is for is left to who reads it.

use super::place::is_date;
use crate::file_error::FileError;
use crate::plain::{quoted, shown};
use crate::toml_text;
use serde::de::DeserializeOwned;
use std::collections::HashSet;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Component, Path};
use toml::Spanned;

/// The largest list that is read, in bytes.
const MAX_LIST_BYTES: u64 = 1 << 20;

/// The most files that a list may name.
const MAX_ROWS: usize = 10_000;

/// The longest path that a list may name, in characters.
const MAX_PATH_CHARS: usize = 300;

/// What a list says of one file.
pub(super) trait Row {
    /// The file, as the list names it, and for its true path once that is known.
    fn file(&mut self) -> &mut String;

    /// The day that it says.
    fn date(&self) -> &str;

    /// Whether the rest can be kept; `path` is where the file is.
    fn check(&self, path: &Path) -> Result<(), String>;
}

/// Reads the list `name` of a data folder: the rows of a document, each with the true path of its file below the folder, `/` between
/// the parts. A list that is not there has none.
pub(super) fn read<D: DeserializeOwned, R: Row>(
    data: &Path,
    name: &str,
    rows: impl FnOnce(D) -> Vec<Spanned<R>>,
) -> Result<Vec<R>, FileError> {
    let path = data.join(name);
    let whole = |what: String| FileError::file(&path, what);
    let text = text(&path).map_err(whole)?;
    let wrong = |line: usize, what: String| FileError::line(&path, line, what);
    let rows = rows(toml_text::parse(&text).map_err(|(line, what)| wrong(line, what))?);
    if rows.len() > MAX_ROWS {
        return Err(whole(format!("it names {} files; at most {MAX_ROWS} are read", rows.len())));
    }
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let root = data.canonicalize().map_err(|error| whole(format!("cannot find its folder: {error}")))?;
    let mut seen = HashSet::new();
    let mut held = Vec::new();
    for row in rows {
        let line = toml_text::line_of(&text, row.span().start);
        let mut row = row.into_inner();
        check(&mut row, &root).map_err(|what| wrong(line, what))?;
        if !seen.insert(row.file().clone()) {
            return Err(wrong(line, format!("{} is listed twice", quoted(row.file()))));
        }
        held.push(row);
    }
    Ok(held)
}

/// The path of a file below a folder, `/` between its parts, whatever links lead there. Both must exist, the folder by its true path.
pub(super) fn below(root: &Path, file: &Path) -> Option<String> {
    let parts = file.canonicalize().ok()?;
    let parts = parts.strip_prefix(root).ok()?.components().map(|part| part.as_os_str().to_str());
    Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
}

fn text(path: &Path) -> Result<String, String> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(String::new()),
        Err(error) => return Err(format!("cannot read it: {error}")),
    };
    let mut bytes = Vec::new();
    file.take(MAX_LIST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| format!("cannot read it: {error}"))?;
    if bytes.len() as u64 > MAX_LIST_BYTES {
        return Err(format!("it is larger than {} MiB", MAX_LIST_BYTES >> 20));
    }
    String::from_utf8(bytes).map_err(|_| "it is no UTF-8 text".to_owned())
}

fn check(row: &mut impl Row, root: &Path) -> Result<(), String> {
    let file = place(root, row.file())?;
    let path = root.join(&file);
    *row.file() = file;
    if !is_date(row.date()) {
        return Err(format!("{} is no day: write date = \"YYYY-MM-DD\"", quoted(row.date())));
    }
    row.check(&path)
}

/// The true path of a file that a list names. Links are not followed out of the folder, and none is a file.
fn place(root: &Path, file: &str) -> Result<String, String> {
    let shown = || format!("'{}'", shown(file, MAX_PATH_CHARS));
    if file.chars().nth(MAX_PATH_CHARS).is_some() {
        return Err(format!("the path {} is longer than {MAX_PATH_CHARS} characters", quoted(file)));
    }
    let path = Path::new(file);
    let is_below = path.components().all(|part| matches!(part, Component::Normal(_)));
    if file.is_empty() || !is_below || file.contains('\\') {
        return Err(format!("{} is no path below this folder, such as CHIP/CONFIG/FILE.jsonl", shown()));
    }
    if path.extension().is_none_or(|ending| ending != "jsonl") {
        return Err(format!("{} is no results file: their names end in .jsonl", shown()));
    }
    let found = root.join(path);
    match std::fs::symlink_metadata(&found) {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return Err(format!("{} is no file", shown())),
        Err(_) => return Err(format!("there is no file {} in this folder", shown())),
    }
    below(root, &found).ok_or_else(|| format!("{} leads out of this folder", shown()))
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::{Reference, Withdrawn};
    use super::*;
    use std::fs;

    /// A data folder with one file, empty but there, and its path.
    pub(crate) fn folder() -> (tempfile::TempDir, &'static str) {
        let folder = tempfile::tempdir().unwrap();
        let file = "apple-m3-max/16-cpu/2026-03-01-quick-e3b0c44298fc.jsonl";
        fs::create_dir_all(folder.path().join("apple-m3-max/16-cpu")).unwrap();
        fs::write(folder.path().join(file), "").unwrap();
        (folder, file)
    }

    #[test]
    fn a_list_that_is_not_there_and_one_of_comments_name_nothing() {
        let (folder, _) = folder();
        assert_eq!(Withdrawn::read(folder.path()), Ok(Withdrawn::default()));
        fs::write(folder.path().join("withdrawn.toml"), "# [[withdrawn]]\n").unwrap();
        fs::write(folder.path().join("reference.toml"), "").unwrap();
        assert_eq!(Withdrawn::read(folder.path()), Ok(Withdrawn::default()));
        assert_eq!(Reference::read(folder.path()), Ok(Reference::default()));
    }

    #[test]
    fn each_fault_is_one_line_with_its_place() {
        let (folder, file) = folder();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("x.jsonl"), "").unwrap();
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(outside.path(), folder.path().join("away")).unwrap();
            std::os::unix::fs::symlink(file, folder.path().join("link.jsonl")).unwrap();
        }
        fs::create_dir(folder.path().join("folder.jsonl")).unwrap();
        let good = format!("[[withdrawn]]\nfile = \"{file}\"\ndate = \"2026-03-02\"\nreason = \"a fan had failed\"\n");
        fs::write(folder.path().join("withdrawn.toml"), &good).unwrap();
        assert_eq!(Withdrawn::read(folder.path()).unwrap().list.len(), 1);

        let of = |file: &str| good.replace("apple-m3-max/16-cpu/2026-03-01-quick-e3b0c44298fc.jsonl", file);
        let mut bad = vec![
            (good.replace("reason", "why"), "withdrawn.toml:4: unknown field `why`"),
            (good.replace("reason = \"a fan had failed\"\n", ""), "withdrawn.toml:1: missing field `reason`"),
            (good.replace("a fan had failed", " "), "withdrawn.toml:1: the reason is empty"),
            (
                good.replace("a fan", "\\u202e"),
                "withdrawn.toml:1: the reason has a character that is no plain text (U+202E)",
            ),
            (good.replace("a fan", &"x".repeat(200)), "the reason is longer than 200 characters"),
            (good.replace("03-02", "13-02"), "'2026-13-02' is no day: write date = \"YYYY-MM-DD\""),
            (format!("{good}\n{good}"), "withdrawn.toml:6: 'apple-m3-max/16-cpu/"),
            (format!("x = 1\n{good}"), "withdrawn.toml:1: unknown field `x`"),
            ("[[withdrawn]".to_owned(), "withdrawn.toml:1: "),
            (of(""), "'' is no path below this folder"),
            (of("/etc/passwd.jsonl"), "'/etc/passwd.jsonl' is no path below this folder"),
            (of("../x.jsonl"), "'../x.jsonl' is no path below this folder"),
            (of("a/../../x.jsonl"), "is no path below this folder"),
            (of("./x.jsonl"), "is no path below this folder"),
            (of("a\\\\x.jsonl"), "is no path below this folder"),
            (of("README.md"), "is no results file"),
            (of("apple-m3-max/none.jsonl"), "there is no file 'apple-m3-max/none.jsonl' in this folder"),
            (of("\\u0000.jsonl"), "there is no file '\u{fffd}.jsonl'"),
            (of("folder.jsonl"), "'folder.jsonl' is no file"),
            (of(&format!("{}.jsonl", "x".repeat(400))), "is longer than 300 characters"),
            (format!("#{}\n", "x".repeat(1 << 20)), "withdrawn.toml: it is larger than 1 MiB"),
            ("[[withdrawn]]\n".repeat(3), "withdrawn.toml:1: missing field"),
        ];
        if cfg!(unix) {
            bad.push((of("away/x.jsonl"), "'away/x.jsonl' leads out of this folder"));
            bad.push((of("link.jsonl"), "'link.jsonl' is no file"));
        }
        for (text, says) in bad {
            fs::write(folder.path().join("withdrawn.toml"), &text).unwrap();
            let error = Withdrawn::read(folder.path()).unwrap_err().to_string();
            assert!(error.contains(says) && !error.contains(['\n', '\u{202e}']), "{error}\n{says}");
            assert!(error.chars().count() < 1000, "{error}");
        }
        fs::write(folder.path().join("withdrawn.toml"), b"\xff").unwrap();
        assert!(Withdrawn::read(folder.path()).unwrap_err().to_string().ends_with("it is no UTF-8 text"));
        let many = "[[withdrawn]]\nfile=\"\"\ndate=\"\"\nreason=\"\"\n".repeat(MAX_ROWS + 1);
        fs::write(folder.path().join("withdrawn.toml"), many).unwrap();
        assert!(Withdrawn::read(folder.path()).unwrap_err().to_string().contains("it names 10001 files"));
    }
}
