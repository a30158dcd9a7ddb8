# shellcheck shell=bash
# A real terminal (tmux) to run a program in: keys are sent, the screen is looked at.
# Everything waits for what it wants to see, never for a time.
#
#   load lib/screen

# screen_start COLUMNS ROWS COMMAND - a shell runs COMMAND; its exit status is in the
# file "status" afterwards.
screen_start() {
    screen_stop
    tmux_socket=$(mktemp -u "$BATS_TEST_TMPDIR/tmux.XXXX") # one that ends is left alone
    rm -f status
    tmux -S "$tmux_socket" -f /dev/null new-session -d -x "$1" -y "$2" \
        "stty -g >stty-before; $3; echo \$? >status.new; stty -g >stty-after; \
         mv status.new status; echo the end; sleep 1000" \; set -g escape-time 0
}

screen_stop() { [ -z "${tmux_socket:-}" ] || tmux -S "$tmux_socket" kill-server 2>/dev/null || true; }

# What is on the screen; with -e its colours, too.
# shellcheck disable=SC2120
screen() { tmux -S "$tmux_socket" capture-pane -p "$@"; }

# Keys by tmux's names; other words are typed.
keys() { tmux -S "$tmux_socket" send-keys -- "$@"; }

# until_true COMMAND... - up to 20 seconds.
until_true() {
    local i
    for ((i = 0; i < 400; i++)); do
        "$@" && return 0
        sleep 0.05
    done
    printf 'waited in vain for: %s\n' "$*"
    screen
    return 1
}

_sees() { screen | grep -qF -- "$1"; }
_sees_not() { ! _sees "$1"; }
sees() { until_true _sees "$1"; }
sees_not() { until_true _sees_not "$1"; }

# ends STATUS - the command has ended with it, and the terminal is as it was.
ends() {
    until_true test -f status
    [ "$(cat status)" = "$1" ] || { printf 'status %s\n' "$(cat status)"; screen; return 1; }
    cmp stty-before stty-after
    sees "the end"
    [ "$(tmux -S "$tmux_socket" display -p '#{alternate_on}#{cursor_flag}')" = 01 ]
}
