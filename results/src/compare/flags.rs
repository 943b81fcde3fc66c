//! The flags of a cell's time, in a form that is copied along with it.

use crate::record::Flag;
use serde::{Serialize, Serializer};

/// A set of flags. Its JSON form is their list.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Flags(u16);

const _: () = assert!(Flag::ALL.len() <= u16::BITS as usize, "each flag has a bit");

impl Flags {
    /// The flags in it, in the order of legends.
    pub fn iter(self) -> impl Iterator<Item = Flag> {
        Flag::ALL.into_iter().filter(move |flag| self.0 & bit(*flag) != 0)
    }

    /// Whether a flag is in it.
    #[must_use]
    pub fn contains(self, flag: Flag) -> bool {
        self.0 & bit(flag) != 0
    }
}

fn bit(flag: Flag) -> u16 {
    1 << flag as u16
}

impl FromIterator<Flag> for Flags {
    fn from_iter<T: IntoIterator<Item = Flag>>(flags: T) -> Self {
        Flags(flags.into_iter().fold(0, |set, flag| set | bit(flag)))
    }
}

impl std::fmt::Debug for Flags {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for Flags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_into_it_and_is_written_as_a_list() {
        for flag in Flag::ALL {
            let set: Flags = [flag].into_iter().collect();
            assert!(set.iter().eq([flag]) && set.contains(flag));
        }
        let set: Flags = [Flag::Disturbed, Flag::Tf32, Flag::Tf32].into_iter().collect();
        assert_eq!(serde_json::to_string(&set).unwrap(), r#"["tf32","disturbed"]"#);
        assert_eq!(Flags::from_iter(Flag::ALL).iter().count(), Flag::ALL.len());
        assert_eq!(Flags::default().iter().count(), 0);
    }
}
