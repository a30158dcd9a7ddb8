#!/usr/bin/env bats
# The Cloudinary store, against the tests' cloud: every request is checked there.

load lib/imgctl

setup_file()    { cloud_start --files "$BATS_TEST_DIRNAME/pictures"; }
teardown_file() { cloud_stop; }

local_setup() {
    cloud_reset
    export IMGCTL_HTTP_RETRY_BASE=1
}

teardown() { cloud_was_fine; }

@test "the same command lands the picture in Cloudinary" {
    expect 0 upload --json "$pictures/lighthouse.jpg"
    [ "$(json '.items[0].status')" = uploaded ]
    [ "$(json '.items[0].image.storage_provider')" = cloudinary ]
    id=$(json '.items[0].image.cloudinary_public_id')
    [[ $id == ai-growth-manager/business_1/lighthouse-$(sha256sum "$pictures/lighthouse.jpg" | cut -c1-12) ]]
    cloud_asset "$id" | jq -e '.bytes == 103553 and .format == "jpg"'
    [ "$(cloud_count assets)" = 1 ]
    check_catalog
}

@test "a duplicate costs no request" {
    imgctl upload -q "$pictures/lighthouse.jpg" >/dev/null
    before=$(cloud_count requests)
    expect 0 upload --json "$pictures/lighthouse.jpg"
    [ "$(json '.items[0].status')" = duplicate ]
    [ "$(cloud_count requests)" = "$before" ]
}

@test "overwrite=false, no eager, tags and context arrive" {
    expect 0 upload --tag 'a,b c' --alt 'pipe | equals = done' "$pictures/lighthouse.jpg"
    cloud_requests | jq -es 'map(select(.fields.public_id)) | .[0].fields | .overwrite == "false" or .overwrite == "0"'
    cloud_requests | jq -es 'map(select(.fields.public_id)) | .[0].fields | has("eager") | not'
    id=$(imgctl show 1 --json | jq -r '.[0].cloudinary_public_id')
    cloud_asset "$id" | jq -e '.tags == ["a","b c"]'
    cloud_asset "$id" | jq -e '.context.custom.alt == "pipe | equals = done"'
}

@test "both signature versions, SHA-1 and SHA-256" {
    for algorithm in sha1 sha256; do
        for version in 1 2; do
            cloud_set signature_algorithm "$algorithm"
            cloud_set signature_version "$version"
            cloud_set upload_auth signature
            fresh_picture "x.jpg" "$algorithm$version"
            CLOUDINARY_URL="$CLOUDINARY_URL&signature_algorithm=$algorithm&signature_version=$version" \
                expect 0 upload --alt "R&D" x.jpg
        done
    done
    [ "$(cloud_count assets)" = 4 ]
}

@test "the position is taken out before a picture leaves this machine" {
    expect 0 upload --json "$pictures/located.jpg"
    expect 0 get -o got.jpg 1
    absent '54,25' got.jpg
    grep -q "A. Keeper" got.jpg
    expect 0 upload --strip none --json "$pictures/located.jpg"
    [ "$(json '.items[0].status')" = uploaded ]
}

@test "--public-id, and ids that Cloudinary would not take" {
    expect 0 upload --public-id press/tower "$pictures/lighthouse.jpg"
    cloud_asset press/tower
    expect 2 upload --public-id 'a?b' "$pictures/lighthouse.png"
    expect 2 upload --public-id x "$pictures/lighthouse.png" "$pictures/lighthouse.webp"
    expect 2 upload --store local --public-id x "$pictures/lighthouse.png"
}

@test "a public id that is taken by another picture is never overwritten" {
    imgctl upload -q --public-id press/tower "$pictures/lighthouse.jpg" >/dev/null
    expect 11 upload --public-id press/tower "$pictures/lighthouse.png"
    cloud_asset press/tower | jq -e '.bytes == 103553'
    expect 0 upload "$pictures/lighthouse.png"
}

@test "chunks above the threshold, streamed and whole" {
    { cat "$pictures/lighthouse.jpg"; head -c 13000000 /dev/zero; } >big.jpg
    cloud_set size_limit 100000000
    expect 0 upload -c upload.max_bytes=50M -c cloudinary.chunk_bytes=6M big.jpg
    [ "$(cloud_count chunks)" -ge 3 ]
    imgctl get -q -o back.jpg 1 >/dev/null
    cmp big.jpg back.jpg
}

# big_upload - 20 MB in chunks of 6 MB.
big_upload() {
    [ -e big.jpg ] || { cat "$pictures/lighthouse.jpg"; head -c 20000000 /dev/zero; } >big.jpg
    imgctl upload -q -c upload.max_bytes=50M -c cloudinary.chunk_bytes=6M big.jpg "$@"
}

