#!/usr/bin/env bats
# upload into the local store: what is taken, what is refused, what is known.

load lib/imgctl

@test "a JPEG, a PNG and a WebP are stored, cataloged and intact" {
    expect 0 upload --json "$pictures/lighthouse.jpg" "$pictures/lighthouse.png" "$pictures/lighthouse.webp"
    json '.schema == 1 and .summary.uploaded == 3 and .summary.exit_code == 0'
    [ "$(json '[.items[].status] | unique | .[]')" = uploaded ]
    [ "$(json '[.items[].image.mime_type] | join(" ")')" = "image/jpeg image/png image/webp" ]
    [ "$(json '[.items[].image | "\(.width)x\(.height)"] | join(" ")')" = "1200x800 300x200 600x400" ]
    for i in 1 2 3; do
        path=$(imgctl list --urls --sort id --reverse | sed -n "${i}s,file://,,p")
        [ "$(sha256sum <"$path" | cut -d' ' -f1)" = "$(basename "$path" | cut -d. -f1)" ]
        [ "$(stat -c %a "$path")" = 600 ]
    done
    check_catalog
}

@test "a new folder of the store is synced into its parent before the picture is known" {
    command -v strace >/dev/null || skip "no strace"
    ASAN_OPTIONS=detect_leaks=0 strace -f -y -e trace=mkdir,fsync -o calls imgctl upload -q "$pictures/lighthouse.jpg"
    new=$(sed -n 's/.*mkdir("\([^"]*\/store\/[0-9a-f][0-9a-f]\)".*/\1/p' calls)
    [ -n "$new" ]
    sed -n "\,mkdir(\"$new\",,\$p" calls | grep -q "fsync([0-9]*<${new%/*}>)"
}

@test "the sixteen columns come first, by name and in order" {
    expect 0 upload --json "$pictures/lighthouse.jpg"
    [ "$(json '.items[0].image | keys_unsorted[0:16] | join(" ")')" = "id business_id \
original_filename storage_provider storage_url cloudinary_public_id file_size_bytes mime_type \
width height ai_generated ai_prompt ai_model created_at updated_at deleted_at" ]
    [ "$(sql "SELECT group_concat(name,' ') FROM (SELECT name FROM pragma_table_info('images') LIMIT 16)")" = "id business_id \
original_filename storage_provider storage_url cloudinary_public_id file_size_bytes mime_type \
width height ai_generated ai_prompt ai_model created_at updated_at deleted_at" ]
    [ "$(json '.items[0].image.cloudinary_public_id')" = null ] || true
    json '.items[0].image | .cloudinary_public_id == null and .ai_generated == false'
    [[ $(json '.items[0].image.created_at') =~ ^20[0-9-]{8}T[0-9:]{8}\.[0-9]{3}Z$ ]]
}

@test "the content decides the type, not the name" {
    cp "$pictures/lighthouse.png" photo.jpg
    expect 0 upload --json photo.jpg
    [ "$(json '.items[0].image.mime_type')" = image/png ]
    printf '<html>\n' >page.jpg
    expect 7 upload page.jpg
    says "page.jpg: "
    says "HTML"
}

@test "orientation: width and height are as seen" {
    expect 0 upload --json "$pictures/located.jpg"
    [ "$(json '.items[0].image | "\(.width)x\(.height)"')" = 200x300 ]
}

@test "duplicates: in one batch, and against the catalog" {
    cp "$pictures/lighthouse.jpg" copy.jpg
    expect 0 upload --json "$pictures/lighthouse.jpg" copy.jpg
    [ "$(json '[.items[].status] | join(" ")')" = "uploaded duplicate" ]
    [ "$(json '.items[1].id')" = 1 ]
    expect 0 upload copy.jpg
    prints duplicate
    [ "$(imgctl count)" = 1 ]
}

@test "the same picture may be in two businesses, stored once" {
    imgctl upload -q "$pictures/lighthouse.jpg" >/dev/null
    imgctl business add acme
    expect 0 upload --business acme --json "$pictures/lighthouse.jpg"
    [ "$(json '.items[0].status')" = uploaded ]
    [ "$(imgctl count)" = 2 ]
    [ "$(find "$HOME/.local/share/imgctl/store" -type f | wc -l)" = 1 ]
}

