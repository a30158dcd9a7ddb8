#!/usr/bin/env bats
# generate: the price before, one request, the picture in store and catalog, the cost
# after; nothing paid twice and nothing paid lost.

load lib/imgctl
load lib/generation

setup_file()    { cloud_start; }
teardown_file() { cloud_stop; }

local_setup() {
    cloud_reset
    generation_here
}

teardown() { cloud_was_fine; }

@test "mock: a picture for nothing, stored and cataloged" {
    unset OPENAI_API_KEY
    expect 0 generate --provider mock "A lighthouse at dusk" --tag sea,dusk --alt "a lighthouse" --json
    [ "$(json '.items | length')" = 1 ]
    [ "$(json '.items[0].status')" = generated ]
    [ "$(json '.items[0].image.original_filename')" = a-lighthouse-at-dusk.png ]
    [ "$(json '.items[0].image | [.ai_generated, .ai_prompt, .alt_text, (.tags | join(","))] | join("|")')" \
        = "true|A lighthouse at dusk|a lighthouse|dusk,sea" ]
    [ "$(json '.summary.cost_usd')" = 0.000000 ]
    [ "$(imgctl list --ai --ids)" = 1 ]
    [ "$(states)" = stored ]
    [ "$(spools)" = 0 ]
    [ "$(cloud_count requests)" = 0 ]
    check_catalog
}

@test "openai: one request, the estimate before, the cost by its usage after" {
    expect 0 generate "a cat"
    says "1 picture, gpt-image-2.5-flare 1024x1024 low: \$0.0058"
    says "imgctl: cost \$0.0"
    [ "$(cloud_count paid)" = 1 ]
    [ "$(cloud_count paid_requests)" = 1 ]
    [ "$(cloud_paid | jq -r .client_id)" = "$(imgctl jobs show 1 --json | jq -r '.jobs[0].client_id')" ]
    [ "$(cloud_paid | jq -r .request_id)" = "$(imgctl jobs show 1 --json | jq -r '.jobs[0].request_id')" ]
    tokens=$(cloud_paid | jq '.usage.output_tokens')
    [ "$(imgctl jobs show 1 --json | jq '.jobs[0].image_tokens_out')" = "$tokens" ]
    [ "$(sql 'SELECT state FROM ledger')" = settled ]
    [ "$(sql 'SELECT ai_model FROM images')" = gpt-image-2.5-flare ]
    check_catalog
}

@test "several pictures are one request, and each has its row" {
    expect 0 generate "three cats" --count 3 --json
    [ "$(json '[.items[].image.original_filename] | join(" ")')" = \
        "three-cats-1.png three-cats-2.png three-cats-3.png" ]
    [ "$(json '[.items[].job] | unique | length')" = 1 ]
    [ "$(cloud_count paid)" = 3 ]
    [ "$(cloud_count paid_requests)" = 1 ]
    expect 0 generate --ids "more" --count 2
    [ "$output" = $'4\n5' ]
}

@test "--estimate says the price and sends nothing, also without a key" {
    unset OPENAI_API_KEY OPENAI_BASE_URL
    expect 0 generate --estimate "a cat" --count 2 --quality medium --json
    [ "$(json '.items[0].status')" = planned ]
    [ "$(json '.summary.dry_run')" = true ]
    [[ $(json '.summary.estimate_usd') == 0.026* ]]
    [ ! -e "$(catalog)" ]
    [ "$(cloud_count requests)" = 0 ]
    expect 4 generate "a cat"
    says OPENAI_API_KEY
}

@test "--max-cost: what may cost more is not sent; it allows what has no known price" {
    expect 8 generate "a cat" --max-cost 0.005
    says "and --max-cost is \$0.005"
    expect 8 generate "a cat" --model no-such-model
    says "nobody here knows what no-such-model costs"
    [ "$(cloud_count requests)" = 0 ]
    expect 0 generate "a cat" --max-cost 0.05
    cloud_server vllm
    expect 0 generate "a cat" --model sd --max-cost 0.25 --json
    [ "$(json '.items[0].job_cost_usd')" = null ]
    [ "$(sql 'SELECT amount FROM ledger WHERE model = "sd"')" = 250000 ]
}

