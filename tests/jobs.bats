#!/usr/bin/env bats
# jobs: what generations came to, after everything that can happen to a process.

load lib/imgctl
load lib/generation

setup_file()    { cloud_start; }
teardown_file() { cloud_stop; }

local_setup() {
    cloud_reset
    generation_here
}

teardown() { cloud_was_fine; }

# A job whose pictures are paid for, and in its spool: Cloudinary does not take them
# until cloud_reset. generated_only PROMPT [OPTION...]
generated_only() {
    cloud_fault '{"path":"upload$", "do":"status", "status":503, "times":0}'
    IMGCTL_HTTP_RETRIES=0 run imgctl generate -q --store cloudinary "$@"
}

@test "no catalog: an empty list, and none is made" {
    expect 0 jobs --json
    [ "$(json '.jobs | length')" = 0 ]
    expect 6 jobs show 1
    expect 6 jobs wait 1
    expect 6 jobs settle 1 --void
    expect 0 jobs prune
    expect 0 jobs resume --all
    [ ! -e "$(catalog)" ]
}

@test "the list: newest first, by state, so many" {
    for p in a b c; do imgctl generate -q "$p" >/dev/null; done
    refusal moderation_blocked
    run imgctl generate -q d
    expect 0 jobs --json
    [ "$(json '[.jobs[].prompt] | join("")')" = dcba ]
    [ "$(json '.jobs[0] | [.id, .state, .cost_usd] | join(" ")')" = "4 failed " ]
    [ "$(json '.jobs[3].pictures | tojson')" = '[1]' ]
    expect 0 jobs --state failed,unknown --json
    [ "$(json '.jobs | length')" = 1 ]
    expect 0 jobs --limit 2 --ids
    [ "$output" = $'4\n3' ]
    expect 2 jobs --state faild
    says "did you mean failed"
}

@test "killed while it waits: unknown, then settled either way" {
    for what in charged void; do
        hang
        imgctl generate -q "kill $what" 2>/dev/null &
        pid=$!
        cloud_wait paid 1
        kill -9 "$pid"
        wait "$pid" || true
        cloud_reset
    done
    expect 0 jobs --json
    [ "$(json '[.jobs[].state] | join(" ")')" = "unknown unknown" ]
    expect 2 jobs settle 1
    expect 2 jobs settle 1 --charged --void
    expect 0 jobs settle 1 --charged
    expect 0 jobs settle 2 --void
    expect 2 jobs settle 2 --void
    [ "$(states)" = "failed void" ]
    [ "$(sql "SELECT group_concat(state) FROM (SELECT state FROM ledger ORDER BY job_id)")" = settled,void ]
    imgctl jobs prune -q
    [ "$(spools)" = 0 ]
    [ "$(cloud_count requests)" = 0 ]
}

@test "a job that is alive is nobody else's" {
    hang
    imgctl generate -q "slow" 2>/dev/null &
    pid=$!
    cloud_wait paid 1
    [ "$(states)" = sending ]
    expect 5 jobs resume 1
    expect 2 jobs settle 1 --void
    [ "$(states)" = sending ]
    kill -9 "$pid"
    wait "$pid" || true
}

@test "killed while it stores: resumed without paying, and not while it is alive" {
    cloud_fault '{"path":"upload$", "when":"acted", "do":"hang", "ms":60000}'
    imgctl generate -q "slow store" --store cloudinary 2>/dev/null &
    pid=$!
    cloud_wait stored 1
    [ "$(states)" = generated ]
    expect 5 jobs resume 1
    expect 0 jobs resume --all
    [ "$(states)" = generated ]
    kill -9 "$pid"
    wait "$pid" || true
    expect 0 jobs resume --all --ids
    [ "$output" = 1 ]
    [ "$(states)" = stored ]
    [ "$(cloud_count paid)" = 1 ]
    [ "$(cloud_count stored)" = 1 ]
    [ "$(cloud_count existing)" = 1 ]
    check_catalog
}

@test "Ctrl-C: once waits for what is paid, twice leaves it unknown" {
    cloud_fault '{"path":"generations$", "do":"delay", "delay":1500}'
    imgctl generate "once" 2>err &
    pid=$!
    cloud_wait requests 1
    kill -TERM "$pid"
    code=0; wait "$pid" || code=$?
    [ "$code" = 143 ]
    [ "$(states)" = stored ]
    grep -q 'waiting for the answer' err
    hang
    imgctl generate "twice" 2>err &
    pid=$!
    cloud_wait paid 2
    kill -TERM "$pid"
    while ! grep -q 'waiting for the answer' err; do
        kill -0 "$pid"
        sleep 0.02
    done
    kill -TERM "$pid"
    code=0; wait "$pid" || code=$?
    [ "$code" = 143 ]
    [ "$(states)" = "stored unknown" ]
}

