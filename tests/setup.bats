#!/usr/bin/env bats
# business, config, doctor, version.

load lib/imgctl

@test "business: add, list, rename, remove" {
    imgctl upload -q "$pictures/lighthouse.png" >/dev/null
    expect 0 business add "Acme & Söhne"
    [ "$output" = 2 ]
    expect 2 business add "Acme & Söhne"
    expect 0 business rename "Acme & Söhne" acme
    expect 0 business list --json
    json '.businesses | map(.name) | index("acme") != null'
    imgctl upload -q --business acme "$pictures/lighthouse.jpg" >/dev/null
    expect 0 business list
    [ "$(cut -f2,3 <<<"$output" | grep acme)" = $'acme\t1' ]
    expect 2 business remove acme
    imgctl delete --hard -q @1 >/dev/null
    expect 0 business remove acme
    expect 6 business remove acme
    expect 2 business
    expect 2 business frob
}

@test "the default business is made on first use" {
    imgctl upload -q "$pictures/lighthouse.jpg" >/dev/null
    [ "$(imgctl business list --format '{name}\n')" = default ]
    imgctl business rename default main
    imgctl upload -q "$pictures/lighthouse.webp" >/dev/null
    [ "$(imgctl count --business main)" = 2 ]
    imgctl business add acme >/dev/null
    imgctl config business acme
    imgctl upload -q "$pictures/lighthouse.png" >/dev/null
    [ "$(imgctl count --business acme)" = 1 ]
}

@test "config: set, get, unset, origins, unknown keys" {
    expect 0 config upload.strip all
    [ "$(imgctl config upload.strip)" = all ]
    [ "$(cat "$HOME/.config/imgctl/config")" = $'[upload]\n\tstrip = all' ] ||
        grep -q 'strip = all' "$HOME/.config/imgctl/config"
    [ "$(stat -c %a "$HOME/.config/imgctl/config")" = 600 ]
    expect 0 config --show-origin upload.strip
    [[ $output == "$HOME/.config/imgctl/config"*all ]]
    IMGCTL_UPLOAD_STRIP=none expect 0 config upload.strip
    [ "$output" = none ]
    IMGCTL_UPLOAD_STRIP=none expect 0 -c upload.strip=gps config upload.strip
    [ "$output" = gps ]
    expect 0 config --unset upload.strip
    expect 1 config upload.strip
    expect 2 config upload.stirp all
    says upload.strip
    expect 2 config upload.strip some
    expect 2 -c list.page_size=x list
    expect 2 -c http.retry_base=0 list # it would be a thousand
    expect 0 config --list-keys
    prints upload.max_bytes
    expect 0 config --json
    json '.settings | map(.key) | index("store") != null'
}

@test "a configuration that cannot be written is a wrong one" {
    IMGCTL_CONFIG=/proc/imgctl/config expect 2 config business x
    says 'cannot make folder /proc/imgctl'
}

@test "config keeps comments, and tells line and file of an error" {
    mkdir -p "$HOME/.config/imgctl"
    printf '# mine\n[list]\n  page_size = 2 ; small\n[other]\nkey = kept\n' >"$HOME/.config/imgctl/config"
    imgctl config list.page_size 3
    grep -q '# mine' "$HOME/.config/imgctl/config"
    grep -q 'key = kept' "$HOME/.config/imgctl/config"
    [ "$(imgctl config list.page_size)" = 3 ]
    printf '[list\n' >"$HOME/.config/imgctl/config"
    expect 2 list
    says "config"
    says "1"
}

@test "settings are obeyed: page size, catalog path, limits" {
    imgctl upload -q "$pictures/lighthouse.jpg" "$pictures/lighthouse.png" >/dev/null
    [ "$(imgctl -c list.page_size=1 list | wc -l)" = 1 ]
    IMGCTL_CATALOG_PATH=$PWD/c.db imgctl upload -q "$pictures/lighthouse.webp" >/dev/null
    [ -f c.db ]
    [ "$(stat -c %a c.db)" = 600 ]
}

@test "doctor: a healthy set-up, and one that is not" {
    expect 0 doctor
    prints "uploads go to local"
    [ ! -e "$HOME/.local/share/imgctl/catalog.db" ]
    imgctl upload -q "$pictures/lighthouse.jpg" >/dev/null
    expect 0 doctor --json
    json '.checks | map(select(.name == "catalog"))[0].level == "ok"'
    head -c 100 /dev/urandom >"$(catalog)"
    rm -f "$(catalog)"-*
    expect 10 doctor
    prints FAIL
}

@test "doctor: every part of the program is there" {
    [ -e "$BUILD/imgctl-image.so" ] || skip "the parts are built in"
    [ "$(head -c 2 "$BUILD/imgctl")" != '#!' ] || skip "a wrapper runs another copy"
    for part in digest http json image; do
        mkdir parts
        cp -L "$BUILD"/imgctl "$BUILD"/imgctl-*.so parts
        cp -rL "$BUILD/share" parts
        rm "parts/imgctl-$part.so"
        run parts/imgctl doctor
        [ "$status" = 1 ]
        prints "the part of imgctl named $part"
        rm -r parts
    done
}

@test "no HOME at all" {
    HOME='' XDG_DATA_HOME='' run --separate-stderr imgctl version
    [ "$status" -eq 0 ] || [ "$status" -eq 2 ]
    unset HOME
    run --separate-stderr imgctl --catalog "$PWD/c.db" count
    [ "$status" -eq 0 ] || [ "$status" -eq 2 ]
}

@test "XDG folders" {
    XDG_DATA_HOME=$PWD/data XDG_CONFIG_HOME=$PWD/conf imgctl upload -q "$pictures/lighthouse.jpg" >/dev/null
    [ -f data/imgctl/catalog.db ]
    [ "$(stat -c %a data/imgctl)" = 700 ]
    [ ! -e "$HOME/.local" ]
}

@test "version" {
    expect 0 version
    [[ $output =~ ^imgctl\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
    expect 0 --version
    [ "$output" = "$(imgctl version)" ]
    IMGCTL_CONFIG=/nowhere/x expect 0 --version
}
