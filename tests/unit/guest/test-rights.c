/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of a program that was refused something. */
#include "temp-dir.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "contract/docker.h"
#include "run/rights.h"

static const char refused[] = "chown: changing ownership of '.': Operation not permitted";

static void write_config(const char *dir, const char *text)
{
	CLEANUP(free) char *path = path_join(dir, "config.json");

	assert_int_equal(file_write_atomic(path, 0644, text, strlen(text), NULL), 0);
}

static void assert_hint(const char *dir, const char *process, const char *output, const char *hint)
{
	CLEANUP(free) char *text = str_printf("{\"process\":{%s}}", process);
	CLEANUP(free) char *actual = NULL;

	write_config(dir, text);
	actual = rights_hint(dir, output);
	assert_string_equal(actual, hint);
}

static void test_capabilities(void **state)
{
	static const char none[] = "it has no capabilities: try 'capabilities: [docker]'";

	assert_hint(*state, "", refused, none);
	assert_hint(*state, "\"user\":{\"uid\":0,\"gid\":0},\"capabilities\":{}", refused, none);
	assert_hint(*state, "", "open /x: permission denied", none);
	assert_hint(*state, "", "x / mkdir: can't create 'y': Permission denied", none);
	assert_hint(*state, "\"capabilities\":{\"bounding\":[\"CAP_CHOWN\",\"CAP_KILL\"]}", refused,
		"it has only CAP_CHOWN, CAP_KILL: try 'capabilities: [docker]'");
	assert_hint(*state,
		"\"capabilities\":{\"bounding\":[\"CAP_CHOWN\",\"CAP_KILL\",\"CAP_FOWNER\","
		"\"CAP_SETUID\",\"CAP_NET_ADMIN\"]}",
		refused, "it lacks 10 of Docker's 14 capabilities: try 'capabilities: [docker]'");
}

static void test_nothing_to_say(void **state)
{
	CLEANUP(buf) struct buf all = BUF_INIT(4096);
	CLEANUP(free) char *missing = NULL;

	buf_puts(&all, "\"capabilities\":{\"bounding\":[");
	for (size_t i = 0; i < DOCKER_CAPABILITIES; i++)
		buf_printf(&all, "%s\"%s\"", i ? "," : "", contract_docker_capabilities[i]);
	buf_puts(&all, "]}");
	assert_hint(*state, buf_str(&all), refused, "");
	assert_hint(*state, "", "out of memory", "");
	assert_hint(*state, "", "", "");
	write_config(*state, "{");
	missing = rights_hint(*state, refused);
	assert_string_equal(missing, "");
}

/* Capabilities would not help it. */
static void test_another_user(void **state)
{
	assert_hint(*state, "\"user\":{\"uid\":65534}", refused, "it runs as user 65534");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_DIR(test_capabilities),
		TEST_IN_DIR(test_nothing_to_say),
		TEST_IN_DIR(test_another_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
