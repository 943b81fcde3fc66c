//! mlx-c's lists of arrays, for the calls that mlx-rs does not wrap.

use crate::error;
use chipmark_core::OpResult;
use mlx_rs::Array;

/// An owned list.
pub(crate) struct Vector {
    raw: mlx_sys::mlx_vector_array,
}

impl Vector {
    /// A list to be filled.
    pub(crate) fn empty() -> Self {
        // SAFETY: makes an empty handle, freed by `drop`.
        Vector { raw: unsafe { mlx_sys::mlx_vector_array_new() } }
    }

    /// A second handle on each of these arrays.
    pub(crate) fn of(op: &'static str, arrays: &[Array]) -> OpResult<Self> {
        let vector = Vector::empty();
        for array in arrays {
            // SAFETY: both are valid; the array is shared, not moved.
            if unsafe { mlx_sys::mlx_vector_array_append_value(vector.raw, array.as_ptr()) } != 0 {
                return Err(error::from_status(op, "mlx_vector_array_append_value"));
            }
        }
        Ok(vector)
    }

    pub(crate) fn as_raw(&self) -> mlx_sys::mlx_vector_array {
        self.raw
    }

    pub(crate) fn as_mut_ptr(&mut self) -> *mut mlx_sys::mlx_vector_array {
        &raw mut self.raw
    }

    /// The list, to be freed by whoever takes it.
    pub(crate) fn into_raw(self) -> mlx_sys::mlx_vector_array {
        std::mem::ManuallyDrop::new(self).raw
    }
}

impl Drop for Vector {
    fn drop(&mut self) {
        // SAFETY: `raw` is freed once. The call cannot fail on such a handle.
        unsafe { mlx_sys::mlx_vector_array_free(self.raw) };
    }
}

/// A second handle on each array of a list, which stays with its owner.
pub(crate) fn arrays(op: &'static str, list: mlx_sys::mlx_vector_array) -> OpResult<Vec<Array>> {
    // SAFETY: the list is valid.
    let len = unsafe { mlx_sys::mlx_vector_array_size(list) };
    (0..len)
        .map(|i| {
            // SAFETY: makes an empty handle, which the next call fills, and which `Array` frees.
            let mut array = unsafe { mlx_sys::mlx_array_new() };
            // SAFETY: both are valid, and the list has such an element.
            let status = unsafe { mlx_sys::mlx_vector_array_get(&raw mut array, list, i) };
            // SAFETY: the handle is nobody else's.
            let array = unsafe { Array::from_ptr(array) };
            if status == 0 { Ok(array) } else { Err(error::from_status(op, "mlx_vector_array_get")) }
        })
        .collect()
}
