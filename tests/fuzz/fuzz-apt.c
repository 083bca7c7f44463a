/* SPDX-License-Identifier: Apache-2.0 */
/* The output of apt, and kept package lists; the first byte selects which. */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "pkg/apt-config.h"
#include "pkg/apt.h"
#include "pkg/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_uris(const char *text)
{
	CLEANUP(apt_files) struct apt_files files = {0};

	if (apt_parse_uris(text, "/dir", &files, NULL) < 0)
		return;
	for (size_t i = 0; i < files.n; i++)
		if (strchr(files.items[i].name, '/') || strlen(files.items[i].sha256) != SHA256_HEX)
			abort();
}

static void read_records(const char *text)
{
	CLEANUP(records) struct records r = {0}, none = {0};
	CLEANUP(free) char *json = NULL;

	if (records_parse(&r, "records", text, NULL) < 0)
		return;
	records_sort(&r);
	if (records_json(&r, &none, &json, NULL) == 0)
		free(records_text(&r));
	records_remove(&r, &none);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(apt_mirrors) struct apt_mirrors m = {0};
	CLEANUP(free) char *text = mem_alloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	switch (size ? text[0] : 0) {
	case 'u':
		read_uris(text + 1);
		break;
	case 'r':
		read_records(text + 1);
		break;
	case 'p':
		apt_take_releases(text + 1, &m);
		break;
	default:
		apt_take_mirrors(text, &m);
		if (m.main)
			free(apt_security_beside(m.main));
	}
	return 0;
}
