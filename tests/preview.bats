#!/usr/bin/env bats
# preview: pictures in the terminal.

load lib/imgctl

setup_file()    { cloud_start; }
teardown_file() { cloud_stop; }

local_setup() {
    cloud_reset
    unset TMUX STY COLORTERM LANG LC_CTYPE
    for picture in "$pictures"/lighthouse.*; do
        imgctl upload -q --store local "$picture" >/dev/null # one by one: ids in this order
    done
}

esc=$'\033'

# On a terminal that answers: answered JSON ARGUMENT... ; $output is what it was sent.
answered() {
    local answers=$1
    shift
    run "$BATS_TEST_DIRNAME/lib/answering.py" "$answers" imgctl "$@"
}

sent() {
    [[ $output == *"$1"* ]] || { printf 'not sent: %q\n%q\n' "$1" "${output:0:2000}"; return 1; }
}

not_sent() {
    [[ $output != *"$1"* ]] || { printf 'sent: %q\n' "$1"; return 1; }
}

@test "a picture and what it is" {
    expect 0 preview --protocol ascii --size 30x10 1
    [ "$(wc -l <<<"$output")" = 11 ]
    [ "$(tail -n 1 <<<"$output")" = "1  lighthouse.jpg  1200x800  101 KB  IG ok" ]
    [[ $output != *"$esc"* ]]
    expect 0 preview --protocol ascii --size 30x10 -q @1
    [ "$(wc -l <<<"$output")" = 10 ]
}

@test "a file without a catalog" {
    expect 0 --catalog none.db preview --protocol blocks --size 20x8 "$pictures/lighthouse.png"
    prints "lighthouse.png  300x200  61 KB  IG no: width"
    [ ! -e none.db ]
    cp "$pictures/lighthouse.jpg" 1
    expect 0 preview --protocol ascii --size 20x8 ./1
    prints "1  1200x800"
}

@test "as large as the box, in the shape it has, never enlarged" {
    expect 0 preview --protocol ascii -q --size 90x10 1
    [ "$(wc -l <<<"$output")" = 10 ]
    [ "$(awk '{print length}' <<<"$output" | sort -n | tail -n 1)" = 30 ]
    convert_16x16 tiny.png
    expect 0 preview --protocol blocks -q tiny.png
    [ "$(wc -l <<<"$output")" = 8 ]
}

# A grey PNG of 16 x 16, made by hand.
convert_16x16() {
    python3 - "$1" <<'END'
import struct, sys, zlib
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
open(sys.argv[1], "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + b"\x80" * 16 for _ in range(16)))) + chunk(b"IEND", b""))
END
}

@test "each protocol in its form" {
    expect 0 preview -q --protocol blocks --size 20x8 1
    prints "${esc}[38;2;"
    expect 0 preview -q --protocol 256 --size 20x8 1
    prints "${esc}[38;5;"
    [[ $output != *";2;"* ]]
    expect 0 preview -q --protocol 16 --size 20x8 1
    [[ $output != *"38;"* ]]
    prints "▀"
    expect 0 preview -q --protocol sixel --size 20x8 1
    prints "${esc}P0;1;0q"
    expect 0 preview -q --protocol kitty --size 20x8 1
    prints "${esc}_Ga=T,f=100,q=2,c=20,r=7,m=1;iVBORw0KGgo"
    expect 0 preview -q --protocol iterm2 --size 20x8 1
    prints "${esc}]1337;File=inline=1;size="
}

@test "inside tmux a protocol is wrapped" {
    TMUX=/tmp/x,1,0 expect 0 preview -q --protocol kitty --size 20x8 1
    prints "${esc}Ptmux;${esc}${esc}_Ga=T"
}

@test "a grid with labels" {
    expect 0 preview --protocol ascii --grid --size 24x5 3 2 1
    [ "$(sed -n 6p <<<"$output" | tr -s ' ')" = "3 lighthouse.webp 2 lighthouse.png 1 lighthouse.jpg" ]
    [ "$(sed -n 7p <<<"$output" | tr -s ' ')" = "600x400 IG no: format 300x200 IG no: width 1200x800 IG ok" ]
    [ "$(wc -l <<<"$output")" = 7 ]
    expect 0 preview --protocol ascii --grid --size 38x5 3 2 1
    [ "$(grep -c 'lighthouse' <<<"$output")" = 2 ]
    sql "UPDATE images SET ai_generated = 1 WHERE id = 1"
    output=$(imgctl list --ids | imgctl preview --protocol ascii --grid -)
    prints "1200x800  AI  IG ok"
}

@test "names from outside cannot write to the terminal" {
    cp "$pictures/lighthouse.jpg" $'a\033[2Jb.jpg'
    expect 0 preview --protocol ascii --size 20x4 $'a\033[2Jb.jpg'
    prints 'a\x1B[2Jb.jpg'
    expect 0 preview --protocol ascii --grid --size 20x4 $'a\033[2Jb.jpg'
    prints 'a\x1B[2Jb.jpg'
}

@test "what fails is told, the others go on" {
    head -c 9000 "$pictures/lighthouse.jpg" >cut.jpg
    echo text >text.jpg
    expect 3 preview --protocol ascii --size 10x4 text.jpg 1
    says "text.jpg"
    prints "1  lighthouse.jpg"
    expect 7 preview --protocol ascii text.jpg
    expect 6 preview --protocol ascii none.jpg
    expect 6 preview --protocol ascii 99
    expect 7 preview --protocol ascii --grid cut.jpg
    [ -z "$output" ]
}

@test "wrong usage" {
    expect 2 preview
    expect 2 preview --protocol ascii --size 20 1
    says '"20" is no size'
    expect 2 preview --protocol ascii --size 0x5 1
    expect 2 preview --protocol ascii --size 20x8x 1
    expect 2 preview --protocol vga 1
}

@test "no terminal: a protocol must be named, or colours be forced" {
    expect 2 preview 1
    says "--protocol blocks"
    CLICOLOR_FORCE=1 expect 0 preview 1
    prints "▀"
}

@test "the terminal is asked for its name, and believed" {
    answered '{"\u001b[c": "\u001bP>|kitty(0.36.4)\u001b\\\u001b[?62;c"}' preview 1
    [ "$status" = 0 ]
    sent "${esc}_Ga=T,f=100"
    answered '{"\u001b[c": "\u001bP>|iTerm2 3.5\u001b\\\u001b[?62;4c"}' preview 1
    sent "${esc}]1337;File="
    answered '{"\u001b[c": "\u001b[?62;4;22c"}' preview 1
    sent "${esc}P0;1;0q"
    not_sent "${esc}_G"
    answered '{"\u001b[c": "\u001b[?62;22c"}' preview 1
    sent "▀"
    not_sent "${esc}_G"
}

@test "kitty's own question is asked of who has a name" {
    answered '{"a=q,t=d,f=24;AAAA\u001b\\\u001b[c": "\u001b_Gi=31;OK\u001b\\\u001b[?62;4c",
               "\u001b[c": "\u001bP>|Konsole 24.02\u001b\\\u001b[?62;4c"}' preview 1
    sent "${esc}_Gi=31,"
    sent "${esc}_Ga=T"
    answered '{"\u001b[c": "\u001bP>|Konsole 21\u001b\\\u001b[?62;4c"}' preview 1
    sent "${esc}P0;1;0q"
}

