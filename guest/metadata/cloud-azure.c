/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Azure: ovf-env.xml on a CD, the Instance Metadata Service, and the wire server, which is told
 * that the machine is up: without that, Azure gives it up after some minutes.
 */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "data/json.h"
#include "metadata/cloud.h"
#include "metadata/confdir.h"
#include "metadata/plaintext.h"
#include "metadata/seed.h"

enum {
	IMDS_ADDRESS = 0xa9fea9fe,
	WIRE_ADDRESS = 0xa83f8110,
	OVF_MAX = 1 << 20,
	MODE_SECRET = 0600
};
#define VERSION  "?api-version=2021-01-01&format="
#define INSTANCE "/metadata/instance/"

static struct web_request imds(const char *path)
{
	return (struct web_request){.host = "169.254.169.254",
		.address = IMDS_ADDRESS,
		.path = path,
		.lines = "Metadata: true\r\n"};
}

/* LinuxKit's names of the files: the paths, with underscores. */
static const struct {
	const char *path, *file;
} rows[] = {
	{INSTANCE "compute/name" VERSION "text", "hostname"},
	{INSTANCE "compute/vmId" VERSION "text", "compute_vmId"},
	{INSTANCE "compute/zone" VERSION "text", "compute_zone"},
	{INSTANCE "network/interface/0/ipv4/ipAddress/0/publicIpAddress" VERSION "text",
		"network_interface_0_ipv4_ipAddress_0_publicIpAddress"},
	{INSTANCE "network/interface/0/ipv4/ipAddress/0/privateIpAddress" VERSION "text",
		"network_interface_0_ipv4_ipAddress_0_privateIpAddress"},
};

static void take_rows(struct provider_search *s, struct werr **err)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(web_answer) struct web_answer a = {0};
		const struct web_request q = imds(rows[i].path);
		struct werr *why = NULL;

		if (provider_ask(s, &q, &a, &why) == 0)
			provider_put(s, rows[i].file, a.body, a.size, err);
		werr_append(err, why);
	}
}

/* [{"keyData": "ssh-rsa ...", "path": "/home/..."}, ...] */
static void take_keys(struct provider_search *s, struct werr **err)
{
	const struct web_request q = imds(INSTANCE "compute/publicKeys" VERSION "json");
	CLEANUP(web_answer) struct web_answer a = {0};
	CLEANUP(document) struct document *d = NULL;
	struct werr *why = NULL;

	if (provider_ask(s, &q, &a, &why) == 0 &&
		json_parse("publicKeys", a.body, a.size, &d, &why) == 0)
		for (size_t i = 0; i < d->root->n; i++) {
			const char *key = node_get_text(d->root->items[i], "keyData");

			if (key)
				plaintext_keys(key, &s->keys);
		}
	werr_append(err, why);
}

static void take_userdata(struct provider_search *s, struct werr **err)
{
	const struct web_request q = imds(INSTANCE "compute/userData" VERSION "text");
	CLEANUP(web_answer) struct web_answer a = {0};
	struct werr *why = NULL;

	if (provider_ask(s, &q, &a, &why) == 0)
		provider_take_base64(s, a.body, a.size, err);
	werr_append(err, why);
}

/* It has a password, perhaps. */
static void take_ovf(struct provider_search *s, const char *text, size_t size, struct werr **err)
{
	CLEANUP(free) char *host = plaintext_xml(text, size, "HostName");
	CLEANUP(free) char *custom = plaintext_xml(text, size, "CustomData");
	CLEANUP(free) char *user = plaintext_xml(text, size, "UserData");
	struct werr *why = NULL;

	provider_own(s, "ovf-env.xml");
	if (confdir_write(s->dir_fd, "ovf-env.xml", text, size, MODE_SECRET, &why) < 0)
		werr_append(err, why);
	provider_put_text(s, "hostname", host, err);
	if (custom && *custom)
		provider_take_base64(s, custom, strlen(custom), err);
	else if (user && *user)
		provider_take_base64(s, user, strlen(user), err);
}

static struct web_request wire(const char *method, const char *path, const char *body)
{
	return (struct web_request){.host = "168.63.129.16",
		.address = WIRE_ADDRESS,
		.method = method,
		.path = path,
		.body = body,
		.lines = "x-ms-version: 2012-11-30\r\nx-ms-agent-name: WALinuxAgent\r\n"
			 "Content-Type: text/xml; charset=utf-8\r\n"};
}

static bool is_word(const char *text)
{
	return text && *text && !text[strcspn(text, "<>&\"' \t\r\n")];
}

static int report_ready(struct provider_search *s, struct werr **err)
{
	struct web_request q = wire("GET", "/machine?comp=goalstate", NULL);
	CLEANUP(web_answer) struct web_answer goal = {0}, answer = {0};
	CLEANUP(free) char *container = NULL, *instance = NULL, *incarnation = NULL, *body = NULL;
	int r = provider_ask(s, &q, &goal, err);

	if (r < 0)
		return r;
	container = plaintext_xml(goal.body, goal.size, "ContainerId");
	instance = plaintext_xml(goal.body, goal.size, "InstanceId");
	incarnation = plaintext_xml(goal.body, goal.size, "Incarnation");
	if (!is_word(container) || !is_word(instance) || !is_word(incarnation))
		return werr_set(
			err, WERR_CORRUPT, "the goal state does not say which machine this is");
	body = str_printf("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Health>"
			  "<GoalStateIncarnation>%s</GoalStateIncarnation><Container>"
			  "<ContainerId>%s</ContainerId><RoleInstanceList><Role>"
			  "<InstanceId>%s</InstanceId><Health><State>Ready</State></Health>"
			  "</Role></RoleInstanceList></Container></Health>\n",
		incarnation, container, instance);
	q = wire("POST", "/machine?comp=health", body);
	return provider_ask(s, &q, &answer, err);
}

enum provider_sight cloud_azure(
	struct provider_search *s, const char *argument ATTR_UNUSED, struct werr **err)
{
	const struct web_request q = imds(rows[1].path);
	CLEANUP(web_answer) struct web_answer a = {0};
	CLEANUP(free) char *ovf = NULL;
	size_t size = 0;
	enum provider_sight sight = provider_knock(s, &q, &a);
	struct werr *why = NULL;

	if (sight != PROVIDER_FOUND)
		return sight;
	s->end = clock_ms() + PROVIDER_TAKE_MS;
	provider_set_title(s, "Azure");
	take_rows(s, err);
	take_keys(s, err);
	take_userdata(s, err);
	if (seed_read_cd("ovf-env.xml", OVF_MAX, &ovf, &size, NULL, err))
		take_ovf(s, ovf, size, err);
	if (report_ready(s, &why) < 0) {
		if (!why)
			werr_set(&why, WERR_FAILED, "it has refused that");
		werr_wrap(&why, "tell the wire server that the machine is ready");
		werr_append(err, why);
	}
	return PROVIDER_FOUND;
}
