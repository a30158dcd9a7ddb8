#!/usr/bin/env bats
# cost: estimates, sums, budgets, models.

load lib/imgctl

local_setup() {
    prices=$HOME/.config/imgctl/models.json
}

# A line of the ledger: spent DAY BUSINESS MODEL PICTURES STATE MICROS
spent() {
    sql "INSERT INTO ledger (job_id, created_at, business_id, model, pictures, state, amount)
         VALUES ((SELECT coalesce(max(job_id), 0) + 1 FROM ledger), '$1T10:00:00.000Z', $2,
                 '$3', $4, '$5', $6)"
}

# A table of prices of one's own, changed by a jq filter.
own_prices() {
    mkdir -p "${prices%/*}"
    jq "$1" "$BUILD/share/imgctl/models.json" >"$prices"
}

total() { json '.estimates[0].total_usd'; }

@test "an estimate: what it costs and on what basis" {
    expect 0 cost --size square --quality high --count 4 --json
    json '.estimates | length == 1'
    [ "$(total)" = 0.210720 ]
    json '.estimates[0] | .model == "gpt-image-2.5-flare" and .size == "1024x1024" and
          .quality == "high" and .count == 4 and .each_usd == "0.052680" and
          .input_usd == "0.000000" and .basis == "formula" and .image_tokens == 1756 and
          .prices_date == "2026-11-22"'
    [ ! -e "$(catalog)" ]
}

@test "the two estimates of the old system, and the others" {
    for case in "square standard 0.040000" "square hd 0.080000" "landscape standard 0.080000" \
                "landscape hd 0.120000" "portrait hd 0.120000"; do
        read -r size quality price <<<"$case"
        expect 0 cost --model dall-e-3 --size "$size" --quality "$quality" --json
        [ "$(total)" = "$price" ]
        json '.estimates[0] | .basis == "table" and .ends == "2026-05-12"'
    done
}

@test "what is not certain says so" {
    expect 0 cost --model gpt-image-2.6-flare --quality low --json
    [ "$(json '.estimates[0].basis')" = about ]
    own_prices 'del(.families[1].formula)'
    expect 0 cost --json
    json '.estimates[0] | .basis == "unknown" and .total_usd == null'
    expect 0 cost --format '{total_usd}|{basis}\n'
    [ "$output" = "|unknown" ]
}

@test "prompt and pictures to edit cost, with every request" {
    expect 0 cost --quality low --prompt "a lighthouse at dawn" --json
    [ "$(json '.estimates[0].input_usd')" = 0.000030 ]
    fresh_picture a.jpg # 1200x800, 950 patches
    expect 0 cost --quality low --from a.jpg --json
    [ "$(json '.estimates[0].input_usd')" = 0.007600 ]
    expect 0 cost --quality low --from a.jpg --count 11 --json
    [ "$(json '.estimates[0].input_usd')" = 0.015200 ]
    imgctl upload -q --store local a.jpg >/dev/null
    expect 0 cost --quality low --from 1 --from @1 --json
    [ "$(json '.estimates[0].input_usd')" = 0.015200 ]
    expect 6 cost --from 99
    expect 6 cost --from none.jpg
}

@test "names and ratios become sizes that the model makes" {
    for case in "square 1024x1024" "portrait 1024x1536" "landscape 1536x1024" \
                "instagram 1088x1360" "story 1152x2048" "4:5 1088x1360" "1280x720 1280x720"; do
        read -r asked size <<<"$case"
        expect 0 cost --size "$asked" --format '{size}\n'
        [ "$output" = "$size" ]
    done
    expect 2 cost --size 1080x1080
    says "the nearest is --size 1088x1088"
    expect 2 cost --size auto
    expect 2 cost --model dall-e-2 --size story
}

@test "settings are the defaults" {
    imgctl config generate.model gpt-image-2
    imgctl config generate.quality high
    imgctl config generate.size story
    expect 0 cost --format '{model} {quality} {size}\n'
    [ "$output" = "gpt-image-2 high 1152x2048" ]
    expect 0 cost --model dall-e-3 --format '{quality} {size}\n' # it has no "high"
    [ "$output" = "standard 1024x1792" ]
    expect 2 config generate.rate -1
    expect 2 config budget.month lots
}

@test "what the model or the table does not know" {
    expect 2 cost --model gpt-image-2.5-flair
    says "did you mean gpt-image-2.5-flare?"
    expect 2 cost --quality ultra
    says "low, medium, high, xhigh, max"
    expect 2 cost --quality auto
    expect 2 cost --count 0
    expect 2 cost --spent --models
    expect 2 cost --by day
    expect 2 cost --business acme
    expect 2 cost --set-month 3
}

@test "models: state, end, replacement, price, age and source" {
    expect 0 cost --models --json
    json '.date == "2026-11-22" and (.age_days >= 0) and (.source | endswith("models.json"))'
    json '[.models[].id] | index("gpt-image-2.6-sunburst") and index("gpt-image-2") and
          index("dall-e-2")'
    json '.models[] | select(.id == "dall-e-3") | .status == "retired" and
          .ends == "2026-05-12" and .replacement == "gpt-image-2.5-sunburst" and
          .max_prompt == 4000 and .square_usd == "0.040000"'
    json '.models[] | select(.id == "gpt-image-2.5-flare") | .status == "active" and
          .image_out_per_million_usd == "30.000000" and .text_out_per_million_usd == null'
    expect 0 cost --models --ids
    [ "${lines[2]}" = gpt-image-2.5-flare ]
}

