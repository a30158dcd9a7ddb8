#!/usr/bin/env bats
# fix: pictures that keep the rules, as new pictures or as files.

load lib/imgctl

setup_file()    { cloud_start; }
teardown_file() { cloud_stop; }

local_setup() {
    cloud_reset
    export IMGCTL_HTTP_RETRY_BASE=1
    good=$pictures/lighthouse.jpg
}

# drawn WIDTH HEIGHT FILE - a PNG whose left half is black, and whose right half is noise
# of the seed WIDTH * HEIGHT.
drawn() {
    python3 - "$@" <<'PY'
import random, struct, sys, zlib
w, h = int(sys.argv[1]), int(sys.argv[2])
noise = random.Random(sys.argv[3])
rows = b"".join(b"\0" + bytes(3 * (w // 2)) + noise.randbytes(3 * (w - w // 2))
                for _ in range(h))
def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
open(sys.argv[3], "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR",
    struct.pack(">IIBBBBB", w, h, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows, 1))
    + chunk(b"IEND", b""))
PY
}

# located FILE - the lighthouse with a position in EXIF, and nothing else wrong.
located() {
    python3 - "$good" "$1" <<'PY'
import struct, sys
data = open(sys.argv[1], "rb").read()
tiff = b"MM\0*" + struct.pack(">IH", 8, 1) + struct.pack(">HHII", 0x8825, 4, 1, 26) + bytes(4)
tiff += struct.pack(">H", 2) + struct.pack(">HHI4s", 1, 2, 2, b"N\0\0\0")
tiff += struct.pack(">HHII", 2, 5, 3, 56) + bytes(4) + struct.pack(">6I", 48, 1, 51, 1, 0, 1)
app1 = b"Exif\0\0" + tiff
open(sys.argv[2], "wb").write(data[:2] + b"\xff\xe1" + struct.pack(">H", len(app1) + 2) +
                              app1 + data[2:])
PY
}

# scan FILE - the coded pixels of a JPEG: all from its first scan on.
scan() { python3 -c 'import sys; d = open(sys.argv[1], "rb").read(); sys.stdout.buffer.write(d[d.index(b"\xff\xda"):])' "$1" | sha256sum; }

size_of() { imgctl validate --for bluesky --jsonl "$1" | jq -r 'select(.event == "item") | "\(.format) \(.width)x\(.height)"'; }

upload() { imgctl upload -q --ids --store local "$@" 2>/dev/null; }

@test "a picture of the catalog becomes a new one, derived from it" {
    drawn 1000 2000 tall.png
    upload tall.png --tag sea,autumn --alt 'A tower'
    imgctl business add acme
    expect 0 fix --fit crop --json 1 --tag fixed
    json '.items[0] | .status == "fixed" and .id == 2 and .input == "1" and .output == null
        and .quality == 90 and (.lossless | not) and .results == []'
    json '.items[0].image | .derived_from == 1 and .original_filename == "tall-fixed.jpg"
        and .mime_type == "image/jpeg" and .width == 1000 and .height == 1250
        and .tags == ["autumn", "fixed", "sea"] and .alt_text == "A tower"
        and .storage_provider == "local" and .business_id == 1 and (.ai_generated | not)'
    json '.items[0] | .before == {"mime_type":"image/png","width":1000,"height":2000,
        "file_size_bytes":.before.file_size_bytes} and .after.width == 1000
        and (.plan | startswith("crop to 1000x1250"))'
    expect 0 validate-ig 2
    cmp tall.png <(imgctl get 1 -o -)
    check_catalog
}

@test "the same again is a duplicate; what it made needs nothing" {
    drawn 1000 2000 tall.png
    upload tall.png
    expect 0 fix --fit pad 1
    expect 0 fix --fit pad --json 1
    json '.items[0].status == "duplicate" and .items[0].id == 2'
    expect 0 fix --fit crop --json 2
    json '.items[0] | .status == "skipped" and .id == 2 and .image.id == 2 and .plan == "nothing to do"'
    expect 0 fix --fit crop --json 1
    json '.items[0].status == "fixed" and .items[0].id == 3'
    imgctl delete -q 3
    expect 0 fix --fit crop --json 1
    json '.items[0].status == "restored" and .items[0].id == 3'
    [ "$(imgctl count)" = 3 ]
}

