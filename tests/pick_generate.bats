#!/usr/bin/env bats
# pick's tab Generate: the price before, one paid request, the picture in the library.

load lib/imgctl
load lib/generation
load lib/screen

setup_file()    { cloud_start; }
teardown_file() { cloud_stop; }

local_setup() {
    cloud_reset
    unset TMUX STY COLORTERM LANG LC_CTYPE
    generation_here
}

teardown() { screen_stop; }

# To the tab Generate, with this prompt.
open_with() {
    sees "no pictures yet"
    keys BTab
    sees "Prompt"
    keys "$1"
    sees "${1: -20}" # the end of it, where it is typed
}

@test "the price is told before, one request is paid, the picture is chosen" {
    screen_start 80 24 "imgctl pick >chosen"
    open_with "a lighthouse at dusk"
    sees "gpt-image-2.5-flare"
    sees 'Price    $0.0059'
    [ "$(cloud_count requests)" = 0 ]
    keys Enter
    sees "generated as 1: Enter chooses"
    sees "> 1"
    sees "AI a-lighthouse-at-dusk.png"
    [ "$(cloud_count paid_requests)" = 1 ]
    keys Enter
    ends 0
    [ "$(cat chosen)" = 1 ]
    [ "$(sql 'SELECT state FROM ledger')" = settled ]
    check_catalog
    [ -z "$(cloud_violations)" ]
}

@test "model, size and quality are chosen, and change the price" {
    screen_start 80 24 "imgctl pick"
    open_with "a cat"
    sees 'Price    $0.005'
    keys Down Down
    sees "< 1024x1024 >"
    keys Right Right
    sees "< portrait >"
    keys Down Right
    sees_not 'Price    $0.005'
    keys Up Up
    sees "< gpt-image-2.5-flare >"
    keys Right
    sees_not "gpt-image-2.5-flare"
    keys Escape
    ends 130
    [ "$(cloud_count requests)" = 0 ]
}

@test "the same again is asked about, a second Enter buys it" {
    imgctl generate -q "a cat" >/dev/null
    screen_start 80 24 "imgctl pick"
    sees "> 1"
    keys BTab
    keys "a cat"
    sees "a cat"
    keys Enter
    sees "the same was bought"
    [ "$(cloud_count paid_requests)" = 1 ]
    keys Enter
    sees "generated as 2"
    [ "$(cloud_count paid_requests)" = 2 ]
    keys Escape
    ends 130
}

@test "what is refused is told, and nothing is chosen" {
    screen_start 80 24 "imgctl -c budget.month=0.001 pick"
    open_with "a cat"
    keys Enter
    sees "budget"
    [ "$(cloud_count paid_requests)" = 0 ]
    keys C-u Enter
    sees "say what to draw"
    keys Escape
    ends 130
    unset OPENAI_API_KEY OPENAI_BASE_URL
    screen_start 80 24 "imgctl pick"
    sees "no pictures yet"
    keys BTab
    sees "OPENAI_API_KEY"
    keys Escape
    ends 130
}

@test "the mock costs nothing; with --multi the picture is marked; 40 x 12" {
    screen_start 40 12 "imgctl -c generate.provider=mock pick --multi >chosen"
    open_with "a prompt that is longer than the window is wide"
    sees 'Price    $0.00'
    keys Enter
    sees "generated as 1"
    sees "1 marked"
    keys Enter
    ends 0
    [ "$(cat chosen)" = 1 ]
    [ "$(cloud_count requests)" = 0 ]
}
