# MLX for the mlx-rs crate on Linux. Sourced by setup after common.sh and wheels.sh.
#
# On macOS the mlx-sys crate builds MLX by itself. On Linux its build script can't (it links Apple's frameworks), so
# this does that script's work once, and a generated cargo configuration puts the result in the script's place:
#   native/mlx/mlx, mlx_cpu.libs   MLX itself with its headers, and the BLAS that it came with (a wheel from PyPI)
#   native/mlx/lib/libmlxc.a       the C interface, whose source is inside the mlx-sys crate
#   native/mlx/bindings/           the Rust declarations of that interface
#   native/mlx/cargo-config.toml   included by .cargo/config.toml

MLX_PRELUDE="$ROOT/backends/mlx/native/prelude.h"
# The bindgen that mlx-sys itself uses; `cargo install --locked` checks it against the registry's hashes.
BINDGEN_VERSION=0.72.1

# The generated configuration holds absolute paths, so where the project lies is part of the key.
mlx_key() {
    {
        pins_of mlx
        mlx_sys_lock_entry
        cat "$MLX_PRELUDE" "$ROOT/scripts/lib/mlx.sh"
        printf '%s\n' "$NATIVE" "$BINDGEN_VERSION"
    } | sha256
}

# Its version and hash.
mlx_sys_lock_entry() { grep -A 3 '^name = "mlx-sys"' "$ROOT/Cargo.lock" || die "Cargo.lock has no mlx-sys"; }

setup_mlx() {
    if is_mac; then
        check_mlx_on_mac
        return
    fi
    need_pins mlx
    need_compiler
    need_cargo
    local key
    key=$(mlx_key)
    if is_stamped "$NATIVE/mlx" "$key"; then
        say "mlx: MLX $(pinned_version mlx mlx-cpu) is in place."
        return
    fi
    setup_mlx_tools
    say "mlx: downloading MLX $(pinned_version mlx mlx-cpu) from PyPI, $(megabytes_of mlx) MB, into native/mlx."
    local made="$WORK/mlx" mlx_c
    fetch_set mlx "$made"
    mlx_c=$(mlx_c_source)
    check_mlx_version "$mlx_c"
    build_mlx_c "$mlx_c" "$made"
    make_mlx_bindings "$mlx_c" "$made/bindings"
    write_mlx_cargo_config >"$made/cargo-config.toml"
    put_in_place "$made" "$NATIVE/mlx" "$key"
    say "mlx: MLX is in place."
}

check_mlx_on_mac() {
    xcode-select -p >/dev/null 2>&1 || die "Apple's compiler is missing; install it with: xcode-select --install"
    xcrun -f metal >/dev/null 2>&1 ||
        die "the Metal compiler is missing; install Xcode, then run: sudo xcode-select -s /Applications/Xcode.app"
    need cmake CMake cmake "brew install cmake"
    say "mlx: Xcode and CMake are here; the mlx-sys crate fetches and builds MLX by itself."
}

# CMake, ninja and libclang as wheels and bindgen from its source: none of them needs root.
setup_mlx_tools() {
    need_pins tools
    local key
    key=$({ pins_of tools; echo "$BINDGEN_VERSION"; } | sha256)
    is_stamped "$NATIVE/tools" "$key" && return
    say "mlx: downloading CMake, ninja and libclang from PyPI, $(megabytes_of tools) MB, into native/tools."
    fetch_set tools "$WORK/tools"
    say "mlx: building bindgen $BINDGEN_VERSION (half a minute)."
    # Unoptimised: it runs once, for a second. Its target folder is scratch, so that it leaves target/ alone.
    run_quietly "$WORK/bindgen.log" cargo install --quiet bindgen-cli --version "$BINDGEN_VERSION" --locked --debug \
        --no-track --root "$WORK/tools" --target-dir "$WORK/bindgen"
    put_in_place "$WORK/tools" "$NATIVE/tools" "$key"
}

# The one file like a pattern somewhere under native/tools.
mlx_tool() {
    local found
    found=$(find "$NATIVE/tools" -path "$NATIVE/tools/$1" -type f | head -n 1)
    [[ -n $found ]] || die "native/tools has no $1; remove that folder and try again"
    printf '%s\n' "$found"
}

