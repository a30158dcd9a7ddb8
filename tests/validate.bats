#!/usr/bin/env bats
# validate-ig and validate: would a platform take these pictures?

load lib/imgctl

setup_file() {
    cloud_start
    coproc LINKS { exec python3 "$BATS_TEST_DIRNAME/lib/links.py" \
        "$BATS_TEST_DIRNAME/pictures" 3>&-; }
    export LINKS_PROCESS=$LINKS_PID
    IFS= read -r LINKS_PORT <&"${LINKS[0]}"
    export LINKS_PORT
}

teardown_file() {
    cloud_stop
    kill "$LINKS_PROCESS" 2>/dev/null || true
}

local_setup() {
    cloud_reset
    link=http://127.0.0.1:$LINKS_PORT
    good=$pictures/lighthouse.jpg
}

# rules LEVEL - the rules of the first item, sorted, on one line.
rules() {
    jq -r --arg level "$1" '[.items[0].results[] | select(.level == $level) | .rule]
        | sort | join(" ")' <<<"$output"
}

# jpeg WIDTH HEIGHT FILE - the lighthouse with another size in its frame header.
jpeg() {
    python3 - "$good" "$@" <<'PY'
import struct, sys
data = bytearray(open(sys.argv[1], "rb").read())
at = data.index(b"\xff\xc0")
data[at + 5:at + 9] = struct.pack(">HH", int(sys.argv[3]), int(sys.argv[2]))
open(sys.argv[4], "wb").write(data)
PY
}

@test "a good picture: valid, 0, and what is known of it" {
    expect 0 validate-ig --json "$good"
    json '.schema == 1 and (.items | length) == 1 and .summary.exit_code == 0
        and .summary.valid == 1'
    json '.items[0] | .valid and .status == "valid" and .id == null and .format == "jpeg"
        and .width == 1200 and .height == 800 and .orientation == 1
        and .profile == "instagram-feed" and .results == []'
    [ "$(json '.items[0].file_size_bytes')" -eq "$(stat -c %s "$good")" ]
}

@test "a bad picture: 7, and for each rule what was found and what helps" {
    expect 7 validate-ig --json "$pictures/located.jpg"
    [ "$(rules error)" = "ig.aspect ig.size.320 ig.width" ]
    [ "$(rules warn)" = "ig.gps ig.orientation" ]
    json '.items[0] | (.valid | not) and .status == "invalid" and .width == 200
        and .height == 300 and .orientation == 6'
    json '.items[0].results[] | select(.rule == "ig.aspect") | .found == "200x300, 0.6666"
        and .limit == "4:5..1.91:1" and .fixable and .loses and .code == 36003
        and .subcode == 2207009 and (.fix | length) > 0'
    json '.summary.exit_code == 7 and .summary.invalid == 1'
}

@test "edges of the ratio, and what nobody documents" {
    jpeg 1080 1350 a.jpg
    jpeg 1080 1351 b.jpg
    jpeg 1200 628 c.jpg
    jpeg 1200 630 d.jpg
    jpeg 1080 1441 e.jpg
    expect 0 validate-ig a.jpg b.jpg d.jpg
    expect 7 validate-ig c.jpg
    expect 7 validate-ig e.jpg
    expect 0 validate-ig --strict a.jpg d.jpg
    expect 7 validate-ig --strict --json b.jpg
    [ "$(rules error)" = "ig.aspect.undocumented" ]
}

@test "formats: by content, PNG undocumented, WebP not, others named" {
    cp "$pictures/lighthouse.webp" lying.jpg
    printf 'GIF89a' >a.gif
    expect 7 validate-ig --json lying.jpg
    [ "$(rules error)" = ig.format ]
    [ "$(rules info)" = ig.extension ]
    expect 7 validate-ig --json a.gif
    json '.items[0] | .format == null and .width == null
        and .results[0].found == "a GIF picture"'
    expect 7 validate-ig --json "$pictures/lighthouse.png"
    [ "$(rules warn)" = ig.format.undocumented ]
    expect 7 validate-ig --strict --json "$pictures/lighthouse.png"
    [[ $(rules error) == *ig.format.undocumented* ]]
}

