#!/usr/bin/env bats
# A planted secret is nowhere to be found: not in what any command prints, at any
# verbosity, when all is well or when it fails; not in traces, catalog or files.

load lib/imgctl

setup_file() {
    load lib/cloud
    export CLOUD_SECRET="canary-s3cr3t_$RANDOM$RANDOM"
    export CLOUD_KEY=776655443322110
    cloud_start --files "$BATS_TEST_DIRNAME/pictures"
}

teardown_file() { cloud_stop; }

# Everything that must not appear: plain, base64 of key:secret, percent-encoded.
canaries() {
    printf '%s\n' "$CLOUD_SECRET" "${CLOUD_SECRET#canary-}" \
        "$(printf '%s:%s' "$CLOUD_KEY" "$CLOUD_SECRET" | base64 -w0)" \
        "$(jq -rn --arg s "$CLOUD_SECRET" '$s|@uri')" "$CLOUD_KEY"
}

nowhere() {
    canaries >"$BATS_TEST_TMPDIR/canaries"
    if grep -aFqrf "$BATS_TEST_TMPDIR/canaries" "$HOME" "$work"; then
        grep -aFrlf "$BATS_TEST_TMPDIR/canaries" "$HOME" "$work"
        return 1
    fi
}

# every ARG... - run it plainly, with everything said, and with faults.
every() {
    imgctl "$@" >>out 2>&1 || true
    imgctl -v --trace trace "$@" >>out 2>&1 || true
    imgctl -v --trace - --color=always "$@" >>out 2>&1 </dev/null || true
}

@test "no command tells the secret, in no state" {
    export IMGCTL_HTTP_RETRY_BASE=1
    every upload --json "$pictures/lighthouse.jpg"
    every upload --alt 'a & b' --tag x "$pictures/lighthouse.png"
    for fault in '"do":"status","status":401,"body":{"error":{"message":"Invalid Signature x. String to sign - a=b"}}' \
        '"do":"html"' '"do":"status","status":500' '"do":"cut","bytes":9' '"do":"limit","in":4000'; do
        cloud_fault "{\"path\":\"upload\",\"times\":9,$fault}" >/dev/null
        fresh_picture f.jpg "$fault"
        every upload -c http.retries=1 f.jpg
        cloud_reset
    done
    for command in "list --json" "show 1" "show @1 --json" "count" "url 1" "url --sign 1" "url --thumbnail @1" \
        "get --force 1 -o got.jpg" "delete 1" "restore 1" "purge --older-than 0s -n" "doctor" "doctor --network" \
        "doctor --json" "config --list --show-origin" "config --json" "help --json" "version" "business list" \
        "delete --hard 1" ""; do
        # shellcheck disable=SC2086
        every $command
    done
    [ -s out ] && [ -s trace ]
    nowhere
}

@test "an account that cannot be read is told without its secret" {
    for url in "cloudinary://$CLOUD_KEY:$CLOUD_SECRET" "http://$CLOUD_KEY:$CLOUD_SECRET@demo" \
        "cloudinary://$CLOUD_KEY:$CLOUD_SECRET@de mo" "$CLOUD_KEY:$CLOUD_SECRET@demo" \
        "cloudinary://$CLOUD_KEY:$CLOUD_SECRET@demo?signature_algorithm=md5"; do
        CLOUDINARY_URL=$url every upload "$pictures/lighthouse.webp"
        CLOUDINARY_URL=$url every doctor
    done
    [ -s out ]
    nowhere
}

@test "the search for canaries can fail" {
    printf '%s' "$CLOUD_SECRET" >leak
    run nowhere
    [ "$status" -ne 0 ]
}

@test "a secret file that others can read is refused; two sources are an error" {
    printf '%s' "$CLOUDINARY_URL" >key
    chmod 640 key
    CLOUDINARY_URL='' CLOUDINARY_URL_FILE=$PWD/key expect 4 upload --store cloudinary "$pictures/lighthouse.jpg"
    says "chmod 600"
    chmod 600 key
    CLOUDINARY_URL_FILE=$PWD/key run --separate-stderr imgctl upload "$pictures/lighthouse.jpg"
    [ "$status" -ne 0 ]
    says CLOUDINARY_URL_FILE
}

@test "a credential helper is asked as git asks" {
    url=$CLOUDINARY_URL
    unset CLOUDINARY_URL
    mkdir bin
    cat >bin/imgctl-credential-vault <<END
#!/bin/sh
[ "\$1" = get ] || exit 1
grep -q '^host=cloudinary_url\$' || exit 1
echo 'password=$url'
END
    chmod +x bin/imgctl-credential-vault
    PATH=$PWD/bin:$PATH expect 0 -c credential.helper=vault upload --json "$pictures/lighthouse.jpg"
    [ "$(json '.items[0].image.storage_provider')" = cloudinary ]
    # Who starts us may have asked not to be told of children that end, and hands it on.
    deaf='import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execvp(sys.argv[1], sys.argv[1:])'
    PATH=$PWD/bin:$PATH run --separate-stderr python3 -c "$deaf" \
        imgctl -c credential.helper=vault upload --json "$pictures/lighthouse.webp"
    [ "$status" -eq 0 ]
    [ "$(json '.items[0].image.storage_provider')" = cloudinary ]
    rm -r bin
    nowhere
}
