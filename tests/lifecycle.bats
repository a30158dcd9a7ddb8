#!/usr/bin/env bats
# get, delete, restore, purge on the local store.

load lib/imgctl

local_setup() {
    imgctl upload -q "$pictures/lighthouse.jpg" "$pictures/lighthouse.png" "$pictures/lighthouse.webp" >/dev/null
}

stored_files() { find "$HOME/.local/share/imgctl/store" -type f | wc -l; }

@test "get: to its own name, a file, a folder, standard output" {
    expect 0 get 1
    cmp lighthouse.jpg "$pictures/lighthouse.jpg"
    expect 0 get -o x.png 2
    cmp x.png "$pictures/lighthouse.png"
    mkdir d
    expect 0 get -o d 1 2 3
    [ "$(find d -type f | wc -l)" = 3 ]
    imgctl get -o - 3 | cmp - "$pictures/lighthouse.webp"
    expect 2 get -o - 1 2
}

@test "get never replaces a file without --force" {
    echo mine >lighthouse.jpg
    expect 2 get 1
    says --force
    [ "$(cat lighthouse.jpg)" = mine ]
    expect 0 get --force 1
    cmp lighthouse.jpg "$pictures/lighthouse.jpg"
}

@test "get --force: two pictures of one name do not replace each other" {
    mkdir other out
    fresh_picture other/lighthouse.jpg different
    imgctl upload -q other/lighthouse.jpg >/dev/null
    echo old >out/lighthouse.jpg
    expect 3 get --force -o out/ 1 4
    says "was just written"
    imgctl get -q -o - 1 | cmp - out/lighthouse.jpg
}

@test "get: a name from the catalog never leaves the folder" {
    sql "UPDATE images SET original_filename='../../../evil.jpg' WHERE id=1"
    sql "UPDATE images SET original_filename='...' WHERE id=2"
    expect 0 get 1 2
    [ -f evil.jpg ]
    [ ! -e ../evil.jpg ]
    [ -f picture.png ]
}

@test "get: a damaged stored file is told and not handed out" {
    file=$(imgctl show 1 --json | jq -r '.[0].storage_url' | sed 's,file://,,')
    chmod u+w "$file"
    printf 'X' | dd of="$file" bs=1 seek=5000 conv=notrunc status=none
    expect 10 get 1
    says damaged
    [ ! -e lighthouse.jpg ]
    [ -z "$(find . -name '.imgctl-*')" ]
}

@test "get into a folder that cannot be written, or is not there" {
    expect 2 get -o none/x.jpg 1
    says 'mkdir -p none'
    expect 2 get -o none/ 1
    expect 2 get -o /proc/x.jpg 1
    expect 6 get 99
}

@test "get --force: a pipe or a device is not replaced by a file" {
    mkfifo pipe
    ln -s /dev/null null
    for target in pipe null; do
        expect 2 get --force -o $target 1
        says "no regular file"
    done
    [ -p pipe ]
    [ -c null ]
    expect 2 generate --provider mock -o pipe "a cat"
    [ -p pipe ]
}

@test "get: several do not go into one file, whatever --force says" {
    expect 2 get -f -o x.jpg 1 2
    says '2 pictures do not go into one file'
    [ ! -e x.jpg ]
}

@test "a row from elsewhere without type, size, digest or address" {
    sql "UPDATE images SET mime_type=NULL, file_size_bytes=NULL WHERE id=1"
    expect 0 show 1 --json
    json '.[0] | .mime_type == null and .file_size_bytes == null'
    expect 0 get 1 -o copy.jpg
    cmp copy.jpg "$pictures/lighthouse.jpg"
    expect 0 get 1
    expect 0 get 1 --as webp
    [ "$(head -c 4 lighthouse.webp)" = RIFF ]
    sql "UPDATE images SET storage_url=NULL WHERE id=1"
    expect 10 url 1
    [ -z "$output" ]
}

@test "get: a copy is as private as the umask says" {
    (umask 077 && imgctl get -o private.jpg 1)
    [ "$(stat -c %a private.jpg)" = 600 ]
    (umask 002 && imgctl get -o shared.jpg 1)
    [ "$(stat -c %a shared.jpg)" = 664 ]
}

@test "delete hides, restore brings back" {
    expect 0 delete --json 1
    [ "$(json '.items[0].status')" = deleted ]
    [ "$(imgctl count)" = 2 ]
    [ "$(imgctl count --deleted)" = 1 ]
    [ "$(stored_files)" = 3 ]
    expect 0 delete --json 1
    [ "$(json '.items[0].status')" = skipped ]
    expect 0 show 1 --json
    [ "$(json '.[0].deleted_at')" != null ]
    expect 0 restore --json 1
    [ "$(json '.items[0].status')" = restored ]
    json '.items[0].image.deleted_at == null'
    expect 0 restore --json 1
    [ "$(json '.items[0].status')" = skipped ]
    [ "$(imgctl count)" = 3 ]
}

