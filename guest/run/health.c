/* SPDX-License-Identifier: Apache-2.0 */
#include "run/health.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "common/spawn.h"
#include "common/uptime.h"
#include "data/printable.h"
#include "run/cgroup.h"
#include "run/runtime.h"

enum { UNTIL_WELL_MS = 500, STATUS_LINE = 12 /* "HTTP/1.1 200" */ };

static const char group_name[] = "health-check";

bool health_http_ok(const char *answer)
{
	return strlen(answer) >= STATUS_LINE && str_after(answer, "HTTP/1.") && answer[8] == ' ' &&
	       (answer[9] == '2' || answer[9] == '3');
}

static void say(struct health *h, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* What the check got, before conclude(). It may be what a container wrote. */
static void say(struct health *h, const char *fmt, ...)
{
	CLEANUP(buf) struct buf text = BUF_INIT(sizeof(h->said) - 1);
	CLEANUP(buf) struct buf shown = BUF_INIT(4 * sizeof(h->said));
	va_list ap;

	va_start(ap, fmt);
	buf_printfv(&text, fmt, ap);
	va_end(ap);
	printable_add(&shown, buf_str(&text), text.len, "");
	str_format(h->said, sizeof(h->said), "%s", buf_str(&shown));
	h->said_at = uptime_ms();
}

static void conclude(struct health *h, bool well)
{
	uint64_t pause = h->policy->interval;

	if (!h->asking)
		return;
	h->asking = false;
	loop_close(h->env->loop, &h->source);
	h->failures = well ? 0 : h->failures + 1;
	if (well && !h->well)
		h->verdict = HEALTH_WELL;
	else if (!well && h->well && h->failures >= h->policy->retries)
		h->verdict = HEALTH_SICK;
	if (h->verdict != HEALTH_NOTHING_NEW)
		h->well = well;
	/* Ask more often during the start, so that whatever waits for it need not wait long. */
	if (!h->well && pause > UNTIL_WELL_MS)
		pause = UNTIL_WELL_MS;
	h->due = uptime_ms() + pause;
}

static void send_request(struct health *h)
{
	CLEANUP(free)
	char *request =
		str_printf("GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", h->policy->path, h->policy->host);
	size_t size = strlen(request);

	if (send(h->source.fd, request, size, MSG_NOSIGNAL) != (ssize_t)size) {
		say(h, "%s", strerror(errno));
		conclude(h, false);
		return;
	}
	loop_change(h->env->loop, &h->source, EPOLLIN);
}

static void read_answer(struct health *h)
{
	ssize_t n = read(h->source.fd, h->answer + h->got, STATUS_LINE - h->got);

	if (n < 0 && errno == EAGAIN)
		return;
	h->got += n > 0 ? (size_t)n : 0;
	if (n > 0 && h->got < STATUS_LINE)
		return;
	if (str_after(h->answer, "HTTP/1.") && h->got == STATUS_LINE)
		say(h, "HTTP %.3s", h->answer + STATUS_LINE - 3);
	else if (h->got)
		say(h, "no HTTP: %s", h->answer);
	else
		say(h, "%s", n < 0 ? strerror(errno) : "the connection was closed");
	conclude(h, health_http_ok(h->answer));
}

static void ready(struct loop_source *source, uint32_t events)
{
	struct health *h = CONTAINER_OF(source, struct health, source);
	socklen_t size = sizeof(int);
	int error = 0;

	if (!(events & EPOLLIN)) {
		getsockopt(source->fd, SOL_SOCKET, SO_ERROR, &error, &size);
		if (!error && h->policy->kind != POLICY_HEALTH_TCP) {
			send_request(h);
			return;
		}
		say(h, "%s", error ? strerror(error) : "connected");
		conclude(h, !error);
	} else {
		read_answer(h);
	}
}

/* Enter the network namespace of another process. A descriptor to return by, or -1. */
static int enter_network(pid_t pid)
{
	CLEANUP(free) char *path = str_printf("/proc/%d/ns/net", (int)pid);
	CLEANUP(fd) int there = open(path, O_RDONLY | O_CLOEXEC);
	CLEANUP(fd) int back = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (there < 0 || back < 0 || setns(there, CLONE_NEWNET) < 0)
		return -1;
	return fd_steal(&back);
}

/*
 * In the container's network, where its 127.0.0.1 is: a socket stays in the namespace in which it
 * was created.
 */
static int socket_there(const struct health *h, int family)
{
	int back = enter_network(h->container), fd;

	if (back < 0)
		return -1;
	fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	setns(back, CLONE_NEWNET);
	close(back);
	return fd;
}

static void ask_by_connection(struct health *h)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(h->policy->port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(h->policy->port)};
	bool six = inet_pton(AF_INET6, h->policy->host, &in6.sin6_addr) == 1;
	const struct sockaddr *address = six ? (const void *)&in6 : (const void *)&in;

	if (!six)
		inet_pton(AF_INET, h->policy->host, &in.sin_addr);
	memset(h->answer, 0, sizeof(h->answer));
	h->got = 0;
	h->source.fd = socket_there(h, six ? AF_INET6 : AF_INET);
	if (h->source.fd >= 0 && loop_add(h->env->loop, &h->source, EPOLLOUT) == 0 &&
		(connect(h->source.fd, address, six ? sizeof(in6) : sizeof(in)) == 0 ||
			errno == EINPROGRESS))
		return;
	say(h, "%s", strerror(errno));
	conclude(h, false);
}