@test "who made it stays known, and its business" {
    imgctl business add acme
    export IMGCTL_GENERATE_PROVIDER=mock
    expect 0 generate 'a red door' --business acme --store local --size 1024x1536
    expect 0 fix --fit pad --background black --json 1
    json '.items[0].image | .ai_generated and .ai_prompt == "a red door" and .derived_from == 1
        and .business_id == 1 and .ai_model != null'
    [ "$(imgctl list --ids --ai --business acme | wc -l)" = 2 ]
}

@test "a ratio needs --fit, or the setting; the hint says so" {
    drawn 1000 2000 tall.png
    expect 7 fix tall.png
    says 'ig.aspect: 1000x2000'
    says '--fit crop, pad, blur or scale'
    expect 0 -c fix.fit=scale fix --json tall.png
    json '.items[0].plan | contains("stretch to 1000x1250")'
    imgctl config fix.fit pad
    imgctl config fix.background '#102030'
    expect 0 fix -n --json tall.png
    json '.items[0] | .status == "planned" and (.plan | contains("pad to 1440x1800"))'
    expect 7 fix --fit none tall.png
}

@test "gravity: what stays" {
    drawn 2400 800 wide.png
    for g in west east center auto; do
        expect 0 fix --fit crop --gravity $g -o $g.png wide.png --for bluesky --ratio 1:1
        [ "$(size_of $g.png)" = 'png 800x800' ]
    done
    # The left half is black: what has detail is at the right.
    [ "$(stat -c %s west.png)" -lt 20000 ]
    [ "$(stat -c %s east.png)" -gt 500000 ]
    [ "$(stat -c %s auto.png)" -gt 500000 ]
    run ! cmp -s west.png center.png
}

@test "every shape: --ratio, --max-width, --max-height, --enlarge, blur, colours" {
    drawn 900 300 w.png
    fixed() { expect 0 fix -f -o out.jpg "$@"; size_of out.jpg; }
    [ "$(fixed --fit pad --ratio 1:1 w.png)" = 'jpeg 900x900' ]
    [ "$(fixed --fit blur --ratio 4:5 w.png)" = 'jpeg 900x1125' ]
    expect 7 fix --fit scale --ratio 1:1 w.png
    says 'ig.width: 300, at least 320'
    [ "$(fixed --fit scale --ratio 1:1 --enlarge w.png)" = 'jpeg 320x320' ]
    [ "$(fixed --fit pad --max-width 764 w.png)" = 'jpeg 764x401' ]
    expect 7 fix --fit pad --max-width 400 w.png
    drawn 200 200 s.png
    expect 7 fix s.png
    says --enlarge
    [ "$(fixed --enlarge s.png)" = 'jpeg 320x320' ]
    expect 0 fix -f --fit pad --background '#f80' -o a.png --for bluesky --ratio 1:1 w.png
    expect 0 fix -f --fit pad --background ff8800 -o b.png --for bluesky --ratio 1:1 w.png
    cmp a.png b.png
    expect 2 fix --background mauve-ish w.png
    says 'no colour'
    expect 2 fix --ratio 4:5..1:1 --fit crop w.png
    expect 2 fix --ratio 4:5 w.png
    expect 2 fix --quality 101 w.png
}

@test "formats: asked for, of the name, and what the profile refuses" {
    drawn 800 800 s.png
    expect 0 fix --for bluesky -o s.webp s.png
    [ "$(size_of s.webp)" = 'webp 800x800' ]
    expect 0 fix --for bluesky --as jpeg -o x.jpg s.png
    expect 0 fix --for bluesky --format jpeg -f -o x.jpg s.png
    [ "$(size_of x.jpg)" = 'jpeg 800x800' ]
    expect 7 fix --as webp s.png
    says 'does not take image/webp'
    upload s.png
    run --separate-stderr imgctl fix --as jpeg --format '{id} {width}\n' 1
    [ "$output" = '2 800' ]
}

