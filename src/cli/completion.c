/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/completion.h"

#include "base/mem.h"
#include "cli/lookup.h"

/* What the words before the last one have settled. */
struct state {
	struct buf words;              /* of the verb */
	const struct command *command; /* or NULL */
	const struct option *waiting;  /* for its value, or NULL */
	bool only_operands;            /* behind "--" */
};

static const struct option *find_option(const struct state *s, const char *arg)
{
	const struct option *lists[] = {s->command ? s->command->options : NULL,
		s->command ? s->command->more_options : NULL, global_option_list};
	const char *name = arg + strspn(arg, "-");

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		for (const struct option *o = lists[i]; o && o->name; o++)
			if (str_eq(o->name, name) || (*name == o->letter && !name[1]))
				return o;
	return NULL;
}

static void take_word(struct state *s, const char *word)
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
		s->command = command_find(buf_str(&s->words));
	}
}

static void add(struct buf *out, const char *typed, const char *word, const char *description)
{
	if (!str_after(word, typed))
		return;
	buf_puts(out, word);
	if (description)
		buf_printf(out, "\t%s", description);
	buf_putc(out, '\n');
}

/* What an option or operand is called tells what it may be. */
static void add_path(struct buf *out, const char *called)
{
	if (strstr(called, "DIR"))
		buf_puts(out, ":folders\n");
	else if (strstr(called, "FILE") || strstr(called, "PATH") || strstr(called, "PROG"))
		buf_puts(out, ":files\n");
}

static void add_values(struct buf *out, const struct option *o, const char *typed)
{
	const char *const *choices = o->choices ? o->choices() : NULL;
	const char *comma = o->kind == OPTION_LIST ? strrchr(typed, ',') : NULL;
	CLEANUP(free) char *before = str_dup_n(typed, comma ? (size_t)(comma - typed) + 1 : 0);

	for (; choices && *choices; choices++) {
		CLEANUP(free) char *word = str_printf("%s%s", before, *choices);

		add(out, typed, word, NULL);
	}
	if (!o->choices)
		add_path(out, o->value);
}

static void add_options(struct buf *out, const struct option *list, const char *typed)
{
	for (; list && list->name; list++) {
		CLEANUP(free) char *text = option_text(list);

		if (list->kind != OPTION_ABSENT)
			add(out, typed, text, list->help);
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
			add(out, typed, first, str_eq(first, word) ? commands[i]->summary : NULL);
		strv_add(&seen, first);
	}
}

static void add_operands(struct buf *out, const struct command *c, const char *typed)
{
	if (strstr(c->operands, "VERB"))
		add_verbs(out, "", typed);
	else if (strstr(c->operands, "SHELL"))
		for (const char *const *s = completion_shells(); *s; s++)
			add(out, typed, *s, NULL);
	else
		add_path(out, c->operands);
}

void completion_candidates(struct buf *out, const char *const *words)
{
	struct state s = {.words = BUF_INIT(1 << 16)};
	const char *typed = "";

	for (; *words; words++) {
		typed = *words;
		if (words[1])
			take_word(&s, typed);
	}
	if (s.waiting) {
		add_values(out, s.waiting, str_eq(typed, "=") ? "" : typed);
	} else if (!s.only_operands && typed[0] == '-') {
		if (s.command) {
			add_options(out, s.command->options, typed);
			add_options(out, s.command->more_options, typed);
		}
		add_options(out, global_option_list, typed);
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
	"            :folders) compopt -o filenames; COMPREPLY+=($(compgen -d -- \"$cur\")) ;;\n"
	"            *) COMPREPLY+=(\"${line%%$'\\t'*}\") ;;\n"
	"        esac\n"
	"    done < <(\"${COMP_WORDS[0]}\" complete -- \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
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
	"            :folders) _files -/ ;;\n"
	"            *) items+=(\"${${line//:/\\\\:}/$'\\t'/:}\") ;;\n"
	"        esac\n"
	"    done < <(\"${words[1]}\" complete -- \"${(@)words[2,CURRENT]}\" 2>/dev/null)\n"
	"    (( ${#items} )) && _describe wherry items\n"
	"}\n"
	"compdef _wherry wherry linuxkit\n";

static const char fish_script[] =
	"# fish completion for wherry: wherry completion fish | source\n"
	"function __wherry_complete\n"
	"    set -l words (commandline -opc) (commandline -ct)\n"
	"    for line in ($words[1] complete -- $words[2..-1] 2>/dev/null)\n"
	"        switch $line\n"
	"            case ':files'\n"
	"                __fish_complete_path (commandline -ct)\n"
	"            case ':folders'\n"
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
