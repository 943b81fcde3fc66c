//! MLX's errors, turned into ours.

use chipmark_core::OpError;
use mlx_rs::error::Exception;

/// How MLX's allocators say that there is no room, beyond the phrases that [`OpError::framework`] knows.
const STARVED: [&str; 3] = ["attempting to allocate", "maximum allowed buffer size", "resource limit"];

/// For `map_err`: the error of `op`, out of memory where MLX says so.
pub(crate) fn from_mlx(op: &'static str) -> impl FnOnce(Exception) -> OpError {
    move |exception| from_message(op, exception.what())
}

fn from_message(op: &'static str, message: &str) -> OpError {
    // mlx-c appends the place in its own source, which is a path on the machine that built it.
    let message = match message.rfind(" at /") {
        Some(place) if message[place..].contains(".cpp:") => &message[..place],
        _ => message,
    };
    let lower = message.to_lowercase();
    if STARVED.iter().any(|sign| lower.contains(sign)) {
        OpError::OutOfMemory { op, message: message.to_owned() }
    } else {
        OpError::framework(op, message)
    }
}

/// The error of a call of mlx-c made past mlx-rs, which keeps the message to itself.
pub(crate) fn from_status(op: &'static str, call: &'static str) -> OpError {
    OpError::framework(op, format!("{call} reports an error"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_in_mlx_c_is_cut_off() {
        let error = from_message("matmul", "[matmul] bad shapes (2,3) at (4,5) at /somewhere/mlx/c/ops.cpp:12");
        assert_eq!(
            error,
            OpError::Framework { op: "matmul", message: "[matmul] bad shapes (2,3) at (4,5)".to_owned() }
        );
        let error = from_message("matmul", "no such thing at /dev/null");
        assert_eq!(error, OpError::Framework { op: "matmul", message: "no such thing at /dev/null".to_owned() });
    }

    #[test]
    fn allocators_out_of_memory_are_recognised() {
        for message in [
            "[malloc] Unable to allocate 4000000000000 bytes.",
            "[metal::malloc] Attempting to allocate 5 bytes which is greater than the maximum allowed buffer size of 4 bytes.",
            "[metal::malloc] Resource limit (499000) exceeded.",
        ] {
            assert!(matches!(from_message("add", message), OpError::OutOfMemory { op: "add", .. }), "{message}");
        }
    }
}
