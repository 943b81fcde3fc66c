//! How text for a terminal is laid out: tables without borders and paragraphs, both within a width, in colour or plain.

use comfy_table::{LineStyle, Table, TableStyle};
use std::fmt::Write;

/// How the tables look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The most columns of text; nothing for as many as it takes.
    pub width: Option<u16>,
    /// Whether to colour.
    pub colour: Colour,
}

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Plain text: for files and pipes.
    Never,
    /// With the escape codes of terminals.
    Always,
}

const PLAIN: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

impl Look {
    /// An empty table.
    pub(crate) fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(PLAIN).force_no_tty();
        if self.colour == Colour::Always {
            table.enforce_styling();
        }
        table
    }

    /// Whether every line is within the width.
    pub(crate) fn holds(&self, lines: &[String]) -> bool {
        let width = usize::from(self.width.unwrap_or(u16::MAX));
        lines.iter().all(|line| textwrap::core::display_width(line) <= width)
    }

    /// Appends a paragraph behind a mark, wrapped to the width, its later lines indented as far as the mark.
    pub(crate) fn paragraph(&self, out: &mut String, mark: &str, text: &str) {
        let Some(width) = self.width else {
            let _ = writeln!(out, "{}", format!("{mark}{text}").trim_end());
            return;
        };
        let indent = " ".repeat(textwrap::core::display_width(mark));
        // Commands and names of files would not survive a break at their hyphens.
        let options = textwrap::Options::new(usize::from(width).max(20))
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
            .initial_indent(mark)
            .subsequent_indent(&indent);
        for line in textwrap::wrap(text, options) {
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }
}

/// A table's lines without trailing spaces: two of the header, then one for each row, because nothing is wrapped.
pub(crate) fn lines(table: &Table) -> impl Iterator<Item = String> + '_ {
    table.lines().map(|line| line.trim_end().to_owned())
}
