#!/usr/bin/env bats
# gallery: the page, its thumbnails, hostile texts, and what a browser makes of it.

load lib/imgctl

local_setup() {
    imgctl upload -q --tag summer,sea --alt "red tower" "$pictures/lighthouse.jpg" >/dev/null
    imgctl business add acme >/dev/null
    imgctl upload -q --business acme --tag summer "$pictures/lighthouse.png" >/dev/null
    imgctl upload -q "$pictures/lighthouse.webp" "$pictures/located.jpg" >/dev/null
    fresh_picture more.jpg
    imgctl upload -q more.jpg >/dev/null
    evil='</script><script>window.owned=1</script><!--<script>&amp;<b>'
    sql "UPDATE images SET ai_generated=1, ai_model='m', ai_prompt='$evil'||char(8232)||char(7),
         original_filename='\"><script>window.owned=2</script>.jpg', alt_text='\"onload=\"window.owned=3' WHERE id=2"
    sql "UPDATE images SET ai_generated=1, ai_prompt='A lighthouse at dusk' WHERE id=3"
}

library() { sed -n 's/.*id="library">\(.*\)<\/script>.*/\1/p' "$1"; }

@test "one file: every picture, its thumbnail, nothing from elsewhere" {
    expect 0 gallery -o page.html
    [ "$output" = page.html ]
    says "5 pictures, 0 without thumbnail"
    library page.html | jq -e '.pictures | map(.id) == [5,4,3,2,1]'
    library page.html | jq -e '.pictures[4] | .tags == ["sea","summer"] and .alt == "red tower" and (.ai | not)
        and .thumbnail and .file == null and (.link | startswith("file:///"))'
    [ "$(grep -c 'type="text/plain" id="t' page.html)" = 5 ]
    sed -n 's/.*id="t1">\(.*\)<\/script>/\1/p' page.html | base64 -d | head -c 4 | grep -q RIFF
    absent 'https?://' page.html
    [ "$(stat -c %a page.html)" = 644 ]
}

@test "a folder: the page, and its thumbnails beside it" {
    expect 0 gallery -o site/
    [ "$output" = site/index.html ]
    [ "$(find site/thumbnails -name '*.webp' | wc -l)" = 5 ]
    library site/index.html | jq -er '.pictures[].file' | while read -r file; do
        [ -s "site/$file" ]
    done
    mkdir here
    expect 0 gallery -o here --ai
    [ "$(find here/thumbnails -name '*.webp' | wc -l)" = 2 ]
}

@test "the filters of list, its order, and a heading" {
    imgctl gallery -q -o page.html --tag summer --sort name --title 'Sun <3' >/dev/null
    library page.html | jq -e '.pictures | map(.id) == [2,1]'
    grep -q '<h1>Sun &#60;3</h1>' page.html
    expect 2 gallery -o page.html --ai --uploaded
    expect 6 gallery -o page.html --business nobody
    expect 2 gallery
    expect 2 gallery -o ""
    expect 2 gallery -o -
    [ ! -e ./- ]
}

@test "thumbnails are made once, and by the size asked for" {
    imgctl gallery -q -o page.html >/dev/null
    find "$HOME/.cache/imgctl/thumbnails" -name '*-400x400.webp' -printf '%i\n' | sort >before
    imgctl gallery -q -o page.html >/dev/null
    find "$HOME/.cache/imgctl/thumbnails" -name '*-400x400.webp' -printf '%i\n' | sort >after
    [ "$(wc -l <before)" = 5 ]
    cmp before after
    imgctl gallery -q -o page.html --size 64 >/dev/null
    [ "$(find "$HOME/.cache/imgctl/thumbnails" -name '*-64x64.webp' | wc -l)" = 5 ]
}

@test "the cache keeps within its bounds, and forgets what is stale" {
    imgctl gallery -q -o page.html >/dev/null
    cache=$HOME/.cache/imgctl/thumbnails
    find "$cache" -name '*-400x400.webp' -exec touch -d '100 days ago' {} +
    imgctl gallery -q -o page.html --size 64 >/dev/null
    [ "$(find "$cache" -name '*.webp' | wc -l)" = 5 ]
    imgctl -c cache.max_bytes=1 gallery -q -o page.html --size 80 >/dev/null
    [ "$(find "$cache" -name '*.webp' | wc -l)" = 0 ]
}

@test "a picture that cannot be read is said, and the page is made without it" {
    rm "$(imgctl url 1 | sed 's/^file:..//')"
    expect 3 gallery -o page.html
    says "imgctl: 1:"
    says "1 without thumbnail"
    library page.html | jq -e '.pictures | length == 5 and (.[4].thumbnail | not)'
    sql "UPDATE images SET sha256=NULL WHERE id=5"
    expect 3 gallery -o page.html
    says "2 without thumbnail"
}

@test "what is no gallery is not replaced; a page appears whole" {
    echo diary >page.html
    expect 2 gallery -o page.html
    says --force
    [ "$(cat page.html)" = diary ]
    expect 0 gallery --force -o page.html
    expect 0 gallery -o page.html
    expect 2 gallery -o nowhere/page.html
    says 'mkdir -p nowhere'
    mkfifo pipe
    expect 6 gallery -o pipe
    says 'pipe: is a pipe'
    [ -z "$(find . -name '.imgctl-*')" ]
}

@test "before the first upload: an empty page" {
    rm -rf "$HOME/.local"
    expect 0 gallery -o page.html
    library page.html | jq -e '.pictures == []'
    [ ! -e "$HOME/.local" ]
}

@test "Cloudinary: small versions are fetched once; --no-remote fetches nothing" {
    cloud_start
    imgctl upload -q --store cloudinary "$pictures/lighthouse.jpg" >/dev/null
    expect 0 gallery --no-remote -o page.html --store cloudinary
    says "1 without thumbnail"
    expect 0 gallery -o page.html --store cloudinary --trace wire
    says "0 without thumbnail"
    grep -q 'c_limit,f_webp,h_400,q_auto:good,w_400' wire
    expect 0 gallery -o page.html --store cloudinary --trace wire2
    absent c_limit wire2
    cloud_stop
}

@test "in a browser: columns, keys, search, filters, hostile texts, a silent console" {
    if ! command -v chromium >/dev/null || ! command -v chromedriver >/dev/null; then
        skip "NO CHROMIUM: the page was not looked at (apt-get install chromium chromium-driver)"
    fi
    imgctl gallery -q -o page.html >/dev/null
    imgctl gallery -q -o site/ >/dev/null
    python3 "$BATS_TEST_DIRNAME/lib/gallery_check.py" "file://$PWD/page.html"
    python3 "$BATS_TEST_DIRNAME/lib/gallery_check.py" "file://$PWD/site/index.html"
}