@test "one that fails does not stop the others: exit 3" {
    head -c 5000 "$pictures/lighthouse.jpg" >cut.jpg
    expect 3 upload --json cut.jpg "$pictures/lighthouse.jpg" missing.jpg
    [ "$(json '[.items[].status] | join(" ")')" = "failed uploaded failed" ]
    [ "$(json '.items[0].error.code')" = image.corrupt ]
    json '.items[0].error.message | contains("truncated")'
    [ "$(imgctl count)" = 1 ]
}

@test "all failed for one reason: its code" {
    expect 6 upload missing.jpg gone.png
    head -c 5000 "$pictures/lighthouse.jpg" >cut.jpg
    expect 7 upload cut.jpg
    expect 3 upload cut.jpg missing.jpg
}

@test "nothing to upload is wrong usage" {
    expect 2 upload
    says "nothing to upload"
}

@test "too many bytes, too many pixels" {
    expect 7 upload -c upload.max_bytes=100K "$pictures/lighthouse.jpg"
    says "101 KB, at most 100 KB"
    expect 7 upload --max-pixels 1000 "$pictures/lighthouse.jpg"
    says "1200"
    [ "$(imgctl count)" = 0 ]
}

@test "-r takes pictures below a folder, sorted; hidden and other files stay out" {
    mkdir -p box/b/c box/.git
    for f in box/z.jpg box/b/a.JPG box/b/c/d.jpeg box/.git/x.jpg box/.y.jpg; do fresh_picture "$f"; done
    echo text >box/notes.txt
    expect 0 upload -r box --json
    [ "$(json '[.items[].input] | join(" ")')" = "box/b/a.JPG box/b/c/d.jpeg box/z.jpg" ]
}

@test "-r with --include and --exclude" {
    for f in box/a.jpg box/b.jpg box/old/c.jpg; do fresh_picture "$f"; done
    fresh_picture box/d.picture
    expect 0 upload -r box --include '*.picture' --include 'a*' --json
    [ "$(json '[.items[].input] | join(" ")')" = "box/a.jpg box/d.picture" ]
    expect 0 upload -n -r box --exclude old --exclude 'a.*' --json
    [ "$(json '[.items[].input] | join(" ")')" = "box/b.jpg" ]
}

@test "a folder without -r says what to do" {
    mkdir box
    expect 6 upload box
    says "a folder"
    says "imgctl upload -r"
}

@test "a picture on standard input" {
    expect 0 upload --json --name tower.jpg - <"$pictures/lighthouse.jpg"
    [ "$(json '.items[0].image.original_filename')" = tower.jpg ]
    expect 7 upload - </dev/null
    says "empty"
    head -c 11000000 /dev/zero >big
    expect 7 upload - <big
    says "larger than 10"
}

@test "one signal ends the wait for standard input, of one input and of several" {
    mkfifo slow
    for more in "" "$pictures/lighthouse.png"; do
        imgctl upload --store local - ${more:+"$more"} <slow >/dev/null 2>&1 &
        pid=$!
        exec 8>slow
        head -c 300000 /dev/zero >&8 # more than a pipe holds: it is being read
        kill -TERM $pid
        timeout 30 tail --pid=$pid -f /dev/null
        exec 8>&-
        code=0
        wait $pid || code=$?
        [ "$code" = 143 ]
    done
    [ "$(imgctl count)" = 0 ]
}