@test "--max-cost that leaves nothing for what has no known price sends nothing" {
    expect 8 generate "a cat" --model made-up --max-cost 0
    says "made-up"
    [ "$(cloud_count requests)" = 0 ]
    printf '%s\n' '{"prompt": "a cat"}' '{"prompt": "b", "model": "made-up"}' >list
    known=$(imgctl generate "a cat" --estimate --json 2>/dev/null | jq -r .summary.at_most_usd)
    expect 8 generate --prompts list --max-cost "$known"
    [ "$(cloud_count requests)" = 0 ]
}

@test "the budget: over it nothing is sent, and the message says how to go on" {
    export IMGCTL_BUDGET_MONTH=0.02
    expect 0 generate "one"
    expect 0 generate "two"
    expect 0 generate "three"
    says "80 % of the month's budget"
    expect 8 generate "four"
    says "imgctl config budget.month"
    printf 'a\nb\nc\nd\n' >prompts
    expect 8 -c budget.month=0.03 generate --prompts prompts
    [ "$(cloud_count paid)" = 3 ]
    [ "$(states)" = "stored stored stored" ]
    [ "$(spools)" = 0 ]
}

@test "16 processes, money for 10 pictures: 10 are made" {
    imgctl generate --provider mock warm-up -q >/dev/null
    price=$(imgctl generate --estimate "picture 10" --json | jq -r '.summary.estimate_usd')
    budget=$(awk "BEGIN { printf \"%.6f\", 10 * $price }")
    for i in $(seq 10 25); do
        IMGCTL_BUDGET_MONTH=$budget imgctl generate -q "picture $i" >/dev/null 2>"err.$i" &
    done
    wait
    cat err.*
    [ "$(cloud_count paid)" = 10 ]
    [ "$(sql "SELECT sum(amount) <= round($budget * 1000000) FROM ledger")" = 1 ]
    [ "$(imgctl count --ai)" = $(($(cloud_count paid) + 1)) ]
    [ "$(cat err.* | grep -c 'would be over')" = $((16 - $(cloud_count paid))) ]
    check_catalog
}

@test "the same twice at once is bought once" {
    imgctl generate --provider mock warm-up -q >/dev/null
    pids=()
    for i in 1 2 3 4 5 6; do
        imgctl generate -q "the same" >/dev/null 2>"err.$i" &
        pids+=($!)
    done
    wait "${pids[@]}" || true # of the last one, which may have been refused
    [ "$(cloud_count paid)" = 1 ]
    grep -q -- --again err.*
    expect 0 generate --again "the same"
    [ "$(cloud_count paid)" = 2 ]
    [ "$(spools)" = 0 ]
}

@test "lists of prompts: a byte order mark, CR LF, blank lines, slips" {
    printf '\xef\xbb\xbfone\r\n\r\n  \t\r\n{"prompt":"two","name":"2"}\r\n' >prompts
    expect 0 generate --prompts prompts --json
    [ "$(json '[.items[].input] | join("|")')" = "one|two" ]
    [ "$(json '.items[1].image.original_filename')" = 2.png ]
    printf 'one\n\n{"prompt":"three","qualty":"high"}\n' >prompts
    expect 2 generate --prompts prompts
    says 'prompts: line 3: "qualty"'
    says 'did you mean "quality"?'
    printf '\n\n{"prompt":"three","size":"1x1"}\n' >prompts
    OPENAI_BASE_URL='' expect 2 generate --prompts prompts
    says 'line 3: '
    printf '{neon} sign\n' >prompts
    expect 2 generate --prompts prompts
    says "begins with { is a JSON object"
    [ "$(cloud_count paid)" = 2 ]
}

