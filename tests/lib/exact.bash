# shellcheck shell=bash
# For programs that hurt a batch and run it again: was everything stored exactly once?
#
# Wanted: $work (a folder), $store ("local", "cloudinary"), the cloud of lib/cloud.bash.

# pictures COUNT - that many different ones in $work/in.
pictures() {
    local i
    rm -rf "$work/in"
    mkdir "$work/in"
    for i in $(seq "$1"); do
        { cat pictures/lighthouse.png; printf '%d' "$i"; } >"$work/in/$i.png"
    done
}

# fresh - an empty home and an empty cloud.
fresh() {
    export HOME=$work/home
    mkdir -p "$HOME"
    find "$HOME" -mindepth 1 -delete 2>/dev/null
    cloud_reset
}

upload() { imgctl upload -q --store "$store" -r "$work/in" "$@" >/dev/null; }

# wrongs COUNT - what is wrong where COUNT pictures should be; nothing when all is well.
wrongs() {
    local data=$HOME/.local/share/imgctl count
    count=$(imgctl count)
    [ "$count" = "$1" ] || echo "$count rows"
    [ "$(sqlite3 "$data/catalog.db" 'PRAGMA integrity_check')" = ok ] || echo "integrity"
    [ "$(sqlite3 "$data/catalog.db" 'SELECT count(*) FROM transfers')" = 0 ] || echo "transfers"
    [ -z "$(find "$HOME" -name '.imgctl-*')" ] || echo "temporary files"
    if [ "$store" = local ]; then
        count=$(find "$data/store" -name '*.png' | wc -l)
        [ "$count" = "$1" ] || echo "$count stored files"
    else
        count=$(cloud_count assets)
        [ "$count" = "$1" ] || echo "$count assets"
        [ "$(cloud_count duplicates)" = 0 ] || echo "stored twice"
        [ -z "$(cloud_violations)" ] || echo "violations"
    fi
    imgctl verify -q --quick >/dev/null || echo "verify"
}
