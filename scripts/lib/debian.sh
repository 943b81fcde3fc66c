# Debian packages without installing them, and without root. Sourced after common.sh.

# apt with package lists of its own: the system's may be missing or a year old, and only root could renew them. They
# are fetched with debian_update, and gone when the script ends.
debian_apt() {
    local tool=$1 state="$WORK/apt"
    shift
    "$tool" -o "Dir::State::Lists=$state/lists" -o "Dir::Cache=$state/cache" "$@"
}

is_debian() { command -v apt-get >/dev/null 2>&1 && command -v dpkg >/dev/null 2>&1; }

debian_update() {
    mkdir -p "$WORK/apt/lists/partial" "$WORK/apt/cache/archives/partial"
    # As root, apt would drop its rights for the download and then could not write here.
    run_quietly "$WORK/apt-get.log" debian_apt apt-get -o APT::Sandbox::User=root -qq update
}

# A package and all that it needs, one a line, but for what every Debian has: the C library and GCC's own.
# (Unpacked elsewhere and found first, those would break the programs of this machine.)
debian_closure() {
    debian_apt apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
        --no-enhances "$1" | grep '^[a-z]' | sort -u | grep -vxE 'libc6|libgcc-s1|libstdc\+\+6|gcc-.*-base'
}

debian_megabytes() {
    # The first entry of each package is the newest, the one that would be downloaded.
    debian_apt apt-cache show "$@" | awk '/^Package:/ { fresh = !seen[$2]++ } /^Size:/ && fresh { sum += $2 }
        END { printf "%d\n", sum / 1e6 }'
}

# debian_unpack FOLDER PACKAGE...: their files under FOLDER, as if it were the root. apt checks the signatures.
debian_unpack() {
    local folder=$1 debs="$WORK/debs" deb
    shift
    mkdir -p "$folder" "$debs"
    (cd "$debs" && run_quietly "$WORK/apt-get.log" debian_apt apt-get -o APT::Sandbox::User=root -qq download "$@")
    for deb in "$debs"/*.deb; do
        dpkg -x "$deb" "$folder"
    done
    rm -rf "$debs"
}