@test "a prompt of 32,000 characters; in an error it is cut" {
    long=$(printf '灯%.0s' $(seq 32000))
    printf '%s\n' "$long" >prompts
    expect 0 generate --prompts prompts --json
    [ "$(json '.items[0].input | length')" = 32000 ]
    printf '%sx\n' "$long" >prompts
    expect 11 generate --prompts prompts
    [ "${#stderr}" -lt 1500 ]
}

@test "a GPT Image model at a server like OpenAI's is one request; others may be asked twice" {
    expect 0 generate "one"
    [ "$(cloud_count requests)" = 1 ]
    cloud_server localai
    expect 0 generate "two" --model gpt-image-2.5-flare
    [ "$(imgctl count --ai)" = 2 ]
}

@test "the same again within a day needs --again" {
    expect 0 generate "a cat"
    expect 2 generate "a cat"
    says --again
    [ "$(cloud_count paid)" = 1 ]
    expect 0 generate "a cat" --again
    expect 0 generate "a cat" --quality medium
    expect 0 generate "a dog"
    [ "$(cloud_count paid)" = 4 ]
    sql "UPDATE jobs SET created_at = '2026-01-01T00:00:00.000Z'"
    expect 0 generate "a dog"
    printf 'one\ntwo\none\n' >prompts
    expect 2 generate --prompts prompts
    says "line 3 asks for the same as line 1"
    [ "$(cloud_count paid)" = 5 ]
    expect 0 generate --prompts prompts --again
}

@test "--prompts: a line each, JSON lines say what is different, results in order" {
    cat >prompts <<'END'
a plain prompt

{"prompt":"two of these","count":2,"quality":"medium","name":"pair","tags":["x","y"]}
  {"prompt":"wide","size":"1536x1024"}
last
END
    cloud_fault '{"path":"generations$", "do":"delay", "nth":1, "delay":300}'
    expect 0 generate --prompts prompts -j 4 --tag all --json
    [ "$(json '[.items[].input] | join("|")')" = "a plain prompt|two of these|two of these|wide|last" ]
    [ "$(json '.items[1].image | [.original_filename, (.tags|join(","))] | join(" ")')" = "pair-1.png x,y" ]
    [ "$(json '.items[0].image.tags | join(",")')" = all ]
    [ "$(json '.items[3].image.width')" = 1536 ]
    [ "$(cloud_count paid)" = 5 ]
    expect 2 generate --prompts <(printf '{"prompt":7}\n')
    expect 2 generate --prompts <(printf '{"prompt":"a","size":7}\n')
    expect 2 generate --prompts <(printf '{"prompt":"a","count":11}\n')
    expect 2 generate --prompts <(printf '{"prompt":"a","count":0}\n')
    expect 2 generate --prompts <(printf '{"prompt":"a","tags":"x"}\n')
    expect 2 generate --prompts <(printf '{"prompt"\n')
    expect 6 generate --prompts no-such-file
    expect 2 generate --prompts prompts "and one"
    expect 2 generate
    [ "$(cloud_count paid)" = 5 ]
}

@test "a reader that leaves early ends nothing that is paid for" {
    printf '%s\n' one two three >prompts
    cloud_fault '{"path":"generations$", "do":"delay", "nth":3, "delay":1500}'
    { imgctl generate --prompts prompts -j 3 --ids 2>err || echo $? >code; } | head -c 1
    [ "$(cat code)" = 1 ]
    grep -q 'Broken pipe' err
    [ "$(sql "SELECT count(*) FROM jobs WHERE state='stored'")" = 3 ]
    [ "$(cloud_count paid)" = 3 ]
}

@test "--jsonl: a line for each picture, then the sums" {
    expect 0 generate "a cat" --count 2 --jsonl
    [ "$(jq -rs 'map(.event) | join(" ")' <<<"$output")" = "item item summary" ]
    [ "$(jq -rs 'last.cost_usd == last.estimate_usd' <<<"$output")" = true ]
    [ "$(jq -rs '[.[].image.id?] | map(select(.)) | join(" ")' <<<"$output")" = "1 2" ]
}

