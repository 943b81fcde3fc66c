//! JSON for floats that may not be finite: JSON has no NaN and no infinity, and a result may hold both. They are
//! written as the texts `"nan"`, `"inf"` and `"-inf"`. Use by `#[serde(with = "json_f64")]` or `json_f64::vec`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Number(f64),
    Text(String),
}

fn write(value: f64) -> Written {
    if value.is_finite() {
        Written::Number(value)
    } else if value.is_nan() {
        Written::Text("nan".into())
    } else if value > 0.0 {
        Written::Text("inf".into())
    } else {
        Written::Text("-inf".into())
    }
}

fn read<E: serde::de::Error>(written: Written) -> Result<f64, E> {
    match written {
        Written::Number(value) => Ok(value),
        Written::Text(text) => match text.as_str() {
            "nan" => Ok(f64::NAN),
            "inf" => Ok(f64::INFINITY),
            "-inf" => Ok(f64::NEG_INFINITY),
            _ => Err(E::custom("expected a number, \"nan\", \"inf\" or \"-inf\"")),
        },
    }
}

/// Writes one float.
///
/// # Errors
/// The serializer's own.
pub fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    write(*value).serialize(serializer)
}

/// Reads one float.
///
/// # Errors
/// On any other text.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    read(Written::deserialize(deserializer)?)
}

/// The same for a `Vec<f64>`.
pub mod vec {
    use super::{Deserialize, Deserializer, Serializer, Written, read, write};

    /// Writes a list of floats.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize<S: Serializer>(values: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(|&v| write(v)))
    }

    /// Reads a list of floats.
    ///
    /// # Errors
    /// On any other text.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
        Vec::<Written>::deserialize(deserializer)?.into_iter().map(read).collect()
    }
}
