#!/usr/bin/env bats
# --clipboard and --copy: through wl-clipboard, xclip and the terminal.

# Each test has an environment of its own.
# shellcheck disable=SC2030,SC2031

load lib/imgctl

local_setup() {
    unset DISPLAY WAYLAND_DISPLAY
    mkdir bin
    export PATH=$PWD/bin:$PATH CLIP=$PWD/clip
    mkdir "$CLIP"
    program wl-copy 'cat >"$CLIP/text"; echo "$0 $*" >"$CLIP/by"'
    program wl-paste 'case $1 in
        --list-types) cat "$CLIP/types" ;;
        *) [ "$1 $2" = "--no-newline --type" ] && cat "$CLIP/$(basename "$3")" ;;
        esac'
    program xclip 'case "$*" in
        "-selection clipboard -in") cat >"$CLIP/text"; echo "$0" >"$CLIP/by" ;;
        *TARGETS) cat "$CLIP/types" ;;
        "-selection clipboard -out -target image/"*) cat "$CLIP/$(basename "$5")" ;;
        *) exit 9 ;;
        esac'
}

# program NAME SCRIPT
program() {
    printf '#!/bin/sh\n%s\n' "$2" >"bin/$1"
    chmod +x "bin/$1"
}

holds() {
    printf 'text/html\nimage/%s\n' "$1" >"$CLIP/types"
    cp "$2" "$CLIP/$1"
}

@test "upload --clipboard: the picture there, checked like any other" {
    holds png "$pictures/lighthouse.png"
    for display in WAYLAND_DISPLAY DISPLAY; do
        rm -rf "$HOME/.local"
        export "$display=x"
        expect 0 upload --clipboard --json --tag pasted
        json '.items[0].image | .mime_type == "image/png" and .tags == ["pasted"] and .original_filename == "clipboard"'
        unset "$display"
    done
    export DISPLAY=x
    expect 0 upload --clipboard --json --name shot.png
    json '.items[0].status == "duplicate"'
    holds png "$pictures/lighthouse.jpg"
    expect 0 upload --clipboard --json
    json '.items[0].image.mime_type == "image/jpeg"'
    echo '<svg/>' >"$CLIP/png"
    expect 7 upload --clipboard
    : >"$CLIP/png"
    expect 7 upload --clipboard
    holds jpeg "$pictures/lighthouse.jpg"
    expect 7 upload --clipboard --max-bytes 1000
    says "larger than"
}

@test "no picture, no clipboard, two inputs: each is said" {
    expect 1 upload --clipboard
    says "no clipboard"
    export DISPLAY=:0
    echo text/plain >"$CLIP/types"
    expect 6 upload --clipboard
    says "no picture in the clipboard"
    rm "$CLIP/types"
    expect 6 upload --clipboard
    expect 2 upload --clipboard "$pictures/lighthouse.jpg"
    expect 2 upload --clipboard -r .
    [ "$(imgctl count)" = 0 ]
}

@test "--copy on upload, url and show" {
    export WAYLAND_DISPLAY=w DISPLAY=:0
    expect 0 upload --copy "$pictures/lighthouse.jpg" "$pictures/lighthouse.png"
    says "copied to the clipboard"
    [ "$(sort "$CLIP/text")" = "$(imgctl list --urls | sort)" ]
    [[ $(cat "$CLIP/by") == */wl-copy* ]]
    expect 0 url --copy 2
    [ "$(cat "$CLIP/text")" = "$output" ]
    unset WAYLAND_DISPLAY
    expect 0 -q show --copy 1 --json
    [ -z "$stderr" ]
    [ "$(cat "$CLIP/text")" = "$(jq -r '.[0].storage_url' <<<"$output")" ]
    [[ $(cat "$CLIP/by") == */xclip ]]
    rm "$CLIP/text"
    expect 6 url --copy 99
    [ ! -e "$CLIP/text" ]
    expect 3 url --copy 1 99
    [ "$(cat "$CLIP/text")" = "$output" ]
}

@test "pick --copy" {
    imgctl upload -q "$pictures/lighthouse.jpg" >/dev/null
    program fzf 'head -n 1'
    export DISPLAY=:0
    expect 0 pick --fzf --copy --urls
    [ "$(cat "$CLIP/text")" = "$(imgctl list --urls)" ]
}

@test "a program that fails is said; the links are printed all the same" {
    imgctl upload -q "$pictures/lighthouse.jpg" >/dev/null
    program xclip 'exit 3'
    DISPLAY=:0 expect 1 url --copy 1
    prints file://
    says "xclip failed with status 3"
}

@test "without a desktop: the terminal's clipboard, and on no terminal an error" {
    imgctl upload -q "$pictures/lighthouse.jpg" >/dev/null
    url=$(imgctl url 1)
    run script -qec "TERM=xterm imgctl url --copy 1" /dev/null </dev/null
    prints $'\e]52;c;'"$(printf %s "$url" | base64 -w0)"$'\e\\'
    prints "handed to the terminal"
    for term in dumb linux ""; do
        run script -qec "TERM=$term imgctl url --copy 1" /dev/null </dev/null
        [ "$status" -eq 1 ]
        [[ $output != *$'\e]52'* ]]
    done
    run --separate-stderr setsid imgctl url --copy 1 </dev/null
    [ "$status" -eq 1 ]
    [ "$output" = "$url" ]
}

@test "helpers are looked for in PATH's absolute folders only" {
    imgctl upload -q "$pictures/lighthouse.jpg" >/dev/null
    cp bin/xclip xclip
    rm bin/xclip
    PATH=:.:bin:$PATH DISPLAY=:0 run --separate-stderr setsid imgctl url --copy 1
    [ "$status" -eq 1 ]
    says "no clipboard"
    [ ! -e "$CLIP/by" ]
}
