/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/apt-config.h"

#include <string.h>

#include "base/mem.h"
#include "check.h"
#include "pkg/apt.h"

static void mirrors_are_those_of_debian(void **state)
{
	CLEANUP(apt_mirrors) struct apt_mirrors m = {0};

	(void)state;
	apt_take_mirrors("Other|Other|bookworm|http://other.test/x\n"
			 "Debian|Debian-Security|bookworm-security|http://d.test/security\n"
			 "Debian|Debian|bookworm|http://d.test/debian\n"
			 "Debian|Debian|bookworm-updates|http://second.test/debian\n",
		&m);
	assert_string_equal(m.main, "http://d.test/debian");
	assert_string_equal(m.security, "http://d.test/security");
}

/* Before the first `apt-get update` there is no origin: the release's name tells. */
static void releases_tell_where_origins_are_not_known(void **state)
{
	CLEANUP(apt_mirrors) struct apt_mirrors m = {0};

	(void)state;
	apt_take_mirrors("||nodistro|http://other.test/x\n||bookworm|http://d.test/debian\n"
			 "||bookworm-security|http://d.test/security\n",
		&m);
	assert_string_equal(m.main, "http://d.test/debian");
	assert_string_equal(m.security, "http://d.test/security");
}

static void proxies_and_checks_are_carried_over(void **state)
{
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;

	(void)state;
	assert_ok(
		apt_config_text("/a b", "arm64",
			"Acquire::http::Proxy \"http://p.test:3128\";\nAcquire::Check-Date \"false\";\n"
			"Acquire::AllowInsecureRepositories \"true\";\nAcquire::Languages:: \"de\";\n",
			&text, &err),
		err);
	assert_non_null(strstr(text, "Proxy \"http://p.test:3128\""));
	assert_non_null(strstr(text, "Acquire::Check-Date"));
	assert_non_null(strstr(text, "Dir::State::status \"/a b/status\""));
	assert_non_null(strstr(text, "APT::Architecture \"arm64\""));
	assert_null(strstr(text, "Insecure"));
	assert_null(strstr(text, "\"de\""));
}

static void folders_that_apt_can_not_name_are_refused(void **state)
{
	struct werr *err = NULL;
	char *text;

	(void)state;
	assert_fails(
		apt_config_text("/a\"b", "amd64", "", &text, &err), err, WERR_UNSUPPORTED, "/a\"b");
}

static void sources_name_suite_updates_and_security(void **state)
{
	char m[] = "http://d.test/debian", s[] = "http://d.test/security";
	CLEANUP(free) char *text = apt_sources_text(&(struct apt_mirrors){m, s}, "trixie", true);

	(void)state;
	assert_non_null(strstr(text,
		"Types: deb-src\nURIs: http://d.test/debian\nSuites: trixie trixie-updates\n"));
	assert_non_null(strstr(text, "URIs: http://d.test/security\nSuites: trixie-security\n"));
	assert_non_null(strstr(text, "Signed-By: /"));
}

#define HASH "8ef1715ff5a9764fb5f810116acee417f4e092032212b6e4f392e8d2cd6b0952"

static void uris_are_sorted_by_name(void **state)
{
	CLEANUP(apt_files) struct apt_files files = {0};
	struct werr *err = NULL;

	(void)state;
	assert_ok(apt_parse_uris("'http://d.test/z.deb' z_1_all.deb 17 SHA256:" HASH "\n\n"
				 "'http://d.test/a.deb' a_1%3a2_all.deb 4 SHA256:" HASH "\n",
			  "/dir", &files, &err),
		err);
	assert_int_equal(files.n, 2);
	assert_string_equal(files.items[0].path, "/dir/a_1%3a2_all.deb");
	assert_int_equal(files.items[1].size, 17);
	assert_string_equal(files.items[1].sha256, HASH);
}

static void uris_without_a_hash_are_refused(void **state)
{
	struct apt_files files = {0};
	struct werr *err = NULL;

	(void)state;
	assert_fails(apt_parse_uris("'http://d.test/z.deb' z_1_all.deb 17 MD5Sum:00\n", "/dir",
			     &files, &err),
		err, WERR_FAILED, "no SHA-256 for z_1_all.deb");
	assert_fails(apt_parse_uris("'http://d.test/z.deb' ../z.deb 17 SHA256:" HASH "\n", "/dir",
			     &files, &err),
		err, WERR_FAILED, "../z.deb");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mirrors_are_those_of_debian),
		cmocka_unit_test(releases_tell_where_origins_are_not_known),
		cmocka_unit_test(proxies_and_checks_are_carried_over),
		cmocka_unit_test(folders_that_apt_can_not_name_are_refused),
		cmocka_unit_test(sources_name_suite_updates_and_security),
		cmocka_unit_test(uris_are_sorted_by_name),
		cmocka_unit_test(uris_without_a_hash_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
