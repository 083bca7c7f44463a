/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a machine's owner asks its supervisor from outside: through a virtio-serial port with one of
 * these names, with the requests of the supervisor's socket, and "id" among their keys
 * (docs/supervisor.md).
 *
 * A port is one stream for all who ever connect to it, one after the other, so an answer stands
 * between the lines {"begin":ID} and {"end":ID}. After the request "exec", and before its answer,
 * there are frames: lines as well, written exactly as outside_frame_parse() takes them.
 */
#ifndef WHERRY_CONTRACT_OUTSIDE_H
#define WHERRY_CONTRACT_OUTSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * The names of ports begin with this, and a number follows. Each takes one client, so a machine can
 * have several. The number 0 is that of the port that a machine gets last: once it is there, all
 * are.
 */
#define OUTSIDE_PORTS "dev.wherry.control."
#define OUTSIDE_PORT  OUTSIDE_PORTS "0"

#define OUTSIDE_ID    "id"
#define OUTSIDE_BEGIN "begin"
#define OUTSIDE_END   "end"

enum {
	OUTSIDE_PORTS_MAX = 8,
	OUTSIDE_ID_MAX = 64,          /* bytes */
	OUTSIDE_ANSWER_MAX = 1 << 20, /* a line of an answer, in bytes */
};

/* ---- frames ---- */

enum {
	OUTSIDE_DATA_MAX = 8192,       /* bytes of input or output in a frame */
	OUTSIDE_WINDOW = 64 << 10,     /* bytes of input that may be sent and not taken */
	OUTSIDE_SIZE_MAX = UINT16_MAX, /* rows or columns */
};

enum outside_kind {
	OUTSIDE_IN,  /* to the machine: {"in":BASE64}, input for the program; none: it has ended */
	OUTSIDE_OUT, /* from it: the program's output */
	OUTSIDE_ERR,
	OUTSIDE_SIZE,  /* to it: {"size":"24x80"}, the rows and columns of the terminal */
	OUTSIDE_TAKEN, /* from it: {"taken":"17"}, so many bytes of input need no more room */
	OUTSIDE_KINDS
};

struct outside_frame {
	enum outside_kind kind;
	struct buf bytes;       /* IN, OUT, ERR */
	uint64_t rows, columns; /* SIZE */
	uint64_t taken;         /* TAKEN */
};
#define OUTSIDE_FRAME_INIT ((struct outside_frame){.bytes = BUF_INIT(OUTSIDE_DATA_MAX)})
void outside_frame_cleanup(struct outside_frame *f);

/* A line without its newline. False: it is not a frame, and *ret, from OUTSIDE_FRAME_INIT, empty.
 */
bool outside_frame_parse(const char *line, size_t size, struct outside_frame *ret);
/* Add a frame with its newline; size is at most OUTSIDE_DATA_MAX. */
void outside_frame_add_bytes(struct buf *out, enum outside_kind kind, const void *p, size_t size);
void outside_frame_add_size(struct buf *out, unsigned rows, unsigned columns);
void outside_frame_add_taken(struct buf *out, uint64_t bytes);

/* ---- the owner's side: lines of the answer to one request ---- */

struct outside_reader {
	char id[OUTSIDE_ID_MAX + 1]; /* of the request; "": none */
	struct buf in;               /* the beginning of a line */
	bool skips;                  /* the rest of a line that is too long */
	bool begun, ended;           /* the answer */
};
#define OUTSIDE_READER_INIT ((struct outside_reader){.in = BUF_INIT(OUTSIDE_ANSWER_MAX)})
void outside_reader_cleanup(struct outside_reader *r);

/* A new request, for which r->id is set: what comes is skipped until its answer begins. */
void outside_reader_expect(struct outside_reader *r);
/*
 * Bytes that came. `take` is called for each line of the answer, which ends with a NUL instead of
 * its newline, is valid meanwhile and may be written to; empty ones, and those of more than
 * OUTSIDE_ANSWER_MAX bytes, are left out. At the end of the answer r->ended is set.
 */
typedef void outside_take(void *ctx, char *line, size_t size);
void outside_reader_add(
	struct outside_reader *r, const char *bytes, size_t size, outside_take *take, void *ctx);

#endif
