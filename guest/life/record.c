/* SPDX-License-Identifier: Apache-2.0 */
#include "life/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/path.h"
#include "common/paths.h"
#include "data/json.h"

enum { RECORD_SIZE = 4096 }; /* each byte of `why` may become six */

static const struct {
	const char *name;
	size_t offset;
} numbers[] = {
	{"since", offsetof(struct record, since)},
	{"began", offsetof(struct record, began)},
	{"first-began", offsetof(struct record, first_began)},
	{"first-ready", offsetof(struct record, first_ready)},
	{"ended", offsetof(struct record, ended)},
	{"restarts", offsetof(struct record, restarts)},
	{"streak", offsetof(struct record, streak)},
	{"status", offsetof(struct record, status)},
	{"pid", offsetof(struct record, pid)},
	{"pid-started", offsetof(struct record, pid_started)},
	{"runtime", offsetof(struct record, runtime)},
	{"runtime-started", offsetof(struct record, runtime_started)},
	{"cleaner", offsetof(struct record, cleaner)},
	{"cleaner-started", offsetof(struct record, cleaner_started)},
	{"prepared", offsetof(struct record, prepared)},
	{"made", offsetof(struct record, made)},
	{"oom", offsetof(struct record, oom)},
};

static uint64_t *number_in(struct record *r, size_t i)
{
	return (uint64_t *)(void *)((char *)r + numbers[i].offset);
}

char *record_path(const char *id)
{
	return path_join(RUN_STATE, id);
}

int record_write(const struct record *r, const char *path, struct werr **err)
{
	CLEANUP(fd) int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	/* Kept allocated: this is written at each step of each container. */
	static struct buf text = BUF_INIT(RECORD_SIZE);
	struct json_writer w = JSON_WRITER(&text, 0);
	struct record copy = *r;
	int n;

	buf_truncate(&text, 0);
	json_open_object(&w);
	json_key_string(&w, "state", life_state_name(r->state));
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (*number_in(&copy, i))
			json_key_u64(&w, numbers[i].name, *number_in(&copy, i));
	json_key_string_opt(&w, "why", r->why);
	json_close_object(&w);
	buf_fill(&text, ' ', RECORD_SIZE - 1 - text.len);
	buf_putc(&text, '\n');
	/*
	 * A write within one page of a file in memory happens completely or not at all, whenever
	 * the writer is killed.
	 */
	n = fd < 0 ? -errno : fd_write_all(fd, buf_str(&text), RECORD_SIZE);
	return n < 0 ? werr_errno(err, -n, "can't write %s", path) : 0;
}

bool record_parse(struct record *ret, const char *text, size_t size)
{
	CLEANUP(document) struct document *d = NULL;
	struct record r = {0};
	const char *state, *why;

	if (json_parse("state", text, size, &d, NULL) < 0)
		return false;
	state = node_get_text(d->root, "state");
	why = node_get_text(d->root, "why");
	if (!state || !life_state_from_name(state, &r.state))
		return false;
	if (why)
		str_format(r.why, sizeof(r.why), "%s", why);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		const struct node *n = node_get(d->root, numbers[i].name);

		if (n && !node_to_u64(n, number_in(&r, i)))
			return false;
	}
	*ret = r;
	return true;
}

bool record_read(struct record *ret, const char *path)
{
	CLEANUP(free) char *text = NULL;
	size_t size;

	return file_read(path, RECORD_SIZE, &text, &size, NULL) == 0 &&
	       record_parse(ret, text, size);
}
