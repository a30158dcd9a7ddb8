#!/usr/bin/env bats
# push: pictures of the local store go to Cloudinary and keep their ids.

load lib/imgctl

setup_file()    { cloud_start; }
teardown_file() { cloud_stop; }

local_setup() {
    cloud_reset
    local_url=$CLOUDINARY_URL
    for name in a b c; do
        fresh_picture "$name.jpg"
    done
    imgctl upload -q --store local --tag one a.jpg >/dev/null
    imgctl upload -q --store local --tag two b.jpg c.jpg >/dev/null
}

stored_files() { find "$HOME/.local/share/imgctl/store" -type f | wc -l; }

# Every row has its object, stored once; nothing is open.
all_pushed() {
    [ "$(sql "SELECT count(*) FROM images WHERE storage_provider='cloudinary'")" = "$1" ]
    [ "$(cloud_count assets)" = "$1" ]
    [ "$(cloud_count stored)" = "$1" ]
    [ "$(cloud_count duplicates)" = 0 ]
    [ -z "$(cloud_violations)" ]
    check_catalog
}

@test "push one: the id stays, the rest of the row says where it is now" {
    before=$(sql "SELECT id, original_filename, created_at, tags FROM images WHERE id=2")
    expect 0 push --json 2
    [ "$(json '.items[0].status')" = pushed ]
    [ "$(json '.items[0].id')" = 2 ]
    [ "$(json '.items[0].image.storage_provider')" = cloudinary ]
    json '.items[0].image.updated_at != null'
    [ "$(json '.summary.pushed')" = 1 ]
    [ "$(sql "SELECT id, original_filename, created_at, tags FROM images WHERE id=2")" = "$before" ]
    id=$(sql "SELECT cloudinary_public_id FROM images WHERE id=2")
    [ "$(cloud_asset "$id" | jq -r .sha256)" = "$(sha256sum b.jpg | cut -d' ' -f1)" ]
    [ "$(cloud_asset "$id" | jq -r '.tags[0]')" = two ]
    [ "$(stored_files)" = 3 ]
    expect 0 get -o - 2
    all_pushed 1
}

@test "push many, --all, a selection, standard input" {
    expect 0 push --tag two --json
    [ "$(json '[.items[].id] | join(" ")')" = "2 3" ]
    expect 0 push --all --json
    [ "$(json '[.items[].id] | join(" ")')" = 1 ]
    expect 0 push --all --json
    json '.items == [] and .summary.total == 0'
    expect 0 push 1 2 3 --json
    [ "$(json '[.items[].status] | unique | join(" ")')" = skipped ]
    fresh_picture d.jpg
    imgctl upload --store local --ids -q d.jpg | imgctl push -q - >/dev/null
    all_pushed 4
}