@test "bytes: the quality goes down until they fit; --quality is the most" {
    drawn 1000 1000 n.png
    expect 0 fix --max-bytes 300K --json -o small.jpg n.png
    json '.items[0] | .after.file_size_bytes <= 307200 and .quality < 90 and .quality >= 60'
    expect 0 fix --quality 95 --json -o q95.jpg n.png
    json '.items[0].quality == 95'
    expect 0 fix --quality 50 --json -o q50.jpg "$good"
    json '.items[0].quality == 50'
    [ "$(stat -c %s q50.jpg)" -lt "$(stat -c %s "$good")" ]
}

@test "only metadata goes: the pixels are the same bytes" {
    located here.jpg
    expect 0 fix --json -o out.jpg here.jpg
    json '.items[0] | .lossless and .quality == null and .plan == "take out the position"'
    [ "$(scan here.jpg)" = "$(scan out.jpg)" ]
    imgctl validate-ig --json out.jpg | jq -e '.items[0].results == []'
    run ! cmp -s here.jpg out.jpg
    expect 0 fix --strip none --json -o same.jpg here.jpg
    json '.items[0].status == "skipped"'
    cmp here.jpg same.jpg
    expect 0 fix --strip all -f -o all.jpg here.jpg
    [ "$(scan here.jpg)" = "$(scan all.jpg)" ]
    absent Exif all.jpg
    for what in all gps; do
        expect 0 fix --strip $what -f -o clean.jpg --json all.jpg
        json '.items[0].status == "skipped"'
        cmp all.jpg clean.jpg
        expect 0 fix -n --strip $what --json all.jpg
        json '.items[0] | .status == "skipped" and .plan == "nothing to do"'
    done
    expect 0 fix -n --strip gps --json here.jpg
    json '.items[0] | .status == "planned" and .after == null'
    # A position in a second picture of the file.
    cat "$good" "$pictures/located.jpg" >two.jpg
    expect 0 fix --strip gps -o one.jpg --json two.jpg
    json '.items[0].lossless'
    absent '54,25' one.jpg
}

@test "what needs nothing is copied byte for byte, and not stored" {
    expect 0 fix --json "$good"
    json '.items[0].status == "skipped" and .items[0].id == null and .summary.skipped == 1'
    [ "$(imgctl count)" = 0 ]
    expect 0 fix -o copy.jpg "$good"
    cmp copy.jpg "$good"
    mkdir out
    expect 0 fix -o out "$good"
    cmp out/lighthouse.jpg "$good"
    expect 0 fix -o - "$good"
    imgctl fix -o - "$good" | cmp - "$good"
}

@test "the orientation is in the pixels afterwards" {
    expect 0 fix --enlarge --fit pad --json -o up.jpg "$pictures/located.jpg"
    json '.items[0] | .before.width == 200 and .before.height == 300 and (.plan | startswith("turn upright"))
        and .after.height > .after.width and .results == []'
    imgctl validate-ig --json up.jpg | jq -e '.items[0] | .orientation == 1 and .results == []'
}

@test "-o: whole or not at all, never the original, nothing replaced unasked" {
    drawn 1000 1000 a.png
    cp a.png before
    expect 2 fix --for bluesky --as jpeg -f -o a.png a.png
    says original
    ln a.png link.png
    expect 2 fix --for bluesky --quality 50 --as jpeg -f -o link.png a.png
    cmp a.png before
    echo old >out.jpg
    expect 2 fix -o out.jpg a.png
    says --force
    [ "$(cat out.jpg)" = old ]
    expect 0 fix -f -o out.jpg a.png
    [ "$(size_of out.jpg)" = 'jpeg 1000x1000' ]
    [ "$(stat -c %a out.jpg)" = 644 ]
    mkdir one two out
    cp a.png one/p.png
    drawn 900 900 two/p.png
    expect 3 fix -o out/ one/p.png two/p.png
    says 'just written'
    [ "$(size_of out/p-fixed.jpg)" = 'jpeg 1000x1000' ]
    expect 2 fix -o missing/ a.png
    says 'mkdir -p missing'
    (umask 077 && imgctl fix -o private.jpg a.png)
    [ "$(stat -c %a private.jpg)" = 600 ]
    expect 2 fix -o b.jpg one/p.png two/p.png
    [ -z "$(find . -name '.imgctl-*')" ]
    [ ! -e "$(catalog)" ]
}

