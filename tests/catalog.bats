#!/usr/bin/env bats
# The catalog as processes see it: many at once, newer, damaged, unwritable.

load lib/imgctl

@test "two dozen imgctl at once on one catalog lose nothing" {
    for p in $(seq 24); do
        for i in 1 2 3 4 5; do fresh_picture "in/$p/$i.jpg"; done
    done
    for p in $(seq 24); do
        imgctl upload -q -r "in/$p" >"out.$p" 2>"err.$p" &
    done
    wait
    cat err.*
    [ -z "$(cat err.*)" ]
    [ "$(imgctl count)" = 120 ]
    [ "$(imgctl business list --format '{name}\n')" = default ]
    check_catalog
}

@test "two dozen uploading the same pictures: each stored once" {
    for i in $(seq 10); do fresh_picture "in/$i.jpg"; done
    for p in $(seq 24); do
        imgctl upload -q -r in >/dev/null 2>"err.$p" &
    done
    wait
    [ -z "$(cat err.*)" ]
    [ "$(imgctl count)" = 10 ]
    check_catalog
    [ -z "$(find "$HOME" -name '.imgctl-*')" ]
}

@test "readers and writers side by side never see a lock" {
    for i in $(seq 20); do fresh_picture "in/$i.jpg"; done
    imgctl upload -q "$pictures/lighthouse.jpg" >/dev/null
    imgctl upload -q -r in >/dev/null 2>err.w &
    writer=$!
    while kill -0 "$writer" 2>/dev/null; do
        imgctl list --json >/dev/null 2>>err.r
    done
    wait "$writer"
    [ ! -s err.w ] && [ ! -s err.r ]
}

@test "a newer catalog is refused with 10 and not touched" {
    imgctl upload -q "$pictures/lighthouse.jpg" >/dev/null
    sql 'PRAGMA user_version = 9999' 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
    before=$(sha256sum "$(catalog)")
    expect 10 list
    says newer
    expect 10 upload "$pictures/lighthouse.png"
    [ "$(sha256sum "$(catalog)")" = "$before" ]
}

@test "what is no catalog is refused with 10 and not touched" {
    mkdir -p "$HOME/.local/share/imgctl"
    head -c 8192 /dev/urandom >"$(catalog)"
    before=$(sha256sum "$(catalog)")
    expect 10 list
    expect 10 upload "$pictures/lighthouse.png"
    [ "$(sha256sum "$(catalog)")" = "$before" ]
    rm "$(catalog)"
    sqlite3 "$(catalog)" 'CREATE TABLE other(x)'
    expect 10 list
}

@test "a folder without write permission: 10 and the path" {
    [ "$(id -u)" = 0 ] && as=(setpriv --reuid=65534 --regid=65534 --clear-groups) || as=()
    chmod 755 "$BATS_TEST_TMPDIR" "$work"
    mkdir locked
    chmod 555 locked
    run "${as[@]}" env HOME=/nonexistent "$BUILD/imgctl" --catalog "$work/locked/c.db" -c store=local \
        upload "$pictures/lighthouse.jpg"
    [ "$status" -eq 10 ] || { echo "$status $output"; return 1; }
    [[ $output == *"$work/locked"* ]]
}

@test "no room: 10, the path, and everything consistent after" {
    [ "$(id -u)" = 0 ] || skip "mounting a small file system needs root"
    mkdir small
    mount -t tmpfs -o size=800k tmpfs small || skip "no mount here"
    imgctl --catalog "$work/small/c.db" upload -q "$pictures/lighthouse.jpg" >/dev/null
    dd if=/dev/zero of=small/fill bs=1k 2>/dev/null || true
    run --separate-stderr imgctl --catalog "$work/small/c.db" upload "$pictures/lighthouse.png"
    rm -f small/fill
    [ "$(imgctl --catalog "$work/small/c.db" count)" = 1 ]
    imgctl --catalog "$work/small/c.db" upload "$pictures/lighthouse.png" >/dev/null
    sqlite3 small/c.db 'PRAGMA integrity_check' >check
    umount small
    [ "$status" -eq 10 ]
    says "small/c.db"
    says "full"
    [ "$(cat check)" = ok ]
}

@test "kill -9 at random instants of a batch, then a rerun: nothing lost, nothing twice" {
    for i in $(seq 12); do fresh_picture "in/$i.jpg"; done
    for _ in $(seq 15); do
        imgctl upload -q -r in >/dev/null 2>&1 &
        pid=$!
        sleep "0.0$((RANDOM % 60 + 10))"
        kill -9 "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    expect 0 upload -r in --json
    [ "$(imgctl count)" = 12 ]
    [ "$(sql 'SELECT count(*) FROM transfers')" = 0 ]
    check_catalog
    [ -z "$(find "$HOME/.local/share/imgctl/store" -name '.imgctl-*')" ]
    [ "$(find "$HOME/.local/share/imgctl/store" -name '*.jpg' | wc -l)" = 12 ]
}