@test "delete prints the row as it is now" {
    expect 0 delete 1 --json
    json '.items[0].image.deleted_at != null'
    expect 0 restore 1 --json
    json '.items[0].image.deleted_at == null'
}

@test "--hard removes bytes and row; ids are not used again" {
    expect 0 delete --hard 3
    [ "$(stored_files)" = 2 ]
    expect 6 show 3
    imgctl upload -q "$pictures/lighthouse.webp" >/dev/null
    [ "$(imgctl list --ids | head -n 1)" = 4 ]
}

@test "--hard keeps bytes that another business stands on" {
    imgctl business add acme >/dev/null
    imgctl upload -q --business acme "$pictures/lighthouse.jpg" >/dev/null
    expect 0 delete --hard 1
    [ "$(stored_files)" = 3 ]
    expect 0 get -o x.jpg 4
    expect 0 delete --hard 4
    [ "$(stored_files)" = 2 ]
}

@test "many: asks on a terminal, needs --yes without one, at most --max-delete" {
    expect 2 delete 1 2 </dev/null
    says --yes
    [ "$(imgctl count)" = 3 ]
    expect 8 delete --yes --max-delete 2 1 2 3 </dev/null
    says --max-delete
    [ "$(imgctl count)" = 3 ]
    run script -qec "imgctl delete 1 2" /dev/null < <(echo n)
    [[ $output == *"delete 2 pictures?"* ]]
    [ "$(imgctl count)" = 3 ]
    run script -qec "imgctl delete 1 2" /dev/null < <(echo y)
    [ "$(imgctl count)" = 1 ]
    expect 2 delete --no-input 3 1 </dev/null
}

@test "delete: missing ids do not stop the others" {
    expect 3 delete --yes --json 99 1
    [ "$(json '[.items[].status] | join(" ")')" = "failed deleted" ]
    expect 6 delete 98
    expect 2 delete abc
}

@test "--dry-run deletes nothing" {
    expect 0 delete -n --hard 1 2 3 </dev/null
    [ "$(imgctl count)" = 3 ]
    [ "$(stored_files)" = 3 ]
}

@test "purge removes what was deleted long enough ago" {
    imgctl delete -q 1 >/dev/null
    imgctl delete -q 2 >/dev/null
    sql "UPDATE images SET deleted_at='2026-01-01T00:00:00.000Z' WHERE id=1"
    expect 0 purge -n --json
    [ "$(json '[.items[].id] | join(" ")')" = 1 ]
    expect 0 purge
    [ "$(stored_files)" = 2 ]
    [ "$(imgctl count --deleted)" = 1 ]
    expect 0 purge --older-than 999999w
    [ "$(stored_files)" = 2 ]
    expect 0 purge --older-than 0s
    [ "$(stored_files)" = 1 ]
    expect 0 purge
}

@test "purge finishes what was interrupted" {
    sql "UPDATE images SET deleted_at='2026-11-01T00:00:00.000Z' WHERE id=1; INSERT INTO removals SELECT 1, '2026-11-01T00:00:00.000Z'" ||
        sql "INSERT INTO removals(image_id) VALUES (1)"
    expect 0 purge --older-than 900d
    [ "$(stored_files)" = 2 ]
    [ "$(sql 'SELECT count(*) FROM removals')" = 0 ]
}

@test "a store that cannot be written: exit 10, nothing half done" {
    fresh_picture new.jpg
    rm -rf "$HOME/.local/share/imgctl/store"
    echo file >"$HOME/.local/share/imgctl/store"
    expect 10 upload new.jpg
    says store
    [ "$(imgctl count)" = 3 ]
}

@test "purge leaves what was restored since it looked" {
    imgctl delete -q --yes 1 2 >/dev/null
    while_it_waits "UPDATE images SET deleted_at = NULL WHERE id = 2" purge --yes --older-than 0s
    [ "$status" = 0 ]
    [ "$(sql 'SELECT group_concat(id) FROM (SELECT id FROM images ORDER BY id)')" = 2,3 ]
    [ "$(stored_files)" = 2 ]
    expect 0 verify
}

@test "@1 and @2 are the two newest, also when the first is deleted" {
    expect 0 delete --hard --yes @1 @2
    [ "$(sql 'SELECT group_concat(id) FROM images')" = 1 ]
}
