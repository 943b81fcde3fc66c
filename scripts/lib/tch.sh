# PyTorch's C++ library, for the tch crate. Sourced by setup after common.sh and wheels.sh.
#
# native/tch is laid out as Python would install it, since the libraries find each other by relative paths:
# torch/{include,lib}, and on Linux nvidia/cu13/lib. .cargo/config.toml points LIBTORCH at native/tch/torch.

tch_key() { pins_of tch | sha256; }

setup_tch() {
    need_pins tch
    need_compiler
    local key
    key=$(tch_key)
    if is_stamped "$NATIVE/tch" "$key"; then
        say "tch: PyTorch $(pinned_version tch torch) is in place."
        return
    fi
    need_python
    say "tch: downloading PyTorch $(pinned_version tch torch) from PyPI, $(megabytes_of tch) MB, into native/tch."
    fetch_set tch "$WORK/tch"
    # torch-sys compares this with the version that it was generated for.
    pinned_version tch torch >"$WORK/tch/torch/build-version"
    put_in_place "$WORK/tch" "$NATIVE/tch" "$key"
    say "tch: PyTorch is in place."
}
