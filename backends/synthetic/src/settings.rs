//! How long things take: settings read from the environment variable `CHIPMARK_SYNTHETIC`.

use crate::ops;

/// The environment variable that holds the settings.
pub const VARIABLE: &str = "CHIPMARK_SYNTHETIC";

/// The most noise that a distribution which reaches below zero may have: five standard deviations above it.
const MOST_SYMMETRICAL_NOISE: f64 = 0.2;

/// The least latency in virtual time, whose clock has whole nanoseconds, in microseconds.
const LEAST_VIRTUAL_US: f64 = 0.001;

/// Each key, and what it means. The README's table is held against this one by a test.
pub const KEYS: [(&str, &str); 14] = [
    ("latency_us", "mean device time of one op, in microseconds"),
    ("noise", "relative standard deviation from op to op"),
    ("distribution", "shape of that noise: lognormal, normal, gamma, or bimodal (four fast ops to a slow one)"),
    ("autocorrelation", "correlation of an op's noise with that of the op before it"),
    ("spike_rate", "probability that an op is interrupted"),
    ("spike_us", "how long an interruption is, in microseconds"),
    ("drift", "relative growth of the latency per second since the epoch"),
    (
        "epoch_s",
        "the epoch in seconds since 1970, so that launches of a run share one; without it, the moment of opening",
    ),
    ("launch_noise", "relative standard deviation from launch to launch"),
    ("slowdown", "factor on every op's latency: an injected regression"),
    ("slow_op", "the only op that the slowdown is for, by its name in the records"),
    ("first_call_us", "extra device time of the first op after opening, in microseconds"),
    ("gbps", "bandwidth of uploads and downloads, in 10^9 bytes per second"),
    (
        "wait",
        "how the host waits: spin (exact), sleep (late by the system's timer) or virtual (not at all: the worker's clock is moved on)",
    ),
];

/// How the host waits for the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Watch the clock: exact, and busy.
    Spin,
    /// Sleep: idle, and late by what the system's timer allows itself.
    Sleep,
    /// Not at all: the clock that the worker measures with is moved on. The host takes no time, whatever else the machine does.
    Virtual,
}

/// The shape of the noise from op to op. Each has the mean and the standard deviation that are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distribution {
    /// Skewed to the long side, as measured times are.
    Lognormal,
    /// Symmetrical.
    Normal,
    /// Skewed to the long side, with a lighter tail.
    Gamma,
    /// Two modes: four fast ops to a slow one, which takes 2.4 · noise longer. Nine tenths of the variance lie between
    /// the modes.
    Bimodal,
}

/// How long things take.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Mean device time of one op, in microseconds.
    pub latency_us: f64,
    /// Relative standard deviation from op to op.
    pub noise: f64,
    /// The shape of that noise.
    pub distribution: Distribution,
    /// Correlation of an op's noise with that of the op before it: the coefficient of an autoregressive process of the
    /// first order, which keeps mean and deviation.
    pub autocorrelation: f64,
    /// Probability that an op is interrupted.
    pub spike_rate: f64,
    /// How long an interruption is, in microseconds.
    pub spike_us: f64,
    /// Relative growth of the latency per second since the epoch.
    pub drift: f64,
    /// The epoch in seconds since 1970, so that launches of a run share one; without it, the moment of opening.
    pub epoch_s: Option<f64>,
    /// Relative standard deviation from launch to launch.
    pub launch_noise: f64,
    /// Factor on every op's latency, or on that of `slow_op` alone.
    pub slowdown: f64,
    /// The only op that the slowdown is for, by its name in the records.
    pub slow_op: Option<String>,
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
            distribution: Distribution::Lognormal,
            autocorrelation: 0.0,
            spike_rate: 0.0,
            spike_us: 0.0,
            drift: 0.0,
            epoch_s: None,
            launch_noise: 0.0,
            slowdown: 1.0,
            slow_op: None,
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
        settings.never_negative()?.moves_time()
    }

    /// Refuses noise that would take latencies below zero.
    fn never_negative(self) -> Result<Self, SettingsError> {
        let symmetrical = self.distribution == Distribution::Normal || self.autocorrelation != 0.0;
        if symmetrical && self.noise > MOST_SYMMETRICAL_NOISE {
            return Err(SettingsError::BadValue {
                key: "noise".to_owned(),
                value: self.noise.to_string(),
                expected: format!(
                    "a number from 0 to {MOST_SYMMETRICAL_NOISE}, its range with distribution=normal or autocorrelation"
                ),
            });
        }
        Ok(self)
    }

    /// Refuses virtual time that would stand still: no sampler would ever end.
    fn moves_time(self) -> Result<Self, SettingsError> {
        if self.wait == Wait::Virtual && self.latency_us < LEAST_VIRTUAL_US {
            return Err(SettingsError::BadValue {
                key: "latency_us".to_owned(),
                value: self.latency_us.to_string(),
                expected: format!("a number from {LEAST_VIRTUAL_US}, the least that moves the clock of wait=virtual"),
            });
        }
        Ok(self)
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
            "distribution" => {
                self.distribution = match value {
                    "lognormal" => Distribution::Lognormal,
                    "normal" => Distribution::Normal,
                    "gamma" => Distribution::Gamma,
                    "bimodal" => Distribution::Bimodal,
                    _ => return Err(bad("lognormal, normal, gamma or bimodal".to_owned())),
                }
            }
            "autocorrelation" => self.autocorrelation = number(-0.999, 0.999)?,
            "spike_rate" => self.spike_rate = number(0.0, 1.0)?,
            "spike_us" => self.spike_us = number(0.0, 1e8)?,
            "drift" => self.drift = number(-0.1, 10.0)?,
            "epoch_s" => self.epoch_s = Some(number(0.0, 1e11)?),
            "launch_noise" => self.launch_noise = number(0.0, 1.0)?,
            "slowdown" => self.slowdown = number(0.01, 100.0)?,
            // A name that no op has would slow nothing down, and nobody would notice.
            "slow_op" if ops::NAMES.contains(&value) => self.slow_op = Some(value.to_owned()),
            "slow_op" => return Err(bad(format!("an op: one of {}", ops::NAMES.join(", ")))),
            "first_call_us" => self.first_call_us = number(0.0, 1e8)?,
            "gbps" => self.gbps = number(0.001, 1e6)?,
            "wait" => {
                self.wait = match value {
                    "spin" => Wait::Spin,
                    "sleep" => Wait::Sleep,
                    "virtual" => Wait::Virtual,
                    _ => return Err(bad("spin, sleep or virtual".to_owned())),
                }
            }
            _ => return Err(SettingsError::UnknownKey { key: key.to_owned() }),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
