#!/usr/bin/env bats
# upload of many: side by side, in order, nothing twice, and stopped in every way.

load lib/imgctl
load lib/screen

setup_file()    { cloud_start; }
teardown_file() { cloud_stop; }

local_setup() {
    cloud_reset
    export IMGCTL_HTTP_RETRY_BASE=1
}

teardown() {
    screen_stop
    cloud_was_fine
}

# box N - a folder with N different pictures, old enough to be remembered.
box() {
    local i
    for ((i = 1; i <= $1; i++)); do
        fresh_picture "$(printf 'box/p%03d.jpg' "$i")"
    done
    touch -d '1 hour ago' box/*
}

# age - let what was just made or touched be older than two seconds for the cache.
age() { sleep 2.1; }

statuses() { json '[.items[].status] | group_by(.) | map("\(.[0]) \(length)") | join(", ")'; }

@test "items come in input order, whatever finishes first" {
    box 40
    cloud_fault '{"path":"upload$", "do":"delay", "every":3, "times":0, "delay":60}'
    expect 0 upload -r box --json -j 8
    [ "$(statuses)" = "uploaded 40" ]
    [ "$(json '[.items[].input] == ([.items[].input] | sort)')" = true ]
    [ "$(cloud_count stored)" = 40 ]
    [ "$(cloud_count duplicates)" = 0 ]
    check_catalog
}

@test "-j N: so many requests at once and not more, over so many connections" {
    box 24
    cloud_set delay 20
    expect 0 upload -q -r box -j 6
    [ "$(cloud_count max_requests)" -le 6 ]
    [ "$(cloud_count max_requests)" -ge 2 ]
    [ "$(cloud_count connections)" -le 6 ]
    expect 2 upload -j 0 box/p001.jpg
    expect 2 upload -j 101 box/p001.jpg
}

@test "equal files in one batch: the first is stored, once, the others are its duplicates" {
    for store in local cloudinary; do
        rm -rf box
        for i in 1 2 3 4 5 6 7 8; do fresh_picture "box/$i.jpg" "same for $store"; done
        expect 0 upload --store "$store" -r box --json
        [ "$(json '[.items[].status] | join(" ")')" = "uploaded duplicate duplicate duplicate \
duplicate duplicate duplicate duplicate" ]
        [ "$(json '[.items[].id] | unique | length')" = 1 ]
        [ "$(json '.items[0].image.original_filename')" = 1.jpg ]
    done
    [ "$(cloud_count stored)" = 1 ]
    [ "$(cloud_count uploads)" = 1 ]
}

@test "when the first of two equal ones fails, the second has its own try" {
    fresh_picture box/1.jpg same
    fresh_picture box/2.jpg same
    cloud_fault '{"path":"upload$", "do":"status", "status":400, "body":"{\"error\":{\"message\":\"no\"}}"}'
    expect 3 upload -r box --json
    [ "$(json '[.items[].status] | join(" ")')" = "failed uploaded" ]
    check_catalog
}

@test "local store: many files, no temporary file left, intact" {
    box 60
    expect 0 upload --store local -r box --json
    [ "$(statuses)" = "uploaded 60" ]
    [ "$(find "$HOME/.local/share/imgctl/store" -name '.imgctl-*' | wc -l)" = 0 ]
    find "$HOME/.local/share/imgctl/store" -type f | while read -r f; do
        [ "$(sha256sum <"$f" | cut -d' ' -f1)" = "$(basename "$f" .jpg)" ]
    done
    check_catalog
}

@test "an unchanged file is not read again; a changed one is" {
    box 3
    age
    expect 0 upload -q --store local -r box
    chmod 600 box/*
    age
    expect 0 upload -q --store local -r box
    expect 0 upload --store local -r box --json
    [ "$(statuses)" = "duplicate 3" ]
    strace=$(command -v strace) || true
    if [ -n "$strace" ]; then
        ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=openat -o calls imgctl upload -q --store local -r box >/dev/null
        absent 'box/p00.*jpg' calls
        ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=openat -o calls imgctl upload -q --store local --no-cache -r box >/dev/null
        [ "$(grep -c 'box/p00.*jpg' calls)" = 3 ]
    fi
    before=$(stat -c %s box/p002.jpg)
    printf 'box/P002.jpg' | dd of=box/p002.jpg bs=1 seek=$((before - 12)) conv=notrunc status=none
    touch -d '1 hour ago' box/p002.jpg
    [ "$(stat -c %s box/p002.jpg)" = "$before" ]
    expect 0 upload --store local -r box --json
    [ "$(json '[.items[].status] | join(" ")')" = "duplicate uploaded duplicate" ]
}

@test "what is remembered of a file does not hide a limit or another business" {
    box 1
    age
    imgctl upload -q --store local box/p001.jpg >/dev/null
    imgctl upload -q --store local box/p001.jpg >/dev/null
    [ "$(sql 'SELECT count(*) FROM files')" = 1 ]
    expect 7 upload --store local --max-bytes 100K box/p001.jpg
    expect 7 upload --store local --max-pixels 1000 box/p001.jpg
    imgctl business add acme
    expect 0 upload --store local --business acme --json box/p001.jpg
    [ "$(json '.items[0].status')" = uploaded ]
}

@test "--on-error stop begins nothing more; --max-failures counts" {
    box 30
    for i in 01 02 03; do : >"box/a$i.jpg"; done
    fresh_picture 0.jpg
    expect 3 upload --store local --json 0.jpg -r box --on-error stop
    says "stopped"
    json '[.items[].status][0:2] == ["uploaded", "failed"] and (.items | length) == 34'
    json '.summary.skipped > 0 and .items[33].status == "skipped"'
    expect 7 upload --store local -r box --json --max-failures 3
    says "stopped"
    expect 3 upload --store local -r box --json
    [ "$(json '[.items[] | select(.status == "failed")] | length')" = 3 ]
    [ "$(imgctl count)" = 31 ]
    check_catalog
}

@test "refused credentials stop the batch" {
    box 60
    CLOUDINARY_URL=${CLOUDINARY_URL/abcdefghijklmnopqrstuvwxyz1/wrong} expect 4 upload -r box -j 2
    says "inputs are not done"
    [ "$(cloud_count requests)" -lt 20 ]
    cloud_reset
    expect 0 upload -q -r box
    check_catalog
}

@test "--list-failed and --retry-failed" {
    box 4
    expect 0 upload --list-failed --json
    [ "$(json '.failed | length' || true)" = 0 ]
    cloud_fault '{"path":"upload$", "do":"status", "status":500, "times":0, "filename":"p00[23]"}'
    expect 3 upload --json -r box -c http.retries=1
    [ "$(json '[.items[].status] | join(" ")')" = "uploaded failed failed uploaded" ]
    expect 0 upload --list-failed --json
    [ "$(json '[.failed[].input] | join(" ")')" = "$PWD/box/p002.jpg $PWD/box/p003.jpg" ]
    json '.failed[0] | .attempts == 1 and .store == "cloudinary" and (.error | length > 0)'
    expect 0 upload --list-failed
    [ "$(wc -l <<<"$output")" = 2 ]
    cloud_reset
    cd /
    expect 0 upload --retry-failed --json
    [ "$(statuses)" = "uploaded 2" ]
    expect 0 upload --list-failed --json
    [ "$(json '.failed | length' || true)" = 0 ]
    expect 0 upload --retry-failed --json
    check_catalog
}

@test "--forget-failed: what cannot be tried again, or is named" {
    box 4
    cloud_fault '{"path":"upload$", "do":"status", "status":500, "times":0}'
    expect 5 upload -q -r box -c http.retries=0
    fresh_picture piped.jpg
    expect 5 upload -q - -c http.retries=0 <piped.jpg
    rm box/p002.jpg
    script -qec "imgctl upload --list-failed" /dev/null >out </dev/null
    grep -q -- "--forget-failed forgets" out
    expect 0 upload --forget-failed -n
    [ "$(imgctl upload --list-failed | wc -l)" = 5 ]
    expect 0 upload --forget-failed --json
    [ "$(json '[.items[] | .input + " " + .status] | join(",")')" = \
        "$PWD/box/p002.jpg forgotten,- forgotten" ]
    expect 0 upload --forget-failed --json
    json '.items == [] and .summary.total == 0'
    cd box
    expect 3 upload --forget-failed --json p003.jpg p002.jpg
    [ "$(json '[.items[].status] | join(" ")')" = "forgotten failed" ]
    expect 0 upload --list-failed --json
    [ "$(json '[.failed[].input] | join(" ")')" = "$PWD/p001.jpg $PWD/p004.jpg" ]
    cloud_reset
    expect 0 upload --retry-failed -q
    expect 6 upload --forget-failed p001.jpg
    check_catalog
}

@test "--forget-failed leaves what another process is trying again just now" {
    fresh_picture a.jpg
    cloud_fault '{"path":"upload$", "do":"status", "status":500, "times":0}'
    run imgctl -c http.retries=0 upload -q a.jpg
    rm a.jpg
    while_it_waits "UPDATE transfers SET attempts = attempts + 1, error = NULL" upload --forget-failed
    [ "$status" = 0 ]
    [ "$(sql 'SELECT count(*) FROM transfers')" = 1 ]
}

@test "--forget-failed: an interrupted upload without its file, once it is an hour old" {
    box 1
    expect 0 upload -q --store local -r box
    sql "INSERT INTO transfers (business_id, store, sha256, source, size, started_at,
         attempts) VALUES (1, 'local', 'aa', '/gone/a.jpg', 1, '2026-01-01T00:00:00.000Z', 1),
         (1, 'local', 'bb', '/gone/b.jpg', 1, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 1),
         (1, 'local', 'cc', '-', 1, '2026-01-01T00:00:00.000Z', 1),
         (1, 'local', 'dd', 'job 7', 1, '2026-01-01T00:00:00.000Z', 1),
         (1, 'local', 'ee', 'https://example.com/a.jpg', 1, '2026-01-01T00:00:00.000Z', 1),
         (1, 'local', 'ff', 'picture 1', 1, '2026-01-01T00:00:00.000Z', 1),
         (1, 'local', '00', 'picture 9', 1, '2026-01-01T00:00:00.000Z', 1)"
    expect 10 verify --json
    [ "$(json '[.items[] | select(.error.hint | test("--forget-failed")) | .input] | join(",")')" = \
        "/gone/a.jpg,/gone/b.jpg,-,picture 9" ]
    expect 0 upload --forget-failed --json
    [ "$(json '[.items[].input] | join(",")')" = "/gone/a.jpg,-,picture 9" ]
    expect 0 upload --forget-failed https://example.com/a.jpg
    [ "$(sql "SELECT group_concat(sha256) FROM transfers")" = bb,dd,ff ]
}

@test "--retry-failed: what came from nobody knows where" {
    expect 0 upload -q --store local "$pictures/lighthouse.jpg"
    sql "INSERT INTO transfers (business_id, store, sha256, size, started_at, attempts, error)
         VALUES (1, 'local', 'aa', 1, '2026-01-01T00:00:00.000Z', 1, 'lost')"
    expect 0 upload --retry-failed --store local
    says 'came from standard input'
}

@test "what is known of files that are gone is forgotten, by --repair" {
    box 3
    age
    expect 0 upload -q --store local -r box
    [ "$(sql 'SELECT count(*) FROM files')" = 3 ]
    rm box/p002.jpg
    expect 0 verify -q --repair -n
    [ "$(sql 'SELECT count(*) FROM files')" = 3 ]
    expect 0 verify -q --repair
    [ "$(sql "SELECT group_concat(substr(path, -8)) FROM files")" = p001.jpg,p003.jpg ]
}

@test "Ctrl-C: what is on its way is finished, the rest is for the next run" {
    box 60
    cloud_set delay 100
    env --default-signal=INT imgctl upload -r box -j 4 --json >out 2>err &
    pid=$!
    cloud_wait uploads 6
    kill -INT $pid
    code=0
    wait $pid || code=$?
    [ "$code" = 130 ]
    grep -q interrupted err
    jq -e '.summary.failed == null' out
    cloud_idle
    [ "$(jq '[.items[] | select(.status == "uploaded")] | length' out)" = "$(cloud_count stored)" ]
    [ "$(jq '.summary.skipped' out)" -gt 0 ]
    [ "$(jq '.items | length' out)" = 60 ]
    check_catalog
    cloud_set delay 0
    expect 0 upload -q -r box
    [ "$(cloud_count stored)" = 60 ]
    [ "$(cloud_count duplicates)" = 0 ]
    [ "$(imgctl count)" = 60 ]
}

@test "a second signal ends it at once; the next run finishes" {
    box 20
    cloud_fault '{"path":"upload$", "do":"hang", "when":"acted", "times":2, "nth":3}'
    imgctl upload -r box -j 4 >out 2>err &
    pid=$!
    cloud_wait uploads 6
    while kill -TERM $pid 2>/dev/null; do
        sleep 0.1
    done
    code=0
    wait $pid || code=$?
    [ "$code" = 143 ]
    [ "$(sql 'PRAGMA integrity_check')" = ok ]
    cloud_idle
    expect 0 upload -q -r box
    [ "$(cloud_count assets)" = 20 ]
    [ "$(cloud_count duplicates)" = 0 ]
    [ "$(imgctl count)" = 20 ]
    check_catalog
}

@test "the bar fits the terminal, also when the results go elsewhere" {
    box 1
    cloud_fault '{"path":"upload$", "do":"hang", "when":"acted", "times":1, "ms":10000}'
    screen_start 30 10 "imgctl upload --progress bar -r box >out"
    sees "[....................] 0/1  …"
}

@test "kill -9 at many moments: nothing lost, nothing twice" {
    box 30
    for store in local cloudinary; do
        cloud_set delay 5
        for n in 1 2 3 4 5 6 7 8; do
            imgctl upload --store "$store" -q -r box -j 4 >/dev/null 2>&1 &
            pid=$!
            sleep "0.0$n"
            kill -9 $pid 2>/dev/null || true
            wait $pid 2>/dev/null || true
        done
        cloud_idle
        expect 0 upload --store "$store" -q -r box
        [ "$(imgctl count --store "$store")" = 30 ]
        check_catalog
    done
    [ "$(cloud_count assets)" = 30 ]
    [ "$(cloud_count duplicates)" = 0 ]
    [ "$(find "$HOME/.local/share/imgctl/store" -name '.imgctl-*' | wc -l)" = 0 ]
}

@test "429 halves what is in flight and is got over" {
    box 30
    cloud_fault '{"path":"upload$", "do":"status", "status":429, "nth":4, "times":3, "headers":{"Retry-After":"0"}}'
    expect 0 upload --json -r box -j 8
    [ "$(statuses)" = "uploaded 30" ]
    [ "$(cloud_count duplicates)" = 0 ]
}

@test "--lock: one at a time, and who is dead holds nothing" {
    box 1
    mkfifo hold
    # It waits for the lock, because looking whether it is held is holding it, too.
    imgctl upload --store local --lock nightly --lock-wait 60 - <hold >/dev/null 2>&1 &
    pid=$!
    exec 8>hold
    held=0
    until [ "$held" = 1 ]; do
        kill -0 $pid
        sleep 0.05
        held=0
        flock -n "$HOME/.local/state/imgctl/nightly.lock" true 2>/dev/null || held=$?
    done
    expect 5 upload --store local --lock nightly box/p001.jpg
    says 'the lock "nightly" is held'
    expect 0 upload -q --store local --lock other box/p001.jpg
    kill -9 $pid
    wait $pid || true
    exec 8>&-
    expect 0 upload -q --store local --lock nightly --lock-wait 5 box/p001.jpg
    expect 2 upload --lock ../x box/p001.jpg
    expect 2 upload --lock-wait 5 box/p001.jpg
}

@test "--remove-source does not remove the store's own file" {
    box 1
    path=$(imgctl upload --store local --urls -q box/p001.jpg)
    path=${path#file://}
    expect 10 upload --store local --remove-source "$path"
    says "it is the copy in the store itself"
    [ -e "$path" ]
    expect 0 verify
}

@test "--remove-source keeps what Cloudinary has lost since" {
    box 2
    imgctl upload -q --store cloudinary box/p001.jpg
    imgctl upload -q --store cloudinary box/p002.jpg
    expect 0 upload -q --store cloudinary box/p001.jpg --remove-source
    [ ! -e box/p001.jpg ]
    cloud_reset
    expect 10 upload --store cloudinary box/p002.jpg --remove-source
    says "its copy in the store is gone"
    [ -e box/p002.jpg ]
}

@test "--remove-source removes what is verified, and only that" {
    box 3
    expect 0 upload -q --store local -r box --remove-source
    [ -z "$(ls box)" ]
    [ "$(imgctl count)" = 3 ]
    box 2
    : >box/z.jpg
    path=$(imgctl list --urls --sort id --reverse | sed -n '1s,file://,,p')
    printf x >>"$path"
    expect 3 upload --store local -r box --remove-source
    says "kept"
    [ "$(find box -type f | sort | tr '\n' ' ')" = "box/p001.jpg box/z.jpg " ]
    expect 10 upload --store local --json box/p001.jpg --remove-source
    [ "$(json '.items[0] | "\(.status) \(.error.code)"')" = "duplicate catalog.store" ]
    rm box/*
    box 2
    expect 0 upload -q --store cloudinary -r box --remove-source
    [ -z "$(ls box)" ]
}

@test "--remove-source: a file that is named twice is removed once, and that is all" {
    box 1
    cloud_set delay 500 # meanwhile the second is opened, too
    expect 0 upload --store cloudinary --remove-source box/p001.jpg ./box/p001.jpg
    [ ! -e box/p001.jpg ]
    expect 0 verify
}

@test "--since-last leaves out what did not change since the last whole run" {
    box 3
    expect 0 upload --store local -r box --since-last --json
    [ "$(json '.items | length')" = 3 ]
    age
    expect 0 upload --store local -r box --since-last --json
    age
    expect 0 upload --store local -r box --since-last --json
    [ "$(jq '.items | length' <<<"$output")" = 0 ]
    fresh_picture box/new.jpg
    : >box/bad.jpg
    expect 3 upload --store local -r box --since-last --json
    [ "$(json '.items | length')" = 2 ]
    rm box/bad.jpg
    expect 0 upload --store local -r box --since-last --json
    [ "$(json '[.items[].input] | join(" ")')" = box/new.jpg ]
    expect 0 upload --store local -r box --since-last --include '*.jpg' --json
    [ "$(json '.items | length')" -gt 0 ] # other files than before: another batch
}

@test "--since-last: what came while the list was made is not left out by the next run" {
    box 2
    mkfifo list
    imgctl upload -q --store local --since-last --files-from list >/dev/null 3>&- &
    exec 7>list
    echo box/p001.jpg >&7
    mv box/p002.jpg box/late.jpg
    age
    exec 7>&-
    wait $!
    printf '%s\n' box/p001.jpg box/late.jpg >list &
    expect 0 upload --store local --since-last --files-from list --json
    json '[.items[].input] | index("box/late.jpg") != null'
}

@test "--since-last goes with --retry-failed: what failed before is no less wanted" {
    box 1
    fresh_picture other.jpg
    cloud_fault '{"path":"upload$", "do":"status", "status":500, "times":0}'
    run imgctl -c http.retries=0 upload -q other.jpg
    cloud_reset
    expect 0 upload -q -r box --since-last
    age
    expect 0 upload -q -r box --since-last
    expect 0 upload -r box --since-last --retry-failed --json
    json '[.items[].input | sub(".*/"; "")] == ["other.jpg"]'
}

