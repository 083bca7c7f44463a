/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/apt.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/process.h"
#include "pkg/apt-config.h"
#include "pkg/pkg-lock.h"

#define NETWORK_HINT "check the network and the mirror; WHERRY_DEBIAN_MIRROR sets another mirror"
#define KEYRING_HINT \
	"install the package debian-archive-keyring, with which apt checks Debian's signatures"
#define NAMES_HINT "use the names of Debian packages that are in this suite, for this architecture"

enum {
	INDEX_FRESH = 24 * 60 * 60, /* seconds */
	APT_TIMEOUT = 60 * 60,      /* seconds, for hundreds of packages on a slow network */
	APT_OUTPUT_MAX = 4 << 20,
};

struct apt {
	char *dir;      /* the private directory */
	char *archives; /* in it */
	char *suite;
	bool firmware; /* as in apt_suite */
	bool source;   /* for source packages */
	struct apt_mirrors mirrors;
	struct strv env;
	int lock;
};

static bool offline;

void apt_go_offline(void)
{
	offline = true;
}

static bool is_offline(void)
{
	const char *s = getenv("WHERRY_OFFLINE");

	return offline || (s && *s && !str_eq(s, "0"));
}

void apt_free(struct apt *a)
{
	if (!a)
		return;
	if (a->lock >= 0)
		close(a->lock);
	strv_clear(&a->env);
	apt_mirrors_cleanup(&a->mirrors);
	free(a->suite);
	free(a->archives);
	free(a->dir);
	free(a);
}

/* ---- the private directory ---- */

static int make_directories(struct apt *a, struct werr **err)
{
	static const char *const names[] = {"etc/apt.conf.d", "etc/preferences.d",
		"etc/sources.list.d", "lists/partial", "archives/partial", "none/partial"};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(names); i++) {
		CLEANUP(free) char *path = path_join(a->dir, names[i]);

		r = file_make_dirs(path, 0755, err);
	}
	return r;
}

/* Keep other processes out of the directory. */
static int lock_directory(struct apt *a, struct werr **err)
{
	CLEANUP(free) char *path = path_join(a->dir, "lock");

	return pkg_lock(path, &a->lock, err);
}

/* Write a file unless it has just that content already; *changed tells which. */
static int write_if_new(
	const struct apt *a, const char *name, const char *text, bool *changed, struct werr **err)
{
	CLEANUP(free) char *path = path_join(a->dir, name);
	CLEANUP(free) char *old = NULL;
	size_t size;

	if (file_read(path, 1 << 20, &old, &size, NULL) == 0 && str_eq(old, text))
		return 0;
	*changed = true;
	return file_write_atomic(path, 0644, text, strlen(text), err);
}

static int dump_acquire(char **ret, struct werr **err)
{
	static const char *const argv[] = {"apt-config", "dump", "Acquire", NULL};
	const struct process_spec spec = {
		.argv = argv, .output_max = 1 << 20, .timeout_seconds = APT_ASK_TIMEOUT};
	struct process_result result = {0};
	int r = process_run_ok(&spec, &result, err);

	if (r == 0)
		*ret = STEAL(result.output);
	process_result_cleanup(&result);
	return r;
}

/*
 * Write the list of archives, without that of security updates when that was guessed and does not
 * exist.
 */
static int write_sources(struct apt *a, bool *changed, struct werr **err)
{
	CLEANUP(free) char *none = path_join(a->dir, "no-security"), *text = NULL;
	CLEANUP(free) char *sources = NULL;
	size_t size;

	if (a->mirrors.guessed && file_read(none, 1 << 16, &text, &size, NULL) == 0 &&
		str_eq(text, a->mirrors.security))
		str_replace(&a->mirrors.security, NULL);
	sources = apt_sources_text(
		&a->mirrors, &(struct apt_suite){a->suite, a->firmware}, a->source);
	return write_if_new(a, "etc/sources.list.d/debian.sources", sources, changed, err);
}

