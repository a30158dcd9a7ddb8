#!/usr/bin/env bats
# verify: the catalog against its stores, both directions.

load lib/imgctl

setup_file()    { cloud_start; }
teardown_file() { cloud_stop; }

local_setup() {
    cloud_reset
    for name in a b c; do
        fresh_picture "$name.jpg"
    done
    imgctl upload -q --store local a.jpg b.jpg >/dev/null
    store=$HOME/.local/share/imgctl/store
}

file_of() { sql "SELECT substr(storage_url, 8) FROM images WHERE id=$1"; }

# An orphan as an interrupted program could leave it: orphan AGE
orphan() {
    digest=$(sha256sum c.jpg | cut -d' ' -f1)
    orphan=$store/${digest:0:2}/$digest.jpg
    mkdir -p "${orphan%/*}"
    cp c.jpg "$orphan"
    touch -d "$1" "$orphan"
}

in_cloud() {
    imgctl upload -q --store cloudinary c.jpg >/dev/null
    public_id=$(sql "SELECT cloudinary_public_id FROM images WHERE id=3")
}

@test "all is well: nothing printed, 0" {
    expect 0 verify
    [ -z "$output" ]
    says "2 ok, 0 failed"
    expect 0 verify --json
    json '.items == [] and .summary.ok == 2 and .summary.exit_code == 0 and .schema == 1'
    expect 0 verify 2 1 --json
    [ "$(json '[.items[] | "\(.id) \(.status)"] | join(",")')" = "2 ok,1 ok" ]
    json '.items[0].image.id == 2'
    expect 0 verify --quick @1
    expect 6 verify 99
    expect 2 verify x
}

@test "without a catalog there is nothing wrong" {
    expect 0 --catalog none.db verify
    [ ! -e none.db ]
}

@test "a missing file" {
    rm "$(file_of 1)"
    expect 10 verify --json
    [ "$(json '.items | length')" = 1 ]
    [ "$(json '.items[0] | "\(.id) \(.status) \(.error.code)"')" = "1 missing catalog.store" ]
    json '.items[0].error.hint | contains("upload --force --store local")'
    [ "$(json .summary.exit_code)" = 10 ]
    expect 10 verify 1 2
    prints missing
    expect 10 verify --repair
    [ "$(sql 'SELECT count(*) FROM images')" = 2 ]
    expect 0 upload --force --store local a.jpg
    expect 0 verify
}

@test "a damaged file: other bytes, other size" {
    chmod u+w "$(file_of 1)"
    printf X | dd of="$(file_of 1)" bs=1 seek=5000 conv=notrunc status=none
    expect 0 verify --quick
    expect 10 verify --json
    [ "$(json '.items[0] | "\(.id) \(.status)"')" = "1 damaged" ]
    json '.items[0].error.message | contains("digest")'
    printf X >>"$(file_of 1)"
    expect 10 verify --quick
    [ "$(cut -f1,3 <<<"$output")" = $'1\tdamaged' ]
    prints bytes
    expect 0 upload --force --store local a.jpg
    expect 0 verify
}

@test "a file of another kind where a picture should be" {
    file=$(file_of 1)
    rm "$file"
    mkfifo "$file"
    expect 10 verify
    prints damaged
    rm "$file"
    mkdir "$file"
    expect 10 verify
}

@test "deleted pictures count as long as they can be restored" {
    imgctl delete -q 1 >/dev/null
    expect 0 verify
    says "2 ok"
    rm "$(file_of 1)"
    expect 10 verify
    prints missing
}