@test "--since-last: each list of files is a batch of its own" {
    box 2
    echo box/p001.jpg >one
    echo box/p002.jpg >two
    expect 0 upload -q --store local --since-last --files-from two
    age
    expect 0 upload -q --store local --since-last --files-from two
    expect 0 upload --store local --since-last --files-from one --json
    json '[.items[].input] == ["box/p001.jpg"]'
}

@test "--progress: json events on standard error, nothing on standard output" {
    box 3
    expect 0 upload --store local -r box --progress json --jsonl
    [ "$(jq -s 'map(select(.event == "progress")) | length' <<<"$output")" = 0 ]
    last=$(grep '"progress"' <<<"$stderr" | tail -1)
    jq -e '.done == 3 and .total == 3 and .failed == 0 and .bytes > 0' <<<"$last"
    expect 0 upload -q --store local -r box --progress none
    [ -z "$stderr" ]
    expect 2 upload --progress loud box/p001.jpg
}

@test "the bar is drawn on a terminal and leaves a clean line" {
    box 30
    cloud_set delay 150
    TERM_PROGRAM=ghostty script -qec "imgctl upload -r box -j 2 --progress bar" /dev/null >out </dev/null
    grep -q '\[#*\.*\] [0-9]*/30' out
    grep -q $'\033\\]9;4;1;' out
    grep -q $'\033\\]9;4;0' out
    script -qec "imgctl upload --force -r box -j 2 --progress bar" /dev/null >out </dev/null
    grep -q '\[#*\.*\] [0-9]*/30' out
    absent $'\033\\]9;4' out
    [[ $(tr '\r' '\n' <out | grep -a '\[#*\.*\]' -A1 | tail -1) == $'\033[K'* ]]
    cloud_set delay 0
}

@test "--bwlimit and --rate hold back" {
    box 4
    start=$(date +%s%N)
    expect 0 upload -q -r box --bwlimit 200K
    [ $((($(date +%s%N) - start) / 1000000)) -ge 1500 ]
    rm -rf box
    for i in 1 2 3 4; do fresh_picture "box/$i.jpg" "again $i"; done
    start=$(date +%s%N)
    expect 0 upload -q -r box --rate 4
    [ $((($(date +%s%N) - start) / 1000000)) -ge 700 ]
    [ "$(cloud_count stored)" = 8 ]
}
