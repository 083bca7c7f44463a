/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Providers whose services are trees of small texts: AWS, and those that are much like it.
 *
 *   AWS            Instance Metadata Service, version 2, and version 1 where there is no 2
 *   OpenStack      Nova's metadata in the form of EC2's
 *   GCP            Compute Engine's metadata server
 *   Hetzner, DigitalOcean, Vultr, metaldata
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "data/json.h"
#include "metadata/cloud.h"
#include "metadata/plaintext.h"

enum { LINK_LOCAL = 0xa9fea9fe, LINE_MAX_BYTES = 1024, PATHS_MAX = 8 };
#define HOST "169.254.169.254"

struct tree_row {
	const char *path; /* below the tree's base; NULL ends the rows */
	const char *file;
};

/* SSH keys as one text, or as a list in JSON. */
enum tree_keys { KEYS_TEXT, KEYS_JSON };

struct tree {
	const char *title, *host;
	uint32_t address;
	const char *lines;  /* of each request's head */
	const char *flavor; /* which an answer must have as its Metadata-Flavor */
	const char *base, *knock;
	struct tree_row rows[PATHS_MAX];
	const char *keys;
	enum tree_keys keys_form;
	const char *userdata[3];
	/* What is to be done before: adds to the head's lines. */
	enum provider_sight (*begin)(struct provider_search *s, struct buf *lines);
	void (*more_keys)(struct provider_search *s, const struct tree *t, const char *lines,
		struct werr **err);
};

/* The text at a path; as provider_ask(). */
static int get(struct provider_search *s, const struct tree *t, const char *lines, const char *path,
	struct web_answer *ret, struct werr **err)
{
	CLEANUP(free) char *whole = str_printf("%s%s", *path == '/' ? "" : t->base, path);
	const struct web_request q = {
		.host = t->host, .address = t->address, .path = whole, .lines = lines};

	return provider_ask(s, &q, ret, err);
}

static void put_row(struct provider_search *s, const struct tree *t, const char *lines,
	const struct tree_row *row, struct werr **err)
{
	CLEANUP(web_answer) struct web_answer a = {0};
	struct werr *why = NULL;

	if (get(s, t, lines, row->path, &a, &why) == 0)
		provider_put(s, row->file, a.body, a.size, err);
	else
		werr_append(err, why);
}

static void add_keys(
	struct provider_search *s, const struct tree *t, const char *lines, struct werr **err)
{
	CLEANUP(web_answer) struct web_answer a = {0};
	CLEANUP(document) struct document *d = NULL;
	struct werr *why = NULL;

	if (get(s, t, lines, t->keys, &a, &why) == 0) {
		if (t->keys_form == KEYS_TEXT)
			plaintext_keys(a.body, &s->keys);
		else if (json_parse(t->keys, a.body, a.size, &d, &why) == 0)
			provider_add_keys(s, d->root);
	}
	werr_append(err, why);
}

static void take_userdata(
	struct provider_search *s, const struct tree *t, const char *lines, struct werr **err)
{
	for (size_t i = 0; i < ARRAY_SIZE(t->userdata) && t->userdata[i]; i++) {
		CLEANUP(web_answer) struct web_answer a = {0};
		struct werr *why = NULL;
		int r = get(s, t, lines, t->userdata[i], &a, &why);

		werr_append(err, why);
		if (r == 0) {
			provider_take_userdata(s, STEAL(a.body), a.size);
			return;
		}
	}
}

static enum provider_sight knock(struct provider_search *s, const struct tree *t, const char *lines)
{
	CLEANUP(free) char *path = str_printf("%s%s", t->base, t->knock);
	CLEANUP(web_answer) struct web_answer a = {0};
	const struct web_request q = {
		.host = t->host, .address = t->address, .path = path, .lines = lines};
	enum provider_sight sight = provider_knock(s, &q, &a);

	if (sight == PROVIDER_FOUND && t->flavor && !web_has_line(&a, "Metadata-Flavor", t->flavor))
		return PROVIDER_ABSENT;
	return sight;
}

