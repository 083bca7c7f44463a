# fish completion for wherry: wherry completion fish | source
function __wherry_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l path (string replace -r -- '^-[^=]*=' '' (commandline -ct))
    for line in ($words[1] complete -- $words[2..-1] 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path $path
            case ':yaml'
                __fish_complete_directories $path
                __fish_complete_path $path | string match -r -- '.*\.ya?ml(?:\t.*)?$'
            case ':directories'
                __fish_complete_directories $path
            case '*'
                echo $line
        end
    end
end
complete -c wherry -f -a '(__wherry_complete)'
complete -c linuxkit -f -a '(__wherry_complete)'
