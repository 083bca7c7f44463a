/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/modprobe.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "tools/args.h"

int modprobe_parse(const struct strv *words, struct load_name *ret, size_t *ret_n,
	struct strv *texts, struct werr **err)
{
	const char *word;
	size_t n = 0;

	STRV_FOREACH (word, words) {
		bool more = n && *ret[n - 1].parameters;

		if (!strchr(word, '=')) {
			ret[n++] = (struct load_name){word, ""};
			continue;
		}
		if (!n)
			return werr_set(
				err, WERR_USAGE, "the parameter %.80s is before any module", word);
		strv_addf(texts, "%s%s%s", ret[n - 1].parameters, more ? " " : "", word);
		ret[n - 1].parameters = texts->items[texts->n - 1];
	}
	*ret_n = n;
	return 0;
}

static int load(const struct strv *words, struct werr **err)
{
	CLEANUP(free) struct load_name *names = mem_new_array(struct load_name, words->n + 1);
	CLEANUP(strv) struct strv texts = {0};
	size_t n = 0;
	int r = modprobe_parse(words, names, &n, &texts, err);

	if (r == 0 && !n)
		r = werr_set(err, WERR_USAGE, "no module is named");
	if (r == 0)
		r = load_by_names(names, n, err);
	if (r == -ENOENT && err && *err)
		werr_hint(err,
			"the kernel's image, or an init image, must have it; in a container it is "
			"looked for in binds: [/lib/modules:/lib/modules:ro]");
	return r;
}

int modprobe_main(int argc, char **argv)
{
	bool quiet = false, ignored = false;
	CLEANUP(strv) struct strv words = {0};
	CLEANUP(werr) struct werr *err = NULL;
	const struct arg options[] = {
		{"q", ARG_FLAG, &quiet},
		{"quiet", ARG_FLAG, &quiet},
		/* All words are names in any case, and every failure is shown. */
		{"a", ARG_FLAG, &ignored},
		{"all", ARG_FLAG, &ignored},
		{"v", ARG_FLAG, &ignored},
		{"b", ARG_FLAG, &ignored},
		{0},
	};
	int r = args_parse(options, argc, argv, &words, &err);

	if (r == 0)
		r = load(&words, &err);
	return quiet ? r < 0 : args_report("modprobe", err);
}
