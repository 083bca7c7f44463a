/* SPDX-License-Identifier: Apache-2.0 */
/* docker-credential-NAME: docker-credential-helpers, README, "Development". */
#include <errno.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/process.h"
#include "data/json.h"
#include "net/credential-impl.h"

enum { HELPER_SECONDS = 60, HELPER_OUTPUT_MAX = 1 << 20 };

/* Part of a program's name, not a path. */
static bool valid_name(const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";
	size_t n = strlen(s);

	return n > 0 && n <= 100 && strspn(s, letters) == n && *s != '.';
}

static int run(const char *helper, const char *verb, const char *input, struct process_result *ret,
	struct werr **err)
{
	CLEANUP(free) char *program = NULL;
	int r;

	if (!valid_name(helper))
		return werr_set(err, WERR_INVALID, "'%.100s' is not a credential helper", helper);
	program = str_printf("docker-credential-%s", helper);
	r = process_run(
		&(struct process_spec){
			.argv = (const char *const[]){program, verb, NULL},
			.input = input,
			.input_size = strlen(input),
			.output_max = HELPER_OUTPUT_MAX,
			.timeout_seconds = HELPER_SECONDS,
		},
		ret, err);
	if (r == -ENOENT)
		werr_hint(err, "install %s, or remove it from the file", program);
	return r;
}

/* The first line that it prints; helpers print errors on stdout. */
static int refused(const char *helper, const char *verb, const struct process_result *result,
	struct werr **err)
{
	const char *text = result->output && *result->output ? result->output : result->errors;
	CLEANUP(free) char *line = str_dup_n(text, strcspn(text, "\r\n"));

	return werr_set(err, WERR_FAILED, "docker-credential-%s %s failed: %.200s", helper, verb,
		*line ? line : "it does not say why");
}

static bool says_none(const struct process_result *result)
{
	return strstr(result->output, "credentials not found") ||
	       strstr(result->errors, "credentials not found");
}

int helper_parse(const char *helper, const char *text, size_t size, struct credential *ret,
	struct werr **err)
{
	CLEANUP(document) struct document *d = NULL;
	const char *user, *secret;

	if (json_parse(helper, text, size, &d, NULL) < 0 || d->root->kind != NODE_MAP)
		return werr_set(err, WERR_INVALID,
			"docker-credential-%s get: the output is not a login as JSON", helper);
	user = node_get_text(d->root, "Username");
	secret = node_get_text(d->root, "Secret");
	if (!user || !*user || !secret)
		return 0;
	if (str_eq(user, "<token>")) {
		ret->identity_token = str_dup(secret);
	} else {
		ret->user = str_dup(user);
		ret->password = str_dup(secret);
	}
	return 0;
}

int helper_get(const char *helper, const char *registry, struct credential *ret, struct werr **err)
{
	CLEANUP(process_result) struct process_result result = {0};
	int r = run(helper, "get", auth_key_of(registry), &result, err);

	if (r < 0)
		return r;
	if (result.exit_code == 0)
		return helper_parse(helper, result.output, result.output_size, ret, err);
	return says_none(&result) ? 0 : refused(helper, "get", &result, err);
}

int helper_store(
	const char *helper, const char *registry, const struct credential *c, struct werr **err)
{
	CLEANUP(process_result) struct process_result result = {0};
	CLEANUP(buf) struct buf text = BUF_INIT(HELPER_OUTPUT_MAX);
	struct json_writer w = JSON_WRITER(&text, 0);
	int r;

	json_open_object(&w);
	json_key_string(&w, "ServerURL", auth_key_of(registry));
	json_key_string(&w, "Username", c->user);
	json_key_string(&w, "Secret", c->password);
	json_close_object(&w);
	r = run(helper, "store", buf_str(&text), &result, err);
	if (r == 0 && result.exit_code != 0)
		r = refused(helper, "store", &result, err);
	return r;
}

int helper_erase(const char *helper, const char *registry, struct werr **err)
{
	CLEANUP(process_result) struct process_result result = {0};
	int r = run(helper, "erase", auth_key_of(registry), &result, err);

	if (r == 0 && result.exit_code != 0 && !says_none(&result))
		r = refused(helper, "erase", &result, err);
	return r;
}