@test "--jsonl in a pipe: what failed has no id, the others go on" {
    imgctl upload --jsonl "$pictures/lighthouse.jpg" none.jpg 2>/dev/null >items || true
    expect 0 url - <items
    [[ $output == file://* ]]
    expect 2 url - <<<'{"name": "x"}'
    says "without an id"
}

@test "--files-from: nothing but a byte order mark; a line without an end" {
    printf '\xef\xbb\xbf' >mark
    expect 0 upload --files-from mark
    # Under a sanitizer nothing starts with so little.
    if (ulimit -v 1000000; imgctl version >/dev/null 2>&1); then
        ulimit -v 1000000
    fi
    expect 2 upload --files-from /dev/zero
    says "longer than"
    expect 2 show - </dev/zero
    says "longer than"
}

@test "a limit of file sizes is an error like a full disk, not a death" {
    ulimit -f 64 # KB; under a sanitizer or valgrind, too
    expect 10 upload --store local "$pictures/lighthouse.jpg"
    [ -n "$stderr" ]
}

@test "-r: what cannot be looked at is an error, not left out" {
    mkdir box
    cp "$pictures/lighthouse.jpg" box/a.jpg
    name=$(printf 'd%.0s' {1..200})
    (
        cd box || exit
        for _ in {1..20}; do
            mkdir "$name" && cd "$name" || exit
        done
        cp "$pictures/lighthouse.png" "$name.png"
    )
    expect 6 upload -r box
    says "cannot look at"
}

@test "--files-from, with newlines and with NULs" {
    fresh_picture a.jpg
    fresh_picture $'b\nc.jpg'
    printf 'a.jpg\n\n' >list
    expect 0 upload --files-from list --json
    [ "$(json '.items | length')" = 1 ]
    expect 0 upload -0 --files-from - --json < <(printf 'a.jpg\0b\nc.jpg\0')
    [ "$(json '[.items[].status] | join(" ")')" = "duplicate uploaded" ]
    expect 2 upload - --files-from - </dev/null
    says "one thing only"
}

@test "tags and alt text; a duplicate takes new ones" {
    expect 0 upload --json --tag b,a --tag 'c d' --alt "a tower" "$pictures/lighthouse.jpg"
    [ "$(json '.items[0].image.tags | join("|")')" = "a|b|c d" ]
    expect 0 upload --json --tag e --alt "a lighthouse" "$pictures/lighthouse.jpg"
    [ "$(json '.items[0].status')" = duplicate ]
    [ "$(json '.items[0].image.tags | join("|")')" = "a|b|c d|e" ]
    [ "$(json '.items[0].image.alt_text')" = "a lighthouse" ]
    [ "$(imgctl count --tag e --tag a)" = 1 ]
}

@test "--dry-run changes nothing and makes nothing" {
    expect 0 upload -n --json "$pictures/lighthouse.jpg" "$pictures/lighthouse.jpg"
    [ "$(json '[.items[].status] | join(" ")')" = "planned duplicate" ]
    json '.summary.dry_run'
    [ ! -e "$HOME/.local" ]
    imgctl upload -q "$pictures/lighthouse.jpg" >/dev/null
    before=$(sha256sum "$(catalog)")
    expect 0 upload -n --json "$pictures/lighthouse.jpg" "$pictures/lighthouse.png"
    [ "$(json '[.items[].status] | join(" ")')" = "duplicate planned" ]
    [ "$(sha256sum "$(catalog)")" = "$before" ]
}

@test "uploading a deleted picture brings it back" {
    imgctl upload -q "$pictures/lighthouse.jpg" >/dev/null
    imgctl delete -q 1 >/dev/null
    expect 0 upload --json "$pictures/lighthouse.jpg"
    [ "$(json '.items[0].status')" = restored ]
    [ "$(imgctl count)" = 1 ]
}

@test "--force also takes the tags and the text that are said with it" {
    imgctl upload -q --tag old "$pictures/lighthouse.jpg"
    expect 0 upload --force --json --tag new --alt "a tower" "$pictures/lighthouse.jpg"
    [ "$(json '.items[0].image | .tags + [.alt_text] | join(",")')" = "new,old,a tower" ]
    [ "$(imgctl show 1 --json | jq -c '.[0].tags')" = '["new","old"]' ]
}

@test "--force stores again what was lost, under its old id" {
    imgctl upload -q "$pictures/lighthouse.jpg" >/dev/null
    find "$HOME/.local/share/imgctl/store" -name '*.jpg' -delete
    expect 10 get -o out.jpg 1
    says "upload"
    expect 0 upload --force --json "$pictures/lighthouse.jpg"
    [ "$(json '.items[0].id')" = 1 ]
    expect 0 get -o out.jpg 1
    cmp out.jpg "$pictures/lighthouse.jpg"
}

@test "--strip gps takes the position out and leaves all else" {
    expect 0 upload --strip gps --json "$pictures/located.jpg"
    path=$(json '.items[0].image.storage_url' | sed 's,file://,,')
    grep -q "A. Keeper" "$path"
    absent "54,25" "$path"
    cp "$pictures/located.jpg" again.jpg
    expect 0 upload --strip all --json again.jpg
    path=$(json '.items[0].image.storage_url' | sed 's,file://,,')
    absent "A. Keeper" "$path"
    [ "$(json '.items[0].image | "\(.width)x\(.height)"')" = 200x300 ]
    expect 0 upload --json again.jpg
    [ "$(json '.items[0].status')" = uploaded ]
    # Also where only a second picture in the file has one, as after a gain map.
    cat "$pictures/lighthouse.jpg" "$pictures/located.jpg" >two.jpg
    expect 0 upload --strip gps --json two.jpg
    path=$(json '.items[0].image.storage_url' | sed 's,file://,,')
    grep -q "A. Keeper" "$path"
    absent "54,25" "$path"
}

@test "pipes, devices and sockets are refused at once" {
    mkfifo pipe.jpg
    expect 6 upload pipe.jpg
    says "a pipe"
    expect 6 upload /dev/zero
    says "a device"
}

@test "names of any bytes are uploaded, cataloged and shown safely" {
    need_corpus
    tail -n +2 "$shared/corpus/hostile/names.tsv" | while IFS=$'\t' read -r id name _; do
        printf -v file '%b' "$name"
        case $id in dash | slash* | *long* | nul* | empty | dot | dotdot) continue ;; esac
        [[ $file == */* || -z $file ]] && continue
        { cat "$pictures/lighthouse.jpg"; echo "$id"; } >"./$file" 2>/dev/null || continue
        run --separate-stderr imgctl upload --jsonl -- "./$file"
        [ "$status" -eq 0 ] || { echo "$id: $status $stderr"; exit 1; }
        [ "$(head -n 1 <<<"$output" | jq -r .status)" = uploaded ]
        [ "$(sql 'SELECT count(*) FROM images' | cat)" -gt 0 ]
        COLUMNS=100 imgctl list | LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]' && { echo "$id: control bytes"; exit 1; }
        imgctl list --all --json | jq -e . >/dev/null
    done
    [ "$(imgctl count)" -gt 30 ]
}

@test "every picture of the corpus is taken or refused with a reason, none crashes" {
    need_corpus
    run --separate-stderr imgctl upload --jsonl --max-bytes 200M -r --include '*' "$shared/corpus/valid" \
        "$shared/corpus/corrupt" "$shared/corpus/hostile"
    [ "$status" -eq 3 ]
    jq -es '.[-1].uploaded > 150 and .[-1].failed > 60' <<<"$output"
    jq -es '[.[] | select(.status == "failed") | .error.code] | unique - ["image.corrupt","image.limit","image.unsupported"] | length == 0' <<<"$output"
    check_catalog
}

@test "an unknown business is 6 with the nearest name" {
    imgctl business add acme
    expect 6 upload --business acne "$pictures/lighthouse.jpg"
    says acme
    [ "$(imgctl count)" = 0 ]
}

@test "results for scripts: --ids, --urls, --format, -0, TSV on a pipe" {
    expect 0 upload -q --ids "$pictures/lighthouse.jpg"
    [ "$output" = 1 ]
    [ -z "$stderr" ]
    expect 0 upload -q --urls "$pictures/lighthouse.jpg"
    [[ $output == file:///*.jpg ]]
    expect 0 upload -q --format '{id}\t{{{width}}\n' "$pictures/lighthouse.jpg"
    [ "$output" = $'1\t{1200}' ]
    [ "$(imgctl upload -q --ids -0 "$pictures/lighthouse.jpg" | od -An -c | tr -d ' ')" = '1\0' ]
    expect 0 upload "$pictures/lighthouse.png"
    [ "$(cut -f1,3 <<<"$output")" = $'2\tuploaded' ]
}
