#!/usr/bin/env bats
# list, show, count: search, filters, order, pages and formats.

load lib/imgctl

local_setup() {
    imgctl upload -q --tag summer,sea --alt "red tower" "$pictures/lighthouse.jpg" >/dev/null
    imgctl business add acme >/dev/null
    imgctl upload -q --business acme --tag summer "$pictures/lighthouse.png" >/dev/null
    imgctl upload -q "$pictures/lighthouse.webp" >/dev/null
    imgctl upload -q --name "50%_off.jpg" "$pictures/located.jpg" >/dev/null
    sql "UPDATE images SET ai_generated=1, ai_prompt='A lighthouse at dusk, wide', ai_model='m' WHERE id=3"
    sql "UPDATE images SET created_at='2026-03-01T12:00:00.000Z' WHERE id=1"
}

ids() { imgctl list --ids "$@" | paste -sd' '; }

@test "newest first; @1 is the newest" {
    [ "$(ids)" = "4 3 2 1" ]
    [ "$(imgctl show @1 --json | jq -r '.[0].id')" = 4 ]
    [ "$(imgctl show @4 --json | jq -r '.[0].id')" = 1 ]
    expect 6 show @5
}

@test "search: file name, prompt, alt text, tags; plain text; any case" {
    [ "$(ids --search LIGHTHOUSE)" = "3 2 1" ]
    [ "$(ids --search 'at dusk')" = "3" ]
    [ "$(ids --search 'RED T')" = "1" ]
    [ "$(ids --search summ)" = "2 1" ]
    [ "$(ids --search '50%_o')" = "4" ]
    [ "$(ids --search '%')" = "4" ]
    [ "$(ids --search 'x_o')" = "" ]
    [ "$(ids --search 'NOT OR "*')" = "" ]
    [ "$(ids --search we)" = "3 1" ]
}

@test "each filter" {
    [ "$(ids --ai)" = "3" ]
    [ "$(ids --uploaded)" = "4 2 1" ]
    [ "$(ids --business acme)" = "2" ]
    [ "$(ids --store local)" = "4 3 2 1" ]
    [ "$(ids --store cloudinary)" = "" ]
    [ "$(ids --tag summer)" = "2 1" ]
    [ "$(ids --tag summer --tag sea)" = "1" ]
    [ "$(ids --created ..2026-03-01)" = "1" ]
    [ "$(ids --created -1d..)" = "4 3 2" ]
    [ "$(ids --width 600..)" = "3 1" ]
    [ "$(ids --height ..200)" = "2" ]
    [ "$(ids --width 1200)" = "1" ]
    [ "$(ids --ratio ..1)" = "4" ]
    [ "$(ids --ratio 3:2)" = "3 2 1" ]
    [ "$(ids --bytes 50K..)" = "2 1" ]
    [ "$(ids --search light --width 600.. --uploaded)" = "1" ]
    imgctl delete -q 2 >/dev/null
    [ "$(ids)" = "4 3 1" ]
    [ "$(ids --deleted)" = "2" ]
}

@test "count agrees with list" {
    for filter in "" "--ai" "--tag summer" "--search light" "--width 600.." "--business acme" "--deleted" "--search we"; do
        # shellcheck disable=SC2086
        [ "$(imgctl count $filter)" = "$(imgctl list --all --ids $filter | grep -c .)" ]
    done
}

@test "order and its reverse" {
    [ "$(ids --sort name)" = "4 1 2 3" ]
    [ "$(ids --sort bytes)" = "1 2 3 4" ]
    [ "$(ids --sort bytes --reverse)" = "4 3 2 1" ]
    [ "$(ids --sort id --reverse)" = "1 2 3 4" ]
    [ "$(ids --sort created --reverse | cut -c1)" = "1" ]
}

@test "pages are complete and disjoint, and JSON says where we are" {
    expect 0 list --json --page-size 3 --page 2
    json '.total == 4 and .page == 2 and .page_size == 3 and .total_pages == 2'
    [ "$(json '.images[0].id')" = 1 ]
    [ "$(ids --page-size 3) $(ids --page-size 3 --page 2)" = "4 3 2 1" ]
    expect 0 list --json --page 9
    json '.images == [] and .total == 4'
    expect 0 list --json --all
    json '(.images | length == 4) and (has("page") | not)'
    expect 2 list --page-size 101
    expect 2 list --page 0
}

@test "jsonl, csv, tsv, fields, template, NUL" {
    imgctl list --jsonl | jq -es 'length == 4'
    [ "$(imgctl list --csv --fields id,original_filename | sed -n 2p)" = $'4,50%_off.jpg\r' ]
    [ "$(imgctl list --tsv --fields id,tags --tag sea)" = $'1\tsea,summer' ]
    [ "$(imgctl list --format '{id}:{tags}' --tag sea)" = "1:sea,summer" ]
    [ "$(imgctl list --csv --fields tags --tag sea | tail -n 1)" = $'"sea,summer"\r' ]
    # By itself it reads less, but nothing that it prints.
    all=$(imgctl list --csv)
    [ "$all" = "$(imgctl list --csv --fields "$(sed -n '1s/\r//p' <<<"$all")")" ]
    [ "$(imgctl list --format '{id}:{mime_type};' --search light)" = "3:image/webp;2:image/png;1:image/jpeg;" ]
    [ "$(imgctl list --ids -0 | tr '\0' ,)" = "4,3,2,1," ]
    expect 2 list --json --csv
    expect 2 list --fields id,nme
    says name
    expect 2 list --format '{nope}'
    expect 2 list --format '{id'
    expect 2 list --format "{id}\\"
    says 'nothing follows'
    expect 2 list --format '{id}\x'
    says '\x is not known'
    expect 2 count --ai --uploaded
    expect 2 list --sort nothing
    says created
}

@test "a spreadsheet does not run what a name says" {
    imgctl upload -q --name '=cmd|x.jpg' --tag t "$pictures/lighthouse.jpg" >/dev/null
    sql "UPDATE images SET original_filename='=1+1,\"x\"' WHERE id=1"
    [ "$(imgctl list --csv --fields original_filename --tag sea | tail -n 1)" = $'"\'=1+1,""x"""\r' ]
}

@test "wrong usage is 2, an unknown business 6" {
    expect 2 list --ai --uploaded
    expect 2 list --width x
    expect 2 list --width 5..3
    expect 6 list --business acm
    says acme
    expect 6 list --fail-if-empty --tag none
    expect 0 list --tag none
}

@test "before the first upload: empty, and nothing is made" {
    rm -rf "$HOME/.local"
    expect 0 list --json
    json '.images == [] and .total == 0 and .total_pages == 0'
    [ "$(imgctl count)" = 0 ]
    [ ! -e "$HOME/.local" ]
}

@test "ten thousand rows to a closed pipe end quietly" {
    rm "$(catalog)"
    imgctl business add x >/dev/null
    "$BATS_TEST_DIRNAME/bench/catalog-fill" "$(catalog)" 10000
    for format in --json --jsonl --tsv --csv; do
        run --separate-stderr bash -c "imgctl list --all $format | head -n 1 >/dev/null; exit \${PIPESTATUS[0]}"
        [ "$status" -eq 141 ] || [ "$status" -eq 0 ]
        [ -z "$stderr" ]
    done
    [ "$(imgctl list --all --jsonl | wc -l)" = "$(imgctl count)" ]
}

@test "on a terminal: a table that fits; on a pipe: no header" {
    run script -qec "COLUMNS=70 imgctl --no-links list" /dev/null
    [[ $output == *"ID"*"NAME"* ]]
    while IFS= read -r line; do
        [ "${#line}" -le 80 ] || { echo "${#line}: $line"; return 1; } # with bold and CR
    done <<<"$output"
    [ "$(imgctl list | wc -l)" = 4 ]
    [ "$(imgctl list | head -n 1 | awk -F'\t' '{print NF}')" = 11 ]
}

@test "a terminal acts on nothing that a name has, in no format; a pipe gets it as it is" {
    imgctl upload -q --store local --name $'a\e[31mb.png' - <"$pictures/lighthouse.png" -f >/dev/null
    for format in --csv "--format {original_filename}" "--tsv" "--jsonl"; do
        # shellcheck disable=SC2086 # two words
        run script -qec "imgctl --no-links list --search 31mb $format" /dev/null
        [[ $output == *31mb.png* && $output != *$'\e'* ]]
    done
    [ "$(imgctl list --search 31mb --format '{original_filename}')" = $'a\e[31mb.png' ]
    [[ $(imgctl list --search 31mb --csv) == *$'a\e[31mb.png'* ]]
}

@test "ids on standard input end with newlines or with NULs" {
    [ "$(imgctl list --ids -0 | imgctl show -0 --ids - | tr '\0' ,)" = "4,3,2,1," ]
    [ "$(imgctl list --ids -0 | imgctl show --ids - | tr '\n' ,)" = "4,3,2,1," ]
    [ "$(imgctl list --ids | imgctl show -0 --ids - | tr '\0' ,)" = "4,3,2,1," ]
    expect 0 delete --yes -0 -q - < <(imgctl list --ids -0 --page-size 2)
    [ "$(imgctl count)" = 2 ]
    cp "$pictures/lighthouse.jpg" $'new\nline.jpg'
    expect 0 validate-ig --json - < <(printf 'new\nline.jpg\0')
    json '.items[0].input == "new\nline.jpg"'
}

@test "show: an array, for one, for several, for none of them" {
    expect 0 show 1 --json
    json 'type == "array" and length == 1'
    expect 0 show 1 2 --json
    json 'map(.id) == [1,2]'
    expect 3 show 1 99 --json
    json 'map(.id) == [1]'
    expect 6 show 99
    expect 2 show x
    expect 2 show
    expect 0 show - --jsonl < <(printf '2\n{"id":1}\n')
    [ "$(jq -r .id <<<"$output" | paste -sd' ')" = "2 1" ]
}

@test "ids flow from list and work commands into others" {
    imgctl list --ids --tag summer | imgctl delete -q --yes - >/dev/null
    [ "$(ids --deleted)" = "2 1" ]
    imgctl list --deleted --jsonl | imgctl restore -q - >/dev/null
    [ "$(imgctl count)" = 4 ]
}

@test "rows from the old system: sixteen columns by hand" {
    sql "INSERT INTO images(business_id,original_filename,storage_provider,storage_url,cloudinary_public_id,
         file_size_bytes,mime_type,width,height,ai_generated,created_at)
         VALUES (1,'old-castle.jpg','cloudinary','https://res.cloudinary.com/x/image/upload/v1/a/b.jpg','a/b',
         1000,'image/jpeg',10,20,0,'2025-01-01T00:00:00.000Z')"
    [ "$(ids --search castle)" = 5 ]
    [ "$(imgctl count)" = 5 ]
    expect 0 show 5 --json
    json '.[0].sha256 == null and .[0].tags == []'
}

@test "a local picture's link promises no size, format or quality" {
    expect 0 url 1
    for option in "--width 100" "--height 100" "--quality 80" "--as jpg"; do
        # shellcheck disable=SC2086 # two words
        expect 2 url $option 1
        [ -z "$output" ]
    done
}

@test "a local picture's thumbnail is a file, made once" {
    expect 0 url --thumbnail 1
    [[ $output == "file://$HOME/.cache/imgctl/thumbnails/"*-300x300.webp ]]
    file=${output#file://}
    [ "$(head -c 4 "$file")" = RIFF ]
    made=$(stat -c %i "$file")
    expect 0 url --thumbnail 1
    [ "$(stat -c %i "$file")" = "$made" ]
    rm -r "$HOME/.local/share/imgctl/store"
    expect 0 url --thumbnail 1
    expect 10 url --thumbnail --width 50 1
    expect 2 url --thumbnail --width 5000 1
    expect 2 url --thumbnail --as jpg 1
    sql "UPDATE images SET sha256='../../../../x' WHERE id=2"
    expect 10 url --thumbnail 2
    [ ! -e "$HOME/.cache/imgctl/x-300x300.webp" ]
}
