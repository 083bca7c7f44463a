/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "common/console.h"
#include "common/fs.h"
#include "common/uptime.h"
#include "contract/wherry.h"
#include "log/filequeue.h"
#include "log/filewriter.h"

enum { MANY = 100000, WAIT_MS = 60000, NO_WAIT_MS = 500 };

/* What happened, and where: the functions that start a process get nothing but a socket. */
static struct {
	char *dir;
	bool always;
	int starts;
	pid_t pid;
	int end; /* of a process that takes nothing */
	int answers;
	struct filequeue_answer last;
} now;

static int start_writer(int end)
{
	now.starts++;
	now.pid = fork();
	if (now.pid == 0) {
		/* What is executed has no other descriptor, and so sees the end of this one. */
		for (int fd = STDERR_FILENO + 1; fd < 64; fd++)
			if (fd != end)
				close(fd);
		filewriter_run(end, now.dir, now.always);
		_exit(0);
	}
	return now.pid;
}

static int start_stuck(int end)
{
	now.starts++;
	now.end = dup(end);
	return 1;
}

static int start_nothing(ATTR_UNUSED int end)
{
	now.starts++;
	return -EAGAIN;
}

static void answered(struct filequeue_file *f, const struct filequeue_answer *a)
{
	f->open = a->taken;
	now.answers++;
	now.last = *a;
}

struct place {
	struct filequeue q;
	struct filequeue_file a, b;
	uint32_t lost[2];
	char *none[1];
	char *path;
};

static int make_place(void **state)
{
	struct place *p = mem_new(struct place);

	console_to_stderr();
	now.always = true;
	now.starts = now.answers = 0;
	now.end = -1;
	if (file_temp_dir("/tmp", "wherry-test", &now.dir, NULL) < 0)
		return -1;
	p->path = path_join(now.dir, "a.log");
	p->a = (struct filequeue_file){.name = "a", .answered = answered, .lost = &p->lost[0]};
	p->b = (struct filequeue_file){.name = "b", .answered = answered, .lost = &p->lost[1]};
	*state = p;
	return 0;
}

static void open_queue(struct place *p, char **kept, int (*start)(int end))
{
	filequeue_open(&p->q, loop_new(), -1, kept, start);
	filequeue_include(&p->q, &p->a);
	filequeue_include(&p->q, &p->b);
}

static int remove_place(void **state)
{
	struct place *p = *state;

	filequeue_close(&p->q);
	close(p->q.loop);
	fd_cleanup(&now.end);
	file_remove_all(now.dir, NULL);
	free(now.dir);
	free(p->path);
	free(p);
	return 0;
}

static void add(struct place *p, struct filequeue_file *f, const char *text)
{
	filequeue_add(&p->q, f, uptime_ms(), text, strlen(text));
}

static void ask(struct place *p, struct filequeue_file *f)
{
	int before = now.answers;
	uint64_t end = uptime_ms() + WAIT_MS;

	filequeue_ask(&p->q, f);
	while (now.answers == before && uptime_ms() < end)
		loop_wait(p->q.loop, 100);
	assert_int_equal(now.answers, before + 1);
	assert_int_equal(f->question, 0);
}

/* The file's lines without their times, each followed by "|". Owned by the caller. */
static char *texts(const char *path)
{
	CLEANUP(free) char *all = NULL;
	CLEANUP(buf) struct buf out = BUF_INIT(1 << 22);
	struct werr *err = NULL;
	size_t size;

	assert_ok(file_read(path, 1 << 22, &all, &size, &err), err);
	for (char *line = all, *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		*end = 0;
		assert_int_equal(line[4], '-');
		assert_int_equal(line[23], 'Z');
		buf_printf(&out, "%s|", line + 25);
	}
	assert_int_equal(buf_error(&out), 0);
	return buf_steal(&out);
}

static void check_texts(const char *path, const char *expected)
{
	CLEANUP(free) char *got = texts(path);

	assert_string_equal(got, expected);
}

