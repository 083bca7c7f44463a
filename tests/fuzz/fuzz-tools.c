/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The small programs of components: command lines, with a line for each word, lines of their files,
 * the first page of a swap area, and a record of the kernel's messages.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "common/mounted.h"
#include "tools/args.h"
#include "tools/crypto.h"
#include "tools/extend.h"
#include "tools/kmsg.h"
#include "tools/knob.h"
#include "tools/modprobe.h"
#include "tools/mountie.h"
#include "tools/swap-area.h"
#include "tools/swap.h"
#include "tools/timesync.h"
#include "tools/trim.h"
#include "tools/vsudd.h"
#include "tools/watchdog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse_arguments(const struct strv *words)
{
	CLEANUP(strv) struct strv left = {0}, texts = {0}, ports = {0};
	CLEANUP(mountie) struct mountie m = {0};
	CLEANUP(swap) struct swap s = {0};
	struct timesync t;
	struct vsudd v;
	CLEANUP(free) struct load_name *names = mem_new_array(struct load_name, words->n + 1);
	struct werr *err = NULL;
	size_t n;

	if (mountie_parse((int)words->n, words->items, &left, &m, &err) < 0)
		werr_free(STEAL(err));
	if (swap_parse((int)words->n, words->items, &s, &err) < 0)
		werr_free(STEAL(err));
	if (modprobe_parse(words, names, &n, &texts, &err) < 0)
		werr_free(STEAL(err));
	if (vsudd_parse((int)words->n, words->items, &ports, &v, &err) < 0)
		werr_free(STEAL(err));
	if (timesync_parse((int)words->n, words->items, &t, &err) < 0)
		werr_free(STEAL(err));
}

static void parse_more_arguments(int argc, char **argv)
{
	CLEANUP(strv) struct strv words = {0};
	struct crypto c = {0};
	struct watchdog w = {0};
	struct trim t = {0};
	const char *type = NULL;
	struct werr *err = NULL;

	if (crypto_parse(argc, argv, &words, &c, &err) < 0)
		werr_free(STEAL(err));
	crypto_cleanup(&c);
	if (extend_parse(argc, argv, &type, &words, &err) < 0)
		werr_free(STEAL(err));
	if (trim_parse(argc, argv, &words, &t, &err) < 0)
		werr_free(STEAL(err));
	if (watchdog_parse(argc, argv, &words, &w, &err) < 0)
		werr_free(STEAL(err));
}

/* In two pieces. */
static void take_answer(const char *p, size_t size)
{
	CLEANUP(free) struct trim_answer *a = mem_new(struct trim_answer);
	CLEANUP(werr) struct werr *err = NULL;

	if (trim_take(a, p, size / 2, &err) >= 0)
		trim_take(a, p + size / 2, size - size / 2, &err);
}

static void parse_line(const char *line, enum knob_style style)
{
	CLEANUP(knob) struct knob k = {0};
	struct werr *err = NULL;

	if (knob_parse(line, style, &k, &err) < 0)
		werr_free(err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free) char *text = str_dup_n((const char *)data, size);
	CLEANUP(strv) struct strv lines = {0};
	struct kmsg record;
	struct mounted m;
	uint64_t area;
	const char *line;

	/* A command line always has the program's name. */
	strv_add(&lines, "x");
	strv_split(&lines, text, '\n');
	parse_arguments(&lines);
	parse_more_arguments((int)lines.n, lines.items);
	take_answer((const char *)data, size);
	STRV_FOREACH (line, &lines) {
		parse_line(line, KNOB_DOTS);
		parse_line(line, KNOB_SLASHES);
		mounted_parse(line, &m);
	}
	kmsg_parse((const char *)data, size, &record);
	for (size_t page = 4096; page <= size && page <= SWAP_PAGE_MAX; page *= 2)
		swap_area_parse(data, page, &area);
	return 0;
}
