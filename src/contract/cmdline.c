/* SPDX-License-Identifier: Apache-2.0 */
#include "contract/cmdline.h"

#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

static bool has_root(const char *text)
{
	for (const char *p = text; (p = strstr(p, "root=")); p++)
		if (p == text || strchr(" \"", p[-1]))
			return true;
	return false;
}

char *contract_cmdline(const char *text, const char *root)
{
	size_t size = strlen(text);

	while (size > 0 && strchr("\n ", text[size - 1]))
		size--;
	if (!root || has_root(text))
		return str_dup_n(text, size);
	return str_printf("%.*s%sroot=%s", (int)size, text, size ? " " : "", root);
}