static void test_lines_are_written_in_their_order(void **state)
{
	struct place *p = *state;
	CLEANUP(free) char *other = path_join(now.dir, "b.log");

	open_queue(p, p->none, start_writer);
	ask(p, &p->a);
	assert_true(p->a.open);
	add(p, &p->a, "one");
	add(p, &p->a, "two");
	add(p, &p->b, "other");
	add(p, &p->a, "");
	add(p, &p->a, "three");
	filequeue_close(&p->q);
	check_texts(p->path, "one|two||three|");
	check_texts(other, "other|");
	assert_int_equal(now.starts, 1);
	assert_int_equal(p->lost[0], 0);
}

static void test_a_flood_loses_nothing_while_it_is_written(void **state)
{
	struct place *p = *state;
	CLEANUP(free) char *old = str_printf("%s.0", p->path), *line = mem_alloc(1024);
	CLEANUP(free) char *first = NULL, *last = NULL;

	memset(line, 'x', 1023);
	line[1023] = 0;
	open_queue(p, p->none, start_writer);
	ask(p, &p->a);
	for (int i = 0; i < 1900; i++)
		add(p, &p->a, line);
	filequeue_close(&p->q);
	assert_int_equal(p->lost[0], 0);
	/* Of two files, none is larger than a megabyte, and none begins within a line. */
	first = texts(old);
	last = texts(p->path);
	assert_in_range(strlen(first), 990 << 10, 1 << 20);
	assert_int_equal(strlen(first) + strlen(last), 1900 * 1024);
}

static void test_it_is_said_that_no_files_are_wanted(void **state)
{
	struct place *p = *state;

	if (fs_is_persistent("/dev/shm"))
		skip();
	free(now.dir);
	now.dir = str_dup("/dev/shm/wherry-test-none");
	now.always = false;
	open_queue(p, p->none, start_writer);
	ask(p, &p->a);
	assert_false(now.last.taken);
	assert_string_equal(now.last.error, "");
	add(p, &p->a, "nowhere");
	filequeue_close(&p->q);
	assert_false(file_exists(now.dir));
}

static void test_it_is_said_why_there_is_no_file(void **state)
{
	struct place *p = *state;
	CLEANUP(free) char *gone = now.dir;

	file_remove_all(gone, NULL);
	now.dir = path_join(gone, "log");
	open_queue(p, p->none, start_writer);
	ask(p, &p->a);
	assert_false(now.last.taken);
	assert_non_null(strstr(now.last.error, "can't write"));
	assert_non_null(strstr(now.last.error, "a.log"));
}

/* Take what is in the socket. Returns how many lines there were in it. */
static unsigned take_all(char *ret_first, size_t room)
{
	struct filequeue_message m;
	unsigned n = 0;
	ssize_t size;

	*ret_first = 0;
	while ((size = recv(now.end, &m, sizeof(m), MSG_DONTWAIT)) > 0) {
		size_t used = (size_t)size - offsetof(struct filequeue_message, lines);

		if (!*ret_first && used)
			str_format(ret_first, room, "%.*s", (int)used, m.lines);
		for (size_t i = 0; i < used; i++)
			n += m.lines[i] == '\n';
	}
	return n;
}

static void test_what_is_not_taken_is_lost_counted_and_said(void **state)
{
	struct place *p = *state;
	char first[FILEQUEUE_LINES_MAX], expected[64];
	unsigned lost, taken;
	uint64_t began;

	open_queue(p, p->none, start_stuck);
	for (int i = 0; i < MANY; i++) {
		add(p, &p->a, "line");
		filequeue_flush(&p->q);
	}
	lost = p->lost[0];
	assert_in_range(lost, 1, MANY - 10);
	/* It has waited once. */
	began = uptime_ms();
	for (int i = 0; i < MANY; i++)
		add(p, &p->a, "line");
	filequeue_ask(&p->q, &p->b);
	assert_in_range(uptime_ms() - began, 0, NO_WAIT_MS);
	assert_int_equal(p->b.question, 0);
	assert_int_equal(p->lost[0], lost + MANY);
	lost = p->lost[0];
	loop_wait(p->q.loop, 0);
	assert_int_equal(p->lost[0], lost);
	/* Once it has room, that comes first, and by itself. */
	taken = take_all(first, sizeof(first));
	assert_int_equal(taken, 2 * MANY - lost);
	loop_wait(p->q.loop, WAIT_MS);
	assert_int_equal(p->lost[0], 0);
	add(p, &p->a, "again");
	filequeue_flush(&p->q);
	assert_int_equal(take_all(first, sizeof(first)), 2);
	str_format(expected, sizeof(expected), "Z %u lines before this one were lost\n", lost);
	assert_non_null(strstr(first, expected));
	assert_int_equal(now.starts, 1);
}

