/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arbitrary bytes as the lists of dpkg and apk, as a copyright file, as an inventory and as lists
 * of files; what was read is written and read again.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "inventory/apk.h"
#include "inventory/dpkg.h"
#include "inventory/inventory.h"
#include "inventory/owners.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_and_read(const struct inventory *i)
{
	CLEANUP(buf) struct buf text = BUF_INIT(64 << 20);
	CLEANUP(buf) struct buf again = BUF_INIT(64 << 20);
	CLEANUP(inventory) struct inventory read = {0};

	inventory_write(i, &text);
	if (inventory_parse(buf_str(&text), text.len, &read, NULL) < 0)
		abort();
	inventory_write(&read, &again);
	if (text.len != again.len || memcmp(text.data, again.data, text.len) != 0)
		abort();
}

/* The lists of files, which come as they are, and what is kept of them, which is sorted. */
static void read_owners(const char *text, size_t size)
{
	CLEANUP(buf) struct buf written = BUF_INIT(64 << 20);
	CLEANUP(owners) struct owners found = {0}, parsed = {0}, again = {0};

	(void)owners_add_list(&found, "a", text, size);
	(void)owners_add_sums(&found, "b", text, size);
	(void)owners_add_apk(&found, text, size);
	for (size_t i = 0; i < found.n_files; i++)
		if (found.files[i].package >= found.n)
			abort();
	if (owners_parse(text, size, &parsed, NULL) < 0)
		return;
	owners_write(&parsed, &written);
	if (owners_parse(buf_str(&written), written.len, &again, NULL) < 0 ||
		again.n_files != parsed.n_files)
		abort();
	for (size_t i = 0; i < parsed.n_files; i++)
		if (!owners_find(&parsed, parsed.files[i].path))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	CLEANUP(inventory)
	struct inventory found = {.distro = str_dup(""), .release = str_dup("")}, parsed = {0};

	free(dpkg_read_licenses(text, size));
	(void)dpkg_read_status(&found.software, text, size, NULL);
	(void)apk_read_installed(&found.software, text, size, NULL);
	software_sort(&found.software);
	write_and_read(&found);
	if (inventory_parse(text, size, &parsed, NULL) == 0)
		write_and_read(&parsed);
	read_owners(text, size);
	return 0;
}
