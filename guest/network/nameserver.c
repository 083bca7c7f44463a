/* SPDX-License-Identifier: Apache-2.0 */
#include "network/nameserver.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

#define RESOLV_CONF "/etc/resolv.conf" /* of the OS: a link to where it can be written */
/*
 * The component dhcp has a file here for each interface with a lease (pkg/dhcp/lease.sh): its
 * metric, domains, servers. This one is in front of all, and has a name that no interface can have.
 */
#define LEASES_DIR "/run/dhcp"
#define OWN_LEASE  LEASES_DIR "/static-name-servers"

enum { TEXT_MAX = 64 << 10 };

static void add_line(struct buf *out, const char *key, const struct strv *words, size_t max)
{
	const char *word;

	buf_puts(out, key);
	STRV_FOREACH (word, words)
		if (word_i < max)
			buf_printf(out, "%s%s", word_i || *key ? " " : "", word);
	buf_putc(out, '\n');
}

void nameserver_format(const struct netconf *conf, struct buf *out)
{
	const char *server;

	if (conf->search.n)
		add_line(out, "search", &conf->search, SIZE_MAX);
	STRV_FOREACH (server, &conf->servers)
		if (server_i < NETWORK_SERVERS_MAX)
			buf_printf(out, "nameserver %s\n", server);
}

static int write_lease(const struct netconf *conf, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(TEXT_MAX);
	int r = file_make_dirs(LEASES_DIR, 0755, err);

	add_line(&out, "0", &(struct strv){0}, 0);
	add_line(&out, "", &conf->search, SIZE_MAX);
	add_line(&out, "", &conf->servers, SIZE_MAX);
	return r < 0 ? r : file_write_atomic(OWN_LEASE, 0644, buf_str(&out), out.len, err);
}

int nameserver_write(const struct netconf *conf, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(TEXT_MAX);
	CLEANUP(fd) int fd = -1;

	if (!conf->servers.n && !conf->search.n)
		return 0;
	nameserver_format(conf, &out);
	fd = open(RESOLV_CONF, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, buf_str(&out), out.len) != (ssize_t)out.len)
		return werr_errno(err, errno, "can't write the DNS servers to " RESOLV_CONF);
	return write_lease(conf, err);
}