# killed_at_third - one that is killed when two chunks have arrived and are noted.
killed_at_third() {
    cloud_set size_limit 100000000
    cloud_fault '{"path":"upload$", "nth":3, "do":"hang", "when":"head"}'
    big_upload >/dev/null 2>&1 3>&- &
    cloud_wait chunks 2
    for _ in $(seq 200); do
        [ "$(sql "SELECT count(*) FROM transfers WHERE resume LIKE '% 12582912'" 2>/dev/null)" = 1 ] && break
        sleep 0.05
    done
    pkill -9 -P $!
    wait $! || true
    [ "$(sql "SELECT count(*) FROM transfers WHERE resume LIKE '% 12582912'")" = 1 ]
}

@test "chunks: killed on the way, the next run sends the rest" {
    killed_at_third
    [ "$(cloud_count chunks)" = 2 ]
    big_upload
    [ "$(cloud_count chunks)" = 4 ]
    [ "$(cloud_count stored)" = 1 ]
    [ -z "$(cloud_violations)" ]
    check_catalog
    imgctl get -q -o back.jpg 1 >/dev/null
    cmp big.jpg back.jpg
}

@test "chunks: other fields, other chunks or a service that forgot: from the start" {
    killed_at_third
    big_upload --tag new
    [ "$(cloud_count chunks)" = 6 ]
    [ -z "$(cloud_violations)" ]
    cloud_reset
    imgctl delete -q --hard --yes 1
    killed_at_third
    cloud_reset
    cloud_set size_limit 100000000
    big_upload
    cloud_violations | grep -q "the first chunk did not come first"
    [ "$(cloud_count chunks)" = 5 ]
    [ "$(cloud_count stored)" = 1 ]
    check_catalog
    cloud_reset
}

@test "after a lost answer the rerun finds the asset: stored once" {
    cloud_fault '{"path":"upload$","do":"close","when":"acted"}'
    expect 5 upload -c http.retries=0 "$pictures/lighthouse.jpg"
    [ "$(cloud_count stored)" = 1 ]
    [ "$(sql 'SELECT count(*) FROM transfers')" = 1 ]
    expect 0 upload --json "$pictures/lighthouse.jpg"
    [ "$(json '.items[0].status')" = uploaded ]
    [ "$(cloud_count stored)" = 1 ]
    check_catalog
}

@test "a file renamed after a lost answer is still stored once" {
    cp "$pictures/lighthouse.jpg" before.jpg
    cloud_fault '{"path":"upload$","do":"close","when":"acted"}'
    expect 5 upload -c http.retries=0 before.jpg
    mv before.jpg after.jpg
    expect 0 upload after.jpg
    [ "$(cloud_count stored)" = 1 ]
    [ "$(cloud_count assets)" = 1 ]
}

@test "a lost answer is repeated within one run, and stored once" {
    cloud_fault '{"path":"upload$","do":"reset","when":"acted","times":2}'
    expect 0 upload "$pictures/lighthouse.jpg"
    [ "$(cloud_count stored)" = 1 ]
}

@test "temporary statuses are repeated; exhausted ones are exit 5" {
    for status in 420 423 429 500 502 503 504; do
        cloud_reset
        if [ $status = 420 ]; then
            cloud_fault '{"path":"upload$","do":"limit","in":0}'
        else
            cloud_fault "{\"path\":\"upload\$\",\"do\":\"status\",\"status\":$status}"
        fi
        fresh_picture x.jpg "$status"
        expect 0 upload x.jpg
    done
    cloud_fault '{"path":"upload$","do":"status","status":503,"times":0}'
    fresh_picture y.jpg
    expect 5 upload --json -c http.retries=2 y.jpg
    json '.items[0].error.retryable and .items[0].error.http_status == 503'
    [ "$(json '.items[0].error.code')" = provider.unavailable ]
}

# STATUS BODY EXIT TEXT
permanent() {
    cloud_reset
    cloud_fault "$(jq -cn --argjson s "$1" --arg m "$2" \
        '{path:"upload$",do:"status",status:$s,body:{error:{message:$m}},times:0}')"
    before=$(cloud_count requests)
    fresh_picture p.jpg "$1$2"
    expect "$3" upload p.jpg
    says "$4"
    [ "$(cloud_count requests)" = $((before + 1)) ]
}

@test "every permanent answer has its exit code and sentence, and is not repeated" {
    permanent 400 "Invalid image file" 7 "Invalid image file"
    permanent 400 "File size too large. Got 11926513. Maximum is 10485760. Upgrade your plan" 7 "10485760"
    permanent 400 "Missing required parameter - api_key" 11 "api_key"
    permanent 401 "api_secret mismatch" 4 "CLOUDINARY_URL"
    permanent 403 "not allowed" 11 "not allowed"
    permanent 409 "already exists" 11 "already exists"
    permanent 420 "You don't have an active subscription for X" 11 "subscription"
}

