/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/apt-config.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "check.h"
#include "pkg/apt.h"
#include "pkg/debian.h"

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
	assert_false(m.guessed);
}

static void what_would_be_updated_tells_as_well(void **state)
{
	CLEANUP(apt_mirrors) struct apt_mirrors m = {0};

	(void)state;
	apt_take_releases("'http://o.test/apt/dists/nodistro/InRelease' o 0 \n"
			  "'http://u.test/ubuntu/dists/noble/InRelease' u 0 \n"
			  "'http://d.test/debian/dists/trixie/InRelease' d 0 \n"
			  "'http://d.test/s/dists/trixie-security/InRelease' s 0 \n/dists/sid\n",
		&m);
	assert_string_equal(m.main, "http://d.test/debian");
	assert_string_equal(m.security, "http://d.test/s");
}

static void security_is_beside_the_archive(void **state)
{
	static const char *const pairs[][2] = {
		{"http://d.test/debian", "http://d.test/debian-security"},
		{"http://d.test/debian/", "http://d.test/debian-security/"},
		{"https://d.test/pub/debian/x", "https://d.test/pub/debian-security/x"},
		{"http://debian.test/debian", "http://debian.test/debian-security"},
		{"file:///srv/debian", "file:///srv/debian-security"},
		{"http://debian/archive", NULL},
		{"http://d.test/debian-archive", NULL},
		{"http://d.test/mirror", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		CLEANUP(free) char *security = apt_security_beside(pairs[i][0]);

		if (pairs[i][1])
			assert_string_equal(security ? security : "none", pairs[i][1]);
		else
			assert_null(security);
	}
}

/* ---- with an apt that is a script ---- */

static const struct apt_suite bookworm = {"bookworm"};

struct fixture {
	char *top, *cache, *path;
};

/*
 * An apt-get that logs its arguments in `asked`; `update` fails for a suite that the archive does
 * not have.
 */
static const char fake_apt[] =
	"#!/bin/sh\ncd \"${0%/*}\"\necho \"$*\" >> asked\n"
	"case $1 in\n"
	"indextargets) cat targets ;;\n"
	"update) [ \"$2\" != --print-uris ] || exit 0; "
	"for s in cache/wherry-debian/*/etc/sources.list.d/debian.sources; do\n"
	"  ! grep -q -f missing \"$s\" || { echo 'no Release file' >&2; exit 100; }; done ;;\n"
	"esac\n";

static void write_text(const struct fixture *f, const char *name, mode_t mode, const char *text)
{
	CLEANUP(free) char *path = path_join(f->top, name);
	struct werr *err = NULL;

	assert_ok(file_write_atomic(path, mode, text, strlen(text), &err), err);
}

static char *read_text(const struct fixture *f, const char *name)
{
	CLEANUP(free) char *path = path_join(f->top, name);
	struct werr *err = NULL;
	char *text = NULL;
	size_t size;

	assert_ok(file_read(path, 65536, &text, &size, &err), err);
	return text;
}

static int setup(void **state)
{
	struct fixture *f = mem_new(struct fixture);
	CLEANUP(free) char *path = NULL;
	struct werr *err = NULL;

	assert_ok(file_temp_dir("/tmp", "apt", &f->top, &err), err);
	f->cache = path_join(f->top, "cache");
	f->path = str_dup(getenv("PATH"));
	assert_ok(file_make_dirs(f->cache, 0755, &err), err);
	write_text(f, "apt-get", 0755, fake_apt);
	write_text(f, "apt-config", 0755, "#!/bin/sh\n");
	write_text(f, "targets", 0644, "Debian|Debian|bookworm|http://d.test/debian\n");
	write_text(f, "missing", 0644, "nothing-of-it\n");
	path = str_printf("%s:%s", f->top, f->path);
	setenv("PATH", path, 1);
	unsetenv("WHERRY_DEBIAN_MIRROR");
	unsetenv("WHERRY_DEBIAN_SECURITY_MIRROR");
	unsetenv("WHERRY_OFFLINE");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	setenv("PATH", f->path, 1);
	assert_int_equal(file_remove_all(f->top, NULL), 0);
	free(f->top);
	free(f->cache);
	free(f->path);
	free(f);
	return 0;
}

static char *sources_of(struct fixture *f)
{
	CLEANUP(apt) struct apt *a = NULL;
	struct werr *err = NULL;

	assert_ok(apt_open(&a, f->cache, &bookworm, "amd64", &err), err);
	return read_text(f, "cache/wherry-debian/bookworm-amd64/etc/sources.list.d/debian.sources");
}

static void one_line_of_apt_is_enough(void **state)
{
	CLEANUP(free) char *sources = sources_of(*state);

	assert_non_null(strstr(sources, "URIs: http://d.test/debian\n"));
	assert_non_null(strstr(
		sources, "URIs: http://d.test/debian-security\nSuites: bookworm-security\n"));
}

static void without_a_security_archive_it_goes_on(void **state)
{
	struct fixture *f = *state;
	CLEANUP(free) char *sources = NULL, *again = NULL, *asked = NULL;
	const char *p;
	int updates = 0;

	write_text(f, "missing", 0644, "debian-security\n");
	sources = sources_of(f);
	assert_non_null(strstr(sources, "URIs: http://d.test/debian\n"));
	assert_null(strstr(sources, "security"));
	/* It is not tried again for a fresh index. */
	again = sources_of(f);
	assert_string_equal(again, sources);
	asked = read_text(f, "asked");
	for (p = asked; (p = strstr(p, "update -qq")); p++)
		updates++;
	assert_int_equal(updates, 2);
}

static void an_archive_that_fails_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct werr *err = NULL;
	struct apt *a = NULL;

	write_text(f, "missing", 0644, "d.test/debian\n");
	assert_fails(apt_open(&a, f->cache, &bookworm, "amd64", &err), err, WERR_FAILED,
		"no Release file");
	/* A mirror that was named must exist. */
	write_text(f, "missing", 0644, "s.test/security\n");
	write_text(f, "targets", 0644,
		"Debian|Debian|bookworm|http://d.test/debian\n"
		"Debian|Debian-Security|bookworm-security|http://s.test/security\n");
	assert_fails(apt_open(&a, f->cache, &bookworm, "amd64", &err), err, WERR_FAILED,
		"no Release file");
}