static enum provider_sight look(struct provider_search *s, const struct tree *t, struct werr **err)
{
	CLEANUP(buf) struct buf more = BUF_INIT(LINE_MAX_BYTES);
	enum provider_sight sight;
	const char *lines;

	if (t->lines)
		buf_puts(&more, t->lines);
	sight = t->begin ? t->begin(s, &more) : PROVIDER_FOUND;
	lines = buf_str(&more);
	if (sight == PROVIDER_FOUND)
		sight = knock(s, t, lines);
	if (sight != PROVIDER_FOUND)
		return sight;
	s->end = clock_ms() + PROVIDER_TAKE_MS;
	provider_set_title(s, "%s", t->title);
	for (const struct tree_row *row = t->rows; row->path; row++)
		put_row(s, t, lines, row, err);
	if (t->more_keys)
		t->more_keys(s, t, lines, err);
	else
		add_keys(s, t, lines, err);
	take_userdata(s, t, lines, err);
	return PROVIDER_FOUND;
}

/* ---- AWS ---- */

/*
 * A token for what is asked afterwards. Where version 2 is not there, its place is refused or not
 * known, and version 1 needs no token.
 */
static enum provider_sight begin_aws(struct provider_search *s, struct buf *lines)
{
	CLEANUP(web_answer) struct web_answer a = {0};
	const struct web_request q = {
		.host = HOST,
		.address = LINK_LOCAL,
		.method = "PUT",
		.path = "/latest/api/token",
		.lines = "X-aws-ec2-metadata-token-ttl-seconds: 300\r\n",
	};
	enum provider_sight sight = provider_knock(s, &q, &a);

	if (sight == PROVIDER_ABSENT && (a.status == 403 || a.status == 404 || a.status == 405))
		return PROVIDER_FOUND;
	if (sight != PROVIDER_FOUND)
		return sight;
	if (a.size == 0 || strcspn(a.body, "\r\n\t ") != a.size)
		return PROVIDER_ABSENT;
	buf_printf(lines, "X-aws-ec2-metadata-token: %s\r\n", a.body);
	return buf_error(lines) == 0 ? PROVIDER_FOUND : PROVIDER_ABSENT;
}

#define EC2_ROWS                                                                            \
	{                                                                                   \
		{"hostname", "hostname"}, {"public-ipv4", "public_ipv4"},                   \
			{"local-ipv4", "local_ipv4"},                                       \
			{"placement/availability-zone", "availability_zone"},               \
			{"instance-type", "instance_type"}, {"instance-id", "instance_id"}, \
			{"local-hostname", "local_hostname"},                               \
		{                                                                           \
			NULL, NULL                                                          \
		}                                                                           \
	}
#define EC2                                                                                     \
	.host = HOST, .address = LINK_LOCAL, .base = "/latest/meta-data/", .knock = "hostname", \
	.keys = "public-keys/0/openssh-key", .userdata = {"/latest/user-data"}

enum provider_sight cloud_aws(
	struct provider_search *s, const char *argument ATTR_UNUSED, struct werr **err)
{
	static const struct tree t = {.title = "AWS", EC2, .rows = EC2_ROWS, .begin = begin_aws};

	return look(s, &t, err);
}

enum provider_sight cloud_openstack(
	struct provider_search *s, const char *argument ATTR_UNUSED, struct werr **err)
{
	static const struct tree t = {.title = "openstack", EC2, .rows = EC2_ROWS};

	return look(s, &t, err);
}

enum provider_sight cloud_hetzner(
	struct provider_search *s, const char *argument ATTR_UNUSED, struct werr **err)
{
	static const struct tree t = {
		.title = "Hetzner",
		.host = HOST,
		.address = LINK_LOCAL,
		.base = "/latest/meta-data/",
		.knock = "hostname",
		.rows = {{"hostname", "hostname"}, {"public-ipv4", "public_ipv4"},
			{"local-ipv4", "local_ipv4"}, {"instance-id", "instance_id"}},
		.keys = "public-keys",
		.keys_form = KEYS_JSON,
		.userdata = {"/latest/user-data"},
	};

	return look(s, &t, err);
}

/* ---- GCP ---- */

