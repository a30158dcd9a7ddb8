#!/usr/bin/env bats
# publish: from the catalog to Instagram, once.

load lib/imgctl

setup_file()    { cloud_start; }
teardown_file() { cloud_stop; }

local_setup() {
    cloud_reset
    instagram_here
    picture a.jpg
    picture b.jpg
    imgctl account add acme 2>/dev/null
}

# A picture that Instagram takes: the lighthouse is 3:2 and large enough.
picture() { fresh_picture "$1" "$2"; }

upload() { imgctl upload -q --ids "$@" 2>/dev/null; }

posts() { cloud_count ig_posts; }

sane() {
    cloud_was_fine
    check_catalog
}

@test "a picture is posted, and what was asked for arrives" {
    upload --alt 'A lighthouse' a.jpg
    expect 0 publish 1 --caption 'First light #sea' --json
    [ "$(json '.items[0].status')" = published ]
    [ "$(json '.items[0].id')" = 1 ]
    [ "$(json '.items[0].post.state')" = published ]
    [[ $(json '.items[0].post.permalink') == https://www.instagram.com/p/* ]]
    json '.items[0].post.post_id != null and .items[0].post.container != null'
    [ "$(posts)" = 1 ]
    post=$(cloud_instagram)
    [ "$(jq -r '.posts[0].caption' <<<"$post")" = 'First light #sea' ]
    [ "$(jq -r '.posts[0].alt_text' <<<"$post")" = 'A lighthouse' ]
    [[ $(jq -r '.posts[0].image_url' <<<"$post") == *f_jpg* ]]
    [ "$(jq -r '.posts[0].is_ai_generated' <<<"$post")" = null ]
    sane
}

@test "the same again is no second post; --again is" {
    upload a.jpg
    expect 0 publish 1 --caption hello
    expect 0 publish 1 --caption hello --json
    [ "$(json '.items[0].status')" = duplicate ]
    says 'posted before'
    [ "$(posts)" = 1 ]
    expect 0 publish 1 --caption other
    [ "$(posts)" = 2 ]
    expect 0 publish 1 --caption hello --again
    [ "$(posts)" = 3 ]
    sane
}

@test "a local picture goes to Cloudinary first, after saying so" {
    imgctl upload -q --store local --ids a.jpg
    expect 0 publish 1
    says 'picture 1 is only here: it goes to cloudinary first'
    [ "$(sql 'SELECT storage_provider FROM images')" = cloudinary ]
    [ "$(posts)" = 1 ]
    sane
}

@test "a carousel: children, their order, one caption, one post" {
    upload a.jpg
    upload --alt B b.jpg
    expect 0 publish --carousel 2 1 --caption two --alt first --json
    [ "$(json '[.items[].status] | unique | join(" ")')" = published ]
    [ "$(json '.items[0].post.images | tojson')" = '[2,1]' ]
    [ "$(posts)" = 1 ]
    [ "$(cloud_count ig_containers)" = 3 ]
    post=$(cloud_instagram)
    [ "$(jq -r '.posts[0].media_type' <<<"$post")" = CAROUSEL ]
    [ "$(jq -r '[.containers[].fields.alt_text] | map(. // "-") | join(" ")' <<<"$post")" = 'first - -' ]
    sane
}

@test "a story has no caption" {
    upload a.jpg
    expect 2 publish 1 --story --caption no
    expect 0 publish 1 --story
    [ "$(cloud_instagram | jq -r '.posts[0].media_type')" = STORIES ]
    says 'ig.aspect.advised'
    sane
}

@test "the AI label comes from the catalog" {
    upload a.jpg
    upload b.jpg
    sql 'UPDATE images SET ai_generated = 1 WHERE id = 1'
    expect 0 publish 1
    [ "$(cloud_instagram | jq -r '.posts[0].is_ai_generated')" = true ]
    expect 0 publish 1 --ai-label off --again
    [ "$(cloud_instagram | jq -r '.posts[1].is_ai_generated')" = null ]
    expect 0 publish 2 --ai-label on
    [ "$(cloud_instagram | jq -r '.posts[2].is_ai_generated')" = true ]
    sane
}

@test "what was asked for wrongly" {
    upload a.jpg b.jpg
    expect 2 publish 1 2
    says '--carousel'
    expect 2 publish 1 --carousel
    expect 2 publish 1 --carousel --story
    expect 2 publish 1 --caption a --caption-file b
    expect 6 publish 1 --to acm
    says 'did you mean "acme"'
    expect 6 publish 99
    expect 6 publish 1 --caption-file nosuch
    expect 2 publish
    says 'nothing to publish'
    expect 2 publish --resume 1
    imgctl delete -q 1
    expect 6 publish 1
    says restore
    imgctl account add second 2>/dev/null
    expect 2 publish 2
    says '--to'
    [ "$(posts)" = 0 ]
}

@test "a caption comes from a file or standard input, and is measured" {
    upload a.jpg
    printf 'from a file\n' >caption
    expect 0 publish 1 --caption-file caption
    [ "$(cloud_instagram | jq -r '.posts[0].caption')" = 'from a file' ]
    run --separate-stderr bash -c 'printf "from a pipe\n" | imgctl publish 1 --caption-file -'
    [ "$status" = 0 ]
    [ "$(cloud_instagram | jq -r '.posts[1].caption')" = 'from a pipe' ]
    expect 7 publish 1 --caption "$(printf '%2201s' x)"
    says 'ig.caption'
    expect 0 publish 1 --caption '#a #b #c #d #e #f'
    says 'ig.hashtags'
    [ "$(posts)" = 3 ]
    sane
}

@test "a picture that breaks the rules is not posted" {
    need_corpus
    upload "$shared/corpus/valid/jpeg/size_9x9.jpg"
    expect 7 publish 1
    says 'ig.width'
    says 'imgctl fix -n 1'
    [ "$(cloud_count ig_containers)" = 0 ]
}

@test "-n looks and sends nothing" {
    imgctl upload -q --store local a.jpg
    expect 0 publish 1 -n --caption x --json
    [ "$(json '.items[0].status')" = planned ]
    json '.summary.dry_run == true'
    says 'would go to cloudinary'
    [ "$(cloud_count ig_containers)" = 0 ]
    [ "$(cloud_count uploads)" = 0 ]
    [ "$(sql 'SELECT count(*) FROM posts')" = 0 ]
}

@test "-n needs no account, and says which is missing" {
    imgctl upload -q --store local a.jpg
    INSTAGRAM_TOKEN='' expect 0 publish 1 -n --json
    [ "$(json '.items[0].status')" = planned ]
    says 'no token of the account acme'
    CLOUDINARY_URL='' expect 0 publish 1 -n
    says 'no Cloudinary account'
    need_corpus
    upload "$shared/corpus/valid/jpeg/size_9x9.jpg"
    INSTAGRAM_TOKEN='' expect 7 publish 2 -n
}

@test "no token, a refused token, a used-up quota" {
    upload a.jpg
    INSTAGRAM_TOKEN=wrong expect 4 publish 1
    INSTAGRAM_TOKEN='' expect 4 publish 1
    cloud_set ig_quota 3
    cloud_set ig_used 3
    expect 8 publish 1
    says '3 of the 3 posts'
    [ "$(cloud_count ig_containers)" = 0 ]
    cloud_set ig_quota 4
    expect 0 publish 1
    [ "$(posts)" = 1 ]
    sane
}

@test "a container that takes its time is waited for; one that never ends is not" {
    upload a.jpg
    cloud_set ig_polls 3
    expect 0 publish 1
    [ "$(cloud_requests | grep -c status_code)" -ge 4 ]
    cloud_set ig_polls 1000000
    sed -i 's/"deadline_ms": 60000/"deadline_ms": 1/' "$HOME/.config/imgctl/platforms/instagram.json"
    expect 5 publish 1 --caption b
    says 'publish --resume'
    cloud_containers FINISHED
    expect 0 publish --resume --json
    [ "$(json '.items[0].status')" = published ]
    [ "$(posts)" = 2 ]
    sane
}

@test "the service cannot fetch: three times again, then a clear word" {
    upload a.jpg
    graph_fault 'media$' 9004 2207052
    graph_fault 'media$' 9004 2207052
    expect 0 publish 1
    [ "$(posts)" = 1 ]
    for _ in 1 2 3 4; do graph_fault 'media$' 9004 2207052; done
    expect 5 publish 1 --caption b
    says 'could not fetch'
    says '9004/2207052'
    expect 0 publish 1 --caption b
    [ "$(posts)" = 2 ]
}

@test "errors by number, whatever the language" {
    upload a.jpg
    while read -r wanted code sub text; do
        graph_fault 'media$' "$code" "$sub"
        expect "$wanted" publish 1 --caption "$code-$sub"
        says "$text"
        [ "$(posts)" = 0 ]
    done <<'LIST'
7 36000 2207004 too many bytes
7 36001 2207005 format
7 36003 2207009 shape
7 36004 2207010 caption
8 9 2207042 used up
11 25 2207050 restricted
4 190 0 token
4 10 0 permission
5 4 0 too many requests
2 100 2207023 parameter
LIST
    expect 0 publish 1 --caption 36000-2207004
    [ "$(posts)" = 1 ]
}

@test "a container that fails says why, and is made anew next time" {
    upload a.jpg
    cloud_set ig_polls 1
    cloud_fault '{"path":"/[0-9]+$","do":"shape","set":{"status_code":"ERROR","status":"Error: failed with error code 2207052"}}'
    expect 5 publish 1
    says 'could not fetch'
    expect 0 publish 1
    [ "$(posts)" = 1 ]
    [ "$(cloud_count ig_containers)" = 2 ]
    cloud_fault '{"path":"/[0-9]+$","do":"shape","set":{"status_code":"ERROR","status":"Error: 2207009"}}'
    expect 7 publish 1 --caption b
    [ "$(sql 'SELECT state FROM posts ORDER BY id DESC LIMIT 1')" = failed ]
}

@test "containers that the service forgot are made anew" {
    upload a.jpg
    graph_fault media_publish 9007 2207027
    expect 5 publish 1
    [ "$(sql 'SELECT state FROM posts')" = contained ]
    cloud_containers gone
    expect 0 publish --resume
    [ "$(posts)" = 1 ]
    sane
}

# ---- Never twice ----

publish_fault() { cloud_fault "{\"path\": \"media_publish$\", $1}"; }

@test "an answer that is lost is settled by asking the container" {
    upload a.jpg
    for fault in '"do":"close","when":"acted"' '"do":"reset","when":"acted"' \
        '"do":"cut","bytes":3' '"do":"cut","bytes":0' '"do":"empty","when":"acted"' \
        '"do":"html","status":502,"when":"acted"' '"do":"notjson","when":"acted"' \
        '"do":"shape","drop":["id"]'; do
        before=$(posts)
        publish_fault "$fault"
        expect 0 publish 1 --caption "$fault" --json
        [ "$(json '.items[0].status')" = published ]
        [ "$(posts)" = $((before + 1)) ]
        expect 0 publish 1 --caption "$fault"
        says 'posted before'
        [ "$(posts)" = $((before + 1)) ]
    done
    sane
}

@test "a request that never arrived is sent again" {
    upload a.jpg
    for fault in '"do":"close","when":"head"' '"do":"close","when":"read"' \
        '"do":"status","status":503' '"do":"reset","when":"body"'; do
        before=$(posts)
        publish_fault "$fault"
        expect 0 -c http.retry_base=1 publish 1 --caption "$fault"
        [ "$(posts)" = $((before + 1)) ]
    done
    sane
}

@test "a gateway's 503 may hide a post: the container tells, not the next answer" {
    upload a.jpg
    publish_fault '"do":"status","status":503,"when":"acted"'
    graph_fault media_publish 25 2207050
    expect 0 -c http.retry_base=1 publish 1
    [ "$(posts)" = 1 ]
    sane
}

@test "blocked as spam, and yet it is out" {
    upload a.jpg
    cloud_fault '{"path":"media_publish$","do":"status","status":400,"when":"acted","body":{"error":{"code":4,"error_subcode":2207051,"message":"blocked"}}}'
    expect 0 publish 1
    [ "$(posts)" = 1 ]
    graph_fault media_publish 4 2207051
    graph_fault media_publish 4 2207051
    expect 12 publish 1 --caption b
    [ "$(posts)" = 1 ]
}

@test "a post that is settled by asking has no address, and that is said" {
    upload a.jpg
    publish_fault '"do":"close","when":"acted"'
    run script -qec 'imgctl publish 1' /dev/null </dev/null
    [[ $output == *'its address is not known'* ]]
    [ "$(posts)" = 1 ]
}

@test "when the service cannot be asked the outcome is unknown, until it can" {
    upload a.jpg
    publish_fault '"do":"close","when":"acted"'
    cloud_fault '{"path":"/[0-9]+$","nth":2,"do":"status","status":500,"times":1}'
    expect 12 -c http.retries=0 publish 1
    says 'may be out or not'
    says 'publish --resume'
    [ "$(sql 'SELECT state FROM posts')" = unknown ]
    expect 0 publish --resume --json
    [ "$(json '.items[0].status')" = published ]
    [ "$(posts)" = 1 ]
    expect 0 publish --resume --json
    json '.items == []'
    sane
}

@test "a container that is gone while in doubt is never replaced; a person settles it" {
    upload a.jpg
    publish_fault '"do":"close","when":"acted"'
    cloud_fault '{"path":"/[0-9]+$","nth":2,"do":"status","status":500}'
    expect 12 -c http.retries=0 publish 1
    cloud_containers gone
    expect 12 publish --resume
    expect 12 publish 1
    [ "$(posts)" = 1 ]
    expect 2 publish --settle 1
    expect 6 publish --settle 9 --as failed
    expect 0 publish --settle 1 --as published
    expect 2 publish --settle 1 --as failed
    expect 0 publish 1
    says 'posted before'
    [ "$(posts)" = 1 ]
}

@test "killed at any request, then run again: one post" {
    upload a.jpg
    upload b.jpg
    for at in 1 2 3 4 5 6 7; do
        for when in head acted; do
            before=$(posts)
            cloud_fault "{\"path\":\"^/v[0-9]+[.]\",\"nth\":$at,\"do\":\"hang\",\"ms\":2000,\"when\":\"$when\"}"
            imgctl publish --carousel 1 2 --caption "$at $when" >/dev/null 2>&1 &
            pid=$!
            cloud_wait faults 1
            kill -9 "$pid"
            wait "$pid" || true
            cloud_idle
            expect 0 publish --carousel 1 2 --caption "$at $when"
            [ "$(posts)" = $((before + 1)) ]
            cloud_calm
        done
    done
    sane
}

@test "two at once: one post" {
    upload a.jpg
    cloud_set ig_polls 2
    for _ in 1 2 3 4; do
        imgctl publish 1 --caption same >>out 2>&1 &
    done
    wait
    [ "$(posts)" = 1 ]
    [ "$(grep -c "$(printf '\tduplicate')" out)" = 3 ]
    sane
}

@test "show and list tell where it was posted; delete keeps it" {
    upload a.jpg
    upload b.jpg
    imgctl publish 1 >/dev/null 2>&1
    expect 0 show 1 --json
    [[ $(json '.[0].published[0]') == https://www.instagram.com/p/* ]]
    expect 0 show 2 --json
    json '.[0].published == null'
    expect 0 list --published --ids
    [ "$output" = 1 ]
    expect 0 list --published --json # which does not look for posts
    json '.images[0] | has("published") | not'
    expect 2 list --fields id,published
    expect 0 count --published
    [ "$output" = 1 ]
    expect 0 list --published --search nothing --ids
    [ -z "$output" ]
    expect 2 delete 1
    says 'is published'
    expect 3 delete --yes 1 2
    expect 0 delete 1 --include-published
    expect 3 purge --older-than 0s --yes
    [ "$(sql 'SELECT count(*) FROM images')" = 1 ]
    expect 0 purge --older-than 0s --yes --include-published
    [ "$(sql 'SELECT count(*) FROM images')" = 0 ]
}

# ---- What is begun and does not go straight ----

# begun PATH [ARG...] - a post of picture 1 is begun, and a request to PATH fails.
begun() {
    cloud_fault "{\"path\":\"$1\",\"do\":\"status\",\"status\":500,\"times\":1}"
    shift
    expect 5 -c http.retries=0 publish "$@"
}

state() { sql 'SELECT state FROM posts ORDER BY id DESC LIMIT 1'; }

@test "a carousel whose children are lost or failed is made anew" {
    upload a.jpg
    upload b.jpg
    cloud_fault '{"path":"media$","nth":3,"do":"status","status":500}'
    expect 5 -c http.retries=0 publish --carousel 1 2
    cloud_containers gone
    expect 0 publish --carousel 1 2
    [ "$(posts)" = 1 ]
    cloud_fault '{"path":"media$","nth":3,"do":"status","status":500}'
    expect 5 -c http.retries=0 publish --carousel 2 1
    cloud_containers ERROR 2207052
    expect 5 publish --carousel 2 1
    says 'could not fetch'
    expect 0 publish --resume
    [ "$(posts)" = 2 ]
    sane
}

@test "what is deleted in between is not posted" {
    upload a.jpg
    graph_fault media_publish 9007 2207027
    expect 5 publish 1
    imgctl delete -q 1
    expect 6 publish --resume
    says 'is deleted'
    [ "$(state)" = failed ]
    [ "$(posts)" = 0 ]
    imgctl restore -q 1
    expect 0 publish 1
    [ "$(posts)" = 1 ]
    sane
}

@test "--resume -n tells what is open; --to takes one account; --settle gives up" {
    upload a.jpg
    begun 'media$' 1
    expect 0 publish --resume -n --json
    [ "$(json '.items[0].status')" = planned ]
    [ "$(json '.items[0].post.state')" = claimed ]
    [ "$(cloud_count ig_containers)" = 0 ]
    imgctl account add other --no-check --user-id 99 2>/dev/null
    expect 0 publish --resume --to other --json
    json '.items == []'
    expect 2 publish --resume --caption x
    expect 2 publish --settle 1 --as published
    expect 2 publish --settle 1 --as failed -n
    expect 0 publish --settle 1 --as failed
    expect 0 publish --resume --json
    json '.items == []'
    [ "$(posts)" = 0 ]
}

@test "a post is of a user, whatever the account is called" {
    upload a.jpg
    begun 'media$' 1
    imgctl account remove acme
    expect 6 publish --resume
    says 'no account any more'
    imgctl account add acme --no-check --user-id 99 2>/dev/null
    expect 6 publish --resume
    imgctl account add again 2>/dev/null
    expect 0 publish --resume
    expect 0 publish 1 --to again
    says 'posted before'
    [ "$(posts)" = 1 ]
    sane
}

@test "a post that is begun takes over another label and other texts" {
    upload a.jpg
    graph_fault media_publish 9007 2207027
    expect 5 publish 1 --alt old
    expect 0 publish 1 --alt new --ai-label on
    [ "$(posts)" = 1 ]
    [ "$(cloud_instagram | jq -r '.posts[0] | .alt_text, .is_ai_generated' | xargs)" = 'new true' ]
    [ "$(sql 'SELECT ai_label || alt FROM posts JOIN post_images ON post_images.post_id = id')" = 1new ]
    sane
}

@test "pictures that have no digest are not taken for each other" {
    upload a.jpg
    upload b.jpg
    sql 'UPDATE images SET sha256 = NULL'
    expect 0 publish 1
    expect 0 publish 2
    [ "$(posts)" = 2 ]
    expect 0 publish 2
    [ "$(posts)" = 2 ]
}

@test "an error that nobody knows is no proof that nothing was posted" {
    upload a.jpg
    for code in 1 2 -1 99999; do
        before=$(posts)
        cloud_fault '{"path":"media_publish$","do":"status","status":400,"when":"acted",'\
'"body":{"error":{"code":'"$code"',"message":"?"}}}'
        expect 0 publish 1 --caption "$code"
        [ "$(posts)" = $((before + 1)) ]
    done
    cloud_fault '{"path":"media_publish$","do":"html","status":403,"when":"acted"}'
    expect 0 publish 1 --caption proxy
    [ "$(posts)" = 5 ]
    sane
}

@test "a refusal after a lost answer is looked at twice" {
    upload a.jpg
    graph_fault media_publish 1 0
    graph_fault media_publish 9 2207042
    expect 8 publish 1
    [ "$(state)" = contained ]
    expect 0 publish 1
    [ "$(posts)" = 1 ]
    sane
}

@test "a refusal after a lost answer settles nothing where the container is gone" {
    upload a.jpg
    publish_fault '"do":"close","when":"acted"'
    graph_fault media_publish 9 2207042
    cloud_fault '{"path":"/[0-9]+$","nth":2,"do":"shape","set":{"status_code":"FINISHED"}}'
    cloud_fault '{"path":"/[0-9]+$","nth":2,"times":0,"do":"status","status":400,'\
'"body":{"error":{"code":100,"error_subcode":33,"message":"gone"}}}'
    expect 12 publish 1
    [ "$(state)" = unknown ]
    cloud_calm
    cloud_containers gone
    expect 12 publish 1
    [ "$(posts)" = 1 ]
}

@test "a container that failed for an unclear reason while in doubt stays unknown" {
    upload a.jpg
    begun_in_doubt
    for reason in 2207051 2207052 2207001; do
        cloud_containers ERROR "$reason"
        expect 12 publish --resume
        [ "$(state)" = unknown ]
    done
    cloud_containers ERROR 2207009
    expect 7 publish --resume
    [ "$(state)" = failed ]
}

begun_in_doubt() {
    publish_fault '"do":"close","when":"head"'
    cloud_fault '{"path":"/[0-9]+$","nth":2,"do":"status","status":500}'
    expect 12 -c http.retries=0 -c http.connect_timeout=1 publish 1
}

@test "--again that was not finished: only --again or --resume posts once more" {
    upload a.jpg
    expect 0 publish 1
    graph_fault media_publish 9007 2207027
    expect 5 publish 1 --again
    expect 0 publish 1 --json
    [ "$(json '.items[0].status')" = duplicate ]
    [ "$(posts)" = 1 ]
    expect 0 publish 1 --again
    [ "$(posts)" = 2 ]
    [ "$(sql 'SELECT count(*) FROM posts')" = 2 ]
}

@test "what is given up while --resume waits for the lock is not posted" {
    upload a.jpg
    graph_fault media_publish 9007 2207027
    expect 5 publish 1
    lock=$(echo "$HOME"/.local/state/imgctl/publish-*.lock)
    exec 9<"$lock"
    flock 9
    imgctl publish --resume 9<&- 2>err &
    pid=$!
    until readlink "/proc/$pid/fd/"* | grep -qxF "$lock"; do sleep 0.05; done
    sql "UPDATE posts SET state = 'failed'"
    exec 9<&-
    code=0; wait "$pid" || code=$?
    [ "$code" = 1 ]
    grep -q 'given up' err
    [ "$(posts)" = 0 ]
}

@test "two at once that share no lock: one post" {
    upload a.jpg
    cloud_fault '{"path":"media$","nth":1,"do":"delay","delay":2000}'
    XDG_STATE_HOME=$PWD/other imgctl publish 1 2>err &
    pid=$!
    cloud_wait faults 1
    imgctl publish 1 2>>err || true
    wait "$pid" || true
    [ "$(posts)" = 1 ]
    grep -q 'another imgctl goes on with it' err
    expect 0 publish 1
    [ "$(posts)" = 1 ]
}

@test "that a post is out is recorded, whatever another imgctl has written meanwhile" {
    upload a.jpg
    upload b.jpg
    for meanwhile in '--settle 1 --as failed' '--resume'; do
        id=$((${id:-0} + 1))
        publish_fault '"do":"delay","delay":1500,"when":"acted"'
        imgctl publish "$id" 2>err &
        pid=$!
        cloud_wait ig_posts "$id"
        # shellcheck disable=SC2086 # they are words
        XDG_STATE_HOME=$PWD/other expect 0 publish $meanwhile
        code=0; wait "$pid" || code=$?
        [ "$code" = 0 ]
        [ "$(sql "SELECT state FROM posts WHERE id = $id AND permalink NOT NULL")" = published ]
        expect 0 publish "$id" --json
        [ "$(json '.items[0].status')" = duplicate ]
        cloud_calm
    done
    [ "$(posts)" = 2 ]
}

@test "an unknown outcome is told also where the catalog cannot be written" {
    upload a.jpg
    publish_fault '"do":"close","when":"head"'
    cloud_fault '{"path":"/[0-9]+$","nth":2,"do":"status","status":500}'
    sql "CREATE TRIGGER full BEFORE UPDATE ON posts WHEN NEW.state = 'unknown'
         BEGIN SELECT RAISE(ABORT, 'full'); END"
    expect 12 -c http.retries=0 -c http.connect_timeout=1 publish 1
    says 'may be out'
    sql 'DROP TRIGGER full'
    [ "$(state)" = publishing ]
    expect 0 publish --resume
    [ "$(posts)" = 1 ]
}

@test "a token that the service repeats is shown and kept nowhere" {
    upload a.jpg
    body="{\"error\":{\"code\":36003,\"message\":\"Malformed access token $INSTAGRAM_TOKEN\"}}"
    for path in 'media$' content_publishing_limit media_publish; do
        cloud_fault "{\"path\":\"$path\",\"do\":\"status\",\"status\":400,\"body\":$body}"
        expect 7 publish 1 --caption "$path" --json --trace=trace
        [[ $output == *'Malformed access token ****'* ]]
        absent "$INSTAGRAM_TOKEN" trace
        [[ $output$stderr != *"$INSTAGRAM_TOKEN"* ]]
    done
    cloud_set ig_polls 1
    cloud_fault "{\"path\":\"/[0-9]+$\",\"do\":\"shape\",\"set\":{\"status_code\":\"ERROR\",\"status\":\"$INSTAGRAM_TOKEN\"}}"
    expect 11 publish 1
    absent "$INSTAGRAM_TOKEN" "$HOME"
}

@test "a token that the service repeats in another spelling is hidden, too" {
    upload a.jpg
    export INSTAGRAM_TOKEN=IG/hush/hush
    body='{\"error\":{\"code\":36003,\"message\":\"Malformed token IG\\/hush\\/hush\"}}'
    cloud_fault "{\"path\":\"content_publishing_limit\",\"do\":\"status\",\"status\":400,\"body\":\"$body\"}"
    expect 7 publish 1 --json
    [[ $output == *'Malformed token ****'* ]]
    [[ $output$stderr != *hush* ]]
}

@test "a caption that is no text, and one that is wrong before anything is sent" {
    imgctl upload -q --store local a.jpg
    printf 'a\0b' >nul
    printf '\xe4' >latin1
    head -c 70000 /dev/zero | tr '\0' x >huge
    printf '\xef\xbb\xbfwith a mark\r\n' >mark
    for file in nul latin1 huge; do
        run --separate-stderr imgctl publish 1 --caption-file "$file"
        [ "$status" != 0 ]
        says caption
    done
    expect 2 publish 1 --caption $'\xe4'
    expect 2 publish 1 --alt $'\xe4'
    expect 7 publish 1 --caption "$(printf '%2201s' x)"
    expect 7 publish 1 --alt "$(printf '%1001s' x)"
    says 'ig.alt: 1001 characters, at most 1000'
    run --separate-stderr bash -c 'echo 1 | imgctl publish - --caption-file -'
    [ "$status" = 2 ]
    [ "$(cloud_count uploads)" = 0 ]
    expect 0 publish 1 --caption-file mark
    [ "$(cloud_instagram | jq -r '.posts[0].caption')" = 'with a mark' ]
    [ "$(posts)" = 1 ]
}

@test "an alternative text that is too long in the catalog" {
    upload --alt "$(printf '%1001s' x)" a.jpg
    expect 7 validate-ig 1 --json
    json '.items[0].results[0] | .rule == "ig.alt" and .level == "error"'
    expect 7 publish 1
    says 'the alternative text of picture 1: ig.alt'
    expect 7 publish -n 1
    [ "$(cloud_count ig_containers)" = 0 ]
    expect 0 publish 1 --alt short
    expect 0 publish 1 --story
    [ "$(posts)" = 2 ]
}

@test "on a terminal" {
    upload a.jpg
    upload b.jpg
    for command in '-n 1' '--carousel 1 2' '--resume' '--resume -n' '1 99 --carousel'; do
        run script -qec "imgctl publish $command" /dev/null </dev/null
        [ "$status" -lt 100 ]
        echo "$output" >>all
    done
    [ "$(grep -c 'a.jpg .*published .*https://www.instagram.com/p/' all)" = 1 ]
    [ "$(grep -c 'there is no picture 99' all)" = 1 ]
    [ "$(posts)" = 1 ]
}
