# Fetching the wheels that pins.txt names, with pip, and unpacking what is needed of them.
# Sourced after common.sh. Nothing here knows what a wheel is for.

PINS="$ROOT/scripts/lib/pins.txt"

# The lines of pins.txt for one set on this platform, without comments.
pins_of() { awk -v set="$1" -v platform="$(platform)" '$1 == set && $2 == platform' "$PINS"; }

# The version that is pinned of a package, e.g. `pinned_version tch torch`.
pinned_version() { pins_of "$1" | awk -v package="$2" '$3 == package { print $4 }'; }

megabytes_of() { pins_of "$1" | awk '{ sum += $5 } END { print sum + 0 }'; }

need_pins() {
    [[ -n $(pins_of "$1") ]] || die "there are no pinned libraries of '$1' for $(platform); $PINS lists the platforms that have them"
}

# The command that runs pip, in the array PIP. Debian's Python comes without pip, but its archive has pip as a
# wheel, which Python runs as it is: so no root is needed.
find_pip() {
    need_python
    if python3 -m pip --version >/dev/null 2>&1; then
        PIP=(python3 -m pip)
        return
    fi
    is_mac && die "pip is missing; install it with: python3 -m ensurepip"
    local wheel=
    if is_debian; then
        say "Python has no pip; downloading Debian's (2 MB), for this run alone."
        # In a subshell, so that what fails there still ends with the advice below.
        (debian_update && debian_unpack "$WORK/pip" python3-pip-whl) || true
        wheel=$(find "$WORK/pip" -name 'pip-*.whl' 2>/dev/null || true)
    fi
    [[ -n $wheel ]] || die "pip is missing; on Debian and Ubuntu install it with: apt-get install python3-pip"
    PIP=(python3 "$wheel/pip")
}

# fetch_set SET FOLDER: the files of a set, checked against their sha256, unpacked into FOLDER.
fetch_set() {
    local wheels="$WORK/wheels-$1" requirements="$WORK/$1.txt" quiet=()
    [[ -n ${PIP[*]-} ]] || find_pip
    pins_of "$1" | awk '{ print $3 "==" $4 " --hash=sha256:" $7 }' >"$requirements"
    # A person may watch the progress; a log need not.
    [[ -t 1 ]] || quiet=(--quiet)
    # The wheels for Python 3.11, whatever Python runs this: no Python will load them. No cache: half a
    # gigabyte kept twice helps nobody.
    "${PIP[@]}" --disable-pip-version-check --no-cache-dir ${quiet[@]+"${quiet[@]}"} download \
        --dest "$wheels" --no-deps --require-hashes --only-binary=:all: --python-version 3.11 --implementation cp \
        --requirement "$requirements" ||
        die "could not download the libraries of '$1'; the lines above say why"
    unpack_set "$1" "$wheels" "$2"
    rm -rf "$wheels"
}

unpack_set() {
    local package keep wheel patterns
    while read -r _ _ package _ _ keep _; do
        # A wheel's file name spells the package's name with underscores.
        wheel=$(ls "$2/${package//-/_}"-*.whl)
        IFS=, read -r -a patterns <<<"$keep"
        python3 "$ROOT/scripts/lib/unwheel.py" "$wheel" "$3" "${patterns[@]}"
    done < <(pins_of "$1")
}