@test "a cut file is found without reading whole ones; --deep finds more" {
    head -c 5000 "$good" >cut.jpg
    expect 7 validate-ig --json cut.jpg
    [ "$(rules error)" = ig.corrupt ]
    # A second frame header in the middle, and an end as it should be.
    { head -c 5000 "$good"; printf '\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00\xff\xd9'; } >hurt.jpg
    expect 0 validate-ig hurt.jpg
    expect 7 validate-ig --deep --json hurt.jpg
    [ "$(rules error)" = ig.corrupt ]
}

@test "mixes: a broken rule is 7, another reason 6, both 3; the others go on" {
    expect 7 validate-ig "$good" "$pictures/located.jpg"
    expect 3 validate-ig "$good" nosuch.jpg
    expect 6 validate-ig nosuch.jpg
    expect 3 validate-ig --json nosuch.jpg "$pictures/located.jpg" "$good"
    json '[.items[].status] == ["failed", "invalid", "valid"]
        and .items[0].error.code == "image.unreadable"'
    expect 6 validate-ig .
}

@test "on a pipe a line each; ids and templates" {
    expect 7 validate-ig "$good" "$pictures/located.jpg"
    [ "${lines[0]}" = $'\t'"$good"$'\tvalid\t' ]
    [ "${lines[1]}" = $'\t'"$pictures/located.jpg"$'\tinvalid\tig.width ig.size.320 ig.aspect ig.orientation ig.gps' ]
    says "1 valid, 1 invalid, 0 failed"
    expect 7 validate-ig --format '{status} {width}\n' "$good" "$pictures/located.jpg"
    [ "$output" = $'valid 1200\ninvalid 200' ]
    expect 2 validate-ig --urls "$good"
    expect 0 validate-ig --jsonl "$good"
    [ "$(jq -r .event <<<"$output" | paste -sd,)" = item,summary ]
}

@test "on a terminal a line each and the rules below" {
    run script -qec "imgctl --color=never validate-ig $good $pictures/located.jpg" /dev/null </dev/null
    [ "$status" -eq 7 ]
    prints "lighthouse.jpg  1200x800  jpeg  101 KB  valid  rules 2026-11-22"
    prints "located.jpg  200x300  jpeg  10 KB  not valid: 3 errors, 2 warnings"
    prints "  FAIL width            200 (at least 320)"
    prints "  warn gps              where it was taken (no position)"
}

@test "pictures of the catalog: in the local store read where they are" {
    imgctl upload -q --store local "$good" "$pictures/located.jpg" >/dev/null
    expect 7 validate-ig --json 1 @1
    json '[.items[] | [.input, .id, .status]] == [["1", 1, "valid"], ["@1", 2, "invalid"]]'
    [[ $(jq -r '[.items[1].results[].rule] | join(" ")' <<<"$output") == *ig.gps* ]]
    expect 6 validate-ig 9
    says "there is no picture 9"
    expect 7 validate-ig --ids 2 1
    [ "$output" = 1 ]
    rm -r "$HOME/.local/share/imgctl/store"
    expect 10 validate-ig 1
}

@test "standard input: a picture, ids, JSON lines, names; one use of it" {
    expect 0 validate-ig --json - <"$good"
    json '.items[0] | .input == "-" and .width == 1200'
    imgctl upload -q --store local "$good" "$pictures/located.jpg" >/dev/null
    expect 7 validate-ig --json - < <(imgctl list --ids --all)
    json '[.items[].id] == [2, 1]'
    expect 7 validate-ig --json - < <(imgctl list --jsonl --all)
    json '[.items[].id] == [2, 1]'
    expect 0 validate-ig - <<<"$good"
    expect 0 validate-ig - </dev/null
    expect 2 validate-ig - - </dev/null
    expect 2 validate-ig --caption - - </dev/null
}

@test "files are judged where the catalog cannot be opened" {
    mkdir -p "$HOME/.local/share/imgctl"
    echo rubbish >"$(catalog)"
    expect 0 validate-ig "$good"
    expect 10 validate-ig 1
    cp "$good" 42
    expect 0 validate-ig ./42
}

