//! The ops, one trait a group. A method takes and returns the backend's tensors, fixes its shapes in its docs, notes its
//! path in [`crate::OpLog`], and by default refuses with [`crate::OpError::Unsupported`].

pub mod arrange;
pub mod attention;
pub mod conv;
pub mod elementwise;
pub mod index;
pub mod linalg;
pub mod loss;
pub mod norm;
pub mod optim;
pub mod reduce;
pub mod sort;

/// The default body of an op.
macro_rules! unsupported {
    ($op:literal, $($unused:ident),+) => {{
        let _ = ($($unused),+);
        Err(crate::OpError::unsupported($op, "this backend does not have it"))
    }};
}
pub(crate) use unsupported;
