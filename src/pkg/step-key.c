/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/step-key.h"

#include "base/buf.h"
#include "base/mem.h"
#include "data/json.h"
#include "pkg/git-tree.h"
#include "pkg/pkg-list.h"

enum { DESCRIPTION_MAX = 1 << 20 };

static int hash_sources(const char *snapshot, const char *yml_name,
	char ret[static GIT_HASH_DIGITS + 1], struct werr **err)
{
	CLEANUP(strv) struct strv all = {0}, names = {0};
	int r = pkg_list(snapshot, PKG_LIST_FILES, &all, err);
	const char *name;

	STRV_FOREACH (name, &all)
		if (!str_eq(name, yml_name))
			strv_add(&names, name);
	return r < 0 ? r : git_tree_hash(snapshot, &names, ret, err);
}

int step_key(const struct pkg_yml *yml, const char *yml_name, const char *snapshot,
	const struct arch *arch, char **ret, struct werr **err)
{
	CLEANUP(buf) struct buf b = BUF_INIT(DESCRIPTION_MAX);
	struct json_writer w = JSON_WRITER(&b, 0);
	char sources[GIT_HASH_DIGITS + 1], digest[GIT_HASH_DIGITS + 1];
	int r = hash_sources(snapshot, yml_name, sources, err);

	if (r < 0)
		return r;
	json_node(&w, yml->build_node);
	buf_printf(&b, "\n%s\n%s\n", yml->network ? "network" : "", sources);
	if (buf_error(&b) < 0)
		return werr_set(err, WERR_LIMIT, "build: is larger than %d bytes", DESCRIPTION_MAX);
	git_hash_text(buf_str(&b), digest);
	*ret = str_printf("%s-%s", digest, arch->name);
	return 0;
}