@test "a carousel: number and ratio" {
    jpeg 1080 1350 a.jpg
    jpeg 1440 1800 b.jpg
    jpeg 1080 1080 c.jpg
    expect 0 validate-ig --carousel --json a.jpg b.jpg c.jpg
    json '[.items[] | .input] == ["a.jpg", "b.jpg", "c.jpg", "carousel"]'
    json '[.items[] | .results | map(select(.level != "info")) | length] == [0, 0, 1, 0]'
    json '.items[2].results[0].rule == "ig.carousel.aspect"
        and .items[0].profile == "instagram-carousel"'
    expect 7 validate-ig --carousel --json a.jpg
    json '.items[1].results[0] | .rule == "ig.carousel.count" and .subcode == 2207028'
    expect 0 validate-ig --carousel a.jpg a.jpg a.jpg a.jpg a.jpg a.jpg a.jpg a.jpg a.jpg a.jpg
    expect 7 validate-ig --carousel a.jpg a.jpg a.jpg a.jpg a.jpg a.jpg a.jpg a.jpg a.jpg a.jpg a.jpg
    expect 2 validate --for instagram-story --carousel a.jpg b.jpg
}

@test "a caption: length, tags, names, in characters of any script" {
    printf 'Zażółć gęślą #jaźń #море @anna' >caption.txt
    expect 0 validate-ig --caption caption.txt --json
    json '.items[0] | .input == "caption.txt" and .valid and .results == []'
    python3 -c 'print("🌊" * 2200)' >waves.txt
    expect 0 validate-ig --json --caption waves.txt "$good"
    json '.items[1].results[0].rule == "ig.caption.utf16"'
    expect 7 validate-ig --strict --caption waves.txt
    python3 -c 'print("ą" * 2201)' >long.txt
    expect 7 validate-ig --caption long.txt
    printf '#%s ' {1..6} >tags.txt
    expect 0 validate-ig --json --caption tags.txt
    [ "$(rules warn)" = ig.hashtags ]
    printf '#%s ' {1..31} >tags.txt
    expect 7 validate-ig --caption - <tags.txt
    printf '\xff' >bytes.txt
    expect 7 validate-ig --caption bytes.txt
    expect 6 validate-ig --caption nosuch.txt
    expect 2 validate --for bluesky --caption tags.txt
}

@test "a link: downloaded and judged; private addresses only if meant" {
    expect 2 validate-ig "$link/ok.jpg"
    says "private address"
    expect 0 validate-ig --allow-private "$link/ok.jpg"
    expect 0 validate-ig --allow-private "$link/moved.jpg"
    expect 7 validate-ig --allow-private "$link/page.jpg"
    expect 7 validate-ig --allow-private "$link/cut.jpg"
    expect 6 validate-ig --allow-private "$link/nosuch.jpg"
}