@test "a rate limit with a far reset time ends with the time, exit 5" {
    cloud_fault '{"path":"upload$","do":"limit","in":3600,"times":0}'
    expect 5 upload "$pictures/lighthouse.jpg"
    says "try again at"
    [ "$(cloud_count requests)" = 1 ]
}

@test "answers that are no JSON, cut, empty, deep, endless or of wrong shape are survived" {
    for fault in '"do":"html","status":200' '"do":"empty"' '"do":"notjson"' '"do":"deep"' \
        '"do":"endless"' '"do":"cut","bytes":20' '"do":"length","by":5' \
        '"do":"shape","drop":["public_id"]' '"do":"shape","drop":["secure_url","url"]' \
        '"do":"shape","set":{"bytes":7}' '"do":"shape","set":{"public_id":null}'; do
        cloud_reset
        cloud_fault "{\"path\":\"upload\$\",\"times\":0,$fault}"
        fresh_picture s.jpg "$fault"
        run --separate-stderr imgctl upload -c http.retries=0 s.jpg
        { [ "$status" -eq 5 ] || [ "$status" -eq 10 ]; } || { echo "$fault: $status $stderr"; return 1; }
        [ "$(imgctl count)" = 0 ]
        cloud_reset
        expect 0 upload s.jpg
        imgctl delete --hard -q 1 >/dev/null 2>&1 || imgctl delete --hard -q @1 >/dev/null
    done
}

@test "a clock that is wrong by hours: signed again by the service's clock" {
    cloud_set clock 7200
    cloud_set upload_auth signature
    expect 0 upload "$pictures/lighthouse.jpg"
    [ "$(cloud_count assets)" = 1 ]
}

@test "wrong credentials: exit 4, and the secret is nowhere" {
    secret=wrong$RANDOM$RANDOM
    CLOUDINARY_URL=${CLOUDINARY_URL/$CLOUD_SECRET/$secret} expect 4 upload --trace trace.log "$pictures/lighthouse.jpg"
    says CLOUDINARY_URL
    absent "$secret" trace.log "$HOME"
    [[ $output$stderr != *"$secret"* ]]
    cloud_violations | grep -q signature
    cloud_reset
}

@test "no account, and a broken one" {
    unset CLOUDINARY_URL
    expect 4 upload --store cloudinary "$pictures/lighthouse.jpg"
    says CLOUDINARY_URL
    CLOUDINARY_URL=https://example.com/x expect 2 upload "$pictures/lighthouse.jpg"
    says "cloudinary://"
    CLOUDINARY_URL='cloudinary://k:s@c?upload_prefix=http://example.com' expect 2 upload "$pictures/lighthouse.jpg"
    says https
}

@test "the account from a file, a pasted line, and single variables" {
    url=$CLOUDINARY_URL
    unset CLOUDINARY_URL
    printf 'CLOUDINARY_URL=%s\n' "$url" >key
    chmod 600 key
    CLOUDINARY_URL_FILE=$PWD/key expect 0 upload "$pictures/lighthouse.jpg"
    chmod 644 key
    CLOUDINARY_URL_FILE=$PWD/key expect 4 upload "$pictures/lighthouse.png"
    says "chmod 600"
    CREDENTIALS_DIRECTORY=$PWD expect 0 doctor
    mkdir cred && printf '%s' "$url" >cred/cloudinary_url
    chmod 600 cred/cloudinary_url
    CREDENTIALS_DIRECTORY=$PWD/cred expect 0 upload --json "$pictures/lighthouse.png"
    [ "$(json '.items[0].image.storage_provider')" = cloudinary ]
}

@test "delete --hard destroys the asset first and asks for purging the copies" {
    imgctl upload -q "$pictures/lighthouse.jpg" >/dev/null
    expect 0 delete --hard --json 1
    [ "$(json '.items[0].status')" = deleted ]
    [ "$(cloud_count assets)" = 0 ]
    cloud_requests | jq -es 'map(select(.path | endswith("/destroy"))) | .[0].fields.invalidate | . == "true" or . == "1"'
    expect 6 show 1
}

@test "a hard delete that the service refuses is kept and finished later" {
    imgctl upload -q "$pictures/lighthouse.jpg" >/dev/null
    cloud_fault '{"path":"destroy$","do":"status","status":500}'
    expect 5 delete --hard -c http.retries=0 1
    [ "$(imgctl count)" = 0 ]
    expect 0
    prints "1 deletion unfinished"
    expect 0 purge
    [ "$(cloud_count assets)" = 0 ]
    [ "$(sql 'SELECT count(*) FROM removals')" = 0 ]
}

