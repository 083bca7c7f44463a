/* SPDX-License-Identifier: Apache-2.0 */
/* The names of capabilities, and lists of them. */
#include <strings.h>

#include "base/mem.h"
#include "config/grants.h"
#include "config/values.h"
#include "contract/docker.h"

static const char *const names[CAPABILITY_COUNT] = {"CAP_CHOWN", "CAP_DAC_OVERRIDE",
	"CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
	"CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST",
	"CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE",
	"CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN",
	"CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG",
	"CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP",
	"CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND",
	"CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE"};

const char *capability_name(unsigned number)
{
	return names[number];
}

bool capability_parse(const char *name, unsigned *ret)
{
	for (unsigned i = 0; i < CAPABILITY_COUNT; i++) {
		if (!str_eq(names[i], name))
			continue;
		*ret = i;
		return true;
	}
	return false;
}

bool capability_is_docker(const char *name)
{
	return strcasecmp(name, DOCKER_WORD) == 0;
}

/* The common prefix would make any two of them similar. */
static char *suggest(const char *text)
{
	const char *candidates[CAPABILITY_COUNT + 1] = {NULL};
	CLEANUP(free) char *upper = str_dup(text);
	const char *rest, *nearest;

	for (char *c = upper; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	rest = str_after(upper, "CAP_");
	for (unsigned i = 0; i < CAPABILITY_COUNT; i++)
		candidates[i] = str_after(names[i], "CAP_");
	nearest = str_nearest(rest ? rest : upper, candidates);
	return nearest ? str_printf("; did you mean 'CAP_%s'?", nearest) : str_dup("");
}

/* "all" and "none" can't be combined with others. */
static void check_alone(struct checker *c, const char *key, const struct node *list)
{
	for (size_t i = 0; list && list->n > 1 && i < list->n; i++) {
		const char *name = list->items[i]->text;

		if (strcasecmp(name, "all") != 0 && strcasecmp(name, "none") != 0)
			continue;
		checker_add(c, list->items[i], "%s%s%s: '%s' must be the only entry",
			buf_str(&c->where), c->where.len ? "." : "", key, name);
		return;
	}
}

void check_capabilities(struct checker *c, const struct node *entry)
{
	static const char *const keys[] = {"capabilities", "capabilities.add", "ambient"};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		check_alone(c, keys[i], node_get(entry, keys[i]));
}

static void check_docker(struct checker *c, const struct node *n)
{
	if (!c->compat)
		return;
	checker_add(c, n, "unknown capability '%s'", n->text);
	checker_hint(c, "LinuxKit lacks the word; list what it needs, or build without --compat");
}

static void check_capability(struct checker *c, const struct node *n)
{
	CLEANUP(free) char *suggestion = NULL;
	unsigned number;

	if (capability_is_docker(n->text)) {
		check_docker(c, n);
		return;
	}
	if (strcasecmp(n->text, "all") == 0) {
		if (grant_is_accepted(c->entry, "capabilities"))
			return;
		checker_warn(
			c, n, "%s: '%s' grants it every privilege", buf_str(&c->where), n->text);
		checker_hint(c, "list the ones that it needs, such as CAP_NET_BIND_SERVICE");
		return;
	}
	if (capability_parse(n->text, &number) || strcasecmp(n->text, "none") == 0)
		return;
	suggestion = suggest(n->text);
	checker_add(c, n, "unknown capability '%.80s'%s", n->text, suggestion);
	if (!*suggestion)
		checker_hint(c, "use docker, all, none, or names as in capabilities(7)");
}

static const char *capability_word(size_t i)
{
	static const char *const words[] = {"all", "none", DOCKER_WORD, NULL};

	return i < CAPABILITY_COUNT ? names[i] : words[i - CAPABILITY_COUNT];
}

const struct form form_capability = {.check = check_capability,
	.pattern = "^([Aa][Ll][Ll]|[Nn][Oo][Nn][Ee]|[Dd][Oo][Cc][Kk][Ee][Rr])$",
	.word = capability_word};
