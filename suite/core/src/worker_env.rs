//! What a worker may be given beside the machine's own environment: variables, and a number of threads. Suite files, results
//! files and the command line are held to the same limits.

use std::collections::BTreeMap;

/// The most threads that a framework is given.
pub const MAX_THREADS: usize = 4096;
/// The most rounds of a run.
pub const MAX_ROUNDS: u32 = 1000;

const MAX_VARIABLES: usize = 64;
const MAX_NAME_BYTES: usize = 100;
const MAX_VALUE_BYTES: usize = 4096;

/// Whether these variables can be set for a worker.
///
/// # Errors
/// A line that names the one that cannot.
pub fn check_env(env: &BTreeMap<String, String>) -> Result<(), String> {
    if env.len() > MAX_VARIABLES {
        return Err(format!("{} variables; a worker gets at most {MAX_VARIABLES}", env.len()));
    }
    for (name, value) in env {
        let is_name = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
            && name.bytes().next().is_some_and(|first| !first.is_ascii_digit());
        if !is_name || name.len() > MAX_NAME_BYTES {
            let shown: String = name.chars().take(40).collect();
            return Err(format!("'{}' is not the name of a variable: A to Z, 0 to 9 and _", shown.escape_debug()));
        }
        if value.len() > MAX_VALUE_BYTES || value.chars().any(char::is_control) {
            return Err(format!(
                "the value of {name} is longer than {MAX_VALUE_BYTES} bytes, or has control characters"
            ));
        }
    }
    Ok(())
}

/// Whether a framework can be given so many threads.
///
/// # Errors
/// A line with the limits.
pub fn check_threads(threads: Option<usize>) -> Result<(), String> {
    match threads {
        Some(threads) if !(1..=MAX_THREADS).contains(&threads) => {
            Err(format!("{threads} threads: it must be 1 to {MAX_THREADS}"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_have_plain_names_and_bounded_values() {
        let of = |name: &str, value: &str| check_env(&[(name.to_owned(), value.to_owned())].into());
        assert_eq!(of("LD_PRELOAD", "libopenblas.so.0"), Ok(()));
        assert_eq!(of("_X2", ""), Ok(()));
        for bad in ["", "2X", "lower", "A=B", "A B", "Ä", &"A".repeat(101)] {
            assert!(of(bad, "1").unwrap_err().contains("is not the name of a variable"), "{bad}");
        }
        for bad in ["a\0b", "a\nb", &"x".repeat(4097)] {
            assert!(of("A", bad).unwrap_err().starts_with("the value of A"), "{bad:?}");
        }
        let many = (0..65).map(|n| (format!("A{n}"), String::new())).collect();
        assert!(check_env(&many).is_err());
    }

    #[test]
    fn threads_have_limits() {
        assert_eq!((check_threads(None), check_threads(Some(4096))), (Ok(()), Ok(())));
        assert!(check_threads(Some(0)).is_err() && check_threads(Some(4097)).is_err());
    }
}
