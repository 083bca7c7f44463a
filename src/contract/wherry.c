/* SPDX-License-Identifier: Apache-2.0 */
#include "contract/wherry.h"

#include "base/str.h"

const char *const contract_restarts[] = {"no", "on-failure", "always", NULL};
const char *const contract_onfails[] = {"continue", "reboot", "poweroff", "shell", NULL};

int contract_word(const char *const *words, const char *text)
{
	for (int i = 0; text && words[i]; i++)
		if (str_eq(text, words[i]))
			return i;
	return -1;
}