static int configure(struct apt *a, const char *arch, bool *changed, struct werr **err)
{
	static const char *const proxies[] = {"http_proxy", "https_proxy", "no_proxy", NULL};
	CLEANUP(free) char *acquire = NULL, *config = NULL;
	int r = apt_find_mirrors(&a->mirrors, err);

	if (r == 0)
		r = dump_acquire(&acquire, err);
	if (r == 0)
		/* Sources are the same for all architectures, so this machine's must not matter. */
		r = apt_config_text(a->dir, a->source ? "amd64" : arch, acquire, &config, err);
	if (r == 0)
		r = write_if_new(a, "apt.conf", config, &(bool){false}, err);
	if (r == 0)
		r = write_if_new(a, "status", "", &(bool){false}, err);
	if (r == 0)
		r = write_sources(a, changed, err);
	process_env_base(&a->env);
	process_env_pick(&a->env, proxies);
	strv_addf(&a->env, "APT_CONFIG=%s/apt.conf", a->dir);
	strv_add(&a->env, "DEBIAN_FRONTEND=noninteractive");
	return r;
}

/* ---- running apt ---- */

static int run_apt(const struct apt *a, const struct strv *args, const char *cwd, const char *hint,
	char **ret, struct werr **err)
{
	const struct process_spec spec = {
		.argv = (const char *const *)args->items,
		.env = (const char *const *)a->env.items,
		.cwd = cwd,
		.output_max = APT_OUTPUT_MAX,
		.timeout_seconds = APT_TIMEOUT,
	};
	struct process_result result = {0};
	int r = process_run_ok(&spec, &result, err);

	if (r == 0 && ret)
		*ret = STEAL(result.output);
	process_result_cleanup(&result);
	if (r == -ENOENT)
		werr_hint(err, "install the package apt");
	else if (r < 0)
		werr_hint(err, "%s", hint);
	return r;
}

static bool is_fresh(const char *stamp, time_t now)
{
	struct stat st;

	return stat(stamp, &st) == 0 && st.st_mtime <= now && now - st.st_mtime < INDEX_FRESH;
}

static int fetch_index(const struct apt *a, struct werr **err)
{
	static const char *const words[] = {"apt-get", "update", "-qq", "--error-on=any"};
	CLEANUP(strv) struct strv args = {0};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		strv_add(&args, words[i]);
	return run_apt(a, &args, a->dir, file_exists(APT_KEYRING) ? NETWORK_HINT : KEYRING_HINT,
		NULL, err);
}

/*
 * When apt does not name an archive of security updates, look for one beside the main one. A mirror
 * may have none, which is remembered until the main mirror changes.
 */
static int fetch_without_security(struct apt *a, struct werr **problem)
{
	CLEANUP(free) char *none = path_join(a->dir, "no-security"), *guessed = NULL;
	bool changed;
	int r;

	if (!a->mirrors.guessed || !a->mirrors.security)
		return werr_code((*problem)->kind);
	guessed = STEAL(a->mirrors.security);
	r = write_sources(a, &changed, NULL);
	if (r < 0 || fetch_index(a, NULL) < 0) {
		/* The security archive was not the reason: restore everything. */
		a->mirrors.security = STEAL(guessed);
		write_sources(a, &changed, NULL);
		return werr_code((*problem)->kind);
	}
	werr_free(STEAL(*problem));
	return file_write_atomic(none, 0644, guessed, strlen(guessed), problem);
}

/* A slightly old index is better than none, so a failed update matters only the first time. */
static int update(struct apt *a, const char *arch, bool changed, struct werr **err)
{
	CLEANUP(free) char *stamp = path_join(a->dir, "updated");
	CLEANUP(werr) struct werr *problem = NULL;
	const bool have = !changed && file_exists(stamp);
	int r;

	if (have && (is_offline() || is_fresh(stamp, time(NULL))))
		return 0;
	if (is_offline()) {
		r = werr_set(
			err, WERR_NOT_FOUND, "Debian's package index has not been fetched yet");
		werr_hint(err, "unset WHERRY_OFFLINE, or leave out --offline, to fetch it");
		return r;
	}
	log_info("fetch Debian's package index (%s, %s)", a->suite, arch);
	r = fetch_index(a, &problem);
	if (r < 0 && r != -ECANCELED && !have)
		r = fetch_without_security(a, &problem);
	if (r == -ECANCELED || (r < 0 && !have)) {
		werr_pass(err, STEAL(problem));
		return r;
	}
	if (r < 0) {
		log_warning("can't refresh Debian's package index; using the previous one: %s",
			problem->message);
		return 0;
	}
	if (!a->mirrors.security && !a->mirrors.no_updates)
		log_warning("packages come without Debian's security updates: apt does not name an "
			    "archive for them, and there is none beside %s; set "
			    "WHERRY_DEBIAN_SECURITY_MIRROR",
			a->mirrors.main);
	return file_write_atomic(stamp, 0644, "", 0, err);
}

