/* SPDX-License-Identifier: Apache-2.0 */
#include "log/syslog.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "common/uptime.h"
#include "contract/address.h"

enum {
	FACILITY_DAEMON = 3,
	SEVERITY_INFO = 6,
	APP_NAME_MAX = 48,
	HOST_MAX = 255,
	MESSAGE_MAX = 2048,
	TRY_AGAIN_MS = 5000,
	SYSLOG_PORT = 514, /* RFC 5426 section 3.3 */
};

struct syslog_target {
	int family, type;
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} address;
	socklen_t address_size;
	int fd;             /* -1: not connected */
	uint64_t try_after; /* uptime_ms() */
	unsigned lost;
	struct buf rest; /* tcp: the rest of a message that was sent in part */
};

static int parse_unix(const char *path, struct syslog_target *t, struct werr **err)
{
	if (*path != '/' ||
		str_copy(t->address.un.sun_path, sizeof(t->address.un.sun_path), path) < 0)
		return werr_set(err, WERR_INVALID,
			"the path of a socket must be absolute and at most 107 bytes long");
	t->family = t->address.un.sun_family = AF_UNIX;
	t->type = SOCK_DGRAM;
	t->address_size = sizeof(t->address.un);
	return 0;
}

static int parse_inet(const char *text, struct syslog_target *t, struct werr **err)
{
	CLEANUP(free) char *host = NULL;
	uint16_t port;

	if (!address_parse(text, SYSLOG_PORT, &host, &port))
		return werr_set(err, WERR_INVALID, "'%s' is not a numeric ADDRESS:PORT", text);
	t->family = strchr(host, ':') ? AF_INET6 : AF_INET;
	t->address.any.sa_family = (sa_family_t)t->family;
	if (t->family == AF_INET6) {
		t->address.in6.sin6_port = htons(port);
		inet_pton(AF_INET6, host, &t->address.in6.sin6_addr);
		t->address_size = sizeof(t->address.in6);
	} else {
		t->address.in.sin_port = htons(port);
		inet_pton(AF_INET, host, &t->address.in.sin_addr);
		t->address_size = sizeof(t->address.in);
	}
	return 0;
}

int syslog_parse(const char *text, struct syslog_target **ret, struct werr **err)
{
	CLEANUP(free) struct syslog_target *t = mem_new(struct syslog_target);
	const char *udp = str_after(text, "udp://"), *tcp = str_after(text, "tcp://");
	const char *unix_path = str_after(text, "unix:");
	int r;

	t->fd = -1;
	t->rest = BUF_INIT(MESSAGE_MAX + 16);
	t->type = tcp ? SOCK_STREAM : SOCK_DGRAM;
	if (unix_path)
		r = parse_unix(str_after(unix_path, "//") ? unix_path + 2 : unix_path, t, err);
	else if (udp || tcp)
		r = parse_inet(udp ? udp : tcp, t, err);
	else
		r = werr_set(err, WERR_INVALID,
			"'%s' does not begin with udp://, tcp:// or unix:", text);
	if (r == 0)
		*ret = STEAL(t);
	return r;
}

void syslog_free(struct syslog_target *t)
{
	if (!t)
		return;
	fd_cleanup(&t->fd);
	buf_clear(&t->rest);
	free(t);
}

static void put_field(struct buf *out, const char *s, size_t max)
{
	if (!*s)
		buf_putc(out, '-');
	for (size_t i = 0; s[i] && i < max; i++)
		buf_putc(out, s[i] > ' ' && s[i] < 127 ? s[i] : '_');
	buf_putc(out, ' ');
}

void syslog_format(struct buf *out, const char *host, const char *name, int64_t wall,
	const char *text, size_t size)
{
	char when[32];

	buf_printf(out, "<%d>1 %s ", FACILITY_DAEMON * 8 + SEVERITY_INFO, uptime_text(when, wall));
	put_field(out, host, HOST_MAX);
	put_field(out, name, APP_NAME_MAX);
	buf_puts(out, "- - - ");
	buf_add(out, text, size);
}

/* An address that cannot be reached is tried again with later lines. */
static bool connected(struct syslog_target *t)
{
	if (t->fd >= 0)
		return true;
	if (uptime_ms() < t->try_after)
		return false;
	t->try_after = uptime_ms() + TRY_AGAIN_MS;
	buf_truncate(&t->rest, 0);
	t->fd = socket(t->family, t->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (t->fd >= 0 && connect(t->fd, &t->address.any, t->address_size) < 0 &&
		errno != EINPROGRESS) {
		close(t->fd);
		t->fd = -1;
	}
	return t->fd >= 0;
}

/* False: nothing was sent. */
static bool send_bytes(struct syslog_target *t, const char *p, size_t size)
{
	ssize_t n = send(t->fd, p, size, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != ENOBUFS) {
		close(t->fd);
		t->fd = -1;
	}
	/* On a stream, the rest must be sent before the next message. */
	if (n >= 0 && (size_t)n < size && t->type == SOCK_STREAM)
		buf_add(&t->rest, p + n, size - (size_t)n);
	return n >= 0;
}

static bool send_rest(struct syslog_target *t)
{
	CLEANUP(free) char *rest = NULL;
	size_t size = t->rest.len;

	if (!size)
		return true;
	rest = buf_steal(&t->rest);
	t->rest = BUF_INIT(MESSAGE_MAX + 16);
	if (!send_bytes(t, rest, size) && t->fd >= 0)
		buf_add(&t->rest, rest, size);
	return !t->rest.len && t->fd >= 0;
}

/* False: it is lost. */
static bool send_message(
	struct syslog_target *t, const char *name, int64_t wall, const char *text, size_t size)
{
	CLEANUP(buf)
	struct buf message = BUF_INIT(MESSAGE_MAX), framed = BUF_INIT(MESSAGE_MAX + 16);
	char host[HOST_MAX + 1] = "";

	if (!connected(t) || !send_rest(t))
		return false;
	gethostname(host, sizeof(host) - 1);
	syslog_format(&message, host, name, wall, text, size);
	if (t->type == SOCK_STREAM)
		buf_printf(&framed, "%zu ", message.len);
	buf_add(&framed, buf_str(&message), message.len);
	return send_bytes(t, buf_str(&framed), framed.len);
}

void syslog_send(
	struct syslog_target *t, const char *name, int64_t wall, const char *text, size_t size)
{
	char lost[64];

	if (t->lost) {
		str_format(lost, sizeof(lost), "%u lines before this one were lost", t->lost);
		if (send_message(t, "wherry", wall, lost, strlen(lost)))
			t->lost = 0;
	}
	if (t->lost || !send_message(t, name, wall, text, size))
		t->lost++;
}
