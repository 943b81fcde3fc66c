//! Tells the linker where MLX's library lies, so that the worker program and the tests of this package start
//! without an environment variable. `scripts/setup` puts the library there; this only passes the place on.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=DEP_MLX_LIB_DIR");
    // Set by the configuration that scripts/setup writes on Linux. Elsewhere mlx-sys links MLX statically.
    let Ok(lib_dir) = env::var("DEP_MLX_LIB_DIR") else {
        return;
    };
    if env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{lib_dir}");
    }
}
