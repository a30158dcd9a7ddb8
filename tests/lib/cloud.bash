# shellcheck shell=bash
# The cloud of tests/cloud for bats files: start it, script it, ask it.
#
#   load lib/cloud
#   setup_file()    { cloud_start; }      # or in setup(), for one test each
#   teardown_file() { cloud_stop; }
#   setup()         { cloud_reset; }
#
# cloud_start exports CLOUD_PORT, CLOUD_DIR (its folder; `log` is in it),
# CLOUDINARY_URL, OPENAI_BASE_URL and OPENAI_API_KEY. Delivery links lead to the cloud,
# too.

CLOUD_PROGRAM="$(cd "$(dirname "${BASH_SOURCE[0]}")/../cloud" && pwd)/cloud.py"

# cloud_start [OPTION...] - options as of cloud.py.
cloud_start() {
    local base=${BATS_FILE_TMPDIR:-${TMPDIR:-/tmp}}
    export CLOUD_KEY=${CLOUD_KEY:-123456789012345}
    export CLOUD_SECRET=${CLOUD_SECRET:-abcdefghijklmnopqrstuvwxyz1}
    CLOUD_DIR=$(mktemp -d "$base/cloud.XXXXXX") || return 1
    export CLOUD_OPENAI_KEY=${CLOUD_OPENAI_KEY:-sk-cloud-for-testing}
    # Its input is a pipe that ends with this shell, and so does the cloud.
    # File descriptor 3 is bats' own.
    coproc CLOUD { exec python3 "$CLOUD_PROGRAM" --dir "$CLOUD_DIR" "$@" \
        2>"$CLOUD_DIR/log" 3>&-; }
    CLOUD_PROCESS=$!
    if ! IFS= read -r CLOUD_PORT <&"${CLOUD[0]}"; then
        cat "$CLOUD_DIR/log" >&2
        return 1
    fi
    CLOUDINARY_URL="cloudinary://$CLOUD_KEY:$CLOUD_SECRET@demo"
    CLOUDINARY_URL+="?upload_prefix=http://127.0.0.1:$CLOUD_PORT"
    CLOUDINARY_URL+="&secure=false&cname=127.0.0.1:$CLOUD_PORT"
    export CLOUD_PORT CLOUD_DIR CLOUD_PROCESS CLOUDINARY_URL
    export OPENAI_BASE_URL=http://127.0.0.1:$CLOUD_PORT/v1
    export OPENAI_API_KEY=$CLOUD_OPENAI_KEY
}

# cloud_stop - end it, wait for it, remove its folder.
cloud_stop() {
    [[ -n ${CLOUD_PROCESS:-} ]] || return 0
    kill "$CLOUD_PROCESS" 2>/dev/null || true
    wait "$CLOUD_PROCESS" 2>/dev/null || true
    rm -rf "$CLOUD_DIR"
    unset CLOUD_PROCESS CLOUD_PORT CLOUD_DIR CLOUDINARY_URL OPENAI_BASE_URL OPENAI_API_KEY
}

# cloud_call METHOD PATH [BODY] - speak to /_control; fails unless it says 200.
# One connection, no other program.
cloud_call() {
    local LC_ALL=C body=${3-} fd line status
    exec {fd}<>"/dev/tcp/127.0.0.1/$CLOUD_PORT" || return 1
    printf '%s /_control/%s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n%s%d\r\n\r\n%s' \
        "$1" "$2" "$CLOUD_PORT" $'Connection: close\r\nContent-Length: ' \
        "${#body}" "$body" >&"$fd"
    IFS=' ' read -r _ status _ <&"$fd"
    while IFS= read -r line <&"$fd" && [[ $line != $'\r' ]]; do :; done
    if [[ $status == 200 ]]; then
        cat <&"$fd"
    else
        cat <&"$fd" >&2
    fi
    exec {fd}>&-
    [[ $status == 200 ]]
}

# cloud_fault RULE... - add scripted faults, one JSON object each.
cloud_fault() {
    local rules
    printf -v rules '%s\n' "$@"
    cloud_call POST fault "$rules"
}

# cloud_calm - forget all faults.
cloud_calm() { cloud_call POST calm; }

