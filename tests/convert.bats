#!/usr/bin/env bats
# Pictures converted on their way in (upload) and out (get), and before they are posted.

load lib/imgctl

setup_file()    { cloud_start; }
teardown_file() { cloud_stop; }

local_setup() {
    cloud_reset
    good=$pictures/lighthouse.jpg
    cp "$good" a.jpg
    touch -d '1 hour ago' a.jpg
}

teardown() { [ -z "$(cloud_violations)" ] || { cloud_violations; return 1; }; }

local_up() { expect 0 upload --store local --json "$@"; }

@test "upload converts: size, format, quality, and the name follows" {
    local_up --max-width 600 --as webp --quality 80 a.jpg
    json '.items[0] | .status == "uploaded" and .image.width == 600 and .image.height == 400
        and .image.mime_type == "image/webp" and .image.original_filename == "a.webp"
        and .image.derived_from == null'
    local_up --max-height 300 --format png a.jpg
    json '.items[0].image | .height == 300 and .width == 450 and .original_filename == "a.png"'
    expect 2 upload --as gif a.jpg
    expect 2 upload --max-width -1 a.jpg
    run --separate-stderr imgctl upload --store local --max-width 601 --format '{width}\n' a.jpg
    [ "$output" = 601 ]
    check_catalog
}

@test "the same again is a duplicate, without reading; another conversion is another picture" {
    sleep 2.1 # the cache trusts no file that was touched less than two seconds ago
    for what in '' '--max-width 600' '--max-width 700' '--max-width 600 --as webp' \
        '--max-width 600 --as webp --quality 50' '--max-height 600'; do
        # shellcheck disable=SC2086
        local_up $what a.jpg
        json '.items[0].status == "uploaded"'
    done
    [ "$(imgctl count)" = 6 ]
    for what in '' '--max-width 600' '--max-width 700' '--max-width 600 --as webp' \
        '--max-width 600 --as webp --quality 50' '--max-height 600'; do
        # shellcheck disable=SC2086
        local_up $what a.jpg
        json '.items[0].status == "duplicate"'
    done
    [ "$(sql 'SELECT count(DISTINCT conversion) FROM files')" = 6 ]
    local_up --max-width 600 --no-cache a.jpg
    json '.items[0].status == "duplicate" and .items[0].id == 2'
    [ "$(imgctl count)" = 6 ]
}

@test "what fits already stays byte for byte; so does what would not get smaller" {
    local_up --max-width 5000 a.jpg
    local_up --as jpeg --max-height 800 a.jpg
    json '.items[0].status == "duplicate"'
    local_up --quality 100 a.jpg
    json '.items[0].status == "duplicate" and .items[0].id == 1'
    cmp a.jpg <(imgctl get 1 -o -)
    local_up --quality 30 a.jpg
    json '.items[0].status == "uploaded" and .items[0].image.file_size_bytes < 90000'
}

@test "the settings say it, the command line says otherwise" {
    imgctl config upload.max_width 500
    imgctl config upload.format webp
    local_up a.jpg
    json '.items[0].image | .width == 500 and .mime_type == "image/webp"'
    local_up --max-width 0 --as same a.jpg
    json '.items[0].image | .width == 1200 and .mime_type == "image/jpeg"'
    run imgctl config upload.format gif
    [ "$status" = 2 ]
}

@test "to Cloudinary, many side by side, in order; -n stores nothing" {
    for i in 1 2 3 4 5 6 7 8; do fresh_picture "box/$i.jpg"; done
    expect 0 upload -n -r box --max-width 300 --json
    json '.summary.planned == 1 and .summary.duplicate == 7' # only the bytes behind it differ
    [ ! -e "$(catalog)" ]
    expect 0 upload -r box --max-width 300 --json
    json '[.items[].status] == ["uploaded"] + ([range(7)] | map("duplicate"))'
    json '[.items[].input] == ([.items[].input] | sort)'
    [ "$(cloud_count assets)" = 1 ]
    check_catalog
}

@test "animations are stored as they are" {
    need_corpus
    local_up --max-width 10 "$shared/corpus/valid/webp/anim_4frames_loop2.webp"
    json '.items[0].image.width == 24'
    cmp "$shared/corpus/valid/webp/anim_4frames_loop2.webp" <(imgctl get 1 -o -)
}

@test "get converts a copy, and the store keeps the original" {
    local_up a.jpg
    expect 0 get 1 --size 300x300 -o small.jpg
    expect 0 validate --for bluesky --json small.jpg
    json '.items[0] | .width == 300 and .height == 200 and .format == "jpeg"'
    expect 0 get 1 --as webp
    [ "$(file -b --mime-type a.webp)" = image/webp ]
    expect 0 get 1 --format png --max-height 100 -o .
    [ "$(file -b --mime-type a.png)" = image/png ]
    expect 0 get 1 --quality 20 -o - # it is bytes, and no report
    expect 0 get 1 --size 5000x5000 -o same.jpg
    cmp same.jpg a.jpg
    expect 2 get 1 --size 300 -o b.jpg
    expect 2 get 1 --size 300x300 --max-width 2 -o b.jpg
    expect 2 get 1 --size 100x100 -o small.jpg
    says --force
    cmp a.jpg <(imgctl get 1 -o -)
    expect 0 upload -q --store cloudinary a.jpg
    expect 0 get 2 --size 300x300 -o remote.jpg
    cmp remote.jpg small.jpg
}

@test "publish --fix posts what keeps the rules, once" {
    instagram_here
    imgctl account add acme 2>/dev/null
    imgctl upload -q --alt 'A signpost' "$pictures/located.jpg" --store cloudinary
    imgctl upload -q a.jpg --store cloudinary
    expect 7 publish 1 --caption hello
    expect 7 publish 1 --caption hello --fix
    says --fit
    expect 0 fix -q --for bluesky --fit crop --ratio 1:2 2
    tall=$(imgctl list --ids | head -1)
    count=$(imgctl count)
    expect 7 publish "$tall" --caption hello
    expect 0 publish "$tall" --caption hello --fix --fit pad -n
    says 'would be repaired'
    [ "$(imgctl count)" = "$count" ]
    expect 0 publish "$tall" --caption hello --fix --fit pad --background black
    says 'is posted instead'
    [ "$(imgctl count)" = $((count + 1)) ]
    [ "$(imgctl show @1 --format '{derived_from}')" = "$tall" ]
    expect 0 publish "$tall" --caption hello --fix --fit pad --background black --json
    json '.items[0].status == "duplicate"'
    [ "$(imgctl count)" = $((count + 1)) ]
    [ "$(cloud_count ig_posts)" = 1 ]
    expect 0 publish 2 --caption 'fine already' --fix
    [ "$(imgctl count)" = $((count + 1)) ]
    expect 0 publish 2 "$tall" --carousel --fix --fit pad
    [ "$(imgctl show @1 --format '{width}x{height}')" = 1200x800 ]
    check_catalog
}