static void test_the_next_supervisor_goes_on_with_the_same_process(void **state)
{
	struct place *p = *state;
	CLEANUP(free) char *kept = NULL;
	char first[FILEQUEUE_LINES_MAX];
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	now.end = pair[1];
	kept = str_printf("files:" OWN_NAME "=%d", pair[0]);
	open_queue(p, (char *[]){kept, NULL}, start_nothing);
	/* What the last one could not say is said. */
	p->lost[1] = 7;
	loop_wait(p->q.loop, WAIT_MS);
	assert_int_equal(take_all(first, sizeof(first)), 1);
	assert_non_null(strstr(first, "Z 7 lines before this one were lost\n"));
	assert_int_equal(p->lost[1], 0);
	add(p, &p->a, "line");
	filequeue_flush(&p->q);
	assert_int_equal(now.starts, 0);
	assert_int_equal(take_all(first, sizeof(first)), 1);
	/* An answer to what the last one asked is for nobody. */
	filequeue_ask(&p->q, &p->a);
	assert_int_equal(send(now.end, &(struct filequeue_answer){.question = 1},
				 sizeof(struct filequeue_answer), 0),
		sizeof(struct filequeue_answer));
	loop_wait(p->q.loop, WAIT_MS);
	assert_int_equal(now.answers, 0);
}

static void test_a_process_that_ended_is_started_again(void **state)
{
	struct place *p = *state;

	open_queue(p, p->none, start_writer);
	ask(p, &p->a);
	kill(now.pid, SIGKILL);
	assert_int_equal(waitpid(now.pid, NULL, 0), now.pid);
	/* But not for every line. */
	add(p, &p->a, "lost");
	filequeue_flush(&p->q);
	assert_int_equal(now.starts, 1);
	assert_int_equal(p->lost[0], 1);
	p->q.started = 0;
	add(p, &p->a, "again");
	filequeue_close(&p->q);
	assert_int_equal(now.starts, 2);
	check_texts(p->path, "1 lines before this one were lost|again|");
}

static void test_without_a_process_lines_are_lost(void **state)
{
	struct place *p = *state;

	open_queue(p, p->none, start_nothing);
	for (int i = 0; i < 10; i++) {
		add(p, &p->a, "line");
		filequeue_flush(&p->q);
	}
	assert_int_equal(p->lost[0], 10);
	assert_int_equal(now.starts, 1);
}

/* It may wait for a disk for ever. */
static void test_nobody_waits_for_its_end_for_ever(void **state)
{
	struct place *p = *state;

	open_queue(p, p->none, start_stuck);
	add(p, &p->a, "line");
	filequeue_close(&p->q);
	assert_int_equal(p->q.source.fd, -1);
}

#define TEST(f_) cmocka_unit_test_setup_teardown(f_, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_lines_are_written_in_their_order),
		TEST(test_a_flood_loses_nothing_while_it_is_written),
		TEST(test_it_is_said_that_no_files_are_wanted),
		TEST(test_it_is_said_why_there_is_no_file),
		TEST(test_what_is_not_taken_is_lost_counted_and_said),
		TEST(test_the_next_supervisor_goes_on_with_the_same_process),
		TEST(test_a_process_that_ended_is_started_again),
		TEST(test_without_a_process_lines_are_lost),
		TEST(test_nobody_waits_for_its_end_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
