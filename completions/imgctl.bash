# shellcheck shell=bash
# Completion of imgctl for bash. Made from the command table: make generated

imgctl_commands='upload list show count url preview pick get gallery push validate-ig validate fix publish account delete restore purge generate jobs cost business config verify doctor help version'

# What the value of option $2 of command $1 is, into kind.
_imgctl_value()
{
    kind=''
    case $2 in
    -c | --set) kind='assignment' ;;
    --config) kind='file' ;;
    --catalog) kind='file' ;;
    --color) kind='words auto always never' ;;
    --trace) kind='file' ;;
    esac
    case $1 in
    'upload')
        case $2 in
        --files-from) kind='file' ;;
        --business) kind='business' ;;
        --store) kind='words local cloudinary' ;;
        --tag) kind='tag' ;;
        --strip) kind='words auto none gps all' ;;
        --on-error) kind='words continue stop' ;;
        --progress) kind='words auto bar log json none' ;;
        --as) kind='words same jpeg png webp jpg' ;;
        --include | --exclude | --alt | --name | --public-id | --max-bytes | --max-pixels | -j | --jobs | --rate | --bwlimit | --max-failures | --max-width | --max-height | --quality | --lock | --lock-wait | --format) kind='nothing' ;;
        esac
        ;;
    'list')
        case $2 in
        --sort) kind='words id name bytes width height created updated' ;;
        --business) kind='business' ;;
        --store) kind='words local cloudinary' ;;
        --tag) kind='tag' ;;
        --page | --page-size | --search | --created | --width | --height | --ratio | --bytes | --fields | --format) kind='nothing' ;;
        esac
        ;;
    'show')
        case $2 in
        --fields | --format) kind='nothing' ;;
        esac
        ;;
    'count')
        case $2 in
        --business) kind='business' ;;
        --store) kind='words local cloudinary' ;;
        --tag) kind='tag' ;;
        --search | --created | --width | --height | --ratio | --bytes) kind='nothing' ;;
        esac
        ;;
    'url')
        case $2 in
        --width | --height | --as | --quality | --transformation) kind='nothing' ;;
        esac
        ;;
    'preview')
        case $2 in
        --protocol) kind='words auto kitty iterm2 sixel blocks 256 16 ascii' ;;
        --size) kind='nothing' ;;
        esac
        ;;
    'pick')
        case $2 in
        --protocol) kind='words auto kitty iterm2 sixel blocks 256 16 ascii' ;;
        --business) kind='business' ;;
        --store) kind='words local cloudinary' ;;
        --tag) kind='tag' ;;
        --max | --search | --created | --width | --height | --ratio | --bytes | --format) kind='nothing' ;;
        esac
        ;;
    'get')
        case $2 in
        -o | --output) kind='file' ;;
        --as) kind='words same jpeg png webp jpg' ;;
        --size | --max-width | --max-height | --quality | --format) kind='nothing' ;;
        esac
        ;;
    'gallery')
        case $2 in
        -o | --output) kind='file' ;;
        --sort) kind='words id name bytes width height created updated' ;;
        --progress) kind='words auto bar log json none' ;;
        --business) kind='business' ;;
        --store) kind='words local cloudinary' ;;
        --tag) kind='tag' ;;
        --title | --size | --search | --created | --width | --height | --ratio | --bytes) kind='nothing' ;;
        esac
        ;;
    'push')
        case $2 in
        --strip) kind='words auto none gps all' ;;
        --business) kind='business' ;;
        --store) kind='words local cloudinary' ;;
        --tag) kind='tag' ;;
        --on-error) kind='words continue stop' ;;
        --progress) kind='words auto bar log json none' ;;
        --search | --created | --width | --height | --ratio | --bytes | -j | --jobs | --rate | --bwlimit | --max-failures | --format) kind='nothing' ;;
        esac
        ;;
    'validate-ig')
        case $2 in
        --caption) kind='file' ;;
        --format) kind='nothing' ;;
        esac
        ;;
    'validate')
        case $2 in
        --for) kind='profile' ;;
        --caption) kind='file' ;;
        --show) kind='profile' ;;
        --format) kind='nothing' ;;
        esac
        ;;
    'fix')
        case $2 in
        --for) kind='profile' ;;
        --fit) kind='words none crop pad blur scale' ;;
        --gravity) kind='words center north south west east auto' ;;
        --as) kind='words same jpeg png webp jpg' ;;
        --strip) kind='words auto gps all none' ;;
        -o | --output) kind='file' ;;
        --tag) kind='tag' ;;
        --business) kind='business' ;;
        --store) kind='words local cloudinary' ;;
        --on-error) kind='words continue stop' ;;
        --progress) kind='words auto bar log json none' ;;
        --background | --ratio | --max-width | --max-height | --quality | --max-bytes | --name | -j | --jobs | --rate | --bwlimit | --max-failures | --format) kind='nothing' ;;
        esac
        ;;
    'publish')
        case $2 in
        --to) kind='account' ;;
        --caption-file) kind='file' ;;
        --ai-label) kind='words auto on off' ;;
        --fit) kind='words none crop pad blur scale' ;;
        --gravity) kind='words center north south west east auto' ;;
        --as) kind='words  published failed' ;;
        --caption | --alt | --background | --settle | --format) kind='nothing' ;;
        esac
        ;;
    'account add')
        case $2 in
        --login) kind='words instagram facebook' ;;
        --user-id) kind='nothing' ;;
        esac
        ;;
    'account list')
        case $2 in
        --fields | --format) kind='nothing' ;;
        esac
        ;;
    'delete')
        case $2 in
        --max-delete | --format) kind='nothing' ;;
        esac
        ;;
    'restore')
        case $2 in
        --format) kind='nothing' ;;
        esac
        ;;
    'purge')
        case $2 in
        --business) kind='business' ;;
        --older-than | --max-delete | --format) kind='nothing' ;;
        esac
        ;;
    'generate')
        case $2 in
        --prompts) kind='file' ;;
        -m | --model) kind='model' ;;
        -s | --size) kind='words square portrait landscape instagram story' ;;
        --quality) kind='words low medium high xhigh max standard hd' ;;
        --from) kind='file' ;;
        --mask) kind='file' ;;
        --business) kind='business' ;;
        --tag) kind='tag' ;;
        --store) kind='words local cloudinary' ;;
        -o | --output) kind='file' ;;
        --progress) kind='words auto bar log json none' ;;
        -k | --count | --background | --output-format | --compression | --style | --moderation | --provider | --alt | --name | --max-cost | -j | --jobs | --format) kind='nothing' ;;
        esac
        ;;
    'jobs')
        case $2 in
        --state | -l | --limit | --fields | --format) kind='nothing' ;;
        esac
        ;;
    'jobs show')
        case $2 in
        --fields | --format) kind='nothing' ;;
        esac
        ;;
    'jobs resume')
        case $2 in
        --format) kind='nothing' ;;
        esac
        ;;
    'jobs prune')
        case $2 in
        --older-than) kind='nothing' ;;
        esac
        ;;
    'cost')
        case $2 in
        --model) kind='model' ;;
        --size) kind='words square portrait landscape instagram story' ;;
        --quality) kind='words low medium high xhigh max standard hd' ;;
        --from) kind='file' ;;
        --by) kind='words month model business day' ;;
        --business) kind='business' ;;
        --count | --prompt | --month | --set-month | --set-day | --fields | --format) kind='nothing' ;;
        esac
        ;;
    'business list')
        case $2 in
        --fields | --format) kind='nothing' ;;
        esac
        ;;
    'verify')
        case $2 in
        --format) kind='nothing' ;;
        esac
        ;;
    esac
}

