/* SPDX-License-Identifier: Apache-2.0 */
/* What a machine writes on its console, as lines of text that expectations are compared with. */
#ifndef WHERRY_PROBE_CONSOLE_H
#define WHERRY_PROBE_CONSOLE_H

#include "base/buf.h"
#include "probe/probe-file.h"

enum {
	PROBE_LINE_MAX = 4096, /* bytes; a longer line counts as several */
	/* What is kept that no expectation has matched yet; of more, the oldest half is lost. */
	PROBE_TEXT_MAX = 16 << 20,
	PROBE_TAIL_LINES = 20,
};

struct probe_console {
	struct buf text;  /* without control characters but newlines and tabs */
	size_t line;      /* where its last line begins, which may not be complete */
	size_t seen;      /* the end of the line that was matched last */
	size_t looked[2]; /* lines before this were compared, by `find` and by `never` */
	bool panicked;    /* the kernel has said that it panics */
	bool unbootable;  /* the firmware has said that nothing is there that it starts */
	enum { CONSOLE_PLAIN, CONSOLE_ESCAPE, CONSOLE_SEQUENCE } state;
};
#define PROBE_CONSOLE_INIT ((struct probe_console){.text = BUF_INIT(PROBE_TEXT_MAX)})
void probe_console_cleanup(struct probe_console *c);

/* More that came: escape sequences of terminals are left out. */
void probe_console_add(struct probe_console *c, const char *bytes, size_t size);
/* Whether a line behind the one that was matched last matches; that is then the last one. */
bool probe_console_find(struct probe_console *c, const struct probe_pattern *p);
/* Begin with another pattern: all lines behind the last match are to be compared again. */
void probe_console_begin(struct probe_console *c);
/*
 * The first line, of those since the last call, that one of the patterns matches; *ret_pattern says
 * which. Owned by the caller; NULL: none.
 */
char *probe_console_never(struct probe_console *c, const struct probe_pattern *patterns, size_t n,
	size_t *ret_pattern);
/* Its last lines; owned by the caller. */
char *probe_console_tail(const struct probe_console *c);

#endif