# cloud_set OPTION VALUE - change an option while it runs: cloud_set size_limit 1000
cloud_set() {
    local value=$2
    [[ $value =~ ^-?[0-9]+$ ]] || value="\"$value\""
    cloud_call POST set "{\"$1\": $value}"
}

# cloud_reset - forget assets, ledger, faults and changed options.
cloud_reset() { cloud_call POST reset; }

# cloud_count WHAT - assets, uploads, stored, existing, duplicates, overwritten,
# destroyed, chunks, admin, deliveries, requests, body_bytes, connections,
# max_connections, max_requests, faults, violations; paid, paid_requests, generations,
# edits, fetched.
cloud_count() { cloud_call GET "count/$1"; }

# cloud_paid - what was paid for, one JSON object a request a line.
cloud_paid() { cloud_call GET paid; }

# cloud_server NAME - from here on OPENAI_BASE_URL is that of a server that is only like
# OpenAI's: localai, sdcpp, vllm or dalle.
cloud_server() { export OPENAI_BASE_URL=http://127.0.0.1:$CLOUD_PORT/$1/v1; }

# cloud_wait WHAT N [SECONDS] - until a count has reached N.
cloud_wait() { cloud_call GET "wait/$1/$2?seconds=${3:-30}" >/dev/null; }

# cloud_idle [SECONDS] - until all clients are gone and what they sent is dealt with:
# after killing one, before asking what it did.
cloud_idle() { cloud_call GET "idle?seconds=${1:-30}"; }

# cloud_asset PUBLIC_ID - what the cloud knows of it, as JSON; fails if it is not there.
cloud_asset() {
    local LC_ALL=C id=$1 escaped='' char i
    for ((i = 0; i < ${#id}; i++)); do
        char=${id:i:1}
        if [[ $char != [a-zA-Z0-9/._-] ]]; then
            printf -v char '%%%02X' "'$char"
            char=%${char: -2}
        fi
        escaped+=$char
    done
    cloud_call GET "asset?public_id=$escaped"
}

# cloud_violations - what requests did wrong, one a line; nothing when all was well.
cloud_violations() { cloud_call GET violations; }

# cloud_was_fine - fails, and shows them, when there are any: for teardown().
cloud_was_fine() {
    local wrong
    wrong=$(cloud_violations) || return 1
    [[ -z $wrong ]] || { printf '%s\n' "$wrong"; return 1; }
}

# cloud_requests - the recorded requests, one JSON object a line.
cloud_requests() { cloud_call GET requests; }

# cloud_ledger - everything, as one JSON document.
cloud_ledger() { cloud_call GET ledger; }

# cloud_instagram - its containers and posts, as JSON.
cloud_instagram() { cloud_call GET instagram; }

# cloud_containers STATE [SUBCODE] - put all that are not published into a state; "gone"
# forgets them.
cloud_containers() { cloud_call POST instagram "{\"state\": \"$1\", \"error\": ${2:-null}}"; }

# graph_fault PATH CODE SUBCODE - the next request there gets this error of Instagram's.
graph_fault() {
    local error="{\"message\": \"Un problema\", \"code\": $2, \"error_subcode\": $3"
    error+=", \"fbtrace_id\": \"Trace123\"}"
    local fault="{\"path\": \"$1\", \"do\": \"status\", \"status\": 400,"
    cloud_fault "$fault \"body\": {\"error\": $error}}"
}

# instagram_here - a token, and a configuration in which Instagram is this cloud and
# nothing waits.
instagram_here() {
    export INSTAGRAM_TOKEN=${CLOUD_IG_TOKEN:-IGtests0123456789abcdefghijklmnopqrstuvwxyz}
    mkdir -p "$HOME/.config/imgctl/platforms"
    jq ".logins[].url = \"http://127.0.0.1:$CLOUD_PORT\" | .fetch_wait_ms = 1
        | .poll = {first_ms: 1, most_ms: 5, deadline_ms: 60000}" \
        "${BATS_TEST_DIRNAME:-tests}/../share/imgctl/platforms/instagram.json" \
        >"$HOME/.config/imgctl/platforms/instagram.json"
}
