//! How long things take: settings read from the environment variable `CHIPMARK_SYNTHETIC`.

/// The environment variable that holds the settings.
pub const VARIABLE: &str = "CHIPMARK_SYNTHETIC";

/// Each key, and what it means. The README's table is held against this one by a test.
pub const KEYS: [(&str, &str); 8] = [
    ("latency_us", "mean device time of one op, in microseconds"),
    ("noise", "relative standard deviation from op to op"),
    ("drift", "relative growth of the latency per second since opening"),
    ("launch_noise", "relative standard deviation from launch to launch"),
    ("slowdown", "factor on every op's latency: an injected regression"),
    ("first_call_us", "extra device time of the first op after opening, in microseconds"),
    ("gbps", "bandwidth of uploads and downloads, in 10^9 bytes per second"),
    ("wait", "how the host waits: spin (exact) or sleep (late by the system's timer)"),
];

/// How the host waits for the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Watch the clock: exact, and busy.
    Spin,
    /// Sleep: idle, and late by what the system's timer allows itself.
    Sleep,
}

/// How long things take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Mean device time of one op, in microseconds.
    pub latency_us: f64,
    /// Relative standard deviation from op to op.
    pub noise: f64,
    /// Relative growth of the latency per second since opening.
    pub drift: f64,
    /// Relative standard deviation from launch to launch.
    pub launch_noise: f64,
    /// Factor on every op's latency.
    pub slowdown: f64,
    /// Extra device time of the first op after opening, in microseconds.
    pub first_call_us: f64,
    /// Bandwidth of uploads and downloads, in 10⁹ bytes per second.
    pub gbps: f64,
    /// How the host waits.
    pub wait: Wait,
}

impl Default for Settings {
    /// 100 µs an op, 10 GB/s, no noise of any kind, spinning.
    fn default() -> Self {
        Settings {
            latency_us: 100.0,
            noise: 0.0,
            drift: 0.0,
            launch_noise: 0.0,
            slowdown: 1.0,
            first_call_us: 0.0,
            gbps: 10.0,
            wait: Wait::Spin,
        }
    }
}

/// What is wrong with the settings.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SettingsError {
    /// No such key.
    #[error("{VARIABLE}: unknown key '{key}': one of {}", KEYS.map(|(key, _)| key).join(", "))]
    UnknownKey {
        /// What was written.
        key: String,
    },
    /// Not of the form `key=value`.
    #[error("{VARIABLE}: '{part}' is not of the form key=value")]
    NotAPair {
        /// What was written.
        part: String,
    },
    /// The same key twice.
    #[error("{VARIABLE}: '{key}' is set twice")]
    Twice {
        /// The key.
        key: String,
    },
    /// A value that the key cannot have.
    #[error("{VARIABLE}: {key}={value} is not {expected}")]
    BadValue {
        /// The key.
        key: String,
        /// What was written.
        value: String,
        /// What can be written.
        expected: String,
    },
    /// The variable's bytes are no text.
    #[error("{VARIABLE} is not UTF-8")]
    NotText,
}

impl Settings {
    /// Reads the environment variable. Without it, the defaults.
    ///
    /// # Errors
    /// As [`Settings::parse`], or when the variable is no text.
    pub fn from_env() -> Result<Self, SettingsError> {
        match std::env::var(VARIABLE) {
            Ok(text) => Settings::parse(&text),
            Err(std::env::VarError::NotPresent) => Ok(Settings::default()),
            Err(std::env::VarError::NotUnicode(_)) => Err(SettingsError::NotText),
        }
    }

    /// Reads a comma list such as `latency_us=200,noise=0.01`. What it does not name has its default.
    ///
    /// # Errors
    /// When a part is no `key=value`, a key is unknown or there twice, or a value is out of its range.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let mut settings = Settings::default();
        let mut seen = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (key, value) = part.split_once('=').ok_or_else(|| SettingsError::NotAPair { part: part.to_owned() })?;
            if seen.contains(&key) {
                return Err(SettingsError::Twice { key: key.to_owned() });
            }
            seen.push(key);
            settings.set(key, value)?;
        }
        Ok(settings)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), SettingsError> {
        let bad = |expected: String| SettingsError::BadValue { key: key.to_owned(), value: value.to_owned(), expected };
        let number = |low: f64, high: f64| {
            let number: Option<f64> = value.parse().ok();
            number.filter(|x| (low..=high).contains(x)).ok_or_else(|| bad(format!("a number from {low} to {high}")))
        };
        match key {
            "latency_us" => self.latency_us = number(0.0, 1e8)?,
            "noise" => self.noise = number(0.0, 1.0)?,
            "drift" => self.drift = number(0.0, 10.0)?,
            "launch_noise" => self.launch_noise = number(0.0, 1.0)?,
            "slowdown" => self.slowdown = number(0.01, 100.0)?,
            "first_call_us" => self.first_call_us = number(0.0, 1e8)?,
            "gbps" => self.gbps = number(0.001, 1e6)?,
            "wait" => {
                self.wait = match value {
                    "spin" => Wait::Spin,
                    "sleep" => Wait::Sleep,
                    _ => return Err(bad("spin or sleep".to_owned())),
                }
            }
            _ => return Err(SettingsError::UnknownKey { key: key.to_owned() }),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_read() {
        let text = "latency_us=200,noise=0.01,drift=0.05,launch_noise=0.02,slowdown=1.03,first_call_us=5000,\
                    gbps=2.5,wait=sleep";
        let expected = Settings {
            latency_us: 200.0,
            noise: 0.01,
            drift: 0.05,
            launch_noise: 0.02,
            slowdown: 1.03,
            first_call_us: 5000.0,
            gbps: 2.5,
            wait: Wait::Sleep,
        };
        assert_eq!(Settings::parse(text), Ok(expected));
        for (key, _) in KEYS {
            assert!(text.contains(&format!("{key}=")), "{key} is not in this test");
        }
    }

    #[test]
    fn what_is_not_named_has_its_default() {
        assert_eq!(Settings::parse(""), Ok(Settings::default()));
        let expected = Settings { noise: 0.5, ..Settings::default() };
        assert_eq!(Settings::parse(" noise=0.5 , "), Ok(expected));
    }

    #[test]
    fn mistakes_are_named() {
        let error = |text| Settings::parse(text).unwrap_err().to_string();
        assert_eq!(
            error("latency=5"),
            "CHIPMARK_SYNTHETIC: unknown key 'latency': one of latency_us, noise, drift, launch_noise, slowdown, \
             first_call_us, gbps, wait"
        );
        assert_eq!(error("noise"), "CHIPMARK_SYNTHETIC: 'noise' is not of the form key=value");
        assert_eq!(error("noise=0,noise=0"), "CHIPMARK_SYNTHETIC: 'noise' is set twice");
        assert_eq!(error("wait=nap"), "CHIPMARK_SYNTHETIC: wait=nap is not spin or sleep");
        assert_eq!(error("noise=-0.1"), "CHIPMARK_SYNTHETIC: noise=-0.1 is not a number from 0 to 1");
        for text in ["latency_us=NaN", "latency_us=inf", "gbps=0", "slowdown=0", "drift=x", "noise="] {
            assert!(error(text).contains("is not a number from"), "{text}");
        }
    }

    #[test]
    fn the_readme_has_a_row_for_each_key() {
        let readme = include_str!("../README.md");
        for (key, meaning) in KEYS {
            assert!(readme.contains(&format!("| `{key}` | {meaning} |")), "{key}: {meaning}");
        }
    }
}
