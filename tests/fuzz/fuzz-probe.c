/* SPDX-License-Identifier: Apache-2.0 */
/* What a machine under test says: on its console, as a web server, and as a supervisor. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "probe/console.h"
#include "probe/outside.h"
#include "probe/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_console(const char *text, size_t size)
{
	CLEANUP(probe_console) struct probe_console c = PROBE_CONSOLE_INIT;
	struct probe_pattern p = {.text = "a.b|^$"};
	CLEANUP(free) char *tail = NULL;
	CLEANUP(free) char *line = NULL;
	size_t which;

	if (regcomp(&p.regex, p.text, REG_EXTENDED | REG_NOSUB) != 0)
		abort();
	for (size_t i = 0; i < size; i += 7) {
		probe_console_add(&c, text + i, size - i < 7 ? size - i : 7);
		probe_console_find(&c, &p);
		free(STEAL(line));
		line = probe_console_never(&c, &p, 1, &which);
	}
	if (c.seen > c.text.len || c.line > c.text.len)
		abort();
	tail = probe_console_tail(&c);
	regfree(&p.regex);
}

static void fuzz_outside(const char *text, size_t size)
{
	CLEANUP(probe_outside) struct probe_outside o = PROBE_OUTSIDE_INIT;
	CLEANUP(free) ATTR_UNUSED char *question = probe_outside_ask(&o);

	/* As the corpus has it. */
	str_copy(o.reader.id, sizeof(o.reader.id), "1");
	for (size_t i = 0; i < size; i += 5)
		if (probe_outside_add(&o, text + i, size - i < 5 ? size - i : 5) && o.answer) {
			CLEANUP(free) char *why = NULL;

			probe_outside_compare(o.answer->root, o.answer->root, &why);
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free) char *exact = mem_dup(data, size);
	struct probe_page page;

	if (probe_page_parse(exact, size, &page) && page.body &&
		(page.body < exact || page.body + page.size != exact + size))
		abort();
	fuzz_console(exact, size);
	fuzz_outside(exact, size);
	return 0;
}
