/* SPDX-License-Identifier: Apache-2.0 */
#include "base/taken-port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

/* What the kernel's tables of sockets have in each line. */
enum column {
	SLOT,
	LOCAL,
	REMOTE,
	STATE,
	QUEUES,
	TIMER,
	RETRANSMITS,
	USER,
	TIMEOUT,
	INODE,
	COLUMNS
};
#define LISTENS "0A"
enum { TABLE_MAX = 16 << 20, ADDRESS_HEX = 32, FOUND = 1 };

struct search {
	char address[ADDRESS_HEX + 1]; /* as in the tables; "": any */
	uint16_t port;
	bool udp;
	char *link;    /* "socket:[5678]", what descriptors of the socket lead to; or NULL */
	char *process; /* its number; or NULL */
};

/* Numbers of 32 bits, each in the order of this machine. */
static void set_address(struct search *s, const char *text)
{
	uint32_t words[4];
	size_t n = !text                                   ? 0
		   : inet_pton(AF_INET, text, words) == 1  ? 1
		   : inet_pton(AF_INET6, text, words) == 1 ? 4
							   : 0;

	for (size_t i = 0; i < n; i++)
		(void)str_format(s->address + 8 * i, sizeof(s->address) - 8 * i, "%08X", words[i]);
}

/* ---- the socket ---- */

/* Who listens at no address in particular has it at all of them. */
static bool is_at(const struct search *s, const char *local)
{
	size_t size = strcspn(local, ":");
	uint64_t port;

	if (!local[size] || str_to_u64(local + size + 1, 16, &port) < 0 || port != s->port)
		return false;
	return !*s->address || strspn(local, "0") == size ||
	       (strlen(s->address) == size && strncmp(s->address, local, size) == 0);
}

static void look_at_line(struct search *s, const char *line)
{
	CLEANUP(strv) struct strv all = {0}, words = {0};
	const char *word;

	strv_split(&all, line, ' ');
	STRV_FOREACH (word, &all)
		if (*word)
			strv_add(&words, word);
	if (words.n >= COLUMNS && (s->udp || str_eq(words.items[STATE], LISTENS)) &&
		is_at(s, words.items[LOCAL]))
		s->link = str_printf("socket:[%s]", words.items[INODE]);
}

static void find_socket(struct search *s)
{
	static const char *const tables[][2] = {
		{"/proc/net/tcp", "/proc/net/tcp6"}, {"/proc/net/udp", "/proc/net/udp6"}};

	for (size_t i = 0; i < ARRAY_SIZE(tables[0]) && !s->link; i++) {
		CLEANUP(free) char *text = NULL;
		CLEANUP(strv) struct strv lines = {0};
		size_t size;

		if (file_read(tables[s->udp][i], TABLE_MAX, &text, &size, NULL) < 0)
			continue;
		strv_split(&lines, text, '\n');
		for (size_t k = 1; k < lines.n && !s->link; k++)
			look_at_line(s, lines.items[k]);
	}
}

/* ---- the process ---- */

/* A file_visit of its descriptors. */
static int visit_fd(int dir_fd, const char *name, void *ctx, ATTR_UNUSED struct werr **err)
{
	const struct search *s = ctx;
	char to[64];
	ssize_t n = readlinkat(dir_fd, name, to, sizeof(to));

	return n == (ssize_t)strlen(s->link) && memcmp(to, s->link, (size_t)n) == 0 ? FOUND : 0;
}

/* A file_visit of /proc. */
static int visit_process(
	ATTR_UNUSED int dir_fd, const char *name, void *ctx, ATTR_UNUSED struct werr **err)
{
	struct search *s = ctx;
	CLEANUP(free) char *fds = str_printf("/proc/%s/fd", name);
	uint64_t number;

	if (str_to_u64(name, 10, &number) < 0 ||
		file_visit_dir(fds, FILE_ABSENT_IS_EMPTY, visit_fd, s, NULL) != FOUND)
		return 0;
	s->process = str_dup(name);
	return FOUND;
}

char *taken_port_holder(const char *address, uint16_t port, bool udp)
{
	struct search s = {.port = port, .udp = udp};
	CLEANUP(free) char *link = NULL;
	CLEANUP(free) char *process = NULL;
	CLEANUP(free) char *path = NULL;
	char name[32];

	set_address(&s, address);
	find_socket(&s);
	link = s.link;
	if (link)
		(void)file_visit_dir("/proc", FILE_ABSENT_IS_EMPTY, visit_process, &s, NULL);
	process = s.process;
	if (!process)
		return NULL;
	path = str_printf("/proc/%s/comm", process);
	if (file_read_small(path, name, sizeof(name)) < 0)
		return NULL;
	name[strcspn(name, "\n")] = '\0';
	return str_printf("%s (process %s)", name, process);
}

int taken_port_error(const char *address, uint16_t port, bool udp, struct werr **err)
{
	CLEANUP(free) char *holder = taken_port_holder(address, port, udp);

	werr_set(err, WERR_EXISTS, "port %u%s of %s is taken%s%s", port, udp ? "/udp" : "",
		address ? address : "this machine", holder ? " by " : "", holder ? holder : "");
	if (holder)
		werr_hint(err, "choose another one, or end that");
	else
		werr_hint(err,
			"choose another one, or see as root what has it: "
			"ss -%slnp 'sport = :%u'",
			udp ? "u" : "t", port);
	return werr_code(WERR_EXISTS);
}
