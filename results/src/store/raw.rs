//! A JSON object whose values stay as they are written: what a rewriting does not touch comes out with the same keys in the same
//! order, the same digits, the same texts.

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use std::fmt;

/// An object: its keys with their values' text, in the order of the file.
#[derive(Debug, Clone, Default)]
pub(super) struct Object(Vec<(String, Box<RawValue>)>);

/// Whether something was changed, or a line that says why it cannot be.
pub(super) type Changed = Result<bool, String>;

impl Object {
    /// The text of a key's value that is one; of several of that key, the first.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        let (_, value) = self.0.iter().find(|(name, _)| name == key)?;
        serde_json::from_str(value.get()).ok()
    }

    /// Puts a number in the place of a key's value.
    pub(super) fn set(&mut self, key: &str, number: u32) -> Changed {
        self.each(key, |_| raw(&number).map(Some))
    }

    /// Gives a key another name and another value.
    pub(super) fn replace(
        &mut self,
        old: &str,
        new: &str,
        value: impl Fn(&RawValue) -> Result<Box<RawValue>, String>,
    ) -> Changed {
        let changed = self.each(old, |text| value(text).map(Some))?;
        for (name, _) in self.0.iter_mut().filter(|(name, _)| name == old) {
            new.clone_into(name);
        }
        Ok(changed)
    }

    /// Changes the object that is a key's value. One that is absent or null stays so.
    pub(super) fn within(&mut self, key: &str, change: impl Fn(&mut Object) -> Changed) -> Changed {
        self.each(key, |value| {
            let Some(mut object) = parse::<Object>(value).map_err(|()| format!("{key} is no object"))? else {
                return Ok(None);
            };
            if change(&mut object)? { raw(&object).map(Some) } else { Ok(None) }
        })
    }

    /// Changes each object of the list that is a key's value.
    pub(super) fn within_each(&mut self, key: &str, change: impl Fn(&mut Object) -> Changed) -> Changed {
        self.each(key, |value| {
            let Some(mut list) = parse::<Vec<Object>>(value).map_err(|()| format!("{key} is no list of objects"))?
            else {
                return Ok(None);
            };
            let mut changed = false;
            for object in &mut list {
                changed |= change(object)?;
            }
            if changed { raw(&list).map(Some) } else { Ok(None) }
        })
    }

    /// Puts what `change` makes of a key's value in its place, wherever that key stands.
    fn each(&mut self, key: &str, change: impl Fn(&RawValue) -> Result<Option<Box<RawValue>>, String>) -> Changed {
        let mut changed = false;
        for (_, value) in self.0.iter_mut().filter(|(name, _)| name == key) {
            if let Some(new) = change(value)? {
                *value = new;
                changed = true;
            }
        }
        Ok(changed)
    }
}

/// A value of this kind; none where it is null.
fn parse<'de, T: Deserialize<'de>>(value: &'de RawValue) -> Result<Option<T>, ()> {
    serde_json::from_str(value.get()).map_err(|_| ())
}

/// A value's text.
pub(super) fn raw<T: Serialize>(value: &T) -> Result<Box<RawValue>, String> {
    serde_json::value::to_raw_value(value).map_err(|error| error.to_string())
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Object(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}
