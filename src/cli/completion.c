/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/completion.h"

#include "base/mem.h"
#include "cli/lookup.h"
#include "options/option-complete.h"

/* What is known from the words before the last one. */
struct state {
	struct buf words;              /* of the verb */
	const struct command *command; /* or NULL */
	const struct option *waiting;  /* the option whose value comes next, or NULL */
	bool only_operands;            /* after "--" */
};

static const struct option *find_option(const struct state *s, const char *arg)
{
	const struct option_group *groups[] = {
		s->command ? s->command->options : NULL, global_options};
	const char *name = arg + strspn(arg, "-");
	const struct option *found = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		for (const struct option_group *g = groups[i]; g && g->options && !found; g++)
			found = option_find(g->options, name);
	return found;
}

static void take_word(struct state *s, const char *word, const char *next)
{
	if (s->waiting) {
		/* bash makes three words of "--format=tar". */
		if (!str_eq(word, "="))
			s->waiting = NULL;
	} else if (!s->only_operands && str_eq(word, "--")) {
		s->only_operands = true;
	} else if (!s->only_operands && option_like(word)) {
		const struct option *o = find_option(s, word);

		if (o && option_takes_value(o) && o->kind != OPTION_LEVEL)
			s->waiting = o;
	} else if (!s->command) {
		buf_printf(&s->words, "%s%s", s->words.len ? " " : "", word);
		s->command = command_find_before(buf_str(&s->words), next);
	}
}

/* The next words of the verbs of a group, each once. */
static void add_verbs(struct buf *out, const char *group, const char *typed)
{
	CLEANUP(strv) struct strv seen = {0};
	size_t skip = *group ? strlen(group) + 1 : 0;

	for (size_t i = 0; commands[i]; i++) {
		CLEANUP(free) char *first = NULL;
		const char *word;

		if (!command_in_group(commands[i], group))
			continue;
		word = commands[i]->name + skip;
		first = str_dup_n(word, strcspn(word, " "));
		if (!strv_has(&seen, first))
			option_complete_word(out, typed, first,
				str_eq(first, word) ? commands[i]->summary : NULL);
		strv_add(&seen, first);
	}
}

static void add_operands(struct buf *out, const struct command *c, const char *typed)
{
	if (strstr(c->operands, "VERB"))
		add_verbs(out, "", typed);
	else if (strstr(c->operands, "SHELL"))
		for (const char *const *s = completion_shells(); *s; s++)
			option_complete_word(out, typed, *s, NULL);
	else
		option_complete_path(out, c->operands);
}

void completion_candidates(struct buf *out, const char *const *words)
{
	struct state s = {.words = BUF_INIT(1 << 16)};
	const char *typed = "";

	for (; *words; words++) {
		typed = *words;
		if (words[1])
			take_word(&s, typed, words[1]);
	}
	if (s.waiting) {
		option_complete_values(out, str_eq(typed, "=") ? "" : typed, s.waiting);
	} else if (!s.only_operands && typed[0] == '-') {
		option_complete_names(out, typed, s.command ? s.command->options : NULL);
		option_complete_names(out, typed, global_options);
	} else if (!s.command) {
		add_verbs(out, buf_str(&s.words), typed);
	} else {
		add_operands(out, s.command, typed);
	}
	buf_clear(&s.words);
}

/* ---- the scripts ---- */

static const char bash_script[] =
	"# bash completion for wherry: source <(wherry completion bash)\n"
	"_wherry() {\n"
	"    local line cur=${COMP_WORDS[COMP_CWORD]}\n"
	"    [[ $cur == = ]] && cur=\n"
	"    COMPREPLY=()\n"
	"    while IFS= read -r line; do\n"
	"        case $line in\n"
	"            :files) compopt -o filenames; COMPREPLY+=($(compgen -f -- \"$cur\")) ;;\n"
	"            :directories) compopt -o filenames; "
	"COMPREPLY+=($(compgen -d -- \"$cur\")) ;;\n"
	"            *) COMPREPLY+=(\"${line%%$'\\t'*}\") ;;\n"
	"        esac\n"
	"    done < <(\"${COMP_WORDS[0]}\" complete -- "
	"\"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
	"}\n"
	"complete -F _wherry wherry linuxkit\n";

static const char zsh_script[] =
	"#compdef wherry linuxkit\n"
	"# zsh completion for wherry: source <(wherry completion zsh)\n"
	"_wherry() {\n"
	"    local line\n"
	"    local -a items\n"
	"    while IFS= read -r line; do\n"
	"        case $line in\n"
	"            :files) _files ;;\n"
	"            :directories) _files -/ ;;\n"
	"            *) items+=(\"${${line//:/\\\\:}/$'\\t'/:}\") ;;\n"
	"        esac\n"
	"    done < <(\"${words[1]}\" complete -- \"${(@)words[2,CURRENT]}\" 2>/dev/null)\n"
	"    (( ${#items} )) && _describe wherry items\n"
	"}\n"
	"# Either a file of $fpath, which runs as the function itself the first time, or sourced.\n"
	"if [[ ${funcstack[1]} == _wherry ]]; then\n"
	"    _wherry \"$@\"\n"
	"else\n"
	"    compdef _wherry wherry linuxkit\n"
	"fi\n";

static const char fish_script[] =
	"# fish completion for wherry: wherry completion fish | source\n"
	"function __wherry_complete\n"
	"    set -l words (commandline -opc) (commandline -ct)\n"
	"    for line in ($words[1] complete -- $words[2..-1] 2>/dev/null)\n"
	"        switch $line\n"
	"            case ':files'\n"
	"                __fish_complete_path (commandline -ct)\n"
	"            case ':directories'\n"
	"                __fish_complete_directories (commandline -ct)\n"
	"            case '*'\n"
	"                echo $line\n"
	"        end\n"
	"    end\n"
	"end\n"
	"complete -c wherry -f -a '(__wherry_complete)'\n"
	"complete -c linuxkit -f -a '(__wherry_complete)'\n";

static const char *const shells[] = {"bash", "zsh", "fish", NULL};
static const char *const scripts[] = {bash_script, zsh_script, fish_script};

const char *const *completion_shells(void)
{
	return shells;
}

const char *completion_script(const char *shell)
{
	for (size_t i = 0; shells[i]; i++)
		if (str_eq(shells[i], shell))
			return scripts[i];
	return NULL;
}
