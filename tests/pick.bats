#!/usr/bin/env bats
# pick: choosing in the terminal, in a real one.

load lib/imgctl
load lib/screen

local_setup() {
    unset TMUX STY COLORTERM LANG LC_CTYPE
    for picture in "$pictures"/lighthouse.* "$pictures"/located.jpg; do
        imgctl upload -q --store local "$picture" >/dev/null # one by one: ids in this order
    done
}

teardown() { screen_stop; }

# Names and kinds for the four pictures: 1 wide, 2 combining, 3 generated.
name_them() {
    sql "UPDATE images SET original_filename = '灯台の写真.jpg' WHERE id = 1;
         UPDATE images SET original_filename = 'cafe' || char(769) || '.png' WHERE id = 2;
         UPDATE images SET ai_generated = 1, ai_prompt = 'a lighthouse at dusk',
             ai_model = 'mock-1' WHERE id = 3"
}

@test "Enter chooses; the choice goes to standard output, and stays as @picked" {
    screen_start 80 24 "imgctl pick >chosen"
    sees "> 4       located.jpg"
    sees "200x300  10 KB"
    keys Down Down
    sees "> 2       lighthouse.png"
    keys Enter
    ends 0
    [ "$(cat chosen)" = 2 ]
    [ "$(imgctl show --ids @picked)" = 2 ]
    [ "$(imgctl url @picked)" = "$(imgctl url 2)" ]
}

@test "in a command substitution" {
    screen_start 80 24 'url=$(imgctl pick --urls </dev/null); echo "$url" >chosen'
    sees "> 4"
    keys Enter
    ends 0
    [ "$(cat chosen)" = "$(imgctl url 4)" ]
}

@test "Esc and Ctrl-C leave with 130 and nothing chosen" {
    screen_start 80 24 "imgctl pick >chosen"
    sees "> 4"
    keys Escape
    ends 130
    [ ! -s chosen ]
    screen_start 80 24 "imgctl pick >chosen"
    sees "> 4"
    keys C-c
    ends 130
    expect 6 show @picked
    says "imgctl pick"
}

@test "search as you type" {
    name_them
    screen_start 80 24 "imgctl pick >chosen"
    sees "1/4"
    keys w e b
    sees "1/1"
    sees "> 3"
    keys x
    sees "nothing matches"
    keys Enter
    sees "there is nothing to choose"
    keys BSpace BSpace BSpace BSpace
    sees "1/4"
    keys / a ' ' l i g
    sees "Search a lig"
    sees "1/1"
    keys Escape
    keys C-u
    sees "1/4"
    keys 灯台
    sees "> 1"
    keys Enter
    ends 0
    [ "$(cat chosen)" = 1 ]
}

@test "filters: all, uploaded, AI; those of the command line to begin with" {
    name_them
    screen_start 80 24 "imgctl pick >chosen"
    sees "1/4"
    keys Right
    sees "1/3"
    sees_not "lighthouse.webp"
    keys Right
    sees "1/1"
    sees "mock-1: a lighthouse at dusk"
    keys Right
    sees "1/4"
    keys Escape
    ends 130
    screen_start 80 24 "imgctl pick --ai >chosen"
    sees "1/1"
    keys Enter
    ends 0
    [ "$(cat chosen)" = 3 ]
    screen_start 80 24 "imgctl pick --width 1000.. --search light >chosen"
    sees "Search light"
    sees_not "lighthouse.png"
    keys BSpace
    keys C-u
    sees "1/1"
    keys Escape
    ends 130
}

@test "several: Space marks, in this order they are printed" {
    screen_start 80 24 "imgctl pick --multi >chosen"
    sees "> 4"
    keys Down Space
    sees "1 marked"
    keys Up Up Space
    sees "2 marked"
    sees ">*3"
    keys Space
    sees "1 marked"
    keys Space
    keys Enter
    ends 0
    [ "$(tr '\n' ' ' <chosen)" = "4 2 " ]
    [ "$(imgctl show --ids @picked)" = "$(cat chosen)" ]
}

@test "at most so many" {
    screen_start 80 24 "imgctl pick --max 2 >chosen"
    sees "> 4"
    keys Space Space Space
    sees "2 are marked, that is all that may be"
    keys Enter
    ends 0
    [ "$(tr '\n' ' ' <chosen)" = "4 3 " ]
    screen_start 80 24 "imgctl pick >chosen"
    sees "> 4"
    keys Space
    sees ">*4"
    keys Down Space
    sees ">*3"
    sees "1 marked"
    keys Enter
    ends 0
    [ "$(cat chosen)" = 3 ]
}

@test "what Instagram takes" {
    screen_start 80 24 "imgctl pick --require-ig >chosen"
    sees "> 4       located.jpg"
    sees "1 IG    lighthouse.jpg"
    sees "Instagram: no, width"
    keys Enter
    sees "Instagram would not take it: width"
    keys Space
    sees "Instagram would not take it: width"
    keys End
    sees "Instagram: ok"
    keys Enter
    ends 0
    [ "$(cat chosen)" = 1 ]
}

