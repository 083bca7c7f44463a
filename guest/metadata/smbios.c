/* SPDX-License-Identifier: Apache-2.0 */
#include "metadata/smbios.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

enum { HEAD = 4, LENGTH = 1 };
static const char table_path[] = "/sys/firmware/dmi/tables/DMI";

void smbios_cleanup(struct smbios *s)
{
	free(s->table);
	*s = (struct smbios){0};
}

int smbios_read(struct smbios *ret, struct werr **err)
{
	char *text;

	if (!file_exists(table_path))
		return 0;
	if (file_read(table_path, SMBIOS_TABLE_MAX, &text, &ret->size, err) < 0)
		return -1;
	ret->table = (unsigned char *)text;
	return 0;
}

bool smbios_next(const struct smbios *s, size_t *at, struct smbios_entry *ret)
{
	const unsigned char *p = s->table + *at;
	size_t left = s->size - *at, length, end;

	if (left < HEAD + 2)
		return false;
	length = p[LENGTH];
	if (length < HEAD || length > left - 2)
		return false;
	for (end = length; end + 1 < left && (p[end] || p[end + 1]); end++)
		;
	if (end + 1 >= left)
		return false;
	*ret = (struct smbios_entry){p[0], p, length, (const char *)p + length};
	*at += end + 2;
	return true;
}

const char *smbios_text(const struct smbios_entry *e, unsigned number)
{
	const char *text = e->texts;

	for (; number > 1 && *text; number--)
		text += strlen(text) + 1;
	return number && *text ? text : NULL;
}

const char *smbios_find(const struct smbios *s, unsigned type, size_t place)
{
	struct smbios_entry e;
	size_t at = 0;

	while (s->table && smbios_next(s, &at, &e)) {
		const char *text = e.type == type && place < e.fixed_size
					   ? smbios_text(&e, e.fixed[place])
					   : NULL;

		if (text)
			return text;
	}
	return "";
}
