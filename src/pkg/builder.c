/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/builder.h"

#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/process.h"
#include "pkg/tail.h"

enum {
	PROBE_TIMEOUT = 20,          /* seconds */
	BUILD_TIMEOUT = 3 * 60 * 60, /* as a kernel takes a while */
	CLEAN_TIMEOUT = 600,
	REASONS_MAX = 4096,
};

/* ---- which one ---- */

static int probe(const struct builder *b, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(b->probes) && b->probes[i]; i++)
		r = process_run_ok(&(struct process_spec){.argv = b->probes[i],
					   .timeout_seconds = PROBE_TIMEOUT},
			NULL, err);
	return r;
}

static int unknown(const char *name, struct werr **err)
{
	CLEANUP(strv) struct strv names = {0};
	CLEANUP(free) char *list = NULL;
	int r = werr_set(err, WERR_USAGE, "there is no builder '%s'", name);

	for (size_t i = 0; i < n_builders; i++)
		strv_add(&names, builders[i].name);
	list = strv_join(&names, ", ");
	werr_hint(err, "builders are: %s", list);
	return r;
}

static int find_named(const char *name, const struct builder **ret, struct werr **err)
{
	CLEANUP(werr) struct werr *why = NULL;
	const struct builder *b = NULL;
	int r;

	for (size_t i = 0; i < n_builders; i++)
		if (str_eq(builders[i].name, name))
			b = &builders[i];
	if (!b)
		return unknown(name, err);
	if (probe(b, &why) == 0) {
		*ret = b;
		return 0;
	}
	if (why->kind == WERR_CANCELLED) {
		werr_pass(err, STEAL(why));
		return werr_code(WERR_CANCELLED);
	}
	r = werr_set(err, WERR_UNSUPPORTED, "the builder %s can't be used: %s", name, why->message);
	if (b->package)
		werr_hint(err, "install it: sudo apt-get install %s", b->package);
	else
		werr_hint(err, "it needs its program and its daemon; or say --builder %s",
			builders[0].name);
	return r;
}

int builder_find(const char *name, const struct builder **ret, struct werr **err)
{
	CLEANUP(buf) struct buf reasons = BUF_INIT(REASONS_MAX);
	int r;

	if (name)
		return find_named(name, ret, err);
	for (size_t i = 0; i < n_builders; i++) {
		CLEANUP(werr) struct werr *why = NULL;

		r = probe(&builders[i], &why);
		if (r == 0) {
			*ret = &builders[i];
			return 0;
		}
		if (why->kind == WERR_CANCELLED) {
			werr_pass(err, STEAL(why));
			return r;
		}
		log_detail("%s can't be used: %s", builders[i].name, why->message);
		buf_printf(&reasons, "%s%s", i ? ", " : "", builders[i].name);
	}
	r = werr_set(
		err, WERR_UNSUPPORTED, "none of the builders can be used (%s)", buf_str(&reasons));
	werr_hint(err, "install one: sudo apt-get install %s", builders[0].package);
	return r;
}

/* ---- names ---- */

char *builder_layout(size_t i)
{
	return str_printf("image-%zu", i + 1);
}

char *builder_image_name(const struct builder *b, size_t i)
{
	return str_printf("%s%zu", b->image_prefix, i + 1);
}

/* ---- running ---- */

/*
 * A local builder's RUN has the network of the process, so that it gets one of its own without any.
 * An ordinary user may do that in a user namespace only, which the builder makes with all of the
 * user's ids.
 */
static void list_namespaces(const struct builder *b, const struct builder_job *j, struct strv *argv)
{
	if (!b->is_local || j->network)
		return;
	if (geteuid() != 0) {
		strv_add(argv, b->name);
		strv_add(argv, "unshare");
	}
	strv_add(argv, "unshare");
	strv_add(argv, "--net");
}

/* What the builder tells goes to either. */
static int join_errors(void *ctx)
{
	(void)ctx;
	return dup2(STDOUT_FILENO, STDERR_FILENO) < 0 ? -1 : 0;
}

/*
 * A local builder must not heed the user's settings, nor leave anything elsewhere. A daemon's
 * client needs them.
 */
