#!/usr/bin/env bats
# The whole chain: generate, pick by filter, fix, publish.

load lib/imgctl

setup_file()    { cloud_start; }
teardown_file() { cloud_stop; }

local_setup() {
    cloud_reset
    instagram_here
    export OPENAI_BASE_URL=http://127.0.0.1:$CLOUD_PORT/v1 OPENAI_API_KEY=$CLOUD_OPENAI_KEY
    imgctl account add acme 2>/dev/null
}

# sane PICTURES - as many in the catalog, all of them generated ones, each in its store
# once; one post.
sane() {
    [ "$(cloud_count ig_posts)" = 1 ]
    [ "$(sql 'SELECT count(*), min(ai_generated) FROM images')" = "$1|1" ]
    [ "$(sql 'SELECT count(DISTINCT sha256) FROM images')" = "$1" ]
    [ "$(sql "SELECT count(*) FROM posts WHERE state = 'published'")" = 1 ]
    [ "$(cloud_count duplicates)" = 0 ]
    [ -z "$(cloud_violations)" ] || { cloud_violations; return 1; }
    expect 0 verify
    check_catalog
}

# The post as the cloud has it: made with AI, of a JPEG, with the text of the picture.
posted_well() {
    [ "$(cloud_instagram | jq -r '.posts[0].is_ai_generated')" = true ]
    [ "$(cloud_instagram | jq -r '.posts[0].alt_text')" = 'a lighthouse' ]
    [ "$(cloud_instagram | jq -r '.posts[0].caption')" = dusk ]
    [[ $(cloud_instagram | jq -r '.posts[0].image_url') == *f_jpg* ]]
}

@test "mock, local store: generate, list, fix, publish" {
    imgctl generate -q --provider mock --store local --size portrait --alt 'a lighthouse' \
        "A lighthouse at dusk" >/dev/null
    expect 7 publish "$(imgctl list --ai --ids)"
    says 'imgctl fix'
    fixed=$(imgctl list --ai --ids | imgctl fix --fit pad --ids -)
    expect 0 validate-ig "$fixed"
    expect 0 publish "$fixed" --caption dusk
    says 'goes to cloudinary first'
    posted_well
    [ "$(sql "SELECT derived_from FROM images WHERE id = $fixed")" = 1 ]
    expect 0 list --published --ids
    [ "$output" = "$fixed" ]
    sane 2
}

@test "openai, Cloudinary: generate, publish --fix on what a filter finds" {
    imgctl generate -q --provider openai --size portrait --quality low --alt 'a lighthouse' \
        --tag launch "A lighthouse at dusk" >/dev/null 2>&1
    imgctl generate -q --provider openai --quality low "Another one" >/dev/null 2>&1
    [ "$(cloud_count paid)" = 2 ]
    run --separate-stderr bash -c \
        'imgctl list --ai --tag launch --ids | imgctl publish --fix --fit blur --caption dusk --json -'
    [ "$status" = 0 ]
    [ "$(json '.items[0].post.ai_label')" = true ]
    posted_well
    # The same job run again, though the repaired picture has the tag now, too.
    expect 0 publish --fix --fit blur --caption dusk --json 1
    [ "$(json '.items[0].status')" = duplicate ]
    [ "$(cloud_count paid)" = 2 ]
    sane 3
}

@test "a chain that is killed anywhere and run again ends in one post" {
    chain() {
        id=$(imgctl list --ai --ids --search dusk --reverse | head -n 1)
        [ -n "$id" ] || id=$(imgctl generate -q --provider mock --store local --size portrait \
            --alt 'a lighthouse' --ids "A lighthouse at dusk")
        imgctl publish -q --fix --fit pad --caption dusk "$id" >/dev/null
    }
    export -f chain
    for at in 1 3 5 6 7; do
        cloud_fault "{\"path\":\"^/v[0-9]\",\"nth\":$at,\"do\":\"hang\",\"ms\":2000,\"when\":\"acted\"}"
        setsid bash -c chain >/dev/null 2>&1 &
        pid=$!
        cloud_wait faults 1 5 2>/dev/null || true
        kill -9 -- "-$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
        cloud_idle
        cloud_calm
    done
    chain
    chain
    posted_well
    sane 2
}