@test "a server of one's own: free where the setting says so" {
    cloud_server sdcpp
    expect 8 generate "a cat" --model sd
    expect 0 -c generate.free=true generate "a cat" --model sd --json
    [ "$(json '.summary.cost_usd')" = 0.000000 ]
    [ "$(sql 'SELECT sum(amount) FROM ledger')" = 0 ]
}

@test "a prompt on standard input" {
    run --separate-stderr imgctl generate - --json <<<"from a pipe"
    [ "$status" = 0 ]
    [ "$(json '.items[0].image.ai_prompt')" = "from a pipe" ]
}

@test "-o also writes a file; several are numbered; - is standard output" {
    mkdir out
    expect 2 generate "a cat" -o out
    says 'names a file'
    expect 2 generate "a cat" -o out/
    expect 2 generate "a cat" -o no/such/folder.png
    says 'mkdir -p no/such'
    echo '{"prompt":"cats","count":2}' >two
    expect 2 generate --prompts two -o -
    [ "$(cloud_count paid)" = 0 ]
    expect 0 generate "a cat" -o cat.png
    cmp cat.png "$(imgctl url 1 | sed 's,^file://,,')"
    [ "$(stat -c %a cat.png)" = 644 ]
    expect 0 generate "cats" -o cats.png --count 2
    [ -f cats-1.png ] && [ -f cats-2.png ]
    imgctl generate "to a pipe" -o - >piped.png 2>/dev/null
    cmp piped.png "$(imgctl url @1 | sed 's,^file://,,')"
}

@test "--preview-only: a draft in a file, paid and recorded, but no picture of the catalog" {
    expect 2 generate --preview-only "a cat"
    expect 0 generate --preview-only "a cat" -o draft.png --json
    [ "$(json '.items[0].output')" = "$PWD/draft.png" ]
    [ "$(json '.items[0].id')" = null ]
    [ "$(cloud_paid | jq -r .quality)" = low ]
    [ "$(imgctl count)" = 0 ]
    [ "$(states)" = stored ]
    [ "$(sql 'SELECT state FROM ledger')" = settled ]
    [ "$(spools)" = 0 ]
}

@test "into Cloudinary, under its name and digest, like an upload" {
    expect 0 generate "a cat" --store cloudinary --json
    [[ $(json '.items[0].image.cloudinary_public_id') == */business_1/a-cat-* ]]
    [ "$(cloud_count stored)" = 1 ]
    check_catalog
}

@test "a store that fails: it is paid for and kept, and resumed without paying" {
    cloud_fault '{"path":"upload$", "do":"status", "status":503, "times":0}'
    expect 5 -c http.retries=0 generate "a cat" --store cloudinary
    says "imgctl jobs resume 1"
    [ "$(states)" = generated ]
    [ "$(imgctl count)" = 0 ]
    expect 5 -c http.retries=0 jobs resume --all
    cloud_reset
    expect 0 jobs resume 1 --json
    [ "$(json '.items[0].image.ai_prompt')" = "a cat" ]
    [ "$(states)" = stored ]
    [ "$(cloud_count stored)" = 1 ]
    [ "$(cloud_count requests)" = 1 ]
    [ "$(spools)" = 0 ]
    check_catalog
}

@test "upload --retry-failed leaves the pictures of jobs to jobs resume" {
    cloud_fault '{"path":"upload$", "do":"status", "status":503, "times":0}'
    expect 5 -c http.retries=0 generate "a cat" --store cloudinary
    cloud_reset
    expect 0 upload --retry-failed --store cloudinary
    says "job 1 came from no file"
    [ "$(cloud_count requests)" = 0 ]
    expect 0 jobs resume 1
}

@test "a lost answer is unknown: counted in full, not sent again" {
    fault acted close
    expect 12 generate "a cat"
    says "jobs settle 1"
    [ "$(states)" = unknown ]
    [ "$(cloud_count paid)" = 1 ]
    [ "$(cloud_count generations)" = 1 ]
    [ "$(sql 'SELECT state FROM ledger')" = unknown ]
    expect 2 generate "a cat"
    expect 12 jobs resume 1
}