# The options of command $1 into names.
_imgctl_options()
{
    names='--help --quiet --verbose --set --config --catalog --color --no-input --no-pager --no-links --trace --version'
    case $1 in
    'upload') names+=' --recursive --include --exclude --files-from --business --store --tag --alt --name --public-id --strip --max-bytes --max-pixels --allow-private --clipboard --copy --force --dry-run --jobs --rate --bwlimit --on-error --max-failures --progress --max-width --max-height --as --quality --list-failed --retry-failed --forget-failed --since-last --no-cache --remove-source --lock --lock-wait --json --jsonl --ids --urls --format --null' ;;
    'list') names+=' --page --page-size --all --sort --reverse --fail-if-empty --search --ai --uploaded --published --business --store --tag --created --width --height --ratio --bytes --deleted --json --jsonl --csv --tsv --ids --urls --fields --format --null --wide' ;;
    'show') names+=' --copy --json --jsonl --csv --tsv --ids --urls --fields --format --null --wide' ;;
    'count') names+=' --json --search --ai --uploaded --published --business --store --tag --created --width --height --ratio --bytes --deleted' ;;
    'url') names+=' --original --thumbnail --width --height --as --quality --transformation --sign --copy --json --null' ;;
    'preview') names+=' --protocol --size --grid' ;;
    'pick') names+=' --multi --max --require-ig --fzf --protocol --copy --paths --search --ai --uploaded --published --business --store --tag --created --width --height --ratio --bytes --deleted --json --jsonl --ids --urls --format --null' ;;
    'get') names+=' --output --force --size --max-width --max-height --as --quality --json --jsonl --ids --urls --format --null' ;;
    'gallery') names+=' --output --title --size --no-remote --sort --reverse --force --progress --search --ai --uploaded --published --business --store --tag --created --width --height --ratio --bytes --deleted' ;;
    'push') names+=' --all --remove-local --strip --dry-run --search --ai --uploaded --published --business --store --tag --created --width --height --ratio --bytes --deleted --jobs --rate --bwlimit --on-error --max-failures --progress --json --jsonl --ids --urls --format --null' ;;
    'validate-ig') names+=' --strict --carousel --caption --url --allow-private --deep --json --jsonl --ids --format --null' ;;
    'validate') names+=' --for --strict --carousel --caption --url --allow-private --deep --list --show --json --jsonl --ids --format --null' ;;
    'fix') names+=' --for --carousel --fit --gravity --background --ratio --max-width --max-height --as --quality --max-bytes --strip --enlarge --strict --output --force --tag --name --business --store --allow-private --dry-run --jobs --rate --bwlimit --on-error --max-failures --progress --json --jsonl --ids --urls --format --null' ;;
    'publish') names+=' --to --caption --caption-file --alt --carousel --story --ai-label --strict --fix --fit --gravity --background --again --resume --settle --as --dry-run --json --jsonl --ids --urls --format --null' ;;
    'account add') names+=' --login --user-id --no-check' ;;
    'account list') names+=' --json --jsonl --csv --tsv --ids --urls --fields --format --null --wide' ;;
    'delete') names+=' --hard --include-published --yes --max-delete --dry-run --json --jsonl --ids --urls --format --null' ;;
    'restore') names+=' --dry-run --json --jsonl --ids --urls --format --null' ;;
    'purge') names+=' --older-than --business --include-published --yes --max-delete --dry-run --json --jsonl --ids --urls --format --null' ;;
    'generate') names+=' --prompts --model --size --quality --count --background --output-format --compression --style --moderation --provider --from --mask --business --tag --alt --name --store --output --preview-only --estimate --dry-run --max-cost --again --detach --jobs --progress --json --jsonl --ids --urls --format --null' ;;
    'jobs') names+=' --state --limit --json --jsonl --csv --tsv --ids --urls --fields --format --null --wide' ;;
    'jobs show') names+=' --json --jsonl --csv --tsv --ids --urls --fields --format --null --wide' ;;
    'jobs resume') names+=' --all --json --jsonl --ids --urls --format --null' ;;
    'jobs settle') names+=' --charged --void' ;;
    'jobs prune') names+=' --older-than' ;;
    'cost') names+=' --model --size --quality --count --prompt --from --spent --month --by --business --budget --set-month --set-day --models --json --jsonl --csv --tsv --ids --urls --fields --format --null --wide' ;;
    'business list') names+=' --json --jsonl --csv --tsv --ids --urls --fields --format --null --wide' ;;
    'config') names+=' --get --unset --list --show-origin --list-keys --edit --json' ;;
    'verify') names+=' --quick --remote --repair --dry-run --json --jsonl --ids --urls --format --null' ;;
    'doctor') names+=' --network --json' ;;
    'help') names+=' --json' ;;
    esac
}