/* "user:ssh-ed25519 AAAA..." */
static void add_gcp_keys(struct provider_search *s, const struct tree *t, const char *lines,
	const char *path, struct werr **err)
{
	CLEANUP(web_answer) struct web_answer a = {0};
	CLEANUP(strv) struct strv rows = {0};
	struct werr *why = NULL;
	const char *row;

	if (get(s, t, lines, path, &a, &why) == 0)
		strv_split(&rows, a.body, '\n');
	werr_append(err, why);
	STRV_FOREACH (row, &rows) {
		const char *key = strchr(row, ':');

		if (key)
			plaintext_keys(key + 1, &s->keys);
	}
}

/* An instance can shut out the keys of its project. */
static void gcp_keys(
	struct provider_search *s, const struct tree *t, const char *lines, struct werr **err)
{
	CLEANUP(web_answer) struct web_answer a = {0};
	struct werr *why = NULL;
	int r = get(s, t, lines, "instance/attributes/block-project-ssh-keys", &a, &why);

	werr_append(err, why);
	add_gcp_keys(s, t, lines, "instance/attributes/ssh-keys", err);
	if (r == -ENOENT || (r == 0 && strncasecmp(a.body, "true", 4) != 0))
		add_gcp_keys(s, t, lines, "project/attributes/ssh-keys", err);
}

enum provider_sight cloud_gcp(
	struct provider_search *s, const char *argument ATTR_UNUSED, struct werr **err)
{
	/* The name of this host, whose address never changes, would have to be looked up. */
	static const struct tree t = {
		.title = "GCP",
		.host = "metadata.google.internal",
		.address = LINK_LOCAL,
		.lines = "Metadata-Flavor: Google\r\n",
		.flavor = "Google",
		.base = "/computeMetadata/v1/",
		.knock = "instance/hostname",
		.rows = {{"instance/hostname", "hostname"}},
		.more_keys = gcp_keys,
		.userdata = {"instance/attributes/userdata", "instance/attributes/user-data"},
	};

	return look(s, &t, err);
}

/* ---- others ---- */

enum provider_sight cloud_digitalocean(
	struct provider_search *s, const char *argument ATTR_UNUSED, struct werr **err)
{
	static const struct tree t = {
		.title = "DigitalOcean",
		.host = HOST,
		.address = LINK_LOCAL,
		.base = "/metadata/v1/",
		.knock = "",
		.rows = {{"hostname", "hostname"},
			{"interfaces/public/0/ipv4/address", "public_ipv4"},
			{"interfaces/private/0/ipv4/address", "private_ipv4"}, {"region", "region"},
			{"id", "id"}},
		.keys = "public-keys",
		.userdata = {"user-data"},
	};

	return look(s, &t, err);
}

enum provider_sight cloud_vultr(
	struct provider_search *s, const char *argument ATTR_UNUSED, struct werr **err)
{
	static const struct tree t = {
		.title = "Vultr",
		.host = HOST,
		.address = LINK_LOCAL,
		.base = "/v1/",
		.knock = "",
		.rows = {{"hostname", "hostname"}, {"interfaces/0/ipv4/address", "public_ipv4"},
			{"interfaces/1/ipv4/address", "private_ipv4"},
			{"interfaces/1/ipv4/netmask", "private_netmask"},
			{"region/regioncode", "region_code"}, {"instanceid", "instance_id"}},
		.keys = "public-keys",
		.userdata = {"/latest/user-data"},
	};

	return look(s, &t, err);
}

enum provider_sight cloud_metaldata(
	struct provider_search *s, const char *argument ATTR_UNUSED, struct werr **err)
{
	static const struct tree t = {
		.title = "metaldata",
		.host = "metaldata",
		.base = "/get/meta/",
		.knock = "hostname",
		.rows = {{"hostname", "hostname"}, {"public-ipv4", "public_ipv4"},
			{"private-ipv4", "private_ipv4"}, {"failure-domain", "failure_domain"},
			{"machine-id", "machine_id"}, {"machine-type", "machine_type"}},
		.keys = "authorized-keys",
		.userdata = {"/get/user"},
	};

	return look(s, &t, err);
}