static void list_environment(const struct builder *b, const struct builder_job *j, struct strv *env)
{
	static const char *const own[] = {"HOME=", "TMPDIR=", "XDG_CONFIG_HOME=", "XDG_DATA_HOME=",
		"XDG_CACHE_HOME=", "BUILDAH_", "CONTAINERS_", "STORAGE_", "SOURCE_DATE_EPOCH="};

	for (char **variable = environ; *variable; variable++) {
		bool is_own = false;

		for (size_t i = 0; i < ARRAY_SIZE(own); i++)
			is_own |= str_after(*variable, own[i]) != NULL;
		if (!is_own || !b->is_local)
			strv_add(env, *variable);
	}
	if (!b->is_local)
		return;
	strv_addf(env, "HOME=%s", j->work);
	strv_addf(env, "TMPDIR=%s", j->work);
}

#define NEEDS_NETWORK "the build has no network: say network: true in build.yml, or --network"

/* What the last lines of a failed build say, and the way out. */
static const struct {
	const char *text, *hint;
	bool without_network; /* only if it had none */
} troubles[] = {
	/* buildah, when there is but one id. */
	{"setting supplemental groups list",
		"give your user ids of its own, which RUN needs: sudo usermod --add-subuids "
		"100000-165535 --add-subgids 100000-165535 $USER"},
	{"xec format error", "to RUN programs of another architecture takes an emulator: sudo "
			     "apt-get install qemu-user-static"},
	{"Unknown instruction", "if there is none that is wrong, the builder is too old, as "
				"buildah 1.28 is for here-documents: use another, --builder NAME"},
	{"network is unreachable", NEEDS_NETWORK, true}, /* Go, so also ADD of a URL */
	{"Network is unreachable", NEEDS_NETWORK, true}, /* the C library */
	{"emporary failure", NEEDS_NETWORK, true},       /* names: glibc, apt, apk */
	{"ould not resolve", NEEDS_NETWORK, true},       /* curl, git */
	{"bad address", NEEDS_NETWORK, true},            /* busybox */
};

static void add_hint(const struct builder_job *j, const struct tail *tail, struct werr **err)
{
	for (size_t i = 0; i < ARRAY_SIZE(troubles); i++)
		if (tail_has(tail, troubles[i].text) &&
			!(troubles[i].without_network && j->network))
			werr_hint(err, "%s", troubles[i].hint);
}

static int run(const struct builder *b, const struct builder_job *j, const struct strv *argv,
	struct werr **err)
{
	CLEANUP(tail) struct tail tail = {.progress = j->progress, .progress_name = j->name};
	CLEANUP(process_result) struct process_result result = {0};
	CLEANUP(strv) struct strv env = {0};
	struct process_spec spec = {.argv = (const char *const *)argv->items,
		.cwd = j->work,
		.enter = join_errors,
		.timeout_seconds = BUILD_TIMEOUT,
		.line = tail_add,
		.line_ctx = &tail};
	int r;

	list_environment(b, j, &env);
	spec.env = (const char *const *)env.items;
	r = process_run(&spec, &result, err);
	/* Not by the name of the program that precedes it. */
	if (r == 0 && result.exit_code != 0)
		r = werr_set(
			err, WERR_FAILED, "%s failed with exit code %d", b->name, result.exit_code);
	if (r == 0)
		return 0;
	add_hint(j, &tail, err);
	tail_explain(&tail, err);
	return r;
}

int builder_run(const struct builder *b, const struct builder_job *j, struct werr **err)
{
	CLEANUP(strv) struct strv argv = {0}, save = {0};
	int r;

	list_namespaces(b, j, &argv);
	b->list(b, j, &argv);
	r = run(b, j, &argv, err);
	if (r < 0 || !b->list_save)
		return r;
	b->list_save(b, j, &save);
	return run(b, j, &save, err);
}

int builder_clean(const struct builder *b, const struct builder_job *j, struct werr **err)
{
	CLEANUP(free) char *work = process_quote((const char *const[]){j->work, NULL});
	CLEANUP(strv) struct strv env = {0};
	const char *argv[] = {b->name, "unshare", "rm", "-rf", "--", "storage", "runroot", NULL};
	int r;

	if (!b->is_local || geteuid() == 0)
		return 0;
	list_environment(b, j, &env);
	r = process_run_ok(&(struct process_spec){.argv = argv,
				   .env = (const char *const *)env.items,
				   .cwd = j->work,
				   .timeout_seconds = CLEAN_TIMEOUT,
				   .tidies_up = true},
		NULL, err);
	if (r < 0)
		werr_hint(err, "remove it: %s unshare rm -rf %s", b->name, work);
	return r;
}
