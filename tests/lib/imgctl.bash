# shellcheck shell=bash
# What every bats file needs: the program, and a home of its own for each test.
#
#   load lib/imgctl
#
# Each test has $HOME, $work (its current folder) and no account. `imgctl` is the
# program under test; `pictures` is the folder with the project's own pictures.

bats_require_minimum_version 1.5.0
load lib/cloud

: "${BUILD:=$(cd "$BATS_TEST_DIRNAME/.." && pwd)/build}"
# shellcheck disable=SC2034
pictures=$BATS_TEST_DIRNAME/pictures
shared=${IMGCTL_SHARED:-$BATS_TEST_DIRNAME/../../shared}

setup() {
    export HOME=$BATS_TEST_TMPDIR/home TZ=UTC LC_ALL=C.UTF-8 TERM=xterm
    unset XDG_DATA_HOME XDG_CONFIG_HOME XDG_CACHE_HOME XDG_STATE_HOME COLUMNS NO_COLOR
    unset CREDENTIALS_DIRECTORY OPENAI_API_KEY CLICOLOR CLICOLOR_FORCE LINES
    export PAGER=cat # nobody is there to leave another
    [ -n "${CLOUD_PROCESS:-}" ] || unset "${!CLOUDINARY_@}"
    unset "${!IMGCTL_@}" "${!INSTAGRAM_@}" "${!FACEBOOK_@}"
    export PATH=$BUILD:$PATH
    work=$BATS_TEST_TMPDIR/work
    mkdir -p "$HOME" "$work"
    cd "$work" || return 1
    if declare -F local_setup >/dev/null; then
        local_setup
    fi
}

# json FILTER - jq over $output, raw; fails when the output is no JSON or gives false.
json() { jq -er "$1" <<<"$output"; }

# Run imgctl and expect this exit status; $output is stdout, $stderr the rest.
expect() {
    local status_wanted=$1
    shift
    run --separate-stderr imgctl "$@"
    if [ "$status" -ne "$status_wanted" ]; then
        printf 'imgctl %s\nstatus %s, not %s\nstdout: %s\nstderr: %s\n' "$*" "$status" \
            "$status_wanted" "$output" "$stderr"
        return 1
    fi
}

# says TEXT - standard error contains it.
says() {
    [[ $stderr == *"$1"* ]] || { printf 'stderr lacks "%s":\n%s\n' "$1" "$stderr"; return 1; }
}

# prints TEXT - standard output contains it.
prints() {
    [[ $output == *"$1"* ]] || { printf 'stdout lacks "%s":\n%s\n' "$1" "$output"; return 1; }
}

# absent PATTERN FILE... - no line of the files matches (binary files too).
absent() {
    if grep -aqrE -- "$@"; then
        grep -aorE -- "$@"
        return 1
    fi
}

# Pictures that differ: bytes after the end marker are allowed in a JPEG.
# fresh_picture FILE [TEXT]
fresh_picture() {
    mkdir -p "$(dirname "$1")"
    { cat "$pictures/lighthouse.jpg"; printf '%s' "${2:-$1}"; } >"$1"
}

catalog() { printf '%s' "$HOME/.local/share/imgctl/catalog.db"; }

sql() { sqlite3 "$(catalog)" "$@"; }

# Run imgctl ARGS so that it reads the catalog, but waits for its write lock, while another
# process does SQL. Should it come too late to read before, the test shows nothing.
while_it_waits() {
    local change=$1 pid
    shift
    mkfifo held
    sqlite3 "$(catalog)" <held >/dev/null 3>&- &
    exec 7>held
    printf 'BEGIN IMMEDIATE;\n.system touch locked\n' >&7
    until [ -e locked ]; do sleep 0.02; done
    imgctl "$@" >waited 2>&1 3>&- 7>&- &
    pid=$!
    sleep 0.5
    printf '%s; COMMIT;\n' "$change" >&7
    exec 7>&-
    status=0
    wait "$pid" || status=$?
    cat waited
}

# Skip, loudly, what needs the shared corpus.
need_corpus() {
    [ -f "$shared/corpus/MANIFEST.tsv" ] || skip "no corpus at $shared"
}

# The catalog is sound and its derived tables agree with it.
check_catalog() {
    [ "$(sql 'PRAGMA integrity_check')" = ok ]
    [ "$(sql 'SELECT count(*) FROM transfers')" = "${1:-0}" ]
}