@test "-n prints the plan and changes nothing, nor makes a catalog" {
    drawn 1000 2000 tall.png
    expect 0 fix -n --fit crop tall.png
    prints 'crop to 1000x1250, encode as JPEG'
    [ ! -e "$(catalog)" ]
    upload tall.png
    expect 0 fix -n --fit crop --json 1 -o out.jpg
    json '.summary.dry_run and .items[0].status == "planned" and .items[0].after == null'
    [ ! -e out.jpg ]
    [ "$(imgctl count)" = 1 ]
}

@test "standard input: a picture, or a list" {
    drawn 1000 2000 tall.png
    imgctl fix --fit crop - -o - <tall.png >out.jpg
    [ "$(size_of out.jpg)" = 'jpeg 1000x1250' ]
    upload tall.png
    run --separate-stderr imgctl fix --fit crop --ids - <<<1
    [ "$output" = 2 ]
    run --separate-stderr imgctl fix --fit crop --json - --name tower.jpg --store local <tall.png
    json '.items[0].input == "-" and .items[0].status == "duplicate" and .items[0].id == 2'
}

@test "a carousel gets the ratio of its first picture" {
    drawn 1000 800 1.png
    drawn 1000 2000 2.png
    drawn 1200 900 3.png
    mkdir out
    expect 0 fix --carousel --fit crop -o out/ 1.png 2.png 3.png
    for i in 1 2 3; do
        w=$(size_of out/$i-fixed.jpg)
        w=${w#* }
        [ $((${w%x*} * 4 - ${w#*x} * 5)) -lt 5 ]
        [ $((${w#*x} * 5 - ${w%x*} * 4)) -lt 5 ]
    done
    run imgctl validate-ig --carousel out/*
    [ "$status" = 0 ]
    [[ $output != *carousel.aspect* ]]
    expect 3 fix --carousel 1.png 3.png
    says carousel.aspect
    expect 7 fix --carousel --fit crop 1.png
    says '2 to 10'
    expect 2 fix --carousel --for instagram-story 1.png 3.png
}

@test "results come in input order; what fails does not stop the others" {
    names=()
    for i in 1 2 3 4 5 6 7 8 9; do
        drawn $((1500 - i * 100)) $((1000 - i * 50)) p$i.png
        names+=("p$i.png")
    done
    echo no picture >p5.png
    expect 3 fix --fit pad --enlarge --json "${names[@]}" 99 "$good"
    json '[.items[].input][0:9] == ["p1.png","p2.png","p3.png","p4.png","p5.png","p6.png","p7.png","p8.png","p9.png"]'
    json '[.items[].status] == ["fixed","fixed","fixed","fixed","failed","fixed","fixed","fixed","fixed","failed","skipped"]'
    json '.items[9].error.code == "catalog.not_found" and .summary.failed == 2'
    expect 7 fix p5.png
    expect 6 fix missing.png
    expect 6 fix 99
    expect 2 fix
    expect 2 fix --for nonsense p1.png
}

@test "kill -9 at many moments, then again: each once" {
    names=()
    for i in 1 2 3 4 5 6; do
        drawn $((1600 + i)) 1200 p$i.png
        names+=("p$i.png")
    done
    upload "${names[@]}"
    for n in 05 1 15 2 25 3; do
        imgctl fix --max-width 600 -q 1 2 3 4 5 6 >/dev/null 2>&1 &
        pid=$!
        sleep "0.$n"
        kill -9 $pid 2>/dev/null || true
        wait $pid 2>/dev/null || true
    done
    expect 0 fix --max-width 600 -q 1 2 3 4 5 6
    [ "$(imgctl count)" = 12 ]
    [ "$(sql 'SELECT count(DISTINCT derived_from) FROM images')" = 6 ]
    check_catalog
    expect 0 verify
}

@test "a decoder that dies is one picture that failed" {
    if imgctl doctor | grep -q 'cannot confine'; then
        skip "this build or kernel decodes in the process itself"
    fi
    names=()
    for i in 1 2 3 4 5 6; do
        drawn 4000 $((2400 + i)) p$i.png
        names+=("p$i.png")
    done
    imgctl fix --json "${names[@]}" >out 2>err &
    pid=$!
    killed=0
    while [ $killed -lt 2 ] && kill -0 $pid 2>/dev/null; do
        child=$(pgrep -P $pid | head -1) || continue
        kill -SEGV "$child" 2>/dev/null && killed=$((killed + 1))
    done
    code=0
    wait $pid || code=$?
    # One that dies between two pictures costs none.
    jq -e --argjson code "$code" '.summary.failed <= 2
        and .summary.fixed + .summary.failed == 6
        and $code == (if .summary.failed > 0 then 3 else 0 end)' out
    jq -e '[.items[] | select(.status == "failed") | .error.code]
        - ["image.corrupt"] == []' out
    check_catalog
}

@test "a full disk: a clear error, nothing half made" {
    drawn 1500 1500 a.png
    mkdir small
    mount -t tmpfs -o size=40k tmpfs small || skip "no mount here"
    run --separate-stderr imgctl fix -o small/ a.png
    left=$(find small -type f | wc -l)
    umount small
    [ "$status" != 0 ]
    says 'space'
    [ "$left" = 0 ]
}

@test "a picture at Cloudinary stays there: fetched, repaired, sent" {
    cloud_here 2>/dev/null || true
    drawn 1000 2000 tall.png
    expect 0 upload -q tall.png --store cloudinary
    expect 0 fix --fit crop --json 1
    json '.items[0].image | .storage_provider == "cloudinary" and .derived_from == 1
        and (.cloudinary_public_id | contains("tall-fixed"))'
    expect 0 fix --fit crop --json 1
    json '.items[0].status == "duplicate"'
    [ "$(cloud_count assets)" = 2 ]
    upload "$good"
    drawn 2000 900 wide.png
    upload wide.png
    expect 0 fix --fit pad --json 4 1
    json '[.items[].image.storage_provider] == ["local", "cloudinary"]'
    [ -z "$(cloud_violations)" ]
}

@test "Ctrl-C ends it also where another store would follow" {
    drawn 1000 2000 tall.png
    drawn 1000 2001 taller.png
    imgctl upload -q tall.png --store cloudinary
    imgctl upload -q taller.png --store local
    cloud_set delay 2000
    env --default-signal=INT imgctl fix --fit crop --json 1 2 >out 2>err &
    pid=$!
    cloud_wait uploads 2
    kill -INT $pid
    code=0
    wait $pid || code=$?
    [ "$code" = 130 ]
    grep -q 'interrupted: 1 of 2' err
    jq -e '[.items[].status] == ["fixed", "skipped"]' out
    [ "$(imgctl count)" = 3 ]
    check_catalog
}

@test "every picture of the corpus, in every way, is valid afterwards" {
    need_corpus
    i=0
    while IFS=$'\t' read -r file rest; do
        [[ $file == valid/* && -f $shared/corpus/$file ]] || continue
        i=$((i + 1))
        mkdir -p in
        cp "$shared/corpus/$file" "in/$i-$(basename "$file")"
    done <"$shared/corpus/MANIFEST.tsv"
    [ $i -gt 100 ]
    for fit in crop pad blur scale; do
        mkdir "$fit"
        expect 3 fix --strict --enlarge --fit $fit --json -o "$fit/" in/*
        # What nobody can read is not repaired: 12 bits, lossless JPEG, Apple's PNG, ...
        json '[.items[] | select(.status == "failed") | .error.code]
            | length < 10 and all(startswith("image."))'
        [ "$(find $fit -type f | wc -l)" = "$(json '.summary.fixed + .summary.skipped')" ]
        run imgctl validate-ig --strict -q $fit/*
        [ "$status" = 0 ]
    done
}