@test "push prints lines for people and columns for pipes" {
    expect 0 push 1
    [ "$(cut -f1-3 <<<"$output")" = $'1\t1\tpushed' ]
    says "1 pushed, 0 failed"
    expect 0 push --urls 2
    [[ $output == http*://*/b-*.jpg ]]
    expect 0 push --jsonl 3
    [ "$(head -1 <<<"$output" | jq -r .status)" = pushed ]
    [ "$(tail -1 <<<"$output" | jq -r .pushed)" = 1 ]
}

@test "push --published is a selection like any other" {
    expect 0 push -n --published
    says "nothing to do"
    expect 2 push --published 1
}

@test "push -n plans, and changes nothing" {
    expect 0 push -n --all --json
    [ "$(json '[.items[].status] | unique | join(" ")')" = planned ]
    json .summary.dry_run
    [ "$(cloud_count requests)" = 0 ]
    [ "$(imgctl count --store local)" = 3 ]
}

@test "push: what cannot be" {
    expect 2 push
    expect 2 push 1 --all
    expect 2 push --deleted
    expect 6 push 99
    imgctl delete -q 1 >/dev/null
    expect 6 push 1
    says "imgctl restore 1"
    unset CLOUDINARY_URL
    expect 4 push 2
    CLOUDINARY_URL=$local_url
    export CLOUDINARY_URL
}

@test "push takes the position out; the row has the digest of what was sent" {
    imgctl upload -q --store local "$pictures/located.jpg" >/dev/null
    before=$(sql "SELECT sha256 FROM images WHERE id=4")
    expect 0 push 4 --json
    after=$(json '.items[0].image.sha256')
    [ "$after" != "$before" ]
    id=$(json '.items[0].image.cloudinary_public_id')
    [ "$(cloud_asset "$id" | jq -r .sha256)" = "$after" ]
    [ "$(cloud_asset "$id" | jq -r .bytes)" = "$(json '.items[0].image.file_size_bytes')" ]
    expect 0 push 1 --strip none --json
    [ "$(json '.items[0].image.sha256')" = "$(sha256sum a.jpg | cut -d' ' -f1)" ]
    [ "$(stored_files)" = 4 ]
    expect 0 push 4 --remove-local
    [ "$(stored_files)" = 3 ]
    expect 0 verify
}

@test "push: content that Cloudinary has as another picture is a duplicate" {
    imgctl upload -q --store cloudinary a.jpg >/dev/null
    expect 0 push 1 --json
    [ "$(json '.items[0].status')" = duplicate ]
    [ "$(imgctl count --store local)" = 3 ]
    expect 0 push 1 --remove-local
    prints duplicate
    [ "$(stored_files)" = 3 ]
    check_catalog
}

@test "push: a damaged local file is not sent" {
    file=$(sql "SELECT substr(storage_url, 8) FROM images WHERE id=1")
    chmod u+w "$file"
    printf X | dd of="$file" bs=1 seek=5000 conv=notrunc status=none
    expect 10 push 1
    says damaged
    rm "$file"
    expect 10 push 1
    [ "$(cloud_count requests)" = 0 ]
    check_catalog
}

@test "push: a lost answer is settled by the next run" {
    cloud_fault '{"path":"upload$", "do":"close", "when":"acted", "times":0}'
    expect 5 -c http.retries=0 push 1
    check_catalog 1
    [ "$(imgctl count --store local)" = 3 ]
    [ "$(cloud_count assets)" = 1 ]
}

@test "push: each fault once, and a rerun stores each picture once" {
    cloud_fault '{"path":"upload$", "do":"close", "when":"acted"}' \
        '{"path":"upload$", "do":"status", "status":503, "when":"read"}' \
        '{"path":"upload$", "do":"reset", "when":"body", "bytes":1000}'
    run imgctl -c http.retries=0 push -q --all
    [ "$status" -ne 0 ]
    expect 0 push --all
    all_pushed 3
    [ "$(sql "SELECT group_concat(id) FROM (SELECT id FROM images ORDER BY id)")" = 1,2,3 ]
}

@test "push: killed in the middle, run again" {
    cloud_fault '{"path":"upload$", "nth":2, "do":"hang", "when":"acted"}'
    imgctl push -q --all >/dev/null 2>&1 3>&- &
    cloud_wait uploads 2
    kill -9 $!
    wait $! || true
    cloud_idle
    [ "$(sql 'PRAGMA integrity_check')" = ok ]
    [ "$(sql 'SELECT count(*) FROM transfers')" -ge 1 ]
    expect 0 push --all
    all_pushed 3
    [ "$(sql "SELECT group_concat(id) FROM (SELECT id FROM images ORDER BY id)")" = 1,2,3 ]
    [ -z "$(find "$HOME" -name '.imgctl-*')" ]
}

@test "a picture that is deleted for good leaves no push behind that nobody can finish" {
    cloud_fault '{"path":"upload$", "do":"status", "status":500, "times":0}'
    run imgctl -c http.retries=0 push -q --all
    [ "$(sql 'SELECT count(*) FROM transfers')" = 3 ]
    cloud_reset
    expect 0 delete --hard --yes -q 2
    [ "$(sql 'SELECT group_concat(source) FROM transfers')" = "picture 1,picture 3" ]
    expect 0 push --all
    expect 0 verify
}

@test "a picture that is deleted for good takes an upload --force of it along" {
    expect 0 push --all -q
    cloud_fault '{"path":"upload$", "do":"status", "status":500, "times":0}'
    expect 5 upload -q -f a.jpg -c http.retries=0
    [ "$(sql 'SELECT count(*) FROM transfers')" = 1 ]
    cloud_reset
    expect 0 delete --hard --yes -q 1 2 3
    [ "$(sql 'SELECT count(*) FROM transfers')" = 0 ]
    [ "$(cloud_count assets)" = 0 ]
}

@test "push -j: side by side, in order" {
    for i in $(seq 20); do
        { cat "$pictures/lighthouse.png"; printf '%d' "$i"; } >"$i.png"
    done
    expect 0 upload -q --store local {1..20}.png
    cloud_set delay 50
    expect 0 push --all -j 8 --json
    [ "$(json '[.items[].id] == ([.items[].id] | sort)')" = true ]
    [ "$(json .summary.pushed)" = 23 ]
    all_pushed 23
    peak=$(cloud_count max_requests)
    [ "$peak" -gt 1 ] && [ "$peak" -le 8 ]
}

@test "push: Ctrl-C finishes what is on its way, and tells of the rest" {
    for i in $(seq 30); do
        { cat "$pictures/lighthouse.png"; printf '%d' "$i"; } >"$i.png"
    done
    expect 0 upload -q --store local {1..30}.png
    cloud_set delay 100
    env --default-signal=INT imgctl push --all -j 2 --json >out 2>err 3>&- &
    pid=$!
    cloud_wait uploads 3
    kill -INT $pid
    code=0
    wait $pid || code=$?
    [ "$code" = 130 ]
    grep -q interrupted err
    [ "$(jq '.items | length' out)" = 33 ]
    [ "$(jq '[.items[] | select(.status == "pushed")] | length' out)" = "$(cloud_count stored)" ]
    [ "$(jq '.summary.skipped' out)" -gt 0 ]
    check_catalog
    cloud_set delay 0
    expect 0 push --all
    all_pushed 33
}

@test "push: several at once store each picture once" {
    pids=()
    for i in 1 2 3 4 5 6; do
        imgctl push -q --all --remove-local >"out$i" 2>&1 3>&- &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid"
    done
    cat out*
    all_pushed 3
    [ "$(stored_files)" = 0 ]
    expect 0 verify --remote
}

@test "push: a permanent no leaves the picture where it was and nothing open" {
    cloud_fault '{"path":"upload$", "do":"status", "status":403, "body":{"error":{"message":"no"}}}'
    expect 11 push 1
    check_catalog
    [ "$(imgctl count --store local)" = 3 ]
}

@test "--remove-local: only when Cloudinary has handed out the same bytes" {
    cloud_fault '{"path":"/demo/image/upload/", "method":"GET", "do":"status", "status":200, "body":"other"}'
    expect 10 push --remove-local 1
    says "stays where it was"
    [ "$(stored_files)" = 3 ]
    [ "$(imgctl count --store local)" = 3 ]
    expect 0 push --remove-local 1
    [ "$(stored_files)" = 2 ]
    imgctl get -q -o - 1 | cmp - a.jpg
    all_pushed 1
}

@test "--remove-local: what was pushed before is verified and removed" {
    imgctl push -q 1 2 >/dev/null
    cloud_fault '{"path":"/demo/image/upload/", "method":"GET", "do":"status", "status":200, "body":"other"}'
    expect 10 push --remove-local 1
    [ "$(stored_files)" = 3 ]
    expect 0 push --remove-local --json 1 2
    [ "$(json '[.items[].status] | unique | join(" ")')" = removed ]
    [ "$(stored_files)" = 1 ]
    expect 0 push --remove-local --json 1
    [ "$(json '.items[0].status')" = skipped ]
    expect 0 push --remove-local --all --json
    [ "$(json '[.items[].id] | join(" ")')" = 3 ]
    [ "$(stored_files)" = 0 ]
    expect 0 verify
}

@test "--remove-local: the original of what was pushed without its position, later, too" {
    imgctl upload -q --store local "$pictures/located.jpg"
    before=$(stored_files)
    expect 0 push 4
    [ "$(stored_files)" = "$before" ]
    expect 0 push --remove-local --json 4
    [ "$(json '.items[0].status')" = removed ]
    [ "$(stored_files)" = $((before - 1)) ]
}

@test "--remove-local: bytes that another picture stands on stay" {
    imgctl business add acme >/dev/null
    imgctl upload -q --store local --business acme a.jpg >/dev/null
    expect 0 push --remove-local 1
    [ "$(stored_files)" = 3 ]
    imgctl get -q -o - 4 | cmp - a.jpg
    expect 0 push --remove-local 4
    [ "$(stored_files)" = 2 ]
    check_catalog
}

@test "push: the picture that another process is pushing just now" {
    cloud_set delay 300
    imgctl push -q 1 >first 2>&1 3>&- &
    cloud_wait requests 1
    expect 0 push 1
    wait $!
    [ "$(cloud_count assets)" = 1 ]
    [ "$(cloud_count stored)" = 1 ]
    check_catalog
}

@test "push: other bytes of a picture that is there by now are taken back" {
    cp "$pictures/located.jpg" .
    imgctl upload -q --store local --strip none located.jpg >/dev/null
    cloud_set delay 300
    imgctl push -q 4 >first 2>&1 3>&- &
    cloud_wait requests 1
    expect 0 push --strip none 4
    wait $!
    [ "$(cloud_count assets)" = 1 ]
    check_catalog
    expect 0 verify --remote 4
}

@test "push: what was deleted while it was read is not sent" {
    while_it_waits "UPDATE images SET deleted_at = '2026-01-01T00:00:00.000Z'" push 1
    [ "$status" = 6 ]
    [ "$(cloud_count uploads)" = 0 ]
    check_catalog
}

@test "delete --hard takes the bytes from where a push has just brought them" {
    expect 0 push -q 1
    sql "CREATE TABLE pushed AS SELECT * FROM images WHERE id = 1;
         CREATE TABLE far AS SELECT * FROM image_remote WHERE image_id = 1;
         UPDATE images SET storage_provider = 'local', cloudinary_public_id = NULL WHERE id = 1;
         UPDATE image_remote SET version = 0 WHERE image_id = 1"
    while_it_waits "UPDATE images SET (storage_provider, cloudinary_public_id) =
                    (SELECT storage_provider, cloudinary_public_id FROM pushed) WHERE id = 1;
                    UPDATE image_remote SET version = (SELECT version FROM far) WHERE image_id = 1" \
        delete --hard --yes 1
    [ "$status" = 0 ]
    [ "$(cloud_count assets)" = 0 ]
    sql "DROP TABLE pushed; DROP TABLE far"
}

@test "upload --force of what is deleted for good meanwhile leaves nothing in the store" {
    expect 0 push -q 1
    cloud_fault '{"path":"upload$", "do":"delay", "delay":1500, "when":"read"}'
    imgctl upload -q -f --store cloudinary a.jpg >forced 2>&1 3>&- &
    pid=$!
    until [ "$(sql 'SELECT count(*) FROM transfers')" = 1 ]; do sleep 0.02; done
    expect 0 delete --hard --yes 1
    wait $pid || [ $? = 6 ]
    [ "$(sql 'SELECT count(*) FROM images WHERE id = 1')" = 0 ]
    [ "$(cloud_count assets)" = 0 ]
    check_catalog
}

@test "delete --hard: the bytes that a push left behind go, too, if nobody needs them" {
    cp "$pictures/located.jpg" .
    imgctl upload -q --store local located.jpg >/dev/null
    imgctl business add acme >/dev/null
    imgctl upload -q --store local --business acme a.jpg b.jpg >/dev/null
    expect 0 push -q 1 2 4 6
    expect 0 delete --hard --yes 1 2 4
    [ "$(cloud_count assets)" = 1 ]
    [ "$(stored_files)" = 3 ] # c.jpg; a.jpg of acme; b.jpg, which acme has pushed
    expect 0 delete --hard --yes 6
    [ "$(stored_files)" = 2 ]
    expect 0 verify
}