@test "the formats of the answer" {
    local format
    for format in --ids --urls --paths --json --jsonl "--format {id}:{width}\\\\n"; do
        screen_start 80 24 "imgctl pick $format >chosen"
        sees "> 4"
        keys Enter
        ends 0
        case $format in
        --ids) [ "$(cat chosen)" = 4 ] ;;
        --urls) [ "$(cat chosen)" = "$(imgctl url 4)" ] ;;
        --paths) cmp "$(cat chosen)" "$pictures/located.jpg" ;;
        --json) jq -e '.[0].id == 4' chosen ;;
        --jsonl) jq -e '.id == 4' chosen ;;
        *) [ "$(cat chosen)" = "4:200" ] ;;
        esac
    done
    expect 2 pick --paths --urls
    expect 2 pick --ai --uploaded
}

@test "the picture beside the list" {
    screen_start 80 24 "imgctl pick"
    sees "▀▀▀▀▀▀"
    keys Escape
    ends 130
    rm -rf "$HOME/.local/share/imgctl/store"
    screen_start 80 24 "imgctl pick"
    sees "cannot read"
    keys Escape
    ends 130
}

@test "NO_COLOR: letters for pixels, and no colour at all" {
    screen_start 80 24 "NO_COLOR=1 imgctl pick"
    sees "> 4"
    sees "#*++"
    [[ $(screen -e) != *";5;"* && $(screen -e) != *"38;2"* && $(screen -e) != *$'\033[3'[0-7]* ]]
    [[ $(screen) != *▀* ]]
    keys Enter
    ends 0
}

@test "40 x 12, and smaller" {
    name_them
    screen_start 40 12 "imgctl pick"
    sees "> 4       located.jpg"
    sees "200x300"
    sees "▀▀▀"
    [ "$(screen | wc -l)" = 12 ]
    keys '?'
    sees "any key goes back"
    sees "Esc Ctrl-C leave"
    keys x Tab
    sees "File"
    keys Escape
    ends 130
    screen_start 20 5 "imgctl pick"
    sees "> 4"
    keys Enter
    ends 0
}

@test "wide and combining names stand right, also when the cut falls into one" {
    name_them
    screen_start 80 24 "imgctl pick"
    sees "灯台の写真.jpg"
    sees "1200x800"
    sees $'cafe\xcc\x81.png'
    [ "$(screen | grep -F '灯台' | head -n 1 | tr -d '灯台の写真▀ ' )" = "1IG.jpg1200x800" ]
    keys Escape
    ends 130
    sql "UPDATE images SET original_filename = '日日日日日日日日日日日日日日日日日日日日日日日日日日日日' WHERE id = 4"
    screen_start 45 12 "imgctl pick"
    sees "日…"
    keys Escape
    ends 130
}

@test "the window changes its size" {
    screen_start 80 24 "imgctl pick"
    sees "Enter choose  Tab  ? help  Esc leave"
    tmux -S "$tmux_socket" resize-window -x 40 -y 12
    until_true eval '[ "$(screen | tail -n 1 | cut -c1-12)" = "Enter choose" ]'
    sees "> 4"
    tmux -S "$tmux_socket" resize-window -x 100 -y 30
    until_true eval '[ "$(screen | tail -n 1 | cut -c1-12)" = "Enter choose" ]'
    keys Down Enter
    ends 0
}

@test "ten thousand pictures" {
    imgctl --catalog many.db business add first
    "$BATS_TEST_DIRNAME/bench/catalog-fill" many.db 10000
    total=$(imgctl --catalog many.db count)
    newest=$(imgctl --catalog many.db list --ids --page-size 1)
    oldest=$(imgctl --catalog many.db list --ids --page-size 1 --reverse)
    screen_start 80 24 "imgctl --catalog many.db pick >chosen"
    sees "1/$total"
    sees "> $newest"
    keys End
    sees "$total/$total"
    keys PPage
    sees "$((total - 20))/$total"
    keys Home NPage NPage
    sees "41/$total"
    sees "> $(imgctl --catalog many.db list --ids --page 41 --page-size 1)"
    keys zebrafinch
    sees "1/20"
    keys C-u End Enter
    ends 0
    [ "$(cat chosen)" = "$oldest" ]
    [ "$(imgctl --catalog many.db show --ids @picked)" = "$oldest" ]
}

@test "names cannot write to the terminal" {
    sql "UPDATE images SET original_filename = 'a' || char(27) || '[2Jb.jpg' WHERE id = 4"
    screen_start 80 24 "imgctl pick"
    sees 'a\x1B[2Jb.jpg'
    keys Escape
    ends 130
}

@test "Upload: through folders to a picture, which is in the library then" {
    mkdir -p new/deep
    fresh_picture new/deep/Sunset.jpg
    fresh_picture new/other.jpg
    echo text >new/notes.txt
    screen_start 80 24 "imgctl pick --store local >chosen"
    sees "> 4"
    keys Tab
    sees "> new/"
    keys Enter
    sees "> deep/"
    sees "other.jpg"
    sees_not "notes.txt"
    keys Right
    sees "> Sunset.jpg"
    sees "▀▀▀▀"
    keys Left Left
    sees "> new/"
    keys new/deep/su
    sees "> Sunset.jpg"
    keys Enter
    sees "uploaded as 5: Enter chooses"
    sees "> 5"
    keys Enter
    ends 0
    [ "$(cat chosen)" = 5 ]
    check_catalog
}

