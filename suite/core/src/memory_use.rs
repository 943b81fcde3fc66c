//! What calls need of memory.

use serde::{Deserialize, Serialize};

/// What a case's calls needed of memory beyond what was there before, by the system's count and by the framework's. In
/// bytes; `None` where the count is not kept, or cannot be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemoryUse {
    /// What the process held once its inputs were in place: the program, its libraries, the inputs and the host's copies of
    /// them. Linux: resident pages. macOS: the footprint, which has compressed pages and the GPU's buffers too.
    pub before_bytes: Option<u64>,
    /// The most that it held during the calls. `None` also where the system cannot be told to forget an older peak, and the
    /// calls stayed below that.
    pub process_peak_bytes: Option<u64>,
    /// What the framework's allocator held in live tensors once the inputs were in place.
    pub allocator_before_bytes: Option<u64>,
    /// The most that it held during the calls.
    pub allocator_peak_bytes: Option<u64>,
}

impl MemoryUse {
    /// What the calls added to the process, in bytes.
    #[must_use]
    pub fn process_added_bytes(&self) -> Option<u64> {
        Some(self.process_peak_bytes?.saturating_sub(self.before_bytes?))
    }

    /// What the calls added to the framework's live tensors, in bytes.
    #[must_use]
    pub fn allocator_added_bytes(&self) -> Option<u64> {
        Some(self.allocator_peak_bytes?.saturating_sub(self.allocator_before_bytes?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_needs_both_counts() {
        let memory = MemoryUse { before_bytes: Some(10), process_peak_bytes: Some(25), ..MemoryUse::default() };
        assert_eq!(memory.process_added_bytes(), Some(15));
        assert_eq!(memory.allocator_added_bytes(), None);
        // A page given back between the two readings is no debt.
        let shrunk = MemoryUse { process_peak_bytes: Some(9), ..memory };
        assert_eq!(shrunk.process_added_bytes(), Some(0));
    }
}