# Where cargo keeps the source of mlx-c: inside the mlx-sys crate, of the version in Cargo.lock.
mlx_c_source() {
    (cd "$ROOT" && cargo metadata --quiet --format-version 1 --filter-platform "$(uname -m)-unknown-linux-gnu") | python3 -c '
import json, os, sys
for package in json.load(sys.stdin)["packages"]:
    if package["name"] == "mlx-sys":
        print(os.path.join(os.path.dirname(package["manifest_path"]), "src", "mlx-c"))' ||
        die "cargo metadata failed; the lines above say why"
}

# The crate names the MLX that its interface was written for; another one may crash at run time.
check_mlx_version() {
    local wanted pinned
    wanted=$(sed -n 's/.*GIT_TAG v\([0-9.]*\).*/\1/p' "$1/CMakeLists.txt")
    pinned=$(pinned_version mlx mlx-cpu)
    [[ $wanted == "$pinned" ]] || die "mlx-sys was made for MLX $wanted, but scripts/lib/pins.txt has mlx-cpu $pinned"
}

build_mlx_c() {
    local build="$WORK/mlx-c" cmake ninja
    cmake=$(mlx_tool '*/bin/cmake')
    ninja=$(mlx_tool '*/scripts/ninja')
    say "mlx: building mlx-c (about a minute)."
    run_quietly "$WORK/cmake.log" "$cmake" -S "$1" -B "$build" -G Ninja "-DCMAKE_MAKE_PROGRAM=$ninja" \
        -DCMAKE_BUILD_TYPE=Release "-DCMAKE_CXX_FLAGS=-include $MLX_PRELUDE" \
        -DMLX_C_USE_SYSTEM_MLX=ON -DMLX_C_BUILD_EXAMPLES=OFF "-DMLX_DIR=$2/mlx/share/cmake/MLX"
    run_quietly "$WORK/ninja.log" "$cmake" --build "$build" --target mlxc
    mkdir -p "$2/lib"
    cp "$build/libmlxc.a" "$2/lib/"
}

# As mlx-sys's own build script makes them, with the prelude in front.
make_mlx_bindings() {
    local libclang header headers="$WORK/mlx-headers.h" arm="$WORK/arm-headers"
    libclang=$(mlx_tool '*/libclang.so')
    say "mlx: making the Rust bindings of mlx-c."
    mkdir -p "$2" "$arm"
    for header in "$1"/mlx/c/*.h; do
        printf '#include "%s"\n' "$header"
    done >"$headers"
    # The wheel of libclang has no headers of the compiler's own. GCC's serve, but for those of ARM's half-precision
    # types, which are full of GCC's built-ins: empty ones do, since the types themselves are built in.
    : >"$arm/arm_fp16.h"
    : >"$arm/arm_bf16.h"
    LIBCLANG_PATH=$(dirname "$libclang") run_quietly "$WORK/bindings.log" "$NATIVE/tools/bin/bindgen" "$headers" \
        --rust-target 1.73 --blocklist-function malloc --blocklist-function realloc --output "$2/bindings.rs" -- \
        -include "$MLX_PRELUDE" "-I$1" -isystem "$arm" -isystem "$(c++ -print-file-name=include)"
}

# Stands in for the build script of mlx-sys. lib_dir reaches backends/mlx/build.rs as DEP_MLX_LIB_DIR.
write_mlx_cargo_config() {
    cat <<EOF
# Written by scripts/setup: what cargo uses instead of the build script of mlx-sys.
[target.$(uname -m)-unknown-linux-gnu.mlx]
rustc-link-search = ["native=$NATIVE/mlx/lib", "native=$NATIVE/mlx/mlx/lib"]
rustc-link-lib = ["static=mlxc", "dylib=mlx", "dylib=stdc++"]
rustc-env = { OUT_DIR = "$NATIVE/mlx/bindings" }
lib_dir = "$NATIVE/mlx/mlx/lib"
EOF
}