@test "an answer that was cut: the pictures that had arrived are kept" {
    cloud_set openai_noise 1
    cloud_fault '{"path":"generations$", "do":"cut", "bytes":9000000}'
    expect 12 generate "three" --count 3 --json
    [ "$(json '[.items[].status] | join(" ")')" = "generated generated unknown" ]
    [ "$(states)" = stored ]
    [ "$(imgctl count)" = 2 ]
    [ "$(sql 'SELECT state, amount FROM ledger')" = "$(sql 'SELECT "settled", estimate FROM jobs')" ]
    [ "$(spools)" = 0 ]
}

@test "what certainly was not paid for is failed, with the service's reason" {
    refusal moderation_blocked
    expect 11 generate "something bad" --json
    [ "$(json '.items[0].status')" = failed ]
    [ "$(json '.items[0].error.code')" = provider.refused ]
    [ "$(states)" = failed ]
    [ "$(imgctl jobs show 1 --json | jq -r '.jobs[0].error_code')" = provider.refused ]
    [ "$(cloud_count paid)" = 0 ]
    [ "$(sql 'SELECT sum(amount) FROM ledger WHERE state <> "void"')" = "" ]
    [ "$(spools)" = 0 ]
}

@test "what never reached the service is void, and no success for who waits" {
    OPENAI_BASE_URL=http://127.0.0.1:9/v1 expect 5 -c http.retries=0 generate "a cat" --max-cost 1
    [ "$(states)" = void ]
    OPENAI_BASE_URL=http://127.0.0.1:9/v1 expect 0 -c http.retries=0 generate "a dog" --max-cost 1 --detach
    expect 5 jobs wait 2
    says "came to nothing"
    [ "$(states)" = "void void" ]
    [ "$(sql 'SELECT sum(amount) FROM ledger')" = 0 ]
    [ "$(spools)" = 0 ]
}

@test "a gateway without an answer of the service behind it: unknown, whoever says so" {
    cloud_fault '{"path":"generations$", "do":"status", "status":504, "when":"acted", "body":{"error":{"message":"timed out","type":"timeout_error"}}}'
    expect 12 generate "a cat"
    [ "$(states)" = unknown ]
    [ "$(cloud_count paid)" = 1 ]
}

@test "one bad prompt among several: the others are made" {
    printf 'a\nb\nc\n' >prompts
    cloud_fault '{"path":"generations$", "field":{"prompt":"b"}, "do":"openai", "error":"moderation_blocked"}'
    expect 3 generate --prompts prompts --json
    [ "$(json '[.items[].status] | join(" ")')" = "generated failed generated" ]
}

@test "refused credentials stop all that follow" {
    printf '%s\n' a b c d e f g h >prompts
    OPENAI_API_KEY=sk-wrong expect 4 generate --prompts prompts -j 1
    [ "$(cloud_count paid)" = 0 ]
    says "7 of 8 prompts were not sent"
}

@test "generate.rate is kept by waiting" {
    expect 2 -c generate.rate=1 generate "a" --count 2
    says generate.rate
    [ "$(cloud_count requests)" = 0 ]
    expect 0 generate "one"
    imgctl -c generate.rate=1 generate -q "two" >/dev/null &
    pid=$!
    sleep 0.5
    [ "$(cloud_count paid)" = 1 ]
    sql "UPDATE ledger SET created_at = '2026-01-01T00:00:00.000Z'"
    wait "$pid"
    [ "$(cloud_count paid)" = 2 ]
}

@test "generate.rate: what was begun before the clock was set back is in nobody's way" {
    expect 0 generate "one"
    sql "UPDATE ledger SET created_at = '2999-01-01T00:00:00.000Z'"
    run timeout 60 imgctl -c generate.rate=1 generate -q "two"
    [ "$status" = 0 ]
}

