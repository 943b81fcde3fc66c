//! The linear-algebra library that MLX's CPU ops call, found by asking the dynamic linker whose functions it has bound.
//! On Linux it can be exchanged by LD_PRELOAD, and makes a difference of more than ten times.

/// The library in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Blas {
    /// Its name, with the version where it tells.
    pub(crate) name: String,
    /// The name of its file, without the folder.
    pub(crate) file: Option<String>,
    /// The threads that it uses for one call, where it tells.
    pub(crate) threads: Option<usize>,
}

#[cfg(target_os = "macos")]
pub(crate) use macos::{in_force, set_threads};

#[cfg(not(target_os = "macos"))]
pub(crate) use elf::{in_force, set_threads};

#[cfg(target_os = "macos")]
mod macos {
    //! MLX is built against Accelerate, which has no call for its threads.

    use super::Blas;

    pub(crate) fn in_force() -> Option<Blas> {
        Some(Blas { name: "Accelerate".to_owned(), file: None, threads: None })
    }

    pub(crate) fn set_threads(_threads: usize) {}
}

#[cfg(not(target_os = "macos"))]
mod elf {
    //! The answer comes from dlsym and dladdr: a preloaded library stands before MLX's own.

    use super::Blas;
    use std::ffi::{CStr, c_char, c_int, c_void};
    use std::path::Path;

    /// A library's calls that read and set its threads. All of them take and return C's `int`.
    struct Threads {
        read: &'static CStr,
        set: &'static CStr,
    }

    const THREADS: [Threads; 2] = [
        Threads { read: c"openblas_get_num_threads", set: c"openblas_set_num_threads" },
        Threads { read: c"MKL_Get_Max_Threads", set: c"MKL_Set_Num_Threads" },
    ];

    pub(crate) fn in_force() -> Option<Blas> {
        let file = file_of(symbol(c"cblas_sgemm")?)?;
        let name = if file.contains("openblas") {
            openblas_version().unwrap_or_else(|| "OpenBLAS".to_owned())
        } else if file.contains("mkl") {
            "MKL".to_owned()
        } else if file.contains("blis") {
            "BLIS".to_owned()
        } else if file.contains("libblas") || file.contains("libcblas") {
            // The name under which Netlib's own is packed into MLX's wheel.
            "reference BLAS (Netlib), one thread".to_owned()
        } else {
            file.clone()
        };
        let threads = THREADS.iter().find_map(|calls| {
            let read = symbol(calls.read)?;
            // SAFETY: under these names the libraries export a function of no arguments that returns an int.
            let read: extern "C" fn() -> c_int = unsafe { std::mem::transmute(read) };
            usize::try_from(read()).ok()
        });
        // The reference BLAS has no threads.
        let threads = threads.or_else(|| name.starts_with("reference").then_some(1));
        Some(Blas { name, file: Some(file), threads })
    }

    /// Asks the library for so many threads. One that has no such call keeps its own.
    pub(crate) fn set_threads(threads: usize) {
        let Ok(threads) = c_int::try_from(threads.max(1)) else { return };
        for set in THREADS.iter().filter_map(|calls| symbol(calls.set)) {
            // SAFETY: under these names the libraries export a function that takes one int and returns nothing.
            let set: extern "C" fn(c_int) = unsafe { std::mem::transmute(set) };
            set(threads);
        }
    }

    /// Where the process has bound a name to, if it has.
    fn symbol(name: &CStr) -> Option<*mut c_void> {
        // SAFETY: the name ends in a zero byte; RTLD_DEFAULT searches what is loaded and loads nothing.
        let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
        (!address.is_null()).then_some(address)
    }

    /// The name of the file that an address comes from.
    fn file_of(address: *mut c_void) -> Option<String> {
        let mut info = libc::Dl_info {
            dli_fname: std::ptr::null(),
            dli_fbase: std::ptr::null_mut(),
            dli_sname: std::ptr::null(),
            dli_saddr: std::ptr::null_mut(),
        };
        // SAFETY: dladdr only compares the address with what is mapped, and fills `info`.
        let found = unsafe { libc::dladdr(address, &raw mut info) } != 0 && !info.dli_fname.is_null();
        if !found {
            return None;
        }
        // SAFETY: the linker keeps the zero-terminated name for as long as the library is loaded.
        let path = unsafe { CStr::from_ptr(info.dli_fname) }.to_string_lossy().into_owned();
        Path::new(&path).file_name().map(|name| name.to_string_lossy().into_owned())
    }

    /// "OpenBLAS 0.3.21 SkylakeX" out of "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY SkylakeX MAX_THREADS=64".
    fn openblas_version() -> Option<String> {
        let config = symbol(c"openblas_get_config")?;
        // SAFETY: OpenBLAS exports it as a function of no arguments that returns a zero-terminated text.
        let config: extern "C" fn() -> *const c_char = unsafe { std::mem::transmute(config) };
        let text = config();
        if text.is_null() {
            return None;
        }
        // SAFETY: the text is not null and is a static one of the library.
        let text = unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned();
        let words: Vec<&str> = text
            .split_whitespace()
            .filter(|word| !word.contains('=') && !word.contains('_') && !word.starts_with("USE64"))
            .collect();
        Some(words.join(" "))
    }
}