static void ask_by_program(struct health *h)
{
	bool grouped = h->group && (mkdir(h->group, 0755) == 0 || errno == EEXIST);

	h->program = runtime_exec(
		h->env->runtime, h->id, &h->policy->command, grouped ? group_name : NULL);
	if (h->program <= 0) {
		h->program = 0;
		say(h, "the runtime can't be started");
		conclude(h, false);
	}
}

/*
 * Kill the program that checks, a shell around it, and whatever they started; the runtime first, as
 * it could start more.
 */
static void end_program(struct health *h)
{
	if (h->program > 0)
		runtime_exec_kill(h->id, h->program);
	h->program = 0;
	if (h->group)
		cgroup_kill(h->group);
}

void health_init(
	struct health *h, const struct env *env, const struct policy_health *policy, const char *id)
{
	*h = (struct health){.env = env, .policy = policy, .id = id, .source = {-1, ready}};
}

void health_begin(struct health *h, pid_t container, bool well, const char *cgroup)
{
	health_end(h);
	h->group = cgroup ? path_join(cgroup, group_name) : NULL;
	/* An earlier supervisor's may still run. */
	end_program(h);
	h->container = container;
	*h->said = '\0';
	h->failures = 0;
	h->well = well;
	h->due = uptime_ms();
	health_tick(h, h->due);
}

void health_end(struct health *h)
{
	loop_close(h->env->loop, &h->source);
	end_program(h);
	free(h->group);
	h->group = NULL;
	h->asking = false;
	h->container = 0;
	h->due = 0;
	h->verdict = HEALTH_NOTHING_NEW;
}

void health_tick(struct health *h, uint64_t now)
{
	if (!h->container || now < h->due)
		return;
	if (h->asking) {
		say(h, "no answer within %.3g s", (double)h->policy->timeout / 1000);
		end_program(h);
		conclude(h, false);
		return;
	}
	h->asking = true;
	h->due = now + h->policy->timeout;
	if (h->policy->kind == POLICY_HEALTH_COMMAND)
		ask_by_program(h);
	else
		ask_by_connection(h);
}

bool health_child_ended(struct health *h, pid_t pid, int status)
{
	char how[sizeof(h->said)];

	if (!h->program || pid != h->program)
		return false;
	h->program = 0;
	end_program(h);
	say(h, "%s", spawn_status(how, sizeof(how), status));
	conclude(h, status == 0);
	return true;
}

enum health_verdict health_fetch(struct health *h)
{
	enum health_verdict verdict = h->verdict;

	h->verdict = HEALTH_NOTHING_NEW;
	return verdict;
}
