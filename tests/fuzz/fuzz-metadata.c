/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What providers of metadata write in: XML (ovf-env.xml, the goal state), the YAML of NoCloud,
 * Base64, SSH keys, and SMBIOS's table.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "metadata/plaintext.h"
#include "metadata/smbios.h"

enum { OUT_MAX = 64 << 10 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_xml(const char *bytes, size_t size)
{
	static const char *const elements[] = {
		"HostName", "CustomData", "ContainerId", "InstanceId"};

	for (size_t i = 0; i < ARRAY_SIZE(elements); i++)
		free(plaintext_xml(bytes, size, elements[i]));
}

static void read_text(const char *text)
{
	CLEANUP(buf) struct buf lines = BUF_INIT(OUT_MAX), keys = BUF_INIT(OUT_MAX);
	CLEANUP(free) char *host = plaintext_yaml(text, "local-hostname");

	if (host && plaintext_is_host(host) && strpbrk(host, "/ \n"))
		abort();
	plaintext_yaml_list(text, "public-keys", &lines);
	plaintext_keys(text, &keys);
	/* No line is what a terminal would act on. */
	for (size_t i = 0; i < keys.len; i++)
		if (keys.data[i] == 0x1b || keys.data[i] == '\r')
			abort();
}

static void read_table(const char *bytes, size_t size)
{
	CLEANUP(smbios) struct smbios s = {mem_dup(bytes, size), size};
	struct smbios_entry e;
	size_t at = 0;

	smbios_find(&s, SMBIOS_SYSTEM, SMBIOS_SYSTEM_VENDOR);
	while (smbios_next(&s, &at, &e))
		for (unsigned i = 0; i < 256; i++) {
			const char *text = smbios_text(&e, i);

			if (text && !*text)
				abort();
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free) char *bytes = mem_dup(data, size), *text = str_dup_n(bytes, size);
	CLEANUP(buf) struct buf out = BUF_INIT(OUT_MAX);

	read_xml(bytes, size);
	read_text(text);
	read_table(bytes, size);
	if (plaintext_base64(bytes, size, &out, NULL) == 0 && out.len > size)
		abort();
	return 0;
}
