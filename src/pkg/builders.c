/* SPDX-License-Identifier: Apache-2.0 */
/* The table of builders, and the arguments that each takes. */
#include "base/mem.h"
#include "oci/platform.h"
#include "pkg/builder.h"

#define STORAGE_ROOT    "storage"
#define STORAGE_RUNROOT "runroot"
#define RESULT_DIR      "result"
#define RESULT_FILE     "result.tar"
#define RESULT_NAME     "localhost/wherry-result:1"
/* All times are this one, where the builder can. */
#define EPOCH "0"

static void add_each(
	struct strv *argv, const char *option, const char *prefix, const struct strv *values)
{
	const char *value;

	STRV_FOREACH (value, values) {
		strv_add(argv, option);
		strv_addf(argv, "%s%s", prefix, value);
	}
}

static void add_platform(
	struct strv *argv, const char *option, const char *prefix, const struct builder_job *j)
{
	char text[PLATFORM_TEXT_MAX];

	strv_add(argv, option);
	strv_addf(argv, "%s%s", prefix, platform_text(j->platform, text));
}

static void add_all(struct strv *argv, const char *const *words)
{
	for (; *words; words++)
		strv_add(argv, *words);
}

/* ---- buildah and podman: the same library ---- */

/*
 * Their own images would be the user's, and short names would mean what the user's configuration
 * says: nothing of that is used.
 */
static void add_storage(const struct builder *b, const struct builder_job *j, struct strv *argv)
{
	static const char *const words[] = {"--storage-driver", "vfs", NULL};

	strv_add(argv, b->name);
	strv_add(argv, "--root");
	strv_addf(argv, "%s/" STORAGE_ROOT, j->work);
	strv_add(argv, "--runroot");
	strv_addf(argv, "%s/" STORAGE_RUNROOT, j->work);
	add_all(argv, words);
}

static void list_local(
	const struct builder *b, const struct builder_job *j, struct strv *argv, const char *target)
{
	/* One layer for all that the last stage adds; nothing is looked for at a registry. */
	static const char *const words[] = {"build", "--isolation", "chroot", "--layers=false",
		"--no-cache", "--pull=never", "--identity-label=false",
		"--disable-compression=false", "--timestamp", EPOCH, NULL};

	add_storage(b, j, argv);
	add_all(argv, words);
	add_platform(argv, "--platform", "", j);
	add_each(argv, "--build-arg", "", j->args);
	add_each(argv, "--label", "", j->labels);
	add_each(argv, "--ssh", "", j->ssh);
	add_all(argv, (const char *const[]){"--file", j->file, "--tag", target, j->context, NULL});
}

static void list_buildah(const struct builder *b, const struct builder_job *j, struct strv *argv)
{
	list_local(b, j, argv, "oci:" RESULT_DIR);
}

static void list_podman(const struct builder *b, const struct builder_job *j, struct strv *argv)
{
	list_local(b, j, argv, RESULT_NAME);
}

static void list_podman_save(
	const struct builder *b, const struct builder_job *j, struct strv *argv)
{
	static const char *const words[] = {
		"save", "--format", "oci-archive", "--output", RESULT_FILE, RESULT_NAME, NULL};

	add_storage(b, j, argv);
	add_all(argv, words);
}

/* ---- BuildKit ---- */

static void list_buildx(const struct builder *b, const struct builder_job *j, struct strv *argv)
{
	static const char *const words[] = {"docker", "buildx", "build", "--progress", "plain",
		"--provenance=false", "--sbom=false", "--build-arg", "SOURCE_DATE_EPOCH=" EPOCH,
		"--output", "type=docker,rewrite-timestamp=true,dest=" RESULT_FILE, NULL};

	(void)b;
	add_all(argv, words);
	add_platform(argv, "--platform", "", j);
	strv_add(argv, j->network ? "--network=default" : "--network=none");
	if (j->no_cache)
		strv_add(argv, "--no-cache");
	add_each(argv, "--build-arg", "", j->args);
	add_each(argv, "--label", "", j->labels);
	add_each(argv, "--ssh", "", j->ssh);
	for (size_t i = 0; i < j->n_images; i++) {
		CLEANUP(free) char *layout = builder_layout(i), *name = builder_image_name(b, i);

		strv_add(argv, "--build-context");
		strv_addf(argv, "%s=oci-layout://%s@%s", name, layout, j->images[i].text);
	}
	add_all(argv, (const char *const[]){"--file", j->file, j->context, NULL});
}

static void list_buildctl(const struct builder *b, const struct builder_job *j, struct strv *argv)
{
	static const char *const words[] = {"buildctl", "build", "--progress", "plain",
		"--frontend", "dockerfile.v0", "--opt", "build-arg:SOURCE_DATE_EPOCH=" EPOCH,
		"--output", "type=oci,rewrite-timestamp=true,dest=" RESULT_FILE, "--local",
		"dockerfile=.", NULL};

	add_all(argv, words);
	strv_add(argv, "--local");
	strv_addf(argv, "context=%s", j->context);
	strv_add(argv, "--opt");
	strv_addf(argv, "filename=%s", j->file);
	strv_add(argv, "--opt");
	strv_addf(argv, "force-network-mode=%s", j->network ? "sandbox" : "none");
	add_platform(argv, "--opt", "platform=", j);
	if (j->no_cache)
		strv_add(argv, "--no-cache");
	add_each(argv, "--opt", "build-arg:", j->args);
	add_each(argv, "--opt", "label:", j->labels);
	add_each(argv, "--ssh", "", j->ssh);
	for (size_t i = 0; i < j->n_images; i++) {
		CLEANUP(free) char *layout = builder_layout(i), *name = builder_image_name(b, i);

		strv_add(argv, "--oci-layout");
		strv_addf(argv, "%s=%s", name, layout);
		strv_add(argv, "--opt");
		strv_addf(argv, "context:%s=oci-layout://%s@%s", name, name, j->images[i].text);
	}
}

/* ---- the table ---- */

#define PROBE(...) ((const char *const[]){__VA_ARGS__, NULL})

const struct builder builders[] = {
	{"buildah", "buildah", {PROBE("buildah", "--version")}, "oci:image-", RESULT_DIR,
		list_buildah, .is_local = true},
	{"podman", "podman", {PROBE("podman", "--version")}, "oci:image-", RESULT_FILE, list_podman,
		list_podman_save, .is_local = true},
	{"docker", NULL, {PROBE("docker", "buildx", "version"), PROBE("docker", "version")},
		"wherry-image-", RESULT_FILE, list_buildx},
	{"buildctl", NULL, {PROBE("buildctl", "debug", "workers")}, "wherry-image-", RESULT_FILE,
		list_buildctl},
};
const size_t n_builders = ARRAY_SIZE(builders);
