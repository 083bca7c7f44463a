/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/git.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "base/process.h"

enum {
	GIT_TIMEOUT = 120,         /* seconds */
	GIT_OUTPUT_MAX = 64 << 20, /* a list of all files of a directory */
	CONFIG_MAX = 1 << 20,
	FILTERS_MAX = 256,
	SHA1_DIGITS = 40,
	SHA256_DIGITS = 64,
};

void git_place_cleanup(struct git_place *p)
{
	free(p->top);
	free(p->inside);
	*p = (struct git_place){0};
}

/* ".git" is a directory with a HEAD in it or, in a submodule or a worktree, a file. */
static bool is_top(const char *dir)
{
	CLEANUP(free) char *git = path_join(dir, ".git"), *head = path_join(git, "HEAD");
	struct stat st;

	return stat(git, &st) == 0 && (S_ISREG(st.st_mode) || lstat(head, &st) == 0);
}

int git_find(const char *path, struct git_place *ret, struct werr **err)
{
	CLEANUP(free) char *real = realpath(path, NULL);
	CLEANUP(free) char *dir = NULL;

	if (!real)
		return werr_errno(err, errno, "can't find %s", path);
	dir = str_dup(real);
	while (!is_top(dir)) {
		char *above = path_dir(dir);

		if (str_eq(dir, "/")) {
			free(above);
			return werr_set(err, WERR_NOT_FOUND, "%s is not in a git repository", path);
		}
		free(dir);
		dir = above;
	}
	ret->inside = str_dup(real + strlen(dir) + (dir[1] && real[strlen(dir)] == '/'));
	ret->top = STEAL(dir);
	return 0;
}

/* ---- running git ---- */

/* The environment without what would make git use another repository, or run programs. */
static void make_environment(struct strv *env)
{
	/* Where the user's own configuration is. */
	static const char *const kept[] = {
		"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", NULL};

	for (char **e = environ; *e; e++)
		if (!str_after(*e, "GIT_") && !str_after(*e, "LC_ALL=") &&
			!str_after(*e, "LANGUAGE="))
			strv_add(env, *e);
	process_env_pick(env, kept);
	strv_add(env, "LC_ALL=C");
	/* A partial clone fetches what it lacks with any program that its configuration names. */
	strv_add(env, "GIT_NO_LAZY_FETCH=1");
	strv_add(env, "GIT_ALLOW_PROTOCOL=none");
	strv_add(env, "GIT_TERMINAL_PROMPT=0");
}

int git_run(const char *top, const char *const *args, char **ret, size_t *ret_size, int *exit_code,
	struct werr **err)
{
	static const char *const always[] = {"git", "--no-pager", "--no-optional-locks",
		"--literal-pathspecs", "-c", "safe.bareRepository=explicit", "-c",
		"core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c",
		"core.sshCommand=false", "-c", "credential.helper="};
	CLEANUP(strv) struct strv argv = {0}, env = {0};
	struct process_spec spec = {
		.cwd = top, .output_max = GIT_OUTPUT_MAX, .timeout_seconds = GIT_TIMEOUT};
	struct process_result result = {0};
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		strv_add(&argv, always[i]);
	strv_addf(&argv, "--git-dir=%s/.git", top);
	strv_addf(&argv, "--work-tree=%s", top);
	for (size_t i = 0; args[i]; i++)
		strv_add(&argv, args[i]);
	make_environment(&env);
	spec.argv = (const char *const *)argv.items;
	spec.env = (const char *const *)env.items;
	r = exit_code ? process_run(&spec, &result, err) : process_run_ok(&spec, &result, err);
	if (r < 0) {
		if (r == -ENOENT)
			werr_hint(err, "install git, or give the hash with --hash");
		return r;
	}
	if (exit_code)
		*exit_code = result.exit_code;
	if (ret)
		*ret = STEAL(result.output);
	if (ret_size)
		*ret_size = result.output_size;
	process_result_cleanup(&result);
	return 0;
}

/* ---- filters ---- */

/*
 * Whether the text of a configuration file makes it necessary to ask git about filters. Never false
 * when there are any.
 */
static bool config_may_filter(const char *text)
{
	/*
	 * lfs: programs that git-lfs, which may be a filter of the user's, runs in turn. The other
	 * words include more configuration.
	 */
	static const char *const words[] = {"filter", "lfs", "include", "worktreeconfig"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcasestr(text, words[i]))
			return true;
	return false;
}

static bool may_filter(const char *top)
{
	CLEANUP(free) char *path = str_printf("%s/.git/config", top);
	/* If this exists, the configuration is elsewhere (gitrepository-layout(5)). */
	CLEANUP(free) char *common = str_printf("%s/.git/commondir", top);
	CLEANUP(free) char *text = NULL;
	size_t size;

	return file_exists(common) || file_read_at_once(path, CONFIG_MAX, &text, &size, NULL) < 0 ||
	       strlen(text) != size || config_may_filter(text);
}

/* Override "filter.x.clean", whatever the repository's files say. */
static int override(const char *key, struct strv *args, struct werr **err)
{
	const char *name = str_after(key, "filter."), *dot = name ? strrchr(name, '.') : NULL;

	if (!name && !str_after(key, "lfs.extension."))
		return 0;
	if (strchr(key, '=') || args->n >= (size_t)FILTERS_MAX * 8)
		return werr_set(err, WERR_UNSUPPORTED,
			"the repository's own configuration has too many filters, or one named %s",
			key);
	if (!name || !dot) {
		strv_add(args, "-c");
		strv_addf(args, "%s=", key);
		return 0;
	}
	for (size_t i = 0; i < 3; i++) {
		strv_add(args, "-c");
		strv_addf(args, "filter.%.*s.%s=", (int)(dot - name), name,
			((const char *const[]){"clean", "process", "smudge"})[i]);
	}
	strv_add(args, "-c");
	strv_addf(args, "filter.%.*s.required=false", (int)(dot - name), name);
	return 0;
}

int git_without_filters(const char *top, struct strv *args, struct werr **err)
{
	static const char *const list[] = {
		"config", "--list", "-z", "--name-only", "--show-scope", NULL};
	CLEANUP(free) char *text = NULL;
	size_t size = 0;
	const char *key;
	int r = 0;

	if (!may_filter(top))
		return 0;
	r = git_run(top, list, &text, &size, NULL, err);
	/* Pairs of a scope and a key; what is set here has the scope "command". */
	for (const char *p = text; r == 0 && p < text + size; p = key + strlen(key) + 1) {
		key = p + strlen(p) + 1;
		if (key >= text + size)
			return werr_set(err, WERR_FAILED, "git's list of settings is truncated");
		if (str_eq(p, "local") || str_eq(p, "worktree"))
			r = override(key, args, err);
	}
	if (r < 0)
		werr_hint(err, "check %s/.git/config, or give the hash with --hash", top);
	return r;
}

bool git_is_hash(const char *text)
{
	size_t size = strspn(text, "0123456789abcdef");

	return !text[size] && size >= SHA1_DIGITS && size <= SHA256_DIGITS;
}