@test "an orphan is told, and removed when it is old enough" {
    orphan now
    expect 10 verify --json
    [ "$(json '.items[0].status')" = orphan ]
    [ "$(json '.items[0].input')" = "$orphan" ]
    json '.items[0].id == null'
    expect 10 verify --repair
    [ -e "$orphan" ]
    touch -d "2 hours ago" "$orphan"
    expect 10 verify -n --json
    [ "$(json '.items[0].status')" = planned ]
    [ -e "$orphan" ]
    expect 0 verify --repair --json
    [ "$(json '.items[0].status')" = repaired ]
    [ ! -e "$orphan" ]
    expect 0 verify
    [ "$(find "$store" -name '*.jpg' | wc -l)" = 2 ]
}

@test "a pushed picture's original, whose position the push took out, is no orphan" {
    imgctl upload -q --store local "$pictures/located.jpg"
    file=$(file_of 3)
    imgctl push -q 3
    [ "$(sql "SELECT sha256 FROM images WHERE id = 3")" != "$(sha256sum <"$file" | cut -c1-64)" ]
    touch -d '2 hours ago' "$file"
    expect 0 verify --repair
    imgctl upload -q --force --store cloudinary "$pictures/located.jpg"
    expect 0 verify --repair
    [ -e "$file" ]
    cp -p "$file" original
    imgctl delete -q --hard --yes 3
    [ ! -e "$file" ]
    cp -p original "$file" # as if it had been interrupted before that
    expect 0 verify --repair --json
    [ "$(json '.items[0].status')" = repaired ]
    [ ! -e "$file" ]
}

@test "bytes of an upload under way are no orphan" {
    orphan "2 hours ago"
    sql "INSERT INTO transfers (business_id, store, sha256, source, size, started_at, attempts)
        VALUES (1, 'local', '$digest', 'c.jpg', 1, '2026-01-01T00:00:00.000Z', 1)"
    expect 10 verify --repair --json
    [ "$(json '[.items[].status] | join(",")')" = unfinished ]
    [ -e "$orphan" ]
    expect 0 upload --store local c.jpg
    expect 0 verify
}

@test "a foreign file in the store is told and left alone" {
    mkdir -p "$store/ab"
    echo mine >"$store/ab/notes.txt"
    touch -d "3 days ago" "$store/ab/notes.txt"
    expect 10 verify --repair
    prints notes.txt
    [ -e "$store/ab/notes.txt" ]
}

@test "files that a killed process left are removed; those of a living one stay" {
    sleep 100 3>&- &
    living=$!
    echo x >"$store/making/.imgctl-$living-AAAAAA"
    echo x >"$store/making/.imgctl-4194304-BBBBBB"
    expect 10 verify
    [ "$(wc -l <<<"$output")" = 1 ]
    expect 0 verify --repair
    [ -e "$store/making/.imgctl-$living-AAAAAA" ]
    [ ! -e "$store/making/.imgctl-4194304-BBBBBB" ]
    kill "$living"
}

@test "a transfer whose picture is there is settled" {
    sql "INSERT INTO transfers (business_id, store, sha256, source, size, started_at, attempts)
        SELECT 1, 'local', sha256, 'a.jpg', 1, '2026-01-01T00:00:00.000Z', 1 FROM images WHERE id=1"
    expect 10 verify
    [ "$(cut -f2,3 <<<"$output")" = $'a.jpg\tunfinished' ]
    expect 10 verify -n
    expect 0 verify --repair
    prints repaired
    check_catalog
}

@test "derived tables that do not match are built anew" {
    sql "UPDATE image_counts SET n = 7"
    expect 10 verify
    prints "counters"
    expect 0 verify --repair --json
    [ "$(json '.items[0].status')" = repaired ]
    [ "$(imgctl count)" = 2 ]
    expect 0 verify
}

@test "an interrupted removal is unfinished, not missing" {
    sql "INSERT INTO removals VALUES (1, '2026-01-01T00:00:00.000Z')"
    rm "$(file_of 1)"
    expect 10 verify --json
    [ "$(json '[.items[].status] | join(",")')" = unfinished ]
}

