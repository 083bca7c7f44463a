/* SPDX-License-Identifier: Apache-2.0 */
#include "contract/network.h"

#include <stddef.h>
#include <string.h>

#include "base/str.h"

const char *const network_bond_modes[] = {"balance-rr", "active-backup", "balance-xor", "broadcast",
	"802.3ad", "balance-tlb", "balance-alb", NULL};

/* What the kernel takes (dev_valid_name), without what has another meaning in /proc/sys/net or for
 * a terminal. */
const char *network_name_fault(const char *name)
{
	static const char valid[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_.@";
	/* "all" and "default" are for all interfaces in /proc/sys/net; the last one is a file of
	 * the kernel's in /sys/class/net, where an interface is a directory. */
	static const char *const reserved[] = {
		".", "..", "all", "default", "bonding_masters", NULL};

	if (!*name)
		return "is empty";
	if (strlen(name) > NETWORK_NAME_MAX)
		return "is longer than 15 bytes";
	if (name[strspn(name, valid)])
		return "has other characters than letters, digits, '-', '_', '.' and '@'";
	for (const char *const *r = reserved; *r; r++)
		if (str_eq(name, *r))
			return "is reserved";
	return *name == '-' ? "begins with '-'" : NULL;
}
