/* SPDX-License-Identifier: Apache-2.0 */
#include "options/option.h"

#include "base/str.h"

const struct option *option_find(const struct option *list, const char *name)
{
	for (; list && list->name; list++)
		if (str_eq(list->name, name) ||
			(list->letter && name[0] == list->letter && !name[1]))
			return list;
	return NULL;
}

bool option_takes_value(const struct option *o)
{
	return o->kind != OPTION_FLAG && o->kind != OPTION_ABSENT;
}

bool option_like(const char *arg)
{
	return arg[0] == '-' && arg[1];
}

const char *option_dashes(const char *name)
{
	return name[1] ? "--" : "-";
}

char *option_text(const struct option *o)
{
	return str_printf("%s%s", option_dashes(o->name), o->name);
}