# The links are not https, so that is always wrong with them.
@test "--url: what a fetcher would meet" {
    for case in "ok.jpg=" "moved.jpg=ig.url.redirect" "nosuch.jpg=ig.url.status" \
        "page.jpg=ig.format ig.url.type" "lie.jpg=ig.format ig.url.type" \
        "cut.jpg=ig.corrupt" "auto.jpg=" "kept/ok.jpg=ig.url.robots" "caf%C3%A9.jpg=ig.url.status"; do
        expect 7 validate-ig --url --allow-private --json "$link/${case%%=*}"
        got=$(jq -r '[.items[0].results[] | select(.level == "error") | .rule]
            - ["ig.url.https"] | sort | join(" ")' <<<"$output")
        [ "$got" = "${case#*=}" ] || { echo "$case: $got"; false; }
        [[ $(rules error) == *ig.url.https* ]]
    done
    expect 7 validate-ig --url --allow-private --json "$link/auto.jpg"
    [ "$(rules warn)" = ig.url.negotiated ]
    expect 7 validate-ig --url --json "$link/ok.jpg"
    [ "$(rules error)" = "ig.url.https ig.url.public" ]
    expect 7 validate-ig --url --allow-private --json "$link/café.jpg"
    [[ $(rules error) == *ig.url.ascii* ]]
    expect 5 validate-ig -c http.retries=0 --url --allow-private http://127.0.0.1:9/a.jpg
    expect 2 validate-ig --url "$good"
}

@test "a picture in Cloudinary: the row, and with --url what is delivered" {
    imgctl upload -q --store cloudinary "$good" >/dev/null
    expect 0 validate-ig --json 1
    [ "$(rules info)" = ig.unchecked ]
    json '.items[0] | .width == 1200 and .format == "jpeg" and .orientation == null'
    expect 7 validate-ig --url --allow-private --json 1
    [[ $(rules error) == *ig.url.https* ]]
    json '.items[0].orientation == 1'
    imgctl upload -q --store local "$pictures/lighthouse.png" >/dev/null
    expect 7 validate-ig --url --json 2
    [[ $(rules error) == *ig.url.public* ]]
    unset CLOUDINARY_URL
    expect 0 validate-ig 1
}

@test "profiles: listed, shown, misspelt, one's own" {
    expect 0 validate --list --ids
    for name in instagram-feed instagram-story instagram-carousel instagram-square \
        instagram-portrait web-hero facebook threads linkedin x bluesky mastodon pinterest \
        tiktok; do
        grep -qx "$name" <<<"$output"
    done
    for name in $output; do
        expect 0 validate --show "$name"
        json '.schema == 1 and (.date | test("^20[0-9]{2}-")) and (.sources | type) == "array"'
        run imgctl validate --for "$name" "$good"
        [ "$status" -eq 0 ] || [ "$status" -eq 7 ]
    done
    expect 2 validate --for instagram-fed "$good"
    says "did you mean instagram-feed?"
    expect 2 validate --for ../../etc/passwd "$good"
    expect 2 validate "$good"
    says "--for names the profile"
}

@test "a profile of one's own, and one that is wrong" {
    mkdir -p "$HOME/.config/imgctl/profiles"
    own=$HOME/.config/imgctl/profiles
    cat >"$own/shop.json" <<'JSON'
{"name": "shop", "title": "Our shop", "date": "2026-01-01", "prefix": "shop",
 "formats": ["jpeg"], "ratio": {"min": "1:1", "max": "1:1"}, "width": {"min": 2000, "below": "warn"}}
JSON
    expect 7 validate --for shop --json "$good"
    [ "$(rules error)" = shop.aspect ]
    [ "$(rules warn)" = shop.width ]
    expect 0 validate --list --ids
    grep -qx shop <<<"$output"
    sed 's/"width"/"widht"/' "$own/shop.json" >"$own/bad.json"
    sed -i 's/"name": "shop"/"name": "bad"/' "$own/bad.json"
    expect 2 validate --for bad "$good"
    says "profiles/bad.json: widht is no member that a profile has"
    says 'did you mean "width"?'
    expect 3 validate --list
    prints "instagram-feed"
    cp "$own/shop.json" "$own/other.json"
    expect 2 validate --for other "$good"
    says "name is not the name of the file"
    rm "$own/bad.json" "$own/other.json"
    installed=$(imgctl validate --show instagram-feed)
    echo "${installed/'"min": 320,'/'"min": 1300,'}" >"$own/instagram-feed.json"
    expect 7 validate-ig "$good"
}

@test "the corpus: all judged, whatever is in it, and nothing on stderr" {
    need_corpus
    find "$shared/corpus" -type f ! -name MANIFEST.tsv ! -path '*/json/*' -print0 |
        xargs -0 imgctl validate-ig --json >out 2>err || true
    jq -e '[.items[] | select(.status == "failed")] | length == 0' out
    jq -e '(.items | length) > 300' out
    jq -e '[.items[] | select(.input | contains("/corrupt/trunc")) | .valid | not] | all' out
    [ ! -s err ]
    # Four thousand scans take minutes to decode.
    expect 7 validate-ig --json "$shared/corpus/hostile/bomb/jpeg_progressive_4000_scans.jpg"
    [ "$(rules error)" = ig.limit ]
}
