/* SPDX-License-Identifier: Apache-2.0 */
#include "log/filewriter.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "common/cmdline.h"
#include "common/fs.h"
#include "common/kept.h"
#include "common/paths.h"
#include "common/spawn.h"
#include "log/filequeue.h"
#include "log/logfile.h"

#define PROGRAM "wherry-filewriter"

enum { HEAD = offsetof(struct filequeue_message, lines) };

struct filewriter {
	int end;
	const char *dir;
	bool always;
	/* Open only while there is something to write: it keeps no disk from being unmounted. */
	struct logfile file;
};

static bool wants_files(const struct filewriter *w)
{
	CLEANUP(free) char *parent = path_dir(w->dir);

	/*
	 * A step of onboot may have mounted a disk at /var just now. PID 1 makes the directories
	 * there, but possibly later than the first service begins.
	 */
	if (fs_is_persistent(parent))
		file_make_dirs(w->dir, 0755, NULL);
	return w->always || fs_is_persistent(w->dir);
}

static void open_file(struct filewriter *w, const char *name, struct werr **err)
{
	CLEANUP(free) char *path = str_printf("%s/%s.log", w->dir, name);

	if (w->file.fd >= 0 && str_eq(w->file.path, path))
		return;
	logfile_close(&w->file);
	if (wants_files(w))
		logfile_open(&w->file, path, LOGFILE_MAX, err);
}

static void answer(const struct filewriter *w, uint32_t question, const struct werr *err)
{
	struct filequeue_answer a = {.question = question, .taken = w->file.fd >= 0};

	if (err)
		str_format(a.error, sizeof(a.error), "%s", err->message);
	/* A supervisor that does not read its answers may ask again. */
	send(w->end, &a, sizeof(a), MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* The size of the next message; 0: there are no more. */
static size_t receive(struct filewriter *w, struct filequeue_message *m)
{
	ssize_t n = recv(w->end, m, sizeof(*m), MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN) {
		logfile_close(&w->file);
		n = recv(w->end, m, sizeof(*m), 0);
	}
	return n < HEAD ? 0 : (size_t)n;
}

void filewriter_run(int end, const char *dir, bool always)
{
	struct filewriter w = {.end = end, .dir = dir, .always = always, .file = LOGFILE_NONE};
	struct filequeue_message m;
	size_t size;

	while ((size = receive(&w, &m))) {
		CLEANUP(werr) struct werr *err = NULL;

		m.name[sizeof(m.name) - 1] = 0;
		open_file(&w, m.name, &err);
		logfile_add(&w.file, m.lines, size - HEAD);
		if (m.question)
			answer(&w, m.question, err);
	}
	logfile_close(&w.file);
}

int filewriter_start(int end)
{
	CLEANUP(free) char *number = str_printf("%d", end);
	const char *argv[] = {PROGRAM, number, NULL};
	struct spawn s = SPAWN("/proc/self/exe", argv);

	s.keep = &end;
	s.n_keep = 1;
	return spawn_run(&s);
}

int filewriter_main(int argc, char **argv)
{
	CLEANUP(free) char *cmdline = cmdline_read();

	prctl(PR_SET_NAME, PROGRAM);
	filewriter_run(kept_descriptor(argc > 1 ? argv[1] : NULL), LOG_DIR,
		cmdline_flag(cmdline, "wherry.log-files"));
	return 0;
}