@test "links: optimised, original, thumbnail, pinned format, signed" {
    imgctl upload -q "$pictures/lighthouse.jpg" >/dev/null
    id=$(imgctl show 1 --json | jq -r '.[0].cloudinary_public_id')
    expect 0 url 1
    [[ $output == *"/demo/image/upload/f_auto,q_auto:good/v"*"/$id.jpg" ]]
    expect 0 url --original 1
    [[ $output == *"/demo/image/upload/v"*"/$id.jpg" ]]
    expect 0 url --thumbnail --width 400 --height 250 1
    [[ $output == *"c_fill,"*"g_auto,h_250"*"w_400"* ]]
    curl -sf "$output" -o t.jpg
    expect 0 url --as jpg 1
    [[ $output == *"f_jpg"* ]] && [[ $output != *f_auto* ]]
    expect 0 url --sign 1
    [[ $output == *"/s--"*"--/"* ]]
    curl -sf "$output" | cmp - "$pictures/lighthouse.jpg"
    expect 0 url --json 1
    json '.[0].id == 1'
}

@test "links are made without a request" {
    imgctl upload -q "$pictures/lighthouse.jpg" >/dev/null
    before=$(cloud_count requests)
    imgctl url 1
    [ "$(cloud_count requests)" = "$before" ]
}

@test "get compares the digest: a damaged delivery never gets the name" {
    imgctl upload -q "$pictures/lighthouse.jpg" >/dev/null
    expect 0 get 1
    cmp lighthouse.jpg "$pictures/lighthouse.jpg"
    rm lighthouse.jpg
    cloud_fault "$(jq -cn --arg f "$pictures/lighthouse.png" '{method:"GET",do:"status",status:200,body_file:$f}')"
    expect 10 get 1
    [ ! -e lighthouse.jpg ]
    [ -z "$(find . -name '.imgctl-*')" ]
}

@test "a URL is fetched by imgctl itself: type, size and address are checked" {
    base=http://127.0.0.1:$CLOUD_PORT
    expect 0 upload --store local --allow-private --json "$base/files/lighthouse.jpg" "$base/redirect/3/files/lighthouse.png"
    [ "$(json '[.items[].image.original_filename] | join(" ")')" = "lighthouse.jpg lighthouse.png" ]
    expect 5 upload --store local "$base/files/lighthouse.webp" || [ "$status" -ne 0 ]
    says "allow-private"
    expect 7 upload --store local --allow-private "$base/html"
    says HTML
    expect 7 upload --store local --allow-private "$base/huge"
    says "10"
    expect 6 upload --store local --allow-private "$base/files/none.jpg"
    run imgctl upload --store local --allow-private "$base/redirect/9/files/lighthouse.webp"
    [ "$status" -ne 0 ]
    [ "$(imgctl count)" = 2 ]
}

@test "private addresses are refused in every spelling, without a connection" {
    before=$(cloud_count connections)
    for host in 127.0.0.1 localhost 127.1 2130706433 0x7f000001 0177.0.0.1 '[::1]' \
        '[::ffff:127.0.0.1]' 0.0.0.0 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 \
        100.64.0.1 '[fe80::1]' '[fd00::1]'; do
        run --separate-stderr imgctl upload --store local -c http.retries=0 "http://$host:$CLOUD_PORT/files/lighthouse.jpg"
        [ "$status" -ne 0 ] || { echo "$host was fetched"; return 1; }
        [[ $stderr == *private* ]] || { echo "$host: $stderr"; return 1; }
    done
    [ "$(imgctl count)" = 0 ]
    after=$(cloud_count connections)
    [ $((after - before)) -le 2 ] # the two countings
}

@test "doctor --network asks, and tells who refused" {
    expect 0 doctor --network
    prints demo
    CLOUDINARY_URL=${CLOUDINARY_URL/$CLOUD_SECRET/nope} expect 4 doctor --network
    prints FAIL
}

@test "nobody listens: exit 5 with the host" {
    CLOUDINARY_URL='cloudinary://k:s@demo?upload_prefix=http://127.0.0.1:9' \
        expect 5 upload -c http.retries=0 "$pictures/lighthouse.jpg"
    says 127.0.0.1
}

@test "--trace tells the wire without secrets" {
    expect 0 upload --trace trace.log "$pictures/lighthouse.jpg"
    grep -q POST trace.log
    absent "$CLOUD_SECRET|$CLOUD_KEY|signature=[0-9a-f]|Authorization" trace.log
    [ "$(stat -c %a trace.log)" = 600 ]
}
