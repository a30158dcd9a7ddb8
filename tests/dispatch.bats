#!/usr/bin/env bats
# The dispatcher: commands, help, suggestions, external programs, exit codes.

load lib/imgctl
load lib/screen

teardown() { screen_stop; }

commands() { imgctl help --json | jq -r '.commands[].name'; }

@test "without arguments: a status screen that says how to begin" {
    expect 0
    prints "imgctl upload FILE"
    [ ! -e "$HOME/.local" ]
}

@test "the status screen counts pictures, deleted ones and unfinished work" {
    imgctl upload -q "$pictures/lighthouse.jpg" "$pictures/lighthouse.png" >/dev/null
    imgctl delete -q @1 >/dev/null
    sql "INSERT INTO transfers(business_id,store,sha256,source,size,started_at,attempts)
         VALUES (1,'local','00','x.jpg',1,'2026-01-01T00:00:00.000Z',1)"
    expect 0
    prints "1 picture,"
    prints "1 deleted"
    prints "1 upload unfinished"
}

@test "every command has a help screen on stdout, and a man page" {
    for c in $(commands); do
        expect 0 "$c" --help
        prints "Usage: imgctl $c"
        [ -z "$stderr" ]
        help=$output
        expect 0 help "$c"
        [ "$output" = "$help" ]
        [ -f "$BATS_TEST_DIRNAME/../man/imgctl-$c.1" ]
    done
}

@test "an empty file name is wrong usage, before anything is done" {
    imgctl upload -q "$pictures/lighthouse.jpg" >/dev/null
    expect 2 get 1 -o ''
    says '--output is ""'
    expect 2 fix 1 --fit crop --ratio 1:1 -o ''
    expect 2 generate --provider mock -o '' tower
    expect 2 upload --files-from ''
    expect 2 --catalog '' count
    [ "$(imgctl count)" = 1 ]
}

@test "a filter by a store that there is not is told from one that matches nothing" {
    for c in list count "push --all" "gallery -o x.html"; do
        # shellcheck disable=SC2086 # words
        expect 2 $c --store locla
        says 'no store "locla"'
    done
    expect 0 list --store local
}

@test "every command refuses an unknown option with 2, on stderr" {
    for c in $(commands); do
        expect 2 "$c" --no-such-option
        [ -z "$output" ]
        says "--no-such-option"
    done
}

@test "a misspelt command gets a suggestion" {
    expect 2 uplaod
    says 'there is no command "uplaod"'
    says 'did you mean imgctl upload?'
}

@test "a misspelt option gets a suggestion" {
    expect 2 list --buisness acme
    says '--business'
}

@test "an unknown command runs imgctl-NAME from PATH with catalog and settings" {
    mkdir bin
    printf '#!/bin/sh\necho "got $# $1 $2"; echo "$IMGCTL_CATALOG"; echo "$IMGCTL_CONFIG"; exit 9\n' \
        >bin/imgctl-greet
    chmod +x bin/imgctl-greet
    PATH=$PWD/bin:$PATH expect 9 --catalog /somewhere/c.db greet "a b" --all
    [ "${lines[0]}" = "got 2 a b --all" ]
    [ "${lines[1]}" = /somewhere/c.db ]
    [ "${lines[2]}" = "$HOME/.config/imgctl/config" ]
}

@test "a built-in command cannot be shadowed" {
    mkdir bin
    printf '#!/bin/sh\necho shadow\n' >bin/imgctl-version
    chmod +x bin/imgctl-version
    PATH=$PWD/bin:$PATH expect 0 version
    [[ $output == imgctl\ [0-9]* ]]
}

@test "global options stand before or after the command" {
    imgctl --catalog a.db upload -q "$pictures/lighthouse.jpg" >/dev/null
    expect 0 --catalog a.db count
    [ "$output" = 1 ]
    expect 0 count --catalog=a.db
    [ "$output" = 1 ]
}

@test "--verbose says what is used, on stderr; --quiet leaves results and errors" {
    expect 0 -v list
    says "settings from $HOME/.config/imgctl/config"
    says "catalog $HOME/.local/share/imgctl/catalog.db"
    expect 0 -v upload "$pictures/lighthouse.jpg"
    says "store local"
    expect 3 -q upload "$pictures/lighthouse.jpg" none.jpg
    prints duplicate
    [ "$stderr" = "imgctl: none.jpg: cannot open: No such file or directory" ]
}

@test "help --json: each option of each command is in its help screen and man page" {
    imgctl help --json >help.json
    jq -e '.commands | length > 10' help.json
    while read -r command option; do
        imgctl "$command" --help | grep -qe "--$option" ||
            { echo "imgctl $command --help lacks --$option"; return 1; }
        mandoc -T ascii -O width=200 "$BATS_TEST_DIRNAME/../man/imgctl-$command.1" | col -b |
            grep -qe "--$option" || { echo "imgctl-$command.1 lacks --$option"; return 1; }
    done < <(jq -r '.commands[] | .name as $c | .options[]? | "\($c) \(.name)"' help.json)
}