static void without_updates_it_is_the_release(void **state)
{
	CLEANUP(free) char *sources = NULL;

	setenv("WHERRY_DEBIAN_SECURITY_MIRROR", "none", 1);
	sources = sources_of(*state);
	assert_non_null(strstr(sources, "URIs: http://d.test/debian\nSuites: bookworm\n"));
	assert_null(strstr(sources, "security"));
}

static void a_suite_must_have_the_architecture(void **state)
{
	struct fixture *f = *state;
	CLEANUP(apt_files) struct apt_files files = {0};
	CLEANUP(strv) struct strv names = {0};
	struct werr *err = NULL;

	assert_string_equal(debian_suite(arch_find("amd64")), "bookworm");
	assert_string_equal(debian_suite(arch_find("riscv64")), "trixie");
	assert_fails(debian_fetch(&bookworm, &names, f->cache, arch_find("riscv64"), &files, &err),
		err, WERR_UNSUPPORTED, "Debian's bookworm has no packages for riscv64");
}

static void without_debian_it_says_what_to_set(void **state)
{
	struct fixture *f = *state;
	struct werr *err = NULL;
	struct apt *a = NULL;

	write_text(f, "targets", 0644, "Ubuntu|Ubuntu|noble|http://u.test/ubuntu\n");
	assert_true(apt_open(&a, f->cache, &bookworm, "amd64", &err) < 0);
	assert_non_null(strstr(err->message, "does not name a mirror of Debian"));
	assert_non_null(strstr(err->hint, "WHERRY_DEBIAN_MIRROR=http://ftp.debian.org/debian "));
	assert_non_null(strstr(err->hint, "WHERRY_DEBIAN_SECURITY_MIRROR=http://"));
	assert_non_null(strstr(err->hint, "debian-archive-keyring"));
	werr_free(err);
	setenv("WHERRY_DEBIAN_MIRROR", "http://d.test/debian", 1);
	CLEANUP(free) char *sources = sources_of(f);

	unsetenv("WHERRY_DEBIAN_MIRROR");
	assert_non_null(strstr(sources, "URIs: http://d.test/debian-security\n"));
}