@test "editing: files that are larger than the service takes are named and not sent" {
    cp "$pictures/lighthouse.png" picture.png
    cp picture.png mask.png
    truncate -s $((50 << 20)) picture.png
    expect 0 generate --provider mock x --from picture.png
    truncate -s $(((50 << 20) + 1)) picture.png
    truncate -s $(((4 << 20) + 1)) mask.png
    expect 7 generate --provider mock x --from picture.png
    says 'picture.png: 52428801 bytes, at most 52428800'
    expect 7 generate --provider mock x --from "$pictures/lighthouse.png" --mask mask.png
    says 'mask.png: 4194305 bytes, at most 4194304'
}

@test "editing: files and pictures of the catalog, the mask checked here" {
    expect 0 upload "$pictures/lighthouse.jpg" --store local
    expect 0 generate "make it winter" --from 1 --from "$pictures/lighthouse.png" --json
    [ "$(json '.items[0].image.derived_from')" = 1 ]
    [ "$(cloud_count paid)" = 1 ]
    expect 6 generate "x" --from 99
    expect 6 generate "x" --from no-such-file.png
    expect 2 generate "x" --mask "$pictures/lighthouse.png"
    expect 2 generate "x" --moderation low --from "$pictures/lighthouse.png"
    [ -z "$(imgctl jobs --state failed --ids)" ]
    expect 7 generate "x" --from 1 --mask "$pictures/lighthouse.jpg"
    expect 7 generate "x" --from 1 --mask "$pictures/lighthouse.png"
    many=()
    for _ in $(seq 17); do many+=(--from "$pictures/lighthouse.png"); done
    expect 2 generate "x" "${many[@]}"
    [ "$(cloud_count paid)" = 1 ]
}

@test "a picture in Cloudinary goes by its link" {
    export CLOUDINARY_URL="cloudinary://$CLOUD_KEY:$CLOUD_SECRET@demo?upload_prefix=http://127.0.0.1:$CLOUD_PORT"
    expect 0 upload "$pictures/lighthouse.jpg" --store cloudinary
    expect 0 generate "winter" --from 1
    [[ $(cloud_requests | jq -rs 'last.fields.images') == *'"image_url": "https://res.cloudinary.com/demo/image/upload/'* ]]
    [ "$(cloud_count deliveries)" = 0 ]
}

@test "a position does not leave with a picture to edit" {
    expect 0 generate "x" --from "$pictures/located.jpg"
    expect 0 -c upload.strip=none generate "x" --from "$pictures/located.jpg"
    sent=$(sql "SELECT json_extract(parameters, '\$.inputs[0]') FROM jobs ORDER BY id")
    [[ $sent == *$'\n'"$(sha256sum <"$pictures/located.jpg" | cut -d' ' -f1)" ]]
    [ "$(sort -u <<<"$sent" | wc -l)" = 2 ]
}

@test "wrong options are found before anything is sent" {
    expect 2 generate a -o $'caf\xe9.png'
    says "not UTF-8"
    unset OPENAI_BASE_URL
    expect 2 generate "x" --size 1x1
    expect 2 generate "x" --quality best
    expect 2 generate "x" --count 11
    expect 2 generate "x" --provider nobody
    expect 2 generate "x" --max-cost much
    expect 2 generate ""
    expect 2 generate $'\xff'
    expect 2 generate "x" --detach --prompts /dev/null
    expect 6 generate "x" --business nobody
    [ "$(cloud_count requests)" = 0 ]
}

@test "hostile prompts stay harmless in names and on the terminal" {
    expect 0 generate $'../../etc/\e[31mx\u202Ey  日本 --- ' --json
    [ "$(json '.items[0].image.original_filename')" = "etc-31mx-y-日本.png" ]
    expect 0 generate --again "/ . /" --json
    [ "$(json '.items[0].image.original_filename')" = generated.png ]
}

@test "the key is nowhere" {
    expect 0 generate "a cat" --trace trace --json
    absent "$OPENAI_API_KEY" "$HOME" trace
}
