/* SPDX-License-Identifier: Apache-2.0 */
/* A command line that is accepted means to the kernel the same after GRUB has handed it on. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "boot/grub-config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One parameter as the kernel's lib/cmdline.c takes it off a line; *value is NULL without one. */
static char *next_parameter(char *at, char **name, char **value)
{
	size_t i, equals = 0;
	bool in_quote = false, quoted = false;
	char *next;

	if (*at == '"') {
		at++;
		in_quote = quoted = true;
	}
	for (i = 0; at[i] && (in_quote || !strchr(" \t\n\v\f\r", at[i])); i++) {
		if (equals == 0 && at[i] == '=')
			equals = i;
		if (at[i] == '"')
			in_quote = !in_quote;
	}
	next = at[i] ? at + i + 1 : at + i;
	*name = at;
	*value = NULL;
	at[i] = '\0';
	if (equals > 0) {
		at[equals] = '\0';
		*value = at + equals + 1;
		if (**value == '"') {
			(*value)++;
			if (at[i - 1] == '"')
				at[i - 1] = '\0';
		}
	}
	if (quoted && i > 0 && at[i - 1] == '"')
		at[i - 1] = '\0';
	return next + strspn(next, " \t\n\v\f\r");
}

static char *all_parameters(const char *line)
{
	CLEANUP(free) char *copy = str_dup(line);
	struct buf all = BUF_INIT(1 << 20);
	char *at = copy + strspn(copy, " \t\n\v\f\r"), *name, *value;

	while (*at) {
		at = next_parameter(at, &name, &value);
		buf_printf(&all, "<%s>%s%s%s\n", name, value ? "<" : "", value ? value : "",
			value ? ">" : "");
	}
	return buf_steal(&all);
}

/* The line that GRUB makes of the words between single quotes, as its `linux` does. */
static char *made_by_grub(const char *config)
{
	const char *at = strstr(config, "linux k") + strlen("linux k"), *end;
	struct buf line = BUF_INIT(1 << 20);

	for (; str_after(at, " '"); at = end + 1) {
		bool has_space;

		at += 2;
		end = strchr(at, '\'');
		has_space = memchr(at, ' ', (size_t)(end - at));
		buf_puts(&line, has_space ? "\"" : "");
		for (; at < end; at++) {
			if (strchr("\\'\"", *at))
				buf_putc(&line, '\\');
			buf_putc(&line, *at);
		}
		buf_puts(&line, has_space ? "\" " : " ");
	}
	if (!str_eq(at, "\nboot\n"))
		abort();
	return buf_steal(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free) char *text = str_dup_n((const char *)data, size);
	CLEANUP(buf) struct buf config = BUF_INIT(GRUB_CONFIG_MAX);
	CLEANUP(free) char *line = NULL, *before = NULL, *after = NULL;

	if (grub_config_add(&config, &(struct grub_config){"k", NULL, text}, NULL) < 0)
		return 0;
	line = made_by_grub(buf_str(&config));
	before = all_parameters(text);
	after = all_parameters(line);
	if (!str_eq(before, after))
		abort();
	return 0;
}
