//! A line's JSON as a value, once. A key that stands in an object twice is refused: readers differ in which of the two they take.

use crate::store::line::{LineError, parse};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

struct Strict(Value);

/// Parses a line.
pub(super) fn value(line: &str) -> Result<Value, LineError> {
    parse::<Strict>(line).map(|Strict(value)| value)
}

/// Leaves of each list of whole numbers the least and the greatest: what the schema asks of such numbers is a range for each, so that
/// these two stand for all.
pub(super) fn outline(value: &mut Value) {
    match value {
        Value::Array(items) => {
            let range = items.iter().try_fold((u64::MAX, 0), |(least, greatest), item| {
                item.as_u64().map(|number| (number.min(least), number.max(greatest)))
            });
            match range {
                Some((least, greatest)) if items.len() > 2 => *items = vec![least.into(), greatest.into()],
                _ => items.iter_mut().for_each(outline),
            }
        }
        Value::Object(map) => map.values_mut().for_each(outline),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Json).map(Strict)
    }
}

struct Json;

impl<'de> Visitor<'de> for Json {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number that is not finite"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        // Nearly all of a file is lists of whole numbers, which grow faster as such.
        let mut numbers: Vec<u64> = Vec::with_capacity(32);
        while let Some(Strict(item)) = items.next_element()? {
            if let Some(number) = item.as_u64() {
                numbers.push(number);
                continue;
            }
            let mut list: Vec<Value> = numbers.into_iter().map(Value::from).collect();
            list.push(item);
            while let Some(Strict(item)) = items.next_element()? {
                list.push(item);
            }
            return Ok(Value::Array(list));
        }
        Ok(numbers.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if map.contains_key(&key) {
                return Err(A::Error::custom(format!("the key '{key}' stands there twice")));
            }
            let Strict(value) = entries.next_value()?;
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_value_is_what_the_usual_parser_makes_of_it() {
        for text in [
            "[1, 2, 3, null]",
            "[[1, 2, 3], [4], []]",
            r#"{"a": [1, -2, 1.5, 18446744073709551615, 1e-320], "b": {"c": null, "d": [true, "x\u00e9\n"]}, "e": {}}"#,
            "[]",
            "0.1",
        ] {
            assert_eq!(value(text).unwrap(), serde_json::from_str::<Value>(text).unwrap());
        }
    }

    #[test]
    fn an_outline_keeps_all_but_the_middle_of_whole_numbers() {
        for (text, outlined) in [
            (
                r#"{"a": [3, 1, 18446744073709551615, 2], "b": [4, 2]}"#,
                r#"{"a": [1, 18446744073709551615], "b": [4, 2]}"#,
            ),
            (
                "[[1, 2, 3], [-1, 2, 3], [1, 2, null], [1, 2.5, 3], []]",
                "[[1, 3], [-1, 2, 3], [1, 2, null], [1, 2.5, 3], []]",
            ),
        ] {
            let mut value = value(text).unwrap();
            outline(&mut value);
            assert_eq!(value, serde_json::from_str::<Value>(outlined).unwrap());
        }
    }

    /// What an outline leaves out may not matter to the schema: it asks nothing of a list of whole numbers but of each item a range.
    #[test]
    fn the_schema_bounds_numbers_and_not_lists_of_them() {
        fn keys(schema: &Value, lists: &mut BTreeSet<String>) {
            let is = |word: &str| schema.get("type").is_some_and(|kind| kind.to_string().contains(word));
            match schema {
                Value::Array(items) => items.iter().for_each(|item| keys(item, lists)),
                Value::Object(map) => {
                    if is("\"array\"") {
                        lists.extend(map.keys().cloned());
                    }
                    let range = ["type", "format", "minimum", "maximum", "description", "default"];
                    assert!(!is("\"integer\"") || map.keys().all(|key| range.contains(&key.as_str())), "{schema}");
                    map.values().for_each(|value| keys(value, lists));
                }
                _ => {}
            }
        }
        let mut lists = BTreeSet::new();
        keys(&crate::json_schema::schema(), &mut lists);
        assert_eq!(lists.into_iter().collect::<Vec<_>>(), ["default", "description", "items", "type"]);
    }

    #[test]
    fn what_is_ambiguous_or_no_number_is_refused() {
        let twice = value(r#"{"a": {"b": 1, "c": 2, "b": 1}}"#).unwrap_err();
        assert!(matches!(&twice, LineError::Rule(what) if what.contains("'b' stands there twice")), "{twice:?}");
        for text in ["1e999", "NaN", "{\"a\": 1", "{} {}", "", &"[".repeat(10_000)] {
            assert!(matches!(value(text), Err(LineError::Syntax(_))), "{text:.20}");
        }
    }
}
