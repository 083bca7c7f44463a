/* SPDX-License-Identifier: Apache-2.0 */
#include "tar/tar-libarchive.h"

#ifdef WHERRY_STATIC
#include <langinfo.h>
#endif

#include "base/mem.h"

#ifdef WHERRY_STATIC
/*
 * The machine's locales may be another C library's, or none. libarchive asks for no more than this
 * before it decides to convert nothing; the C library's own function is not linked in then.
 */
char *nl_langinfo(nl_item item)
{
	static char utf8[] = "UTF-8", other[] = "";

	return item == CODESET ? utf8 : other;
}

int tar_locale_enter(struct tar_locale *l, ATTR_UNUSED struct werr **err)
{
	*l = (struct tar_locale){0};
	return 0;
}
#else
int tar_locale_enter(struct tar_locale *l, struct werr **err)
{
	static const char *const names[] = {"C.UTF-8", "en_US.UTF-8"};

	*l = (struct tar_locale){0};
	for (size_t i = 0; !l->utf8 && i < ARRAY_SIZE(names); i++)
		l->utf8 = newlocale(LC_CTYPE_MASK, names[i], (locale_t)0);
	if (!l->utf8)
		return werr_set(err, WERR_FAILED, "this system does not have the locale C.UTF-8");
	l->before = uselocale(l->utf8);
	return 0;
}
#endif

void tar_locale_leave(struct tar_locale *l)
{
	if (!l->utf8)
		return;
	uselocale(l->before);
	freelocale(l->utf8);
	*l = (struct tar_locale){0};
}

int tar_refuse_header(int max, struct werr **err)
{
	return werr_set(err, WERR_LIMIT, "the header of an entry is larger than %d KiB", max >> 10);
}
