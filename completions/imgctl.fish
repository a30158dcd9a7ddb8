# Completion of imgctl for fish. Made from the command table: make generated

# The words before the cursor that are no global options, one a line.
function __imgctl_words
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case --set -c --config --catalog --color --trace
                set skip 1
            case '-*'
            case '*'
                printf '%s\n' $word
        end
    end
end

# Do the words begin with the command given as arguments?
function __imgctl_in
    set -l words (__imgctl_words)
    set -l count (count $argv)
    test (count $words) -ge $count
    and test "$words[1..$count]" = "$argv"
end

# Are they nothing but that command?
function __imgctl_at
    set -l words (__imgctl_words)
    test "$words" = "$argv"
end

function __imgctl_pictures
    imgctl list --ids --page-size 100 2>/dev/null </dev/null
end

function __imgctl_businesses
    imgctl business list --format '{name}\n' 2>/dev/null </dev/null
end

function __imgctl_settings
    imgctl config --list-keys 2>/dev/null </dev/null
end

complete -c imgctl -f
complete -c imgctl -s q -l quiet -d 'no summary and no remarks; results and errors stay'
complete -c imgctl -s v -l verbose -d 'say which settings, catalog and store are used'
complete -c imgctl -s c -l set -x -a '(__imgctl_settings)=' -d 'use this setting for this run'
complete -c imgctl -l config -r -F -d 'read settings from FILE'
complete -c imgctl -l catalog -r -F -d 'use this catalog'
complete -c imgctl -l color -x -a 'auto always never' -d 'use colours: auto, always or never'
complete -c imgctl -l no-input -d 'never ask; fail where an answer is needed'
complete -c imgctl -l trace -r -F -d 'write what goes over the network to FILE (- is standard error), without secrets'
complete -c imgctl -s h -l help -d 'show this help'
complete -c imgctl -n '__imgctl_at' -a upload -d 'check pictures, store them and put them into the catalog'
complete -c imgctl -n '__imgctl_at' -a list -d 'find pictures: search, filters, pages'
complete -c imgctl -n '__imgctl_at' -a show -d 'everything known about pictures'
complete -c imgctl -n '__imgctl_at' -a count -d 'count pictures, with the filters of list'
complete -c imgctl -n '__imgctl_at' -a url -d 'delivery, thumbnail and optimised links'
complete -c imgctl -n '__imgctl_at' -a get -d 'copy pictures out of their store'
complete -c imgctl -n '__imgctl_at' -a delete -d 'delete pictures: hidden and restorable, or for good with --hard'
complete -c imgctl -n '__imgctl_at' -a restore -d 'bring deleted pictures back'
complete -c imgctl -n '__imgctl_at' -a purge -d 'remove deleted pictures for good'
complete -c imgctl -n '__imgctl_at' -a business -d 'the businesses pictures belong to'
complete -c imgctl -n '__imgctl_at' -a config -d 'read and change settings'
complete -c imgctl -n '__imgctl_at' -a doctor -d 'check the set-up and say what to do'
complete -c imgctl -n '__imgctl_at' -a help -d 'help on imgctl or one of its commands'
complete -c imgctl -n '__imgctl_at' -a version -d 'print the version'
complete -c imgctl -n '__imgctl_in upload' -s r -l recursive -d 'take folders with all pictures below them'
complete -c imgctl -n '__imgctl_in upload' -l include -x -d 'in folders, take files of this name (default: *.jpg *.jpeg *.jpe *.png *.webp)'
complete -c imgctl -n '__imgctl_in upload' -l exclude -x -d 'in folders, leave out files and folders of this name'
complete -c imgctl -n '__imgctl_in upload' -l files-from -r -F -d 'read more inputs from FILE, one a line (- is standard input)'
complete -c imgctl -n '__imgctl_in upload' -l business -x -a '(__imgctl_businesses)' -d 'the business the pictures belong to'
complete -c imgctl -n '__imgctl_in upload' -l store -x -a 'local cloudinary' -d 'keep them in this store, local or cloudinary (default: cloudinary if an account is configured)'
complete -c imgctl -n '__imgctl_in upload' -l tag -x -d 'tag the pictures'
complete -c imgctl -n '__imgctl_in upload' -l alt -x -d 'text for who cannot see the pictures'
complete -c imgctl -n '__imgctl_in upload' -l name -x -d 'file name to record instead of the input\'s own (for one input)'
complete -c imgctl -n '__imgctl_in upload' -l public-id -x -d 'Cloudinary public id instead of one made from the content (for one input)'
complete -c imgctl -n '__imgctl_in upload' -l strip -x -a 'auto none gps all' -d 'take metadata out before storing: gps (the default for a remote store), all or none (the default for the local one); pixels are not touched'
complete -c imgctl -n '__imgctl_in upload' -l max-bytes -x -d 'refuse larger files'
complete -c imgctl -n '__imgctl_in upload' -l max-pixels -x -d 'refuse pictures with more pixels'
complete -c imgctl -n '__imgctl_in upload' -l allow-private -d 'URLs may name loopback and private addresses'
complete -c imgctl -n '__imgctl_in upload' -s f -l force -d 'store again what the catalog already knows'
complete -c imgctl -n '__imgctl_in upload' -s n -l dry-run -d 'check everything, change nothing'
complete -c imgctl -n '__imgctl_in upload' -l json -d 'print one JSON document with an item for each input'
complete -c imgctl -n '__imgctl_in upload' -l jsonl -d 'print one JSON object a line, as the work goes on'
complete -c imgctl -n '__imgctl_in upload' -l ids -d 'print ids, one a line'
complete -c imgctl -n '__imgctl_in upload' -l urls -d 'print where the originals are, one a line'
complete -c imgctl -n '__imgctl_in upload' -l format -x -d 'print each picture by a template such as \'{id}\\t{storage_url}\\n\''
complete -c imgctl -n '__imgctl_in upload' -s 0 -l null -d 'lists that are read, or the records printed, end with NUL bytes instead of newlines'
complete -c imgctl -n '__imgctl_in upload' -F
complete -c imgctl -n '__imgctl_in list' -l page -x -d 'which page'
complete -c imgctl -n '__imgctl_in list' -l page-size -x -d 'pictures on a page, at most 100'
complete -c imgctl -n '__imgctl_in list' -l all -d 'every match instead of one page'
complete -c imgctl -n '__imgctl_in list' -l sort -x -a 'id name bytes width height created updated' -d 'order by id (newest first), name, bytes, width, height, created or updated'
complete -c imgctl -n '__imgctl_in list' -l reverse -d 'the other way round'
complete -c imgctl -n '__imgctl_in list' -l fail-if-empty -d 'exit with status 6 when nothing matches'
complete -c imgctl -n '__imgctl_in list' -l search -x -d 'file name, prompt, alt text or a tag contains TEXT'
complete -c imgctl -n '__imgctl_in list' -l ai -d 'generated pictures'
complete -c imgctl -n '__imgctl_in list' -l uploaded -d 'pictures that were not generated'
complete -c imgctl -n '__imgctl_in list' -l business -x -a '(__imgctl_businesses)' -d 'pictures of this business'
complete -c imgctl -n '__imgctl_in list' -l store -x -a 'local cloudinary' -d 'pictures in this store: local or cloudinary'
complete -c imgctl -n '__imgctl_in list' -l tag -x -d 'pictures with this tag (with all, if repeated)'
complete -c imgctl -n '__imgctl_in list' -l created -x -d 'added between two dates or times, such as 2026-11-01.. or -7d..'
complete -c imgctl -n '__imgctl_in list' -l width -x -d 'width in pixels'
complete -c imgctl -n '__imgctl_in list' -l height -x -d 'height in pixels'
complete -c imgctl -n '__imgctl_in list' -l ratio -x -d 'width to height, such as 4:5..1.91'
complete -c imgctl -n '__imgctl_in list' -l bytes -x -d 'size of the file, such as 1M..'
complete -c imgctl -n '__imgctl_in list' -l deleted -d 'deleted pictures instead of live ones'
complete -c imgctl -n '__imgctl_in list' -l json -d 'print one JSON document'
complete -c imgctl -n '__imgctl_in list' -l jsonl -d 'print one JSON object a line'
complete -c imgctl -n '__imgctl_in list' -l csv -d 'print comma-separated values with a header'
complete -c imgctl -n '__imgctl_in list' -l tsv -d 'print TAB-separated values (the default on a pipe)'
complete -c imgctl -n '__imgctl_in list' -l ids -d 'print ids, one a line'
complete -c imgctl -n '__imgctl_in list' -l urls -d 'print where the originals are, one a line'
complete -c imgctl -n '__imgctl_in list' -l fields -x -d 'the columns of --csv and --tsv'
complete -c imgctl -n '__imgctl_in list' -l format -x -d 'print each by a template such as \'{id}\\t{original_filename}\\n\''
complete -c imgctl -n '__imgctl_in list' -s 0 -l null -d 'end records with a NUL byte instead of a newline'
complete -c imgctl -n '__imgctl_in list' -l wide -d 'do not cut columns to the width of the terminal'
complete -c imgctl -n '__imgctl_in show' -l json -d 'print one JSON document'
complete -c imgctl -n '__imgctl_in show' -l jsonl -d 'print one JSON object a line'
complete -c imgctl -n '__imgctl_in show' -l csv -d 'print comma-separated values with a header'
complete -c imgctl -n '__imgctl_in show' -l tsv -d 'print TAB-separated values (the default on a pipe)'
complete -c imgctl -n '__imgctl_in show' -l ids -d 'print ids, one a line'
complete -c imgctl -n '__imgctl_in show' -l urls -d 'print where the originals are, one a line'
complete -c imgctl -n '__imgctl_in show' -l fields -x -d 'the columns of --csv and --tsv'
complete -c imgctl -n '__imgctl_in show' -l format -x -d 'print each by a template such as \'{id}\\t{original_filename}\\n\''
complete -c imgctl -n '__imgctl_in show' -s 0 -l null -d 'end records with a NUL byte instead of a newline'
complete -c imgctl -n '__imgctl_in show' -l wide -d 'do not cut columns to the width of the terminal'
complete -c imgctl -n '__imgctl_in show' -k -a '(__imgctl_pictures)'
complete -c imgctl -n '__imgctl_in count' -l json -d 'print {"total":N}'
complete -c imgctl -n '__imgctl_in count' -l search -x -d 'file name, prompt, alt text or a tag contains TEXT'
complete -c imgctl -n '__imgctl_in count' -l ai -d 'generated pictures'
complete -c imgctl -n '__imgctl_in count' -l uploaded -d 'pictures that were not generated'
complete -c imgctl -n '__imgctl_in count' -l business -x -a '(__imgctl_businesses)' -d 'pictures of this business'
complete -c imgctl -n '__imgctl_in count' -l store -x -a 'local cloudinary' -d 'pictures in this store: local or cloudinary'
complete -c imgctl -n '__imgctl_in count' -l tag -x -d 'pictures with this tag (with all, if repeated)'
complete -c imgctl -n '__imgctl_in count' -l created -x -d 'added between two dates or times, such as 2026-11-01.. or -7d..'
complete -c imgctl -n '__imgctl_in count' -l width -x -d 'width in pixels'
complete -c imgctl -n '__imgctl_in count' -l height -x -d 'height in pixels'
complete -c imgctl -n '__imgctl_in count' -l ratio -x -d 'width to height, such as 4:5..1.91'
complete -c imgctl -n '__imgctl_in count' -l bytes -x -d 'size of the file, such as 1M..'
complete -c imgctl -n '__imgctl_in count' -l deleted -d 'deleted pictures instead of live ones'
complete -c imgctl -n '__imgctl_in url' -l original -d 'the picture as it was stored, without optimisation'
complete -c imgctl -n '__imgctl_in url' -l thumbnail -d 'a thumbnail, cropped to the part that matters'
complete -c imgctl -n '__imgctl_in url' -l width -x -d 'at most this wide; a thumbnail exactly (default 300)'
complete -c imgctl -n '__imgctl_in url' -l height -x -d 'at most this high; a thumbnail exactly (default 300)'
complete -c imgctl -n '__imgctl_in url' -l as -x -d 'pin the delivered format, such as jpg, instead of what the viewer takes best'
complete -c imgctl -n '__imgctl_in url' -l quality -x -d '1 to 100, auto, auto:good, ... instead of auto:good'
complete -c imgctl -n '__imgctl_in url' -l transformation -x -d 'Cloudinary transformation components to use as they are'
complete -c imgctl -n '__imgctl_in url' -l sign -d 'sign the link'
complete -c imgctl -n '__imgctl_in url' -l json -d 'print an array of objects with id and url'
complete -c imgctl -n '__imgctl_in url' -s 0 -l null -d 'end links with a NUL byte instead of a newline'
complete -c imgctl -n '__imgctl_in url' -k -a '(__imgctl_pictures)'
complete -c imgctl -n '__imgctl_in get' -s o -l output -r -F -d 'where to put it (default: its own name in the current folder); - is standard output'
complete -c imgctl -n '__imgctl_in get' -s f -l force -d 'replace a file that is there'
complete -c imgctl -n '__imgctl_in get' -l json -d 'print one JSON document with an item for each input'
complete -c imgctl -n '__imgctl_in get' -l jsonl -d 'print one JSON object a line, as the work goes on'
complete -c imgctl -n '__imgctl_in get' -l ids -d 'print ids, one a line'
complete -c imgctl -n '__imgctl_in get' -l urls -d 'print where the originals are, one a line'
complete -c imgctl -n '__imgctl_in get' -l format -x -d 'print each picture by a template such as \'{id}\\t{storage_url}\\n\''
complete -c imgctl -n '__imgctl_in get' -s 0 -l null -d 'lists that are read, or the records printed, end with NUL bytes instead of newlines'
complete -c imgctl -n '__imgctl_in get' -k -a '(__imgctl_pictures)'
complete -c imgctl -n '__imgctl_in delete' -l hard -d 'for good: the stored bytes, the copies in the delivery network, the row'
complete -c imgctl -n '__imgctl_in delete' -s y -l yes -d 'do not ask'
complete -c imgctl -n '__imgctl_in delete' -l max-delete -x -d 'without a terminal, refuse to delete more at once'
complete -c imgctl -n '__imgctl_in delete' -s n -l dry-run -d 'say what would be deleted'
complete -c imgctl -n '__imgctl_in delete' -l json -d 'print one JSON document with an item for each input'
complete -c imgctl -n '__imgctl_in delete' -l jsonl -d 'print one JSON object a line, as the work goes on'
complete -c imgctl -n '__imgctl_in delete' -l ids -d 'print ids, one a line'
complete -c imgctl -n '__imgctl_in delete' -l urls -d 'print where the originals are, one a line'
complete -c imgctl -n '__imgctl_in delete' -l format -x -d 'print each picture by a template such as \'{id}\\t{storage_url}\\n\''
complete -c imgctl -n '__imgctl_in delete' -s 0 -l null -d 'lists that are read, or the records printed, end with NUL bytes instead of newlines'
complete -c imgctl -n '__imgctl_in delete' -k -a '(__imgctl_pictures)'
complete -c imgctl -n '__imgctl_in restore' -s n -l dry-run -d 'say what would be restored'
complete -c imgctl -n '__imgctl_in restore' -l json -d 'print one JSON document with an item for each input'
complete -c imgctl -n '__imgctl_in restore' -l jsonl -d 'print one JSON object a line, as the work goes on'
complete -c imgctl -n '__imgctl_in restore' -l ids -d 'print ids, one a line'
complete -c imgctl -n '__imgctl_in restore' -l urls -d 'print where the originals are, one a line'
complete -c imgctl -n '__imgctl_in restore' -l format -x -d 'print each picture by a template such as \'{id}\\t{storage_url}\\n\''
complete -c imgctl -n '__imgctl_in restore' -s 0 -l null -d 'lists that are read, or the records printed, end with NUL bytes instead of newlines'
complete -c imgctl -n '__imgctl_in restore' -k -a '(__imgctl_pictures)'
complete -c imgctl -n '__imgctl_in purge' -l older-than -x -d 'only what was deleted this long ago'
complete -c imgctl -n '__imgctl_in purge' -l business -x -a '(__imgctl_businesses)' -d 'only pictures of this business'
complete -c imgctl -n '__imgctl_in purge' -s y -l yes -d 'do not ask'
complete -c imgctl -n '__imgctl_in purge' -l max-delete -x -d 'without a terminal, refuse to remove more at once'
complete -c imgctl -n '__imgctl_in purge' -s n -l dry-run -d 'say what would be removed'
complete -c imgctl -n '__imgctl_in purge' -l json -d 'print one JSON document with an item for each input'
complete -c imgctl -n '__imgctl_in purge' -l jsonl -d 'print one JSON object a line, as the work goes on'
complete -c imgctl -n '__imgctl_in purge' -l ids -d 'print ids, one a line'
complete -c imgctl -n '__imgctl_in purge' -l urls -d 'print where the originals are, one a line'
complete -c imgctl -n '__imgctl_in purge' -l format -x -d 'print each picture by a template such as \'{id}\\t{storage_url}\\n\''
complete -c imgctl -n '__imgctl_in purge' -s 0 -l null -d 'lists that are read, or the records printed, end with NUL bytes instead of newlines'
complete -c imgctl -n '__imgctl_at business' -a add -d 'add a business and print its id'
complete -c imgctl -n '__imgctl_at business' -a list -d 'list businesses with their live pictures'
complete -c imgctl -n '__imgctl_at business' -a rename -d 'give a business another name'
complete -c imgctl -n '__imgctl_at business' -a remove -d 'remove a business that has no pictures'
complete -c imgctl -n '__imgctl_in business list' -l json -d 'print one JSON document'
complete -c imgctl -n '__imgctl_in business list' -l jsonl -d 'print one JSON object a line'
complete -c imgctl -n '__imgctl_in business list' -l csv -d 'print comma-separated values with a header'
complete -c imgctl -n '__imgctl_in business list' -l tsv -d 'print TAB-separated values (the default on a pipe)'
complete -c imgctl -n '__imgctl_in business list' -l ids -d 'print ids, one a line'
complete -c imgctl -n '__imgctl_in business list' -l urls -d 'print where the originals are, one a line'
complete -c imgctl -n '__imgctl_in business list' -l fields -x -d 'the columns of --csv and --tsv'
complete -c imgctl -n '__imgctl_in business list' -l format -x -d 'print each by a template such as \'{id}\\t{original_filename}\\n\''
complete -c imgctl -n '__imgctl_in business list' -s 0 -l null -d 'end records with a NUL byte instead of a newline'
complete -c imgctl -n '__imgctl_in business list' -l wide -d 'do not cut columns to the width of the terminal'
complete -c imgctl -n '__imgctl_in business rename' -a '(__imgctl_businesses)'
complete -c imgctl -n '__imgctl_in business remove' -a '(__imgctl_businesses)'
complete -c imgctl -n '__imgctl_in config' -l get -d 'print the value of KEY (the default with KEY alone)'
complete -c imgctl -n '__imgctl_in config' -l unset -d 'remove KEY from the file'
complete -c imgctl -n '__imgctl_in config' -s l -l list -d 'print all settings that have a value (the default without KEY)'
complete -c imgctl -n '__imgctl_in config' -l show-origin -d 'print where each value comes from'
complete -c imgctl -n '__imgctl_in config' -l list-keys -d 'print the name of every setting there is'
complete -c imgctl -n '__imgctl_in config' -s e -l edit -d 'open the file in $VISUAL or $EDITOR'
complete -c imgctl -n '__imgctl_in config' -l json -d 'print all settings with value, origin and help as JSON'
complete -c imgctl -n '__imgctl_in config' -a '(__imgctl_settings)'
complete -c imgctl -n '__imgctl_in doctor' -l network -d 'also ask the services whether they take our credentials'
complete -c imgctl -n '__imgctl_in doctor' -l json -d 'print {"checks":[...]}'
complete -c imgctl -n '__imgctl_in help' -l json -d 'print every command, option, setting and exit code as JSON'
complete -c imgctl -n '__imgctl_in help' -a 'upload list show count url get delete restore purge business config doctor help version'
