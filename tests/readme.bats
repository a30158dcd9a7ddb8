#!/usr/bin/env bats
# The README tells the truth.

load lib/imgctl

@test "the README's examples print what it says" {
    if imgctl doctor | grep -q 'cannot confine'; then
        skip "this build or kernel cannot confine a decoder, as doctor says in the README"
    fi
    run python3 "$BATS_TEST_DIRNAME/lib/readme.py" "$BATS_TEST_DIRNAME/../README.md" "$pictures"
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "the check of the README can fail" {
    sed 's/1200x800/1200x801/' "$BATS_TEST_DIRNAME/../README.md" >README.md
    run python3 "$BATS_TEST_DIRNAME/lib/readme.py" README.md "$pictures"
    [ "$status" -eq 1 ]
}

@test "the README's exit codes are the program's" {
    imgctl help --json | jq -r '.exit_codes[].code' >codes
    while read -r code; do
        grep -q "^| $code" "$BATS_TEST_DIRNAME/../README.md" || { echo "$code"; return 1; }
    done <codes
    [ "$(wc -l <codes)" -ge 12 ]
}

@test "the cron recipe: no terminal, no environment, nothing said when all is well" {
    mkdir -p outbox
    cp "$pictures"/*.jpg outbox/
    run --separate-stderr env -i HOME="$HOME" PATH="$PATH" setsid imgctl upload -q -r outbox </dev/null
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    head -c 100 outbox/lighthouse.jpg >outbox/broken.jpg
    run --separate-stderr env -i HOME="$HOME" PATH="$PATH" setsid imgctl upload -q -r outbox </dev/null
    [ "$status" -eq 3 ]
    [[ $stderr == *broken.jpg* ]]
    run --separate-stderr env -i HOME="$HOME" PATH="$PATH" setsid imgctl purge -q --older-than 90d --yes --max-delete 1000 </dev/null
    [ "$status" -eq 0 ]
    [ -z "$output$stderr" ]
}
