/* SPDX-License-Identifier: Apache-2.0 */
/* The names of files that a killed process left half written. */
#include <string.h>

#include "base/atomic-file.h"
#include "base/str.h"

/* "123-0" */
static bool is_process(const char *text)
{
	static const char numerals[] = "0123456789";
	size_t pid = strspn(text, numerals);
	size_t n = text[pid] == '-' ? strspn(text + pid + 1, numerals) : 0;

	return pid > 0 && n > 0 && !text[pid + 1 + n];
}

/* What mkstemp puts in the place of XXXXXX. */
static bool is_random(const char *text)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

	return strlen(text) == 6 && strspn(text, letters) == 6;
}

bool file_is_leftover(const char *name, const char *file)
{
	const char *rest = str_after(name, ".wherry-"), *old = file ? str_after(name, file) : NULL;

	if (rest)
		return is_process(rest) || is_random(rest);
	return old && *old == '.' && is_process(old + 1);
}
