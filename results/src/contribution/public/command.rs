//! The command line of a run without anything that could hold a path: built again of the flags whose values are known.

use chipmark_core::{DType, Inputs, Mode, Tier};
use std::str::FromStr;

/// Flags without a value.
const SWITCHES: [&str; 4] = ["--publish", "--tf32", "--no-ceilings", "--memory"];

/// The longest value of a flag, in bytes.
const MAX_VALUE_BYTES: usize = 200;

/// The arguments that are kept, and how many were left out.
pub(super) fn command(given: &[String], suites: &[&str]) -> (Vec<String>, usize) {
    let mut kept = Vec::new();
    let mut left_out = 0;
    let mut given = given.iter().map(String::as_str);
    while let Some(argument) = given.next() {
        let (flag, within) = argument.split_once('=').map_or((argument, None), |(flag, value)| (flag, Some(value)));
        if kept.is_empty() && argument == "run" || SWITCHES.contains(&argument) {
            kept.push(argument.to_owned());
        } else if let Some(is_value) = value_of(flag) {
            match within
                .or_else(|| given.next())
                .filter(|value| value.len() <= MAX_VALUE_BYTES && is_value(value, suites))
            {
                Some(value) => kept.extend([flag.to_owned(), value.to_owned()]),
                None => left_out += 1,
            }
        } else {
            left_out += 1;
        }
    }
    (kept, left_out)
}

/// Whether a text is a value of a flag.
type IsValue = fn(&str, &[&str]) -> bool;

/// What the values of a flag are; nothing where they may hold paths, or the flag is not known.
fn value_of(flag: &str) -> Option<IsValue> {
    Some(match flag {
        "--suite" => |value, suites| suites.contains(&value),
        "--profile" => |value, _| ["quick", "standard", "publish"].contains(&value),
        "--format" => |value, _| ["table", "json", "csv"].contains(&value),
        "--tier" => |value, _| Tier::from_str(value).is_ok(),
        "--mode" => |value, _| is_list(value, |part| Mode::from_str(part).is_ok()),
        "--dtype" => |value, _| is_list(value, |part| DType::from_str(part).is_ok()),
        "--inputs" => |value, _| Inputs::from_str(value).is_ok(),
        "--target" => |value, _| is_list(value, |part| is_of(part, |c| c.is_ascii_lowercase() || is_in(c, ":+-"))),
        "--rounds" | "--threads" | "--seed" => |value, _| is_of(value, |_| false),
        "--budget" | "--cell-timeout" => |value, _| is_of(value, |c| c.is_ascii_lowercase() || is_in(c, ". ")),
        _ => return None,
    })
}

fn is_list(value: &str, is_part: impl Fn(&str) -> bool) -> bool {
    value.split(',').all(is_part)
}

/// Whether a text has digits and such characters alone.
fn is_of(text: &str, is_one: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || is_one(c))
}

fn is_in(c: char, all: &str) -> bool {
    all.contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(given: &str) -> (String, usize) {
        let given: Vec<String> = given.split(' ').map(str::to_owned).collect();
        let (kept, left_out) = command(&given, &["quick", "main"]);
        (kept.join(" "), left_out)
    }

    #[test]
    fn known_flags_stay() {
        for all in [
            "run --suite quick --profile publish --budget 90s --rounds 12 --seed 7 --memory",
            "run --publish --target candle:cpu,tch:cuda:0,mlx+compile --mode latency,first-call --dtype f32,bf16 --tf32",
            "run --tier tiny --threads 4 --inputs cold --cell-timeout 2m --format csv --no-ceilings",
        ] {
            assert_eq!(kept(all), (all.to_owned(), 0));
        }
        assert_eq!(kept("run --suite=main --seed=3"), ("run --suite main --seed 3".to_owned(), 0));
    }

    #[test]
    fn what_may_hold_a_path_or_a_name_goes() {
        for (given, stays, left_out) in [
            ("run --out /home/jane --worker ./w --memory", "run --memory", 4),
            ("run --cora=/data/x --resume runs/1.jsonl", "run", 3),
            ("run --suite ./quick.toml --chip Janes-Mac", "run", 3),
            ("run --suite quick.toml", "run", 1),
            ("run --case softmax/*", "run", 2),
            ("run --target /bin/x --mode ./latency --budget /1s", "run", 3),
            ("run --seed", "run", 1),
            ("/usr/bin/run --rounds 3", "--rounds 3", 1),
        ] {
            assert_eq!(kept(given), (stays.to_owned(), left_out), "{given}");
        }
    }
}
