//! No arithmetic: known latencies, for testing the harness.
