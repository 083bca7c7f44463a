/* SPDX-License-Identifier: Apache-2.0 */
#include "common/cmdline.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "common/machine.h"

enum { CMDLINE_MAX = 64 * 1024 };

char *cmdline_read(void)
{
	char *text = NULL;
	size_t size;

	if (machine_is_contained()) {
		const char *options = getenv("WHERRY_CMDLINE");

		return str_dup(options ? options : "");
	}
	if (file_read("/proc/cmdline", CMDLINE_MAX, &text, &size, NULL) < 0)
		return str_dup("");
	return text;
}

/* The length of the word at s: up to a space that is not inside quotes. */
static size_t word_length(const char *s)
{
	bool quoted = false;
	size_t n;

	for (n = 0; s[n] && (quoted || !isspace((unsigned char)s[n])); n++)
		if (s[n] == '"')
			quoted = !quoted;
	return n;
}

static char *without_quotes(const char *s, size_t size)
{
	char *out = mem_alloc(size + 1), *p = out;

	for (size_t i = 0; i < size; i++)
		if (s[i] != '"')
			*p++ = s[i];
	return out;
}

char *cmdline_value(const char *cmdline, const char *name)
{
	size_t name_size = strlen(name);
	char *value = NULL;

	for (const char *s = cmdline; *s;) {
		/* The opening quote may come before the value or before the whole word. */
		const char *word = s + (*s == '"'), *end = s + word_length(s);
		size_t n = (size_t)(end - word);

		if (n >= name_size && memcmp(word, name, name_size) == 0 &&
			(n == name_size || word[name_size] == '=')) {
			size_t skip = n == name_size ? n : name_size + 1;

			free(value);
			value = without_quotes(word + skip, n - skip);
		}
		s = end;
		while (isspace((unsigned char)*s))
			s++;
	}
	return value;
}

bool cmdline_flag(const char *cmdline, const char *name)
{
	static const char *const yes[] = {"", "1", "yes", "on", "true"};
	CLEANUP(free) char *value = cmdline_value(cmdline, name);

	for (size_t i = 0; value && i < ARRAY_SIZE(yes); i++)
		if (str_eq(value, yes[i]))
			return true;
	return false;
}

uint64_t cmdline_number(const char *cmdline, const char *name, uint64_t fallback, uint64_t max)
{
	CLEANUP(free) char *value = cmdline_value(cmdline, name);
	uint64_t n;

	if (!value || str_to_u64(value, 10, &n) < 0 || n > max)
		return fallback;
	return n;
}
