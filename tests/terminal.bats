#!/usr/bin/env bats
# Manners on a terminal: pager, links, widths, colour, hostile text.

# Each test has an environment of its own.
# shellcheck disable=SC2030,SC2031

load lib/imgctl

local_setup() {
    export TERM=xterm-256color COLUMNS=80 LINES=24
    unset LESS
    imgctl upload -q --tag summer "$pictures/lighthouse.jpg" "$pictures/lighthouse.png" >/dev/null
}

# on_terminal COMMAND - run it in a pseudo-terminal; what it printed, without CR.
on_terminal() {
    run script -qec "$1" /dev/null </dev/null
    output=${output//$'\r'/}
}

many() {
    for i in $(seq 1 30); do
        fresh_picture "box/$i.jpg"
    done
    imgctl upload -q -r box >/dev/null
}

# pager FILE - a pager that keeps what it reads.
keeping_pager() {
    printf '#!/bin/sh\ntouch "%s/called"\ncat >"%s/paged"\necho paged\n' "$PWD" "$PWD" >pager
    chmod +x pager
}

@test "long output goes through the pager, short output does not" {
    keeping_pager
    many
    export IMGCTL_PAGER=$PWD/pager
    on_terminal "imgctl list --page-size 5"
    [ "$status" -eq 0 ]
    prints 9.jpg
    [ ! -e called ]
    on_terminal "imgctl list --page-size 100"
    [ "$status" -eq 0 ]
    [ "$output" = paged ]
    [ "$(grep -c jpg paged)" = 31 ]
    grep -q "32 pictures" paged
}

@test "help and show are paged as well; the pager's choice: own, setting, usual" {
    keeping_pager
    PAGER=$PWD/pager on_terminal "imgctl help"
    [ "$output" = paged ]
    rm called
    PAGER=/nowhere/x on_terminal "imgctl -c core.pager='$PWD/pager -x' list --help"
    [ "$output" = paged ]
    rm called
    IMGCTL_PAGER="" PAGER=$PWD/pager on_terminal "imgctl help"
    prints Usage
    [ ! -e called ]
    IMGCTL_PAGER=$PWD/pager LINES=10 on_terminal "imgctl show 1 2"
    [ "$output" = paged ]
    grep -q lighthouse.png paged
}

@test "never for machines, pipes, --no-pager and a dumb terminal" {
    keeping_pager
    export IMGCTL_PAGER=$PWD/pager LINES=3
    on_terminal "imgctl list --json"
    on_terminal "imgctl show --jsonl 1 2 2 2 2"
    on_terminal "imgctl help --json"
    on_terminal "imgctl --no-pager help"
    on_terminal "imgctl help | cat"
    TERM=dumb on_terminal "imgctl help"
    prints Usage
    [ ! -e called ]
}

@test "exit codes pass the pager; leaving it early is no failure" {
    keeping_pager
    many
    IMGCTL_PAGER=$PWD/pager LINES=5 on_terminal "imgctl show 1 99"
    [ "$status" -eq 3 ]
    grep -q "no picture 99" paged
    IMGCTL_PAGER="head -n 1" on_terminal "imgctl list --all"
    [ "$status" -eq 0 ]
    [[ $output == *NAME* ]]
    IMGCTL_PAGER=false on_terminal "imgctl list --all"
    [ "$status" -eq 0 ]
}

@test "a pager that is not there is said, and nothing is lost" {
    IMGCTL_PAGER=no-such-pager LINES=3 on_terminal "imgctl list"
    [ "$status" -eq 0 ]
    prints "no pager"
    prints lighthouse.png
}

@test "a pager is words, not a shell" {
    LINES=3 IMGCTL_PAGER='touch x;touch "a b" $HOME' on_terminal "imgctl list"
    [ -e 'x;touch' ]
    [ -e 'a b' ]
    [ -e '$HOME' ]
}

@test "ids link to their pictures on able terminals only" {
    link=$'\e]8;;file://'
    on_terminal "imgctl list"
    prints "$link"
    on_terminal "imgctl show 1"
    prints "$link"
    for way in "TERM=dumb imgctl" "TERM=linux imgctl" "TERM= imgctl" "imgctl --no-links"; do
        on_terminal "$way list"
        prints lighthouse.png
        [[ $output != *$'\e]8'* ]]
    done
    [[ $(imgctl list) != *$'\e]8'* ]]
    sql "UPDATE images SET storage_url='https://x/'||char(27)||']0;boo'||char(7) WHERE id=1"
    sql "UPDATE images SET storage_url='javascript:alert(1)' WHERE id=2"
    on_terminal "imgctl list; imgctl show 1 2"
    [[ $output != *$'\e]8'* && $output != *$'\e]0'* ]]
}

@test "tables fit 40, 80 and 200 columns; wide and combining characters count right" {
    sql "UPDATE images SET original_filename='灯台の写真、夕暮れの海岸にて長い名前.jpg' WHERE id=1"
    sql "UPDATE images SET original_filename='cafe'||char(769)||' de la mer, une tres longue journee.png' WHERE id=2"
    for columns in 40 80 200; do
        COLUMNS=$columns on_terminal "imgctl --no-links --color never list"
        COLUMNS=$columns python3 - "$output" <<'PYTHON'
import os, sys, unicodedata
def width(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in text)
lines = sys.argv[1].splitlines()[:3]
assert all(width(line) <= int(os.environ["COLUMNS"]) for line in lines), lines
places = {width(line[:line.index("x")]) for line in lines[1:] if "x" in line}
assert len(places) == 1, (places, lines)
PYTHON
    done
    prints 長い名前.jpg
}

@test "relative times on a terminal only" {
    on_terminal "imgctl list"
    prints now
    [[ $(imgctl list) == *T*Z* ]]
}

@test "colour: decided for each stream, by option, NO_COLOR, CLICOLOR and TERM" {
    bold=$'\e[1m'
    on_terminal "imgctl list"
    prints "$bold"
    for way in "NO_COLOR=1 imgctl" "CLICOLOR=0 imgctl" "TERM=dumb imgctl" "imgctl --color never" \
        "imgctl -c color.ui=never"; do
        on_terminal "$way list"
        [[ $output != *"$bold"* ]]
    done
    NO_COLOR="" on_terminal "imgctl list"
    prints "$bold"
    [[ $(CLICOLOR_FORCE=1 imgctl list) != *$'\e'* ]]
    on_terminal "imgctl show 99 2>errors"
    [[ $(<errors) != *$'\e'* ]]
    on_terminal "imgctl show 99"
    prints $'\e[1;31mimgctl:\e[0m'
    CLICOLOR_FORCE=1 run --separate-stderr imgctl show 99
    says $'\e[1;31m'
    CLICOLOR_FORCE=0 run --separate-stderr imgctl show 99
    [[ $stderr != *$'\e'* ]]
}

# What a hostile name, prompt, tag or message may do to a terminal: nothing.
@test "control and bidi characters from outside never reach the terminal" {
    evil="'a'||char(27)||']0;owned'||char(7)||char(155)||'31m'||char(8238)||char(13)||char(10)||char(9)||'b'"
    fresh_picture $'x\e[31m\u202e.jpg'
    imgctl upload -q $'x\e[31m\u202e.jpg' >/dev/null
    sql "UPDATE images SET original_filename=$evil, ai_prompt=$evil, alt_text=$evil, ai_model=$evil,
         tags=json_array($evil) WHERE id=1"
    sql "UPDATE businesses SET name=$evil WHERE id=1"
    sql "INSERT INTO transfers(business_id, store, sha256, source, size, started_at, attempts, error)
         VALUES (1, 'local', 'ff', $evil, 1, '2026-01-01T00:00:00.000Z', 1, $evil)"
    sql "INSERT INTO jobs(state, business_id, store, provider, host, model, prompt, fingerprint, count, created_at,
         estimate, error_code, error, request_id)
         VALUES ('failed', 1, 'local', 'openai', $evil, $evil, $evil, 'ff', 1, '2026-01-01T00:00:00.000Z', 0,
         'refused', $evil, $evil)"
    for command in "list" "show 1 3" "count" "url 1 3" "business list" "verify" "" \
        "upload --list-failed" "get 1 -o ." "delete 1" "restore 1" "upload x*" \
        $'show x\e[31m' $'\e[31m' $'list --business \e[31m' $'list --\e[31m' \
        jobs "jobs show 1" "cost" "cost --spent" "account list" "gallery -o page.html" \
        "preview --protocol ascii 1" "validate 1 x*" "fix --for instagram-feed 1 x*" \
        $'generate --provider mock -n x\e[31m' $'cost --model \e[31m x' \
        $'config \e[31m' $'validate-ig \e[31m' "doctor" "purge -n --older-than 0s"; do
        on_terminal "imgctl --no-links --color never --no-pager ${command//$'\e'/$'\\\e'}"
        if printf %s "$output" | LC_ALL=C grep -qP '\x1b|\x07|\xc2\x9b|\xe2\x80\xae|\r'; then
            printf 'imgctl %s\n%s\n' "$command" "$output" | cat -v
            return 1
        fi
    done
}