/* Before the first `apt-get update` the origin is unknown, and the release's name decides. */
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
	assert_ok(apt_config_text("/a b", "arm64",
			  "Acquire::http::Proxy \"http://p.test:3128\";\n"
			  "Acquire::Check-Date \"false\";\n"
			  "Acquire::AllowInsecureRepositories \"true\";\n"
			  "Acquire::Languages:: \"de\";\n",
			  &text, &err),
		err);
	assert_non_null(strstr(text, "Proxy \"http://p.test:3128\""));
	assert_non_null(strstr(text, "Acquire::Check-Date"));
	assert_non_null(strstr(text, "Dir::State::status \"/a b/status\""));
	assert_non_null(strstr(text, "APT::Architecture \"arm64\""));
	assert_null(strstr(text, "Insecure"));
	assert_null(strstr(text, "\"de\""));
}

static void directories_that_apt_can_not_name_are_refused(void **state)
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
	CLEANUP(free)
	char *text = apt_sources_text(
		&(struct apt_mirrors){m, s, false}, &(struct apt_suite){"trixie"}, true);
	CLEANUP(free)
	char *more = apt_sources_text(
		&(struct apt_mirrors){m, s, false}, &(struct apt_suite){"trixie", true}, false);
	CLEANUP(free)
	char *less = apt_sources_text(&(struct apt_mirrors){.main = m, .no_updates = true},
		&(struct apt_suite){"trixie"}, false);

	(void)state;
	assert_non_null(strstr(less, "\nSuites: trixie\nComponents"));
	assert_null(strstr(text, "non-free"));
	assert_non_null(strstr(more, "trixie-updates\nComponents: main non-free-firmware\n"));
	assert_non_null(strstr(more, "trixie-security\nComponents: main non-free-firmware\n"));
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
		err, WERR_FAILED, "apt does not give a SHA-256 for z_1_all.deb");
	assert_fails(apt_parse_uris("'http://d.test/z.deb' ../z.deb 17 SHA256:" HASH "\n", "/dir",
			     &files, &err),
		err, WERR_FAILED, "../z.deb");
	assert_fails(apt_parse_uris("'http://d.test/z.deb' z.deb 17 SHA256:../" HASH "\n", "/dir",
			     &files, &err),
		err, WERR_FAILED, "a SHA-256 for z.deb");
}

#define CASE(f_) cmocka_unit_test_setup_teardown(f_, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mirrors_are_those_of_debian),
		cmocka_unit_test(what_would_be_updated_tells_as_well),
		cmocka_unit_test(security_is_beside_the_archive),
		CASE(one_line_of_apt_is_enough),
		CASE(without_a_security_archive_it_goes_on),
		CASE(an_archive_that_fails_is_an_error),
		CASE(without_debian_it_says_what_to_set),
		cmocka_unit_test(releases_tell_where_origins_are_not_known),
		cmocka_unit_test(proxies_and_checks_are_carried_over),
		cmocka_unit_test(directories_that_apt_can_not_name_are_refused),
		cmocka_unit_test_setup_teardown(without_updates_it_is_the_release, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_suite_must_have_the_architecture, setup, teardown),
		cmocka_unit_test(sources_name_suite_updates_and_security),
		cmocka_unit_test(uris_are_sorted_by_name),
		cmocka_unit_test(uris_without_a_hash_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
