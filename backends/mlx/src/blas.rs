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
    use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
    use std::os::unix::ffi::OsStrExt;
    use std::path::{Path, PathBuf};

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
        let path = path_of(symbol(c"cblas_sgemm")?)?;
        let file = path.file_name()?.to_string_lossy().into_owned();
        let own = |name: &CStr| symbol(name).filter(|&address| path_of(address).is_some_and(|at| are_kin(&path, &at)));
        let signs = Signs {
            openblas: own(c"openblas_get_config").map(openblas_version),
            mkl: own(c"MKL_Get_Max_Threads").is_some(),
            blis: own(c"bli_info_get_version_str").is_some(),
        };
        let name = name_of(&file, signs);
        let threads = THREADS.iter().find_map(|calls| {
            let read = own(calls.read)?;
            // SAFETY: under these names the libraries export a function of no arguments that returns an int.
            let read: extern "C" fn() -> c_int = unsafe { std::mem::transmute(read) };
            usize::try_from(read()).ok()
        });
        // The reference BLAS has no threads.
        let threads = threads.or_else(|| name.starts_with("reference").then_some(1));
        Some(Blas { name, file: Some(file), threads })
    }

    /// Which libraries' own symbols the one in force has.
    struct Signs {
        /// OpenBLAS's, with the version that it tells.
        openblas: Option<Option<String>>,
        mkl: bool,
        blis: bool,
    }

    /// The library's name, by its own symbols, and only then by its file's name: where a system lets libraries stand in for one
    /// another, as Debian does, each of them is called libblas.so.3.
    fn name_of(file: &str, signs: Signs) -> String {
        if let Some(version) = signs.openblas {
            version.unwrap_or_else(|| "OpenBLAS".to_owned())
        } else if signs.mkl || file.contains("mkl") {
            "MKL".to_owned()
        } else if signs.blis || file.contains("blis") {
            "BLIS".to_owned()
        } else if file.contains("libblas") || file.contains("libcblas") {
            // The name under which Netlib's own is packed into MLX's wheel.
            "reference BLAS (Netlib), one thread".to_owned()
        } else {
            file.to_owned()
        }
    }

    /// Whether two files are of one library: the same, or in one folder once links are followed, as Debian's libblas.so.3 of
    /// OpenBLAS lies beside the libopenblas that it calls. A library that is only loaded beside the one in force lies elsewhere.
    fn are_kin(a: &Path, b: &Path) -> bool {
        let folder = |path: &Path| path.canonicalize().ok()?.parent().map(Path::to_path_buf);
        a == b || folder(a).is_some_and(|a| Some(a) == folder(b))
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

    /// The file that an address comes from.
    fn path_of(address: *mut c_void) -> Option<PathBuf> {
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
        let path = unsafe { CStr::from_ptr(info.dli_fname) };
        Some(PathBuf::from(OsStr::from_bytes(path.to_bytes())))
    }

    /// "OpenBLAS 0.3.21 SkylakeX" out of "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY SkylakeX MAX_THREADS=64", by the
    /// library's `openblas_get_config`.
    fn openblas_version(config: *mut c_void) -> Option<String> {
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
    #[cfg(test)]
    mod tests {
        use super::*;

        fn none() -> Signs {
            Signs { openblas: None, mkl: false, blis: false }
        }

        #[test]
        fn a_library_is_known_by_its_symbols_before_its_file() {
            let openblas = Signs { openblas: Some(Some("OpenBLAS 0.3.21 SkylakeX".to_owned())), ..none() };
            assert_eq!(name_of("libblas.so.3", openblas), "OpenBLAS 0.3.21 SkylakeX");
            assert_eq!(name_of("libblas.so.3", Signs { mkl: true, ..none() }), "MKL");
            assert_eq!(name_of("libblas.so.3", Signs { blis: true, ..none() }), "BLIS");
            assert_eq!(name_of("libblas.so.3", none()), "reference BLAS (Netlib), one thread");
            assert_eq!(name_of("libatlas.so", none()), "libatlas.so");
        }

        #[test]
        fn files_in_one_folder_are_of_one_library() {
            let root = std::env::temp_dir().join(format!("chipmark-blas-{}", std::process::id()));
            for folder in ["openblas", "elsewhere"] {
                std::fs::create_dir_all(root.join(folder)).unwrap();
            }
            let [own, called, other] =
                ["openblas/libblas.so.3", "openblas/libopenblas.so.0", "elsewhere/libopenblas.so.0"]
                    .map(|name| root.join(name));
            for file in [&own, &called, &other] {
                std::fs::write(file, "").unwrap();
            }
            let link = root.join("libblas.so.3");
            std::os::unix::fs::symlink(&own, &link).unwrap();
            assert!(are_kin(&link, &called));
            assert!(!are_kin(&link, &other));
            std::fs::remove_dir_all(root).unwrap();
        }
    }
}
