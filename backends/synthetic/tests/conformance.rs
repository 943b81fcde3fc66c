//! Everything but the numbers is as in any other backend.

use chipmark_core::Device;
use chipmark_reference::conformance;
use chipmark_synthetic::Synthetic;

#[test]
fn shapes_dtypes_notes_and_errors_are_those_of_a_backend() {
    assert_eq!(conformance::everything::<Synthetic>(Device::Cpu).unwrap(), []);
}