@test "an end is seen from the date: ending before it, retired on it" {
    own_prices '.families[0].ends = "2999-01-01" | .families[1].ends = "2026-11-01"'
    expect 0 cost --models --jsonl
    [ "$(jq -r 'select(.family == "gpt-image-2.6").status' <<<"$output" | uniq)" = ending ]
    [ "$(jq -r 'select(.family == "gpt-image-2.5").status' <<<"$output" | uniq)" = retired ]
    expect 0 doctor
    prints "gpt-image-2.5-flare ends on 2026-11-01"
}

@test "doctor: a model that ends soon, prices that are old, a table that is broken" {
    own_prices ".families[1].ends = \"$(date -u -d '+29 days' +%F)\" |
                .families[1].replacement = \"gpt-image-9\""
    expect 0 doctor
    prints "note  model"
    prints "config generate.model gpt-image-9"
    own_prices ".families[1].ends = \"$(date -u -d '+40 days' +%F)\" |
                .date = \"$(date -u -d '-80 days' +%F)\""
    expect 0 doctor
    prints "ok    model"
    prints "ok    prices"
    own_prices ".date = \"$(date -u -d '-95 days' +%F)\""
    expect 0 doctor
    prints "note  prices"
    prints "your own in $prices"
    own_prices '.families[0].quality = "best"'
    expect 2 doctor
    expect 2 cost
    says 'family "gpt-image-2.6": "quality" must be one of "qualities"'
}

@test "what was spent, by month, model, business and day" {
    expect 0 cost --spent --json
    json '.total_usd == "0.000000" and .pictures == 0 and (.spent | length) == 1'
    imgctl business add acme
    imgctl business add other
    spent 2026-10-31 1 gpt-image-2 1 settled 100000
    spent 2026-11-01 1 gpt-image-2 2 settled 200000
    spent 2026-11-02 2 gpt-image-2.5-flare 1 unknown 40000
    spent 2026-11-30 2 gpt-image-2 1 reserved 5000
    spent 2026-11-30 2 gpt-image-2 7 void 0
    expect 0 cost --spent --month 2026-11 --json
    json '.total_usd == "0.245000" and .pictures == 4'
    json '.spent[0] | .month == "2026-11" and .settled_usd == "0.200000" and
          .unknown_usd == "0.040000" and .reserved_usd == "0.005000" and .jobs == 3'
    expect 0 cost --spent --month 2026-11 --by model --fields model,total_usd
    [ "$output" = $'gpt-image-2\t0.205000\ngpt-image-2.5-flare\t0.040000' ]
    expect 0 cost --spent --month 2026-11 --by business --fields business,pictures
    [ "$output" = $'acme\t2\nother\t2' ]
    expect 0 cost --spent --month 2026-11 --by day --format '{day} {total_usd}\n'
    [ "$output" = $'2026-11-01 0.200000\n2026-11-02 0.040000\n2026-11-30 0.005000' ]
    expect 0 cost --spent --month 2026-11 --business other --json
    json '.total_usd == "0.045000"'
    expect 0 cost --spent --month 2026-10 --csv
    [ "${lines[0]%$'\r'}" = month,jobs,pictures,total_usd,settled_usd,reserved_usd,unknown_usd ]
    expect 0 cost --spent --month 2025-12 --json
    json '.total_usd == "0.000000"'
    for month in 2026-13 2026-1 2026 11-2026 2026-11-22 x; do
        expect 2 cost --spent --month "$month"
    done
    expect 6 cost --spent --business nobody
}

@test "a business of the budget: set, kept when renamed, taken away" {
    expect 6 cost --budget --business acme
    [ ! -e "$(catalog)" ]
    imgctl business add acme
    expect 0 cost --budget --business acme --set-month 20 --set-day 1.50 --json
    json '.budgets | map("\(.period) \(.limit_usd)") == ["month 20.000000", "day 1.500000"]'
    imgctl business rename acme "acme inc"
    expect 0 cost --budget --jsonl
    [ "$(jq -r 'select(.business == "acme inc") | .limit_usd' <<<"$output" | paste -sd' ')" = \
        "20.000000 1.500000" ]
    expect 0 cost --budget --business "acme inc" --set-day none --fields period,limit_usd
    [ "$output" = $'month\t20.000000\nday\t' ]
    expect 2 cost --budget --business "acme inc" --set-month lots
    expect 2 cost --budget --set-month 20
    says "budget.month"
}

@test "the budget: limits, spent, reserved, left, percent" {
    imgctl business add acme
    imgctl config budget.month 2
    imgctl config budget.day 0
    spent "$(date -u +%F)" 1 gpt-image-2 1 settled 1000000
    spent "$(date -u +%F)" 1 gpt-image-2 1 reserved 500000
    spent 2020-01-01 1 gpt-image-2 1 settled 9000000
    expect 0 cost --budget --json
    json '.budgets[0] | .business == null and .period == "month" and
          .limit_usd == "2.000000" and .spent_usd == "1.000000" and
          .reserved_usd == "0.500000" and .left_usd == "0.500000" and .percent == 75'
    json '.budgets[1] | .limit_usd == "0.000000" and .left_usd == "0.000000" and
          .percent == 100'
    expect 0 -c budget.month=1 cost --budget --json
    json '.budgets[0] | .left_usd == "0.000000" and .percent == 150'
    expect 0
    prints '$1.50 spent or reserved this month, of $2.00'
}

@test "unfinished generations are on the status screen and in doctor" {
    imgctl business add acme
    sql "INSERT INTO jobs (state, business_id, store, provider, model, prompt, fingerprint,
         count, created_at, estimate) VALUES ('unknown', 1, 'local', 'openai', 'm', 'p', 'f',
         1, '2026-11-22T10:00:00.000Z', 5)"
    expect 0
    prints "1 generation unfinished: imgctl jobs"
    expect 0 doctor
    prints "1 generation is not finished"
    expect 2 business remove acme
}