# What operand number $2 of command $1 is, into kind.
_imgctl_operand()
{
    case "$1 $2" in
    'upload '*) kind='file' ;;
    'show '*) kind='picture' ;;
    'url '*) kind='picture' ;;
    'preview '*) kind='picture' ;;
    'get '*) kind='picture' ;;
    'push '*) kind='picture' ;;
    'validate-ig '*) kind='file' ;;
    'validate '*) kind='file' ;;
    'fix '*) kind='file' ;;
    'publish '*) kind='picture' ;;
    'account remove 1') kind='account' ;;
    'account check 1') kind='account' ;;
    'account refresh 1') kind='account' ;;
    'delete '*) kind='picture' ;;
    'restore '*) kind='picture' ;;
    'jobs show '*) kind='job' ;;
    'jobs wait '*) kind='job' ;;
    'jobs resume '*) kind='job' ;;
    'jobs settle '*) kind='job' ;;
    'business rename 1') kind='business' ;;
    'business remove 1') kind='business' ;;
    'config 1') kind='setting' ;;
    'verify '*) kind='picture' ;;
    'help 1') kind="words $imgctl_commands" ;;
    esac
}

# The commands of command $1 into names; false if it has none.
_imgctl_children()
{
    case $1 in
    'account') names='add list remove check refresh' ;;
    'jobs') names='show wait resume settle prune' ;;
    'business') names='add list rename remove' ;;
    *) return 1 ;;
    esac
}