int apt_open(struct apt **ret, const char *cache_dir, const struct apt_suite *suite,
	const char *arch, struct werr **err)
{
	CLEANUP(apt) struct apt *a = mem_new(struct apt);
	CLEANUP(free) char *absolute = realpath(cache_dir, NULL);
	bool changed = false;
	int r;

	a->lock = -1;
	if (!absolute)
		return werr_errno(err, errno, "can't find the directory %s", cache_dir);
	a->dir = str_printf("%s/wherry-debian/%s-%s%s", absolute, suite->name, arch,
		suite->firmware ? "-firmware" : "");
	a->archives = path_join(a->dir, "archives");
	a->suite = str_dup(suite->name);
	a->firmware = suite->firmware;
	a->source = str_eq(arch, APT_SOURCE);
	r = make_directories(a, err);
	if (r == 0)
		r = lock_directory(a, err);
	if (r == 0)
		r = configure(a, arch, &changed, err);
	if (r == 0)
		r = update(a, arch, changed, err);
	if (r == 0)
		*ret = STEAL(a);
	return r;
}

/* ---- fetching ---- */

/*
 * Ask apt what it would fetch, then let it fetch what is missing. The question is asked in an empty
 * directory, as apt leaves out what it finds among the archives, or, for sources, in the working
 * directory.
 */
static int fetch(
	const struct apt *a, const struct strv *command, struct apt_files *ret, struct werr **err)
{
	CLEANUP(apt_files) struct apt_files files = {0};
	CLEANUP(strv) struct strv ask = {0}, get = {0};
	CLEANUP(free) char *text = NULL, *none = path_join(a->dir, "none");
	int r;

	strv_add_all(&ask, command);
	strv_add(&ask, "--print-uris");
	strv_add(&ask, "-o");
	strv_addf(&ask, "Dir::Cache::archives=%s/", none);
	r = run_apt(a, &ask, none, NAMES_HINT, &text, err);
	if (r == 0)
		r = apt_parse_uris(text, a->archives, &files, err);
	if (r < 0)
		return r;
	if (!apt_files_are_whole(&files)) {
		if (is_offline()) {
			r = werr_set(
				err, WERR_NOT_FOUND, "a Debian package has not been fetched yet");
			werr_hint(err, "unset WHERRY_OFFLINE, or leave out --offline, to fetch it");
			return r;
		}
		strv_add_all(&get, command);
		strv_add(&get, "--download-only");
		r = run_apt(a, &get, a->archives, NETWORK_HINT, NULL, err);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < files.n; i++)
		if (!apt_file_is_whole(&files.items[i]))
			return werr_set(
				err, WERR_CORRUPT, "apt did not fetch %s", files.items[i].path);
	*ret = files;
	files = (struct apt_files){0};
	return 0;
}

int apt_fetch_packages(
	struct apt *a, const struct strv *packages, struct apt_files *ret, struct werr **err)
{
	CLEANUP(strv) struct strv command = {0};

	strv_add(&command, "apt-get");
	strv_add(&command, "install");
	strv_add(&command, "-qq");
	strv_add_all(&command, packages);
	return fetch(a, &command, ret, err);
}

int apt_fetch_source(
	struct apt *a, const char *package, bool whole, struct apt_files *ret, struct werr **err)
{
	CLEANUP(strv) struct strv command = {0};
	int r;

	strv_add(&command, "apt-get");
	strv_add(&command, "source");
	strv_add(&command, "-qq");
	strv_add(&command, "--only-source");
	if (!whole)
		strv_add(&command, "--tar-only");
	strv_add(&command, package);
	r = fetch(a, &command, ret, err);
	if (r == 0 && ret->n == 0)
		return werr_set(err, WERR_NOT_FOUND, "Debian does not have the source package '%s'",
			package);
	return r;
}
