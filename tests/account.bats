#!/usr/bin/env bats
# account: Instagram accounts, their tokens and what the service says of them.

load lib/imgctl

setup_file()    { cloud_start; }
teardown_file() { cloud_stop; }

local_setup() {
    cloud_reset
    instagram_here
}

user=17841400000000001

@test "add asks whose token it is; list shows it; the token is nowhere" {
    expect 0 account add acme
    says "$user, @lighthouse.team"
    expect 0 account list --json
    [ "$(json '.accounts[0].name')" = acme ]
    [ "$(json '.accounts[0].user_id')" = "$user" ]
    [ "$(json '.accounts[0].username')" = lighthouse.team ]
    json '.accounts[0].token_expires_at == null'
    absent "$INSTAGRAM_TOKEN" "$HOME"
    [ -z "$(cloud_violations)" ]
}

@test "names: taken, odd, unknown with the nearest" {
    imgctl account add acme 2>/dev/null
    expect 2 account add acme
    says 'already'
    expect 2 account add 'Ac me'
    says 'a-z 0-9'
    expect 6 account check acm
    says 'did you mean "acme"?'
    expect 0 account remove acme
    expect 6 account remove acme
}

@test "a token of its own beats the one for all" {
    export INSTAGRAM_TOKEN_ACME_EU=wrong
    expect 4 account add acme-eu
    says 'not valid'
    says '190'
    expect 0 account add acme
    unset INSTAGRAM_TOKEN
    expect 4 account check acme
    says 'INSTAGRAM_TOKEN_ACME'
}

@test "a token of somebody else is refused" {
    expect 0 account add other --no-check --user-id 17841400000000099
    expect 4 account check other
    says "of the user $user"
}

@test "Facebook Login needs the number" {
    expect 2 account add page --login facebook
    says '--user-id'
    expect 0 account add page --login facebook --user-id "$user"
    expect 0 account check page
    prints '0 of 100 posts used'
    expect 2 account add p2 --no-check
    expect 2 account add p2 --user-id 12x
}

@test "check tells the quota as the service does" {
    imgctl account add acme 2>/dev/null
    cloud_set ig_used 7
    cloud_set ig_quota 25
    expect 0 account check acme
    [ "$output" = "acme: the user $user, @lighthouse.team; 7 of 25 posts used within 24 hours" ]
}

@test "what the service says of itself is harmless on a terminal" {
    imgctl account add acme 2>/dev/null
    cloud_fault '{"path":"me", "times":0, "do":"shape", "set":{"username":"a\u001b[31mb\nc"}}'
    expect 0 account check acme
    prints '@a\x1B[31mb\nc;'
}

# The token of acme is in the file `token`.
token_in_file() {
    printf '%s\n' "$INSTAGRAM_TOKEN" >token
    chmod 600 token
    export INSTAGRAM_TOKEN_ACME_FILE=$work/token
}

@test "refresh keeps the new token where the old one was" {
    token_in_file
    imgctl account add acme 2>/dev/null
    expect 0 account refresh acme
    says 'has a new token until 20'
    [ "$(cat token)" = "$INSTAGRAM_TOKEN-renewed1" ]
    [ "$(stat -c %a token)" = 600 ]
    expect 0 account check acme
    expect 0 account list --json
    json '.accounts[0].token_expires_at != null'
    absent renewed1 "$HOME"
    [ -z "$(cloud_violations)" ]
}

@test "a refresh that fails repeats no token, whatever its status says" {
    token_in_file
    imgctl account add acme 2>/dev/null
    for code in 200 400; do
        cloud_fault "{\"path\":\"refresh\",\"do\":\"status\",\"status\":$code,\"body\":{\"error\":{\"code\":190,\"message\":\"bad: $INSTAGRAM_TOKEN\"}}}"
        expect 4 account refresh acme
        says 'bad: ***'
        [[ $stderr != *"$INSTAGRAM_TOKEN"* ]]
    done
    [ "$(cat token)" = "$INSTAGRAM_TOKEN" ]
}

@test "refresh of a token in the environment is refused before it is asked for" {
    imgctl account add acme 2>/dev/null
    expect 4 account refresh acme
    says 'cannot be replaced'
    [ "$(cloud_count ig_renewed)" = 0 ]
}

@test "refresh through a credential helper" {
    printf '%s' "$INSTAGRAM_TOKEN" >kept
    cat >helper <<'HELPER'
#!/bin/sh
case $1 in
get) printf 'password=%s\n' "$(cat "$KEPT")" ;;
store) sed -n 's/^password=//p' >"$KEPT" ;;
esac
HELPER
    chmod +x helper
    export KEPT=$work/kept IMGCTL_CREDENTIAL_HELPER=$work/helper
    token=$INSTAGRAM_TOKEN
    unset INSTAGRAM_TOKEN
    imgctl account add acme 2>/dev/null
    expect 0 account refresh acme
    [ "$(cat kept)" = "$token-renewed1" ]
}

@test "refresh leaves a token's link a link" {
    token_in_file
    mkdir vault
    mv token vault
    ln -s vault/token token
    imgctl account add acme 2>/dev/null
    expect 0 account refresh acme
    [ -L token ]
    [ "$(cat vault/token)" = "$INSTAGRAM_TOKEN-renewed1" ]
}

@test "refresh of a token that cannot be written is a matter of credentials" {
    token_in_file
    imgctl account add acme 2>/dev/null
    exec 9<token
    rm token
    export INSTAGRAM_TOKEN_ACME_FILE=/proc/self/fd/9
    expect 4 account refresh acme
    says 'cannot write in /proc'
}

@test "refresh with Facebook Login takes the app's secret" {
    printf '%s' "$INSTAGRAM_TOKEN" >token
    chmod 600 token
    export INSTAGRAM_TOKEN_PAGE_FILE=$work/token
    imgctl account add page --login facebook --user-id "$user" 2>/dev/null
    expect 4 account refresh page
    says 'FACEBOOK_APP_ID'
    export FACEBOOK_APP_ID=1234567890 FACEBOOK_APP_SECRET=app-secret-of-the-tests
    expect 0 account refresh page --trace=trace
    absent 'app-secret|IGtests' trace
}

@test "garbage instead of an answer" {
    cloud_fault '{"path":"/me$","do":"html","status":502,"times":0}'
    expect 5 -c http.retries=0 account add acme
    says 'makes no sense'
    cloud_reset
    cloud_fault '{"path":"/me$","do":"deep","times":0}'
    expect 5 -c http.retries=0 account add acme
    cloud_reset
    cloud_fault '{"path":"/me$","do":"shape","drop":["user_id"],"times":0}'
    expect 5 account add acme
    says 'whose token'
}

@test "a platform file with an error names what is wrong" {
    echo '{"logins":{"instagram":{"url":"http://127.0.0.1:1"}}}' \
        >"$HOME/.config/imgctl/platforms/instagram.json"
    expect 2 account add acme
    says 'platforms/instagram.json'
}
