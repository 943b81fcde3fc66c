//! The links of every Markdown page in the repository lead somewhere: to a file or folder that is there and, behind a `#`, to a
//! heading that the page has. Addresses on the net are not asked.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// What lies in a checkout and is not the repository's.
const FOREIGN: [&str; 5] = ["target", "native", "bench-results", "node_modules", "site"];

/// A page: where its links lead, and the names that links to its headings have.
#[derive(Default)]
struct Page {
    links: Vec<String>,
    anchors: Vec<String>,
}

impl Page {
    fn of(text: &str) -> Self {
        let mut page = Page::default();
        let mut heading: Option<String> = None;
        for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(dest_url.into_string());
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => page.add_anchor(&heading.take().unwrap_or_default()),
                Event::Text(text) | Event::Code(text) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&text);
                    }
                }
                _ => {}
            }
        }
        page
    }

    /// As GitHub names headings: small letters, digits, `-` and `_` stay, blanks become `-`, all else goes; one that comes again is
    /// counted.
    fn add_anchor(&mut self, heading: &str) {
        let kept = heading.trim().to_lowercase();
        let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        let base: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        let numbered = (1..).map(|n| format!("{base}-{n}"));
        let free = std::iter::once(base.clone()).chain(numbered).find(|anchor| !self.anchors.contains(anchor));
        self.anchors.extend(free);
    }
}

/// Every page under a folder.
fn pages_in(folder: &Path, pages: &mut BTreeMap<PathBuf, Page>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            let is_hidden = name.starts_with('.') && name != ".github";
            if !is_hidden && !FOREIGN.contains(&name.as_str()) {
                pages_in(&path, pages);
            }
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.insert(path.clone(), Page::of(&fs::read_to_string(path).unwrap()));
        }
    }
}

/// Where a link leads from a folder, unless that is out of the root.
fn resolved(root: &Path, folder: &Path, link: &str) -> Option<PathBuf> {
    let mut path = folder.to_owned();
    for part in Path::new(link).components() {
        match part {
            Component::Normal(part) => path.push(part),
            Component::ParentDir if path != root => {
                path.pop();
            }
            Component::CurDir => {}
            _ => return None,
        }
    }
    Some(path)
}

/// What is wrong with the links of a tree's pages, a line each.
fn broken(root: &Path) -> (usize, Vec<String>) {
    let mut pages = BTreeMap::new();
    pages_in(root, &mut pages);
    let (mut count, mut faults) = (0, Vec::new());
    for (path, page) in &pages {
        for link in &page.links {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            count += 1;
            let (file, anchor) =
                link.split_once('#').map_or((link.as_str(), None), |(file, anchor)| (file, Some(anchor)));
            let to = if file.is_empty() { Some(path.clone()) } else { resolved(root, path.parent().unwrap(), file) };
            let why = match (to.filter(|to| to.exists()), anchor) {
                (None, _) => "there is no such file",
                (Some(to), Some(anchor))
                    if !pages.get(&to).is_some_and(|page| page.anchors.iter().any(|a| a == anchor)) =>
                {
                    "there is no such heading"
                }
                _ => continue,
            };
            faults.push(format!("{}: {link}: {why}", path.strip_prefix(root).unwrap().display()));
        }
    }
    (count, faults)
}

#[test]
fn every_link_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let (count, faults) = broken(&root);
    assert_eq!(faults, Vec::<String>::new());
    assert!(count > 60, "only {count} links: are the pages still found?");
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    fs::create_dir(root.join("docs")).unwrap();
    fs::write(root.join("docs/a.md"), "# Two `words`, here\n# Again\n# Again\n[up](../README.md#top) [x](#again-1)\n")
        .unwrap();
    let links = "# Top\n[1](docs/a.md#two-words-here) [2](docs/) [3](https://example.org/none) [4](docs/a.md#again-2)\n\
                 [5](docs/b.md) ![6](docs/a.png) [7](../outside.md) [8](/docs/a.md)\n\n    [code](none.md)\n";
    fs::write(root.join("README.md"), links).unwrap();
    let (count, faults) = broken(&root);
    assert_eq!(count, 9);
    let expected = [
        "docs/a.md#again-2: there is no such heading",
        "docs/b.md: there is no such file",
        "docs/a.png: there is no such file",
        "../outside.md: there is no such file",
        "/docs/a.md: there is no such file",
    ];
    assert_eq!(faults, expected.map(|fault| format!("README.md: {fault}")));
}