@test "Ctrl-C while pictures are stored: once stores all, twice none of the rest" {
    cloud_fault '{"path":"upload$", "do":"delay", "delay":1500, "times":4}'
    imgctl generate -q -k 3 --provider mock --store cloudinary "once" >/dev/null 2>err &
    pid=$!
    cloud_wait requests 1
    kill -TERM "$pid"
    code=0; wait "$pid" || code=$?
    [ "$code" = 143 ]
    [ "$(states)" = stored ]
    imgctl generate -q -k 3 --provider mock --store cloudinary "twice" >/dev/null 2>err &
    pid=$!
    cloud_wait requests 4
    while kill -TERM "$pid" 2>/dev/null; do sleep 0.05; done
    code=0; wait "$pid" || code=$?
    [ "$code" = 143 ]
    grep -q 'interrupted before it was stored' err
    [ "$(states)" = "generated stored" ]
    cloud_idle
    [ "$(cloud_count requests)" = 4 ]
    expect 0 jobs resume --all
    [ "$(states)" = "stored stored" ]
}

@test "--detach prints the job at once; jobs wait has its outcome" {
    cloud_fault '{"path":"generations$", "do":"delay", "delay":700}'
    expect 0 generate --detach "in the background"
    [ "$output" = 1 ]
    expect 0 jobs wait 1
    [ "$(states)" = stored ]
    [ "$(imgctl count)" = 1 ]
    refusal moderation_blocked
    expect 0 generate --detach "something bad" --json
    [ "$(json '.jobs[0].id')" = 2 ]
    expect 11 jobs wait 2
    fault acted close
    expect 0 generate --detach "lost"
    expect 12 jobs wait 3
    expect 12 jobs wait 1 2 3
    expect 0 jobs wait 1
    [ "$(spools)" = 1 ]
}

@test "a killed background job does not keep jobs wait waiting" {
    hang
    expect 0 generate --detach "in the background"
    cloud_wait paid 1
    imgctl jobs wait 1 2>err &
    waiter=$!
    fuser -k -KILL "$(state_dir)"/*/log >/dev/null 2>&1 || skip "no fuser here"
    code=0; wait "$waiter" || code=$?
    [ "$code" = 12 ]
}

@test "an answer that is in the spool is not lost, wherever the process died" {
    # The catalog as it is when the process dies between the spool and `generated`.
    generated_only "a cat"
    sql "DELETE FROM job_pictures; UPDATE jobs SET state = 'sending', answered_at = NULL;
         UPDATE ledger SET state = 'reserved'; DELETE FROM transfers"
    cloud_reset
    [ "$(states)" = generated ]
    [ "$(sql 'SELECT state FROM ledger')" = settled ]
    expect 0 jobs resume --all
    [ "$(states)" = stored ]
    [ "$(cloud_count generations)" = 0 ]
}

@test "pictures of an unknown job that arrived are not given up as charged" {
    generated_only "a cat"
    rm "$(state_dir)"/*/answer
    sql "DELETE FROM job_pictures; UPDATE jobs SET state = 'unknown', answered_at = NULL;
         UPDATE ledger SET state = 'unknown'; DELETE FROM transfers"
    expect 2 jobs settle 1 --charged
    says "jobs resume 1"
    [ "$(states)" = unknown ]
    cloud_reset
    expect 0 jobs resume 1
    [ "$(states)" = stored ]
    [ "$(cloud_count generations)" = 0 ]
}

