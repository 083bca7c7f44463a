/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/panic-watch.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"

struct vm_watch {
	pthread_t thread;
	int fds[2]; /* a pipe */
	size_t matched;
	atomic_uint_least64_t panicked_ms; /* when; 0: it has not */
};

/* The words that the kernel's panic() begins its last line with. */
static void look(struct vm_watch *w, const char *p, size_t size)
{
	static const char words[] = "Kernel panic - not syncing";

	for (size_t i = 0; i < size && !atomic_load(&w->panicked_ms); i++) {
		/* Its first letter is in it only once. */
		if (p[i] != words[w->matched])
			w->matched = 0;
		if (p[i] == words[w->matched])
			w->matched++;
		if (!words[w->matched])
			atomic_store(&w->panicked_ms, clock_ms());
	}
}

/* The machine goes on when nobody reads what it says. */
static void *copy(void *ctx)
{
	struct vm_watch *w = ctx;
	bool broken = false;
	sigset_t all;
	char bytes[4096];
	ssize_t n;

	/* Signals are for the thread that waits for the machine. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	while ((n = read(w->fds[0], bytes, sizeof(bytes))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		look(w, bytes, (size_t)n);
		broken = broken || fd_write_all(STDOUT_FILENO, bytes, (size_t)n) < 0;
	}
	return NULL;
}

int vm_watch_start(struct vm_watch **ret, int *ret_fd, struct werr **err)
{
	CLEANUP(free) struct vm_watch *w = mem_new(struct vm_watch);
	int problem;

	if (pipe2(w->fds, O_CLOEXEC) < 0)
		return werr_errno(err, errno, "can't make a pipe");
	problem = pthread_create(&w->thread, NULL, copy, w);
	if (problem) {
		close(w->fds[0]);
		close(w->fds[1]);
		return werr_errno(err, problem, "can't start a thread");
	}
	*ret_fd = w->fds[1];
	*ret = STEAL(w);
	return 0;
}

bool vm_watch_is_over(struct vm_watch *w)
{
	enum { LAST_WORDS_MS = 2000 };
	uint64_t panicked = atomic_load(&w->panicked_ms);

	return panicked && clock_ms() - panicked >= LAST_WORDS_MS;
}

bool vm_watch_end(struct vm_watch *w)
{
	bool panicked;

	close(w->fds[1]);
	pthread_join(w->thread, NULL);
	close(w->fds[0]);
	panicked = atomic_load(&w->panicked_ms);
	free(w);
	return panicked;
}
