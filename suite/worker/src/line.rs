//! Reading lines that the other side may make as long as it likes.

use std::io::{self, BufRead};

/// One line read, or why there is none.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// A whole line, without its end.
    Text(String),
    /// A line longer than the limit: it was skipped to its end without being held.
    TooLong,
    /// A line that is not UTF-8.
    NotText,
    /// The other side is gone. A last line without an end is no line.
    End,
}

/// Reads the next line of at most `limit` bytes.
///
/// # Errors
/// Those of the reader.
pub fn read(reader: &mut impl BufRead, limit: usize) -> io::Result<Line> {
    let mut line = Vec::new();
    let mut too_long = false;
    loop {
        let available = match reader.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if available.is_empty() {
            return Ok(Line::End);
        }
        let end = available.iter().position(|&byte| byte == b'\n');
        let part = &available[..end.unwrap_or(available.len())];
        too_long |= line.len() + part.len() > limit;
        if too_long {
            line.clear();
        } else {
            line.extend_from_slice(part);
        }
        let used = part.len() + usize::from(end.is_some());
        reader.consume(used);
        if end.is_some() {
            return Ok(match String::from_utf8(line) {
                _ if too_long => Line::TooLong,
                Ok(text) => Line::Text(text),
                Err(_) => Line::NotText,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8], limit: usize) -> Vec<Line> {
        // A buffer smaller than the lines, so that lines span several fills.
        let mut reader = io::BufReader::with_capacity(3, bytes);
        let mut lines = Vec::new();
        loop {
            let line = read(&mut reader, limit).unwrap();
            let end = line == Line::End;
            lines.push(line);
            if end {
                return lines;
            }
        }
    }

    #[test]
    fn splits_skips_and_ends() {
        let text = |s: &str| Line::Text(s.to_owned());
        assert_eq!(all(b"one\ntwo\n", 5), [text("one"), text("two"), Line::End]);
        assert_eq!(all(b"12345\n123456\nok\n", 5), [text("12345"), Line::TooLong, text("ok"), Line::End]);
        assert_eq!(all(b"\xff\n\n", 5), [Line::NotText, text(""), Line::End]);
        assert_eq!(all(b"torn", 5), [Line::End]);
    }
}