@test "a spool that cannot be opened is in nobody's way" {
    hang
    imgctl generate -q "a" 2>/dev/null &
    pid=$!
    cloud_wait paid 1
    kill -9 "$pid"
    wait "$pid" || true
    rm "$(state_dir)"/*/lock
    mkdir "$(echo "$(state_dir)"/*)/lock"
    expect 0 generate --provider mock "b"
    [ "$(states)" = "sending stored" ]
    expect 10 jobs resume 1
    says "cannot open the spool"
}

@test "reserved and nobody there: the money is free again" {
    imgctl generate -q "a" >/dev/null
    sql "UPDATE jobs SET state = 'reserved', client_id = 'imgctl-00000000000000000000000000000000';
         UPDATE ledger SET state = 'reserved'; DELETE FROM job_pictures"
    [ "$(states)" = void ]
    [ "$(sql 'SELECT state FROM ledger')" = void ]
}

@test "a spool that cannot be found is said to be, and may come back" {
    generated_only "a cat"
    expect 2 jobs settle 1 --charged
    says "jobs resume 1"
    XDG_STATE_HOME=$PWD/elsewhere expect 6 jobs resume 1
    says "are gone"
    [ "$(states)" = generated ]
    cloud_reset
    expect 0 jobs resume 1
    [ "$(states)" = stored ]
    [ "$(cloud_count generations)" = 0 ]
}

@test "a spool that is lost: only a person says so, and it stays paid" {
    generated_only "a cat"
    rm -r "$(state_dir)"
    expect 6 jobs resume 1
    expect 2 jobs settle 1 --void
    expect 0 jobs settle 1 --charged
    [ "$(states)" = failed ]
    [ "$(sql 'SELECT state FROM ledger')" = settled ]
}

@test "what is paid for outlasts a catalog that was put back from a copy" {
    imgctl generate --provider mock -q "before" >/dev/null
    cp "$(catalog)" copy.db
    generated_only "a cat"
    cp "$(catalog)" present.db
    rm -f "$(catalog)"*
    cp copy.db "$(catalog)"
    expect 0 jobs prune --older-than 0s
    [ "$(spools)" = 1 ]
    expect 0 doctor
    prints "generated pictures of no job in this catalog"
    imgctl generate --provider mock -q "has its number" >/dev/null
    expect 0 jobs prune --older-than 0s
    [ "$(spools)" = 1 ]
    rm -f "$(catalog)"*
    cp present.db "$(catalog)"
    cloud_reset
    expect 0 doctor
    [[ $output != *"of no job"* ]]
    expect 0 jobs resume --all
    [ "$(spools)" = 0 ]
}

@test "resume does not write over a file that is another by now" {
    generated_only "a" -o a.png
    generated_only "b" -o b.png
    generated_only "c" -o c.png
    cp a.png before.png
    echo edited >b.png
    rm c.png
    cloud_reset
    expect 0 jobs resume 1
    cmp a.png before.png
    expect 3 jobs resume 2
    says "b.png is another file by now, and stays"
    [ "$(cat b.png)" = edited ]
    expect 0 jobs resume 3
    [ -s c.png ]
    [ "$(states)" = "stored stored stored" ]
}

@test "a preview for a standard output that is gone becomes a file" {
    # The listener has gone before a byte comes.
    run bash -c "imgctl generate -q 'A Cat' --preview-only -o - 2>/dev/null >/dev/full"
    [ "$(states)" = generated ]
    expect 0 jobs resume 1
    cmp -n 8 a-cat.png "$pictures/lighthouse.png"
    [ "$(states)" = stored ]
    [ "$(spools)" = 0 ]
}

@test "the answer in the spool of an unknown job keeps its cost" {
    generated_only "a cat"
    cost=$(sql 'SELECT cost FROM ledger')
    sql "DELETE FROM job_pictures; UPDATE jobs SET state = 'unknown', answered_at = NULL;
         UPDATE ledger SET state = 'unknown', cost = NULL; DELETE FROM transfers"
    cloud_reset
    expect 0 jobs resume 1
    [ -n "$cost" ]
    [ "$(sql 'SELECT cost FROM ledger')" = "$cost" ]
}

@test "an unknown job whose pictures had arrived is resumed with them" {
    imgctl generate -q "a" --preview-only -o kept.png >/dev/null
    hang
    imgctl generate -q "b" 2>/dev/null &
    pid=$!
    cloud_wait paid 2
    kill -9 "$pid"
    wait "$pid" || true
    cp kept.png "$(dirname "$(state_dir)"/*/lock)/picture-0"
    [ "$(states)" = "stored unknown" ]
    expect 0 jobs resume 2
    [ "$(states)" = "stored stored" ]
    [ "$(imgctl count)" = 1 ]
}

@test "prune forgets jobs, not what they cost, nor what is open" {
    imgctl generate -q "a" >/dev/null
    fault acted close
    run imgctl generate -q "b"
    expect 0 jobs prune --older-than 30d
    [ "$(states)" = "stored unknown" ]
    expect 0 jobs prune --older-than 0s
    [ "$(states)" = unknown ]
    [ "$(sql 'SELECT count(*) FROM ledger')" = 2 ]
    [ "$(imgctl show 1 --json | jq -r '.[0].cost_usd')" != null ]
}

@test "prune leaves no pictures of a job that it forgets" {
    cloud_set openai_noise 1
    fault acted stall '"bytes":60000'
    imgctl generate -q "half a cat" 2>/dev/null &
    pid=$!
    until [ -n "$(find "$(state_dir)" -name picture-0 -size +0)" ]; do sleep 0.05; done
    kill -9 "$pid"
    wait "$pid" || true
    expect 0 jobs settle 1 --void
    [ "$(spools)" = 1 ]
    expect 0 jobs prune --older-than 0s
    expect 0 jobs --json
    [ "$(json '.jobs | length')" = 0 ]
    [ "$(spools)" = 0 ]
}

@test "the spools of another catalog are left alone" {
    generated_only "a cat"
    cloud_reset
    imgctl --catalog other.db generate --provider mock -q "a dog" >/dev/null
    imgctl --catalog other.db jobs prune -q --older-than 0s
    [ "$(spools)" = 1 ]
    expect 0 jobs resume 1
}

@test "the status screen tells of unfinished jobs" {
    fault acted close
    run imgctl generate -q "a"
    run imgctl
    [[ $output == *"imgctl jobs"* ]]
}
