//! Compiles the C++ shim against libtorch's headers, and tells the linker where libtorch lies, so that the worker
//! program and the tests of this package start without an environment variable. What libtorch it is, torch-sys decides.

use std::env;
use std::path::{Path, PathBuf};

const SHIM: [&str; 3] = ["shim/jit.cpp", "shim/shim.cpp", "shim/tensors.cpp"];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=shim");
    println!("cargo:rerun-if-env-changed=LIBTORCH_INCLUDE");

    // Printed by the build script of torch-sys; missing only where that script is overridden, as for a type check.
    let lib_dir = env::var_os("DEP_TCH_LIBTORCH_LIB").map(PathBuf::from);
    compile_shim(lib_dir.as_deref());
    if let Some(lib_dir) = lib_dir {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{}", lib_dir.display());
    }
}

fn compile_shim(lib_dir: Option<&Path>) {
    let mut build = cc::Build::new();
    // PyTorch's headers ask for C++17, and warn more than anyone can read.
    build.cpp(true).std("c++17").warnings(false).files(SHIM);
    for folder in include_dirs(lib_dir) {
        build.include(folder);
    }
    build.compile("chipmark_tch_shim");
}

/// The header folders, where torch-sys looks for them too: beside `lib`, unless LIBTORCH_INCLUDE says otherwise.
fn include_dirs(lib_dir: Option<&Path>) -> Vec<PathBuf> {
    let root = env::var_os("LIBTORCH_INCLUDE")
        .map(PathBuf::from)
        .or_else(|| lib_dir.and_then(Path::parent).map(Path::to_path_buf));
    let Some(include) = root.map(|root| root.join("include")) else {
        return Vec::new();
    };
    let api = include.join("torch/csrc/api/include");
    vec![include, api]
}