@test "man pages and completions are what the command table says" {
    cd "$BATS_TEST_DIRNAME/.."
    "$BUILD/generate" --check
}

@test "the check of generated files can fail" {
    cp -r "$BATS_TEST_DIRNAME/../man" "$BATS_TEST_DIRNAME/../completions" .
    "$BUILD/generate" --check
    sed -i 's/--recursive/--recursief/' completions/imgctl.bash
    run "$BUILD/generate" --check
    [ "$status" -eq 1 ]
}

@test "the completions are accepted by their shells" {
    cd "$BATS_TEST_DIRNAME/../completions"
    bash -n imgctl.bash
    zsh -n _imgctl
    fish -n imgctl.fish
}

@test "bash completes commands, options, choices and ids" {
    imgctl upload -q "$pictures/lighthouse.jpg" >/dev/null
    # shellcheck disable=SC1091
    source "$BATS_TEST_DIRNAME/../completions/imgctl.bash"
    complete_words() {
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
        COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
        "$(complete -p imgctl | sed 's/.*-F \([^ ]*\) .*/\1/')" imgctl "${*: -1}" "${*: -2:1}"
        printf '%s\n' "${COMPREPLY[@]}"
    }
    complete_words imgctl up | grep -qx 'upload *'
    complete_words imgctl list --se | grep -q -- '--search'
    complete_words imgctl list --sort na | grep -q 'name'
    complete_words imgctl show '' | grep -qx '1 *'
    complete_words imgctl business re | grep -q 'rename'
    complete_words imgctl list --business de | grep -qx 'default *'
    complete_words imgctl config upload.st | grep -qx 'upload.strip *'
}

@test "words from the catalog: ids by their beginning, businesses, tags, settings, models" {
    for n in $(seq 1 12); do fresh_picture "box/$n.jpg"; done
    imgctl upload -q -r box --tag summer,sea,'new york' >/dev/null
    imgctl business add "Müller & Söhne" >/dev/null
    [ "$(imgctl help --complete picture '' | head -n 1 | cut -f1)" = 12 ]
    [ "$(imgctl help --complete picture 1 | cut -f1 | paste -sd' ')" = "1 10 11 12" ]
    [[ "$(imgctl help --complete picture 12)" == $'12\t'*.jpg ]]
    [ "$(imgctl help --complete tag s | paste -sd' ')" = "sea summer" ]
    [ "$(imgctl help --complete tag)" = $'new york\nsea\nsummer' ]
    [ "$(imgctl help --complete business M | cut -f1)" = "Müller & Söhne" ]
    imgctl help --complete setting upload.st | grep -q $'^upload.strip\t.'
    imgctl help --complete model gpt-image | grep -q ^gpt-image
    imgctl help --complete profile instagram | grep -q ^instagram-feed
    [ -z "$(imgctl help --complete picture x)$(imgctl help --complete picture 99)" ]
    expect 2 help --complete nothing
    sql "UPDATE images SET original_filename='a'||char(27)||char(10)||'b' WHERE id=12"
    [ "$(imgctl help --complete picture 12)" = $'12\ta\\x1B\\nb' ]
    rm -r "$HOME/.local"
    [ -z "$(imgctl help --complete picture '')" ]
    [ ! -e "$HOME/.local" ]
}

@test "zsh and fish complete ids with names" {
    imgctl upload -q --tag "a:b" "$pictures/lighthouse.jpg" >/dev/null
    run fish -c "source '$BATS_TEST_DIRNAME/../completions/imgctl.fish'; complete -C 'imgctl show '"
    prints $'1\tlighthouse.jpg'
    run fish -c "source '$BATS_TEST_DIRNAME/../completions/imgctl.fish'; complete -C 'imgctl list --tag='"
    prints 'a:b'
    run fish -c "source '$BATS_TEST_DIRNAME/../completions/imgctl.fish'; complete -C 'imgctl -c fix.f'"
    prints $'fix.fit=\t'
    cat >.zshrc-here <<END
PS1='ready> '
autoload -Uz compinit
compinit -u -d '$PWD/dump'
source '$BATS_TEST_DIRNAME/../completions/_imgctl'
END
    screen_start 100 20 "zsh -f -i"
    keys ". ./.zshrc-here" Enter
    sees "ready>"
    keys "imgctl show " Tab
    sees "imgctl show 1"
    screen_stop
}

@test "a full standard output is an error, a closed one ends quietly" {
    run bash -c 'imgctl help >/dev/full'
    [ "$status" -eq 1 ]
    [[ $output == *"No space left"* ]]
    run bash -c 'imgctl help | true; echo "${PIPESTATUS[0]}"'
    [ "$output" = 0 ] || [ "$output" = 141 ]
}

@test "closed standard files do no harm" {
    run bash -c 'imgctl version <&- >&- 2>&-'
    [ "$status" -eq 1 ] || [ "$status" -eq 0 ]
    imgctl upload -q "$pictures/lighthouse.jpg" >&- 2>&- <&- || true
    check_catalog
}
