# bash completion for wherry: source <(wherry completion bash)
_wherry() {
    local line word rest=$COMP_LINE i cur path before
    local -a words=()
    COMPREPLY=()
    # bash splits words also at ":" and "=", which images and options have: join what has no blank between.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if ((i > 0)) && [[ $rest != [[:space:]]* ]]; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
        rest=${rest#"${rest%%[![:space:]]*}"}
        rest=${rest#"$word"}
    done
    cur=${words[-1]}
    path=$cur
    [[ $cur == -*=* ]] && path=${cur#*=}
    # What is before the last of these characters stays on the line.
    before=${cur%"${cur##*[:=]}"}
    while IFS= read -r line; do
        case $line in
            :files) compopt -o filenames 2>/dev/null; mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$path") ;;
            :yaml)
                compopt -o filenames 2>/dev/null
                mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(
                    compgen -d -- "$path"
                    compgen -f -- "$path" | grep -E '\.ya?ml$'
                ) ;;
            :directories) compopt -o filenames 2>/dev/null; mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "$path") ;;
            *) line=${line%%$'\t'*}; COMPREPLY+=("${line#"$before"}") ;;
        esac
    done < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
}
complete -F _wherry wherry linuxkit
