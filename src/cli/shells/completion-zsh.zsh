#compdef wherry linuxkit
# zsh completion for wherry: source <(wherry completion zsh)
_wherry() {
    local line
    local -a items
    while IFS= read -r line; do
        case $line in
            :files) [[ $PREFIX == -*=* ]] && compset -P '*='; _files ;;
            :yaml) [[ $PREFIX == -*=* ]] && compset -P '*='; _path_files -/; _path_files -g '*.(yml|yaml)(-.)' ;;
            :directories) [[ $PREFIX == -*=* ]] && compset -P '*='; _path_files -/ ;;
            *) items+=("${${line//:/\\:}/$'\t'/:}") ;;
        esac
    done < <("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)
    (( ${#items} )) && _describe wherry items
}
# Either a file of $fpath, which runs as the function itself the first time, or sourced.
if [[ ${funcstack[1]} == _wherry ]]; then
    _wherry "$@"
else
    compdef _wherry wherry linuxkit
fi