@test "--remote: a healthy one, asked in few calls" {
    in_cloud
    expect 0 verify 3
    [ "$(cut -f3 <<<"$output")" = unchecked ]
    expect 0 verify --remote --json 3
    [ "$(json '.items[0].status')" = ok ]
    expect 0 verify --remote
    says "3 ok"
    [ "$(cloud_count admin)" = 3 ]
    [ -z "$(cloud_violations)" ]
}

@test "--remote: an asset that was destroyed" {
    in_cloud
    imgctl upload -q --store cloudinary a.jpg >/dev/null
    imgctl -q --catalog other.db upload --store cloudinary a.jpg >/dev/null
    imgctl -q --catalog other.db delete --hard 1
    [ "$(cloud_count assets)" = 1 ]
    expect 10 verify --remote 3 4 --json
    [ "$(json '[.items[] | "\(.id) \(.status)"] | join(",")')" = "3 ok,4 missing" ]
}

@test "--remote: an asset that was replaced" {
    in_cloud
    [ "$(stat -c %s b.jpg)" = "$(stat -c %s c.jpg)" ]
    cloud_set clock 100
    imgctl -q --catalog other.db upload --store cloudinary --public-id "$public_id" -f b.jpg
    expect 10 verify --remote --json 3
    [ "$(json '.items[0].status')" = damaged ]
    json '.items[0].error.message | contains("etag")'
    cloud_set clock 200
    imgctl -q --catalog third.db upload --store cloudinary --public-id "$public_id" -f c.jpg
    expect 0 verify --remote 3
    prints ok
}

@test "--remote: of a row that another program made, the size is compared" {
    in_cloud
    sql "DELETE FROM image_remote WHERE image_id = 3"
    calls=$(cloud_count admin)
    expect 0 verify --remote 3
    [ "$(cloud_count admin)" = $((calls + 1)) ]
    sql "UPDATE images SET file_size_bytes = 12 WHERE id = 3"
    expect 10 verify --remote --json 3
    [ "$(json '.items[0].status')" = damaged ]
}

@test "--remote: what no row knows is told and never removed" {
    in_cloud
    imgctl --catalog other.db upload -q --store cloudinary a.jpg >/dev/null
    expect 10 verify --remote --repair --json
    [ "$(json '[.items[].status] | join(",")')" = orphan ]
    json '.items[0].input | contains("a-")'
    [ "$(cloud_count assets)" = 2 ]
    [ "$(cloud_count destroyed)" = 0 ]
}

@test "--remote: a service that does not answer is no verdict" {
    in_cloud
    cloud_fault '{"path":"resources", "do":"status", "status":500, "times":0}'
    expect 5 -c http.retries=0 verify --remote 3
    unset CLOUDINARY_URL
    expect 4 verify --remote 3
    expect 0 verify
}

@test "--remote: an answer without a list, or a list without an end, is no verdict" {
    in_cloud
    cloud_fault '{"path":"resources", "do":"shape", "drop":["resources"], "times":0}'
    expect 5 verify --remote 3 --json
    [ "$(json '.items[0].status')" = failed ]
    expect 3 verify --remote
    says "cloudinary: Cloudinary's answer has no list of assets"
    cloud_calm
    again='{"resources":[], "next_cursor":"x"}'
    cloud_fault '{"path":"resources", "do":"status", "status":200, "nth":2, "times":9, "body":'"$again}"
    expect 3 verify --remote
    says "the same page"
}

@test "--remote: more pictures than one call takes" {
    for i in $(seq 130); do
        fresh_picture "many/$i.jpg"
    done
    imgctl upload -q --store cloudinary -r many >/dev/null
    expect 0 verify --remote
    says "132 ok"
    [ "$(cloud_count admin)" -le 6 ]
    sql "UPDATE images SET cloudinary_public_id = cloudinary_public_id || 'x' WHERE id = 100"
    expect 10 verify --remote --json
    [ "$(json '[.items[].status] | join(",")')" = missing,orphan ]
}