@test "the size of its characters makes the size of the picture" {
    answered '{"\u001b[c": "\u001b[6;8;4t\u001b[?62;4c"}' preview 1
    sent '"1;1;252;168'
}

@test "who does not answer gets characters" {
    answered '{}' preview 1
    [ "$status" = 0 ]
    sent "▀"
    not_sent "${esc}P"
    not_sent "${esc}_"
}

@test "nothing is asked where the question might be shown" {
    local term
    for term in dumb linux vt100 screen-256color tmux-256color; do
        TERM=$term answered '{}' preview --size 20x4 1
        [ "$status" = 0 ]
        not_sent "${esc}[c"
        not_sent "${esc}[>q"
        not_sent "${esc}P"
    done
    TERM=xterm-kitty answered '{}' preview 1
    not_sent "${esc}[c"
    sent "${esc}_Ga=T"
    TERM=xterm answered '{}' preview --protocol 16 1
    not_sent "${esc}[c"
}

@test "NO_COLOR: nothing is coloured" {
    NO_COLOR=1 TERM=tmux-256color TMUX=x answered '{}' preview 1
    [ "$status" = 0 ]
    not_sent "$esc"
    sent "1  lighthouse.jpg"
}

@test "a locale without UTF-8 has no half blocks" {
    LC_ALL=de_DE.ISO-8859-1 TERM=tmux-256color TMUX=x answered '{}' preview 1
    not_sent "▀"
    sent "1  lighthouse.jpg"
}

@test "the terminal is as it was, also when it is interrupted while it is asked" {
    run "$BATS_TEST_DIRNAME/lib/answering.py" '{"\u001b[c": "\u001b[?62;22c"}' \
        sh -c 'stty -g >before; imgctl preview 1; stty -g >after'
    sent "▀"
    cmp before after
    run "$BATS_TEST_DIRNAME/lib/answering.py" '{"\u001b[c": 15}' \
        sh -c 'trap : TERM; stty -g >before; imgctl preview 1; echo "status $?"; stty -g >after'
    sent "status 143"
    cmp before after
}

@test "a picture in Cloudinary comes in a small version" {
    imgctl upload -q --store cloudinary "$pictures/located.jpg" >/dev/null
    expect 0 preview --protocol ascii --size 20x8 4
    prints "4  located.jpg"
    [ "$(cloud_count deliveries)" = 1 ]
    [ -z "$(cloud_violations)" ]
    unset CLOUDINARY_URL
    expect 4 preview --protocol ascii 4
}
