# What every script here shares: where things are, how to speak, how to stop.
# Sourced, not run. bash 3.2 will do, since that is what a Mac has.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Outside target/, so that `cargo clean` spares what took long to fetch and build.
NATIVE="$ROOT/native"

say() { printf '%s\n' "$*"; }

warn() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
    warn "$*"
    exit 1
}

# For a wrong argument: the customary status of bad usage.
die_usage() {
    warn "$* (try --help)"
    exit 2
}

# The first column but one of pins.txt.
platform() {
    local os arch
    case $(uname -s) in
        Linux) os=linux ;;
        Darwin) os=macos ;;
        *) die "$(uname -s) is not supported: Linux and macOS are" ;;
    esac
    arch=$(uname -m)
    case $arch in
        amd64) arch=x86_64 ;;
        arm64) arch=aarch64 ;;
    esac
    [[ $os-$arch == macos-aarch64 ]] && arch=arm64
    printf '%s-%s\n' "$os" "$arch"
}

is_mac() { [[ $(uname -s) == Darwin ]]; }

# need COMMAND WHAT DEBIAN-PACKAGE MAC-COMMAND: stops with the one line that helps.
need() {
    command -v "$1" >/dev/null 2>&1 && return
    if is_mac; then
        die "$2 ($1) is missing; install it with: $4"
    fi
    die "$2 ($1) is missing; on Debian and Ubuntu install it with: apt-get install $3"
}

need_compiler() { need c++ "a C++ compiler" g++ "xcode-select --install"; }

need_python() { need python3 "Python 3" "python3 python3-pip" "brew install python3"; }

need_cargo() {
    command -v cargo >/dev/null 2>&1 || die "Rust (cargo) is missing; see https://rustup.rs"
}

# sha256 of standard input; coreutils has the first, a Mac the second.
sha256() {
    if command -v sha256sum >/dev/null 2>&1; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}

# A scratch folder beside the final one, so that the last step of an install is a rename on one file system.
# begin_work sets WORK and sees that nothing is left of it when the script ends.
begin_work() {
    mkdir -p "$NATIVE"
    lock_native
    WORK=$(mktemp -d "$NATIVE/work.XXXXXX")
    trap 'rm -rf "$WORK"' EXIT
    trap 'exit 130' INT TERM
}

# Two set-ups at once would fetch everything twice; the second waits, then finds it done.
# macOS has no flock: there both do the work, each in a scratch folder of its own.
lock_native() {
    command -v flock >/dev/null 2>&1 || return 0
    exec 9>"$NATIVE/.lock"
    if ! flock -n 9; then
        say "Another set-up is running; waiting for it."
        flock 9
    fi
    # What a killed run left behind: with the lock held, nobody uses it.
    rm -rf "$NATIVE"/work.*
}

# A stamp is the hash of all that decides what a folder holds; it is written last, inside the folder.
is_stamped() { [[ -f $1/.stamp && $(<"$1/.stamp") == "$2" ]]; }

# put_in_place MADE FOLDER KEY: swaps a finished folder in, so that FOLDER is at all times whole or absent.
put_in_place() {
    printf '%s\n' "$3" >"$1/.stamp"
    rm -rf "$2.old"
    if [[ -e $2 ]]; then mv "$2" "$2.old"; fi
    mv "$1" "$2"
    rm -rf "$2.old"
}

# run_quietly LOG COMMAND...: output to a file, shown only if the command fails.
run_quietly() {
    local log=$1
    shift
    if ! "$@" >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        die "failed: $*"
    fi
}