# The values that setting $1 can have, into names.
_imgctl_setting()
{
    names=''
    case $1 in
    store) names='local cloudinary' ;;
    upload.strip) names='gps all none' ;;
    upload.format) names='same jpeg png webp' ;;
    fix.fit) names='none crop pad blur scale' ;;
    generate.provider) names='openai mock' ;;
    color.ui) names='auto always never' ;;
    esac
}

# What words of kind $1 begin with $2, one a line, each with a description
# behind a TAB.
_imgctl_ask()
{
    imgctl help --complete "$1" -- "$2" 2>/dev/null </dev/null
}

# Reply with those of the lines on standard input that begin with $cur.
_imgctl_lines()
{
    local line quoted
    while IFS= read -r line; do
        line=${line%%$'\t'*}
        if [[ $line == "$cur"* ]]; then
            printf -v quoted %q "$line"
            COMPREPLY+=("$prefix$quoted")
        fi
    done
}

# Reply with those of the words in $1 that begin with $cur.
_imgctl_words()
{
    _imgctl_lines < <(compgen -W "$1" -- "$cur")
}

# KEY=VALUE of a setting.
_imgctl_assignment()
{
    if [[ $cur == *=* ]]; then
        _imgctl_setting "${cur%%=*}"
        [[ $COMP_WORDBREAKS == *=* ]] || prefix=$prefix${cur%%=*}=
        cur=${cur#*=}
        _imgctl_words "$names"
        return
    fi
    _imgctl_lines < <(_imgctl_ask setting "$cur")
    COMPREPLY=("${COMPREPLY[@]/%/=}")
    compopt -o nospace 2>/dev/null
}

# Reply with what a value or an operand of $kind can be.
_imgctl_reply()
{
    case $kind in
    'words '*) _imgctl_words "${kind#words }" ;;
    file) compopt -o default 2>/dev/null ;;
    folder) compopt -o dirnames 2>/dev/null ;;
    assignment) _imgctl_assignment ;;
    nothing | '') ;;
    *) _imgctl_lines < <(_imgctl_ask "$kind" "$cur") ;;
    esac
}

# The words up to the cursor into words; bash has cut "--name=value" in three.
_imgctl_join()
{
    local i glue=''
    words=()
    for ((i = 1; i <= COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i]} == '=' && ${#words[@]} -gt 0 ]]; then
            words[${#words[@]}-1]+='='
            glue=1
        elif [[ $glue ]]; then
            words[${#words[@]}-1]+=${COMP_WORDS[i]}
            glue=''
        else
            words+=("${COMP_WORDS[i]}")
        fi
    done
}

# Follow the words before the cursor: which command, how many operands, and in
# kind whether the word at the cursor is the value of the option before it.
_imgctl_follow()
{
    local word
    for word in "${words[@]:0:${#words[@]}-1}"; do
        if [[ $kind ]]; then
            kind=''
        elif [[ $word == -- ]]; then
            ended=1
        elif [[ ! $ended && $word == -?* ]]; then
            _imgctl_value "$command" "$word"
        elif [[ ! $command ]]; then
            command=$word
        elif _imgctl_children "$command" &&
            [[ " $names " == *" $word "* ]]; then
            command+=" $word"
        else
            operands=$((operands + 1))
        fi
    done
}

_imgctl()
{
    local command='' cur ended='' kind='' names='' operands=0 prefix='' words
    COMPREPLY=()
    _imgctl_join
    cur=${words[${#words[@]}-1]}
    _imgctl_follow
    if [[ $kind ]]; then
        _imgctl_reply
    elif [[ ! $ended && $cur == --*=* ]]; then
        _imgctl_value "$command" "${cur%%=*}"
        [[ $COMP_WORDBREAKS == *=* ]] || prefix=${cur%%=*}=
        cur=${cur#*=}
        _imgctl_reply
    elif [[ ! $ended && $cur == -* ]]; then
        _imgctl_options "$command"
        _imgctl_words "$names"
    elif [[ ! $command ]]; then
        _imgctl_words "$imgctl_commands"
    elif _imgctl_children "$command" && ((operands == 0)); then
        _imgctl_words "$names"
    else
        _imgctl_operand "$command" "$((operands + 1))"
        _imgctl_reply
    fi
}

complete -F _imgctl imgctl