@test "Upload: what is known is chosen, what is no picture is refused" {
    cp "$pictures/lighthouse.jpg" known.jpg
    echo text >wrong.jpg
    screen_start 80 24 "imgctl pick --multi --store local >chosen"
    sees "> 4"
    keys Tab
    sees "known.jpg"
    keys wrong Enter
    sees "JPEG"
    keys C-u known Enter
    sees "known as 1: Enter chooses"
    sees "1 marked"
    keys Enter
    ends 0
    [ "$(cat chosen)" = 1 ]
}

@test "without a catalog there is nothing to choose, but something to upload" {
    fresh_picture first.jpg
    screen_start 80 24 "imgctl --catalog new.db pick --store local >chosen"
    sees "no pictures yet"
    [ ! -e new.db ]
    keys Tab
    sees "> first.jpg"
    keys Enter
    sees "uploaded as 1"
    keys Enter
    ends 0
    [ "$(cat chosen)" = 1 ]
}

@test "a signal leaves the terminal as it was" {
    local name number
    for name in TERM:143 HUP:129 SEGV:139; do
        number=${name#*:}
        screen_start 80 24 "sh -c 'echo \$\$ >pid; exec imgctl pick'"
        sees "> 4"
        kill -"${name%:*}" "$(cat pid)"
        ends "$number"
    done
}

@test "Ctrl-Z stops, and it goes on" {
    screen_start 80 24 "bash --norc -i"
    keys "PS1='ready> '" Enter
    sees "ready>"
    keys "imgctl pick; echo status \$?" Enter
    sees "> 4"
    keys C-z
    sees "Stopped"
    keys fg Enter
    sees "> 4"
    keys Down
    sees "> 3"
    keys Enter
    sees_not "> 3"
}

@test "no terminal, or a poor one" {
    run --separate-stderr setsid -w imgctl pick </dev/null
    [ "$status" = 2 ]
    says "imgctl list"
    screen_start 80 24 "TERM=dumb imgctl pick 2>said"
    ends 2
    grep -q "TERM is dumb" said
}

@test "--fzf: it gets the rows and a previewer, its answer is the choice" {
    mkdir bin
    cat >bin/fzf <<'END'
#!/bin/sh
printf '%s\n' "$@" >fzf-args
cat >fzf-rows
FZF_PREVIEW_COLUMNS=40 FZF_PREVIEW_LINES=10 sh -c "$(grep preview fzf-args | tail -n 1 | sed 's/{1}/4/')" >fzf-preview
sed -n "${ROW:-2}p" fzf-rows
END
    chmod +x bin/fzf
    PATH=$PWD/bin:$PATH
    expect 0 pick --fzf --protocol blocks
    [ "$output" = 3 ]
    [ "$(wc -l <fzf-rows)" = 4 ]
    grep -q $'^1\t1  lighthouse.jpg  1200x800  IG$' fzf-rows
    grep -q "4  located.jpg" fzf-preview
    grep -q "▀" fzf-preview
    grep -qx -- --no-multi fzf-args
    ROW=1 expect 0 pick --fzf --require-ig --ids --multi --search light
    grep -qx light fzf-args
    [ "$(wc -l <fzf-rows)" = 1 ]
    printf '#!/bin/sh\nexit 130\n' >bin/fzf
    expect 130 pick --fzf
    printf '#!/bin/sh\necho nonsense\n' >bin/fzf
    expect 1 pick --fzf
}

@test "--fzf without fzf" {
    PATH=$BUILD:/usr/bin:/bin
    command -v fzf && skip "fzf is installed"
    expect 2 pick --fzf
    says "fzf is not installed"
}

@test "true pixels where the terminal has them: drawn after the text, taken away before the next" {
    local esc=$'\033'
    TERM=xterm-kitty run "$BATS_TEST_DIRNAME/lib/answering.py" \
        '{"\u001b_Ga=T,f=100": "\u001b[B", "a=d,d=A": "\r"}' sh -c 'imgctl pick >chosen'
    [ "$status" = 0 ]
    [ "$(cat chosen)" = 3 ]
    [[ $output == *"${esc}_Ga=T,f=100,q=2,c="*",C=1,"*"${esc}_Ga=d,d=A,q=2${esc}\\"* ]]
    [[ $output != *▀* ]]
    TERM=foot run "$BATS_TEST_DIRNAME/lib/answering.py" '{"\u001bP0;1;0q": "\r"}' \
        sh -c 'imgctl pick >chosen'
    [ "$(cat chosen)" = 4 ]
    TERM=xterm-256color run "$BATS_TEST_DIRNAME/lib/answering.py" \
        '{"\u001b[c": "\u001b[?62;22c", "▀": "\r"}' sh -c 'imgctl pick >chosen'
    [ "$(cat chosen)" = 4 ]
    [[ $output != *"${esc}P"* && $output != *"${esc}_"* ]]
}
